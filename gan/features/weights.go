package features

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/safetensors"
	"github.com/ganymede-ml/ganymede/internal/torchfile"
)

// ReadWeights reads the weights in a file, .safetensors or what PyTorch's torch.save made of a state_dict (.pth, .pt), and
// the file's SHA-256 in hexadecimal. All are float32; those stored as float16, bfloat16 or float64 are converted. The
// counters num_batches_tracked of batch normalizations are left out, and weights that unused tells of; nil means none.
//
// Nothing in the file is executed: a pickle that does more than to describe tensors is refused.
func ReadWeights(file string, unused func(name string) bool) (weights map[string]*tensors.Tensor, hash string, err error) {
	if hash, err = hashWeights(file); err != nil {
		return nil, "", err
	}
	weights, err = readWeights(file, unused)
	return weights, hash, err
}

// hashWeights returns the SHA-256 of a file that may have weights. It says what else the file is if it is plain to see.
func hashWeights(file string) (string, error) {
	reader, err := os.Open(file)
	if err != nil {
		return "", errors.Errorf("features: weights: %v", err)
	}
	defer func() { _ = reader.Close() }()
	if info, err := reader.Stat(); err == nil && info.IsDir() {
		return "", errors.Errorf("features: %s is a folder, not a file of weights", file)
	}
	start := make([]byte, 64)
	n, err := io.ReadFull(reader, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", errors.Errorf("features: weights: %v", err)
	}
	start = start[:n]
	switch text := bytes.ToLower(bytes.TrimSpace(start)); {
	case len(text) == 0:
		return "", errors.Errorf("features: %s is empty", file)
	case text[0] == '<':
		return "", errors.Errorf("features: %s is a web page, not weights: download the file itself", file)
	case bytes.HasPrefix(text, []byte("version https://git-lfs")):
		return "", errors.Errorf("features: %s only points to the weights (Git LFS): run `git lfs pull`", file)
	}
	sum := sha256.New()
	sum.Write(start)
	if _, err := io.Copy(sum, reader); err != nil {
		return "", errors.Errorf("features: weights: %v", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func readWeights(file string, unused func(name string) bool) (weights map[string]*tensors.Tensor, err error) {
	keep := func(name string) bool {
		return !strings.HasSuffix(name, "num_batches_tracked") && (unused == nil || !unused(name))
	}
	if strings.HasSuffix(strings.ToLower(file), ".safetensors") {
		weights, err = readSafetensors(file, keep)
	} else {
		weights, err = readTorch(file, keep)
	}
	return weights, errors.WithMessagef(err, "features: weights in %s", file)
}

func readTorch(file string, keep func(name string) bool) (map[string]*tensors.Tensor, error) {
	reader, err := os.Open(file)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer func() { _ = reader.Close() }()
	info, err := reader.Stat()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	list, err := torchfile.Read(reader, info.Size(), keep)
	if err != nil {
		return nil, err
	}
	weights := make(map[string]*tensors.Tensor, len(list))
	for name, tensor := range list {
		weights[name] = tensors.FromFlatDataAndDimensions(tensor.Values, tensor.Shape...)
	}
	return weights, nil
}

func readSafetensors(file string, keep func(name string) bool) (map[string]*tensors.Tensor, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	list, _, err := safetensors.Read(data)
	if err != nil {
		return nil, err
	}
	weights := make(map[string]*tensors.Tensor, len(list))
	for _, named := range list {
		if !keep(named.Name) {
			continue
		}
		if weights[named.Name], err = toFloat32(named.Tensor); err != nil {
			return nil, errors.WithMessage(err, named.Name)
		}
	}
	return weights, nil
}

// toFloat32 returns the tensor as float32.
func toFloat32(tensor *tensors.Tensor) (*tensors.Tensor, error) {
	dtype := tensor.DType()
	if dtype == dtypes.Float32 {
		return tensor, nil
	}
	var values []float32
	err := tensor.ConstFlatData(func(flat any) {
		switch flat := flat.(type) {
		case []float16.Float16:
			values = converted(flat, float16.Float16.Float32)
		case []bfloat16.BFloat16:
			values = converted(flat, bfloat16.BFloat16.Float32)
		case []float64:
			values = converted(flat, func(v float64) float32 { return float32(v) })
		}
	})
	if err != nil {
		return nil, err
	}
	if values == nil {
		return nil, errors.Errorf("its numbers are %s, not floating point", dtype)
	}
	return tensors.FromFlatDataAndDimensions(values, tensor.Shape().Dimensions...), nil
}

func converted[T any](from []T, convert func(T) float32) []float32 {
	to := make([]float32, len(from))
	for i, value := range from {
		to[i] = convert(value)
	}
	return to
}

// openFile returns the extractor of a network with the weights in a file: the standard one of the network, or any whose
// SHA-256 follows as "FILE,sha256=HEX".
func openFile(backend compute.Backend, network Network, spec string) (*Extractor, error) {
	file, want := spec, ""
	if before, hash, ok := cutLast(spec, ",sha256="); ok {
		file, want = before, strings.ToLower(strings.TrimSpace(hash))
		if sum, err := hex.DecodeString(want); err != nil || len(sum) != sha256.Size {
			return nil, errors.Errorf("features: %q is no SHA-256, want 64 hexadecimal digits", hash)
		}
	}
	hash, err := hashWeights(file)
	if err != nil {
		return nil, err
	}
	if want != "" && hash != want {
		return nil, errors.Errorf("features: %s has SHA-256 %s, not %s", file, hash, want)
	}
	if want == "" {
		if err := checkStandard(network.Name(), file, hash); err != nil {
			return nil, err
		}
	}
	weights, err := readWeights(file, unusedBy(network))
	if err != nil {
		return nil, err
	}
	extractor, err := New(backend, network, weights, hash)
	return extractor, errors.WithMessage(err, filepath.Base(file))
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}

// unusedBy returns the function that tells which weights of its file the network does without, or nil. A network has it as
// a method Unused.
func unusedBy(network Network) func(name string) bool {
	if partial, ok := network.(interface{ Unused(name string) bool }); ok {
		return partial.Unused
	}
	return nil
}

// checkWeights returns an error if the weights are not those of the network: it names the first that differs and says how
// many do.
func checkWeights(network Network, weights map[string]*tensors.Tensor) error {
	want, unused := network.Weights(), unusedBy(network)
	names := slices.Collect(maps.Keys(want))
	for name := range weights {
		if _, ok := want[name]; !ok && (unused == nil || !unused(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	first, count := "", 0
	for _, name := range names {
		difference := compareWeight(name, want, weights)
		if difference == "" {
			continue
		}
		if count++; count == 1 {
			first = difference
		}
	}
	if count > 0 {
		return errors.Errorf("features: these are not the weights of %s: %s (%d of %d differ)",
			network.Name(), first, count, len(names))
	}
	return nil
}

// compareWeight tells in words how a weight differs from what is wanted, or returns "".
func compareWeight(name string, want map[string][]int, weights map[string]*tensors.Tensor) string {
	shape, wanted := want[name]
	tensor, given := weights[name]
	switch {
	case !given:
		return fmt.Sprintf("%s is missing", name)
	case !wanted:
		return fmt.Sprintf("%s is none of its weights", name)
	case !slices.Equal(shape, tensor.Shape().Dimensions):
		return fmt.Sprintf("%s has shape %v, not %v", name, tensor.Shape().Dimensions, shape)
	case tensor.DType() != dtypes.Float32:
		return fmt.Sprintf("%s is %s, not float32", name, tensor.DType())
	}
	return ""
}
