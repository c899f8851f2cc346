package cli

import (
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/datasets"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
	"github.com/ganymede-ml/ganymede/gan/health"
)

const (
	frames       = 20   // Grids drawn while training, about.
	maxFrames    = 60   // In the animation; a run that was resumed may have more.
	drawingShare = 0.03 // Of the time of a training, at most, that drawing on the way may take.

	gridSamples  = 64
	gridColumns  = 8
	pointSamples = 1000 // Points in a picture.

	interpolationRows    = 8
	interpolationColumns = 12
)

// frameName is the name of a grid in the folder samples.
var frameName = regexp.MustCompile(`^step-(\d+)\.png$`)

// pictures draws what a training makes.
type pictures struct {
	trainer *gan.Trainer
	dir     string
	cloud   *display.Cloud // For points; nil for pictures.
	spent   time.Duration
	drawn   int // Frames drawn on the way.
}

// newPictures forgets the frames of steps that a crash undid.
func newPictures(trainer *gan.Trainer, data *trainData, dir string) (*pictures, error) {
	p := &pictures{trainer: trainer, dir: dir}
	if data.points() {
		p.cloud = newCloud(data.Set)
	}
	return p, p.forget(trainer.Steps())
}

// forget removes the frames of steps after the given one, which are lost.
func (p *pictures) forget(step int) error {
	list, err := p.frames()
	if err != nil {
		return err
	}
	for _, frame := range list {
		if frame.step > step {
			if err := os.Remove(frame.path); err != nil {
				return errors.Wrap(err, "samples of lost steps")
			}
		}
	}
	return nil
}

// newCloud draws points over some of the set's.
func newCloud(set *datasets.Set) *display.Cloud {
	n := min(set.Len(), 2*pointSamples)
	return &display.Cloud{Real: tensors.FromFlatDataAndDimensions(set.Points[:2*n], n, 2)}
}

// maybe draws a frame if it is time for one. More of them are drawn at the start, when the samples change faster.
func (p *pictures) maybe(step int, share float64, elapsed time.Duration) error {
	due := math.Pow(float64(p.drawn)/frames, 1.5)
	allowed := time.Duration(drawingShare * float64(elapsed) / share)
	if share < due || p.spent > allowed {
		return nil
	}
	p.drawn = int(frames*math.Pow(share, 1/1.5)) + 1 // Frames that could not be drawn in time are not made up for.
	start := time.Now()
	err := p.frame(step)
	p.spent += time.Since(start)
	return err
}

// frame draws the samples of a step.
func (p *pictures) frame(step int) error {
	picture, err := p.grid()
	if err != nil {
		return err
	}
	return display.SavePNG(p.framePath(step), picture)
}

func (p *pictures) framePath(step int) string {
	return filepath.Join(p.dir, samplesFolder, fmt.Sprintf("step-%08d.png", step))
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
	if err := display.SavePNG(p.framePath(p.trainer.Steps()), picture); err != nil {
		return nil, err
	}
	type file struct {
		name    string
		picture image.Image
	}
	files := []file{{"grid.png", picture}, {"interpolation.png", between}, {"losses.png", losses}}
	distances, err := distanceCurve(p.dir)
	if err != nil {
		return nil, err
	}
	if distances != nil {
		files = append(files, file{"distance.png", distances})
	}
	var paths []string
	for _, file := range files {
		path := filepath.Join(p.dir, file.name)
		if err := display.SavePNG(path, file.picture); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	movie := filepath.Join(p.dir, "training.gif")
	if err := p.animate(movie); err != nil {
		return nil, err
	}
	return append(paths, movie), nil
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
	smooth := len(steps) / 50
	discriminator := display.Series{Name: "discriminator", Smooth: smooth}
	generator := display.Series{Name: "generator", Smooth: smooth}
	for _, step := range steps {
		discriminator.X = append(discriminator.X, float64(step.N))
		discriminator.Y = append(discriminator.Y, step.DiscriminatorLoss)
		generator.X = append(generator.X, float64(step.N))
		generator.Y = append(generator.Y, step.GeneratorLoss)
	}
	return display.Curves("Losses", discriminator, generator), nil
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

// frame is a grid in the folder samples.
type frame struct {
	step int
	path string
}

// frames returns the grids there are, by step.
func (p *pictures) frames() ([]frame, error) {
	folder := filepath.Join(p.dir, samplesFolder)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "samples of the run")
	}
	var list []frame
	for _, entry := range entries {
		if match := frameName.FindStringSubmatch(entry.Name()); match != nil {
			if step, err := strconv.Atoi(match[1]); err == nil {
				list = append(list, frame{step, filepath.Join(folder, entry.Name())})
			}
		}
	}
	slices.SortFunc(list, func(a, b frame) int { return a.step - b.step })
	return list, nil
}

// animate writes the frames as an animation.
func (p *pictures) animate(path string) error {
	list, err := p.frames()
	if err != nil {
		return err
	}
	var movie display.Animation
	for i := range min(len(list), maxFrames) {
		frame := list[i]
		if len(list) > maxFrames {
			frame = list[i*(len(list)-1)/(maxFrames-1)]
		}
		picture, err := readPNG(frame.path)
		if err != nil {
			continue // Somebody has been in the folder; the others still make an animation.
		}
		movie.Add(display.Caption(picture, fmt.Sprintf("step %d", frame.step)))
	}
	return movie.WriteFile(path)
}

func readPNG(path string) (image.Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return png.Decode(file)
}
