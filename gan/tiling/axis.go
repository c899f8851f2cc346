package tiling

// axis is one side of a picture, cut into tiles.
type axis struct {
	size   int   // Of the picture.
	tile   int   // Of each tile; more than size if the picture is padded.
	starts []int // Where the tiles begin; the first at 0, and the last ends with the picture unless that is padded.
	ramp   int   // Pixels over which one tile fades into the next.
}

// axis cuts a side of size pixels: whole if it is no longer than a tile, and else into as few tiles as have the overlap, at
// even distances.
func (t Tiling) axis(size int) axis {
	if size <= t.Size {
		return axis{size: size, tile: min(t.Size, t.padded(size)), starts: []int{0}}
	}
	step := t.Size - t.Overlap
	count := (size - t.Overlap + step - 1) / step
	a := axis{size: size, tile: t.Size, starts: make([]int, count), ramp: t.Overlap}
	for i := range a.starts {
		a.starts[i] = i * (size - t.Size) / (count - 1)
		if i > 0 {
			a.ramp = min(a.ramp, a.starts[i]-a.starts[i-1])
		}
	}
	return a
}

// padded returns the side, of at least size, with which a picture passes whole. Each new shape costs the compilation of a
// program, so that not every multiple will do: from 16 on they have four binary digits that count, and the padding is
// less than an eighth.
func (t Tiling) padded(size int) int {
	const fine = 16
	units := (max(size, t.Least) + t.Multiple - 1) / t.Multiple
	grain := 1
	for units/grain > fine {
		grain *= 2
	}
	return (units + grain - 1) / grain * grain * t.Multiple
}

// weights returns what each pixel of tile i counts for when tiles are blended, Scale times enlarged: 1 inside, and rising
// from 0 to 1 along the ramp in the middle of what it shares with a neighbour, as the neighbour's falls. At each place of the
// picture the weights of all tiles have the sum 1.
func (a axis) weights(i, scale int) []float32 {
	weights := make([]float32, a.tile*scale)
	for x := range weights {
		weight := float32(1)
		at := x + a.starts[i]*scale
		if i > 0 {
			weight = a.rise(i, at, scale)
		}
		if i+1 < len(a.starts) {
			weight -= a.rise(i+1, at, scale)
		}
		weights[x] = weight
	}
	return weights
}

// rise returns how far tile i has taken over from the one before at a place of the enlarged picture, from 0 to 1. Since no
// ramp is longer than the distance of two tiles, each has ended where the next one begins.
func (a axis) rise(i, at, scale int) float32 {
	begin := (a.starts[i] + a.starts[i-1] + a.tile - a.ramp) * scale // Twice where the ramp begins.
	steps, ramp := 2*at+1-begin, 2*a.ramp*scale
	switch {
	case steps <= 0:
		return 0
	case steps >= ramp:
		return 1
	}
	return float32(steps) / float32(ramp)
}
