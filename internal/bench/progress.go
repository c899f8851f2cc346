package bench

import "time"

// Progress is where a bench is.
type Progress struct {
	Done, Total int    // Pieces of work: classifiers, and sets of pictures that are made.
	Doing       string // The arm that is measured, or what makes pictures; "" at the end.
	PerClass    int
	Seed        int64

	// Left is the time that the rest takes if each piece takes as long as those of its kind did; 0 as long as there are none.
	Left time.Duration
}

// clock counts pieces of work and tells how long the rest takes.
type clock struct {
	report  func(Progress)
	at      Progress
	planned map[string]int // Pieces to do, by kind: the maker's name, or "" for a classifier.
	spent   map[string]time.Duration
	count   map[string]int
	kind    string
	start   time.Time
}

func newClock(report func(Progress)) *clock {
	return &clock{report: report, planned: make(map[string]int), spent: make(map[string]time.Duration), count: make(map[string]int)}
}

// plan takes note of what is to be done for a setting.
func (c *clock) plan(arms []Arm) {
	makers := make(map[string]bool)
	for _, arm := range arms {
		c.planned[""]++
		c.at.Total++
		if arm.Maker != "" && !makers[arm.Maker] {
			makers[arm.Maker] = true
			c.planned[arm.Maker]++
			c.at.Total++
		}
	}
}

// begin tells of a piece of work.
func (c *clock) begin(doing string, s setting, kind string) {
	c.kind, c.start = kind, time.Now()
	c.at.Doing, c.at.PerClass, c.at.Seed, c.at.Left = doing, s.perClass, s.seed, c.left()
	c.tell()
}

// done takes note that the piece of work is done.
func (c *clock) done() {
	c.at.Done++
	c.planned[c.kind]--
	c.count[c.kind]++
	c.spent[c.kind] += time.Since(c.start)
}

// end tells that all is done.
func (c *clock) end() {
	c.at.Doing, c.at.Left = "", 0
	c.tell()
}

func (c *clock) tell() {
	if c.report != nil {
		c.report(c.at)
	}
}

// left returns the time that what is planned takes.
func (c *clock) left() time.Duration {
	var left time.Duration
	for kind, n := range c.planned {
		if n > 0 && c.count[kind] == 0 {
			continue // Nobody knows yet.
		}
		if n > 0 {
			left += time.Duration(n) * c.spent[kind] / time.Duration(c.count[kind])
		}
	}
	return left
}
