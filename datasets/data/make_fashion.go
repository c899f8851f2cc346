//go:build ignore

// Command make_fashion remakes fashion.idx.gz from the training files of Fashion-MNIST, which the Debian package
// dataset-fashion-mnist 0.0~git20200523.55506a9-1 installs:
//
//	apt-get install dataset-fashion-mnist
//	go run datasets/data/make_fashion.go /usr/share/datasets/fashion-mnist datasets/data/fashion.idx.gz
//
// The output holds the first 10,000 of the 60,000 training pictures, whose classes are mixed, in their order: one gzip
// stream of two IDX files, the images (magic 0x00000803, count, rows, columns, pixels) and then the labels (magic
// 0x00000801, count, labels), all numbers big-endian.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"log"
	"os"
	"path/filepath"
)

const (
	imagesFile   = "train-images-idx3-ubyte.gz"
	labelsFile   = "train-labels-idx1-ubyte.gz"
	imagesSHA256 = "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"
	labelsSHA256 = "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"
	side         = 28
	total        = 60_000
	count        = 10_000
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run make_fashion.go DIRECTORY fashion.idx.gz")
	}
	images := read(filepath.Join(os.Args[1], imagesFile), imagesSHA256, []uint32{0x803, total, side, side})
	labels := read(filepath.Join(os.Args[1], labelsFile), labelsSHA256, []uint32{0x801, total})
	if err := os.WriteFile(os.Args[2], encode(images[:count*side*side], labels[:count]), 0o644); err != nil {
		log.Fatal(err)
	}
}

// read returns what follows the header of an IDX file.
func read(path, wantSHA256 string, header []uint32) []byte {
	file, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != wantSHA256 {
		log.Fatalf("%s: SHA-256 is %x, want %s", path, sum, wantSHA256)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	content, err := io.ReadAll(unzipped)
	if err != nil {
		log.Fatal(err)
	}
	for _, want := range header {
		if got := binary.BigEndian.Uint32(content); got != want {
			log.Fatalf("%s: the header holds %#x, want %#x", path, got, want)
		}
		content = content[4:]
	}
	return content
}

// encode returns two IDX files in one gzip stream.
func encode(pixels, labels []byte) []byte {
	var idx []byte
	for _, number := range []uint32{0x803, count, side, side} {
		idx = binary.BigEndian.AppendUint32(idx, number)
	}
	idx = append(idx, pixels...)
	for _, number := range []uint32{0x801, count} {
		idx = binary.BigEndian.AppendUint32(idx, number)
	}
	idx = append(idx, labels...)
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
