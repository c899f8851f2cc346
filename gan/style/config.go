package style

import (
	"encoding/json"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

// Config says everything about the training of a decoder but its data. Zero fields mean the AdaIN paper's values, but for the
// encoder.
type Config struct {
	Encoder string // As OpenEncoder takes it; "" means "small".

	// Crop is the side of the square that each step takes out of its pictures, at a place of its own, a multiple of 8; 0 means all
	// of them, whose sides must be multiples of 8 then. The paper takes 256 out of 512.
	Crop int

	ContentWeight float64 // Of ContentLoss; 0 means 1.
	StyleWeight   float64 // Of Loss; 0 means 10.

	// IdentityWeight is that of the mean squared difference between contents and what the decoder makes of their own features, which
	// keeps colours and edges. The paper has no such loss.
	IdentityWeight float64

	Optimizer gan.Optimizer // Nil means Adam of learning rate 1e-4 and betas 0.9 and 0.999.

	// Decay lowers the learning rate, which is divided by 1 + Decay·steps; 0 means 5e-5, negative not at all.
	Decay float64

	Seed      int64  // Of initial weights and crops.
	Dir       string // Run folder to save to; "" means nothing is written. It is no part of the record of a run.
	SaveEvery int    // Steps from one checkpoint to the next while training, when Dir is set; 0 means 500.
}

// configRecord is a Config as run.json has it.
type configRecord struct {
	Encoder        string          `json:"encoder"`
	Crop           int             `json:"crop,omitempty"`
	ContentWeight  float64         `json:"content_weight"`
	StyleWeight    float64         `json:"style_weight"`
	IdentityWeight float64         `json:"identity_weight,omitempty"`
	Optimizer      json.RawMessage `json:"optimizer"`
	Decay          float64         `json:"decay"`
	Seed           int64           `json:"seed"`
	SaveEvery      int             `json:"save_every"`
}

// MarshalJSON writes the configuration with its defaults filled in.
func (c Config) MarshalJSON() ([]byte, error) {
	c = c.filled()
	optimizer, err := gan.Optimizers.Marshal(c.Optimizer)
	if err != nil {
		return nil, err
	}
	return json.Marshal(configRecord{c.Encoder, c.Crop, c.ContentWeight, c.StyleWeight, c.IdentityWeight, optimizer, c.Decay, c.Seed, c.SaveEvery})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Config) UnmarshalJSON(data []byte) error {
	var r configRecord
	if err := json.Unmarshal(data, &r); err != nil {
		return errors.Wrap(err, "style: configuration")
	}
	optimizer, err := gan.Optimizers.Unmarshal(r.Optimizer)
	*c = Config{
		Encoder: r.Encoder, Crop: r.Crop, ContentWeight: r.ContentWeight, StyleWeight: r.StyleWeight, IdentityWeight: r.IdentityWeight,
		Optimizer: optimizer, Decay: r.Decay, Seed: r.Seed, SaveEvery: r.SaveEvery,
	}
	return err
}

// filled returns the configuration with its zero values filled in.
func (c Config) filled() Config {
	orDefault := func(value *float64, standard float64) {
		if *value == 0 {
			*value = standard
		}
	}
	orDefault(&c.ContentWeight, 1)
	orDefault(&c.StyleWeight, 10)
	orDefault(&c.Decay, 5e-5)
	if c.Encoder == "" {
		c.Encoder = SmallEncoder
	}
	if c.Optimizer == nil {
		c.Optimizer = gan.Adam{LearningRate: 1e-4, Beta1: 0.9, Beta2: 0.999}
	}
	if c.SaveEvery == 0 {
		c.SaveEvery = 500
	}
	return c
}

// Check returns an error that names the field and what it may be, if a field is out of range.
func (c Config) Check() error {
	c = c.filled()
	switch {
	case c.Crop != 0 && (c.Crop < least || c.Crop%multiple != 0):
		return errors.Errorf("style: Config.Crop must be a multiple of %d from %d on, or 0 for whole pictures, got %d", multiple, least, c.Crop)
	case !(c.ContentWeight > 0) || !(c.StyleWeight > 0) || !(c.IdentityWeight >= 0):
		return errors.Errorf("style: the weights of Config's losses must be positive, the identity's may be 0; got content %g, style %g, identity %g",
			c.ContentWeight, c.StyleWeight, c.IdentityWeight)
	case c.SaveEvery < 0:
		return errors.Errorf("style: Config.SaveEvery must be positive, got %d", c.SaveEvery)
	}
	return errors.WithMessage(c.Optimizer.Check(), "style: Config.Optimizer")
}
