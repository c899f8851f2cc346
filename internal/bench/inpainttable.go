package bench

import (
	"fmt"
	"strings"
)

// Tables returns the result as people read it, a table for each kind of holes.
func (r *InpaintResult) Tables() []Table {
	var tables []Table
	for _, holes := range r.Holes {
		table := Table{fmt.Sprintf("%s: %s, %.0f %% of the picture", holes.Masks, holes.Words, 100*holes.Share), nil}
		for i := range r.Rows {
			row := &r.Rows[i]
			if row.Masks != holes.Masks {
				continue
			}
			if table.Rows == nil {
				table.Rows = append(table.Rows, row.head())
			}
			table.Rows = append(table.Rows, row.cells())
		}
		tables = append(tables, table)
	}
	if len(r.Comparisons) > 0 {
		tables = append(tables, r.compared())
	}
	return tables
}

// compared returns the table of the comparisons.
func (r *InpaintResult) compared() Table {
	table := Table{"networks against the classical method that does best by the measure, picture by picture",
		[][]string{{"masks", "network", "measure", "difference", "against", ""}}}
	for _, c := range r.Comparisons {
		table.Rows = append(table.Rows, []string{c.Masks, c.Method, c.Measure, c.text, c.Against, c.Verdict})
	}
	return table
}

// head returns the names of the columns.
func (r *InpaintRow) head() []string {
	head := []string{"method"}
	for _, m := range inpaintMeasures {
		if m.in(r) != nil {
			head = append(head, m.name)
		}
	}
	return append(head, "ms a picture")
}

// cells returns the row as people read it.
func (r *InpaintRow) cells() []string {
	cells := []string{r.Title}
	for _, m := range inpaintMeasures {
		if measure := m.in(r); measure != nil {
			cells = append(cells, measure.text(m.name, m.format))
		}
	}
	return append(cells, fmt.Sprintf("%.3g", 1000*r.Seconds))
}

// text returns a measure: its mean, ± half the interval over pictures, and over seeds where there are several.
func (m *Measure) text(name, format string) string {
	scale := 1.
	if name == recognisedName {
		scale = 100
	}
	text := fmt.Sprintf(format, scale*m.Value)
	for _, e := range []Estimate{m.Estimate, m.OverSeeds} {
		if e.hasInterval() {
			text += fmt.Sprintf(" ±"+format, scale*(*e.High-*e.Low)/2)
		}
	}
	return text
}

// Verdicts returns what the comparisons show, a sentence for each network and kind of holes.
func (r *InpaintResult) Verdicts() []string {
	var list []string
	for first := 0; first < len(r.Comparisons); {
		c := r.Comparisons[first]
		shown := make(map[string][]string) // The measures by verdict.
		for ; first < len(r.Comparisons) && r.Comparisons[first].Masks == c.Masks && r.Comparisons[first].Method == c.Method; first++ {
			other := r.Comparisons[first]
			shown[other.Verdict] = append(shown[other.Verdict], strings.TrimSuffix(other.Measure, ", %"))
		}
		var parts []string
		for _, verdict := range []string{Better, Worse, NoDifference} {
			if shown[verdict] != nil {
				parts = append(parts, verdict+" in "+strings.Join(shown[verdict], ", "))
			}
		}
		list = append(list, fmt.Sprintf("%s, %s against the best classical method: %s.", c.Masks, c.Method, strings.Join(parts, "; ")))
	}
	return list
}

// Remarks returns what a reader must know: the notes.
func (r *InpaintResult) Remarks() []string { return r.Notes }

// MeasuredBy says how the numbers came about.
func (r *InpaintResult) MeasuredBy() string {
	text := fmt.Sprintf("%s: means over %d test pictures %s and %s, each method given the same holes; ± half an interval of 95 %%, "+
		"Student's, over pictures", r.Data, r.Pictures, strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Shape), " ", "×"), "[]"), seedsText(len(r.Seeds)))
	if len(r.Seeds) > 1 {
		text += " and then over seeds"
	}
	text += "; differences are taken picture by picture."
	if r.Judge != "" {
		text += fmt.Sprintf(" Perceptual distances are by %s.", r.Judge)
	}
	if r.Untouched != nil {
		text += fmt.Sprintf(" It recognises %s %% of the untouched pictures.", percent(*r.Untouched, "%.1f"))
	}
	for _, recipe := range r.Recipes {
		text += " " + upperFirst(recipe) + "."
	}
	return text
}
