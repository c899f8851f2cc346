package style

import (
	"context"
	"image/color"
	"strings"
	"testing"

	"github.com/ganymede-ml/ganymede/internal/gantest"
)

func TestGatysLowersItsLoss(t *testing.T) {
	backend := gantest.Go()
	encoder, err := OpenEncoder("small")
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	g := Gatys{Steps: 20, Progress: func(step int, loss float64) { losses = append(losses, loss) }}
	content := pattern(30, 21)
	content.SetNRGBA(3, 3, color.NRGBA{1, 2, 3, 50})
	result, err := g.Transfer(context.Background(), backend, encoder, content, pattern(16, 24))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if len(losses) != 20 || losses[19] > 0.8*losses[0] {
		t.Errorf("losses %.4g", losses)
	}
	if result.Bounds() != content.Bounds() || result.At(3, 3).(color.NRGBA).A != 50 {
		t.Errorf("bounds %v, %v", result.Bounds(), result.At(3, 3))
	}

	ctx, cancel := context.WithCancel(context.Background())
	g = Gatys{Noise: true, Progress: func(step int, _ float64) {
		if step == 2 {
			cancel()
		}
	}}
	if _, err := g.Transfer(ctx, backend, encoder, content, content); err == nil || !strings.Contains(err.Error(), "stopped after 2 of 300") {
		t.Errorf("error %v", err)
	}
	for _, g := range []Gatys{{ContentLayer: "relu9_1"}, {StyleWeight: -1}, {Steps: -1}} {
		if _, err := g.Transfer(context.Background(), backend, encoder, content, content); err == nil {
			t.Errorf("%+v is taken", g)
		}
	}
}
