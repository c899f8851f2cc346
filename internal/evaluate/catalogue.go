package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/gan/metrics"
	"github.com/ganymede-ml/ganymede/internal/nearest"
)

// ssimWindow is the height and width of the window in which pictures are compared by structural similarity.
const ssimWindow = 11

// settingOf is the setting that tells the most a score can be.
const settingOf = "of"

// needs is what a metric cannot do without.
type needs struct {
	features   bool // Of pictures.
	classifier bool // In the extractor.
	pictures   bool
	labels     bool // Of both sides, of the same classes.
	pairs      bool
	origin     bool // What the pictures were made from.
	again      bool // What comes back when they are translated back.
	masks      bool // Of holes.
}

// metric is something that can be asked for by name. It may have several scores.
type metric struct {
	name    string
	scores  []about
	needs   needs
	usual   bool // It is among those for pictures if none is asked for.
	summary string
	compute func(e *evaluation) error
}

// about is what is to be known of a score beforehand.
type about struct {
	key  string
	best string // What a perfect generator has, in words; "" if it depends on the data.
}

// catalogue returns the metrics in the order of their scores.
func catalogue() []metric {
	return []metric{
		{
			name: "fid", scores: []about{{"fid", "0"}}, needs: needs{features: true, pictures: true}, usual: true,
			summary: "Fréchet distance of the features", compute: (*evaluation).fid,
		}, {
			name: "kid", scores: []about{{"kid", "0"}}, needs: needs{features: true, pictures: true}, usual: true,
			summary: "kernel distance of the features", compute: (*evaluation).kid,
		}, {
			name: "is", scores: []about{{"is", ""}}, needs: needs{features: true, pictures: true, classifier: true}, usual: true,
			summary: "inception score", compute: (*evaluation).is,
		}, {
			name: "prdc", scores: []about{{"precision", "1"}, {"recall", "1"}, {"density", "1"}, {"coverage", "1"}},
			needs: needs{features: true, pictures: true}, usual: true,
			summary: "precision, recall, density and coverage", compute: (*evaluation).prdc,
		}, {
			name: "classes", scores: []about{{"classes", "0"}}, needs: needs{features: true, pictures: true, classifier: true}, usual: true,
			summary: "how the shares of the classes diverge from the data's", compute: (*evaluation).classes,
		}, {
			name: "modes", scores: []about{{"modes", ""}, {"high_quality", "1"}, {"reverse_kl", "0"}},
			summary: "modes reached: of points their Gaussians, of pictures the classes", compute: (*evaluation).modes,
		}, {
			name: "ms-ssim", scores: []about{{"ms-ssim", ""}}, needs: needs{pictures: true},
			summary: "likeness of samples among each other; beside it the data's", compute: (*evaluation).msSSIM,
		}, {
			name: "swd", scores: []about{{"swd", "0"}},
			summary: "sliced Wasserstein distance of the pixels", compute: (*evaluation).swd,
		}, {
			name: "diversity", scores: []about{{"diversity", "1"}},
			summary: "how much samples differ, relative to the data", compute: (*evaluation).diversity,
		}, {
			name: "nearest", scores: []about{{"nearest", "about 1"}, {"copies", "0"}}, needs: needs{features: true, pictures: true},
			summary: "distance to the nearest of the data, and the share of copies", compute: (*evaluation).nearest,
		}, {
			name: "cas", scores: []about{{"gan_train", ""}, {"gan_test", ""}}, needs: needs{pictures: true, labels: true},
			summary: "accuracy of a classifier trained on samples, and the reverse", compute: (*evaluation).cas,
		}, {
			name: "l1", scores: []about{{"l1", "0"}}, needs: needs{pictures: true, pairs: true},
			summary: "mean difference of the pixels of pairs, from 0 to 1", compute: (*evaluation).l1,
		}, {
			name: "psnr", scores: []about{{"psnr", "∞"}}, needs: needs{pictures: true, pairs: true},
			summary: "signal-to-noise ratio of pairs, in dB", compute: (*evaluation).psnr,
		}, {
			name: "ssim", scores: []about{{"ssim", "1"}}, needs: needs{pictures: true, pairs: true},
			summary: "structural similarity of pairs", compute: (*evaluation).ssim,
		}, {
			name: "perceptual", scores: []about{{"perceptual", "0"}}, needs: needs{pictures: true, pairs: true},
			summary: "distance of pairs as the extractor's layers see it (LPIPS form)", compute: (*evaluation).perceptual,
		}, {
			name: "hole_l1", scores: []about{{"hole_l1", "0"}}, needs: needs{pictures: true, pairs: true, masks: true},
			summary: "of filled pictures: l1 in the hole alone", compute: (*evaluation).holeL1,
		}, {
			name: "hole_psnr", scores: []about{{"hole_psnr", "∞"}}, needs: needs{pictures: true, pairs: true, masks: true},
			summary: "of filled pictures: psnr in the hole alone", compute: (*evaluation).holePSNR,
		}, {
			name: "hole_ssim", scores: []about{{"hole_ssim", "1"}}, needs: needs{pictures: true, pairs: true, masks: true},
			summary: "of filled pictures: ssim in the hole alone", compute: (*evaluation).holeSSIM,
		}, {
			name: "cycle", scores: []about{{"cycle", "0"}}, needs: needs{pictures: true, again: true},
			summary: "of translations: l1 between pictures and what comes back when they are translated there and back",
			compute: (*evaluation).cycle,
		}, {
			name: "label", scores: []about{{"label", "1"}}, needs: needs{pictures: true, classifier: true, origin: true},
			summary: "of pictures made from pictures: the share that a classifier sees in the class they had", compute: (*evaluation).label,
		},
	}
}

// MetricNames returns what metrics may be asked for.
func MetricNames() []string {
	var names []string
	for _, m := range catalogue() {
		names = append(names, m.name)
	}
	return names
}

// ScoreKeys returns the keys of all scores that there can be, in their order.
func ScoreKeys() []string {
	var keys []string
	for _, m := range catalogue() {
		for _, score := range m.scores {
			keys = append(keys, score.key)
		}
	}
	return keys
}

// MetricSummary says in a few words what a metric is.
func MetricSummary(name string) string {
	for _, m := range catalogue() {
		if m.name == name {
			return m.summary
		}
	}
	return ""
}

// Perfect returns what a perfect generator has in a score, in words, or "" if that depends on the data.
func Perfect(key string, score metrics.Score) string {
	if most := score.Card.Settings[settingOf]; most != "" {
		return most
	}
	if data, ok := score.Parts[partData]; ok {
		return fmt.Sprintf("%.4g, as the data", data)
	}
	key = strings.TrimSuffix(key, secondDirection)
	for _, m := range catalogue() {
		for _, score := range m.scores {
			if score.key == key {
				return score.best
			}
		}
	}
	return ""
}

// CheckMetrics returns an error that names the first name no metric has.
func CheckMetrics(names []string) error {
	known := MetricNames()
	for _, name := range names {
		if MetricSummary(name) == "" {
			return errors.Errorf("there is no metric %q%s (all: %s)", name, nearest.Hint(name, known), strings.Join(known, ", "))
		}
	}
	return nil
}

// choose chooses the metrics: those asked for, or those that make sense.
func (e *evaluation) choose() error {
	asked := map[string]bool{}
	for _, name := range e.Metrics {
		asked[name] = true
	}
	for _, m := range catalogue() {
		lacks := e.lacks(m)
		switch {
		case asked[m.name] && lacks != "":
			return errors.Errorf("%s %s", m.name, lacks)
		case asked[m.name]:
			e.chosen = append(e.chosen, m)
		case len(asked) > 0 || !e.isUsual(m):
		case lacks != "":
			e.note("%s is left out: it %s", m.name, lacks)
		default:
			e.chosen = append(e.chosen, m)
		}
	}
	if len(e.chosen) == 0 {
		return errors.Errorf("there is no metric for %s and %s", e.Real.Name, e.Fake.Name)
	}
	return nil
}

// isUsual tells whether a metric is taken if none is asked for.
func (e *evaluation) isUsual(m metric) bool {
	switch {
	case e.Usual != nil:
		return slices.Contains(e.Usual, m.name)
	case !e.Real.ArePictures():
		return m.name == "modes" && e.Real.Modes != nil || m.name == "swd"
	case e.Paired:
		return m.needs.pairs
	}
	return m.usual
}

// lacks returns why a metric cannot be had of these sources, or "".
func (e *evaluation) lacks(m metric) string {
	switch {
	case m.needs.pictures && !e.Real.ArePictures():
		return "is for pictures, and " + e.Fake.Name + " holds points in the plane, for which there are modes, swd and diversity"
	case m.needs.classifier && len(e.extractor.Classes()) == 0:
		return "needs a classifier, and " + e.extractor.Name() + " has none; choose --features digits, fashion, emoji or inception:FILE"
	case m.needs.pairs && !e.Paired:
		return "compares pictures pair by pair; if picture i of one side belongs to picture i of the other, add --paired"
	case m.needs.origin && e.Origin == nil:
		return "is of pictures made from pictures, by a run of translate or inpaint (--run)"
	case m.needs.again && e.Again == nil:
		return "is of pictures that are translated there and back, by a run of cyclegan (--run)"
	case m.needs.masks && e.Masks == nil:
		return "is of filled holes, by a run of inpaint (--run)"
	case strings.HasSuffix(m.name, "ssim") && m.needs.pairs && min(e.Real.Shape[0], e.Real.Shape[1]) < ssimWindow:
		return fmt.Sprintf("is for larger pictures: those of %s, %s, are smaller than the %d×%d window", e.Real.Name, ShapeText(e.Real.Shape), ssimWindow, ssimWindow)
	case m.needs.labels:
		for _, side := range []*Source{e.Real, e.Fake} {
			if side.Labels == nil {
				return "needs the class of each picture, and " + side.Name + " has none; folders have one for each sub-folder, runs if they are conditional"
			}
		}
		if e.Real.Classes != e.Fake.Classes {
			return "needs the same classes on both sides, and there are " + countText(e.Real) + " and " + countText(e.Fake)
		}
		if e.Real.Classes < 2 {
			return "needs at least 2 classes, and " + e.Real.Name + " has a single one"
		}
	case m.name == "modes" && !e.Real.ArePictures() && e.Real.Modes == nil:
		return "of points needs to know where they are, and " + e.Real.Name + " does not tell; take rings or grid for --real"
	case m.name == "modes" && e.Real.ArePictures() && len(e.extractor.Classes()) == 0:
		return "of pictures are the classes of a classifier, and " + e.extractor.Name() + " has none; choose --features digits, fashion, emoji or inception:FILE"
	}
	return ""
}

func countText(s *Source) string { return fmt.Sprintf("%d of %s", s.Classes, s.Name) }
