package gan

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/jsonlines"
)

// A run folder holds
//
//	run.json       the Record: configuration, data, versions
//	checkpoints/   STEP.safetensors: all variables of the store, the last two kept; best.safetensors: the best, see Trainer.SaveBest
//	log.jsonl      a Step per line
//
// Others may add files: the command writes samples/.
const (
	recordFile       = "run.json"
	logFile          = "log.jsonl"
	checkpointFolder = "checkpoints"
)

// Record is what a run folder says of itself, in run.json.
type Record struct {
	Config  Config     `json:"config"`
	Data    DataRecord `json:"data"`
	Backend string     `json:"backend"`
	Go      string     `json:"go"` // The version of Go.
}

// DataRecord says which data a run was trained on. Fields are empty where the data set does not tell.
type DataRecord struct {
	Name      string `json:"name"`
	Hash      string `json:"hash,omitempty"`       // SHA-256.
	BatchSize int    `json:"batch_size,omitempty"` // Examples.
}

// ReadRecord returns the record of the run in the folder.
func ReadRecord(dir string) (Record, error) {
	var record Record
	data, err := os.ReadFile(filepath.Join(dir, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return record, errors.Errorf("gan: %s holds no run: it has no %s", dir, recordFile)
	}
	if err != nil {
		return record, errors.Wrap(err, "gan: run")
	}
	if err := json.Unmarshal(data, &record); err != nil {
		return record, errors.WithMessagef(err, "gan: %s is damaged", filepath.Join(dir, recordFile))
	}
	record.Config.Dir = dir
	return record, nil
}

// HoldsRun tells whether there is a run in the folder.
func HoldsRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, recordFile))
	return err == nil
}

// run is the run folder of a trainer.
type run struct {
	dir    string
	record Record
	saved  int // Steps of the last checkpoint, 0 without one.

	logFile *os.File
	logger  *bufio.Writer
}

// createRun starts a run folder.
func createRun(config Config, backend string) (*run, error) {
	if HoldsRun(config.Dir) {
		return nil, errors.Errorf("gan: %s already holds a run; gan.Load goes on with it, or choose another folder", config.Dir)
	}
	if err := os.MkdirAll(filepath.Join(config.Dir, checkpointFolder), 0o777); err != nil {
		return nil, errors.Wrap(err, "gan: run folder")
	}
	r := &run{dir: config.Dir, record: Record{Config: config, Backend: backend, Go: runtime.Version()}}
	return r, r.writeRecord()
}

func (r *run) writeRecord() error {
	data, err := json.MarshalIndent(r.record, "", "  ")
	if err != nil {
		return errors.WithMessage(err, "gan: run")
	}
	return errors.WithMessage(atomicfile.Write(filepath.Join(r.dir, recordFile), append(data, '\n')), "gan: run")
}

// recordData notes which data the run is trained on, and returns an error if it was other data before: a resumed run
// would not be the one that was stopped.
func (t *Trainer) recordData(data train.Dataset) error {
	if t.run == nil {
		return nil
	}
	now := DataRecord{Name: data.Name()}
	if hashed, ok := data.(interface{ Hash() string }); ok {
		now.Hash = hashed.Hash()
	}
	if batched, ok := data.(interface{ BatchSize() int }); ok {
		now.BatchSize = batched.BatchSize()
	}
	before := t.run.record.Data
	switch {
	case before == now:
		return nil
	case before != DataRecord{} && before.Hash != now.Hash:
		return errors.Errorf("gan: the run in %s was trained on other data: %q, not %q; give it that data or start another run",
			t.run.dir, before.Name, now.Name)
	case before != DataRecord{} && before.BatchSize != now.BatchSize:
		return errors.Errorf("gan: the run in %s was trained with batches of %d, not %d", t.run.dir, before.BatchSize, now.BatchSize)
	}
	t.run.record.Data = now
	return t.run.writeRecord()
}

// log adds a line to the log.
func (r *run) log(step Step) error {
	if r.logger == nil {
		if err := trimLog(r.dir, step.N-1); err != nil {
			return err
		}
		file, err := os.OpenFile(filepath.Join(r.dir, logFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			return errors.Wrap(err, "gan: log")
		}
		r.logFile, r.logger = file, bufio.NewWriter(file)
	}
	line, err := jsonlines.Line(step)
	if err != nil {
		return errors.WithMessage(err, "gan: log")
	}
	_, err = r.logger.Write(line)
	return errors.Wrap(err, "gan: log")
}

// flush writes out what was logged.
func (r *run) flush() error {
	if r.logger == nil {
		return nil
	}
	return errors.Wrap(r.logger.Flush(), "gan: log")
}

// close writes out what was logged and closes the log.
func (r *run) close() error {
	if r.logFile == nil {
		return nil
	}
	err := r.flush()
	if closeErr := r.logFile.Close(); err == nil {
		err = errors.Wrap(closeErr, "gan: log")
	}
	r.logFile, r.logger = nil, nil
	return err
}

// ReadLog returns the steps in the log of the run in the folder. A last line cut short by a crash is left out.
func ReadLog(dir string) ([]Step, error) {
	steps, err := jsonlines.Read[Step](filepath.Join(dir, logFile))
	return steps, errors.WithMessage(err, "gan: log")
}

// trimLog drops the lines after the given step: those that were logged after the checkpoint the run goes on from.
func trimLog(dir string, last int) error {
	steps, err := ReadLog(dir)
	if err != nil || len(steps) == 0 {
		return err
	}
	kept := slices.IndexFunc(steps, func(step Step) bool { return step.N > last })
	if kept < 0 {
		kept = len(steps)
	}
	return errors.WithMessage(jsonlines.Write(filepath.Join(dir, logFile), steps[:kept]), "gan: log")
}
