package translate

import (
	"encoding/json"
	"reflect"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/training"
)

// Task is the kind of run, as run.json has it.
const Task = "translate"

// Trainer trains the networks of a Config. Make one with New, or with Load from a run folder.
//
// The inputs of a batch are what datasets.PairBatches gives, a table of all pictures of A, one of B, and the int32 indices of
// the batch's pictures in each; or just the batch's pictures of A and of B, uint8 or floats in [-1, 1]. Under Pix2Pix the
// pictures with the same place are partners.
//
// It is not safe for concurrent use.
type Trainer struct {
	*training.Trainer
	config      Config
	translators map[Options]*Translator // For previews.
}

// New returns a trainer with fresh weights, or those of config.From. If config.Dir is set, it starts a run folder there; it is
// an error if that already holds a run.
func New(backend compute.Backend, config Config) (*Trainer, error) {
	config = config.defaults()
	if err := config.Check(); err != nil {
		return nil, err
	}
	if config.From != "" {
		if err := config.checkFrom(); err != nil {
			return nil, err
		}
	}
	base, err := training.New(backend, config.definition())
	if err != nil {
		return nil, err
	}
	t := newTrainer(base, config)
	if config.From == "" {
		return t, nil
	}
	if err := base.TakeWeights(config.From, generatorScope, discriminatorScope); err != nil {
		return nil, err
	}
	if config.Dir != "" {
		err = base.Save() // So that a run that stops before its first checkpoint goes on from these weights.
	}
	return t, err
}

// Load returns a trainer that goes on with the run in the folder, from its last checkpoint; from the start, if there is none
// yet. Going on gives the same weights, byte for byte, as never having stopped, on the same backend.
func Load(backend compute.Backend, dir string) (*Trainer, error) {
	var config Config
	base, err := training.Load(backend, dir, Task, func(record json.RawMessage) (d training.Definition, err error) {
		if config, err = readConfig(record); err != nil {
			return d, err
		}
		config.Dir = dir
		return config.definition(), nil
	})
	if err != nil {
		return nil, err
	}
	return newTrainer(base, config), nil
}

func newTrainer(base *training.Trainer, config Config) *Trainer {
	return &Trainer{Trainer: base, config: config, translators: map[Options]*Translator{}}
}

// readConfig returns the configuration in a record.
func readConfig(record json.RawMessage) (Config, error) {
	var config Config
	if err := json.Unmarshal(record, &config); err != nil {
		return config, err
	}
	config = config.defaults()
	return config, config.Check()
}

// definition returns what package training must know.
func (c Config) definition() training.Definition {
	return training.Definition{
		Task: Task, Config: c, Seed: c.Seed, Dir: c.Dir, SaveEvery: c.SaveEvery,
		Step: func(r *training.Round) { c.Game.step(newRound(r, c)) },
	}
}

// checkFrom returns an error if the run to start from has other networks.
func (c Config) checkFrom() error {
	record, err := training.ReadRecord(c.From)
	if err != nil {
		return errors.WithMessage(err, "translate: Config.From")
	}
	if record.Task != Task {
		return errors.Errorf("translate: Config.From: the run in %s is no run of package translate", c.From)
	}
	from, err := readConfig(record.Config)
	if err != nil {
		return errors.WithMessagef(err, "translate: Config.From: the run in %s", c.From)
	}
	in, out := c.channels()
	fromIn, fromOut := from.channels()
	for _, part := range []struct {
		name      string
		got, want any
	}{
		{"game", Games.NameOf(from.Game), Games.NameOf(c.Game)},
		{"generator", from.Generator, c.Generator},
		{"discriminator", from.Discriminator, c.Discriminator},
		{"channels", [2]int{fromIn, fromOut}, [2]int{in, out}},
	} {
		if !reflect.DeepEqual(part.got, part.want) {
			return errors.Errorf("translate: Config.From: the run in %s has another %s, %+v, than the %+v of this one; choose the same",
				c.From, part.name, part.got, part.want)
		}
	}
	return nil
}

// Config returns the configuration, with its defaults filled in.
func (t *Trainer) Config() Config { return t.config }

// Paired tells whether the training wants pairs: pictures of A and B that are partners.
func (t *Trainer) Paired() bool { return t.config.Game.paired() }

// Directions returns what is learned: one direction by Pix2Pix, both by CycleGAN.
func (t *Trainer) Directions() []Direction {
	var directions []Direction
	for _, way := range t.config.Game.directions(t.config) {
		directions = append(directions, way.direction)
	}
	return directions
}

// Translator returns a translator by the generator as it is at the time of each of its calls: training on changes what it
// does. It is an error to ask for a direction that is not learned.
func (t *Trainer) Translator(o Options) (*Translator, error) {
	ways := t.config.Game.directions(t.config)
	for _, way := range ways {
		if o.Direction == "" || o.Direction == way.direction {
			return newTranslator(t.Backend(), t.Store(), "/"+way.scope, t.config.Generator, way.in, way.out, o.Noise)
		}
	}
	if o.Direction != AtoB && o.Direction != BtoA {
		return nil, errors.Errorf("translate: the direction is %q or %q, not %q", AtoB, BtoA, o.Direction)
	}
	return nil, errors.Errorf("translate: this run learned %s alone; train another with Config.Reverse %t for %s",
		ways[0].direction, !t.config.Reverse, o.Direction)
}
