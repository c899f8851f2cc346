package training

import (
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/runfolder"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// scopeAt returns the scope of the name, with slashes between scopes, below another.
func scopeAt(scope *model.Scope, name string) *model.Scope {
	for part := range strings.SplitSeq(name, "/") {
		scope = scope.At("%s", part)
	}
	return scope
}

// flat returns the name of a player as one word.
func flat(name string) string { return strings.ReplaceAll(name, "/", "_") }

// stateOf returns the scope in which the optimizer of a player remembers.
func stateOf(player string) string { return "optimizer_" + flat(player) }

// takeWeights is TakeWeights without the words around errors.
func (t *Trainer) takeWeights(dir string, scopes []string) error {
	data, _, err := runfolder.Last(dir)
	if err != nil {
		return err
	}
	if data == nil {
		return errors.New("it has no checkpoint yet")
	}
	list, _, err := safetensors.Read(data)
	if err != nil {
		return err
	}
	found := map[string]*tensors.Tensor{}
	var order []string
	for _, named := range list {
		for _, scope := range scopes {
			if strings.HasPrefix(named.Name, "/"+scope+"/") && !strings.Contains(named.Name, learningRate) {
				found[named.Name] = named.Tensor
				order = append(order, named.Name)
			}
		}
	}
	for _, scope := range scopes {
		if err := t.checkWeights(scope, found); err != nil {
			return err
		}
	}
	for _, name := range order {
		if v := t.store.GetVariable(name); v != nil {
			err = v.SetValue(found[name])
		} else {
			_, err = t.store.CreateVariable(name, found[name])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// learningRate is in the name of a variable that an optimizer keeps among the weights.
const learningRate = "learning_rate"

// checkWeights returns an error if what was found is not what lies under the scope.
func (t *Trainer) checkWeights(scope string, found map[string]*tensors.Tensor) error {
	prefix := "/" + scope + "/"
	some := false
	for name := range found {
		some = some || strings.HasPrefix(name, prefix)
	}
	if !some {
		return errors.Errorf("it has nothing called %s", scope)
	}
	for v := range t.store.IterVariables() {
		name := v.Path()
		if !strings.HasPrefix(name, prefix) || strings.Contains(name, learningRate) {
			continue
		}
		value := found[name]
		if value == nil {
			return errors.Errorf("it has no %s", name)
		}
		if !value.Shape().Equal(v.Shape()) {
			return errors.Errorf("%s is shaped %s there, and %s here; choose the same networks", name, value.Shape(), v.Shape())
		}
	}
	return nil
}
