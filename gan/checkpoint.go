package gan

import (
	"bytes"
	"fmt"
	"maps"
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

const (
	checkpointSuffix = ".safetensors"
	stepsKey         = "steps" // In a checkpoint's metadata.
)

// Save writes a checkpoint to the run folder: the weights of both players and of the average, what both optimizers
// remember, the state of the random numbers, and the number of steps, which is the place in the data. It is written
// beside the last one and then renamed, so that a crash or a full disk costs nothing that was saved.
func (t *Trainer) Save() error {
	if t.run == nil {
		return errors.New("gan: there is no run folder to save to; set Config.Dir")
	}
	if t.run.saved == t.steps && t.steps > 0 && t.broken == nil {
		return nil
	}
	data, err := t.checkpoint(nil)
	if err != nil {
		return err
	}
	if err := t.run.flush(); err != nil {
		return err
	}
	if err := t.run.writeCheckpoint(fmt.Sprintf("%08d", t.steps), data); err != nil {
		return err
	}
	t.run.saved = t.steps

	names, err := checkpoints(t.run.dir)
	if err != nil {
		return err
	}
	return t.run.removeCheckpoints(names[:max(0, len(names)-keptCheckpoints)])
}

// checkpoint returns all variables as a file, with the number of steps and what rollbacks changed beside further metadata.
func (t *Trainer) checkpoint(metadata map[string]string) ([]byte, error) {
	if t.broken != nil {
		return nil, errors.WithMessage(t.broken, "gan: not saved")
	}
	if err := t.calibrateAverage(); err != nil {
		return nil, err
	}
	var list []safetensors.Named
	for v := range t.store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return nil, errors.WithMessage(err, "gan: checkpoint")
		}
		list = append(list, safetensors.Named{Name: v.Path(), Tensor: value})
	}
	all := map[string]string{stepsKey: strconv.Itoa(t.steps)}
	t.going.write(all)
	maps.Copy(all, metadata)
	var buffer bytes.Buffer
	if err := safetensors.Write(&buffer, list, all); err != nil {
		return nil, errors.WithMessage(err, "gan: checkpoint")
	}
	return buffer.Bytes(), nil
}

// writeCheckpoint writes a checkpoint of the name.
func (r *run) writeCheckpoint(name string, data []byte) error {
	err := atomicfile.Write(r.checkpointPath(name+checkpointSuffix), data)
	return errors.WithMessage(err, "gan: checkpoint not saved, earlier ones are kept")
}

// removeCheckpoints removes the files.
func (r *run) removeCheckpoints(names []string) error {
	for _, name := range names {
		if err := os.Remove(r.checkpointPath(name)); err != nil {
			return errors.Wrap(err, "gan: old checkpoint")
		}
	}
	return nil
}

func (r *run) checkpointPath(file string) string { return filepath.Join(r.dir, checkpointFolder, file) }

// Load returns a trainer that goes on with the run in the folder, from its last checkpoint; from the start, if there is
// none yet. Going on gives the same weights, byte for byte, as never having stopped, on the same backend.
func Load(backend compute.Backend, dir string) (*Trainer, error) {
	t, record, err := openRun(backend, dir)
	if err != nil {
		return nil, err
	}
	t.run = &run{dir: dir, record: record}
	names, err := checkpoints(dir)
	if err != nil {
		return nil, err
	}
	if len(names) > 0 {
		if err := t.restoreFile(t.run.checkpointPath(names[len(names)-1])); err != nil {
			return nil, err
		}
	}
	t.run.saved = t.steps
	t.best, err = t.run.readBest()
	return t, err
}

// openRun returns a trainer with fresh weights and the configuration of the run in the folder.
func openRun(backend compute.Backend, dir string) (*Trainer, Record, error) {
	record, err := ReadRecord(dir)
	if err != nil {
		return nil, record, err
	}
	config := record.Config.defaults()
	if err := config.Check(); err != nil {
		return nil, record, errors.WithMessagef(err, "gan: %s", filepath.Join(dir, recordFile))
	}
	t, err := newTrainer(backend, config)
	return t, record, err
}

// restoreFile reads a checkpoint.
func (t *Trainer) restoreFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return errors.Wrap(err, "gan: checkpoint")
	}
	return errors.WithMessagef(t.restore(data), "gan: the checkpoint %s cannot be read; delete it to go on from the one before", path)
}

// restore gives the variables the values of a checkpoint.
func (t *Trainer) restore(data []byte) error {
	list, metadata, err := safetensors.Read(data)
	if err != nil {
		return err
	}
	if t.steps, err = strconv.Atoi(metadata[stepsKey]); err != nil {
		return errors.New("it does not say its number of steps")
	}
	if t.going, err = readGoing(metadata); err != nil {
		return err
	}
	// In the order in which they were made, so that the program is built and compiled as the first time.
	for _, named := range list {
		if v := t.store.GetVariable(named.Name); v != nil {
			err = v.SetValue(named.Tensor)
		} else {
			_, err = t.store.CreateVariable(named.Name, named.Tensor)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkpoints returns the names of the checkpoints of steps of the run in the folder, the last one last.
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
		step, ok := strings.CutSuffix(entry.Name(), checkpointSuffix)
		if _, err := strconv.Atoi(step); ok && err == nil {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}
