package style

import (
	"image"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
	"golang.org/x/image/draw"
)

// picture is a picture as the networks see it, padded at the right and below by mirroring, so that its sides are multiples of 8.
type picture struct {
	height, width int       // Padded.
	size          [2]int    // Height and width of what is not padding.
	pixels        []float32 // In [-1, 1], [height, width, 3].
	opacity       []float32 // In [0, 1], [height, width], 0 in the padding.
	source        *image.NRGBA
}

// newPicture returns a picture whose longest side is the length given; 0 means as it is.
func newPicture(source image.Image, length int) (*picture, error) {
	if source == nil || source.Bounds().Empty() {
		return nil, errors.New("style: there is no picture")
	}
	flat := resized(source, length)
	bounds := flat.Bounds()
	p := &picture{size: [2]int{bounds.Dy(), bounds.Dx()}, source: flat}
	p.height, p.width = padded(bounds.Dy()), padded(bounds.Dx())
	p.pixels, p.opacity = make([]float32, p.height*p.width*3), make([]float32, p.height*p.width)
	for y := range p.height {
		row := flat.Pix[mirrored(y, bounds.Dy())*flat.Stride:]
		for x := range p.width {
			from, to := row[4*mirrored(x, bounds.Dx()):], y*p.width+x
			for c := range 3 {
				p.pixels[3*to+c] = float32(from[c])/127.5 - 1
			}
			if y < bounds.Dy() && x < bounds.Dx() {
				p.opacity[to] = float32(from[3]) / 255
			}
		}
	}
	return p, nil
}

// resized returns the picture with its longest side as long as given; 0 means as it is.
func resized(source image.Image, length int) *image.NRGBA {
	bounds := source.Bounds()
	height, width := bounds.Dy(), bounds.Dx()
	longest := max(height, width)
	if length != 0 {
		height, width = max(1, (height*length+longest/2)/longest), max(1, (width*length+longest/2)/longest)
	}
	flat := image.NewNRGBA(image.Rect(0, 0, width, height))
	if length == 0 || length == longest {
		draw.Draw(flat, flat.Bounds(), source, bounds.Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(flat, flat.Bounds(), source, bounds, draw.Src, nil)
	}
	return flat
}

// padded returns the side of a picture with its padding.
func padded(side int) int { return max((side+multiple-1)/multiple*multiple, least) }

// mirrored returns the pixel out of n that is seen at i ≥ 0, mirrored at the outermost ones.
func mirrored(i, n int) int {
	if n == 1 {
		return 0
	}
	i %= 2 * (n - 1)
	return min(i, 2*(n-1)-i)
}

// cut returns a part of the pixels as a batch of one.
func (p *picture) cut(t tile) *tensors.Tensor {
	pixels := make([]float32, 0, t.height*t.width*3)
	for y := t.top; y < t.top+t.height; y++ {
		pixels = append(pixels, p.pixels[(y*p.width+t.left)*3:][:t.width*3]...)
	}
	return tensors.FromFlatDataAndDimensions(pixels, 1, t.height, t.width, 3)
}

// shrunk returns the means of squares of a map of the picture's size, the cells of the content layer.
func (p *picture) shrunk(of []float32, cell int) []float32 {
	columns := p.width / cell
	means := make([]float32, len(of)/(cell*cell))
	for i, v := range of {
		means[i/p.width/cell*columns+i%p.width/cell] += v / float32(cell*cell)
	}
	return means
}

// grey returns the brightness in [0, 1] of the picture's pixels, [height, width], times their opacity.
func (p *picture) grey() []float32 {
	values := make([]float32, len(p.opacity))
	for i, opacity := range p.opacity {
		rgb := p.pixels[3*i:]
		values[i] = (0.299*rgb[0] + 0.587*rgb[1] + 0.114*rgb[2] + 1) / 2 * opacity
	}
	return values
}
