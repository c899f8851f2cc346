package datasets

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/pkg/errors"
)

// Stream is a folder of pictures that are decoded when they are asked for, so that the memory it takes does not grow with
// their number, but for their names. Open one with OpenStream.
type Stream struct {
	Name    string   // "folder:DIR".
	Shape   []int    // Of one picture: [height, width, channels].
	Labels  []int32  // The class of each picture, or nil.
	Classes []string // The names of the classes, or nil.
	Skipped []string // The broken pictures that Options.SkipBroken left out, relative to the folder, in order.

	// Recoloured is how many pictures are stored in grey and become coloured, as the others are.
	Recoloured int

	root  string
	names []string
	size  int // To which pictures are cropped and resized; 0: their own.
	hash  string
}

// OpenStream returns the pictures below a directory, "folder:DIR" or DIR alone, as Open finds, orders and labels them,
// without keeping them. All are read once, for their hash. Unlike there, pictures with Options.Size 0 keep their own size,
// square or not, and it is an error if they have several: the line names the first that is not as most are.
func OpenStream(name string, options Options) (*Stream, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	directory := strings.TrimPrefix(name, folderPrefix)
	root, names, err := findPictures(directory)
	if err != nil {
		return nil, err
	}
	s := &Stream{Name: folderPrefix + directory, root: root, size: options.Size}
	if err := s.scan(names, options); err != nil {
		return nil, err
	}
	return s, nil
}

// Len returns the number of pictures.
func (s *Stream) Len() int { return len(s.names) }

// Hash returns the SHA-256 of the shape, the bytes of all files in order and their labels, in hexadecimal. It does not
// depend on the names of the files, and differs from the Hash of a Set of the same pictures.
func (s *Stream) Hash() string { return s.hash }

// Pictures returns the pictures with these numbers, one after another, uint8 of s.Shape. They are decoded at the same
// time, on all processors. It is an error if one cannot be read, or is no longer what it was.
func (s *Stream) Pictures(numbers []int) ([]uint8, error) {
	height, width, channels := s.Shape[0], s.Shape[1], s.Shape[2]
	size := height * width * channels
	pixels := make([]uint8, len(numbers)*size)
	broken := make([]error, len(numbers))
	forEach(len(numbers), nil, func(i int) {
		picture, err := readPicture(s.path(s.names[numbers[i]]), s.size, nil)
		if err == nil && picture.Rect.Size() != image.Pt(width, height) {
			err = errors.Errorf("it is %d×%d pixels now, no longer %d×%d", picture.Rect.Dx(), picture.Rect.Dy(), width, height)
		}
		if err != nil {
			broken[i] = err
			return
		}
		recolour(pixels[i*size:(i+1)*size], picture, channels)
	})
	for i, err := range broken {
		if err != nil {
			return nil, errors.Errorf("datasets: %s: the picture %q cannot be read, because: %v; mend or remove it", s.Name, s.names[numbers[i]], err)
		}
	}
	return pixels, nil
}

func (s *Stream) path(name string) string { return filepath.Join(s.root, filepath.FromSlash(name)) }

// scanned is what is known of a picture that was read once.
type scanned struct {
	hash [sha256.Size]byte // Of its file.
	size image.Point       // As it will be decoded.
	grey bool              // It is stored in grey.
}

// scan reads the pictures called names and fills in what is known of all of them.
func (s *Stream) scan(names []string, options Options) error {
	found := make([]scanned, len(names))
	broken := make([]error, len(names))
	var coloured atomic.Bool
	forEach(len(names), options.Progress, func(i int) {
		found[i], broken[i] = s.scanPicture(names[i], options, &coloured)
	})
	var err error
	if s.names, s.Skipped, err = withoutBroken(s.Name, names, broken, options.SkipBroken); err != nil {
		return err
	}
	kept := make([]scanned, 0, len(s.names))
	for i, one := range found {
		if broken[i] == nil {
			kept = append(kept, one)
		}
	}
	size, err := s.commonSize(kept)
	if err != nil {
		return err
	}
	channels := options.Channels
	if channels == 0 {
		channels = 1
		if coloured.Load() {
			channels = 3
			for _, one := range kept {
				if one.grey {
					s.Recoloured++
				}
			}
		}
	}
	s.Shape = []int{size.Y, size.X, channels}
	s.Labels, s.Classes = classify(s.names)
	s.hash = s.hashOf(kept)
	return nil
}

// scanPicture reads a picture. It is decoded only where something in its pixels matters: whether they are grey, which is
// not asked any more once a coloured one was found, or whether they can be read at all.
func (s *Stream) scanPicture(name string, options Options, coloured *atomic.Bool) (one scanned, err error) {
	defer decoderFailed(&err)
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		return scanned{}, err
	}
	config, format, err := decodeConfig(bytes.NewReader(data), maxPicture)
	if err != nil {
		return scanned{}, err
	}
	one = scanned{hash: sha256.Sum256(data), size: image.Pt(config.Width, config.Height)}
	one.grey = config.ColorModel == color.GrayModel || config.ColorModel == color.Gray16Model
	if format == "jpeg" && jpegOrientation(data) >= swapsSides {
		one.size.X, one.size.Y = one.size.Y, one.size.X
	}
	if s.size > 0 {
		one.size = image.Pt(s.size, s.size)
	}
	mayColour := options.Channels == 0 && !one.grey && !coloured.Load()
	if !mayColour && !options.SkipBroken {
		return one, nil
	}
	picture, err := safeDecode(data, s.size)
	if err != nil {
		return scanned{}, err
	}
	if mayColour {
		pixels := make([]uint8, 3*one.size.X*one.size.Y)
		recolour(pixels, picture, 3)
		if !isGrey(pixels) {
			coloured.Store(true)
		}
	}
	return one, nil
}

// commonSize returns the size that all pictures have.
func (s *Stream) commonSize(pictures []scanned) (image.Point, error) {
	counts := map[image.Point]int{}
	common := pictures[0].size
	for _, one := range pictures {
		counts[one.size]++
		if counts[one.size] > counts[common] {
			common = one.size
		}
	}
	for i, one := range pictures {
		if one.size != common {
			return common, errors.Errorf("datasets: %s: the picture %q has %d×%d pixels, unlike %d of %d, which have %d×%d; "+
				"bring all to one size (Options.Size, --size)", s.Name, s.names[i], one.size.X, one.size.Y,
				counts[common], len(pictures), common.X, common.Y)
		}
	}
	return common, nil
}

// hashOf returns the hash of the stream, see Hash.
func (s *Stream) hashOf(pictures []scanned) string {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "stream %v %d %d\n", s.Shape, len(pictures), len(s.Labels)) // Writing to a hash cannot fail.
	for _, one := range pictures {
		_, _ = hash.Write(one.hash[:])
	}
	_ = binary.Write(hash, binary.LittleEndian, s.Labels)
	return hex.EncodeToString(hash.Sum(nil))
}
