package enlarge

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

const (
	sheetColumns = 8  // Pictures of a class from one source.
	sheetRows    = 40 // Classes at most.
	sheetTile    = 48 // The least height and width at which a picture is shown.
	sheetGap     = 2
	sheetBand    = 12 // Between the groups of columns.
	sheetHead    = 26 // Height of the line above them.
)

// sheetGroup are columns of a sheet: pictures from one source.
type sheetGroup struct {
	method string
	colour color.NRGBA // Of the line below its name.
}

// sheetColours are those of the sources, in their order.
var sheetColours = []color.NRGBA{{90, 90, 90, 255}, {0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}}

// sheet draws some pictures of each class: a row for each, and beside one another the set's own pictures and those that each
// method made.
func (w *writer) sheet(records []Record) (image.Image, error) {
	var groups []sheetGroup
	for i, method := range append([]string{originalName}, methodNames()...) {
		for _, r := range records {
			if r.Method == method {
				groups = append(groups, sheetGroup{method, sheetColours[i%len(sheetColours)]})
				break
			}
		}
	}
	face, err := newFace()
	if err != nil {
		return nil, err
	}
	rows := min(len(w.set.Classes), sheetRows)
	left := 0
	for _, name := range w.set.Classes[:rows] {
		left = max(left, font.MeasureString(face, name).Ceil()+12)
	}
	scale := max(1, (sheetTile+w.set.Shape[1]-1)/w.set.Shape[1])
	width, height := w.set.Shape[1]*scale+sheetGap, w.set.Shape[0]*scale+sheetGap
	group := sheetColumns*width + sheetBand
	canvas := image.NewNRGBA(image.Rect(0, 0, left+len(groups)*group, sheetHead+rows*height+sheetGap))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	for i, g := range groups {
		x := left + i*group
		writeText(canvas, face, headOf(g.method), x, sheetHead-10)
		draw.Draw(canvas, image.Rect(x, sheetHead-6, x+group-sheetBand-sheetGap, sheetHead-3), image.NewUniform(g.colour), image.Point{}, draw.Src)
	}
	for row := range rows {
		y := sheetHead + row*height
		writeText(canvas, face, w.set.Classes[row], 6, y+height/2+5)
		for i, g := range groups {
			for column, r := range some(records, int32(row), g.method) {
				picture, err := w.read(r)
				if err != nil {
					return nil, err
				}
				x := left + i*group + column*width
				xdraw.NearestNeighbor.Scale(canvas, image.Rect(x, y, x+width-sheetGap, y+height-sheetGap), picture, picture.Bounds(), draw.Src, nil)
			}
		}
	}
	return canvas, nil
}

// headOf returns what stands above the pictures of a source.
func headOf(method string) string {
	if method == originalName {
		return "the set's own"
	}
	return "new: " + method
}

// some returns the first records of a class and a source.
func some(records []Record, label int32, method string) []Record {
	var list []Record
	for _, r := range records {
		if r.Label == label && r.Method == method {
			list = append(list, r)
		}
	}
	return list[:min(len(list), sheetColumns)]
}

// read returns a picture of the folder.
func (w *writer) read(r Record) (image.Image, error) {
	file, err := os.Open(filepath.Join(w.Dir, filepath.FromSlash(r.File)))
	if err != nil {
		return nil, errors.Errorf("enlarge: %v", err)
	}
	defer func() { _ = file.Close() }()
	picture, err := png.Decode(file)
	return picture, errors.Wrapf(err, "enlarge: %s", r.File)
}

func newFace() (font.Face, error) {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, errors.Wrap(err, "enlarge: sheet")
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 13, DPI: 72, Hinting: font.HintingFull})
	return face, errors.Wrap(err, "enlarge: sheet")
}

// writeText writes a line of text on the baseline y.
func writeText(canvas draw.Image, face font.Face, text string, x, y int) {
	drawer := font.Drawer{Dst: canvas, Src: image.NewUniform(color.Gray{Y: 32}), Face: face, Dot: fixed.P(x, y)}
	drawer.DrawString(text)
}

// savePNG writes a picture to a file, whole or not at all.
func savePNG(path string, picture image.Image) error {
	err := atomicfile.WriteTo(path, func(w io.Writer) error { return png.Encode(w, picture) })
	return errors.WithMessage(err, "enlarge")
}
