package course

import (
	"fmt"
	"math"
	"os"
)

// Check prints what should be true, after a ✓, and fails the cell if it is not.
func Check(isTrue bool, claim string, values ...any) {
	if !isTrue {
		Fail("not true: "+claim, values...)
	}
	fmt.Printf("✓ "+claim+"\n", values...)
}

// Full is Check, but in quick mode, whose trainings are too short for it, a claim that does not hold is only told.
func Full(isTrue bool, claim string, values ...any) {
	if !isTrue && Quick() {
		fmt.Printf("· too short a training for: "+claim+"\n", values...)
		return
	}
	Check(isTrue, claim, values...)
}

// Same prints a number that was computed by hand and the library's, and fails the cell if they differ by more than the
// tolerance, relative to the larger one or, below 1, absolute.
func Same(what string, byHand, library, tolerance float64) {
	fmt.Printf("%s: %.6g by hand, %.6g from the library\n", what, byHand, library)
	scale := max(1, math.Abs(byHand), math.Abs(library))
	Check(math.Abs(byHand-library) <= tolerance*scale, "the same")
}

// SolutionsVariable is the environment variable under which an exercise that is not solved fails its cell: it is set where
// the solutions themselves are checked.
const SolutionsVariable = "GANYMEDE_SOLUTIONS"

// Exercise tells how an exercise stands: not begun, solved, or not quite, with a hint.
func Exercise(number int, begun, solved bool, hint string) {
	verdict := fmt.Sprintf("Exercise %d: not solved yet.", number)
	switch {
	case solved:
		verdict = fmt.Sprintf("Exercise %d: right.", number)
	case begun:
		verdict = fmt.Sprintf("Exercise %d: not quite. %s", number, hint)
	}
	if !solved && os.Getenv(SolutionsVariable) != "" {
		Fail("%s", verdict)
	}
	fmt.Println(verdict)
}
