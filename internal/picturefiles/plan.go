// Package picturefiles passes picture files through a function, as the verbs translate, style and inpaint do: one file to
// another, or all files of a folder to another folder.
package picturefiles

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
)

// Formats are the formats of files that can be written: the ends of their names.
var Formats = []string{"png", "jpg"}

// Request says which files to read and to write.
type Request struct {
	In     string // A file, or a folder with sub-folders, which are kept.
	Out    string // A file; or a folder, which it is if In is one, if it exists as one, or if it ends with a separator.
	Format string // Of the files in a folder, "png" or "jpg"; empty means "png". A file's name decides otherwise.
	Force  bool   // Replace files that exist.
}

// File is a picture to be read and what it is to be written to.
type File struct {
	Name string // Relative to the folder, with slashes; of a single file its path as the user has it.
	In   string // Paths.
	Out  string
}

// Plan is what a request comes to.
type Plan struct {
	Files    []File
	IsFolder bool // Whether In is one.
}

// Plan finds the pictures, and returns an error if there are none, if a file would be replaced, or if the output cannot be where
// it should. It writes nothing.
func (r Request) Plan() (*Plan, error) {
	info, err := os.Stat(r.In)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.Errorf("there is no file or folder %q", r.In)
	case err != nil:
		return nil, errors.Wrapf(err, "%q cannot be read", r.In)
	}
	if r.Format == "" {
		r.Format = Formats[0]
	}
	plan := &Plan{IsFolder: info.IsDir()}
	if plan.IsFolder {
		err = r.planFolder(plan)
	} else {
		err = r.planFile(plan)
	}
	if err != nil {
		return nil, err
	}
	return plan, r.checkExisting(plan.Files)
}

// planFile plans a single file.
func (r Request) planFile(plan *Plan) error {
	out := r.Out
	if isFolderName(out) {
		base := filepath.Base(r.In)
		out = filepath.Join(out, strings.TrimSuffix(base, filepath.Ext(base))+"."+r.Format)
	} else if !isWritable(out) {
		return errors.Errorf("the output %q must end in .png or .jpg, or in / for a folder", out)
	}
	plan.Files = []File{{Name: r.In, In: r.In, Out: out}}
	return nil
}

// planFolder plans the files of a folder.
func (r Request) planFolder(plan *Plan) error {
	info, err := os.Stat(r.Out)
	switch {
	case err == nil && !info.IsDir():
		return errors.Errorf("%s is a folder of pictures, and the output %s is a file; name a folder", r.In, r.Out)
	case err != nil && isWritable(r.Out):
		return errors.Errorf("%s is a folder of pictures, and the output %s is called like a file; name a folder", r.In, r.Out)
	case IsInside(r.In, r.Out):
		return errors.Errorf("the output %s lies inside the folder %s, so that what is made would be read the next time; choose one beside it", r.Out, r.In)
	}
	root, names, err := datasets.FindPictures(r.In)
	if err != nil {
		return err
	}
	from := map[string]string{} // By output, as systems see it that do not tell A from a.
	for _, name := range names {
		out := strings.TrimSuffix(name, path.Ext(name)) + "." + r.Format
		key := strings.ToLower(out)
		if other, taken := from[key]; taken {
			return errors.Errorf("%s and %s in %s would both become %s; rename one of them", other, name, r.In, out)
		}
		from[key] = name
		plan.Files = append(plan.Files, File{Name: name, In: filepath.Join(root, filepath.FromSlash(name)), Out: filepath.Join(r.Out, filepath.FromSlash(out))})
	}
	return nil
}

// checkExisting returns an error about files that would be replaced and may not be, or cannot be.
func (r Request) checkExisting(files []File) error {
	var existing []string
	for _, file := range files {
		if _, err := os.Lstat(file.Out); err != nil {
			continue
		}
		if info, err := os.Stat(file.Out); err == nil && info.IsDir() {
			return errors.Errorf("the output %s is a folder", file.Out)
		}
		existing = append(existing, file.Out)
	}
	switch {
	case len(existing) == 0 || r.Force:
		return nil
	case len(existing) == 1:
		return errors.Errorf("%s exists; choose another output, or add --force to replace it", existing[0])
	}
	return errors.Errorf("%d of the %d outputs exist, the first %s; choose another folder, or add --force to replace them", len(existing), len(files), existing[0])
}

// isFolderName tells whether a path is that of a folder, or can only mean one.
func isFolderName(path string) bool {
	if strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator)) {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// isWritable tells whether a file is called as those are that can be written.
func isWritable(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg":
		return true
	}
	return false
}

// IsInside tells whether a path is that of the folder or of something in it, whatever links lead there.
func IsInside(folder, path string) bool {
	relative, err := filepath.Rel(realPath(folder), realPath(path))
	return err == nil && filepath.IsLocal(relative)
}

// realPath returns the path without links, as far as it exists.
func realPath(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	missing := ""
	for there := absolute; ; there = filepath.Dir(there) {
		if real, err := filepath.EvalSymlinks(there); err == nil {
			return filepath.Join(real, missing)
		}
		if there == filepath.Dir(there) {
			return absolute
		}
		missing = filepath.Join(filepath.Base(there), missing)
	}
}

// Failure is a picture that nothing was made of.
type Failure struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

// Result says what became of the pictures.
type Result struct {
	Pictures        int       `json:"pictures"` // Written.
	Failed          []Failure `json:"failed"`
	Seconds         float64   `json:"seconds"`
	ImagesPerSecond float64   `json:"images_per_second"`
}

// Err returns an error that names the pictures which failed, or nil.
func (r Result) Err() error {
	switch failed := len(r.Failed); {
	case failed == 0:
		return nil
	case failed == 1 && r.Pictures == 0:
		return errors.Errorf("%s: %s", r.Failed[0].Name, r.Failed[0].Error)
	case failed == 1:
		return errors.Errorf("1 of %d pictures was left out, %s: %s; the others are done", r.Pictures+1, r.Failed[0].Name, r.Failed[0].Error)
	default:
		others := "the others are done"
		if r.Pictures == 0 {
			others = "there are no others"
		}
		return errors.Errorf("%d of %d pictures were left out, the first %s: %s; %s", failed, r.Pictures+failed, r.Failed[0].Name, r.Failed[0].Error, others)
	}
}

// String says how many pictures were written, and how fast.
func (r Result) String() string {
	pictures := fmt.Sprintf("%d pictures", r.Pictures)
	if r.Pictures == 1 {
		pictures = "1 picture"
	}
	return fmt.Sprintf("%s in %.1f s, %.3g images/s", pictures, r.Seconds, r.ImagesPerSecond)
}
