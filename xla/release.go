package xla

import (
	"context"
	"encoding/json"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/fetch"
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

// releaseTimeout is for the description: behind some firewalls nothing ever answers.
const releaseTimeout = 5 * time.Second

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
	response, err := fetch.Get(ctx, api)
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

// download writes what url answers to a new file.
func download(ctx context.Context, url, file string, size int64, report func(Progress)) error {
	stage := "downloading " + filepath.Base(file)
	return fetch.File(ctx, url, file, func(done int64) { report(Progress{Stage: stage, Done: done, Total: size}) })
}
