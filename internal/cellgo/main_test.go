package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// inCell makes a folder as GoNB does, with a program in it, and makes it the current one.
func inCell(t *testing.T, source string) (folder string, c *cell) {
	t.Helper()
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	t.Chdir(folder)
	t.Setenv("GONB_TMP_DIR", folder)
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
	for name, content := range map[string]string{"go.mod": "module cell\n\ngo 1.26\n", cellFile: source} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !isCell() {
		t.Fatal("this is not taken for the folder of a cell")
	}
	return folder, &cell{goCommand: goCommand, binary: filepath.Join(folder, "cell")}
}

// output runs the program that was built.
func (c *cell) output(t *testing.T) string {
	t.Helper()
	output, err := exec.Command(c.binary).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return string(output)
}

func TestBuildLinksOnlyWhatIsReached(t *testing.T) {
	source := "package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n)\n\nfunc serve() { _ = http.ListenAndServe(\"\", nil) }\n\nfunc main() { fmt.Println(\"here\") }\n"
	_, c := inCell(t, source)
	if status := c.build(); status != 0 {
		t.Fatalf("status %d", status)
	}
	if got := c.output(t); got != "here\n" {
		t.Errorf("got %q", got)
	}
	small, err := os.Stat(c.binary)
	if err != nil {
		t.Fatal(err)
	}
	if output, err := c.run("build", "-o", "whole"); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	whole, err := os.Stat("whole")
	if err != nil {
		t.Fatal(err)
	}
	if small.Size()*2 > whole.Size() {
		t.Errorf("%d bytes, and %d with all declarations", small.Size(), whole.Size())
	}
	if _, err := os.Stat(knownFile); err != nil {
		t.Errorf("the declarations are not known to compile: %v", err)
	}
}

// What nothing calls must compile all the same: the student has just written it.
func TestBuildComplainsOfUnreachedDeclaration(t *testing.T) {
	_, c := inCell(t, "package main\n\nfunc wrong() int { return \"one\" }\n\nfunc main() {}\n")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = writer
	status := c.build()
	os.Stdout = stdout
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 4096)
	n, _ := reader.Read(said)
	if text := string(said[:n]); status == 0 || !strings.Contains(text, "main.go:3:") {
		t.Errorf("status %d, said %q", status, text)
	}
	if _, err := os.Stat(knownFile); err == nil {
		t.Error("declarations that do not compile are known as good")
	}
}

// A package that is not called what its path says is kept or the cell is built whole: either way it runs.
func TestBuildWithStrangePackageName(t *testing.T) {
	folder, c := inCell(t, "package main\n\nimport \"cell/odd-name\"\n\nfunc unused() {}\n\nfunc main() { print(other.One) }\n")
	if err := os.Mkdir(filepath.Join(folder, "odd-name"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "odd-name", "x.go"), []byte("package other\n\nconst One = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status := c.build(); status != 0 {
		t.Fatalf("status %d", status)
	}
	if got := c.output(t); got != "1" {
		t.Errorf("got %q", got)
	}
}
