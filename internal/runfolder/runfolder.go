// Package runfolder keeps the folder of a training: what was asked for, checkpoints, and a log.
//
//	run.json       the record of the run: settings, data, versions
//	checkpoints/   STEP.safetensors: all variables of a store, the last two kept; others by name
//	log.jsonl      a step per line
//
// Files are written beside the old ones and renamed. Others may add files to the folder.
package runfolder

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/jsonlines"
)

const (
	recordFile       = "run.json"
	logFile          = "log.jsonl"
	checkpointFolder = "checkpoints"
)

// Folder is the folder of a training that is under way. It is not safe for concurrent use.
type Folder struct {
	Dir   string
	Saved int // Steps of the last checkpoint, 0 without one.

	log    *os.File
	writer *bufio.Writer
}

// Holds tells whether there is a run in the folder.
func Holds(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, recordFile))
	return err == nil
}

// Create makes the folder of a new run. It is an error if it already holds one.
func Create(dir string) (*Folder, error) {
	if Holds(dir) {
		return nil, errors.Errorf("%s already holds a run; Load goes on with it, or choose another folder", dir)
	}
	if err := os.MkdirAll(filepath.Join(dir, checkpointFolder), 0o777); err != nil {
		return nil, errors.Wrap(err, "run folder")
	}
	return &Folder{Dir: dir}, nil
}

// ReadRecord reads the record of the run in the folder, as JSON.
func ReadRecord(dir string, record any) error {
	path := filepath.Join(dir, recordFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.Errorf("%s holds no run: it has no %s", dir, recordFile)
	}
	if err != nil {
		return errors.Wrap(err, "run")
	}
	return errors.WithMessagef(json.Unmarshal(data, record), "%s is damaged", path)
}

// WriteRecord writes the record, as JSON.
func (f *Folder) WriteRecord(record any) error {
	data, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return errors.WithMessage(err, "run")
	}
	return errors.WithMessage(atomicfile.Write(filepath.Join(f.Dir, recordFile), append(data, '\n')), "run")
}

// RecordPath returns the file of the record, for messages.
func RecordPath(dir string) string { return filepath.Join(dir, recordFile) }

// Log adds a line to the log, that of the step. Lines of this step and later ones, which a crash undid, go before.
func (f *Folder) Log(step int, line any) error {
	if f.writer == nil {
		if err := TrimLog(f.Dir, step-1); err != nil {
			return err
		}
		file, err := os.OpenFile(filepath.Join(f.Dir, logFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			return errors.Wrap(err, "log")
		}
		f.log, f.writer = file, bufio.NewWriter(file)
	}
	data, err := jsonlines.Line(line)
	if err != nil {
		return errors.WithMessage(err, "log")
	}
	_, err = f.writer.Write(data)
	return errors.Wrap(err, "log")
}

// Flush writes out what was logged.
func (f *Folder) Flush() error {
	if f.writer == nil {
		return nil
	}
	return errors.Wrap(f.writer.Flush(), "log")
}

// Close writes out what was logged and closes the log. Log opens it again.
func (f *Folder) Close() error {
	if f.log == nil {
		return nil
	}
	err := f.Flush()
	if closeErr := f.log.Close(); err == nil {
		err = errors.Wrap(closeErr, "log")
	}
	f.log, f.writer = nil, nil
	return err
}

// ReadLog returns the lines of the log of the run in the folder. A last line cut short by a crash is left out.
func ReadLog[T any](dir string) ([]T, error) {
	lines, err := jsonlines.Read[T](filepath.Join(dir, logFile))
	return lines, errors.WithMessage(err, "log")
}

// TrimLog drops the lines of steps after the last one: those that were logged after the checkpoint the run goes on from.
func TrimLog(dir string, last int) error {
	lines, err := ReadLog[json.RawMessage](dir)
	if err != nil || len(lines) == 0 {
		return err
	}
	kept := len(lines)
	for i, line := range lines {
		var head struct {
			N int `json:"step"`
		}
		if err := json.Unmarshal(line, &head); err != nil {
			return errors.Wrap(err, "log")
		}
		if head.N > last {
			kept = i
			break
		}
	}
	return errors.WithMessage(jsonlines.Write(filepath.Join(dir, logFile), lines[:kept]), "log")
}
