package metrics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// maskedGolden holds values of scikit-image, made by bench/golden/make_golden_masked.py.
type maskedGolden struct {
	imagesGolden
	Below uint8
}

// masks returns the masks of the case.
func (c maskedGolden) masks() []uint8 {
	n, height, width := c.Shape[0], c.Shape[1], c.Shape[2]
	masks := make([]uint8, n*height*width)
	noise := seededPictures(c.Name+"/mask", [4]int{n, height, width, 1})
	for i := range masks {
		y, x := i/width%height, i%width
		if c.Below > 0 && noise[i] < c.Below || c.Below == 0 && y >= height/4 && y < height*3/4 && x >= width/4 && x < width*3/4 {
			masks[i] = 1
		}
	}
	return masks
}

func TestHolesAsReference(t *testing.T) {
	for _, c := range gantest.ReadJSON[struct{ Cases []maskedGolden }](t, "testdata/masked.json").Cases {
		a, b, shape := c.pairs()
		ratios := make([]float64, len(c.PSNR))
		for i, ratio := range c.PSNR {
			ratios[i] = math.MaxFloat64 // In place of +Inf.
			if ratio != nil {
				ratios[i] = *ratio
			}
		}
		for _, metric := range []struct {
			name string
			f    func(a, b []uint8, shape [3]int, masks []uint8) ([]float64, error)
			want []float64
		}{{"L1", metrics.HoleL1, c.L1}, {"PSNR", metrics.HolePSNR, ratios}, {"SSIM", metrics.HoleSSIM, c.SSIM}} {
			got, err := metric.f(a, b, shape, c.masks())
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				got[i] = min(got[i], math.MaxFloat64)
			}
			near(t, c.Name+", "+metric.name, got, metric.want, 1e-9)
		}
	}
}

// What differs outside of the hole counts for nothing, where the window does not reach.
func TestHolesOnly(t *testing.T) {
	a := seededPictures("holes", [4]int{1, 24, 24, 1})
	b := slices.Clone(a)
	mask := make([]uint8, 24*24)
	for i := range mask {
		switch y, x := i/24, i%24; {
		case y < 4 && x < 4:
			mask[i] = 255
		case y > 9 && x > 9:
			b[i] = 255 - b[i]
		}
	}
	for name, f := range map[string]func(a, b []uint8, shape [3]int, masks []uint8) ([]float64, error){
		"L1": metrics.HoleL1, "SSIM": metrics.HoleSSIM,
	} {
		same, err := f(a, b, [3]int{24, 24, 1}, mask)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]float64{"L1": 0, "SSIM": 1}[name]; math.Abs(same[0]-want) > 1e-12 {
			t.Errorf("%s is %g, want %g", name, same[0], want)
		}
	}
}

func TestHolesMisuse(t *testing.T) {
	a, shape := make([]uint8, 2*16*16), [3]int{16, 16, 1}
	masks := make([]uint8, 2*16*16)
	masks[0] = 1
	for _, test := range []struct {
		masks []uint8
		words string
	}{{masks[:16*16], "have 512 values, got 256"}, {masks, "mask 1 has no hole"}} {
		if _, err := metrics.HolePSNR(a, a, shape, test.masks); err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("got %v, want an error with %q", err, test.words)
		}
	}
	if _, err := metrics.HoleSSIM(a, a, [3]int{8, 8, 8}, make([]uint8, 64)); err == nil || !strings.Contains(err.Error(), "window") {
		t.Errorf("got %v, want one of the window", err)
	}
}

// How near a filled hole comes to what it hides.
func ExampleHoleL1() {
	truth := []uint8{10, 20, 30, 40}
	filled := []uint8{10, 20, 30, 91}
	differences, err := metrics.HoleL1(filled, truth, [3]int{2, 2, 1}, []uint8{0, 0, 0, 1})
	if err != nil {
		panic(err)
	}
	fmt.Println(differences)
	// Output: [0.2]
}
