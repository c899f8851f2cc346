package lab

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/pkg/errors"
)

// OpenOptions says how JupyterLab is reached. The zero value is for the person at this machine.
type OpenOptions struct {
	Host      string           // Address to listen on. Empty: 127.0.0.1, which only this machine reaches.
	Port      int              // 0: the first free one from 8888 on.
	NoBrowser bool             // Do not open a browser. None is opened either where there is no display.
	Ready     func(url string) // Told the address, with its token, once JupyterLab answers there.
	Log       io.Writer        // What JupyterLab has to say. Nil: dropped, but for the last words of one that fails.
}

// Open sets up what is missing, starts JupyterLab in the clone, and returns when it ends: with nil if ctx was cancelled or
// JupyterLab was shut down from its menu.
func Open(ctx context.Context, config Config, options OpenOptions) error {
	l, err := newLab(config)
	if err != nil {
		return err
	}
	if options.Host == "" {
		options.Host = "127.0.0.1"
	}
	if options.Port, err = freePort(options.Host, options.Port); err != nil {
		return err
	}
	if err := l.setup(ctx); err != nil {
		return err
	}
	token, err := newToken()
	if err != nil {
		return err
	}
	lastWords := &tail{next: options.Log}
	cmd := l.command(ctx, []string{"JUPYTER_TOKEN=" + token, "JUPYTER_PREFER_ENV_PATH=1"}, l.python(), l.serverArguments(options)...)
	cmd.Stdout, cmd.Stderr = lastWords, lastWords
	l.progress("starting JupyterLab")
	if err := cmd.Start(); err != nil {
		return errors.Wrap(err, "lab: JupyterLab")
	}
	answered := make(chan struct{})
	watching, stopWatching := context.WithCancel(ctx)
	go func() {
		defer close(answered)
		host := options.Host
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		address := "http://" + net.JoinHostPort(host, strconv.Itoa(options.Port))
		if waitUntilAnswers(watching, address+"/api/status?token="+token) && options.Ready != nil {
			options.Ready(address + l.firstPage() + "?token=" + token)
		}
	}()
	err = cmd.Wait()
	stopWatching()
	<-answered
	if err != nil && ctx.Err() == nil {
		return errors.Errorf("lab: JupyterLab ended (%v): %s", err, errorLine(lastWords.String()))
	}
	return nil
}

func (l *lab) serverArguments(options OpenOptions) []string {
	arguments := []string{"-m", "jupyterlab", "--ServerApp.ip=" + options.Host, fmt.Sprintf("--ServerApp.port=%d", options.Port),
		"--ServerApp.port_retries=0", "--ServerApp.root_dir=" + l.home, "--LabApp.default_url=" + l.firstPage(),
		"--Application.log_level=WARN"}
	if options.NoBrowser || !hasDisplay() {
		arguments = append(arguments, "--no-browser")
	}
	if os.Geteuid() == 0 { // In a container, usually.
		arguments = append(arguments, "--allow-root")
	}
	return arguments
}

// firstPage is the page that shows the notebooks in the file browser.
func (l *lab) firstPage() string {
	if _, err := os.Stat(filepath.Join(l.home, "notebooks")); err != nil {
		return "/lab"
	}
	return "/lab/tree/notebooks"
}

func hasDisplay() bool {
	return runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// freePort returns port if nobody listens on it, or for 0 the first free one from 8888 on.
func freePort(host string, port int) (int, error) {
	first, last := port, port
	if port == 0 {
		first, last = 8888, 8987
	}
	var err error
	for port = first; port <= last; port++ {
		var listener net.Listener
		if listener, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port))); err == nil {
			return port, errors.Wrap(listener.Close(), "lab")
		}
	}
	return 0, errors.Errorf("lab: %v: choose another port", err)
}

func newToken() (string, error) {
	var token [24]byte
	if _, err := rand.Read(token[:]); err != nil {
		return "", errors.Wrap(err, "lab")
	}
	return hex.EncodeToString(token[:]), nil
}

func waitUntilAnswers(ctx context.Context, url string) bool {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tail passes on what is written to it and keeps the end.
type tail struct {
	next io.Writer
	end  bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	const enough = 8 << 10
	t.end.Write(p)
	if surplus := t.end.Len() - enough; surplus > 0 {
		t.end.Next(surplus)
	}
	if t.next != nil {
		return t.next.Write(p)
	}
	return len(p), nil
}

func (t *tail) String() string { return t.end.String() }
