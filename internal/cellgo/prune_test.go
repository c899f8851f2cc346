package main

import (
	"strings"
	"testing"
)

const program = `package main

import (
	"fmt"
	"image/png"
	"math/rand/v2"
	. "strings"
	t "time"
	_ "embed"
	"os"
)

const seed = 1

var (
	lazy = func() int { return used() }
	acts = os.Getenv("HOME")
	unused, alike = 1, 2
	chosen = map[string]int{key: 1}
	key = "key"
)

type picture struct{ png png.Encoder }

func (p picture) draw() { fmt.Println(t.Now()) }

type reached[T any] struct{ next *reached[T] }

func (r *reached[T]) Walk() int { return rand.IntN(3) }

func used() int { return 1 }

func unusedToo() string { return ToUpper("x") + unusedThree() }

func unusedThree() string { return "" }

func main() {
	var r reached[int]
	fmt.Println(r.Walk(), chosen)
}
`

func TestPruneKeepsWhatMainReaches(t *testing.T) {
	pruned, ok := prune([]byte(program))
	if !ok {
		t.Fatal("nothing was pruned")
	}
	text := string(pruned)
	for _, gone := range []string{"image/png", `. "strings"`, `t "time"`, "lazy", "unused, alike", "type picture", "draw()", "func used", "unusedToo", "unusedThree"} {
		if strings.Contains(text, gone) {
			t.Errorf("%s is still there:\n%s", gone, text)
		}
	}
	for _, kept := range []string{`"fmt"`, `"math/rand/v2"`, `_ "embed"`, `"os"`, "const seed", "acts =", "chosen =", `key = "key"`, "type reached", "Walk() int", "func main"} {
		if !strings.Contains(text, kept) {
			t.Errorf("%s is gone:\n%s", kept, text)
		}
	}
	if strings.Count(text, "\n") != strings.Count(program, "\n") || strings.Index(text, "func main") != strings.Index(program, "func main") {
		t.Error("main is not where it was")
	}
}

func TestPruneKeepsDotImportThatIsUsed(t *testing.T) {
	pruned, ok := prune([]byte(strings.Replace(program, "fmt.Println(r.Walk(), chosen)", "fmt.Println(unusedToo())", 1)))
	if text := string(pruned); !ok || !strings.Contains(text, `. "strings"`) || !strings.Contains(text, "unusedThree() string") {
		t.Errorf("the dot import or what unusedToo calls is gone:\n%s", text)
	}
}

func TestPruneLeavesAloneWhatDoesNotParseOrIsNeeded(t *testing.T) {
	for _, source := range []string{"package main\nfunc main() {", "package main\n\nfunc f() {}\n\nfunc main() { f() }\n"} {
		if pruned, ok := prune([]byte(source)); ok {
			t.Errorf("%q became %q", source, pruned)
		}
	}
}

// The hash must not change with main, whose imports GoNB adds and drops, and must with anything else.
func TestDeclarationsAreAllButMain(t *testing.T) {
	before := declarations([]byte(program))
	if before == "" {
		t.Fatal("no hash")
	}
	main := strings.NewReplacer("fmt.Println(r.Walk(), chosen)", "bytes.NewReader(nil)", `"fmt"`, `"bytes"; "fmt"`).Replace(program)
	if declarations([]byte(main)) != before {
		t.Error("the hash changes with main")
	}
	if declarations([]byte(strings.Replace(program, "return 1", "return 2", 1))) == before {
		t.Error("the hash does not change with a function")
	}
	if declarations([]byte(strings.Replace(program, `t "time"`, `t "os"`, 1))) == before {
		t.Error("the hash does not change with an import that a method uses")
	}
}

func FuzzPrune(f *testing.F) {
	f.Add(program)
	f.Add("package main\n\nfunc main() { var x = (*T).M; _ = x }\n\ntype T struct{}\n\nfunc (T) M() {}\n")
	f.Fuzz(func(t *testing.T, source string) {
		pruned, ok := prune([]byte(source))
		if ok && (len(pruned) != len(source) || strings.Count(string(pruned), "\n") != strings.Count(source, "\n")) {
			t.Errorf("%q became %q", source, pruned)
		}
	})
}
