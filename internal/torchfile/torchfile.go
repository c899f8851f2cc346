// Package torchfile reads the tensors of a state_dict that PyTorch's torch.save wrote (.pth, .pt, .bin), in the zip format
// of PyTorch 1.6 and later and in the one before it.
//
// Such files hold pickles, which are programs for Python's unpickler. Nothing of them is executed here: a pickle may use
// the instructions that torch.save writes and may name the few classes that make up a state_dict, and is refused
// otherwise. Sizes are checked against the file before memory is taken for them.
//
// The pickles are run by the machine of gopickle. Its own reader of PyTorch files is not used: it takes memory by sizes that
// it has not checked, and a truncated file passes for a whole one.
package torchfile

import (
	"bytes"
	"io"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
	"github.com/pkg/errors"
)

// Tensor is a tensor of floating point numbers; those stored as float16, bfloat16 or float64 are converted.
type Tensor struct {
	Shape  []int
	Values []float32 // In row-major order.
}

const (
	maxPickle   = 16 << 20 // Bytes of a pickle; those of large networks are some hundred kilobytes.
	maxElements = 1 << 29  // Numbers in all tensors.
)

// Read returns the tensors of a state_dict by their names. Those that keep does not want are left out unread; a nil keep
// wants all.
func Read(file io.ReaderAt, size int64, keep func(name string) bool) (tensors map[string]Tensor, err error) {
	defer func() { // The pickle machine panics on some nonsense.
		if r := recover(); r != nil {
			tensors, err = nil, errors.Errorf("the pickle makes no sense (%v)", r)
		}
	}()
	if keep == nil {
		keep = func(string) bool { return true }
	}
	start := make([]byte, 4)
	if _, err := file.ReadAt(start, 0); err != nil {
		return nil, errors.Errorf("%d bytes are too few for a file of PyTorch", size)
	}
	if bytes.Equal(start, []byte("PK\x03\x04")) {
		return readZip(file, size, keep)
	}
	return readLegacy(file, size, keep)
}

// pickled is what a pickle makes.
type pickled struct {
	value    any
	length   int                // Of the pickle.
	storages map[string]storage // Those it refers to, by key.
}

// unpickle runs the first pickle in data.
func unpickle(data []byte) (pickled, error) {
	length, err := checkPickle(data)
	if err != nil {
		return pickled{}, err
	}
	result := pickled{length: length, storages: make(map[string]storage)}
	machine := pickle.NewUnpickler(bytes.NewReader(bytes.ReplaceAll(data[:length], machineDict, ownDict)))
	machine.FindClass = findClass
	machine.PersistentLoad = func(id any) (any, error) {
		found, err := findStorage(id)
		if err != nil {
			return nil, err
		}
		if known, ok := result.storages[found.key]; ok && (known.count != found.count || known.element.name != found.element.name) {
			return nil, errors.Errorf("it describes the storage %q in two ways", found.key)
		}
		result.storages[found.key] = found
		return found, nil
	}
	result.value, err = machine.Load()
	return result, errors.WithMessage(err, "its pickle")
}

// The machine's own OrderedDict takes no arguments, but Python 2 makes one from a list of pairs: findClass has another, under
// a name that is as long.
var machineDict, ownDict = []byte("ccollections\nOrderedDict\n"), []byte("ccollections\norderedDict\n")

// findClass returns what stands for a class or function of Python that a state_dict may name.
func findClass(module, name string) (any, error) {
	switch module {
	case "collections":
		if name == "orderedDict" {
			return callable(orderedDict), nil
		}
	case "torch":
		if element, ok := elements[name]; ok {
			return element, nil
		}
	case "torch._utils":
		switch name {
		case "_rebuild_tensor_v2", "_rebuild_tensor":
			return callable(rebuildTensor), nil
		case "_rebuild_parameter":
			return callable(rebuildParameter), nil
		}
	}
	return nil, errors.Errorf("it names %s.%s, which no state_dict needs", module, name)
}

// callable is a function that a pickle may call.
type callable func(arguments ...any) (any, error)

// Call makes the function one of the pickle machine's.
func (f callable) Call(arguments ...any) (any, error) { return f(arguments...) }

// storage is a run of numbers in the file, which tensors are views of.
type storage struct {
	element element
	key     string
	count   int
}

// findStorage returns the storage that a persistent identifier ("storage", class, key, device, count[, view]) is.
func findStorage(id any) (storage, error) {
	tuple, ok := id.(*types.Tuple)
	if !ok || tuple.Len() < 5 || tuple.Get(0) != "storage" {
		return storage{}, errors.New("it refers to something that is not a storage")
	}
	class, isClass := tuple.Get(1).(element)
	key, isKey := tuple.Get(2).(string)
	count, isCount := tuple.Get(4).(int)
	if !isClass || !isKey || !isCount || count < 0 || tuple.Len() > 5 && tuple.Get(5) != nil {
		return storage{}, errors.New("it describes a storage in an unknown way")
	}
	return storage{class, key, count}, nil
}

// orderedDict is collections.OrderedDict([pairs]).
func orderedDict(arguments ...any) (any, error) {
	dict := types.NewOrderedDict()
	if len(arguments) == 0 {
		return dict, nil
	}
	pairs, ok := arguments[0].(*types.List)
	if !ok || len(arguments) > 1 {
		return nil, errors.New("it makes a dictionary in an unknown way")
	}
	for _, pair := range *pairs {
		pair, ok := pair.(*types.List)
		if !ok || pair.Len() != 2 {
			return nil, errors.New("it makes a dictionary of something else than pairs")
		}
		name, ok := pair.Get(0).(string)
		if !ok {
			return nil, errors.Errorf("it is no state_dict: a key is not a string but a %T", pair.Get(0))
		}
		dict.Set(name, pair.Get(1))
	}
	return dict, nil
}

// rebuildTensor is torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]), and
// _rebuild_tensor(storage, offset, size, stride) of before PyTorch 0.4, in which torchvision's oldest files are.
func rebuildTensor(arguments ...any) (any, error) {
	if len(arguments) < 4 {
		return nil, errors.New("it makes a tensor from too little")
	}
	s, isStorage := arguments[0].(storage)
	offset, isOffset := arguments[1].(int)
	shape, isShape := integers(arguments[2])
	strides, isStrides := integers(arguments[3])
	if !isStorage || !isOffset || !isShape || !isStrides || len(shape) != len(strides) {
		return nil, errors.New("it makes a tensor in an unknown way")
	}
	return view{s, offset, shape, strides}, nil
}

// rebuildParameter is torch._utils._rebuild_parameter(data, requires_grad, hooks).
func rebuildParameter(arguments ...any) (any, error) {
	if len(arguments) != 3 {
		return nil, errors.New("it makes a parameter in an unknown way")
	}
	return arguments[0], nil
}

// integers returns the numbers of a tuple that has nothing else.
func integers(value any) ([]int, bool) {
	tuple, ok := value.(*types.Tuple)
	if !ok {
		return nil, false
	}
	list := make([]int, tuple.Len())
	for i := range list {
		if list[i], ok = tuple.Get(i).(int); !ok {
			return nil, false
		}
	}
	return list, true
}

// stateDict returns the tensors of an unpickled dictionary that keep wants.
func stateDict(value any, keep func(name string) bool) (map[string]view, error) {
	views := make(map[string]view)
	add := func(key, value any) error {
		name, ok := key.(string)
		if !ok {
			return errors.Errorf("it is no state_dict: a key is not a string but a %T", key)
		}
		if !keep(name) {
			return nil
		}
		v, ok := value.(view)
		if !ok {
			return errors.Errorf("it is no state_dict: %q is not a tensor", name)
		}
		views[name] = v
		return nil
	}
	switch dict := value.(type) {
	case *types.OrderedDict:
		for _, entry := range dict.Map {
			if err := add(entry.Key, entry.Value); err != nil {
				return nil, err
			}
		}
	case *types.Dict:
		for _, entry := range *dict {
			if err := add(entry.Key, entry.Value); err != nil {
				return nil, err
			}
		}
	default:
		return nil, errors.New("it is no state_dict: its pickle does not make a dictionary")
	}
	return views, nil
}
