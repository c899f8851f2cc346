package inpaint

import (
	"context"
	"image"
	"image/color"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// PictureOptions say how Picture fills.
type PictureOptions struct {
	Paste bool // Put what is drawn into the hole as it is, rather than by Blend.

	// Shrink is by how much a window of the picture is shrunk at most, to have a large hole look to the network like those it
	// was trained with; 0 means 4.
	Shrink int
}

// windowsAtOnce is how many windows of one size the network fills at a time.
const windowsAtOnce = 8

// Picture returns the picture, of any size, with the holes of the mask filled; the mask has a value per pixel, row by row, and
// everything but 0 is hole. Known pixels stay as they are, and so does transparency but in the hole, which is opaque.
//
// A network knows what it was trained with: square pictures of Size pixels and holes about half as wide. So each hole is
// filled in a square window around it. One no wider than half of Size is in a window of Size pixels. The window of a wider one
// is twice as wide as the hole, and is shrunk to Size for the network, which makes what is drawn softer. At most it is shrunk
// by PictureOptions.Shrink; wider holes are filled from their rim inwards, a quarter of a window deep at a time, going by what is
// there already. Memory beyond the picture's own is that of a few windows.
func (f *Filler) Picture(ctx context.Context, picture image.Image, mask []uint8, o PictureOptions) (*image.NRGBA, error) {
	bounds := picture.Bounds()
	width, height := bounds.Dx(), bounds.Dy()
	if len(mask) != width*height {
		return nil, errors.Errorf("inpaint: a picture of %d×%d pixels takes a mask of %d values, got %d", width, height, width*height, len(mask))
	}
	if err := checkHole(mask, "by anything but 0"); err != nil {
		return nil, err
	}
	c := &canvasFill{f: f, width: width, height: height, left: slices.Clone(mask), options: o, result: toNRGBA(picture)}
	c.options.Shrink = orDefault(o.Shrink, 4)
	if f.config.Channels == 1 && !isGrey(c.result, mask) {
		return nil, errors.New("inpaint: the network was trained on grey pictures, and this one has colours; convert it to grey first, or train a network on colours")
	}
	for _, region := range regions(mask, width, height) {
		if err := c.fillRegion(ctx, region); err != nil {
			return nil, err
		}
	}
	return c.result, nil
}

// canvasFill is a picture whose holes are being filled.
type canvasFill struct {
	f             *Filler
	width, height int
	left          []uint8 // What is still hole.
	options       PictureOptions
	result        *image.NRGBA
}

// fillRegion fills one hole, in as many rounds as it takes from the rim inwards.
func (c *canvasFill) fillRegion(ctx context.Context, region image.Rectangle) error {
	size := c.f.config.Size
	side := max(2*max(region.Dx(), region.Dy()), size)
	side = min(side, size*c.options.Shrink)
	for {
		if err := ctx.Err(); err != nil {
			return errors.WithStack(err)
		}
		windows := c.windows(region, side)
		if len(windows) == 0 {
			return nil
		}
		for chunk := range slices.Chunk(windows, windowsAtOnce) {
			if err := c.fillWindows(chunk, side); err != nil {
				return err
			}
		}
	}
}

// window is a part of the picture that the network is given, and the part within it that it fills.
type window struct{ seen, filled image.Rectangle }

// windows returns windows of which none sees another's filled part, each around some of the hole's rim; none once the region
// is filled. A hole no wider than half a window has one, around its middle.
func (c *canvasFill) windows(region image.Rectangle, side int) []window {
	var list []window
	if max(region.Dx(), region.Dy())*2 <= side {
		middle := region.Min.Add(region.Max).Div(2)
		if c.anyLeft(region) {
			list = append(list, window{c.around(middle, side), region})
		}
		return list
	}
	for y := region.Min.Y; y < region.Max.Y; y++ {
		for x := region.Min.X; x < region.Max.X; x++ {
			if c.left[y*c.width+x] == 0 || !c.atRim(x, y) {
				continue
			}
			seen := c.around(image.Pt(x, y), side)
			if slices.ContainsFunc(list, func(w window) bool { return w.seen.Overlaps(seen) }) {
				continue
			}
			part := image.Rect(x-side/4, y-side/4, x+side/4+1, y+side/4+1).Intersect(region)
			list = append(list, window{seen, part})
		}
	}
	return list
}

// around returns the square of that side around a point, moved so that it lies in the picture; smaller where the picture is.
func (c *canvasFill) around(p image.Point, side int) image.Rectangle {
	w, h := min(side, c.width), min(side, c.height)
	x := min(max(p.X-side/2, 0), c.width-w)
	y := min(max(p.Y-side/2, 0), c.height-h)
	return image.Rect(x, y, x+w, y+h)
}

// atRim tells whether a pixel of the hole has a neighbour that is none.
func (c *canvasFill) atRim(x, y int) bool {
	return x > 0 && c.left[y*c.width+x-1] == 0 || x+1 < c.width && c.left[y*c.width+x+1] == 0 ||
		y > 0 && c.left[(y-1)*c.width+x] == 0 || y+1 < c.height && c.left[(y+1)*c.width+x] == 0
}

// anyLeft tells whether there is hole in the rectangle.
func (c *canvasFill) anyLeft(r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range c.left[y*c.width+r.Min.X : y*c.width+r.Max.X] {
			if v != 0 {
				return true
			}
		}
	}
	return false
}

// fillWindows has the network fill windows that are equally large, and takes from each the part that it is to fill.
func (c *canvasFill) fillWindows(list []window, side int) error {
	channels := c.f.config.Channels
	first := list[0].seen
	toWidth, toHeight := c.shrunk(first.Dx(), side), c.shrunk(first.Dy(), side)
	var pixels, masks []uint8
	for _, w := range list {
		p, m := c.read(w.seen)
		pixels = append(pixels, shrink(p, w.seen.Dx(), w.seen.Dy(), channels, toWidth, toHeight)...)
		masks = append(masks, shrinkHole(m, w.seen.Dx(), w.seen.Dy(), toWidth, toHeight)...)
	}
	count := len(list)
	if count > 1 { // One program for one window, and one for several.
		count = windowsAtOnce
		pixels = append(pixels, make([]uint8, count*toWidth*toHeight*channels-len(pixels))...)
		masks = append(masks, make([]uint8, count*toWidth*toHeight-len(masks))...)
	}
	filled, drawn, err := c.f.draw(tensors.FromFlatDataAndDimensions(pixels, count, toHeight, toWidth, channels),
		tensors.FromFlatDataAndDimensions(masks, count, toHeight, toWidth, 1))
	if err != nil {
		return err
	}
	filled.MustFinalizeAll()
	defer drawn.MustFinalizeAll()
	flat, err := tensors.CopyFlatData[uint8](drawn)
	if err != nil {
		return errors.WithMessage(err, "inpaint")
	}
	each := len(flat) / count
	for i, w := range list {
		enlarged := enlarge(flat[i*each:(i+1)*each], toWidth, toHeight, channels, w.seen.Dx(), w.seen.Dy())
		if err := c.put(w, enlarged); err != nil {
			return err
		}
	}
	return nil
}

// shrunk returns how long a side of a window is to the network, whose windows are side long where the picture is large enough.
func (c *canvasFill) shrunk(length, side int) int {
	return max((length*c.f.config.Size+side/2)/side, 1)
}

// read returns the pixels of a rectangle, with the network's channels, and its mask.
func (c *canvasFill) read(r image.Rectangle) (pixels, mask []uint8) {
	pixels = make([]uint8, 0, r.Dx()*r.Dy()*c.f.config.Channels)
	mask = make([]uint8, 0, r.Dx()*r.Dy())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			at := c.result.PixOffset(x, y)
			pixels = append(pixels, c.result.Pix[at:at+c.f.config.Channels]...)
		}
		mask = append(mask, c.left[y*c.width+r.Min.X:y*c.width+r.Max.X]...)
	}
	return pixels, mask
}

// put sets what was drawn of a window into the hole of the part that it fills, which is no hole from then on.
func (c *canvasFill) put(w window, drawn []uint8) error {
	channels := c.f.config.Channels
	pixels, mask := c.read(w.seen)
	if !c.options.Paste && slices.Contains(mask, 0) {
		var err error
		if drawn, err = Blend(pixels, drawn, [3]int{w.seen.Dy(), w.seen.Dx(), channels}, mask); err != nil {
			return err
		}
	}
	for y := w.filled.Min.Y; y < w.filled.Max.Y; y++ {
		for x := w.filled.Min.X; x < w.filled.Max.X; x++ {
			if c.left[y*c.width+x] == 0 {
				continue
			}
			c.left[y*c.width+x] = 0
			from := ((y-w.seen.Min.Y)*w.seen.Dx() + x - w.seen.Min.X) * channels
			colour := color.NRGBA{drawn[from], drawn[from], drawn[from], 255}
			if channels == 3 {
				colour.G, colour.B = drawn[from+1], drawn[from+2]
			}
			c.result.SetNRGBA(x, y, colour)
		}
	}
	return nil
}

// toNRGBA returns a copy of the picture whose first pixel is at 0, 0.
func toNRGBA(picture image.Image) *image.NRGBA {
	bounds := picture.Bounds()
	copied := image.NewNRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	if source, ok := picture.(*image.NRGBA); ok {
		for y := range bounds.Dy() {
			from := source.PixOffset(bounds.Min.X, bounds.Min.Y+y)
			copy(copied.Pix[y*copied.Stride:(y+1)*copied.Stride], source.Pix[from:])
		}
		return copied
	}
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			copied.SetNRGBA(x, y, color.NRGBAModel.Convert(picture.At(bounds.Min.X+x, bounds.Min.Y+y)).(color.NRGBA))
		}
	}
	return copied
}

// isGrey tells whether the known pixels of the picture have no colour.
func isGrey(picture *image.NRGBA, mask []uint8) bool {
	for i, hidden := range mask {
		p := picture.Pix[4*i : 4*i+3]
		if hidden == 0 && (p[0] != p[1] || p[1] != p[2]) {
			return false
		}
	}
	return true
}
