package datasets

import (
	"bytes"
	_ "embed"
	"image"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/errors"
	"golang.org/x/image/webp"
)

// The pictures of each style, in sheets of emojiColumns a row, and a line for each: code points, category and name,
// separated by tabs. data/make_emoji.go made them.
var (
	//go:embed data/emoji_google.webp
	emojiGoogleFile []byte
	//go:embed data/emoji_twitter.webp
	emojiTwitterFile []byte
	//go:embed data/emoji.tsv
	emojiListFile string
)

const (
	emojiExamples = 1_871
	emojiSide     = 32
	emojiColumns  = 44
)

// emojiClasses are the groups of the Unicode list of emoji, in its order.
var emojiClasses = []string{
	"Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects",
	"Symbols", "Flags",
}

var emojiGoogle = entry{
	Info: Info{
		Name:     "emoji",
		Examples: emojiExamples,
		Shape:    []int{emojiSide, emojiSide, 3},
		Classes:  emojiClasses,
		Licence:  "Apache-2.0",
		Source:   "Noto Color Emoji (Google), from the npm package emoji-datasource-google 16.0.0 by Cal Henderson",
		Summary:  "1,871 emoji as Google draws them, in colour; embedded",
	},
	aliases: []string{"emoji:google"},
	open:    func(Options) (*Set, error) { return named(copyOf(decodeEmojiGoogle())) },
}

var emojiTwitter = entry{
	Info: Info{
		Name:     "emoji:twitter",
		Examples: emojiExamples,
		Shape:    []int{emojiSide, emojiSide, 3},
		Classes:  emojiClasses,
		Licence:  "CC-BY-4.0",
		Source:   "Twemoji, copyright Twitter, Inc and other contributors, from the npm package emoji-datasource-twitter 16.0.0 by Cal Henderson; colours rounded",
		Summary:  "the same emoji as Twitter draws them, in the same order; embedded",
	},
	open: func(Options) (*Set, error) { return named(copyOf(decodeEmojiTwitter())) },
}

// The embedded sheets, unpacked once.
var (
	decodeEmojiGoogle  = sync.OnceValues(func() (*Set, error) { return decodeEmoji(emojiGoogleFile) })
	decodeEmojiTwitter = sync.OnceValues(func() (*Set, error) { return decodeEmoji(emojiTwitterFile) })
)

// EmojiNames returns the name of each emoji, in the order of the pictures of "emoji" and of "emoji:twitter": "tropical fish".
// The names are those of the Unicode standard, all different.
func EmojiNames() []string {
	names := make([]string, 0, emojiExamples)
	for line := range strings.Lines(emojiListFile) {
		names = append(names, strings.TrimSuffix(line[strings.LastIndexByte(line, '\t')+1:], "\n"))
	}
	return names
}

// named returns the emoji with their names, which are their keys, too: an emoji is in one split in both styles.
func named(set *Set, err error) (*Set, error) {
	if err != nil {
		return nil, err
	}
	set.Names = EmojiNames()
	for _, name := range set.Names {
		set.keys = append(set.keys, keyOf([]byte(name)))
	}
	return set, nil
}

// decodeEmoji returns the pictures of an embedded sheet with their classes.
func decodeEmoji(file []byte) (*Set, error) {
	sheet, err := webp.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, errors.Wrap(err, "datasets: the embedded emoji")
	}
	pixels, ok := sheet.(*image.NRGBA) // What WebP without loss decodes to.
	if !ok {
		return nil, errors.Errorf("datasets: the embedded emoji are a %T, want an *image.NRGBA", sheet)
	}
	set := &Set{Shape: []int{emojiSide, emojiSide, 3}, Pixels: make([]uint8, 0, emojiExamples*emojiSide*emojiSide*3)}
	for line := range strings.Lines(emojiListFile) {
		_, rest, _ := strings.Cut(line, "\t")
		class, _, _ := strings.Cut(rest, "\t")
		i := set.Len()
		set.Labels = append(set.Labels, int32(slices.Index(emojiClasses, class)))
		left, top := i%emojiColumns*emojiSide, i/emojiColumns*emojiSide
		for y := range emojiSide {
			for x := range emojiSide {
				at := pixels.PixOffset(left+x, top+y)
				set.Pixels = append(set.Pixels, pixels.Pix[at:at+3]...)
			}
		}
	}
	return set, nil
}
