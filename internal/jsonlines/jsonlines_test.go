package jsonlines_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/jsonlines"
)

type object struct{ N int }

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	if got, err := jsonlines.Read[object](path); err != nil || got != nil {
		t.Errorf("of no file: %v, %v", got, err)
	}
	want := []object{{1}, {2}, {3}}
	if err := jsonlines.Write(path, want); err != nil {
		t.Fatal(err)
	}
	if got, err := jsonlines.Read[object](path); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	for _, test := range []struct {
		text  string
		count int
		want  string // Of the error; "" for none.
	}{
		{"{\"N\":1}\n{\"N\":2", 1, ""}, // A crash.
		{"{\"N\":1}\n{\"N\":2}", 2, ""},
		{"{\"N\":1}\nnonsense\n{\"N\":3}\n", 0, "line 2 of " + path},
	} {
		if err := os.WriteFile(path, []byte(test.text), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := jsonlines.Read[object](path)
		if len(got) != test.count || (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, %v", test.text, got, err)
		}
	}
}
