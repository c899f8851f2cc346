package inpaint

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/ganymede-ml/ganymede/gan"
)

// Game is a pair of networks, one that fills holes and one that judges, and how far the first one's guesses are from what was
// there. Pictures are float32 [batch, height, width, channels] in [-1, 1], masks float32 [batch, height, width, 1], 1 in the
// hole. The size is the height and width of the pictures that the game is played with; of it depends how deep the networks
// are. A trained network may be given larger pictures.
type Game interface {
	// Check returns an error if a field is out of range, or pictures of the size cannot be filled.
	Check(size int) error

	// Multiple returns the number that must divide the height and width of what Guesses and Judge are given. Others are made
	// larger by mirroring, and cropped.
	Multiple(size int) int

	// Guesses returns what the network draws, shaped like the pictures, whose holes are 0: all its guesses, the best one last. They
	// are cut to [-1, 1] where they are judged or shown.
	Guesses(scope *model.Scope, pictures, masks *Node, size int) []*Node

	// Judge returns the discriminator's logits or scores of pictures, real ones or with their holes filled.
	Judge(scope *model.Scope, pictures, masks *Node, size int) *Node

	// Distance returns how far the guesses are from the pictures, a scalar.
	Distance(guesses []*Node, pictures, masks *Node) *Node

	// Weights returns those of Distance and of the discriminator's judgement in the generator's loss.
	Weights() (reconstruction, adversarial float64)

	// Loss returns what the players minimize unless a Config says otherwise.
	Loss() gan.Loss
}

// Games holds the types of games by name.
var Games = gan.NewRegistry[Game]("game of inpainting")

// orDefault returns the value, or the default if it is zero.
func orDefault(value, defaultValue int) int {
	if value == 0 {
		return defaultValue
	}
	return value
}

// orOne returns the value, or 1 if it is zero.
func orOne(value float64) float64 {
	if value == 0 {
		return 1
	}
	return value
}
