package enlarge

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Method is a way to make new pictures of a class.
type Method struct {
	Name     string
	Summary  string // One line.
	Learns   bool   // Whether it trains networks.
	Computes bool   // Whether it runs networks, its own or trained ones, and so needs a backend.

	order int // Its place in Methods.
	parts func(o Options) []part
	maker func(ctx context.Context, e *Enlarger) (maker, error) // Nil for a method that only mixes others.
	check func(e *Enlarger) error                               // Or nil.
}

// part is how much of the new pictures a method makes.
type part struct {
	method string
	share  float64 // Those of all parts make 1.
}

// maker makes the pictures of one method.
type maker interface {
	// samples yields a picture for each of the slots, in an order of its own, and ends with the first error.
	samples(ctx context.Context, slots []slot) iter.Seq2[Sample, error]
}

var methods []Method

// register adds a method. A method without parts makes all pictures itself.
func register(m Method) {
	if m.parts == nil {
		name := m.Name
		m.parts = func(Options) []part { return []part{{name, 1}} }
	}
	m.Computes = m.Computes || m.Learns
	methods = append(methods, m)
	slices.SortFunc(methods, func(a, b Method) int { return cmp.Compare(a.order, b.order) })
}

// Methods returns the methods there are.
func Methods() []Method { return slices.Clone(methods) }

func methodNames() []string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.Name
	}
	return names
}

// methodNamed returns the method of that name. The error for an unknown one lists all.
func methodNamed(name string) (Method, error) {
	for _, m := range methods {
		if m.Name == name {
			return m, nil
		}
	}
	names := methodNames()
	return Method{}, errors.Errorf("enlarge: there is no method %q%s (all: %s)", name, nearest.Hint(name, names), strings.Join(names, ", "))
}

// parts returns which methods make the new pictures.
func (e *Enlarger) parts() []part { return e.method.parts(e.options) }

// maker returns what makes the pictures of a method, which trains if it has to.
func (e *Enlarger) maker(ctx context.Context, name string) (maker, error) {
	if m, ok := e.makers[name]; ok {
		return m, nil
	}
	if name == originalName {
		return originals{e}, nil
	}
	method, err := methodNamed(name)
	if err != nil {
		return nil, err
	}
	made, err := method.maker(ctx, e)
	if err == nil {
		e.makers[name] = made
	}
	return made, err
}

const mixName = "mix"

func init() {
	register(Method{
		Name: mixName, Summary: "classical changes and samples of a GAN, half of each unless --share says otherwise",
		Learns: true, order: 3,
		parts: func(o Options) []part { return []part{{classicName, 1 - o.Share}, {ganName, o.Share}} },
	})
}
