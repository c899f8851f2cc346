package enlarge

import (
	"context"
	"iter"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
)

const ganName = "gan"

func init() {
	register(Method{
		Name: ganName, Summary: "samples of a GAN that is trained on these pictures alone; doubtful ones and copies are rejected",
		Learns: true, order: 2,
		maker: func(ctx context.Context, e *Enlarger) (maker, error) { return newSampler(ctx, e) },
		check: (*Enlarger).checkGAN,
	})
}

// drawRows is how many samples are drawn and judged at once.
const drawRows = 100

// drawFunc draws a sample for each seed of a latent, of the class beside it, drawRows of them.
type drawFunc func(seeds []int64, labels []int32) ([]uint8, error)

// sampler draws samples of a GAN until they are accepted.
type sampler struct {
	*Enlarger
	fallback *classic
}

// attempt is a slot that is being filled.
type attempt struct {
	slot
	seed                   int64 // Of the first candidate's latent; that of the next is one more.
	tries, doubted, copies int
}

// newSampler trains the filter and the GAN, as far as that has not been done.
func newSampler(ctx context.Context, e *Enlarger) (maker, error) {
	unlock, err := e.lockKept(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if e.judge == nil {
		if e.judge, err = e.newJudge(ctx); err != nil {
			return nil, err
		}
	}
	if e.draw == nil {
		trainer, err := e.trained(ctx)
		if err != nil {
			return nil, err
		}
		e.draw = drawWith(trainer)
	}
	fallback, err := newClassic(e)
	if err != nil {
		return nil, err
	}
	return &sampler{e, fallback.(*classic)}, nil
}

// drawWith returns the function that draws samples by a trained generator.
func drawWith(trainer *gan.Trainer) drawFunc {
	size, classes := trainer.Config().Arch.LatentSize(), trainer.Config().Condition.Classes
	return func(seeds []int64, labels []int32) ([]uint8, error) {
		latents := make([]float32, 0, len(seeds)*size)
		var told *tensors.Tensor
		weights := make([]float32, len(seeds)*classes)
		for i, seed := range seeds {
			latents = append(latents, tensors.MustCopyFlatData[float32](gan.Latents(1, size, seed))...)
			if classes > 0 {
				weights[i*classes+int(labels[i])] = 1
			}
		}
		if classes > 0 {
			told = tensors.FromFlatDataAndDimensions(weights, len(seeds), classes)
		}
		samples, err := trainer.Generate(tensors.FromFlatDataAndDimensions(latents, len(seeds), size), told)
		if err != nil {
			return nil, err
		}
		pictures, err := tensors.CopyFlatData[uint8](samples)
		return pictures, errors.WithMessage(err, "enlarge: samples")
	}
}

// samples draws candidates for many slots at once. Each slot has a stream of candidates of its own, and a row of the batch
// that follows from its place: what comes before and after it, or beside it in another shard, changes nothing about it, not
// even by rounding.
func (s *sampler) samples(ctx context.Context, slots []slot) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		queues := make([][]*attempt, drawRows)
		for _, place := range slots {
			row := place.ofAll % drawRows
			queues[row] = append(queues[row], &attempt{slot: place, seed: s.seedOf(place, ganName)})
		}
		for {
			filled, left, err := s.round(queues)
			if err == nil {
				err = errors.WithStack(ctx.Err())
			}
			if err != nil {
				yield(Sample{}, err)
				return
			}
			for _, sample := range filled {
				if !yield(sample, nil) {
					return
				}
			}
			if !left {
				return
			}
		}
	}
}

// round draws a candidate for the first attempt of each queue and takes those off that are done, whose samples it returns. It
// tells whether any are left.
func (s *sampler) round(queues [][]*attempt) (filled []Sample, left bool, err error) {
	seeds, labels := make([]int64, drawRows), make([]int32, drawRows)
	for row, queue := range queues {
		if len(queue) > 0 {
			left = true
			seeds[row], labels[row] = queue[0].seed+int64(queue[0].tries), int32(queue[0].class)
		}
	}
	if !left {
		return nil, false, nil
	}
	pictures, err := s.draw(seeds, labels)
	if err != nil {
		return nil, false, err
	}
	verdicts, err := s.judge.look(pictures, labels)
	if err != nil {
		return nil, false, err
	}
	size := s.pictureSize()
	for row, queue := range queues {
		if len(queue) == 0 {
			continue
		}
		sample, done, err := s.decide(queue[0], pictures[row*size:(row+1)*size], verdicts[row])
		if err != nil {
			return nil, false, err
		}
		if done {
			filled = append(filled, sample)
			queues[row] = queue[1:]
		}
	}
	return filled, true, nil
}

// decide returns the sample of an attempt if the candidate is accepted. After the last try a classical change takes the place.
func (s *sampler) decide(a *attempt, picture []uint8, v verdict) (Sample, bool, error) {
	seed := a.seed + int64(a.tries)
	a.tries++
	switch {
	case v.doubted:
		a.doubted++
	case v.copied:
		a.copies++
	default:
		sample := Sample{Picture: append([]uint8(nil), picture...), Label: int32(a.class), Number: a.number}
		sample.Origin = Origin{Method: ganName, Seed: seed, Confidence: v.confidence, Nearest: &v.nearest, Ratio: v.ratio,
			Tries: a.tries, Doubted: a.doubted, Copies: a.copies}
		return sample, true, nil
	}
	if a.tries < s.options.Tries {
		return Sample{}, false, nil
	}
	sample, err := s.fallback.sample(a.slot)
	sample.Origin.InPlaceOf = ganName
	sample.Origin.Tries, sample.Origin.Doubted, sample.Origin.Copies = a.tries, a.doubted, a.copies
	return sample, true, err
}
