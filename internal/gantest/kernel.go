//go:build unix

package gantest

import (
	"encoding/gob"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// RunCell runs a program as a cell of a notebook's kernel, to its end. Each message that it sends, but for requests to confirm
// those before, which are confirmed, goes to received, and what that returns goes back to the cell. It returns what the program
// printed, how many messages it did not have confirmed, and the program's own error.
func RunCell(t *testing.T, cell *exec.Cmd, received func(*protocol.DisplayData) []protocol.CommValue) (said string, unconfirmed int, err error) {
	t.Helper()
	dir := t.TempDir()
	toKernel, toCell := filepath.Join(dir, "to-kernel"), filepath.Join(dir, "to-cell")
	reader, writer := openPipe(t, toKernel), openPipe(t, toCell)
	defer func() { _ = writer.Close() }()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		decoder, encoder := gob.NewDecoder(reader), gob.NewEncoder(writer)
		for {
			data := &protocol.DisplayData{}
			if err := decoder.Decode(data); err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
					t.Errorf("the kernel cannot read: %+v", err)
				}
				return
			}
			var answers []protocol.CommValue
			if request, ok := data.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
				unconfirmed = 0
				answers = []protocol.CommValue{{Address: protocol.GonbuiSyncAckAddress, Value: request.Value}}
			} else {
				unconfirmed++
				answers = received(data)
			}
			for i, answer := range answers {
				if i > 0 {
					time.Sleep(20 * time.Millisecond) // As fast as a hand moves a slider.
				}
				if err := encoder.Encode(&answer); err != nil {
					t.Errorf("the kernel cannot pass on %v: %+v", answer, err)
				}
			}
		}
	}()
	if cell.Env == nil {
		cell.Env = os.Environ()
	}
	cell.Env = append(cell.Env, protocol.GONB_PIPE_ENV+"="+toKernel, protocol.GONB_PIPE_BACK_ENV+"="+toCell)
	output, err := cell.CombinedOutput()
	_ = reader.Close()
	<-finished
	return string(output), unconfirmed, err
}

// openPipe makes a named pipe and opens it for both directions: so it does not wait for its other end, nor end before we say so.
func openPipe(t *testing.T, name string) *os.File {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	pipe, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return pipe
}
