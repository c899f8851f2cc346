//go:build ignore

// Command make_lpips remakes lpips.safetensors from the PyPI package lpips 0.1.4:
//
//	pip download --no-deps lpips==0.1.4
//	go run gan/features/data/make_lpips.go lpips-0.1.4-py3-none-any.whl gan/features/data/lpips.safetensors
//
// The package holds LPIPS's learned weights, version 0.1, one file for each network: lin0.model.1.weight to
// lin4.model.1.weight, shaped [1, channels, 1, 1]. The output has them shaped [channels], under the names of the network and
// of the layer that they belong to, as vgg16.relu1_2.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/safetensors"
	"github.com/ganymede-ml/ganymede/internal/torchfile"
)

// sources are the files in the wheel, in the order in which they are written.
var sources = []struct {
	file, sha256, network string
	layers                []string
}{
	{"lpips/weights/v0.1/vgg.pth", "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868", "vgg16",
		[]string{"relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"}},
	{"lpips/weights/v0.1/alex.pth", "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0", "alexnet",
		[]string{"relu1", "relu2", "relu3", "relu4", "relu5"}},
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run make_lpips.go lpips-0.1.4-py3-none-any.whl lpips.safetensors")
	}
	wheel := check(zip.OpenReader(os.Args[1]))
	var list []safetensors.Named
	for _, source := range sources {
		data := extract(&wheel.Reader, source.file, source.sha256)
		weights := check(torchfile.Read(bytes.NewReader(data), int64(len(data)), nil))
		for i, layer := range source.layers {
			name := fmt.Sprintf("lin%d.model.1.weight", i)
			weight, ok := weights[name]
			if !ok {
				log.Fatalf("%s: no %s", source.file, name)
			}
			list = append(list, safetensors.Named{
				Name:   source.network + "." + layer,
				Tensor: tensors.FromFlatDataAndDimensions(weight.Values, len(weight.Values)),
			})
		}
	}
	file := check(os.Create(os.Args[2]))
	if err := safetensors.Write(file, list, nil); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
}

// extract returns a file of the archive, if it has the SHA-256.
func extract(archive *zip.Reader, name, want string) []byte {
	data := check(io.ReadAll(check(archive.Open(name))))
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
		log.Fatalf("%s: SHA-256 is %x, want %s", name, sum, want)
	}
	return data
}

func check[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
