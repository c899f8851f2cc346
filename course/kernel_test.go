//go:build unix

package course

import (
	"image"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ganymede-ml/ganymede/internal/gantest"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// cellVariable makes this test program play a GoNB cell.
const cellVariable = "GANYMEDE_TEST_CELL"

func TestAsCell(t *testing.T) {
	switch os.Getenv(cellVariable) {
	case "":
		t.Skip("no cell")
	case "slide":
		Slide(func(values []float64) image.Image { return dot(int(values[0])) }, Slider{Label: "grey", Max: 255, Start: 1, Step: 1})
	case "fail":
		Slide(func(values []float64) image.Image {
			if values[0] == 100 {
				Fail("a hundred is too much")
			}
			return dot(int(values[0]))
		}, Slider{Label: "grey", Max: 255, Start: 1, Step: 1})
	}
}

var pageAddress = regexp.MustCompile(`"address":"([^"]+)"`)

// runCell runs this program as a cell of a kernel, whose page answers as it says, and returns what each of the cell's
// outputs shows in the end, by MIME type: first the picture's, then the line's.
func runCell(t *testing.T, name string, environment []string, answers ...any) (outputs []map[protocol.MIMEType]any, said string, err error) {
	t.Helper()
	var order []string
	shown := map[string]map[protocol.MIMEType]any{}
	cell := exec.Command(os.Args[0], "-test.run=^TestAsCell$")
	cell.Env = append(append(os.Environ(), HeadlessVariable+"=", sessionVariable+"=", cellVariable+"="+name), environment...)
	cell.Dir = t.TempDir()
	said, _, err = gantest.RunCell(t, cell, func(data *protocol.DisplayData) (values []protocol.CommValue) {
		if data.DisplayID == "" {
			return nil // A subscription.
		}
		if shown[data.DisplayID] == nil {
			order = append(order, data.DisplayID)
		}
		shown[data.DisplayID] = data.Data
		page, _ := data.Data[protocol.MIMETextHTML].(string)
		if address := pageAddress.FindStringSubmatch(page); address != nil {
			for _, answer := range answers {
				values = append(values, protocol.CommValue{Address: address[1], Value: answer})
			}
		}
		return values
	})
	for _, id := range order {
		outputs = append(outputs, shown[id])
	}
	return outputs, said, err
}

// leaves fails the test unless a cell leaves a picture and a line of text.
func leaves(t *testing.T, outputs []map[protocol.MIMEType]any, line string) {
	t.Helper()
	if len(outputs) != 2 {
		t.Fatalf("got %d outputs, want a picture and a line", len(outputs))
	}
	if picture, _ := outputs[0][protocol.MIMEImagePNG].([]byte); !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("the first output is %v, want a picture", outputs[0])
	}
	if got := outputs[1][protocol.MIMETextPlain]; got != line || len(outputs[1]) != 1 {
		t.Errorf("the second output is %v, want %q", outputs[1], line)
	}
}

func TestWidgetThatNobodySees(t *testing.T) {
	for name, environment := range map[string][]string{
		"no window": nil,
		"a check":   {HeadlessVariable + "=1", sessionVariable + "=01.ipynb"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			outputs, said, err := runCell(t, "slide", environment)
			if err != nil || time.Since(start) > 5*time.Second {
				t.Errorf("after %s: %v\n%s", time.Since(start), err, said)
			}
			leaves(t, outputs, "sliders: grey 1 (run this cell in JupyterLab to move them)")
		})
	}
}

func TestWidgetInAPage(t *testing.T) {
	start := time.Now()
	outputs, said, err := runCell(t, "slide", []string{sessionVariable + "=01.ipynb"},
		`{"n":0,"hello":true}`, 3.5, []string{"x"}, `{"n":`, `{"n":2,"values":[80]}`, `{"n":3,"values":[90,1]}`,
		`{"n":5,"done":true,"values":[1000]}`)
	if err != nil || time.Since(start) > 9*time.Second {
		t.Errorf("after %s: %v\n%s", time.Since(start), err, said)
	}
	leaves(t, outputs, "sliders: grey 255 (run this cell in JupyterLab to move them)")
}

func TestWidgetThatFails(t *testing.T) {
	outputs, said, err := runCell(t, "fail", []string{sessionVariable + "=01.ipynb"}, `{"n":1,"values":[100]}`)
	if err == nil || !strings.Contains(said, "a hundred is too much") {
		t.Errorf("got %v, and %q", err, said)
	}
	leaves(t, outputs, "") // No controls without a program behind them.
}
