package gan

import (
	"encoding/json"

	"github.com/pkg/errors"
)

// Config says everything about a training but its data. Only Arch must be set.
type Config struct {
	Arch    Architecture // The two networks.
	Loss    Loss         // What the players minimize; nil means NonSaturating.
	Penalty Penalty      // Added to the discriminator's loss; nil means none.

	Generator          Adam // The generator's optimizer.
	Discriminator      Adam // The discriminator's optimizer.
	DiscriminatorSteps int  // Updates of the discriminator, each on a batch of its own, per step; 0 means 1.

	// DecayFrom and DecayTo are steps between which both learning rates fall linearly to zero; after that nothing is
	// learned any more. DecayTo 0 means they never fall.
	DecayFrom, DecayTo int

	EMA  float64 // Decay per step of the moving average of the generator that samples are drawn from, in [0, 1); 0 means none.
	Seed int64   // Of initial weights and latents. Equal seeds give equal runs on the same backend.

	Dir       string // Run folder to save to; "" means nothing is written. It is no part of the record of a run.
	SaveEvery int    // Steps from one checkpoint to the next while training, when Dir is set; 0 means 500.
}

// configRecord is a Config as run.json has it.
type configRecord struct {
	Arch               json.RawMessage `json:"arch"`
	Loss               json.RawMessage `json:"loss"`
	Penalty            json.RawMessage `json:"penalty"`
	Generator          Adam            `json:"generator"`
	Discriminator      Adam            `json:"discriminator"`
	DiscriminatorSteps int             `json:"discriminator_steps"`
	DecayFrom          int             `json:"decay_from"`
	DecayTo            int             `json:"decay_to"`
	EMA                float64         `json:"ema"`
	Seed               int64           `json:"seed"`
	SaveEvery          int             `json:"save_every"`
}

// MarshalJSON writes the configuration with its defaults filled in.
func (c Config) MarshalJSON() ([]byte, error) {
	c = c.defaults()
	record := configRecord{
		Generator: c.Generator, Discriminator: c.Discriminator, DiscriminatorSteps: c.DiscriminatorSteps,
		DecayFrom: c.DecayFrom, DecayTo: c.DecayTo, EMA: c.EMA, Seed: c.Seed, SaveEvery: c.SaveEvery,
	}
	var err error
	if record.Arch, err = architectures.marshal(c.Arch); err != nil {
		return nil, err
	}
	if record.Loss, err = losses.marshal(c.Loss); err != nil {
		return nil, err
	}
	if record.Penalty, err = penalties.marshal(c.Penalty); err != nil {
		return nil, err
	}
	return json.Marshal(record)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Config) UnmarshalJSON(data []byte) error {
	var record configRecord
	if err := json.Unmarshal(data, &record); err != nil {
		return errors.Wrap(err, "gan: configuration")
	}
	*c = Config{
		Generator: record.Generator, Discriminator: record.Discriminator, DiscriminatorSteps: record.DiscriminatorSteps,
		DecayFrom: record.DecayFrom, DecayTo: record.DecayTo, EMA: record.EMA, Seed: record.Seed, SaveEvery: record.SaveEvery,
	}
	var err error
	if c.Arch, err = architectures.unmarshal(record.Arch); err != nil {
		return err
	}
	if c.Loss, err = losses.unmarshal(record.Loss); err != nil {
		return err
	}
	c.Penalty, err = penalties.unmarshal(record.Penalty)
	return err
}

// defaults returns the configuration with its zero values filled in.
func (c Config) defaults() Config {
	if c.Loss == nil {
		c.Loss = NonSaturating{}
	}
	c.Generator, c.Discriminator = c.Generator.defaults(), c.Discriminator.defaults()
	c.DiscriminatorSteps = orDefault(c.DiscriminatorSteps, 1)
	c.SaveEvery = orDefault(c.SaveEvery, 500)
	return c
}

// check returns an error that names the field and what it may be.
func (c Config) check() error {
	if c.Arch == nil {
		return errors.New("gan: Config.Arch must be set, to gan.DCGAN{Size: 28, Channels: 1} for example")
	}
	if err := c.Arch.Check(); err != nil {
		return err
	}
	if err := c.Generator.check("generator"); err != nil {
		return err
	}
	if err := c.Discriminator.check("discriminator"); err != nil {
		return err
	}
	if c.DiscriminatorSteps < 1 {
		return errors.Errorf("gan: Config.DiscriminatorSteps must be at least 1, got %d", c.DiscriminatorSteps)
	}
	if c.SaveEvery < 1 {
		return errors.Errorf("gan: Config.SaveEvery must be at least 1, got %d", c.SaveEvery)
	}
	if c.DecayFrom < 0 || c.DecayTo < 0 || c.DecayTo != 0 && c.DecayFrom >= c.DecayTo {
		return errors.Errorf("gan: Config.DecayFrom must come before DecayTo, got %d and %d", c.DecayFrom, c.DecayTo)
	}
	if c.EMA < 0 || c.EMA >= 1 {
		return errors.Errorf("gan: Config.EMA must be in [0, 1), got %g", c.EMA)
	}
	return nil
}
