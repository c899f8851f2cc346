package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

func TestShowPairs(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 14) // left/0.png and so on: called unlike.
	for _, test := range []struct {
		name   string
		asJSON bool
		want   []string
		sheet  string
	}{
		{"unpaired:pics", false, []string{"unpaired:pics: 7 and 7 pictures without partners, A 16×16×3, B 16×16×3\n"}, "unpaired-pics.png"},
		{"unpaired:pics", true, []string{`"pairs":7,"paired":false,"a":{"pictures":7,"shape":[16,16,3]}`}, "unpaired-pics.png"},
		{"pairs:emoji", false, []string{"pairs:emoji: 1871 pairs, A 32×32×3, B 32×32×3\n"}, "pairs-emoji.png"},
	} {
		var out bytes.Buffer
		c := newConsole(&out, &out)
		if !arePairs(test.name) || arePairs("folder:pics") {
			t.Errorf("%s is not taken for pairs", test.name)
		}
		if err := c.showPairs(test.name, "", test.asJSON, datasets.Options{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range append(test.want, test.sheet) {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s printed %q, without %q", test.name, out.String(), want)
			}
		}
		decodePNG(t, test.sheet)
	}
	c := newConsole(new(bytes.Buffer), new(bytes.Buffer))
	if err := c.showPairs("pairs:pics", "", false, datasets.Options{}); err == nil || !strings.Contains(err.Error(), "have no partner") {
		t.Errorf("got %v", err)
	}
}
