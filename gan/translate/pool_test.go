package translate

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestPool gives a pool numbered pictures: it is filled first, and then returns old ones half of the time, each of which it
// keeps no longer.
func TestPool(t *testing.T) {
	gantest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		const size, batch, steps = 10, 4, 400
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(1); err != nil {
			t.Fatal(err)
		}
		exec, err := model.NewExec(backend, store, func(scope *model.Scope, images *Node) *Node {
			return pooled(scope.At("pool"), images, size)
		})
		if err != nil {
			t.Fatal(err)
		}
		given := func(step, i int) float32 { return float32(step*batch + i + 1) }
		kept := map[float32]bool{}
		old, ages := 0, 0.0
		for step := range steps {
			pictures := make([]float32, batch*2)
			for i := range pictures {
				pictures[i] = given(step, i/2)
			}
			shown := tensors.MustCopyFlatData[float32](exec.MustCall1(tensors.FromFlatDataAndDimensions(pictures, batch, 1, 2, 1)))
			for i := range batch {
				own, got := given(step, i), shown[2*i]
				if shown[2*i+1] != got {
					t.Fatalf("step %d: a picture in parts: %v", step, shown)
				}
				switch {
				case len(kept) < size:
					if got != own {
						t.Fatalf("step %d: shown %g while the pool fills, want %g", step, got, own)
					}
					kept[own] = true
				case got != own:
					if !kept[got] {
						t.Fatalf("step %d: shown %g, which is not in the pool", step, got)
					}
					delete(kept, got)
					kept[own] = true
					old++
					ages += float64(own - got)
				}
			}
		}
		// 1590 pictures after the pool was full: 795 ± 20 are old ones. A picture stays for 20 others on average, ± 0.7.
		if mean := ages / float64(old); old < 695 || old > 895 || mean < 16 || mean > 24 {
			t.Errorf("%d old pictures, on average %.1f others old", old, mean)
		}
		if got := tensors.MustCopyFlatData[float32](store.GetVariable("/pool/history").MustValue()); !kept[got[0]] || !kept[got[2*size-1]] {
			t.Errorf("the variable holds %v, want %v", got, kept)
		}
	})
}
