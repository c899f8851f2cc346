//go:build !(cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64)))

package xla

import (
	"github.com/gomlx/compute"
	"github.com/pkg/errors"
)

const (
	linked         = false
	unlinkedReason = "this program was built without XLA; build it with CGO_ENABLED=1, a C compiler and no tag noxla, on " +
		"Linux (x86-64, ARM64) or macOS (ARM64)"
)

func load(plugin Plugin, _ string) (backend compute.Backend, version string, err error) {
	return nil, "", errors.Errorf("cannot load %s: %s", plugin.File, unlinkedReason)
}
