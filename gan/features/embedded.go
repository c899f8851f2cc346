package features

import (
	_ "embed"
	"strconv"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/safetensors"
)

// The weights of the networks that the package carries. The command in bench/features made them.
var (
	//go:embed data/digits.safetensors
	digitsFile []byte
	//go:embed data/fashion.safetensors
	fashionFile []byte
	//go:embed data/emoji.safetensors
	emojiFile []byte
)

// embedded is a network whose weights the package carries.
type embedded struct {
	*Classifier
	file []byte
	hash string // The SHA-256 of the file in hexadecimal.
}

// As package datasets has names, shapes and classes, of which this one knows nothing.
func init() {
	for _, e := range []embedded{
		{
			&Classifier{"digits", []int{28, 28, 1}, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
			digitsFile, "a093261e8f4dc19ccda44cdbb34067c23f296f890613e564c0a75947e4639e8b",
		},
		{
			&Classifier{"fashion", []int{28, 28, 1}, []string{
				"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
			}},
			fashionFile, "373e98ef3c1d46e42022d1f68c24766551fa8745d67d80dbd70df3a17c50c858",
		},
		{
			&Classifier{"emoji", []int{32, 32, 3}, []string{
				"Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects",
				"Symbols", "Flags",
			}},
			emojiFile, "0d644e95f44d54b2e402445a150547af49d9d26ec0778495027cdff143aa49b3",
		},
	} {
		entries[e.name] = entry{network: e, weights: e.weights}
	}
}

// weights returns the weights in the file, and its SHA-256. They are read anew each time, as an extractor takes them over.
func (e embedded) weights() (map[string]*tensors.Tensor, string, error) {
	list, _, err := safetensors.Read(e.file)
	if err != nil {
		return nil, "", err
	}
	weights := make(map[string]*tensors.Tensor, len(list))
	for _, named := range list {
		weights[named.Name] = named.Tensor
	}
	return weights, e.hash, nil
}

// Origin is where the weights of a network that the package carries come from.
type Origin struct {
	Data     string  // What it was trained on, and what it was judged by.
	Pictures int     // The number it was trained on.
	HeldOut  int     // The number it was judged by, none of which it was trained on.
	Accuracy float64 // The share of those that it gives their class.
	Seed     int64   // Of the training.
	Command  string  // What trained it, in this repository.
}

// Origin returns where the weights come from, if the package carries them; otherwise false.
func (e *Extractor) Origin() (Origin, bool) {
	network, ok := e.network.(embedded)
	if !ok {
		return Origin{}, false
	}
	origin, err := network.origin()
	return origin, err == nil
}

// Accuracy returns the share of pictures held out that the network gives their class, if the package carries its weights;
// otherwise false.
func (e *Extractor) Accuracy() (float64, bool) {
	origin, ok := e.Origin()
	return origin.Accuracy, ok
}

// origin reads what the file says of itself.
func (e embedded) origin() (Origin, error) {
	_, metadata, err := safetensors.Read(e.file)
	if err != nil {
		return Origin{}, err
	}
	origin := Origin{Data: metadata["data"], Command: metadata["command"]}
	pictures, errPictures := strconv.Atoi(metadata["pictures"])
	held, errHeld := strconv.Atoi(metadata["held_out"])
	accuracy, errAccuracy := strconv.ParseFloat(metadata["accuracy"], 64)
	seed, errSeed := strconv.ParseInt(metadata["seed"], 10, 64)
	for _, err := range []error{errPictures, errHeld, errAccuracy, errSeed} {
		if err != nil {
			return Origin{}, errors.Wrapf(err, "metadata of %s", e.name)
		}
	}
	origin.Pictures, origin.HeldOut, origin.Accuracy, origin.Seed = pictures, held, accuracy, seed
	return origin, nil
}
