package evaluate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// CacheFolder returns where statistics are kept from one evaluation to the next: ganymede/statistics in the user's cache
// folder, or "" if there is none.
func CacheFolder() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "ganymede", "statistics")
}

// cacheVersion changes whenever the same key would no longer stand for the same numbers.
const cacheVersion = 1

// cacheKey is all that statistics depend on.
type cacheKey struct {
	data      string // Hash of the source.
	shape     []int  // Of its examples, as they are extracted.
	extractor string // Name and hash.
	resize    string
	n, kept   int
	backend   string // Whose rounding it is.
}

// path returns the file of the statistics in the folder.
func (k cacheKey) path(folder string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %q %v %q %q %d %d %q", cacheVersion, k.data, k.shape, k.extractor, k.resize, k.n, k.kept, k.backend))
	return filepath.Join(folder, hex.EncodeToString(sum[:])+".safetensors")
}

// Names of the tensors in the file, and of the number of examples in its metadata.
const (
	cacheMean       = "mean"
	cacheCovariance = "covariance"
	cacheFeatures   = "features"
	cacheCounts     = "counts"
	cacheN          = "n"
)

// writeStatistics writes the statistics to a file.
func writeStatistics(path string, s *statistics) error {
	list := []safetensors.Named{
		{Name: cacheMean, Tensor: tensors.FromFlatDataAndDimensions(s.mean, s.size)},
		{Name: cacheCovariance, Tensor: tensors.FromFlatDataAndDimensions(symmetric(s.covariance), s.size, s.size)},
		{Name: cacheFeatures, Tensor: tensors.FromFlatDataAndDimensions(s.features, len(s.features)/s.size, s.size)},
	}
	if s.counts != nil {
		counts := make([]int64, len(s.counts))
		for i, count := range s.counts {
			counts[i] = int64(count)
		}
		list = append(list, safetensors.Named{Name: cacheCounts, Tensor: tensors.FromFlatDataAndDimensions(counts, len(counts))})
	}
	return atomicfile.WriteTo(path, func(w io.Writer) error {
		return safetensors.Write(w, list, map[string]string{cacheN: strconv.Itoa(s.n)})
	})
}

// symmetric returns all numbers of a symmetric matrix, of which gonum keeps one half.
func symmetric(m *mat.SymDense) []float64 { return mat.DenseCopyOf(m).RawMatrix().Data }

// readStatistics returns the statistics in a file, or an error if it is not there or not what writeStatistics wrote of as many
// examples and classes.
func readStatistics(path string, n, classes int) (*statistics, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	list, metadata, err := safetensors.Read(data)
	if err != nil {
		return nil, err
	}
	if metadata[cacheN] != strconv.Itoa(n) {
		return nil, errors.Errorf("statistics of %s examples, not %d", metadata[cacheN], n)
	}
	s := &statistics{n: n}
	var covariance []float64
	var counts []int64
	for _, named := range list {
		switch named.Name {
		case cacheMean:
			s.mean, err = tensors.CopyFlatData[float64](named.Tensor)
		case cacheCovariance:
			covariance, err = tensors.CopyFlatData[float64](named.Tensor)
		case cacheFeatures:
			s.features, err = tensors.CopyFlatData[float32](named.Tensor)
		case cacheCounts:
			counts, err = tensors.CopyFlatData[int64](named.Tensor)
		}
		if err != nil {
			return nil, err
		}
	}
	s.size = len(s.mean)
	if s.size == 0 || len(covariance) != s.size*s.size || len(s.features) != kept(n)*s.size || len(counts) != classes {
		return nil, errors.New("statistics of another form")
	}
	s.covariance = mat.NewSymDense(s.size, covariance)
	if classes > 0 {
		s.counts = make([]int, classes)
		for i, count := range counts {
			s.counts[i] = int(count)
		}
	}
	return s, nil
}
