package enlarge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// filterSide is the side at which the filter looks at pictures that are larger, or not divisible by 4.
const filterSide = 32

// filter is a classifier that has learned the set, and doubts samples whose class it does not see.
type filter struct {
	extractor *features.Extractor // Nil for a set of one class, of which nothing can be doubted.
	classes   int
}

// newFilter returns the filter of the set: the one kept, or a new one.
func (e *Enlarger) newFilter(ctx context.Context) (*filter, error) {
	f := &filter{classes: len(e.set.Classes)}
	if f.classes < 2 {
		return f, nil
	}
	shape := e.set.Shape
	if max(shape[0], shape[1]) > filterSide || shape[0]%4 != 0 || shape[1]%4 != 0 {
		shape = []int{filterSide, filterSide, shape[2]}
	}
	network, err := features.NewClassifier("filter", shape, e.set.Classes)
	if err != nil {
		return nil, err
	}
	training := e.options.Filter
	weights, err := e.keptFilter(training)
	if err != nil {
		return nil, err
	}
	if weights == nil {
		const stage = "training the filter"
		total := max(training.Steps, training.Epochs)
		e.options.Progress(stage, 0, total)
		data := features.Labelled{Pictures: e.table(), Labels: e.set.Labels}
		report := func(done int, _ float64) { e.options.Progress(stage, done, total) }
		if weights, err = training.Train(ctx, e.backend, network, data, report); err != nil {
			if ctx.Err() != nil {
				err = errors.WithStack(ctx.Err())
			}
			return nil, err
		}
		if err := e.keepFilter(training, weights); err != nil {
			return nil, err
		}
	}
	f.extractor, err = features.New(e.backend, network, weights, "")
	return f, err
}

// table returns all pictures of the set.
func (e *Enlarger) table() *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(e.set.Pixels, append([]int{e.set.Len()}, e.set.Shape...)...)
}

const (
	filterFile = "filter.safetensors"
	filterKey  = "filter" // In its metadata: what it learned from, and how.
)

// filterID tells filters apart: it is a hash of the data, the training and the backend.
func (e *Enlarger) filterID(training features.Training) (string, error) {
	text, err := json.Marshal([]any{e.set.Hash(), e.set.Classes, training, training.Policy.String(), e.backend.Name()})
	if err != nil {
		return "", errors.Wrap(err, "enlarge: filter")
	}
	hash := sha256.Sum256(text)
	return hex.EncodeToString(hash[:]), nil
}

// keptFilter returns the weights of the filter that was trained before; nil if there is none of that training.
func (e *Enlarger) keptFilter(training features.Training) (map[string]*tensors.Tensor, error) {
	if e.options.Keep == "" {
		return nil, nil
	}
	data, err := os.ReadFile(filepath.Join(e.options.Keep, filterFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "enlarge: filter")
	}
	id, err := e.filterID(training)
	if err != nil {
		return nil, err
	}
	list, metadata, err := safetensors.Read(data)
	if err != nil || metadata[filterKey] != id {
		return nil, nil // It is trained again.
	}
	weights := make(map[string]*tensors.Tensor, len(list))
	for _, named := range list {
		weights[named.Name] = named.Tensor
	}
	return weights, nil
}

// keepFilter saves the weights.
func (e *Enlarger) keepFilter(training features.Training, weights map[string]*tensors.Tensor) error {
	if e.options.Keep == "" {
		return nil
	}
	id, err := e.filterID(training)
	if err != nil {
		return err
	}
	var list []safetensors.Named
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		list = append(list, safetensors.Named{Name: name, Tensor: weights[name]})
	}
	var buffer bytes.Buffer
	if err := safetensors.Write(&buffer, list, map[string]string{filterKey: id}); err != nil {
		return errors.WithMessage(err, "enlarge: filter")
	}
	return errors.WithMessage(atomicfile.Write(filepath.Join(e.options.Keep, filterFile), buffer.Bytes()), "enlarge: filter")
}

// look returns the features of pictures, one row each, and the probabilities that the filter gives the classes. Without a
// filter there are no features, and the only class is certain.
func (f *filter) look(pictures *tensors.Tensor) (rows []float32, probabilities [][]float64, err error) {
	n := pictures.Shape().Dim(0)
	probabilities = make([][]float64, n)
	if f.extractor == nil {
		for i := range probabilities {
			probabilities[i] = []float64{1}
		}
		return nil, probabilities, nil
	}
	rows, logits, err := f.extractor.Extract(pictures)
	if err != nil {
		return nil, nil, err
	}
	for i := range probabilities {
		probabilities[i] = softmax(logits[i*f.classes : (i+1)*f.classes])
	}
	return rows, probabilities, nil
}

// softmax returns the probabilities that logits stand for.
func softmax(logits []float32) []float64 {
	most := math.Inf(-1)
	for _, logit := range logits {
		most = max(most, float64(logit))
	}
	probabilities, sum := make([]float64, len(logits)), 0.0
	for i, logit := range logits {
		probabilities[i] = math.Exp(float64(logit) - most)
		sum += probabilities[i]
	}
	for i := range probabilities {
		probabilities[i] /= sum
	}
	return probabilities
}
