package gan

import (
	"runtime"

	"github.com/gomlx/gomlx/ml/train"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/runfolder"
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
	var head struct {
		Task string `json:"task"`
	}
	if err := runfolder.ReadRecord(dir, &head); err != nil {
		return Record{}, errors.WithMessage(err, "gan")
	}
	if head.Task != "" {
		return Record{}, &OtherTask{Dir: dir, Task: head.Task}
	}
	var record Record
	err := runfolder.ReadRecord(dir, &record)
	record.Config.Dir = dir
	return record, errors.WithMessage(err, "gan")
}

// OtherTask is the error of a run that is no Trainer's, but one of package training.
type OtherTask struct {
	Dir  string
	Task string // "translate".
}

// Error says which command is for the run.
func (e *OtherTask) Error() string {
	return "gan: " + e.Dir + " holds a run of " + e.Task + ", which the command ganymede " + e.Task + " is for"
}

// HoldsRun tells whether there is a run in the folder, of a Trainer or of package training.
func HoldsRun(dir string) bool { return runfolder.Holds(dir) }

// run is the run folder of a trainer.
type run struct {
	*runfolder.Folder
	record Record
}

// createRun starts a run folder.
func createRun(config Config, backend string) (*run, error) {
	folder, err := runfolder.Create(config.Dir)
	if err != nil {
		return nil, errors.WithMessage(err, "gan")
	}
	r := &run{Folder: folder, record: Record{Config: config, Backend: backend, Go: runtime.Version()}}
	return r, r.writeRecord()
}

func (r *run) writeRecord() error { return errors.WithMessage(r.WriteRecord(r.record), "gan") }

// recordData notes which data the run is trained on, and returns an error if it was other data before: a resumed run
// would not be the one that was stopped.
func (t *Trainer) recordData(data train.Dataset) error {
	if t.run == nil {
		return nil
	}
	now := DescribeData(data)
	if err := now.Follows(t.run.record.Data, t.run.Dir); err != nil {
		return err
	}
	if now == t.run.record.Data {
		return nil
	}
	t.run.record.Data = now
	return t.run.writeRecord()
}

// DescribeData returns what a data set tells of itself: its name, and hash and batch size if it has methods of these names.
func DescribeData(data train.Dataset) DataRecord {
	record := DataRecord{Name: data.Name()}
	if hashed, ok := data.(interface{ Hash() string }); ok {
		record.Hash = hashed.Hash()
	}
	if batched, ok := data.(interface{ BatchSize() int }); ok {
		record.BatchSize = batched.BatchSize()
	}
	return record
}

// Follows returns an error if the run in the folder, which was trained on the data before, cannot go on with this one: it
// would not be the run that was stopped. The zero DataRecord is no data yet.
func (d DataRecord) Follows(before DataRecord, dir string) error {
	switch {
	case before == DataRecord{} || before == d:
		return nil
	case before.Hash != d.Hash:
		return errors.Errorf("gan: the run in %s was trained on other data: %q, not %q; give it that data or start another run",
			dir, before.Name, d.Name)
	case before.BatchSize != d.BatchSize:
		return errors.Errorf("gan: the run in %s was trained with batches of %d, not %d", dir, before.BatchSize, d.BatchSize)
	}
	return nil
}

// ReadLog returns the steps in the log of the run in the folder. A last line cut short by a crash is left out.
func ReadLog(dir string) ([]Step, error) {
	steps, err := runfolder.ReadLog[Step](dir)
	return steps, errors.WithMessage(err, "gan")
}
