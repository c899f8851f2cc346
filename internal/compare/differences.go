package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// Difference is a setting that is not the same in all runs.
type Difference struct {
	Setting string   `json:"setting"` // Its path in run.json: "penalty.gamma".
	Values  []string `json:"values"`  // Of the runs, in their order; "" where a run does not say it.
}

// Differences returns the settings in which the runs differ, in the order of run.json.
func (c *Comparison) Differences() ([]Difference, error) {
	var order []string
	values := map[string][]string{}
	for i, r := range c.Runs {
		leaves, err := leavesOf(struct {
			Data   string `json:"data"`
			Batch  int    `json:"batch"`
			Config any    `json:"config"`
		}{r.Data, r.record.Data.BatchSize, r.record.Config})
		if err != nil {
			return nil, err
		}
		at := 0 // Where in order the next one belongs if it is not there.
		for _, leaf := range leaves {
			path := strings.TrimPrefix(leaf.path, "config.")
			if values[path] == nil {
				order = slices.Insert(order, at, path)
				values[path] = make([]string, len(c.Runs))
			}
			values[path][i] = leaf.value
			at = slices.Index(order, path) + 1
		}
	}
	var list []Difference
	for _, path := range order {
		for _, value := range values[path] {
			if value != values[path][0] {
				list = append(list, Difference{path, values[path]})
				break
			}
		}
	}
	return list, nil
}

// leaf is a value in JSON that is not an object.
type leaf struct{ path, value string }

// leavesOf returns the leaves of what a value is in JSON, in its order. A list is one leaf; null says nothing, "".
func leavesOf(value any) ([]leaf, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, errors.WithMessage(err, "settings")
	}
	return leavesIn("", data)
}

func leavesIn(path string, data json.RawMessage) ([]leaf, error) {
	switch {
	case bytes.Equal(data, []byte("null")):
		return []leaf{{path, ""}}, nil
	case len(data) == 0 || data[0] != '{':
		var text string
		if json.Unmarshal(data, &text) != nil {
			text = string(data)
		}
		return []leaf{{path, text}}, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil { // The brace.
		return nil, errors.Wrap(err, "settings")
	}
	var leaves []leaf
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, errors.Wrap(err, "settings")
		}
		var inner json.RawMessage
		if err := decoder.Decode(&inner); err != nil {
			return nil, errors.Wrap(err, "settings")
		}
		name := fmt.Sprint(key)
		if path != "" && name != "name" { // The name of a part stands for it: "loss", not "loss.name".
			name = path + "." + name
		} else if path != "" {
			name = path
		}
		more, err := leavesIn(name, inner)
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, more...)
	}
	return leaves, nil
}
