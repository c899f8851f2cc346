package display

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
	"github.com/pkg/errors"
)

// Dir is the folder where [Show] and its kin write files when the program does not run in a GoNB cell. It is set when the
// program starts from the environment variable GANYMEDE_DISPLAY_DIR, or to "." without it. A notebook makes no use of it.
var Dir = defaultDir()

func defaultDir() string {
	if dir := os.Getenv("GANYMEDE_DISPLAY_DIR"); dir != "" {
		return dir
	}
	return "."
}

// cellRun tells this run of a cell from all others. The kernel remembers every name that it was ever given and would
// update a picture that is no longer there when a cell runs again.
var cellRun = sync.OnceValue(gonbui.UniqueId)

// shown counts pictures and texts without a name, progressLines the values of Progress in use.
var shown, progressLines atomic.Int64

// Show adds a picture to the output of the cell.
//
// Outside a notebook it writes Dir/picture-1.png, the next call Dir/picture-2.png, and so on from 1 in each process,
// replacing the files of earlier ones.
func Show(picture image.Image) error {
	if gonbui.IsNotebook {
		return sendPicture("", picture)
	}
	return SavePNG(filepath.Join(Dir, fmt.Sprintf("picture-%d.png", shown.Add(1))), picture)
}

// Update shows a picture in place of the last one of the same name, or adds it to the output of the cell if it is the
// first of that name. However often it is called, one picture is left in the notebook.
//
// Outside a notebook it replaces the file Dir/name.png. Of a name only ASCII letters, digits, '-', '_' and '.' are used;
// '.' at its beginning is dropped, and anything else becomes '-'.
func Update(name string, picture image.Image) error {
	if gonbui.IsNotebook {
		return sendPicture(safeName(name), picture)
	}
	return SavePNG(filepath.Join(Dir, safeName(name)+".png"), picture)
}

// ShowMarkdown adds a text in Markdown to the output of the cell. Outside a notebook it writes Dir/text-1.md; the count
// is that of [Show].
func ShowMarkdown(text string) error {
	if gonbui.IsNotebook {
		return sendMarkdown("", text)
	}
	return saveText(fmt.Sprintf("text-%d.md", shown.Add(1)), text)
}

// UpdateMarkdown shows a text in Markdown in place of the last one of the same name, as [Update] does for pictures.
// Outside a notebook it replaces Dir/name.md.
func UpdateMarkdown(name, text string) error {
	if gonbui.IsNotebook {
		return sendMarkdown(safeName(name), text)
	}
	return saveText(safeName(name)+".md", text)
}

// UpdateText shows a plain text, in letters of one width, in place of the last one of the same name, as [Update] does
// for pictures. Outside a notebook it replaces Dir/name.txt.
func UpdateText(name, text string) error {
	if gonbui.IsNotebook {
		return send(safeName(name), map[protocol.MIMEType]any{protocol.MIMETextPlain: text})
	}
	return saveText(safeName(name)+".txt", text)
}

// Show adds the animation to the output of the cell. Outside a notebook it writes Dir/picture-1.gif; the count is that
// of the function [Show].
func (a *Animation) Show() error {
	if !gonbui.IsNotebook {
		return a.WriteFile(filepath.Join(Dir, fmt.Sprintf("picture-%d.gif", shown.Add(1))))
	}
	var encoded bytes.Buffer
	if err := a.Encode(&encoded); err != nil {
		return err
	}
	return send("", map[protocol.MIMEType]any{"image/gif": encoded.Bytes()})
}

// saveText writes a text to a file in Dir.
func saveText(name, text string) error {
	return writeFile(filepath.Join(Dir, name), func(w io.Writer) error {
		_, err := io.WriteString(w, strings.TrimRight(text, "\n")+"\n")
		return err
	})
}

// safeName makes a name safe as the name of a file on every system, and never empty.
func safeName(name string) string {
	safe := strings.Map(func(r rune) rune {
		isLetter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if isLetter || '0' <= r && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, strings.TrimLeft(name, "."))
	if safe == "" {
		return "picture"
	}
	return safe
}

// sendPicture sends a PNG to the cell, with a text for front-ends that show no pictures.
func sendPicture(name string, picture image.Image) error {
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		return errors.WithMessage(err, "display: encoding a picture as PNG")
	}
	size := picture.Bounds().Size()
	return send(name, map[protocol.MIMEType]any{
		protocol.MIMEImagePNG:  encoded.Bytes(),
		protocol.MIMETextPlain: fmt.Sprintf("picture of %d × %d pixels", size.X, size.Y),
	})
}

// sendMarkdown sends a text in Markdown to the cell.
func sendMarkdown(name, text string) error {
	return send(name, map[protocol.MIMEType]any{protocol.MIMETextMarkdown: text})
}

// syncLimit is how long the kernel may take to confirm what it was sent.
const syncLimit = 10 * time.Second

// send gives data to the kernel, under a name if it is to be updated, and waits until the kernel has it: a cell that
// ends at once would lose it otherwise.
func send(name string, data map[protocol.MIMEType]any) error {
	message := &protocol.DisplayData{Data: data}
	if name != "" {
		message.DisplayID = name + "-" + cellRun()
	}
	gonbui.SendData(message)
	if err := gonbui.Error(); err != nil {
		return errors.WithMessage(err, "display: sending to the notebook")
	}
	received := make(chan struct{})
	go func() {
		gonbui.Sync()
		close(received)
	}()
	select {
	case <-received:
		return nil
	case <-time.After(syncLimit):
		return errors.Errorf("display: the notebook's kernel did not answer for %s: restart it", syncLimit)
	}
}
