package lab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	clone := newClone(t)
	for _, name := range []string{"01_two_players", "02_dcgan", "10_inpainting"} {
		writeTestFile(t, filepath.Join(clone, "notebooks", name+".ipynb"), "{}", 0o644)
	}
	other := filepath.Join(t.TempDir(), "mine.ipynb")
	writeTestFile(t, other, "{}", 0o644)
	for names, want := range map[string]string{
		"":                "01_two_players 02_dcgan 10_inpainting",
		"1":               "01_two_players",
		"02 10":           "02_dcgan 10_inpainting",
		"10_inpainting 1": "10_inpainting 01_two_players",
		other:             "mine",
	} {
		found, err := Find(Config{Root: clone}, strings.Fields(names)...)
		if err != nil {
			t.Errorf("%q: %v", names, err)
		}
		for i := range found {
			found[i] = notebookName(found[i])
		}
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%q means %s, want %s", names, got, want)
		}
	}
	_, err := Find(Config{Root: clone}, "14")
	wantError(t, err, "no notebook at 14", "01_two_players, 02_dcgan")
}

func TestReadNotebook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.ipynb")
	for contents, want := range map[string]string{
		"# A title":   "is not a notebook",
		`{"rows": 1}`: "no list of cells",
		`{"cells": [], "metadata": {"kernelspec": {"name": "python3"}}}`: "for the kernel python3",
	} {
		writeTestFile(t, path, contents, 0o644)
		_, err := readNotebook(path)
		wantError(t, err, path, want)
	}
	writeTestFile(t, path, `{"cells": [], "metadata": {"kernelspec": {"name": "gonb"}}}`, 0o644)
	if _, err := readNotebook(path); err != nil {
		t.Error(err)
	}
}

// A check sees a notebook's neighbours, and none of what was trained beside it.
func TestWorkFolder(t *testing.T) {
	home := t.TempDir()
	writeTestFile(t, filepath.Join(home, "a.ipynb"), "{}", 0o644)
	writeTestFile(t, filepath.Join(home, "picture.png"), "picture", 0o644)
	writeTestFile(t, filepath.Join(home, "runs", "a", "run.json"), "{}", 0o644)
	work, err := workFolder(t.TempDir(), filepath.Join(home, "a.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	if contents, err := os.ReadFile(filepath.Join(work, "picture.png")); err != nil || string(contents) != "picture" {
		t.Errorf("the neighbour: %q, %v", contents, err)
	}
	if _, err := os.Lstat(filepath.Join(work, "runs")); !os.IsNotExist(err) {
		t.Errorf("runs is there: %v", err)
	}
}

func TestTable(t *testing.T) {
	results := []Result{
		{Notebook: "notebooks/01_two_players.ipynb", OK: true, Seconds: 41.2, Slowest: Cell{Number: 26, Seconds: 9.3}},
		{Notebook: "b.ipynb", OK: true, Slow: true, Seconds: 50},
		{Notebook: "c.ipynb", Seconds: 1},
	}
	table := NewTable([]string{"notebooks/01_two_players.ipynb"})
	got := []string{table.Head()}
	for _, r := range results {
		got = append(got, table.Row(r))
	}
	got = append(got, table.Foot(results))
	want := []string{
		"notebook         seconds  slowest cell        verdict",
		"01_two_players      41.2  26: 9.3 s           ok",
		"b                   50.0                      slow",
		"c                    1.0                      FAILED",
		"together            92.2                      2 of 3 passed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const exercises = `{"cells": [
	{"cell_type": "code", "metadata": {}, "source": "const one = 1"},
	{"cell_type": "code", "metadata": {"tags": ["exercise-1"]}, "source": ["const answer = 0\n", "\n", "%%\n", "check(answer)"]}]}`

func TestSolutions(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.ipynb")
	solution := func(number, code string) string {
		return "# Title\n\n## Exercise " + number + "\n\nWhy.\n\n```go\n" + code + "\n```\n"
	}
	l := &lab{place: place{home: folder, root: folder}, progress: func(string) {}}
	for _, test := range []struct{ notebook, solutions, want string }{
		{exercises, "", "no solutions at"},
		{exercises, "# Nothing\n", "no heading"},
		{exercises, solution("2", "x"), "exercise 1 of"},
		{exercises, solution("1", "x") + solution("2", "x"), "no cell of"},
		{exercises, solution("1", "x") + solution("1", "x"), "twice"},
		{exercises, "## Exercise 1\n\nThink.\n", "0 blocks"},
		{strings.Replace(exercises, "%%", "//", 1), solution("1", "x"), "no line %%"},
	} {
		writeTestFile(t, path, test.notebook, 0o644)
		_ = os.Remove(solutionsPath(path))
		if test.solutions != "" {
			writeTestFile(t, solutionsPath(path), test.solutions, 0o644)
		}
		_, err := l.content(CheckOptions{Solutions: true}, path)
		wantError(t, err, test.want)
	}
	writeTestFile(t, path, exercises, 0o644)
	writeTestFile(t, solutionsPath(path), solution("1", "const answer = 42"), 0o644)
	if _, err := l.content(CheckOptions{Solutions: true}, path); err != nil {
		t.Fatal(err)
	}
	notebook, err := readNotebook(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := solve(notebook, path, map[string]string{"1": "const answer = 42"}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"const one = 1", "const answer = 42\n\n%%\ncheck(answer)"} {
		if got := sourceOf(notebook["cells"].([]any)[i].(map[string]any)); got != want {
			t.Errorf("cell %d is %q, want %q", i, got, want)
		}
	}
}
