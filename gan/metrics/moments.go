package metrics

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// momentsBlock is how many samples enter the statistics at once.
const momentsBlock = 256

// Moments holds the number, mean and covariance of samples, which it takes batch by batch: all that FrechetDistance asks
// for, in memory that does not grow with their number. They enter in blocks, each about its own mean (Chan et al. 1979,
// "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances"), so that a mean far from 0 costs no digits.
// The result does not depend on how samples are split into batches, and on their order by rounding only.
//
// It is not safe for concurrent use; give each goroutine its own, and Merge them.
type Moments struct {
	size, n int         // n of the samples in mean and scatter.
	mean    []float64   //
	scatter []float64   // [size, size], of which the upper triangle is used: the sum of (x - mean) (x - mean)ᵀ.
	waiting [][]float32 // Samples of a block that is not full yet.
}

// NewMoments returns the statistics of no samples yet, of size values each. It panics if size is not positive.
func NewMoments(size int) *Moments {
	if size < 1 {
		panic(fmt.Sprintf("metrics: moments of samples of size %d cannot be", size))
	}
	return &Moments{size: size, mean: make([]float64, size), scatter: make([]float64, size*size)}
}

// MomentsOf returns the statistics of n samples whose mean and covariance, as the methods of these names return them, are
// known. More samples can be added.
func MomentsOf(n int, mean []float64, covariance *mat.SymDense) (*Moments, error) {
	size := len(mean)
	if size < 1 || covariance == nil || covariance.SymmetricDim() != size {
		return nil, errors.Errorf("metrics: a mean of %d values needs a covariance of as many rows and columns", size)
	}
	if n < 2 {
		return nil, errors.Errorf("metrics: %d samples have no covariance; it takes at least 2", n)
	}
	m := NewMoments(size)
	m.n = n
	copy(m.mean, mean)
	for row := range size {
		for column := row; column < size; column++ {
			value := covariance.At(row, column)
			if math.IsNaN(value+mean[row]) || math.IsInf(value+mean[row], 0) {
				return nil, errors.Errorf("metrics: the mean or covariance of value %d is not finite", row)
			}
			m.scatter[row*size+column] = value * float64(n-1)
		}
	}
	return m, nil
}

// Size returns how many values a sample has.
func (m *Moments) Size() int { return m.size }

// N returns how many samples were added.
func (m *Moments) N() int { return m.n + len(m.waiting) }

// Add adds samples, one after another. It is an error, and none is added, if they are no whole number of samples or a value is
// not finite.
func (m *Moments) Add(values []float32) error {
	n, err := checkSamples(fmt.Sprintf("the batch after %d samples", m.N()), values, m.size)
	if err != nil {
		return err
	}
	rows := momentsRows(values, n, m.size)
	if missing := momentsBlock - len(m.waiting); len(m.waiting) > 0 && n >= missing {
		m.addBlock(append(m.waiting, rows[:missing]...), nil)
		m.waiting, rows = nil, rows[missing:]
	}
	for len(m.waiting) == 0 && len(rows) >= momentsBlock {
		m.addBlock(rows[:momentsBlock], nil)
		rows = rows[momentsBlock:]
	}
	for _, row := range rows {
		m.waiting = append(m.waiting, append([]float32(nil), row...)) // The caller may reuse values.
	}
	return nil
}

// Merge adds the samples of other. It is an error if they have another size.
func (m *Moments) Merge(other *Moments) error {
	if other.size != m.size {
		return errors.Errorf("metrics: statistics of samples of sizes %d and %d cannot be merged", m.size, other.size)
	}
	m.flush()
	other.flush()
	if other.n == 0 {
		return nil
	}
	n, added := float64(m.n), float64(other.n)
	difference := make([]float64, m.size)
	for i := range difference {
		difference[i] = other.mean[i] - m.mean[i]
	}
	for row, d := range difference {
		for column := row; column < m.size; column++ {
			m.scatter[row*m.size+column] += other.scatter[row*m.size+column] + d*difference[column]*n*added/(n+added)
		}
	}
	for i, d := range difference {
		m.mean[i] += d * added / (n + added)
	}
	m.n += other.n
	return nil
}

// Mean returns the mean of each value; without samples it is 0.
func (m *Moments) Mean() []float64 {
	m.flush()
	return append([]float64(nil), m.mean...)
}

// Covariance returns the covariances of the values, divided by N - 1 as numpy.cov has them. With fewer than two samples
// they are 0.
func (m *Moments) Covariance() *mat.SymDense {
	m.flush()
	covariance := make([]float64, len(m.scatter))
	for i, sum := range m.scatter {
		covariance[i] = sum / float64(max(m.n-1, 1))
	}
	return mat.NewSymDense(m.size, covariance)
}

// flush adds the waiting samples.
func (m *Moments) flush() {
	if len(m.waiting) > 0 {
		m.addBlock(m.waiting, nil)
		m.waiting = nil
	}
}

// addBlock adds rows, each as often as counts says, or once if it is nil.
func (m *Moments) addBlock(rows [][]float32, counts []int) {
	added := len(rows)
	if counts != nil {
		added = 0
		for _, count := range counts {
			added += count
		}
	}
	count := func(row int) float64 {
		if counts == nil {
			return 1
		}
		return float64(counts[row])
	}
	mean := make([]float64, m.size)
	for i, row := range rows {
		times := count(i)
		for j, v := range row {
			mean[j] += times * float64(v)
		}
	}
	for j := range mean {
		mean[j] /= float64(added)
	}
	// One column for each row, and one that moves the sums from the two means to the common one.
	columns := len(rows) + 1
	deviations := make([]float64, m.size*columns)
	for i, row := range rows {
		root := math.Sqrt(count(i))
		for j, v := range row {
			deviations[j*columns+i] = root * (float64(v) - mean[j])
		}
	}
	share := float64(added) / float64(m.n+added)
	for j := range mean {
		difference := mean[j] - m.mean[j]
		deviations[j*columns+len(rows)] = difference * math.Sqrt(float64(m.n)*share)
		m.mean[j] += difference * share
	}
	momentsUpdate(m.scatter, deviations, m.size, columns)
	m.n += added
}

// momentsUpdate adds the products of the rows of x, which is [size, columns], to the upper triangle of sums.
func momentsUpdate(sums, x []float64, size, columns int) {
	const tile = 64 // Rows of x that stay in the cache.
	tiles := (size + tile - 1) / tile
	var pairs [][2]int
	for i := range tiles {
		for j := i; j < tiles; j++ {
			pairs = append(pairs, [2]int{i * tile, j * tile})
		}
	}
	parallel(len(pairs), func(pair int) {
		first, left := pairs[pair][0], pairs[pair][1]
		right := min(left+tile, size)
		for row := first; row < min(first+tile, size); row++ {
			from := max(left, row)
			addProducts(sums[row*size+from:row*size+right], x[row*columns:(row+1)*columns], x[from*columns:right*columns])
		}
	})
}

// addProducts adds the inner product of x with each row of rows, which is [len(sums), len(x)], to sums. This is the
// fastest of gonum's kernels, twice as fast as those for the product of two matrices.
func addProducts(sums, x, rows []float64) {
	blas64.Gemv(blas.NoTrans, 1,
		blas64.General{Rows: len(sums), Cols: len(x), Stride: len(x), Data: rows},
		blas64.Vector{N: len(x), Inc: 1, Data: x}, 1,
		blas64.Vector{N: len(sums), Inc: 1, Data: sums})
}

// eachProduct calls f with the inner products of row i of x with the rows of y from the j-th on, for all rows of both, tile by
// tile of y, which stays in the cache. With above it leaves out those with j <= i: x and y are the same then.
func eachProduct(x, y []float64, size int, above bool, f func(i, j int, products []float64)) {
	n, others := len(x)/size, len(y)/size
	tile := min(max(8, 1<<14/size), others)
	products := make([]float64, tile)
	for first := 0; first < others; first += tile {
		last := min(first+tile, others)
		for i := range n {
			j := first
			if above {
				j = max(first, i+1)
			}
			if j >= last {
				break
			}
			row := products[:last-j]
			clear(row)
			addProducts(row, x[i*size:(i+1)*size], y[j*size:last*size])
			f(i, j, row)
		}
	}
}

// momentsRows returns the samples as slices of values.
func momentsRows(values []float32, n, size int) [][]float32 {
	rows := make([][]float32, n)
	for i := range rows {
		rows[i] = values[i*size : (i+1)*size]
	}
	return rows
}
