package enlarge

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/jsonlines"
)

// place is where a picture belongs.
type place struct {
	label  int32
	number int
}

// records returns the records of all pictures made so far, by any shard.
func (w *writer) records() (map[place]Record, error) {
	entries, err := os.ReadDir(filepath.Join(w.Dir, workFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Errorf("enlarge: %v", err)
	}
	files := []string{filepath.Join(w.Dir, recordsFile)}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".jsonl") && !strings.HasPrefix(entry.Name(), ".") {
			files = append(files, filepath.Join(w.Dir, workFolder, entry.Name()))
		}
	}
	all := map[place]Record{}
	for _, file := range files {
		records, err := jsonlines.Read[Record](file)
		if err != nil {
			return nil, errors.WithMessage(err, "enlarge")
		}
		for _, r := range records {
			if !filepath.IsLocal(filepath.FromSlash(r.File)) {
				return nil, errors.Errorf("enlarge: %s names the file %q, which is not in the folder", file, r.File)
			}
			all[place{r.Label, r.Number}] = r
		}
	}
	return all, nil
}

// verified returns the records of the pictures whose files are as they say. Files whose record is known need not be looked at.
func (w *writer) verified(known map[place]Record) (map[place]Record, error) {
	all, err := w.records()
	if err != nil {
		return nil, err
	}
	there := map[place]Record{}
	for at, r := range all {
		if known[at].SHA256 != r.SHA256 {
			data, err := os.ReadFile(filepath.Join(w.Dir, filepath.FromSlash(r.File)))
			if err != nil || hashOf(data) != r.SHA256 {
				continue // It is made again.
			}
		}
		there[at] = r
	}
	return there, nil
}

func hashOf(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}

// fill writes the pictures of the slots, and adds their records to those there. It returns how many it wrote.
func (w *writer) fill(ctx context.Context, slots []slot, there map[place]Record) (written int, err error) {
	if len(slots) == 0 {
		return 0, nil
	}
	if err := w.openJournal(there); err != nil {
		return 0, err
	}
	defer func() {
		if closeErr := w.journal.Close(); err == nil && closeErr != nil {
			err = errors.Errorf("enlarge: %v", closeErr)
		}
	}()
	const stage = "writing pictures"
	for sample, err := range w.samples(ctx, slots) {
		if err != nil {
			return written, err
		}
		record, err := w.writePicture(sample)
		if err != nil {
			return written, err
		}
		there[place{record.Label, record.Number}] = record
		written++
		w.options.Progress(stage, written, len(slots))
	}
	return written, nil
}

// openJournal opens the shard's list of records for appending. Whatever a crash left of a line is taken off first, as are
// records of files that are gone.
func (w *writer) openJournal(there map[place]Record) error {
	file := filepath.Join(w.Dir, workFolder, fmt.Sprintf(journalFormat, w.options.Shard, w.options.Shards))
	old, err := jsonlines.Read[Record](file)
	if err != nil {
		return errors.WithMessage(err, "enlarge")
	}
	old = slices.DeleteFunc(old, func(r Record) bool { return there[place{r.Label, r.Number}].SHA256 != r.SHA256 })
	if err := jsonlines.Write(file, old); err != nil {
		return errors.WithMessage(err, "enlarge")
	}
	w.journal, err = os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return errors.Errorf("enlarge: %v", err)
	}
	return nil
}

// writePicture writes a sample's file, and then its record.
func (w *writer) writePicture(sample Sample) (Record, error) {
	one := datasets.Set{Shape: w.set.Shape, Pixels: sample.Picture}
	var data bytes.Buffer
	if err := png.Encode(&data, one.Image(0)); err != nil {
		return Record{}, errors.Wrap(err, "enlarge")
	}
	class := int(sample.Label)
	record := Record{
		File:  path.Join(w.folders[class], fmt.Sprintf("%0*d.png", w.digits, sample.Number)),
		Class: w.set.Classes[class], Label: sample.Label, Number: sample.Number, Origin: sample.Origin, SHA256: hashOf(data.Bytes()),
	}
	if err := atomicfile.Write(filepath.Join(w.Dir, filepath.FromSlash(record.File)), data.Bytes()); err != nil {
		return record, errors.WithMessage(err, "enlarge")
	}
	line, err := jsonlines.Line(record)
	if err != nil {
		return record, errors.WithMessage(err, "enlarge")
	}
	if _, err := w.journal.Write(line); err != nil {
		return record, errors.Errorf("enlarge: %v", err)
	}
	return record, nil
}

// finish writes the manifests and the sheet, if all shards are done.
func (w *writer) finish(result *Result, known map[place]Record) error {
	there, err := w.verified(known)
	if err != nil {
		return err
	}
	var records []Record
	for class, list := range w.byClass {
		first := 0
		if w.OnlyNew {
			first = len(list)
		}
		for number := first; number < w.options.To; number++ {
			r, ok := there[place{int32(class), number}]
			if !ok {
				return nil
			}
			records = append(records, r)
		}
	}
	slices.SortFunc(records, func(a, b Record) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Number, b.Number)) })
	manifest := w.manifest(w.settings, records)
	sheet, err := w.sheet(records)
	if err != nil {
		return err
	}
	if err := w.writeManifest(manifest, records); err != nil {
		return err
	}
	result.Complete, result.Manifest, result.Sheet = true, &manifest, filepath.Join(w.Dir, sheetFile)
	if err := savePNG(result.Sheet, sheet); err != nil {
		return err
	}
	return w.clean()
}

func (w *writer) writeManifest(manifest Manifest, records []Record) error {
	if err := jsonlines.Write(filepath.Join(w.Dir, recordsFile), records); err != nil {
		return errors.WithMessage(err, "enlarge")
	}
	data, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return errors.WithMessage(err, "enlarge: manifest")
	}
	return errors.WithMessage(atomicfile.Write(filepath.Join(w.Dir, manifestFile), append(data, '\n')), "enlarge")
}

// clean removes the lists of the shards, whose records are in the manifest now, and what programs that were killed left of
// pictures half written. No shard is at work any more.
func (w *writer) clean() error {
	half := regexp.MustCompile(`^\.\d+\.png\.`) // As package atomicfile names them.
	remove := func(folder string, is func(name string) bool) error {
		entries, err := os.ReadDir(filepath.Join(w.Dir, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Errorf("enlarge: %v", err)
		}
		for _, entry := range entries {
			if !is(entry.Name()) {
				continue
			}
			if err := os.Remove(filepath.Join(w.Dir, folder, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return errors.Errorf("enlarge: %v", err)
			}
		}
		return nil
	}
	for _, folder := range w.folders {
		if err := remove(folder, half.MatchString); err != nil {
			return err
		}
	}
	return remove(workFolder, func(name string) bool { return strings.HasSuffix(name, ".jsonl") })
}
