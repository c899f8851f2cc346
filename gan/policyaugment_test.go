package gan_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// A run with a policy, the penalty of which differentiates twice, goes on after a stop as if there had been none.
func TestPolicyAugmentResumes(t *testing.T) {
	for _, augmentation := range []gan.Augmentation{
		gan.PolicyAugment{Policy: "flip,rotate:10:p=0.7,elastic,brightness:0.3,noise:0.1:p=0.5"},
		gan.AdaptivePolicy{Images: 50, Every: 1, Target: 0.01},
	} {
		config := func(dir string) gan.Config {
			c := small(dir)
			c.Augment, c.Penalty = augmentation, gan.R1R2{}
			return c
		}
		data := &pictures{batch: 4}
		straight, stopped := t.TempDir()+"/run", t.TempDir()+"/run"
		steps := trainSteps(t, newTrainer(t, gantest.Go(), config(straight)), data, 10)
		trainSteps(t, newTrainer(t, gantest.Go(), config(stopped)), data, 7)
		trainSteps(t, load(t, gantest.Go(), stopped), data, 3)
		if string(checkpoint(t, straight)) != string(checkpoint(t, stopped)) {
			t.Errorf("%+v: the checkpoints differ", augmentation)
		}
		_, adapts := augmentation.(gan.AdaptivePolicy)
		atWork := func(step gan.Step) bool { return step.Penalty != 0 && (step.Augment > 0 || !adapts) }
		if !slices.ContainsFunc(steps, atWork) {
			t.Errorf("%+v: a part is not at work in %+v", augmentation, steps)
		}
	}
}

func TestPolicyAugmentInJSON(t *testing.T) {
	want := gan.Config{Arch: gan.DCGAN{Size: 8, Channels: 1}, Augment: gan.PolicyAugment{Policy: "classic,cutout:0.3:fill=-1"}}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got gan.Config
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.Augment != want.Augment {
		t.Errorf("%v came back as %v from %s", want.Augment, got.Augment, data)
	}
}

func TestPolicyAugmentCheck(t *testing.T) {
	arch := gan.DCGAN{Size: 8, Channels: 1}
	for want, augmentation := range map[string]gan.Augmentation{
		"did you mean rotate?":     gan.PolicyAugment{Policy: "rotat:3"},
		"degrees of rotate is":     gan.AdaptivePolicy{Policy: "rotate:300"},
		"ADA needs":                gan.AdaptivePolicy{Target: 2},
		"examples here are points": nil,
	} {
		config := gan.Config{Arch: arch, Augment: augmentation}
		if augmentation == nil {
			config = gan.Config{Arch: gan.MLP{Shape: []int{2}}, Augment: gan.PolicyAugment{}}
		}
		if err := config.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want an error about %q", augmentation, err, want)
		}
	}
}

// With no text grey pictures are moved and colour ones recoloured too; adapted by 0 none is changed.
func TestPolicyAugmentDefault(t *testing.T) {
	for _, channels := range []int{1, 3} {
		store := model.NewStore()
		exec, err := model.NewExec(gantest.Go(), store, func(scope *model.Scope, x *Node) []*Node {
			zero := ScalarZero(x.Graph(), dtypes.Float32)
			changed := func(y *Node) *Node { return ReduceAllMax(Abs(Sub(y, x))) }
			return []*Node{changed(gan.PolicyAugment{}.Graph(scope, x, zero)), changed(gan.AdaptivePolicy{}.Graph(scope, x, zero))}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer exec.Finalize()
		values := make([]float32, 4*8*8*channels)
		for i, v := range gantest.Wave(len(values), 0.9, 0.1) {
			values[i] = float32(v)
		}
		results, err := exec.Call(tensors.FromFlatDataAndDimensions(values, 4, 8, 8, channels))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if moved, still := tensors.ToScalar[float32](results[0]), tensors.ToScalar[float32](results[1]); moved < 0.1 || still > 1e-5 {
			t.Errorf("%d channels: changes of %g, and of %g with probability 0", channels, moved, still)
		}
	}
}
