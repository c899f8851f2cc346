package features

import (
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// entry is an extractor that Open knows. The file of each network adds its own:
//
//	func init() { entries["digits"] = entry{network: digits{}, weights: embeddedDigits} }
//	func init() { entries["vgg16"] = entry{network: vgg16{}} }
type entry struct {
	network Network

	// weights returns the weights that the package carries and their SHA-256 in hexadecimal. It is nil for a network whose
	// weights are in a file, which the spec then names; standardFiles has the one that everybody uses.
	weights func() (map[string]*tensors.Tensor, string, error)
}

var entries = map[string]entry{}

// Names returns what [Open] knows, in alphabetic order. Those whose weights are in a file end in ":FILE".
func Names() []string {
	var names []string
	for _, info := range List() {
		names = append(names, info.Name)
	}
	return names
}

// Open returns the extractor that the spec names: one of the networks in the package ("digits", "fashion", "emoji"),
// "pixels" without a network, or "inception:FILE", "vgg16:FILE", "vgg19:FILE", "alexnet:FILE" with weights from a file,
// see [ReadWeights].
//
// A file that is not the standard one of its network is refused, unless the spec names its SHA-256:
// "inception:FILE,sha256=HEX".
func Open(backend compute.Backend, spec string) (*Extractor, error) {
	name, file, hasFile := strings.Cut(spec, ":")
	e, ok := entries[name]
	switch {
	case !ok:
		return nil, errors.Errorf("features: no extractor %q%s; there are %s",
			name, nearest.Hint(name, slices.Collect(maps.Keys(entries))), strings.Join(Names(), ", "))
	case e.weights != nil && hasFile:
		return nil, errors.Errorf("features: %s has its weights with it and takes no file: use %q", name, name)
	case e.weights == nil && file == "":
		return nil, errors.Errorf("features: %s needs a file of weights: use %q", name, name+":FILE")
	}
	if e.weights == nil {
		return openFile(backend, e.network, file)
	}
	weights, hash, err := e.weights()
	if err != nil {
		return nil, errors.WithMessagef(err, "features: weights of %s", name)
	}
	return New(backend, e.network, weights, hash)
}
