package bench

import (
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/ganymede-ml/ganymede/gan/display"
)

// plotColors tell arms apart for colour-blind readers too (Okabe and Ito 2008, https://jfly.uni-koeln.de/color/).
var plotColors = []color.NRGBA{
	{R: 0x66, G: 0x66, B: 0x66, A: 255}, {R: 0, G: 114, B: 178, A: 255}, {R: 230, G: 159, B: 0, A: 255},
	{R: 213, G: 94, B: 0, A: 255}, {R: 0, G: 158, B: 115, A: 255}, {R: 204, G: 121, B: 167, A: 255},
}

// Pixels of the picture, and how many of them an inch has.
const plotWidth, plotHeight, plotDPI = 760, 480, 96

// WritePlot draws accuracies, or with rare classes their recall, against the pictures a class: a line for each arm, with
// intervals.
func (r *Result) WritePlot(path string) error {
	p := plot.New()
	p.Title.Text = r.plotTitle()
	p.Title.Padding = vg.Points(6)
	p.X.Label.Text, p.Y.Label.Text = "pictures of a class", "test pictures told right, %"
	if r.Imbalance != "" {
		p.X.Label.Text, p.Y.Label.Text = "pictures of a class that is not rare", "recall of the rare classes, %"
	}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Tick.Label.Font, axis.Label.TextStyle.Font = plotfont.From(sans, 9), plotfont.From(sans, 10)
		axis.LineStyle.Color, axis.Tick.Length = color.Gray{Y: 160}, 0
		axis.Padding = vg.Points(4)
	}
	p.Title.TextStyle.Font, p.Legend.TextStyle.Font = plotfont.From(sans, 12), plotfont.From(sans, 10)
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{Y: 228}, color.Gray{Y: 240}
	p.Add(grid)
	if err := r.addLines(p); err != nil {
		return err
	}
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = r.ticks()
	p.X.Min, p.X.Max = p.X.Min/1.15, p.X.Max*1.15
	p.Y.Tick.Marker = plot.TickerFunc(evenTicks)
	p.Legend.Padding = vg.Points(3)
	p.Legend.XOffs, p.Legend.YOffs = -vg.Points(8), vg.Points(8)

	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(plotWidth)*vg.Inch/plotDPI, vg.Length(plotHeight)*vg.Inch/plotDPI), vgimg.UseDPI(plotDPI),
		vgimg.UseBackgroundColor(color.White))
	p.Draw(draw.Crop(draw.New(canvas), vg.Points(10), -vg.Points(14), vg.Points(8), -vg.Points(8)))
	return display.SavePNG(path, canvas.Image())
}

// sans is the font of all text.
var sans = plotfont.Font{Typeface: "Liberation", Variant: "Sans"}

// plotTitle says what is drawn.
func (r *Result) plotTitle() string {
	title := r.Data
	if len(r.Seeds) > 0 { // None are named where settings have different ones.
		title += ", " + seedsText(len(r.Seeds))
	}
	title += ", intervals of 95 %"
	if r.Imbalance != "" {
		title += "; rare: " + r.Imbalance
	}
	return title
}

// addLines draws a line for each arm, the arms beside one another so that their intervals do not hide one another.
func (r *Result) addLines(p *plot.Plot) error {
	arms := r.arms()
	for i, arm := range arms {
		var points estimates
		for _, row := range r.Rows {
			if row.Arm != arm {
				continue
			}
			estimate := row.Accuracy
			if row.Rare != nil {
				estimate = row.Rare.Accuracy
			}
			x := r.place(row) * math.Pow(1.045, float64(i)-float64(len(arms)-1)/2)
			points = append(points, plotted{x, estimate})
		}
		slices.SortFunc(points, func(a, b plotted) int { return int(math.Copysign(1, a.x-b.x)) })
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return err
		}
		bars, err := plotter.NewYErrorBars(points)
		if err != nil {
			return err
		}
		hue := plotColors[i%len(plotColors)]
		line.Color, line.Width = hue, vg.Points(1.5)
		marks.Color, marks.Shape, marks.Radius = hue, draw.CircleGlyph{}, vg.Points(3)
		bars.Color, bars.Width, bars.CapWidth = hue, vg.Points(1), vg.Points(6)
		p.Add(line, marks, bars)
		p.Legend.Add(arm, line, marks)
	}
	return nil
}

// arms returns the arms in the order of the rows.
func (r *Result) arms() []string {
	var arms []string
	for _, row := range r.Rows {
		if !slices.Contains(arms, row.Arm) {
			arms = append(arms, row.Arm)
		}
	}
	return arms
}

// place returns where a row lies: its number of pictures a class.
func (r *Result) place(row Row) float64 {
	if row.PerClass != All {
		return float64(row.PerClass)
	}
	return float64(r.Train) / float64(len(r.Classes))
}

// ticks marks the numbers of pictures that were measured.
func (r *Result) ticks() plot.Ticker {
	var ticks plot.ConstantTicks
	for _, row := range r.Rows {
		label := strconv.Itoa(row.PerClass)
		if row.PerClass == All {
			label = "all"
		}
		tick := plot.Tick{Value: r.place(row), Label: label}
		if !slices.Contains(ticks, tick) {
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// evenTicks returns about six round numbers of an axis.
func evenTicks(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/4)))
	for _, factor := range []float64{5, 2} {
		if (high-low)/(factor*step) >= 4 {
			step *= factor
			break
		}
	}
	var ticks []plot.Tick
	for i := math.Ceil(low / step); i*step <= high; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: strconv.FormatFloat(i*step, 'g', 4, 64)})
	}
	return ticks
}

// plotted is an estimate at its place.
type plotted struct {
	x float64
	Estimate
}

// estimates are points with intervals, in percent.
type estimates []plotted

func (e estimates) Len() int { return len(e) }

func (e estimates) XY(i int) (x, y float64) { return e[i].x, 100 * e[i].Value }

func (e estimates) YError(i int) (below, above float64) {
	if !e[i].hasInterval() {
		return 0, 0
	}
	return 100 * (*e[i].Low - e[i].Value), 100 * (*e[i].High - e[i].Value)
}
