package xla

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/pkg/errors"
)

// xlaNames are the names under which GoMLX knows the XLA backend.
var xlaNames = []string{"xla", "stablehlo", "hlo", "shlo"}

// named opens the backend that value, the value of GOMLX_BACKEND, asks for, and no other.
func named(ctx context.Context, o Options, value string) (*Choice, error) {
	name, config, _ := strings.Cut(value, ":")
	switch {
	case name == Go:
		return openGo(BackendEnv + "=" + value + " asks for it; unset it to use XLA")
	case slices.Contains(xlaNames, name):
		return namedXLA(ctx, o, config)
	case slices.Contains(compute.List(), name):
		backend, err := compute.NewWithConfig(value)
		if err != nil {
			return nil, err
		}
		return &Choice{Backend: backend, Kind: name}, nil
	}
	known := append(compute.List(), Go, "xla")
	slices.Sort(known)
	return nil, errors.Errorf("no backend %q; there are %s", name, strings.Join(slices.Compact(known), ", "))
}

// namedXLA opens the plugin that config names: "", "cpu", "cuda", another plugin's name, or a file; options may follow
// after a comma.
func namedXLA(ctx context.Context, o Options, config string) (*Choice, error) {
	if !linked {
		return nil, errors.New(unlinkedReason)
	}
	name, options, _ := strings.Cut(config, ",")
	if strings.ContainsRune(name, filepath.Separator) || filepath.Ext(name) == librarySuffix {
		file, err := filepath.Abs(name)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		return openPlugin(Plugin{File: file, Kind: kindOf(file)}, options)
	}
	kinds := []string{name}
	if name == "" {
		kinds = []string{CUDA, CPU}
	}
	var reasons string
	for _, kind := range kinds {
		choice, err := namedKind(ctx, o, kind, options)
		if err == nil {
			if kind == CPU && hasNVIDIA() {
				choice.Note = reasons // Why not CUDA, if that was tried.
			}
			return choice, nil
		}
		reasons = joinNotes(reasons, oneLine(err))
	}
	return nil, errors.New(reasons)
}

// namedKind opens the first plugin of the given kind that loads, installing the CPU one if none is found.
func namedKind(ctx context.Context, o Options, kind, options string) (*Choice, error) {
	if kind == CUDA && !hasNVIDIA() {
		return nil, errors.New("no NVIDIA driver was found: neither /dev/nvidia* nor libcuda")
	}
	var reasons string
	for plugin := range search(ctx, o, kind) {
		choice, err := openPlugin(plugin, options)
		if err == nil {
			return choice, nil
		}
		reasons = joinNotes(reasons, oneLine(err))
		if kind == CPU && errors.Is(err, ErrCorrupt) {
			break // Installing replaces it.
		}
	}
	if kind == CPU && o.installs() {
		file, err := autoInstall(ctx, o)
		if err != nil {
			return nil, errors.New(joinNotes(reasons, oneLine(err)))
		}
		return openPlugin(Plugin{File: file, Kind: CPU, From: fromCache}, options)
	}
	switch {
	case reasons != "":
		return nil, errors.New(reasons)
	case kind == CUDA:
		return nil, errors.New("no CUDA plugin found; " + cudaMend)
	case kind == CPU:
		return nil, errors.New("no CPU plugin found; " + cpuMend)
	}
	return nil, errors.Errorf("no plugin named %q found; name its file, as in xla:/path/plugin%s", kind, librarySuffix)
}
