package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
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
	groupRun      = "The run and its output"
)

var groups = []string{groupBasic, groupGame, groupNetworks, groupClasses, groupCures, groupLearning, groupRun}

// setting is a flag that says one thing about a gan.Config.
type setting struct {
	name  string
	group string
	usage string
	zero  any             // Of the kind that its value is: 0, int64(0), 0.0, "" or false.
	names func() []string // The values there are, if they are few;
	what  string          // what they are names of, for messages.

	ok   func(value float64) bool // Which numbers can be right at all; nil: any.
	want string                   // Those in words.

	// get returns what the configuration says, "" where it says nothing and a default of the library holds.
	get func(c *gan.Config) string
	set func(c *gan.Config, data dataInfo, value string) error
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
func chosen(p part, optional bool, s setting) setting {
	s.zero, s.what = "", p.kind()
	s.names = func() []string {
		if optional {
			return append([]string{noName}, p.names()...)
		}
		return p.names()
	}
	s.get = p.name
	if s.set == nil {
		s.set = func(c *gan.Config, _ dataInfo, value string) error { return p.choose(c, value) }
	}
	return s
}

// fieldOf makes a setting one of a field of a part, or of the same field of several.
func fieldOf(field string, s setting, parts ...part) setting {
	s.get = func(c *gan.Config) string { return unquoted(parts[0].field(c, field)) }
	s.set = func(c *gan.Config, _ dataInfo, value string) error {
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
func whole(at func(c *gan.Config) *int, s setting) setting {
	s.zero = 0
	s.get = func(c *gan.Config) string { return strconv.Itoa(*at(c)) }
	s.set = func(c *gan.Config, _ dataInfo, value string) (err error) {
		*at(c), err = strconv.Atoi(value)
		return errors.WithStack(err)
	}
	return s
}

// number makes a setting one of a number in the configuration.
func number(at func(c *gan.Config) *float64, s setting) setting {
	s.zero = 0.0
	s.get = func(c *gan.Config) string { return strconv.FormatFloat(*at(c), 'g', -1, 64) }
	s.set = func(c *gan.Config, _ dataInfo, value string) (err error) {
		*at(c), err = strconv.ParseFloat(value, 64)
		return errors.WithStack(err)
	}
	return s
}

// json returns a value of the flag as JSON.
func (s setting) json(value string) json.RawMessage {
	if _, isText := s.zero.(string); isText {
		return quoted(value)
	}
	return json.RawMessage(value)
}

// bind defines the flag. Its help shows what the configuration says.
func (s setting) bind(flags *pflag.FlagSet, shown *gan.Config) {
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
func (s setting) check(value string) error {
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

// given returns the settings whose flags the user gave, in the order of the table, and their values.
func given(flags *pflag.FlagSet) (found []setting, values []string) {
	for _, s := range settings {
		if flags.Changed(s.name) {
			found = append(found, s)
			values = append(values, flags.Lookup(s.name).Value.String())
		}
	}
	return found, values
}

// differences returns how the user's flags differ from the configuration of a run: "--lr is 0.002 there, not 0.1".
func differences(flags *pflag.FlagSet, assignments []string, c gan.Config, data dataInfo) []string {
	var found []string
	say := func(flag, there, here string) {
		found = append(found, fmt.Sprintf("--%s is %s there, not %s", flag, cmp.Or(there, "the default"), here))
	}
	list, values := given(flags)
	for i, s := range list {
		changed := c
		if err := s.set(&changed, data, values[i]); err != nil || !sameConfig(changed, c) {
			say(s.name, s.get(&c), values[i])
		}
	}
	for _, assignment := range assignments {
		changed := c
		if err := assign(&changed, assignment); err != nil || !sameConfig(changed, c) {
			found = append(found, fmt.Sprintf("--set %s does not hold there", assignment))
		}
	}
	return found
}
