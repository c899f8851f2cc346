package torchfile

import (
	"archive/zip"
	"encoding/binary"
	"io"
	"math/big"
	"path"

	"github.com/nlpodyssey/gopickle/types"
	"github.com/pkg/errors"
)

// archive is a file of the format of PyTorch 1.6 and later: a zip archive that compresses nothing, with the pickle in
// NAME/data.pkl and each storage in NAME/data/KEY.
type archive struct {
	members map[string]*zip.File
	folder  string // NAME.
	size    uint64 // Of the file.
}

func openArchive(file io.ReaderAt, size int64) (*archive, error) {
	reader, err := zip.NewReader(file, size)
	if err != nil {
		return nil, errors.Errorf("its zip archive is damaged or truncated (%v)", err)
	}
	a := &archive{members: make(map[string]*zip.File, len(reader.File)), size: uint64(size)}
	for _, member := range reader.File {
		a.members[member.Name] = member
		if path.Base(member.Name) == "constants.pkl" {
			return nil, errors.New("it is a TorchScript program, not a state_dict")
		}
		if path.Base(member.Name) == "data.pkl" && path.Dir(path.Dir(member.Name)) == "." {
			a.folder = path.Dir(member.Name)
		}
	}
	if a.folder == "" {
		return nil, errors.New("it is a zip archive, but not one of PyTorch: it has no data.pkl")
	}
	return a, nil
}

// read returns the content of a member, of at most so many bytes.
func (a *archive) read(name string, limit int64) ([]byte, error) {
	member, ok := a.members[a.folder+"/"+name]
	switch {
	case !ok:
		return nil, errors.Errorf("the archive has no %s", name)
	case member.Method != zip.Store || member.UncompressedSize64 > a.size:
		return nil, errors.Errorf("%s in the archive is compressed, which PyTorch never does", name)
	case member.UncompressedSize64 > uint64(limit):
		return nil, errors.Errorf("%s in the archive has %d bytes, %d at most were expected", name, member.UncompressedSize64, limit)
	}
	content, err := member.Open()
	if err != nil {
		return nil, errors.WithMessage(err, name)
	}
	data := make([]byte, member.UncompressedSize64)
	_, err = io.ReadFull(content, data)
	if err == nil {
		_, err = io.Copy(io.Discard, content) // Checks the CRC.
	}
	if closeErr := content.Close(); err == nil {
		err = closeErr
	}
	return data, errors.WithMessage(err, name)
}

// readZip reads the format of PyTorch 1.6 and later.
func readZip(file io.ReaderAt, size int64, keep func(name string) bool) (map[string]Tensor, error) {
	archive, err := openArchive(file, size)
	if err != nil {
		return nil, err
	}
	if order, err := archive.read("byteorder", 16); err == nil && string(order) != "little" {
		return nil, errors.Errorf("its numbers are %q-endian, which is not supported", order)
	}
	data, err := archive.read("data.pkl", maxPickle)
	if err != nil {
		return nil, err
	}
	dict, err := unpickle(data)
	if err != nil {
		return nil, err
	}
	views, err := stateDict(dict.value, keep)
	if err != nil {
		return nil, err
	}
	return load(views, func(key string, length int64) ([]byte, error) {
		data, err := archive.read("data/"+key, length)
		if err == nil && int64(len(data)) != length {
			err = errors.Errorf("its storage has %d bytes, not %d", len(data), length)
		}
		return data, err
	})
}

// legacyMagic is the first thing in a file of the format before PyTorch 1.6, pickled.
const legacyMagic = "1950a86a20f9469cfc6c"

// readLegacy reads the format before PyTorch 1.6: the pickles of a magic number, the version, the writing system, the
// state_dict and the list of keys of its storages; then the storages, each after its number of elements.
func readLegacy(file io.ReaderAt, size int64, keep func(name string) bool) (map[string]Tensor, error) {
	head := make([]byte, min(size, maxPickle))
	if _, err := file.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, errors.WithStack(err)
	}
	var pickles [5]pickled
	start := 0
	for i := range pickles {
		result, err := unpickle(head[start:])
		if i == 0 {
			if magic, ok := result.value.(*big.Int); err != nil || !ok || magic.Text(16) != legacyMagic {
				return nil, errors.New("it is not a file of PyTorch")
			}
		}
		if err != nil {
			return nil, err
		}
		pickles[i], start = result, start+result.length
	}
	version, system, dict, keys := pickles[1].value, pickles[2].value, pickles[3], pickles[4].value
	if version != 1001 {
		return nil, errors.Errorf("its version %v of the format is not known", version)
	}
	if system, ok := system.(*types.Dict); ok {
		if little, ok := system.Get("little_endian"); ok && little != true {
			return nil, errors.New("its numbers are big-endian, which is not supported")
		}
	}
	views, err := stateDict(dict.value, keep)
	if err != nil {
		return nil, err
	}
	places, err := legacyPlaces(file, size, int64(start), dict.storages, keys)
	if err != nil {
		return nil, err
	}
	return load(views, func(key string, length int64) ([]byte, error) {
		place, ok := places[key]
		if !ok || place.length != length {
			return nil, errors.Errorf("its storage %q of %d bytes is not in the file", key, length)
		}
		data := make([]byte, length)
		_, err := file.ReadAt(data, place.start)
		if err == io.EOF && length == 0 {
			err = nil
		}
		return data, errors.WithStack(err)
	})
}

// place is where a storage is in the file.
type place struct{ start, length int64 }

// legacyPlaces returns where the storages are, which follow each other from start on in the order of their keys.
func legacyPlaces(file io.ReaderAt, size, start int64, storages map[string]storage, keys any) (map[string]place, error) {
	list, ok := keys.(*types.List)
	if !ok {
		return nil, errors.New("it has no list of storages")
	}
	places := make(map[string]place, len(*list))
	for _, item := range *list {
		key, _ := item.(string)
		storage, ok := storages[key]
		if !ok {
			return nil, errors.New("it has a storage that no tensor is in")
		}
		element := int64(storage.element.size)
		var head [8]byte
		if _, err := file.ReadAt(head[:], start); err != nil {
			return nil, errors.New("it is truncated: storages are missing")
		}
		count := binary.LittleEndian.Uint64(head[:])
		start += 8
		if count > uint64(max(size-start, 0)/element) {
			return nil, errors.Errorf("it is truncated: a storage of %d numbers is cut off", count)
		}
		places[key] = place{start, int64(count) * element}
		start += places[key].length
	}
	return places, nil
}
