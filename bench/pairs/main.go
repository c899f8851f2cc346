// Command pairs writes both sides of a set of pairs as arrays, for bench/translate_reference.py and others that read NumPy's
// format: a_train.npy, b_train.npy, a_test.npy and b_test.npy, uint8 [n, height, width, channels].
//
//	go run ./bench/pairs emoji FOLDER
package main

import (
	"iter"
	"log"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/npy"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: pairs NAME FOLDER")
	}
	if err := export(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func export(name, folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return errors.WithStack(err)
	}
	for _, split := range []string{datasets.Train, datasets.Test} {
		pairs, err := datasets.OpenPairs(name, datasets.Options{View: datasets.View{Split: split}})
		if err != nil {
			return err
		}
		for side, set := range map[string]*datasets.Set{"a_": pairs.A, "b_": pairs.B} {
			if err := write(filepath.Join(folder, side+split+".npy"), set); err != nil {
				return err
			}
		}
	}
	return nil
}

func write(path string, set *datasets.Set) error {
	file, err := os.Create(path)
	if err != nil {
		return errors.WithStack(err)
	}
	shape := append([]int{set.Len()}, set.Shape...)
	whole := func(yield func(*tensors.Tensor, error) bool) {
		yield(tensors.FromFlatDataAndDimensions(set.Pixels, shape...), nil)
	}
	err = npy.Write(file, shape, iter.Seq2[*tensors.Tensor, error](whole))
	if closeErr := file.Close(); err == nil {
		err = errors.WithStack(closeErr)
	}
	return err
}
