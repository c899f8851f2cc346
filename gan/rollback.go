package gan

import (
	"strconv"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/runfolder"
)

// going is what rollbacks changed of how a training goes on. Checkpoints carry it, so that a resumed training goes on
// likewise.
type going struct {
	rate  float64 // What both learning rates are multiplied by.
	count int     // Rollbacks so far.
}

const ( // In a checkpoint's metadata, where there were rollbacks.
	rateKey      = "learning_rate_factor"
	rollbacksKey = "rollbacks"
)

func (g going) write(metadata map[string]string) {
	if g.count > 0 {
		metadata[rateKey] = strconv.FormatFloat(g.rate, 'g', -1, 64)
		metadata[rollbacksKey] = strconv.Itoa(g.count)
	}
}

func readGoing(metadata map[string]string) (going, error) {
	read := going{rate: 1}
	if metadata[rollbacksKey] == "" {
		return read, nil
	}
	var err error
	if read.count, err = strconv.Atoi(metadata[rollbacksKey]); err == nil {
		read.rate, err = strconv.ParseFloat(metadata[rateKey], 64)
	}
	return read, errors.Wrap(err, "what rollbacks changed")
}

// slowed returns the factor of both learning rates, which is nil for 1.
func (g going) slowed(factor *Node, graph *Graph) *Node {
	switch {
	case g.rate == 1:
		return factor
	case factor == nil:
		return Const(graph, float32(g.rate))
	}
	return Mul(factor, Scalar(graph, factor.DType(), g.rate))
}

// Rollback takes the training back to the state that SaveBest kept, or else to the last checkpoint, or else to fresh
// weights, as from a collapse or from losses that are no longer numbers. From there it goes on with other random numbers
// and with both learning rates multiplied by rate, above 0 and at most 1, so that it does not go the same way again. What
// came after is lost: its checkpoints are removed, and its steps leave the log.
//
// It must not be called inside a loop over Train.
func (t *Trainer) Rollback(rate float64) error {
	if !(rate > 0 && rate <= 1) {
		return errors.Errorf("gan: a rollback multiplies the learning rates by a factor above 0 and at most 1, not %g", rate)
	}
	count, factor := t.going.count+1, t.going.rate*rate
	if err := t.Close(); err != nil {
		return err
	}
	if err := t.reset(); err != nil {
		return err
	}
	if err := t.restoreEarlier(); err != nil {
		return err
	}
	t.broken, t.leave = nil, nil
	t.going = going{factor, count}
	if err := t.store.SetRNGStateFromSeed(t.config.Seed + int64(count)*rollbackSeed); err != nil {
		return errors.WithMessage(err, "gan: seed")
	}
	if t.run == nil {
		return nil
	}
	return t.run.forget(t)
}

// rollbackSeed keeps the seeds after rollbacks away from those that people choose.
const rollbackSeed = 0x9E3779B97F4A7C15 >> 1

// restoreEarlier reads the best or the last checkpoint, if there is one.
func (t *Trainer) restoreEarlier() error {
	if t.best != nil && t.best.data != nil {
		return t.restore(t.best.data)
	}
	if t.run == nil {
		return nil
	}
	if t.best != nil {
		return t.restoreFile(runfolder.CheckpointPath(t.run.Dir, bestName))
	}
	return t.restoreLast()
}

// forget removes the checkpoints of the trainer's step and later ones, and saves its state as the last one.
func (r *run) forget(t *Trainer) error {
	names, err := runfolder.Checkpoints(r.Dir)
	if err != nil {
		return errors.WithMessage(err, "gan")
	}
	for len(names) > 0 && stepOf(names[0]) < t.steps {
		names = names[1:]
	}
	if err := r.Remove(names); err != nil {
		return errors.WithMessage(err, "gan")
	}
	if err := runfolder.TrimLog(r.Dir, t.steps); err != nil {
		return errors.WithMessage(err, "gan")
	}
	r.Saved = 0
	if t.steps == 0 {
		return nil // There is nothing to save yet; a training that is resumed starts anew.
	}
	return t.Save()
}

// stepOf returns the step of a checkpoint's name.
func stepOf(name string) int {
	step, _ := strconv.Atoi(name)
	return step
}
