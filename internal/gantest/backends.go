// Package gantest has what the tests of several packages share: the backends to run on, golden values, and
// derivatives by central differences.
package gantest

import (
	"context"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"

	"github.com/ganymede-ml/ganymede/xla"
)

// Go returns the pure Go backend, on which every test can run.
var Go = sync.OnceValue(func() compute.Backend {
	backend, err := gobackend.New("ops_sequential") // As package xla opens it.
	if err != nil {
		panic(err)
	}
	return backend
})

// XLA returns the XLA backend, or nil where no plugin is installed. It installs none.
var XLA = sync.OnceValue(func() compute.Backend {
	choice, err := xla.Open(context.Background(), xla.Options{NoInstall: true})
	if err != nil || choice.Kind == xla.Go {
		return nil
	}
	return choice.Backend
})

// OnEachBackend runs the test on the pure Go backend and, where its plugin is installed, on XLA.
func OnEachBackend(t *testing.T, test func(t *testing.T, backend compute.Backend)) {
	t.Run("go", func(t *testing.T) { test(t, Go()) })
	t.Run("xla", func(t *testing.T) {
		backend := XLA()
		if backend == nil {
			t.Skip("no XLA plugin is installed; `ganymede doctor --install` gets one")
		}
		test(t, backend)
	})
}
