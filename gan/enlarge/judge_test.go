package enlarge

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/ganymede-ml/ganymede/datasets"
)

// answer makes an Enlarger whose "GAN" answers with what draw returns for a seed and a class, and returns what came of it.
func answer(t *testing.T, set *datasets.Set, options Options, draw func(random *rand.Rand, label int32) []uint8) []Origin {
	t.Helper()
	e := enlarger(t, set, options)
	e.draw = func(seeds []int64, labels []int32) ([]uint8, error) {
		var pictures []uint8
		for i, seed := range seeds {
			pictures = append(pictures, draw(rand.New(rand.NewPCG(uint64(seed), 1)), labels[i])...)
		}
		return pictures, nil
	}
	_, origins, err := e.Set(context.Background())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return origins
}

// fresh returns a new picture of a class of bars.
func fresh(random *rand.Rand, label int32) []uint8 {
	counts := []int{0, 0, 0}
	counts[label] = 1
	picture := bars(counts...).Pixels
	for i := range picture {
		picture[i] = min(255, max(picture[i], 40)-40+uint8(random.IntN(80)))
	}
	return picture
}

// count sums up the origins of new pictures.
func count(origins []Origin) (accepted, doubted, copies, inPlace int) {
	for _, o := range origins {
		if o.Method == ganName {
			accepted++
		}
		if o.InPlaceOf != "" {
			inPlace++
		}
		doubted, copies = doubted+o.Doubted, copies+o.Copies
	}
	return accepted, doubted, copies, inPlace
}

// TestJudge plants copies and samples of the wrong class among good ones.
func TestJudge(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a network")
	}
	set := bars(12, 12, 12)
	options := quick("gan", 16) // 12 new pictures.
	options.Confidence, options.Filter.Steps = 0.5, 60
	options.Keep = t.TempDir() // The filter is trained once.
	planted := func(random *rand.Rand, label int32) []uint8 {
		i := int(label)*12 + random.IntN(12)
		return append([]uint8(nil), set.Pixels[64*i:64*(i+1)]...)
	}
	t.Run("good", func(t *testing.T) {
		origins := answer(t, set, options, fresh)
		if accepted, doubted, copies, _ := count(origins); accepted != 12 || copies != 0 || doubted > 3 {
			t.Errorf("%d accepted, %d doubted, %d copies; want 12, hardly any and 0", accepted, doubted, copies)
		}
	})
	t.Run("copies", func(t *testing.T) {
		origins := answer(t, set, options, planted)
		if accepted, _, copies, inPlace := count(origins); accepted != 0 || copies != 12*options.Tries || inPlace != 12 {
			t.Errorf("%d accepted, %d copies, %d replaced; want 0, %d and 12", accepted, copies, inPlace, 12*options.Tries)
		}
	})
	t.Run("noisy copies", func(t *testing.T) {
		origins := answer(t, set, options, func(random *rand.Rand, label int32) []uint8 {
			picture := planted(random, label)
			for i := range picture {
				picture[i] = max(picture[i], 3) - uint8(random.IntN(3))
			}
			return picture
		})
		if accepted, _, copies, _ := count(origins); accepted != 0 || copies < 11*options.Tries {
			t.Errorf("%d accepted, %d copies; want 0 and nearly all", accepted, copies)
		}
	})
	t.Run("wrong class", func(t *testing.T) {
		origins := answer(t, set, options, func(random *rand.Rand, label int32) []uint8 { return fresh(random, (label+1)%3) })
		if accepted, doubted, _, inPlace := count(origins); accepted > 1 || doubted < 11*options.Tries || inPlace < 11 {
			t.Errorf("%d accepted, %d doubted, %d replaced; want 0, %d and 12", accepted, doubted, inPlace, 12*options.Tries)
		}
	})
	t.Run("now and then", func(t *testing.T) {
		options.Tries = 30
		origins := answer(t, set, options, func(random *rand.Rand, label int32) []uint8 {
			if random.IntN(3) > 0 {
				return planted(random, label)
			}
			return fresh(random, label)
		})
		accepted, _, copies, inPlace := count(origins)
		if accepted != 12 || inPlace != 0 || copies < 8 {
			t.Errorf("%d accepted, %d copies, %d replaced; want 12, about 24 and 0", accepted, copies, inPlace)
		}
		for _, o := range origins {
			if o.Method == ganName && (o.Tries != 1+o.Copies+o.Doubted || o.Ratio < 0.1 || o.Nearest == nil) {
				t.Errorf("an accepted sample has the origin %+v", o)
			}
		}
	})
}
