//go:build unix

package display_test

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/display"
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

// runCell runs this program as a cell of a kernel that records what it is sent.
func runCell(t *testing.T) []*protocol.DisplayData {
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

	received := make(chan []*protocol.DisplayData)
	go func() {
		var all []*protocol.DisplayData
		confirmed := 0 // Messages before the latest request to confirm.
		decoder, encoder := gob.NewDecoder(reader), gob.NewEncoder(writer)
		for {
			data := &protocol.DisplayData{}
			if err := decoder.Decode(data); err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
					t.Errorf("the kernel cannot read: %+v", err)
				}
				if confirmed != len(all) {
					t.Errorf("the cell ended with %d of %d messages confirmed", confirmed, len(all))
				}
				received <- all
				return
			}
			if request, ok := data.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
				confirmed = len(all)
				answer := &protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: request.Value}
				if err := encoder.Encode(answer); err != nil {
					t.Errorf("the kernel cannot answer: %+v", err)
				}
				continue
			}
			all = append(all, data)
		}
	}()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), cellVariable+"=1",
		protocol.GONB_PIPE_ENV+"="+toKernel, protocol.GONB_PIPE_BACK_ENV+"="+toCell)
	command.Dir = dir
	output, err := command.CombinedOutput()
	if err != nil {
		t.Errorf("the cell failed: %v\n%s", err, output)
	}
	if err := reader.Close(); err != nil {
		t.Errorf("%+v", err)
	}
	if got := filesIn(t, dir); got != "to-cell to-kernel" {
		t.Errorf("in a notebook, files were written: %q", got)
	}
	return <-received
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
