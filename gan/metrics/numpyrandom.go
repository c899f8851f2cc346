package metrics

import (
	"math/bits"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mathext/prng"
)

// numpyRandom draws what numpy.random.RandomState draws from the same seed, which is how the reference implementation picks
// samples.
type numpyRandom struct{ mt *prng.MT19937 }

func newNumpyRandom(seed int64) (numpyRandom, error) {
	if seed < 0 || bits.Len64(uint64(seed)) > 32 {
		return numpyRandom{}, errors.Errorf("metrics: seed %d cannot be; it is from 0 to 4294967295, as numpy has it", seed)
	}
	mt := prng.NewMT19937()
	mt.Seed(uint64(seed))
	return numpyRandom{mt}, nil
}

// permutation returns RandomState.permutation(n). The first m of it are RandomState.choice(n, m, replace=False).
func (r numpyRandom) permutation(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := r.upTo(uint32(i))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// upTo returns a number from 0 to largest: as many random bits as it has, until they are not larger.
func (r numpyRandom) upTo(largest uint32) uint32 {
	mask := uint32(1)<<bits.Len32(largest) - 1
	for {
		if value := r.mt.Uint32() & mask; value <= largest {
			return value
		}
	}
}
