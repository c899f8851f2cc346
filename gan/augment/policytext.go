package augment

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// operations are those that the text form of a policy knows, in the order in which a message lists them. Their fields are
// numbers and borders, and their names in lower case those in the text.
var operations = []Operation{
	RandomFlip{}, RandomFlip{Vertical: true}, RandomRotation{}, RandomScale{}, RandomTranslation{}, RandomShear{}, RandomCrop{}, RandomElastic{},
	RandomBrightness{}, RandomContrast{}, RandomSaturation{}, RandomHue{}, RandomGamma{}, RandomBlur{}, RandomNoise{}, RandomCutout{},
}

// Operations returns one of each kind of operation, with its fields at zero.
func Operations() []Operation { return append([]Operation(nil), operations...) }

// ParsePolicy reads a policy: steps separated by commas, each an operation's name, its strength, further fields by name, and
// its probability, separated by colons. All but the name may be left out. The name of a policy stands for its steps.
//
//	flip,rotate:15,translate:0.1:border=reflect,brightness:0.2:p=0.5
//	classic,cutout:0.3:fill=-1
//
// Steps without a probability always happen, flips every other time. Unknown names come with the nearest.
func ParsePolicy(text string) (Policy, error) {
	policy := Policy{}
	if strings.TrimSpace(text) == "" {
		return policy, nil
	}
	for _, element := range strings.Split(text, ",") {
		element = strings.TrimSpace(element)
		if named, err := Named(element); err == nil {
			policy = append(policy, named...)
			continue
		}
		step, err := parseStep(element)
		if err != nil {
			return nil, err
		}
		policy = append(policy, step)
	}
	return policy, nil
}

// parseStep reads "rotate:15:border=reflect:p=0.5".
func parseStep(text string) (Step, error) {
	parts := strings.Split(text, ":")
	zero, err := operationNamed(strings.TrimSpace(parts[0]))
	if err != nil {
		return Step{}, err
	}
	step := Step{Probability: usual(zero)}
	value := reflect.New(reflect.TypeOf(zero)).Elem()
	value.Set(reflect.ValueOf(zero))
	names := fieldNames(zero)
	for i, part := range parts[1:] {
		key, number, hasKey := strings.Cut(part, "=")
		if !hasKey && i == 0 && len(names) > 0 {
			key, number = names[0], part
		} else if !hasKey {
			return Step{}, errors.Errorf("augment: %q in the step %q of a policy must be NAME=VALUE%s", part, text, fieldHint(names))
		}
		if err := setField(&step, value, strings.TrimSpace(key), strings.TrimSpace(number)); err != nil {
			return Step{}, errors.WithMessagef(err, "augment: the step %q of a policy", text)
		}
	}
	step.Operation = value.Interface().(Operation)
	return step, step.Operation.Check()
}

// operationNamed returns the operation of that name, with its fields at zero.
func operationNamed(name string) (Operation, error) {
	var names []string
	for _, operation := range operations {
		if operation.Name() == name {
			return operation, nil
		}
		names = append(names, operation.Name())
	}
	if name == "mixup" {
		return nil, errors.New("augment: mixup mixes two examples and their labels, which no step of a policy can; use augment.Mixup")
	}
	hint := nearest.Hint(name, append(PolicyNames(), names...))
	return nil, errors.Errorf("augment: there is no operation %q%s (operations: %s; policies: %s)",
		name, hint, strings.Join(names, ", "), strings.Join(PolicyNames(), ", "))
}

// usual returns the probability of a step that says none.
func usual(operation Operation) float64 {
	if _, ok := operation.(RandomFlip); ok {
		return 0.5
	}
	return 1
}

// setField sets a field of the operation in value, or the step's probability, from its text.
func setField(step *Step, value reflect.Value, key, text string) error {
	names := fieldNames(value.Interface())
	if key != "p" {
		for i, name := range names {
			if name != key {
				continue
			}
			if field := value.Field(i); field.Kind() == reflect.String {
				field.SetString(strings.TrimPrefix(text, "edge"))
				return nil
			}
			number, err := parseNumber(key, text)
			if err == nil && number == 0 && key != "fill" {
				err = errors.Errorf("%s of 0 would change nothing; leave the step out", key)
			}
			value.Field(i).SetFloat(number)
			return err
		}
		return errors.Errorf("there is no %q%s", key, fieldHint(names))
	}
	number, err := parseNumber(key, text)
	if err == nil && !(number > 0 && number <= 1) {
		err = errors.Errorf("the probability p is above 0 and at most 1, not %s", text)
	}
	step.Probability = number
	return err
}

func parseNumber(key, text string) (float64, error) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, errors.Errorf("%s must be a number, not %q", key, text)
	}
	return number + 0, nil // -0 becomes 0.
}

// fieldNames returns the names of an operation's fields in the text form; a flip has none.
func fieldNames(operation any) []string {
	var names []string
	kind := reflect.TypeOf(operation)
	for i := range kind.NumField() {
		if kind.Field(i).Type.Kind() != reflect.Bool {
			names = append(names, strings.ToLower(kind.Field(i).Name))
		}
	}
	return names
}

// fieldHint says which names there are.
func fieldHint(names []string) string {
	return "; it takes " + strings.Join(append(names, "p"), ", ")
}

// String returns the text form, from which ParsePolicy makes the same policy; "none" if it is empty.
func (p Policy) String() string {
	if len(p) == 0 {
		return "none"
	}
	steps := make([]string, len(p))
	for i, step := range p {
		steps[i] = step.String()
	}
	return strings.Join(steps, ",")
}

// String returns the step's text form.
func (s Step) String() string {
	if s.Operation == nil {
		return "nothing"
	}
	text := s.Operation.Name()
	value := reflect.ValueOf(s.Operation)
	for i, name := range fieldNames(s.Operation) {
		field := value.Field(i)
		switch {
		case field.Kind() == reflect.String && field.String() != "":
			text += ":" + name + "=" + field.String()
		case field.Kind() == reflect.Float64 && field.Float() != 0:
			text += ":"
			if i > 0 {
				text += name + "="
			}
			text += formatNumber(field.Float())
		}
	}
	if p := s.probability(); p != usual(s.Operation) {
		text += ":p=" + formatNumber(p)
	}
	return text
}

func formatNumber(number float64) string { return strconv.FormatFloat(number, 'g', -1, 64) }

// MarshalText returns the text form, so that a policy stands in JSON as a string.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the text form.
func (p *Policy) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePolicy(string(text))
	return err
}
