package augment

import (
	"cmp"
	"image"
	"math/rand/v2"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"
)

// Policy is a list of operations that change a picture one after the other, each with its probability. It has a text
// form, which ParsePolicy reads and String writes. The empty policy changes nothing.
//
// Operations that move pixels and stand side by side, with the same border, are done by one lookup: flip, rotate, scale,
// translate, shear and crop in any number, and elastic after them. Otherwise each would blur the picture anew by its
// interpolation.
type Policy []Step

// Step is an operation of a Policy.
type Step struct {
	Operation   Operation
	Probability float64 // That a picture goes through it, each by itself; 0 means 1.
}

// probability returns the step's.
func (s Step) probability() float64 { return cmp.Or(s.Probability, 1) }

// Check returns an error if a step has no operation, or something about it is out of range.
func (p Policy) Check() error {
	for i, step := range p {
		if step.Operation == nil {
			return errors.Errorf("augment: step %d of the policy has no operation", i+1)
		}
		if err := step.Operation.Check(); err != nil {
			return err
		}
		if err := checkRange(step.Operation.Name(), "probability", step.Probability, 0, 1); err != nil {
			return err
		}
	}
	return nil
}

// Draws returns how many numbers from U[0, 1) an example shaped [height, width, channels] needs: for each step one that
// decides whether it happens, and those of its operation.
func (p Policy) Draws(shape []int) int {
	draws := 0
	for _, step := range p {
		draws += 1 + step.Operation.Draws(shape)
	}
	return draws
}

// Graph returns the images, shaped [batch, height, width, channels], each changed by numbers of its own, which the
// generator of the scope's store draws. It lets gradients through. Values may leave [-1, 1].
func (p Policy) Graph(scope *model.Scope, images *Node) *Node {
	return p.GraphOften(scope, images, nil)
}

// GraphOften is Graph with the probability of each step multiplied by a number from 0 to 1, a scalar of the images' dtype.
func (p Policy) GraphOften(scope *model.Scope, images, often *Node) *Node {
	checkImages("Policy", images)
	if len(p) == 0 {
		return images
	}
	dims := images.Shape().Dimensions
	table := scope.RandomUniform(images.Graph(), shapes.Make(images.DType(), dims[0], p.Draws(dims[1:])))
	return p.change(images, table, often)
}

// GraphFrom is Graph with numbers from U[0, 1) that are given, shaped [batch, Draws].
func (p Policy) GraphFrom(images, draws *Node) *Node {
	checkImages("Policy", images)
	return p.change(images, draws, nil)
}

func (p Policy) change(images, draws, often *Node) *Node {
	shape := images.Shape().Dimensions[1:]
	for _, run := range p.runs(shape) {
		if run.moves {
			images = p.moveAll(run, images, draws, often)
			continue
		}
		step := p[run.first]
		changed := step.Operation.Graph(images, run.columns(0, draws))
		if happens := step.happens(run.column(0, draws), often); happens != nil {
			changed = Where(BroadcastToShape(Reshape(happens, -1, 1, 1, 1), shapes.Make(happens.DType(), images.Shape().Dimensions...)), changed, images)
		}
		images = changed
	}
	return images
}

// happens tells for each example, [batch], whether it goes through the step; nil means that all do.
func (s Step) happens(draws, often *Node) *Node {
	if often == nil && s.probability() == 1 {
		return nil
	}
	probability := Scalar(draws.Graph(), draws.DType(), s.probability())
	if often != nil {
		probability = Mul(probability, ConvertDType(often, draws.DType()))
	}
	return LessThan(draws, probability)
}

// moveAll does a run of operations that move pixels. The first map of a picture is the last on the way back from a pixel
// of the result to its place in the images.
func (p Policy) moveAll(run run, images, draws, often *Node) *Node {
	height, width := float64(images.Shape().Dim(1)), float64(images.Shape().Dim(2))
	var way lookup
	var displacements []*Node
	for i := run.count - 1; i >= 0; i-- {
		step := p[run.first+i]
		happens := step.happens(run.column(i, draws), often)
		if elastic, ok := step.Operation.(RandomElastic); ok {
			displacements = elastic.displacements(images, run.columns(i, draws))
			if happens != nil {
				for j, d := range displacements {
					displacements[j] = Mul(d, ConvertDType(Reshape(happens, -1, 1), d.DType()))
				}
			}
			continue
		}
		m := step.Operation.(moving).maps(run.columns(i, draws), height, width).filled()
		if happens != nil {
			m = m.where(happens)
		}
		if way.xx != nil {
			m = m.after(way)
		}
		way = m
	}
	if way.xx == nil {
		ones := OnesLike(column(draws, 0))
		way = lookup{xx: ones, yy: ones}
	}
	return lookUp(images, way, displacements, run.border)
}

// Picture returns the picture changed by numbers from U[0, 1) that are given, as many as Draws says, and leaves the one
// given as it is.
func (p Policy) Picture(picture *Picture, draws []float64) *Picture {
	height, width := float64(picture.Height), float64(picture.Width)
	for _, run := range p.runs(picture.shape()) {
		way, by := nowhere, (*displacement)(nil)
		for i := run.count - 1; i >= 0; i-- {
			step := p[run.first+i]
			own := draws[run.starts[i]:]
			if own[0] >= step.probability() {
				continue
			}
			own = own[1 : 1+step.Operation.Draws(picture.shape())]
			switch operation := step.Operation.(type) {
			case RandomElastic:
				by = operation.displacement(picture, own)
			case moving:
				way = operation.mapOf(own, height, width).after(way)
			default:
				picture = operation.Picture(picture, own)
			}
		}
		picture = picture.lookUp(way, by, run.border)
	}
	return picture
}

// Apply returns the image changed by numbers drawn from random: an *image.Gray if it was grey and opaque, else an
// *image.NRGBA, of the same size and with its upper left corner at (0, 0). Pictures of 16 bits are reduced to 8.
func (p Policy) Apply(img image.Image, random *rand.Rand) image.Image {
	picture := NewPicture(img)
	if picture.Height == 0 || picture.Width == 0 {
		return picture.Image()
	}
	draws := make([]float64, p.Draws(picture.shape()))
	for i := range draws {
		draws[i] = random.Float64()
	}
	return p.Picture(picture, draws).Image()
}

// run is steps of a policy that are done at once: one, or several that move pixels.
type run struct {
	first, count int
	moves        bool
	border       Border
	starts       []int // Where the draws of each step begin, and behind the last, where they end.
}

// runs returns the runs of the policy.
func (p Policy) runs(shape []int) []run {
	var runs []run
	next, open := 0, false // Open means that the last run takes more moves.
	for i, step := range p {
		border, moves, elastic := movesOf(step.Operation)
		joins := moves && open && (border == anyBorder || runs[len(runs)-1].border == anyBorder || border == runs[len(runs)-1].border)
		if !joins {
			runs = append(runs, run{first: i, moves: moves, border: border, starts: []int{next}})
		}
		last := &runs[len(runs)-1]
		if last.border == anyBorder {
			last.border = border
		}
		next += 1 + step.Operation.Draws(shape)
		last.count, last.starts = last.count+1, append(last.starts, next)
		open = moves && !elastic
	}
	return runs
}

// movesOf tells whether an operation moves pixels, with which border, and whether it does so elastically.
func movesOf(operation Operation) (border Border, moves, elastic bool) {
	switch operation := operation.(type) {
	case RandomElastic:
		return operation.Border, true, true
	case moving:
		return operation.edge(), true, false
	}
	return BorderEdge, false, false
}

// column returns the draws, [batch], that decide whether step i of the run happens.
func (r run) column(i int, draws *Node) *Node { return column(draws, r.starts[i]) }

// columns returns the draws of the operation of step i of the run; if it needs none, one column for the batch's size.
func (r run) columns(i int, draws *Node) *Node {
	from, to := r.starts[i]+1, r.starts[i+1]
	if from == to {
		from--
	}
	return Slice(draws, AxisRange(), AxisRange(from, to))
}
