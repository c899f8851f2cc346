// Package preset names whole configurations: those of papers, every value stated, and those found best here.
//
// A preset knows its paper, and says in Deviations where it differs. Widths differ nearly everywhere: networks here are
// narrow enough for a laptop, and the paper's widths are a field away.
package preset

import (
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// Preset is a configuration by name.
type Preset struct {
	Name       string
	Summary    string   // A line.
	Paper      string   // Authors, title, year and address; "" where there is none.
	Batch      int      // Examples of a batch.
	Steps      int      // Of a run here.
	Deviations []string // Where it differs from the paper, a sentence each.

	build func(data Data) (gan.Config, error)
}

// Data is what a preset must know of the examples.
type Data struct {
	Shape   []int // Of one: [height, width, channels], or [2] for points of the plane.
	Classes int   // Their number; 0 for none.
}

// isPoints tells whether the examples are points of the plane.
func (d Data) isPoints() bool { return len(d.Shape) == 1 }

// wantsPictures returns an error if the examples are points.
func (d Data) wantsPictures() error {
	if d.isPoints() {
		return errors.Errorf("its networks make pictures, and the examples are points; for points there are quick, plain, lsgan, wgan, wgan-gp, dragan and pacgan2")
	}
	return nil
}

// wantsClasses returns an error if the examples have no classes.
func (d Data) wantsClasses() error {
	if d.Classes < 2 {
		return errors.New("it tells the players the class of each example, and the data has no classes; " +
			"give pictures in a folder for each class, or take dcgan or sngan")
	}
	return nil
}

// Config returns the configuration for the data. The error says what the preset cannot do with it, and what can.
func (p Preset) Config(data Data) (gan.Config, error) {
	config, err := p.build(data)
	if err != nil {
		return config, errors.WithMessagef(err, "preset %s", p.Name)
	}
	return config, errors.WithMessagef(config.Check(), "preset %s", p.Name)
}

var all = []Preset{
	quick, plain,
	dcgan, lsgan, wgan, wganGP, dragan, pacgan2,
	cgan, acgan, projection,
	sngan, sagan, r3gan, stylegan2,
}

// All returns the presets, in the order in which one might read about them.
func All() []Preset { return slices.Clone(all) }

// Names returns their names, in that order.
func Names() []string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	return names
}

// Named returns the preset of that name. The error for an unknown one lists the nearest.
func Named(name string) (Preset, error) {
	for _, p := range all {
		if p.Name == name {
			return p, nil
		}
	}
	return Preset{}, errors.Errorf("there is no preset %q%s (all: %s)", name, nearest.Hint(name, Names()), strings.Join(Names(), ", "))
}
