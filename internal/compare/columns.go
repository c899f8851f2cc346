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

// named tells columns of one metric apart by what differs first between the first one and each, or by all of it.
func named(columns []column) []column {
	names := func(most int) map[string]bool {
		seen := map[string]bool{}
		for i := range columns {
			other := columns[0]
			if i == 0 && len(columns) > 1 {
				other = columns[1]
			}
			columns[i].Name = title(columns[i].Key)
			if parts := ownParts(columns[i].card, other.card); len(parts) > 0 {
				columns[i].Name += ", " + strings.Join(parts[:min(most, len(parts))], ", ")
			}
			seen[columns[i].Name] = true
		}
		return seen
	}
	if len(names(1)) < len(columns) {
		names(len(columns[0].card.Settings) + 10)
	}
	return columns
}

// ownParts returns what a card has that differs from another: "9000 samples", "pixels extractor".
func ownParts(card, other metrics.Card) []string {
	var parts []string
	for _, difference := range card.Differences(other) {
		field, values, _ := strings.Cut(difference, ": ")
		value, _, _ := strings.Cut(values, ", ")
		parts = append(parts, value+" "+field)
	}
	return parts
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
	first := map[string]column{}
	var reasons []string
	titles := map[string][]string{} // By reason.
	for _, column := range columns {
		of, ok := first[column.Key]
		if !ok {
			first[column.Key] = column
			continue
		}
		reason := strings.Join(of.card.Differences(column.card), "; ")
		if titles[reason] == nil {
			reasons = append(reasons, reason)
		}
		titles[reason] = append(titles[reason], title(column.Key))
	}
	var notes []string
	for _, reason := range reasons {
		notes = append(notes, fmt.Sprintf("Scores that do not compare are kept apart (%s): %s.", reason, strings.Join(titles[reason], ", ")))
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
