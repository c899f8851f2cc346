package health

import (
	"fmt"
	"math"
)

// Thresholds of a collapse. Gaps are distances in units of the data's spread, see diagnosis.gap.
const (
	goodGap     = 0.5  // Below this a generator has learned something that it can lose.
	lostFactor  = 2    // A gap this many times the best one, and
	lostMargin  = 0.08 // so much more, is a loss. The margin is for runs that were nearly perfect, whose gaps are noise.
	lostVariety = 0.6  // So is a diversity below this share of the best one, or of the data's if that is less,
	lostClasses = 0.5  // or a divergence of the classes this much above the least one, in nats: as if two in five were gone.
	fewClasses  = 1.2  // A divergence above this, as if seven in ten were gone, is a loss whatever it was before, and
	poorVariety = 0.5  // so is a diversity below this, if it lasts twice as long and the gap does not shrink.
	badGap      = 0.4  // A gap above this is bad, and a training stuck there
	misledShare = 0.9  // Share of steps in which a discriminator that has stopped to learn is fooled.
	stuckGain   = 0.9  // if the least gap in twice as many looks is not below this share of that before,
	varietyGain = 0.05 // and the diversity is not so much nearer to 1.
)

// collapse finds samples that lost their variety or likeness, or never get any.
func (d diagnosis) collapse() *Finding {
	for _, find := range []func() *Finding{d.varietyLost, d.classesLost, d.distanceLost, d.neverVaried, d.misled, d.stuck} {
		if finding := find(); finding != nil {
			return finding
		}
	}
	return nil
}

// varietyLost finds samples that became alike.
func (d diagnosis) varietyLost() *Finding {
	unvaried := d.learned(func(l Look) float64 { return -l.Diversity })
	since, ok := d.since(1, func(i int) bool {
		best, _ := d.bestBefore(i, unvaried)
		return d.looks[i].Diversity < lostVariety*math.Min(1, -best)
	})
	if !ok {
		return nil
	}
	best, step := d.bestBefore(len(d.looks), unvaried)
	return d.alarm(Collapse, since, "samples became alike: they differ %.2f times as much as the data, and did %.2f times at step %d; %s",
		d.last().Diversity, -best, step, mendCollapse)
}

// learned returns the value for looks at a generator that has learned something, and infinity for those before: noise may well
// be varied and of all classes.
func (d diagnosis) learned(value func(Look) float64) func(Look) float64 {
	return func(l Look) float64 {
		if d.gap(l) > goodGap {
			return math.Inf(1)
		}
		return value(l)
	}
}

// classesLost finds samples that left classes out, or that never had them.
func (d diagnosis) classesLost() *Finding {
	kl := d.learned(func(l Look) float64 { return l.KL })
	since, ok := d.since(1, func(i int) bool {
		best, _ := d.bestBefore(i, kl)
		return d.looks[i].KL > best+lostClasses
	})
	if ok {
		best, step := d.bestBefore(len(d.looks), kl)
		return d.alarm(Collapse, since, "samples left classes out: their shares diverge by %.2f nats from the data's, "+
			"and did by %.2f at step %d; %s",
			d.last().KL, best, step, mendCollapse)
	}
	since, ok = d.since(2, func(i int) bool { return d.looks[i].KL > fewClasses })
	if !ok || d.improved(1) {
		return nil
	}
	return d.alarm(Collapse, since, "samples are of a few classes: their shares diverge by %.2f nats from the data's; "+
		"see that the data has all classes, and %s",
		d.last().KL, mendCollapse)
}

// distanceLost finds samples that were like the data and no longer are.
func (d diagnosis) distanceLost() *Finding {
	since, ok := d.since(1, func(i int) bool {
		best, _ := d.bestBefore(i, d.gap)
		return best <= goodGap && d.gap(d.looks[i]) > lostFactor*best+lostMargin
	})
	if !ok {
		return nil
	}
	best, step := d.bestBefore(len(d.looks), func(l Look) float64 { return l.Distance })
	return d.alarm(Collapse, since, "samples went away from the data: their distance is %.4g, and was %.4g at step %d; %s",
		d.last().Distance, best, step, mendCollapse)
}

// neverVaried finds samples that are alike and do not become otherwise.
func (d diagnosis) neverVaried() *Finding {
	since, ok := d.since(2, func(i int) bool { return d.looks[i].Diversity < poorVariety })
	if !ok || d.improved(1) {
		return nil
	}
	return d.alarm(Collapse, since, "samples are alike: they differ %.2f times as much as the data; %s", d.last().Diversity, mendCollapse)
}

// misled finds a generator that fools a discriminator which does not learn from it any more: samples then follow its mistakes.
func (d diagnosis) misled() *Finding {
	since, ok := d.since(1, func(i int) bool { return d.looks[i].Fooled >= misledShare })
	if !ok || d.improved(1) {
		return nil
	}
	return d.alarm(Collapse, since, "the discriminator is fooled in %.0f %% of steps (real logit %.3g, fake %.3g) "+
		"and does not learn from it, so that samples follow its mistakes; give it a higher learning rate or more updates", 100*d.last().Fooled, d.last().RealLogit, d.last().FakeLogit)
}

// stuck finds samples that are far from the data and come no nearer.
func (d diagnosis) stuck() *Finding {
	if !d.stalled(2) {
		return nil
	}
	first := d.looks[d.window(2)]
	return d.alarm(Collapse, first.Step, "samples come no nearer to the data: their distance is %.4g, "+
		"where the data's own spread is %.4g, and real examples have %.4g; see whether both players learn, and try other learning rates", d.last().Distance, d.spread, d.real.Distance)
}

// stalled tells whether the gaps of the last looks, so many times as long as patience asks for, are all bad, and none clearly less than
// the least before them.
func (d diagnosis) stalled(times int) bool {
	first := d.window(times)
	if first < 1 || d.improved(times) {
		return false
	}
	for _, look := range d.looks[first:] {
		if d.gap(look) < badGap {
			return false
		}
	}
	return true
}

// improved tells whether one of these looks has a gap clearly less than the least before them, or a diversity clearly nearer to the
// data's: slow trainings gain variety long before their samples come nearer.
func (d diagnosis) improved(times int) bool {
	first := max(0, d.window(times))
	unlike := func(l Look) float64 { return math.Abs(1 - l.Diversity) }
	gap, _ := d.bestBefore(first, d.gap)
	variety, _ := d.bestBefore(first, unlike)
	for _, look := range d.looks[first:] {
		if d.gap(look) < stuckGain*gap || unlike(look) < variety-varietyGain {
			return true
		}
	}
	return false
}

const mendCollapse = "go back to the best checkpoint, and try lower learning rates or a penalty"

// alarm returns a finding.
func (d diagnosis) alarm(kind Kind, since int, format string, args ...any) *Finding {
	return &Finding{kind, Alarm, since, fmt.Sprintf(format, args...)}
}
