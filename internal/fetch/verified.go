package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pkg/errors"
)

// Wanted is a file to get, and how to tell that it is the right one.
type Wanted struct {
	Name   string   // In the folder it is put in.
	URLs   []string // Where it is, in the order in which they are tried; or files, which are copied.
	Size   int64    // In bytes; 0 if nobody knows.
	SHA256 string   // In hexadecimal; "" if nobody knows, and what comes is taken.

	// Content, if not "", is the SHA-256 of what is in the file, which is gzipped: then one that was gzipped anew, or that is
	// not, is right, too.
	Content string
}

// maxCuts is how often in a row a download that was cut off is continued though hardly anything came.
const maxCuts = 3

// Verified downloads a file to a folder, which must be there, and returns its SHA-256. It is in place only if it is whole and
// is what was wanted; until then it is in a file of the name with ".part" added, which a later call continues. The addresses
// are tried in turn until one has it. A file that is in place already is taken
// for the right one. Progress, if not nil, is called now and then with how many bytes are there, and how many there will be,
// 0 if nobody knows.
func Verified(ctx context.Context, wanted Wanted, folder string, progress func(done, total int64)) (sum string, err error) {
	file := filepath.Join(folder, wanted.Name)
	if _, err := os.Stat(file); err == nil {
		return Sum(file)
	}
	var problems []string
	for _, address := range wanted.URLs {
		sum, err := wanted.from(ctx, address, file, progress)
		if err == nil {
			return sum, nil
		}
		if ctx.Err() != nil {
			return "", err
		}
		problems = append(problems, err.Error())
	}
	return "", errors.Errorf("downloading %s: %s", wanted.Name, strings.Join(problems, "; "))
}

// from downloads the file from one address, and puts it in place.
func (w Wanted) from(ctx context.Context, address, file string, progress func(done, total int64)) (sum string, err error) {
	part := file + ".part"
	began := size(part)
	if err := w.whole(ctx, address, part, progress); err != nil {
		return "", throughProxy(err, address)
	}
	sum, err = w.check(part, address)
	if err != nil {
		_ = os.Remove(part) // It would be continued, and wrong again.
		if began > 0 {      // What was there may have been the wrong part.
			return w.from(ctx, address, file, progress)
		}
		return "", err
	}
	return sum, errors.WithStack(os.Rename(part, file))
}

// whole downloads until nothing is missing, continuing what was cut off.
func (w Wanted) whole(ctx context.Context, address, part string, progress func(done, total int64)) error {
	var report func(done int64)
	if progress != nil {
		report = func(done int64) { progress(done, w.Size) }
	}
	for cuts := 0; ; cuts++ {
		before := size(part)
		err := w.once(ctx, address, part, report)
		now := size(part)
		cut := errors.Is(err, io.ErrUnexpectedEOF) || err == nil && isAddress(address) && now < w.Size && !looksLikePage(part) && !w.hasContent(part)
		if !cut || ctx.Err() != nil {
			return err
		}
		if now > before {
			cuts = 0
		}
		if cuts == maxCuts {
			return errors.Errorf("%s ends after %d bytes%s", address, now, w.ofSize())
		}
	}
}

// isAddress tells an address from a file.
func isAddress(text string) bool { return strings.Contains(text, "://") }

// once downloads or copies the file.
func (w Wanted) once(ctx context.Context, address, part string, report func(done int64)) error {
	if isAddress(address) {
		limit := int64(math.MaxInt64)
		if w.Size > 0 {
			const slack = 1 << 20 // For a web page that comes instead.
			limit = w.Size + slack
		}
		return download(ctx, address, part, limit, report)
	}
	reader, err := os.Open(address)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = reader.Close() }()
	writer, err := os.Create(part)
	if err != nil {
		return errors.WithStack(err)
	}
	done, err := io.Copy(writer, reader)
	if closeErr := writer.Close(); err == nil {
		err = closeErr
	}
	if report != nil {
		report(done)
	}
	return errors.WithStack(err)
}

// check returns the SHA-256 of what came, and an error if it is not what was wanted.
func (w Wanted) check(part, address string) (sum string, err error) {
	if sum, err = Sum(part); err != nil || sum == w.SHA256 || w.SHA256 == "" && !looksLikePage(part) {
		return sum, err
	}
	if w.hasContent(part) {
		return sum, nil
	}
	if looksLikePage(part) {
		return "", errors.Errorf("what came from %s looks like a web page%s, not like %s: its SHA-256 is %s%s",
			address, title(part), w.Name, sum, not(w.SHA256))
	}
	why := ""
	if now := size(part); now < w.Size {
		why = fmt.Sprintf("; it may be cut off, after %d bytes%s", now, w.ofSize())
	}
	return "", errors.Errorf("what came from %s has SHA-256 %s%s%s", address, sum, not(w.SHA256), why)
}

// ofSize says how many bytes there should be.
func (w Wanted) ofSize() string {
	if w.Size == 0 {
		return ""
	}
	return fmt.Sprintf(" of %d", w.Size)
}

// not says which checksum was wanted, if one is known.
func not(sum string) string {
	if sum == "" {
		return ""
	}
	return ", not " + sum
}

// Sum returns the SHA-256 of a file in hexadecimal.
func Sum(file string) (string, error) {
	reader, err := os.Open(file)
	if err != nil {
		return "", errors.WithStack(err)
	}
	defer func() { _ = reader.Close() }()
	sum, err := sumOf(reader)
	return sum, errors.WithStack(err)
}

// Matches tells whether a file that is there is the right one, and returns its SHA-256.
func (w Wanted) Matches(file string) (same bool, sum string, err error) {
	sum, err = Sum(file)
	return err == nil && (sum == w.SHA256 || w.hasContent(file)), sum, err
}

// hasContent tells whether a file holds what is wanted, gzipped in another way or not at all.
func (w Wanted) hasContent(file string) bool { return w.Content != "" && contentSum(file) == w.Content }

// contentSum returns the SHA-256 of what is in a file, which may be gzipped, and "" if it cannot be read.
func contentSum(file string) string {
	reader, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer func() { _ = reader.Close() }()
	content := io.Reader(bufio.NewReader(reader))
	if head, _ := content.(*bufio.Reader).Peek(2); string(head) == "\x1f\x8b" {
		if content, err = gzip.NewReader(content); err != nil {
			return ""
		}
	}
	sum, err := sumOf(content)
	if err != nil {
		return ""
	}
	return sum
}

func sumOf(reader io.Reader) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, reader); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// IsPage tells whether data, the beginning of a file, is that of a web page.
func IsPage(data []byte) bool {
	return strings.HasPrefix(http.DetectContentType(data), "text/html") || bytes.HasPrefix(bytes.TrimSpace(data), []byte("<?xml"))
}

// pageTitle finds the title of a web page.
var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// beginning returns the first bytes of a file.
func beginning(file string) []byte {
	reader, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer func() { _ = reader.Close() }()
	data, _ := io.ReadAll(io.LimitReader(reader, 4096)) // What cannot be read is no web page.
	return data
}

func looksLikePage(file string) bool { return IsPage(beginning(file)) }

// title returns the title of a web page for a sentence, or nothing.
func title(file string) string {
	found := pageTitle.FindSubmatch(beginning(file))
	if found == nil {
		return ""
	}
	words := []rune(strings.Join(strings.Fields(string(found[1])), " "))
	return " (“" + string(words[:min(len(words), 60)]) + "”)"
}

// throughProxy adds to an error that a proxy is between, which may be the one that refuses.
func throughProxy(err error, address string) error {
	parsed, parseErr := url.Parse(address)
	if parseErr != nil || !isAddress(address) {
		return err
	}
	proxy, proxyErr := http.ProxyFromEnvironment(&http.Request{URL: parsed})
	if proxyErr != nil || proxy == nil {
		return err
	}
	return errors.Errorf("%v (through the proxy %s)", err, proxy.Redacted())
}

// size returns the size of a file, 0 if there is none.
func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}
