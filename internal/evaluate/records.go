package evaluate

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// ScoresFile is where a run folder keeps what its samples were found to be worth.
const ScoresFile = "scores.json"

// Record is one evaluation of a run.
type Record struct {
	Step       int                      `json:"step"`       // Of the training, at which the samples were drawn.
	Checkpoint string                   `json:"checkpoint"` // Last or Best.
	Scores     map[string]metrics.Score `json:"scores"`     // By metric.
}

// Save adds the scores to those of the run that the fake side was drawn from. Older ones of the same checkpoint and step that
// may stand in one column with them, see metrics.Card, are replaced, others stay.
func (r *Result) Save() error {
	run := r.options.Fake.Run
	if run == nil {
		return errors.Errorf("%s is no run, in whose folder scores could be kept", r.options.Fake.Name)
	}
	records, err := ReadRecords(run.Dir)
	if err != nil {
		return err
	}
	var kept []Record
	for _, old := range records {
		for key, score := range old.Scores {
			if new, ok := r.Scores[key]; ok && old.Step == run.Step && old.Checkpoint == run.Checkpoint && len(new.Card.Differences(score.Card)) == 0 {
				delete(old.Scores, key)
			}
		}
		if len(old.Scores) > 0 {
			kept = append(kept, old)
		}
	}
	kept = append(kept, Record{Step: run.Step, Checkpoint: run.Checkpoint, Scores: r.Scores})
	data, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return errors.Wrap(err, "scores")
	}
	return errors.WithMessage(atomicfile.Write(filepath.Join(run.Dir, ScoresFile), append(data, '\n')), "scores")
}

// ReadRecords returns the evaluations of the run in the folder, the latest last; none if there is none.
func ReadRecords(dir string) ([]Record, error) {
	path := filepath.Join(dir, ScoresFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "scores")
	}
	var records []Record
	if err := json.Unmarshal(data, &records); err != nil {
		return nil, errors.Errorf("%s is damaged: %v; delete it to begin anew", path, err)
	}
	return records, nil
}

// Latest returns the last score of each metric in the records.
func Latest(records []Record) map[string]metrics.Score {
	latest := map[string]metrics.Score{}
	for _, record := range records {
		maps.Copy(latest, record.Scores)
	}
	return latest
}
