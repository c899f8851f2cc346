// Package course is what the cells of Ganymede's notebooks have in common: the backend, a quick mode, claims that are
// checked, exercises, trainings that are shown while they run and that survive an interruption, and widgets.
//
// It is for programs that are cells. Unlike the rest of Ganymede it prints, and where a cell cannot go on it says why, and
// what to do, on standard error and ends the program.
package course

import (
	"fmt"
	"os"
	"sync"

	"github.com/gomlx/compute"

	"github.com/ganymede-ml/ganymede/xla"
)

// QuickVariable is the environment variable that asks for small trainings: "ganymede lab --check --quick" sets it to 1.
const QuickVariable = "GANYMEDE_QUICK"

// LabVariable is the environment variable that kernels of "ganymede lab" set.
const LabVariable = "GANYMEDE_LAB"

var backend = sync.OnceValues(xla.New)

// Backend returns what does the arithmetic: XLA, or plain Go where there is no XLA. It is opened once in each cell.
func Backend() compute.Backend {
	opened, err := backend()
	if err != nil {
		Fail("%v", err)
	}
	return opened
}

// Quick tells whether the notebook runs in quick mode: less training, rougher pictures.
func Quick() bool { return os.Getenv(QuickVariable) != "" }

// Pick returns the first of two values or, in quick mode, the second: course.Pick(2000, 100) steps.
func Pick[T any](full, quick T) T {
	if Quick() {
		return quick
	}
	return full
}

// Welcome says what the cells compute with, in the first cell of a notebook, and what is wrong if something is.
func Welcome() {
	fmt.Println("computing with:", Backend().Name())
	if Quick() {
		fmt.Println("quick mode: trainings are short, and pictures rough")
	}
	if os.Getenv(LabVariable) == "" {
		fmt.Println("This kernel was not started by \"ganymede lab\". Should an import fail, or cells be slow: " +
			"close this, run \"go run . lab\" in the folder of Ganymede, and open the notebook there.")
	}
}

// Fail says on standard error why a cell cannot go on, and what to do, and ends it.
func Fail(message string, values ...any) {
	for _, cleanUp := range beforeFail {
		cleanUp()
	}
	fmt.Fprintf(os.Stderr, "✗ "+message+"\n", values...)
	os.Exit(1)
}

// beforeFail is what Fail does before it ends the cell, which runs no deferred functions.
var beforeFail []func()

// onFail has Fail call a function, until the function that it returns is called.
func onFail(cleanUp func()) (forget func()) {
	beforeFail = append(beforeFail, cleanUp)
	return func() { beforeFail = beforeFail[:len(beforeFail)-1] }
}
