package enlarge

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/jsonlines"
)

// Files of a folder that Write makes.
const (
	manifestFile = "manifest.json"
	recordsFile  = "manifest.jsonl"
	sheetFile    = "sheet.png"
)

// Manifest says what a folder holds that Write made, in manifest.json. Equal runs have equal ones.
type Manifest struct {
	Format   int           `json:"format"` // 1.
	Source   Source        `json:"source"`
	Settings Settings      `json:"settings"`
	Pictures int           `json:"pictures"` // In all.
	New      int           `json:"new"`      // Of them.
	Classes  []ClassReport `json:"classes"`
	Versions Versions      `json:"versions"`
}

// Source is the data that was made larger.
type Source struct {
	Name    string        `json:"name"`
	Licence string        `json:"licence,omitempty"` // Empty if it is not known.
	From    string        `json:"from,omitempty"`    // Who made it, or where it is.
	View    datasets.View `json:"view,omitzero"`     // Which part of it.
	Hash    string        `json:"hash"`              // SHA-256 of that part, see datasets.Set.Hash.
	Shape   []int         `json:"shape"`
	Classes []string      `json:"classes"`
}

// Settings decide, with the source, about every picture.
type Settings struct {
	Method  string       `json:"method"`
	To      int          `json:"to"`
	Seed    int64        `json:"seed"`
	Share   float64      `json:"share,omitempty"` // With "mix".
	Policy  string       `json:"policy"`
	OnlyNew bool         `json:"only_new,omitempty"`
	GAN     *GANSettings `json:"gan,omitempty"`   // Nil if there is none.
	Style   *Style       `json:"style,omitempty"` // Likewise.
}

// GANSettings are those of the network that samples come from, and of what judges them.
type GANSettings struct {
	Config     gan.Config        `json:"config"`
	Batch      int               `json:"batch"`
	Steps      int               `json:"steps,omitempty"`
	Minutes    float64           `json:"minutes,omitempty"` // In place of Steps.
	Run        string            `json:"run,omitempty"`     // Of one that was trained before.
	Data       *gan.DataRecord   `json:"data,omitempty"`    // That such a one was trained on.
	Filter     features.Training `json:"filter"`
	Confidence float64           `json:"confidence"`
	CopyRatio  float64           `json:"copy_ratio"`
	Tries      int               `json:"tries"`
}

// ClassReport says what became of a class.
type ClassReport struct {
	Name     string         `json:"name"`
	Folder   string         `json:"folder"`
	Pictures int            `json:"pictures"`
	Made     map[string]int `json:"made"`              // How many, by method.
	Samples  *SampleReport  `json:"samples,omitempty"` // Nil if none were looked at.
}

// SampleReport says what became of the samples of a GAN that were looked at for a class.
type SampleReport struct {
	Tries      int     `json:"tries"`       // How many there were.
	Doubted    int     `json:"doubted"`     // Of them, those that the filter doubted,
	Copies     int     `json:"copies"`      // and those that were copies.
	Acceptance float64 `json:"acceptance"`  // The part that was accepted.
	InPlaceOf  int     `json:"in_place_of"` // Places for which all tries were in vain, so that a classical change stands there.
}

// Versions are those of the programs.
type Versions struct {
	Ganymede string `json:"ganymede"`
	GoMLX    string `json:"gomlx,omitempty"`
	Go       string `json:"go"`
	Backend  string `json:"backend,omitempty"` // Empty if none was needed.
}

// Record is a picture of the folder, a line of manifest.jsonl.
type Record struct {
	File   string `json:"file"` // Relative to the folder, with slashes.
	Class  string `json:"class"`
	Label  int32  `json:"label"`
	Number int    `json:"number"`
	Origin
	SHA256 string `json:"sha256"` // Of the file.
}

// ReadManifest returns the manifest and the records of a folder that Write made.
func ReadManifest(dir string) (Manifest, []Record, error) {
	var m Manifest
	data, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil, errors.Errorf("enlarge: %s has no %s: it was not made by Write, or that was stopped", dir, manifestFile)
	}
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		return m, nil, errors.Wrapf(err, "enlarge: %s", filepath.Join(dir, manifestFile))
	}
	records, err := jsonlines.Read[Record](filepath.Join(dir, recordsFile))
	return m, records, errors.WithMessage(err, "enlarge")
}

// source returns what is known of the data.
func (e *Enlarger) source() Source {
	s := Source{Name: e.set.Name, View: e.options.View, Hash: e.set.Hash(), Shape: e.set.Shape, Classes: e.set.Classes}
	for _, info := range datasets.List() {
		prefix, _, isPrefix := strings.Cut(info.Name, ":DIR")
		if info.Name == s.Name || isPrefix && strings.HasPrefix(s.Name, prefix+":") {
			s.Licence, s.From = info.Licence, info.Source
		}
	}
	return s
}

// settings returns what decides about the pictures.
func (e *Enlarger) settings(onlyNew bool) Settings {
	o, r := e.options, e.recipe
	s := Settings{Method: e.method.Name, To: o.To, Seed: o.Seed, Policy: o.Policy.String(), OnlyNew: onlyNew}
	for _, p := range e.parts() {
		if p.method == ganName {
			s.GAN = &GANSettings{Config: r.config, Batch: r.batch, Steps: r.steps, Minutes: r.limit.Minutes(), Run: r.run,
				Filter: o.Filter, Confidence: o.Confidence, CopyRatio: o.CopyRatio, Tries: o.Tries}
			if r.run != "" {
				s.GAN.Data = &r.data
			}
		}
	}
	if e.method.Name == styleName {
		s.Style = &o.Style
	}
	if e.method.Name == mixName {
		s.Share = o.Share
	}
	return s
}

// manifest returns the manifest of a folder with these records.
func (e *Enlarger) manifest(settings Settings, records []Record) Manifest {
	m := Manifest{Format: 1, Source: e.source(), Settings: settings, Pictures: len(records), Versions: e.versions()}
	for class, folder := range folderNames(e.set.Classes) {
		report := ClassReport{Name: e.set.Classes[class], Folder: folder, Made: map[string]int{}}
		for _, r := range records {
			if int(r.Label) == class {
				report.add(r.Origin)
			}
		}
		m.New += report.Pictures - report.Made[originalName]
		m.Classes = append(m.Classes, report)
	}
	return m
}

// add counts a picture.
func (r *ClassReport) add(o Origin) {
	r.Pictures++
	r.Made[o.Method]++
	if o.Tries == 0 {
		return
	}
	if r.Samples == nil {
		r.Samples = &SampleReport{}
	}
	s := r.Samples
	s.Tries, s.Doubted, s.Copies = s.Tries+o.Tries, s.Doubted+o.Doubted, s.Copies+o.Copies
	s.Acceptance = float64(s.Tries-s.Doubted-s.Copies) / float64(s.Tries)
	if o.InPlaceOf != "" {
		s.InPlaceOf++
	}
}

// versions returns what made the pictures.
func (e *Enlarger) versions() Versions {
	v := Versions{Ganymede: "(devel)", Go: runtime.Version()}
	if slices.ContainsFunc(e.parts(), func(p part) bool { return p.method == ganName || p.method == styleName }) {
		v.Backend = e.backend.Name()
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	const module = "github.com/ganymede-ml/ganymede"
	for _, m := range append(info.Deps, &info.Main) {
		switch {
		case m.Path == module && m.Version != "":
			v.Ganymede = m.Version
		case m.Path == "github.com/gomlx/gomlx":
			v.GoMLX = m.Version
		}
	}
	return v
}
