package compare

import (
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
	columns := c.columns()
	header := []string{"RUN", "DATA", "STEPS", "TIME"}
	for _, column := range columns {
		header = append(header, strings.ReplaceAll(strings.ToUpper(column.Name), "Σ", "σ"))
	}
	line(header...)
	for _, r := range c.Runs {
		line(append([]string{r.Name, r.Data, fmt.Sprint(r.Steps), r.time()}, cells(columns, r.Scores)...)...)
	}
	if floor := c.floor(); floor != nil {
		line(append([]string{"(the data)", c.Runs[0].Data, "", ""}, cells(columns, floor)...)...)
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
		return text.String() + "The settings of the runs are the same.\n", nil
	}
	header = []string{"SETTING"}
	for _, r := range c.Runs {
		header = append(header, r.Name)
	}
	line(header...)
	for _, difference := range list {
		row := []string{difference.Setting}
		for _, value := range difference.Values {
			if value == "" {
				value = "–"
			}
			row = append(row, value)
		}
		line(row...)
	}
	err = table.Flush()
	return text.String(), err
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

// cells returns the scores as text, in the order of the columns.
func cells(columns []column, scores Scores) []string {
	var texts []string
	for _, column := range columns {
		text := "–"
		if score, ok := column.in(scores); ok {
			text = score.Text()
		}
		texts = append(texts, text)
	}
	return texts
}

// time returns how long training took.
func (r *Result) time() string {
	if r.Seconds == 0 {
		return "–"
	}
	return time.Duration(r.Seconds * float64(time.Second)).Round(time.Second).String()
}
