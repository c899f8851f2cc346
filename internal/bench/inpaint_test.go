package bench

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/gantest"
)

// planes returns n pictures 16×16 that are planes of several brightness.
func planes(n, from int) *datasets.Set {
	set := &datasets.Set{Name: "planes", Shape: []int{16, 16, 1}}
	for i := range n {
		for p := range 16 * 16 {
			set.Pixels = append(set.Pixels, uint8(from+3*i+p%16+2*(p/16)))
		}
	}
	return set
}

// offBy fills planes with what is too bright by so many levels, and by one more in every other picture.
type offBy struct {
	levels  int
	outside bool // It changes a known pixel, too.
}

func (f offBy) Fill(pictures, masks *tensors.Tensor) (*tensors.Tensor, error) {
	pixels, holes := tensors.MustCopyFlatData[uint8](pictures), tensors.MustCopyFlatData[uint8](masks)
	for i := range pixels {
		if p := i % 256; holes[i] != 0 {
			pixels[i] = pixels[i-p] + uint8(p%16+2*(p/16)+f.levels+i/256%2)
		} else if f.outside && p == 0 {
			pixels[i]++
		}
	}
	return tensors.FromFlatDataAndDimensions(pixels, pictures.Shape().Dimensions...), nil
}

func (offBy) Close() error { return nil }

// network returns a method that passes for a network.
func network(name string, filler offBy, opened *int) InpaintMethod {
	return InpaintMethod{Name: name, Title: strings.ToUpper(name), Learned: true, Settings: filler.levels,
		Open: func(context.Context, *datasets.Set, int64, func(done, total int)) (Filler, error) {
			*opened++
			return filler, nil
		}}
}

func classicalNamed(t *testing.T, name string) InpaintMethod {
	t.Helper()
	for _, method := range ClassicalInpaint() {
		if method.Name == name {
			return method
		}
	}
	t.Fatalf("there is no %s", name)
	return InpaintMethod{}
}

func TestRunInpaint(t *testing.T) {
	opened := 0
	o := Inpaint{Data: "planes", Train: planes(3, 0), Test: planes(10, 100), N: 8, Masks: []string{"box"}, Seeds: []int64{4, 5}, Dir: t.TempDir(),
		Methods: []InpaintMethod{classicalNamed(t, "mean"), classicalNamed(t, "biharmonic"), network("off", offBy{levels: 3}, &opened)}}
	r, err := RunInpaint(t.Context(), gantest.Go(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Pictures != 8 || len(r.Rows) != 3 || r.Holes[0].Share != 0.25 || r.Judge != "" || r.Rows[0].Perceptual != nil {
		t.Fatalf("got %+v", r)
	}
	off := r.Rows[2]
	near(t, "hole L1", &off.HoleL1.Value, 3.5/255) // Half of the pictures are off by 3, half by 4.
	near(t, "hole PSNR", &off.HolePSNR.Value, (20*math.Log10(255/3.)+20*math.Log10(255/4.))/2)
	near(t, "hole L2", &off.HoleL2.Value, (9+16)/2./(255*255))
	// Eight pictures: t(0.975, 7) = 2.36462425, and the deviation is that of 3 and 4, √(8/7)/2.
	near(t, "its interval", off.HoleL1.Low, (3.5-2.36462425*math.Sqrt(8./7)/2/math.Sqrt(8))/255)
	if s := off.HoleL1.OverSeeds; !s.hasInterval() || math.Abs(*s.High-*s.Low) > 1e-9 || len(off.HoleL1.BySeed) != 2 {
		t.Errorf("over the seeds it is %+v, want no spread, as a box in the centre is always there", s)
	}
	if biharmonic := r.Rows[1]; biharmonic.HoleL1.Value != 0 || math.Abs(biharmonic.HolePSNR.Value-10*math.Log10(255*255*64)) > 1e-6 {
		t.Errorf("a plane is biharmonic, and its hole has L1 %g, PSNR %g", biharmonic.HoleL1.Value, biharmonic.HolePSNR.Value)
	}
	if c := r.Comparisons[0]; c.Against != "biharmonic" || c.Measure != "hole L1" || c.Verdict != Worse {
		t.Errorf("got %+v", c)
	}
	for _, file := range []string{"result.json", "sheet.png", "arrays/box-seed4/off.npy", "arrays/box-seed5/masks.npy", "arrays/box-seed5/truth.npy"} {
		if _, err := os.Stat(filepath.Join(o.Dir, file)); err != nil {
			t.Error(err)
		}
	}
	goesOn(t, o, r, &opened)
}

// goesOn tests that what is there is not measured again, and what is not, is.
func goesOn(t *testing.T, o Inpaint, before *InpaintResult, opened *int) {
	t.Helper()
	run := func(want int, what string) {
		t.Helper()
		*opened = 0
		r, err := RunInpaint(t.Context(), gantest.Go(), o)
		if err != nil {
			t.Fatal(err)
		}
		if *opened != want {
			t.Errorf("%s: the network was opened %d times, want %d", what, *opened, want)
		}
		if r.Rows[2].HoleL1.Value != before.Rows[2].HoleL1.Value {
			t.Errorf("%s: hole L1 is %g, and was %g", what, r.Rows[2].HoleL1.Value, before.Rows[2].HoleL1.Value)
		}
	}
	run(0, "all is there")
	if err := os.WriteFile(filepath.Join(o.Dir, "arrays/box-seed5/off.npy"), []byte("something else"), 0o644); err != nil {
		t.Fatal(err)
	}
	run(1, "an array is gone")
	run(0, "it is there again")
	o.Seeds = append(o.Seeds, 6)
	run(1, "another seed")
	o.Force = true
	run(3, "by force")
}

// A network that is nearer to the truth than every classical method is said to be better.
func TestInpaintVerdict(t *testing.T) {
	opened := 0
	r, err := RunInpaint(t.Context(), gantest.Go(), Inpaint{Data: "planes", Train: planes(3, 0), Test: planes(10, 100), Masks: []string{"box"},
		Seeds: []int64{1}, Dir: t.TempDir(), Methods: []InpaintMethod{classicalNamed(t, "mean"), network("off", offBy{levels: 1}, &opened)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Comparisons {
		if c.Verdict != Better || c.Against != "mean" || c.Method != "OFF" {
			t.Errorf("got %+v", c)
		}
	}
	if len(r.Comparisons) != 4 || len(r.Notes) != 1 {
		t.Errorf("%d comparisons, notes %q", len(r.Comparisons), r.Notes)
	}
	if v := r.Verdicts(); len(v) != 1 || v[0] != "box, OFF against the best classical method: better in hole L1, hole L2, hole PSNR, hole SSIM." {
		t.Errorf("got %q", v)
	}
	var text strings.Builder
	for _, row := range r.Tables()[0].Rows {
		text.WriteString(strings.Join(row, "|") + "\n")
	}
	for _, words := range []string{"method|hole L1|hole L2|hole PSNR|hole SSIM|SSIM|ms a picture\n", "OFF|0.0059 ±", "mean|"} {
		if !strings.Contains(text.String(), words) {
			t.Errorf("the table lacks %q:\n%s", words, text.String())
		}
	}
}

func TestInpaintMisuse(t *testing.T) {
	opened := 0
	good := Inpaint{Data: "planes", Train: planes(3, 0), Test: planes(4, 100), Masks: []string{"box"}, Seeds: []int64{1},
		Methods: []InpaintMethod{classicalNamed(t, "mean")}}
	for _, test := range []struct {
		change func(o *Inpaint)
		words  string
	}{
		{func(o *Inpaint) { o.Masks = []string{"bax"} }, `no masks "bax"`},
		{func(o *Inpaint) { o.Masks = []string{"box", "box"} }, "twice"},
		{func(o *Inpaint) { o.Seeds = []int64{3, 3} }, "seed 3 is named twice"},
		{func(o *Inpaint) { o.Methods = append(o.Methods, o.Methods[0]) }, `"mean" is named twice`},
		{func(o *Inpaint) { o.Test = planes(2, 0) }, ""}, // Two of three are left out: no error.
		{func(o *Inpaint) { o.Test = planes(3, 0) }, "every picture of planes to learn from is a test picture"},
		{func(o *Inpaint) {
			o.Methods = []InpaintMethod{network("off", offBy{outside: true}, &opened)}
		}, "off, seed 1: picture 0 was changed outside of its hole"},
	} {
		o := good
		o.Dir = t.TempDir()
		test.change(&o)
		r, err := RunInpaint(t.Context(), gantest.Go(), o)
		if test.words == "" {
			if err != nil || r.Train != 1 || !strings.Contains(r.Notes[0], "2 pictures") {
				t.Errorf("got %+v, %v", r, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("got %v, want an error with %q", err, test.words)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	good.Dir = t.TempDir()
	if _, err := RunInpaint(ctx, gantest.Go(), good); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
