package datasets

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/pkg/errors"
)

const (
	// notedFiles is the number of files from which on what a scan found is noted for the next time.
	notedFiles = 2000

	// freshly is the age below which a change of a file is not trusted to show: another one soon after may have the same time.
	freshly = 2 * time.Second

	// scanVersion is written in front of notes. Another one means that they are not understood.
	scanVersion = "ganymede scan 1\n"
)

// scan is what the files of a folder say of themselves.
type scan struct {
	set, root string
	names     []string // Of the files, relative to root, but for broken ones that are left out.
	pictures  []scanned
	note      string // The file in which this is noted for the next time; "" for nowhere.
	changed   bool   // There is something to note.
}

// scanned is what is known of a file that was read once.
type scanned struct {
	Bytes, Modified int64             // Its length and time of change, in nanoseconds, before it was read.
	Hash            [sha256.Size]byte // Of its bytes.
	Size            image.Point       // Of the picture, the right way up.
	Grey            bool              // It is stored in grey.
	Whole           bool              // It was decoded without an error.

	Looked   bool // Its pixels were looked at for colour, when it was resized to ResizedTo; 0: not resized.
	Coloured bool
	Resized  int
}

// key returns the key of the picture.
func (s *scanned) key() key { return key(binary.BigEndian.Uint64(s.Hash[:])) }

// newScan reads the files with these names, but for those that are as a scan before found them. It returns the broken ones
// that it left out.
func newScan(set, root string, names []string, options Options) (s *scan, skipped []string, err error) {
	s = &scan{set: set, root: root, pictures: make([]scanned, len(names))}
	known := s.load(len(names))
	broken := make([]error, len(names))
	var read atomic.Int64
	forEach(len(names), options.Progress, func(i int) {
		before, found := known[names[i]]
		s.pictures[i], broken[i] = s.read(names[i], before, options.SkipBroken)
		if !found || s.pictures[i] != before {
			read.Add(1)
		}
	})
	s.changed = read.Load() > 0 || len(known) != len(names)
	if s.names, skipped, err = withoutBroken(set, names, broken, options.SkipBroken); err != nil {
		return nil, nil, err
	}
	kept := s.pictures[:0]
	for i, picture := range s.pictures {
		if broken[i] == nil {
			kept = append(kept, picture)
		}
	}
	s.pictures = kept
	return s, skipped, nil
}

// read returns what is known of a file, given what was known before. It is decoded only where it matters whether all of it
// can be read.
func (s *scan) read(name string, before scanned, whole bool) (picture scanned, err error) {
	defer decoderFailed(&err)
	info, err := os.Stat(s.path(name))
	if err != nil {
		return scanned{}, err
	}
	picture = scanned{Bytes: info.Size(), Modified: info.ModTime().UnixNano()}
	if picture.Bytes == before.Bytes && picture.Modified == before.Modified && (before.Whole || !whole) {
		return before, nil
	}
	if time.Since(info.ModTime()) < freshly {
		picture.Modified = 0 // So that it is read again.
	}
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		return scanned{}, err
	}
	config, format, err := decodeConfig(bytes.NewReader(data), maxPicture)
	if err != nil {
		return scanned{}, err
	}
	picture.Hash, picture.Size = sha256.Sum256(data), image.Pt(config.Width, config.Height)
	picture.Grey = config.ColorModel == color.GrayModel || config.ColorModel == color.Gray16Model
	if orientation(data, format) >= swapsSides {
		picture.Size.X, picture.Size.Y = picture.Size.Y, picture.Size.X
	}
	if whole {
		_, err = decodePicture(data, 0, maxPicture)
		picture.Whole = err == nil
	}
	return picture, err
}

func (s *scan) path(name string) string { return filepath.Join(s.root, filepath.FromSlash(name)) }

// commonSize returns the size that all pictures have.
func commonSize(s *scan) (image.Point, error) {
	counts := map[image.Point]int{}
	common := s.pictures[0].Size
	for _, picture := range s.pictures {
		counts[picture.Size]++
		if counts[picture.Size] > counts[common] {
			common = picture.Size
		}
	}
	for i, picture := range s.pictures {
		if picture.Size != common {
			return common, errors.Errorf("datasets: %s: the picture %q has %d×%d pixels, unlike %d of %d, which have %d×%d; "+
				"bring all to one size (Options.Size, --size)", s.set, s.names[i], picture.Size.X, picture.Size.Y,
				counts[common], len(s.pictures), common.X, common.Y)
		}
	}
	return common, nil
}

// squareSize returns the size that Open gives the pictures.
func squareSize(s *scan) (image.Point, error) {
	size := naturalSize(len(s.pictures), make([]error, len(s.pictures)), func(i int) (image.Point, error) { return s.pictures[i].Size, nil })
	return image.Pt(size, size), nil
}

// resizes tells whether pictures have to be resized to have the size.
func (s *scan) resizes(size image.Point) bool {
	for _, picture := range s.pictures {
		if picture.Size != size {
			return true
		}
	}
	return false
}

// channels returns 1 if all pictures are grey when resized to size (0: as they are), and 3 if not. Those that are not
// stored in grey are decoded until a coloured one is found.
func (s *scan) channels(size int, skipBroken bool) (int, error) {
	var coloured atomic.Bool
	look := make([]int, 0, len(s.pictures))
	for i, picture := range s.pictures {
		switch {
		case picture.Grey:
		case !picture.Looked || picture.Resized != size:
			look = append(look, i)
		case picture.Coloured:
			return 3, nil
		}
	}
	broken := make([]error, len(s.names))
	forEach(len(look), nil, func(i int) {
		if coloured.Load() {
			return
		}
		i = look[i]
		picture := &s.pictures[i]
		decoded, err := readPicture(s.path(s.names[i]), size, nil)
		if err != nil {
			broken[i] = err
			return
		}
		picture.Looked, picture.Resized, picture.Coloured = true, size, isColoured(decoded)
		if picture.Coloured {
			coloured.Store(true)
		}
	})
	s.changed = s.changed || len(look) > 0
	if coloured.Load() {
		return 3, nil
	}
	_, _, err := withoutBroken(s.set, s.names, broken, skipBroken)
	return 1, err
}

// isColoured says whether a pixel of the opaque picture is not grey.
func isColoured(picture *image.RGBA) bool {
	for i := 0; i < len(picture.Pix); i += 4 {
		if picture.Pix[i] != picture.Pix[i+1] || picture.Pix[i] != picture.Pix[i+2] {
			return true
		}
	}
	return false
}

// noted is what is written down of a scan.
type noted struct {
	Names    []string
	Pictures []scanned
}

// load returns what a scan before found out about the files of the folder, by their names. Nothing is known if it was not noted,
// or if the note is damaged.
func (s *scan) load(files int) map[string]scanned {
	if files < notedFiles {
		return nil
	}
	cache, err := CacheDir()
	if err != nil {
		return nil
	}
	root, err := filepath.EvalSymlinks(s.root)
	if err == nil {
		root, err = filepath.Abs(root)
	}
	if err != nil {
		return nil
	}
	name := sha256.Sum256([]byte(root))
	s.note = filepath.Join(cache, "scans", hex.EncodeToString(name[:16]))
	data, err := os.ReadFile(s.note)
	content, understood := bytes.CutPrefix(data, []byte(scanVersion))
	if err != nil || !understood || len(content) < sha256.Size {
		return nil
	}
	sum, content := content[:sha256.Size], content[sha256.Size:]
	if sha256.Sum256(content) != [sha256.Size]byte(sum) {
		return nil
	}
	var before noted
	if err := gob.NewDecoder(bytes.NewReader(content)).Decode(&before); err != nil || len(before.Names) != len(before.Pictures) {
		return nil
	}
	known := make(map[string]scanned, len(before.Names))
	for i, name := range before.Names {
		known[name] = before.Pictures[i]
	}
	return known
}

// save notes what the scan found. That it cannot is no error: the next one reads all files again.
func (s *scan) save() {
	if s.note == "" || !s.changed {
		return
	}
	var content bytes.Buffer
	if err := gob.NewEncoder(&content).Encode(noted{s.names, s.pictures}); err != nil {
		return
	}
	sum := sha256.Sum256(content.Bytes())
	_ = atomicfile.Write(s.note, bytes.Join([][]byte{[]byte(scanVersion), sum[:], content.Bytes()}, nil))
}

// forget removes the note: a file has changed in a way that its size and time do not tell.
func (s *scan) forget() {
	if s.note != "" {
		_ = os.Remove(s.note)
	}
}
