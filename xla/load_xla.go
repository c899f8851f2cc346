//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package xla

import (
	"fmt"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"github.com/gomlx/compute"
	goxla "github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
	"github.com/pkg/errors"
	"k8s.io/klog/v2"
)

// linked tells whether this program holds go-xla, which loads plugins; unlinkedReason tells why it does not.
const (
	linked         = true
	unlinkedReason = ""
)

// loading is held while a plugin is being loaded: the log's settings are the whole program's.
var loading sync.Mutex

// oneDevice asks XLA's CPU plugin for one device. It makes four unless told, and as many threads, whatever the processor.
var oneDevice = pjrt.NamedValuesMap{"cpu_device_count": int64(1)}

// load opens a plugin with go-xla's options and returns its backend and interface version.
func load(plugin Plugin, options string) (backend compute.Backend, version string, err error) {
	if strings.Contains(plugin.File, ",") {
		return nil, "", errors.New("its path has a comma, which go-xla takes for the start of options; move it")
	}
	loading.Lock()
	defer loading.Unlock()
	defer func() { // go-xla trips over a plugin that answers nothing.
		if failure := recover(); failure != nil {
			err = errors.Errorf("it is no working plugin: %v", failure)
		}
	}()
	log := klog.CaptureState() // go-xla logs to the terminal what it also returns as an error.
	klog.SetLogger(logr.Discard())
	defer log.Restore()

	config := plugin.File
	if options != "" {
		config += "," + options
	}
	var opened *goxla.Backend // Not the interface, which would not be nil when this is.
	if plugin.Kind == CPU {
		opened, err = goxla.NewWithOptions(config, oneDevice)
	}
	if plugin.Kind != CPU || err != nil { // A plugin may not know the option.
		opened, err = goxla.NewWithOptions(config, nil)
	}
	if err != nil {
		return nil, "", err
	}
	loaded, err := pjrt.GetPlugin(plugin.File)
	if err != nil {
		return nil, "", err
	}
	major, minor := loaded.Version()
	return opened, fmt.Sprintf("%d.%d", major, minor), nil
}
