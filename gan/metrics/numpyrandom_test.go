package metrics

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestNumpyRandom(t *testing.T) {
	data, err := os.ReadFile("testdata/fidelity.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Permutation, Choice []int }
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	random, err := newNumpyRandom(2020)
	if err != nil {
		t.Fatal(err)
	}
	if got := random.permutation(len(golden.Permutation)); !slices.Equal(got, golden.Permutation) {
		t.Errorf("got %v, want %v", got, golden.Permutation)
	}
	if got := random.permutation(5000)[:len(golden.Choice)]; !slices.Equal(got, golden.Choice) {
		t.Errorf("got %v, want %v", got, golden.Choice)
	}
	for _, seed := range []int64{-1, 1 << 32} {
		if _, err := newNumpyRandom(seed); err == nil || !strings.Contains(err.Error(), "from 0 to 4294967295") {
			t.Errorf("seed %d: got %v", seed, err)
		}
	}
}
