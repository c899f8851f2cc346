package cli

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

const noName = "none" // Of a part that a configuration does without.

// part is a partOf an ordinary GAN's configuration.
type part = partOf[gan.Config]

// partOf is a place in a configuration that is filled by name: the architecture, the loss, …. What can stand there comes from
// a registry and is known by its JSON alone, so that a new architecture or loss needs nothing here.
type partOf[C any] interface {
	kind() string // For messages: "penalty".
	names() []string
	name(c *C) string // noName if nothing stands there.

	// choose puts what has the name there, with all fields at zero; what is there already stays as it is.
	choose(c *C, name string) error

	// fields returns the JSON names of the fields of what stands there, and having the names of what would have the field.
	fields(c *C) []string
	having(field string) []string

	// field returns the JSON of a field; nil if it is zero, or there is none.
	field(c *C, name string) json.RawMessage

	// setField sets a field to the JSON value, nil for its zero.
	setField(c *C, name string, value json.RawMessage) error
}

// The parts. Both players have an optimizer.
var (
	architecture  = &registered[gan.Config, gan.Architecture]{"architecture", gan.Architectures, func(c *gan.Config) *gan.Architecture { return &c.Arch }}
	loss          = &registered[gan.Config, gan.Loss]{"loss", gan.Losses, func(c *gan.Config) *gan.Loss { return &c.Loss }}
	penalty       = &registered[gan.Config, gan.Penalty]{"penalty", gan.Penalties, func(c *gan.Config) *gan.Penalty { return &c.Penalty }}
	generatorTerm = &registered[gan.Config, gan.GeneratorTerm]{"generator term", gan.GeneratorTerms, func(c *gan.Config) *gan.GeneratorTerm { return &c.GeneratorTerm }}
	augmentation  = &registered[gan.Config, gan.Augmentation]{"augmentation", gan.Augmentations, func(c *gan.Config) *gan.Augmentation { return &c.Augment }}
	generator     = &registered[gan.Config, gan.Optimizer]{"optimizer", gan.Optimizers, func(c *gan.Config) *gan.Optimizer { return &c.Generator }}
	discriminator = &registered[gan.Config, gan.Optimizer]{"optimizer", gan.Optimizers, func(c *gan.Config) *gan.Optimizer { return &c.Discriminator }}
)

// registered is a part by the registry of what it may be.
type registered[C, T any] struct {
	what     string
	registry *gan.Registry[T]
	at       func(c *C) *T
}

func (r *registered[C, T]) kind() string { return r.what }

// names returns the names as flags spell them: with hyphens, where those of a registry may have underscores.
func (r *registered[C, T]) names() []string {
	var names []string
	for _, name := range r.registry.Names() {
		names = append(names, hyphens(name))
	}
	return names
}

func (r *registered[C, T]) name(c *C) string {
	if any(*r.at(c)) == nil {
		return noName
	}
	return hyphens(r.registry.NameOf(*r.at(c)))
}

func (r *registered[C, T]) choose(c *C, name string) error {
	if name == r.name(c) {
		return nil
	}
	var none T
	if name == noName {
		*r.at(c) = none
		return nil
	}
	zero, err := r.zero(name)
	*r.at(c) = zero
	return err
}

// zero returns the zero value of that name.
func (r *registered[C, T]) zero(name string) (T, error) {
	for _, known := range r.registry.Names() {
		if hyphens(known) == hyphens(name) {
			return r.registry.Named(known)
		}
	}
	return r.registry.Named(name) // For its error.
}

func (r *registered[C, T]) fields(c *C) []string { return fieldNames(*r.at(c)) }

func (r *registered[C, T]) having(field string) []string {
	var names []string
	for _, name := range r.registry.Names() {
		if zero, err := r.registry.Named(name); err == nil && slices.Contains(fieldNames(zero), field) {
			names = append(names, hyphens(name))
		}
	}
	return names
}

func (r *registered[C, T]) field(c *C, name string) json.RawMessage {
	values, err := r.values(c)
	if err != nil {
		return nil
	}
	return values[name]
}

func (r *registered[C, T]) setField(c *C, name string, value json.RawMessage) error {
	values, err := r.values(c)
	if err != nil {
		return err
	}
	if value == nil {
		delete(values, name)
	} else {
		values[name] = value
	}
	data, err := json.Marshal(values)
	if err != nil {
		return errors.WithStack(err)
	}
	set, err := r.registry.Unmarshal(data)
	if err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return errors.Errorf("%s is no value for %s of the %s %s", value, name, r.what, r.name(c))
		}
		return err
	}
	*r.at(c) = set
	return nil
}

// values returns the JSON of what stands there, field by field.
func (r *registered[C, T]) values(c *C) (map[string]json.RawMessage, error) {
	data, err := r.registry.Marshal(*r.at(c))
	if err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	err = json.Unmarshal(data, &values)
	return values, errors.WithStack(err)
}

// setPartField is setField for a flag of the user's. The error for a field that is not there says where there is one.
func setPartField[C any](p partOf[C], c *C, flag, field string, value json.RawMessage) error {
	if slices.Contains(p.fields(c), field) {
		return p.setField(c, field, value)
	}
	others := p.having(field)
	if p.name(c) == noName {
		return errors.Errorf("--%s: there is no %s; choose %s", flag, p.kind(), either(others))
	}
	has := "it has no fields"
	if fields := visible(p.fields(c)); len(fields) > 0 {
		has = "it has " + list(fields, "and")
	}
	hint := ""
	if len(others) > 0 {
		hint = "; " + list(others, "and") + " " + plural(len(others), "has", "have") + " one"
	}
	return errors.Errorf("--%s: the %s %s has no %s; %s%s", flag, p.kind(), p.name(c), field, has, hint)
}

// visible returns the fields that are the user's to set: not those that follow from the data.
func visible(fields []string) []string {
	return slices.DeleteFunc(slices.Clone(fields), func(field string) bool {
		return field == "size" || field == "channels" || field == "shape"
	})
}

// fieldNames returns the JSON names of a struct's fields; none for nil.
func fieldNames(value any) []string {
	kind := reflect.TypeOf(value)
	if kind == nil {
		return nil
	}
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if kind.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for _, field := range reflect.VisibleFields(kind) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.IsExported() && !field.Anonymous && name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// hyphens returns the name as a flag spells it.
func hyphens(name string) string { return strings.ReplaceAll(name, "_", "-") }

// quoted returns a text as JSON.
func quoted(text string) json.RawMessage {
	data, err := json.Marshal(text)
	must(err) // A string has JSON.
	return data
}

// unquoted returns a JSON value as a flag says it.
func unquoted(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

// sameConfig tells whether two configurations say the same.
func sameConfig[C any](a, b C) bool {
	dataA, errA := json.Marshal(a)
	dataB, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(dataA, dataB)
}

// list joins names for a sentence: "a, b and c".
func list(names []string, word string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}

func either(names []string) string { return list(names, "or") }

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// checkName returns an error, with the nearest names, unless the name is one of those.
func checkName(what, name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	return errors.Errorf("there is no %s %q%s (all: %s)", what, name, nearest.Hint(name, names), strings.Join(names, ", "))
}
