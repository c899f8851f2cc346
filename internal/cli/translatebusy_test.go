//go:build unix

package cli

import (
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/display"
)

// BenchmarkTranslate translates a folder of 1,000 pictures of 64×64 by CycleGAN's generator of 6 blocks and 16 channels, and
// measures how many processors are kept busy.
func BenchmarkTranslate(b *testing.B) {
	b.Chdir(b.TempDir())
	for i := range 1000 {
		picture := image.NewNRGBA(image.Rect(0, 0, 64, 64))
		for at := range picture.Pix {
			picture.Pix[at] = uint8(at*at>>7+i*at>>9) | 0xff*uint8(at%4/3) // Neither flat nor noise; opaque.
		}
		if err := display.SavePNG(fmt.Sprintf("in/%03d.png", i), picture); err != nil {
			b.Fatal(err)
		}
	}
	train := strings.Fields("train --preset cyclegan --data emoji --batch 1 --steps 1 --set generator.channels=16 --set generator.blocks=6 --run c --quiet")
	if status := execute(context.Background(), newConsole(io.Discard, os.Stderr), train); status != 0 {
		b.Fatal("no run")
	}
	busy := func() float64 {
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			b.Fatal(err)
		}
		return float64(used.Utime.Sec+used.Stime.Sec) + float64(used.Utime.Usec+used.Stime.Usec)/1e6
	}
	before, pictures := busy(), 0
	for b.Loop() {
		if status := execute(context.Background(), newConsole(io.Discard, os.Stderr), strings.Fields("translate --run c in out --force -q")); status != 0 {
			b.Fatal("not translated")
		}
		pictures += 1000
	}
	b.ReportMetric(float64(pictures)/b.Elapsed().Seconds(), "images/s")
	b.ReportMetric((busy()-before)/b.Elapsed().Seconds(), "processors")
}
