// Ganymede trains generative adversarial networks: `go run . train` on a clean machine teaches one to draw digits.
package main

import (
	"os"

	"github.com/ganymede-ml/ganymede/internal/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], os.Stdout, os.Stderr))
}
