package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/gif"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/preset"
)

// tiny are flags that make a run on a folder of pictures take a moment.
var tiny = []string{"train", "--data", "folder:pics", "--size", "8", "--width", "4", "--latent", "4"}

// trainTiny trains on the folder pics into dir.
func trainTiny(t *testing.T, dir string, more ...string) (stdout, stderr string) {
	t.Helper()
	return succeed(t, append(append(tiny[:len(tiny):len(tiny)], "--run", dir), more...)...)
}

// lastCheckpoint returns the bytes of the checkpoint of the step.
func lastCheckpoint(t *testing.T, dir string, step int) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "checkpoints", fmt.Sprintf("%08d.safetensors", step)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTrain(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	for name, arguments := range map[string][]string{
		"pictures": append(tiny[:len(tiny):len(tiny)], "--steps", "3"),
		"points":   {"train", "--data", "rings", "--steps", "3", "--width", "8"},
		"plain":    append(tiny[:len(tiny):len(tiny)], "--loss", "ns", "--steps", "1"),
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr := succeed(t, append(arguments, "--run", name)...)
			for _, file := range []string{"grid.png", "interpolation.png", "losses.png", "training.gif"} {
				path := filepath.Join(name, file)
				if info, err := os.Stat(path); err != nil || info.Size() < 100 {
					t.Errorf("%s: %v", file, err)
				}
				if !strings.Contains(stdout, path) {
					t.Errorf("%s is not named in\n%s", path, stdout)
				}
			}
			if !strings.Contains(stdout, "\nNext: ganymede sample --run "+name) {
				t.Errorf("no next command in\n%s", stdout)
			}
			// Nothing of the bar, and colours of a terminal neither.
			if strings.ContainsAny(stderr, "\r\x1b█░") {
				t.Errorf("said %q", stderr)
			}
			frames, err := filepath.Glob(filepath.Join(name, "samples", "step-*.png"))
			if err != nil || len(frames) == 0 {
				t.Errorf("no frames: %v", err)
			}
			file, err := os.Open(filepath.Join(name, "training.gif"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if movie, err := gif.DecodeAll(file); err != nil || len(movie.Image) != len(frames) {
				t.Errorf("the animation does not show the %d frames: %v", len(frames), err)
			}
		})
	}
}

func TestTrainJSON(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	stdout, _ := trainTiny(t, "r", "--steps", "2", "--json")
	result := readJSON(t, stdout)
	if result["run"] != "r" || result["steps"] != 2.0 || result["backend"] != "go" || result["data"] != "folder:pics" {
		t.Errorf("got %s", stdout)
	}
	if result["seconds"].(float64) <= 0 || result["images_per_second"].(float64) <= 0 || len(result["pictures"].([]any)) != 4 {
		t.Errorf("got %s", stdout)
	}
	steps, err := gan.ReadLog("r")
	if err != nil || len(steps) != 2 || steps[1].GeneratorLoss != result["generator_loss"] {
		t.Errorf("the losses are not those of the log, %v: %s", err, stdout)
	}
}

func TestTrainQuiet(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	writeFile(t, "pics/broken.png", []byte("no picture"))
	stdout, stderr := succeed(t, append(tiny[:len(tiny):len(tiny)], "--steps", "1", "--quiet", "--skip-broken")...)
	if stderr != "" {
		t.Errorf("said %q", stderr)
	}
	run := strings.TrimSuffix(stdout, "\n")
	if !regexp.MustCompile(`^runs/\d{4}-\d\d-\d\d-\d{6}-pics$`).MatchString(filepath.ToSlash(run)) || !gan.HoldsRun(run) {
		t.Errorf("printed %q", stdout)
	}
}

// TestResume goes on from step 2 to 4, from another folder than the run was started in: everything has to be as in a run
// of 4 steps.
func TestResume(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "straight", "--steps", "4")
	trainTiny(t, "stopped", "--steps", "2")
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	stopped := filepath.Join(folder, "stopped")
	succeed(t, "train", "--run", stopped, "--resume", "--steps", "4")
	if !bytes.Equal(lastCheckpoint(t, filepath.Join(folder, "straight"), 4), lastCheckpoint(t, stopped, 4)) {
		t.Error("the checkpoints differ")
	}
	if steps, err := gan.ReadLog(stopped); err != nil || len(steps) != 4 {
		t.Errorf("the log has %d steps: %v", len(steps), err)
	}

	// Flags that agree are no other configuration.
	t.Chdir(folder)
	stdout, _ := trainTiny(t, "stopped", "--resume", "--channels", "3", "--loss", "rp", "--lr", "2e-3", "--lr-d", "0.002", "--norm", "none",
		"--preset", "quick", "--gamma", "0.3", "--every", "8", "--pack", "1", "--condition", "none", "--optimizer", "adam", "--set", "penalty.gamma=0.3")
	if !strings.Contains(stdout, "at step 4 and has reached its 4 steps already") || !strings.Contains(stdout, "--steps 8") {
		t.Errorf("printed %s", stdout)
	}
	stdout, _ = succeed(t, "train", "--run", "stopped", "--resume", "--steps", "3", "--json")
	if result := readJSON(t, stdout); result["already_reached"] != true || result["steps"] != 4.0 {
		t.Errorf("got %s", stdout)
	}
}

func TestResumeRefused(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "r", "--steps", "1")
	before := lastCheckpoint(t, "r", 1)

	fail(t, exitError, []string{"r already holds a run", "--resume"}, append(tiny[:len(tiny):len(tiny)], "--run", "r")...)
	fail(t, exitError, []string{"--loss is rp there, not ns", "--lr is 0.002 there, not 0.1"},
		"train", "--run", "r", "--resume", "--loss", "ns", "--lr", "0.1", "--beta1", "0")
	fail(t, exitError, []string{"--preset is quick there, not wgan-gp", "--penalty is r1 there, not gp", "--gamma is 0.3 there, not 3",
		"--pack is 1 there, not 2", "--condition is none there, not concat", "--warm-up is none there, not 5x2", "--set penalty.every=9 does not hold there"},
		"train", "--run", "r", "--resume", "--preset", "wgan-gp", "--penalty", "gp", "--gamma", "3", "--pack", "2", "--condition", "concat",
		"--warm-up", "5x2", "--set", "penalty.every=9", "--set", "pack=1")
	fail(t, exitError, []string{"--data is folder:", "not digits"}, "train", "--run", "r", "--resume", "--data", "digits")
	fail(t, exitError, []string{"--size is 8 there, not 16"}, "train", "--run", "r", "--resume", "--size", "16")
	fail(t, exitError, []string{"none holds no run"}, "train", "--run", "none", "--resume")

	makePictures(t, "pics", 7)
	fail(t, exitError, []string{"is not what the run in r was trained on"}, "train", "--run", "r", "--resume", "--steps", "2")
	if err := os.RemoveAll("pics"); err != nil {
		t.Fatal(err)
	}
	fail(t, exitError, []string{"there is no folder"}, "train", "--run", "r", "--resume", "--steps", "2")
	if !bytes.Equal(before, lastCheckpoint(t, "r", 1)) {
		t.Error("the checkpoint changed")
	}
}

func TestDecay(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "r", "--steps", "2", "--decay-from", "1", "--decay-to", "3")
	fail(t, exitError, []string{"at zero from step 3 on", "4 steps are too many"}, "train", "--run", "r", "--resume", "--steps", "4")
	succeed(t, "train", "--run", "r", "--resume", "--minutes", "5") // It ends at step 3.
	lastCheckpoint(t, "r", 3)
}

func TestInterrupt(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.AfterFunc(500*time.Millisecond, cancel)
	defer timer.Stop()
	status, stdout, stderr := callContext(ctx, t, append(tiny[:len(tiny):len(tiny)], "--steps", "1000000", "--run", "r")...)
	if status != exitInterrupted || stdout != "" {
		t.Fatalf("status %d, printed %q, said\n%s", status, stdout, stderr)
	}
	match := regexp.MustCompile(`interrupted; step (\d+) is saved, go on with: ganymede (train --run r --resume)\n$`).FindStringSubmatch(stderr)
	if match == nil {
		t.Fatalf("said\n%s", stderr)
	}
	var step int
	if _, err := fmt.Sscan(match[1], &step); err != nil {
		t.Fatal(err)
	}
	lastCheckpoint(t, "r", step)
	succeed(t, append(strings.Fields(match[2]), "--steps", fmt.Sprint(step+1))...)
	lastCheckpoint(t, "r", step+1)

	// Before training there is nothing to go on with.
	status, _, stderr = callContext(ctx, t, append(tiny[:len(tiny):len(tiny)], "--run", "r2")...)
	if status != exitInterrupted || stderr != "ganymede: interrupted\n" {
		t.Errorf("status %d, said %q", status, stderr)
	}
}

func TestMinutes(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	start := time.Now()
	stdout, _ := trainTiny(t, "r", "--minutes", "0.01", "--json")
	if took := time.Since(start); took < 600*time.Millisecond || took > 30*time.Second {
		t.Errorf("took %s, want 0.6 s and a little", took)
	}
	result := readJSON(t, stdout)
	if result["steps"].(float64) < 1 || result["already_reached"] != false {
		t.Errorf("got %s", stdout)
	}
	stdout, _ = succeed(t, "train", "--run", "r", "--resume")
	if !strings.Contains(stdout, "has reached its 0.01 minutes already; for more say --minutes 0.02") {
		t.Errorf("printed %s", stdout)
	}
	again, _ := succeed(t, "train", "--run", "r", "--resume", "--minutes", "0.02", "--json")
	if more := readJSON(t, again); more["steps"].(float64) <= result["steps"].(float64) {
		t.Errorf("from %v steps to %v", result["steps"], more["steps"])
	}
}

// TestBase checks the rule of the help text: naming a part of the game makes everything else plain, naming a preset does
// not.
func TestBase(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	pictures := []string{"--data", "folder:pics", "--size", "8"}
	for name, test := range map[string]struct {
		flags []string
		check func(c gan.Config) bool
	}{
		"quick": {pictures, func(c gan.Config) bool {
			return c.Loss == gan.RelativisticPaired{} && c.Penalty == gan.R1{Gamma: 0.3, Every: 8} && c.EMA > 0 &&
				c.Discriminator == c.Generator && c.Arch.(gan.DCGAN).DiscriminatorNorm == gan.NoNorm
		}},
		"loss": {append(pictures, "--loss", "hinge"), func(c gan.Config) bool {
			return c.Loss == gan.Hinge{} && c.Penalty == nil && c.EMA == 0 &&
				c.Generator == gan.Adam{LearningRate: 2e-4, Beta1: 0.5, Beta2: 0.999} &&
				c.Arch.(gan.DCGAN).DiscriminatorNorm == gan.BatchNorm && c.Arch.(gan.DCGAN).GeneratorChannels == 0
		}},
		"preset and loss": {append(pictures, "--preset", "quick", "--loss", "hinge"), func(c gan.Config) bool {
			return c.Loss == gan.Hinge{} && c.Penalty == gan.R1{Gamma: 0.3, Every: 8}
		}},
		"penalty": {append(pictures, "--penalty", "r1", "--lr-d", "1e-3", "--width", "4", "--width-d", "2"), func(c gan.Config) bool {
			arch := c.Arch.(gan.DCGAN)
			return c.Loss == gan.NonSaturating{} && c.Penalty == gan.R1{} && c.Discriminator.Rate() == 1e-3 && c.Generator.Rate() == 2e-4 &&
				arch.DiscriminatorNorm == gan.NoNorm && arch.GeneratorChannels == 4 && arch.DiscriminatorChannels == 2
		}},
		"clip": {append(pictures, "--penalty", "clip", "--clip", "0.02", "--optimizer", "rmsprop"), func(c gan.Config) bool {
			return c.Penalty == gan.WeightClipping{Limit: 0.02} && c.Generator == gan.RMSProp{LearningRate: 5e-5, Decay: 0.99} &&
				c.Discriminator == c.Generator && c.Arch.(gan.DCGAN).DiscriminatorNorm == gan.BatchNorm
		}},
		"mlp": {append(pictures, "--arch", "mlp", "--latent", "4", "--width", "4"), func(c gan.Config) bool {
			return fmt.Sprint(c.Arch) == fmt.Sprint(gan.MLP{Shape: []int{8, 8, 3}, Latent: 4,
				GeneratorHidden: []int{4, 4, 4}, DiscriminatorHidden: []int{4, 4, 4}})
		}},
		"mlp of any size": {[]string{"--data", "folder:pics", "--size", "11", "--arch", "mlp"}, func(c gan.Config) bool {
			return fmt.Sprint(c.Arch.ExampleShape()) == "[11 11 3]"
		}},
		"points": {[]string{"--data", "ring"}, func(c gan.Config) bool {
			return fmt.Sprint(c.Arch.ExampleShape()) == "[2]" && c.Loss == gan.RelativisticPaired{}
		}},
		"everything": {append(pictures, "--label-smoothing", "0.1", "--loss", "ns", "--penalty", "gp", "--lambda", "5", "--every", "2",
			"--norm", "layer", "--arch", "mlp", "--generator-term", "feature-matching", "--term-weight", "0.5", "--condition", "projection",
			"--condition-generator", "product", "--pack", "2", "--augment", "diffaugment", "--noise", "0.1", "--noise-until", "9",
			"--critic-steps", "3", "--warm-up", "25x100/500", "--micro-batches", "2", "--seed", "-3", "--save-every", "7",
			"--set", "penalty.one_sided=true", "--set", "condition.embedding=6", "--set", "generator.beta1=0.25"), func(c gan.Config) bool {
			return c.Loss == gan.NonSaturating{Smoothing: 0.1} && c.Penalty == gan.GradientPenalty{Lambda: 5, Every: 2, OneSided: true} &&
				c.GeneratorTerm == gan.FeatureMatching{Weight: 0.5} &&
				c.Condition == gan.Condition{Classes: 2, Discriminator: gan.Projection, Generator: gan.Product, Embedding: 6} &&
				c.Pack == 2 && c.Augment != nil && c.Noise == gan.InstanceNoise{StdDev: 0.1, Until: 9} && c.DiscriminatorSteps == 3 &&
				c.WarmUp == gan.WarmUp{Steps: 25, DiscriminatorSteps: 100, Every: 500} && c.MicroBatches == 2 && c.Seed == -3 &&
				c.SaveEvery == 7 && c.Generator.(gan.Adam).Beta1 == 0.25 && c.Discriminator.(gan.Adam).Beta1 == 0.5
		}},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, _ := succeed(t, append([]string{"train", "--show", "--json"}, test.flags...)...)
			var shown shownPlan[gan.Config]
			if err := json.Unmarshal([]byte(stdout), &shown); err != nil {
				t.Fatal(err)
			}
			if !test.check(shown.Config) {
				t.Errorf("got %s", stdout)
			}
		})
	}
}

func TestShow(t *testing.T) {
	inFolder(t)
	t.Setenv("GOMLX_BACKEND", "none such") // It needs none.
	stdout, _ := succeed(t, "train", "--preset", "plain", "--lr", "0.01", "--steps", "7", "--show")
	for _, words := range []string{"preset plain: ", "changed by flags: --lr 0.01", `"learning_rate": 0.01`, `"batch": 64`, `"steps": 7`,
		`"name": "digits"`, `"classes": 10`} {
		if !strings.Contains(stdout, words) {
			t.Errorf("no %s in\n%s", words, stdout)
		}
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("--show left %v (%v)", entries, err)
	}
	for _, p := range preset.All() {
		stdout, _ := succeed(t, "train", "--preset", p.Name, "--show", "--json")
		result := readJSON(t, stdout)
		if result["preset"] != p.Name || result["paper"] != nil && result["paper"] != p.Paper || result["batch"] != float64(p.Batch) {
			t.Errorf("%s: got %s", p.Name, stdout)
		}
	}
}

// TestStretchDecay runs a preset that lets its learning rates fall for other lengths than its own.
func TestStretchDecay(t *testing.T) {
	for _, test := range []struct {
		flag     string
		from, to int
	}{{"--steps=300", 30, 150}, {"--minutes=1", 0, 0}, {"--seed=1", 100, 500}} {
		run := &training{}
		command := newTrain(&console{})
		run.flags = command.Flags()
		if err := run.flags.Parse([]string{test.flag}); err != nil {
			t.Fatal(err)
		}
		run.steps, _ = run.flags.GetInt("steps")
		config := gan.Config{DecayFrom: 100, DecayTo: 500}
		run.stretchDecay(&config.DecayFrom, &config.DecayTo, 1000)
		if config.DecayFrom != test.from || config.DecayTo != test.to {
			t.Errorf("%s: from %d to %d, want %d and %d", test.flag, config.DecayFrom, config.DecayTo, test.from, test.to)
		}
	}
}

func TestModes(t *testing.T) {
	inFolder(t)
	stdout, _ := succeed(t, "train", "--data", "ring", "--steps", "2", "--width", "8", "--run", "r", "--json")
	result := readJSON(t, stdout)
	for _, key := range []string{"modes", "high_quality", "reverse_kl"} {
		if _, isNumber := result[key].(float64); !isNumber {
			t.Errorf("no %s in %s", key, stdout)
		}
	}
	stdout, _ = succeed(t, "train", "--data", "grid", "--steps", "2", "--width", "8", "--run", "g")
	if !regexp.MustCompile(`, modes \d+ of 25, \d+ % within 3σ\. Pictures:\n`).MatchString(stdout) {
		t.Errorf("printed %s", stdout)
	}
}

func TestMeter(t *testing.T) {
	var said bytes.Buffer
	m := newMeter(&console{err: &said}, false, 100, 50, 0, 64, "images")
	for n := 101; n <= 125; n++ {
		m.update(n, lossNow{"D", 1}, lossNow{"G", 2})
	}
	if m.share() != 0.5 {
		t.Errorf("half is done, but share is %g", m.share())
	}
	if said.Len() > 0 {
		t.Errorf("said %q in no time", said.String())
	}
	m.compiled = time.Now().Add(-23 * time.Second) // 23 of 25 steps were taken since, one in a second.
	if line := m.line(); line != "step 125/150  D 1.000  G 2.000  64 images/s  25s left" {
		t.Errorf("line %q", line)
	}
	m.steps = 1 << 40
	m.limit, m.start = time.Minute, time.Now().Add(-45*time.Second)
	if line := m.line(); line != "step 125  D 1.000  G 2.000  64 images/s  15s left" {
		t.Errorf("line %q", line)
	}
	m.shown = time.Now().Add(-linePause)
	m.update(126)
	if strings.Count(said.String(), "\n") != 1 {
		t.Errorf("said %q", said.String())
	}
}
