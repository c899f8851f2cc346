package evaluate

import (
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/translate"
)

const (
	unpairedPrefix = "unpaired:"
	pairedEmoji    = "emoji" // Of which there are pairs, whatever a run has learned from.
)

// secondDirection is how the keys of scores end that are of the second direction of a run.
const secondDirection = "_" + string(translate.BtoA)

// Metrics of translations, where none is asked for.
var (
	pairedMetrics   = []string{"l1", "psnr", "ssim", "perceptual", "label"}
	unpairedMetrics = []string{"fid", "kid", "cycle", "label"}
)

// translations judges a run of translate, each direction that it has learned.
func (j *judging) translations() error {
	trainer, err := translate.Load(j.backend, j.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = trainer.Close() }()
	if trainer.Steps() == 0 {
		return errors.Errorf("the run in %s has no checkpoint yet; train it first", j.Dir)
	}
	j.run = RunInfo{Dir: j.Dir, Step: trainer.Steps(), Checkpoint: Last}
	directions, err := j.directions(trainer)
	if err != nil {
		return err
	}
	held, err := j.pairs(trainer, j.Options.View)
	if err != nil {
		return err
	}
	var learned *datasets.Pairs
	if held.Paired {
		if learned, err = j.pairs(trainer, datasets.View{Split: j.Learned.Split, Only: j.Learned.Only}); err != nil {
			return err
		}
	}
	for i, direction := range directions {
		c := comparison{direction: string(direction), paired: held.Paired, usual: unpairedMetrics}
		if i > 0 {
			c.suffix = secondDirection
		}
		switch {
		case trainer.Paired():
			c.usual = pairedMetrics
		case held.Paired:
			c.usual = append(pairedMetrics[:len(pairedMetrics):len(pairedMetrics)], unpairedMetrics...)
		}
		if err := j.direction(trainer, direction, held, learned, c); err != nil {
			return err
		}
	}
	return nil
}

// directions returns those to judge.
func (j *judging) directions(trainer *translate.Trainer) ([]translate.Direction, error) {
	learned := trainer.Directions()
	if j.Direction == "" {
		return learned, nil
	}
	for _, direction := range learned {
		if string(direction) == j.Direction {
			return []translate.Direction{direction}, nil
		}
	}
	return nil, errors.Errorf("the run in %s has learned %s alone", j.Dir, learned[0])
}

// pairs opens the pictures of both kinds: with their partners, if they have any.
func (j *judging) pairs(trainer *translate.Trainer, view datasets.View) (*datasets.Pairs, error) {
	name, config := j.Data, trainer.Config()
	if name == unpairedPrefix+pairedEmoji {
		name = pairedEmoji
	}
	options := j.Options
	options.View, options.Size = view, config.Size
	if config.ChannelsA == config.ChannelsB {
		options.Channels = config.ChannelsA
	}
	pairs, err := datasets.OpenPairs(name, options)
	if err != nil {
		return nil, err
	}
	if a, b := pairs.A.Shape[2], pairs.B.Shape[2]; a != config.ChannelsA || b != config.ChannelsB {
		return nil, errors.Errorf("the pictures of %s have %d and %d channels, and the run in %s was trained on %d and %d", j.Data, a, b, j.Dir, config.ChannelsA, config.ChannelsB)
	}
	return pairs, nil
}

// direction judges one direction.
func (j *judging) direction(trainer *translate.Trainer, direction translate.Direction, held, learned *datasets.Pairs, c comparison) error {
	there, err := trainer.Translator(translate.Options{Direction: direction})
	if err != nil {
		return err
	}
	defer there.Close()
	from, to := held.A, held.B
	if direction == translate.BtoA {
		from, to = to, from
	}
	c.origin, c.truth = j.some(from), to
	if c.paired {
		c.truth = j.some(to)
	}
	j.say("translating "+string(direction), 0, 0)
	if c.made, err = translated(there, c.origin); err != nil {
		return err
	}
	same, err := identity(c.origin, c.truth)
	if err != nil {
		return err
	}
	c.baselines = []baseline{{Identity, same}}
	if learned != nil {
		learnedFrom, learnedTo := learned.A, learned.B
		if direction == translate.BtoA {
			learnedFrom, learnedTo = learnedTo, learnedFrom
		}
		mapped, err := affineOf(learnedFrom, learnedTo, c.origin, c.truth)
		if err != nil {
			return errors.WithMessage(err, Affine)
		}
		c.baselines = append(c.baselines, baseline{Affine, mapped})
	}
	if len(trainer.Directions()) > 1 {
		if c.again, err = j.again(trainer, direction, c.made); err != nil {
			return err
		}
	}
	if err := j.evaluate(c); err != nil {
		return err
	}
	return j.draw(c)
}

// translated returns the translations of pictures.
func translated(by *translate.Translator, set *datasets.Set) (*datasets.Set, error) {
	made, err := by.All(set.Tensor(), batchOf(set))
	if err != nil {
		return nil, err
	}
	defer made.MustFinalizeAll()
	return setOf(set.Name, made, set)
}

// again returns translations translated back.
func (j *judging) again(trainer *translate.Trainer, direction translate.Direction, made *datasets.Set) (*datasets.Set, error) {
	opposite := translate.AtoB
	if direction == translate.AtoB {
		opposite = translate.BtoA
	}
	back, err := trainer.Translator(translate.Options{Direction: opposite})
	if err != nil {
		return nil, err
	}
	defer back.Close()
	j.say("translating "+string(opposite), 0, 0)
	return translated(back, made)
}
