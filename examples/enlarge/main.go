// Command enlarge makes ten times as many labelled pictures of a small set, half of them by a GAN that has seen nothing else,
// and says what became of each class:
//
//	go run ./examples/enlarge             # 20 pictures of each kind of clothes become 200, in the folder more-clothes
//	go run ./examples/enlarge DIR NEW     # those of DIR, a folder for each class, in the folder NEW
//
// It takes some two minutes on two processor cores. Stopped, it goes on when it is started again.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan/enlarge"
	"github.com/ganymede-ml/ganymede/xla"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	name, dir, open := "fashion", "more-clothes", datasets.Options{View: datasets.View{PerClass: 20}}
	if len(os.Args) == 3 {
		name, dir, open = "folder:"+os.Args[1], os.Args[2], datasets.Options{Size: 32}
	}
	set, err := datasets.Open(name, open)
	if err != nil {
		return err
	}
	largest := 0
	for _, list := range set.ByClass() {
		largest = max(largest, len(list))
	}
	choice, err := xla.Open(ctx, xla.Options{})
	if err != nil {
		return err
	}
	defer choice.Backend.Finalize()
	stage := ""
	options := enlarge.Options{To: 10 * largest, Seed: 1, View: open.View, Progress: func(now string, _, _ int) {
		if now != stage {
			stage = now
			log.Print(stage)
		}
	}}
	result, err := enlarge.Write(ctx, choice.Backend, set, options, enlarge.Folder{Dir: dir})
	if err != nil {
		return err
	}
	for _, class := range result.Manifest.Classes {
		samples := class.Samples
		fmt.Printf("%-12s %4d pictures: %d its own, %d changed, %d samples (%d looked at, %d doubted, %d copies)\n", class.Name, class.Pictures,
			class.Made["original"], class.Made["classic"], class.Made["gan"], samples.Tries, samples.Doubted, samples.Copies)
	}
	fmt.Println(result.Sheet)
	return nil
}
