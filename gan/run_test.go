package gan_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func TestConfigRoundTrip(t *testing.T) {
	for _, config := range []gan.Config{
		{Arch: gan.DCGAN{Size: 28, Channels: 1}},
		{
			Arch:          gan.MLP{Shape: []int{2}, GeneratorHidden: []int{5, 6}},
			Loss:          gan.RelativisticPaired{},
			Penalty:       gan.R1{Gamma: 0.1, Every: 8},
			Generator:     gan.Adam{LearningRate: 2e-3, Beta1: 0, Beta2: 0.99},
			Discriminator: gan.Adam{LearningRate: 1e-3, Beta1: 0.3, Beta2: 0.9},
			EMA:           0.998, Seed: -3, DiscriminatorSteps: 5,
		},
	} {
		first, err := json.Marshal(config)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		var read gan.Config
		if err := json.Unmarshal(first, &read); err != nil {
			t.Fatalf("%+v", err)
		}
		second, err := json.Marshal(read)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		if string(first) != string(second) {
			t.Errorf("wrote %s, then %s", first, second)
		}
		if !reflect.DeepEqual(read.Arch, config.Arch) || !reflect.DeepEqual(read.Penalty, config.Penalty) {
			t.Errorf("read %+v, want %+v", read, config)
		}
	}
}

func TestNames(t *testing.T) {
	if _, err := gan.Architectures.Named("dcgn"); err == nil || !strings.Contains(err.Error(), "dcgan") {
		t.Errorf("got %v, want a hint at dcgan", err)
	}
	if _, err := gan.Losses.Named("zebra"); err == nil || !strings.Contains(err.Error(), "ns, ra, rp") {
		t.Errorf("got %v, want the list", err)
	}
}

// unnamed is an architecture that nobody registered.
type unnamed struct{ gan.MLP }

// diverging is a loss that is not a number from its first step on.
type diverging struct{ gan.NonSaturating }

func (diverging) Generator(realLogits, fakeLogits *Node) *Node {
	return ReduceAllMean(Log(AddScalar(Neg(Abs(fakeLogits)), -1)))
}

func init() { gan.Losses.Register("diverging", diverging{}) }

func TestBadConfigurations(t *testing.T) {
	mlp := gan.MLP{Shape: []int{2}}
	for want, config := range map[string]gan.Config{
		"Config.Arch":               {},
		"Size must be 28":           {Arch: gan.DCGAN{Size: 30}},
		"Config.EMA":                {Arch: mlp, EMA: 1},
		"generator's optimizer":     {Arch: mlp, Generator: gan.Adam{LearningRate: -1}},
		"discriminator's optimizer": {Arch: mlp, Discriminator: gan.Adam{Beta1: 1, Beta2: 0.9}},
		"Config.DiscriminatorSteps": {Arch: mlp, DiscriminatorSteps: -1},
		"with Register":             {Arch: unnamed{mlp}, Dir: t.TempDir() + "/run"},
	} {
		if _, err := gan.NewTrainer(gantest.Go(), config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %s", err, want)
		}
	}
	if _, err := gan.NewTrainer(nil, gan.Config{Arch: mlp}); err == nil {
		t.Error("no backend: no error")
	}
}

// TestNaN stops at once, says at which step, and leaves the folder without the spoiled weights.
func TestNaN(t *testing.T) {
	config := small(t.TempDir() + "/run")
	config.Loss = diverging{}
	trainer := newTrainer(t, gantest.Go(), config)
	var last error
	for _, err := range trainer.Train(context.Background(), &pictures{batch: 4}, 5) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "step 1") {
		t.Fatalf("got %v, want an error that names step 1", last)
	}
	if err := trainer.Save(); err == nil {
		t.Error("the spoiled weights were saved")
	}
	if files, _ := os.ReadDir(filepath.Join(config.Dir, "checkpoints")); len(files) != 0 {
		t.Errorf("%d checkpoints", len(files))
	}
	for _, err := range trainer.Train(context.Background(), &pictures{batch: 4}, 5) {
		if err == nil {
			t.Error("training went on")
		}
	}
}

func TestRunFolder(t *testing.T) {
	config := small(t.TempDir() + "/run")
	trainer := newTrainer(t, gantest.Go(), config)
	trainSteps(t, trainer, &pictures{batch: 4}, 3)

	if _, err := gan.NewTrainer(gantest.Go(), config); err == nil || !strings.Contains(err.Error(), "already holds a run") {
		t.Errorf("a second run in the folder: got %v", err)
	}
	record, err := gan.ReadRecord(config.Dir)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if record.Data.Name != "pictures" || record.Backend == "" || record.Config.EMA != 0.9 {
		t.Errorf("the record is %+v", record)
	}
	if _, err := gan.Load(gantest.Go(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no run") {
		t.Errorf("an empty folder: got %v", err)
	}

	// Samples after loading are those from before.
	want, err := trainer.Sample(7)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	loaded := load(t, gantest.Go(), config.Dir)
	got, err := loaded.Sample(7)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if !got.Equal(want) {
		t.Error("a loaded run samples differently")
	}

	// Other data, or other batches, would not be the run that was stopped.
	for _, err := range loaded.Train(context.Background(), hashed{&pictures{batch: 4}, "other"}, 1) {
		if err == nil || !strings.Contains(err.Error(), "other data") {
			t.Errorf("other data: got %v", err)
		}
	}

	checkpoints, _ := filepath.Glob(filepath.Join(config.Dir, "checkpoints", "*"))
	last := checkpoints[len(checkpoints)-1]
	whole, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	whole[len(whole)-5] ^= 1
	if err := os.WriteFile(last, whole, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := gan.Load(gantest.Go(), config.Dir); err == nil || !strings.Contains(err.Error(), last) {
		t.Errorf("a damaged checkpoint: got %v", err)
	}
}

type hashed struct {
	*pictures
	hash string
}

func (h hashed) Hash() string { return h.hash }

func TestWrongShape(t *testing.T) {
	trainer := newTrainer(t, gantest.Go(), gan.Config{Arch: gan.DCGAN{Size: 16, Channels: 3}})
	for _, err := range trainer.Train(context.Background(), &pictures{batch: 4}, 1) {
		if err == nil || !strings.Contains(err.Error(), "[8 8 1]") || !strings.Contains(err.Error(), "[16 16 3]") {
			t.Errorf("got %v, want an error with both shapes", err)
		}
	}
}
