package samplerhelper_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/course/sampler"
	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/samplerhelper"
)

func openGo() (compute.Backend, error) { return gobackend.New("") }

// The test program is also the helper that it starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "sampler" {
		if err := samplerhelper.Serve(context.Background(), samplerhelper.Options{Socket: os.Args[3], Open: openGo}); err != nil {
			_, _ = os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// trained makes a run of two steps on points, and trains it further when it is called again.
func trained(t *testing.T, dir string) *gan.Trainer {
	t.Helper()
	backend, err := openGo()
	if err != nil {
		t.Fatal(err)
	}
	var trainer *gan.Trainer
	if gan.HoldsRun(dir) {
		trainer, err = gan.Load(backend, dir)
	} else {
		trainer, err = gan.NewTrainer(backend, gan.Config{Arch: gan.MLP{Shape: []int{2}}, Dir: dir, Seed: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	set, err := datasets.Open("ring", datasets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	batches, err := set.Batches(8, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range trainer.Train(context.Background(), batches, 2) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := trainer.Close(); err != nil {
		t.Fatal(err)
	}
	return trainer
}

func floats(t *testing.T, points *tensors.Tensor, err error) []float32 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	values, err := tensors.CopyFlatData[float32](points)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestSamplesAreThoseOfTheRun(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process")
	}
	t.Setenv("TMPDIR", t.TempDir()) // For the socket; when the folder is removed the helper ends.
	t.Setenv(sampler.CommandVariable, os.Args[0])
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := sampler.Sample(dir, 3, 7); err == nil || !strings.Contains(err.Error(), "no training in "+dir) {
		t.Fatalf("without a run: %v", err)
	}
	for range 2 { // The second time the helper holds an older state of the run.
		trainer := trained(t, dir)
		want, err := trainer.SampleSeed(3, 7)
		got, gotErr := sampler.Sample(dir, 3, 7)
		if want, got := floats(t, want, err), floats(t, got, gotErr); !slices.Equal(want, got) {
			t.Errorf("after %d steps: want %v, got %v", trainer.Steps(), want, got)
		}
		want, err = trainer.Interpolate(2, 3, 5)
		got, gotErr = sampler.Interpolate(dir, 2, 3, 5)
		if want, got := floats(t, want, err), floats(t, got, gotErr); !slices.Equal(want, got) {
			t.Errorf("between latents: want %v, got %v", want, got)
		}
	}
	if _, err := sampler.Sample(dir, 0, 7); err == nil {
		t.Error("no samples were asked for, and no error")
	}
}

func TestServeEndsWhenNobodyAsks(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	done := make(chan error, 1)
	go func() {
		done <- samplerhelper.Serve(context.Background(), samplerhelper.Options{Socket: socket, Idle: 20 * time.Millisecond, Open: openGo})
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it is still there")
	}
}

func TestNoCommand(t *testing.T) {
	t.Setenv(sampler.CommandVariable, filepath.Join(t.TempDir(), "gone"))
	if _, err := sampler.Sample("x", 1, 1); err == nil || !strings.Contains(err.Error(), "lab --setup") {
		t.Errorf("got %v", err)
	}
}
