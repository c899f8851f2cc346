package display

import (
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	var clock time.Time
	newProgress := func(p Progress) *Progress {
		clock = time.Unix(1000, 0)
		p.now = func() time.Time { return clock }
		return &p
	}
	update := func(p *Progress, after time.Duration, step int, losses ...float64) string {
		clock = time.Unix(1000, 0).Add(after)
		if err := p.Update(step, losses...); err != nil {
			t.Fatalf("%+v", err)
		}
		return p.String()
	}
	check := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}

	p := newProgress(Progress{Total: 2000, BatchSize: 64})
	check(update(p, 0, 1, 1.3863, 0.6931),
		"step 1 of 2,000  ░░░░░░░░░░░░░░░░░░░░   0 % · discriminator 1.386 · generator 0.693")
	check(update(p, 20*time.Second, 1001, 0.5, 1.25), // 1000 steps of 64 images in 20 s; 999 steps left.
		"step 1,001 of 2,000  ██████████░░░░░░░░░░  50 % · discriminator 0.500 · generator 1.250 · 3,200 images/s · 20 s left")
	check(update(p, 41*time.Second, 2000, 0.5, 1.25),
		"step 2,000 of 2,000  ████████████████████ 100 % · discriminator 0.500 · generator 1.250 · 3,120 images/s · 41 s")

	resumed := newProgress(Progress{Total: 9000, Losses: []string{"critic"}})
	update(resumed, 0, 5001)
	check(update(resumed, time.Hour, 5001+36, -3, 4), // The steps before the first Update took no time here.
		"step 5,037 of 9,000  ███████████░░░░░░░░░  55 % · critic -3.000 · 4.000 · 0.0 steps/s · 110 h 05 min left")

	endless := newProgress(Progress{Losses: []string{}})
	update(endless, 0, 1)
	check(update(endless, 200*time.Second, 801), "step 801 · 4.0 steps/s · 3 min 20 s")
}
