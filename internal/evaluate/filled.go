package evaluate

import (
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/inpaint"
)

// holeMetrics are those of filled holes, where none is asked for.
var holeMetrics = []string{"hole_l1", "hole_psnr", "hole_ssim", "l1", "psnr", "ssim", "perceptual", "label"}

// fillings judges a run of inpaint: by pictures, holes drawn into them by the seed.
func (j *judging) fillings() error {
	trainer, err := inpaint.Load(j.backend, j.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = trainer.Close() }()
	if trainer.Steps() == 0 {
		return errors.Errorf("the run in %s has no checkpoint yet; train it first", j.Dir)
	}
	if j.Direction != "" {
		return errors.Errorf("the run in %s fills holes, which has no direction; leave --direction out", j.Dir)
	}
	j.run = RunInfo{Dir: j.Dir, Step: trainer.Steps(), Checkpoint: Last}
	config := trainer.Config()
	options := j.Options
	options.Size, options.Channels = config.Size, config.Channels
	all, err := datasets.Open(j.Data, options)
	if err != nil {
		return err
	}
	set, masks := j.some(all), j.Masks
	if masks == (inpaint.Masks{}) {
		masks = config.Masks
	}
	c := comparison{paired: true, usual: holeMetrics, truth: set, masks: drawMasks(masks, set, j.Seed)}
	c.origin = meanFilled(set, c.masks)
	c.baselines = []baseline{{MeanValue, c.origin}}
	filler, err := trainer.Filler()
	if err != nil {
		return err
	}
	if c.made, err = j.fill(filler, set, c.masks); err != nil {
		return err
	}
	if err := j.evaluate(c); err != nil {
		return err
	}
	for _, key := range j.result.Keys {
		j.result.Scores[key].Card.Settings["masks"] = string(masks.Kind)
	}
	return j.draw(c)
}

// drawMasks returns a mask for each picture.
func drawMasks(masks inpaint.Masks, set *datasets.Set, seed int64) []uint8 {
	var all []uint8
	for i := range set.Len() {
		all = append(all, masks.Draw(set.Shape[0], set.Shape[1], uint64(seed)<<32+uint64(i))...)
	}
	return all
}

// fill returns pictures with their holes filled, some at a time; the last ones are made as many as the others by repeating
// some, so that one program serves all.
func (j *judging) fill(filler *inpaint.Filler, set *datasets.Set, masks []uint8) (*datasets.Set, error) {
	n, batch, area := set.Len(), batchOf(set), set.Shape[0]*set.Shape[1]
	filled := *set
	filled.Pixels = make([]uint8, 0, len(set.Pixels))
	for first := 0; first < n; first += batch {
		if err := j.ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		numbers := make([]int, batch)
		var some []uint8
		for i := range numbers {
			numbers[i] = min(first+i, n-1)
			some = append(some, masks[numbers[i]*area:][:area]...)
		}
		pictures, holes := set.Select(numbers).Tensor(), tensors.FromFlatDataAndDimensions(some, batch, set.Shape[0], set.Shape[1], 1)
		made, err := filler.Batch(pictures, holes)
		if err != nil {
			return nil, err
		}
		err = tensors.ConstFlatData(made, func(flat []uint8) {
			filled.Pixels = append(filled.Pixels, flat[:min(batch, n-first)*area*set.Shape[2]]...)
		})
		if err != nil {
			return nil, errors.WithMessage(err, "pictures")
		}
		for _, tensor := range []*tensors.Tensor{pictures, holes, made} {
			tensor.MustFinalizeAll()
		}
		j.say("filling holes", min(first+batch, n), n)
	}
	return &filled, nil
}
