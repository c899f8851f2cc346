package xla

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// unpack writes the one member of an archive (.whl, .zip or .tar.gz) that the function picks to file, and returns its
// SHA-256.
func unpack(ctx context.Context, archive, file string, member func(name string) bool, report func(Progress)) (string, error) {
	if strings.HasSuffix(archive, ".tar.gz") {
		return unpackTar(ctx, archive, file, member, report)
	}
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return "", errors.Wrapf(err, "opening %s", filepath.Base(archive))
	}
	defer func() { _ = reader.Close() }()
	for _, entry := range reader.File {
		if !entry.Mode().IsRegular() || !member(entry.Name) {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			return "", errors.Wrapf(err, "opening %s", entry.Name)
		}
		defer func() { _ = content.Close() }()
		return writeHashed(ctx, file, content, int64(entry.UncompressedSize64), report)
	}
	return "", errors.Errorf("no plugin in %s", filepath.Base(archive))
}

func unpackTar(ctx context.Context, archive, file string, member func(name string) bool, report func(Progress)) (string, error) {
	reader, err := os.Open(archive)
	if err != nil {
		return "", errors.WithStack(err)
	}
	defer func() { _ = reader.Close() }()
	decompressed, err := gzip.NewReader(reader)
	if err != nil {
		return "", errors.Wrapf(err, "opening %s", filepath.Base(archive))
	}
	entries := tar.NewReader(decompressed)
	for {
		entry, err := entries.Next()
		if err == io.EOF {
			return "", errors.Errorf("no plugin in %s", filepath.Base(archive))
		}
		if err != nil {
			return "", errors.Wrapf(err, "reading %s", filepath.Base(archive))
		}
		if entry.Typeflag == tar.TypeReg && member(entry.Name) {
			return writeHashed(ctx, file, entries, entry.Size, report)
		}
	}
}

// writeHashed writes content to a new file, on the disk when it returns, and returns its SHA-256.
func writeHashed(ctx context.Context, file string, content io.Reader, size int64, report func(Progress)) (string, error) {
	writer, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", errors.WithStack(err)
	}
	hash := sha256.New()
	progress := &meter{ctx: ctx, report: report, now: Progress{Stage: "unpacking " + filepath.Base(file), Total: size}}
	_, err = io.Copy(io.MultiWriter(writer, hash, progress), content)
	if err == nil {
		err = writer.Sync()
	}
	if closeErr := writer.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return "", errors.Wrapf(err, "unpacking %s", filepath.Base(file))
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// meter counts what is written to it, reports at every megabyte and at the end, and stops the writing when ctx ends.
type meter struct {
	ctx      context.Context
	report   func(Progress)
	now      Progress
	reported int64
}

func (m *meter) Write(data []byte) (int, error) {
	m.now.Done += int64(len(data))
	if m.now.Done-m.reported >= 1<<20 || m.now.Done == m.now.Total {
		m.reported = m.now.Done
		m.report(m.now)
	}
	return len(data), m.ctx.Err()
}
