package xla

import (
	"context"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Plugin is a plugin file that was found. Finding it does not mean that it loads.
type Plugin struct {
	File string `json:"file"`
	Kind string `json:"kind"` // CUDA or CPU; for a file of neither name, the name in it.
	From string `json:"from"` // What led to it: a variable, or a kind of folder.
}

// What leads to a plugin, in the order of the search.
const (
	fromPath    = PathEnv
	fromCache   = "Ganymede's cache"
	fromGoXLA   = "go-xla's folder"
	fromVenv    = "VIRTUAL_ENV"
	fromDotVenv = ".venv"
	fromPython  = "python3"
)

// pythonTimeout bounds the question to python3 where its packages are; tests shorten it.
var pythonTimeout = 3 * time.Second

// Plugins returns every plugin of the given kind, [CUDA] or [CPU], best first: from PJRT_PLUGIN_LIBRARY_PATH, Ganymede's
// cache, go-xla's folders, the active virtual environment, the .venv of the working folder or of its module's root, and
// python3's packages. Nothing is loaded.
func Plugins(ctx context.Context, o Options, kind string) []Plugin {
	var plugins []Plugin
	for plugin := range search(ctx, o, kind) {
		plugins = append(plugins, plugin)
	}
	return plugins
}

// search yields the plugins of one kind, looking further only when asked to go on.
func search(ctx context.Context, o Options, kind string) iter.Seq[Plugin] {
	return func(yield func(Plugin) bool) {
		seen := map[string]bool{}
		offer := func(from string, files []string) bool {
			for _, file := range files {
				file, err := filepath.Abs(file)
				if err != nil || seen[file] || !isFile(file) {
					continue
				}
				seen[file] = true
				if !yield(Plugin{File: file, Kind: kind, From: from}) {
					return false
				}
			}
			return true
		}
		for _, place := range places(o) {
			for _, path := range place.paths() {
				if !offer(place.from, place.files(path, kind)) {
					return
				}
			}
		}
		for _, path := range pythonFolders(ctx) {
			if !offer(fromPython, packageFiles(path, kind)) {
				return
			}
		}
	}
}

// place is a kind of folder to search.
type place struct {
	from  string
	paths func() []string
	files func(path, kind string) []string
}

func places(o Options) []place {
	return []place{
		{fromPath, func() []string { return filepath.SplitList(os.Getenv(PathEnv)) }, folderFiles},
		{fromCache, func() []string {
			dir, err := o.pluginDir()
			if err != nil {
				return nil
			}
			return []string{dir}
		}, folderFiles},
		{fromGoXLA, goXLAFolders, folderFiles},
		{fromVenv, func() []string { return packageFolders(os.Getenv("VIRTUAL_ENV")) }, packageFiles},
		{fromDotVenv, dotVenvFolders, packageFiles},
	}
}

// folderFiles returns the plugins of a kind that lie in a folder; path may also be such a file.
func folderFiles(path, kind string) []string {
	if path == "" {
		return nil
	}
	if isFile(path) {
		if kindOf(path) == kind {
			return []string{path}
		}
		return nil
	}
	patterns := []string{"pjrt_c_api_" + kind + "_plugin", "pjrt_c_api_" + kind + "_*_plugin",
		"pjrt-plugin-" + kind, "pjrt_plugin_" + kind}
	switch kind {
	case CUDA:
		patterns = append(patterns, "xla_cuda_plugin")
	case CPU:
		patterns = append(patterns, "libpjrt_cpu", "xla_cpu_pjrt")
	}
	var files []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(escapeGlob(path), pattern+librarySuffix))
		if err == nil {
			files = append(files, found...)
		}
	}
	return files
}

// packageFiles returns the plugins of a kind in a folder of Python packages, those with the newest XLA first.
func packageFiles(path, kind string) []string {
	var packages []string
	switch kind {
	case CUDA:
		packages = []string{"jax_plugins/xla_cuda13", "jax_plugins/xla_cuda12"}
	case CPU:
		packages = []string{"lammps_jax_pjrt_cpu", "fastatomstruct_xla_cpu", "xla_plugins/xla_cpu_pjrt"}
	}
	var files []string
	for _, name := range packages {
		files = append(files, folderFiles(filepath.Join(path, filepath.FromSlash(name)), kind)...)
	}
	return files
}

// packageFolders returns the folders of Python packages in a virtual environment.
func packageFolders(venv string) []string {
	if venv == "" {
		return nil
	}
	folders, err := filepath.Glob(filepath.Join(escapeGlob(venv), "lib", "python3*", "site-packages"))
	if err != nil {
		return nil
	}
	return folders
}

// goXLAFolders are those that go-xla searches and its installer fills.
func goXLAFolders() []string {
	var folders []string
	if home, err := os.UserHomeDir(); err == nil {
		folder := filepath.Join(home, ".local", "lib", "go-xla")
		if runtime.GOOS == "darwin" {
			folder = filepath.Join(home, "Library", "Application Support", "go-xla")
		}
		folders = append(folders, folder, filepath.Join(folder, "nvidia"))
	}
	return append(folders, systemFolders...)
}

// systemFolders are go-xla's for all users; tests replace them.
var systemFolders = []string{"/usr/local/lib/go-xla", "/usr/local/lib/go-xla/nvidia"}

// dotVenvFolders returns the package folders of the .venv in the working folder and, inside a Go module, in the folders
// above it up to the module's root: a notebook runs in a folder below.
func dotVenvFolders() []string {
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	here := packageFolders(filepath.Join(dir, ".venv"))
	folders := here
	for !isFile(filepath.Join(dir, "go.mod")) {
		parent := filepath.Dir(dir)
		if parent == dir {
			return here // No module: nobody's .venv further up is meant.
		}
		dir = parent
		folders = append(folders, packageFolders(filepath.Join(dir, ".venv"))...)
	}
	return folders
}

// pythonFolders asks python3 for its folders of packages.
func pythonFolders(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, pythonTimeout)
	defer cancel()
	const program = "import site, sysconfig; p = sysconfig.get_paths(); " +
		"print('\\n'.join(dict.fromkeys([p['purelib'], p['platlib'], site.getusersitepackages()] + site.getsitepackages())))"
	cmd := exec.CommandContext(ctx, "python3", "-c", program)
	cmd.WaitDelay = time.Second
	output, err := cmd.Output()
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(string(output), func(r rune) bool { return r == '\n' || r == '\r' })
}

// kindOf tells a plugin's kind by its file name: CUDA, CPU, or the name in "pjrt_c_api_NAME_plugin".
func kindOf(file string) string {
	base := strings.ToLower(filepath.Base(file))
	switch {
	case strings.Contains(base, CUDA):
		return CUDA
	case strings.Contains(base, CPU):
		return CPU
	}
	name := strings.TrimSuffix(base, filepath.Ext(base))
	return strings.TrimSuffix(strings.TrimPrefix(name, "pjrt_c_api_"), "_plugin")
}

// HasNVIDIA tells whether an NVIDIA driver is here: its devices or its library. Only then is CUDA tried.
func HasNVIDIA() bool { return hasNVIDIA() }

// hasNVIDIA is replaced by tests.
var hasNVIDIA = func() bool {
	for _, pattern := range []string{"/dev/nvidia[0-9]*", "/dev/nvidiactl", "/usr/lib/*/libcuda.so.1",
		"/usr/lib64/libcuda.so.1", "/usr/lib/libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return true
		}
	}
	return false
}

// escapeGlob makes a folder's name stand for itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
