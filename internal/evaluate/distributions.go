package evaluate

import (
	"fmt"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

const (
	// kidSubsetSize and kidSubsets are torch-fidelity's.
	kidSubsetSize = 1000
	kidSubsets    = 100

	inceptionSplits = 10
)

// keptRows returns how many features are kept of both sides.
func (e *evaluation) keptRows() (fake, real int) { return kept(e.Fake.Len()), kept(e.Real.Len()) }

func (e *evaluation) fid() error {
	fake, err := e.fake.moments()
	if err != nil {
		return err
	}
	real, err := e.real.moments()
	if err != nil {
		return err
	}
	distance, err := metrics.FrechetDistance(fake, real)
	if err != nil {
		return err
	}
	replicates := max(e.Bootstrap, 0)
	if e.Bootstrap == 0 && e.fake.size <= quickFeatures {
		replicates = defaultReplicates
	} else if e.Bootstrap == 0 {
		e.note("fid has no interval, which takes long with %d features; --bootstrap %d computes it", e.fake.size, defaultReplicates)
	}
	interval, err := metrics.FIDInterval(distance, e.fake.features, e.real.features, e.fake.size,
		metrics.FIDResampling{Replicates: replicates, Seed: e.Seed, Of: min(e.fake.n, e.real.n)})
	if err != nil {
		return err
	}
	card := e.featureCard("fid", e.fake.n, e.real.n)
	e.add(card, distance, interval, fmt.Sprintf("95 %%, bootstrap, %d replicates", replicates))
	return nil
}

func (e *evaluation) kid() error {
	fake, real := e.keptRows()
	size := kidSubsetSize
	if n := min(fake, real); n < size {
		size = max(2, n/2) // Halves, so that subsets differ and tell an interval.
	}
	result, err := metrics.KID{Subsets: kidSubsets, SubsetSize: size, Seed: e.Seed}.Distance(e.fake.features, e.real.features, e.fake.size)
	if err != nil {
		return err
	}
	card := e.featureCard("kid", fake, real, "subsets", kidSubsets, "subset_size", size, "kernel", "(x·y/d + 1)³")
	e.add(card, result.Mean, result.Interval, "95 %, subsampling")
	return nil
}

func (e *evaluation) is() error {
	result, err := e.inception.Result()
	if err != nil {
		return err
	}
	card := e.featureCard("is", e.fake.n, 0, "splits", inceptionSplits, settingOf, len(e.extractor.Classes()))
	card.Reference, card.ReferenceHash = "", "" // It judges the samples by themselves.
	e.add(card, result.Mean, result.Interval, "95 %, Poisson bootstrap, 100 replicates")
	return nil
}

func (e *evaluation) prdc() error {
	const words = "95 %, bootstrap, 1000 replicates"
	fake, real := e.keptRows()
	for _, k := range []int{metrics.PrecisionRecallNeighbours, metrics.DensityCoverageNeighbours} {
		result, err := metrics.PRDC(e.fake.features, e.real.features, e.fake.size, k)
		if err != nil {
			return err
		}
		scores := map[string]metrics.Estimate{"precision": result.Precision, "recall": result.Recall}
		keys := []string{"precision", "recall"}
		if k == metrics.DensityCoverageNeighbours {
			scores = map[string]metrics.Estimate{"density": result.Density, "coverage": result.Coverage}
			keys = []string{"density", "coverage"}
		}
		for _, key := range keys {
			e.add(e.featureCard(key, fake, real, "k", k), scores[key].Value, scores[key].Interval, words)
		}
	}
	return nil
}

// classes compares the shares of the classes; what each has is its parts.
func (e *evaluation) classes() error {
	result, err := metrics.Classes(e.fake.counts, e.real.counts, e.Seed)
	if err != nil {
		return err
	}
	e.add(e.featureCard("classes", e.fake.n, e.real.n), result.KL.Value, result.KL.Interval, "95 %, bootstrap, 1000 replicates")
	parts := map[string]float64{}
	for i, class := range e.extractor.Classes() {
		parts[class] = result.Shares[i]
	}
	e.parts("classes", parts)
	return nil
}

// modes counts, of points, the Gaussians reached, and of pictures the classes.
func (e *evaluation) modes() error {
	if e.Real.ArePictures() {
		result, err := metrics.Classes(e.fake.counts, e.real.counts, e.Seed)
		if err != nil {
			return err
		}
		card := e.featureCard("modes", e.fake.n, e.real.n, settingOf, result.Of, "reached", fmt.Sprintf("at least %g of the data's share", metrics.ReachedShare))
		e.add(card, float64(result.Reached), nil, "")
		return nil
	}
	result, err := metrics.Modes(e.Fake.points, e.Real.Modes, e.Real.Sigma)
	if err != nil {
		return err
	}
	n := e.Fake.Len()
	e.add(e.card("modes", n, 0, settingOf, len(e.Real.Modes)), float64(result.Modes), nil, "")
	e.add(e.card("high_quality", n, 0, "within", "3σ"), result.HighQuality, nil, "")
	e.add(e.card("reverse_kl", n, 0), result.ReverseKL, nil, "")
	return nil
}

// nearest looks for copies of the data among the samples.
func (e *evaluation) nearest() error {
	result, err := metrics.Nearest(e.fake.features, e.real.features, e.fake.size)
	if err != nil {
		return err
	}
	e.result.nearest = &result
	fake, real := e.keptRows()
	e.add(e.featureCard("nearest", fake, real), result.Ratio.Value, result.Ratio.Interval, "95 %, order of the distances")
	card := e.featureCard("copies", fake, real, "within", fmt.Sprintf("%g of the usual distance", metrics.CopyRatio))
	e.add(card, result.Copies.Value, result.Copies.Interval, "95 %, bootstrap, 1000 replicates")
	return nil
}
