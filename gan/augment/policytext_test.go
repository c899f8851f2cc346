package augment

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func ExampleParsePolicy() {
	policy, err := ParsePolicy("flip, rotate:15:border=reflect, brightness:0.2:p=0.5")
	if err != nil {
		panic(err)
	}
	for _, step := range policy {
		fmt.Printf("%+v with probability %g\n", step.Operation, step.Probability)
	}
	fmt.Println(policy)
	// Output:
	// {Vertical:false} with probability 0.5
	// {Degrees:15 Border:reflect} with probability 1
	// {By:0.2} with probability 0.5
	// flip,rotate:15:border=reflect,brightness:0.2:p=0.5
}

func TestParsePolicy(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "none",
		" none ":                          "none",
		"flip":                            "flip",
		"flip:p=0.5":                      "flip",
		"flip:p=1,flip-vertical:p=0.25":   "flip:p=1,flip-vertical:p=0.25",
		"rotate":                          "rotate",
		"rotate:p=1":                      "rotate",
		"rotate:1.5e1:p=1e-1":             "rotate:15:p=0.1",
		"rotate:degrees=7 : border=edge":  "rotate:7",
		"cutout:0.5:fill=0":               "cutout:0.5",
		"cutout:fill=-1":                  "cutout:fill=-1",
		"elastic:0.02:smoothness=0.1":     "elastic:0.02:smoothness=0.1",
		"elastic:smoothness=0.1,none":     "elastic:smoothness=0.1",
		"noise:0.1,blur:2,crop:0.5,hue":   "noise:0.1,blur:2,crop:0.5,hue",
		"clothes,gamma:1":                 "flip,rotate:5:border=black,scale:0.08:border=black,translate:0.06:border=black,brightness:0.15,cutout:0.3:fill=-1:p=0.5,gamma:1",
		"saturation:0.3,contrast,shear:3": "saturation:0.3,contrast,shear:3",
	} {
		policy, err := ParsePolicy(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := policy.String(); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"rotat:3":              "did you mean rotate?",
		"clssic":               "did you mean classic?",
		"spin":                 "operations: flip, flip-vertical, rotate",
		"mixup":                "augment.Mixup",
		"flip,,rotate":         `no operation ""`,
		"rotate:x":             `degrees must be a number, not "x"`,
		"rotate:181":           "degrees of rotate is from 0 to 180, not 181",
		"rotate:NaN":           "not NaN",
		"rotate:0":             "degrees of 0 would change nothing; leave the step out",
		"rotate:3:4":           `"4" in the step "rotate:3:4" of a policy must be NAME=VALUE; it takes degrees, border, p`,
		"flip:0.5":             "it takes p",
		"flip:p=0":             "above 0 and at most 1, not 0",
		"flip:p=1.5":           "above 0 and at most 1, not 1.5",
		"scale:0.1:degrees=3":  `there is no "degrees"; it takes by, border, p`,
		"shear:3:border=white": `edge, reflect, grey or black, not "white"`,
		"shear:3:border=any":   `edge, reflect, grey or black, not "any"`,
		"blur:0.01":            "from 0.1 to 32",
		"cutout:0.1:fill=2":    "fill of cutout is from -1 to 1",
	} {
		if policy, err := ParsePolicy(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q became %v with the error %v, want one with %q", text, policy, err, want)
		}
	}
}

// Every named policy and operation goes through text, and through JSON.
func TestPolicyRoundTrip(t *testing.T) {
	all := Policy{}
	for _, operation := range append(Operations(), everyOperation...) {
		all = append(all, Step{operation, 0.25})
	}
	for _, name := range PolicyNames() {
		policy, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, policy...)
	}
	for i := range all {
		all[i].Probability = all[i].probability()
	}
	data, err := json.Marshal(struct{ P Policy }{all})
	if err != nil {
		t.Fatal(err)
	}
	var back struct{ P Policy }
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.P, all) {
		t.Errorf("%v came back as %v", all, back.P)
	}
}

func TestFor(t *testing.T) {
	for _, test := range []struct {
		name  string
		shape []int
		want  string
	}{
		{"digits", []int{28, 28, 1}, "classic"},
		{"stacked", []int{28, 28, 3}, "classic"},
		{"fashion", []int{28, 28, 1}, "clothes"},
		{"cifar10", []int{32, 32, 3}, "photo"},
		{"folder:scans", []int{64, 64, 1}, "classic"},
		{"folder:cats", []int{64, 64, 3}, "photo"},
		{"ring", []int{2}, "none"},
	} {
		want, err := Named(test.want)
		if err != nil {
			t.Fatal(err)
		}
		if got := For(test.name, test.shape); got.String() != want.String() || got.Check() != nil {
			t.Errorf("%s %v: got %s, want %s", test.name, test.shape, got, test.want)
		}
	}
}

// Whatever is read has a text that says the same, and passes Check.
func FuzzParsePolicy(f *testing.F) {
	for _, text := range []string{"", "classic", "flip,rotate:15,cutout:0.3:fill=-1:p=0.5", "elastic:0.02:smoothness=0.1:border=black", "hue:-0", "rotate:1e999", "a:b=c,,:"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		policy, err := ParsePolicy(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("the error has more than one line: %q", err)
			}
			return
		}
		if err := policy.Check(); err != nil {
			t.Fatalf("%q was read, but fails Check: %v", text, err)
		}
		again, err := ParsePolicy(policy.String())
		if err != nil {
			t.Fatalf("%q became %q, which is none: %v", text, policy, err)
		}
		if len(policy) > 0 && !reflect.DeepEqual(policy, again) {
			t.Fatalf("%q became %#v, and its text %q became %#v", text, policy, policy.String(), again)
		}
	})
}
