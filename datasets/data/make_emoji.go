//go:build ignore

// Command make_emoji remakes emoji_google.webp, emoji_twitter.webp and emoji.tsv from the npm packages emoji-datasource-google
// and emoji-datasource-twitter 16.0.0, with the encoder cwebp 1.2.4 of the Debian package webp:
//
//	npm pack emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0
//	go run datasets/data/make_emoji.go emoji-datasource-google-16.0.0.tgz emoji-datasource-twitter-16.0.0.tgz datasets/data
//
// It takes the emoji that both packages have a picture of, without the variants of skin tone and the swatches of skin
// tones (the category "Component"). Of emoji whose pictures are equal in one of the styles (the flags of Norway, Svalbard
// and Bouvet Island) the one that has been an emoji for longest stays, so that no two pictures are alike.
//
// Pictures are 32×32 pixels, laid on white. Their colours are rounded to 64 levels a channel, which moves none by more
// than 2.5 of 255 and makes the files a third smaller. A sheet holds 44 pictures a row, compressed without loss; emoji.tsv has
// a line for each picture, in the same order: code points, category, name. Each category is shuffled with a fixed seed and
// spread evenly over the whole, so that the first N hold every category in its share.
package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	side        = 32
	cell        = side + 2 // The source's sheets have a border of one pixel around each picture.
	columns     = 44
	shuffleSeed = 1999 // The year of the first emoji of NTT Docomo.
)

// style is one of the two packages.
type style struct{ name, sha256 string }

var styles = []style{
	{"google", "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438"},
	{"twitter", "f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877"},
}

type emoji struct {
	Name       string
	Unified    string // Code points in hexadecimal, joined by "-".
	ShortName  string `json:"short_name"`
	Category   string
	SheetX     int    `json:"sheet_x"`
	SheetY     int    `json:"sheet_y"`
	SortOrder  int    `json:"sort_order"`
	AddedIn    string `json:"added_in"` // A version of the list of emoji: "0.6", "15.1".
	HasGoogle  bool   `json:"has_img_google"`
	HasTwitter bool   `json:"has_img_twitter"`
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: go run make_emoji.go emoji-datasource-google-16.0.0.tgz emoji-datasource-twitter-16.0.0.tgz DIRECTORY")
	}
	var list []byte
	var sheets []image.Image
	for i, style := range styles {
		files := read(os.Args[1+i], style.sha256, "package/emoji.json", "package/img/"+style.name+"/sheets/32.png")
		if list != nil && !bytes.Equal(list, files[0]) {
			log.Fatal("the packages' emoji.json differ")
		}
		list = files[0]
		sheet, err := png.Decode(bytes.NewReader(files[1]))
		if err != nil {
			log.Fatal(err)
		}
		sheets = append(sheets, sheet)
	}
	chosen := mix(choose(list, sheets))
	for i, style := range styles {
		save(filepath.Join(os.Args[3], "emoji_"+style.name+".webp"), chosen, sheets[i])
	}
	var lines strings.Builder
	for i, name := range names(chosen) {
		fmt.Fprintf(&lines, "%s\t%s\t%s\n", chosen[i].Unified, chosen[i].Category, name)
	}
	if err := os.WriteFile(filepath.Join(os.Args[3], "emoji.tsv"), []byte(lines.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// read returns files of a tarball.
func read(path, wantSHA256 string, names ...string) [][]byte {
	tarball, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	if sum := sha256.Sum256(tarball); hex.EncodeToString(sum[:]) != wantSHA256 {
		log.Fatalf("%s: SHA-256 is %x, want %s", path, sum, wantSHA256)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		log.Fatal(err)
	}
	contents := make([][]byte, len(names))
	for files := tar.NewReader(unzipped); slices.ContainsFunc(contents, func(c []byte) bool { return c == nil }); {
		header, err := files.Next()
		if err != nil {
			log.Fatalf("%s, looking for %v: %v", path, names, err)
		}
		if i := slices.Index(names, header.Name); i >= 0 {
			if contents[i], err = io.ReadAll(files); err != nil {
				log.Fatal(err)
			}
		}
	}
	return contents
}

// choose returns the emoji of the list that have pictures of their own in both sheets, the oldest first.
func choose(list []byte, sheets []image.Image) []emoji {
	var all, chosen []emoji
	if err := json.Unmarshal(list, &all); err != nil {
		log.Fatal(err)
	}
	slices.SortFunc(all, func(a, b emoji) int {
		return cmp.Or(cmp.Compare(version(a.AddedIn), version(b.AddedIn)), cmp.Compare(a.SortOrder, b.SortOrder))
	})
	seen := map[string]bool{} // Style and pixels.
	for _, e := range all {
		if !e.HasGoogle || !e.HasTwitter || e.Category == "Component" {
			continue
		}
		var keys []string
		for i, sheet := range sheets {
			keys = append(keys, styles[i].name+string(picture(e, sheet).Pix))
		}
		if slices.ContainsFunc(keys, func(key string) bool { return seen[key] }) {
			continue
		}
		for _, key := range keys {
			seen[key] = true
		}
		chosen = append(chosen, e)
	}
	return chosen
}

func version(text string) float64 {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		log.Fatal(err)
	}
	return number
}

// mix returns the emoji shuffled, with every category spread evenly: number j of the n of a category goes to (j + 1/2) / n
// of the whole.
func mix(all []emoji) []emoji {
	random := rand.New(rand.NewPCG(shuffleSeed, 0))
	type placed struct {
		emoji
		place float64
	}
	var places []placed
	byCategory := map[string][]emoji{}
	for _, e := range all {
		byCategory[e.Category] = append(byCategory[e.Category], e)
	}
	var categories []string
	for category := range byCategory {
		categories = append(categories, category)
	}
	slices.Sort(categories)
	for _, category := range categories {
		members := byCategory[category]
		random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		for j, e := range members {
			places = append(places, placed{e, (float64(j) + 0.5) / float64(len(members))})
		}
	}
	slices.SortStableFunc(places, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	mixed := make([]emoji, len(places))
	for i, p := range places {
		mixed[i] = p.emoji
	}
	return mixed
}

// names returns the emoji's names, those in capitals in small letters. Two that share a name take their short names.
func names(chosen []emoji) []string {
	count := map[string]int{}
	for _, e := range chosen {
		count[e.Name]++
	}
	var names []string
	for _, e := range chosen {
		name := e.Name
		if count[name] > 1 {
			name = strings.ReplaceAll(e.ShortName, "_", " ")
		}
		if strings.ToUpper(name) == name {
			name = strings.ToLower(name)
		}
		names = append(names, name)
	}
	return names
}

// picture returns an emoji on white, with its colours rounded.
func picture(e emoji, sheet image.Image) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			c := color.NRGBAModel.Convert(sheet.At(e.SheetX*cell+1+x, e.SheetY*cell+1+y)).(color.NRGBA)
			onWhite := func(value uint8) uint8 {
				mixed := int(value)*int(c.A) + 255*(255-int(c.A)) // Times 255.
				level := (mixed*63 + 255*255/2) / (255 * 255)
				return uint8((level*255 + 31) / 63)
			}
			picture.SetRGBA(x, y, color.RGBA{onWhite(c.R), onWhite(c.G), onWhite(c.B), 255})
		}
	}
	return picture
}

// save writes the pictures as one sheet, in WebP without loss.
func save(path string, chosen []emoji, source image.Image) {
	sheet := image.NewRGBA(image.Rect(0, 0, columns*side, (len(chosen)+columns-1)/columns*side))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	for i, e := range chosen {
		p := picture(e, source)
		for y := range side {
			copy(sheet.Pix[sheet.PixOffset(i%columns*side, i/columns*side+y):], p.Pix[y*p.Stride:(y+1)*p.Stride])
		}
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, sheet); err != nil {
		log.Fatal(err)
	}
	command := exec.Command("cwebp", "-quiet", "-lossless", "-z", "9", "-o", path, "--", "-")
	command.Stdin, command.Stderr = &encoded, os.Stderr
	if err := command.Run(); err != nil {
		log.Fatalf("cwebp: %v", err)
	}
}
