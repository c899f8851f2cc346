// Package structure has no code: its test keeps the imports of the others pointing one way.
package structure

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ganymede-ml/ganymede/"

// What packages of the game stand on, in lists that others share.
var (
	graphs  = []string{"gan/nn", "gan/nn/conv", "gan/nn/vjp"}
	files   = []string{"internal/atomicfile", "internal/jsonlines", "internal/safetensors"}
	trainer = slices.Concat(graphs, files, []string{"gan/augment", "internal/feed", "internal/nearest", "internal/runfolder"})
	task    = slices.Concat(trainer, []string{"gan", "gan/training"})
	data    = []string{"internal/archive", "internal/atomicfile", "internal/fetch", "internal/jsonlines", "internal/nearest"}
	network = slices.Concat(graphs, []string{"gan/augment", "internal/fetch", "internal/nearest", "internal/safetensors", "internal/torchfile"})
)

// allowed lists, for each public package, which other packages of the module it may depend on, directly or not.
var allowed = map[string][]string{
	"gan/nn/vjp":            {},
	"gan/nn/conv":           {"gan/nn/vjp"},
	"gan/nn":                {"gan/nn/conv", "gan/nn/vjp"},
	"gan":                   trainer,
	"gan/augment":           {"internal/nearest"},
	"gan/metrics":           {},
	"gan/health":            slices.Concat(trainer, []string{"gan", "gan/metrics"}),
	"gan/features":          network,
	"gan/training":          slices.Concat(trainer, []string{"gan"}),
	"gan/tiling":            {},
	"gan/translate":         slices.Concat(task, []string{"internal/torchfile"}),
	"gan/inpaint":           task,
	"gan/inpaint/classical": {},
	"gan/style":             slices.Concat(task, network, []string{"gan/features"}),
	"gan/display":           {"internal/atomicfile"},
	"gan/enlarge":           slices.Concat(trainer, data, network, []string{"datasets", "gan", "gan/features", "gan/metrics", "gan/preset", "gan/style", "gan/training"}),
	"datasets":              data,
	"course":                slices.Concat(task, []string{"gan/display", "internal/fetch", "xla"}),
	"course/sampler":        {},
	"xla":                   {"internal/atomicfile", "internal/fetch"},
}

// foreign are modules that only the packages named may depend on: a headless server or a WebAssembly build gets gan
// without a notebook's kernel or a C library.
var foreign = map[string][]string{
	"github.com/janpfeifer/gonb":      {"course", "gan/display"},
	"github.com/gomlx/go-xla":         {"course", "xla"},
	"gonum.org/v1/plot":               {"course", "gan/display"},
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
