package evaluate

import (
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// Metrics of pictures that were made from others.

func (e *evaluation) holeL1() error {
	values, err := e.holewise("hole_l1", metrics.HoleL1)
	if err != nil {
		return err
	}
	e.addMean(e.pairCard("hole_l1"), values)
	return nil
}

// holePSNR counts equal holes as psnr counts equal pictures.
func (e *evaluation) holePSNR() error {
	values, err := e.holewise("hole_psnr", metrics.HolePSNR)
	if err != nil {
		return err
	}
	e.limitPSNR("hole_psnr", values)
	e.addMean(e.pairCard("hole_psnr"), values)
	return nil
}

func (e *evaluation) holeSSIM() error {
	values, err := e.holewise("hole_ssim", metrics.HoleSSIM)
	if err != nil {
		return err
	}
	e.addMean(e.pairCard("hole_ssim", "window", ssimWords), values)
	return nil
}

// holewise is pixelwise for a function of the pixels in holes.
func (e *evaluation) holewise(what string, f func(a, b []uint8, shape [3]int, masks []uint8) ([]float64, error)) ([]float64, error) {
	masks := e.Masks
	return e.pixelwise(what, func(a, b []uint8, shape [3]int) ([]float64, error) {
		some := len(a) / shape[2]
		if some > len(masks) {
			return nil, errors.Errorf("there are masks of %d pixels too few", some-len(masks))
		}
		values, err := f(a, b, shape, masks[:some])
		masks = masks[some:]
		return values, err
	})
}

// cycle compares what went in with what comes back.
func (e *evaluation) cycle() error {
	compared := *e
	compared.Fake, compared.Real = e.Again, e.Origin
	values, err := compared.pixelwise("cycle", metrics.L1)
	if err != nil {
		return err
	}
	card := e.card("cycle", len(values), len(values), "distance", "l1")
	card.Reference, card.ReferenceHash = "", "" // It is of the pictures that went in.
	e.addMean(card, values)
	return nil
}

// label asks the extractor's classifier for the classes of pictures: how often they are those that the data has for what they
// were made from, or where it has none of the classifier's classes, those that the classifier saw there.
func (e *evaluation) label() error {
	n := e.Fake.Len()
	want, against := e.Origin.Labels, "the classes of the data"
	if want == nil || e.Origin.Classes != len(e.extractor.Classes()) {
		var err error
		if want, err = e.seen(e.Origin); err != nil {
			return err
		}
		against = "the classes seen before"
	}
	seen, err := e.seen(e.Fake)
	if err != nil {
		return err
	}
	same := 0
	for i, class := range seen {
		if class == want[i] {
			same++
		}
	}
	share := float64(same) / float64(n)
	low, high := features.Wilson(share, n)
	e.add(e.featureCard("label", n, 0, "against", against), share, &metrics.Interval{Low: low, High: high}, "95 %, Wilson")
	return nil
}

// seen returns the class that the extractor's classifier sees in each picture.
func (e *evaluation) seen(s *Source) ([]int32, error) {
	classes := len(e.extractor.Classes())
	var seen []int32
	for first := 0; first < s.Len(); {
		if err := e.ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		count := min(s.chunk(), s.Len()-first)
		logits, err := e.logits(s, first, count)
		if err != nil {
			return nil, err
		}
		for i := range count {
			row := logits[i*classes : (i+1)*classes]
			best := 0
			for class, logit := range row {
				if logit > row[best] {
					best = class
				}
			}
			seen = append(seen, int32(best))
		}
		first += count
	}
	return seen, nil
}

// logits returns those of some pictures.
func (e *evaluation) logits(s *Source, first, count int) ([]float32, error) {
	pictures, err := s.Range(first, count)
	if err != nil {
		return nil, err
	}
	defer pictures.MustFinalizeAll()
	_, logits, err := e.extractor.Extract(pictures)
	return logits, err
}
