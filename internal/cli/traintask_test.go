package cli

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ganymede-ml/ganymede/gan/display"
	engine "github.com/ganymede-ml/ganymede/gan/training"
)

// Flags that make the trainings of tasks on 32×32 pictures take a moment.
var (
	tinyPix2Pix = strings.Fields("train --preset pix2pix --data pairs:pairs --batch 2 --set generator.channels=2 --set discriminator.channels=2 --set discriminator.layers=1")
	tinyCycle   = strings.Fields("train --preset cyclegan --data unpaired:kinds --batch 2 --set generator.channels=2 --set generator.blocks=1 " +
		"--set discriminator.channels=2 --set discriminator.layers=1")
	tinyInpaint = strings.Fields("train --preset inpaint --data folder:plain --batch 2 --set game.width=4")
)

// makePairs writes n pairs of 32×32 pictures: B is A with its colours turned round. Beside them are folders of the same without
// partners, of different numbers, and of A alone.
func makePairs(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		a, b := image.NewRGBA(image.Rect(0, 0, 32, 32)), image.NewRGBA(image.Rect(0, 0, 32, 32))
		for y := range 32 {
			for x := range 32 {
				c := color.RGBA{uint8(8 * x), uint8(8 * y), uint8(37 * i), 255}
				if (x+i)/4%2 == 0 {
					c.R = 255 - c.R
				}
				a.Set(x, y, c)
				b.Set(x, y, color.RGBA{255 - c.R, 255 - c.G, 255 - c.B, 255})
			}
		}
		for path, picture := range map[string]image.Image{
			fmt.Sprintf("pairs/A/%d.png", i): a, fmt.Sprintf("pairs/B/%d.png", i): b, fmt.Sprintf("plain/%d.png", i): a,
			fmt.Sprintf("kinds/one/a%d.png", i): a, fmt.Sprintf("kinds/two/b%d.png", i%(n-1)): b,
		} {
			if err := display.SavePNG(path, picture); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// with returns arguments and more of them.
func with(arguments []string, more ...string) []string { return slices.Concat(arguments, more) }

// TestTrainTasks trains each preset for a moment: the run folder has all its pictures, the log its losses, and the command says
// what comes next.
func TestTrainTasks(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	inFolder(t)
	makePairs(t, 24)
	for name, test := range map[string]struct {
		arguments []string
		task      string
		losses    []string
		next      string
	}{
		"pix2pix":  {tinyPix2Pix, "translate", []string{"generator_loss", "discriminator_loss", "l1_loss"}, "translate --run pix2pix IN.png OUT.png"},
		"cyclegan": {tinyCycle, "translate", []string{"generator_loss", "discriminator_loss", "cycle_loss", "identity_loss"}, "evaluate --run cyclegan --split test"},
		"inpaint":  {tinyInpaint, "inpaint", []string{"generator_loss", "discriminator_loss", "hole_l1"}, "inpaint --run inpaint --mask M.png IN.png OUT.png"},
		"style": {strings.Fields("train --preset style --data unpaired:kinds --batch 2"), "style", []string{"content_loss", "style_loss"},
			"style --run style --content A.png --style B.png --out OUT.png"},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "style" {
				t.Skip("its encoder takes seconds")
			}
			stdout, stderr := succeed(t, with(test.arguments, "--steps", "2", "--run", name)...)
			for _, file := range []string{"grid.png", "losses.png", "training.gif"} {
				path := filepath.Join(name, file)
				if info, err := os.Stat(path); err != nil || info.Size() < 100 || !strings.Contains(stdout, path) {
					t.Errorf("%s: %v, or it is not named in\n%s", path, err, stdout)
				}
			}
			if !strings.Contains(stdout, test.next) {
				t.Errorf("no %q in\n%s", test.next, stdout)
			}
			if frames, err := filepath.Glob(filepath.Join(name, "samples", "step-*.png")); err != nil || len(frames) == 0 {
				t.Errorf("no frames: %v", err)
			}
			if task, err := engine.TaskOf(name); err != nil || task != test.task {
				t.Errorf("it is a run of %q (%v)", task, err)
			}
			steps, err := engine.ReadLog(name)
			if err != nil || len(steps) != 2 {
				t.Fatalf("the log has %d steps (%v)", len(steps), err)
			}
			for _, loss := range test.losses {
				if steps[1].Value(loss) == 0 {
					t.Errorf("step 2 reports no %s", loss)
				}
			}
			if !strings.Contains(stderr, " on ") || strings.ContainsAny(stderr, "\r\x1b") {
				t.Errorf("said %q", stderr)
			}
			stdout, _ = succeed(t, "train", "--run", name, "--resume", "--steps", "2", "--json")
			result := readJSON(t, stdout)
			if result["already_reached"] != true || result["task"] != test.task || result["preset"] != name || result["steps"] != 2.0 {
				t.Errorf("got %s", stdout)
			}
			if got := result["reported"].(map[string]any)[test.losses[0]]; got != steps[1].Value(test.losses[0]) {
				t.Errorf("reports %v, the log %v", got, steps[1].Value(test.losses[0]))
			}
		})
	}
}

// TestResumeTask stops at step 2 and goes on to 4: everything has to be as in a run of 4 steps.
func TestResumeTask(t *testing.T) {
	inFolder(t)
	makePairs(t, 24)
	backwards := with(tinyPix2Pix, "--direction", "BtoA", "--decay-to", "0") // Rates that fall end with the steps asked for.
	succeed(t, with(backwards, "--steps", "4", "--run", "straight")...)
	succeed(t, with(backwards, "--steps", "2", "--run", "stopped")...)
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
	t.Chdir(folder)
	succeed(t, with(backwards, "--run", "stopped", "--resume", "--steps", "4", "--size", "32", "--beta1", "0.5")...)
	fail(t, exitError, []string{"--lr is ", " there, not 0.1", "--direction is BtoA there, not AtoB", "--set game.l1=3 does not hold there", "--batch is 2 there, not 3"},
		"train", "--run", "stopped", "--resume", "--lr", "0.1", "--direction", "AtoB", "--set", "game.l1=3", "--batch", "3")
	fail(t, exitError, []string{"--preset is pix2pix there, not cyclegan"}, "train", "--run", "stopped", "--resume", "--preset", "cyclegan")
	fail(t, exitError, []string{"stopped already holds a run", "--resume"}, with(tinyPix2Pix, "--run", "stopped")...)
	if err := os.Remove("pairs/A/1.png"); err != nil {
		t.Fatal(err)
	}
	fail(t, exitError, []string{`1 of the 24 pictures in`, `have no partner`, `1.png`}, "train", "--run", "stopped", "--resume", "--steps", "5")
	if err := os.Remove("pairs/B/1.png"); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "pairs/A/0.png", readFile(t, "pairs/B/0.png")) // Which moves it into another split, or changes it.
	writeFile(t, "pairs/A/3.png", readFile(t, "pairs/B/3.png"))
	writeFile(t, "pairs/A/4.png", readFile(t, "pairs/B/4.png"))
	fail(t, exitError, []string{"the run in stopped was trained on other data"}, "train", "--run", "stopped", "--resume", "--steps", "5")
}

// TestFineTune starts from the weights of another run.
func TestFineTune(t *testing.T) {
	inFolder(t)
	makePairs(t, 24)
	still := with(tinyPix2Pix, "--set", "generator.norm=instance") // Whose statistics no step moves.
	succeed(t, with(still, "--steps", "3", "--run", "first", "--quiet")...)
	succeed(t, with(still, "--steps", "1", "--run", "second", "--from", "first", "--lr", "1e-12", "--quiet")...)
	if a, b := readFile(t, "first/grid.png"), readFile(t, "second/grid.png"); !bytes.Equal(a, b) {
		t.Error("a run that goes on with next to no learning rate draws otherwise than the one it came from")
	}
	fail(t, exitError, []string{"another generator", "choose the same"},
		with(tinyPix2Pix, "--run", "third", "--from", "first", "--set", "generator.channels=4")...)
	fail(t, exitError, []string{"the run in first is one of translate", "of no use to inpaint"}, with(tinyInpaint, "--run", "third", "--from", "first")...)
	fail(t, exitError, []string{"--from: ", "nowhere holds no run"}, with(tinyPix2Pix, "--run", "third", "--from", "nowhere")...)
	if _, err := os.Stat("third"); err == nil {
		t.Error("a run folder was left")
	}
}

// TestTaskBadInput is about what a user may bring along to the trainings of tasks: one clear line, and nothing written.
func TestTaskBadInput(t *testing.T) {
	inFolder(t)
	makePairs(t, 6)
	makePictures(t, "pics", 6)
	writeFile(t, "alone/A/x.png", readFile(t, "plain/0.png"))
	writeFile(t, "alone/A/y.png", readFile(t, "plain/1.png"))
	writeFile(t, "alone/B/x.png", readFile(t, "plain/1.png"))
	writeFile(t, "uneven/A/x.png", readFile(t, "plain/0.png"))
	large := image.NewRGBA(image.Rect(0, 0, 20, 20))
	if err := display.SavePNG("uneven/B/x.png", large); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		words     string // Separated by |.
		arguments string
	}{
		{"pix2pix learns from pairs|no partners|--data pairs:DIR|--preset cyclegan", "train --preset pix2pix --data unpaired:kinds"},
		{"1 of the 2 pictures|no partner|y.png", "train --preset pix2pix --data pairs:alone"},
		{"32×32|20×20|same size", "train --preset pix2pix --data pairs:uneven"},
		{`no pairs "digits"|pairs:DIR|emoji`, "train --preset pix2pix --data digits"},
		{`no pairs "folder:pics"|pairs:DIR`, "train --preset cyclegan --data folder:pics"},
		{"takes pictures whose size is|got 30|choose --size 32", "train --preset pix2pix --data emoji --size 30"},
		{"no preset \"pix2pixel\"|did you mean pix2pix", "train --preset pix2pixel"},
		{"inpaint fills holes in pictures|rings holds points", "train --preset inpaint --data rings"},
		{"--set game.l2: the game pix2pix has no l2; it has l1", "train --preset pix2pix --set game.l2=3"},
		{"--set gme.l1: there is no gme; did you mean game", "train --preset pix2pix --set gme.l1=3"},
		{`no kind of masks "bx"|did you mean box`, "train --preset inpaint --masks bx"},
		{`no direction "atob"|AtoB`, "train --preset pix2pix --direction atob"},
		{"batch of 1000|larger than", "train --preset pix2pix --data emoji --only Flags --batch 1000"},
		{"learning rates|at zero from step 5 on", "train --preset pix2pix --decay-from 2 --decay-to 5 --steps 6"},
	} {
		fail(t, exitError, strings.Split(test.words, "|"), with(strings.Fields(test.arguments), "--run", "bad")...)
	}
	for _, test := range []struct{ words, arguments string }{
		{"--penalty has no meaning for the preset pix2pix", "train --preset pix2pix --penalty r1"},
		{"--arch has no meaning for the preset inpaint", "train --preset inpaint --arch dcgan"},
		{"--augment has no meaning for the preset style", "train --preset style --augment diffaugment"},
		{"--masks has no meaning for the preset cyclegan", "train --preset cyclegan --masks box"},
		{"--on-collapse is about samples drawn from latents", "train --preset cyclegan --on-collapse stop"},
		{"--memory is for folders of single pictures", "train --preset pix2pix --memory 1GiB"},
		{"--direction is for pix2pix", "train --preset cyclegan --direction BtoA"},
		{"--direction is for pictures made from pictures: choose --preset pix2pix or cyclegan", "train --direction BtoA"},
		{"--from is for pictures made from pictures", "train --preset dcgan --from r"},
		{"--from needs the folder of a run", "train --preset pix2pix --from="},
	} {
		fail(t, exitMisuse, []string{test.words}, with(strings.Fields(test.arguments), "--run", "bad")...)
	}
	if _, err := os.Stat("bad"); err == nil {
		t.Error("a run folder was left")
	}
}

// TestShowTask prints settings, paper and deviations of every preset of a task, and what flags change.
func TestShowTask(t *testing.T) {
	inFolder(t)
	t.Setenv("GOMLX_BACKEND", "none such") // It needs none.
	for _, p := range taskPresets() {
		stdout, _ := succeed(t, "train", "--preset", p.name, "--show")
		for _, words := range []string{"preset " + p.name + ": " + p.summary, "paper: ", "https://", `"batch": `, `"steps": `} {
			if !strings.Contains(stdout, words) {
				t.Errorf("%s: no %q in\n%s", p.name, words, stdout)
			}
		}
	}
	stdout, _ := succeed(t, strings.Fields("train --preset pix2pix --loss ls --lr 0.003 --lr-d 1e-4 --set game.l1=7 --set jitter.flip=true --direction BtoA --show --json")...)
	for _, words := range []string{`"name":"ls`, `"learning_rate":0.003`, `"learning_rate":0.0001`, `"l1":7`, `"flip":true`, `"reverse":true`, `"shape_b":[32,32,3]`, `"name":"emoji"`} {
		if !strings.Contains(stdout, words) {
			t.Errorf("no %s in %s", words, stdout)
		}
	}
}

// TestInterruptTask ends a training as Ctrl-C does: what was learned is saved, and the command says how to go on.
func TestInterruptTask(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	inFolder(t)
	makePairs(t, 24)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.AfterFunc(3*time.Second, cancel)
	defer timer.Stop()
	status, stdout, stderr := callContext(ctx, t, with(tinyPix2Pix, "--steps", "1000000", "--decay-to", "0", "--run", "r")...)
	if status != exitInterrupted || stdout != "" {
		t.Fatalf("status %d, printed %q, said\n%s", status, stdout, stderr)
	}
	match := regexp.MustCompile(`interrupted; step (\d+) is saved, go on with: ganymede (train --run r --resume)\n$`).FindStringSubmatch(stderr)
	if match == nil {
		t.Fatalf("said\n%s", stderr)
	}
	step, err := strconv.Atoi(match[1])
	if err != nil {
		t.Fatal(err)
	}
	lastCheckpoint(t, "r", step)
	succeed(t, with(strings.Fields(match[2]), "--steps", strconv.Itoa(step+1), "--quiet")...)
	lastCheckpoint(t, "r", step+1)
}
