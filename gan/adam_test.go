package gan_test

import (
	"math"
	"testing"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// TestDecay checks that learning slows down from DecayFrom on and has ended at DecayTo.
func TestDecay(t *testing.T) {
	config := small("")
	config.Penalty, config.EMA = nil, 0
	config.DecayFrom, config.DecayTo = 2, 4
	trainer := newTrainer(t, gantest.Go(), config)
	var moved []float64 // How far the logit of the same pictures went in each step.
	data := &pictures{batch: 4, finite: 1}
	trainSteps(t, trainer, data, 4)
	frozen := trainSteps(t, trainer, data, 3)
	for i := 1; i < len(frozen); i++ {
		moved = append(moved, math.Abs(frozen[i].RealLogit-frozen[i-1].RealLogit))
	}
	for _, difference := range moved {
		if difference > 1e-4 { // Only spectral norm's power iteration still moves.
			t.Errorf("after DecayTo the logit of the same pictures moved by %g", difference)
		}
	}
	config.DecayFrom, config.DecayTo = 0, 0
	learning := trainSteps(t, newTrainer(t, gantest.Go(), config), data, 7)
	if difference := math.Abs(learning[6].RealLogit - learning[5].RealLogit); difference < 1e-4 {
		t.Errorf("without decay the logit moved by %g only: the test would not notice", difference)
	}
}

// TestAdamDefaults checks that a beta of zero can be asked for.
func TestAdamDefaults(t *testing.T) {
	for _, test := range []struct{ set, want gan.Adam }{
		{gan.Adam{}, gan.Adam{LearningRate: 2e-4, Beta1: 0.5, Beta2: 0.999}},
		{gan.Adam{LearningRate: 1e-3, Beta2: 0.99}, gan.Adam{LearningRate: 1e-3, Beta1: 0, Beta2: 0.99}},
		{gan.Adam{Beta1: 0.9}, gan.Adam{LearningRate: 2e-4, Beta1: 0.9, Beta2: 0.999}},
	} {
		trainer := newTrainer(t, gantest.Go(), gan.Config{Arch: gan.MLP{Shape: []int{2}}, Generator: test.set})
		if got := trainer.Config().Generator; got != test.want {
			t.Errorf("%+v became %+v, want %+v", test.set, got, test.want)
		}
	}
}
