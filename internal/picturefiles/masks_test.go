package picturefiles_test

import (
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

// TestMasks finds masks by the names of pictures, in sub-folders too, and has one for all.
func TestMasks(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "masks/a.png", picture(1, 4, 4))
	write(t, "masks/sub/a.png", picture(2, 4, 4))
	write(t, "masks/single.png", picture(3, 4, 4))
	writeFile(t, "masks/broken.png", []byte("no picture"))
	write(t, "twice/a.png", picture(1, 4, 4))
	write(t, "twice/a.bmp", picture(1, 4, 4))
	folder, err := picturefiles.OpenMasks("masks")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uint8{"a.jpg": 1, "sub/a.png": 2, "deep/down/single.webp": 3} {
		file := picturefiles.File{Name: name, In: name} // A single file is called by its path.
		if mask, path, err := folder.For(file); err != nil || mask.Pix[0] != want || !strings.HasPrefix(path, "masks/") {
			t.Errorf("%s: the mask is %s, %v", name, path, err)
		}
	}
	for name, words := range map[string]string{"b.png": "no mask in masks, such as b.png", "broken.jpg": "its mask masks/broken.png cannot be read: it is no PNG"} {
		if _, _, err := folder.For(picturefiles.File{Name: name, In: name}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: got %v, want %q", name, err, words)
		}
	}
	one, err := picturefiles.OpenMasks("masks/sub/a.png")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if mask, path, err := one.For(picturefiles.File{Name: "any.png"}); err != nil || mask.Pix[0] != 2 || path != "masks/sub/a.png" {
			t.Errorf("the mask is %s, %v", path, err)
		}
	}
	for path, words := range map[string]string{"masks/broken.png": "the mask masks/broken.png cannot be read", "nowhere.png": "no such file", "nowhere/": "there is no folder", "twice": "masks for the same pictures"} {
		if _, err := picturefiles.OpenMasks(path); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: got %v, want %q", path, err, words)
		}
	}
}
