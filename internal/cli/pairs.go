package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/display"
)

const (
	pairsPrefix    = "pairs:"
	unpairedPrefix = "unpaired:"

	sheetPairs = sheetColumns * sheetColumns / 2 // On a contact sheet.
)

// arePairs tells whether the data that datasets show is given are pairs.
func arePairs(name string) bool {
	return strings.HasPrefix(name, pairsPrefix) || strings.HasPrefix(name, unpairedPrefix)
}

// shownPairs is the result of datasets show for pairs.
type shownPairs struct {
	Name   string    `json:"name"`
	Pairs  int       `json:"pairs"`
	Paired bool      `json:"paired"`
	A      shownSide `json:"a"`
	B      shownSide `json:"b"`
	Hash   string    `json:"hash"` // SHA-256.
	Sheet  string    `json:"sheet"`
}

type shownSide struct {
	Pictures int      `json:"pictures"`
	Shape    []int    `json:"shape"`
	Skipped  []string `json:"skipped,omitempty"`
}

// showPairs draws a contact sheet of pairs, A and B in alternate columns, and prints what they are.
func (c *console) showPairs(name, out string, asJSON bool, options datasets.Options) error {
	pairs, err := datasets.OpenPairs(name, options)
	if err != nil {
		return err
	}
	if out == "" {
		out = pairsSheetName(name)
	}
	sheet, err := pairs.Sheet(sheetPairs)
	if err != nil {
		return err
	}
	if err := display.SavePNG(out, contactSheet(sheet)); err != nil {
		return err
	}
	result := shownPairs{Name: name, Pairs: pairs.Len(), Paired: pairs.Paired, Hash: pairs.Hash(), Sheet: out}
	for side, set := range map[*shownSide]*datasets.Set{&result.A: pairs.A, &result.B: pairs.B} {
		*side = shownSide{Pictures: set.Len(), Shape: set.Shape, Skipped: set.Skipped}
	}
	if asJSON {
		return c.printJSON(result)
	}
	what := fmt.Sprintf("%d pairs", result.Pairs)
	if !pairs.Paired {
		what = fmt.Sprintf("%d and %d pictures without partners", result.A.Pictures, result.B.Pictures)
	}
	lines := []string{fmt.Sprintf("%s: %s, A %s, B %s", name, what, shapeText(result.A.Shape), shapeText(result.B.Shape))}
	if skipped := len(result.A.Skipped); skipped > 0 {
		lines = append(lines, fmt.Sprintf("left out %d pictures that cannot be read, the first %s", skipped, result.A.Skipped[0]))
	}
	return c.print("%s\n%s", strings.Join(lines, "\n"), out)
}

// pairsSheetName returns the file for the contact sheet of pairs.
func pairsSheetName(name string) string {
	kind, directory, _ := strings.Cut(name, ":")
	absolute, err := filepath.Abs(directory)
	if err != nil {
		absolute = directory
	}
	return kind + "-" + filepath.Base(absolute) + ".png"
}
