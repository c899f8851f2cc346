package cli

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
)

// maxClassColumns is how many classes a grid may have a column each for.
const maxClassColumns = 16

// classGrid returns how many samples a grid of a run shows, and in how many columns: about gridSamples, one column for
// each class that the run was told.
func classGrid(classes int) (samples, columns int) {
	if classes < 2 || classes > maxClassColumns {
		return gridSamples, gridColumns
	}
	return classes * max(1, gridSamples/classes), classes
}

// knownClasses are the classes that a run was told.
type knownClasses struct {
	dir   string
	count int             // 0 for none.
	names func() []string // Nil if they cannot be had.
}

// number returns the number of a class, given by that or by its name.
func (k knownClasses) number(flag, text string) (int, error) {
	if k.count == 0 {
		return 0, errors.Errorf("%s: the run in %s was not told classes and cannot be asked for one; train one with --condition concat, "+
			"projection or auxiliary", flag, k.dir)
	}
	names := k.names()
	if i := slices.Index(names, text); i >= 0 {
		return i, nil
	}
	number, err := strconv.Atoi(text)
	if err == nil && number >= 0 && number < k.count {
		return number, nil
	}
	if err == nil || names == nil {
		return 0, errors.Errorf("%s: the run in %s has no class %s; its classes are 0 to %d", flag, k.dir, text, k.count-1)
	}
	return 0, checkName("class", text, names)
}

// checkClassFlags returns what can be said against the flags about classes alone.
func (s *sampling) checkClassFlags() error {
	between := s.interpolate || s.kind == outGIF
	switch {
	case !(s.truncation >= 0 && s.truncation < 1e6):
		return misusef("--truncation %g must be above 0, or 0", s.truncation)
	case between && s.truncation > 0:
		return misusef("--truncation is for single samples, not for --interpolate or a .gif")
	case between && len(s.classes) > 0:
		return misusef("--class is for single samples; what lies between classes take --from-class and --to-class")
	case (s.fromClass == "") != (s.toClass == ""):
		return misusef("--from-class and --to-class go together")
	case s.fromClass != "" && !between:
		return misusef("--from-class and --to-class go with --interpolate, or a .gif")
	case s.labelsOut != "" && (s.kind != outNPY || s.interpolate):
		return misusef("--labels-out goes with samples in a file --out F.npy")
	}
	return nil
}

// chooseClasses finds out which classes the user asks for, and how many samples a grid has if no flag says it.
func (s *sampling) chooseClasses(record gan.Record) error {
	s.known = knownClasses{dir: s.dir, count: record.Config.Condition.Classes, names: func() []string { return classNames(s.dir, record) }}
	for _, class := range s.classes {
		number, err := s.known.number("--class", class)
		if err != nil {
			return err
		}
		s.asked = append(s.asked, number)
	}
	if s.labelsOut != "" && s.known.count == 0 {
		return errors.Errorf("--labels-out: the run in %s was not told classes", s.dir)
	}
	if !s.flags.Changed("n") && !s.interpolate && s.kind == outPNG {
		s.n, _ = classGrid(cmp.Or(len(s.asked), s.known.count))
	}
	if s.fromClass == "" {
		return nil
	}
	var err error
	if s.from, err = s.known.number("--from-class", s.fromClass); err != nil {
		return err
	}
	s.to, err = s.known.number("--to-class", s.toClass)
	return err
}

// classOf returns the class of a sample.
func (s *sampling) classOf(i int) int {
	if len(s.asked) == 0 {
		return i % s.known.count
	}
	return s.asked[i%len(s.asked)]
}

// classNames returns the names of the classes in the data of a run, or nil if it is not there any more.
func classNames(dir string, record gan.Record) []string {
	data, err := dataOf(dir, record)
	if err != nil || len(data.classes()) != record.Config.Condition.Classes {
		return nil
	}
	return data.classes()
}

// dataOf opens the data that a run was trained on, as it was.
func dataOf(dir string, record gan.Record) (*trainData, error) {
	r, err := readRequest(dir, record.Data)
	if err != nil {
		return nil, err
	}
	options := r.into(datasets.Options{Seed: record.Config.Seed, SkipBroken: r.SkipBroken})
	if shape := record.Config.Arch.ExampleShape(); len(shape) == 3 {
		options.Size, options.Channels = shape[0], shape[2]
	}
	data, err := openTrainData(r.Data, options, r.Memory, &r.Streamed)
	if err != nil {
		return nil, err
	}
	if hash := record.Data.Hash; hash != "" && hash != data.hash() {
		return nil, errors.Errorf("the data %s is no longer what the run in %s was trained on", r.Data, dir)
	}
	return data, nil
}
