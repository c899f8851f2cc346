// Package xla finds, installs, verifies and chooses the compute.Backend that Ganymede runs on.
//
// A backend is a GoMLX engine: XLA on an NVIDIA GPU or on the CPU, each a plugin file that is loaded when the program
// runs, or GoMLX's pure Go engine, which needs no file and always works but is several times slower. [New] and [Open]
// take the first that works, in that order, and install the CPU plugin once where nothing is found.
//
// Three environment variables are respected: GOMLX_BACKEND names the backend ("go", "xla", "xla:cpu", "xla:cuda",
// "xla:/path/plugin.so") and then nothing else is tried; GOMLX_NO_AUTO_INSTALL, when set, forbids installing;
// GANYMEDE_CACHE is the folder of installed plugins, in place of "ganymede" in the user's cache folder.
//
// Built with the tag noxla or without cgo, the package has the Go backend only. It never prints.
package xla

import (
	"context"
	"os"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/pkg/errors"
)

// The kinds of backend, as in [Choice] and [Plugin].
const (
	CUDA = "cuda" // XLA on an NVIDIA GPU.
	CPU  = "cpu"  // XLA on the processor.
	Go   = "go"   // GoMLX's pure Go engine.
)

// Environment variables that the package reads, besides those of pip and of the plugins themselves.
const (
	BackendEnv   = "GOMLX_BACKEND"            // The backend to use; unset or empty lets the package choose.
	NoInstallEnv = "GOMLX_NO_AUTO_INSTALL"    // Set, even to nothing: install nothing.
	CacheEnv     = "GANYMEDE_CACHE"           // Folder for installed plugins.
	WheelEnv     = "GANYMEDE_PLUGIN_WHEEL"    // A copy of the pinned wheel to install from, for machines without a network.
	PathEnv      = "PJRT_PLUGIN_LIBRARY_PATH" // Folders or files searched first, separated as in PATH.
)

// Options of [Open] and [Install]. The zero value is what [New] uses.
type Options struct {
	Progress  func(Progress) // Called while installing, from one goroutine at a time; nil for none.
	NoInstall bool           // Install nothing, as GOMLX_NO_AUTO_INSTALL does.
	Dir       string         // Folder for installed plugins; empty means GANYMEDE_CACHE or the user's cache folder.
}

// Progress tells how far an installation is.
type Progress struct {
	Stage string // What is being done, in a few words: "downloading …", "unpacking …".
	Done  int64  // Bytes done in this stage.
	Total int64  // Bytes of this stage, or 0 if not known.
}

// Choice is an open backend and how it was chosen.
type Choice struct {
	Backend compute.Backend
	Kind    string // CUDA, CPU or Go; the backend's own name if GOMLX_BACKEND names another one.
	Plugin  string // The plugin file; empty for the Go backend.
	PJRT    string // Version of the plugin's interface, such as "0.114"; empty for the Go backend.
	Note    string // One line saying what stood in the way of a faster backend and what helps; empty if nothing did.
}

// New returns the best backend that this machine has, installing the CPU plugin (about 60 MB, once) if none is found
// and installing is allowed, and the pure Go backend if that fails. The only errors are a GOMLX_BACKEND that does not
// load and an installed plugin that is corrupt and cannot be replaced.
func New() (compute.Backend, error) {
	choice, err := Open(context.Background(), Options{})
	if err != nil {
		return nil, err
	}
	return choice.Backend, nil
}

// Open is [New] with progress, cancelling and the reasons of the choice.
func Open(ctx context.Context, o Options) (*Choice, error) {
	if value := strings.TrimSpace(os.Getenv(BackendEnv)); value != "" {
		choice, err := named(ctx, o, value)
		if err != nil {
			return nil, errors.WithMessagef(err, "xla: %s=%q does not load; correct it, or unset it to let Ganymede choose",
				BackendEnv, value)
		}
		return choice, nil
	}
	return best(ctx, o)
}

// best opens the first plugin that loads, or else the Go backend.
func best(ctx context.Context, o Options) (*Choice, error) {
	if !linked {
		return openGo(unlinkedReason)
	}
	choice, note := openCUDA(ctx, o)
	if choice != nil {
		return choice, nil
	}
	choice, cpuNote, err := openCPU(ctx, o)
	if err != nil {
		return nil, err
	}
	if choice != nil {
		choice.Note = note
		return choice, nil
	}
	return openGo(joinNotes(note, cpuNote))
}

// openCUDA opens the first CUDA plugin that loads. Where there is an NVIDIA driver and none does, the note says why.
func openCUDA(ctx context.Context, o Options) (choice *Choice, note string) {
	if !hasNVIDIA() {
		return nil, ""
	}
	for plugin := range search(ctx, o, CUDA) {
		choice, err := openPlugin(plugin, "")
		if err == nil {
			return choice, ""
		}
		note = joinNotes(note, oneLine(err))
	}
	if note == "" {
		note = "an NVIDIA driver is here but no CUDA plugin: " + cudaMend
	}
	return nil, note
}

// openCPU opens the first CPU plugin that loads, installing one if need be. The error is a corrupt installed plugin.
func openCPU(ctx context.Context, o Options) (choice *Choice, note string, err error) {
	for plugin := range search(ctx, o, CPU) {
		choice, err := openPlugin(plugin, "")
		if err == nil {
			return choice, "", nil
		}
		if !errors.Is(err, ErrCorrupt) {
			note = joinNotes(note, oneLine(err))
			continue
		}
		// Only what this package installed has a checksum to fail: put it right, or say so.
		if o.installs() && o.owns(plugin.File) {
			if file, installErr := autoInstall(ctx, o); installErr == nil {
				plugin.File = file
				if choice, err = openPlugin(plugin, ""); err == nil {
					return choice, "", nil
				}
			}
		}
		return nil, "", errors.WithMessage(err, "xla")
	}
	if !o.installs() {
		return nil, joinNotes(note, "no XLA plugin found, and "+NoInstallEnv+" or the caller forbids installing; "+cpuMend), nil
	}
	file, err := autoInstall(ctx, o)
	if err != nil {
		return nil, joinNotes(note, oneLine(err)+"; "+cpuMend), nil
	}
	choice, err = openPlugin(Plugin{File: file, Kind: CPU, From: fromCache}, "")
	if err != nil {
		return nil, joinNotes(note, oneLine(err)), nil
	}
	return choice, "", nil
}

// goOptions run the operations of a program one after another, each on all cores. In compute v0.1.3 four matrix products
// that start at once on two cores take all the workers, and then wait for ever for one more.
const goOptions = "ops_sequential"

// openGo opens the pure Go backend.
func openGo(note string) (*Choice, error) {
	backend, err := gobackend.New(goOptions)
	if err != nil {
		return nil, errors.WithMessage(err, "xla: the pure Go backend")
	}
	return &Choice{Backend: backend, Kind: Go, Note: "the pure Go backend, several times slower than XLA: " + note}, nil
}

// openPlugin checks and loads one plugin; options are go-xla's, as in "tf32=false,preallocate".
func openPlugin(plugin Plugin, options string) (*Choice, error) {
	if err := checkReceipt(plugin.File); err != nil {
		return nil, err
	}
	if err := checkLibrary(plugin.File); err != nil {
		return nil, err
	}
	backend, version, err := load(plugin, options)
	if err != nil {
		return nil, errors.Errorf("plugin %s does not load: %s", plugin.File, oneLine(errors.Cause(err)))
	}
	return &Choice{Backend: backend, Kind: plugin.Kind, Plugin: plugin.File, PJRT: version}, nil
}

// installs tells whether a missing plugin may be installed.
func (o Options) installs() bool {
	_, forbidden := os.LookupEnv(NoInstallEnv)
	return !forbidden && !o.NoInstall
}

// CUDACommand is the shell command that puts JAX's CUDA plugin into the .venv of a folder, where it is found.
const CUDACommand = `python3 -m venv .venv && .venv/bin/python -m pip install "jax[cuda13]"`

const (
	cpuMend  = "run `ganymede doctor --install`"
	cudaMend = "run `" + CUDACommand + "` (cuda12 for older drivers)"
)

// Linked tells whether this program can load plugins: it was built with cgo, without the tag noxla, for a system that
// go-xla knows. Otherwise the pure Go backend is all it has.
func Linked() bool { return linked }

// joinNotes joins two notes, either of which may be empty.
func joinNotes(first, second string) string {
	if first == "" || second == "" {
		return first + second
	}
	return first + "; " + second
}

// oneLine is err's text on one line, as part of a note or of another error of this package.
func oneLine(err error) string {
	return strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "xla: ")
}
