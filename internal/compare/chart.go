package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ganymede-ml/ganymede/gan"
)

// A chart is drawn in these units; the page scales it.
const (
	chartWidth, chartHeight = 640.0, 420.0
	chartLeft, chartRight   = 70.0, 26.0
	chartTop, chartBottom   = 10.0, 36.0

	chartPoints = 120 // Of a curve, at most: each is the mean of the steps around it.
	colours     = 8   // Of curves, before they repeat.
)

// chart is curves of all runs over the steps, ready to be drawn.
type chart struct {
	Title, Caption string
	Left, Top      float64 // Of the frame that the curves are in.
	Right, Bottom  float64
	Width, Height  float64
	XTicks, YTicks []tick
	Curves         []curve
}

type tick struct {
	At   float64
	Text string
}

type curve struct {
	Name   string
	Colour int
	Dashed bool
	Points string // "x,y x,y …"
}

// series are the values of a run over its steps.
type series struct {
	name   string
	colour int
	dashed bool
	x, y   []float64
}

// charts returns the curves of the runs, one chart for each kind.
func (c *Comparison) charts() []chart {
	kinds := []struct {
		title, caption string
		solid, dashed  func(s gan.Step) float64
	}{
		{"Loss of the discriminator", "", func(s gan.Step) float64 { return s.DiscriminatorLoss }, nil},
		{"Loss of the generator", "", func(s gan.Step) float64 { return s.GeneratorLoss }, nil},
		{"Logits", "dashed: for fake examples",
			func(s gan.Step) float64 { return s.RealLogit }, func(s gan.Step) float64 { return s.FakeLogit }},
	}
	var list []chart
	for _, kind := range kinds {
		var all []series
		for i, r := range c.Runs {
			if len(r.log) == 0 {
				continue
			}
			all = append(all, r.series(i%colours, false, kind.solid))
			if kind.dashed != nil {
				all = append(all, r.series(i%colours, true, kind.dashed))
			}
		}
		if len(all) > 0 {
			list = append(list, newChart(kind.title, kind.caption, all))
		}
	}
	if distances := c.distances(); len(distances) > 0 {
		list = append(list, newChart("Distance of the samples from the data", "500 samples, while training", distances))
	}
	return list
}

// distances returns the curves of what the runs' monitors saw. Runs of other data have other features and are left out.
func (c *Comparison) distances() []series {
	var all []series
	for i, r := range c.Runs {
		s := series{name: r.Name, colour: i % colours}
		for _, look := range r.looks {
			if look.Distance > 0 && look.BackTo == nil {
				s.x, s.y = append(s.x, float64(look.Step)), append(s.y, look.Distance)
			}
		}
		if len(s.x) > 1 && r.Data == c.Runs[0].Data {
			all = append(all, s)
		}
	}
	return all
}

// series returns a curve of the run: means over equally many steps each.
func (r *Result) series(colour int, dashed bool, of func(s gan.Step) float64) series {
	s := series{name: r.Name, colour: colour, dashed: dashed}
	count := min(chartPoints, len(r.log))
	for i := range count {
		part := r.log[i*len(r.log)/count : (i+1)*len(r.log)/count]
		var x, y float64
		for _, step := range part {
			x += float64(step.N) / float64(len(part))
			y += of(step) / float64(len(part))
		}
		s.x, s.y = append(s.x, x), append(s.y, y)
	}
	return s
}

// newChart fits axes to the curves. A few values far out do not count for the vertical one: they leave the chart.
func newChart(title, caption string, all []series) chart {
	lastX := 1.0
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range all {
		lastX = max(lastX, s.x[len(s.x)-1])
		sorted := slices.Sorted(slices.Values(s.y))
		low = min(low, sorted[len(sorted)/50])
		high = max(high, sorted[len(sorted)-1-len(sorted)/50])
	}
	if high-low < 1e-9 {
		low, high = low-0.5, high+0.5
	}
	margin := (high - low) / 20
	low, high = low-margin, high+margin
	c := chart{Title: title, Caption: caption, Width: chartWidth, Height: chartHeight,
		Left: chartLeft, Top: chartTop, Right: chartWidth - chartRight, Bottom: chartHeight - chartBottom}
	atX := func(x float64) float64 { return chartLeft + x/lastX*(chartWidth-chartLeft-chartRight) }
	atY := func(y float64) float64 {
		return chartHeight - chartBottom - (y-low)/(high-low)*(chartHeight-chartTop-chartBottom)
	}
	for _, x := range ticks(0, lastX, 1, 6) {
		c.XTicks = append(c.XTicks, tick{atX(x), strconv.FormatFloat(x, 'f', -1, 64)})
	}
	for _, y := range ticks(low, high, 0, 5) {
		c.YTicks = append(c.YTicks, tick{atY(y), strconv.FormatFloat(y, 'g', 4, 64)})
	}
	for _, s := range all {
		var points []string
		for i := range s.x {
			y := max(-chartHeight, min(2*chartHeight, atY(s.y[i])))
			points = append(points, fmt.Sprintf("%.1f,%.1f", atX(s.x[i]), y))
		}
		c.Curves = append(c.Curves, curve{Name: s.name, Colour: s.colour, Dashed: s.dashed, Points: strings.Join(points, " ")})
	}
	return c
}

// ticks returns about count round numbers between low and high, at least the distance given apart.
func ticks(low, high, least float64, count int) []float64 {
	rough := max(least, (high-low)/float64(count))
	step := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 5, 10} {
		if step*factor >= rough {
			step *= factor
			break
		}
	}
	var list []float64
	for i := math.Ceil(low / step); i*step <= high; i++ {
		list = append(list, i*step+0) // Minus zero becomes zero.
	}
	return list
}
