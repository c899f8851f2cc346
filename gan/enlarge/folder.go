package enlarge

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

// A folder that Write makes holds, beside the pictures, the manifests and the sheet, two folders that are hidden:
//
//	.gan/      the trained GAN, a run folder, and the filter
//	.enlarge/  what decides about the pictures, and until all shards are done, the records of those made so far
const (
	ganFolder     = ".gan"
	workFolder    = ".enlarge"
	settingsFile  = "settings.json"
	journalFormat = "shard-%d-of-%d.jsonl"
)

// Folder says where Write writes.
type Folder struct {
	Dir     string
	OnlyNew bool // Leave out the pictures of the set itself; the numbers of the others stay the same.
	Force   bool // Replace what Write made there with other settings.
}

// Result says what Write did.
type Result struct {
	Dir      string    `json:"dir"`
	Written  int       `json:"written"`  // Pictures, by this call.
	Kept     int       `json:"kept"`     // Pictures of this shard that were there already.
	Complete bool      `json:"complete"` // Whether all shards are done.
	Manifest *Manifest `json:"manifest"` // Nil until they are.
	Sheet    string    `json:"sheet,omitempty"`
}

// Write makes the set larger and writes it to a folder:
//
//	CLASS/NUMBER.png  the pictures, the class's own ones first; "T-shirt/top" becomes T-shirt-top
//	manifest.jsonl    a Record for each of them
//	manifest.json     the Manifest
//	sheet.png         some of each class, with where they come from
//
// datasets.Open reads it back as "folder:DIR".
//
// A call that is stopped goes on when it is made again: pictures whose files are as they were recorded are kept, and so is the
// GAN, whose training goes on from its last checkpoint. Shards may be written to one folder, by programs that run at once, of
// which one trains and the others wait; or to several, which are then copied into one, .enlarge included. In the second case each
// trains the same GAN anew, unless GAN.Run names one. The last shard to end in a folder writes the manifests and the sheet; where
// folders were copied together, a call for all, which finds everything there, does.
func Write(ctx context.Context, backend compute.Backend, set *datasets.Set, options Options, folder Folder) (*Result, error) {
	if options.Keep == "" {
		options.Keep = filepath.Join(folder.Dir, ganFolder)
	}
	e, err := New(backend, set, options)
	if err != nil {
		return nil, err
	}
	return e.write(ctx, folder)
}

// writer writes the pictures of an Enlarger to a folder.
type writer struct {
	*Enlarger
	Folder
	settings Settings
	folders  []string // Of the classes.
	digits   int      // Of a number.
	journal  *os.File
}

func (e *Enlarger) write(ctx context.Context, folder Folder) (*Result, error) {
	w := &writer{Enlarger: e, Folder: folder, settings: e.settings(folder.OnlyNew), folders: folderNames(e.set.Classes)}
	w.digits = max(5, len(fmt.Sprint(e.options.To-1)))
	if err := w.open(); err != nil {
		return nil, err
	}
	there, err := w.verified(nil)
	if err != nil {
		return nil, err
	}
	result := &Result{Dir: folder.Dir}
	var left []slot
	for _, s := range e.slots {
		switch {
		case w.OnlyNew && s.method == originalName:
		case there[place{int32(s.class), s.number}].SHA256 != "":
			result.Kept++
		default:
			left = append(left, s)
		}
	}
	if result.Written, err = w.fill(ctx, left, there); err != nil {
		return nil, err
	}
	return result, w.finish(result, there)
}

// open makes the folder, or checks that it holds an earlier part of the same.
func (w *writer) open() error {
	path := filepath.Join(w.Dir, workFolder, settingsFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := w.checkEmpty(); err != nil {
			return err
		}
		return w.start(path)
	}
	if err != nil {
		return errors.Errorf("enlarge: %v", err)
	}
	var there begun
	if err := json.Unmarshal(data, &there); err != nil {
		return errors.Errorf("enlarge: %s is damaged: %v", path, err)
	}
	differences, err := there.differences(w.begun())
	if err != nil {
		return err
	}
	if len(differences) == 0 {
		return nil
	}
	if !w.Force {
		return errors.Errorf("enlarge: %s holds pictures made otherwise (%s); choose another folder, or replace them (Force, --force)",
			w.Dir, strings.Join(differences, "; "))
	}
	if err := w.remove(); err != nil {
		return err
	}
	return w.start(path)
}

// begun is what decides about the pictures of a folder, in .enlarge/settings.json.
type begun struct {
	Hash     string   `json:"hash"` // Of the data.
	Classes  []string `json:"classes"`
	Settings Settings `json:"settings"`
}

func (w *writer) begun() begun { return begun{w.set.Hash(), w.set.Classes, w.settings} }

// differences returns in words what differs.
func (b begun) differences(now begun) ([]string, error) {
	var list []string
	if b.Hash != now.Hash || !slices.Equal(b.Classes, now.Classes) {
		list = append(list, "other data")
	}
	fields := func(s Settings) (map[string]any, error) {
		data, err := json.Marshal(s)
		if err != nil {
			return nil, errors.WithMessage(err, "enlarge: settings")
		}
		var m map[string]any
		return m, errors.Wrap(json.Unmarshal(data, &m), "enlarge: settings")
	}
	before, err := fields(b.Settings)
	if err != nil {
		return nil, err
	}
	after, err := fields(now.Settings)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"method", "to", "seed", "share", "policy", "only_new", "gan"} {
		if reflect.DeepEqual(before[name], after[name]) {
			continue
		}
		if name == "gan" {
			list = append(list, "another training of the GAN or its filter")
			continue
		}
		list = append(list, fmt.Sprintf("%s %s, not %s", name, orNone(before[name]), orNone(after[name])))
	}
	return list, nil
}

func orNone(value any) string {
	if value == nil {
		return "none"
	}
	return fmt.Sprint(value)
}

// checkEmpty returns an error if the folder holds something that is not hidden.
func (w *writer) checkEmpty() error {
	entries, err := os.ReadDir(w.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Errorf("enlarge: %v", err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			return errors.Errorf("enlarge: %s holds something else, such as %s; choose a new or empty folder", w.Dir, entry.Name())
		}
	}
	return nil
}

// start notes what decides about the pictures.
func (w *writer) start(settings string) error {
	data, err := json.MarshalIndent(w.begun(), "", "  ")
	if err != nil {
		return errors.WithMessage(err, "enlarge: settings")
	}
	return errors.WithMessage(atomicfile.Write(settings, append(data, '\n')), "enlarge")
}

// remove removes what Write made, and nothing else.
func (w *writer) remove() error {
	records, err := w.records()
	if err != nil {
		return err
	}
	paths := []string{recordsFile, manifestFile, sheetFile}
	folders := map[string]bool{}
	for _, r := range records {
		if !filepath.IsLocal(filepath.FromSlash(r.File)) {
			return errors.Errorf("enlarge: the records of %s name the file %q, which is not in it", w.Dir, r.File)
		}
		paths = append(paths, filepath.FromSlash(r.File))
		folders[filepath.Dir(filepath.FromSlash(r.File))] = true
	}
	for _, path := range paths {
		if err := os.Remove(filepath.Join(w.Dir, path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Errorf("enlarge: %v", err)
		}
	}
	for folder := range folders {
		_ = os.Remove(filepath.Join(w.Dir, folder)) // It stays if it holds something else.
	}
	for _, folder := range []string{ganFolder, workFolder} {
		if err := os.RemoveAll(filepath.Join(w.Dir, folder)); err != nil {
			return errors.Errorf("enlarge: %v", err)
		}
	}
	return nil
}
