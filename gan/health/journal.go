package health

import (
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/jsonlines"
)

// logFile is the file in a run folder that holds a Report per line.
const logFile = "health.jsonl"

// ReadReports returns the reports of the run in the folder, none if nobody watched it. A last line cut short by a crash is
// left out.
func ReadReports(dir string) ([]Report, error) {
	path := filepath.Join(dir, logFile)
	reports, err := jsonlines.Read[Report](path)
	return reports, errors.WithMessagef(err, "health: log (delete %s to go on without it)", path)
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
	return j, reports, errors.WithMessage(jsonlines.Write(j.path, reports), "health: log")
}

// end returns the step at which the training went on after the report.
func (r *Report) end() int {
	if r.BackTo != nil {
		return *r.BackTo
	}
	return r.Step
}

// write adds a line.
func (j journal) write(report *Report) error {
	if j.path == "" {
		return nil
	}
	line, err := jsonlines.Line(report)
	if err != nil {
		return errors.WithMessage(err, "health: log")
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
