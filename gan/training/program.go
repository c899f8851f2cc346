package training

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"
)

// Program is a graph over a run's weights, to use them with.
type Program struct {
	task string
	exec *model.Exec
}

// Program returns the graph that build builds with the trainer's variables, out of training mode: its weights are those at
// the time of the call. Weights that no step has made yet are fresh ones.
func (t *Trainer) Program(build func(scope *model.Scope, inputs []*graph.Node) []*graph.Node) (*Program, error) {
	exec, err := model.NewExec(t.backend, t.store, build)
	if err != nil {
		return nil, errors.WithMessage(err, t.definition.Task)
	}
	return &Program{task: t.definition.Task, exec: exec.SetMaxCache(-1)}, nil
}

// Call runs the program on inputs, tensors or Go values. It is compiled when inputs of new shapes come, and kept for others of
// these shapes. The caller owns what it returns.
func (p *Program) Call(inputs ...any) ([]*tensors.Tensor, error) {
	outputs, err := p.exec.Call(inputs...)
	return outputs, errors.WithMessage(err, p.task)
}
