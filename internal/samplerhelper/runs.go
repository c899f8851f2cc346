package samplerhelper

import (
	"fmt"
	"os"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/course/sampler"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/runfolder"
)

// maxRuns is how many runs are held at a time.
const maxRuns = 6

// run is a loaded run, and which state of its folder it is.
type run struct {
	trainer *gan.Trainer
	state   string
}

// draw returns what is asked for.
func (s *server) draw(request sampler.Request) (*tensors.Tensor, error) {
	trainer, err := s.load(request.Dir)
	if err != nil {
		return nil, err
	}
	if request.Rows > 0 || request.Columns > 0 {
		return trainer.Interpolate(request.Rows, request.Columns, request.Seed)
	}
	return trainer.Draw(gan.Draw{N: request.N, Seed: request.Seed, Classes: request.Classes, Truncation: request.Truncation})
}

// load returns the trainer of a run as it is now.
func (s *server) load(dir string) (*gan.Trainer, error) {
	if !gan.HoldsRun(dir) {
		delete(s.runs, dir)
		return nil, errors.Errorf("There is no training in %s yet: run the cells above this one first.", dir)
	}
	state, err := stateOf(dir)
	if err != nil {
		return nil, err
	}
	if known, ok := s.runs[dir]; ok && known.state == state {
		return known.trainer, nil
	}
	backend, err := s.open()
	if err != nil {
		return nil, err
	}
	trainer, err := gan.Load(backend, dir)
	if err != nil {
		return nil, err
	}
	delete(s.runs, dir)
	for old := range s.runs {
		if len(s.runs) < maxRuns {
			break
		}
		delete(s.runs, old)
	}
	s.runs[dir] = &run{trainer: trainer, state: state}
	return trainer, nil
}

// stateOf tells one state of a run folder from another: by its record's and its last checkpoint's name, size and time.
func stateOf(dir string) (string, error) {
	names, err := runfolder.Checkpoints(dir)
	if err != nil {
		return "", err
	}
	files := []string{runfolder.RecordPath(dir)}
	if len(names) > 0 {
		files = append(files, runfolder.CheckpointPath(dir, names[len(names)-1]))
	}
	state := ""
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return "", errors.Wrap(err, "sampler")
		}
		state += fmt.Sprintln(file, info.Size(), info.ModTime().UnixNano())
	}
	return state, nil
}
