package cli

import (
	"image"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/gan/health"
)

const (
	gridSamples  = 64
	gridColumns  = 8
	pointSamples = 1000 // Points in a picture.

	interpolationRows    = 8
	interpolationColumns = 12
)

// pictures draws what a training of an ordinary GAN makes.
type pictures struct {
	*film
	trainer *gan.Trainer
	cloud   *display.Cloud // For points; nil for pictures.
}

// newPictures forgets the frames of steps that a crash undid.
func newPictures(trainer *gan.Trainer, data *trainData, dir string) (*pictures, error) {
	p := &pictures{trainer: trainer}
	if data.points() {
		p.cloud = newCloud(data.Set)
	}
	p.film = &film{dir: dir, draw: p.grid}
	return p, p.forget(trainer.Steps())
}

// newCloud draws points over some of the set's.
func newCloud(set *datasets.Set) *display.Cloud {
	n := min(set.Len(), 2*pointSamples)
	return &display.Cloud{Real: tensors.FromFlatDataAndDimensions(set.Points[:2*n], n, 2)}
}

// grid draws samples, the same ones in every step, with a column for each class where the run was told classes.
func (p *pictures) grid() (image.Image, error) {
	n, columns := classGrid(p.trainer.Config().Condition.Classes)
	if p.cloud != nil {
		n = pointSamples
	}
	samples, err := p.trainer.Sample(n)
	if err != nil {
		return nil, err
	}
	return draw(samples, p.cloud, columns), nil
}

// draw draws samples as a grid, or as points over those of the cloud.
func draw(samples *tensors.Tensor, cloud *display.Cloud, columns int) image.Image {
	if cloud != nil {
		return cloud.Draw(samples)
	}
	return display.Grid(samples, columns)
}

// finish draws the pictures of the whole run and returns their paths.
func (p *pictures) finish() ([]string, error) {
	picture, err := p.grid()
	if err != nil {
		return nil, err
	}
	between, err := p.interpolation()
	if err != nil {
		return nil, err
	}
	losses, err := lossCurves(p.dir)
	if err != nil {
		return nil, err
	}
	files := []namedPicture{{"interpolation.png", between}, {"losses.png", losses}}
	distances, err := distanceCurve(p.dir)
	if err != nil {
		return nil, err
	}
	if distances != nil {
		files = append(files, namedPicture{"distance.png", distances})
	}
	return p.end(p.trainer.Steps(), picture, files...)
}

// interpolation draws what lies between samples.
func (p *pictures) interpolation() (image.Image, error) {
	rows, columns := interpolationRows, interpolationColumns
	if p.cloud != nil {
		columns = pointSamples / rows
	}
	samples, err := p.trainer.Interpolate(rows, columns, p.trainer.Config().Seed)
	if err != nil {
		return nil, err
	}
	if p.cloud != nil {
		return p.cloud.Draw(samples), nil
	}
	return display.Strip(samples, rows), nil
}

// lossCurves draws the losses in the log of a run.
func lossCurves(dir string) (image.Image, error) {
	steps, err := gan.ReadLog(dir)
	if err != nil {
		return nil, err
	}
	var losses curves
	for _, step := range steps {
		losses.add("discriminator", step.N, step.DiscriminatorLoss)
		losses.add("generator", step.N, step.GeneratorLoss)
	}
	return losses.draw("Losses"), nil
}

// distanceCurve draws how far samples were from the data, as the monitor saw them; nil if it did so fewer than two times.
func distanceCurve(dir string) (image.Image, error) {
	reports, err := health.ReadReports(dir)
	if err != nil {
		return nil, err
	}
	distance := display.Series{Name: "distance"}
	for _, report := range reports {
		if report.Distance > 0 && report.BackTo == nil {
			distance.X = append(distance.X, float64(report.Step))
			distance.Y = append(distance.Y, report.Distance)
		}
	}
	if len(distance.X) < 2 {
		return nil, nil
	}
	return display.Curves("Distance of the samples from the data", distance), nil
}
