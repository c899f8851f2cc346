package datasets

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// openUnpaired returns the pictures of two folders inside the directory.
func openUnpaired(name, directory string, options Options) (*Pairs, error) {
	root, err := pairsDirectory(unpairedPrefix, directory)
	if err != nil {
		return nil, err
	}
	folders, err := subFolders(root)
	if err != nil {
		return nil, err
	}
	sides, own, err := unpairedFolders(name, folders, options.Split)
	if err != nil {
		return nil, err
	}
	if options.Size == 0 {
		if options.Size, err = commonSide(root, sides); err != nil {
			return nil, err
		}
	}
	p := &Pairs{Name: name}
	for i, set := range []**Set{&p.A, &p.B} {
		if *set, err = readFolder(name+"/"+sides[i], inFolder(root, sides[i]), options); err != nil {
			return nil, err
		}
	}
	return p.finish(options.View, own)
}

// commonSide returns the natural size of all pictures in the folders inside root.
func commonSide(root string, folders [2]string) (int, error) {
	var files []string
	for _, folder := range folders {
		root, names, err := findPictures(inFolder(root, folder))
		if err != nil {
			return 0, err
		}
		for _, name := range names {
			files = append(files, inFolder(root, name))
		}
	}
	size := naturalSize(len(files), make([]error, len(files)), func(i int) (image.Point, error) { return headSize(files[i]) })
	return size, nil
}

// unpairedFolders returns the folders of both sides, and whether they are those of one split.
func unpairedFolders(name string, folders []string, split string) (sides [2]string, own bool, err error) {
	if slices.Contains(folders, "trainA") && slices.Contains(folders, "trainB") {
		if split == "" {
			split = Train
		}
		for _, called := range splitFolders[split] {
			sides = [2]string{called + "A", called + "B"}
			if slices.Contains(folders, sides[0]) && slices.Contains(folders, sides[1]) {
				return sides, true, nil
			}
		}
		return sides, false, errors.Errorf("datasets: %s has no split %q: it lacks the folder %sA or %sB", name, split, splitFolders[split][0], splitFolders[split][0])
	}
	if len(folders) != 2 {
		return sides, false, errors.Errorf("datasets: %s holds neither the folders trainA and trainB nor just two others, but %d folders; put the pictures of each kind into one",
			name, len(folders))
	}
	return [2]string(folders), false, nil
}

// splitFolders are the names that the folder of a split may have.
var splitFolders = map[string][]string{Train: {"train"}, Validation: {"val", "validation", "valid"}, Test: {"test"}}

// splitFolder returns the folder of a split inside root, if there are folders for splits: if one is called train.
func splitFolder(name, root, split string) (folder string, own bool, err error) {
	folders, err := subFolders(root)
	if err != nil || !slices.Contains(folders, Train) {
		return root, false, err
	}
	if split == "" {
		split = Train
	}
	for _, called := range splitFolders[split] {
		if slices.Contains(folders, called) {
			return inFolder(root, called), true, nil
		}
	}
	return "", false, errors.Errorf("datasets: %s has no split %q: it lacks the folder %s", name, split, splitFolders[split][0])
}

// subFolders returns the names of the folders in root, which are not hidden, in alphabetical order.
func subFolders(root string) (folders []string, err error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, errors.Wrap(err, "datasets: a folder cannot be read")
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if info, err := os.Stat(inFolder(root, entry.Name())); err == nil && info.IsDir() {
			folders = append(folders, entry.Name())
		}
	}
	return folders, nil
}

// openPaired returns the pairs in the directory: pictures side by side, or two folders.
func openPaired(name, directory string, options Options) (*Pairs, error) {
	root, err := pairsDirectory(pairsPrefix, directory)
	if err != nil {
		return nil, err
	}
	root, own, err := splitFolder(name, root, options.Split)
	if err != nil {
		return nil, err
	}
	root, names, err := findPictures(root)
	if err != nil {
		return nil, err
	}
	sides, aligned := alignedFolders(root, names)
	if !aligned {
		p, err := readSideBySide(name, root, names, options)
		if err != nil {
			return nil, err
		}
		return p.finish(options.View, own)
	}
	for i := range sides {
		ownSide := false
		if sides[i], ownSide, err = splitFolder(name, sides[i], options.Split); err != nil {
			return nil, err
		}
		own = own || ownSide
	}
	p, err := readAligned(name, sides, options)
	if err != nil {
		return nil, err
	}
	return p.finish(options.View, own)
}

// alignedFolders tells whether the pictures below root, which have these names, are in two folders for A and B, and which: they
// are called A and B, or all their pictures are called alike, or else the first picture is not twice as wide as high.
func alignedFolders(root string, names []string) (sides [2]string, aligned bool) {
	_, folders := classify(names, nil)
	if len(folders) != 2 || folders[0] == looseClass {
		return sides, false
	}
	var stems [2][]string
	for _, name := range names {
		folder, rest, _ := strings.Cut(name, "/")
		side := slices.Index(folders, folder)
		stems[side] = append(stems[side], stem(rest))
	}
	for side := range sides {
		sides[side] = inFolder(root, folders[side])
		slices.Sort(stems[side])
	}
	if strings.EqualFold(folders[0], "A") && strings.EqualFold(folders[1], "B") || slices.Equal(stems[0], stems[1]) {
		return sides, true
	}
	size, err := uprightSize(inFolder(root, names[0]))
	return sides, err == nil && size.X != 2*size.Y
}

// stem returns the name of a file without its extension.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// uprightSize returns the size of the picture in a file, the right way up.
func uprightSize(file string) (size image.Point, err error) {
	defer decoderFailed(&err)
	data, err := os.ReadFile(file)
	if err != nil {
		return image.Point{}, err
	}
	config, format, err := decodeConfig(bytes.NewReader(data), maxPicture)
	if err != nil {
		return image.Point{}, err
	}
	if orientation(data, format) >= swapsSides {
		return image.Pt(config.Height, config.Width), nil
	}
	return image.Pt(config.Width, config.Height), nil
}

// uprightSizes returns the sizes of the pictures called names, and why some cannot be read.
func uprightSizes(root string, names []string) (sizes []image.Point, broken []error) {
	sizes, broken = make([]image.Point, len(names)), make([]error, len(names))
	forEach(len(names), nil, func(i int) { sizes[i], broken[i] = uprightSize(inFolder(root, names[i])) })
	return sizes, broken
}

// readSideBySide returns the pairs in the halves of pictures.
func readSideBySide(name, root string, names []string, options Options) (*Pairs, error) {
	sizes, broken := uprightSizes(root, names)
	for i, size := range sizes {
		if broken[i] == nil && size.X != 2*size.Y {
			return nil, errors.Errorf("datasets: %s holds neither two folders of pictures called alike nor only pictures with A left and B right: "+
				"%q has %d×%d pixels, which is not twice as wide as high", name, names[i], size.X, size.Y)
		}
	}
	size := options.Size
	if size == 0 {
		size = naturalSize(len(names), broken, func(i int) (image.Point, error) { return image.Pt(sizes[i].Y, sizes[i].Y), nil })
	}
	p := newPairs(name)
	err := fill([]*Set{p.A, p.B}, names, broken, size, options, func(i int) ([]*image.RGBA, key, error) {
		var noted key
		both, err := readPicture(inFolder(root, names[i]), 0, &noted)
		if err != nil {
			return nil, 0, err
		}
		side := both.Rect.Dy()
		var halves []*image.RGBA
		for _, left := range []int{0, both.Rect.Dx() - side} {
			halves = append(halves, toSquare(both.SubImage(image.Rect(left, 0, left+side, side)), size))
		}
		return halves, noted, nil
	})
	if err != nil {
		return nil, err
	}
	p.label()
	return p, nil
}

// readAligned returns the pairs of the pictures in the folders of A and B.
func readAligned(name string, folders [2]string, options Options) (*Pairs, error) {
	var sides [2]aligned
	for i, folder := range folders {
		var err error
		if sides[i].root, sides[i].names, err = findPictures(folder); err != nil {
			return nil, err
		}
		if err := sides[i].sort(name); err != nil {
			return nil, err
		}
	}
	if err := matchNames(name, sides); err != nil {
		return nil, err
	}
	sizes, broken, err := alignedSizes(name, sides, options)
	if err != nil {
		return nil, err
	}
	size := options.Size
	if size == 0 {
		size = naturalSize(len(sizes), broken, func(i int) (image.Point, error) { return sizes[i], nil })
	}
	p := newPairs(name)
	err = fill([]*Set{p.A, p.B}, sides[0].names, broken, size, options, func(i int) ([]*image.RGBA, key, error) {
		var pictures [2]*image.RGBA
		var keys [2]key
		for j, side := range sides {
			var err error
			if pictures[j], err = readPicture(inFolder(side.root, side.names[i]), size, &keys[j]); err != nil {
				return nil, 0, side.blame(err, i)
			}
		}
		return pictures[:], keys[0], nil
	})
	if err != nil {
		return nil, err
	}
	p.B.Names = nil
	for i, nameB := range sides[1].names {
		if broken[i] == nil {
			p.B.Names = append(p.B.Names, nameB)
		}
	}
	p.label()
	return p, nil
}

// aligned is one of two folders of pictures that are called alike.
type aligned struct {
	root  string
	names []string // In the order of their stems.
}

// sort brings the names into order, and returns an error if two have one stem.
func (a *aligned) sort(set string) error {
	slices.SortFunc(a.names, func(x, y string) int { return strings.Compare(stem(x), stem(y)) })
	for i := 1; i < len(a.names); i++ {
		if stem(a.names[i]) == stem(a.names[i-1]) {
			return errors.Errorf("datasets: %s: %q and %q in %q are called the same but for the extension; remove one", set, a.names[i-1], a.names[i], a.root)
		}
	}
	return nil
}

// blame returns why picture i cannot be read.
func (a *aligned) blame(err error, i int) error {
	return errors.WithMessage(err, inFolder(a.root, a.names[i]))
}

// without returns the names that have no partner among others.
func (a *aligned) without(others aligned) (alone []string) {
	stems := make(map[string]bool, len(others.names))
	for _, name := range others.names {
		stems[stem(name)] = true
	}
	for _, name := range a.names {
		if !stems[stem(name)] {
			alone = append(alone, name)
		}
	}
	return alone
}

// matchNames returns an error if pictures have no partner.
func matchNames(set string, sides [2]aligned) error {
	var problems []string
	for i, side := range sides {
		other := sides[1-i]
		if alone := side.without(other); len(alone) > 0 {
			problems = append(problems, fmt.Sprintf("%d of the %d pictures in %q have no partner in %q, the first %q",
				len(alone), len(side.names), side.root, other.root, alone[0]))
		}
	}
	if problems == nil {
		return nil
	}
	return errors.Errorf("datasets: %s: %s; partners are called the same but for the extension", set, strings.Join(problems, ", and "))
}

// alignedSizes returns the sizes of A's pictures, and why some pairs cannot be read. It is an error if the sizes of partners
// differ, unless they have one shape and are resized.
func alignedSizes(set string, sides [2]aligned, options Options) (sizes []image.Point, broken []error, err error) {
	sizes, broken = uprightSizes(sides[0].root, sides[0].names)
	sizesB, brokenB := uprightSizes(sides[1].root, sides[1].names)
	for i := range sizes {
		a, b := sizes[i], sizesB[i]
		switch {
		case broken[i] != nil:
			broken[i] = sides[0].blame(broken[i], i)
		case brokenB[i] != nil:
			broken[i] = sides[1].blame(brokenB[i], i)
		case a != b && (options.Size == 0 || a.X*b.Y != a.Y*b.X):
			return nil, nil, errors.Errorf("datasets: %s: %q has %d×%d pixels in %q and %d×%d in %q; partners must have the same size",
				set, stem(sides[0].names[i]), a.X, a.Y, sides[0].root, b.X, b.Y, sides[1].root)
		}
	}
	return sizes, broken, nil
}

// newPairs returns pairs without pictures.
func newPairs(name string) *Pairs {
	return &Pairs{Name: name, A: &Set{Name: name}, B: &Set{Name: name}, Paired: true}
}

// label gives both sides the classes of A's names.
func (p *Pairs) label() {
	p.A.Labels, p.A.Classes = classify(p.A.Names, nil)
	p.B.Labels, p.B.Classes = slices.Clone(p.A.Labels), slices.Clone(p.A.Classes)
}
