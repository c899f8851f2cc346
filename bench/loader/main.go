// Command loader makes a folder of small PNG files with the texture of photographs, and times how long datasets.Open takes to
// read it. bench/loader.py runs it beside a DataLoader of PyTorch.
//
//	go run ./bench/loader -make 10000 FOLDER
//	go run ./bench/loader -times 5 FOLDER        # prints the seconds of each time and the SHA-256 of the pixels
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/ganymede-ml/ganymede/datasets"
)

const (
	side   = 64
	shapes = 12 // Discs in a picture.
)

func main() {
	log.SetFlags(0)
	number := flag.Int("make", 0, "make so many pictures in the folder instead of reading it")
	times := flag.Int("times", 1, "read the folder so many times")
	profile := flag.String("profile", "", "write a CPU profile to this file")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: loader [flags] FOLDER")
	}
	if *number > 0 {
		if err := makeFolder(flag.Arg(0), *number); err != nil {
			log.Fatal(err)
		}
		return
	}
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			log.Fatal(err)
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			log.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	for range *times {
		start := time.Now()
		set, err := datasets.Open("folder:"+flag.Arg(0), datasets.Options{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.4f %x\n", time.Since(start).Seconds(), sha256.Sum256(set.Pixels))
	}
}

// makeFolder writes the pictures into ten classes.
func makeFolder(folder string, number int) error {
	for i := range number {
		directory := filepath.Join(folder, fmt.Sprint(i%10))
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return err
		}
		file, err := os.Create(filepath.Join(directory, fmt.Sprintf("%05d.png", i)))
		if err != nil {
			return err
		}
		if err := png.Encode(file, texture(uint64(i))); err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	return nil
}

// texture draws a gradient, discs with waves on them and the noise of a sensor, as the seed has it.
func texture(seed uint64) image.Image {
	random := rand.New(rand.NewPCG(seed, 0))
	var levels [side][side][3]float64
	slope := [3]float64{random.Float64() * 2, random.Float64() * 2, random.Float64() * 2}
	for y := range side {
		for x := range side {
			for c := range slope {
				levels[y][x][c] = 40 + slope[c]*float64(x+y)/2
			}
		}
	}
	for range shapes {
		centreX, centreY, radius := random.Float64()*side, random.Float64()*side, 4+random.Float64()*14
		wave, angle := 0.2+random.Float64(), random.Float64()*math.Pi
		colour := [3]float64{random.Float64() * 220, random.Float64() * 220, random.Float64() * 220}
		for y := range side {
			for x := range side {
				if dx, dy := float64(x)-centreX, float64(y)-centreY; dx*dx+dy*dy < radius*radius {
					stripes := 18 * math.Sin(wave*(dx*math.Cos(angle)+dy*math.Sin(angle)))
					for c := range colour {
						levels[y][x][c] = colour[c] + stripes
					}
				}
			}
		}
	}
	picture := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			var pixel [3]uint8
			for c := range pixel {
				pixel[c] = uint8(min(max(levels[y][x][c]+3*random.NormFloat64(), 0), 255))
			}
			picture.SetNRGBA(x, y, color.NRGBA{R: pixel[0], G: pixel[1], B: pixel[2], A: 255})
		}
	}
	return picture
}
