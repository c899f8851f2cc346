package xla_test

import (
	"context"
	"fmt"
	"os"

	"github.com/ganymede-ml/ganymede/xla"
)

// The pure Go backend, asked for by name. Without the variable, the fastest that this machine has.
func ExampleOpen() {
	if err := os.Setenv(xla.BackendEnv, "go"); err != nil {
		panic(err)
	}
	choice, err := xla.Open(context.Background(), xla.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s: %s\n", choice.Kind, choice.Backend.Name())
	fmt.Println(choice.Note)
	// Output:
	// go: Go Backend
	// the pure Go backend, several times slower than XLA: GOMLX_BACKEND=go asks for it; unset it to use XLA
}
