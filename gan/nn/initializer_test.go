package nn_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"

	"github.com/ganymede-ml/ganymede/gan/nn"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// draw returns the numbers an initializer gives, from the seed.
func draw(t *testing.T, backend compute.Backend, seed int64, initializer func(*model.Scope) model.VariableInitializer,
	dimensions ...int) []float64 {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(seed); err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, g *Graph) *Node {
		return initializer(scope)(g, shapes.Make(dtypes.Float32, dimensions...))
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	values, err := exec.Call1()
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return gantest.Float64s(t, values)
}

func normal(scope *model.Scope) model.VariableInitializer     { return nn.Normal(scope, 1, 0.02) }
func xavier(scope *model.Scope) model.VariableInitializer     { return nn.Xavier(scope, math.Sqrt2) }
func orthogonal(scope *model.Scope) model.VariableInitializer { return nn.Orthogonal(scope, 1.5) }

// TestInitializers compares mean, standard deviation and largest magnitude with the formulas of PyTorch's normal_,
// xavier_uniform_ and kaiming_normal_, for a kernel of fan in 3·3·64 and fan out 3·3·128.
func TestInitializers(t *testing.T) {
	limit := math.Sqrt2 * math.Sqrt(6.0/(576+1152))
	for name, test := range map[string]struct {
		initializer          func(*model.Scope) model.VariableInitializer
		mean, deviation, max float64
	}{
		"normal": {normal, 1, 0.02, 1 + 0.02*6},
		"xavier": {xavier, 0, limit / math.Sqrt(3), limit},
		"he":     {nn.He, 0, math.Sqrt(2.0 / 576), math.Sqrt(2.0/576) * 6},
	} {
		values := draw(t, gantest.Go(), 1, test.initializer, 3, 3, 64, 128)
		var sum, squares, largest float64
		for _, v := range values {
			sum += v
			squares += (v - test.mean) * (v - test.mean)
			largest = max(largest, math.Abs(v))
		}
		n := float64(len(values))
		mean, deviation := sum/n, math.Sqrt(squares/n)
		if math.Abs(mean-test.mean) > 5*test.deviation/math.Sqrt(n) || math.Abs(deviation/test.deviation-1) > 0.01 {
			t.Errorf("%s: got mean %g and deviation %g, want %g and %g", name, mean, deviation, test.mean, test.deviation)
		}
		if largest > test.max || largest < test.mean+1.7*test.deviation {
			t.Errorf("%s: the largest magnitude is %g, not below %g", name, largest, test.max)
		}
	}
}

// TestOrthogonal checks that the columns, or the rows where they are fewer, are at right angles and as long as the gain.
func TestOrthogonal(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for _, shape := range [][]int{{3, 3, 8, 16}, {4, 100}, {64, 64}, {1, 1}} {
			for seed := int64(1); seed <= 3; seed++ {
				values := draw(t, backend, seed, orthogonal, shape...)
				columns := shape[len(shape)-1]
				m := mat.NewDense(len(values)/columns, columns, values)
				var gram mat.Dense
				if len(values)/columns < columns {
					gram.Mul(m, m.T())
				} else {
					gram.Mul(m.T(), m)
				}
				size, _ := gram.Dims()
				for i := range size {
					for j := range size {
						want := 0.0
						if i == j {
							want = 1.5 * 1.5
						}
						if math.Abs(gram.At(i, j)-want) > 1e-5 {
							t.Fatalf("shape %v, seed %d: the product of %d and %d is %g, want %g", shape, seed, i, j, gram.At(i, j), want)
						}
					}
				}
				if backend != gantest.Go() {
					break // Once, as XLA takes its time to compile.
				}
				if !slices.Equal(values, draw(t, backend, seed, orthogonal, shape...)) {
					t.Errorf("shape %v, seed %d: not the same numbers again", shape, seed)
				}
				if slices.Equal(values, draw(t, backend, seed+1, orthogonal, shape...)) && len(values) > 1 {
					t.Errorf("shape %v, seed %d: the same numbers as from another seed", shape, seed)
				}
			}
		}
	})
}

// TestOrthogonalIsEven draws 400 matrices of two rows and columns. An angle drawn evenly has a cosine of mean 0, mean
// square 1/2 and mean fourth power 3/8, and half of the matrices are mirrors.
func TestOrthogonalIsEven(t *testing.T) {
	var mean, square, fourth, mirrors float64
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(7); err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(gantest.Go(), store, func(scope *model.Scope, g *Graph) *Node {
		return nn.Orthogonal(scope, 1)(g, shapes.Make(dtypes.Float64, 2, 2))
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	const n = 400
	for range n {
		q, err := exec.Call1()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		values := gantest.Float64s(t, q)
		mean += values[0] / n
		square += values[0] * values[0] / n
		fourth += math.Pow(values[0], 4) / n
		if values[0]*values[3]-values[1]*values[2] < 0 {
			mirrors += 1.0 / n
		}
	}
	for _, test := range []struct {
		name      string
		got, want float64
	}{{"mean", mean, 0}, {"mean square", square, 0.5}, {"mean fourth power", fourth, 0.375}, {"share of mirrors", mirrors, 0.5}} {
		if math.Abs(test.got-test.want) > 0.1 {
			t.Errorf("%s: got %.3f, want %.3f", test.name, test.got, test.want)
		}
	}
}
