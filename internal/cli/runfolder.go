package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// Files that the command adds to a run folder.
const (
	requestFile   = "train.json"
	samplesFolder = "samples"
)

// request is what a run was asked for beyond its record, for train --resume: which data, and when to end.
type request struct {
	Data       string  `json:"data"` // A folder's path is absolute.
	SkipBroken bool    `json:"skip_broken,omitempty"`
	chosenData         // Which examples of the data.
	Preset     string  `json:"preset,omitempty"`  // What its settings started from.
	Steps      int     `json:"steps,omitempty"`   // In total; 0 if Minutes is set.
	Minutes    float64 `json:"minutes,omitempty"` // In total.
	Seconds    float64 `json:"seconds,omitempty"` // Trained so far, but for what a crash kept from being noted.
	OnCollapse string  `json:"on_collapse,omitempty"`
	LookEvery  int     `json:"look_every,omitempty"` // Steps; 0 means as the monitor chooses.
	Streamed   bool    `json:"streamed,omitempty"`   // The pictures are decoded as they are needed; its hash is that of a stream.
	Memory     int64   `json:"memory,omitempty"`     // Bytes that decoded pictures may take.

	// Of tasks other than drawing from latents.
	Size     int    `json:"size,omitempty"`     // Of the pictures.
	Channels int    `json:"channels,omitempty"` // 0: as the pictures have them.
	From     string `json:"from,omitempty"`     // The run that its weights came from.
}

// left returns how many steps are left to take after the first ones, and in what time, 0 for any; reached says that there is
// nothing left. Learning rates may be zero from a last step on; 0 is none.
func (r request) left(first, last int) (steps int, limit time.Duration, reached bool) {
	if r.Minutes == 0 {
		return r.Steps - first, 0, r.Steps <= first
	}
	const endless = 1 << 40
	steps = cmp.Or(last, endless) - first
	limit = time.Duration((r.Minutes*60 - r.Seconds) * float64(time.Second))
	return steps, limit, steps <= 0 || limit <= 0
}

// goal returns in words what there is to reach, and the flag for twice as much, after so many steps.
func (r request) goal(steps int) (goal, more string) {
	if r.Minutes > 0 {
		return strconv.FormatFloat(r.Minutes, 'g', -1, 64) + " minutes", "--minutes " + strconv.FormatFloat(2*r.Minutes, 'g', -1, 64)
	}
	return strconv.Itoa(r.Steps) + " steps", "--steps " + strconv.Itoa(2*steps)
}

func (r request) write(dir string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return errors.Wrap(err, "run folder")
	}
	return errors.WithMessage(atomicfile.Write(filepath.Join(dir, requestFile), append(data, '\n')), "run folder")
}

// readRequest returns the request of a run. A run that another program made has none: then it is what its record tells.
func readRequest(dir string, trained gan.DataRecord) (request, error) {
	var r request
	data, err := os.ReadFile(filepath.Join(dir, requestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return request{Data: trained.Name}, nil
	}
	if err != nil {
		return r, errors.Wrap(err, "run folder")
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, errors.Wrapf(err, "%s is damaged", filepath.Join(dir, requestFile))
	}
	return r, nil
}

// newRunFolder returns the path of a run folder that does not exist yet: runs/DATE-TIME-DATA.
func newRunFolder(data string, now time.Time) string {
	name := data
	if directory, isFolder := strings.CutPrefix(absoluteData(data), folderPrefix); isFolder {
		name = filepath.Base(directory)
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
	path := filepath.Join("runs", now.Format("2006-01-02-150405")+"-"+name)
	for i, first := 2, path; ; i++ {
		if _, err := os.Lstat(path); err != nil {
			return path
		}
		path = fmt.Sprintf("%s-%d", first, i)
	}
}
