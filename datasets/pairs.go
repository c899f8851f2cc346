package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/ganymede-ml/ganymede/internal/nearest"
)

const (
	pairsPrefix    = "pairs:"
	unpairedPrefix = "unpaired:"
	pairedEmoji    = "emoji"
)

// Pairs are two sets of pictures of one size: A and B of the same examples, in the same order, if Paired; else of two kinds,
// whose pictures have no partner, as many as there are of each.
type Pairs struct {
	Name   string // As given to OpenPairs.
	A, B   *Set
	Paired bool
}

// OpenPairs returns the pairs called name:
//
//   - "pairs:DIR": the pictures below DIR, each twice as wide as high, with A in its left half and B in its right one, as
//     pix2pix has them; or two folders inside DIR, A and B or others in alphabetical order, with the pictures of a pair called
//     the same but for the extension, and of one size;
//   - "unpaired:DIR": the folders trainA and trainB, and testA and testB, inside DIR, as CycleGAN has them, or two others;
//   - "pairs:facades", "unpaired:horse2zebra" and the others out of Downloads that Get has downloaded;
//   - "emoji": as Google draws them (A) and as Twitter does (B);
//   - "unpaired:emoji": the same, with B in another order.
//
// Pictures are read as Open reads those of a folder. Both of a pair lose the same parts when they are cropped. With
// Options.Channels 0 one side may be grey and the other coloured. Sub-folders are classes; of two aligned folders those of A
// are.
//
// Where DIR, or both of two aligned folders, hold folders train, val (or validation) and test, or DIR those of CycleGAN, these
// are the splits, and Options.Split "" takes the training pictures. Else a split goes by the file of the pair, or of A's
// picture, so that partners stay together; see Set.Split.
func OpenPairs(name string, options Options) (*Pairs, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	if options.Labels != "" {
		return nil, errors.Errorf("datasets: %s: pairs take no file with labels; a folder for each class gives them classes", name)
	}
	if directory, found := strings.CutPrefix(name, pairsPrefix); found && directory != pairedEmoji {
		return openPaired(name, directory, options)
	}
	if directory, found := strings.CutPrefix(name, unpairedPrefix); found && directory != pairedEmoji {
		return openUnpaired(name, directory, options)
	}
	switch name {
	case pairedEmoji, pairsPrefix + pairedEmoji:
		return openEmojiPairs(name, true, options)
	case unpairedPrefix + pairedEmoji:
		return openEmojiPairs(name, false, options)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, errors.Errorf("datasets: %q is a directory; for the pairs in it write %q, or %q where pictures have no partner",
			name, pairsPrefix+name, unpairedPrefix+name)
	}
	all := []string{pairsPrefix + "DIR", unpairedPrefix + "DIR", pairedEmoji, unpairedPrefix + pairedEmoji}
	return nil, errors.Errorf("datasets: there are no pairs %q%s (all: %s)", name, nearest.Hint(name, all), strings.Join(all, ", "))
}

// Len returns the number of pairs; of unpaired pictures that of the side with fewer.
func (p *Pairs) Len() int { return min(p.A.Len(), p.B.Len()) }

// Hash returns the SHA-256 of both sides' hashes and of whether they are paired, in hexadecimal.
func (p *Pairs) Hash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "pairs %t %s %s", p.Paired, p.A.Hash(), p.B.Hash()))
	return hex.EncodeToString(sum[:])
}

// Sheet returns the first n pairs as one set, to be looked at: A's picture before B's, in colour if either side is, and in the
// size of A. There are fewer if there are fewer pairs.
func (p *Pairs) Sheet(n int) (*Set, error) {
	n = min(n, p.Len())
	sides := []*Set{p.A, p.B}
	first := make([]int, n)
	for i := range first {
		first[i] = i
	}
	channels := max(p.A.Shape[2], p.B.Shape[2])
	for i, side := range sides {
		options := Options{Channels: channels}
		if i > 0 && !slices.Equal(side.Shape[:2], p.A.Shape[:2]) {
			options.Size = p.A.Shape[0]
		}
		var err error
		if sides[i], err = side.Select(first).Fit(options); err != nil {
			return nil, err
		}
	}
	sheet := &Set{Name: p.Name, Shape: slices.Clone(sides[0].Shape)}
	for i := range n {
		for _, side := range sides {
			sheet.Pixels = append(sheet.Pixels, side.picture(i)...)
		}
	}
	return sheet, nil
}

// finish returns of pairs, as they were opened, what the view takes. With own they are of one split already.
func (p *Pairs) finish(view View, own bool) (*Pairs, error) {
	if own {
		view.Split = ""
	}
	// Partners have the same keys and labels, so that both or neither are taken.
	var err error
	if p.A, err = p.A.view(view); err != nil {
		return nil, err
	}
	p.B, err = p.B.view(view)
	return p, err
}

// openEmojiPairs returns the emoji in both styles.
func openEmojiPairs(name string, paired bool, options Options) (*Pairs, error) {
	view := options.View
	options.View = View{}
	p := &Pairs{Name: name, Paired: paired}
	var err error
	if p.A, err = Open(emojiGoogle.Name, options); err != nil {
		return nil, err
	}
	if p.B, err = Open(emojiTwitter.Name, options); err != nil {
		return nil, err
	}
	p.B.Names, p.B.keys = slices.Clone(p.A.Names), slices.Clone(p.A.keys)
	if !paired {
		p.B = p.B.Select(rand.New(rand.NewPCG(1, 0)).Perm(p.B.Len()))
	}
	return p.finish(view, false)
}
