package style_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/gomlx/compute/gobackend"

	"github.com/ganymede-ml/ganymede/gan/style"
)

// A grey square takes the colour of a red picture.
func Example() {
	content, red := image.NewNRGBA(image.Rect(0, 0, 32, 24)), image.NewNRGBA(image.Rect(0, 0, 16, 16))
	draw.Draw(content, content.Bounds(), image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	draw.Draw(red, red.Bounds(), image.NewUniform(color.NRGBA{220, 30, 30, 255}), image.Point{}, draw.Src)

	backend, err := gobackend.New("")
	if err != nil {
		panic(err)
	}
	stylizer, err := style.Open(backend, "") // The small encoder and its decoder, which the package carries.
	if err != nil {
		panic(err)
	}
	result, err := stylizer.Stylize(content, []style.Style{{Image: red}}, style.Options{})
	if err != nil {
		panic(err)
	}
	r, g, b, _ := result.At(16, 12).RGBA()
	fmt.Println(result.Bounds().Max, r > 2*g && r > 2*b)
	// Output: (32,24) true
}
