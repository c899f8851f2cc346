package gan

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// named lists the implementations of an interface that have a name: on the command line and in a run's record.
type named[T any] struct {
	kind    string // What they are, for messages: "architecture".
	entries []entry[T]
}

type entry[T any] struct {
	name  string
	value T
}

var (
	architectures = &named[Architecture]{kind: "architecture"}
	losses        = &named[Loss]{kind: "loss"}
	penalties     = &named[Penalty]{kind: "penalty"}
)

func init() {
	RegisterArchitecture("dcgan", DCGAN{})
	RegisterArchitecture("mlp", MLP{})
	RegisterLoss("ns", NonSaturating{})
	RegisterLoss("rp", RelativisticPaired{})
	RegisterPenalty("r1", R1{})
}

// RegisterArchitecture gives a type of Architecture a name, so that runs with it can be saved and loaded. Its fields
// must go through JSON unharmed. It panics if the name is taken.
func RegisterArchitecture(name string, zero Architecture) { architectures.register(name, zero) }

// RegisterLoss gives a type of Loss a name, as RegisterArchitecture does.
func RegisterLoss(name string, zero Loss) { losses.register(name, zero) }

// RegisterPenalty gives a type of Penalty a name, as RegisterArchitecture does.
func RegisterPenalty(name string, zero Penalty) { penalties.register(name, zero) }

// Architectures returns the names of the architectures, sorted.
func Architectures() []string { return architectures.names() }

// Losses returns the names of the losses, sorted.
func Losses() []string { return losses.names() }

// Penalties returns the names of the penalties, sorted.
func Penalties() []string { return penalties.names() }

// ArchitectureNamed returns the zero value of the architecture of that name. The error for an unknown name lists the
// nearest ones.
func ArchitectureNamed(name string) (Architecture, error) { return architectures.find(name) }

// LossNamed returns the zero value of the loss of that name, as ArchitectureNamed does.
func LossNamed(name string) (Loss, error) { return losses.find(name) }

// PenaltyNamed returns the zero value of the penalty of that name, as ArchitectureNamed does.
func PenaltyNamed(name string) (Penalty, error) { return penalties.find(name) }

func (n *named[T]) register(name string, zero T) {
	for _, e := range n.entries {
		if e.name == name {
			panic(errors.Errorf("gan: there is already a %s named %q", n.kind, name))
		}
	}
	n.entries = append(n.entries, entry[T]{name, zero})
}

func (n *named[T]) names() []string {
	names := make([]string, len(n.entries))
	for i, e := range n.entries {
		names[i] = e.name
	}
	slices.Sort(names)
	return names
}

func (n *named[T]) find(name string) (T, error) {
	for _, e := range n.entries {
		if e.name == name {
			return e.value, nil
		}
	}
	var none T
	hint := nearest.Hint(name, n.names())
	if hint == "" {
		hint = "; there are " + strings.Join(n.names(), ", ")
	}
	return none, errors.Errorf("gan: there is no %s %q%s", n.kind, name, hint)
}

// marshal writes a value as its fields and its name, {"name": "dcgan", "size": 28}; nil as null.
func (n *named[T]) marshal(value T) (json.RawMessage, error) {
	if any(value) == nil {
		return json.RawMessage("null"), nil
	}
	for _, e := range n.entries {
		if reflect.TypeOf(e.value) != reflect.TypeOf(value) {
			continue
		}
		fields, err := json.Marshal(value)
		if err != nil {
			return nil, errors.Wrapf(err, "gan: %s %s", n.kind, e.name)
		}
		name, err := json.Marshal(e.name)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		text := `{"name":` + string(name)
		if inner := strings.TrimSuffix(strings.TrimPrefix(string(fields), "{"), "}"); inner != "" {
			text += "," + inner
		}
		return json.RawMessage(text + "}"), nil
	}
	return nil, errors.Errorf("gan: %T has no name to be saved by; give it one with Register%s%s",
		value, strings.ToUpper(n.kind[:1]), n.kind[1:])
}

// unmarshal reads what marshal wrote.
func (n *named[T]) unmarshal(data json.RawMessage) (T, error) {
	var none T
	if len(data) == 0 || string(data) == "null" {
		return none, nil
	}
	var head struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return none, errors.Wrapf(err, "gan: %s", n.kind)
	}
	zero, err := n.find(head.Name)
	if err != nil {
		return none, err
	}
	value := reflect.New(reflect.TypeOf(zero))
	if err := json.Unmarshal(data, value.Interface()); err != nil {
		return none, errors.Wrapf(err, "gan: %s %s", n.kind, head.Name)
	}
	return value.Elem().Interface().(T), nil
}
