package inpaint

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/training"
)

// Task is the name of runs of this package, in their run.json.
const Task = "inpaint"

// Trainer trains the two players of a Config. Make one with New, or with Load from a run folder.
//
// Its steps report discriminator_loss and generator_loss, the game's loss for each player; reconstruction_loss, the game's
// distance; and hole_l1, the mean absolute difference of the last guess in the holes, as a part of the whole range.
//
// It is not safe for concurrent use.
type Trainer struct {
	*training.Trainer
	config Config
}

// New returns a trainer with fresh weights. If config.Dir is set, it starts a run folder there; it is an error if that
// already holds a run.
func New(backend compute.Backend, config Config) (*Trainer, error) {
	config = config.defaults()
	if err := config.Check(); err != nil {
		return nil, err
	}
	trainer, err := training.New(backend, config.definition())
	if err != nil {
		return nil, err
	}
	return &Trainer{trainer, config}, nil
}

// Load returns a trainer that goes on with the run in the folder, from its last checkpoint; from the start, if there is none
// yet. Going on gives the same weights, byte for byte, as never having stopped, on the same backend.
func Load(backend compute.Backend, dir string) (*Trainer, error) {
	var config Config
	trainer, err := training.Load(backend, dir, Task, func(record json.RawMessage) (training.Definition, error) {
		if err := json.Unmarshal(record, &config); err != nil {
			return training.Definition{}, errors.WithStack(err)
		}
		config = config.defaults()
		config.Dir = dir
		return config.definition(), config.Check()
	})
	if err != nil {
		return nil, err
	}
	return &Trainer{trainer, config}, nil
}

// Config returns the configuration, with its defaults filled in.
func (t *Trainer) Config() Config { return t.config }

// Train takes n steps on pictures of the configured size, and yields each; see training.Trainer.Train. The data gives what
// gan.Trainer.Train takes: uint8 pictures, or a table of all and indices. It is given masks by WithMasks, drawn as the Config
// says by its seed, unless it has them already.
func (t *Trainer) Train(ctx context.Context, data train.Dataset, n int) iter.Seq2[training.Step, error] {
	masked, ok := data.(*MaskedData)
	if !ok {
		masked = WithMasks(data, t.config.Masks, t.config.Size, t.config.Size, t.config.Seed)
	}
	return t.Trainer.Train(ctx, masked, n)
}

func (c Config) definition() training.Definition {
	return training.Definition{Task: Task, Config: c, Seed: c.Seed, Dir: c.Dir, SaveEvery: c.SaveEvery, Step: c.step}
}
