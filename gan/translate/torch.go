package translate

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/torchfile"
)

// LoadTorch returns a translator by the generator with weights that PyTorch has trained: those in a file of the authors' code for
// pix2pix and CycleGAN (latest_net_G.pth, latest_net_G_A.pth), a state_dict of its ResnetGenerator or UnetGenerator. In and out are
// the channels of the pictures it takes and makes.
//
// The generator says which network it is: UNet or ResNet, with the Size or Blocks, Channels and Norm that it was trained with, and for
// a ResNet whether there was dropout. A file of another layout is an error that names the first key that is missing or of another
// shape. Batch normalizations use the running averages in the file, where the authors' code, as it is told by default, takes those of
// the picture it translates.
func LoadTorch(backend compute.Backend, path string, generator Generator, in, out int) (*Translator, error) {
	layout, ok := generator.(inTorch)
	if !ok {
		return nil, errors.Errorf("translate: PyTorch's files are of a UNet or a ResNet, not of a %T", generator)
	}
	if in < 1 || out < 1 {
		return nil, errors.Errorf("translate: pictures must have at least 1 channel, got %d and %d", in, out)
	}
	if err := generator.Check(max(generator.Multiple(), 8)); err != nil {
		return nil, err
	}
	list, err := readTorch(path)
	if err != nil {
		return nil, errors.WithMessagef(err, "translate: weights in %s", path)
	}
	weights, err := torchWeights(list, layout, in, out)
	if err != nil {
		return nil, errors.WithMessagef(err, "translate: %s is not of a %s from %d to %d channels", path, describe(generator), in, out)
	}
	store := model.NewStore()
	scope := "/" + generatorScope
	for name, value := range weights {
		store.VariableWithValue(scope+"/"+name, value)
	}
	return newTranslator(backend, store, scope, generator, in, out, 0)
}

// readTorch returns the tensors of floating point numbers in a file of PyTorch.
func readTorch(path string) (map[string]torchfile.Tensor, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	// What is counted is an integer, and of no use here.
	return torchfile.Read(file, info.Size(), func(name string) bool { return !strings.HasSuffix(name, "num_batches_tracked") })
}

// describe says which network a generator is, for messages.
func describe(generator Generator) string {
	switch g := generator.(type) {
	case UNet:
		return fmt.Sprintf("UNet of size %d with %d channels and norm %q", g.Multiple(), g.channels(0), cmp.Or(g.Norm, InstanceNorm))
	case ResNet:
		return fmt.Sprintf("ResNet of %d blocks with %d channels and norm %q", g.blocks(), orDefault(g.Channels, 64), cmp.Or(g.Norm, InstanceNorm))
	default:
		return fmt.Sprintf("%T", generator)
	}
}
