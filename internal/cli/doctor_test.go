package cli

import (
	"strings"
	"testing"
)

func TestDoctor(t *testing.T) {
	inFolder(t)
	t.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
	if !testing.Short() { // It measures speed.
		stdout, _ := succeed(t, "doctor", "--json")
		report := readJSON(t, stdout)
		if report["backend"].(map[string]any)["kind"] != "go" {
			t.Errorf("got %s", stdout)
		}
		first := report["data"].([]any)[0].(map[string]any)
		if first["name"] != "digits" || first["examples"] != 10000.0 || !strings.HasPrefix(first["where"].(string), "embedded") {
			t.Errorf("data %v", first)
		}
	}
	t.Setenv("GOMLX_BACKEND", "nonsense")
	status, stdout, stderr := call(t, "doctor")
	if status != exitError || !strings.Contains(stdout, "unset GOMLX_BACKEND") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("status %d, printed\n%s\nsaid\n%s", status, stdout, stderr)
	}
}
