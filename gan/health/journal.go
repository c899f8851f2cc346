package health

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// logFile is the file in a run folder that holds a Report per line.
const logFile = "health.jsonl"

// ReadReports returns the reports of the run in the folder, none if nobody watched it. A last line cut short by a crash is
// left out.
func ReadReports(dir string) ([]Report, error) {
	path := filepath.Join(dir, logFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "health: log")
	}
	var reports []Report
	for line := range bytes.Lines(data) {
		var report Report
		if err := json.Unmarshal(line, &report); err != nil {
			if !bytes.HasSuffix(line, []byte("\n")) {
				break
			}
			return nil, errors.Wrapf(err, "health: line %d of %s; delete the file to go on without it", len(reports)+1, path)
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// journal is health.jsonl of a run; without a folder nothing is written.
type journal struct{ path string }

// openJournal returns the journal in the run folder and the reports in it up to the step at which the run goes on: what was
// seen after the checkpoint it was taken from is dropped, from the file, too. Without a folder, "", nothing is written, and the reports are
// those given.
func openJournal(dir string, reports []Report, step int) (journal, []Report, error) {
	if dir != "" {
		var err error
		if reports, err = ReadReports(dir); err != nil {
			return journal{}, nil, err
		}
	}
	for len(reports) > 0 && reports[len(reports)-1].end() > step {
		reports = reports[:len(reports)-1]
	}
	if dir == "" {
		return journal{}, reports, nil
	}
	j := journal{filepath.Join(dir, logFile)}
	var lines bytes.Buffer
	for i := range reports {
		line, err := reports[i].line()
		if err != nil {
			return j, nil, err
		}
		lines.Write(line)
	}
	return j, reports, errors.WithMessage(atomicfile.Write(j.path, lines.Bytes()), "health: log")
}

// end returns the step at which the training went on after the report.
func (r *Report) end() int {
	if r.BackTo != nil {
		return *r.BackTo
	}
	return r.Step
}

func (r *Report) line() ([]byte, error) {
	line, err := json.Marshal(r)
	return append(line, '\n'), errors.Wrap(err, "health: log")
}

// write adds a line.
func (j journal) write(report *Report) error {
	if j.path == "" {
		return nil
	}
	line, err := report.line()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return errors.Wrap(err, "health: log")
	}
	_, err = file.Write(line)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return errors.Wrap(err, "health: log")
}
