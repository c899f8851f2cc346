package xla

import (
	"debug/elf"
	"os"
	"runtime"

	"github.com/pkg/errors"
)

// librarySuffix is that of plugin files on the systems where Ganymede loads them.
const librarySuffix = ".so"

// apiSymbol is the function that every PJRT plugin exports.
const apiSymbol = "GetPjrtApi"

// checkLibrary tells, in under a millisecond, whether a file can be a plugin of this system. The loader itself would
// end the program on a file that was cut short.
func checkLibrary(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return errors.Errorf("plugin %s: %v", file, unwrapPath(err))
	case !info.Mode().IsRegular():
		return errors.Errorf("plugin %s is not a file", file)
	case runtime.GOOS != "linux":
		return nil
	}
	library, err := elf.Open(file)
	if err != nil {
		return errors.Errorf("plugin %s is not a shared library, or damaged: %v", file, err)
	}
	defer func() { _ = library.Close() }()
	if want := machines[runtime.GOARCH]; library.Machine != want {
		return errors.Errorf("plugin %s is made for another processor: %s, not %s", file, library.Machine, want)
	}
	for _, segment := range library.Progs {
		if segment.Type == elf.PT_LOAD && segment.Off+segment.Filesz > uint64(info.Size()) {
			return errors.Errorf("plugin %s was cut short: %d bytes of at least %d",
				file, info.Size(), segment.Off+segment.Filesz)
		}
	}
	symbols, err := library.DynamicSymbols()
	if err != nil {
		return errors.Errorf("plugin %s has no readable symbols: %v", file, err)
	}
	for _, symbol := range symbols {
		if symbol.Name == apiSymbol && symbol.Section != elf.SHN_UNDEF {
			return nil
		}
	}
	return errors.Errorf("plugin %s is a library but no PJRT plugin: it has no %s", file, apiSymbol)
}

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// unwrapPath drops the operation and the name from an error of package os, which the caller names itself.
func unwrapPath(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
