package enlarge

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/style"
)

const styleName = "style"

func init() {
	register(Method{
		Name: styleName, Summary: "the class's own pictures in the style of others: shapes stay, tones change",
		Computes: true, order: 4,
		maker: func(_ context.Context, e *Enlarger) (maker, error) { return newStylist(e) },
		check: (*Enlarger).checkStyle,
	})
}

// Style says how far pictures take on the style of others: "Style Augmentation: Data Augmentation via Style Randomization"
// (Jackson et al. 2019, https://arxiv.org/abs/1809.05375).
//
// It differs from the paper in where styles come from, which is the set itself and not paintings; in the network, AdaIN's as
// package style carries it; and in the strength, the paper's α, which it keeps at 0.5 and which is drawn here.
type Style struct {
	// Strength is the most that a picture takes on. That of each is drawn evenly between 0, where it is only encoded and decoded,
	// and this, at most 1, where it has all the means and deviations of the style's features. 0 means 1, so that it is the
	// paper's 0.5 in the mean.
	Strength float64 `json:"strength"`
}

func (e *Enlarger) checkStyle() error {
	switch strength := e.options.Style.Strength; {
	case !(strength > 0 && strength <= 1):
		return errors.Errorf("enlarge: the strength of a style must be above 0 and at most 1, got %g", strength)
	case e.set.Len() < 2:
		return errors.New("enlarge: the method style takes the styles of other pictures, and there is only one")
	}
	return nil
}

// stylist draws the class's own pictures, in the order of classic, in the style of other pictures of the set.
type stylist struct {
	*classic
	stylizer *style.Stylizer
}

func newStylist(e *Enlarger) (maker, error) {
	c, err := newClassic(e)
	if err != nil {
		return nil, err
	}
	stylizer, err := style.Open(e.backend, "")
	return &stylist{c.(*classic), stylizer}, err
}

func (s *stylist) samples(_ context.Context, slots []slot) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for _, place := range slots {
			sample, err := s.sample(place)
			if !yield(sample, err) || err != nil {
				return
			}
		}
	}
}

// sample returns the picture of a slot. The seed draws the number of the style, the content's own left out, and the strength.
func (s *stylist) sample(place slot) (Sample, error) {
	order := s.orders[place.class]
	content := order[place.ofClass%len(order)]
	seed := s.seedOf(place, styleName)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	other := random.IntN(s.set.Len() - 1)
	if other >= content {
		other++
	}
	strength := s.options.Style.Strength * random.Float64()
	drawn, err := s.stylizer.Stylize(s.set.Image(content), []style.Style{{Image: s.set.Image(other)}}, style.Options{Keep: 1 - strength})
	if err != nil {
		return Sample{}, errors.WithMessage(err, "enlarge")
	}
	picture, err := toPixels(drawn, s.set.Shape)
	origin := s.originOf(styleName, content, other)
	origin.Seed, origin.Strength = seed, strength
	return Sample{Picture: picture, Label: int32(place.class), Number: place.number, Origin: origin}, err
}
