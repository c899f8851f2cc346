package doctor

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/ganymede-ml/ganymede/xla"
)

// GPU is the state of NVIDIA cards and their driver.
type GPU struct {
	Driver  bool     `json:"driver"`            // A driver is here.
	Version string   `json:"version,omitempty"` // The driver's, as it describes itself.
	Cards   []string `json:"cards"`             // Name, memory and use of each, as nvidia-smi has them.
}

// driverVersionFile is where the driver describes itself; tests replace it.
var driverVersionFile = "/proc/driver/nvidia/version"

// smiTimeout bounds nvidia-smi, which can hang with the card.
const smiTimeout = 5 * time.Second

// lookAtGPU asks the driver and nvidia-smi.
func (r *Report) lookAtGPU(ctx context.Context) {
	r.GPU = GPU{Driver: xla.HasNVIDIA(), Cards: []string{}}
	if text, err := os.ReadFile(driverVersionFile); err == nil {
		first, _, _ := strings.Cut(string(text), "\n")
		r.GPU.Version = strings.Join(strings.Fields(strings.TrimPrefix(first, "NVRM version:")), " ")
	}
	ctx, cancel := context.WithTimeout(ctx, smiTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nvidia-smi", "--format=csv,noheader", "--query-gpu=name,memory.used,memory.total,utilization.gpu")
	cmd.WaitDelay = time.Second
	output, err := cmd.Output()
	if err != nil {
		return // No nvidia-smi, or no card.
	}
	for line := range strings.Lines(string(output)) {
		if line = strings.TrimSpace(line); line != "" {
			r.GPU.Cards = append(r.GPU.Cards, line)
		}
	}
}
