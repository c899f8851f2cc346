package course_test

import (
	"image"
	"image/color"
	"testing"

	"github.com/ganymede-ml/ganymede/course"
)

// TestBeside has three pictures in two columns: each where it belongs, white where there is none.
func TestBeside(t *testing.T) {
	var pictures []image.Image
	for level := range 3 {
		picture := image.NewGray(image.Rect(5, 5, 15, 25)) // Not at the origin.
		for i := range picture.Pix {
			picture.Pix[i] = uint8(50 * (level + 1))
		}
		pictures = append(pictures, picture)
	}
	sheet := course.Beside(2, pictures...)
	if got := sheet.Bounds(); got != image.Rect(0, 0, 24, 44) {
		t.Fatalf("the sheet is %v", got)
	}
	for at, want := range map[image.Point]uint8{{0, 0}: 50, {9, 19}: 50, {14, 0}: 100, {23, 19}: 100, {0, 24}: 150, {9, 43}: 150, {14, 24}: 255, {11, 3}: 255} {
		if got := color.GrayModel.Convert(sheet.At(at.X, at.Y)).(color.Gray).Y; got != want {
			t.Errorf("at %v: %d, want %d", at, got, want)
		}
	}
}
