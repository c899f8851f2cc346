package display

import (
	"image"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// Images returns each of the samples as a picture of its own size: [image.Gray] for one channel, [image.RGBA] (opaque)
// for three and [image.NRGBA] for four. It returns an error if samples are not images, see the package's comment.
func Images(samples *tensors.Tensor) ([]image.Image, error) {
	decoded, err := decode(samples)
	if err != nil {
		return nil, err
	}
	pictures := make([]image.Image, decoded.n)
	for i := range pictures {
		pictures[i] = decoded.image(i)
	}
	return pictures, nil
}

// pixels are images of one size as bytes, one after another.
type pixels struct {
	n, height, width, channels int
	data                       []uint8 // [n, height, width, channels]
}

// decode copies samples out of their tensor, as bytes.
func decode(samples *tensors.Tensor) (*pixels, error) {
	if samples == nil {
		return nil, errors.New("display: samples are nil, want uint8 or float32 [n, height, width, channels]")
	}
	shape := samples.Shape()
	isBytes, isFloats := shape.DType == dtypes.Uint8, shape.DType == dtypes.Float32
	if shape.Rank() != 4 || !(isBytes || isFloats) {
		return nil, errors.Errorf("display: samples are %s, want uint8 or float32 [n, height, width, channels]", shape)
	}
	dims := shape.Dimensions
	p := &pixels{n: dims[0], height: dims[1], width: dims[2], channels: dims[3]}
	if p.channels != 1 && p.channels != 3 && p.channels != 4 {
		return nil, errors.Errorf("display: samples %s have %d channels, want 1 (grey), 3 (RGB) or 4 (RGB and alpha)",
			shape, p.channels)
	}
	if shape.Size() == 0 {
		return nil, errors.Errorf("display: samples %s hold no picture", shape)
	}
	var err error
	if isBytes {
		p.data, err = tensors.CopyFlatData[uint8](samples)
	} else {
		err = tensors.ConstFlatData(samples, func(flat []float32) {
			p.data = make([]uint8, len(flat))
			for i, value := range flat {
				p.data[i] = toByte(value)
			}
		})
	}
	if err != nil {
		return nil, errors.WithMessagef(err, "display: reading samples %s", shape)
	}
	return p, nil
}

// toByte maps [-1, 1] to [0, 255], rounding half up; it clamps what is outside and returns 0 for NaN.
func toByte(value float32) uint8 {
	level := math.Floor(float64(value)*127.5 + 127.5 + 0.5)
	switch {
	case level >= 255:
		return 255
	case level > 0:
		return uint8(level)
	default:
		return 0
	}
}

// image returns a copy of picture i.
func (p *pixels) image(i int) image.Image {
	size := p.height * p.width * p.channels
	data := p.data[i*size : (i+1)*size]
	bounds := image.Rect(0, 0, p.width, p.height)
	switch p.channels {
	case 1:
		picture := image.NewGray(bounds)
		copy(picture.Pix, data)
		return picture
	case 3:
		picture := image.NewRGBA(bounds)
		for from, to := 0, 0; from < len(data); from, to = from+3, to+4 {
			copy(picture.Pix[to:], data[from:from+3])
			picture.Pix[to+3] = 255
		}
		return picture
	default:
		picture := image.NewNRGBA(bounds)
		copy(picture.Pix, data)
		return picture
	}
}

// decodePoints copies points out of their tensor; the error names them by what.
func decodePoints(what string, points *tensors.Tensor) ([]float32, error) {
	if points == nil {
		return nil, errors.Errorf("display: %s are nil, want float32 [n, 2]", what)
	}
	if !isPoints(points) {
		return nil, errors.Errorf("display: %s are %s, want float32 [n, 2]", what, points.Shape())
	}
	flat, err := tensors.CopyFlatData[float32](points)
	return flat, errors.WithMessagef(err, "display: reading %s %s", what, points.Shape())
}

// isPoints tells whether samples are points in the plane.
func isPoints(samples *tensors.Tensor) bool {
	if samples == nil {
		return false
	}
	shape := samples.Shape()
	return shape.DType == dtypes.Float32 && shape.Rank() == 2 && shape.Dimensions[1] == 2
}
