package xla

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// ErrCorrupt is what errors.Is finds in the error for an installed plugin whose bytes are not those that were installed.
var ErrCorrupt = errors.New("corrupt plugin")

// corruptError is an ErrCorrupt that names the file and the mend.
type corruptError struct{ file, reason string }

func (e *corruptError) Error() string {
	return fmt.Sprintf("plugin %s is corrupt: %s; delete it, or %s", e.file, e.reason, cpuMend)
}

func (e *corruptError) Is(target error) bool { return target == ErrCorrupt }

// Beside an installed plugin lie two files: its checksum, as sha256sum writes it, and a stamp that spares hashing 200 MB
// at every start.
const (
	checksumSuffix = ".sha256"
	stampSuffix    = ".stamp"
)

// stamp is how a plugin's file looked when its checksum was last found right.
type stamp struct {
	SHA256   string `json:"sha256"`
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // Seconds since 1970: copies and container layers often keep no more.
	Source   string `json:"source,omitempty"`
}

// checkReceipt compares a plugin with its stamp, and with its checksum where the stamp does not settle it. A plugin that
// this package did not install has neither and passes.
func checkReceipt(file string) error {
	want, err := readChecksum(file)
	if err != nil || want == "" {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return errors.Errorf("plugin %s: %v", file, unwrapPath(err))
	}
	known, ok := readStamp(file)
	if ok && known.SHA256 == want {
		if known.Size != info.Size() {
			return &corruptError{file, fmt.Sprintf("it has %d bytes, not %d", info.Size(), known.Size)}
		}
		if known.Modified == info.ModTime().Unix() {
			return nil
		}
	}
	if _, err := Verify(file); err != nil {
		return err
	}
	_ = writeStamp(file, stamp{SHA256: want, Source: known.Source}) // Where it cannot be written the next start hashes again.
	return nil
}

// Verify hashes a plugin (about 200 MB) and compares it with the checksum that was recorded when it was installed. The
// error for other bytes is an [ErrCorrupt] that names the file and the mend. A plugin that this package did not install has
// no recorded checksum, which is no error.
func Verify(file string) (recorded bool, err error) {
	want, err := readChecksum(file)
	if err != nil || want == "" {
		return err != nil, err
	}
	got, err := hashFile(file)
	if err != nil {
		return true, err
	}
	if got != want {
		return true, &corruptError{file, fmt.Sprintf("its SHA-256 is %s, its checksum file says %s", got, want)}
	}
	return true, nil
}

// readChecksum returns the recorded checksum of a plugin, or "" if there is none.
func readChecksum(file string) (string, error) {
	text, err := os.ReadFile(file + checksumSuffix)
	if os.IsNotExist(err) {
		return "", nil
	}
	if err != nil {
		return "", errors.Errorf("checksum %s: %v", file+checksumSuffix, unwrapPath(err))
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 || !isSHA256(fields[0]) {
		return "", &corruptError{file, "its checksum file " + file + checksumSuffix + " holds no SHA-256"}
	}
	return strings.ToLower(fields[0]), nil
}

// writeReceipt records the checksum of a plugin that lies in file and will be named final, and its stamp.
func writeReceipt(file, final, sum, source string) error {
	line := fmt.Sprintf("%s  %s\n", sum, filepath.Base(final))
	if err := writeAtomically(final+checksumSuffix, []byte(line)); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return errors.WithStack(err)
	}
	return putStamp(final, stamp{SHA256: sum, Source: source}, info)
}

func readStamp(file string) (stamp, bool) {
	var known stamp
	text, err := os.ReadFile(file + stampSuffix)
	if err != nil || json.Unmarshal(text, &known) != nil {
		return stamp{}, false
	}
	return known, true
}

// writeStamp records how file looks now.
func writeStamp(file string, known stamp) error {
	info, err := os.Stat(file)
	if err != nil {
		return errors.WithStack(err)
	}
	return putStamp(file, known, info)
}

func putStamp(file string, known stamp, info os.FileInfo) error {
	known.Size, known.Modified = info.Size(), info.ModTime().Unix()
	text, err := json.Marshal(known)
	if err != nil {
		return errors.WithStack(err)
	}
	return writeAtomically(file+stampSuffix, append(text, '\n'))
}

// writeAtomically writes a small file so that it is there whole or not at all.
func writeAtomically(file string, text []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(file), temporaryPrefix)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // Gone already if all went well.
	_, err = temporary.Write(text)
	if chmodErr := temporary.Chmod(0o644); err == nil {
		err = chmodErr
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	return errors.WithStack(err)
}

// hashFile returns a file's SHA-256 in hexadecimal.
func hashFile(file string) (string, error) {
	reader, err := os.Open(file)
	if err != nil {
		return "", errors.WithStack(err)
	}
	defer func() { _ = reader.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, reader); err != nil {
		return "", errors.Wrapf(err, "reading %s", file)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func isSHA256(text string) bool {
	decoded, err := hex.DecodeString(text)
	return err == nil && len(decoded) == sha256.Size
}
