package enlarge

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Names that must not be those of a class's folder: what lies beside it, and devices of Windows.
var reserved = []string{
	manifestFile, recordsFile, sheetFile, "con", "prn", "aux", "nul",
	"com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
}

// folderNames returns a name of a folder for each class: its own with "-" in place of what some system has no room for in a
// name, so that "T-shirt/top" becomes "T-shirt-top". Names that would be hidden begin with "_" in place of the dot, and names
// that some system would take for one another get a number.
func folderNames(classes []string) []string {
	var names, taken []string
	for _, class := range classes {
		name := strings.Map(func(r rune) rune {
			if strings.ContainsRune(`/\:*?"<>|`, r) || unicode.IsControl(r) || r == unicode.ReplacementChar {
				return '-'
			}
			return r
		}, class)
		name = strings.TrimRight(strings.TrimSpace(name), ". ")
		if strings.HasPrefix(name, ".") || name == "" {
			name = "_" + strings.TrimLeft(name, ".")
		}
		first := name
		for i := 2; slices.Contains(taken, strings.ToLower(name)) || slices.Contains(reserved, strings.ToLower(name)); i++ {
			name = fmt.Sprintf("%s-%d", first, i)
		}
		names, taken = append(names, name), append(taken, strings.ToLower(name))
	}
	return names
}
