package gan

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// goldenPenalties is testdata/penalties.json: see bench/golden/make_penalties.py, which made it with PyTorch.
type goldenPenalties struct {
	Discriminators []goldenDiscriminator `json:"discriminators"`
}

type goldenDiscriminator struct {
	Name      string `json:"name"`
	Shape     []int  `json:"shape"` // Of a batch of examples.
	Variables []struct {
		Path  string  `json:"path"`
		Shape []int   `json:"shape"`
		Mean  float64 `json:"mean"`
		Scale float64 `json:"scale"`
	} `json:"variables"`
	Penalties map[string]struct {
		Value     float64 `json:"value"`
		Gradients []struct {
			Norm   float64   `json:"norm"`
			Stride int       `json:"stride"`
			Values []float64 `json:"values"`
		} `json:"gradients"`
	} `json:"penalties"`
}

// goldenArchitectures has what the discriminators of the file are called here.
var goldenArchitectures = map[string]Architecture{
	"mlp":       MLP{Shape: []int{4, 4, 1}, DiscriminatorHidden: []int{16, 8}},
	"dcgan":     DCGAN{Size: 16, Channels: 1, DiscriminatorChannels: 4, DiscriminatorNorm: NoNorm},
	"resnet":    ResNet{Size: 8, Channels: 1, DiscriminatorChannels: 4, DiscriminatorNorm: LayerNorm},
	"attention": ResNet{Size: 16, Channels: 1, DiscriminatorChannels: 16, DiscriminatorNorm: NoNorm, Attention: true},
}

// TestPenaltiesAgainstPyTorch compares penalties and their gradients with respect to every weight, in float32 as they are
// trained with.
func TestPenaltiesAgainstPyTorch(t *testing.T) {
	golden := gantest.ReadJSON[goldenPenalties](t, "testdata/penalties.json").Discriminators
	if len(golden) != len(goldenArchitectures) {
		t.Fatalf("the file has %d discriminators, want %d", len(golden), len(goldenArchitectures))
	}
	for _, d := range golden {
		t.Run(d.Name, func(t *testing.T) {
			if testing.Short() { // XLA compiles for seconds.
				d.compare(t, gantest.Go())
				return
			}
			gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) { d.compare(t, backend) })
		})
	}
}

// compare builds the two kinds of penalty at points that are given, and runs them at the four kinds of points: R2 is R1,
// and DRAGAN the gradient penalty, at other points.
func (d goldenDiscriminator) compare(t *testing.T, backend compute.Backend) {
	arch, store := goldenArchitectures[d.Name], d.store()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) []*Node {
		scope.Store().SetTraining(x.Graph(), true)
		judged := Judged{x, arch.Discriminator(scope.At(discriminatorScope), x)}
		var weights, results []*Node
		for _, v := range d.Variables {
			weights = append(weights, store.GetVariable(variablePath(v.Path)).NodeValue(x))
		}
		for _, penalty := range []*Node{R1{}.Graph(scope, nil, judged, Judged{}), GradientPenalty{}.penaltyAt(judged)} {
			results = append(append(results, penalty), Gradient(penalty, weights...)...)
		}
		return results
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer exec.Finalize()
	for name, x := range d.points(t, backend) {
		outputs, err := exec.Call(x)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		results := outputs[:1+len(d.Variables)]
		if name == "gp" || name == "dragan" {
			results = outputs[1+len(d.Variables):]
		}
		d.comparePenalty(t, name, gantest.Float64s(t, results[0])[0], results[1:])
	}
	for v := range store.IterVariables() {
		if strings.HasPrefix(v.Path(), variablePath("")) && v.Trainable && !d.has(v.Path()) {
			t.Errorf("the discriminator here has the variable %s too", v.Path())
		}
	}
}

// points returns the examples that each of the penalties is taken at.
func (d goldenDiscriminator) points(t *testing.T, backend compute.Backend) map[string]*tensors.Tensor {
	t.Helper()
	perExample := slices.Repeat([]int{1}, len(d.Shape))
	perExample[0] = d.Shape[0]
	exec := MustNewExec(backend, func(x []*Node) []*Node {
		real, fake, epsilon, noise, alpha := x[0], x[1], x[2], x[3], x[4]
		return []*Node{real, fake, between(real, fake, epsilon), DRAGAN{}.around(real, noise, alpha)}
	})
	defer exec.Finalize()
	outputs, err := exec.Call(waves(d.Shape, 0, 1, 0.1), waves(d.Shape, 0, 0.7, 1.3), waves(perExample, 0.5, 0.5, 2.1),
		waves(d.Shape, 0.5, 0.5, 3.1), waves(perExample, 0.5, 0.5, 4.1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return map[string]*tensors.Tensor{"r1": outputs[0], "r2": outputs[1], "gp": outputs[2], "dragan": outputs[3]}
}

// comparePenalty compares one penalty with the file's: its value, and of each gradient the norm and the numbers stored.
func (d goldenDiscriminator) comparePenalty(t *testing.T, name string, value float64, gradients []*tensors.Tensor) {
	want := d.Penalties[name]
	worst := gantest.RelativeError([]float64{value}, []float64{want.Value})
	for i, v := range d.Variables {
		got, want := gantest.Float64s(t, gradients[i]), want.Gradients[i]
		var squares float64
		for _, x := range got {
			squares += x * x
		}
		e := math.Abs(math.Sqrt(squares) - want.Norm)
		if want.Norm > 0 {
			var stored []float64
			for at := 0; at < len(got); at += want.Stride {
				stored = append(stored, got[at])
			}
			e = max(e/want.Norm, gantest.RelativeError(stored, want.Values))
		}
		if !(e <= 1e-4) {
			t.Errorf("%s: gradient with respect to %s: relative error %.2g against PyTorch", name, v.Path, e)
		}
		worst = max(worst, e)
	}
	if !(worst <= 1e-4) {
		t.Errorf("%s: got %g, PyTorch %g", name, value, want.Value)
	}
	t.Logf("%s: largest relative error %.2g", name, worst)
}

// store returns a store with the weights of the file.
func (d goldenDiscriminator) store() *model.Store {
	store := model.NewStore()
	for i, v := range d.Variables {
		path := strings.Split(v.Path, "/")
		scope := store.RootScope().At(discriminatorScope)
		for _, name := range path[:len(path)-1] {
			scope = scope.At("%s", name)
		}
		scope.VariableWithValue(path[len(path)-1], waves(v.Shape, v.Mean, v.Scale, 0.5+float64(i)))
	}
	return store
}

func (d goldenDiscriminator) has(path string) bool {
	for _, v := range d.Variables {
		if variablePath(v.Path) == path {
			return true
		}
	}
	return false
}

func variablePath(path string) string { return fmt.Sprintf("/%s/%s", discriminatorScope, path) }

// waves returns a float32 tensor of mean + gantest.Wave.
func waves(shape []int, mean, scale, phase float64) *tensors.Tensor {
	size := 1
	for _, dimension := range shape {
		size *= dimension
	}
	values := make([]float32, size)
	for i, x := range gantest.Wave(size, scale, phase) {
		values[i] = float32(mean + x)
	}
	return tensors.FromFlatDataAndDimensions(values, shape...)
}
