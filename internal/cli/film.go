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

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/display"
)

const (
	frames       = 20   // Drawn while training, about.
	maxFrames    = 60   // In the animation; a run that was resumed may have more.
	drawingShare = 0.03 // Of the time of a training, at most, that drawing on the way may take.
)

// frameName is the name of a grid in the folder samples.
var frameName = regexp.MustCompile(`^step-(\d+)\.png$`)

// film is the pictures of a training as it goes on, frame by frame, in the folder samples of its run.
type film struct {
	dir   string                      // Of the run.
	draw  func() (image.Image, error) // Draws what the training makes now.
	spent time.Duration
	drawn int // Frames drawn on the way.
}

// forget removes the frames of steps after the given one, which are lost.
func (f *film) forget(step int) error {
	list, err := f.frames()
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

// maybe draws a frame if it is time for one. More of them are drawn at the start, when the samples change faster.
func (f *film) maybe(step int, share float64, elapsed time.Duration) error {
	due := math.Pow(float64(f.drawn)/frames, 1.5)
	allowed := time.Duration(drawingShare * float64(elapsed) / share)
	if share < due || f.spent > allowed {
		return nil
	}
	f.drawn = int(frames*math.Pow(share, 1/1.5)) + 1 // Frames that could not be drawn in time are not made up for.
	start := time.Now()
	err := f.frame(step)
	f.spent += time.Since(start)
	return err
}

// frame draws the samples of a step.
func (f *film) frame(step int) error {
	picture, err := f.draw()
	if err != nil {
		return err
	}
	return display.SavePNG(f.framePath(step), picture)
}

func (f *film) framePath(step int) string {
	return filepath.Join(f.dir, samplesFolder, fmt.Sprintf("step-%08d.png", step))
}

// frame is a picture in the folder samples.
type frame struct {
	step int
	path string
}

// frames returns the grids there are, by step.
func (f *film) frames() ([]frame, error) {
	folder := filepath.Join(f.dir, samplesFolder)
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
func (f *film) animate(path string) error {
	list, err := f.frames()
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

// namedPicture is a picture with the name of its file in the run folder.
type namedPicture struct {
	name    string
	picture image.Image
}

// end draws the last frame, which is grid.png, too, the other pictures of the run and the animation, and returns the paths.
func (f *film) end(step int, grid image.Image, others ...namedPicture) ([]string, error) {
	if err := display.SavePNG(f.framePath(step), grid); err != nil {
		return nil, err
	}
	var paths []string
	for _, file := range append([]namedPicture{{"grid.png", grid}}, others...) {
		path := filepath.Join(f.dir, file.name)
		if err := display.SavePNG(path, file.picture); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	movie := filepath.Join(f.dir, "training.gif")
	if err := f.animate(movie); err != nil {
		return nil, err
	}
	return append(paths, movie), nil
}

// curves are numbers of a training over its steps, by name.
type curves struct {
	series []display.Series
}

// add adds a point to the curve of the name.
func (c *curves) add(name string, step int, value float64) {
	i := slices.IndexFunc(c.series, func(s display.Series) bool { return s.Name == name })
	if i < 0 {
		i = len(c.series)
		c.series = append(c.series, display.Series{Name: name})
	}
	c.series[i].X = append(c.series[i].X, float64(step))
	c.series[i].Y = append(c.series[i].Y, value)
}

// draw draws the curves, smoothed.
func (c *curves) draw(title string) image.Image {
	for i := range c.series {
		c.series[i].Smooth = len(c.series[i].X) / 50
	}
	return display.Curves(title, c.series...)
}
