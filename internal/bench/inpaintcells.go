package bench

import (
	"math"
	"os"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// InpaintCell is what a method made of all pictures with holes of a kind. Its lists have a value for each picture.
type InpaintCell struct {
	Key        string    `json:"key"` // The hash of all that decides on the result.
	Data       string    `json:"data"`
	Method     string    `json:"method"`
	Masks      string    `json:"masks"`
	Seed       int64     `json:"seed"`
	Filled     string    `json:"filled"` // The SHA-256 of the file with the pictures.
	HoleL1     []float64 `json:"hole_l1"`
	HolePSNR   []float64 `json:"hole_psnr"`
	HoleSSIM   []float64 `json:"hole_ssim"`
	SSIM       []float64 `json:"ssim"`                 // Of the whole picture.
	Perceptual []float64 `json:"perceptual,omitempty"` // Distance of the whole picture.
	Recognised []float64 `json:"recognised,omitempty"` // 1 where the judge sees the picture's class, else 0.
	Backend    string    `json:"backend"`
	Seconds    float64   `json:"seconds"` // To fill a picture.
}

func (c InpaintCell) key() string { return c.Key }

// holeL2 returns the mean squared differences, as a part of the whole range's square. A mean over pictures of PSNR is ruled by the
// holes that are filled with the truth or nearly, of plain background; a mean of these by the ones that are not.
func (c InpaintCell) holeL2() []float64 {
	list := make([]float64, len(c.HolePSNR))
	for i, ratio := range c.HolePSNR {
		list[i] = math.Pow(10, -ratio/10)
	}
	return list
}

// inpaintVersion changes whenever the same settings would no longer give the same result.
const inpaintVersion = 1

// key returns the key of a cell.
func (b *inpaintBench) key(method InpaintMethod, kind string, seed int64) string {
	judge := ""
	if b.Judge != nil {
		judge = b.Judge.Name() + b.Judge.Hash()
	}
	return hashOf(struct {
		Version            int
		Method             string
		Settings           any
		Train, Test, Masks string
		Seed               int64
		Judge              string
		Labelled           bool
	}{inpaintVersion, method.Name, method.Settings, b.trainHash, b.testHash, kind, seed, judge, b.labels != nil})
}

// has tells whether a cell is there with its pictures.
func (b *inpaintBench) has(method InpaintMethod, kind string, seed int64) bool {
	cell, ok := b.store.cells[b.key(method, kind, seed)]
	if !ok {
		return false
	}
	data, err := os.ReadFile(b.filledPath(method, kind, seed))
	return err == nil && sha(data) == cell.Filled
}

// cell returns one that is there.
func (b *inpaintBench) cell(method InpaintMethod, kind string, seed int64) InpaintCell {
	return b.store.cells[b.key(method, kind, seed)]
}

// judge compares filled pictures with the true ones.
func (b *inpaintBench) judge(filled, masks []uint8) (InpaintCell, error) {
	shape := [3]int(b.Test.Shape)
	var cell InpaintCell
	var err error
	for _, metric := range []struct {
		values *[]float64
		of     func(a, b []uint8, shape [3]int, masks []uint8) ([]float64, error)
	}{{&cell.HoleL1, metrics.HoleL1}, {&cell.HolePSNR, metrics.HolePSNR}, {&cell.HoleSSIM, metrics.HoleSSIM}} {
		if *metric.values, err = metric.of(filled, b.Test.Pixels, shape, masks); err != nil {
			return cell, err
		}
	}
	area := shape[0] * shape[1]
	for i, ratio := range cell.HolePSNR {
		if math.IsInf(ratio, 1) {
			cell.HolePSNR[i] = leastPSNR(masks[i*area:(i+1)*area], shape[2])
		}
	}
	if cell.SSIM, err = metrics.SSIM(filled, b.Test.Pixels, shape); err != nil {
		return cell, err
	}
	if b.Judge != nil {
		if err := b.look(filled, &cell); err != nil {
			return cell, err
		}
	}
	for _, list := range [][]float64{cell.HoleL1, cell.HolePSNR, cell.HoleSSIM, cell.SSIM, cell.Perceptual} {
		for i, value := range list {
			list[i] = math.Round(value*1e7) / 1e7 // For a file of half the size.
		}
	}
	return cell, nil
}

// leastPSNR returns what a hole that is filled with the truth counts as: as if one value differed by 1.
func leastPSNR(mask []uint8, channels int) float64 {
	n := 0
	for _, hole := range mask {
		if hole != 0 {
			n += channels
		}
	}
	return 10 * math.Log10(255*255*float64(n))
}

// look has the judge look at filled pictures.
func (b *inpaintBench) look(filled []uint8, cell *InpaintCell) error {
	pictures, truth := b.tensor(filled), b.tensor(b.Test.Pixels)
	var err error
	if cell.Perceptual, err = b.Judge.Distance(pictures, truth); err != nil {
		return err
	}
	if b.labels != nil {
		cell.Recognised, err = b.recognised(pictures)
	}
	return err
}

// recognised returns 1 for each picture of which the judge sees the class, 0 for the others.
func (b *inpaintBench) recognised(pictures *tensors.Tensor) ([]float64, error) {
	_, logits, err := b.Judge.Extract(pictures)
	if err != nil {
		return nil, err
	}
	classes := len(b.Judge.Classes())
	list := make([]float64, len(b.labels))
	for i, label := range b.labels {
		best := 0
		for class, logit := range logits[i*classes : (i+1)*classes] {
			if logit > logits[i*classes+best] {
				best = class
			}
		}
		if best == int(label) {
			list[i] = 1
		}
	}
	return list, nil
}

// tensor returns the pictures as one.
func (b *inpaintBench) tensor(pixels []uint8) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(pixels, append([]int{b.Test.Len()}, b.Test.Shape...)...)
}

// lookAtTruth finds out whether the judge knows the classes, and how many of the true pictures it tells right.
func (b *inpaintBench) lookAtTruth() error {
	if b.Judge == nil {
		return nil
	}
	classes := b.Judge.Classes()
	if len(classes) == 0 || b.Test.Labels == nil || !slices.Equal(classes, b.Test.Classes) {
		return nil
	}
	b.labels = b.Test.Labels
	list, err := b.recognised(b.tensor(b.Test.Pixels))
	if err != nil {
		return err
	}
	right := 0
	for _, value := range list {
		right += int(value)
	}
	share := float64(right) / float64(len(list))
	low, high := features.Wilson(share, len(list))
	b.untouched = &Estimate{share, &low, &high}
	return nil
}
