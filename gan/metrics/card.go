package metrics

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// Card says how a score came about, so that it cannot be taken for another.
type Card struct {
	Metric        string            `json:"metric"`                   // "fid".
	Extractor     string            `json:"extractor,omitempty"`      // "digits", "inception", "pixels"; "" if the metric needs none.
	ExtractorHash string            `json:"extractor_hash,omitempty"` // SHA-256 of its weights.
	Resize        string            `json:"resize,omitempty"`         // How pictures became the extractor's size, in words; "none".
	Samples       int               `json:"samples"`                  // Their number.
	References    int               `json:"references,omitempty"`     // The number of real examples; 0 if the metric needs none.
	Reference     string            `json:"reference,omitempty"`      // The name of the real data.
	ReferenceHash string            `json:"reference_hash,omitempty"` // SHA-256 of the real data.
	Split         string            `json:"split,omitempty"`          // Which part of the real data: "all".
	Seed          int64             `json:"seed"`
	Settings      map[string]string `json:"settings,omitempty"` // Of the metric: subsets, subset_size, k, splits.
	Interval      string            `json:"interval,omitempty"` // How it was found: "95 %, bootstrap, 200 replicates"; "" if there is none.
}

// Differences returns why two scores may not stand in one column, a line for each reason: "extractor: digits, fashion"
// or "subset size: 1000, none". It returns none if they may.
//
// All must be equal but Seed, which decides the samples that were drawn and so is what an interval is about, and Interval,
// which does not move the score. Data and weights are compared by their hashes where both cards have one, whatever they are
// called, and by their names where not.
func (c Card) Differences(other Card) []string {
	var differences []string
	differ := func(field, a, b string) {
		if a == b {
			return
		}
		differences = append(differences, fmt.Sprintf("%s: %s, %s", field, orNone(a), orNone(b)))
	}
	named := func(field, a, aHash, b, bHash string) {
		switch {
		case aHash == "" || bHash == "":
			differ(field, a, b)
			if a == b {
				differ(field+" hash", shortHash(aHash), shortHash(bHash))
			}
		case aHash != bHash && a != b:
			differ(field, a, b)
		case aHash != bHash:
			differ(field+" hash", shortHash(aHash), shortHash(bHash))
		}
	}
	differ("metric", c.Metric, other.Metric)
	named("extractor", c.Extractor, c.ExtractorHash, other.Extractor, other.ExtractorHash)
	differ("resize", c.Resize, other.Resize)
	differ("samples", fmt.Sprint(c.Samples), fmt.Sprint(other.Samples))
	differ("references", fmt.Sprint(c.References), fmt.Sprint(other.References))
	named("reference", c.Reference, c.ReferenceHash, other.Reference, other.ReferenceHash)
	differ("split", c.Split, other.Split)
	settings := maps.Clone(c.Settings)
	if settings == nil {
		settings = map[string]string{}
	}
	maps.Copy(settings, other.Settings)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		differ(strings.ReplaceAll(name, "_", " "), c.Settings[name], other.Settings[name])
	}
	return differences
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// shortHash returns as much of a hash as tells it from others.
func shortHash(hash string) string { return hash[:min(12, len(hash))] }

// Score is a number with its interval, and the card that says what it is.
//
// In JSON an interval that is not there is null, and so is a number that is infinite or NaN, which JSON cannot hold; null is
// read as NaN where a number must be.
type Score struct {
	Value float64            // The number itself.
	Low   *float64           // Where its 95 % interval begins, or nil if there is none.
	High  *float64           // Where it ends, or nil.
	Card  Card               // How it came about.
	Parts map[string]float64 // Numbers that it is made of, by name, or nil.
}

// scoreJSON is Score as it is written.
type scoreJSON struct {
	Value *float64            `json:"value"`
	Low   *float64            `json:"low"`
	High  *float64            `json:"high"`
	Card  Card                `json:"card"`
	Parts map[string]*float64 `json:"parts,omitempty"`
}

// MarshalJSON writes {"value": …, "low": …, "high": …, "card": {…}}, and "parts" if there are any.
func (s Score) MarshalJSON() ([]byte, error) {
	written := scoreJSON{Value: finite(&s.Value), Low: finite(s.Low), High: finite(s.High), Card: s.Card}
	if s.Parts != nil {
		written.Parts = map[string]*float64{}
		for name, part := range s.Parts {
			written.Parts[name] = finite(&part)
		}
	}
	data, err := json.Marshal(written)
	return data, errors.Wrap(err, "metrics: score")
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Score) UnmarshalJSON(data []byte) error {
	var written scoreJSON
	if err := json.Unmarshal(data, &written); err != nil {
		return errors.Wrap(err, "metrics: score")
	}
	*s = Score{Value: orNaN(written.Value), Low: written.Low, High: written.High, Card: written.Card}
	if written.Parts != nil {
		s.Parts = map[string]float64{}
		for name, part := range written.Parts {
			s.Parts[name] = orNaN(part)
		}
	}
	return nil
}

// finite returns nil for a number that JSON cannot hold.
func finite(value *float64) *float64 {
	if value == nil || math.IsNaN(*value) || math.IsInf(*value, 0) {
		return nil
	}
	return value
}

func orNaN(value *float64) float64 {
	if value == nil {
		return math.NaN()
	}
	return *value
}
