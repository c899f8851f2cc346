package features

import (
	"context"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// twoClasses are small pictures, dark on the left or dark on the right, with noise.
func twoClasses(n int, seed uint64) Labelled {
	const side = 8
	random := rand.New(rand.NewPCG(seed, 0))
	pixels := make([]uint8, 0, n*side*side)
	labels := make([]int32, n)
	for i := range n {
		labels[i] = int32(random.IntN(2))
		for p := range side * side {
			value := random.IntN(128)
			if p%side < side/2 == (labels[i] == 0) {
				value += 100
			}
			pixels = append(pixels, uint8(value))
		}
	}
	return Labelled{Pictures: tensors.FromFlatDataAndDimensions(pixels, n, side, side, 1), Labels: labels}
}

func mustClassifier(t *testing.T, side, channels, classes int) *Classifier {
	t.Helper()
	network, err := NewClassifier("test", []int{side, side, channels}, make([]string, classes))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return network
}

func flat(t *testing.T, tensor *tensors.Tensor) []float32 {
	t.Helper()
	values, err := tensors.CopyFlatData[float32](tensor)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return values
}

// TestFolded compares the network as it trains, with normalizations by their running averages, with the one of folded
// weights.
func TestFolded(t *testing.T) {
	network := mustClassifier(t, 8, 3, 4)
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(gantest.Go(), store, func(scope *model.Scope, pictures *Node) *Node {
		return network.trainable(scope, pictures)
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	random := rand.New(rand.NewPCG(2, 0))
	pictures := make([]float32, 5*8*8*3)
	for i := range pictures {
		pictures[i] = 255 * random.Float32()
	}
	input := tensors.FromFlatDataAndDimensions(pictures, 5, 8, 8, 3)
	if _, err := exec.Call1(input); err != nil { // Makes the variables.
		t.Fatalf("%+v", err)
	}
	for v := range store.IterVariables() {
		if strings.Contains(v.Path(), "batch_norm") { // As no training leaves them.
			values := make([]float32, v.Shape().Size())
			for i := range values {
				values[i] = 0.5 + random.Float32()
			}
			if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
				t.Fatalf("%+v", err)
			}
		}
	}
	output, err := exec.Call1(input)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	want := flat(t, output)

	weights, err := folded(store)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if err := checkWeights(network, weights); err != nil {
		t.Fatal(err)
	}
	output, err = CallOnce(gantest.Go(), func(x *Node) *Node {
		return network.Graph(func(name string) *Node { return ConstTensor(x.Graph(), weights[name]) }, x).Logits
	}, input)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, got := range flat(t, output) {
		if math.Abs(float64(got-want[i])) > 1e-4*(1+math.Abs(float64(want[i]))) {
			t.Errorf("logit %d: got %g with folded weights, %g before", i, got, want[i])
		}
	}
}

func TestTrain(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		network := mustClassifier(t, 8, 1, 2)
		training := Training{Epochs: 2, Batch: 32, Seed: 3}
		var losses []float64
		var weights []map[string]*tensors.Tensor
		trainings := 1
		if backend == gantest.Go() {
			trainings = 2 // XLA takes long to compile a second.
		}
		for range trainings {
			trained, err := training.Train(context.Background(), backend, network, twoClasses(192, 4), func(epoch int, loss float64) {
				losses = append(losses, loss)
			})
			if err != nil {
				t.Fatalf("%+v", err)
			}
			weights = append(weights, trained)
		}
		if len(losses) != 2*trainings || losses[1] >= losses[0]/2 {
			t.Errorf("losses of the epochs are %.4f, want the second below half of the first", losses)
		}
		for name, tensor := range weights[0] {
			if !slices.Equal(flat(t, tensor), flat(t, weights[trainings-1][name])) {
				t.Errorf("%s differs from one training to the next", name)
			}
		}
		extractor, err := New(backend, network, maps.Clone(weights[0]), "")
		if err != nil {
			t.Fatalf("%+v", err)
		}
		accuracy, err := extractor.Classify(twoClasses(100, 5))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if accuracy.N != 100 || accuracy.Value < 0.98 {
			t.Errorf("accuracy is %+v, want 0.98 of 100 or more", accuracy)
		}
	})
}

func TestTrainEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Training{Epochs: 100, Batch: 16}.Train(ctx, gantest.Go(), mustClassifier(t, 8, 1, 2), twoClasses(16, 1),
		func(epoch int, _ float64) {
			if epoch > 1 {
				t.Errorf("epoch %d ended after the context", epoch)
			}
			cancel()
		})
	if err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestAugmenter(t *testing.T) {
	// A ramp: from x and y of a pixel follows where it came from.
	const height, width = 6, 5
	picture := make([]uint8, height*width)
	for p := range picture {
		picture[p] = uint8(10*(p/width) + p%width)
	}
	changed := make([]uint8, len(picture))
	plain := augmenter{Training{}, []int{height, width, 1}, rand.New(rand.NewPCG(1, 1))}
	if plain.change(changed, picture); !slices.Equal(changed, picture) {
		t.Errorf("without changes the picture %v became %v", picture, changed)
	}
	const shift = 2
	moving := augmenter{Training{Shift: shift, Mirror: true}, []int{height, width, 1}, rand.New(rand.NewPCG(1, 1))}
	seen := make(map[[3]int]bool)
	for range 500 {
		moving.change(changed, picture)
		found := false
		for _, sign := range []int{1, -1} {
			for down := -shift; down <= shift; down++ {
				for right := -shift; right <= shift; right++ {
					if isMoved(changed, picture, height, width, down, right, sign) {
						seen[[3]int{down, right, sign}], found = true, true
					}
				}
			}
		}
		if !found {
			t.Fatalf("%v is no picture moved by up to %d and perhaps mirrored", changed, shift)
		}
	}
	if want := 2 * (2*shift + 1) * (2*shift + 1); len(seen) != want {
		t.Errorf("500 changes were of %d kinds, want all %d", len(seen), want)
	}
}

// isMoved says whether the picture was moved by down and right, and before that mirrored if sign is -1.
func isMoved(changed, picture []uint8, height, width, down, right, sign int) bool {
	for p, got := range changed {
		y := min(max(p/width-down, 0), height-1)
		x := min(max(p%width-right, 0), width-1)
		if sign < 0 {
			x = width - 1 - x
		}
		if got != picture[y*width+x] {
			return false
		}
	}
	return true
}

func TestTrainingFilled(t *testing.T) {
	for _, test := range []struct {
		n    int
		want Training
	}{
		{50_000, Training{Epochs: 6, Batch: 128, LearningRate: 0.003}},
		{1_300, Training{Epochs: 30, Batch: 128, LearningRate: 0.003}},
		{50, Training{Epochs: 300, Batch: 50, LearningRate: 0.003}},
	} {
		if got := (Training{}).Filled(test.n); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%d pictures: got %+v, want %+v", test.n, got, test.want)
		}
	}
	steps := Training{Steps: 7, Batch: 128, LearningRate: 0.003}
	if got := (Training{Steps: 7}).Filled(50); !reflect.DeepEqual(got, steps) {
		t.Errorf("got %+v, want %+v", got, steps)
	}
	set := Training{Epochs: 1, Batch: 2, LearningRate: 3, Shift: 4, Mirror: true, Seed: 5}
	if got := set.Filled(100); !reflect.DeepEqual(got, set) {
		t.Errorf("got %+v, want what was set, %+v", got, set)
	}
}

func TestTrainMisuse(t *testing.T) {
	grey := mustClassifier(t, 8, 1, 2)
	good := twoClasses(8, 1)
	colour := Labelled{Pictures: tensors.FromFlatDataAndDimensions(make([]uint8, 8*8*8*3), 8, 8, 8, 3), Labels: good.Labels}
	for name, test := range map[string]struct {
		training Training
		data     Labelled
		want     string
	}{
		"no pictures":   {Training{}, Labelled{}, "must be uint8"},
		"few labels":    {Training{}, Labelled{Pictures: good.Pictures, Labels: good.Labels[1:]}, "8 pictures have 7 labels"},
		"class 2 of 2":  {Training{}, Labelled{Pictures: good.Pictures, Labels: []int32{0, 1, 0, 2, 0, 0, 0, 0}}, "picture 3 is of class 2"},
		"colour":        {Training{}, colour, "make them grey"},
		"one a batch":   {Training{Batch: 1}, good, "batches of 2"},
		"negative rate": {Training{LearningRate: -1}, good, "positive learning rate"},
		"huge rate":     {Training{Epochs: 50, LearningRate: 1e30}, good, "lower the learning rate"},
		"steps, epochs": {Training{Epochs: 1, Steps: 1}, good, "so many steps or so many epochs"},
		"smoothing":     {Training{Smoothing: 1}, good, "from 0 to below 1"},
		"mixup":         {Training{Mixup: -1}, good, "0.01 to 100"},
		"policy":        {Training{Policy: augment.Policy{{}}}, good, "no operation"},
		"few, soft":     {Training{}, Labelled{Pictures: good.Pictures, Soft: make([]float32, 15)}, "need 16 probabilities, got 15"},
		"no sum":        {Training{}, Labelled{Pictures: good.Pictures, Soft: make([]float32, 16)}, "picture 0 must sum to 1"},
	} {
		_, err := test.training.Train(context.Background(), gantest.Go(), grey, test.data, nil)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", name, err, test.want)
		}
	}
	for name, test := range map[string]struct {
		shape   []int
		classes int
		want    string
	}{
		"one class":  {[]int{28, 28, 1}, 1, "at least 2 classes"},
		"odd side":   {[]int{28, 30, 1}, 2, "divisible by 4"},
		"2 channels": {[]int{28, 28, 2}, 2, "1 or 3"},
		"no shape":   {nil, 2, "divisible by 4"},
	} {
		if _, err := NewClassifier("test", test.shape, make([]string, test.classes)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

func TestClassifierResizes(t *testing.T) {
	for _, test := range []struct {
		channels int
		shape    []int
		want     string
	}{
		{1, []int{8, 8, 1}, "none"},
		{1, []int{28, 20, 1}, "area average to 8x8"},
		{3, []int{8, 8, 3}, "none"},
		{3, []int{8, 8, 1}, "grey repeated to three channels"},
	} {
		network := mustClassifier(t, 8, test.channels, 2)
		if got, err := network.Resize(test.shape); err != nil || got != test.want {
			t.Errorf("%d channels, pictures %v: got %q and %v, want %q", test.channels, test.shape, got, err, test.want)
		}
	}
	// Doubled pictures have the features of the single ones.
	network := mustClassifier(t, 8, 1, 2)
	pictures := twoClasses(2, 1).Pictures
	weights, err := Training{Epochs: 1, Batch: 2}.Train(context.Background(), gantest.Go(), network, twoClasses(2, 1), nil)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	double, err := CallOnce(gantest.Go(), func(x *Node) *Node {
		return areaAverage(ConvertDType(x, dtypes.Float32), 16, 16)
	}, pictures)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	single := logitsOf(t, network, weights, floatsOf(t, pictures))
	twice := logitsOf(t, network, weights, double)
	for i := range single {
		if math.Abs(float64(single[i]-twice[i])) > 1e-4 {
			t.Errorf("logit %d is %g, of the doubled picture %g", i, single[i], twice[i])
		}
	}
}

// logitsOf returns the logits of pictures, float32.
func logitsOf(t *testing.T, network *Classifier, weights map[string]*tensors.Tensor, pictures *tensors.Tensor) []float32 {
	t.Helper()
	output, err := CallOnce(gantest.Go(), func(x *Node) *Node {
		return network.Graph(func(name string) *Node { return ConstTensor(x.Graph(), weights[name]) }, x).Logits
	}, pictures)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return flat(t, output)
}

// floatsOf returns pictures as float32.
func floatsOf(t *testing.T, pictures *tensors.Tensor) *tensors.Tensor {
	t.Helper()
	output, err := CallOnce(gantest.Go(), func(x *Node) *Node { return ConvertDType(x, dtypes.Float32) }, pictures)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return output
}
