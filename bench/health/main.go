// Command health counts how often the monitor of package health finds trainings that go wrong and how often it is wrong
// itself: it runs scripted trainings, healthy and sick, and compares its alarms with what was to be expected.
//
//	go run ./bench/health --json health.json --markdown health.md
//
// Half of the scripts are held out: thresholds were chosen on runs of the others. --keep DIR keeps the runs, with a picture of
// samples in each, to see who is sick. The trainings are short, with narrow networks, and looked at every twentieth of them.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/health"
	"github.com/ganymede-ml/ganymede/xla"
)

func main() {
	only := flag.String("only", "", "scripts whose name contains one of these, separated by commas; all, if it is empty")
	which := flag.String("set", "all", "tuned, held-out or all")
	seed := flag.Int64("seed", 1, "added to the scripts' own")
	extractor := flag.String("features", "", "what pictures are judged by, as gan/features names it; the network of the data set, if it is empty")
	keep := flag.String("keep", "", "folder to keep the runs in; none, if it is empty")
	jsonFile := flag.String("json", "", "file to write the verdicts to")
	markdown := flag.String("markdown", "", "file to write the table to")
	flag.Parse()
	if err := run(*only, *which, *seed, *extractor, *keep, *jsonFile, *markdown); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(only, which string, seed int64, extractor, keep, jsonFile, markdown string) error {
	choice, err := xla.Open(context.Background(), xla.Options{})
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	dir := keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "health"); err != nil {
			return errors.WithStack(err)
		}
		defer os.RemoveAll(dir)
	}
	b := &bench{backend: choice.Backend, references: map[string]*health.Reference{}, features: extractor, dir: dir}
	var verdicts []verdict
	started := time.Now()
	for _, s := range chosen(only, which) {
		v, err := b.play(s.filled(seed))
		if err != nil {
			return errors.WithMessage(err, s.name)
		}
		verdicts = append(verdicts, v)
		fmt.Println(v.line())
	}
	result := summarize(verdicts)
	result.Seconds = time.Since(started).Seconds()
	fmt.Print(result.text())
	return result.write(jsonFile, markdown)
}

// chosen returns the scripts asked for.
func chosen(only, which string) []script {
	var list []script
	for _, s := range scripts() {
		if which == "tuned" && s.heldOut || which == "held-out" && !s.heldOut {
			continue
		}
		found := only == ""
		for part := range strings.SplitSeq(only, ",") {
			found = found || part != "" && strings.Contains(s.name, part)
		}
		if found {
			list = append(list, s)
		}
	}
	return list
}

// folderName returns a name for a folder.
func folderName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, name)
}

// result is of all trainings.
type result struct {
	Verdicts []verdict `json:"verdicts"`
	Tuned    rates     `json:"tuned"`
	HeldOut  rates     `json:"held_out"`
	All      rates     `json:"all"`
	Seconds  float64   `json:"seconds"`
}

// rates say how often the monitor was right.
type rates struct {
	Sick        int     `json:"sick"`
	Detected    int     `json:"detected"`
	Detection   float64 `json:"detection"` // Share of the sick.
	Healthy     int     `json:"healthy"`
	FalseAlarms int     `json:"false_alarms"`
	FalseAlarm  float64 `json:"false_alarm"` // Share of the healthy.
}

func (r *rates) count(v verdict) {
	switch {
	case v.Sick:
		r.Sick++
		if v.Right {
			r.Detected++
		}
	default:
		r.Healthy++
		if !v.Right {
			r.FalseAlarms++
		}
	}
	r.Detection = float64(r.Detected) / float64(max(1, r.Sick))
	r.FalseAlarm = float64(r.FalseAlarms) / float64(max(1, r.Healthy))
}

func summarize(verdicts []verdict) *result {
	r := &result{Verdicts: verdicts}
	for _, v := range verdicts {
		r.All.count(v)
		if v.HeldOut {
			r.HeldOut.count(v)
		} else {
			r.Tuned.count(v)
		}
	}
	return r
}

func (r rates) String() string {
	return fmt.Sprintf("%d of %d sick found (%.0f %%), %d false alarms in %d healthy (%.0f %%)",
		r.Detected, r.Sick, 100*r.Detection, r.FalseAlarms, r.Healthy, 100*r.FalseAlarm)
}

func (r *result) text() string {
	return fmt.Sprintf("tuned:    %s\nheld out: %s\nall:      %s\n%.0f s\n", r.Tuned, r.HeldOut, r.All, r.Seconds)
}

// line returns the verdict as a line of text.
func (v verdict) line() string {
	said := "healthy"
	if v.Kind != "" {
		said = fmt.Sprintf("%s at %d, since %d: %s", v.Kind, v.Step, v.Since, v.Text)
	}
	mark := "  "
	if !v.Right {
		mark = "✗ "
	}
	expected := "healthy"
	if v.Sick {
		expected = "sick"
	}
	return fmt.Sprintf("%s%-48s %-8s → %s %v (%.0f s)", mark, v.Script, expected, said, v.Notes, v.Seconds)
}

// write writes the result to the files named.
func (r *result) write(jsonFile, markdown string) error {
	if jsonFile != "" {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return errors.WithStack(err)
		}
		if err := os.WriteFile(jsonFile, append(data, '\n'), 0o666); err != nil {
			return errors.WithStack(err)
		}
	}
	if markdown == "" {
		return nil
	}
	var text strings.Builder
	text.WriteString("| training | expected | alarm | at step | since | |\n|---|---|---|---|---|---|\n")
	for _, v := range r.Verdicts {
		expected, alarm, step, since := "healthy", "none", "", ""
		if v.Sick {
			expected = "sick"
		}
		if v.Kind != "" {
			alarm, step, since = string(v.Kind), fmt.Sprint(v.Step), fmt.Sprint(v.Since)
		}
		mark := "right"
		if !v.Right {
			mark = "**wrong**"
		}
		name := v.Script
		if v.HeldOut {
			name += " (held out)"
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", name, expected, alarm, step, since, mark)
	}
	fmt.Fprintf(&text, "\n| trainings | sick ones found | false alarms |\n|---|---|---|\n")
	for _, row := range []struct {
		name string
		r    rates
	}{{"thresholds chosen on", r.Tuned}, {"held out", r.HeldOut}, {"all", r.All}} {
		fmt.Fprintf(&text, "| %s | %d of %d (%.0f %%) | %d of %d (%.0f %%) |\n",
			row.name, row.r.Detected, row.r.Sick, 100*row.r.Detection, row.r.FalseAlarms, row.r.Healthy, 100*row.r.FalseAlarm)
	}
	return errors.WithStack(os.WriteFile(markdown, []byte(text.String()), 0o666))
}
