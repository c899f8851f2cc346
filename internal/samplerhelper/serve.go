// Package samplerhelper is the helper process that package sampler asks for samples.
package samplerhelper

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/course/sampler"
)

// Options says how to serve.
type Options struct {
	Socket string        // The file to listen at. When it is removed the helper ends.
	Idle   time.Duration // Ends when nobody has asked for so long. Zero: ten minutes.
	Open   func() (compute.Backend, error)
}

// watchEvery is how often the helper looks whether it is still wanted.
const watchEvery = 2 * time.Second

// Serve answers requests until the context ends, nobody asks any more, or its socket is gone. If another helper listens there
// already it returns at once.
func Serve(ctx context.Context, o Options) error {
	if o.Idle == 0 {
		o.Idle = 10 * time.Minute
	}
	if connection, err := net.Dial("unix", o.Socket); err == nil {
		return connection.Close()
	}
	if err := os.Remove(o.Socket); err != nil && !os.IsNotExist(err) { // Of a helper that was killed.
		return errors.Wrap(err, "sampler")
	}
	listener, err := net.Listen("unix", o.Socket)
	if err != nil {
		return errors.Wrap(err, "sampler")
	}
	s := &server{open: sync.OnceValues(o.Open), runs: map[string]*run{}, last: time.Now()}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		s.watch(watching, o)
		_ = listener.Close()
	}()
	go func() { _, _ = s.open() }() // While the first request is on its way.
	for {
		connection, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return errors.Wrap(err, "sampler")
		}
		go s.answer(connection)
	}
}

// server holds the runs that were asked for.
type server struct {
	open func() (compute.Backend, error)

	mutex sync.Mutex // One request at a time: each uses all processors.
	runs  map[string]*run
	last  time.Time // Of the last request.
}

// watch returns when the helper is no longer wanted.
func (s *server) watch(ctx context.Context, o Options) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(watchEvery, o.Idle)):
		}
		s.mutex.Lock()
		idle := time.Since(s.last) > o.Idle
		s.mutex.Unlock()
		if _, err := os.Stat(o.Socket); idle || err != nil {
			return
		}
	}
}

// patience is how long a client may take to send its request.
const patience = 10 * time.Second

// answer reads one request and sends what it asks for.
func (s *server) answer(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	_ = connection.SetReadDeadline(time.Now().Add(patience))
	line, err := bufio.NewReader(io.LimitReader(connection, 1<<20)).ReadBytes('\n')
	if err != nil {
		return // Nobody there: a client that only looked whether the helper listens.
	}
	var request sampler.Request
	if err := json.Unmarshal(line, &request); err != nil {
		send(connection, sampler.Reply{Error: "sampler: the request is no JSON"}, nil)
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	samples, err := s.draw(request)
	s.last = time.Now()
	if err != nil {
		send(connection, sampler.Reply{Error: err.Error()}, nil)
		return
	}
	defer samples.MustFinalizeAll()
	reply := sampler.Reply{Shape: samples.Shape().Dimensions, Bytes: samples.DType().Size()}
	send(connection, reply, samples)
}

// send writes a reply and the values. A client that is gone does not get them.
func send(to io.Writer, reply sampler.Reply, values *tensors.Tensor) {
	if err := json.NewEncoder(to).Encode(reply); err != nil || values == nil {
		return
	}
	_ = values.ConstFlatData(func(flat any) { _ = binary.Write(to, binary.NativeEndian, flat) })
}
