//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package xla

import (
	"testing"

	"github.com/gomlx/go-xla/pjrt"
)

// The folder and the release must follow go-xla when it is upgraded.
func TestPinnedVersion(t *testing.T) {
	if pluginVersion != pjrt.DefaultCPUVersion {
		t.Errorf("pluginVersion is %s, go-xla is made for %s", pluginVersion, pjrt.DefaultCPUVersion)
	}
}
