package runfolder

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// kept is how many checkpoints of steps a run folder keeps: the last one, and one to fall back on.
const kept = 2

const (
	suffix   = ".safetensors"
	stepsKey = "steps" // In a checkpoint's metadata.
)

// Pack returns all variables of the store as a file, with the number of steps beside further metadata.
func Pack(store *model.Store, steps int, metadata map[string]string) ([]byte, error) {
	var list []safetensors.Named
	for v := range store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return nil, errors.WithMessage(err, "checkpoint")
		}
		list = append(list, safetensors.Named{Name: v.Path(), Tensor: value})
	}
	all := map[string]string{stepsKey: strconv.Itoa(steps)}
	for key, value := range metadata {
		all[key] = value
	}
	var buffer bytes.Buffer
	if err := safetensors.Write(&buffer, list, all); err != nil {
		return nil, errors.WithMessage(err, "checkpoint")
	}
	return buffer.Bytes(), nil
}

// Unpack gives the variables of the store the values of what Pack returned, and makes those that are not there.
func Unpack(store *model.Store, data []byte) (steps int, metadata map[string]string, err error) {
	list, metadata, err := safetensors.Read(data)
	if err != nil {
		return 0, nil, err
	}
	if steps, err = Steps(metadata); err != nil {
		return 0, nil, err
	}
	// In the order in which they were made, so that the program is built and compiled as the first time.
	for _, named := range list {
		if v := store.GetVariable(named.Name); v != nil {
			err = v.SetValue(named.Tensor)
		} else {
			_, err = store.CreateVariable(named.Name, named.Tensor)
		}
		if err != nil {
			return 0, nil, err
		}
	}
	return steps, metadata, nil
}

// Steps returns the number of steps in the metadata of a checkpoint.
func Steps(metadata map[string]string) (int, error) {
	steps, err := strconv.Atoi(metadata[stepsKey])
	if err != nil {
		return 0, errors.New("it does not say its number of steps")
	}
	return steps, nil
}

// SaveStep writes out the log, and the checkpoint of a step in the place of older ones.
func (f *Folder) SaveStep(steps int, data []byte) error {
	if err := f.Flush(); err != nil {
		return err
	}
	if err := f.Save(fmt.Sprintf("%08d", steps), data); err != nil {
		return err
	}
	f.Saved = steps
	names, err := Checkpoints(f.Dir)
	if err != nil {
		return err
	}
	return f.Remove(names[:max(0, len(names)-kept)])
}

// Save writes a checkpoint of the name.
func (f *Folder) Save(name string, data []byte) error {
	err := atomicfile.Write(CheckpointPath(f.Dir, name), data)
	return errors.WithMessage(err, "checkpoint not saved, earlier ones are kept")
}

// Remove removes the checkpoints of the names.
func (f *Folder) Remove(names []string) error {
	for _, name := range names {
		if err := os.Remove(CheckpointPath(f.Dir, name)); err != nil {
			return errors.Wrap(err, "old checkpoint")
		}
	}
	return nil
}

// CheckpointPath returns the file of the checkpoint of the name.
func CheckpointPath(dir, name string) string {
	return filepath.Join(dir, checkpointFolder, name+suffix)
}

// Checkpoints returns the names of the checkpoints of steps of the run in the folder, which are numbers, the last one last.
func Checkpoints(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, checkpointFolder))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "checkpoints")
	}
	var names []string
	for _, entry := range entries {
		step, ok := strings.CutSuffix(entry.Name(), suffix)
		if _, err := strconv.Atoi(step); ok && err == nil {
			names = append(names, step)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Last returns the content of the last checkpoint of a step, nil if there is none, and its file.
func Last(dir string) (data []byte, path string, err error) {
	names, err := Checkpoints(dir)
	if err != nil || len(names) == 0 {
		return nil, "", err
	}
	path = CheckpointPath(dir, names[len(names)-1])
	data, err = os.ReadFile(path)
	return data, path, errors.Wrap(err, "checkpoint")
}
