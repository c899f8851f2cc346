// Package gantest has what the tests of several packages share: the backends to run on, golden values, and
// derivatives by central differences.
package gantest

import (
	"os"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	_ "github.com/gomlx/go-xla/compute/xla"
)

// Go returns the pure Go backend, on which every test can run.
func Go() compute.Backend { return gobackend.GetBackend() }

var xlaBackend = sync.OnceValue(func() compute.Backend {
	b, err := compute.NewWithConfig(os.Getenv("GOMLX_BACKEND"))
	if err != nil {
		return nil
	}
	return b
})

// OnEachBackend runs the test on the pure Go backend and, where its plugin is installed, on XLA.
func OnEachBackend(t *testing.T, test func(t *testing.T, backend compute.Backend)) {
	t.Run("go", func(t *testing.T) { test(t, Go()) })
	t.Run("xla", func(t *testing.T) {
		backend := xlaBackend()
		if backend == nil {
			t.Skip("no XLA plugin is installed: `ganymede doctor --install` gets one")
		}
		test(t, backend)
	})
}
