package cli

import (
	"cmp"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

const folderPrefix = "folder:"

// bind defines a flag for each of the settings; what they hold are the defaults.
func (s *settings) bind(flags *pflag.FlagSet) {
	flags.StringVar(&s.data, "data", s.data, "what to learn: a `NAME` of 'datasets list', or folder:DIR for your own pictures")
	flags.IntVar(&s.size, "size", s.size, "crop and resize pictures to `N`×N pixels; 0: as they are")
	flags.IntVar(&s.channels, "channels", s.channels, "make pictures grey (1) or coloured (3); 0: as they are")
	flags.BoolVar(&s.skipBroken, "skip-broken", s.skipBroken, "leave out pictures that cannot be read")

	flags.StringVar(&s.arch, "arch", s.arch, "the networks: "+strings.Join(gan.Architectures(), ", ")+" (mlp for points)")
	flags.StringVar(&s.loss, "loss", s.loss, "the game: ns (non-saturating) or rp (relativistic paired)")
	flags.StringVar(&s.penalty, "penalty", s.penalty, "on the discriminator: "+strings.Join(penaltyNames(), ", "))
	flags.Float64Var(&s.gamma, "gamma", s.gamma, "weight of the penalty")
	flags.IntVar(&s.every, "every", s.every, "take the penalty every `N` steps, N times as heavy")
	flags.IntVar(&s.latent, "latent", s.latent, "length of the latent; 0: 100, for points 2")
	flags.IntVar(&s.width, "width", s.width, "channels of the networks' largest maps (dcgan), or of their hidden layers (mlp); 0: the architecture's own")
	flags.IntVar(&s.widthD, "width-d", s.widthD, "the same of the discriminator alone; 0: as --width")
	flags.StringVar(&s.norm, "norm", s.norm, "normalization in dcgan's discriminator: "+strings.Join(normNames(), ", "))
	flags.BoolVar(&s.minibatchStdDev, "minibatch-std-dev", s.minibatchStdDev, "show dcgan's discriminator how much a batch differs")

	flags.Float64Var(&s.lr, "lr", s.lr, "learning rate of Adam")
	flags.Float64Var(&s.lrD, "lr-d", s.lrD, "learning rate of the discriminator alone; 0: as --lr")
	flags.Float64Var(&s.beta1, "beta1", s.beta1, "Adam's decay of the mean of the gradients")
	flags.Float64Var(&s.beta2, "beta2", s.beta2, "Adam's decay of their squares")
	flags.IntVar(&s.decayFrom, "decay-from", s.decayFrom, "`step` from which the learning rates fall, in a straight line")
	flags.IntVar(&s.decayTo, "decay-to", s.decayTo, "`step` at which they arrive at zero, the last of the run; 0: they do not fall")
	flags.Float64Var(&s.ema, "ema", s.ema, "decay of the averaged generator that samples come from; 0: no average")

	flags.IntVar(&s.batch, "batch", s.batch, "examples in a step; smaller data sets take fewer")
	flags.Int64Var(&s.seed, "seed", s.seed, "of weights, latents and the order of the data; the same seed repeats a run")
	flags.IntVar(&s.saveEvery, "save-every", s.saveEvery, "steps between checkpoints")
	flags.IntVar(&s.steps, "steps", s.steps, "train to `N` steps in total")
	flags.Float64Var(&s.minutes, "minutes", s.minutes, "train for `M` minutes instead")
}

func penaltyNames() []string { return append([]string{noName}, gan.Penalties()...) }

func normNames() []string {
	return []string{string(gan.NoNorm), string(gan.BatchNorm), string(gan.SpectralNorm)}
}

// overlay sets in s what the user's flags say.
func (s *settings) overlay(given *pflag.FlagSet) error {
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	s.bind(own)
	var err error
	given.Visit(func(flag *pflag.Flag) {
		if own.Lookup(flag.Name) != nil && err == nil {
			err = own.Set(flag.Name, flag.Value.String())
		}
	})
	return err
}

// checkRanges returns an error about a flag whose value can never be right.
func (s settings) checkRanges() error {
	if err := checkPictures(s.size, s.channels); err != nil {
		return err
	}
	for _, test := range []struct {
		ok   bool
		flag string
		got  any
		want string
	}{
		{s.gamma > 0, "gamma", s.gamma, "above 0; for no penalty say --penalty none"},
		{s.every > 0, "every", s.every, "at least 1"},
		{s.latent >= 0, "latent", s.latent, "a length, or 0"},
		{s.width >= 0, "width", s.width, "a number of channels, or 0"},
		{s.widthD >= 0, "width-d", s.widthD, "a number of channels, or 0"},
		{s.lr > 0, "lr", s.lr, "above 0"},
		{s.lrD >= 0, "lr-d", s.lrD, "above 0, or 0"},
		{s.beta1 >= 0 && s.beta1 < 1, "beta1", s.beta1, "at least 0 and below 1"},
		{s.beta2 > 0 && s.beta2 < 1, "beta2", s.beta2, "above 0 and below 1"},
		{s.decayFrom >= 0, "decay-from", s.decayFrom, "a step"},
		{s.decayTo == 0 || s.decayTo > s.decayFrom, "decay-to", s.decayTo, "after --decay-from, or 0"},
		{s.ema >= 0 && s.ema < 1, "ema", s.ema, "at least 0 and below 1"},
		{s.batch > 0, "batch", s.batch, "at least 1"},
		{s.saveEvery > 0, "save-every", s.saveEvery, "at least 1"},
		{s.steps > 0, "steps", s.steps, "at least 1"},
		{s.minutes >= 0 && s.minutes < 1e6, "minutes", s.minutes, "a time above 0"},
	} {
		if !test.ok {
			return misusef("--%s %v must be %s", test.flag, test.got, test.want)
		}
	}
	return nil
}

// checkPictures is checkRanges for the flags that say how pictures are read.
func checkPictures(size, channels int) error {
	if size < 0 {
		return misusef("--size %d must be a number of pixels, or 0", size)
	}
	if channels != 0 && channels != 1 && channels != 3 {
		return misusef("--channels %d must be 1 (grey), 3 (colour) or 0", channels)
	}
	return nil
}

// checkNames returns an error, with the nearest names, about a part that does not exist.
func (s settings) checkNames() error {
	if _, err := gan.ArchitectureNamed(s.arch); err != nil {
		return err
	}
	if _, err := gan.LossNamed(s.loss); err != nil {
		return err
	}
	if s.penalty != noName {
		if _, err := gan.PenaltyNamed(s.penalty); err != nil {
			return err
		}
	}
	if !slices.Contains(normNames(), s.norm) {
		return errors.Errorf("there is no normalization %q%s (all: %s)", s.norm, nearest.Hint(s.norm, normNames()), strings.Join(normNames(), ", "))
	}
	return nil
}

// checkSize returns an error if the architecture cannot make pictures of that many pixels.
func (s settings) checkSize(size int) error {
	if s.arch != dcgan || (gan.DCGAN{Size: size}).Check() == nil {
		return nil
	}
	var sizes []string
	for size := 1; size <= 1024; size++ {
		if (gan.DCGAN{Size: size}).Check() == nil {
			sizes = append(sizes, strconv.Itoa(size))
		}
	}
	last := len(sizes) - 1
	return errors.Errorf("dcgan cannot make pictures of %d×%d pixels: choose --size %s or %s, or --arch mlp",
		size, size, strings.Join(sizes[:last], ", "), sizes[last])
}

// config returns the configuration for examples of the shape.
func (s settings) config(shape []int) (gan.Config, error) {
	c := gan.Config{DecayFrom: s.decayFrom, DecayTo: s.decayTo, EMA: s.ema, Seed: s.seed, SaveEvery: s.saveEvery}
	if s.width == 0 && s.arch == dcgan {
		s.width = dcganWidth
	}
	widthD := s.widthD
	if widthD == 0 {
		widthD = s.width
	}
	switch s.arch {
	case dcgan:
		if len(shape) != 3 {
			return c, errors.Errorf("dcgan makes pictures, and %s holds points: choose --arch mlp", s.data)
		}
		if err := s.checkSize(shape[0]); err != nil {
			return c, err
		}
		c.Arch = gan.DCGAN{Size: shape[0], Channels: shape[2], Latent: s.latent,
			GeneratorChannels: s.width, DiscriminatorChannels: widthD,
			DiscriminatorNorm: gan.Norm(s.norm), MinibatchStdDev: s.minibatchStdDev}
	case mlp:
		c.Arch = gan.MLP{Shape: shape, Latent: s.latent, GeneratorHidden: hidden(s.width), DiscriminatorHidden: hidden(widthD)}
	default:
		return c, errors.Errorf("this command cannot set up the architecture %q", s.arch)
	}
	var err error
	if c.Loss, err = gan.LossNamed(s.loss); err != nil {
		return c, err
	}
	switch s.penalty {
	case noName:
	case "r1":
		c.Penalty = gan.R1{Gamma: s.gamma, Every: s.every}
	default:
		return c, errors.Errorf("this command cannot set up the penalty %q", s.penalty)
	}
	c.Generator = gan.Adam{LearningRate: s.lr, Beta1: s.beta1, Beta2: s.beta2}
	c.Discriminator = c.Generator
	if s.lrD != 0 {
		c.Discriminator.LearningRate = s.lrD
	}
	return c, nil
}

// hidden returns three hidden layers of the width, none for 0.
func hidden(width int) []int {
	if width == 0 {
		return nil
	}
	return []int{width, width, width}
}

// recordedSettings returns the settings that a run was started with, as flags would say them.
func recordedSettings(record gan.Record) settings {
	c := record.Config
	s := settings{
		data: record.Data.Name, batch: record.Data.BatchSize,
		arch: nameOf(c.Arch, gan.Architectures(), gan.ArchitectureNamed), latent: c.Arch.LatentSize(),
		loss:    nameOf(c.Loss, gan.Losses(), gan.LossNamed),
		penalty: noName, norm: string(gan.NoNorm),
		lr: c.Generator.LearningRate, beta1: c.Generator.Beta1, beta2: c.Generator.Beta2, lrD: c.Discriminator.LearningRate,
		decayFrom: c.DecayFrom, decayTo: c.DecayTo, ema: c.EMA, seed: c.Seed, saveEvery: c.SaveEvery,
	}
	if c.Penalty != nil {
		s.penalty = nameOf(c.Penalty, gan.Penalties(), gan.PenaltyNamed)
	}
	if r1, ok := c.Penalty.(gan.R1); ok {
		s.gamma, s.every = r1.Gamma, r1.Interval()
	}
	if shape := c.Arch.ExampleShape(); len(shape) == 3 {
		s.size, s.channels = shape[0], shape[2]
	}
	switch arch := c.Arch.(type) {
	case gan.DCGAN:
		s.width = cmp.Or(arch.GeneratorChannels, dcganWidth)
		s.widthD = cmp.Or(arch.DiscriminatorChannels, dcganWidth)
		s.norm, s.minibatchStdDev = string(cmp.Or(arch.DiscriminatorNorm, gan.BatchNorm)), arch.MinibatchStdDev
	case gan.MLP:
		if len(arch.GeneratorHidden) > 0 {
			s.width = arch.GeneratorHidden[0]
		}
		if len(arch.DiscriminatorHidden) > 0 {
			s.widthD = arch.DiscriminatorHidden[0]
		}
	}
	return s
}

// nameOf returns the name of a value's type.
func nameOf[T any](value T, names []string, named func(string) (T, error)) string {
	for _, name := range names {
		if zero, err := named(name); err == nil && reflect.TypeOf(zero) == reflect.TypeOf(value) {
			return name
		}
	}
	return fmt.Sprintf("%T", value)
}

// mayChange are the flags that a resumed run may be given another value of.
var mayChange = []string{"steps", "minutes"}

// differences returns how the user's flags differ from the settings of a run: "--lr is 0.002 there, not 0.001".
func (s settings) differences(given *pflag.FlagSet) []string {
	s.data = absoluteData(s.data)
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	s.bind(own)
	var list []string
	given.Visit(func(flag *pflag.Flag) {
		recorded := own.Lookup(flag.Name)
		if recorded == nil || slices.Contains(mayChange, flag.Name) {
			return
		}
		want, got := recorded.Value.String(), flag.Value.String()
		if flag.Name == "data" {
			got = absoluteData(got)
		}
		automatic := got == "0" && slices.Contains([]string{"size", "channels", "latent", "width-d", "lr-d"}, flag.Name)
		if want != got && !automatic {
			list = append(list, fmt.Sprintf("--%s is %s there, not %s", flag.Name, want, got))
		}
	})
	return list
}

// absoluteData returns the name of a data set so that it means the same in another working folder.
func absoluteData(name string) string {
	directory, isFolder := strings.CutPrefix(name, folderPrefix)
	if !isFolder || directory == "" || strings.HasPrefix(directory, "~/") {
		return name
	}
	absolute, err := filepath.Abs(directory)
	if err != nil {
		return name
	}
	return folderPrefix + absolute
}
