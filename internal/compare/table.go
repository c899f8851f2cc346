package compare

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// Table returns the scores of the runs, and what differs in their settings, as aligned text.
func (c *Comparison) Table() (string, error) {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { _, _ = fmt.Fprintln(table, strings.Join(cells, "\t")) } // Flush returns the error.
	row := func(name string, of func(r *Result) string, data string) {
		cells := []string{name}
		for _, r := range c.Runs {
			cells = append(cells, of(r))
		}
		if c.floor() != nil {
			cells = append(cells, data)
		}
		line(cells...)
	}
	row("SCORE", func(r *Result) string { return r.Name }, "(the data)")
	row("data", func(r *Result) string { return r.Data }, c.Runs[0].Data)
	row("steps", func(r *Result) string { return fmt.Sprint(r.Steps) }, "")
	row("time", (*Result).time, "")
	for _, column := range c.columns() {
		row(column.Name, func(r *Result) string { return column.text(r.Scores) }, column.text(c.floor()))
	}
	list, err := c.Differences()
	if err != nil {
		return "", err
	}
	if err := table.Flush(); err != nil {
		return "", err
	}
	text.WriteString("\n")
	if len(list) == 0 {
		return trimmed(text.String()) + "The settings of the runs are the same.\n", nil
	}
	header := []string{"SETTING"}
	for _, r := range c.Runs {
		header = append(header, r.Name)
	}
	line(header...)
	for _, difference := range list {
		cells := []string{difference.Setting}
		for _, value := range difference.Values {
			cells = append(cells, cmp.Or(value, "–"))
		}
		line(cells...)
	}
	err = table.Flush()
	return trimmed(text.String()), err
}

// trimmed returns the lines without the spaces at their ends, which pad empty cells.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

// floor returns the scores of the data itself, if the runs share it.
func (c *Comparison) floor() Scores {
	for _, r := range c.Runs {
		if r.Data != c.Runs[0].Data || r.record.Data.Hash != c.Runs[0].record.Data.Hash {
			return nil
		}
	}
	return c.Runs[0].Floor
}

// text returns the score that stands in the column, for people.
func (c column) text(scores Scores) string {
	if score, ok := c.in(scores); ok {
		return score.Text()
	}
	return "–"
}

// time returns how long training took.
func (r *Result) time() string {
	if r.Seconds == 0 {
		return "–"
	}
	return time.Duration(r.Seconds * float64(time.Second)).Round(time.Second).String()
}
