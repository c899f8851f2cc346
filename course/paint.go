package course

import (
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// holeColor is that of the hole in a picture, one that pictures rarely have.
var holeColor = color.RGBA{R: 230, G: 0, B: 126, A: 255}

// paintGap is the room between the picture and what was made of it, in pixels.
const paintGap = 12

// Paint shows a picture with a hole, scaled up, and beside it what draw makes of the hole. Whenever a hand has painted a
// stroke it draws again. The mask has the size of the picture and its corner at (0, 0); white is the hole, black is what
// stays. It begins with a square in the middle, half as wide and high as the picture; after Clear there is no hole. A result
// of the picture's size is scaled up too.
//
// Paint returns when [Slide] does.
func Paint(picture image.Image, scale int, draw func(mask *image.Gray) image.Image) {
	paint(picture, scale, draw).run()
}

// largestPicture is the greatest width or height that can be painted on.
const largestPicture = 1024

func paint(picture image.Image, scale int, fill func(mask *image.Gray) image.Image) widget[*image.Gray] {
	size := picture.Bounds().Size()
	if size.X < 1 || size.Y < 1 || size.X > largestPicture || size.Y > largestPicture {
		Fail("course.Paint: the picture has %d × %d pixels; it takes from 1 × 1 to %d × %d.", size.X, size.Y, largestPicture, largestPicture)
	}
	if scale < 1 {
		Fail("course.Paint: the scale is %d, and must be 1 or more.", scale)
	}
	start := image.NewGray(image.Rectangle{Max: size})
	middle := image.Rect(size.X/4, size.Y/4, size.X-size.X/4, size.Y-size.Y/4)
	draw.Draw(start, middle, image.White, image.Point{}, draw.Src)
	return widget[*image.Gray]{
		name:  "paint",
		start: start,
		picture: func(mask *image.Gray) image.Image {
			own := image.NewGray(mask.Rect)
			copy(own.Pix, mask.Pix)
			result := fill(own)
			if result == nil || result.Bounds().Empty() {
				return nil
			}
			return beside(withHole(picture, mask), result, scale)
		},
		read: func(m message) (*image.Gray, bool) { return unpackMask(m.Mask, size) },
		tell: func(mask *image.Gray) string {
			hole := 0
			for _, value := range mask.Pix {
				if value != 0 {
					hole++
				}
			}
			return fmt.Sprintf("a hole of %.0f %% (run this cell in JupyterLab to paint another)", 100*float64(hole)/float64(len(mask.Pix)))
		},
		over: fmt.Sprintf(`<canvas data-mask width="%d" height="%d" style="position:absolute;left:0;top:0;`+
			`touch-action:none;cursor:crosshair;image-rendering:pixelated"></canvas>`, size.X, size.Y),
		controls: `<label>brush <input type="range" data-brush min="1" max="` + fmt.Sprint(max(2, min(size.X, size.Y)/2)) +
			`" value="` + fmt.Sprint(max(1, min(size.X, size.Y)/8)) + `"></label>
<button type="button" data-clear>Clear</button>`,
		config: map[string]any{"width": size.X, "height": size.Y, "shown": size.X * scale, "high": size.Y * scale, "mask": packMask(start),
			"color": []uint8{holeColor.R, holeColor.G, holeColor.B}},
		script: paintScript,
	}
}

// paintScript keeps the mask, one byte a pixel, and sends it, one bit a pixel, after each stroke.
const paintScript = `const {width, height} = config;
const canvas = root.querySelector("[data-mask]"), picture = root.querySelector("[data-picture]");
const brush = root.querySelector("[data-brush]"), context = canvas.getContext("2d");
const mask = new Uint8Array(width * height);
const packed = Uint8Array.from(atob(config.mask), (c) => c.charCodeAt(0));
for (let i = 0; i < mask.length; i++) mask[i] = packed[i >> 3] >> (7 - (i & 7)) & 1;
const fit = () => { // The picture may be shown smaller than it is.
  const share = picture.naturalWidth ? picture.clientWidth / picture.naturalWidth : 1;
  canvas.style.width = config.shown * share + "px";
  canvas.style.height = config.high * share + "px";
};
new ResizeObserver(fit).observe(picture);
const redraw = () => {
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < mask.length; i++) if (mask[i]) pixels.data.set([...config.color, 255], 4 * i);
  context.putImageData(pixels, 0, 0);
};
redraw();
const submit = () => {
  const bits = new Uint8Array((mask.length + 7) >> 3);
  mask.forEach((value, i) => { if (value) bits[i >> 3] |= 128 >> (i & 7); });
  send({mask: btoa(Array.from(bits, (b) => String.fromCharCode(b)).join(""))});
};
const dab = (x, y) => {
  const radius = brush.value / 2;
  for (let j = Math.max(0, Math.floor(y - radius)); j < Math.min(height, y + radius); j++)
    for (let i = Math.max(0, Math.floor(x - radius)); i < Math.min(width, x + radius); i++)
      if (Math.hypot(i + 0.5 - x, j + 0.5 - y) <= Math.max(radius, 0.71)) mask[j * width + i] = 1;
};
let last = null;
const at = (event) => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width * width, (event.clientY - box.top) / box.height * height];
};
const stroke = (to) => {
  const [x, y] = last ?? to, steps = Math.max(1, Math.ceil(2 * Math.hypot(to[0] - x, to[1] - y)));
  for (let k = 1; k <= steps; k++) dab(x + (to[0] - x) * k / steps, y + (to[1] - y) * k / steps);
  last = to;
  redraw();
};
canvas.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  stroke(at(event));
});
canvas.addEventListener("pointermove", (event) => { if (last) stroke(at(event)); });
for (const end of ["pointerup", "pointercancel"])
  canvas.addEventListener(end, () => { if (last) { last = null; submit(); } });
root.querySelector("[data-clear]").addEventListener("click", () => { mask.fill(0); redraw(); submit(); });`

// withHole returns the picture with the hole in a colour of its own.
func withHole(picture image.Image, mask *image.Gray) image.Image {
	painted := image.NewRGBA(mask.Rect)
	draw.Draw(painted, painted.Rect, picture, picture.Bounds().Min, draw.Src)
	draw.DrawMask(painted, painted.Rect, image.NewUniform(holeColor), image.Point{}, alphaOf(mask), image.Point{}, draw.Over)
	return painted
}

// alphaOf lets through what is white in a mask.
func alphaOf(mask *image.Gray) image.Image {
	return &image.Alpha{Pix: mask.Pix, Stride: mask.Stride, Rect: mask.Rect}
}

// beside returns two pictures side by side on white, both scaled if they are of one size.
func beside(left, right image.Image, scale int) image.Image {
	leftSize := left.Bounds().Size()
	rightSize := right.Bounds().Size()
	if rightSize == leftSize {
		rightSize = rightSize.Mul(scale)
	}
	leftSize = leftSize.Mul(scale)
	both := image.NewRGBA(image.Rect(0, 0, leftSize.X+paintGap+rightSize.X, max(leftSize.Y, rightSize.Y)))
	draw.Draw(both, both.Rect, image.White, image.Point{}, draw.Src)
	draw.NearestNeighbor.Scale(both, image.Rectangle{Max: leftSize}, left, left.Bounds(), draw.Over, nil)
	corner := image.Pt(leftSize.X+paintGap, 0)
	draw.NearestNeighbor.Scale(both, image.Rectangle{Min: corner, Max: corner.Add(rightSize)}, right, right.Bounds(), draw.Over, nil)
	return both
}

// packMask writes a mask with one bit a pixel, row after row without gaps, the first pixel in the highest bit.
func packMask(mask *image.Gray) []byte {
	bits := make([]byte, (len(mask.Pix)+7)/8)
	for i, value := range mask.Pix {
		if value != 0 {
			bits[i/8] |= 128 >> (i % 8)
		}
	}
	return bits
}

// unpackMask reads a mask of a size; false if there are too few bits or too many.
func unpackMask(bits []byte, size image.Point) (*image.Gray, bool) {
	mask := image.NewGray(image.Rectangle{Max: size})
	if len(bits) != (len(mask.Pix)+7)/8 {
		return nil, false
	}
	for i := range mask.Pix {
		if bits[i/8]&(128>>(i%8)) != 0 {
			mask.Pix[i] = 255
		}
	}
	return mask, true
}
