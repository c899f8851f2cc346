package display

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Series is one curve: a loss or a score over the steps.
type Series struct {
	// Name is shown in the legend; a series without a name has no entry.
	Name string

	// X are the steps, in increasing order, one for each Y; nil means 1, 2, 3, ….
	X []float64

	// Y are the values. NaN and infinite values leave a gap.
	Y []float64

	// Smooth is the number of values in the centred moving average that is drawn in full colour, the values themselves
	// faint behind it. Near the ends and around gaps it averages what is there. Zero or one draws the values alone.
	Smooth int
}

// Curves draws series over a common axis of steps, with a legend. It is Chart{Title: title, Series: series}.
func Curves(title string, series ...Series) image.Image {
	return Chart{Title: title, Series: series}.Draw()
}

// Chart says how to draw curves.
type Chart struct {
	Title  string
	Series []Series

	// XLabel and YLabel name the axes. An empty XLabel means "step"; an empty YLabel leaves its axis without a name.
	XLabel, YLabel string

	// YMin and YMax end the vertical axis. Both zero means: all values of the series drawn without smoothing; all of the
	// average and the middle 98 % of the values of those drawn with it, so that a spike does not flatten the rest.
	YMin, YMax float64

	// Width and Height are the picture's, in pixels. Zero means 760 and 400.
	Width, Height int
}

// chartDPI makes text of 10 points readable in a notebook; points are 1/72 inch.
const chartDPI = 96

// seriesColors tell curves apart for colour-blind readers too (Okabe and Ito 2008, https://jfly.uni-koeln.de/color/).
var seriesColors = []color.NRGBA{
	{R: 0, G: 114, B: 178, A: 255}, {R: 213, G: 94, B: 0, A: 255}, {R: 0, G: 158, B: 115, A: 255},
	{R: 204, G: 121, B: 167, A: 255}, {R: 230, G: 159, B: 0, A: 255}, {R: 86, G: 180, B: 233, A: 255},
}

// hueOf is the colour of the i-th series.
func hueOf(i int) color.NRGBA { return seriesColors[i%len(seriesColors)] }

var inkColor = color.Gray{Y: 64}

// Draw returns the chart. Without a value to draw it shows empty axes.
// It panics if a series has a different number of X and Y.
func (c Chart) Draw() image.Image {
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = c.XLabel, c.YLabel
	if c.XLabel == "" {
		p.X.Label.Text = "step"
		p.X.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick { return roundTicks(low, high, 1) })
	}
	raw, averages, limits := make([]plotter.XYs, len(c.Series)), make([]plotter.XYs, len(c.Series)), newLimits()
	for i, series := range c.Series {
		raw[i] = series.points()
		if series.Smooth <= 1 {
			limits.add(raw[i], 0)
			continue
		}
		averages[i] = movingAverage(raw[i], series.Smooth)
		limits.add(raw[i], 0.01)
		limits.add(averages[i], 0)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = limits.axes()
	if c.YMin != 0 || c.YMax != 0 {
		p.Y.Min, p.Y.Max = c.YMin, c.YMax
	}
	for i := range c.Series {
		if averages[i] != nil {
			faint := hueOf(i)
			faint.A = 60
			addLine(p, clamp(raw[i], p.Y.Min, p.Y.Max), faint, 0.75)
		}
	}
	for i := range c.Series {
		if averages[i] != nil {
			addLine(p, averages[i], hueOf(i), 2)
		} else {
			addLine(p, raw[i], hueOf(i), 1.5)
		}
	}
	return c.render(p)
}

// newPlot returns empty axes in the style of every chart: a light grid, no frame, sans-serif text.
func newPlot() *plot.Plot {
	p := plot.New()
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick { return roundTicks(low, high, 0) })
		axis.Tick.Label.Font = plotfont.From(sans, 9)
		axis.Tick.Label.Color = inkColor
		axis.Tick.Length = 0
		axis.Label.TextStyle.Font = plotfont.From(sans, 10)
		axis.Label.TextStyle.Color = inkColor
		axis.Label.Padding = vg.Points(4)
		axis.Padding = vg.Points(4)
		axis.LineStyle.Color = color.Gray{Y: 160}
	}
	p.Y.LineStyle.Width = 0
	grid := plotter.NewGrid()
	grid.Horizontal.Color = color.Gray{Y: 228}
	grid.Vertical.Color = color.Gray{Y: 240}
	p.Add(grid)
	return p
}

// render draws the plot under its title and legend.
func (c Chart) render(p *plot.Plot) image.Image {
	width, height := orDefault(c.Width, 760), orDefault(c.Height, 400)
	canvas := vgimg.NewWith(vgimg.UseWH(pixelLength(width), pixelLength(height)), vgimg.UseDPI(chartDPI),
		vgimg.UseBackgroundColor(color.White))
	page := draw.Crop(draw.New(canvas), vg.Points(10), -vg.Points(14), vg.Points(8), -vg.Points(8))

	style := p.X.Label.TextStyle
	style.XAlign, style.YAlign = draw.XLeft, draw.YTop
	left, top := page.Min.X+vg.Points(2), page.Max.Y
	if c.Title != "" {
		title := style
		title.Font, title.Color = plotfont.From(sans, 13), color.Black
		page.FillText(title, vg.Point{X: left, Y: top}, c.Title)
		top -= title.Height(c.Title) + vg.Points(6)
	}
	top = c.legend(page, style, left, top)
	page.Max.Y = top - vg.Points(4)
	p.Draw(page)
	return canvas.Image()
}

// legend writes the names of the series beside a piece of their line, from the left and top given, on as many lines as
// they need; it returns where the rest of the page begins.
func (c Chart) legend(page draw.Canvas, style draw.TextStyle, left, top vg.Length) vg.Length {
	const dash, space, gap = 16, 5, 16 // points
	x, lineHeight := left, style.Height("X")+vg.Points(5)
	named := false
	for i, series := range c.Series {
		if series.Name == "" {
			continue
		}
		width := vg.Points(dash+space+gap) + style.Width(series.Name)
		if x > left && x+width-vg.Points(gap) > page.Max.X {
			x, top = left, top-lineHeight
		}
		y := top - style.Height("X")/2
		page.StrokeLine2(draw.LineStyle{Color: hueOf(i), Width: vg.Points(2.5)},
			x, y, x+vg.Points(dash), y)
		page.FillText(style, vg.Point{X: x + vg.Points(dash+space), Y: top}, series.Name)
		x += width
		named = true
	}
	if named {
		top -= lineHeight
	}
	return top
}

// pixelLength is the length of so many pixels.
func pixelLength(pixels int) vg.Length {
	return vg.Length(pixels) * vg.Inch / chartDPI
}

// points returns the series' points, with NaN for every value that is not drawn.
func (s Series) points() plotter.XYs {
	if s.X != nil && len(s.X) != len(s.Y) {
		panic(fmt.Sprintf("display: series %q has %d values of X and %d of Y", s.Name, len(s.X), len(s.Y)))
	}
	points := make(plotter.XYs, len(s.Y))
	for i, y := range s.Y {
		points[i] = plotter.XY{X: float64(i + 1), Y: y}
		if s.X != nil {
			points[i].X = s.X[i]
		}
		if !isFinite(points[i].X) || !isFinite(y) {
			points[i].Y = math.NaN()
		}
	}
	return points
}

// isFinite tells whether a value can be drawn.
func isFinite(value float64) bool {
	return !math.IsNaN(value) && !math.IsInf(value, 0)
}

// movingAverage replaces each value by the mean of the window values around it, of those there are; gaps stay gaps.
func movingAverage(points plotter.XYs, window int) plotter.XYs {
	before, after := (window-1)/2, window/2
	result := slices.Clone(points)
	for i := range points {
		if math.IsNaN(points[i].Y) {
			continue
		}
		sum, count := 0.0, 0
		for _, point := range points[max(0, i-before):min(len(points), i+after+1)] {
			if !math.IsNaN(point.Y) {
				sum += point.Y
				count++
			}
		}
		result[i].Y = sum / float64(count)
	}
	return result
}
