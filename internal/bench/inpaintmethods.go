package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/gan/inpaint/classical"
)

// ClassicalInpaint returns the classical methods, from the plainest on.
func ClassicalInpaint() []InpaintMethod {
	var methods []InpaintMethod
	for _, method := range classical.Methods() {
		methods = append(methods, InpaintMethod{Name: method.Name, Title: method.Title, Summary: method.Summary,
			Open: func(context.Context, *datasets.Set, int64, func(done, total int)) (Filler, error) {
				return classicalFiller{method}, nil
			}})
	}
	return methods
}

// classicalFiller fills picture by picture.
type classicalFiller struct{ method classical.Method }

func (f classicalFiller) Fill(pictures, masks *tensors.Tensor) (*tensors.Tensor, error) {
	shape := pictures.Shape().Dimensions
	pixels, err := tensors.CopyFlatData[uint8](pictures)
	if err != nil {
		return nil, err
	}
	holes, err := tensors.CopyFlatData[uint8](masks)
	if err != nil {
		return nil, err
	}
	area := shape[1] * shape[2]
	size := area * shape[3]
	filled := make([]uint8, 0, len(pixels))
	for i := range shape[0] {
		picture, err := f.method.Fill(pixels[i*size:(i+1)*size], [3]int(shape[1:]), holes[i*area:(i+1)*area])
		if err != nil {
			return nil, err
		}
		filled = append(filled, picture...)
	}
	return tensors.FromFlatDataAndDimensions(filled, shape...), nil
}

func (classicalFiller) Close() error { return nil }

// InpaintTraining says how a network is trained.
type InpaintTraining struct {
	Preset       string // Of package inpaint.
	Steps, Batch int    // 0 means the preset's.
	Dir          string // Of the runs, one for each seed.
}

// TrainedInpaint returns the method of a network that the bench trains on pictures like those of the set.
func TrainedInpaint(backend compute.Backend, set *datasets.Set, t InpaintTraining) (InpaintMethod, error) {
	if err := checkHasPictures(set); err != nil {
		return InpaintMethod{}, err
	}
	shape := set.Shape
	if shape[0] != shape[1] {
		return InpaintMethod{}, errors.Errorf("bench: networks are trained on square pictures, and these have %d×%d pixels; give a size", shape[1], shape[0])
	}
	config, defaults, err := inpaint.Preset(t.Preset, shape[0], shape[2])
	if err != nil {
		return InpaintMethod{}, err
	}
	steps, batch := cmp.Or(t.Steps, defaults.Steps), cmp.Or(t.Batch, defaults.Batch)
	record, err := json.Marshal(config)
	if err != nil {
		return InpaintMethod{}, errors.WithStack(err)
	}
	name := inpaint.Games.NameOf(config.Game)
	settings := []any{json.RawMessage(record), steps, batch, set.Hash()}
	return InpaintMethod{
		Name: name, Title: strings.ReplaceAll(name, "-", " "), Learned: true, Settings: settings,
		Recipe: fmt.Sprintf("trained for %d steps of %d of %d pictures", steps, batch, set.Len()),
		Open: func(ctx context.Context, train *datasets.Set, seed int64, progress func(done, total int)) (Filler, error) {
			config := config
			config.Seed = seed
			config.Dir = filepath.Join(t.Dir, fmt.Sprintf("%s-seed%d-%s", name, seed, hashOf(settings)[:8]))
			trainer, err := trainInpaint(ctx, backend, config, train, steps, batch, progress)
			if err != nil {
				return nil, err
			}
			return newTrainedFiller(trainer)
		},
	}, nil
}

// trainInpaint trains a network, or goes on with its training where it was ended.
func trainInpaint(ctx context.Context, backend compute.Backend, config inpaint.Config, train *datasets.Set, steps, batch int,
	progress func(done, total int)) (*inpaint.Trainer, error) {
	var trainer *inpaint.Trainer
	var err error
	if gan.HoldsRun(config.Dir) {
		trainer, err = inpaint.Load(backend, config.Dir)
	} else {
		trainer, err = inpaint.New(backend, config)
	}
	if err != nil {
		return nil, err
	}
	batches, err := train.Batches(batch, config.Seed)
	if err != nil {
		return nil, err
	}
	for step, err := range trainer.Train(ctx, batches, steps-trainer.Steps()) {
		if err != nil {
			return nil, err
		}
		progress(step.N, steps)
	}
	if ctx.Err() != nil {
		return nil, errors.WithStack(ctx.Err())
	}
	return trainer, nil
}

// RunInpaintMethod returns the method of a network that a run folder holds, for pictures like those of the set. What it learned
// from is for the reader to judge: a note says where that is not the set.
func RunInpaintMethod(backend compute.Backend, set *datasets.Set, dir string) (method InpaintMethod, note string, err error) {
	if err := checkHasPictures(set); err != nil {
		return method, "", err
	}
	trainer, err := inpaint.Load(backend, dir)
	if err != nil {
		return method, "", err
	}
	steps, channels, record := trainer.Steps(), trainer.Config().Channels, trainer.Record()
	if err := trainer.Close(); err != nil {
		return method, "", err
	}
	switch {
	case steps == 0:
		return method, "", errors.Errorf("bench: the run in %s has no checkpoint yet; train it first", dir)
	case channels != set.Shape[2]:
		return method, "", errors.Errorf("bench: the run in %s fills pictures of %d channels, and these have %d; choose them (--channels)", dir, channels, set.Shape[2])
	}
	if record.Data.Hash != set.Hash() {
		note = fmt.Sprintf("The run %s learned from other pictures (%s) than the bench has to learn from; test pictures may be among them.", dir, record.Data.Name)
	}
	name := filepath.Base(filepath.Clean(dir))
	return InpaintMethod{
		Name: name, Title: name, Learned: true, Settings: []any{record.Config, steps, record.Data.Hash},
		Recipe: fmt.Sprintf("the run %s after %d steps", dir, steps),
		Open: func(context.Context, *datasets.Set, int64, func(done, total int)) (Filler, error) {
			trainer, err := inpaint.Load(backend, dir)
			if err != nil {
				return nil, err
			}
			return newTrainedFiller(trainer)
		},
	}, note, nil
}

// trainedFiller fills by a trained network.
type trainedFiller struct {
	trainer *inpaint.Trainer
	filler  *inpaint.Filler
}

func newTrainedFiller(trainer *inpaint.Trainer) (Filler, error) {
	filler, err := trainer.Filler()
	if err != nil {
		return nil, err
	}
	return trainedFiller{trainer, filler}, nil
}

func (f trainedFiller) Fill(pictures, masks *tensors.Tensor) (*tensors.Tensor, error) {
	return f.filler.Batch(pictures, masks)
}

func (f trainedFiller) Close() error { return f.trainer.Close() }
