package bench

import (
	"cmp"
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/enlarge"
	"github.com/ganymede-ml/ganymede/gan/features"
)

// GAN returns the maker of the arms gan and both: a conditional GAN and the network that filters its samples, both trained on
// the subset alone, as package enlarge does it by the options. Where the GAN has no sample that the filter takes, there is none:
// what enlarge would put in its place is left out. The set tells the shape of the pictures and the classes.
//
// It is an error if no GAN can learn such pictures.
func GAN(backend compute.Backend, set *datasets.Set, options enlarge.Options) (Maker, error) {
	config, batch, steps, err := enlarge.Recipe(set)
	if err != nil {
		return Maker{}, err
	}
	if options.GAN.Config != nil {
		config = *options.GAN.Config
	}
	batch, steps = cmp.Or(options.GAN.Batch, batch), cmp.Or(options.GAN.Steps, steps)
	options.Method = cmp.Or(options.Method, "gan")
	words := fmt.Sprintf("%s by a conditional GAN (%s, %s, trained for %d steps of up to %d pictures)", options.Method,
		gan.Architectures.NameOf(config.Arch), gan.Losses.NameOf(config.Loss), steps, batch)
	return Maker{
		Recipe: words,
		Settings: struct {
			GAN                          gan.Config
			Batch, Steps, Tries          int
			Method, Policy               string
			Share, Confidence, CopyRatio float64
			Filter                       features.Training
		}{config, batch, steps, options.Tries, options.Method, options.Policy.String(), options.Share, options.Confidence,
			options.CopyRatio, options.Filter},
		Make: func(ctx context.Context, subset *datasets.Set, n int, seed int64) (*datasets.Set, error) {
			options.To, options.Seed = n, seed
			options.GAN.Steps = steps
			enlarger, err := enlarge.New(backend, subset, options)
			if err != nil {
				return nil, err
			}
			larger, origins, err := enlarger.Set(ctx)
			if err != nil {
				return nil, err
			}
			var made []int
			for i, origin := range origins {
				if origin.Method != "original" && origin.InPlaceOf == "" {
					made = append(made, i)
				}
			}
			return larger.Select(made), nil
		},
	}, nil
}
