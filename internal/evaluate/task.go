package evaluate

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/inpaint"
	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/gan/training"
	"github.com/ganymede-ml/ganymede/gan/translate"
)

// TaskOptions say how the run of a task is judged: one that makes pictures from pictures.
type TaskOptions struct {
	Dir     string           // Of the run.
	Data    string           // What it was trained on, as its user called that.
	Options datasets.Options // How that is opened: which pictures judge. Size and Channels follow from the run.
	Learned datasets.View    // Which pictures it has learned from.

	Direction string        // Of translations: "AtoB" or "BtoA"; "" means all that were learned.
	Masks     inpaint.Masks // Of holes; the zero value means those that the run learned to fill.

	N         int // Pictures to judge by, spread evenly over all; 0 means all.
	Features  string
	Metrics   []string // Further: those of the pairs, if there are such.
	Seed      int64
	Bootstrap int
	Cache     string

	Progress func(what string, done, total int)
}

// Names of what a run is compared with.
const (
	Identity  = "identity"   // Nothing is done to the pictures.
	Affine    = "affine"     // The best map of each channel's values a·x + b, fitted to the pairs that were learned from.
	MeanValue = "mean value" // Holes have the mean colour of what is known of the picture.
)

// betterPart is how the part of a score is called that says by how many percent the run is better than something else.
func betterPart(than string) string { return "better_than_" + partName(than) + "_percent" }

// partName is what a baseline's own score is called among the parts of a score.
func partName(baseline string) string { return strings.ReplaceAll(baseline, " ", "_") }

// Better returns the score of something that a run is compared with, and by how many percent the run is better.
func Better(score metrics.Score, than string) (its, percent float64, ok bool) {
	its, ok = score.Parts[partName(than)]
	percent = math.NaN()
	if better, has := score.Parts[betterPart(than)]; has {
		percent = better
	}
	return its, percent, ok
}

// JudgeRun judges the run of a task by pictures it has not seen: translations by what they should be, or where pictures
// have no partners by those of the other kind, and filled holes by what was there. Parts of each score are those of simple
// ways to do the same, see Identity, and by how many percent the run is better.
func JudgeRun(ctx context.Context, backend compute.Backend, o TaskOptions) (*Result, error) {
	task, err := training.TaskOf(o.Dir)
	if err != nil {
		return nil, err
	}
	if o.Seed == 0 {
		o.Seed = DefaultSeed
	}
	j := &judging{TaskOptions: o, ctx: ctx, backend: backend, result: &Result{Scores: map[string]metrics.Score{}}}
	switch task {
	case translate.Task:
		err = j.translations()
	case inpaint.Task:
		err = j.fillings()
	case "":
		err = errors.Errorf("%s holds a run that draws from latents", o.Dir)
	default:
		err = errors.Errorf("%s holds a run of %s, for which there are no scores; see what it makes with ganymede %s", o.Dir, task, task)
	}
	if err != nil {
		return nil, err
	}
	if o.Options.Split != "" && o.Options.Split != o.Learned.Split && o.Learned.Split == "" {
		j.note("the run has learned from all pictures, so that it has seen these")
	}
	return j.result, nil
}

// judging is the evaluation of a task's run under way.
type judging struct {
	TaskOptions
	ctx     context.Context
	backend compute.Backend
	run     RunInfo
	result  *Result
}

// comparison is one thing that a run is judged by: what it makes of pictures, beside the truth.
type comparison struct {
	suffix    string // Of the keys of its scores.
	direction string // Noted in the cards; "" for none.
	usual     []string
	origin    *datasets.Set // What goes in.
	truth     *datasets.Set // What should come out, or pictures of that kind.
	paired    bool
	made      *datasets.Set
	baselines []baseline
	masks     []uint8       // Of inpainting; nil without.
	again     *datasets.Set // What comes back when what was made is translated back; nil without.
}

// baseline is a simple way to do what a run does.
type baseline struct {
	name string
	made *datasets.Set
}

// evaluate adds the scores of a comparison to the result.
func (j *judging) evaluate(c comparison) error {
	scored, err := j.scores(c, c.made, j.Metrics)
	if err != nil {
		return err
	}
	for _, note := range scored.Notes {
		if !slices.Contains(j.result.Notes, note) {
			j.result.Notes = append(j.result.Notes, note)
		}
	}
	var others []*Result
	c.again = nil // Nothing comes back of what no translator made.
	comparable := slices.DeleteFunc(metricsOf(scored), func(name string) bool { return name == "cycle" })
	for _, other := range c.baselines {
		if len(comparable) == 0 {
			break
		}
		result, err := j.scores(c, other.made, comparable)
		if err != nil {
			return errors.WithMessage(err, other.name)
		}
		others = append(others, result)
		if !slices.Contains(j.result.Beside, other.name) {
			j.result.Beside = append(j.result.Beside, other.name)
		}
	}
	for _, key := range scored.Keys {
		score := scored.Scores[key]
		if c.direction != "" {
			score.Card.Settings["direction"] = c.direction
		}
		for i, other := range others {
			if its, ok := other.Scores[key]; ok {
				addBaseline(&score, key, c.baselines[i].name, its.Value)
			}
		}
		score.Card.Metric += c.suffix
		j.result.Keys = append(j.result.Keys, key+c.suffix)
		j.result.Scores[key+c.suffix] = score
	}
	j.result.Extractor, j.result.options = scored.Extractor, scored.options
	return nil
}

// addBaseline adds to the parts of a score what something else has, and by how many percent the score is better.
func addBaseline(score *metrics.Score, key, name string, its float64) {
	if score.Parts == nil {
		score.Parts = map[string]float64{}
	}
	score.Parts[partName(name)] = its
	better := its - score.Value
	if higherIsBetter(key) {
		better = -better
	}
	if its != 0 {
		score.Parts[betterPart(name)] = 100 * better / math.Abs(its)
	}
}

// metricsOf returns the metrics that the scores of a result are of.
func metricsOf(r *Result) []string {
	var names []string
	for _, m := range catalogue() {
		if slices.ContainsFunc(m.scores, func(score about) bool { _, ok := r.Scores[score.key]; return ok }) {
			names = append(names, m.name)
		}
	}
	return names
}

// scores judges pictures that were made.
func (j *judging) scores(c comparison, made *datasets.Set, names []string) (*Result, error) {
	run := j.run
	fake, real, origin := SetSource(made), SetSource(c.truth), SetSource(c.origin)
	fake.Name, fake.Run, real.Name, real.Split = j.Dir, &run, j.Data, j.Options.View.String()
	var again *Source
	if c.again != nil {
		again = SetSource(c.again)
	}
	return Evaluate(j.ctx, j.backend, Options{
		Real: real, Fake: fake, Origin: origin, Again: again, Masks: c.masks, Paired: c.paired, Features: j.Features, Metrics: names, Usual: c.usual,
		Seed: j.Seed, Bootstrap: j.Bootstrap, Cache: j.Cache, Progress: j.Progress,
	})
}

func (j *judging) say(what string, done, total int) {
	if j.Progress != nil {
		j.Progress(what, done, total)
	}
}

func (j *judging) note(text string) { j.result.Notes = append(j.result.Notes, text) }

// some returns the pictures of a set that judge: all, or N of them.
func (j *judging) some(set *datasets.Set) *datasets.Set {
	if j.N == 0 || j.N >= set.Len() {
		return set
	}
	return set.Select(spread(j.N, set.Len()))
}

// batchBytes is how many bytes of pictures a network makes at a time, about.
const batchBytes = 1 << 18

// batchOf returns how many pictures of a set a network takes at a time.
func batchOf(set *datasets.Set) int {
	return min(set.Len(), max(1, min(64, batchBytes/(set.Shape[0]*set.Shape[1]*3))))
}

// setOf returns pictures as a set beside another, with its labels.
func setOf(name string, pictures *tensors.Tensor, like *datasets.Set) (*datasets.Set, error) {
	pixels, err := tensors.CopyFlatData[uint8](pictures)
	if err != nil {
		return nil, errors.WithMessage(err, name)
	}
	return &datasets.Set{Name: name, Shape: slices.Clone(pictures.Shape().Dimensions[1:]), Pixels: pixels, Labels: like.Labels, Classes: like.Classes}, nil
}

// higherIsBetter tells which way a score of pictures made from pictures is better.
func higherIsBetter(key string) bool {
	for _, better := range []string{"psnr", "ssim", "label"} {
		if strings.HasSuffix(key, better) {
			return true
		}
	}
	return false
}

// Step returns the step of the training that a run was judged at, 0 if it was no run.
func (r *Result) Step() int {
	if r.options.Fake == nil || r.options.Fake.Run == nil {
		return 0
	}
	return r.options.Fake.Run.Step
}
