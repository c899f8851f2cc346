package xla

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/errors"
)

// fakePlugin is what the fake sources install.
const fakePlugin = "the bytes of a plugin"

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// zipOf returns an archive with one file.
func zipOf(name, text string) string {
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	member, err := archive.Create(name)
	if err == nil {
		_, err = member.Write([]byte(text))
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		panic(err)
	}
	return buffer.String()
}

// tarOf returns a compressed archive with one file.
func tarOf(name, text string) string {
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(compressed)
	err := archive.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644, Typeflag: tar.TypeReg})
	if err == nil {
		_, err = archive.Write([]byte(text))
	}
	if err == nil {
		err = archive.Close()
	}
	if err == nil {
		err = compressed.Close()
	}
	if err != nil {
		panic(err)
	}
	return buffer.String()
}

// fakeSource is a source whose archive has fakePlugin; calls counts how often it was asked.
func fakeSource(calls *int) source {
	return source{
		name: "fake",
		fetch: func(_ context.Context, dir string, _ func(Progress)) (string, string, error) {
			*calls++
			text := zipOf(wheelMember, fakePlugin)
			file := filepath.Join(dir, "fake.whl")
			return file, sumOf(text), os.WriteFile(file, []byte(text), 0o644)
		},
		member: isWheelMember,
		sum:    sumOf(fakePlugin),
	}
}

// slowSource takes its time, and notes each time that it is asked in the file "calls" of dir.
func slowSource(dir string) source {
	var calls int
	slow := fakeSource(&calls)
	fetch := slow.fetch
	slow.fetch = func(ctx context.Context, work string, report func(Progress)) (string, string, error) {
		notes, err := os.OpenFile(filepath.Join(dir, "calls"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return "", "", err
		}
		if _, err := notes.WriteString("x"); err != nil {
			return "", "", err
		}
		if err := notes.Close(); err != nil {
			return "", "", err
		}
		time.Sleep(300 * time.Millisecond)
		return fetch(ctx, work, report)
	}
	return slow
}

func TestInstall(t *testing.T) {
	dir := isolate(t)
	var calls int
	var stages []string
	o := Options{Progress: func(p Progress) { stages = append(stages, p.Stage) }}
	left := filepath.Join(dir, "cache/pjrt", pluginVersion, temporaryPrefix+"left")
	write(t, filepath.Join(left, "half.whl"), "half", 0o644) // By an installation that was killed.

	file, err := installFrom(t.Context(), o, []source{fakeSource(&calls)})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "cache/pjrt", pluginVersion, pluginFile); file != want {
		t.Errorf("installed %s, want %s", file, want)
	}
	if text, _ := os.ReadFile(file); string(text) != fakePlugin {
		t.Errorf("it holds %q", text)
	}
	if text, _ := os.ReadFile(file + checksumSuffix); string(text) != sumOf(fakePlugin)+"  "+pluginFile+"\n" {
		t.Errorf("its checksum file holds %q", text)
	}
	if err := checkReceipt(file); err != nil {
		t.Errorf("right after installing: %v", err)
	}
	if len(stages) == 0 || !strings.HasPrefix(stages[len(stages)-1], "unpacking") {
		t.Errorf("progress: %q", stages)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), temporaryPrefix+"*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}

	// Again: nothing to do. Damaged: put right.
	if _, err := installFrom(t.Context(), o, []source{fakeSource(&calls)}); err != nil || calls != 1 {
		t.Errorf("asked the source %d times, error %v", calls, err)
	}
	write(t, file, "the bytes of a plagin", 0o644)
	if _, err := installFrom(t.Context(), o, []source{fakeSource(&calls)}); err != nil || calls != 2 {
		t.Errorf("asked the source %d times, error %v", calls, err)
	}
	if _, err := Verify(file); err != nil {
		t.Errorf("after putting it right: %v", err)
	}
}

func TestInstallRefusesWrongBytes(t *testing.T) {
	isolate(t)
	var calls int
	otherArchive, otherPlugin, noPlugin := fakeSource(&calls), fakeSource(&calls), fakeSource(&calls)
	fetch := otherArchive.fetch
	otherArchive.fetch = func(ctx context.Context, dir string, report func(Progress)) (string, string, error) {
		file, _, err := fetch(ctx, dir, report)
		return file, sumOf("another archive"), err
	}
	otherPlugin.sum = sumOf("another plugin")
	noPlugin.member = func(string) bool { return false }

	_, err := installFrom(t.Context(), Options{}, []source{otherArchive, otherPlugin, noPlugin})
	wantError(t, err, "fake.whl has SHA-256", "the plugin in fake.whl has SHA-256", "no plugin in fake.whl")
	if got := Plugins(t.Context(), Options{}, CPU); len(got) != 0 {
		t.Errorf("installed all the same: %v", got)
	}

	// The next source is tried when one fails.
	if _, err := installFrom(t.Context(), Options{}, []source{otherArchive, fakeSource(&calls)}); err != nil {
		t.Error(err)
	}
}

func TestInstallOnceAmongGoroutinesAndPrograms(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := installFrom(context.Background(), Options{Dir: dir}, []source{slowSource(dir)}); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			program := exec.Command(os.Args[0])
			program.Env = append(os.Environ(), helperEnv+"="+dir)
			if output, err := program.CombinedOutput(); err != nil || !strings.HasSuffix(strings.TrimSpace(string(output)), pluginFile) {
				t.Errorf("%v: %s", err, output)
			}
		})
	}
	group.Wait()
	if calls, _ := os.ReadFile(filepath.Join(dir, "calls")); string(calls) != "x" {
		t.Errorf("the source was asked %d times", len(calls))
	}
	if _, err := Verify(filepath.Join(dir, "pjrt", pluginVersion, pluginFile)); err != nil {
		t.Error(err)
	}
}

func TestInstallSurvivesKill(t *testing.T) {
	dir := t.TempDir()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), helperEnv+"="+dir)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	for range 200 { // Kill it once it is fetching.
		if isFile(filepath.Join(dir, "calls")) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err == nil {
		t.Fatal("it ended well before it was killed")
	}
	if got := Plugins(t.Context(), Options{Dir: dir}, CPU); len(got) > 0 && got[0].From == fromCache {
		t.Fatalf("half an installation is found: %v", got)
	}
	if _, err := installFrom(t.Context(), Options{Dir: dir}, []source{slowSource(dir)}); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "pjrt", pluginVersion, temporaryPrefix+"*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestInstallStopsWaiting(t *testing.T) {
	isolate(t)
	dir, err := Options{}.pluginDir()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := lock(t.Context(), filepath.Join(dir, lockFile), func(Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	var calls int
	_, err = installFrom(ctx, Options{Progress: func(p Progress) {
		if strings.Contains(p.Stage, "waiting") {
			cancel()
		}
	}}, []source{fakeSource(&calls)})
	if !errors.Is(err, context.Canceled) || calls != 0 {
		t.Errorf("error %v, source asked %d times", err, calls)
	}
}

func TestInstallNeedsAFolder(t *testing.T) {
	dir := isolate(t)
	t.Setenv(CacheEnv, write(t, filepath.Join(dir, "file"), "", 0o644))
	_, err := installFrom(t.Context(), Options{}, nil)
	wantError(t, err, filepath.Join(dir, "file"), CacheEnv)
}

func TestAutoInstallRemembersFailure(t *testing.T) {
	dir := isolate(t)
	t.Setenv(WheelEnv, filepath.Join(dir, "none.whl"))
	_, err := autoInstall(t.Context(), Options{})
	wantError(t, err, "none.whl is not a file")

	// Shortly after, it is not tried again, and the reason is repeated; later it is.
	wheel := write(t, filepath.Join(dir, "none.whl"), zipOf(wheelMember, fakePlugin), 0o644)
	_, err = autoInstall(t.Context(), Options{})
	wantError(t, err, "ago (", "none.whl is not a file")
	memo := filepath.Join(dir, "cache/pjrt", pluginVersion, failureFile)
	old := time.Now().Add(-2 * retryAfter)
	if err := os.Chtimes(memo, old, old); err != nil {
		t.Fatal(err)
	}
	_, err = autoInstall(t.Context(), Options{})
	wantError(t, err, filepath.Base(wheel)+" has SHA-256", wheelSHA256)

	// A success forgets it.
	var calls int
	if _, err := installFrom(t.Context(), Options{}, []source{fakeSource(&calls)}); err != nil {
		t.Fatal(err)
	}
	if isFile(memo) {
		t.Error("the failure is remembered after a success")
	}
}

func TestUnpackTar(t *testing.T) {
	dir := t.TempDir()
	archive := write(t, filepath.Join(dir, "p.tar.gz"), tarOf("a/pjrt_c_api_cpu_v1_plugin.so", fakePlugin), 0o644)
	member := releaseSource("", "").member
	var last Progress
	sum, err := unpack(t.Context(), archive, filepath.Join(dir, "out"), member, func(p Progress) { last = p })
	if err != nil || sum != sumOf(fakePlugin) {
		t.Errorf("sum %s, error %v", sum, err)
	}
	if want := int64(len(fakePlugin)); last.Done != want || last.Total != want {
		t.Errorf("progress %+v, want %d of %d", last, want, want)
	}
	cut := write(t, filepath.Join(dir, "cut.tar.gz"), tarOf("a/pjrt_c_api_cpu_v1_plugin.so", fakePlugin)[:60], 0o644)
	_, err = unpack(t.Context(), cut, filepath.Join(dir, "out2"), member, func(Progress) {})
	wantError(t, err, "cut.tar.gz")
}
