//go:build unix

package display_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/internal/gantest"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// cellVariable makes this test program play a GoNB cell.
const cellVariable = "GANYMEDE_TEST_CELL"

func TestMain(m *testing.M) {
	if os.Getenv(cellVariable) != "" {
		if err := cell(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// cell shows what a training would, and ends at once.
func cell() error {
	picture := display.Grid(ramp(4, 28, 28), 0)
	progress := display.Progress{Total: 50}
	for step := 1; step <= 50; step++ {
		if err := display.Update("samples", picture); err != nil {
			return err
		}
		if err := progress.Update(step, 0.7, 0.8); err != nil {
			return err
		}
	}
	var animation display.Animation
	animation.Add(picture)
	return errors.Join(display.ShowMarkdown("**done**"), animation.Show(), display.Show(picture))
}

// runCell runs this program as a cell of a kernel, and returns what the kernel is sent.
func runCell(t *testing.T) (messages []*protocol.DisplayData) {
	t.Helper()
	cell := exec.Command(os.Args[0])
	cell.Env = append(os.Environ(), cellVariable+"=1")
	cell.Dir = t.TempDir()
	said, unconfirmed, err := gantest.RunCell(t, cell, func(data *protocol.DisplayData) []protocol.CommValue {
		messages = append(messages, data)
		return nil
	})
	if err != nil {
		t.Errorf("the cell failed: %v\n%s", err, said)
	}
	if unconfirmed != 0 {
		t.Errorf("the cell ended with %d of %d messages unconfirmed", unconfirmed, len(messages))
	}
	if got := filesIn(t, cell.Dir); got != "" {
		t.Errorf("in a notebook, files were written: %q", got)
	}
	return messages
}

func TestShowingInANotebook(t *testing.T) {
	first := runCell(t)
	counts := map[string]int{}
	for _, data := range first {
		counts[data.DisplayID]++
	}
	var samples, progress string
	for id := range counts {
		switch {
		case strings.HasPrefix(id, "samples-"):
			samples = id
		case strings.HasPrefix(id, "progress-"):
			progress = id
		}
	}
	// 50 updates of one output, a few of another, and three outputs of their own.
	if len(counts) != 3 || counts[samples] != 50 || counts[progress] < 2 || counts[""] != 3 {
		t.Fatalf("got messages by output %v", counts)
	}
	last := first[len(first)-3:]
	if got := last[0].Data[protocol.MIMETextMarkdown]; got != "**done**" {
		t.Errorf("got markdown %v", got)
	}
	if got, _ := last[1].Data["image/gif"].([]byte); !strings.HasPrefix(string(got), "GIF89a") {
		t.Errorf("got animation %.20q", got)
	}
	if got, _ := last[2].Data[protocol.MIMEImagePNG].([]byte); !strings.HasPrefix(string(got), "\x89PNG") {
		t.Errorf("got picture %.20q", got)
	}
	if got := last[2].Data[protocol.MIMETextPlain]; got != "picture of 118 × 118 pixels" {
		t.Errorf("got text %v beside the picture", got)
	}
	for _, data := range first {
		if line, ok := data.Data[protocol.MIMETextPlain].(string); ok && data.DisplayID == progress {
			if !strings.HasPrefix(line, "step ") {
				t.Errorf("got progress %q", line)
			}
		}
	}
	// Another run of the cell, in the same kernel, must not update the outputs of this one.
	for _, data := range runCell(t) {
		if data.DisplayID != "" && counts[data.DisplayID] > 0 {
			t.Fatalf("two runs of a cell share the output %q", data.DisplayID)
		}
	}
}
