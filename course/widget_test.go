package course

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ganymede-ml/ganymede/gan/display"
)

// dot is a picture that tells which state it shows.
func dot(grey int) image.Image {
	picture := image.NewGray(image.Rect(0, 0, 1, 1))
	picture.Pix[0] = uint8(grey)
	return picture
}

// talk has a page say something to a widget, and returns the first value of each picture that is drawn, and of the last state.
func talk(patience patience, draw func(), say func(*inbox, chan<- os.Signal)) (drawn []int, last float64, insisted int64) {
	w := slide(func(values []float64) image.Image {
		draw()
		return dot(int(values[0]))
	}, []Slider{{Label: "a", Max: 100, Start: 50}, {Label: "b", Min: -1, Max: 1}})
	inbox, interrupted := newInbox(), make(chan os.Signal, 1)
	var asked atomic.Int64
	go say(inbox, interrupted)
	state := w.follow(inbox, func(picture image.Image, _ int) {
		if picture != nil {
			drawn = append(drawn, int(picture.(*image.Gray).Pix[0]))
		}
	}, interrupted, patience, func() { asked.Add(1) })
	return drawn, state[0], asked.Load()
}

var long = patience{page: time.Minute, first: time.Minute, idle: time.Minute, insist: time.Minute}

func TestFollowDrawsTheNewestOnly(t *testing.T) {
	begun, goOn := make(chan bool, 10), make(chan bool)
	drawn, last, _ := talk(long, func() { begun <- true; <-goOn }, func(in *inbox, _ chan<- os.Signal) {
		in.put(`{"n":0,"hello":true}`)
		in.put(`{"n":2,"values":[1,0]}`)
		<-begun // While 1 is drawn, the hand moves on, and messages overtake each other.
		for n := 3; n < 100; n++ {
			in.put(fmt.Sprintf(`{"n":%d,"values":[%d,0]}`, n, n))
		}
		in.put(`{"n":0,"hello":true}`)
		in.put(`{"n":50,"values":[5,0]}`)
		close(goOn)
		<-begun
		in.put(`{"n":99,"values":[99,0]}`)
		in.put(`{"n":99,"values":[99,0],"done":true}`)
	})
	if !slices.Equal(drawn, []int{1, 99}) || last != 99 {
		t.Errorf("drew %v and ended at %g, want 1 and 99 alone", drawn, last)
	}
}

func TestFollowDropsWhatMakesNoSense(t *testing.T) {
	drawn, last, _ := talk(long, func() {}, func(in *inbox, _ chan<- os.Signal) {
		for _, text := range []string{``, `nonsense`, `null`, `[]`, `{"n":"1"}`, `{"n":-5,"done":true}`, `{"n":0}`,
			`{"n":9,"values":[1e999,0]}`, `{"n":9,"values":"1"}`, `{"n":9,"mask":"%%"}`} {
			in.put(text)
		}
		for n, values := range []string{`[]`, `[1]`, `[1,2,3]`, `null`} {
			in.put(fmt.Sprintf(`{"n":%d,"values":%s}`, n+1, values))
			time.Sleep(time.Millisecond)
		}
		in.put(`{"n":5,"values":[777,-777],"done":true}`)
	})
	if !slices.Equal(drawn, []int{100}) || last != 100 {
		t.Errorf("drew %v and ended at %g, want the end of the range alone", drawn, last)
	}
}

func TestFollowEnds(t *testing.T) {
	short := func(change func(*patience)) patience {
		p := long
		change(&p)
		return p
	}
	nothing := func(*inbox, chan<- os.Signal) {}
	for name, test := range map[string]struct {
		patience patience
		say      func(*inbox, chan<- os.Signal)
		want     float64
		insisted int64
	}{
		"no page":         {short(func(p *patience) { p.page, p.insist = 200*time.Millisecond, 20*time.Millisecond }), nothing, 50, 1},
		"no hand":         {short(func(p *patience) { p.first = time.Millisecond }), func(in *inbox, _ chan<- os.Signal) { in.put(`{"n":0,"hello":true}`) }, 50, 0},
		"a hand at rest":  {short(func(p *patience) { p.idle = time.Millisecond }), func(in *inbox, _ chan<- os.Signal) { in.put(`{"n":1,"values":[7,0]}`) }, 7, 0},
		"interrupted":     {long, func(_ *inbox, interrupted chan<- os.Signal) { interrupted <- os.Interrupt }, 50, 0},
		"done":            {long, func(in *inbox, _ chan<- os.Signal) { in.put(`{"n":0,"done":true}`) }, 50, 0},
		"done, too early": {long, func(in *inbox, _ chan<- os.Signal) { in.put(`{"n":2,"done":true,"values":[9,0]}`) }, 9, 0},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, last, insisted := talk(test.patience, func() {}, test.say)
			if last != test.want || insisted != test.insisted {
				t.Errorf("ended at %g, having insisted %d times; want %g and %d", last, insisted, test.want, test.insisted)
			}
			if elapsed := time.Since(start); elapsed > 10*time.Second {
				t.Errorf("ended after %s", elapsed)
			}
		})
	}
}

func TestWidgetsOutsideANotebook(t *testing.T) {
	before := display.Dir
	display.Dir = t.TempDir()
	defer func() { display.Dir = before }()
	calls := 0
	Slide(func(values []float64) image.Image { calls++; return dot(int(values[0])) }, Slider{Max: 9, Start: 3})
	Choose(func(choice string) image.Image { calls++; return dot(int(choice[0])) }, "letter", "a", "b")
	Paint(image.NewGray(image.Rect(3, 3, 11, 11)), 2, func(mask *image.Gray) image.Image { calls++; return mask })
	files, _ := filepath.Glob(filepath.Join(display.Dir, "*.png"))
	if len(files) != 3 || calls != 3 {
		t.Errorf("got %d calls and the files %v, want 3 and one file each", calls, files)
	}
}

func TestSliderProblems(t *testing.T) {
	for want, s := range map[string]Slider{
		"finite":     {Max: 1, Step: 1 / zero},
		"not below":  {Min: 1, Max: 1},
		"Start 2 is": {Max: 1, Start: 2},
		"Step -1 is": {Max: 1, Step: -1},
		"Step 3 is":  {Max: 1, Step: 3},
		"":           {Max: 1, Step: 0.1},
	} {
		if got := s.problem(); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%+v: got %q, want %q in it", s, got, want)
		}
	}
}

var zero float64

func TestSliderText(t *testing.T) {
	for _, test := range []struct {
		slider Slider
		value  float64
		want   string
	}{
		{Slider{Max: 9, Step: 1}, 3, "3"},
		{Slider{Max: 1}, 0.25, "0.25"},
		{Slider{Min: -2, Max: 2, Step: 0.1}, -0.5, "-0.5"},
		{Slider{Max: 1e-3}, 5e-4, "0.00050"},
		{Slider{Max: 1e9}, 12345, "12345"},
	} {
		if got := test.slider.text(test.value); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.slider, got, test.want)
		}
	}
}

func TestPageEscapes(t *testing.T) {
	evil := `</script><b title="x">`
	for name, page := range map[string]string{
		"slide":  slide(func([]float64) image.Image { return dot(0) }, []Slider{{Label: evil, Max: 1}}).page(newView("x")),
		"choose": choose(func(string) image.Image { return dot(0) }, evil, []string{evil}).page(newView("x")),
	} {
		if strings.Contains(page, "<b title") || strings.Count(page, "</script>") != 1 {
			t.Errorf("%s: a label is taken for HTML:\n%s", name, page)
		}
	}
}

func TestChooseReads(t *testing.T) {
	w := choose(func(choice string) image.Image { return dot(len(choice)) }, "word", []string{"a", "bb"})
	for choice, want := range map[int]bool{-1: false, 0: true, 1: true, 2: false} {
		if _, ok := w.read(message{Choice: choice}); ok != want {
			t.Errorf("choice %d: taken: %v, want %v", choice, ok, want)
		}
	}
	if got := w.draw(1).(*image.Gray).Pix[0]; got != 2 {
		t.Errorf("the second choice draws %d", got)
	}
}

func TestMasks(t *testing.T) {
	size := image.Pt(5, 3)
	mask := image.NewGray(image.Rectangle{Max: size})
	mask.SetGray(0, 0, color.Gray{Y: 255})
	mask.SetGray(4, 2, color.Gray{Y: 255})
	bits := packMask(mask)
	if !slices.Equal(bits, []byte{0b1000_0000, 0b0000_0010}) { // The first and the 15th pixel.
		t.Errorf("got bits %08b", bits)
	}
	if again, ok := unpackMask(bits, size); !ok || !slices.Equal(again.Pix, mask.Pix) {
		t.Errorf("got %v back", again)
	}
	for _, wrong := range [][]byte{nil, {1}, {1, 2, 3}} {
		if _, ok := unpackMask(wrong, size); ok {
			t.Errorf("%d bytes are taken for a mask of %v", len(wrong), size)
		}
	}
}

func TestPaintShowsHoleAndResult(t *testing.T) {
	picture := image.NewGray(image.Rect(10, 10, 14, 14)) // Black, and not at (0, 0).
	w := paint(picture, 3, func(mask *image.Gray) image.Image {
		result := image.NewGray(mask.Rect)
		copy(result.Pix, mask.Pix)
		clear(mask.Pix) // What draw does to its mask is its own affair.
		return result
	})
	for range 2 {
		got := w.draw(w.start)
		if size := got.Bounds().Size(); size != image.Pt(2*4*3+paintGap, 4*3) {
			t.Fatalf("got a picture of %v", size)
		}
		for at, want := range map[image.Point]color.Color{
			{X: 0, Y: 0}: color.Black, {X: 3, Y: 3}: holeColor, {X: 8, Y: 8}: holeColor, {X: 9, Y: 9}: color.Black, {X: 13, Y: 5}: color.White,
			{X: 12 + paintGap, Y: 0}: color.Black, {X: 15 + paintGap, Y: 3}: color.White,
		} {
			r, g, b, _ := got.At(at.X, at.Y).RGBA()
			wantR, wantG, wantB, _ := want.RGBA()
			if r != wantR || g != wantG || b != wantB {
				t.Errorf("at %v: got %v, want %v", at, got.At(at.X, at.Y), want)
			}
		}
	}
}
