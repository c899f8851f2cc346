package translate

import (
	"encoding/json"
	"math/bits"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// Config says everything about a training but its data. Only Size must be set.
type Config struct {
	Game          Game      // How pictures are compared, Pix2Pix{} or CycleGAN{}; nil means Pix2Pix{}.
	Generator     Generator // Of the kind of both, if there are two; nil means UNet for Pix2Pix and ResNet for CycleGAN, for Size.
	Discriminator PatchGAN  // Likewise; the zero value judges patches of 70×70 pixels.

	Loss    gan.Loss         // What the players minimize; nil means gan.NonSaturating for Pix2Pix and gan.LeastSquares for CycleGAN.
	Augment gan.Augmentation // Of what the discriminators see; nil means none. It may be any that does not adapt its probability.
	Jitter  Jitter           // Of the pictures that are learned from; the zero value is none.

	Size                 int  // Height and width of the pictures; must be set.
	ChannelsA, ChannelsB int  // 1 for grey, 3 for colour; 0 means 3.
	Reverse              bool // Pix2Pix learns to make A from B. CycleGAN learns both ways anyway.

	GeneratorOptimizer     gan.Optimizer // Of all generators; nil means gan.Adam with its defaults, the papers'.
	DiscriminatorOptimizer gan.Optimizer // Of all discriminators; likewise.

	// DecayFrom and DecayTo are steps between which all learning rates fall linearly to zero. DecayTo 0 means they never fall.
	// The papers have the second half of a run.
	DecayFrom, DecayTo int

	// From is the folder of an earlier run of the same game and networks, whose weights this one starts from: fine-tuning. ""
	// means fresh weights. It is looked at by New only.
	From string

	Seed      int64  // Of initial weights and random numbers. Equal seeds give equal runs on the same backend.
	Dir       string // Run folder to save to; "" means nothing is written. It is no part of the record of a run.
	SaveEvery int    // Steps from one checkpoint to the next while training, when Dir is set; 0 means 500.
}

// configRecord is a Config as run.json has it.
type configRecord struct {
	Game                   json.RawMessage `json:"game"`
	Generator              json.RawMessage `json:"generator"`
	Discriminator          PatchGAN        `json:"discriminator"`
	Loss                   json.RawMessage `json:"loss"`
	Augment                json.RawMessage `json:"augment,omitempty"`
	Jitter                 Jitter          `json:"jitter"`
	Size                   int             `json:"size"`
	ChannelsA              int             `json:"channels_a"`
	ChannelsB              int             `json:"channels_b"`
	Reverse                bool            `json:"reverse,omitempty"`
	GeneratorOptimizer     json.RawMessage `json:"generator_optimizer"`
	DiscriminatorOptimizer json.RawMessage `json:"discriminator_optimizer"`
	DecayFrom              int             `json:"decay_from"`
	DecayTo                int             `json:"decay_to"`
	From                   string          `json:"from,omitempty"`
	Seed                   int64           `json:"seed"`
	SaveEvery              int             `json:"save_every"`
}

// MarshalJSON writes the configuration with its defaults filled in.
func (c Config) MarshalJSON() ([]byte, error) {
	c = c.defaults()
	record := configRecord{
		Discriminator: c.Discriminator, Jitter: c.Jitter, Size: c.Size, ChannelsA: c.ChannelsA, ChannelsB: c.ChannelsB,
		Reverse: c.Reverse, DecayFrom: c.DecayFrom, DecayTo: c.DecayTo, From: c.From, Seed: c.Seed, SaveEvery: c.SaveEvery,
	}
	for _, part := range []struct {
		record *json.RawMessage
		write  func() (json.RawMessage, error)
	}{
		{&record.Game, func() (json.RawMessage, error) { return Games.Marshal(c.Game) }},
		{&record.Generator, func() (json.RawMessage, error) { return Generators.Marshal(c.Generator) }},
		{&record.Loss, func() (json.RawMessage, error) { return gan.Losses.Marshal(c.Loss) }},
		{&record.Augment, func() (json.RawMessage, error) { return gan.Augmentations.Marshal(c.Augment) }},
		{&record.GeneratorOptimizer, func() (json.RawMessage, error) { return gan.Optimizers.Marshal(c.GeneratorOptimizer) }},
		{&record.DiscriminatorOptimizer, func() (json.RawMessage, error) { return gan.Optimizers.Marshal(c.DiscriminatorOptimizer) }},
	} {
		var err error
		if *part.record, err = part.write(); err != nil {
			return nil, err
		}
	}
	return json.Marshal(record)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Config) UnmarshalJSON(data []byte) error {
	var record configRecord
	if err := json.Unmarshal(data, &record); err != nil {
		return errors.Wrap(err, "translate: configuration")
	}
	*c = Config{
		Discriminator: record.Discriminator, Jitter: record.Jitter, Size: record.Size, ChannelsA: record.ChannelsA,
		ChannelsB: record.ChannelsB, Reverse: record.Reverse, DecayFrom: record.DecayFrom, DecayTo: record.DecayTo,
		From: record.From, Seed: record.Seed, SaveEvery: record.SaveEvery,
	}
	for _, read := range []func() error{
		func() (err error) { c.Game, err = Games.Unmarshal(record.Game); return },
		func() (err error) { c.Generator, err = Generators.Unmarshal(record.Generator); return },
		func() (err error) { c.Loss, err = gan.Losses.Unmarshal(record.Loss); return },
		func() (err error) { c.Augment, err = gan.Augmentations.Unmarshal(record.Augment); return },
		func() (err error) {
			c.GeneratorOptimizer, err = gan.Optimizers.Unmarshal(record.GeneratorOptimizer)
			return
		},
		func() (err error) {
			c.DiscriminatorOptimizer, err = gan.Optimizers.Unmarshal(record.DiscriminatorOptimizer)
			return
		},
	} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

// defaults returns the configuration with its zero values filled in.
func (c Config) defaults() Config {
	if c.Game == nil {
		c.Game = Pix2Pix{}
	}
	if c.Generator == nil {
		c.Generator = c.Game.generator(c.Size)
	}
	if c.Loss == nil {
		c.Loss = c.Game.loss()
	}
	if c.GeneratorOptimizer == nil {
		c.GeneratorOptimizer = gan.Adam{}
	}
	if c.DiscriminatorOptimizer == nil {
		c.DiscriminatorOptimizer = gan.Adam{}
	}
	c.ChannelsA, c.ChannelsB = orDefault(c.ChannelsA, 3), orDefault(c.ChannelsB, 3)
	c.SaveEvery = orDefault(c.SaveEvery, 500)
	return c
}

// unetFor returns the U-Net for pictures of the size: as deep as halving goes, and the paper's for 256 pixels at most.
func unetFor(size int) UNet {
	halvings := bits.TrailingZeros(uint(max(size, 1)))
	return UNet{Size: 1 << min(max(halvings, 5), 8)}
}

// resnetFor returns the ResNet for pictures of the size: of 9 blocks from 256 pixels on, of 6 below.
func resnetFor(size int) ResNet {
	if size >= 256 {
		return ResNet{Blocks: 9}
	}
	return ResNet{Blocks: 6}
}

// Check returns an error if the configuration cannot be trained: it names the field, or the combination, and what to use
// instead.
func (c Config) Check() error {
	c = c.defaults()
	for _, test := range []struct {
		ok    bool
		field string
		got   any
		want  string
	}{
		{c.Size >= 1, "Size", c.Size, "the height and width of the pictures"},
		{c.ChannelsA >= 1, "ChannelsA", c.ChannelsA, "at least 1"},
		{c.ChannelsB >= 1, "ChannelsB", c.ChannelsB, "at least 1"},
		{c.SaveEvery >= 1, "SaveEvery", c.SaveEvery, "at least 1"},
		{c.DecayFrom >= 0 && c.DecayTo >= 0, "DecayFrom", c.DecayFrom, "a step"},
		{c.DecayTo == 0 || c.DecayFrom < c.DecayTo, "DecayTo", c.DecayTo, "after DecayFrom, or 0"},
	} {
		if !test.ok {
			return errors.Errorf("translate: Config.%s must be %s, got %v", test.field, test.want, test.got)
		}
	}
	for _, check := range []func() error{
		func() error { return c.Generator.Check(c.Size) },
		func() error { return c.Discriminator.Check(c.Size) },
		func() error { return c.Game.check(c) },
		c.Jitter.Check, c.checkAugment,
		func() error {
			return errors.WithMessage(c.GeneratorOptimizer.Check(), "translate: the generators' optimizer")
		},
		func() error {
			return errors.WithMessage(c.DiscriminatorOptimizer.Check(), "translate: the discriminators' optimizer")
		},
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if checker, ok := c.Loss.(interface{ Check() error }); ok {
		return checker.Check()
	}
	return nil
}

// checkAugment returns an error if the augmentation is not one for pictures like these.
func (c Config) checkAugment() error {
	switch c.Augment.(type) {
	case nil:
		return nil
	case gan.ADA, gan.AdaptivePolicy:
		return errors.Errorf("translate: the augmentation %s adapts its probability, which trainings here do not; use diffaugment or policy",
			gan.Augmentations.NameOf(c.Augment))
	}
	return c.Augment.Check()
}

// channels returns the channels of what Pix2Pix takes and of what it makes.
func (c Config) channels() (in, out int) {
	if c.Reverse {
		return c.ChannelsB, c.ChannelsA
	}
	return c.ChannelsA, c.ChannelsB
}
