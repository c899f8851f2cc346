package metrics_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/ganymede-ml/ganymede/gan/metrics"
)

// Two tools give two distances; their cards tell why.
func ExampleCard_Differences() {
	one := metrics.Card{Metric: "fid", Extractor: "digits", Samples: 10_000, References: 10_000, Reference: "digits", Seed: 1}
	other := one
	other.Seed = 2
	fmt.Println(one.Differences(other))
	other.Extractor, other.Samples = "inception", 5_000
	for _, difference := range one.Differences(other) {
		fmt.Println(difference)
	}
	// Output:
	// []
	// extractor: digits, inception
	// samples: 10000, 5000
}

func card() metrics.Card {
	return metrics.Card{
		Metric: "kid", Extractor: "inception", ExtractorHash: "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
		Resize: "bilinear to 299×299", Samples: 1000, References: 2000, Reference: "digits", ReferenceHash: "abc", Split: "all", Seed: 3,
		Settings: map[string]string{"subsets": "100", "subset_size": "1000"}, Interval: "95 %, subsampling",
	}
}

// Each field makes scores unlike but the seed and the interval's words.
func TestCardDifferences(t *testing.T) {
	for name, test := range map[string]struct {
		change func(c *metrics.Card)
		want   []string
	}{
		"nothing":               {func(*metrics.Card) {}, nil},
		"seed":                  {func(c *metrics.Card) { c.Seed = 4 }, nil},
		"interval":              {func(c *metrics.Card) { c.Interval = "" }, nil},
		"metric":                {func(c *metrics.Card) { c.Metric = "fid" }, []string{"metric: kid, fid"}},
		"resize":                {func(c *metrics.Card) { c.Resize = "none" }, []string{"resize: bilinear to 299×299, none"}},
		"samples":               {func(c *metrics.Card) { c.Samples = 1 }, []string{"samples: 1000, 1"}},
		"references":            {func(c *metrics.Card) { c.References = 0 }, []string{"references: 2000, 0"}},
		"split":                 {func(c *metrics.Card) { c.Split = "test" }, []string{"split: all, test"}},
		"the data by name only": {func(c *metrics.Card) { c.Reference = "folder:digits" }, nil},
		"the data":              {func(c *metrics.Card) { c.ReferenceHash = "abd" }, []string{"reference hash: abc, abd"}},
		"data and name":         {func(c *metrics.Card) { c.Reference, c.ReferenceHash = "fashion", "abd" }, []string{"reference: digits, fashion"}},
		"data without a hash":   {func(c *metrics.Card) { c.Reference, c.ReferenceHash = "fashion", "" }, []string{"reference: digits, fashion"}},
		"no hash at all":        {func(c *metrics.Card) { c.ReferenceHash = "" }, []string{"reference hash: abc, none"}},
		"other weights":         {func(c *metrics.Card) { c.ExtractorHash = "0123456789abcdef" }, []string{"extractor hash: 6726825d0af5, 0123456789ab"}},
		"extractor":             {func(c *metrics.Card) { c.Extractor, c.ExtractorHash = "pixels", "" }, []string{"extractor: inception, pixels"}},
		"settings": {func(c *metrics.Card) { c.Settings = map[string]string{"subset_size": "50", "degree": "3"} },
			[]string{"degree: none, 3", "subset size: 1000, 50", "subsets: 100, none"}},
		"no settings": {func(c *metrics.Card) { c.Settings = nil }, []string{"subset size: 1000, none", "subsets: 100, none"}},
		"two fields": {func(c *metrics.Card) { c.Metric, c.Samples = "fid", 2 },
			[]string{"metric: kid, fid", "samples: 1000, 2"}},
	} {
		changed := card()
		test.change(&changed)
		if got := card().Differences(changed); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if got := changed.Differences(card()); len(got) != len(test.want) {
			t.Errorf("%s: the other way round %q", name, got)
		}
	}
}

func TestScoreJSON(t *testing.T) {
	low, high := 0.5, 1.5
	score := metrics.Score{Value: 1, Low: &low, High: &high, Card: card(), Parts: map[string]float64{"mean": 0.25}}
	const want = `{"value":1,"low":0.5,"high":1.5,"card":{"metric":"kid","extractor":"inception",` +
		`"extractor_hash":"6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2","resize":"bilinear to 299×299",` +
		`"samples":1000,"references":2000,"reference":"digits","reference_hash":"abc","split":"all","seed":3,` +
		`"settings":{"subset_size":"1000","subsets":"100"},"interval":"95 %, subsampling"},"parts":{"mean":0.25}}`
	data, err := json.Marshal(score)
	if err != nil {
		t.Fatal(err)
	}
	if string(data) != want {
		t.Errorf("got %s\nwant %s", data, want)
	}
	var again metrics.Score
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, score) {
		t.Errorf("read again it is %+v, want %+v", again, score)
	}
	if err := json.Unmarshal([]byte(`{"value":"much"}`), &again); err == nil {
		t.Error("a score that is no number was read")
	}
}

// What JSON cannot hold becomes null.
func TestScoreJSONNotFinite(t *testing.T) {
	infinite := math.Inf(1)
	data, err := json.Marshal(metrics.Score{Value: infinite, High: &infinite, Card: metrics.Card{Metric: "psnr"},
		Parts: map[string]float64{"a": math.NaN(), "b": 2}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"value":null,"low":null,"high":null,"card":{"metric":"psnr","samples":0,"seed":0},"parts":{"a":null,"b":2}}`
	if string(data) != want {
		t.Errorf("got %s\nwant %s", data, want)
	}
	var again metrics.Score
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if !math.IsNaN(again.Value) || again.Low != nil || again.High != nil || !math.IsNaN(again.Parts["a"]) || again.Parts["b"] != 2 {
		t.Errorf("read again it is %+v", again)
	}
}
