// Package structure has no code: its test keeps the imports of the others pointing one way.
package structure

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ganymede-ml/ganymede/"

// allowed lists, for each public package, which other packages of the module it may depend on, directly or not.
var allowed = map[string][]string{
	"gan/nn/vjp":  {},
	"gan/nn/conv": {"gan/nn/vjp"},
	"gan/nn":      {"gan/nn/conv", "gan/nn/vjp"},
	"gan":         {"gan/augment", "gan/nn", "gan/nn/conv", "gan/nn/vjp", "internal/atomicfile", "internal/jsonlines", "internal/nearest", "internal/safetensors"},
	"gan/augment": {"internal/nearest"},
	"gan/metrics": {},
	"gan/health":  {"gan", "gan/metrics", "gan/augment", "gan/nn", "gan/nn/conv", "gan/nn/vjp", "internal/atomicfile", "internal/jsonlines", "internal/nearest", "internal/safetensors"},
	"gan/features": {
		"gan/augment", "gan/nn", "gan/nn/conv", "gan/nn/vjp", "internal/fetch", "internal/nearest", "internal/safetensors", "internal/torchfile",
	},
	"gan/display": {"internal/atomicfile"},
	"gan/enlarge": {
		"datasets", "gan", "gan/augment", "gan/features", "gan/metrics", "gan/nn", "gan/nn/conv", "gan/nn/vjp", "gan/preset", "internal/archive",
		"internal/atomicfile", "internal/fetch", "internal/jsonlines", "internal/nearest", "internal/safetensors", "internal/torchfile",
	},
	"datasets": {"internal/archive", "internal/atomicfile", "internal/fetch", "internal/jsonlines", "internal/nearest"},
	"xla":      {"internal/atomicfile", "internal/fetch"},
}

// foreign are modules that only the packages named may depend on: a headless server or a WebAssembly build gets gan
// without a notebook's kernel or a C library.
var foreign = map[string][]string{
	"github.com/janpfeifer/gonb":      {"gan/display"},
	"github.com/gomlx/go-xla":         {"xla"},
	"gonum.org/v1/plot":               {"gan/display"},
	"github.com/spf13/cobra":          {},
	"github.com/gomlx/gomlx/ui":       {},
	"github.com/gomlx/gomlx/backends": {},
}

func TestImportsPointOneWay(t *testing.T) {
	for name, may := range allowed {
		output, err := exec.Command("go", "list", "-deps", module+name).CombinedOutput()
		if err != nil {
			t.Fatalf("go list %s: %v\n%s", name, err, output)
		}
		for dependency := range strings.Lines(string(output)) {
			dependency = strings.TrimSpace(dependency)
			if inside, ok := strings.CutPrefix(dependency, module); ok && inside != name && !slices.Contains(may, inside) {
				t.Errorf("%s depends on %s", name, inside)
			}
			for other, users := range foreign {
				if strings.HasPrefix(dependency+"/", other+"/") && !slices.Contains(users, name) {
					t.Errorf("%s depends on %s", name, dependency)
				}
			}
		}
	}
}
