package features

import (
	"testing"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// Networks that take pictures as they are get fewer of them the larger they are, and at least one.
func TestLargestBatch(t *testing.T) {
	for _, test := range []struct {
		network Network
		side    int
		want    int
	}{
		{VGG16(), 16, 64}, {VGG16(), 64, 8}, {VGG16(), 100, 4}, {VGG16(), 101, 2}, {VGG16(), 1000, 1},
		{pixels{}, 1000, 64}, {inception{}, 32, 4},
	} {
		if got := largestBatch(gantest.Go(), test.network, []int{test.side, test.side, 3}); got != test.want {
			t.Errorf("%s, %d×%d: %d, not %d", test.network.Name(), test.side, test.side, got, test.want)
		}
	}
}
