package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/gan"
)

// streaming are flags with which the pictures of tiny do not fit into memory.
var streaming = []string{"--memory", "200B"}

// A training on a stream gives the same bytes as one on the set, resumed or not.
func TestTrainOnAStream(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 30)
	trainTiny(t, "set", "--steps", "12", "--batch", "8", "--condition", "projection")
	_, stderr := trainTiny(t, "stream", append(streaming, "--steps", "12", "--batch", "8", "--condition", "projection")...)
	if !strings.Contains(stderr, "30 pictures 8×8×3, decoded as they are needed") {
		t.Errorf("said %q", stderr)
	}
	trainTiny(t, "stopped", append(streaming, "--steps", "5", "--batch", "8", "--condition", "projection")...)
	succeed(t, "train", "--run", "stopped", "--resume", "--steps", "12") // Without --memory.
	want := lastCheckpoint(t, "set", 12)
	for _, dir := range []string{"stream", "stopped"} {
		if !bytes.Equal(lastCheckpoint(t, dir, 12), want) {
			t.Errorf("%s: the checkpoint is another", dir)
		}
	}
	record, err := gan.ReadRecord("stopped")
	if err != nil {
		t.Fatal(err)
	}
	r, err := readRequest("stopped", record.Data)
	if err != nil || !r.Streamed || r.Memory != 200 {
		t.Errorf("the request is %+v (%v)", r, err)
	}
	if data, err := dataOf("stopped", record); err != nil || data.stream == nil || len(data.classes()) != record.Config.Condition.Classes {
		t.Errorf("its data cannot be had again: %v", err)
	} else if set, err := data.sample(); err != nil || set.Len() != 30 {
		t.Errorf("a sample of its data: %v", err)
	}
}

// A run goes on as it began, streamed or not, whatever the memory.
func TestResumeOpensDataAlike(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 12)
	trainTiny(t, "set", "--steps", "1")
	succeed(t, append([]string{"train", "--run", "set", "--resume", "--steps", "2"}, streaming...)...)
	trainTiny(t, "stream", append(streaming, "--steps", "1")...)
	succeed(t, "train", "--run", "stream", "--resume", "--steps", "2", "--memory", "1GiB")
	for _, dir := range []string{"set", "stream"} {
		lastCheckpoint(t, dir, 2)
	}
	if err := os.Remove("pics/left/0.png"); err != nil {
		t.Fatal(err)
	}
	fail(t, 1, []string{"the data", "is not what the run in stream was trained on"}, "train", "--run", "stream", "--resume", "--steps", "3")
}

func TestStreamedPlan(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	stdout, _ := succeed(t, append(append(tiny[:len(tiny):len(tiny)], "--show", "--json"), streaming...)...)
	if want := `"data":{"name":"folder:pics","examples":6,"streamed":true,"shape":[8,8,3],"classes":2},"batch":6,`; !strings.Contains(stdout, want) {
		t.Errorf("got %s, want %s", stdout, want)
	}
	stdout, _ = succeed(t, append(tiny[:len(tiny):len(tiny)], "--show", "--json")...)
	if strings.Contains(stdout, "streamed") {
		t.Errorf("in memory: got %s", stdout)
	}
	fail(t, 1, []string{"a batch of 64 examples is larger than folder:pics, which has 6"},
		append(append(tiny[:len(tiny):len(tiny)], "--batch", "64", "--run", "r"), streaming...)...)
	for _, memory := range []string{"0", "-1GiB", "much", "GiB", "1e30GiB"} {
		fail(t, 2, []string{"--memory", "512MiB or 2GiB"}, append(tiny[:len(tiny):len(tiny)], "--memory", memory)...)
	}
}

// A file that is spoiled while a run is on ends it with a line that names it.
func TestStreamedPictureIsBroken(t *testing.T) {
	inFolder(t)
	makePictures(t, "pics", 6)
	good, err := os.ReadFile("pics/left/0.png")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, "pics/zz.png", good[:len(good)-20])
	fail(t, 1, []string{`zz.png" cannot be read, because: png: `},
		append(append(tiny[:len(tiny):len(tiny)], "--channels", "3", "--run", "r", "--on-collapse", "off"), streaming...)...)
}

func TestByteSize(t *testing.T) {
	for text, want := range map[string]string{
		"2GiB": "2GiB", "0.5GiB": "512MiB", "512mib": "512MiB", "1024 KiB": "1MiB", "1GB": "1000000000", "7": "7", "3K": "3KiB", "10B": "10", "1536M": "1536MiB",
	} {
		var size byteSize
		if err := size.Set(text); err != nil || size.String() != want {
			t.Errorf("%q: got %s, want %s (%v)", text, size.String(), want, err)
		}
	}
}
