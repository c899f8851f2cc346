package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// A run of some examples of a data set is resumed on the same ones, and judged by them unless others are asked for.
func TestTrainOnAView(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains")
	}
	inFolder(t)
	succeed(t, "train", "--data", "fashion", "--split", "train", "--only", "Bag,Dress", "--per-class", "20", "--steps", "2", "--arch", "mlp", "--batch", "8", "--run", "R", "--quiet")
	data, err := os.ReadFile("R/train.json")
	if err != nil {
		t.Fatal(err)
	}
	var request request
	if err := json.Unmarshal(data, &request); err != nil {
		t.Fatal(err)
	}
	if request.Split != "train" || request.PerClass != 20 || strings.Join(request.Only, ",") != "Bag,Dress" {
		t.Errorf("the run's request is %s", data)
	}
	succeed(t, "train", "--run", "R", "--resume", "--steps", "3", "--quiet")
	fail(t, 1, []string{"--per-class is 20 there, not 10"}, "train", "--run", "R", "--resume", "--steps", "4", "--per-class", "10")
	for _, test := range []struct {
		arguments  []string
		split      string
		references int
	}{
		{nil, "train split, only Bag, Dress, 20 per class", 40},
		{[]string{"--split", "test", "--per-class", "30"}, "test split, only Bag, Dress, 30 per class", 60},
	} {
		arguments := append([]string{"evaluate", "--fake", "R", "--n", "60", "--metrics", "swd", "--json", "--features", "pixels"}, test.arguments...)
		var scores map[string]struct {
			Card struct {
				Split      string
				References int
			}
		}
		stdout, _ := succeed(t, arguments...)
		if err := json.Unmarshal([]byte(stdout), &scores); err != nil {
			t.Fatal(err)
		}
		if card := scores["swd"].Card; card.Split != test.split || card.References != test.references {
			t.Errorf("%v: the card says %+v", test.arguments, card)
		}
	}
}
