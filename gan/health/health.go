// Package health watches a training: it looks at losses and logits at every step and at samples every so often, says
// what has gone wrong and since when, remembers the best checkpoint, and on request stops the training or takes it back
// there.
//
// What it looks at are numbers of two kinds. Those of the steps cost nothing: losses, mean logits, norms of gradients.
// Those of samples take a few hundred samples, drawn with latents that stay the same and turned into features: how far
// their distribution is from the data's, how much they differ from one another, how much of the data they reach, which
// classes they are of. The thresholds are relative to what the data themselves score and to the run's own best, so that
// they mean the same for every data set, feature network and loss; each must be crossed several looks in a row.
package health

// Kind is a kind of trouble.
type Kind string

// The kinds. The first three act, if their Severity is Alarm; the others are worth a look.
const (
	Collapse         Kind = "collapse"          // Samples lost their variety or their likeness to the data, or never get there.
	DiscriminatorWon Kind = "discriminator_won" // The generator has nothing to learn from any more.
	NotANumber       Kind = "not_a_number"      // Losses or samples are not finite.
	Oscillation      Kind = "oscillation"       // The players go round each other in slow swings that do not shrink.
	Checkerboard     Kind = "checkerboard"      // Samples have a pattern of period two that the data have not.
)

// acts tells whether an alarm of the kind stops a training or takes it back.
func (k Kind) acts() bool { return k == Collapse || k == DiscriminatorWon || k == NotANumber }

// Severity says how much a finding matters.
type Severity string

// The severities.
const (
	Note  Severity = "note"  // The training goes on whatever the Action.
	Alarm Severity = "alarm" // The Action is taken.
)

// Finding is a trouble that was found.
type Finding struct {
	Kind     Kind     `json:"kind"`
	Severity Severity `json:"severity"`
	Since    int      `json:"since"` // The first step of the series of looks that show it.
	Text     string   `json:"text"`  // One line: the figures, and what mends it.
}

// Action is what an alarm leads to.
type Action string

// The actions.
const (
	Warn     Action = "warn"     // Nothing but the report.
	Stop     Action = "stop"     // The training ends.
	Rollback Action = "rollback" // The training goes back to its best checkpoint and on from there with lower learning rates.
)

// Look is what was seen at one step. Numbers of steps are over those since the look before.
type Look struct {
	Step int `json:"step"`

	// Of the samples.
	Distance     float64   `json:"distance"`               // Fréchet distance of their features to the data's.
	Diversity    float64   `json:"diversity"`              // Mean distance between the features of two of them, relative to the data's.
	Precision    float64   `json:"precision"`              // Share of samples among the data, as metrics of k nearest neighbours have it.
	Recall       float64   `json:"recall"`                 // Share of the data among the samples.
	Classes      []float64 `json:"classes,omitempty"`      // Share of each class, where the features come with a classifier.
	KL           float64   `json:"kl,omitempty"`           // Divergence of those shares from the data's, in nats.
	Saturated    float64   `json:"saturated,omitempty"`    // Share of values that are 0 or 255, of pictures.
	Checkerboard float64   `json:"checkerboard,omitempty"` // Share of the energy that is at period two, of pictures.

	// Of the steps.
	DiscriminatorLoss     float64 `json:"discriminator_loss"` // Means.
	GeneratorLoss         float64 `json:"generator_loss"`
	RealLogit             float64 `json:"real_logit"`
	FakeLogit             float64 `json:"fake_logit"`
	DiscriminatorGradient float64 `json:"discriminator_gradient"`
	GeneratorGradient     float64 `json:"generator_gradient"`

	// Share of steps in which the discriminator's loss was next to the least that it can be; 0 for critics, whose loss has no least.
	Won float64 `json:"won"`

	// Share of steps in which it was clearly more than saying the same of everything costs.
	Fooled float64 `json:"fooled"`
}

// Report is one look and what follows from it: a line of health.jsonl.
type Report struct {
	Look
	Best     bool      `json:"best,omitempty"` // The distance is the smallest so far, and the checkpoint was kept as the best.
	Findings []Finding `json:"findings,omitempty"`
	Action   Action    `json:"action,omitempty"`  // That was taken, if there was an alarm.
	BackTo   *int      `json:"back_to,omitempty"` // The step that a rollback went back to.
}

// Alarm returns the first finding that acts, nil if there is none.
func (r *Report) Alarm() *Finding {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity == Alarm && f.Kind.acts() {
			return f
		}
	}
	return nil
}
