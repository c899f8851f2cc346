package lab

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

var (
	exerciseHeading = regexp.MustCompile(`(?m)^## Exercise (\d+)\b.*$`)
	goBlock         = regexp.MustCompile("(?ms)^```go\n(.*?)^```[ \t]*$")
	exerciseTag     = regexp.MustCompile(`^exercise-(\d+)$`)
)

// solutionsPath returns where the solutions of a notebook's exercises are: solutions/NAME.md beside it.
func solutionsPath(notebook string) string {
	return filepath.Join(filepath.Dir(notebook), "solutions", notebookName(notebook)+".md")
}

// readSolutions returns the Go code under each heading "## Exercise N", by N.
func readSolutions(path string) (map[string]string, error) {
	contents, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, errors.Errorf("lab: no solutions at %s", path)
	}
	if err != nil {
		return nil, errors.Wrap(err, "lab")
	}
	text, solutions := string(contents), map[string]string{}
	headings := exerciseHeading.FindAllStringSubmatchIndex(text, -1)
	if len(headings) == 0 {
		return nil, errors.Errorf("lab: %s has no heading \"## Exercise 1\"", path)
	}
	for i, at := range headings {
		end := len(text)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		number, blocks := text[at[2]:at[3]], goBlock.FindAllStringSubmatch(text[at[1]:end], -1)
		if _, twice := solutions[number]; twice {
			return nil, errors.Errorf("lab: %s has exercise %s twice", path, number)
		}
		if len(blocks) != 1 {
			return nil, errors.Errorf("lab: %s has %d blocks of Go under exercise %s, and one it should be", path, len(blocks), number)
		}
		solutions[number] = strings.TrimRight(blocks[0][1], "\n")
	}
	return solutions, nil
}

// solve puts the solutions in place of what stands above the %% of the cells tagged exercise-N.
func solve(notebook map[string]any, path string, solutions map[string]string) error {
	var solved []string
	for _, cell := range notebook["cells"].([]any) {
		cell, _ := cell.(map[string]any)
		number := exerciseOf(cell)
		if number == "" {
			continue
		}
		solution, ok := solutions[number]
		if !ok {
			return errors.Errorf("lab: exercise %s of %s has no solution in %s", number, path, solutionsPath(path))
		}
		lines := strings.Split(sourceOf(cell), "\n")
		at := slices.IndexFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "%%" })
		if at < 0 {
			return errors.Errorf("lab: the cell of exercise %s in %s has no line %%%%, above which the solution would go", number, path)
		}
		cell["source"] = solution + "\n\n" + strings.Join(lines[at:], "\n")
		solved = append(solved, number)
	}
	for number := range solutions {
		if !slices.Contains(solved, number) {
			return errors.Errorf("lab: %s solves exercise %s, and no cell of %s is tagged exercise-%s", solutionsPath(path), number, path, number)
		}
	}
	return nil
}

// exerciseOf returns the number of the exercise that a cell is, or nothing.
func exerciseOf(cell map[string]any) string {
	metadata, _ := cell["metadata"].(map[string]any)
	tags, _ := metadata["tags"].([]any)
	for _, tag := range tags {
		tag, _ := tag.(string)
		if match := exerciseTag.FindStringSubmatch(tag); match != nil {
			return match[1]
		}
	}
	return ""
}

// sourceOf returns the text of a cell, which notebooks keep as one string or as a list of lines.
func sourceOf(cell map[string]any) string {
	if lines, ok := cell["source"].([]any); ok {
		var text strings.Builder
		for _, line := range lines {
			line, _ := line.(string)
			text.WriteString(line)
		}
		return text.String()
	}
	text, _ := cell["source"].(string)
	return text
}
