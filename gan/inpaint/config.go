package inpaint

import (
	"encoding/json"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// Config says everything about a training but its data. Only Size must be set.
type Config struct {
	Game     Game // Nil means Gated.
	Size     int  // Height and width of the pictures; must be set.
	Channels int  // Of the pictures; 0 means 3.

	Masks Masks    // The holes to learn from.
	Flip  bool     // Learn from half of the pictures mirrored left to right, which halves what the networks can learn by heart.
	Loss  gan.Loss // What the players minimize; nil means the game's.

	GeneratorOptimizer     gan.Optimizer // Nil means gan.Adam with the paper's learning rate, 1e-4, and moments 0.5 and 0.999.
	DiscriminatorOptimizer gan.Optimizer // Likewise.

	// DecayFrom and DecayTo are steps between which both learning rates fall linearly to zero. DecayTo 0 means they never fall.
	DecayFrom, DecayTo int

	EMA  float64 // Decay per step of the moving average of the weights that holes are filled by, in [0, 1); 0 means none.
	Seed int64   // Of initial weights and masks. Equal seeds give equal runs on the same backend.

	Dir       string // Run folder to save to; "" means nothing is written. It is no part of the record of a run.
	SaveEvery int    // Steps from one checkpoint to the next while training, when Dir is set; 0 means 500.
}

// configRecord is a Config as run.json has it.
type configRecord struct {
	Game                   json.RawMessage `json:"game"`
	Size                   int             `json:"size"`
	Channels               int             `json:"channels"`
	Masks                  Masks           `json:"masks"`
	Flip                   bool            `json:"flip"`
	Loss                   json.RawMessage `json:"loss"`
	GeneratorOptimizer     json.RawMessage `json:"generator_optimizer"`
	DiscriminatorOptimizer json.RawMessage `json:"discriminator_optimizer"`
	DecayFrom              int             `json:"decay_from"`
	DecayTo                int             `json:"decay_to"`
	EMA                    float64         `json:"ema"`
	Seed                   int64           `json:"seed"`
	SaveEvery              int             `json:"save_every"`
}

// MarshalJSON writes the configuration with its defaults filled in.
func (c Config) MarshalJSON() ([]byte, error) {
	c = c.defaults()
	record := configRecord{
		Size: c.Size, Channels: c.Channels, Masks: c.Masks, Flip: c.Flip, DecayFrom: c.DecayFrom, DecayTo: c.DecayTo, EMA: c.EMA, Seed: c.Seed,
		SaveEvery: c.SaveEvery,
	}
	var err error
	if record.Game, err = Games.Marshal(c.Game); err != nil {
		return nil, err
	}
	if record.Loss, err = gan.Losses.Marshal(c.Loss); err != nil {
		return nil, err
	}
	if record.GeneratorOptimizer, err = gan.Optimizers.Marshal(c.GeneratorOptimizer); err != nil {
		return nil, err
	}
	if record.DiscriminatorOptimizer, err = gan.Optimizers.Marshal(c.DiscriminatorOptimizer); err != nil {
		return nil, err
	}
	return json.Marshal(record)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Config) UnmarshalJSON(data []byte) error {
	var record configRecord
	if err := json.Unmarshal(data, &record); err != nil {
		return errors.Wrap(err, "inpaint: configuration")
	}
	*c = Config{
		Size: record.Size, Channels: record.Channels, Masks: record.Masks, Flip: record.Flip, DecayFrom: record.DecayFrom, DecayTo: record.DecayTo,
		EMA: record.EMA, Seed: record.Seed, SaveEvery: record.SaveEvery,
	}
	var err error
	if c.Game, err = Games.Unmarshal(record.Game); err != nil {
		return err
	}
	if c.Loss, err = gan.Losses.Unmarshal(record.Loss); err != nil {
		return err
	}
	if c.GeneratorOptimizer, err = gan.Optimizers.Unmarshal(record.GeneratorOptimizer); err != nil {
		return err
	}
	c.DiscriminatorOptimizer, err = gan.Optimizers.Unmarshal(record.DiscriminatorOptimizer)
	return err
}

// defaults returns the configuration with its zero values filled in.
func (c Config) defaults() Config {
	if c.Game == nil {
		c.Game = Gated{}
	}
	c.Channels = orDefault(c.Channels, 3)
	c.SaveEvery = orDefault(c.SaveEvery, 500)
	if c.Masks.Kind == "" {
		c.Masks.Kind = MixedMasks
	}
	if c.Masks.Share == 0 {
		c.Masks.Share = 0.25
	}
	if c.Loss == nil {
		c.Loss = c.Game.Loss()
	}
	if c.GeneratorOptimizer == nil {
		c.GeneratorOptimizer = gan.Adam{LearningRate: 1e-4, Beta1: 0.5, Beta2: 0.999}
	}
	if c.DiscriminatorOptimizer == nil {
		c.DiscriminatorOptimizer = gan.Adam{LearningRate: 1e-4, Beta1: 0.5, Beta2: 0.999}
	}
	return c
}

// Check returns an error if the configuration cannot be trained: it names the field, and what it may be.
func (c Config) Check() error {
	c = c.defaults()
	if c.Size == 0 {
		return errors.New("inpaint: Config.Size, the height and width of the pictures, must be set")
	}
	if err := c.Game.Check(c.Size); err != nil {
		return err
	}
	if err := c.Masks.Check(); err != nil {
		return err
	}
	if checker, ok := c.Loss.(interface{ Check() error }); ok {
		if err := checker.Check(); err != nil {
			return err
		}
	}
	if err := c.GeneratorOptimizer.Check(); err != nil {
		return errors.WithMessage(err, "inpaint: the generator's optimizer")
	}
	if err := c.DiscriminatorOptimizer.Check(); err != nil {
		return errors.WithMessage(err, "inpaint: the discriminator's optimizer")
	}
	for _, test := range []struct {
		ok    bool
		field string
		got   any
		want  string
	}{
		{c.Channels == 1 || c.Channels == 3, "Channels", c.Channels, "1 or 3"},
		{c.SaveEvery >= 1, "SaveEvery", c.SaveEvery, "at least 1"},
		{c.DecayFrom >= 0 && c.DecayTo >= 0, "DecayFrom", c.DecayFrom, "a step"},
		{c.DecayTo == 0 || c.DecayFrom < c.DecayTo, "DecayTo", c.DecayTo, "after DecayFrom, or 0"},
		{c.EMA >= 0 && c.EMA < 1, "EMA", c.EMA, "in [0, 1)"},
	} {
		if !test.ok {
			return errors.Errorf("inpaint: Config.%s must be %s, got %v", test.field, test.want, test.got)
		}
	}
	return nil
}
