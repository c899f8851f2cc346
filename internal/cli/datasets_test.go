package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

func TestDatasetsList(t *testing.T) {
	stdout, _ := succeed(t, "datasets", "list")
	all := len(datasets.List()) + len(pairsInfos())
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); len(lines) != all+4 || !strings.HasPrefix(lines[1], "digits") {
		t.Errorf("printed\n%s", stdout)
	}
	stdout, _ = succeed(t, "datasets", "list", "--json")
	var infos []datasets.Info
	if err := json.Unmarshal([]byte(stdout), &infos); err != nil || len(infos) != all {
		t.Errorf("%v:\n%s", err, stdout)
	}
}

func TestDatasetsShow(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 7)
	stdout, _ := succeed(t, "datasets", "show", "folder:pics", "--json")
	result := readJSON(t, stdout)
	if result["sheet"] != "pics.png" || result["examples"] != 7.0 {
		t.Errorf("got %s", stdout)
	}
	classes := result["classes"].([]any)
	if first := classes[0].(map[string]any); len(classes) != 2 || first["name"] != "left" || first["examples"] != 4.0 {
		t.Errorf("got %v", classes)
	}
	sheet := decodePNG(t, "pics.png").Bounds()
	if sheet.Dx() <= 10*16 || sheet.Dy() >= sheet.Dx() {
		t.Errorf("2 rows of 10 are %v", sheet)
	}

	stdout, _ = succeed(t, "datasets", "show", "folder:pics/left", "--out", "left.png", "--size", "8", "--channels", "1")
	if !strings.HasPrefix(stdout, "folder:pics/left: 4 pictures 8×8×1\n") || !strings.HasSuffix(stdout, "left.png\n") {
		t.Errorf("printed %q", stdout)
	}
	decodePNG(t, "left.png")

	stdout, _ = succeed(t, "datasets", "show", "rings")
	if !strings.Contains(stdout, "100000 points") || !strings.Contains(stdout, "315°") {
		t.Errorf("printed %q", stdout)
	}
	decodePNG(t, "rings.png")
}

func TestDatasetsGet(t *testing.T) {
	for name, where := range map[string]string{"digits": "embedded", "fashion": "embedded", "grid": "made in code"} {
		if stdout, _ := succeed(t, "datasets", "get", name); !strings.Contains(stdout, where) || !strings.Contains(stdout, "nothing to get") {
			t.Errorf("%s: printed %q", name, stdout)
		}
	}
	fail(t, exitError, []string{"did you mean digits"}, "datasets", "get", "digit")
}

func TestDatasetsGetOut(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 7)
	stdout, _ := succeed(t, "datasets", "get", "folder:pics", "--out", "copy/", "--json")
	if result := readJSON(t, stdout); result["pictures"] != 7.0 || result["folder"] != "copy/" {
		t.Errorf("got %s", stdout)
	}
	one, err := datasets.Open("folder:pics", datasets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := datasets.Open("folder:copy", datasets.Options{})
	if err != nil || one.Hash() != other.Hash() {
		t.Errorf("the copy is another data set: %v", err)
	}
	stdout, _ = succeed(t, "datasets", "get", "digits", "--out", "digits", "--n", "20", "--size", "8")
	set, err := datasets.Open("folder:digits", datasets.Options{})
	if err != nil || set.Len() != 20 || len(set.Classes) != 10 || set.Shape[0] != 8 || stdout != "20 pictures in digits\n" {
		t.Errorf("%v, printed %q", err, stdout)
	}
	fail(t, exitError, []string{"digits is not empty"}, "datasets", "get", "digits", "--out", "digits")
	fail(t, exitError, []string{"rings holds points"}, "datasets", "get", "rings", "--out", "rings")
	fail(t, exitMisuse, []string{"--n 0"}, "datasets", "get", "digits", "--out", "d", "--n", "0")
}
