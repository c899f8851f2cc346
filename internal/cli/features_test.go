package cli

import (
	"strings"
	"testing"
)

func TestFeatures(t *testing.T) {
	inFolder(t)
	out, _ := succeed(t, "features", "list")
	for _, want := range []string{"digits", "99.30 %", "inception:FILE", "pt_inception-2015-12-05-6726825d.pth"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list lacks %q:\n%s", want, out)
		}
	}
	fail(t, exitError, []string{"incepton", "did you mean inception"}, "features", "get", "incepton")
	fail(t, exitError, []string{"no network with a file of weights", "digits"}, "features", "get", "digits")
	fail(t, exitMisuse, []string{"the NAME of a network is missing"}, "features", "get")
}
