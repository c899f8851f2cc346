// Package sampler draws samples from runs through a helper process, for cells of notebooks that only look.
//
// A cell that loads a run by itself is linked with all of GoMLX, opens XLA and compiles the generator each time: 1.5 s and
// more. The helper does so once and stays; a cell that asks it is small, and has its samples in half a second. The helper is
// the command "ganymede sampler". It is started when it is needed, sees when a run has been trained further, and ends when
// nobody has asked for ten minutes.
package sampler

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"
)

// CommandVariable is the environment variable with the path of the ganymede command, which kernels of "ganymede lab" set.
// Without it the command is looked for in PATH.
const CommandVariable = "GANYMEDE_COMMAND"

// Request says what to draw from a run, as gan.Draw and gan.Trainer.Interpolate do.
type Request struct {
	Dir        string  `json:"dir"` // Run folder.
	N          int     `json:"n,omitempty"`
	Seed       int64   `json:"seed,omitempty"` // Of the latents.
	Classes    []int   `json:"classes,omitempty"`
	Truncation float64 `json:"truncation,omitempty"`

	// Rows and Columns, if not zero, ask for walks from one latent to another instead of N samples.
	Rows    int `json:"rows,omitempty"`
	Columns int `json:"columns,omitempty"`
}

// Reply comes before the values: uint8 for pictures, float32 in the machine's byte order for points.
type Reply struct {
	Error string `json:"error,omitempty"`
	Shape []int  `json:"shape,omitempty"`
	Bytes int    `json:"bytes,omitempty"` // Of one value: 1 or 4.
}

// Sample returns n examples from the run in the folder, uint8 [n, height, width, channels] or float32 [n, 2]: the same as
// gan.Load and SampleSeed give.
func Sample(dir string, n int, seed int64) (*tensors.Tensor, error) {
	return Draw(Request{Dir: dir, N: n, Seed: seed})
}

// Interpolate returns walks between latents, one in each row: the same as gan.Load and Interpolate give.
func Interpolate(dir string, rows, columns int, seed int64) (*tensors.Tensor, error) {
	return Draw(Request{Dir: dir, Rows: rows, Columns: columns, Seed: seed})
}

// Draw asks the helper, and starts it if there is none.
func Draw(request Request) (*tensors.Tensor, error) {
	dir, err := filepath.Abs(request.Dir)
	if err != nil {
		return nil, errors.Wrap(err, "sampler")
	}
	request.Dir = dir
	command, err := findCommand()
	if err != nil {
		return nil, err
	}
	socket, err := socketOf(command)
	if err != nil {
		return nil, err
	}
	connection, err := net.Dial("unix", socket)
	if err != nil {
		if connection, err = start(command, socket); err != nil {
			return nil, err
		}
	}
	defer func() { _ = connection.Close() }()
	return ask(connection, request)
}

// ask sends a request and reads the answer.
func ask(connection net.Conn, request Request) (*tensors.Tensor, error) {
	if err := json.NewEncoder(connection).Encode(request); err != nil {
		return nil, errors.Wrap(err, "sampler: asking the helper")
	}
	reader := bufio.NewReader(connection)
	line, err := reader.ReadBytes('\n')
	if err != nil {
		return nil, errors.Wrap(err, "sampler: the helper ended without an answer: run the cell again")
	}
	var reply Reply
	if err := json.Unmarshal(line, &reply); err != nil {
		return nil, errors.Wrap(err, "sampler: the helper's answer")
	}
	if reply.Error != "" {
		return nil, errors.New(reply.Error)
	}
	return reply.read(reader)
}

// read makes a tensor of the values that follow the reply.
func (r Reply) read(values io.Reader) (*tensors.Tensor, error) {
	size := 1
	for _, dimension := range r.Shape {
		if dimension < 1 || size > 1<<30/dimension {
			return nil, errors.Errorf("sampler: the helper's answer has the shape %v", r.Shape)
		}
		size *= dimension
	}
	var err error
	var result *tensors.Tensor
	switch r.Bytes {
	case 1:
		pixels := make([]uint8, size)
		_, err = io.ReadFull(values, pixels)
		result = tensors.FromFlatDataAndDimensions(pixels, r.Shape...)
	case 4:
		points := make([]float32, size)
		err = readFloats(values, points)
		result = tensors.FromFlatDataAndDimensions(points, r.Shape...)
	default:
		return nil, errors.Errorf("sampler: the helper's answer has values of %d bytes", r.Bytes)
	}
	return result, errors.Wrap(err, "sampler: the helper's answer is cut short")
}

// findCommand returns the path of the ganymede command.
func findCommand() (string, error) {
	command := os.Getenv(CommandVariable)
	if command == "" {
		found, err := exec.LookPath("ganymede")
		if err != nil {
			return "", errors.New("sampler: no ganymede command is found: open the notebook with \"ganymede lab\", or load the run with gan.Load")
		}
		command = found
	}
	if _, err := os.Stat(command); err != nil {
		return "", errors.Errorf("sampler: %s is not there: run \"ganymede lab --setup\"", command)
	}
	return command, nil
}

// socketOf returns the file through which helpers of this command, version and backend are reached, in a folder that is the
// user's alone.
func socketOf(command string) (string, error) {
	info, err := os.Stat(command)
	if err != nil {
		return "", errors.Wrap(err, "sampler")
	}
	folder := filepath.Join(os.TempDir(), "ganymede-"+strconv.Itoa(os.Getuid()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", errors.Wrap(err, "sampler")
	}
	if owner, err := os.Lstat(folder); err != nil || !owner.IsDir() || owner.Mode().Perm()&0o077 != 0 {
		return "", errors.Errorf("sampler: %s is not a folder of yours alone: remove it", folder)
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s %d %d %s", command, info.Size(), info.ModTime().UnixNano(), os.Getenv("GOMLX_BACKEND")))
	return filepath.Join(folder, hex.EncodeToString(key[:6])+".sock"), nil
}

// startLimit is how long a helper may take to listen.
const startLimit = 15 * time.Second

// start starts a helper, which outlives the cell, and returns a connection to it.
func start(command, socket string) (net.Conn, error) {
	log, err := os.OpenFile(socket+".log", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, errors.Wrap(err, "sampler")
	}
	defer func() { _ = log.Close() }()
	helper := exec.Command(command, "sampler", "--socket", socket)
	helper.Stderr = log
	detach(helper)
	if err := helper.Start(); err != nil {
		return nil, errors.Wrap(err, "sampler: starting the helper")
	}
	ended := make(chan error, 1)
	go func() { ended <- helper.Wait() }()
	for begin := time.Now(); time.Since(begin) < startLimit; time.Sleep(10 * time.Millisecond) {
		if connection, err := net.Dial("unix", socket); err == nil {
			return connection, nil
		}
		select {
		case err := <-ended:
			if err != nil {
				said, _ := os.ReadFile(socket + ".log")
				return nil, errors.Errorf("sampler: the helper ended (%v): %s", err, said)
			}
			ended = nil // Another one was quicker.
		default:
		}
	}
	return nil, errors.Errorf("sampler: the helper did not answer within %s", startLimit)
}
