package xla

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"
)

const (
	// pluginVersion is the release of the CPU plugin that go-xla v0.4.1 was made for; it names the folder, so that an
	// upgrade of go-xla installs afresh.
	pluginVersion = "v0.114.0"

	pluginFile      = "pjrt_c_api_cpu_plugin" + librarySuffix
	lockFile        = "install.lock"
	failureFile     = "install-failed" // Holds the reason; its age is that of the failure.
	temporaryPrefix = "tmp-"
)

// retryAfter is how long a failed installation is not tried again unasked: offline, each notebook cell is a new program.
const retryAfter = 10 * time.Minute

// source is one place to get the CPU plugin from.
type source struct {
	name string

	// fetch puts an archive into dir and returns its file, and the SHA-256 that it must have.
	fetch func(ctx context.Context, dir string, report func(Progress)) (archive, sum string, err error)

	member func(name string) bool // Which file in the archive is the plugin.
	sum    string                 // The plugin's own SHA-256; empty if only the archive's is known.
}

// Install puts XLA's CPU plugin into Ganymede's cache and returns its file. It first looks at what is there: a plugin that
// matches its checksum is kept, any other is replaced. The sources are the release that go-xla names, and a pinned Python
// wheel fetched by pip; GANYMEDE_PLUGIN_WHEEL names a copy of that wheel to use instead. What is fetched is checked against
// its SHA-256 before it is put in place, whole or not at all. Several programs may install at once: one does, the others
// wait for it.
func Install(ctx context.Context, o Options) (file string, err error) {
	sources, err := installSources()
	if err != nil {
		return "", err
	}
	return installFrom(ctx, o, sources)
}

func installSources() ([]source, error) {
	if wheel := os.Getenv(WheelEnv); wheel != "" {
		return []source{localWheel(wheel)}, nil
	}
	var sources []source
	if asset := releaseAssets[runtime.GOOS+"/"+runtime.GOARCH]; asset != "" {
		sources = append(sources, releaseSource(releaseAPI, asset))
	}
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		sources = append(sources, pipSource())
	}
	if len(sources) == 0 {
		return nil, errors.Errorf("xla: no CPU plugin to install is known for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return sources, nil
}

// autoInstall is Install as it is done unasked: not again within [retryAfter] of a failure.
func autoInstall(ctx context.Context, o Options) (string, error) {
	dir, err := o.pluginDir()
	if err != nil {
		return "", err
	}
	memo := filepath.Join(dir, failureFile)
	if info, err := os.Stat(memo); err == nil && time.Since(info.ModTime()) < retryAfter {
		reason, _ := os.ReadFile(memo)
		return "", errors.Errorf("installing the XLA plugin failed %s ago (%s)",
			time.Since(info.ModTime()).Round(time.Second), strings.TrimSpace(string(reason)))
	}
	file, err := Install(ctx, o)
	if err != nil && ctx.Err() == nil {
		_ = writeAtomically(memo, []byte(oneLine(err)+"\n")) // Without it the next start merely tries again.
	}
	return file, err
}

// installFrom installs from the first source that works.
func installFrom(ctx context.Context, o Options, sources []source) (string, error) {
	report := o.Progress
	if report == nil {
		report = func(Progress) {}
	}
	dir, err := o.pluginDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", errors.Wrap(err, "xla: folder for the plugin (set "+CacheEnv+" to another)")
	}
	unlock, err := lock(ctx, filepath.Join(dir, lockFile), report)
	if err != nil {
		return "", err
	}
	defer unlock()

	file := filepath.Join(dir, pluginFile)
	if isFile(file) {
		if recorded, err := Verify(file); recorded && err == nil {
			return file, nil
		}
	}
	sweep(dir)
	var reasons string
	for _, source := range sources {
		err := installOne(ctx, dir, file, source, report)
		if err == nil {
			_ = os.Remove(filepath.Join(dir, failureFile))
			return file, nil
		}
		if ctx.Err() != nil {
			return "", errors.WithMessage(ctx.Err(), "xla: installing the plugin")
		}
		reasons = joinNotes(reasons, source.name+": "+oneLine(err))
	}
	return "", errors.Errorf("xla: installing the CPU plugin: %s", reasons)
}

// installOne fetches, checks, unpacks and puts in place; the lock is held.
func installOne(ctx context.Context, dir, file string, source source, report func(Progress)) error {
	work, err := os.MkdirTemp(dir, temporaryPrefix)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = os.RemoveAll(work) }()

	archive, want, err := source.fetch(ctx, work, report)
	if err != nil {
		return err
	}
	report(Progress{Stage: "verifying " + filepath.Base(archive)})
	got, err := hashFile(archive)
	if err != nil {
		return err
	}
	if got != want {
		return errors.Errorf("%s has SHA-256 %s, not %s", filepath.Base(archive), got, want)
	}
	unpacked := filepath.Join(work, pluginFile)
	sum, err := unpack(ctx, archive, unpacked, source.member, report)
	if err != nil {
		return err
	}
	if source.sum != "" && sum != source.sum {
		return errors.Errorf("the plugin in %s has SHA-256 %s, not %s", filepath.Base(archive), sum, source.sum)
	}
	// A plugin without a receipt would pass for somebody else's, so the old one goes first and the new one comes last.
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return errors.WithStack(err)
	}
	if err := writeReceipt(unpacked, file, sum, source.name); err != nil {
		return err
	}
	return errors.WithStack(os.Rename(unpacked, file))
}

// lock waits for the lock on an installation; it is the system's, so it does not outlive a program that is killed.
func lock(ctx context.Context, file string, report func(Progress)) (unlock func(), err error) {
	guard := flock.New(file)
	got, err := guard.TryLock()
	if err == nil && !got {
		report(Progress{Stage: "waiting for another installation"})
		_, err = guard.TryLockContext(ctx, 100*time.Millisecond)
	}
	if err != nil {
		return nil, errors.Wrapf(err, "xla: lock %s", file)
	}
	return func() { _ = guard.Unlock() }, nil
}

// sweep removes what a killed installation left behind; the lock is held.
func sweep(dir string) {
	left, err := filepath.Glob(filepath.Join(escapeGlob(dir), temporaryPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range left {
		_ = os.RemoveAll(path)
	}
}

// pluginDir is the folder of the installed plugin.
func (o Options) pluginDir() (string, error) {
	dir, err := CacheDir(o.Dir)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "pjrt", pluginVersion), nil
}

// owns tells whether a file is the one that [Install] puts in place.
func (o Options) owns(file string) bool {
	dir, err := o.pluginDir()
	return err == nil && file == filepath.Join(dir, pluginFile)
}

// CacheDir is Ganymede's cache folder as an absolute path: dir if it is not empty, else GANYMEDE_CACHE, else "ganymede" in
// the user's cache folder. It need not exist yet.
func CacheDir(dir string) (string, error) {
	if dir == "" {
		dir = os.Getenv(CacheEnv)
	}
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", errors.Wrapf(err, "xla: no cache folder for the plugin; set %s to one", CacheEnv)
		}
		dir = filepath.Join(cache, "ganymede")
	}
	dir, err := filepath.Abs(dir)
	return dir, errors.WithStack(err)
}
