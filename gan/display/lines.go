package display

import (
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// addLine adds a curve to the plot, broken at NaN. A value with a gap on either side is drawn as a dot.
func addLine(p *plot.Plot, points plotter.XYs, hue color.NRGBA, width float64) {
	overlap := 1
	if hue.A < 255 {
		overlap = 0 // A faint line that is drawn twice shows.
	}
	for _, segment := range segments(points) {
		if len(segment) == 1 {
			p.Add(&plotter.Scatter{XYs: segment, GlyphStyle: draw.GlyphStyle{
				Color: hue, Radius: vg.Points(width), Shape: draw.CircleGlyph{}}})
			continue
		}
		for _, piece := range pieces(thin(segment), overlap) {
			p.Add(&plotter.Line{XYs: piece, LineStyle: draw.LineStyle{Color: hue, Width: vg.Points(width)}})
		}
	}
}

// clamp returns the points with each value between the ends of the axis. Cut at the ends by the plot instead, a line would
// be drawn in pieces, whose faint colours add up where they overlap.
func clamp(points plotter.XYs, low, high float64) plotter.XYs {
	result := slices.Clone(points)
	for i := range result {
		result[i].Y = max(low, min(high, result[i].Y)) // NaN stays NaN.
	}
	return result
}

// segments splits points at NaN.
func segments(points plotter.XYs) []plotter.XYs {
	var result []plotter.XYs
	start := 0
	for i := 0; i <= len(points); i++ {
		if i < len(points) && !math.IsNaN(points[i].Y) {
			continue
		}
		if i > start {
			result = append(result, points[start:i])
		}
		start = i + 1
	}
	return result
}

// thin keeps the least and the greatest value of each stretch where there are more points than pixels to draw them, so
// that a long training draws as fast as a short one and looks the same.
func thin(points plotter.XYs) plotter.XYs {
	const stretches = 1000
	if len(points) <= 2*stretches {
		return points
	}
	result := make(plotter.XYs, 0, 2*stretches+2)
	result = append(result, points[0])
	for i := range stretches {
		stretch := points[i*len(points)/stretches : (i+1)*len(points)/stretches]
		least, greatest := 0, 0
		for j, point := range stretch {
			if point.Y < stretch[least].Y {
				least = j
			}
			if point.Y > stretch[greatest].Y {
				greatest = j
			}
		}
		result = append(result, stretch[min(least, greatest)], stretch[max(least, greatest)])
	}
	return append(result, points[len(points)-1])
}

// pieces cuts a long curve into short ones, as the time to draw one grows with the square of its length. Each begins with
// as many of the last one's points as overlap says.
func pieces(points plotter.XYs, overlap int) []plotter.XYs {
	const length = 100
	var result []plotter.XYs
	for len(points) > 2*length {
		result = append(result, points[:length])
		points = points[length-overlap:]
	}
	return append(result, points)
}

// limits are the least and greatest values seen.
type limits struct {
	xMin, xMax, yMin, yMax float64
}

// newLimits returns limits that have seen nothing.
func newLimits() *limits {
	return &limits{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)}
}

// add widens the limits to the points, leaving out the given share of values at either end of the vertical axis.
func (l *limits) add(points plotter.XYs, share float64) {
	var values []float64
	for _, point := range points {
		if !math.IsNaN(point.Y) {
			values = append(values, point.Y)
			l.xMin, l.xMax = min(l.xMin, point.X), max(l.xMax, point.X)
		}
	}
	if len(values) == 0 {
		return
	}
	slices.Sort(values)
	skip := int(share * float64(len(values)))
	l.yMin, l.yMax = min(l.yMin, values[skip]), max(l.yMax, values[len(values)-1-skip])
}

// axes returns where the axes begin and end: 0 to 1 if nothing was seen, otherwise at what was seen, the horizontal axis
// from 0 if that is near, and a little more above and below.
func (l *limits) axes() (xMin, xMax, yMin, yMax float64) {
	if l.xMin > l.xMax {
		return 0, 1, 0, 1
	}
	xMin, xMax = widen(l.xMin, l.xMax, 0)
	if xMin > 0 && xMin < 0.1*xMax {
		xMin = 0
	}
	yMin, yMax = widen(l.yMin, l.yMax, 0.05)
	return xMin, xMax, yMin, yMax
}

// widen adds a share of the range at both ends, or, to a range of one value, something to see it by.
func widen(low, high, share float64) (float64, float64) {
	if low == high {
		margin := max(0.5, math.Abs(low)*0.1)
		return low - margin, high + margin
	}
	margin := (high - low) * share
	return low - margin, high + margin
}

// roundTicks marks an axis at some six round values, at least so far apart.
func roundTicks(low, high, least float64) []plot.Tick {
	step := math.Pow10(int(math.Floor(math.Log10((high - low) / 4))))
	for _, factor := range []float64{5, 2} {
		if (high-low)/(step*factor) >= 4 {
			step *= factor
			break
		}
	}
	step = max(step, least)
	decimals := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i <= high/step+1e-9; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: tickLabel(i*step, decimals)})
	}
	return ticks
}

// tickLabel writes a value of an axis: plainly where it is short, otherwise with an exponent.
func tickLabel(value float64, decimals int) string {
	if value == 0 {
		return "0" // Never -0.
	}
	if decimals > 4 || math.Abs(value) >= 1e7 {
		return strconv.FormatFloat(value, 'g', 4, 64)
	}
	if decimals == 0 {
		return thousands(value)
	}
	return strconv.FormatFloat(value, 'f', decimals, 64)
}
