package cli

import (
	"fmt"

	"github.com/gomlx/gomlx/ml/train"

	"github.com/ganymede-ml/ganymede/datasets"
)

// pairsData are pairs to learn from.
type pairsData struct{ *datasets.Pairs }

func (d pairsData) examples() int  { return d.Len() }
func (d pairsData) isStream() bool { return false }
func (d pairsData) skippedFiles() []string {
	return append(d.A.Skipped[:len(d.A.Skipped):len(d.A.Skipped)], d.B.Skipped...)
}

func (d pairsData) describe() string {
	if d.Paired {
		return fmt.Sprintf("%d pairs, A %s, B %s", d.Len(), shapeText(d.A.Shape), shapeText(d.B.Shape))
	}
	return fmt.Sprintf("%d pictures %s and %d %s without partners", d.A.Len(), shapeText(d.A.Shape), d.B.Len(), shapeText(d.B.Shape))
}

func (d pairsData) shown() shownData {
	return shownData{Examples: d.Len(), Shape: d.A.Shape, ShapeB: d.B.Shape, Classes: len(d.A.Classes)}
}

func (d pairsData) taskBatches(batchSize int, seed int64) (train.Dataset, error) {
	return d.Batches(batchSize, seed)
}

// singleData are pictures to learn from, one by one.
type singleData struct{ *trainData }

func (d singleData) examples() int          { return d.count() }
func (d singleData) isStream() bool         { return d.stream != nil }
func (d singleData) skippedFiles() []string { return d.skipped() }

func (d singleData) shown() shownData {
	return shownData{Examples: d.count(), Shape: d.shape(), Classes: len(d.classes())}
}

func (d singleData) taskBatches(batchSize int, seed int64) (train.Dataset, error) {
	return d.batches(batchSize, seed)
}

// heldOut returns options for pictures to look at while it trains, which are not learned from where that can be: those of the
// validation split, if it is the training split that is learned from.
func heldOut(options datasets.Options) (datasets.Options, bool) {
	if options.Split != datasets.Train {
		return options, false
	}
	options.Split, options.Progress = datasets.Validation, nil
	return options, true
}
