package gan

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// keptCheckpoints is how many checkpoints a run folder keeps: the last one, and one to fall back on.
const keptCheckpoints = 2

const checkpointSuffix = ".safetensors"

// Save writes a checkpoint to the run folder: the weights of both players and of the average, what both optimizers
// remember, the state of the random numbers, and the number of steps, which is the place in the data. It is written
// beside the last one and then renamed, so that a crash or a full disk costs nothing that was saved.
func (t *Trainer) Save() error {
	if t.run == nil {
		return errors.New("gan: there is no run folder to save to; set Config.Dir")
	}
	if t.broken != nil {
		return errors.WithMessage(t.broken, "gan: not saved")
	}
	if t.run.saved == t.steps && t.steps > 0 {
		return nil
	}
	if err := t.run.flush(); err != nil {
		return err
	}
	if err := t.calibrateAverage(); err != nil {
		return err
	}
	var list []safetensors.Named
	for v := range t.store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return errors.WithMessage(err, "gan: checkpoint")
		}
		list = append(list, safetensors.Named{Name: v.Path(), Tensor: value})
	}
	var buffer bytes.Buffer
	if err := safetensors.Write(&buffer, list, map[string]string{"steps": strconv.Itoa(t.steps)}); err != nil {
		return errors.WithMessage(err, "gan: checkpoint")
	}
	folder := filepath.Join(t.run.dir, checkpointFolder)
	path := filepath.Join(folder, fmt.Sprintf("%08d%s", t.steps, checkpointSuffix))
	if err := atomicfile.Write(path, buffer.Bytes()); err != nil {
		return errors.WithMessage(err, "gan: checkpoint not saved, earlier ones are kept")
	}
	t.run.saved = t.steps

	names, err := checkpoints(t.run.dir)
	if err != nil {
		return err
	}
	for _, name := range names[:max(0, len(names)-keptCheckpoints)] {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return errors.Wrap(err, "gan: old checkpoint")
		}
	}
	return nil
}

// Load returns a trainer that goes on with the run in the folder, from its last checkpoint; from the start, if there is
// none yet. Going on gives the same weights, byte for byte, as never having stopped, on the same backend.
func Load(backend compute.Backend, dir string) (*Trainer, error) {
	record, err := ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	config := record.Config.defaults()
	if err := config.Check(); err != nil {
		return nil, errors.WithMessagef(err, "gan: %s", filepath.Join(dir, recordFile))
	}
	t, err := newTrainer(backend, config)
	if err != nil {
		return nil, err
	}
	names, err := checkpoints(dir)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		if err := t.store.SetRNGStateFromSeed(config.Seed); err != nil {
			return nil, errors.WithMessage(err, "gan: seed")
		}
	} else if err := t.restore(filepath.Join(dir, checkpointFolder, names[len(names)-1])); err != nil {
		return nil, err
	}
	t.run = &run{dir: dir, record: record, saved: t.steps}
	return t, nil
}

// restore reads a checkpoint.
func (t *Trainer) restore(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return errors.Wrap(err, "gan: checkpoint")
	}
	list, metadata, err := safetensors.Read(data)
	if err != nil {
		return errors.WithMessagef(err, "gan: the checkpoint %s cannot be read; delete it to go on from the one before", path)
	}
	if t.steps, err = strconv.Atoi(metadata["steps"]); err != nil {
		return errors.Errorf("gan: the checkpoint %s does not say its number of steps; delete it to go on from the one before", path)
	}
	// In the order in which they were made, so that the program is built and compiled as the first time.
	for _, named := range list {
		if v := t.store.GetVariable(named.Name); v != nil {
			err = v.SetValue(named.Tensor)
		} else {
			_, err = t.store.CreateVariable(named.Name, named.Tensor)
		}
		if err != nil {
			return errors.WithMessagef(err, "gan: the checkpoint %s", path)
		}
	}
	return nil
}

// checkpoints returns the names of the checkpoints of the run in the folder, the last one last.
func checkpoints(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, checkpointFolder))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "gan: checkpoints")
	}
	var names []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), checkpointSuffix) && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}
