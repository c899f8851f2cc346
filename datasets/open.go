package datasets

import (
	"image"
	"os"
	"slices"
	"strings"

	"github.com/ganymede-ml/ganymede/internal/nearest"
	"github.com/pkg/errors"
)

// Options say how a data set is opened. Its zero value takes every set as it is.
type Options struct {
	View // Which of its examples are taken.

	Size       int   // Height and width of the pictures, which are cropped and resized to it; 0: as they are (see Open).
	Channels   int   // 1 turns pictures grey, 3 gives them red, green and blue; 0: as they are.
	Seed       int64 // Draws the examples of sets that are made in code: the toys and "stacked"; others ignore it.
	SkipBroken bool  // Leave out pictures of a folder that cannot be read, rather than return an error.

	// Labels is a CSV file with a line for each picture of a folder, its file and its class; "" means that the folders inside it
	// are the classes.
	Labels string

	// Progress, if not nil, is called with the number of pictures of a folder read so far, from one goroutine at a time.
	Progress func(done, total int)
}

// check returns an error about what can never be.
func (o Options) check() error {
	if o.Size < 0 {
		return errors.Errorf("datasets: pictures of size %d cannot be; give a size of at least 1, or 0 for their own", o.Size)
	}
	if o.Channels != 0 && o.Channels != 1 && o.Channels != 3 {
		return errors.Errorf("datasets: pictures have 1 channel (grey) or 3 (colour), not %d; 0 leaves them as they are", o.Channels)
	}
	return o.View.check()
}

// Info describes a data set that Open knows.
type Info struct {
	Name     string   `json:"name"`     // To give to Open.
	Examples int      `json:"examples"` // Their number, 0 where it depends on the folder.
	Shape    []int    `json:"shape"`    // Of one example, as in Set; nil where it depends on the folder.
	Classes  []string `json:"classes"`
	Licence  string   `json:"licence"`
	Source   string   `json:"source"`
	Summary  string   `json:"summary"` // One line.
}

// entry is a data set of the registry.
type entry struct {
	Info
	aliases []string

	// open returns the examples and their labels, which the caller may change; Open adds the names and obeys Size and
	// Channels.
	open func(Options) (*Set, error)

	// openIn, of a set that is read from files, is open for files in a directory: Open("mnist:DIR").
	openIn func(directory string, options Options) (*Set, error)

	// splits are those that the set comes with, the default first: open obeys Options.Split itself. None means that Split cuts
	// it as any other.
	splits []string
}

// registry returns the data sets with a fixed name, in the order of List.
func registry() []entry {
	return []entry{digits, fashion, emojiGoogle, emojiTwitter, stacked, rings, grid, mnist, fashionMNIST, cifar10}
}

// Open returns the data set called name:
//
//   - "digits": 10,000 handwritten digits of MNIST, 28×28, grey, embedded in the package;
//   - "fashion": 10,000 articles of clothing of Fashion-MNIST, 28×28, grey, embedded in the package;
//   - "emoji" or "emoji:google", and "emoji:twitter": 1,871 emoji in two styles, 32×32, in colour on white, embedded in the
//     package; picture i of both is the same emoji (EmojiNames has its name), and the classes are its nine categories;
//   - "stacked": 25,600 stacks of three digits, the red, green and blue of a 28×28 picture, drawn from the embedded digits by
//     Options.Seed; their 1,000 classes are the numbers 000 to 999, with the hundreds in red;
//   - "rings" or "ring": 8 Gaussians on a ring, points in the plane;
//   - "grid": 25 Gaussians on a grid, points in the plane;
//   - "mnist", "fashion-mnist" and "cifar10": 60,000 handwritten digits, 60,000 articles of clothing and 50,000 photos, and for
//     Options.Split Test 10,000 more of each, from the files that Get downloads; "mnist:DIR" has its files in the directory DIR;
//   - "folder:DIR": the pictures below the directory DIR.
//
// A folder is searched for PNG, JPEG, GIF, WebP, BMP and TIFF files in all its directories, links included; hidden files and
// others are ignored. If directories inside it hold pictures, those right below it are the classes, in alphabetical order, and
// pictures outside them form a class "."; if not, the set has no labels, unless Options.Labels names a file with them. Each picture is cropped to the square in its
// middle and resized, averaging over the area of each new pixel. With Options.Size 0, pictures which all have the same
// square size keep it, and others become 64×64. With Options.Channels 0 the set is grey if all pictures are, and coloured
// if not. Transparency turns white, only the first frame of an animation counts, and the orientation a camera notes is
// obeyed. The order of the examples depends on the file names alone.
//
// Errors name what is wrong and how to mend it: an unknown name comes with the nearest ones, a folder with broken
// pictures with the first of them and their number.
func Open(name string, options Options) (*Set, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	if directory, found := strings.CutPrefix(name, folderPrefix); found {
		return openFolder(directory, options)
	}
	var names []string
	for _, entry := range registry() {
		if entry.Name == name || slices.Contains(entry.aliases, name) {
			return entry.set(options)
		}
		if inDirectory, ok := entry.called(name); ok {
			return inDirectory.set(options)
		}
		names = append(names, entry.Name)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, errors.Errorf("datasets: %q is a directory; for the pictures in it write %q", name, folderPrefix+name)
	}
	names = append(names, folderInfo.Name)
	return nil, errors.Errorf("datasets: there is no data set %q%s (all: %s)",
		name, nearest.Hint(name, names), strings.Join(names, ", "))
}

// set returns what Open does.
func (e entry) set(options Options) (*Set, error) {
	if e.splits != nil && options.Split != "" && !slices.Contains(e.splits, options.Split) {
		return nil, errors.Errorf("datasets: %s has no split %q; it comes with %s", e.Name, options.Split, strings.Join(e.splits, " and "))
	}
	if options.Labels != "" {
		return nil, errors.Errorf("datasets: %s knows its classes; a file with labels is for a folder (%s)", e.Name, folderInfo.Name)
	}
	set, err := e.open(options)
	if err != nil {
		return nil, err
	}
	set.Name, set.Classes = e.Name, slices.Clone(e.Classes)
	return set.finish(options, e.splits != nil)
}

// finish returns of a set, as it was opened, what the view takes, fitted. Split tells that it is of one split already.
func (s *Set) finish(options Options, split bool) (*Set, error) {
	view := options.View
	if split {
		view.Split = ""
	}
	if s.keys == nil && s.Points == nil && (options.Size != 0 || options.Channels != 0) {
		s.withKeys()
	}
	taken, err := s.view(view)
	if err != nil {
		return nil, err
	}
	return taken.Fit(options)
}

// List returns the data sets that Open knows.
func List() []Info {
	var infos []Info
	for _, entry := range registry() {
		infos = append(infos, entry.Info)
	}
	return append(infos, folderInfo)
}

// Fit returns the set with its pictures cropped, resized and recoloured as Options.Size and Options.Channels ask: itself,
// if they are so already.
func (s *Set) Fit(options Options) (*Set, error) {
	if s.Points != nil {
		if options.Size != 0 || options.Channels != 0 {
			return nil, errors.Errorf("datasets: %s holds points in the plane, which have no size or channels; leave them out", s.Name)
		}
		return s, nil
	}
	height, width, channels := s.Shape[0], s.Shape[1], s.Shape[2]
	if options.Size != 0 {
		height, width = options.Size, options.Size
	}
	if options.Channels != 0 {
		channels = options.Channels
	}
	resized := height != s.Shape[0] || width != s.Shape[1]
	if !resized && channels == s.Shape[2] {
		return s, nil
	}
	pixels, err := newPixels(s.Len(), height, width, channels)
	if err != nil {
		return nil, err
	}
	forEach(s.Len(), nil, func(i int) {
		picture := s.Image(i)
		if resized {
			picture = toSquare(picture, height)
		} else {
			picture = overWhite(picture, picture.Bounds())
		}
		recolour(pixels[i*height*width*channels:], picture.(*image.RGBA), channels)
	})
	fitted := *s
	fitted.Shape, fitted.Pixels = []int{height, width, channels}, pixels
	return &fitted, nil
}
