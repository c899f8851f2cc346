package gan

import (
	"encoding/json"

	"github.com/pkg/errors"
)

// Config says everything about a training but its data. Only Arch must be set.
type Config struct {
	Arch      Architecture // The two networks.
	Condition Condition    // How the players are told the class of an example; the zero value means not at all.

	Loss          Loss          // What the players minimize; nil means NonSaturating.
	Penalty       Penalty       // Added to the discriminator's loss; nil means none.
	GeneratorTerm GeneratorTerm // Added to the generator's loss; nil means none.

	Generator          Optimizer // The generator's; nil means Adam.
	Discriminator      Optimizer // The discriminator's; nil means Adam.
	DiscriminatorSteps int       // Updates of the discriminator, each on a batch of its own, per step; 0 means 1.
	WarmUp             WarmUp    // Steps with more of them.

	// MicroBatches is how many batches' gradients add up to an update of either player, so that large batches fit into
	// little memory; each step takes as many batches from the data. 0 means 1.
	MicroBatches int

	Pack    int           // Examples that the discriminator judges together, PacGAN's m; 0 means 1.
	Augment Augmentation  // Of what the discriminator sees; nil means none.
	Noise   InstanceNoise // Likewise.

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
	Condition          Condition       `json:"condition,omitzero"`
	Loss               json.RawMessage `json:"loss"`
	Penalty            json.RawMessage `json:"penalty"`
	GeneratorTerm      json.RawMessage `json:"generator_term,omitempty"`
	Generator          json.RawMessage `json:"generator"`
	Discriminator      json.RawMessage `json:"discriminator"`
	DiscriminatorSteps int             `json:"discriminator_steps"`
	WarmUp             WarmUp          `json:"warm_up,omitzero"`
	MicroBatches       int             `json:"micro_batches"`
	Pack               int             `json:"pack"`
	Augment            json.RawMessage `json:"augment,omitempty"`
	Noise              InstanceNoise   `json:"noise,omitzero"`
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
		Condition: c.Condition, DiscriminatorSteps: c.DiscriminatorSteps, WarmUp: c.WarmUp, MicroBatches: c.MicroBatches,
		Pack: c.Pack, Noise: c.Noise, DecayFrom: c.DecayFrom, DecayTo: c.DecayTo, EMA: c.EMA, Seed: c.Seed, SaveEvery: c.SaveEvery,
	}
	for _, part := range []struct {
		record *json.RawMessage
		write  func() (json.RawMessage, error)
	}{
		{&record.Arch, func() (json.RawMessage, error) { return Architectures.Marshal(c.Arch) }},
		{&record.Loss, func() (json.RawMessage, error) { return Losses.Marshal(c.Loss) }},
		{&record.Penalty, func() (json.RawMessage, error) { return Penalties.Marshal(c.Penalty) }},
		{&record.GeneratorTerm, func() (json.RawMessage, error) { return GeneratorTerms.Marshal(c.GeneratorTerm) }},
		{&record.Generator, func() (json.RawMessage, error) { return Optimizers.Marshal(c.Generator) }},
		{&record.Discriminator, func() (json.RawMessage, error) { return Optimizers.Marshal(c.Discriminator) }},
		{&record.Augment, func() (json.RawMessage, error) { return Augmentations.Marshal(c.Augment) }},
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
		return errors.Wrap(err, "gan: configuration")
	}
	*c = Config{
		Condition: record.Condition, DiscriminatorSteps: record.DiscriminatorSteps, WarmUp: record.WarmUp,
		MicroBatches: record.MicroBatches, Pack: record.Pack, Noise: record.Noise,
		DecayFrom: record.DecayFrom, DecayTo: record.DecayTo, EMA: record.EMA, Seed: record.Seed, SaveEvery: record.SaveEvery,
	}
	for _, read := range []func() error{
		func() (err error) { c.Arch, err = Architectures.Unmarshal(record.Arch); return },
		func() (err error) { c.Loss, err = Losses.Unmarshal(record.Loss); return },
		func() (err error) { c.Penalty, err = Penalties.Unmarshal(record.Penalty); return },
		func() (err error) { c.GeneratorTerm, err = GeneratorTerms.Unmarshal(record.GeneratorTerm); return },
		func() (err error) { c.Generator, err = Optimizers.Unmarshal(record.Generator); return },
		func() (err error) { c.Discriminator, err = Optimizers.Unmarshal(record.Discriminator); return },
		func() (err error) { c.Augment, err = Augmentations.Unmarshal(record.Augment); return },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

// defaults returns the configuration with its zero values filled in.
func (c Config) defaults() Config {
	if c.Loss == nil {
		c.Loss = NonSaturating{}
	}
	c.Generator, c.Discriminator = filledOptimizer(c.Generator), filledOptimizer(c.Discriminator)
	c.DiscriminatorSteps = orDefault(c.DiscriminatorSteps, 1)
	c.MicroBatches = orDefault(c.MicroBatches, 1)
	c.Pack = orDefault(c.Pack, 1)
	c.SaveEvery = orDefault(c.SaveEvery, 500)
	return c
}

// filledOptimizer returns the optimizer with its zero values filled in.
func filledOptimizer(o Optimizer) Optimizer {
	switch o := o.(type) {
	case nil:
		return Adam{}.filled()
	case Adam:
		return o.filled()
	case RMSProp:
		return o.filled()
	}
	return o
}
