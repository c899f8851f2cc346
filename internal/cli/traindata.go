package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
)

// trainData is what a training learns from: a set in memory, or a stream of a folder that is too large for it.
type trainData struct {
	*datasets.Set                  // Nil for a stream.
	stream        *datasets.Stream // Nil for a set.
	memory        int64            // Bytes that decoded pictures of a stream may take.
}

// trainBatches are the batches of either.
type trainBatches interface {
	train.Dataset
	BatchSize() int
}

// openTrainData opens data: pictures of a folder that take more bytes than memory are streamed, where streamed does not say
// whether that is so, as a run that is resumed knows.
func openTrainData(name string, options datasets.Options, memory int64, streamed *bool) (*trainData, error) {
	budget := memory
	switch {
	case streamed == nil:
	case *streamed:
		budget = 0
	default:
		budget = -1
	}
	set, stream, err := datasets.OpenWithin(name, options, budget)
	if err != nil {
		return nil, err
	}
	return &trainData{Set: set, stream: stream, memory: memory}, nil
}

// count returns the number of examples.
func (d *trainData) count() int {
	if d.stream != nil {
		return d.stream.Len()
	}
	return d.Len()
}

// shape returns the shape of an example.
func (d *trainData) shape() []int {
	if d.stream != nil {
		return d.stream.Shape
	}
	return d.Shape
}

// name returns the name of the set.
func (d *trainData) name() string {
	if d.stream != nil {
		return d.stream.Name
	}
	return d.Name
}

// hash returns the hash of the set or stream, which differ.
func (d *trainData) hash() string {
	if d.stream != nil {
		return d.stream.Hash()
	}
	return d.Hash()
}

// skipped returns the files that were left out.
func (d *trainData) skipped() []string {
	if d.stream != nil {
		return d.stream.Skipped
	}
	return d.Skipped
}

// points tells whether the examples are points in the plane.
func (d *trainData) points() bool { return d.stream == nil && d.Points != nil }

// classes returns the names of the classes, nil without labels.
func (d *trainData) classes() []string {
	switch {
	case d.stream != nil && d.stream.Labels != nil:
		return d.stream.Classes
	case d.stream == nil && d.Labels != nil:
		return d.Classes
	}
	return nil
}

// info returns what settings must know of the data that the user calls by the name.
func (d *trainData) info(name string) dataInfo {
	return dataInfo{name: name, shape: d.shape(), classes: len(d.classes())}
}

// batches returns the batches to train on.
func (d *trainData) batches(batchSize int, seed int64) (trainBatches, error) {
	if d.stream != nil {
		return d.stream.Batches(batchSize, seed, d.memory)
	}
	return d.Batches(batchSize, seed)
}

// draw returns n examples drawn at random, or all if there are fewer.
func (d *trainData) draw(n int, seed int64) (*tensors.Tensor, error) {
	if d.stream != nil {
		return d.stream.Draw(n, seed)
	}
	return d.Draw(n, seed), nil
}

// sampledExamples is how many examples of a stream stand for all of it, where a set in memory is asked for.
const sampledExamples = 10_000

// sample returns the set, or of a stream one of examples drawn from it.
func (d *trainData) sample() (*datasets.Set, error) {
	if d.stream == nil {
		return d.Set, nil
	}
	examples, err := d.stream.Draw(d.atMost(sampledExamples), 1)
	if err != nil {
		return nil, err
	}
	defer examples.MustFinalizeAll()
	return datasets.FromTensor(d.name(), examples)
}

const (
	sampleBytes   = 256 << 20 // That examples drawn from large pictures may take,
	fewestSampled = 1000      // but so many there are.
)

// atMost returns n, or fewer where so many examples would take much memory.
func (d *trainData) atMost(n int) int {
	size := 1
	for _, dimension := range d.shape() {
		size *= dimension
	}
	return min(n, max(fewestSampled, sampleBytes/size))
}

// describe says how large the data is: "10000 pictures 28×28×1".
func (d *trainData) describe() string {
	if d.stream != nil {
		return fmt.Sprintf("%d pictures %s, decoded as they are needed", d.count(), shapeText(d.shape()))
	}
	return describe(d.Set)
}

// byteSize is the value of a flag that is an amount of memory: "2GiB", "512MiB".
type byteSize int64

// byteUnits are the units of a byteSize, the largest first.
var byteUnits = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"B", 1}}

// Set takes a number with a unit; one without counts bytes.
func (b *byteSize) Set(text string) error {
	number, unit := text, int64(1)
	for _, u := range byteUnits {
		if len(text) > len(u.name) && strings.EqualFold(text[len(text)-len(u.name):], u.name) {
			number, unit = text[:len(text)-len(u.name)], u.bytes
			break
		}
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if bytes := value * float64(unit); err == nil && bytes >= 1 && bytes < 1<<60 {
		*b = byteSize(bytes)
		return nil
	}
	return errors.Errorf("%q is not a %s", text, b.Type())
}

// String writes it with the largest unit that divides it.
func (b *byteSize) String() string {
	i := slices.IndexFunc(byteUnits[:3], func(u struct {
		name  string
		bytes int64
	}) bool {
		return *b > 0 && int64(*b)%u.bytes == 0
	})
	if i < 0 {
		return strconv.FormatInt(int64(*b), 10)
	}
	return strconv.FormatInt(int64(*b)/byteUnits[i].bytes, 10) + byteUnits[i].name
}

// Type is what errors call it.
func (b *byteSize) Type() string { return "size such as 512MiB or 2GiB" }
