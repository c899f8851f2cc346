package compare

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"math"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/internal/atomicfile"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what the template shows.
type page struct {
	Title       string
	N           int
	Seed        int64
	Notes       []string
	Runs        []pageRun
	Scores      []pageRow
	HasFloor    bool // There are scores of the data itself.
	Charts      []chart
	Differences []Difference
}

type pageRun struct {
	*Result
	Colour       int
	Arch, Loss   string
	Time         string
	Picture      template.URL
	PictureWidth int
}

// pageRow is a score of all runs.
type pageRow struct {
	Name  string
	Cells []pageScore
	Floor string
}

type pageScore struct {
	Text string
	Best bool
}

// WritePage writes the comparison as a page of HTML, which needs nothing beside it.
func (c *Comparison) WritePage(path string) error {
	p := page{Title: fmt.Sprintf("%d runs side by side", len(c.Runs)), N: c.N, Seed: c.Seed, Notes: c.Notes(), Charts: c.charts()}
	var err error
	if p.Differences, err = c.Differences(); err != nil {
		return err
	}
	floor := c.floor()
	p.HasFloor = floor != nil
	for _, column := range c.columns() {
		row := pageRow{Name: column.Name, Floor: column.text(floor)}
		for _, r := range c.Runs {
			row.Cells = append(row.Cells, pageScore{column.text(r.Scores), c.best(column, r)})
		}
		p.Scores = append(p.Scores, row)
	}
	for i, r := range c.Runs {
		picture, err := dataURI(r.grid)
		if err != nil {
			return err
		}
		run := pageRun{Result: r, Colour: i % colours, Time: r.time(), Picture: picture, PictureWidth: r.grid.Bounds().Dx(),
			Arch: gan.Architectures.NameOf(r.record.Config.Arch), Loss: gan.Losses.NameOf(r.record.Config.Loss)}
		p.Runs = append(p.Runs, run)
	}
	var text bytes.Buffer
	if err := pageTemplate.Execute(&text, p); err != nil {
		return errors.Wrap(err, "page")
	}
	return errors.WithMessage(atomicfile.Write(filepath.Clean(path), text.Bytes()), "page")
}

// best tells whether no other run's score comes nearer to what a perfect generator has.
func (c *Comparison) best(column column, run *Result) bool {
	gap := func(r *Result) float64 {
		if score, ok := column.in(r.Scores); ok {
			return score.distance()
		}
		return math.Inf(1)
	}
	count := 0
	for _, other := range c.Runs {
		if gap(other) < gap(run) {
			return false
		}
		if !math.IsInf(gap(other), 1) {
			count++
		}
	}
	return count > 1 && !math.IsInf(gap(run), 1)
}

// dataURI returns the picture as an address that holds it.
func dataURI(picture image.Image) (template.URL, error) {
	var data bytes.Buffer
	if err := png.Encode(&data, picture); err != nil {
		return "", errors.Wrap(err, "page")
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(data.Bytes())), nil
}
