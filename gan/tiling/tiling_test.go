package tiling_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/tiling"
)

// random returns a picture of noise.
func random(height, width, channels int) tiling.Picture {
	draw := rand.New(rand.NewPCG(uint64(height), uint64(width)))
	p := tiling.Picture{Pixels: make([]uint8, height*width*channels), Height: height, Width: width, Channels: channels}
	for i := range p.Pixels {
		p.Pixels[i] = uint8(draw.Uint32())
	}
	return p
}

// network is a fake one that notes the shapes it is called with, and makes of each tile what make says.
type network struct {
	shapes [][]int
	make   func(tile tiling.Picture) tiling.Picture
}

func (n *network) call(tiles *tensors.Tensor) (*tensors.Tensor, error) {
	dimensions := tiles.Shape().Dimensions
	n.shapes = append(n.shapes, slices.Clone(dimensions))
	pixels, err := tensors.CopyFlatData[uint8](tiles)
	if err != nil {
		return nil, err
	}
	var made []uint8
	var out tiling.Picture
	for tile := range slices.Chunk(pixels, len(pixels)/dimensions[0]) {
		out = n.make(tiling.Picture{Pixels: tile, Height: dimensions[1], Width: dimensions[2], Channels: dimensions[3]})
		made = append(made, out.Pixels...)
	}
	return tensors.FromFlatDataAndDimensions(made, dimensions[0], out.Height, out.Width, out.Channels), nil
}

func identity(tile tiling.Picture) tiling.Picture { return tile }

// enlarge repeats each pixel 2×2 times.
func enlarge(tile tiling.Picture) tiling.Picture {
	large := tiling.Picture{Height: 2 * tile.Height, Width: 2 * tile.Width, Channels: tile.Channels}
	for y := range large.Height {
		for x := range large.Width {
			at := (y/2*tile.Width + x/2) * tile.Channels
			large.Pixels = append(large.Pixels, tile.Pixels[at:at+tile.Channels]...)
		}
	}
	return large
}

func apply(t *testing.T, how tiling.Tiling, n *network, pictures ...tiling.Picture) []tiling.Picture {
	t.Helper()
	made, err := how.Apply(context.Background(), pictures, n.call)
	if err != nil {
		t.Fatalf("%+v: %v", how, err)
	}
	return made
}

// TestIdentity gives all pictures back as they are, however they are cut and padded.
func TestIdentity(t *testing.T) {
	for _, how := range []tiling.Tiling{
		{}, {Size: 32}, {Size: 32, Overlap: -1}, {Size: 32, Overlap: 16}, {Size: 32, Overlap: 31}, {Size: 40, Multiple: 16, Overlap: 7, Batch: 3},
		{Size: 1, Multiple: 8}, {Size: 24, Multiple: 3, Batch: 1}, {Multiple: 4, Least: 10}, {Size: 5, Multiple: 4, Least: 10},
	} {
		var pictures []tiling.Picture
		for _, size := range [][3]int{{1, 1, 1}, {1, 70, 3}, {31, 33, 3}, {32, 32, 3}, {32, 32, 1}, {33, 100, 3}, {97, 64, 4}, {31, 33, 3}, {65, 16, 1}} {
			pictures = append(pictures, random(size[0], size[1], size[2]))
		}
		n := &network{make: identity}
		for i, got := range apply(t, how, n, pictures...) {
			if want := pictures[i]; got.Height != want.Height || got.Width != want.Width || got.Channels != want.Channels || !slices.Equal(got.Pixels, want.Pixels) {
				t.Errorf("%+v: a picture of %d×%d×%d came back another", how, want.Height, want.Width, want.Channels)
			}
		}
		multiple := max(1, how.Multiple)
		for _, shape := range n.shapes {
			if shape[1]%multiple != 0 || shape[2]%multiple != 0 || min(shape[1], shape[2]) < how.Least {
				t.Errorf("%+v: a batch is %v", how, shape)
			}
		}
	}
}

// TestScale enlarges as the network does, whole and in tiles.
func TestScale(t *testing.T) {
	for _, how := range []tiling.Tiling{{Scale: 2}, {Scale: 2, Size: 16, Overlap: 5, Multiple: 4}} {
		picture := random(50, 37, 3)
		got := apply(t, how, &network{make: enlarge}, picture)[0]
		if want := enlarge(picture); got.Height != 100 || got.Width != 74 || !slices.Equal(got.Pixels, want.Pixels) {
			t.Errorf("%+v: enlarged to another picture", how)
		}
	}
}

// TestSeams shades each tile from its left to its right, as a network does that is not sure of the edges. What the middle of each
// tile says is kept; from one tile to the next there is a slope and no step.
func TestSeams(t *testing.T) {
	const size, overlap = 64, 16
	shade := func(tile tiling.Picture) tiling.Picture {
		for i := range tile.Pixels {
			tile.Pixels[i] = uint8(100 + i%tile.Width)
		}
		return tile
	}
	grey := tiling.Picture{Pixels: make([]uint8, 200*300), Height: 200, Width: 300, Channels: 1}
	for _, test := range []struct {
		overlap, step int
	}{
		{overlap, (size-overlap)/overlap + 2}, // A descent by what two tiles differ, over the overlap.
		{-1, size - 2},                        // None: a step, which shows that the test sees one.
	} {
		got := apply(t, tiling.Tiling{Size: size, Overlap: test.overlap}, &network{make: shade}, grey)[0]
		step := 0
		for y := range 200 {
			for x := 1; x < 300; x++ {
				step = max(step, int(got.Pixels[y*300+x-1])-int(got.Pixels[y*300+x]))
			}
			if got.Pixels[y*300] != 100 || got.Pixels[y*300+299] != 100+size-1 {
				t.Fatalf("row %d goes from %d to %d", y, got.Pixels[y*300], got.Pixels[y*300+299])
			}
		}
		if test.overlap > 0 && step > test.step || test.overlap < 0 && step < test.step-8 {
			t.Errorf("overlap %d: a step of %d, want %d", test.overlap, step, test.step)
		}
	}
}

// TestGain multiplies: where the network does the same everywhere, nobody sees tiles.
func TestGain(t *testing.T) {
	darken := func(tile tiling.Picture) tiling.Picture {
		for i, value := range tile.Pixels {
			tile.Pixels[i] = value / 3
		}
		return tile
	}
	picture := random(150, 170, 3)
	got := apply(t, tiling.Tiling{Size: 48, Overlap: 20, Multiple: 8}, &network{make: darken}, picture)[0]
	if want := darken(picture); !slices.Equal(got.Pixels, want.Pixels) {
		t.Error("the tiles show")
	}
}

// TestReflection pads a picture at its right and its bottom by what is seen in a mirror at its edge.
func TestReflection(t *testing.T) {
	var seen []uint8
	n := &network{make: func(tile tiling.Picture) tiling.Picture {
		seen = slices.Clone(tile.Pixels)
		return tile
	}}
	apply(t, tiling.Tiling{Multiple: 4}, n, tiling.Picture{Pixels: []uint8{1, 2, 3, 4, 5, 6}, Height: 2, Width: 3, Channels: 1})
	want := []uint8{1, 2, 3, 2, 4, 5, 6, 5, 1, 2, 3, 2, 4, 5, 6, 5}
	if !slices.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}

// TestFewShapes counts the programs that 400 pictures of all sizes need, and what of their batches is padding.
func TestFewShapes(t *testing.T) {
	shapes := map[[2]int]bool{}
	for side := 20; side < 420; side++ {
		height, width, tiles, batch, err := tiling.Tiling{Multiple: 4}.Shape(side, side)
		if err != nil || tiles != 1 || height != width || height < side || batch != min(64, 512*512/height/width) {
			t.Fatalf("a picture of %d×%d makes %d tiles of %d×%d, %d in a batch, %v", side, side, tiles, height, width, batch, err)
		}
		if height-side > max(3, side/7) {
			t.Errorf("%d is padded to %d", side, height)
		}
		shapes[[2]int{height, width}] = true
	}
	if len(shapes) > 36 {
		t.Errorf("%d shapes", len(shapes))
	}
}

// TestBatches puts pictures of one shape together, and fills up what is left over.
func TestBatches(t *testing.T) {
	n := &network{make: identity}
	full := tiling.FullBatches(n.call)
	var pictures []tiling.Picture
	for i := range 11 {
		pictures = append(pictures, random(13+i%3, 16, 3))
	}
	how := tiling.Tiling{Multiple: 16, Batch: 4}
	made, err := how.Apply(context.Background(), pictures, full)
	if err != nil {
		t.Fatal(err)
	}
	for i, picture := range made {
		if !slices.Equal(picture.Pixels, pictures[i].Pixels) {
			t.Errorf("picture %d came back another", i)
		}
	}
	if got, want := fmt.Sprint(n.shapes), "[[4 16 16 3] [4 16 16 3] [4 16 16 3]]"; got != want {
		t.Errorf("the batches are %s, want %s", got, want)
	}
	if _, err := (tiling.Tiling{Batch: 8}).Apply(context.Background(), pictures[:1], full); err != nil { // Far from full.
		t.Fatal(err)
	}
	if got := n.shapes[3]; got[0] != 1 {
		t.Errorf("a single picture made a batch %v", got)
	}
}

func TestErrors(t *testing.T) {
	good := random(8, 8, 3)
	n := &network{make: identity}
	broken := func(*tensors.Tensor) (*tensors.Tensor, error) { return nil, errors.New("out of paint") }
	floats := func(*tensors.Tensor) (*tensors.Tensor, error) { return tensors.FromValue(float32(1)), nil }
	for _, test := range []struct {
		words   string
		how     tiling.Tiling
		picture tiling.Picture
		network tiling.Func
	}{
		{"overlap of 64", tiling.Tiling{Size: 64, Overlap: 64}, good, n.call},
		{"must not be negative", tiling.Tiling{Batch: -1}, good, n.call},
		{"8×8×1 has 192 values", tiling.Tiling{}, tiling.Picture{Pixels: good.Pixels, Height: 8, Width: 8, Channels: 1}, n.call},
		{"0×8×3", tiling.Tiling{}, tiling.Picture{Width: 8, Channels: 3}, n.call},
		{"out of paint", tiling.Tiling{}, good, broken},
		{"out of paint", tiling.Tiling{Size: 4}, good, broken},
		{"want uint8 [1, 8, 8, channels]", tiling.Tiling{}, good, floats},
		{"want uint8 [1, 16, 16, channels]", tiling.Tiling{Scale: 2}, good, n.call},
	} {
		_, err := test.how.Apply(context.Background(), []tiling.Picture{test.picture}, test.network)
		if err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("got %v, want %q", err, test.words)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	_, err := tiling.Tiling{Size: 4}.Apply(ctx, []tiling.Picture{good}, func(tiles *tensors.Tensor) (*tensors.Tensor, error) {
		calls++
		cancel()
		return n.call(tiles)
	})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("cancelled: %d calls, %v", calls, err)
	}
}

// A network that brightens, on a picture of any size.
func ExampleTiling_Apply() {
	brighten := func(tiles *tensors.Tensor) (*tensors.Tensor, error) {
		pixels, err := tensors.CopyFlatData[uint8](tiles)
		if err != nil {
			return nil, err
		}
		for i := range pixels {
			pixels[i] += 10
		}
		return tensors.FromFlatDataAndDimensions(pixels, tiles.Shape().Dimensions...), nil
	}
	picture := tiling.Picture{Pixels: make([]uint8, 300*1000), Height: 300, Width: 1000, Channels: 1}
	made, err := tiling.Tiling{Size: 256}.Apply(context.Background(), []tiling.Picture{picture}, brighten)
	if err != nil {
		panic(err)
	}
	fmt.Println(made[0].Height, made[0].Width, made[0].Pixels[123_456])
	// Output: 300 1000 10
}

// BenchmarkLarge cuts a picture of 4000×3000 and puts it together, without a network.
func BenchmarkLarge(b *testing.B) {
	picture := random(3000, 4000, 3)
	copied := func(tiles *tensors.Tensor) (*tensors.Tensor, error) { return tiles.Clone() }
	for b.Loop() {
		if _, err := (tiling.Tiling{}).Apply(context.Background(), []tiling.Picture{picture}, copied); err != nil {
			b.Fatal(err)
		}
	}
}
