package datasets

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// published is a data set of files that somebody published, which Get downloads and Open reads from where they lie.
type published struct {
	name    string
	files   []publishedFile
	folders []string // Where other programs put the files.
	also    []string // Names of folders inside those where the files may lie, too.

	// needed returns the names of the files that a split is read from: any one list of them will do.
	needed func(split string) [][]string

	// read returns a split out of the files, in the order of needed.
	read func(paths []string, split string) (*Set, error)
}

// entry returns the entry of the data set. It is opened from files, in a folder of the user's after the name and a colon, or in
// any of the places where they may be.
func (p published) entry(info Info) entry {
	return entry{
		Info:   info,
		splits: []string{Train, Test},
		open:   func(options Options) (*Set, error) { return p.open("", options.Split) },
		openIn: func(directory string, options Options) (*Set, error) { return p.open(directory, options.Split) },
	}
}

// called returns the entry as Open's name calls it, if it does.
func (e entry) called(name string) (entry, bool) {
	directory, found := strings.CutPrefix(name, e.Name+":")
	if !found || e.openIn == nil {
		return e, false
	}
	e.Name = name
	e.open = func(options Options) (*Set, error) { return e.openIn(directory, options) }
	return e, true
}

// open returns a split, "" meaning Train, from the directory, "" meaning the usual places.
func (p published) open(directory, split string) (*Set, error) {
	if split == "" {
		split = Train
	}
	folders, err := p.places(directory)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		for _, names := range p.needed(split) {
			if paths := p.find(folder, names); len(paths) == len(names) {
				return p.read(paths, split)
			}
		}
	}
	return nil, p.missing(directory, folders, split)
}

// places returns the folders that the files are looked for in.
func (p published) places(directory string) ([]string, error) {
	if directory != "" {
		root, err := checkDirectory(directory)
		return []string{root}, err
	}
	cache, err := CacheDir()
	if err != nil {
		return nil, err
	}
	return append([]string{filepath.Join(cache, p.name)}, p.folders...), nil
}

// find returns the paths of the files with these names that are in the folder.
func (p published) find(folder string, names []string) []string {
	var paths []string
	for _, name := range names {
		if path := findFile(append([]string{folder}, p.inside(folder)...), name); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// inside returns the folders inside one where the files may lie, too.
func (p published) inside(folder string) []string {
	var folders []string
	for _, name := range p.also {
		folders = append(folders, filepath.Join(folder, name))
	}
	return folders
}

// findFile returns the path of the file in one of the folders, "" if it is not there. It may be gzipped or not, and written
// as programs that unzip it write it: train-images.idx3-ubyte.
func findFile(folders []string, name string) string {
	plain := strings.TrimSuffix(name, ".gz")
	dotted := strings.Replace(plain, "-idx", ".idx", 1)
	for _, folder := range folders {
		for _, name := range []string{name, plain, dotted, dotted + ".gz"} {
			path := filepath.Join(folder, name)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path
			}
		}
	}
	return ""
}

// missing returns the error that the files of a split are not there, and how to get them.
func (p published) missing(directory string, folders []string, split string) error {
	var absent []string
	for _, name := range p.needed(split)[0] {
		if len(p.find(folders[0], []string{name})) == 0 {
			absent = append(absent, name)
		}
	}
	files := strings.Join(absent, ", ")
	if directory != "" {
		return errors.Errorf("datasets: the folder %q lacks %s of %s; place it there, or download the whole with: ganymede datasets get %s",
			directory, files, p.name, p.name)
	}
	return errors.Errorf("datasets: %s is not on this machine; download it with: ganymede datasets get %s; without a network, place %s in %s",
		p.name, p.name, files, folders[0])
}
