package datasets

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// maxLabelFile is the most bytes that a file with labels may have: some ten million lines.
const maxLabelFile = 1 << 30

// The names, in small letters, that the columns of a file with labels may have; the first that is there counts.
var (
	fileColumns  = []string{"file", "filename", "image", "path", "name"}
	classColumns = []string{"class", "label", "category"}
)

// readLabels returns the class of each picture of a folder, by its name, from a CSV file; nil if file is "".
//
// The file has a line for each picture, with its path below the folder, or below the directory that the file is in, and its
// class. A first line which names the columns may say which these are; else they are the first two. Columns are separated
// by commas, or by semicolons or tabs if the first line has no comma.
func readLabels(file, root string, names []string) (classes map[string]string, err error) {
	if file == "" {
		return nil, nil
	}
	content, err := readLabelFile(file)
	if err != nil {
		return nil, err
	}
	classes, err = parseLabels(content, labelPaths(file, root, names))
	if err == nil {
		err = checkComplete(classes, names)
	}
	if err != nil {
		return nil, errors.Errorf("datasets: the labels in %q %v", file, err)
	}
	return classes, nil
}

// readLabelFile returns what the file holds.
func readLabelFile(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, errors.Wrap(err, "datasets: the file with labels cannot be read")
	case info.IsDir():
		return nil, errors.Errorf("datasets: %q is a folder, not a CSV file with labels", file)
	case info.Size() > maxLabelFile:
		return nil, errors.Errorf("datasets: %q has %d bytes, too many for a file with labels", file, info.Size())
	}
	content, err := os.ReadFile(file)
	return content, errors.Wrap(err, "datasets: the file with labels cannot be read")
}

// labelPaths returns a function that says which picture a path in the file means, and whether there is one.
func labelPaths(file, root string, names []string) func(written string) (name string, found bool) {
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[name] = true
	}
	below := "" // The path from the folder to the directory of the file.
	absoluteRoot, err := filepath.Abs(root)
	if err == nil {
		if absolute, err := filepath.Abs(filepath.Dir(file)); err == nil {
			if relative, err := filepath.Rel(absoluteRoot, absolute); err == nil {
				below = filepath.ToSlash(relative)
			}
		}
	}
	return func(written string) (string, bool) {
		candidates := []string{path.Clean(written), path.Join(below, written)}
		if strings.Contains(written, `\`) { // As on Windows.
			slashes := strings.ReplaceAll(written, `\`, "/")
			candidates = append(candidates, path.Clean(slashes), path.Join(below, slashes))
		}
		if filepath.IsAbs(written) {
			if relative, err := filepath.Rel(absoluteRoot, written); err == nil {
				candidates = append(candidates, filepath.ToSlash(relative))
			}
		}
		for _, candidate := range candidates {
			if known[candidate] {
				return candidate, true
			}
		}
		return candidates[0], false
	}
}

// parseLabels returns the class of each picture that the content of a CSV file names. Which picture a path means, picture
// tells.
func parseLabels(content []byte, picture func(string) (string, bool)) (map[string]string, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff")) // Of editors that mark UTF-8.
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return nil, errors.New("are not text in UTF-8; save the file as CSV in UTF-8")
	}
	reader := csv.NewReader(bytes.NewReader(content))
	reader.Comma, reader.FieldsPerRecord, reader.ReuseRecord = separator(content), -1, true
	classes := map[string]string{}
	lines := map[string]int{}
	fileColumn, classColumn := 0, 1
	missing, firstMissing := 0, ""
	for first := true; ; first = false {
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, errors.Errorf("are no CSV: %v", err)
		}
		line, _ := reader.FieldPos(0)
		if first {
			var isHeader bool
			if fileColumn, classColumn, isHeader = labelColumns(row, picture); isHeader {
				continue
			}
		}
		if len(row) <= max(fileColumn, classColumn) {
			return nil, errors.Errorf("have no class in line %d; each line names a file and its class, separated by a comma", line)
		}
		name, found := picture(strings.TrimSpace(row[fileColumn]))
		class := strings.TrimSpace(row[classColumn])
		switch {
		case lines[name] > 0:
			return nil, errors.Errorf("name %q twice, in lines %d and %d; remove one of them", name, lines[name], line)
		case class == "":
			return nil, errors.Errorf("give %q an empty class, in line %d; name its class or remove line and picture", name, line)
		case !found:
			if missing++; missing == 1 {
				firstMissing = strings.Clone(name)
			}
		}
		name = strings.Clone(name)
		lines[name], classes[name] = line, strings.Clone(class)
	}
	if len(classes) == 0 {
		return nil, errors.New("are none: the file has no lines; each names a file and its class, separated by a comma")
	}
	if missing > 0 {
		return nil, errors.Errorf("name %d files that are no pictures of the folder, the first %q; remove the lines, or mend the paths, which start in the folder",
			missing, firstMissing)
	}
	return classes, nil
}

// separator returns what separates the columns.
func separator(content []byte) rune {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	for _, separator := range []byte(",;\t") {
		if bytes.IndexByte(line, separator) >= 0 {
			return rune(separator)
		}
	}
	return ','
}

// labelColumns returns the columns of files and classes by the first line, and whether that is a header.
func labelColumns(row []string, picture func(string) (string, bool)) (fileColumn, classColumn int, isHeader bool) {
	names := make([]string, len(row))
	for i, field := range row {
		if _, found := picture(strings.TrimSpace(field)); found {
			return 0, 1, false
		}
		names[i] = strings.ToLower(strings.TrimSpace(field))
	}
	column := func(wanted []string) int {
		for _, name := range wanted {
			if i := slices.Index(names, name); i >= 0 {
				return i
			}
		}
		return -1
	}
	fileColumn, classColumn = column(fileColumns), column(classColumns)
	switch {
	case fileColumn < 0 && classColumn < 0:
		return 0, 1, false
	case fileColumn < 0: // The first of the other columns.
		fileColumn = 0
		if classColumn == 0 {
			fileColumn = 1
		}
	case classColumn < 0:
		classColumn = 0
		if fileColumn == 0 {
			classColumn = 1
		}
	}
	return fileColumn, classColumn, true
}

// checkComplete returns an error if a picture has no class.
func checkComplete(classes map[string]string, names []string) error {
	missing, first := 0, ""
	for _, name := range names {
		if _, found := classes[name]; !found {
			if missing++; missing == 1 {
				first = name
			}
		}
	}
	if missing > 0 {
		return errors.Errorf("name no class for %d of %d pictures, the first %q; add lines for them, or remove the pictures", missing, len(names), first)
	}
	return nil
}

// classify returns the label of each picture and the names of the classes. Given classes, they are those, by the pictures'
// names: in the order of their numbers where they are numbers, before the others, which are in alphabetical order. Else they
// are the first directories on the paths, in alphabetical order.
func classify(names []string, given map[string]string) (labels []int32, classes []string) {
	class, order := firstDirectory, strings.Compare
	if given != nil {
		class, order = func(name string) string { return given[name] }, numbersFirst
	}
	for _, name := range names {
		classes = append(classes, class(name))
	}
	slices.SortFunc(classes, order)
	classes = slices.Clone(slices.Compact(classes))
	if len(classes) == 1 && classes[0] == looseClass && given == nil {
		return nil, nil
	}
	for _, name := range names {
		label, _ := slices.BinarySearchFunc(classes, class(name), order)
		labels = append(labels, int32(label))
	}
	return labels, classes
}

// firstDirectory returns the first directory on a path.
func firstDirectory(name string) string {
	directory, _, found := strings.Cut(name, "/")
	if !found {
		return looseClass
	}
	return directory
}

// numbersFirst compares whole numbers by their value, and puts them before other texts.
func numbersFirst(a, b string) int {
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return strings.Compare(a, b)
}
