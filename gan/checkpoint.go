package gan

import (
	"maps"
	"os"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/runfolder"
)

// Save writes a checkpoint to the run folder: the weights of both players and of the average, what both optimizers
// remember, the state of the random numbers, and the number of steps, which is the place in the data. It is written
// beside the last one and then renamed, so that a crash or a full disk costs nothing that was saved.
func (t *Trainer) Save() error {
	if t.run == nil {
		return errors.New("gan: there is no run folder to save to; set Config.Dir")
	}
	if t.run.Saved == t.steps && t.steps > 0 && t.broken == nil {
		return nil
	}
	data, err := t.checkpoint(nil)
	if err != nil {
		return err
	}
	return errors.WithMessage(t.run.SaveStep(t.steps, data), "gan")
}

// checkpoint returns all variables as a file, with the number of steps and what rollbacks changed beside further metadata.
func (t *Trainer) checkpoint(metadata map[string]string) ([]byte, error) {
	if t.broken != nil {
		return nil, errors.WithMessage(t.broken, "gan: not saved")
	}
	if err := t.calibrateAverage(); err != nil {
		return nil, err
	}
	all := map[string]string{}
	t.going.write(all)
	maps.Copy(all, metadata)
	data, err := runfolder.Pack(t.store, t.steps, all)
	return data, errors.WithMessage(err, "gan")
}

// Load returns a trainer that goes on with the run in the folder, from its last checkpoint; from the start, if there is
// none yet. Going on gives the same weights, byte for byte, as never having stopped, on the same backend.
func Load(backend compute.Backend, dir string) (*Trainer, error) {
	t, record, err := openRun(backend, dir)
	if err != nil {
		return nil, err
	}
	t.run = &run{Folder: &runfolder.Folder{Dir: dir}, record: record}
	if err := t.restoreLast(); err != nil {
		return nil, err
	}
	t.run.Saved = t.steps
	t.best, err = readBest(dir)
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
		return nil, record, errors.WithMessagef(err, "gan: %s", runfolder.RecordPath(dir))
	}
	t, err := newTrainer(backend, config)
	return t, record, err
}

// restoreLast reads the last checkpoint of the run folder, if there is one.
func (t *Trainer) restoreLast() error {
	data, path, err := runfolder.Last(t.run.Dir)
	if err != nil {
		return errors.WithMessage(err, "gan")
	}
	if data == nil {
		return nil
	}
	return unreadable(t.restore(data), path)
}

// restoreFile reads a checkpoint.
func (t *Trainer) restoreFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return errors.Wrap(err, "gan: checkpoint")
	}
	return unreadable(t.restore(data), path)
}

func unreadable(err error, path string) error {
	return errors.WithMessagef(err, "gan: the checkpoint %s cannot be read; delete it to go on from the one before", path)
}

// restore gives the variables the values of a checkpoint.
func (t *Trainer) restore(data []byte) error {
	steps, metadata, err := runfolder.Unpack(t.store, data)
	if err != nil {
		return err
	}
	t.steps = steps
	t.going, err = readGoing(metadata)
	return err
}
