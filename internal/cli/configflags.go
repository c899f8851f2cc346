package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/augment"
)

// settings is the table of the flags that edit a configuration, in the order in which they do: a part before its fields,
// both players before one of them.
var settings = []setting{
	chosen(loss, false, setting{name: "loss", group: groupGame,
		usage: "what the players minimize: " + strings.Join(loss.names(), ", ")}),
	fieldOf("smoothing", setting{name: "label-smoothing", group: groupGame, zero: 0.0, ok: belowHalf, want: "at least 0 and below 0.5",
		usage: "how far the discriminator's target for real examples lies below 1"}, loss),
	chosen(penalty, true, setting{name: "penalty", group: groupGame,
		usage: "on the discriminator: none, " + strings.Join(penalty.names(), ", ")}),
	fieldOf("gamma", setting{name: "gamma", group: groupGame, zero: 0.0, ok: above0, want: "above 0; for no penalty say --penalty none",
		usage: "weight of r1, r2 and r1r2"}, penalty),
	fieldOf("lambda", setting{name: "lambda", group: groupGame, zero: 0.0, ok: above0, want: "above 0; for no penalty say --penalty none",
		usage: "weight of gp and dragan"}, penalty),
	fieldOf("limit", setting{name: "clip", group: groupGame, zero: 0.0, ok: above0, want: "above 0; for no clipping say --penalty none",
		usage: "largest weight that clip leaves"}, penalty),
	fieldOf("every", setting{name: "every", group: groupGame, zero: 0, ok: atLeast1, want: "at least 1",
		usage: "take the penalty every `N` steps, N times as heavy"}, penalty),
	chosen(generatorTerm, true, setting{name: "generator-term", group: groupGame,
		usage: "added to the generator's loss: none, " + strings.Join(generatorTerm.names(), ", ")}),
	fieldOf("weight", setting{name: "term-weight", group: groupGame, zero: 0.0, ok: above0, want: "above 0; for no term say --generator-term none",
		usage: "its weight"}, generatorTerm),

	chosen(architecture, false, setting{name: "arch", group: groupNetworks, set: setArchitecture,
		usage: "the pair of networks: " + strings.Join(architecture.names(), ", ") + " (mlp for points)"}),
	{name: "latent", group: groupNetworks, zero: 0, ok: atLeast0, want: "a length, or 0", get: getLatent, set: setLatent,
		usage: "length of the latent; 0: the architecture's own"},
	{name: "width", group: groupNetworks, zero: 0, ok: atLeast0, want: "a number of channels, or 0",
		get: func(c *gan.Config) string { return getWidth(c, "generator") }, set: setWidth,
		usage: "channels of the networks' largest maps, or of mlp's hidden layers; 0: the architecture's own"},
	{name: "width-d", group: groupNetworks, zero: 0, ok: atLeast0, want: "a number of channels, or 0",
		get: func(c *gan.Config) string { return getWidth(c, "discriminator") }, set: setWidthD,
		usage: "the same of the discriminator alone; 0: as --width"},
	fieldOf("discriminator_norm", setting{name: "norm", group: groupNetworks, zero: "", names: normNames, what: "normalization",
		usage: "normalization in the discriminator: " + strings.Join(normNames(), ", ")}, architecture),
	fieldOf("minibatch_std_dev", setting{name: "minibatch-std-dev", group: groupNetworks, zero: false,
		usage: "show the discriminator how much a batch differs"}, architecture),
	fieldOf("init", setting{name: "init", group: groupNetworks, zero: "",
		usage: "`NAME` of what the weights start from; which there are, the architecture says"}, architecture),

	{name: "condition", group: groupClasses, zero: "", names: conditionNames, what: "condition", get: getCondition, set: setCondition,
		usage: "tell both players the class; the discriminator by: " + strings.Join(conditionNames(), ", ")},
	{name: "condition-generator", group: groupClasses, zero: "", names: conditionGeneratorNames, what: "condition of the generator",
		get: func(c *gan.Config) string { return string(c.Condition.Generator) }, set: setConditionGenerator,
		usage: "tell the generator by: " + strings.Join(conditionGeneratorNames(), ", ")},

	whole(func(c *gan.Config) *int { return &c.Pack }, setting{name: "pack", group: groupCures, ok: atLeast1, want: "at least 1",
		usage: "let the discriminator judge `M` examples at once (PacGAN)"}),
	chosen(augmentation, true, setting{name: "augment", group: groupCures,
		usage: "change what the discriminator sees: none, " + strings.Join(augmentation.names(), ", ")}),
	fieldOf("policy", setting{name: "policy", group: groupCures, zero: "",
		usage: "how --augment policy changes it: steps as \"flip,rotate:15,cutout:0.3:p=0.5\", or " + strings.Join(augment.PolicyNames(), ", ")}, augmentation),
	number(func(c *gan.Config) *float64 { return &c.Noise.StdDev }, setting{name: "noise", group: groupCures, ok: atLeast0, want: "at least 0",
		usage: "add noise of this standard deviation to it"}),
	whole(func(c *gan.Config) *int { return &c.Noise.Until }, setting{name: "noise-until", group: groupCures, ok: atLeast0, want: "a step, or 0",
		usage: "`step` at which the noise has fallen to zero; 0: it does not fall"}),
	number(func(c *gan.Config) *float64 { return &c.EMA }, setting{name: "ema", group: groupCures, ok: below1, want: "at least 0 and below 1",
		usage: "decay of the averaged generator that samples come from; 0: no average"}),

	{name: "optimizer", group: groupLearning, zero: "", names: generator.names, what: "optimizer", get: generator.name, set: setOptimizer,
		usage: "of both players: " + strings.Join(generator.names(), ", ")},
	fieldOf("learning_rate", setting{name: "lr", group: groupLearning, zero: 0.0, ok: above0, want: "above 0",
		usage: "learning rate of both players"}, generator, discriminator),
	{name: "lr-d", group: groupLearning, zero: 0.0, ok: atLeast0, want: "above 0, or 0", get: getDiscriminatorRate, set: setDiscriminatorRate,
		usage: "learning rate of the discriminator alone; 0: as --lr"},
	fieldOf("beta1", setting{name: "beta1", group: groupLearning, zero: 0.0, ok: below1, want: "at least 0 and below 1",
		usage: "Adam's decay of the mean of the gradients"}, generator, discriminator),
	fieldOf("beta2", setting{name: "beta2", group: groupLearning, zero: 0.0, ok: between0And1, want: "above 0 and below 1",
		usage: "Adam's decay of their squares"}, generator, discriminator),
	whole(func(c *gan.Config) *int { return &c.DiscriminatorSteps }, setting{name: "critic-steps", group: groupLearning, ok: atLeast1, want: "at least 1",
		usage: "updates of the discriminator in a step, each on a batch of its own"}),
	{name: "warm-up", group: groupLearning, zero: "", get: getWarmUp, set: setWarmUp,
		usage: "`STEPSxUPDATES[/EVERY]`: more updates of the discriminator in the first steps, and in every EVERY-th; WGAN's is 25x100/500"},
	whole(func(c *gan.Config) *int { return &c.MicroBatches }, setting{name: "micro-batches", group: groupLearning, ok: atLeast1, want: "at least 1",
		usage: "batches whose gradients add up to an update"}),
	whole(func(c *gan.Config) *int { return &c.DecayFrom }, setting{name: "decay-from", group: groupLearning, ok: atLeast0, want: "a step",
		usage: "`step` from which the learning rates fall, in a straight line"}),
	whole(func(c *gan.Config) *int { return &c.DecayTo }, setting{name: "decay-to", group: groupLearning, ok: atLeast0, want: "a step, or 0",
		usage: "`step` at which they arrive at zero, the last of the run; 0: they do not fall"}),

	{name: "seed", group: groupBasic, zero: int64(0),
		get: func(c *gan.Config) string { return strconv.FormatInt(c.Seed, 10) },
		set: func(c *gan.Config, _ dataInfo, value string) (err error) {
			c.Seed, err = strconv.ParseInt(value, 10, 64)
			return errors.WithStack(err)
		},
		usage: "of weights, latents and the order of the data; the same seed repeats a run"},
	whole(func(c *gan.Config) *int { return &c.SaveEvery }, setting{name: "save-every", group: groupRun, ok: atLeast1, want: "at least 1",
		usage: "steps between checkpoints"}),
}

func normNames() []string {
	return []string{string(gan.NoNorm), string(gan.BatchNorm), string(gan.LayerNorm), string(gan.SpectralNorm)}
}

func conditionNames() []string {
	return []string{noName, string(gan.Concatenation), string(gan.Projection), string(gan.Auxiliary)}
}

func conditionGeneratorNames() []string {
	return []string{string(gan.Concatenation), string(gan.Product), string(gan.ByNorm)}
}

// setArchitecture chooses the networks and fits them to the data.
func setArchitecture(c *gan.Config, data dataInfo, name string) error {
	if name == architecture.name(c) {
		return nil
	}
	if err := architecture.choose(c, name); err != nil {
		return err
	}
	fields := architecture.fields(c)
	if slices.Contains(fields, "shape") {
		shape, err := json.Marshal(data.shape)
		if err != nil {
			return errors.WithStack(err)
		}
		return architecture.setField(c, "shape", shape)
	}
	if len(data.shape) != 3 {
		return errors.Errorf("%s makes pictures, and %s holds points: choose --arch %s", name, data.name, either(architecture.having("shape")))
	}
	for field, value := range map[string]int{"size": data.shape[0], "channels": data.shape[2]} {
		if slices.Contains(fields, field) {
			if err := architecture.setField(c, field, json.RawMessage(strconv.Itoa(value))); err != nil {
				return err
			}
		}
	}
	return nil
}

func getLatent(c *gan.Config) string {
	if c.Arch == nil {
		return ""
	}
	return strconv.Itoa(c.Arch.LatentSize())
}

func setLatent(c *gan.Config, _ dataInfo, value string) error {
	if value == getLatent(c) {
		return nil
	}
	return setPartField(architecture, c, "latent", "latent", json.RawMessage(value))
}

// getWidth returns the width of a player's networks: of its maps, or of its hidden layers.
func getWidth(c *gan.Config, player string) string {
	if width := architecture.field(c, player+"_channels"); width != nil {
		return string(width)
	}
	var layers []int
	if json.Unmarshal(architecture.field(c, player+"_hidden"), &layers) == nil && len(layers) > 0 {
		return strconv.Itoa(layers[0])
	}
	return ""
}

func setWidth(c *gan.Config, _ dataInfo, value string) error {
	if err := setPlayerWidth(c, "width", "generator", value); err != nil {
		return err
	}
	return setPlayerWidth(c, "width", "discriminator", value)
}

func setWidthD(c *gan.Config, _ dataInfo, value string) error {
	if value == "0" {
		return nil
	}
	return setPlayerWidth(c, "width-d", "discriminator", value)
}

func setPlayerWidth(c *gan.Config, flag, player, value string) error {
	if !slices.Contains(architecture.fields(c), player+"_hidden") {
		return setPartField(architecture, c, flag, player+"_channels", json.RawMessage(value))
	}
	if value == "0" {
		return architecture.setField(c, player+"_hidden", nil)
	}
	return architecture.setField(c, player+"_hidden", json.RawMessage(fmt.Sprintf("[%s, %s, %s]", value, value, value)))
}

func getCondition(c *gan.Config) string {
	if c.Condition.Classes == 0 {
		return noName
	}
	return string(cmp.Or(c.Condition.Discriminator, gan.Concatenation))
}

func setCondition(c *gan.Config, data dataInfo, value string) error {
	if value == noName {
		c.Condition = gan.Condition{}
		return nil
	}
	if data.classes == 0 {
		return errors.Errorf("--condition %s tells the players classes, and the data %s has none; choose data that has, such as digits, "+
			"or a folder with a folder for each class, or --condition none", value, data.name)
	}
	c.Condition.Classes = data.classes
	if value != getCondition(c) {
		c.Condition.Discriminator = gan.Means(value)
	}
	return nil
}

func setConditionGenerator(c *gan.Config, _ dataInfo, value string) error {
	if c.Condition.Classes == 0 {
		return errors.Errorf("--condition-generator %s: the players are told no class; add --condition %s", value, either(conditionNames()[1:]))
	}
	if value != string(cmp.Or(c.Condition.Generator, gan.Concatenation)) {
		c.Condition.Generator = gan.Means(value)
	}
	return nil
}

func setOptimizer(c *gan.Config, _ dataInfo, value string) error {
	if err := generator.choose(c, value); err != nil {
		return err
	}
	return discriminator.choose(c, value)
}

func getDiscriminatorRate(c *gan.Config) string {
	return string(discriminator.field(c, "learning_rate"))
}

func setDiscriminatorRate(c *gan.Config, _ dataInfo, value string) error {
	if value == "0" {
		return nil
	}
	return setPartField(discriminator, c, "lr-d", "learning_rate", json.RawMessage(value))
}

func getWarmUp(c *gan.Config) string {
	w := c.WarmUp
	if w == (gan.WarmUp{}) {
		return noName
	}
	text := fmt.Sprintf("%dx%d", w.Steps, w.DiscriminatorSteps)
	if w.Every > 0 {
		text += "/" + strconv.Itoa(w.Every)
	}
	return text
}

func setWarmUp(c *gan.Config, _ dataInfo, value string) (err error) {
	c.WarmUp, err = parseWarmUp(value)
	return err
}

// parseWarmUp reads STEPSxUPDATES, or STEPSxUPDATES/EVERY.
func parseWarmUp(text string) (gan.WarmUp, error) {
	var w gan.WarmUp
	if text == noName {
		return w, nil
	}
	first, every, later := strings.Cut(text, "/")
	steps, updates, both := strings.Cut(first, "x")
	numbers := []struct {
		text string
		at   *int
	}{{steps, &w.Steps}, {updates, &w.DiscriminatorSteps}}
	if later {
		numbers = append(numbers, struct {
			text string
			at   *int
		}{every, &w.Every})
	}
	for _, n := range numbers {
		value, err := strconv.Atoi(n.text)
		if err != nil || value < 0 || !both {
			return w, misusef("--warm-up %q must be STEPSxUPDATES or STEPSxUPDATES/EVERY, such as 25x100/500, or none", text)
		}
		*n.at = value
	}
	return w, nil
}
