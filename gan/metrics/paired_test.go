package metrics_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// How near pictures come to the ones they should be.
func ExamplePaired() {
	want := seededPictures("paired", [4]int{8, 28, 28, 1})
	got := slices.Clone(want)
	for i := range got {
		got[i] += uint8(i % 2) // Every other pixel is brighter by 1 of 255.
	}
	result, err := metrics.Paired(got, want, [3]int{28, 28, 1})
	if err != nil {
		panic(err)
	}
	fmt.Printf("L1 %.4f, PSNR %.1f dB, SSIM %.4f\n", result.L1.Value, result.PSNR.Value, result.SSIM.Value)
	// Output: L1 0.0020, PSNR 51.1 dB, SSIM 0.9998
}

func TestPairedAsReference(t *testing.T) {
	for _, c := range readImages() {
		a, b, shape := c.pairs()
		ratios := make([]float64, len(c.PSNR))
		for i, ratio := range c.PSNR {
			ratios[i] = math.Inf(1)
			if ratio != nil {
				ratios[i] = *ratio
			}
		}
		psnr, err := metrics.PSNR(a, b, shape)
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind == "equal" {
			if !math.IsInf(psnr[0], 1) {
				t.Errorf("the PSNR of equal pictures is %g, want +Inf", psnr[0])
			}
		} else {
			near(t, c.Name+", PSNR", psnr, ratios, 1e-9)
		}
		l1, err := metrics.L1(a, b, shape)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.Name+", L1", l1, c.L1, 1e-12)
	}
}

// Means are over pairs; equal pictures count, and keep the mean finite.
func TestPaired(t *testing.T) {
	const n, size = 40, 12 * 12
	shape := [3]int{12, 12, 1}
	a := seededPictures("pairs", [4]int{n, 12, 12, 1})
	b := slices.Clone(a)
	for i := range n / 2 { // Half of the pairs differ by 2 everywhere.
		for j := range size {
			if v := &b[i*size+j]; *v < 128 {
				*v += 2
			} else {
				*v -= 2
			}
		}
	}
	result, err := metrics.Paired(a, b, shape)
	if err != nil {
		t.Fatal(err)
	}
	within(t, "L1", result.L1.Value, 1./255, 1e-15)
	within(t, "PSNR", result.PSNR.Value, (10*math.Log10(255*255/4.)+10*math.Log10(255*255*size))/2, 1e-12)
	if result.Pairs != n || result.Equal != n/2 {
		t.Errorf("%d pairs, %d equal, want %d and %d", result.Pairs, result.Equal, n, n/2)
	}
	// The mean of 40 values, half 0 and half 2/255, has a standard error of 1/255 / √40.
	width := result.L1.Interval.High - result.L1.Interval.Low
	within(t, "the width of the interval", width, 2*1.96/255/math.Sqrt(n), 0.15*width)
	similarities, err := metrics.SSIM(a, b, shape)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, similarity := range similarities {
		sum += similarity
	}
	within(t, "SSIM", result.SSIM.Value, sum/n, 1e-12)

	single, err := metrics.Paired(a[:size], a[:size], shape)
	if err != nil {
		t.Fatal(err)
	}
	if single.L1.Interval != nil || single.SSIM.Value != 1 || single.L1.Value != 0 {
		t.Errorf("one equal pair: got %+v", single)
	}
}
