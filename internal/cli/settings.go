package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/gan"
)

// Groups of train's flags, headings in its help.
const (
	groupBasic    = "Basics"
	groupGame     = "The game"
	groupNetworks = "The networks"
	groupClasses  = "Classes"
	groupCures    = "Cures for what goes wrong"
	groupLearning = "How the players learn"
	groupTasks    = "Pictures made from pictures"
	groupRun      = "The run and its output"
)

var groups = []string{groupBasic, groupGame, groupNetworks, groupClasses, groupCures, groupLearning, groupTasks, groupRun}

// setting is a settingOf an ordinary GAN's configuration.
type setting = settingOf[gan.Config]

// settingOf is a flag that says one thing about a configuration.
type settingOf[C any] struct {
	name  string
	group string
	usage string
	zero  any             // Of the kind that its value is: 0, int64(0), 0.0, "" or false.
	names func() []string // The values there are, if they are few;
	what  string          // what they are names of, for messages.

	ok   func(value float64) bool // Which numbers can be right at all; nil: any.
	want string                   // Those in words.

	// get returns what the configuration says, "" where it says nothing and a default of the library holds.
	get func(c *C) string
	set func(c *C, data dataInfo, value string) error
}

// dataInfo is what settings must know of the data.
type dataInfo struct {
	name    string
	shape   []int
	classes int
}

// Kinds of numbers.
func above0(v float64) bool       { return v > 0 }
func atLeast0(v float64) bool     { return v >= 0 }
func atLeast1(v float64) bool     { return v >= 1 }
func below1(v float64) bool       { return v >= 0 && v < 1 }
func between0And1(v float64) bool { return v > 0 && v < 1 }
func belowHalf(v float64) bool    { return v >= 0 && v < 0.5 }

// chosen makes a setting one that chooses a part by name; optional ones may be none.
func chosen[C any](p partOf[C], optional bool, s settingOf[C]) settingOf[C] {
	s.zero, s.what = "", p.kind()
	s.names = func() []string {
		if optional {
			return append([]string{noName}, p.names()...)
		}
		return p.names()
	}
	s.get = p.name
	if s.set == nil {
		s.set = func(c *C, _ dataInfo, value string) error { return p.choose(c, value) }
	}
	return s
}

// fieldOf makes a setting one of a field of a part, or of the same field of several.
func fieldOf[C any](field string, s settingOf[C], parts ...partOf[C]) settingOf[C] {
	s.get = func(c *C) string {
		var values []string
		for _, p := range parts {
			if value := unquoted(p.field(c, field)); !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		return list(values, "and")
	}
	s.set = func(c *C, _ dataInfo, value string) error {
		for _, p := range parts {
			if err := setPartField(p, c, s.name, field, s.json(value)); err != nil {
				return err
			}
		}
		return nil
	}
	return s
}

// whole makes a setting one of a whole number in the configuration.
func whole[C any](at func(c *C) *int, s settingOf[C]) settingOf[C] {
	s.zero = 0
	s.get = func(c *C) string { return strconv.Itoa(*at(c)) }
	s.set = func(c *C, _ dataInfo, value string) (err error) {
		*at(c), err = strconv.Atoi(value)
		return errors.WithStack(err)
	}
	return s
}

// number makes a setting one of a number in the configuration.
func number[C any](at func(c *C) *float64, s settingOf[C]) settingOf[C] {
	s.zero = 0.0
	s.get = func(c *C) string { return strconv.FormatFloat(*at(c), 'g', -1, 64) }
	s.set = func(c *C, _ dataInfo, value string) (err error) {
		*at(c), err = strconv.ParseFloat(value, 64)
		return errors.WithStack(err)
	}
	return s
}

// json returns a value of the flag as JSON.
func (s settingOf[C]) json(value string) json.RawMessage {
	if _, isText := s.zero.(string); isText {
		return quoted(value)
	}
	return json.RawMessage(value)
}

// bind defines the flag. Its help shows what the configuration says.
func (s settingOf[C]) bind(flags *pflag.FlagSet, shown *C) {
	switch s.zero.(type) {
	case int:
		flags.Int(s.name, 0, s.usage)
	case int64:
		flags.Int64(s.name, 0, s.usage)
	case float64:
		flags.Float64(s.name, 0, s.usage)
	case bool:
		flags.Bool(s.name, false, s.usage)
	default:
		flags.String(s.name, "", s.usage)
	}
	if value := s.get(shown); value != noName {
		flags.Lookup(s.name).DefValue = cmp.Or(value, fmt.Sprint(s.zero))
	}
}

// check returns an error about a value that can never be right.
func (s settingOf[C]) check(value string) error {
	if s.names != nil {
		return checkName(s.what, value, s.names())
	}
	if s.ok == nil {
		return nil
	}
	got, err := strconv.ParseFloat(value, 64)
	if err != nil || !s.ok(got) || math.IsInf(got, 0) {
		return misusef("--%s %s must be %s", s.name, value, s.want)
	}
	return nil
}

// given returns the settings of a table whose flags the user gave, in its order, and their values.
func given[C any](table []settingOf[C], flags *pflag.FlagSet) (found []settingOf[C], values []string) {
	for _, s := range table {
		if flags.Changed(s.name) {
			found = append(found, s)
			values = append(values, flags.Lookup(s.name).Value.String())
		}
	}
	return found, values
}

// differences returns how the user's flags differ from the configuration of a run: "--lr is 0.002 there, not 0.1".
func (e editor[C]) differences(flags *pflag.FlagSet, assignments []string, c C, data dataInfo) []string {
	var found []string
	say := func(flag, there, here string) {
		found = append(found, fmt.Sprintf("--%s is %s there, not %s", flag, cmp.Or(there, "the default"), here))
	}
	list, values := given(e.settings, flags)
	for i, s := range list {
		changed := c
		if err := s.set(&changed, data, values[i]); err != nil || !sameConfig(changed, c) {
			say(s.name, s.get(&c), values[i])
		}
	}
	for _, assignment := range assignments {
		changed := c
		if err := e.assign(&changed, assignment); err != nil || !sameConfig(changed, c) {
			found = append(found, fmt.Sprintf("--set %s does not hold there", assignment))
		}
	}
	return found
}
