package evaluate

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// forEach calls work with 0 to count-1 from as many goroutines as there are processors.
func forEach(count int, work func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), count) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	workers.Wait()
}
