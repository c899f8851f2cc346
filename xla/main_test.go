package xla

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// helperEnv makes the test program install from a fake source instead of running tests; its value is the cache folder.
const helperEnv = "GANYMEDE_TEST_INSTALL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperEnv); dir != "" {
		file, err := installFrom(context.Background(), Options{Dir: dir}, []source{slowSource(dir)})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(file)
		return
	}
	os.Exit(m.Run())
}

// isolate hides this machine's plugins, Python and settings from a test, which then runs in an empty folder.
func isolate(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Chdir(dir)
	for name, value := range map[string]string{
		"HOME": filepath.Join(dir, "home"), "PATH": filepath.Join(dir, "bin"), CacheEnv: filepath.Join(dir, "cache"),
		BackendEnv: "", PathEnv: "", WheelEnv: "", "VIRTUAL_ENV": "",
	} {
		t.Setenv(name, value)
	}
	if _, found := os.LookupEnv(NoInstallEnv); found {
		t.Setenv(NoInstallEnv, "") // So that the test's end restores it.
		if err := os.Unsetenv(NoInstallEnv); err != nil {
			t.Fatal(err)
		}
	}
	folders, nvidia := systemFolders, hasNVIDIA
	systemFolders, hasNVIDIA = nil, func() bool { return false }
	t.Cleanup(func() { systemFolders, hasNVIDIA = folders, nvidia })
	return dir
}

// realPlugin returns a CPU plugin of this machine, or skips the test. Call it before isolate.
func realPlugin(t *testing.T) string {
	t.Helper()
	if !linked {
		t.Skip(unlinkedReason)
	}
	if file, found := strings.CutPrefix(os.Getenv(BackendEnv), "xla:"); found && isFile(file) && kindOf(file) == CPU {
		return file
	}
	plugins := Plugins(t.Context(), Options{}, CPU)
	if len(plugins) == 0 {
		t.Skip("no CPU plugin on this machine")
	}
	return plugins[0].File
}

// write writes a file, making its folder.
func write(t *testing.T, file, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return file
}

// wantError checks that err is one line that has every part.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error has several lines: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}
