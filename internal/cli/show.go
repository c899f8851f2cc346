package cli

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/preset"
)

// shownPlan is what train --show prints, of a configuration C.
type shownPlan[C any] struct {
	Preset     string    `json:"preset,omitempty"`
	Summary    string    `json:"summary,omitempty"`
	Paper      string    `json:"paper,omitempty"`
	Deviations []string  `json:"deviations,omitempty"` // Of the preset from the paper.
	Data       shownData `json:"data"`
	Batch      int       `json:"batch"`
	Steps      int       `json:"steps,omitempty"`
	Minutes    float64   `json:"minutes,omitempty"`
	Config     C         `json:"config"`
}

type shownData struct {
	Name     string `json:"name"`
	Examples int    `json:"examples"`
	Streamed bool   `json:"streamed,omitempty"` // Pictures are decoded as they are needed, not all at the start.
	Shape    []int  `json:"shape"`
	ShapeB   []int  `json:"shape_b,omitempty"` // Of pairs' other side.
	Classes  int    `json:"classes"`
}

// numberList is a list of numbers in indented JSON, which reads better on one line.
var numberList = regexp.MustCompile(`\[[\d\s,]+\]`)

// showPlan prints what would be trained: the preset with its paper and deviations, and every setting.
func (t *training) showPlan() error {
	p := t.plan
	info := p.learned.info(p.data)
	shown := shownPlan[gan.Config]{
		Data:  shownData{Name: p.data, Examples: p.learned.count(), Streamed: p.learned.stream != nil, Shape: info.shape, Classes: info.classes},
		Batch: p.batch, Steps: p.request.Steps, Minutes: p.request.Minutes, Config: p.config,
	}
	if base, err := preset.Named(p.preset); err == nil {
		shown.Preset, shown.Summary, shown.Paper, shown.Deviations = base.Name, base.Summary, base.Paper, base.Deviations
	}
	return printPlan(t.console, shown, t.givenText(), nil, t.json)
}

// printPlan prints a plan: as JSON, or for people, with what flags change and remarks before it.
func printPlan[C any](c *console, shown shownPlan[C], given string, remarks []string, asJSON bool) error {
	if asJSON {
		return c.printJSON(shown)
	}
	var lines []string
	if shown.Preset != "" {
		lines = append(lines, "preset "+shown.Preset+": "+shown.Summary)
	}
	if shown.Paper != "" {
		lines = append(lines, "paper: "+shown.Paper)
	}
	if len(shown.Deviations) > 0 {
		lines = append(lines, "differs from the paper:")
	}
	for _, deviation := range shown.Deviations {
		lines = append(lines, "  - "+deviation)
	}
	if given != "" {
		lines = append(lines, "changed by flags: "+given)
	}
	lines = append(lines, remarks...)
	shown.Preset, shown.Summary, shown.Paper, shown.Deviations = "", "", "", nil
	data, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		return errors.Wrap(err, "the settings as JSON")
	}
	data = numberList.ReplaceAllFunc(data, func(list []byte) []byte {
		numbers := bytes.Fields(bytes.Trim(list, "[]"))
		return append(append([]byte("["), bytes.Join(numbers, []byte(" "))...), ']')
	})
	return c.print("%s", strings.Join(append(lines, string(data)), "\n"))
}

// givenText returns the flags that change the preset, as they were given.
func (t *training) givenText() string {
	var words []string
	list, values := given(settings, t.flags)
	for i, s := range list {
		words = append(words, "--"+s.name+" "+values[i])
	}
	for _, assignment := range t.assign {
		words = append(words, "--set "+assignment)
	}
	return strings.Join(words, " ")
}
