package training

import (
	"encoding/json"
	"runtime"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/runfolder"
)

// Record is what a run folder says of itself, in run.json.
type Record struct {
	Task    string          `json:"task"`   // "" for a run of a gan.Trainer, whose record gan.ReadRecord reads.
	Config  json.RawMessage `json:"config"` // The task's settings.
	Data    gan.DataRecord  `json:"data"`
	Backend string          `json:"backend"`
	Go      string          `json:"go"` // The version of Go.
}

func newRecord(d Definition, backend string) (Record, error) {
	config, err := json.Marshal(d.Config)
	return Record{Task: d.Task, Config: config, Backend: backend, Go: runtime.Version()}, errors.Wrapf(err, "%s: settings", d.Task)
}

// ReadRecord returns the record of the run in the folder.
func ReadRecord(dir string) (Record, error) {
	var record Record
	err := runfolder.ReadRecord(dir, &record)
	return record, err
}

// readRecordOf returns the record of a run of the task.
func readRecordOf(dir, task string) (Record, error) {
	record, err := ReadRecord(dir)
	switch {
	case err != nil:
		return record, errors.WithMessage(err, task)
	case record.Task == "":
		return record, errors.Errorf("%s: %s holds a run that draws from latents, which the command ganymede sample is for", task, dir)
	case record.Task != task:
		return record, errors.Errorf("%s: %s holds a run of %s, which the command ganymede %s is for", task, dir, record.Task, record.Task)
	}
	return record, nil
}

// TaskOf returns the task of the run in the folder, "" for a run of a gan.Trainer.
func TaskOf(dir string) (string, error) {
	record, err := ReadRecord(dir)
	return record.Task, err
}

// ReadLog returns the steps in the log of the run in the folder. A last line cut short by a crash is left out.
func ReadLog(dir string) ([]Step, error) { return runfolder.ReadLog[Step](dir) }
