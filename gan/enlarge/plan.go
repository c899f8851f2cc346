package enlarge

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/pkg/errors"
)

// slot is the place of a picture in the enlarged set.
type slot struct {
	class  int
	number int    // In its class; the class's own pictures come first.
	method string // Which is to make it.

	ofClass, ofAll int // Its number among the pictures that the method makes, of the class and of all classes.
}

// plan returns the places of the shard, class by class.
//
// Shards are stretches of the places of all classes, one after the other.
func (e *Enlarger) plan() ([]slot, error) {
	to := e.options.To
	for class, list := range e.byClass {
		switch {
		case e.options.To == 0:
			to = max(to, len(list))
		case len(list) > to:
			return nil, errors.Errorf("enlarge: the class %q has %d pictures already, more than the %d asked for; ask for at least as many (To, --to), or start from fewer (PerClass, --per-class)",
				e.set.Classes[class], len(list), to)
		}
	}
	e.options.To = to
	var slots []slot
	made := map[string]int{} // By methods, in all classes.
	for class, list := range e.byClass {
		ofClass := map[string]int{}
		for number := range to {
			s := slot{class: class, number: number, method: originalName}
			if fresh := number - len(list); fresh >= 0 {
				s.method = e.methodOf(fresh)
			}
			s.ofClass, s.ofAll = ofClass[s.method], made[s.method]
			ofClass[s.method]++
			made[s.method]++
			slots = append(slots, s)
		}
	}
	first, last := len(slots)*(e.options.Shard-1)/e.options.Shards, len(slots)*e.options.Shard/e.options.Shards
	return slots[first:last], nil
}

// methodOf returns which method makes a new picture of a class, the new ones counted from 0. The parts are mixed as evenly as
// can be.
func (e *Enlarger) methodOf(fresh int) string {
	parts := e.parts()
	last := parts[len(parts)-1]
	for _, p := range parts[1:] {
		const rounding = 1e-9
		if math.Floor(float64(fresh+1)*p.share+rounding) > math.Floor(float64(fresh)*p.share+rounding) {
			return p.method
		}
	}
	if len(parts) == 1 {
		return last.method
	}
	return parts[0].method
}

// seedOf returns the seed of what decides a picture. It has 48 bits, which every reader of JSON holds exactly.
func (e *Enlarger) seedOf(s slot, purpose string) int64 {
	text := fmt.Sprintf("%d\x00%s\x00%s\x00%d", e.options.Seed, purpose, e.set.Classes[s.class], s.number)
	hash := sha256.Sum256([]byte(text))
	return int64(binary.BigEndian.Uint64(hash[:]) >> 16)
}

// originOf returns an origin that the pictures of the set with these numbers are the parents of.
func (e *Enlarger) originOf(method string, parents ...int) Origin {
	origin := Origin{Method: method, Parents: parents}
	if e.set.Names != nil {
		for _, i := range parents {
			origin.Names = append(origin.Names, e.set.Names[i])
		}
	}
	return origin
}
