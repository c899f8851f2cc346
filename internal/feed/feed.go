// Package feed hands the batches of a data set to a training, pass after pass, from any place on.
package feed

import (
	"iter"

	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"
)

// From returns the batches of the data without end, from the one at the position, counted from 0 over as many passes as it
// takes. Data with a method Seek is told where to start; other data is read up to there.
func From(data train.Dataset, position int) iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		skip := position
		for {
			if seeker, ok := data.(interface{ Seek(batch int) }); ok {
				seeker.Seek(position)
				skip = 0
			}
			empty := true
			for batch, err := range data.Iter() {
				empty = false
				if skip > 0 && err == nil {
					skip--
					continue
				}
				if err != nil {
					yield(batch, errors.WithMessagef(err, "data %q", data.Name()))
					return
				}
				position++
				if !yield(batch, nil) {
					return
				}
			}
			if empty {
				yield(train.Batch{}, errors.Errorf("data %q has no batch", data.Name()))
				return
			}
		}
	}
}
