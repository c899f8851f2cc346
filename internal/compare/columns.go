package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/evaluate"
)

// column is of scores that may stand one below the other.
type column struct {
	Key, Name string
	card      metrics.Card
}

// columns returns columns for all scores of the runs, in the order of the metrics. Scores of one metric whose cards are unlike
// get a column each.
func (c *Comparison) columns() []column {
	var columns []column
	for _, key := range evaluate.ScoreKeys() {
		var those []column
		for _, r := range c.Runs {
			for _, score := range r.Scores {
				if score.Key == key && !slices.ContainsFunc(those, func(of column) bool { return of.holds(score) }) {
					those = append(those, column{Key: key, Name: title(key), card: score.Card})
				}
			}
		}
		columns = append(columns, named(those)...)
	}
	return columns
}

// named tells columns of one metric apart by what differs between the first one and each.
func named(columns []column) []column {
	for i := range columns {
		var parts []string
		other := columns[0]
		if i == 0 && len(columns) > 1 {
			other = columns[1]
		}
		for _, difference := range columns[i].card.Differences(other.card) {
			field, values, _ := strings.Cut(difference, ": ")
			value, _, _ := strings.Cut(values, ", ")
			parts = append(parts, value+" "+field)
		}
		if len(parts) > 0 {
			columns[i].Name += " (" + strings.Join(parts[:min(2, len(parts))], ", ") + ")"
		}
	}
	return columns
}

// holds tells whether a score may stand in the column.
func (c column) holds(score Score) bool {
	return score.Key == c.Key && len(c.card.Differences(score.Card)) == 0
}

// in returns the score that stands in the column, if there is one.
func (c column) in(scores Scores) (Score, bool) {
	for _, score := range scores {
		if c.holds(score) {
			return score, true
		}
	}
	return Score{}, false
}

// apart says which metrics have several columns, and how each differs from the first one.
func apart(columns []column) []string {
	var notes []string
	first := map[string]column{}
	for _, column := range columns {
		if of, ok := first[column.Key]; ok {
			notes = append(notes, fmt.Sprintf("Scores of %s that do not compare stand in columns of their own: %s.",
				title(column.Key), strings.Join(of.card.Differences(column.card), "; ")))
		} else {
			first[column.Key] = column
		}
	}
	return notes
}

// title returns the name of a score for people.
func title(key string) string {
	known := map[string]string{
		"fid": "FID", "kid": "KID", "is": "IS", "swd": "Wasserstein distance", "high_quality": "Within 3σ", "reverse_kl": "Reverse KL",
		"ms-ssim": "MS-SSIM", "psnr": "PSNR", "ssim": "SSIM", "l1": "L1", "gan_train": "GAN-train", "gan_test": "GAN-test",
	}
	if name := known[key]; name != "" {
		return name
	}
	return strings.ToUpper(key[:1]) + strings.ReplaceAll(key[1:], "_", " ")
}
