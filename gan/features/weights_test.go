package features

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/gantest"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// writeFile writes a file into the test's folder.
func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func safetensorsOf(t *testing.T, list ...safetensors.Named) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := safetensors.Write(&file, list, nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// TestReadWeights reads the same numbers from the formats; package torchfile's test has the numbers of PyTorch's.
func TestReadWeights(t *testing.T) {
	const folder = "../../internal/torchfile/testdata/"
	for _, name := range []string{"zip.pth", "legacy.pth"} {
		weights, hash, err := ReadWeights(folder+name, func(name string) bool { return name == "scalar" })
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		names := slices.Sorted(maps.Keys(weights))
		want := []string{"bfloat16", "empty", "float16", "float32", "float64", "parameter", "part", "transposed"}
		if !slices.Equal(names, want) { // Neither the unused one nor num_batches_tracked.
			t.Errorf("%s: weights %v, want %v", name, names, want)
		}
		if got := tensors.MustCopyFlatData[float32](weights["part"]); !slices.Equal(got, []float32{1.25, 1.5, 1.75, 2}) {
			t.Errorf("%s: part is %v", name, got)
		}
		if data, err := os.ReadFile(folder + name); err != nil || hash != hashOf(data) {
			t.Errorf("%s: SHA-256 %s, want that of the file", name, hash)
		}
	}

	want := []float32{0.5, -2}
	data := safetensorsOf(t,
		safetensors.Named{Name: "a", Tensor: tensors.FromFlatDataAndDimensions(float16.FromFloat32s(want...), 2)},
		safetensors.Named{Name: "b", Tensor: tensors.FromFlatDataAndDimensions(
			[]bfloat16.BFloat16{bfloat16.FromFloat32(0.5), bfloat16.FromFloat32(-2)}, 2)},
		safetensors.Named{Name: "c", Tensor: tensors.FromFlatDataAndDimensions([]float64{0.5, -2}, 2)},
		safetensors.Named{Name: "d", Tensor: tensors.FromFlatDataAndDimensions(want, 2)},
		safetensors.Named{Name: "bn.num_batches_tracked", Tensor: tensors.FromScalar(int64(3))})
	weights, _, err := ReadWeights(writeFile(t, "w.safetensors", data), nil)
	if err != nil || len(weights) != 4 {
		t.Fatalf("%d weights, error %+v", len(weights), err)
	}
	for name, tensor := range weights {
		if got := tensors.MustCopyFlatData[float32](tensor); !slices.Equal(got, want) {
			t.Errorf("%s is %v", name, got)
		}
	}
}

// tiny is a network with one weight, for tests of files.
type tiny struct{ pixels }

func (tiny) Name() string { return "tiny" }

func (tiny) Weights() map[string][]int { return map[string][]int{"scale": {}, "shift": {2}} }

func (tiny) Graph(weight func(name string) *Node, pictures *Node) Output {
	return Output{Features: Mul(Reshape(pictures, pictures.Shape().Dim(0), -1), weight("scale"))}
}

// register makes Open know a network for the test.
func register(t *testing.T, network Network) {
	t.Helper()
	entries[network.Name()] = entry{network: network}
	t.Cleanup(func() { delete(entries, network.Name()) })
}

func TestOpenFile(t *testing.T) {
	register(t, tiny{})
	scale := safetensors.Named{Name: "scale", Tensor: tensors.FromScalar(float32(0.5))}
	shift := safetensors.Named{Name: "shift", Tensor: tensors.FromFlatDataAndDimensions([]float32{0, 0}, 2)}
	data := safetensorsOf(t, scale, shift)
	file := writeFile(t, "w,1.safetensors", data) // Commas do not end a name.

	_, err := Open(gantest.Go(), "tiny:"+file)
	want := "say tiny:" + file + ",sha256=" + hashOf(data)
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Fatalf("an unknown file is taken, or how to take it is not said: %v", err)
	}
	extractor, err := Open(gantest.Go(), strings.TrimPrefix(want, "say "))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if extractor.Hash() != hashOf(data) || extractor.Name() != "tiny" {
		t.Errorf("extractor %s of SHA-256 %s", extractor.Name(), extractor.Hash())
	}
	features, logits, err := extractor.Extract(tensors.FromFlatDataAndDimensions([]uint8{4, 8, 255, 0}, 2, 1, 2, 1))
	if err != nil || logits != nil || !slices.Equal(features, []float32{2, 4, 127.5, 0}) {
		t.Errorf("features %v, logits %v, error %+v", features, logits, err)
	}

	zeros := strings.Repeat("0", 64)
	other := safetensorsOf(t, scale, safetensors.Named{Name: "shift", Tensor: tensors.FromScalar(float32(1))}, safetensors.Named{Name: "more", Tensor: scale.Tensor})
	for name, test := range map[string]struct {
		file, hash string
		data       []byte
		want       string
	}{
		"another hash":      {"a.safetensors", zeros, data, "has SHA-256 " + hashOf(data) + ", not " + zeros},
		"no hash":           {"a.safetensors", "12ab", data, `"12ab" is no SHA-256`},
		"another network":   {"a.safetensors", "", other, "these are not the weights of tiny: more is none of its weights (2 of 3 differ)"},
		"a truncated file":  {"a.safetensors", "", data[:len(data)-4], "a.safetensors: safetensors: "},
		"a truncated torch": {"a.pth", "", []byte("PK\x03\x04..."), "a.pth: its zip archive is damaged or truncated"},
		"text":              {"a.pth", "", []byte("weights"), "it is not a file of PyTorch"},
		"a web page":        {"a.pth", "", []byte("\n<!DOCTYPE html><html>"), "is a web page, not weights"},
		"a pointer":         {"a.pth", "", []byte("version https://git-lfs.github.com/spec/v1"), "only points to the weights"},
		"nothing":           {"a.pth", "", nil, "is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			hash := test.hash
			if hash == "" {
				hash = hashOf(test.data)
			}
			_, err := Open(gantest.Go(), "tiny:"+writeFile(t, test.file, test.data)+",sha256="+hash)
			wantLine(t, err, test.want)
		})
	}
}

// wantLine checks that the error is one line with the words.
func wantLine(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got error %v, want one line with %q", err, words)
	}
}

func TestOpenSpecs(t *testing.T) {
	short := writeFile(t, "short.pth", []byte("PK\x03\x04"))
	for spec, want := range map[string]string{
		"inceptoin:f":                `no extractor "inceptoin"; did you mean inception?; there are `,
		"":                           `no extractor ""`,
		"pixels:f":                   `pixels has its weights with it and takes no file: use "pixels"`,
		"inception":                  `inception needs a file of weights: use "inception:FILE"`,
		"inception:":                 `use "inception:FILE"`,
		"inception:" + t.TempDir():   "is a folder, not a file of weights",
		"inception:no/such/file":     "no/such/file",
		"inception:" + short:         "of SHA-256 6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2, perhaps because it is cut off; to use it",
		"vgg16:" + short + ",sha256": "short.pth,sha256",
	} {
		_, err := Open(gantest.Go(), spec)
		wantLine(t, err, want)
	}
}

// TestInceptionRefusesOtherWeights gives the weights of another network, and a variance that none can be.
func TestInceptionRefusesOtherWeights(t *testing.T) {
	_, err := New(gantest.Go(), inception{}, gantest.SeededWeights(AlexNet().Weights()), "")
	wantLine(t, err, "these are not the weights of inception: Conv2d_1a_3x3.bn.bias is missing (482 of 482 differ)")

	weights := gantest.SeededWeights((inception{}).Weights())
	weights["Mixed_7c.branch1x1.bn.running_var"].MustMutableFlatData(func(flat any) { flat.([]float32)[3] = -1 })
	_, err = New(gantest.Go(), inception{}, weights, "")
	wantLine(t, err, "Mixed_7c.branch1x1: bn.running_var is negative (-1)")
}
