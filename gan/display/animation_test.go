package display_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/gomlx/gomlx/core/tensors"
)

// roundTrip encodes the animation and decodes it again.
func roundTrip(t *testing.T, animation *display.Animation) *gif.GIF {
	t.Helper()
	var encoded bytes.Buffer
	if err := animation.Encode(&encoded); err != nil {
		t.Fatalf("%+v", err)
	}
	decoded, err := gif.DecodeAll(&encoded)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return decoded
}

func rgb(c color.Color) [3]int {
	r, g, b, _ := c.RGBA()
	return [3]int{int(r >> 8), int(g >> 8), int(b >> 8)}
}

func TestAnimationKeepsGrayExactly(t *testing.T) {
	first := display.Tiles{Columns: 2}.Draw(ramp(2, 16, 16)).(*image.Gray) // All 256 levels.
	original := slices.Clone(first.Pix)
	animation := display.Animation{Delay: 70 * time.Millisecond, Hold: time.Second}
	animation.Add(first)
	for i := range first.Pix {
		first.Pix[i] = 255 - first.Pix[i] // The animation has its own copy.
	}
	animation.Add(first)
	animation.Add(first)
	decoded := roundTrip(t, &animation)
	if animation.Len() != 3 || len(decoded.Image) != 3 || decoded.LoopCount != 0 {
		t.Fatalf("got %d frames of %d and loop count %d, want 3 for ever", len(decoded.Image), animation.Len(), decoded.LoopCount)
	}
	if !slices.Equal(decoded.Delay, []int{7, 7, 100}) {
		t.Errorf("got delays %v, want 7, 7, 100 hundredths of a second", decoded.Delay)
	}
	for i, level := range original {
		x, y := i%first.Stride, i/first.Stride
		if got := rgb(decoded.Image[0].At(x, y)); got != [3]int{int(level), int(level), int(level)} {
			t.Fatalf("frame 0, pixel (%d, %d): got %v, want %d", x, y, got, level)
		}
		if got := rgb(decoded.Image[1].At(x, y)); got[0] != 255-int(level) {
			t.Fatalf("frame 1, pixel (%d, %d): got %v, want %d", x, y, got, 255-level)
		}
	}
}

func TestAnimationKeepsFewColorsExactly(t *testing.T) {
	var animation display.Animation
	frame := image.NewNRGBA(image.Rect(5, 5, 20, 22)) // 255 colours; the 256th is white.
	for i := range 15 * 17 {
		frame.Set(5+i%15, 5+i/15, color.NRGBA{R: uint8(i), G: uint8(7 * i), B: uint8(255 - i), A: 255})
	}
	animation.Add(frame)
	small := image.NewNRGBA(image.Rect(0, 0, 2, 2)) // Transparent: shown as white.
	animation.Add(small)
	decoded := roundTrip(t, &animation)
	for i := range 15 * 17 {
		if got, want := rgb(decoded.Image[0].At(i%15, i/15)), rgb(frame.At(5+i%15, 5+i/15)); got != want {
			t.Fatalf("colour %d: got %v, want %v", i, got, want)
		}
		if got := rgb(decoded.Image[1].At(i%15, i/15)); got != [3]int{255, 255, 255} {
			t.Fatalf("pixel %d beside and under a transparent frame: got %v, want white", i, got)
		}
	}
	if !slices.Equal(decoded.Delay, []int{15, 200}) {
		t.Errorf("got delays %v, want 15, 200 hundredths of a second", decoded.Delay)
	}
}

func TestAnimationDithersManyColors(t *testing.T) {
	const side, border = 128, 4
	frame := image.NewRGBA(image.Rect(0, 0, side, side))
	gray := color.RGBA{R: 72, G: 72, B: 72, A: 255}
	for y := range side {
		for x := range side {
			frame.SetRGBA(x, y, color.RGBA{R: uint8(2 * x), G: uint8(2 * y), B: uint8(x + y), A: 255})
			if y < border {
				frame.SetRGBA(x, y, gray)
			}
		}
	}
	var animation display.Animation
	animation.Add(frame)
	decoded := roundTrip(t, &animation).Image[0]
	// Dithered, the average of 8 × 8 pixels is near the original's though single pixels are not.
	for y := border * 2; y < side; y += 8 {
		for x := 0; x < side; x += 8 {
			var got, want [3]int
			for i := range 64 {
				for channel := range 3 {
					got[channel] += rgb(decoded.At(x+i%8, y+i/8))[channel]
					want[channel] += rgb(frame.At(x+i%8, y+i/8))[channel]
				}
			}
			for channel := range 3 {
				if abs(got[channel]-want[channel]) > 8*64 {
					t.Fatalf("8 × 8 pixels at (%d, %d), channel %d: got mean %d, want %d",
						x, y, channel, got[channel]/64, want[channel]/64)
				}
			}
		}
	}
	for x := range side {
		if got := rgb(decoded.At(x, 1)); abs(got[0]-72) > 12 || got != rgb(decoded.At(0, 1)) {
			t.Fatalf("separator at %d: got %v, want one grey near 72", x, got)
		}
	}
}

func TestEmptyAnimation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gif")
	want := "display: the animation has no frame: call Add first"
	if err := new(display.Animation).WriteFile(path); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("an empty animation left a file: %v", err)
	}
}

func ExampleAnimation() {
	dir, err := os.MkdirTemp("", "display")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	var animation display.Animation
	for step := 100; step <= 300; step += 100 {
		samples := tensors.FromFlatDataAndDimensions(make([]uint8, 16*28*28), 16, 28, 28, 1) // From a generator, say.
		animation.Add(display.Caption(display.Grid(samples, 8), fmt.Sprintf("step %d", step)))
	}
	fmt.Println(animation.Len(), animation.WriteFile(filepath.Join(dir, "training.gif")))
	// Output: 3 <nil>
}
