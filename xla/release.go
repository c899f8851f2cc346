package xla

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// releaseAPI describes the release of CPU plugins that go-xla names. Its own installer is not used: it writes to the
// terminal and checks no hash.
const releaseAPI = "https://api.github.com/repos/gomlx/pjrt-cpu-binaries/releases/tags/" + pluginVersion

// releaseAssets names the archive for a system.
var releaseAssets = map[string]string{
	"linux/amd64":  "pjrt_cpu_linux_amd64.tar.gz",
	"linux/arm64":  "pjrt_cpu_linux_arm64.tar.gz",
	"darwin/arm64": "pjrt_cpu_darwin_arm64.tar.gz",
}

const (
	releaseTimeout = 5 * time.Second  // For the description: behind some firewalls nothing ever answers.
	stallTimeout   = 20 * time.Second // For each part of the archive.
)

// releaseSource takes the plugin from a release, whose description gives the archive's SHA-256.
func releaseSource(api, asset string) source {
	return source{
		name: "release " + pluginVersion,
		fetch: func(ctx context.Context, dir string, report func(Progress)) (string, string, error) {
			found, err := findAsset(ctx, api, asset)
			if err != nil {
				return "", "", err
			}
			sum, isSum := strings.CutPrefix(found.Digest, "sha256:")
			if !isSum || !isSHA256(sum) {
				return "", "", errors.Errorf("%s has no SHA-256 to check it by", asset)
			}
			file := filepath.Join(dir, asset)
			return file, sum, download(ctx, found.URL, file, found.Size, report)
		},
		member: func(name string) bool {
			base := path.Base(name)
			return strings.HasPrefix(base, "pjrt_c_api_cpu_") && strings.HasSuffix(base, "_plugin"+librarySuffix)
		},
	}
}

// asset is one file of a release, as its description has it.
type asset struct {
	Name   string `json:"name"`
	URL    string `json:"browser_download_url"`
	Size   int64  `json:"size"`
	Digest string `json:"digest"` // "sha256:" and hexadecimal.
}

func findAsset(ctx context.Context, api, name string) (asset, error) {
	ctx, cancel := context.WithTimeout(ctx, releaseTimeout)
	defer cancel()
	response, err := get(ctx, api)
	if err != nil {
		return asset{}, err
	}
	defer func() { _ = response.Body.Close() }()
	var release struct {
		Assets []asset `json:"assets"`
	}
	if err := json.NewDecoder(response.Body).Decode(&release); err != nil {
		return asset{}, errors.Wrap(err, "its description")
	}
	for _, candidate := range release.Assets {
		if candidate.Name == name {
			return candidate, nil
		}
	}
	return asset{}, errors.Errorf("it has no %s", name)
}

// download writes what url answers to a new file; it gives up when nothing comes for [stallTimeout].
func download(ctx context.Context, url, file string, size int64, report func(Progress)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(stallTimeout, func() { cancel(errors.Errorf("nothing came for %s", stallTimeout)) })
	defer watchdog.Stop()

	response, err := get(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	writer, err := os.Create(file)
	if err != nil {
		return errors.WithStack(err)
	}
	progress := &meter{ctx: ctx, report: report, now: Progress{Stage: "downloading " + filepath.Base(file), Total: size}}
	feed := writerFunc(func(data []byte) (int, error) {
		watchdog.Reset(stallTimeout)
		return len(data), nil
	})
	_, err = io.Copy(io.MultiWriter(writer, progress, feed), response.Body)
	if closeErr := writer.Close(); err == nil {
		err = closeErr
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return errors.Wrapf(err, "downloading %s", filepath.Base(file))
}

// writerFunc is a function as an io.Writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(data []byte) (int, error) { return f(data) }

// get asks for a URL and returns the answer if it is a success.
func get(ctx context.Context, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	response, err := http.DefaultClient.Do(request)
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown): // What most machines without a network say, at length.
		return nil, errors.Errorf("%s: %s", unknown.Name, unknown.Err)
	case err != nil:
		return nil, errors.WithStack(err)
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, errors.Errorf("%s answered %s", url, response.Status)
	}
	return response, nil
}
