package bench

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// Table is a table with what it is of. Its first row names the columns.
type Table struct {
	Title string
	Rows  [][]string
}

// Tables returns the result as people read it: accuracies, then recall of each class, and of the rare ones if there are some.
func (r *Result) Tables() []Table {
	tables := []Table{r.scores("accuracy", func(row Row) Score { return row.Score })}
	if r.Imbalance != "" {
		tables = append(tables, r.scores("recall of "+strings.Join(r.Rare, " and "), func(row Row) Score { return *row.Rare }))
	}
	return append(tables, r.recalls())
}

// scores returns the table of a score and how it compares with the baselines.
func (r *Result) scores(title string, of func(Row) Score) Table {
	var compared []string
	for _, name := range baselines {
		if slices.ContainsFunc(r.Rows, func(row Row) bool { return comparisonWith(name, of(row)) != nil }) {
			compared = append(compared, name)
		}
	}
	head := []string{"a class", "arm", "made", title + ", %"}
	for _, name := range compared {
		head = append(head, "points against "+name)
	}
	table := Table{title, [][]string{head}}
	for _, row := range r.Rows {
		cells := []string{perClassText(row.PerClass), row.Arm, fmt.Sprintf("%.0f", row.Made), percent(of(row).Accuracy, "%.1f")}
		for _, name := range compared {
			text := "–"
			if c := comparisonWith(name, of(row)); c != nil {
				text = percent(c.Difference, "%+.1f")
				if c.Apart {
					text += " apart"
				}
			}
			cells = append(cells, text)
		}
		table.Rows = append(table.Rows, cells)
	}
	return table
}

// recalls returns the table of the recall of each class.
func (r *Result) recalls() Table {
	table := Table{"recall of each class, %", [][]string{append([]string{"a class", "arm"}, r.Classes...)}}
	for _, row := range r.Rows {
		cells := []string{perClassText(row.PerClass), row.Arm}
		for _, estimate := range row.Recall {
			cells = append(cells, percent(estimate, "%.0f"))
		}
		table.Rows = append(table.Rows, cells)
	}
	return table
}

// comparisonWith returns the comparison with an arm, or nil if there is none.
func comparisonWith(name string, s Score) *Comparison {
	for i := range s.Against {
		if s.Against[i].Arm == name {
			return &s.Against[i]
		}
	}
	return nil
}

// percent returns an estimate in percent, with its interval if it has one.
func percent(e Estimate, format string) string {
	text := fmt.Sprintf(format, 100*e.Value)
	if e.hasInterval() {
		text += fmt.Sprintf(" ("+format+" … "+format+")", 100**e.Low, 100**e.High)
	}
	return text
}

// Verdicts returns what the comparisons show, a sentence each.
func (r *Result) Verdicts() []string {
	var list []string
	for _, row := range r.Rows {
		add := func(of string, s Score) {
			for _, c := range s.Against {
				if slices.Index(baselines, row.Arm) < 0 || slices.Index(baselines, c.Arm) < slices.Index(baselines, row.Arm) {
					list = append(list, fmt.Sprintf("%s a class%s: %s.", perClassText(row.PerClass), of, c.Verdict))
				}
			}
		}
		add("", row.Score)
		if row.Rare != nil {
			add(", recall of "+strings.Join(r.Rare, " and "), *row.Rare)
		}
	}
	return list
}

// Report is a result as people read it.
type Report interface {
	Tables() []Table
	Verdicts() []string // What comparisons show, a sentence each.
	Remarks() []string  // What a reader must know.
	MeasuredBy() string // How the numbers came about.
}

// Remarks returns what a reader must know: the notes.
func (r *Result) Remarks() []string { return r.Notes }

// WriteMarkdown writes the tables of a result and what they mean to a file.
func WriteMarkdown(path string, r Report) error {
	var text strings.Builder
	for _, table := range r.Tables() {
		fmt.Fprintf(&text, "**%s**\n\n", upperFirst(table.Title))
		for i, row := range table.Rows {
			escaped := make([]string, len(row))
			for k, cell := range row {
				escaped[k] = strings.ReplaceAll(cell, "|", `\|`)
			}
			fmt.Fprintf(&text, "| %s |\n", strings.Join(escaped, " | "))
			if i == 0 {
				fmt.Fprintf(&text, "|%s\n", strings.Repeat(" --- |", len(row)))
			}
		}
		text.WriteString("\n")
	}
	for _, line := range append(r.Verdicts(), r.Remarks()...) {
		fmt.Fprintf(&text, "- %s\n", line)
	}
	fmt.Fprintf(&text, "\n%s\n", r.MeasuredBy())
	return atomicfile.Write(path, []byte(text.String()))
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// MeasuredBy says how the numbers came about.
func (r *Result) MeasuredBy() string {
	text := fmt.Sprintf("%s: means over %s of classifiers trained for %d steps of %d pictures, judged by %d test pictures; "+
		"intervals of 95 %% are Student's over the seeds, differences are taken seed by seed.", r.Data, seedsText(len(r.Seeds)), r.Steps, r.Batch, r.Test)
	if r.Imbalance != "" {
		text += fmt.Sprintf(" %s have %g of the pictures of other classes.", strings.Join(r.Rare, " and "), r.share)
	}
	if r.Policy != "" {
		text += " Classic is " + r.Policy + "."
	}
	for _, recipe := range r.Recipes {
		text += " Samples: " + recipe + "."
	}
	return text
}

func seedsText(n int) string {
	if n == 1 {
		return "1 seed"
	}
	return fmt.Sprintf("%d seeds", n)
}
