package picturefiles

import (
	"context"
	"image"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
)

const (
	// maxPixels is how many pixels are being worked on at once, unless a single picture has more. Each takes about 16 bytes.
	maxPixels = 24_000_000

	// aheadBatches is how many batches are being worked on at once.
	aheadBatches = 8
)

// Pipeline makes a picture of each picture of a plan. Files are read, and written, on all processors while the function in the middle
// works on a batch.
type Pipeline[In, Out any] struct {
	Plan *Plan

	// Group says which pictures may share a batch, given their size: those of one shape, and how many of them. Exif data may
	// turn a picture afterwards. Nil means one by one.
	Group func(size image.Point) (shape any, count int)

	// Read makes of a picture what the function takes. It runs on all processors. An error leaves the picture out.
	Read func(file File, picture *image.NRGBA) (In, error)

	// Run is the function: for each picture of the batch it returns one. An error ends everything.
	Run func(ctx context.Context, batch []In) ([]Out, error)

	// Write makes a picture of what the function returned. It runs on all processors. An error leaves the picture out.
	Write func(made Out) (image.Image, error)

	// Progress, unless nil, is called after each picture, by one goroutine at a time.
	Progress func(done, total int)
}

// batch is some files on their way.
type batch[In, Out any] struct {
	files  []int // Their numbers in the plan.
	pixels int   // Of all of them together.

	taken []In // What was read.
	errs  []error
	ready chan struct{} // Closed when all are read.
	left  atomic.Int32  // How many are still to be read, and then to be written.
}

// work is a running pipeline.
type work[In, Out any] struct {
	Pipeline[In, Out]
	batches []*batch[In, Out]
	freed   chan int // Pixels, of batches that are done.
	cancel  context.CancelCauseFunc

	lock   sync.Mutex
	failed []error // By number of the file.
	done   int
}

// Do makes all the pictures. Those that cannot be read are in the result, and no error. It ends with an error when a file
// cannot be written, the function fails or the context ends; what was written till then stays.
func (p Pipeline[In, Out]) Do(ctx context.Context) (Result, error) {
	start := time.Now()
	outer := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := &work[In, Out]{Pipeline: p, cancel: cancel, failed: make([]error, len(p.Plan.Files))}
	w.group()
	w.freed = make(chan int, len(w.batches))
	w.run(ctx)

	result := Result{Failed: []Failure{}}
	for i, err := range w.failed {
		if err != nil {
			result.Failed = append(result.Failed, Failure{p.Plan.Files[i].Name, Reason(err)})
		}
	}
	result.Pictures = w.done - len(result.Failed)
	result.Seconds = time.Since(start).Seconds()
	result.ImagesPerSecond = float64(result.Pictures) / result.Seconds
	if outer.Err() != nil {
		return result, errors.WithStack(outer.Err())
	}
	return result, context.Cause(ctx)
}

// group makes batches of the files, by the sizes that their heads tell.
func (w *work[In, Out]) group() {
	files := w.Plan.Files
	sizes := make([]image.Point, len(files))
	parallel(len(files), func(i int) { sizes[i], w.failed[i] = datasets.PictureSize(files[i].In) })
	type group struct {
		files []int
		count int
	}
	var order []*group
	shapes := map[any]*group{}
	for i, size := range sizes {
		if w.failed[i] != nil {
			w.note()
			continue
		}
		var shape any = i
		count := 1
		if w.Group != nil {
			shape, count = w.Group(size)
		}
		if shapes[shape] == nil {
			shapes[shape] = &group{count: max(1, count)}
			order = append(order, shapes[shape])
		}
		shapes[shape].files = append(shapes[shape].files, i)
	}
	for _, g := range order {
		for first := 0; first < len(g.files); first += g.count {
			b := &batch[In, Out]{files: g.files[first:min(first+g.count, len(g.files))], ready: make(chan struct{})}
			for _, i := range b.files {
				b.pixels += sizes[i].X * sizes[i].Y
			}
			b.taken, b.errs = make([]In, len(b.files)), make([]error, len(b.files))
			b.left.Store(int32(len(b.files)))
			w.batches = append(w.batches, b)
		}
	}
}

// run passes the batches through the three parts.
func (w *work[In, Out]) run(ctx context.Context) {
	toRead, toWrite := make(chan func()), make(chan func())
	var readers, writers sync.WaitGroup
	for range runtime.NumCPU() {
		readers.Go(func() { runAll(toRead) })
		writers.Go(func() { runAll(toWrite) })
	}
	started := make(chan *batch[In, Out], len(w.batches))
	go func() {
		defer close(started)
		defer close(toRead)
		w.feed(ctx, toRead, started)
	}()
	for b := range started {
		select {
		case <-b.ready:
			w.pass(ctx, b, toWrite)
		case <-ctx.Done():
		}
	}
	readers.Wait()
	close(toWrite)
	writers.Wait()
}

func runAll(tasks <-chan func()) {
	for task := range tasks {
		task()
	}
}

// feed has the batches read, in turn, as there is room for them.
func (w *work[In, Out]) feed(ctx context.Context, toRead chan<- func(), started chan<- *batch[In, Out]) {
	pixels, batches := 0, 0
	for _, b := range w.batches {
		for batches > 0 && (pixels+b.pixels > maxPixels || batches == aheadBatches) {
			select {
			case freed := <-w.freed:
				pixels -= freed
				batches--
			case <-ctx.Done():
				return
			}
		}
		pixels += b.pixels
		batches++
		started <- b
		for at := range b.files {
			select {
			case toRead <- func() { w.read(b, at) }:
			case <-ctx.Done():
				return
			}
		}
	}
}

// read reads a file of a batch.
func (w *work[In, Out]) read(b *batch[In, Out], at int) {
	file := w.Plan.Files[b.files[at]]
	picture, err := datasets.DecodeFile(file.In)
	if err == nil {
		b.taken[at], err = w.Read(file, picture)
	}
	b.errs[at] = err
	if b.left.Add(-1) == 0 {
		close(b.ready)
	}
}

// pass calls the function with what was read of a batch, and has written what it makes.
func (w *work[In, Out]) pass(ctx context.Context, b *batch[In, Out], toWrite chan<- func()) {
	var good []int
	var taken []In
	for at, i := range b.files {
		if b.errs[at] != nil {
			w.fail(i, b.errs[at])
			continue
		}
		good, taken = append(good, i), append(taken, b.taken[at])
	}
	b.taken = nil
	if len(good) == 0 {
		w.freed <- b.pixels
		return
	}
	if ctx.Err() != nil {
		return
	}
	made, err := w.Run(ctx, taken)
	if err == nil && len(made) != len(good) {
		err = errors.Errorf("%d pictures were made of %d", len(made), len(good))
	}
	if err != nil {
		w.cancel(err)
		return
	}
	b.left.Store(int32(len(good)))
	for at, i := range good {
		one := made[at]
		toWrite <- func() {
			w.write(ctx, i, one)
			if b.left.Add(-1) == 0 {
				w.freed <- b.pixels
			}
		}
	}
}

// write writes what was made of a file.
func (w *work[In, Out]) write(ctx context.Context, i int, made Out) {
	if ctx.Err() != nil {
		return
	}
	picture, err := w.Write(made)
	if err != nil {
		w.fail(i, err)
		return
	}
	if err := save(w.Plan.Files[i].Out, picture); err != nil {
		w.cancel(err)
		return
	}
	w.note()
}

// fail takes note of a picture that is left out.
func (w *work[In, Out]) fail(i int, err error) {
	w.lock.Lock()
	w.failed[i] = err
	w.lock.Unlock()
	w.note()
}

// note takes note of a picture that is done.
func (w *work[In, Out]) note() {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.done++
	if w.Progress != nil {
		w.Progress(w.done, len(w.failed))
	}
}

// parallel calls do with 0 to count-1, on all processors.
func parallel(count int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.NumCPU(), count) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}
