//go:build unix

package course

import (
	"encoding/gob"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

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
func runCell(t *testing.T, cell string, environment []string, answers ...any) (outputs []map[protocol.MIMEType]any, said string, err error) {
	t.Helper()
	dir := t.TempDir()
	toKernel, toCell := filepath.Join(dir, "to-kernel"), filepath.Join(dir, "to-cell")
	for _, pipe := range []string{toKernel, toCell} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skipf("no named pipes here: %v", err)
		}
	}
	// Opened for both directions, a pipe does not wait for its other end, nor end before we say so.
	reader, err := os.OpenFile(toKernel, os.O_RDWR, 0)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	writer, err := os.OpenFile(toCell, os.O_RDWR, 0)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	defer func() { _ = writer.Close() }()
	var order []string
	shown := map[string]map[protocol.MIMEType]any{}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		decoder, encoder := gob.NewDecoder(reader), gob.NewEncoder(writer)
		for {
			data := &protocol.DisplayData{}
			if decoder.Decode(data) != nil {
				return
			}
			if request, ok := data.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
				if err := encoder.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: request.Value}); err != nil {
					t.Errorf("the kernel cannot answer: %+v", err)
				}
				continue
			}
			if data.DisplayID == "" {
				continue // A subscription.
			}
			if shown[data.DisplayID] == nil {
				order = append(order, data.DisplayID)
			}
			shown[data.DisplayID] = data.Data
			page, _ := data.Data[protocol.MIMETextHTML].(string)
			if address := pageAddress.FindStringSubmatch(page); address != nil {
				for _, answer := range answers {
					if err := encoder.Encode(&protocol.CommValue{Address: address[1], Value: answer}); err != nil {
						t.Errorf("the kernel cannot pass on %v: %+v", answer, err)
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
		}
	}()
	command := exec.Command(os.Args[0], "-test.run=^TestAsCell$")
	command.Env = append(append(os.Environ(), HeadlessVariable+"=", sessionVariable+"="), environment...)
	command.Env = append(command.Env, cellVariable+"="+cell, protocol.GONB_PIPE_ENV+"="+toKernel, protocol.GONB_PIPE_BACK_ENV+"="+toCell)
	command.Dir = dir
	output, err := command.CombinedOutput()
	_ = reader.Close()
	<-finished
	for _, id := range order {
		outputs = append(outputs, shown[id])
	}
	return outputs, string(output), err
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
