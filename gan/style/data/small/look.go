package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
)

// writeSheet writes the pictures side by side, twelve in a row.
func writeSheet(path string, a album) error {
	const columns = 12
	rows := (len(a.classes) + columns - 1) / columns
	sheet := image.NewNRGBA(image.Rect(0, 0, columns*side, rows*side))
	for i := range a.classes {
		for j := range side * side {
			p := a.pixels[(i*side*side+j)*3:]
			sheet.SetNRGBA(i%columns*side+j%side, i/columns*side+j/side, color.NRGBA{R: p[0], G: p[1], B: p[2], A: 255})
		}
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(file, sheet); err != nil {
		return err
	}
	return file.Close()
}
