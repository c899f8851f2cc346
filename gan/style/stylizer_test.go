package style

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// plain returns a picture of one colour.
func plain(width, height int, c color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, c)
	}
	return img
}

// embedded returns the stylizer that the package carries.
func embedded(t *testing.T) *Stylizer {
	t.Helper()
	s, err := Open(gantest.Go(), "")
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return s
}

func stylize(t *testing.T, s *Stylizer, content image.Image, styles []Style, o Options) *image.NRGBA {
	t.Helper()
	result, err := s.Stylize(content, styles, o)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return result.(*image.NRGBA)
}

// meanColour returns the mean of a part's red, green and blue.
func meanColour(img *image.NRGBA, part image.Rectangle) (mean [3]float64) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			for c := range mean {
				mean[c] += float64(img.Pix[y*img.Stride+4*x+c]) / float64(part.Dx()*part.Dy())
			}
		}
	}
	return mean
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// psnr compares colours, in dB.
func psnr(a, b *image.NRGBA) float64 {
	sum, n := 0.0, 0.0
	for i := range a.Pix {
		if i%4 != 3 {
			d := float64(a.Pix[i]) - float64(b.Pix[i])
			sum += d * d
			n++
		}
	}
	return 10 * math.Log10(255*255*n/sum)
}

// What the package carries gives a content back, takes a style's colours, and keeps the content's where it is told to.
func TestEmbedded(t *testing.T) {
	s := embedded(t)
	content := pattern(64, 64)
	whole := content.Bounds()
	if got := psnr(stylize(t, s, content, nil, Options{}), content); got < 13.5 {
		t.Errorf("without a style the content comes back at %.1f dB", got)
	}
	red, blue := checked(color.NRGBA{200, 30, 30, 255}, color.NRGBA{250, 120, 80, 255}), checked(color.NRGBA{20, 40, 200, 255}, color.NRGBA{90, 150, 250, 255})
	want := meanColour(red, red.Bounds())
	inRed := meanColour(stylize(t, s, content, []Style{{Image: red}}, Options{}), whole)
	if before, after := distance(meanColour(content, whole), want), distance(inRed, want); after > before/2 {
		t.Errorf("the mean colour is %.0f from the style's, before %.0f", after, before)
	}
	half := meanColour(stylize(t, s, content, []Style{{Image: red, Weight: 2}, {Image: blue, Weight: 2}}, Options{}), whole)
	inBlue := meanColour(stylize(t, s, content, []Style{{Image: blue}}, Options{}), whole)
	if !(half[0] < inRed[0] && half[0] > inBlue[0]) {
		t.Errorf("red of both styles is %.0f, of one %.0f, of the other %.0f", half[0], inRed[0], inBlue[0])
	}
	own := stylize(t, s, content, []Style{{Image: red}}, Options{Colours: ContentColours})
	if d := distance(meanColour(own, whole), meanColour(content, whole)); d > 60 {
		t.Errorf("with the content's colours the mean is %.0f from its own", d)
	}
	matched := meanColour(stylize(t, s, content, []Style{{Image: red}}, Options{Colours: MatchedColours}), whole)
	if d := distance(matched, meanColour(content, whole)); d > 40 {
		t.Errorf("with matched colours the mean is %.0f from the content's", d)
	}
}

// checked returns squares of two colours.
func checked(a, b color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 48, 48))
	for i := range 48 * 48 {
		c := a
		if (i%48/6+i/48/6)%2 == 0 {
			c = b
		}
		img.SetNRGBA(i%48, i/48, c)
	}
	return img
}

// A mask keeps the style in its place, and transparency stays what it is.
func TestMaskAndTransparency(t *testing.T) {
	s := embedded(t)
	content := pattern(96, 64)
	for y := range 10 {
		content.SetNRGBA(0, y, color.NRGBA{9, 9, 9, 100})
	}
	mask := image.NewGray(content.Bounds())
	for i := range mask.Pix {
		if i%mask.Stride >= 48 {
			mask.Pix[i] = 255
		}
	}
	red := checked(color.NRGBA{200, 30, 30, 255}, color.NRGBA{250, 120, 80, 255})
	without := stylize(t, s, content, nil, Options{})
	with := stylize(t, s, content, []Style{{Image: red, Mask: mask}}, Options{})
	left, right := image.Rect(0, 0, 16, 64), image.Rect(72, 0, 96, 64)
	if d := distance(meanColour(with, left), meanColour(without, left)); d > 1 {
		t.Errorf("outside of the mask colours differ by %.1f", d)
	}
	if a, b := meanColour(without, right), meanColour(with, right); b[0]-b[2] < a[0]-a[2]+40 {
		t.Errorf("inside of the mask the colour went from %.0f to %.0f only", a, b)
	}
	if got := with.NRGBAAt(0, 5).A; got != 100 {
		t.Errorf("transparency is %d, want 100", got)
	}
}

func TestSmallestPictures(t *testing.T) {
	s := embedded(t)
	for _, size := range []image.Point{{1, 1}, {3, 21}} {
		result := stylize(t, s, pattern(size.X, size.Y), []Style{{Image: plain(1, 1, color.White)}}, Options{})
		if result.Bounds().Size() != size {
			t.Errorf("%v became %v", size, result.Bounds())
		}
	}
	if got := stylize(t, s, pattern(40, 20), nil, Options{Size: 20}).Bounds(); got != image.Rect(0, 0, 20, 10) {
		t.Errorf("resized to %v", got)
	}
}

func TestStylizeErrors(t *testing.T) {
	s := embedded(t)
	content := pattern(16, 16)
	for _, test := range []struct {
		content image.Image
		style   Style
		o       Options
		want    string
	}{
		{nil, Style{Image: content}, Options{}, "content"},
		{content, Style{}, Options{}, "style 1"},
		{content, Style{Image: content, Weight: -1}, Options{}, "weight"},
		{content, Style{Image: content, Mask: image.NewGray(image.Rect(0, 0, 3, 4))}, Options{}, "the mask is 3×4, the content 16×16"},
		{content, Style{Image: content, Mask: image.NewGray(content.Bounds())}, Options{}, "black"},
		{content, Style{Image: image.NewNRGBA(content.Bounds())}, Options{}, "transparent"},
		{content, Style{Image: content}, Options{Keep: 2}, "Keep"},
		{content, Style{Image: content}, Options{Size: -2}, "sizes"},
		{content, Style{Image: content}, Options{Colours: 7}, "colours"},
	} {
		if _, err := s.Stylize(test.content, []Style{test.style}, test.o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one with %q", err, test.want)
		}
	}
}
