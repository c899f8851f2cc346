package bench

import (
	"fmt"
	"slices"

	"github.com/ganymede-ml/ganymede/gan/features"
)

// InpaintResult is what a bench of filled holes found.
type InpaintResult struct {
	Data        string              `json:"data"`
	Shape       []int               `json:"shape"` // Of a picture.
	Train       int                 `json:"train"` // Pictures that networks learn from.
	Pictures    int                 `json:"pictures"`
	Seeds       []int64             `json:"seeds"`
	Judge       string              `json:"judge,omitempty"`     // The network that measures perceptual distances and recognises classes.
	Untouched   *Estimate           `json:"untouched,omitempty"` // The share of the true pictures that it recognises.
	Holes       []InpaintHoles      `json:"holes"`
	Rows        []InpaintRow        `json:"rows"`
	Comparisons []InpaintComparison `json:"comparisons,omitempty"`
	Recipes     []string            `json:"recipes,omitempty"`
	Notes       []string            `json:"notes,omitempty"`
	Dir         string              `json:"dir"`
}

// InpaintHoles is a kind of holes.
type InpaintHoles struct {
	Masks string  `json:"masks"`
	Words string  `json:"words"`
	Share float64 `json:"share"` // Of the pictures that is hole.
}

// InpaintRow is a method with a kind of holes.
type InpaintRow struct {
	Masks      string   `json:"masks"`
	Method     string   `json:"method"`
	Title      string   `json:"title"`
	Learned    bool     `json:"learned"`
	HoleL1     Measure  `json:"hole_l1"`              // The mean absolute difference in the hole, as a part of the whole range.
	HoleL2     Measure  `json:"hole_l2"`              // The mean squared difference likewise, as a part of the whole range's square.
	HolePSNR   Measure  `json:"hole_psnr"`            // In decibels, in the hole. A hole filled with the truth counts as if one value differed by 1.
	HoleSSIM   Measure  `json:"hole_ssim"`            // SSIM, averaged over the hole.
	SSIM       Measure  `json:"ssim"`                 // Of the whole picture.
	Perceptual *Measure `json:"perceptual,omitempty"` // Distance of the whole picture, whose known pixels are equal.
	Recognised *Measure `json:"recognised,omitempty"` // The share of filled pictures of which the judge sees the class.
	Seconds    float64  `json:"seconds"`              // To fill a picture, on the mean of the seeds.
}

// Measure is a mean over pictures and seeds.
type Measure struct {
	Estimate            // Its interval is over pictures, the mean over the seeds of each.
	OverSeeds Estimate  `json:"over_seeds"` // The same mean, its interval over seeds.
	BySeed    []float64 `json:"by_seed"`
}

// InpaintComparison says how a network compares with the classical method that does best by a measure, picture by picture.
type InpaintComparison struct {
	Masks      string   `json:"masks"`
	Method     string   `json:"method"`
	Against    string   `json:"against"`
	Measure    string   `json:"measure"`    // "hole L1" and so on.
	Difference Estimate `json:"difference"` // Its interval is over pictures.
	Verdict    string   `json:"verdict"`    // Better or Worse, where the whole interval is on that side, or NoDifference.

	text string // The difference as people read it.
}

// recognisedName is the name of the share that is recognised, in percent.
const recognisedName = "recognised, %"

// What comparisons may show.
const (
	Better       = "better"
	Worse        = "worse"
	NoDifference = "no difference shown"
)

// inpaintMeasures are the values of a cell that methods are compared by.
var inpaintMeasures = []struct {
	name     string
	smaller  bool // Is better.
	format   string
	of       func(InpaintCell) []float64
	in       func(*InpaintRow) *Measure
	compared bool
}{
	{"hole L1", true, "%.4f", func(c InpaintCell) []float64 { return c.HoleL1 }, func(r *InpaintRow) *Measure { return &r.HoleL1 }, true},
	{"hole L2", true, "%.4f", InpaintCell.holeL2, func(r *InpaintRow) *Measure { return &r.HoleL2 }, true},
	{"hole PSNR", false, "%.2f", func(c InpaintCell) []float64 { return c.HolePSNR }, func(r *InpaintRow) *Measure { return &r.HolePSNR }, true},
	{"hole SSIM", false, "%.3f", func(c InpaintCell) []float64 { return c.HoleSSIM }, func(r *InpaintRow) *Measure { return &r.HoleSSIM }, true},
	{"SSIM", false, "%.3f", func(c InpaintCell) []float64 { return c.SSIM }, func(r *InpaintRow) *Measure { return &r.SSIM }, false},
	{"perceptual", true, "%.4f", func(c InpaintCell) []float64 { return c.Perceptual }, func(r *InpaintRow) *Measure { return r.Perceptual }, true},
	{recognisedName, false, "%.1f", func(c InpaintCell) []float64 { return c.Recognised }, func(r *InpaintRow) *Measure { return r.Recognised }, true},
}

// result sums up the cells.
func (b *inpaintBench) result() *InpaintResult {
	r := &InpaintResult{Data: b.Data, Shape: b.Test.Shape, Train: b.Train.Len(), Pictures: b.Test.Len(), Seeds: b.Seeds,
		Untouched: b.untouched, Notes: b.notes, Dir: b.Dir}
	if b.Judge != nil {
		r.Judge = b.Judge.Name()
	}
	for _, kind := range b.Masks {
		r.Holes = append(r.Holes, b.describeHoles(kind))
		for _, method := range b.Methods {
			r.Rows = append(r.Rows, b.row(method, kind))
		}
	}
	for _, kind := range b.Masks {
		r.Comparisons = append(r.Comparisons, b.comparisons(kind)...)
	}
	for _, method := range b.Methods {
		if method.Recipe != "" {
			r.Recipes = append(r.Recipes, method.Title+": "+method.Recipe)
		}
	}
	if len(b.Seeds) == 1 {
		r.Notes = append(r.Notes, "One seed: intervals tell of the pictures alone, not of other trainings; take --seeds 3 or more.")
	}
	return r
}

// describeHoles returns a kind of holes as the seeds draw it.
func (b *inpaintBench) describeHoles(kind string) InpaintHoles {
	hole, all := 0, 0
	for _, seed := range b.Seeds {
		for _, value := range b.holes(kind, seed) {
			all++
			if value != 0 {
				hole++
			}
		}
	}
	return InpaintHoles{kind, maskKinds[slices.Index(MaskNames(), kind)].words, float64(hole) / float64(all)}
}

// row sums up a method with a kind of holes.
func (b *inpaintBench) row(method InpaintMethod, kind string) InpaintRow {
	row := InpaintRow{Masks: kind, Method: method.Name, Title: method.Title, Learned: method.Learned}
	if b.Judge != nil {
		row.Perceptual = new(Measure)
	}
	if b.labels != nil {
		row.Recognised = new(Measure)
	}
	for _, m := range inpaintMeasures {
		if at := m.in(&row); at != nil {
			*at = measureOf(b.values(method, kind, m.of))
		}
	}
	if row.Recognised != nil && len(b.Seeds) == 1 {
		low, high := features.Wilson(row.Recognised.Value, b.Test.Len()) // Also good for shares near 1.
		row.Recognised.Low, row.Recognised.High = &low, &high
	}
	for _, seed := range b.Seeds {
		row.Seconds += b.cell(method, kind, seed).Seconds / float64(len(b.Seeds))
	}
	return row
}

// values returns those of each seed, by picture.
func (b *inpaintBench) values(method InpaintMethod, kind string, of func(InpaintCell) []float64) [][]float64 {
	var values [][]float64
	for _, seed := range b.Seeds {
		values = append(values, of(b.cell(method, kind, seed)))
	}
	return values
}

// measureOf sums up the values of each seed, by picture.
func measureOf(values [][]float64) Measure {
	var m Measure
	for _, list := range values {
		m.BySeed = append(m.BySeed, independent(list).Value)
	}
	m.Estimate, m.OverSeeds = independent(meanOfSeeds(values)), independent(m.BySeed)
	return m
}

// meanOfSeeds returns the mean over the seeds of each picture's values.
func meanOfSeeds(values [][]float64) []float64 {
	means := make([]float64, len(values[0]))
	for _, list := range values {
		for i, value := range list {
			means[i] += value / float64(len(values))
		}
	}
	return means
}

// comparisons compares each network with the classical method that does best by each measure.
func (b *inpaintBench) comparisons(kind string) []InpaintComparison {
	var list []InpaintComparison
	for _, method := range b.Methods {
		if !method.Learned {
			continue
		}
		for _, m := range inpaintMeasures {
			own := b.values(method, kind, m.of)
			if !m.compared || own[0] == nil {
				continue
			}
			var best InpaintMethod
			var rival []float64
			for _, other := range b.Methods {
				if other.Learned {
					continue
				}
				values := meanOfSeeds(b.values(other, kind, m.of))
				if rival == nil || (independent(values).Value < independent(rival).Value) == m.smaller {
					best, rival = other, values
				}
			}
			if rival == nil {
				continue
			}
			c := InpaintComparison{Masks: kind, Method: method.Title, Against: best.Title, Measure: m.name,
				Difference: differences(meanOfSeeds(own), rival)}
			c.say(m.smaller, m.format)
			list = append(list, c)
		}
	}
	return list
}

// say says what the comparison shows.
func (c *InpaintComparison) say(smaller bool, format string) {
	d := c.Difference
	c.Verdict = NoDifference
	if d.hasInterval() {
		switch {
		case smaller && *d.High < 0 || !smaller && *d.Low > 0:
			c.Verdict = Better
		case smaller && *d.Low > 0 || !smaller && *d.High < 0:
			c.Verdict = Worse
		}
	}
	scale, signed := 1., "%+"+format[1:]
	if c.Measure == recognisedName {
		scale = 100
	}
	c.text = fmt.Sprintf(signed, scale*d.Value)
	if d.hasInterval() {
		c.text += fmt.Sprintf(" ("+signed+" … "+signed+")", scale**d.Low, scale**d.High)
	}
}
