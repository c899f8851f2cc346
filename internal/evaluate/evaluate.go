package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// DefaultSeed is torch-fidelity's, so that random subsets are its subsets.
const DefaultSeed = 2020

const (
	// defaultReplicates is how often the Fréchet distance is resampled for its interval where that is quick: at up to
	// quickFeatures features.
	defaultReplicates = 100
	quickFeatures     = 256
)

// Options say what to evaluate and how.
type Options struct {
	Real, Fake *Source
	Features   string   // Of the extractor, see features.Open; "" chooses one.
	Metrics    []string // See MetricNames; none means those that make sense.
	Seed       int64    // Of all random choices; 0 means DefaultSeed.
	Bootstrap  int      // Replicates of the intervals of the Fréchet distance; 0 means 100 where that is quick, less none.
	Paired     bool     // Picture i of one side belongs to picture i of the other.
	Cache      string   // Folder for statistics of the real side; "" keeps none.
	Size       int      // As in SourceOptions; the cards tell.
	Channels   int

	// Of pictures that were made from others.
	Origin *Source  // What picture i was made from; nil if that is not known.
	Again  *Source  // What comes back when picture i is translated back; nil without.
	Masks  []uint8  // One of [height, width] for each picture, in which all but 0 is a hole that was filled; nil without.
	Usual  []string // Metrics that are taken, as far as they can be had, if none is asked for; nil means those that make sense.

	// Progress, if not nil, is called with how much of what is done; a total of 0 means that it is not known.
	Progress func(what string, done, total int)
}

// Result is what an evaluation found.
type Result struct {
	Keys      []string // Of the scores, in their order.
	Scores    map[string]metrics.Score
	Notes     []string // What the user should know, one line each.
	Extractor string   // "" if there was no need for one.
	Pictures  []string // Paths of those that WritePictures wrote.
	Beside    []string // What a task's run is compared with, see Better.

	drawn      []drawnPicture // Of a task's run.
	options    Options
	real, fake *statistics            // Nil if no metric was of features.
	nearest    *metrics.NearestResult // Of all that are kept; nil if it was not asked for.
}

// evaluation is an evaluation under way.
type evaluation struct {
	Options
	ctx       context.Context
	backend   compute.Backend
	extractor *features.Extractor
	resize    string
	chosen    []metric

	real, fake *statistics
	inception  *metrics.InceptionScore
	result     *Result
}

// Evaluate judges the fake side by the real one. The same sources and options give the same scores, on one backend, whether
// the cache is used or not. It is an error if a metric that was asked for cannot be had, or if any fails.
func Evaluate(ctx context.Context, backend compute.Backend, options Options) (*Result, error) {
	if options.Seed == 0 {
		options.Seed = DefaultSeed
	}
	e := &evaluation{Options: options, ctx: ctx, backend: backend}
	e.result = &Result{Scores: map[string]metrics.Score{}, options: options}
	if err := e.prepare(); err != nil {
		return nil, err
	}
	if err := e.measure(); err != nil {
		return nil, err
	}
	for _, m := range e.chosen {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		e.say(m.name, 0, 0)
		if err := m.compute(e); err != nil {
			return nil, errors.WithMessage(err, m.name)
		}
	}
	e.result.real, e.result.fake = e.real, e.fake
	return e.result, nil
}

// prepare draws the samples, opens the extractor and chooses the metrics.
func (e *evaluation) prepare() error {
	if err := CheckMetrics(e.Metrics); err != nil {
		return err
	}
	if err := CheckShapes(e.Real, e.Fake); err != nil {
		return err
	}
	if e.Paired && e.Real.Len() != e.Fake.Len() {
		return errors.Errorf("%s has %d examples and %s %d; pairs (--paired) need as many of both", e.Real.Name, e.Real.Len(), e.Fake.Name, e.Fake.Len())
	}
	if e.Real.ArePictures() {
		if err := e.openExtractor(); err != nil {
			return err
		}
	} else if e.Features != "" {
		return errors.Errorf("features are for pictures, and %s holds points in the plane; leave --features out", e.Real.Name)
	}
	if err := e.choose(); err != nil {
		return err
	}
	e.noteExtractor()
	for _, side := range []*Source{e.Real, e.Fake} {
		if err := side.Draw(e.ctx, e.backend); err != nil {
			return err
		}
		e.result.Notes = append(e.result.Notes, side.Notes...)
	}
	return nil
}

// openExtractor opens the extractor asked for, or the one that the package has for the real data.
func (e *evaluation) openExtractor() error {
	spec := e.Features
	if spec == "" {
		spec = features.Default(e.Real.Data, e.Real.Shape)
	}
	var err error
	if e.extractor, err = features.Open(e.backend, spec); err != nil {
		return err
	}
	e.resize, err = e.extractor.Resize(e.Real.Shape)
	return err
}

// noteExtractor tells by what the pictures are judged, if a metric that was chosen uses it.
func (e *evaluation) noteExtractor() {
	uses := false
	for _, m := range e.chosen {
		uses = uses || e.usesFeatures(m) || m.name == "perceptual" || m.name == "label"
	}
	if !uses {
		return
	}
	e.result.Extractor = e.extractor.Name()
	if e.Features == "" && e.extractor.Name() == features.Pixels {
		e.note("features are the pixels, which are a poor judge: they see what is bright where and no shapes; the standard is --features inception:FILE")
	}
}

// usesFeatures tells whether a metric is of the features that are extracted from both sides.
func (e *evaluation) usesFeatures(m metric) bool {
	return m.needs.features || m.name == "modes" && e.Real.ArePictures()
}

// measure goes through both sides if a metric needs their features.
func (e *evaluation) measure() error {
	needed := false
	for _, m := range e.chosen {
		needed = needed || e.usesFeatures(m)
		if m.name == "is" {
			var err error
			e.inception, err = metrics.NewInceptionScore(e.Fake.Len(), len(e.extractor.Classes()), metrics.InceptionScoreOptions{Seed: e.Seed})
			if err != nil {
				return errors.WithMessagef(err, "is of %s", e.Fake.Name)
			}
		}
	}
	if !needed {
		return nil
	}
	if err := e.checkEnough(e.extractor.Size()); err != nil { // Before the work, if the number of features is known.
		return err
	}
	fake := extraction{source: e.Fake, extractor: e.extractor, progress: e.progress("features of " + e.Fake.Name)}
	if e.inception != nil {
		fake.logits = e.inception.Add
	}
	var err error
	if e.fake, err = fake.run(e.ctx); err != nil {
		return err
	}
	if e.real, err = e.realStatistics(); err != nil {
		return err
	}
	if err := e.checkEnough(e.fake.size); err != nil {
		return err
	}
	return e.checkVaried()
}

// realStatistics returns the statistics of the real side, from the cache if they are there.
func (e *evaluation) realStatistics() (*statistics, error) {
	path := ""
	if e.Cache != "" {
		n := e.Real.Len()
		path = cacheKey{
			data: e.Real.Hash, shape: e.Real.Shape, extractor: e.extractor.Name() + " " + e.extractor.Hash(), resize: e.resize,
			n: n, kept: kept(n), backend: e.backend.Name(),
		}.path(e.Cache)
		if s, err := readStatistics(path, n, len(e.extractor.Classes())); err == nil {
			return s, nil
		}
	}
	s, err := extraction{source: e.Real, extractor: e.extractor, progress: e.progress("features of " + e.Real.Name)}.run(e.ctx)
	if err != nil || path == "" {
		return s, err
	}
	if err := writeStatistics(path, s); err != nil { // The scores are there all the same.
		e.note("the statistics of %s were not kept for the next time: %v", e.Real.Name, err)
	}
	return s, nil
}

// fewest is how many pictures judge something at all, without the Fréchet distance.
const fewest = 50

// checkEnough returns an error if there are too few examples for the covariance of so many features, and the Fréchet distance
// was asked for, or they are too few for anything else. If not, that is left out.
func (e *evaluation) checkEnough(size int) error {
	if size == 0 || !e.chose("fid") {
		return nil
	}
	for _, side := range []*Source{e.Fake, e.Real} {
		if side.Len() > size {
			continue
		}
		mend := "bring more, or ask for kid, which needs fewer (--metrics kid)"
		if side.Run != nil {
			mend = fmt.Sprintf("draw more (--n %d)", DefaultSamples)
		}
		why := fmt.Sprintf("%s has %d pictures, and the covariance of the %d features of %s takes at least %d",
			side.Name, side.Len(), size, e.extractor.Name(), size+1)
		if slices.Contains(e.Metrics, "fid") || side.Len() < fewest && e.Usual == nil {
			return errors.Errorf("fid: %s; %s", why, mend)
		}
		e.note("fid is left out: %s", why)
		e.chosen = slices.DeleteFunc(e.chosen, func(m metric) bool { return m.name == "fid" })
		return nil
	}
	return nil
}

// checkVaried returns an error if the real pictures are all alike, which then can judge nothing, and notes it if the fake ones
// are: a generator that has collapsed.
func (e *evaluation) checkVaried() error {
	const tiny = 1e-12 // Of the mean square of the features: rounding.
	alike := func(s *statistics) bool {
		var variance, square float64
		for i, mean := range s.mean {
			variance += s.covariance.At(i, i)
			square += mean * mean
		}
		return variance <= tiny*square
	}
	if alike(e.real) {
		return errors.Errorf("the %d pictures of %s are all alike to %s, so that they cannot judge others", e.Real.Len(), e.Real.Name, e.extractor.Name())
	}
	if alike(e.fake) {
		e.note("the %d pictures of %s are all alike to %s", e.Fake.Len(), e.Fake.Name, e.extractor.Name())
	}
	return nil
}

// chose tells whether the metric was chosen.
func (e *evaluation) chose(name string) bool {
	return slices.ContainsFunc(e.chosen, func(m metric) bool { return m.name == name })
}

func (e *evaluation) note(format string, arguments ...any) {
	e.result.Notes = append(e.result.Notes, fmt.Sprintf(format, arguments...))
}

func (e *evaluation) say(what string, done, total int) {
	if e.Progress != nil {
		e.Progress(what, done, total)
	}
}

func (e *evaluation) progress(what string) func(done, total int) {
	return func(done, total int) { e.say(what, done, total) }
}

// add adds a score.
func (e *evaluation) add(card metrics.Card, value float64, interval *metrics.Interval, intervalWords string) {
	score := metrics.Score{Value: value, Card: card}
	if interval != nil {
		score.Low, score.High = &interval.Low, &interval.High
		score.Card.Interval = intervalWords
	}
	e.result.Keys = append(e.result.Keys, card.Metric)
	e.result.Scores[card.Metric] = score
}

// parts adds what a score is made of.
func (e *evaluation) parts(key string, parts map[string]float64) {
	score := e.result.Scores[key]
	score.Parts = parts
	e.result.Scores[key] = score
}

// card returns the card of a score of so many fake and real examples; settings are names and values in turn.
func (e *evaluation) card(key string, samples, references int, settings ...any) metrics.Card {
	card := metrics.Card{
		Metric: key, Samples: samples, References: references, Reference: e.Real.Name, ReferenceHash: e.Real.Hash,
		Split: cmp.Or(e.Real.Split, "all"), Seed: e.Seed, Settings: map[string]string{},
	}
	for i := 0; i < len(settings); i += 2 {
		card.Settings[fmt.Sprint(settings[i])] = fmt.Sprint(settings[i+1])
	}
	if e.Size > 0 {
		card.Settings["size"] = fmt.Sprint(e.Size)
	}
	if e.Channels > 0 {
		card.Settings["channels"] = fmt.Sprint(e.Channels)
	}
	if run := e.Fake.Run; run != nil && run.Truncation > 0 {
		card.Settings["truncation"] = fmt.Sprint(run.Truncation)
	}
	var parts []string
	for _, part := range []struct {
		used int
		of   *Source
		what string
	}{{samples, e.Fake, "samples"}, {references, e.Real, "references"}} {
		if part.used > 0 && part.used < part.of.Len() {
			parts = append(parts, fmt.Sprintf("%d of %d %s", part.used, part.of.Len(), part.what))
		}
	}
	if parts != nil {
		card.Settings["subset"] = strings.Join(parts, ", ") + ", evenly spread"
	}
	return card
}

// featureCard is card for a score of features.
func (e *evaluation) featureCard(key string, samples, references int, settings ...any) metrics.Card {
	card := e.card(key, samples, references, settings...)
	card.Extractor, card.ExtractorHash, card.Resize = e.extractor.Name(), e.extractor.Hash(), e.resize
	return card
}
