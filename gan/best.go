package gan

import (
	"math"
	"os"
	"strconv"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/runfolder"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// bestName is the name of the best checkpoint in the folder of checkpoints.
const bestName = "best"

const scoreKey = "score" // In the best checkpoint's metadata.

// best is a checkpoint that somebody judged to be the best so far.
type best struct {
	step  int
	score float64
	data  []byte // The checkpoint, where there is no run folder.
}

// SaveBest keeps the trainer's state as the best so far, with the score that it was judged by, of which less is better: in
// the run folder, in place of the one before, or in memory if there is none. It does not compare: Best tells the score to beat.
func (t *Trainer) SaveBest(score float64) error {
	if math.IsNaN(score) || math.IsInf(score, 0) {
		return errors.Errorf("gan: a checkpoint with the score %g cannot be the best", score)
	}
	data, err := t.checkpoint(map[string]string{scoreKey: strconv.FormatFloat(score, 'g', -1, 64)})
	if err != nil {
		return err
	}
	t.best = &best{step: t.steps, score: score, data: data}
	if t.run == nil {
		return nil
	}
	t.best.data = nil
	return errors.WithMessage(t.run.Save(bestName, data), "gan")
}

// Best returns the step and the score of the state that SaveBest kept last, and whether there is one.
func (t *Trainer) Best() (step int, score float64, ok bool) {
	if t.best == nil {
		return 0, 0, false
	}
	return t.best.step, t.best.score, true
}

// readBest returns what is known of the best checkpoint in the run folder, nil if there is none.
func readBest(dir string) (*best, error) {
	path := runfolder.CheckpointPath(dir, bestName)
	metadata, err := safetensors.ReadMetadata(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.WithMessagef(err, "gan: the checkpoint %s cannot be read; delete it to go on without", path)
	}
	b := &best{}
	var stepErr, scoreErr error
	b.step, stepErr = runfolder.Steps(metadata)
	b.score, scoreErr = strconv.ParseFloat(metadata[scoreKey], 64)
	if stepErr != nil || scoreErr != nil {
		return nil, errors.Errorf("gan: the checkpoint %s does not say its step and score; delete it to go on without", path)
	}
	return b, nil
}

// LoadBest returns a trainer with the best checkpoint of the run in the folder, to draw from. It has no run folder of its
// own: training it leaves the run as it is.
func LoadBest(backend compute.Backend, dir string) (*Trainer, error) {
	t, _, err := openRun(backend, dir)
	if err != nil {
		return nil, err
	}
	t.config.Dir = ""
	if t.best, err = readBest(dir); err != nil {
		return nil, err
	}
	if t.best == nil {
		return nil, errors.Errorf("gan: the run in %s has no best checkpoint: nothing judged it while it trained", dir)
	}
	return t, t.restoreFile(runfolder.CheckpointPath(dir, bestName))
}
