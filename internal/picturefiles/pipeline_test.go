package picturefiles_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/picturefiles"
)

// picture returns one that no other number has.
func picture(number, width, height int) *image.NRGBA {
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p.SetNRGBA(x, y, color.NRGBA{R: uint8(number), G: uint8(3 * x), B: uint8(5 * y), A: 255})
		}
	}
	return p
}

func write(t testing.TB, path string, p image.Image) {
	t.Helper()
	var data bytes.Buffer
	if err := png.Encode(&data, p); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, data.Bytes())
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// inverting is a pipeline that makes negatives.
func inverting(plan *picturefiles.Plan, batches *[]int) picturefiles.Pipeline[picturefiles.Pixels, picturefiles.Pixels] {
	return picturefiles.Pipeline[picturefiles.Pixels, picturefiles.Pixels]{
		Plan:  plan,
		Group: func(size image.Point) (any, int) { return size, 4 },
		Read: func(_ picturefiles.File, p *image.NRGBA) (picturefiles.Pixels, error) {
			return picturefiles.FromImage(p, 3, false)
		},
		Run: func(_ context.Context, list []picturefiles.Pixels) ([]picturefiles.Pixels, error) {
			*batches = append(*batches, len(list))
			for _, p := range list {
				for i := range p.Pixels {
					p.Pixels[i] = 255 - p.Pixels[i]
				}
			}
			return list, nil
		},
		Write: picturefiles.Pixels.Image,
	}
}

func mustPlan(t testing.TB, r picturefiles.Request) *picturefiles.Plan {
	t.Helper()
	plan, err := r.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestFolder makes the negative of each picture in its place, in full batches, and goes on after a broken one.
func TestFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	for i := range 10 {
		write(t, fmt.Sprintf("in/%d/%02d.png", i%2, i), picture(i, 5+i%2, 4))
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, picture(50, 5, 4), nil); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "in/photo.JPG", data.Bytes())
	writeFile(t, "in/0/broken.png", []byte("\x89PNG no picture"))
	writeFile(t, "in/cut.jpg", data.Bytes()[:data.Len()/2]) // Its head is good.
	writeFile(t, "in/.hidden.png", []byte("not read"))
	var batches []int
	last := 0
	pipeline := inverting(mustPlan(t, picturefiles.Request{In: "in", Out: "new/out"}), &batches)
	pipeline.Progress = func(done, total int) {
		if last++; done != last || total != 13 {
			t.Errorf("progress %d of %d, want %d of 13", done, total, last)
		}
	}
	result, err := pipeline.Do(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if result.Pictures != 11 || last != 13 || len(result.Failed) != 2 || result.Failed[0].Name != "0/broken.png" || result.Failed[1].Name != "cut.jpg" || result.ImagesPerSecond <= 0 {
		t.Errorf("got %+v", result)
	}
	if err := result.Err(); err == nil || !strings.Contains(err.Error(), "2 of 13 pictures were left out, the first 0/broken.png: ") {
		t.Errorf("got %v", err)
	}
	if slices.Sort(batches); fmt.Sprint(batches) != "[1 2 4 4]" { // 5 wide: 5 and the photograph, with the cut one; 6 wide: 5.
		t.Errorf("batches %v", batches)
	}
	for i := range 10 {
		got, err := datasets.DecodeFile(fmt.Sprintf("new/out/%d/%02d.png", i%2, i))
		if err != nil {
			t.Fatal(err)
		}
		want := picture(i, 5+i%2, 4)
		for at := range want.Pix {
			if at%4 != 3 {
				want.Pix[at] = 255 - want.Pix[at]
			}
		}
		if !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("picture %d is another", i)
		}
	}
	for folder, want := range map[string]int{"new/out": 3, "new/out/0": 5, "new/out/1": 5} {
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != want {
			t.Errorf("%s holds %d entries, want %d: %v", folder, len(entries), want, err)
		}
	}
}

// TestFile writes the formats that names tell.
func TestFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.png", picture(7, 6, 5))
	if err := os.Mkdir("folder", 0o777); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ out, format, want, kind string }{
		{"b.png", "", "b.png", "png"}, {"deep/b.jpg", "", "deep/b.jpg", "jpeg"}, {"b.JPEG", "png", "b.JPEG", "jpeg"},
		{"folder", "", "folder/a.png", "png"}, {"new/", "jpg", "new/a.jpg", "jpeg"},
	} {
		var batches []int
		result, err := inverting(mustPlan(t, picturefiles.Request{In: "a.png", Out: test.out, Format: test.format}), &batches).Do(context.Background())
		if err != nil || result.Err() != nil || result.Pictures != 1 {
			t.Fatalf("%s: %+v, %v", test.out, result, err)
		}
		file, err := os.Open(test.want)
		if err != nil {
			t.Fatal(err)
		}
		if config, kind, err := image.DecodeConfig(file); err != nil || kind != test.kind || config.Width != 6 || config.Height != 5 {
			t.Errorf("%s is a %s, %v", test.want, kind, err)
		}
		_ = file.Close()
	}
	if _, err := (picturefiles.Request{In: "a.png", Out: "a.png"}).Plan(); err == nil {
		t.Error("the input would be replaced")
	}
	var batches []int
	if _, err := inverting(mustPlan(t, picturefiles.Request{In: "a.png", Out: "a.png", Force: true}), &batches).Do(context.Background()); err != nil {
		t.Errorf("with Force: %v", err)
	}
}

// TestRefused is about what ends before anything is written.
func TestRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"in/a.png", "in/b/c.png", "out/a.png", "all/a.png", "all/b/c.png", "twice/a.png", "twice/A.bmp", "folder/a.png/x.png"} {
		write(t, name, picture(1, 4, 4))
	}
	writeFile(t, "texts/a.txt", nil)
	if err := os.Mkdir("empty", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("in", "link"); err != nil {
		t.Skip(err)
	}
	for _, test := range []struct{ in, out, words string }{
		{"nowhere", "new", `there is no file or folder "nowhere"`},
		{"empty", "new", "is empty"},
		{"texts", "new", "a.txt"},
		{"in", "in", "lies inside the folder in"},
		{"in", "in/new", "lies inside the folder in"},
		{"in", "link/new/x", "lies inside the folder in"},
		{"in", "out", "out/a.png exists"},
		{"in", "all", "2 of the 2 outputs exist, the first all/a.png"},
		{"in", "out/a.png", "name a folder"},
		{"in", "new.png", "name a folder"},
		{"in", "folder", "folder/a.png is a folder"},
		{"in/a.png", "new.gif", "must end in .png or .jpg"},
		{"in/a.png", "new", "must end in .png or .jpg"},
		{"in/a.png", "out", "out/a.png exists"},
		{"twice", "new", "A.bmp and a.png in twice would both become a.png"},
	} {
		_, err := picturefiles.Request{In: test.in, Out: test.out}.Plan()
		if err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s to %s: got %v, want %q", test.in, test.out, err, test.words)
		}
	}
	if _, err := os.Stat("new"); err == nil {
		t.Error("something was written")
	}
}

// TestEnds stops for an error of the function, for a file that cannot be written, and for the context.
func TestEnds(t *testing.T) {
	t.Chdir(t.TempDir())
	for i := range 100 {
		write(t, fmt.Sprintf("in/%02d.png", i), picture(i, 4, 4))
	}
	var batches []int
	good := inverting(mustPlan(t, picturefiles.Request{In: "in", Out: "out"}), &batches)

	broken := good
	broken.Run = func(context.Context, []picturefiles.Pixels) ([]picturefiles.Pixels, error) {
		return nil, errors.New("out of paint")
	}
	if result, err := broken.Do(context.Background()); err == nil || err.Error() != "out of paint" || result.Pictures != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
	broken.Run = func(_ context.Context, list []picturefiles.Pixels) ([]picturefiles.Pixels, error) {
		return list[:1], nil
	}
	if _, err := broken.Do(context.Background()); err == nil || err.Error() != "1 pictures were made of 4" {
		t.Errorf("got %v", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	stopped := good
	stopped.Progress = func(int, int) { cancel() }
	if result, err := stopped.Do(ctx); !errors.Is(err, context.Canceled) || result.Pictures == 100 {
		t.Errorf("got %+v, %v", result, err)
	}

	writeFile(t, "file", nil)
	nowhere := good
	nowhere.Plan = mustPlan(t, picturefiles.Request{In: "in", Out: "file/below"})
	if _, err := nowhere.Do(context.Background()); err == nil || !strings.Contains(err.Error(), "cannot make folder file/below") {
		t.Errorf("got %v", err)
	}
}

// TestPictureErrors leaves out what the parts of the pipeline cannot take, even all.
func TestPictureErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	for i := range 6 {
		write(t, fmt.Sprintf("in/%d.png", i), picture(i, 4, 4))
	}
	var batches []int
	pipeline := inverting(mustPlan(t, picturefiles.Request{In: "in", Out: "out"}), &batches)
	var written atomic.Int32
	pipeline.Read = func(file picturefiles.File, p *image.NRGBA) (picturefiles.Pixels, error) {
		return picturefiles.FromImage(p, 1, file.Name == "3.png")
	}
	pipeline.Write = func(p picturefiles.Pixels) (image.Image, error) {
		written.Add(1)
		return nil, errors.New("out of ink")
	}
	result, err := pipeline.Do(context.Background())
	if err != nil || result.Pictures != 0 || len(result.Failed) != 6 || written.Load() != 1 || result.Failed[3].Error != "out of ink" || !strings.Contains(result.Failed[4].Error, "--grey") {
		t.Errorf("got %+v, %v", result, err)
	}
	if err := result.Err(); err == nil || !strings.Contains(err.Error(), "6 of 6 pictures were left out") || !strings.Contains(err.Error(), "no others") {
		t.Errorf("got %v", err)
	}
}

// BenchmarkFolder passes 1,000 pictures of 64×64 through a function that does nothing: the speed of all but the network.
func BenchmarkFolder(b *testing.B) {
	folder := b.TempDir()
	for i := range 1000 {
		p := image.NewNRGBA(image.Rect(0, 0, 64, 64))
		for at := range p.Pix {
			p.Pix[at] = uint8(at*at>>7 + i*at>>9) // Neither flat nor noise.
			if at%4 == 3 {
				p.Pix[at] = 255
			}
		}
		write(b, filepath.Join(folder, "in", fmt.Sprintf("%03d.png", i)), p)
	}
	pictures := 0
	for b.Loop() {
		pipeline := inverting(mustPlan(b, picturefiles.Request{In: filepath.Join(folder, "in"), Out: filepath.Join(folder, "out"), Force: true}), new([]int))
		result, err := pipeline.Do(context.Background())
		if err != nil || result.Pictures != 1000 {
			b.Fatalf("%+v, %v", result, err)
		}
		pictures += result.Pictures
	}
	b.ReportMetric(float64(pictures)/b.Elapsed().Seconds(), "images/s")
}
