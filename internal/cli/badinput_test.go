package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadInput is about what a user may bring along: one clear line, status 1, and nothing written.
func TestBadInput(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	makePictures(t, "broken", 6)
	writeFile(t, "broken/left/bad.png", []byte("\x89PNG no picture"))
	writeFile(t, "texts/a.txt", []byte("no picture"))
	if err := os.Mkdir("empty", 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "file", nil)
	for _, test := range []struct {
		words     string // Separated by |.
		arguments string
	}{
		{`no data set "digtis"|did you mean digits|rings`, "train --data digtis"},
		{`no architecture "dcgen"|did you mean dcgan`, "train --arch dcgen"},
		{`no loss "nss"|did you mean ns`, "train --loss nss"},
		{`no penalty "ggp"|did you mean gp`, "train --penalty ggp"},
		{`no preset "quik"|did you mean quick`, "train --preset quik"},
		{`no generator term "feature-macthing"|did you mean feature-matching`, "train --generator-term feature-macthing"},
		{`no augmentation "difaugment"|did you mean diffaugment`, "train --augment difaugment"},
		{`no operation "rotat"|did you mean rotate`, "train --data digits --augment policy --policy rotat:3"},
		{`no optimizer "adm"|did you mean adam`, "train --optimizer adm"},
		{`no condition "prjection"|did you mean projection`, "train --condition prjection"},
		{`no normalization "spectrl"|did you mean spectral`, "train --norm spectrl"},
		{"there is no folder", "train --data folder:nowhere"},
		{"empty", "train --data folder:empty"},
		{"file, not a folder", "train --data folder:file"},
		{"no PNG, JPEG, GIF, WebP, BMP or TIFF", "train --data folder:texts"},
		{"directory|folder:pics", "train --data pics"},
		{"bad.png|--skip-broken", "train --data folder:broken --size 8"},
		{"30×30 pixels|--size|28|32|64", "train --size 30"},
		{"24×24 pixels|--size", "train --data folder:pics --arch dcgan --size 24"},
		{"points|--arch mlp", "train --data rings --arch dcgan"},
		{"points", "train --data rings --size 8"},
		{"batch of 100|6", "train --data folder:pics --batch 100 --size 8"},
		{"run", "train --run file --data folder:pics --size 8 --width 4"},
		{"holds no run", "sample --run empty"},
		{"r1 has no lambda|it has gamma and every|gp", "train --lambda 3"},
		{"--gamma: the penalty gp has no gamma; it has lambda, one_sided and every", "train --penalty gp --gamma 5"},
		{"--gamma: there is no penalty; choose r1, r1r2 or r2", "train --loss ns --gamma 5"},
		{"--label-smoothing: the loss hinge has no smoothing", "train --loss hinge --label-smoothing 0.1"},
		{"--beta1: the optimizer rmsprop has no beta1; it has learning_rate and decay", "train --optimizer rmsprop --beta1 0"},
		{"--minibatch-std-dev: the architecture mlp has no minibatch_std_dev", "train --data ring --minibatch-std-dev"},
		{"--set penalty.gama: the penalty r1 has no gama; it has gamma and every", "train --set penalty.gama=3"},
		{"--set gama: there is no gama", "train --set gama=3"},
		{"--set condition.classes: \"ten\" is no value for it, want a whole number", "train --set condition.classes=ten"},
		{"--set pac: there is no pac; did you mean pack", "train --set pac=3"},
		{"batch normalization|set --norm to layer or none", "train --penalty gp --norm batch"},
		{"batch normalization|--norm", "train --norm batch"}, // Of quick, which has R1.
		{"clipping weights and spectral normalization", "train --penalty clip --norm spectral"},
		{"a batch of 33 cannot be judged 2 examples at a time: choose --batch 32 or 34", "train --pack 2 --batch 33"},
		{"a batch of 1 cannot|--batch 2,", "train --pack 2 --batch 1"},
		{"folder:pics/left has none|digits|--condition none", "train --data folder:pics/left --size 8 --condition projection"},
		{"--condition-generator product|add --condition concat, projection or auxiliary", "train --condition-generator product"},
		{"no batch normalization|--condition-generator concat", "train --data ring --condition projection --condition-generator batch-norm"},
		{"auxiliary|packed|projection or concat", "train --condition auxiliary --pack 2"},
		{"changes pictures|--noise", "train --data ring --augment diffaugment"},
		{"--noise needs a standard deviation", "train --noise-until 9"},
		{"nowhere holds no run", "compare nowhere file"},
		{`no data set "digit"|digits`, "datasets show digit"},
		{"there is no folder", "datasets show folder:nowhere"},
		{"folder file|not a directory", "datasets show digits --out file/x.png"},
	} {
		fail(t, exitError, strings.Split(test.words, "|"), strings.Fields(test.arguments)...)
	}
	if _, err := os.Stat("runs"); err == nil {
		t.Error("a run folder was left")
	}
	stdout, stderr := succeed(t, strings.Fields("train --data folder:broken --size 8 --width 4 --steps 1 --skip-broken --run r")...)
	if !strings.Contains(stderr, "left out 1 pictures") || !strings.Contains(stderr, "bad.png") || !strings.Contains(stdout, "grid.png") {
		t.Errorf("printed\n%s\nsaid\n%s", stdout, stderr)
	}
}

func TestUnreadableFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	inFolder(t)
	if err := os.Mkdir("locked", 0); err != nil {
		t.Fatal(err)
	}
	fail(t, exitError, []string{"locked", "permission denied"}, "train", "--data", "folder:locked")
}

func TestBadBackend(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	for _, backend := range []string{"nonsense", "xla:/no/such/plugin.so"} {
		t.Setenv("GOMLX_BACKEND", backend)
		fail(t, exitError, []string{"GOMLX_BACKEND", backend, "unset"}, append(tiny[:len(tiny):len(tiny)], "--run", "r")...)
		if _, err := os.Stat("r"); err == nil {
			t.Error("a run folder was left")
		}
	}
}

func TestDamagedRun(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	trainTiny(t, "r", "--steps", "1")
	checkpoint := filepath.Join("r", "checkpoints", "00000001.safetensors")
	good, err := os.ReadFile(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, []byte("no checkpoint at all, not even nearly"), good[:len(good)/2]} {
		writeFile(t, checkpoint, bad)
		fail(t, exitError, []string{checkpoint}, "sample", "--run", "r")
		fail(t, exitError, []string{checkpoint}, "train", "--run", "r", "--resume", "--steps", "2")
	}
	if err := os.Remove(checkpoint); err != nil {
		t.Fatal(err)
	}
	fail(t, exitError, []string{"no checkpoint yet", "ganymede train --run r --resume"}, "sample", "--run", "r")
	succeed(t, "train", "--run", "r", "--resume") // From the start.

	request := filepath.Join("r", requestFile)
	writeFile(t, request, []byte("{"))
	fail(t, exitError, []string{request, "damaged"}, "train", "--run", "r", "--resume", "--steps", "2")
	if err := os.Remove(request); err != nil {
		t.Fatal(err)
	}
	succeed(t, "train", "--run", "r", "--resume", "--steps", "2") // A run that another program started has none.

	for _, bad := range []string{"{", "{}", `{"config": {"arch": {"name": "vgg"}}}`} {
		writeFile(t, filepath.Join("r", "run.json"), []byte(bad))
		fail(t, exitError, nil, "train", "--run", "r", "--resume", "--steps", "2")
		fail(t, exitError, nil, "sample", "--run", "r")
	}
}

// TestNaN trains with a learning rate at which the losses last for a step.
func TestNaN(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	fail(t, exitError, []string{"no longer numbers at step 2", "the checkpoint of step 1 is kept"},
		append(tiny[:len(tiny):len(tiny)], "--run", "r", "--steps", "40", "--save-every", "1", "--lr", "1e14", "--loss", "ns")...)
	succeed(t, "sample", "--run", "r")
}
