package evaluate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/npy"
)

// openSet opens a data set that lies in memory.
func openSet(name string, options SourceOptions) (*Source, error) {
	set, err := datasets.Open(name, datasets.Options{View: options.View, Seed: options.Seed})
	if err != nil {
		return nil, err
	}
	source := SetSource(set)
	source.Name, source.viewed = name, true // As the user calls it.
	return source, nil
}

// SetSource returns a set that lies in memory as a source.
func SetSource(set *datasets.Set) *Source {
	return &Source{
		Name: set.Name, Data: set.Name, Hash: set.Hash(), Shape: set.Shape, Labels: set.Labels, Classes: len(set.Classes), Modes: set.Modes, Sigma: set.Sigma,
		count: set.Len(), total: set.Len(), points: set.Points,
		pictures: func(numbers []int) ([]uint8, error) { return set.Select(numbers).Pixels, nil },
		natural:  set.Shape,
	}
}

// openFolder opens a folder of pictures, which are decoded when they are asked for.
func openFolder(name string, options SourceOptions) (*Source, error) {
	stream, err := datasets.OpenStream(name, datasets.Options{
		View: options.View, Labels: options.Labels, Size: options.Size, Channels: options.Channels, Progress: options.progress("reading " + name),
	})
	if err != nil {
		return nil, err
	}
	source := &Source{
		Name: stream.Name, Hash: stream.Hash(), Shape: stream.Shape, Labels: stream.Labels, Classes: len(stream.Classes),
		count: stream.Len(), total: stream.Len(), pictures: stream.Pictures, viewed: true,
	}
	if stream.Recoloured > 0 {
		source.Notes = append(source.Notes, fmt.Sprintf("%s: %d of %d pictures are grey and were made coloured, as the others are",
			stream.Name, stream.Recoloured, stream.Len()))
	}
	return source, nil
}

// openArray opens an array of pictures, which stays in its file.
func openArray(path string) (*Source, error) {
	array, err := npy.Open(path)
	if err != nil {
		return nil, err
	}
	source, err := arraySource(path, array)
	if err != nil {
		_ = array.Close()
		return nil, err
	}
	return source, nil
}

func arraySource(path string, array *npy.Array) (*Source, error) {
	const want = "want uint8 [n, height, width, channels] or [n, height, width]"
	if array.DType != dtypes.Uint8 {
		mend := "pictures are bytes"
		if array.DType == dtypes.Float32 || array.DType == dtypes.Float64 {
			mend = "scale it to 0…255, round it, and save it with astype(numpy.uint8)"
		}
		return nil, errors.Errorf("%s holds numbers of type %s, %s; %s", path, array.DType, want, mend)
	}
	shape := array.Shape
	if len(shape) == 3 {
		shape = append(shape, 1)
	}
	if len(shape) != 4 || shape[3] != 1 && shape[3] != 3 {
		return nil, errors.Errorf("%s holds an array of shape %v, %s with 1 or 3 channels", path, array.Shape, want)
	}
	if shape[0]*shape[1]*shape[2] == 0 {
		return nil, errors.Errorf("%s is empty: its shape is %v", path, array.Shape)
	}
	hash := sha256.New()
	if err := array.Hash(hash); err != nil {
		return nil, err
	}
	return &Source{
		Hash: hex.EncodeToString(hash.Sum(nil)), Shape: shape[1:], count: shape[0], total: shape[0], close: array.Close,
		pictures: func(numbers []int) ([]uint8, error) { return gather(numbers, array.Rows) },
	}, nil
}

// gather returns the rows with the numbers, reading those that follow one another at once.
func gather(numbers []int, rows func(first, count int) ([]byte, error)) ([]uint8, error) {
	var all []uint8
	for start := 0; start < len(numbers); {
		end := start + 1
		for end < len(numbers) && numbers[end] == numbers[end-1]+1 {
			end++
		}
		data, err := rows(numbers[start], end-start)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = make([]uint8, 0, len(data)/(end-start)*len(numbers))
		}
		all = append(all, data...)
		start = end
	}
	return all, nil
}

// openRun opens the folder of a run, from which nothing is drawn yet.
func openRun(dir string, options SourceOptions) (*Source, error) {
	record, err := gan.ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	if record.Config.Arch == nil {
		return nil, errors.Errorf("%s is damaged: its run.json names no architecture", dir)
	}
	s := &Source{Data: record.Data.Name, Shape: record.Config.Arch.ExampleShape()}
	n := options.N
	switch {
	case n > 0:
	case s.ArePictures():
		n = DefaultSamples
	default:
		n = metrics.PointSamples
	}
	s.count, s.total = n, n
	s.Run = &RunInfo{Dir: dir, Checkpoint: Last, Truncation: options.Truncation}
	if options.Checkpoint == Best {
		s.Run.Checkpoint = Best
	}
	if classes := record.Config.Condition.Classes; classes > 0 {
		s.Classes, s.Labels = classes, make([]int32, n)
		for i := range s.Labels {
			s.Labels[i] = int32(i % classes) // As gan.Draw has them without Classes.
		}
	}
	draw := gan.Draw{N: n, Seed: options.Seed, Truncation: options.Truncation}
	s.draw = func(ctx context.Context, backend compute.Backend) error {
		return s.drawRun(ctx, backend, draw, options.progress("drawing from "+dir))
	}
	return s, nil
}

// drawRun draws the samples: pictures into a spool, points into memory.
func (s *Source) drawRun(ctx context.Context, backend compute.Backend, draw gan.Draw, progress func(done, total int)) error {
	load := gan.Load
	if s.Run.Checkpoint == Best {
		load = gan.LoadBest
	}
	trainer, err := load(backend, s.Run.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = trainer.Close() }()
	if s.Run.Step = trainer.Steps(); s.Run.Step == 0 {
		return errors.Errorf("the run in %s has no checkpoint yet; train it first", s.Run.Dir)
	}
	keep, finish, err := s.keeper()
	if err != nil {
		return err
	}
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "samples %v %d %d\n", s.Shape, draw.N, s.Classes) // Writing to a hash cannot fail.
	done := 0
	for part, err := range trainer.Draws(draw) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = keep(part)
		}
		if err == nil {
			err = part.ConstBytes(func(data []byte) { _, _ = hash.Write(data) })
		}
		if err != nil {
			return errors.WithStack(err)
		}
		done += part.Shape().Dim(0)
		part.MustFinalizeAll()
		if progress != nil {
			progress(done, draw.N)
		}
	}
	s.Hash = hex.EncodeToString(hash.Sum(nil))
	return finish()
}

// keeper returns a function to keep samples, one part after another, and one to call at their end.
func (s *Source) keeper() (keep func(part *tensors.Tensor) error, finish func() error, err error) {
	if !s.ArePictures() {
		return func(part *tensors.Tensor) error {
			points, err := tensors.CopyFlatData[float32](part)
			s.points = append(s.points, points...)
			return err
		}, func() error { return nil }, nil
	}
	kept, err := newSpool(s.natural[0] * s.natural[1] * s.natural[2])
	if err != nil {
		return nil, nil, err
	}
	s.pictures, s.close = kept.pictures, kept.close
	return func(part *tensors.Tensor) error {
		var written error
		if err := part.ConstBytes(func(data []byte) { written = kept.write(data) }); err != nil {
			return err
		}
		return written
	}, kept.finish, nil
}
