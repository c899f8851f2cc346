package datasets

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/archive"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/fetch"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// publishedFile is a file of a data set that somebody published.
type publishedFile struct {
	name    string
	urls    []string // The official address, and then others that have the same file.
	size    int64    // In bytes; 0 if it is not known.
	sha256  string   // In hexadecimal; "" if nobody published it: then the first download is believed, and its own noted.
	content string   // The SHA-256 of what is gzipped in it; "" if that is not looked at.
}

// Download is a data set that Get downloads.
type Download struct {
	Info
	Aliases []string `json:"aliases,omitempty"` // Other names for Get.
	URLs    []string `json:"urls"`              // The official address of each file.
	Bytes   int64    `json:"bytes"`             // Of its files together; 0 if it is not known.

	files     []publishedFile
	folder    string   // In CacheDir, with slashes.
	elsewhere []string // Folders where other programs put the files.
	unpack    bool     // Whether the file is an archive, and the folder what is in it.
}

// Downloads returns the data sets that Get downloads: those that Open opens by their names, and then those of OpenPairs.
func Downloads() []Download {
	fashion := newDownload(fashionMNIST.Info, fashionMNISTPublished.files)
	fashion.elsewhere = fashionMNISTPublished.folders
	list := []Download{
		newDownload(mnist.Info, mnistPublished.files),
		fashion,
		newDownload(cifar10.Info, cifar10Published.files),
	}
	return append(list, namedPairs()...)
}

func newDownload(info Info, files []publishedFile) Download {
	d := Download{Info: info, files: files, folder: info.Name}
	for _, file := range files {
		d.URLs = append(d.URLs, file.urls[0])
		d.Bytes += file.size
	}
	return d
}

// FindDownload returns the data set of that name, or alias, that Get downloads.
func FindDownload(name string) (Download, error) {
	var names, all []string
	for _, d := range Downloads() {
		if d.Name == name || slices.Contains(d.Aliases, name) {
			return d, nil
		}
		names = append(names, d.Name)
		all = append(append(all, d.Name), d.Aliases...)
	}
	for _, info := range List() {
		if info.Name == name {
			return Download{}, errors.Errorf("datasets: %s needs no download", name)
		}
	}
	return Download{}, errors.Errorf("datasets: there is no data set %q to download%s (all: %s)", name, nearest.Hint(name, all), strings.Join(names, ", "))
}

// GetOptions say how Get downloads. Its zero value takes the official addresses.
type GetOptions struct {
	// From is where the files are, instead: a folder, or the beginning of an address that a slash and the name of a file follow.
	From string

	// Progress, if not nil, is called now and then with how many bytes of a file are there, and how many there will be, 0 if
	// nobody knows; and then, with " unpacked" after the name, with how much of an archive is.
	Progress func(file string, done, total int64)

	// Noted, if not nil, is called with the SHA-256 of a file that nobody published one for: later downloads must have the same.
	Noted func(file, sha256 string)
}

// Get downloads the files of a data set out of Downloads to a folder in CacheDir, and returns the folder. What is there already
// is kept. Each file comes from its official address, or else from others that have the same; a download that was cut off
// goes on where it ended, by a later call, too; and a file is put in place when its SHA-256 is what was published. An archive of
// pictures is unpacked and removed. Of several programs that get a data set one does, and the others wait for it.
func Get(ctx context.Context, name string, options GetOptions) (dir string, err error) {
	download, err := FindDownload(name)
	if err != nil {
		return "", err
	}
	return download.get(ctx, options)
}

func (d Download) get(ctx context.Context, options GetOptions) (dir string, err error) {
	if dir, err = d.dir(); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return "", errors.Errorf("datasets: no folder for downloads: %v; name another one in GANYMEDE_DATA", err)
	}
	lock := flock.New(filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".lock"))
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); ctx.Err() != nil {
		return "", errors.Wrapf(err, "datasets: waiting for another program that gets %s", d.Name)
	} else if err != nil {
		return "", errors.Errorf("datasets: the folder for downloads cannot be written: %v; name another one in GANYMEDE_DATA", err)
	}
	defer func() { _ = lock.Unlock() }() // Its file stays: others may be waiting for it.
	if d.unpack {
		return dir, d.getArchive(ctx, dir, options)
	}
	if where := d.Where(); where != "" && options.From == "" {
		dir = where
	}
	return dir, d.getFiles(ctx, dir, options)
}

// dir returns the folder that the data set is in, once it is downloaded.
func (d Download) dir() (string, error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, filepath.FromSlash(d.folder)), nil
}

// Where returns the folder that the data set is in, whole, and "" if it is not on this machine.
func (d Download) Where() string {
	dir, err := d.dir()
	if err != nil {
		return ""
	}
	if d.unpack {
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
		return ""
	}
	for _, folder := range append([]string{dir}, d.elsewhere...) {
		if len(d.lacking(folder)) == 0 {
			return folder
		}
	}
	return ""
}

// getFiles puts the files into dir.
func (d Download) getFiles(ctx context.Context, dir string, options GetOptions) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return errors.Wrap(err, "datasets")
	}
	for _, file := range d.files {
		if there := findFile([]string{dir}, file.name); there != "" {
			if err := file.verify(there); err != nil {
				return err
			}
			continue
		}
		if _, err := d.getFile(ctx, file, dir, options); err != nil {
			return err
		}
	}
	return nil
}

// verify returns an error if a file that is there is another than the published one.
func (f publishedFile) verify(path string) error {
	same, sum, err := f.wanted(nil).Matches(path)
	if err == nil && !same {
		err = errors.Errorf("%s has SHA-256 %s, not %s; remove it to download it", path, sum, f.sha256)
	}
	return errors.WithMessage(err, "datasets")
}

func (f publishedFile) wanted(urls []string) fetch.Wanted {
	return fetch.Wanted{Name: f.name, URLs: urls, Size: f.size, SHA256: f.sha256, Content: f.content}
}

// getFile downloads a file to the folder, and returns its SHA-256.
func (d Download) getFile(ctx context.Context, file publishedFile, folder string, options GetOptions) (sum string, err error) {
	wanted := file.wanted(file.urls)
	if options.From != "" {
		path, err := file.from(options.From)
		if err != nil {
			return "", err
		}
		wanted.URLs = []string{path}
		if !isAddress(path) {
			wanted.Name = filepath.Base(path) // It may be unzipped.
		}
	}
	var progress func(done, total int64)
	if options.Progress != nil {
		progress = func(done, total int64) { options.Progress(file.name, done, total) }
	}
	sum, err = fetch.Verified(ctx, wanted, folder, progress)
	if err != nil && ctx.Err() == nil {
		return "", errors.Errorf("datasets: %s: %v; where no network helps, place %s (from %s) in %s and try again",
			d.Name, err, strings.Join(d.lacking(folder), ", "), strings.TrimSuffix(file.urls[0], file.name), folder)
	}
	return sum, errors.WithMessagef(err, "datasets: %s", d.Name)
}

// lacking returns the names of the files that are not in the folder.
func (d Download) lacking(folder string) []string {
	var names []string
	for _, file := range d.files {
		if findFile([]string{folder}, file.name) == "" {
			names = append(names, file.name)
		}
	}
	return names
}

// isAddress tells an address from a folder.
func isAddress(from string) bool { return strings.Contains(from, "://") }

// from returns where the file is in a folder or below an address.
func (f publishedFile) from(place string) (string, error) {
	if isAddress(place) {
		return strings.TrimSuffix(place, "/") + "/" + f.name, nil
	}
	folder, err := checkDirectory(place)
	if err != nil {
		return "", err
	}
	if path := findFile([]string{folder}, f.name); path != "" {
		return path, nil
	}
	return "", errors.Errorf("datasets: the folder %q lacks %s (from %s)", place, f.name, f.urls[0])
}

// getArchive makes dir what is in the archive, which may lie beside it already.
func (d Download) getArchive(ctx context.Context, dir string, options GetOptions) error {
	if _, err := os.Stat(dir); err == nil {
		return nil // It is there only if it is whole.
	}
	file, folder := d.files[0], filepath.Dir(dir)
	path := filepath.Join(folder, file.name)
	if file.sha256 == "" {
		file.sha256 = notedSum(path)
	}
	known := file.sha256 != ""
	_, missing := os.Stat(path)
	if missing == nil && known {
		if err := file.verify(path); err != nil {
			return err
		}
	}
	sum, err := d.getFile(ctx, file, folder, options)
	if err != nil {
		return err
	}
	var progress func(done, total int64)
	if options.Progress != nil {
		progress = func(done, total int64) { options.Progress(file.name+" unpacked", done, total) }
	}
	if err := archive.Unpack(ctx, path, dir, archive.Limits{}, progress); err != nil {
		if !known && missing != nil && ctx.Err() == nil {
			_ = os.Remove(path) // Perhaps it is not what it should be; the next call downloads it anew.
		}
		return errors.WithMessagef(err, "datasets: %s", d.Name)
	}
	if !known {
		if options.Noted != nil {
			options.Noted(file.name, sum)
		}
		if err := noteSum(path, sum); err != nil {
			return err
		}
	}
	return errors.WithMessage(os.Remove(path), "datasets")
}

// sumSuffix ends the name of the file beside a downloaded one that its checksum is noted in, as sha256sum writes it.
const sumSuffix = ".sha256"

func noteSum(path, sum string) error {
	err := atomicfile.Write(path+sumSuffix, []byte(sum+"  "+filepath.Base(path)+"\n"))
	return errors.WithMessage(err, "datasets: noting a checksum")
}

// notedSum returns the checksum noted for a file, "" if there is none.
func notedSum(path string) string {
	data, err := os.ReadFile(path + sumSuffix)
	if err != nil {
		return ""
	}
	sum, _, _ := strings.Cut(string(data), " ")
	return sum
}
