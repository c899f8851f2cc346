package classical

import (
	"container/heap"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// front is a picture with a rim of one pixel around it, into whose hole a front marches pixel by pixel, in the order of the
// pixels' distances from the edge of the hole.
type front struct {
	height, width int       // Without the rim.
	stride        int       // Of a row with the rim.
	unknown       []bool    // With the rim, which counts as known.
	distance      []float32 // With the rim: 0 at the edge, far where nothing has come yet.
	pixels        []float32 // Of one channel, without the rim.
	queue         queue
}

// far is a distance that no pixel has.
const far = 1e6

// maxRadius is the largest radius of a neighbourhood.
const maxRadius = 100

// newFront returns the front at the edge of the hole, at the known pixels that have one of the hole above, below or beside them.
func newFront(height, width int, mask []uint8) *front {
	f := &front{height: height, width: width, stride: width + 2}
	n := (height + 2) * f.stride
	f.unknown, f.distance = make([]bool, n), slices.Repeat([]float32{far}, n)
	for y := range height {
		for x := range width {
			f.unknown[f.index(y, x)] = mask[y*width+x] != 0
		}
	}
	for y := range height {
		for x := range width {
			i := f.index(y, x)
			for _, k := range f.around(i) {
				if !f.unknown[i] && f.unknown[k] {
					f.distance[i] = 0
					f.queue.add(i, 0)
					break
				}
			}
		}
	}
	return f
}

// index returns the index, with the rim, of a pixel.
func (f *front) index(y, x int) int { return (y+1)*f.stride + x + 1 }

// around returns the four neighbours of a pixel of the picture.
func (f *front) around(i int) [4]int { return [4]int{i - f.stride, i - 1, i + f.stride, i + 1} }

// inside tells whether the pixel is one of the picture, and not of the rim.
func (f *front) inside(i int) bool {
	y, x := i/f.stride-1, i%f.stride-1
	return y >= 0 && y < f.height && x >= 0 && x < f.width
}

// march goes on until nothing that can be reached is unknown, and calls reached for each pixel when its distance is known and
// before it counts as known.
func (f *front) march(reached func(i int)) {
	for f.queue.Len() > 0 {
		for _, i := range f.around(f.queue.next()) {
			if !f.inside(i) || !f.unknown[i] {
				continue
			}
			f.distance[i] = f.arrival(i)
			reached(i)
			f.unknown[i] = false
			f.queue.add(i, f.distance[i])
		}
	}
}

// arrival returns the distance of a pixel from those of its neighbours: the smallest solution of |∇T| = 1 in the four
// quadrants, figure 4 of Telea 2004.
func (f *front) arrival(i int) float32 {
	up, left, down, right := i-f.stride, i-1, i+f.stride, i+1
	return min(f.quadrant(up, left), f.quadrant(down, left), f.quadrant(up, right), f.quadrant(down, right))
}

func (f *front) quadrant(vertical, horizontal int) float32 {
	a, b := float64(f.distance[vertical]), float64(f.distance[horizontal])
	switch {
	case !f.unknown[vertical] && !f.unknown[horizontal]:
		if math.Abs(a-b) >= 1 {
			return float32(1 + min(a, b))
		}
		return float32((a + b + math.Sqrt(2-float64((a-b)*(a-b)))) / 2)
	case !f.unknown[vertical]:
		return float32(1 + a)
	case !f.unknown[horizontal]:
		return float32(1 + b)
	}
	return float32(1 + min(a, b))
}

// neighbours calls f for each known pixel of the picture within the radius of a pixel, with where it lies from there.
func (f *front) neighbours(i, radius int, call func(k, dy, dx int)) {
	y, x := i/f.stride-1, i%f.stride-1
	for dy := max(-radius, -y); dy <= min(radius, f.height-1-y); dy++ {
		for dx := max(-radius, -x); dx <= min(radius, f.width-1-x); dx++ {
			k := i + dy*f.stride + dx
			if dy*dy+dx*dx <= radius*radius && !f.unknown[k] {
				call(k, dy, dx)
			}
		}
	}
}

// at returns the value of a pixel.
func (f *front) at(i int) float32 { return f.value(i/f.stride-1, i%f.stride-1) }

// line holds the values of a pixel and of those before and after it along an axis. Here and there are both the pixel itself, but
// for the first and the last of the line, which have a neighbour on one side alone: here is the second for the first, and
// there the last but one for the last. Before is the one before here, after the one after there. A line across has the place of
// its here. All this is as OpenCV does it, which so takes differences at the border from the next pixel inwards.
type line struct{ before, here, there, after float32 }

// vertical returns the line through a pixel from above to below.
func (f *front) vertical(i int) line {
	y, x := f.inward(i)
	last := min(i/f.stride-1, max(f.height-2, 0))
	return line{f.value(y-1, x), f.value(y, x), f.value(last, x), f.value(last+1, x)}
}

// horizontal returns the line through a pixel from left to right.
func (f *front) horizontal(i int) line {
	y, x := f.inward(i)
	last := min(i%f.stride-1, max(f.width-2, 0))
	return line{f.value(y, x-1), f.value(y, x), f.value(y, last), f.value(y, last+1)}
}

// inward returns the row and the column of a pixel, or the second ones for the first.
func (f *front) inward(i int) (y, x int) { return max(i/f.stride-1, 1), max(i%f.stride-1, 1) }

// value returns the value of a pixel, or of the nearest one where there is none.
func (f *front) value(y, x int) float32 {
	return f.pixels[min(max(y, 0), f.height-1)*f.width+min(max(x, 0), f.width-1)]
}

// byChannel fills a picture channel by channel: start makes the front, and fill returns what a pixel becomes.
func byChannel(pixels []uint8, shape [3]int, mask []uint8, radius int, start func(mask []uint8) *front, fill func(f *front, i int) float64) ([]uint8, error) {
	if err := check(pixels, shape, mask); err != nil {
		return nil, err
	}
	if radius < 1 || radius > maxRadius {
		return nil, errors.Errorf("classical: a radius of %d pixels is not between 1 and %d", radius, maxRadius)
	}
	channels := shape[2]
	filled := slices.Clone(pixels)
	for c := range channels {
		f := start(mask)
		f.pixels = make([]float32, len(mask))
		for i, hole := range mask {
			if hole == 0 {
				f.pixels[i] = float32(pixels[i*channels+c])
			}
		}
		f.march(func(i int) {
			y, x := i/f.stride-1, i%f.stride-1
			f.pixels[y*f.width+x] = float32(min(max(math.RoundToEven(fill(f, i)), 0), 255))
		})
		for i, hole := range mask {
			if hole != 0 {
				filled[i*channels+c] = uint8(f.pixels[i])
			}
		}
	}
	return filled, nil
}

// queue holds pixels of the front, the nearest first, and of several as near the one that came first.
type queue struct {
	items []item
	added int
}

type item struct {
	pixel    int
	distance float32
	order    int
}

func (q *queue) add(pixel int, distance float32) {
	heap.Push(q, item{pixel, distance, q.added})
	q.added++
}

func (q *queue) next() int { return heap.Pop(q).(item).pixel }

// Len is for package heap.
func (q *queue) Len() int { return len(q.items) }

// Less is for package heap.
func (q *queue) Less(i, j int) bool {
	a, b := q.items[i], q.items[j]
	return a.distance < b.distance || a.distance == b.distance && a.order < b.order
}

// Swap is for package heap.
func (q *queue) Swap(i, j int) { q.items[i], q.items[j] = q.items[j], q.items[i] }

// Push is for package heap.
func (q *queue) Push(x any) { q.items = append(q.items, x.(item)) }

// Pop is for package heap.
func (q *queue) Pop() any {
	last := q.items[len(q.items)-1]
	q.items = q.items[:len(q.items)-1]
	return last
}
