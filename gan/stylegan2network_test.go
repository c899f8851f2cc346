package gan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// network is a store, and what a function of it computes, again and again.
type network struct {
	t       *testing.T
	backend compute.Backend
	store   *model.Store
}

func newNetwork(t *testing.T, backend compute.Backend) network {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(3); err != nil {
		t.Fatal(err)
	}
	return network{t, backend, store}
}

// run runs a function of float64 operands once.
func (n network) run(training bool, f func(scope *model.Scope, x []*Node) []*Node, operands ...*tensors.Tensor) [][]float64 {
	n.t.Helper()
	exec, err := model.NewExec(n.backend, n.store, func(scope *model.Scope, x []*Node) []*Node {
		scope.Store().SetTraining(x[0].Graph(), training)
		return f(scope, x)
	})
	if err != nil {
		n.t.Fatalf("%+v", err)
	}
	defer exec.Finalize()
	args := make([]any, len(operands))
	for i, operand := range operands {
		if args[i], err = operand.LocalClone(); err != nil {
			n.t.Fatalf("%+v", err)
		}
	}
	outputs, err := exec.Call(args...)
	if err != nil {
		n.t.Fatalf("%+v", err)
	}
	results := make([][]float64, len(outputs))
	for i, output := range outputs {
		results[i] = gantest.Float64s(n.t, output)
	}
	return results
}

// on returns a network with the same trainable variables on another backend.
func (n network) on(t *testing.T, backend compute.Backend) network {
	t.Helper()
	other := newNetwork(t, backend)
	for v := range n.store.IterVariables() {
		if !v.Trainable {
			continue
		}
		scope := other.store.RootScope()
		names := strings.Split(strings.TrimPrefix(v.Path(), "/"), "/")
		for _, name := range names[:len(names)-1] {
			scope = scope.At("%s", name)
		}
		value, err := v.MustValue().LocalClone()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		scope.VariableWithValue(names[len(names)-1], value)
	}
	return other
}

// fill gives every trainable variable numbers from a wave, so that none is at a special value such as zero.
func (n network) fill(scale float64) {
	n.t.Helper()
	var variables []*model.Variable
	for v := range n.store.IterVariables() {
		if v.Trainable {
			variables = append(variables, v)
		}
	}
	slices.SortFunc(variables, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	for i, v := range variables {
		value := gantest.Tensor(scale, float64(i), v.Shape().Dimensions...)
		if v.Shape().Rank() == 0 {
			value = tensors.FromScalar(scale)
		}
		if err := v.SetValue(value); err != nil {
			n.t.Fatal(err)
		}
	}
}

// trainable returns the trainable variables under the scope of a player, sorted by path.
func trainable(store *model.Store, player string) []*model.Variable {
	var variables []*model.Variable
	for v := range store.IterVariables() {
		if v.Trainable && strings.HasPrefix(v.Path(), "/"+player+"/") {
			variables = append(variables, v)
		}
	}
	slices.SortFunc(variables, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	return variables
}
