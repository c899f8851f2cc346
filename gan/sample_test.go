package gan_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestSampleAlone checks that a sample depends on its latent alone: not on how many are drawn with it, nor on the batch
// it falls into.
func TestSampleAlone(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), small(""))
	trainSteps(t, trainer, &pictures{batch: 4}, 3)
	few, err := trainer.SampleSeed(3, 11)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	many, err := trainer.SampleSeed(205, 11)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if many.DType() != dtypes.Uint8 || many.Shape().Dim(0) != 205 || many.Shape().Dim(1) != 8 {
		t.Fatalf("samples are %s", many.Shape())
	}
	want, got := tensors.MustCopyFlatData[uint8](few), tensors.MustCopyFlatData[uint8](many)[:3*64]
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("pixel %d: %d among many, %d among few", i, got[i], want[i])
		}
	}
}

// TestInterpolate has the ends of each row where its latents alone are.
func TestInterpolate(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), small(""))
	rows, err := trainer.Interpolate(2, 5, 3)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	ends, err := trainer.SampleSeed(4, 3)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	strip, alone := tensors.MustCopyFlatData[uint8](rows), tensors.MustCopyFlatData[uint8](ends)
	for i, at := range []int{0, 4, 5, 9} {
		for j := range 64 {
			if difference := int(strip[at*64+j]) - int(alone[i*64+j]); difference < -1 || difference > 1 {
				t.Fatalf("end %d, pixel %d: %d, want %d", i, j, strip[at*64+j], alone[i*64+j])
			}
		}
	}
}

func TestBadSamples(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), small(""))
	if _, err := trainer.Sample(0); err == nil {
		t.Error("no samples: no error")
	}
	if _, err := trainer.Interpolate(1, 1, 0); err == nil {
		t.Error("an interpolation of one: no error")
	}
	if _, err := trainer.Generate(gan.Latents(2, 5, 1), nil); err == nil {
		t.Error("latents of another length: no error")
	}
}
