// Package nearest finds the known names that somebody who mistyped one may have meant.
package nearest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// maxNames is how many names Names returns at most: more would be a list, not a hint.
const maxNames = 3

// Names returns the entries of from nearest to name, the nearest first, at most three. Upper and lower case count as the
// same. An entry is near when it or name begins with the other, or when at most a third of the letters of the longer of
// the two, and always one, have to be inserted, deleted or replaced. It returns nil when no entry is near.
func Names(name string, from []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var candidates []candidate
	lower := strings.ToLower(strings.TrimSpace(name))
	if lower == "" {
		return nil
	}
	for _, known := range from {
		lowerKnown := strings.ToLower(known)
		distance := levenshtein.Distance(lower, lowerKnown, nil)
		allowed := max(1, max(len(lower), len(lowerKnown))/3)
		if strings.HasPrefix(lower, lowerKnown) || strings.HasPrefix(lowerKnown, lower) || distance <= allowed {
			candidates = append(candidates, candidate{known, distance})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, candidate := range candidates[:min(len(candidates), maxNames)] {
		names = append(names, candidate.name)
	}
	return names
}

// Hint returns the entries of from nearest to name as the end of an error's line, "; did you mean A, B or C?", or "" when
// none is near.
func Hint(name string, from []string) string {
	names := Names(name, from)
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "; did you mean " + names[0] + "?"
	}
	last := len(names) - 1
	return "; did you mean " + strings.Join(names[:last], ", ") + " or " + names[last] + "?"
}
