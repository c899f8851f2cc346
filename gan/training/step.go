package training

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/pkg/errors"
)

// Step is what a step reported.
type Step struct {
	N      int     // Steps taken so far, from 1 on.
	Values []Value // In the order in which the step reports them.
}

// Value is a number of a step: a loss, or the norm of a gradient.
type Value struct {
	Name  string // "generator_loss".
	Value float64
}

const stepKey = "step" // Of the number of the step in a line of the log.

// Value returns the value of the name, 0 if the step has none.
func (s Step) Value(name string) float64 {
	for _, value := range s.Values {
		if value.Name == name {
			return value.Value
		}
	}
	return 0
}

// MarshalJSON writes the step as {"step": 1, "generator_loss": 0.7}.
func (s Step) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	fmt.Fprintf(&text, `{"%s":%d`, stepKey, s.N)
	for _, value := range s.Values {
		number, err := json.Marshal(value.Value)
		if err != nil {
			return nil, errors.Wrap(err, value.Name)
		}
		fmt.Fprintf(&text, `,%q:%s`, value.Name, number)
	}
	return append(text.Bytes(), '}'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Step) UnmarshalJSON(data []byte) error {
	*s = Step{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		return errors.Wrap(err, "step")
	}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return errors.Wrap(err, "step")
		}
		name, isName := token.(string)
		var number float64
		if err := decoder.Decode(&number); err != nil || !isName {
			return errors.Wrapf(err, "step: %v", token)
		}
		if name == stepKey {
			s.N = int(number)
		} else {
			s.Values = append(s.Values, Value{name, number})
		}
	}
	return nil
}

// finite tells whether all values are numbers.
func (s Step) finite() bool {
	for _, value := range s.Values {
		if math.IsNaN(value.Value) || math.IsInf(value.Value, 0) {
			return false
		}
	}
	return true
}

// NotANumber is the error of a step of which a value went out of bounds. The weights are spoiled: only Load goes on, from the
// last checkpoint.
type NotANumber struct {
	Step  Step
	Saved int // Steps of the last checkpoint, which is kept; 0 if there is none.
}

// Error says at which step, what is kept, and what to try.
func (e *NotANumber) Error() string {
	kept := "nothing was saved"
	if e.Saved > 0 {
		kept = fmt.Sprintf("the checkpoint of step %d is kept", e.Saved)
	}
	var values []string
	for _, value := range e.Step.Values {
		values = append(values, fmt.Sprintf("%s %.4g", strings.ReplaceAll(value.Name, "_", " "), value.Value))
	}
	return fmt.Sprintf("the losses are no longer numbers at step %d (%s); %s; try a lower learning rate", e.Step.N, strings.Join(values, ", "), kept)
}
