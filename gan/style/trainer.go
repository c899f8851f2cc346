package style

import (
	"encoding/json"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/training"
)

// Task is what run.json calls the training of a decoder.
const Task = "style"

const decoderScope = "decoder"

// Sides of pictures are multiples of this, and so many pixels at least: less has nothing for the last layer to mirror.
const (
	multiple = 8
	least    = 16
)

// Trainer trains the decoder of AdaIN. Make one with New, or with Load from a run folder.
//
// Train, whose contract is that of training.Trainer, wants batches of four inputs: a table of contents and one of styles, uint8
// [n, height, width, 1 or 3], and the int32 indices of the batch's in each, as many of both. datasets.PairBatches are such
// data, with contents as A and styles as B.
type Trainer struct {
	*training.Trainer
	config  Config
	encoder *Encoder
}

// New returns a trainer with a fresh decoder. If config.Dir is set, it starts a run folder there; it is an error if that
// already holds a run.
func New(backend compute.Backend, config Config) (*Trainer, error) {
	config = config.filled()
	if err := config.Check(); err != nil {
		return nil, err
	}
	encoder, err := OpenEncoder(config.Encoder)
	if err != nil {
		return nil, err
	}
	t := &Trainer{config: config, encoder: encoder}
	t.Trainer, err = training.New(backend, t.definition())
	return t, err
}

// Load returns a trainer that goes on with the run in the folder, from its last checkpoint, or from the start if there is none
// yet. A checkpoint holds the encoder, too, so that its file is needed no more.
func Load(backend compute.Backend, dir string) (*Trainer, error) {
	t := &Trainer{}
	var err error
	t.Trainer, err = training.Load(backend, dir, Task, func(config json.RawMessage) (training.Definition, error) {
		if err := json.Unmarshal(config, &t.config); err != nil {
			return training.Definition{}, err
		}
		if err := t.config.Check(); err != nil {
			return training.Definition{}, err
		}
		var err error
		t.encoder, err = encoderOf(t.config.Encoder)
		return t.definition(), err
	})
	if err != nil {
		return nil, err
	}
	t.config.Dir = dir
	if t.Steps() == 0 {
		t.encoder, err = OpenEncoder(t.config.Encoder)
	}
	return t, err
}

// Config returns the configuration, with its defaults filled in.
func (t *Trainer) Config() Config { return t.config }

// Stylizer returns what draws with the decoder as it is at the time of each call.
func (t *Trainer) Stylizer() (*Stylizer, error) {
	if t.Steps() == 0 {
		return nil, errors.New("style: the decoder has not been trained yet")
	}
	return newStylizer(t.Backend(), t.Store(), t.encoder)
}

func (t *Trainer) definition() training.Definition {
	return training.Definition{
		Task: Task, Config: t.config, Seed: t.config.Seed, Dir: t.config.Dir, SaveEvery: t.config.SaveEvery, Step: t.step,
	}
}

// step builds the graph of one step: equations 8 to 13 of the paper.
func (t *Trainer) step(r *training.Round) {
	content, style := t.pictures(r, 0), t.pictures(r, 1)
	contentLayer, all := t.encoder.ContentLayer(), append([]string{t.encoder.ContentLayer()}, styleLayers...)
	styled := t.encoder.Layers(r.Scope, style, all...)
	own := t.encoder.Layers(r.Scope, content, contentLayer)[0]
	target := AdaIN(own, styled[0])

	drawn := Decoder(r.Scope.At(decoderScope), t.withOwn(target, own), t.encoder.convolutions())
	batch := content.Shape().Dim(0)
	images := SliceAxis(drawn, 0, AxisRange(0, batch))
	layers := t.encoder.Layers(r.Scope, images, all...)

	contentLoss, styleLoss := ContentLoss(layers[0], target), Loss(layers[1:], styled[1:])
	r.Report("content_loss", contentLoss)
	r.Report("style_loss", styleLoss)
	loss := Add(MulScalar(contentLoss, t.config.ContentWeight), MulScalar(styleLoss, t.config.StyleWeight))
	if t.config.IdentityWeight > 0 {
		identityLoss := ContentLoss(SliceAxis(drawn, 0, AxisRange(batch)), SliceAxis(content, 0, AxisRange(0, ownOf(batch))))
		r.Report("identity_loss", identityLoss)
		loss = Add(loss, MulScalar(identityLoss, t.config.IdentityWeight))
	}
	var factor *Node
	if t.config.Decay > 0 {
		factor = Reciprocal(OnePlus(MulScalar(r.N, t.config.Decay)))
	}
	r.Learn(training.Player{Name: decoderScope, Optimizer: t.config.Optimizer, Factor: factor}, loss)
}

// withOwn returns the features to be drawn: the targets, and for the identity loss some of the contents' own.
func (t *Trainer) withOwn(target, own *Node) *Node {
	if t.config.IdentityWeight == 0 {
		return target
	}
	return Concatenate([]*Node{target, SliceAxis(own, 0, AxisRange(0, ownOf(own.Shape().Dim(0))))}, 0)
}

// ownOf returns how many of a batch the identity loss looks at: half, as each takes as long to draw as another.
func ownOf(batch int) int { return (batch + 1) / 2 }

// pictures returns the batch's contents, 0, or styles, 1, cropped.
func (t *Trainer) pictures(r *training.Round, which int) *Node {
	if len(r.Inputs) != 4 {
		Panicf("style: the data must give contents, styles and indices of both, got batches of %d inputs", len(r.Inputs))
	}
	images := gan.ToFloat(Gather(r.Inputs[which], InsertAxes(r.Inputs[2+which], -1), false))
	if images.Rank() != 4 {
		Panicf("style: pictures must be shaped [n, height, width, channels], got %s", r.Inputs[which].Shape())
	}
	if crop := t.config.Crop; crop != 0 {
		images = cropped(r.Scope, images, crop)
	}
	height, width, channels := images.Shape().Dim(1), images.Shape().Dim(2), images.Shape().Dim(3)
	if height%multiple != 0 || width%multiple != 0 || min(height, width) < least {
		Panicf("style: the sides of pictures must be multiples of %d from %d on, got %d×%d; set Config.Crop", multiple, least, height, width)
	}
	if channels == 1 {
		images = Concatenate([]*Node{images, images, images}, 3)
	}
	return images
}

// cropped returns a square out of the images, at one place drawn for all.
func cropped(scope *model.Scope, images *Node, side int) *Node {
	if height, width := images.Shape().Dim(1), images.Shape().Dim(2); min(height, width) < side {
		Panicf("style: squares of %d cannot be cut out of pictures of %d×%d", side, height, width)
	}
	images = Einsum("yh,bhwc->bywc", someOf(scope, images, 1, side), images)
	return Einsum("xw,bywc->byxc", someOf(scope, images, 2, side), images)
}

// someOf returns the matrix [side, size of the axis] that takes a part of so many pixels from the axis, at a place drawn. The Go
// backend has no slices at places drawn.
func someOf(scope *model.Scope, images *Node, axis, side int) *Node {
	g, size := images.Graph(), images.Shape().Dim(axis)
	start := Floor(MulScalar(scope.RandomUniform(g, shapes.Make(dtypes.Float32)), float64(size-side+1)))
	return OneHot(Add(Iota(g, shapes.Make(dtypes.Int32, side), 0), ConvertDType(start, dtypes.Int32)), size, dtypes.Float32)
}
