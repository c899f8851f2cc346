package xla

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pkg/errors"
)

// installed puts a plugin with its receipt into a folder.
func installed(t *testing.T, dir string) (file string) {
	t.Helper()
	var calls int
	file, err := installFrom(t.Context(), Options{Dir: dir}, []source{fakeSource(&calls)})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func setTime(t *testing.T, file string, when time.Time) {
	t.Helper()
	if err := os.Chtimes(file, when, when); err != nil {
		t.Fatal(err)
	}
}

func TestReceiptFindsDamage(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, file string)
	}{
		{"shorter", func(t *testing.T, file string) { write(t, file, fakePlugin[:5], 0o644) }},
		{"one byte", func(t *testing.T, file string) {
			write(t, file, "The"+fakePlugin[3:], 0o644)
			setTime(t, file, time.Now().Add(time.Hour))
		}},
		{"other checksum", func(t *testing.T, file string) {
			write(t, file+checksumSuffix, sumOf("another")+"  "+pluginFile+"\n", 0o644)
		}},
		{"no checksum", func(t *testing.T, file string) { write(t, file+checksumSuffix, "garbage\n", 0o644) }},
		{"damaged stamp too", func(t *testing.T, file string) {
			write(t, file+stampSuffix, "{", 0o644)
			write(t, file, "The"+fakePlugin[3:], 0o644)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := installed(t, t.TempDir())
			test.damage(t, file)
			err := checkReceipt(file)
			wantError(t, err, file, "delete it", "ganymede doctor --install")
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("not an ErrCorrupt: %v", err)
			}
		})
	}
}

func TestReceiptOfACopy(t *testing.T) {
	file := installed(t, t.TempDir())
	setTime(t, file, time.Unix(1_000_000_000, 0)) // As after a copy: other time, same bytes.
	if err := checkReceipt(file); err != nil {
		t.Fatal(err)
	}
	known, ok := readStamp(file)
	if !ok || known.Modified != 1_000_000_000 || known.Source != "fake" {
		t.Errorf("the stamp was not renewed: %+v", known)
	}
}

// The start must not hash: with a stamp that fits, not even changed bytes are seen. Verify sees them.
func TestReceiptIsQuick(t *testing.T) {
	file := installed(t, t.TempDir())
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, "The"+fakePlugin[3:], 0o644)
	setTime(t, file, info.ModTime())
	if err := checkReceipt(file); err != nil {
		t.Errorf("it hashes: %v", err)
	}
	if _, err := Verify(file); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Verify: %v", err)
	}
}

func TestReceiptOfAnothersPlugin(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "libpjrt_cpu.so"), "x", 0o644)
	if err := checkReceipt(file); err != nil {
		t.Error(err)
	}
	if recorded, err := Verify(file); recorded || err != nil {
		t.Errorf("recorded %t, error %v", recorded, err)
	}
}
