package translate

import (
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// newStore returns an empty store whose generator of random numbers starts from the seed.
func newStore(t *testing.T, seed int64) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(seed); err != nil {
		t.Fatal(err)
	}
	return store
}

// run returns what a network makes of images, on the Go backend.
func run(t *testing.T, store *model.Store, network func(scope *model.Scope, x *Node) *Node, shape ...int) *tensors.Tensor {
	t.Helper()
	y, err := model.CallOnce(gantest.Go(), store, network, seededImages("pictures", shape))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return y
}

func TestUNetSizes(t *testing.T) {
	dropouts := map[int]int{32: 1, 64: 1, 128: 2, 256: 3, 512: 3}
	for size, want := range dropouts {
		u := UNet{Size: size, Channels: 1}
		if err := u.Check(size); err != nil {
			t.Error(err)
		}
		store := newStore(t, 1)
		y := run(t, store, func(scope *model.Scope, x *Node) *Node { return u.Graph(scope, x, 2) }, 1, size, size, 3)
		if !slices.Equal(y.Shape().Dimensions, []int{1, size, size, 2}) {
			t.Errorf("size %d: the result is shaped %s", size, y.Shape())
		}
		got := 0
		for i := range u.depth() {
			if u.drops(i) {
				got++
				if u.channels(i-1) != 8 {
					t.Errorf("size %d: dropout after layer %d of %d channels", size, i, u.channels(i-1))
				}
			}
		}
		if got != want {
			t.Errorf("size %d: %d layers have dropout, want %d", size, got, want)
		}
	}
}

// TestUNetNoise checks when dropout is drawn, and from what.
func TestUNetNoise(t *testing.T) {
	u := UNet{Size: 32, Channels: 1}
	translated := func(seed int64, u UNet, prepare func(scope *model.Scope, g *Graph)) []float64 {
		store := newStore(t, 3)
		run(t, store, func(scope *model.Scope, x *Node) *Node { return u.Graph(scope, x, 1) }, 1, 32, 32, 1) // Equal weights.
		if err := store.SetRNGStateFromSeed(seed); err != nil {
			t.Fatal(err)
		}
		return gantest.Float64s(t, run(t, store, func(scope *model.Scope, x *Node) *Node {
			prepare(scope, x.Graph())
			return u.Graph(scope, x, 1)
		}, 1, 32, 32, 1))
	}
	none := func(*model.Scope, *Graph) {}
	train := func(scope *model.Scope, g *Graph) { scope.Store().SetTraining(g, true) }
	still := translated(1, u, none)
	without := UNet{Size: 32, Channels: 1, Dropout: -1}
	for _, test := range []struct {
		name string
		got  []float64
		want []float64
		same bool
	}{
		{"without noise, another seed", translated(2, u, none), still, true},
		{"with noise", translated(1, u, DrawNoise), still, false},
		{"with noise, the same seed", translated(1, u, DrawNoise), translated(1, u, DrawNoise), true},
		{"with noise, another seed", translated(1, u, DrawNoise), translated(2, u, DrawNoise), false},
		{"training", translated(1, u, train), still, false},
		{"training without dropout", translated(1, without, train), still, true},
		{"noise without dropout", translated(1, without, DrawNoise), still, true},
	} {
		if slices.Equal(test.got, test.want) != test.same {
			t.Errorf("%s: the same is %t, want %t", test.name, !test.same, test.same)
		}
	}
	if !u.Noisy() || without.Noisy() || (ResNet{}).Noisy() || !(ResNet{Dropout: 0.5}).Noisy() {
		t.Error("Noisy is wrong")
	}
}

// TestReceptiveField compares the figures of pix2pix's paper, and the patch that a logit's slope is not zero on.
func TestReceptiveField(t *testing.T) {
	for layers, want := range map[int]int{1: 16, 2: 34, 3: 70, 4: 142, 5: 286, 0: 70} {
		if got := (PatchGAN{Layers: layers}).ReceptiveField(); got != want {
			t.Errorf("%d layers: %d pixels, want %d", layers, got, want)
		}
	}
	for size, p := range map[int]PatchGAN{
		8:   {Pixel: true, Channels: 1, Norm: gan.NoNorm},
		64:  {Layers: 1, Channels: 1, Norm: gan.NoNorm},
		128: {Channels: 1, Norm: gan.NoNorm},
	} {
		store := newStore(t, 5)
		slope := run(t, store, func(scope *model.Scope, x *Node) *Node {
			logits := p.Graph(scope, x)
			middle := logits.Shape().Dim(1) / 2
			one := Slice(logits, AxisElem(0), AxisElem(middle), AxisElem(middle), AxisElem(0))
			return Gradient(ReduceAllSum(one), x)[0]
		}, 1, size, size, 1)
		first, last := size, 0
		for i, value := range gantest.Float64s(t, slope) {
			if value != 0 {
				first, last = min(first, i%size), max(last, i%size)
			}
		}
		if got := last - first + 1; got != p.ReceptiveField() {
			t.Errorf("%+v: a logit depends on columns %d to %d, %d, want %d", p, first, last, got, p.ReceptiveField())
		}
	}
}

func TestPatchGANWithSpectralNorm(t *testing.T) {
	p := PatchGAN{Channels: 2, Norm: gan.SpectralNorm}
	y := run(t, newStore(t, 1), func(scope *model.Scope, x *Node) *Node { return p.Graph(scope, x) }, 2, 32, 24, 3)
	if !slices.Equal(y.Shape().Dimensions, []int{2, 2, 1, 1}) {
		t.Errorf("the logits are shaped %s", y.Shape())
	}
}

// TestPass compares batches that go through a network together with each by itself.
func TestPass(t *testing.T) {
	for _, r := range []ResNet{{Blocks: 1, Channels: 2}, {Blocks: 1, Channels: 2, Norm: gan.BatchNorm}} {
		store := newStore(t, 7)
		y := run(t, store, func(scope *model.Scope, x *Node) *Node {
			scope.Store().SetTraining(x.Graph(), true)
			one, other := Slice(x, AxisRange(0, 1)), Slice(x, AxisRange(1, 3))
			results := Pass(scope, r, 3, one, other)
			single := Concatenate([]*Node{r.Graph(scope.ResetVisited(), one, 3), r.Graph(scope.ResetVisited(), other, 3)}, 0)
			return Stack([]*Node{Concatenate(results, 0), single}, 0)
		}, 3, 8, 8, 1)
		values := gantest.Float64s(t, y)
		half := len(values) / 2
		if e := gantest.RelativeError(values[:half], values[half:]); e > 1e-5 {
			t.Errorf("norm %q: relative error %.2g", r.Norm, e)
		}
	}
}

func TestChecks(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string // "" for no error.
	}{
		{UNet{}.Check(256), ""},
		{UNet{Size: 32}.Check(96), ""},
		{UNet{Size: 48}.Check(96), "UNet.Size must be a power of two from 32 to 512, got 48"},
		{UNet{Size: 16}.Check(16), "UNet.Size"},
		{UNet{Size: 64}.Check(96), "UNet.Size 64 takes pictures whose size is a multiple of it, got 96"},
		{UNet{Channels: -1}.Check(256), "UNet.Channels"},
		{UNet{Norm: "layer"}.Check(256), `UNet.Norm must be one of ["instance" "batch" "none"], got "layer"`},
		{UNet{Dropout: 1}.Check(256), "UNet.Dropout"},
		{ResNet{}.Check(28), ""},
		{ResNet{Blocks: 9, Norm: gan.NoNorm}.Check(8), ""},
		{ResNet{}.Check(30), "multiple of 4, 8 at least, got 30"},
		{ResNet{}.Check(4), "got 4"},
		{ResNet{Blocks: -1}.Check(32), "ResNet.Blocks"},
		{ResNet{Norm: "spectral"}.Check(32), "ResNet.Norm"},
		{ResNet{Dropout: 2}.Check(32), "ResNet.Dropout"},
		{PatchGAN{}.Check(24), ""},
		{PatchGAN{Pixel: true}.Check(1), ""},
		{PatchGAN{}.Check(23), "PatchGAN.Layers 3 needs pictures of at least 24 pixels, got 23"},
		{PatchGAN{Layers: 7}.Check(512), "PatchGAN.Layers must be from 1 to 6"},
		{PatchGAN{Layers: 1, Pixel: true}.Check(512), "PatchGAN.Layers"},
		{PatchGAN{Channels: -1}.Check(512), "PatchGAN.Channels"},
		{PatchGAN{Norm: "layer"}.Check(512), "PatchGAN.Norm"},
	} {
		if test.want == "" && test.err != nil || test.want != "" && (test.err == nil || !strings.Contains(test.err.Error(), test.want)) {
			t.Errorf("got error %v, want %q", test.err, test.want)
		}
	}
}

// TestSmallestPictures runs the networks on the smallest pictures that Check allows.
func TestSmallestPictures(t *testing.T) {
	run(t, newStore(t, 1), func(scope *model.Scope, x *Node) *Node { return ResNet{Channels: 1}.Graph(scope, x, 3) }, 1, 8, 8, 3)
	for layers := range 6 {
		p := PatchGAN{Layers: layers + 1, Channels: 1}
		smallest := 3 << (layers + 1)
		run(t, newStore(t, 1), func(scope *model.Scope, x *Node) *Node { return p.Graph(scope, x) }, 1, smallest, smallest, 3)
	}
}

func TestGeneratorsGoThroughJSON(t *testing.T) {
	for _, want := range []Generator{UNet{Size: 64, Dropout: -1}, ResNet{Blocks: 9, Norm: gan.BatchNorm}} {
		data, err := Generators.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Generators.Unmarshal(data)
		if err != nil || got != want {
			t.Errorf("%s became %+v, error %v", data, got, err)
		}
	}
}
