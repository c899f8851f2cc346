// Package fetch downloads files over HTTP: with progress, a limit on how long nothing may come, and from where an earlier
// attempt ended.
package fetch

import (
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// stallTimeout is how long nothing may come before a download is given up: behind some firewalls nothing ever answers.
const stallTimeout = 20 * time.Second

// Get asks for a URL and returns the answer if it is a success.
func Get(ctx context.Context, url string) (*http.Response, error) { return get(ctx, url, 0) }

// File downloads what url answers to a file. A file that is there already is taken for the beginning of it, and continued
// if the server can; it is for the caller to verify the whole. What has come stays if there is an error. Progress, if not
// nil, is called now and then with the number of bytes that are there, and at the end.
func File(ctx context.Context, url, file string, progress func(done int64)) error {
	return errors.Wrapf(download(ctx, url, file, math.MaxInt64, progress), "downloading %s", filepath.Base(file))
}

// download is File, up to the limit of bytes.
func download(ctx context.Context, url, file string, limit int64, progress func(done int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(stallTimeout, func() { cancel(errors.Errorf("nothing came for %s", stallTimeout)) })
	defer watchdog.Stop()

	writer, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = writer.Close() }()
	start, err := writer.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.WithStack(err)
	}
	response, err := get(ctx, url, start)
	if err != nil {
		return because(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	if !continues(response, start) {
		if start > 0 && strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
			return errors.Errorf("%s answered with a web page", url) // What is there already is worth more.
		}
		if start, err = 0, writer.Truncate(0); err == nil {
			_, err = writer.Seek(0, io.SeekStart)
		}
		if err != nil {
			return errors.WithStack(err)
		}
	}
	m := &meter{done: start, reported: start, report: progress, watchdog: watchdog}
	_, err = io.Copy(io.MultiWriter(writer, m), io.LimitReader(response.Body, max(0, limit-start)))
	if progress != nil {
		progress(m.done)
	}
	if closeErr := writer.Close(); err == nil {
		err = closeErr
	}
	return because(ctx, err)
}

// get asks for a URL from a byte on.
func get(ctx context.Context, url string, start int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if start > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", start))
	}
	response, err := http.DefaultClient.Do(request)
	var unknown *net.DNSError
	var failed *neturl.Error
	switch {
	case errors.As(err, &unknown): // What most machines without a network say, at length.
		return nil, errors.Errorf("%s: %s", unknown.Name, unknown.Err)
	case errors.As(err, &failed) && !errors.Is(err, context.Canceled):
		return nil, errors.Wrap(failed.Err, url)
	case err != nil:
		return nil, errors.WithStack(err)
	case response.StatusCode == http.StatusOK || start > 0 && response.StatusCode == http.StatusPartialContent:
		return response, nil
	}
	_ = response.Body.Close()
	if start > 0 && response.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		return get(ctx, url, 0) // There is more than there should be, or all of it.
	}
	return nil, errors.Errorf("%s answered %s", url, response.Status)
}

// continues tells whether the answer is what follows the byte, and not the whole.
func continues(response *http.Response, start int64) bool {
	return response.StatusCode == http.StatusPartialContent &&
		strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", start))
}

// because returns the reason that ctx ended for, if it did, and err otherwise.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return errors.WithStack(err)
}

// meter counts what is written to it, reports at every megabyte, and tells the watchdog that something came.
type meter struct {
	done, reported int64
	report         func(done int64)
	watchdog       *time.Timer
}

func (m *meter) Write(data []byte) (int, error) {
	m.watchdog.Reset(stallTimeout)
	m.done += int64(len(data))
	if m.report != nil && m.done-m.reported >= 1<<20 {
		m.reported = m.done
		m.report(m.done)
	}
	return len(data), nil
}
