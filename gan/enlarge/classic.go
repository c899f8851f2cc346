package enlarge

import (
	"context"
	"image"
	"image/color"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// Names of where pictures come from.
const (
	originalName = "original"
	classicName  = "classic"
)

func init() {
	register(Method{
		Name: classicName, Summary: "small changes of the class's own pictures: turned, moved, lighter or darker, as --policy says",
		order: 1,
		maker: func(_ context.Context, e *Enlarger) (maker, error) { return newClassic(e) },
	})
}

// originals gives the set's own pictures.
type originals struct{ *Enlarger }

func (o originals) samples(_ context.Context, slots []slot) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for _, s := range slots {
			i := o.byClass[s.class][s.number]
			sample := Sample{Picture: slices.Clone(o.pixels(i)), Label: int32(s.class), Number: s.number, Origin: o.originOf(originalName, i)}
			if !yield(sample, nil) {
				return
			}
		}
	}
}

// pixels returns the bytes of a picture of the set.
func (e *Enlarger) pixels(i int) []uint8 {
	size := e.pictureSize()
	return e.set.Pixels[i*size : (i+1)*size]
}

// pictureSize returns the number of bytes of a picture.
func (e *Enlarger) pictureSize() int { return e.set.Shape[0] * e.set.Shape[1] * e.set.Shape[2] }

// classic changes the class's own pictures: each of them in turn, in an order drawn for each class.
type classic struct {
	*Enlarger
	orders [][]int // Of the pictures of each class.
}

func newClassic(e *Enlarger) (maker, error) {
	c := &classic{Enlarger: e}
	for class, list := range e.byClass {
		seed := e.seedOf(slot{class: class}, "order")
		order := slices.Clone(list)
		rand.New(rand.NewPCG(uint64(seed), 0)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		c.orders = append(c.orders, order)
	}
	return c, nil
}

func (c *classic) samples(_ context.Context, slots []slot) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for _, s := range slots {
			sample, err := c.sample(s)
			if !yield(sample, err) || err != nil {
				return
			}
		}
	}
}

// sample returns the picture of a slot.
func (c *classic) sample(s slot) (Sample, error) {
	order := c.orders[s.class]
	parent := order[s.ofClass%len(order)]
	seed := c.seedOf(s, classicName)
	changed := c.options.Policy.Apply(c.set.Image(parent), rand.New(rand.NewPCG(uint64(seed), 0)))
	picture, err := toPixels(changed, c.set.Shape)
	origin := c.originOf(classicName, parent)
	origin.Seed = seed
	return Sample{Picture: picture, Label: int32(s.class), Number: s.number, Origin: origin}, err
}

// toPixels returns the bytes of a picture of the shape.
func toPixels(picture image.Image, shape []int) ([]uint8, error) {
	bounds := picture.Bounds()
	if bounds.Dy() != shape[0] || bounds.Dx() != shape[1] {
		return nil, errors.Errorf("enlarge: the policy made a picture of %d×%d pixels from one of %d×%d; leave out what changes the size",
			bounds.Dx(), bounds.Dy(), shape[1], shape[0])
	}
	pixels := make([]uint8, 0, shape[0]*shape[1]*shape[2])
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if shape[2] == 1 {
				pixels = append(pixels, color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y)
				continue
			}
			c := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
			pixels = append(pixels, c.R, c.G, c.B)
		}
	}
	return pixels, nil
}
