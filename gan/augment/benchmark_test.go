package augment

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// One picture, on one core.
func BenchmarkApply(b *testing.B) {
	for _, name := range []string{"classic", "clothes", "photo"} {
		policy, err := Named(name)
		if err != nil {
			b.Fatal(err)
		}
		colour := image.NewNRGBA(image.Rect(0, 0, 64, 64))
		for i := range colour.Pix {
			colour.Pix[i] = uint8(i*37) | uint8(i%4/3*255)
		}
		for size, img := range map[string]image.Image{"28x28": image.NewGray(image.Rect(0, 0, 28, 28)), "64x64x3": colour} {
			b.Run(name+"/"+size, func(b *testing.B) {
				random := rand.New(rand.NewPCG(1, 2))
				for b.Loop() {
					policy.Apply(img, random)
				}
			})
		}
	}
}

// A batch of 64, and the gradient with respect to it.
func BenchmarkGraph(b *testing.B) {
	backend := gantest.XLA()
	if backend == nil {
		backend = gantest.Go()
	}
	for _, name := range []string{"classic", "photo"} {
		policy, err := Named(name)
		if err != nil {
			b.Fatal(err)
		}
		for _, shape := range [][]int{{28, 28, 1}, {64, 64, 3}} {
			b.Run(fmt.Sprintf("%s/%v", name, shape), func(b *testing.B) {
				exec, err := model.NewExec(backend, model.NewStore(), func(scope *model.Scope, x *Node) *Node {
					return Gradient(ReduceAllSum(Square(policy.Graph(scope, x))), x)[0]
				})
				if err != nil {
					b.Fatal(err)
				}
				defer exec.Finalize()
				images := tensors.FromShape(shapes.Make(dtypes.Float32, append([]int{64}, shape...)...))
				if _, err := exec.Call1(images); err != nil {
					b.Fatalf("%+v", err)
				}
				for b.Loop() {
					y, err := exec.Call1(images)
					if err != nil {
						b.Fatal(err)
					}
					y.MustFinalizeAll()
				}
			})
		}
	}
}
