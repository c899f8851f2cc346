// Package enlarge makes a labelled set larger: each class gets new pictures until it has as many as are asked for. They are
// classical changes of its own pictures, samples of a GAN that is trained on the set and nothing else, or both.
//
// A new picture is decided by the seed, its class and its number in that class alone. So the result is the same whether it is
// made at once, in shards on many machines, or by a program that was stopped and started again. For the samples of a GAN that
// holds on one kind of backend, as training does.
//
// [New] gives an [Enlarger], whose samples come one by one; [Write] makes a folder of pictures with a manifest, which the data
// set "folder:DIR" reads back. A further method is a file with a call of register in it.
package enlarge

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/augment"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// Options say how a set is made larger. Only To, or a set whose classes differ in size, is needed for anything to happen.
type Options struct {
	Method string  // One of Methods; "" means "mix".
	To     int     // Pictures that each class is to have, its own ones included; 0 means as many as the largest class has.
	Seed   int64   // Decides every draw. Equal seeds give equal sets on the same backend.
	Share  float64 // With "mix", the part of the new pictures that the GAN makes, in (0, 1); 0 means a half.

	Policy augment.Policy // The classical changes; nil means augment.For the set.
	GAN    GAN            // The network that samples come from.
	Style  Style          // How far pictures take on the style of others.

	Confidence float64 // With which the filter must take a sample for its class, in (0, 1]; 0 means 0.5.
	CopyRatio  float64 // Up to which a sample counts as a copy, see Origin.Ratio; 0 means metrics.CopyRatio, negative that none does.
	Tries      int     // Samples that are looked at for one place; 0 means 50. Then a classical change takes the place.

	Filter features.Training // Of the filter; zero values: 300 steps of 64 pictures, with the policy and the seed.

	// Shard of Shards is the part that is made: 1 of 4, 2 of 4 and so on. 0 of 0 means all.
	Shard, Shards int

	// Keep is a folder to keep the trained GAN and the filter in, so that they are trained once; "" keeps them in memory.
	// Several programs may share it: one trains, the others wait for it.
	Keep string

	View datasets.View // Which part of the data the set is, for the record.

	// Progress, if not nil, is called as the work goes on, with the stage in words; a total of 0 means that nobody knows it.
	Progress func(stage string, done, total int)
}

// GAN says how the network is trained that new pictures are drawn from. Its zero value is what Recipe says.
type GAN struct {
	Run    string        // Folder of a run to use in place of training one; it must have been told the classes of the set.
	Config *gan.Config   // In place of Recipe's; Dir, Seed and the number of classes are filled in.
	Batch  int           // Pictures of a batch; 0 means Recipe's.
	Steps  int           // Of the training; 0 means Recipe's.
	Limit  time.Duration // In place of Steps; the pictures then depend on the speed of the machine. 0 means none.
}

// Sample is a picture of the enlarged set.
type Sample struct {
	Picture []uint8 // Of the set's shape, row by row.
	Label   int32   // Its class.
	Number  int     // Its place in the class, from 0 on: the class's own pictures come first.
	Origin  Origin
}

// Origin says where a picture comes from.
type Origin struct {
	Method string `json:"method"` // "original", "classic", "gan" or "style".

	// Seed decides the picture, where it is new. A classical one is Policy.Apply of its parent with the random numbers of
	// rand.NewPCG(Seed, 0), one of a GAN is Trainer.Draw of one sample of the class with the Seed.
	Seed int64 `json:"seed,omitempty"`

	Parents []int    `json:"parents,omitempty"`      // The numbers, in the set, of the pictures that it was made from; a style's comes second.
	Names   []string `json:"parent_names,omitempty"` // What those are called, where they have names.

	Strength float64 `json:"strength,omitempty"` // Of the style that it was given.

	// Of a sample of a GAN: what the filter thinks, as a probability, of its class; the number of the picture of the set that
	// is nearest to it; and how near, as a part of the usual distance between neighbours in its class.
	Confidence float64 `json:"confidence,omitempty"`
	Nearest    *int    `json:"nearest,omitempty"`
	Ratio      float64 `json:"ratio,omitempty"`

	// How many samples were looked at for the place, and how many of them the filter doubted or were copies.
	Tries   int `json:"tries,omitempty"`
	Doubted int `json:"doubted,omitempty"`
	Copies  int `json:"copies,omitempty"`

	// InPlaceOf is the method that should have made the picture, but found none that could be accepted; "" if it did.
	InPlaceOf string `json:"in_place_of,omitempty"`
}

// Enlarger makes a set larger. Make one with New. It is not safe for concurrent use.
type Enlarger struct {
	backend compute.Backend
	set     *datasets.Set
	options Options
	method  Method
	byClass [][]int
	slots   []slot
	recipe  recipe // Of the GAN, where the method has one.

	makers map[string]maker
	judge  *judge   // Nil until it is needed.
	draw   drawFunc // Draws candidates; nil until the GAN is trained.
}

// New returns an enlarger of the set, which it does not change. Training begins when it is first needed. The backend may be
// nil for methods that compute nothing with networks, see Method.
//
// The error names what is wrong: a set without classes, a class that is larger than asked for, one with too few pictures to learn from.
func New(backend compute.Backend, set *datasets.Set, options Options) (*Enlarger, error) {
	e := &Enlarger{backend: backend, set: set, options: options.filled(set), makers: map[string]maker{}}
	var err error
	if e.method, err = methodNamed(e.options.Method); err != nil {
		return nil, err
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	if e.slots, err = e.plan(); err != nil {
		return nil, err
	}
	return e, nil
}

// filled returns the options with their zero values filled in.
func (o Options) filled(set *datasets.Set) Options {
	o.Method = cmp.Or(o.Method, mixName)
	if o.Share == 0 {
		o.Share = 0.5
	}
	o.Confidence = cmp.Or(o.Confidence, 0.5)
	o.CopyRatio = cmp.Or(o.CopyRatio, metrics.CopyRatio)
	o.Tries = cmp.Or(o.Tries, 50)
	o.Style.Strength = cmp.Or(o.Style.Strength, 1)
	if o.Shard == 0 && o.Shards == 0 {
		o.Shard, o.Shards = 1, 1
	}
	if o.Policy == nil {
		o.Policy = augment.For(set.Name, set.Shape)
	}
	if o.Filter.Policy == nil {
		o.Filter.Policy = o.Policy
	}
	o.Filter.Seed = cmp.Or(o.Filter.Seed, o.Seed)
	if o.Filter.Epochs == 0 {
		o.Filter.Steps, o.Filter.Batch = cmp.Or(o.Filter.Steps, 300), cmp.Or(o.Filter.Batch, 64)
	}
	o.Filter = o.Filter.Filled(set.Len())
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	return o
}

// check returns an error about options out of range, and sets that cannot be enlarged.
func (e *Enlarger) check() error {
	o, set := e.options, e.set
	switch {
	case !(o.Share > 0 && o.Share < 1):
		return errors.Errorf("enlarge: the share of the GAN must lie between 0 and 1, got %g; for none or all of it choose the method classic or gan", o.Share)
	case !(o.Confidence > 0 && o.Confidence <= 1):
		return errors.Errorf("enlarge: the confidence must be above 0 and at most 1, got %g", o.Confidence)
	case o.Tries < 1:
		return errors.Errorf("enlarge: at least 1 sample must be tried, not %d", o.Tries)
	case o.To < 0:
		return errors.Errorf("enlarge: a class cannot be filled up to %d pictures", o.To)
	case o.Policy.Check() != nil:
		return o.Policy.Check()
	case o.Shards < 1 || o.Shard < 1 || o.Shard > o.Shards:
		return errors.Errorf("enlarge: there is no shard %d of %d; of 4 there are 1, 2, 3 and 4", o.Shard, o.Shards)
	case set.Points != nil:
		return errors.Errorf("enlarge: %s holds points, and only pictures can be augmented", set.Name)
	case set.Labels == nil || len(set.Classes) == 0:
		return errors.Errorf("enlarge: %s has no classes to enlarge; put its pictures into a folder for each class, or name their classes in a CSV file (Options.Labels, --labels)", set.Name)
	}
	e.byClass = set.ByClass()
	for class, list := range e.byClass {
		if len(list) == 0 {
			return errors.Errorf("enlarge: %s: the class %q has no picture to start from; leave it out (Only, --only)", set.Name, set.Classes[class])
		}
	}
	for _, part := range e.parts() {
		method, err := methodNamed(part.method)
		if err != nil {
			return err
		}
		if method.Computes && e.backend == nil {
			return errors.Errorf("enlarge: the method %s needs a backend; xla.New returns one", e.method.Name)
		}
		if method.check != nil {
			if err := method.check(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// Len returns how many pictures the samples are: those of the shard.
func (e *Enlarger) Len() int { return len(e.slots) }

// Samples yields the pictures of the shard: first those of the set itself, then the new ones, in an order that is not that of
// their places. It ends with the first error, which the end of the context is, too.
func (e *Enlarger) Samples(ctx context.Context) iter.Seq2[Sample, error] {
	return e.samples(ctx, e.slots)
}

// samples yields the pictures of the slots, one method after the other.
func (e *Enlarger) samples(ctx context.Context, slots []slot) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for _, name := range append([]string{originalName}, methodNames()...) {
			var own []slot
			for _, s := range slots {
				if s.method == name {
					own = append(own, s)
				}
			}
			if len(own) == 0 {
				continue
			}
			maker, err := e.maker(ctx, name)
			if err != nil {
				yield(Sample{}, err)
				return
			}
			for sample, err := range maker.samples(ctx, own) {
				if err == nil && ctx.Err() != nil {
					err = errors.WithStack(ctx.Err())
				}
				if !yield(sample, err) || err != nil {
					return
				}
			}
		}
	}
}

// Set returns the pictures of the shard as a set, class by class in the order of their numbers, and where each comes from.
func (e *Enlarger) Set(ctx context.Context) (*datasets.Set, []Origin, error) {
	samples := make([]Sample, 0, len(e.slots))
	for sample, err := range e.Samples(ctx) {
		if err != nil {
			return nil, nil, err
		}
		samples = append(samples, sample)
		e.options.Progress("making pictures", len(samples), len(e.slots))
	}
	slices.SortFunc(samples, func(a, b Sample) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Number, b.Number)) })
	larger := &datasets.Set{Name: e.set.Name, Shape: slices.Clone(e.set.Shape), Classes: slices.Clone(e.set.Classes)}
	origins := make([]Origin, len(samples))
	for i, sample := range samples {
		larger.Pixels = append(larger.Pixels, sample.Picture...)
		larger.Labels = append(larger.Labels, sample.Label)
		origins[i] = sample.Origin
	}
	return larger, origins, nil
}
