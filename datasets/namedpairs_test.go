package datasets

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"strings"
	"testing"
)

// pngOf returns a picture of one colour.
func pngOf(t *testing.T, width, height int, grey uint8) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, width, height))
	for i := range picture.Pix {
		picture.Pix[i] = grey
	}
	picture.SetGray(0, 0, color.Gray{Y: 0})
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestNamedPairs gets pairs as pix2pix has them, from a server, and opens them by their name.
func TestNamedPairs(t *testing.T) {
	t.Setenv("GANYMEDE_DATA", t.TempDir())
	for name, words := range map[string][]string{
		"pairs:facades":        {"ganymede datasets get pairs:facades", "place facades.tar.gz (from http", "pix2pix first"},
		"unpaired:horse2zebra": {"ganymede datasets get unpaired:horse2zebra", "place horse2zebra.zip (from http", "cyclegan first"},
		"pairs:horse2zebra":    {"there is no folder"},
	} {
		_, err := OpenPairs(name, Options{})
		for _, word := range words {
			if err == nil || !strings.Contains(err.Error(), word) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: got %v, want %s", name, err, word)
			}
		}
	}
	url, _ := fileServer(t, map[string][]byte{"facades.tar.gz": tarball(t, map[string][]byte{
		"facades/train/1.png": pngOf(t, 32, 16, 10), "facades/train/2.png": pngOf(t, 32, 16, 20), "facades/val/3.png": pngOf(t, 32, 16, 30),
	})})
	if _, err := Get(t.Context(), "facades", GetOptions{From: url}); err != nil {
		t.Fatal(err)
	}
	pairs, err := OpenPairs("pairs:facades", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if pairs.Len() != 2 || !pairs.Paired || pairs.A.Shape[0] != 16 || pairs.A.Pixels[1] != 10 || pairs.B.Pixels[16*16] != 20 {
		t.Errorf("got %d pairs of %v", pairs.Len(), pairs.A.Shape)
	}
	folder := writeAll(t, map[string][]byte{"facades/1.png": pngOf(t, 32, 16, 10)})
	t.Chdir(folder)
	here, err := OpenPairs("pairs:facades", Options{})
	if err != nil || here.Len() != 1 {
		t.Errorf("a folder %s that is here: %v", filepath.Join(folder, "facades"), err)
	}
}
