package datasets

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// debianFiles returns the files of the Debian package dataset-fashion-mnist, and skips the test where it is not installed.
func debianFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range idxNames {
		data, err := os.ReadFile(filepath.Join(debianFashionMNIST, name))
		if err != nil {
			t.Skip("needs the Debian package dataset-fashion-mnist")
		}
		files[name] = data
	}
	return files
}

// TestPublishedBytes makes the published files of Fashion-MNIST out of Debian's, which are compressed in the same way and lack
// the name and the time in the header, and compares their checksums with those that Get verifies.
func TestPublishedBytes(t *testing.T) {
	files := debianFiles(t)
	for i, file := range fashionMNISTFiles {
		modified := uint32(1504176606) // 2017-08-31, 10:50:06 UTC.
		if i >= 2 {
			modified = 1504176627
		}
		const hasName, unix = 8, 3
		header := []byte{0x1f, 0x8b, 8, hasName}
		header = binary.LittleEndian.AppendUint32(header, modified)
		header = append(append(header, 0, unix), strings.TrimSuffix(file.name, ".gz")+"\x00"...)
		published := slices.Concat(header, files[file.name][10:])
		if sum := sha256.Sum256(published); hex.EncodeToString(sum[:]) != file.sha256 || int64(len(published)) != file.size {
			t.Errorf("%s: SHA-256 %x of %d bytes", file.name, sum, len(published))
		}
		if err := file.verify(filepath.Join(debianFashionMNIST, file.name)); err != nil { // By its content.
			t.Error(err)
		}
	}
}

// TestFashionMNIST opens Debian's files, of which the embedded set is the beginning.
func TestFashionMNIST(t *testing.T) {
	debianFiles(t)
	t.Setenv("GANYMEDE_DATA", t.TempDir())
	set, err := Open("fashion-mnist", Options{})
	if err != nil {
		t.Fatal(err)
	}
	test, err := Open("fashion-mnist", Options{View: View{Split: Test}})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range []*Set{set, test} { // What follows the headers is what the files hold, whose checksums are known.
		count := uint32(s.Len())
		labels := make([]byte, s.Len())
		for j, label := range s.Labels {
			labels[j] = byte(label)
		}
		for j, file := range [][]byte{idxBytes(s.Pixels, idxImages, count, 28, 28), idxBytes(labels, idxLabels, count)} {
			if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != fashionMNISTFiles[2*i+j].content {
				t.Errorf("%s: SHA-256 of the content is %x", idxNames[2*i+j], sum)
			}
		}
	}
	embedded, err := Open("fashion", Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := embedded.Len()
	if set.Len() != 60_000 || test.Len() != 10_000 || !bytes.Equal(set.Pixels[:len(embedded.Pixels)], embedded.Pixels) ||
		!slices.Equal(set.Labels[:n], embedded.Labels) || !slices.Equal(set.Classes, embedded.Classes) {
		t.Errorf("%d and %d examples; the embedded ones are not the first", set.Len(), test.Len())
	}
	dir, err := Get(t.Context(), "fashion-mnist", GetOptions{})
	if err != nil || dir != debianFashionMNIST {
		t.Errorf("Get: %s, %v", dir, err)
	}
}
