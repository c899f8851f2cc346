package safetensors_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

func file(t testing.TB) []byte {
	var buffer bytes.Buffer
	err := safetensors.Write(&buffer, []safetensors.Named{
		{Name: "/b/weights", Tensor: tensors.FromValue([][]float32{{1, 2, 3}, {4, 5, -6.5}})},
		{Name: "/a/steps", Tensor: tensors.FromScalar(int64(-7))},
		{Name: "/rng", Tensor: tensors.FromValue([]uint64{1, 1 << 63})},
	}, map[string]string{"steps": "7"})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return buffer.Bytes()
}

func TestRoundTrip(t *testing.T) {
	list, metadata, err := safetensors.Read(file(t))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var names []string
	for _, named := range list {
		names = append(names, named.Name)
	}
	if got := strings.Join(names, " "); got != "/b/weights /a/steps /rng" {
		t.Errorf("names in order: got %q", got)
	}
	if metadata["steps"] != "7" {
		t.Errorf("metadata: got %v", metadata)
	}
	if !list[0].Tensor.Equal(tensors.FromValue([][]float32{{1, 2, 3}, {4, 5, -6.5}})) {
		t.Errorf("weights: got %s", list[0].Tensor)
	}
	if got := tensors.ToScalar[int64](list[1].Tensor); got != -7 {
		t.Errorf("steps: got %d", got)
	}
}

// TestDamage flips each byte in turn: of the numbers, every one must be noticed; of the header, none may crash.
func TestDamage(t *testing.T) {
	whole := file(t)
	numbers := len(whole) - 6*4 - 8 - 2*8
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x10
		if _, _, err := safetensors.Read(damaged); err == nil && i >= numbers {
			t.Errorf("byte %d of %d: damage was not noticed", i, len(whole))
		}
	}
	for length := range whole {
		if _, _, err := safetensors.Read(whole[:length]); err == nil {
			t.Errorf("cut to %d of %d bytes: not noticed", length, len(whole))
		}
	}
}

// The metadata can be read without the numbers, and where they are cut off.
func TestReadMetadata(t *testing.T) {
	whole := file(t)
	path := filepath.Join(t.TempDir(), "file")
	for _, test := range []struct {
		data []byte
		want string // Of the error; "" for none.
	}{
		{whole, ""},
		{whole[:100], "a header of"},
		{whole[:5], "header"},
		{append(whole[:8:8], bytes.Repeat([]byte("x"), len(whole))...), "invalid character"},
	} {
		if err := os.WriteFile(path, test.data, 0o666); err != nil {
			t.Fatal(err)
		}
		metadata, err := safetensors.ReadMetadata(path)
		if test.want == "" && (err != nil || metadata["steps"] != "7") {
			t.Errorf("got %v, %v", metadata, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%d bytes: got %v, want %q", len(test.data), err, test.want)
		}
	}
	if _, err := safetensors.ReadMetadata(path + "s"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(f))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	header := `{"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`
	f.Add(append([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}, header+"12345678"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, metadata, err := safetensors.Read(data)
		if err != nil {
			return
		}
		var buffer bytes.Buffer
		delete(metadata, "sha256")
		if err := safetensors.Write(&buffer, list, metadata); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if again, _, err := safetensors.Read(buffer.Bytes()); err != nil || len(again) != len(list) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}
