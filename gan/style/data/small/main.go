// Command small trains the encoder and the decoder that package gan/style carries, and writes their files:
//
//	go run ./gan/style/data/small --part encoder --steps 3000
//	go run ./gan/style/data/small --part decoder --steps 20000 --run RUN
//
// The decoder's training is a run of style.New in the folder RUN: called again, it goes on to the number of steps. With --steps 0
// it only writes the file of its last checkpoint.
//
// All pictures are made from the embedded data sets and from textures in code. Other backends, and other versions of one, round
// otherwise and give other files.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"

	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/style"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
	"github.com/ganymede-ml/ganymede/internal/safetensors"
	"github.com/ganymede-ml/ganymede/xla"
)

func main() {
	part := flag.String("part", "encoder", "encoder or decoder")
	steps := flag.Int("steps", 3000, "of the training")
	count := flag.Int("pictures", 8000, "to learn from; of the decoder, contents and as many styles")
	seed := flag.Int64("seed", 1, "of pictures and training")
	dir := flag.String("run", "style-run", "run folder of the decoder's training")
	out := flag.String("out", "", "file to write; the embedded one, if it is empty")
	look := flag.String("look", "", "write some of the pictures to this PNG file, and do nothing else")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *out == "" {
		*out = "gan/style/data/" + *part + ".safetensors"
	}
	if err := run(ctx, *part, *steps, *count, *seed, *dir, *out, *look); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, part string, steps, count int, seed int64, dir, out, look string) error {
	sources, err := openSources()
	if err != nil {
		return err
	}
	if look != "" {
		return writeSheet(look, sources.draw(96, uint64(seed)))
	}
	choice, err := xla.Open(ctx, xla.Options{})
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	metadata := map[string]string{
		"data":    "emoji, fashion and digits before textures, and dead leaves, all made in code",
		"seed":    strconv.FormatInt(seed, 10),
		"backend": choice.Backend.Name(),
	}
	var weights map[string][]float32
	var shapes map[string][]int
	var names []string
	switch part {
	case "encoder":
		weights, err = trainEncoder(ctx, choice.Backend, sources.draw(count, uint64(seed)), steps, seed)
		names, shapes = layout()
		metadata["steps"] = strconv.Itoa(steps)
	case "decoder":
		var done int
		names, weights, shapes, done, err = trainDecoder(ctx, choice.Backend, sources, steps, count, seed, dir)
		metadata["steps"] = strconv.Itoa(done)
	default:
		return fmt.Errorf("there is no part %q", part)
	}
	if err != nil {
		return err
	}
	metadata["command"] = fmt.Sprintf("go run ./gan/style/data/small --part %s --steps %s --pictures %d --seed %d", part, metadata["steps"], count, seed)
	var list []safetensors.Named
	for _, name := range names {
		list = append(list, safetensors.Named{
			Name: name, Tensor: tensors.FromFlatDataAndDimensions(float16.FromFloat32s(weights[name]...), shapes[name]...),
		})
	}
	return write(out, list, metadata)
}

// layout returns the names and shapes of the small encoder's weights.
func layout() (names []string, shapes map[string][]int) {
	shapes = make(map[string][]int)
	for _, c := range style.SmallConvolutions() {
		names = append(names, c.Name+".kernel", c.Name+".bias")
		shapes[c.Name+".kernel"], shapes[c.Name+".bias"] = []int{3, 3, c.In, c.Out}, []int{c.Out}
	}
	return names, shapes
}

// write writes the file and says how large it is and its SHA-256.
func write(path string, list []safetensors.Named, metadata map[string]string) error {
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
