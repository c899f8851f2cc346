package picturefiles

import (
	"bytes"
	"crypto/rand"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/pkg/errors"
)

const jpegQuality = 95

// mark tells the temporary files of this program from those of others.
var mark = rand.Text()[:8]

// save writes a picture to a file, and makes the folders above it. The file appears whole or not at all. Unlike that of a
// checkpoint its content is not forced to the disk, which takes longer than all else: it can be made again.
func save(path string, picture image.Image) error {
	var data bytes.Buffer
	if err := encode(&data, path, picture); err != nil {
		return errors.Wrapf(err, "cannot write %s", path)
	}
	folder := filepath.Dir(path)
	temporary := filepath.Join(folder, "."+filepath.Base(path)+"."+mark)
	err := os.WriteFile(temporary, data.Bytes(), 0o666)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return errors.Errorf("cannot make folder %s: %v", folder, cause(err))
		}
		err = os.WriteFile(temporary, data.Bytes(), 0o666)
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary)
		return errors.Errorf("cannot write %s: %v", path, cause(err))
	}
	return nil
}

// cause strips the name of the temporary file from an error of package os.
func cause(err error) error {
	var ofPath *fs.PathError
	if errors.As(err, &ofPath) {
		return ofPath.Err
	}
	var ofLink *os.LinkError
	if errors.As(err, &ofLink) {
		return ofLink.Err
	}
	return err
}

// encode writes a picture in the format that the name of the file has. JPEG knows no transparency: there it lies over white.
func encode(to *bytes.Buffer, path string, picture image.Image) error {
	if strings.EqualFold(filepath.Ext(path), ".png") {
		encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: pngBuffers{}}
		return encoder.Encode(to, picture)
	}
	if opaque, ok := picture.(interface{ Opaque() bool }); !ok || !opaque.Opaque() {
		white := image.NewRGBA(picture.Bounds())
		draw.Draw(white, white.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(white, white.Rect, picture, white.Rect.Min, draw.Over)
		picture = white
	}
	return jpeg.Encode(to, picture, &jpeg.Options{Quality: jpegQuality})
}

// pngBuffers keeps the buffers of encoders for the next picture.
type pngBuffers struct{}

var buffers sync.Pool

func (pngBuffers) Get() *png.EncoderBuffer {
	buffer, _ := buffers.Get().(*png.EncoderBuffer)
	return buffer
}

func (pngBuffers) Put(buffer *png.EncoderBuffer) { buffers.Put(buffer) }

// Reason says why a picture is left out, without the path that its name tells.
func Reason(err error) string {
	var ofPath *fs.PathError
	switch {
	case errors.As(err, &ofPath):
		return ofPath.Err.Error()
	case errors.Is(err, image.ErrFormat):
		return "it is no PNG, JPEG, GIF, WebP, BMP or TIFF picture"
	}
	return err.Error()
}
