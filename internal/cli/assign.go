package cli

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/pflag"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// editor changes configurations by flags: those of a table, and --set.
type editor[C any] struct {
	settings []settingOf[C]
	parts    map[string]partOf[C]      // By the names that --set and train --show have for them.
	groups   map[string]func(c *C) any // Likewise; pointers to structs.
}

// ganEditor changes the configurations of ordinary GANs.
func ganEditor() editor[gan.Config] {
	return editor[gan.Config]{
		settings: settings,
		parts: map[string]part{
			"arch": architecture, "loss": loss, "penalty": penalty, "generator_term": generatorTerm, "augment": augmentation,
			"generator": generator, "discriminator": discriminator,
		},
		groups: map[string]func(c *gan.Config) any{
			"condition": func(c *gan.Config) any { return &c.Condition },
			"warm_up":   func(c *gan.Config) any { return &c.WarmUp },
			"noise":     func(c *gan.Config) any { return &c.Noise },
		},
	}
}

// edit changes a configuration by the flags that the user gave.
func (e editor[C]) edit(c *C, flags *pflag.FlagSet, assignments []string, data dataInfo) error {
	list, values := given(e.settings, flags)
	for i, s := range list {
		if err := s.set(c, data, values[i]); err != nil {
			return err
		}
	}
	for _, assignment := range assignments {
		if err := e.assign(c, assignment); err != nil {
			return err
		}
	}
	return nil
}

// assign obeys a --set: "penalty.one_sided=true", for what has no flag of its own. The key is the field's as --show prints
// the configuration, the value its JSON; of a text the quotes may be left out.
func (e editor[C]) assign(c *C, assignment string) error {
	key, text, found := strings.Cut(assignment, "=")
	head, field, nested := strings.Cut(key, ".")
	if !found || key == "" {
		return misusef("--set %q must be KEY=VALUE, such as penalty.one_sided=true; train --show prints the keys", assignment)
	}
	value := json.RawMessage(text)
	if !json.Valid(value) {
		value = quoted(text)
	}
	if p, ok := e.parts[head]; ok {
		if !nested {
			return errors.Errorf("--set %s: say which of its fields, %s.FIELD=VALUE", key, head)
		}
		return setPartField(p, c, "set "+key, field, value)
	}
	if !nested {
		return assignTop(c, key, value)
	}
	if group, ok := e.groups[head]; ok {
		return assignField(group(c), key, field, value)
	}
	return unknownKey(key, head, slices.Concat(keys(e.parts), keys(e.groups)))
}

// assignTop sets what stands at the top of a configuration, a number. What is no part of its JSON, such as the run folder, is
// lost.
func assignTop[C any](c *C, key string, value json.RawMessage) error {
	data, err := json.Marshal(c)
	if err != nil {
		return errors.WithStack(err)
	}
	values := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &values); err != nil {
		return errors.WithStack(err)
	}
	if _, known := values[key]; !known {
		return unknownKey(key, key, keys(values))
	}
	values[key] = value
	if data, err = json.Marshal(values); err != nil {
		return errors.WithStack(err)
	}
	if err := json.Unmarshal(data, c); err != nil {
		return errors.Errorf("--set %s: %s is no value for it", key, value)
	}
	return nil
}

// assignField sets a field of a group of settings, a pointer to a struct.
func assignField(group any, key, field string, value json.RawMessage) error {
	names := fieldNames(group)
	if !slices.Contains(names, field) {
		return unknownKey(key, field, names)
	}
	data, err := json.Marshal(map[string]json.RawMessage{field: value})
	if err != nil {
		return errors.WithStack(err)
	}
	if err := json.Unmarshal(data, group); err != nil {
		return errors.Errorf("--set %s: %s is no value for it, want a %s", key, value, kindOfField(group, field))
	}
	return nil
}

// kindOfField says what the field of a struct holds.
func kindOfField(group any, name string) string {
	kind := reflect.TypeOf(group).Elem()
	for i := range kind.NumField() {
		if tag, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ","); tag == name {
			switch kind.Field(i).Type.Kind() {
			case reflect.Int:
				return "whole number"
			case reflect.String:
				return "name"
			}
		}
	}
	return "number"
}

func unknownKey(key, wrong string, known []string) error {
	slices.Sort(known)
	return errors.Errorf("--set %s: there is no %s%s (all: %s)", key, wrong, nearest.Hint(wrong, known), strings.Join(known, ", "))
}

func keys[T any](from map[string]T) []string {
	var names []string
	for name := range from {
		names = append(names, name)
	}
	return names
}
