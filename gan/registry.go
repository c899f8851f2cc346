package gan

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Registry holds the types of one kind, losses say, by name: that of the command line and of a run's record. A type that
// is registered can be saved and loaded; its fields must go through JSON unharmed.
type Registry[T any] struct {
	kind    string // What they are, for messages: "architecture".
	entries []registered[T]
}

type registered[T any] struct {
	name string
	zero T
}

// What a Config is put together from.
var (
	Architectures  = NewRegistry[Architecture]("architecture")
	Losses         = NewRegistry[Loss]("loss")
	Penalties      = NewRegistry[Penalty]("penalty")
	GeneratorTerms = NewRegistry[GeneratorTerm]("generator term")
	Augmentations  = NewRegistry[Augmentation]("augmentation")
	Optimizers     = NewRegistry[Optimizer]("optimizer")
)

// NewRegistry returns a registry without types. The kind is what messages call one of them: "architecture".
func NewRegistry[T any](kind string) *Registry[T] { return &Registry[T]{kind: kind} }

// Register gives the type of zero a name. It panics if the name is taken.
func (r *Registry[T]) Register(name string, zero T) {
	for _, e := range r.entries {
		if e.name == name {
			panic(errors.Errorf("gan: there is already a %s named %q", r.kind, name))
		}
	}
	r.entries = append(r.entries, registered[T]{name, zero})
}

// Names returns the names, sorted.
func (r *Registry[T]) Names() []string {
	names := make([]string, len(r.entries))
	for i, e := range r.entries {
		names[i] = e.name
	}
	slices.Sort(names)
	return names
}

// Named returns the zero value of the type of that name. The error for an unknown name lists the nearest ones.
func (r *Registry[T]) Named(name string) (T, error) {
	for _, e := range r.entries {
		if e.name == name {
			return e.zero, nil
		}
	}
	var none T
	hint := nearest.Hint(name, r.Names())
	if hint == "" {
		hint = "; there are " + strings.Join(r.Names(), ", ")
	}
	return none, errors.Errorf("gan: there is no %s %q%s", r.kind, name, hint)
}

// NameOf returns the name of the value's type, or "" if it has none.
func (r *Registry[T]) NameOf(value T) string {
	for _, e := range r.entries {
		if any(value) != nil && reflect.TypeOf(e.zero) == reflect.TypeOf(value) {
			return e.name
		}
	}
	return ""
}

// Marshal writes a value as its name and its fields, {"name": "dcgan", "size": 28}; nil as null.
func (r *Registry[T]) Marshal(value T) (json.RawMessage, error) {
	if any(value) == nil {
		return json.RawMessage("null"), nil
	}
	name := r.NameOf(value)
	if name == "" {
		return nil, errors.Errorf("gan: %T has no name to be saved by; give it one with Register", value)
	}
	fields, err := json.Marshal(value)
	if err != nil {
		return nil, errors.Wrapf(err, "gan: %s %s", r.kind, name)
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	text := `{"name":` + string(quoted)
	if inner := strings.TrimSuffix(strings.TrimPrefix(string(fields), "{"), "}"); inner != "" {
		text += "," + inner
	}
	return json.RawMessage(text + "}"), nil
}

// Unmarshal reads what Marshal wrote.
func (r *Registry[T]) Unmarshal(data json.RawMessage) (T, error) {
	var none T
	if len(data) == 0 || string(data) == "null" {
		return none, nil
	}
	var head struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return none, errors.Wrapf(err, "gan: %s", r.kind)
	}
	zero, err := r.Named(head.Name)
	if err != nil {
		return none, err
	}
	value := reflect.New(reflect.TypeOf(zero))
	if err := json.Unmarshal(data, value.Interface()); err != nil {
		return none, errors.Wrapf(err, "gan: %s %s", r.kind, head.Name)
	}
	return value.Elem().Interface().(T), nil
}
