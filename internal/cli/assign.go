package cli

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// assignable are the parts that --set names, as train --show does.
var assignable = map[string]part{
	"arch": architecture, "loss": loss, "penalty": penalty, "generator_term": generatorTerm, "augment": augmentation,
	"generator": generator, "discriminator": discriminator,
}

// assign obeys a --set: "penalty.one_sided=true", for what has no flag of its own. The key is the field's as --show prints
// the configuration, the value its JSON; of a text the quotes may be left out.
func assign(c *gan.Config, assignment string) error {
	key, text, found := strings.Cut(assignment, "=")
	head, field, nested := strings.Cut(key, ".")
	if !found || key == "" {
		return misusef("--set %q must be KEY=VALUE, such as penalty.one_sided=true; train --show prints the keys", assignment)
	}
	value := json.RawMessage(text)
	if !json.Valid(value) {
		value = quoted(text)
	}
	if p, ok := assignable[head]; ok {
		if !nested {
			return errors.Errorf("--set %s: say which of its fields, %s.FIELD=VALUE", key, head)
		}
		return setPartField(p, c, "set "+key, field, value)
	}
	if !nested {
		return assignTop(c, key, value)
	}
	for name, group := range map[string]any{"condition": &c.Condition, "warm_up": &c.WarmUp, "noise": &c.Noise} {
		if name == head {
			return assignField(group, key, field, value)
		}
	}
	return unknownKey(key, head, slices.Concat(keys(assignable), []string{"condition", "warm_up", "noise"}))
}

// assignTop sets what stands at the top of a configuration, a number.
func assignTop(c *gan.Config, key string, value json.RawMessage) error {
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
	dir := c.Dir
	if err := json.Unmarshal(data, c); err != nil {
		return errors.Errorf("--set %s: %s is no value for it", key, value)
	}
	c.Dir = dir
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
