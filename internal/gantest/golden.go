package gantest

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// Wave returns n deterministic numbers that look random: scale·sin(0.37 i + 0.0531 i² + phase), for i from 0. The
// scripts that make golden values fill their inputs with the same, so that files hold outputs only.
func Wave(n int, scale, phase float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		x := float64(i)
		values[i] = scale * math.Sin(0.37*x+0.0531*x*x+phase)
	}
	return values
}

// ReadJSON decodes a file under testdata, and fails the test if it cannot.
func ReadJSON[T any](t *testing.T, path string) T {
	t.Helper()
	var value T
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return value
}

// RelativeError returns the largest difference between got and want, relative to the largest magnitude of want. It is
// infinite if the lengths differ or something is not a number.
func RelativeError(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var difference, magnitude float64
	for i := range want {
		d := math.Abs(got[i] - want[i])
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		difference = max(difference, d)
		magnitude = max(magnitude, math.Abs(want[i]))
	}
	if difference == 0 {
		return 0
	}
	return difference / magnitude
}
