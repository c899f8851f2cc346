package tiling

import (
	"context"

	"github.com/gomlx/compute/dtypes"
)

const pixelType = dtypes.Uint8

// cut returns what the network makes of a picture that is too large to pass whole.
func (t Tiling) cut(ctx context.Context, picture Picture, rows, columns axis, network Func) (Picture, error) {
	b := blend{scale: t.Scale, rows: rows, columns: columns}
	for column := range columns.starts {
		b.across = append(b.across, columns.weights(column, t.Scale))
	}
	size := rows.tile * columns.tile * picture.Channels
	batch := min(t.batch(rows.tile, columns.tile), len(columns.starts))
	for row, top := range rows.starts {
		down := rows.weights(row, t.Scale)
		for first := 0; first < len(columns.starts); first += batch {
			lefts := columns.starts[first:min(first+batch, len(columns.starts))]
			tiles := make([]uint8, len(lefts)*size)
			for i, left := range lefts {
				picture.copyTile(tiles[i*size:], top, left, rows.tile, columns.tile)
			}
			err := t.call(ctx, network, tiles, []int{len(lefts), rows.tile, columns.tile, picture.Channels}, func(made []uint8, channels int) error {
				for i := range lefts {
					b.add(made[i*len(made)/len(lefts):], channels, first+i, down)
				}
				return nil
			})
			if err != nil {
				return Picture{}, err
			}
		}
		b.finish(row)
	}
	return b.result, nil
}

// blend puts tiles together, a row of them after another.
type blend struct {
	scale         int
	rows, columns axis
	across        [][]float32 // The weights of each column of tiles.

	result Picture
	sums   []float32 // Weighted, of the rows of the result from the present row of tiles on: [tile, width, channels].
}

// add adds a tile of the present row, whose weights from top to bottom are those.
func (b *blend) add(tile []uint8, channels, column int, down []float32) {
	if b.result.Pixels == nil {
		b.result = Picture{Height: b.rows.size * b.scale, Width: b.columns.size * b.scale, Channels: channels}
		b.result.Pixels = make([]uint8, b.result.Height*b.result.Width*channels)
		b.sums = make([]float32, b.rows.tile*b.scale*b.result.Width*channels)
	}
	across := b.across[column]
	left := b.columns.starts[column] * b.scale
	width := min(len(across), b.result.Width-left)
	for y, weight := range down {
		if weight == 0 {
			continue
		}
		from := tile[y*len(across)*channels:]
		to := b.sums[(y*b.result.Width+left)*channels:]
		for x, share := range across[:width] {
			share *= weight
			for c := x * channels; c < (x+1)*channels; c++ {
				to[c] += share * float32(from[c])
			}
		}
	}
}

// finish writes the rows of the result that no further row of tiles reaches.
func (b *blend) finish(row int) {
	top := b.rows.starts[row] * b.scale
	end := b.result.Height
	if row+1 < len(b.rows.starts) {
		end = b.rows.starts[row+1] * b.scale
	}
	stride := b.result.Width * b.result.Channels
	done := b.sums[:(end-top)*stride]
	for i, to := 0, b.result.Pixels[top*stride:]; i < len(done); i++ {
		to[i] = uint8(min(done[i]+0.5, 255))
	}
	kept := copy(b.sums, b.sums[len(done):])
	clear(b.sums[kept:])
}

// copyTile copies a tile of the picture, which is continued beyond its bottom and its right by its reflection.
func (p Picture) copyTile(tile []uint8, top, left, height, width int) {
	inside := max(0, min(width, p.Width-left))
	for y := range height {
		from := p.Pixels[reflected(top+y, p.Height)*p.Width*p.Channels:]
		to := tile[y*width*p.Channels : (y+1)*width*p.Channels]
		copy(to, from[left*p.Channels:(left+inside)*p.Channels])
		for x := inside; x < width; x++ {
			at := reflected(left+x, p.Width) * p.Channels
			copy(to[x*p.Channels:(x+1)*p.Channels], from[at:at+p.Channels])
		}
	}
}

// reflected returns the place in a row of size pixels that is seen at a place beyond it: the ends are mirrors, and are not
// themselves repeated.
func reflected(at, size int) int {
	if size == 1 {
		return 0
	}
	period := 2 * (size - 1)
	at %= period
	return min(at, period-at)
}

// crop returns the top left of rows of pixels that are width wide.
func crop(pixels []uint8, width, newHeight, newWidth, channels int) Picture {
	p := Picture{Pixels: make([]uint8, newHeight*newWidth*channels), Height: newHeight, Width: newWidth, Channels: channels}
	stride := newWidth * channels
	for y := range newHeight {
		copy(p.Pixels[y*stride:(y+1)*stride], pixels[y*width*channels:])
	}
	return p
}
