package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"

	"github.com/ganymede-ml/ganymede/gan/features"
	"github.com/ganymede-ml/ganymede/internal/jsonlines"
)

// Cell is one classifier: what it learned from, and how many test pictures it tells right.
type Cell struct {
	Key       string  `json:"key"` // The hash of all that decides on the result.
	Data      string  `json:"data"`
	Arm       string  `json:"arm"`
	PerClass  int     `json:"per_class"` // 0 for all.
	Imbalance string  `json:"imbalance,omitempty"`
	Seed      int64   `json:"seed"`
	Learned   int     `json:"learned"` // Pictures of the subset.
	Made      int     `json:"made"`    // Pictures that were made of them.
	Accuracy  float64 `json:"accuracy"`
	Right     []int   `json:"right"` // Test pictures told right, by class, of so many.
	Count     []int   `json:"count"`
	Subset    string  `json:"subset"` // The hash of the pictures of the subset.
	Backend   string  `json:"backend"`
	Seconds   float64 `json:"seconds"` // To train and judge, without what was made.
}

// judge counts what the logits tell right.
func (c *Cell) judge(logits []float32, labels []int32, classes int) {
	c.Right, c.Count = make([]int, classes), make([]int, classes)
	right := 0
	for i, label := range labels {
		row := logits[i*classes : (i+1)*classes]
		c.Count[label]++
		if slices.Index(row, slices.Max(row)) == int(label) {
			c.Right[label]++
			right++
		}
	}
	c.Accuracy = float64(right) / float64(len(labels))
}

// version changes whenever the same settings would no longer give the same result.
const version = 1

// key returns the key of the cell of an arm.
func (b *bench) key(s setting, arm Arm) string {
	training := b.Classifier
	training.Seed = s.seed
	policy, to := "", 0
	var maker []any
	if arm.Policy {
		policy = b.Policy.String()
	}
	if arm.Maker != "" {
		maker, to = []any{b.Makers[arm.Maker].Recipe, b.Makers[arm.Maker].Settings}, b.to(s.perClass)
	}
	return hashOf(struct {
		Version           int
		Arm               Arm
		Train, Test       string
		PerClass          int
		Imbalance, Policy string
		Maker             []any
		To                int
		Classifier        features.Training
	}{version, Arm{Name: arm.Name, Policy: arm.Policy, Maker: arm.Maker, Share: arm.Share, Repeat: arm.Repeat}, b.trainHash, b.testHash, s.perClass,
		b.Imbalance.String(), policy, maker, to, training})
}

// hashOf returns a hash of a value that can be JSON.
func hashOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // The values are all of this package.
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// keyed is what a store keeps: by the hash of all that decides on it.
type keyed interface{ key() string }

func (c Cell) key() string { return c.Key }

// store keeps cells in a file.
type store[C keyed] struct {
	path  string
	list  []C // As in the file.
	cells map[string]C
}

// resultsFile is the file of the cells in the folder of a bench.
const resultsFile = "results.jsonl"

// openStore reads the cells that the folder holds. Cells of other settings stay where they are.
func openStore[C keyed](folder string) (*store[C], error) {
	s := &store[C]{path: filepath.Join(folder, resultsFile), cells: make(map[string]C)}
	var err error
	if s.list, err = jsonlines.Read[C](s.path); err != nil {
		return nil, err
	}
	for _, cell := range s.list {
		s.cells[cell.key()] = cell
	}
	return s, nil
}

// add keeps a cell.
func (s *store[C]) add(cell C) error {
	s.list = append(s.list, cell)
	s.cells[cell.key()] = cell
	return jsonlines.Write(s.path, s.list)
}

// forget drops the cells with the keys.
func (s *store[C]) forget(keys []string) error {
	before := len(s.list)
	s.list = slices.DeleteFunc(s.list, func(cell C) bool { return slices.Contains(keys, cell.key()) })
	for _, key := range keys {
		delete(s.cells, key)
	}
	if len(s.list) == before {
		return nil
	}
	return jsonlines.Write(s.path, s.list)
}
