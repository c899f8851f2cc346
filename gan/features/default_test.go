package features

import "testing"

func TestDefault(t *testing.T) {
	grey, colour := []int{28, 28, 1}, []int{32, 32, 3}
	for _, test := range []struct {
		data  string
		shape []int
		want  string
	}{
		{"digits", grey, "digits"}, {"fashion", []int{64, 64, 1}, "fashion"}, {"emoji", colour, "emoji"}, {"emoji:twitter", colour, "emoji"},
		{"digits", colour, "pixels"}, {"stacked", colour, "pixels"}, {"folder:digits", grey, "pixels"}, {"inception", colour, "pixels"}, {"", grey, "pixels"},
	} {
		if got := Default(test.data, test.shape); got != test.want {
			t.Errorf("%s %v: got %s, want %s", test.data, test.shape, got, test.want)
		}
	}
}

func TestList(t *testing.T) {
	known := map[string]Info{}
	for _, info := range List() {
		known[info.Name] = info
	}
	if info := known["digits"]; info.Accuracy < 0.99 || info.Classes != 10 || info.Features != 128 || len(info.SHA256) != 64 || info.File != "" {
		t.Errorf("digits: %+v", info)
	}
	if info := known["inception:FILE"]; info.File != "pt_inception-2015-12-05-6726825d.pth" || info.Features != 2048 || info.Bytes == 0 || info.Data != "" {
		t.Errorf("inception: %+v", info)
	}
	if _, ok := known["pixels"]; !ok {
		t.Error("pixels is missing")
	}
}
