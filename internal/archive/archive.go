// Package archive unpacks archives that come from elsewhere, and trusts nothing in them: a name that leads out of the folder,
// a link, a device, or far more than the archive's size suggests ends it with an error that names what is wrong.
package archive

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pkg/errors"
)

// Limits say how much an archive may hold. Zero fields mean 64 GB, a million files, and a hundred times the archive's size.
type Limits struct {
	Bytes int64 // Of all files together.
	Files int   // Files and folders.
	Ratio int64 // How many times the size of the archive its files may have together; at least smallEnough bytes are allowed.
}

const (
	smallEnough = 1 << 20  // Bytes that are no bomb, however small the archive.
	headerBytes = 16 << 10 // More than the headers of any member of a tar file need.
)

// Unpack unpacks an archive, a tar file, a gzipped one or a zip file, into a folder that must not be there yet. It is there
// only if all went well: until then its files are in a folder beside it, folder + ".unpacking", of which an earlier one that
// was left is removed. Where everything lies in one folder of the archive, that is the folder. Progress, which may be nil, is
// called now and then with how many bytes of the archive are read, and its size.
func Unpack(ctx context.Context, file, folder string, limits Limits, progress func(done, total int64)) error {
	err := unpack(ctx, file, folder, limits, progress)
	return errors.WithMessage(err, filepath.Base(file))
}

func unpack(ctx context.Context, file, folder string, limits Limits, progress func(done, total int64)) error {
	if _, err := os.Lstat(folder); err == nil {
		return errors.Errorf("%s is there already; remove it to unpack it again", folder)
	}
	reader, err := os.Open(file)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = reader.Close() }()
	info, err := reader.Stat()
	if err != nil {
		return errors.WithStack(err)
	}
	temporary := folder + ".unpacking"
	if err := os.RemoveAll(temporary); err != nil {
		return errors.WithStack(err)
	}
	if err := os.MkdirAll(temporary, 0o777); err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	root, err := os.OpenRoot(temporary)
	if err != nil {
		return errors.WithStack(err)
	}
	watched := &watched{ctx: ctx, reader: reader, total: info.Size(), progress: progress}
	err = Walk(watched, info.Size(), limits, func(m Member) error { return m.write(root) })
	if closeErr := root.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if progress != nil {
		progress(info.Size(), info.Size())
	}
	return errors.WithStack(os.Rename(content(temporary), folder))
}

// content returns the folder that holds what was unpacked: the one inside, if there is nothing else.
func content(folder string) string {
	entries, err := os.ReadDir(folder)
	if err == nil && len(entries) == 1 && entries[0].IsDir() {
		return filepath.Join(folder, entries[0].Name())
	}
	return folder
}

// watched reads an archive until ctx ends, and reports how much is read.
type watched struct {
	ctx         context.Context
	reader      io.ReaderAt
	done, total int64
	reported    int64
	progress    func(done, total int64)
}

func (w *watched) ReadAt(data []byte, offset int64) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.reader.ReadAt(data, offset)
	w.done = min(w.total, w.done+int64(n))
	if w.progress != nil && w.done-w.reported >= smallEnough {
		w.reported = w.done
		w.progress(w.done, w.total)
	}
	return n, err
}

// Member is a file or a folder of an archive. Its name is a path with slashes that stays inside the folder it is unpacked to.
type Member struct {
	Name    string
	Folder  bool
	Content io.Reader // Of a file.
}

// write writes a member below root.
func (m Member) write(root *os.Root) error {
	name := filepath.FromSlash(m.Name)
	folder := name
	if !m.Folder {
		folder = filepath.Dir(name)
	}
	err := root.MkdirAll(folder, 0o777)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTDIR) {
		return refusef("what it holds at %q is a file and a folder", m.Name)
	}
	if err != nil || m.Folder {
		return errors.WithStack(err)
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return refusef("it holds the file %q twice", m.Name)
	}
	if err != nil {
		return errors.WithStack(err)
	}
	_, err = io.Copy(file, m.Content)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return errors.WithStack(err)
}

// Walk calls visit with each member of an archive, of that size, in order. Members that Unpack refuses are errors, as is more
// content than the limits allow.
func Walk(archive io.ReaderAt, size int64, limits Limits, visit func(Member) error) error {
	var start [512]byte
	n, err := archive.ReadAt(start[:], 0)
	if err != nil && err != io.EOF {
		return errors.WithStack(err)
	}
	b := newBudget(limits, size)
	section := bufio.NewReaderSize(io.NewSectionReader(archive, 0, size), 1<<18)
	switch head := start[:n]; {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return walkZip(archive, size, b, visit)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		unzipped, err := gzip.NewReader(section)
		if err != nil {
			return damaged(err)
		}
		return walkTar(unzipped, b, visit)
	case n >= 262 && string(head[257:262]) == "ustar":
		return walkTar(section, b, visit)
	}
	return errors.New("it is neither a tar nor a zip file")
}

func walkTar(reader io.Reader, b *budget, visit func(Member) error) error {
	rest := &metered{reader, b}
	archive := tar.NewReader(rest)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			if _, err = io.Copy(io.Discard, rest); err == nil { // To the checksum at the end.
				return nil
			}
		}
		if err != nil {
			return damaged(err)
		}
		var kind fs.FileMode
		switch header.Typeflag {
		case tar.TypeXGlobalHeader: // Notes on all members, such as the commit that git archive writes.
			continue
		case tar.TypeReg, tar.TypeGNUSparse:
		case tar.TypeDir:
			kind = fs.ModeDir
		case tar.TypeSymlink, tar.TypeLink:
			kind = fs.ModeSymlink
		default:
			kind = fs.ModeIrregular
		}
		if err := b.member(header.Name, kind, archive, visit); err != nil {
			return err
		}
	}
}

func walkZip(reader io.ReaderAt, size int64, b *budget, visit func(Member) error) error {
	archive, err := zip.NewReader(reader, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // Names are looked at below.
		return damaged(err)
	}
	for _, file := range archive.File {
		const encrypted = 1
		if file.Flags&encrypted != 0 {
			return errors.Errorf("its member %q is encrypted", file.Name)
		}
		content, err := file.Open()
		if err != nil {
			return damaged(err)
		}
		err = b.member(file.Name, file.Mode().Type(), content, visit)
		_ = content.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// damaged says that an archive cannot be read; other errors, of a cancelled context say, stay as they are.
func damaged(err error) error {
	var refused *refusal
	switch {
	case errors.As(err, &refused), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return errors.New("it is cut off")
	}
	return errors.Errorf("it is damaged: %v", err)
}

// refusal is an error about what an archive must not hold.
type refusal struct{ message string }

func (r *refusal) Error() string { return r.message }

func refusef(format string, arguments ...any) error {
	return errors.WithStack(&refusal{fmt.Sprintf(format, arguments...)})
}

// budget is what an archive may still hold.
type budget struct {
	limits Limits
	bytes  int64 // Left of the contents.
	stream int64 // Left of a tar file: its contents, and headerBytes for each member.
	files  int
	why    string // What is said when the bytes are used up.
}

// newBudget returns what an archive of that size may hold.
func newBudget(limits Limits, size int64) *budget {
	if limits.Bytes == 0 {
		limits.Bytes = 64e9
	}
	if limits.Files == 0 {
		limits.Files = 1_000_000
	}
	if limits.Ratio == 0 {
		limits.Ratio = 100
	}
	b := &budget{limits: limits, files: limits.Files, bytes: limits.Bytes, why: fmt.Sprintf("it holds more than %d bytes", limits.Bytes)}
	if most := max(smallEnough, limits.Ratio*size); most < b.bytes {
		b.bytes, b.why = most, fmt.Sprintf("it is a bomb: it holds more than %d times its own %d bytes", limits.Ratio, size)
	}
	b.stream = b.bytes + smallEnough
	return b
}

// member checks a member and hands it to visit.
func (b *budget) member(name string, kind fs.FileMode, content io.Reader, visit func(Member) error) error {
	clean := path.Clean(name)
	switch {
	case strings.ContainsAny(name, "\\\x00"):
		return refusef("it holds the file %q, whose name no file may have", name)
	case path.IsAbs(name) || !filepath.IsLocal(filepath.FromSlash(clean)):
		return refusef("it holds the file %q, which leads out of the folder", name)
	case kind&fs.ModeSymlink != 0:
		return refusef("it holds the link %q; links are refused", name)
	case kind&fs.ModeType&^fs.ModeDir != 0:
		return refusef("it holds the device %q; devices are refused", name)
	}
	if b.files--; b.files < 0 {
		return refusef("it holds more than %d files", b.limits.Files)
	}
	b.stream += headerBytes
	if kind.IsDir() {
		return visit(Member{Name: clean, Folder: true})
	}
	return visit(Member{Name: clean, Content: &limited{content, b}})
}

// metered reads a tar file up to what its contents and headers may take.
type metered struct {
	reader io.Reader
	budget *budget
}

func (m *metered) Read(data []byte) (int, error) {
	n, err := m.reader.Read(data)
	if m.budget.stream -= int64(n); m.budget.stream < 0 {
		return 0, refusef("%s", m.budget.why)
	}
	return n, err
}

// limited reads the content of a member up to what the archive may hold.
type limited struct {
	reader io.Reader
	budget *budget
}

func (l *limited) Read(data []byte) (int, error) {
	n, err := l.reader.Read(data)
	if l.budget.bytes -= int64(n); l.budget.bytes < 0 {
		return 0, refusef("%s", l.budget.why)
	}
	if err != nil && err != io.EOF {
		err = damaged(err)
	}
	return n, err
}
