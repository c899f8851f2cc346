package picturefiles

import (
	"context"
	"image"

	"github.com/ganymede-ml/ganymede/gan/tiling"
)

// Network makes pictures of pictures.
type Network struct {
	Tiling   tiling.Tiling
	Func     tiling.Func
	Channels int  // Of the pictures that it takes, 1 or 3.
	ToGrey   bool // Take the brightness of pictures with colours where Channels is 1, as FromImage does.
}

// Pipeline returns a pipeline that passes the pictures of a plan through the network, and keeps their alpha. Pictures of one
// shape share batches.
func (n Network) Pipeline(plan *Plan) Pipeline[Pixels, Pixels] {
	network := tiling.FullBatches(n.Func)
	return Pipeline[Pixels, Pixels]{
		Plan:  plan,
		Group: n.group,
		Read: func(_ File, picture *image.NRGBA) (Pixels, error) {
			return FromImage(picture, n.Channels, n.ToGrey)
		},
		Run: func(ctx context.Context, list []Pixels) ([]Pixels, error) {
			pictures := make([]tiling.Picture, len(list))
			for i, p := range list {
				pictures[i] = p.Picture
			}
			made, err := n.Tiling.Apply(ctx, pictures, network)
			if err != nil {
				return nil, err
			}
			results := make([]Pixels, len(list))
			for i, p := range list {
				results[i] = Pixels{Picture: made[i], Alpha: p.Alpha}
			}
			return results, nil
		},
		Write: Pixels.Image,
	}
}

// group puts pictures together that have one shape when they are padded. Those that are cut into tiles go alone.
func (n Network) group(size image.Point) (shape any, count int) {
	height, width, tiles, batch, err := n.Tiling.Shape(size.Y, size.X)
	if err != nil || tiles > 1 { // Apply says what is wrong.
		return nil, 1
	}
	return [2]int{height, width}, batch
}
