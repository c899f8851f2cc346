package translate_test

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/translate"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// cycleCase is a case of bench/torch_step.py: cyclegan64_b1_r6_c64 is {1, 64, 6, 64}.
type cycleCase struct{ batch, size, blocks, channels int }

func (c cycleCase) String() string {
	return fmt.Sprintf("cyclegan%d_b%d_r%d_c%d", c.size, c.batch, c.blocks, c.channels)
}

// BenchmarkCycleGAN times CycleGAN's steps, which do what cyclegan_step of bench/torch_step.py does:
// go test -run - -bench CycleGAN ./gan/translate. Besides the mean it gives the median and the best, and the seconds of the
// first step, which compiles.
func BenchmarkCycleGAN(b *testing.B) {
	backend := gantest.XLA()
	if backend == nil {
		b.Skip("no XLA plugin is installed")
	}
	for _, c := range []cycleCase{{1, 64, 6, 64}, {4, 32, 6, 32}, {1, 256, 9, 64}} {
		b.Run(c.String(), func(b *testing.B) { c.run(b, backend) })
	}
}

func (c cycleCase) run(b *testing.B, backend compute.Backend) {
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		b.Fatal(err)
	}
	exec, err := model.NewExec(backend, store, c.step)
	if err != nil {
		b.Fatalf("%+v", err)
	}
	defer exec.Finalize()
	picture := func(name string) *tensors.Tensor {
		values := gantest.SeededUniform(name, c.batch*c.size*c.size*3, -1, 1)
		return tensors.FromFlatDataAndDimensions(values, c.batch, c.size, c.size, 3)
	}
	inA, inB := picture("a"), picture("b")
	step := func() (milliseconds float64) {
		start := time.Now()
		losses, err := exec.Call1(inA, inB)
		if err != nil {
			b.Fatalf("%+v", err)
		}
		losses.MustConstFlatData(func(any) {}) // Waits.
		return float64(time.Since(start).Microseconds()) / 1e3
	}
	compile := step()
	for range 2 {
		step()
	}
	times := make([]float64, 0, b.N)
	for b.Loop() {
		times = append(times, step())
	}
	sort.Float64s(times)
	b.ReportMetric(times[len(times)/2], "median-ms")
	b.ReportMetric(times[0], "best-ms")
	b.ReportMetric(compile/1e3, "first-s")
}

// step builds a step on the batches a and b, and returns both players' losses.
func (c cycleCase) step(scope *model.Scope, a, b *Node) *Node {
	scope.Store().SetTraining(a.Graph(), true)
	generator := translate.ResNet{Blocks: c.blocks, Channels: c.channels}
	discriminator := translate.PatchGAN{Channels: c.channels}
	pass := func(name string, batches ...*Node) []*Node {
		return translate.Pass(scope.At("generator").At("%s", name), generator, 3, batches...)
	}
	judge := func(name string, images *Node) *Node {
		return discriminator.Graph(scope.At("discriminator").At("%s", name), images)
	}
	fromA, fromB := pass("ab", a, b), pass("ba", b, a)
	fakeB, sameB, fakeA, sameA := fromA[0], fromA[1], fromB[0], fromB[1]
	againA, againB := pass("ba", fakeB)[0], pass("ab", fakeA)[0]
	towards := func(logits *Node, target float64) *Node { return ReduceAllMean(Square(AddScalar(logits, -target))) }
	apart := func(x, y *Node) *Node { return ReduceAllMean(Abs(Sub(x, y))) }
	sum := func(terms ...*Node) *Node { return ReduceAllSum(Stack(terms, 0)) }

	loss := sum(towards(judge("b", fakeB), 1), towards(judge("a", fakeA), 1),
		MulScalar(sum(apart(againA, a), apart(againB, b)), 10), MulScalar(sum(apart(sameB, b), apart(sameA, a)), 5))
	learn(scope.At("generator"), loss, "optimizer_generator")

	judged := func(name string, real, fake *Node) *Node {
		logits := judge(name, Concatenate([]*Node{real, StopGradient(fake)}, 0))
		return MulScalar(Add(towards(Slice(logits, AxisRange(0, c.batch)), 1), towards(Slice(logits, AxisRange(c.batch)), 0)), 0.5)
	}
	judgement := Add(judged("a", a, fakeA), judged("b", b, fakeB))
	learn(scope.At("discriminator"), judgement, "optimizer_discriminator")
	return Stack([]*Node{loss, judgement}, 0)
}

// learn builds one update of the weights under the scope by Adam.
func learn(scope *model.Scope, loss *Node, state string) {
	gradients := scope.BuildTrainableVariablesGradientsGraph(loss)
	gan.Adam{}.Build(state).(interface {
		UpdateGraphWithGradients(scope *model.Scope, gradients []*Node, lossDType dtypes.DType)
	}).UpdateGraphWithGradients(scope, gradients, loss.DType())
}
