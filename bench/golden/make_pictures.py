"""Makes the hard pictures in datasets/testdata/hard, with Pillow 13.0.0 and numpy 2.4.6, and beside each of them the PNG file
that it should be read as: in colour, upright, over white, the first frame, as Pillow has it.

    python3 -m venv .venv
    .venv/bin/pip install numpy==2.4.6 pillow==13.0.0
    .venv/bin/python bench/golden/make_pictures.py datasets/testdata/hard

Kinds of PNG that Pillow does not write are written here, bit by bit. Of 16 bits the upper 8 are kept, as Pillow does with
colours; with grey it cuts off what is above 255, so that those are computed here.
"""

import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps

WIDTH, HEIGHT = 30, 20


def scene(width=WIDTH, height=HEIGHT):
    """Slow gradients in red and green, and a disc and a dark corner, to see which way is up."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([255 * x / (width - 1), 255 * y / (height - 1), np.full(x.shape, 120.0)], axis=-1)
    picture[(x - 0.4 * width) ** 2 + (y - 0.55 * height) ** 2 < (0.25 * height) ** 2] = [250, 250, 5]
    picture[: height // 4, : width // 3] = [10, 0, 30]
    return np.round(picture).astype(np.uint8)


def over_white(picture):
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    return white.convert("RGB")


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pack(values, bits):
    """Rows of values as rows of bytes, each with filter 0 before it."""
    rows = []
    for row in values.reshape(len(values), -1):
        if bits == 16:
            data = row.astype(">u2").tobytes()
        else:
            steps = np.arange(bits - 1, -1, -1)
            data = np.packbits(((row[:, None] >> steps) & 1).astype(np.uint8).reshape(-1)).tobytes()
        rows.append(b"\0" + data)
    return b"".join(rows)


def png(name, values, kind, bits, interlaced=False, extra=b""):
    """Writes a PNG file of the values, [height, width] or [height, width, channels]."""
    height, width = values.shape[:2]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        parts = [values[y::down, x::right] for y, x, down, right in passes]
        content = b"".join(pack(part, bits) for part in parts if part.size)
    else:
        content = pack(values, bits)
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(content, 9)) + chunk(b"IEND", b""))


def want(name, picture=None):
    """Writes what the file should be read as."""
    if picture is None:
        picture = over_white(ImageOps.exif_transpose(Image.open(name)))
    picture.save(name + ".want.png", optimize=True)


def pngs():
    colour = scene()
    grey = colour.astype(int).sum(axis=-1) // 3
    deep = colour.astype(np.uint16) * 256 + 77
    indices = (grey // 64).astype(np.uint8)
    palette = np.array([[250, 10, 10], [10, 250, 10], [10, 10, 250], [240, 240, 20]], np.uint8)
    plte = chunk(b"PLTE", palette.tobytes())
    see_through = chunk(b"tRNS", bytes([0, 100, 255]))  # The last is opaque, unsaid.
    png("colour16.png", deep, 2, 16)
    png("colour16_interlaced.png", deep, 2, 16, True)
    png("interlaced.png", colour, 2, 8, True)
    png("grey_alpha.png", np.stack([grey, 255 - grey], axis=-1), 4, 8)
    png("alpha16.png", np.concatenate([deep, (grey * 256)[..., None]], axis=-1), 6, 16)
    png("clear_colour.png", colour, 2, 8, extra=chunk(b"tRNS", struct.pack(">HHH", 10, 0, 30)))
    png("clear_grey.png", grey, 0, 8, extra=chunk(b"tRNS", struct.pack(">H", int(grey[0, 0]))))
    png("indexed2.png", indices, 3, 2, extra=plte)
    png("indexed2_see_through.png", indices, 3, 2, True, extra=plte + see_through)
    png("indexed8_see_through.png", indices, 3, 8, extra=plte + see_through)
    png("bits1.png", grey > 120, 0, 1)
    png("bits1_interlaced.png", grey > 120, 0, 1, True)
    png("bits4.png", grey // 16, 0, 4)
    for name in ("colour16", "colour16_interlaced", "interlaced", "grey_alpha", "alpha16", "clear_colour", "clear_grey", "indexed2",
                 "indexed2_see_through", "indexed8_see_through", "bits1", "bits1_interlaced", "bits4"):
        want(name + ".png")
    png("grey16.png", grey * 256 + 99, 0, 16)
    want("grey16.png", Image.fromarray(grey.astype(np.uint8)).convert("RGB"))


def others():
    colour = Image.fromarray(scene())
    exif = Image.Exif()
    for orientation in (3, 6):
        exif[0x0112] = orientation
        colour.save(f"turned{orientation}.png", exif=exif)
        colour.save(f"turned{orientation}.webp", exif=exif, lossless=True)
        colour.save(f"turned{orientation}.tif", tiffinfo={0x0112: orientation})
    colour.convert("CMYK").save("cmyk.jpg", quality=98, subsampling=0)
    colour.convert("L").save("grey.jpg", quality=95)
    colour.save("progressive.jpg", quality=95, progressive=True, subsampling=0)
    colour.save("lossy.webp", quality=95)
    alpha = colour.copy()
    alpha.putalpha(colour.convert("L"))
    alpha.save("alpha.webp", lossless=True)
    alpha.resize((WIDTH - 1, HEIGHT - 1)).save("lossy_alpha.webp", quality=90)
    alpha.save("alpha.tif", compression="tiff_adobe_deflate")
    colour.save("colour.bmp")
    colour.convert("L").save("grey.bmp")
    colour.quantize(16).save("indexed.bmp")
    colour.save("lzw.tiff", compression="tiff_lzw")
    colour.save("packed.tif", compression="packbits")
    colour.convert("1").save("fax.tif", compression="group4")
    colour.convert("1").save("bits1.tif")
    colour.quantize(200).save("indexed.tif")
    frames = [colour, ImageOps.invert(colour), colour.convert("L").convert("RGB")]
    frames[0].save("animated.gif", save_all=True, append_images=frames[1:], duration=100)
    frames[0].save("animated.webp", save_all=True, append_images=frames[1:], lossless=True)
    for name in sorted(os.listdir(".")):
        if os.path.splitext(name)[1] != ".png" and name not in ("animated.webp", "fax.tif") or name.startswith("turned") and not name.endswith(".want.png"):
            want(name)
    # The first frame covers only a part of the canvas.
    Image.fromarray(scene(12, 8)).quantize(16).save("small.gif")
    with open("small.gif", "rb") as file:
        data = bytearray(file.read())
    os.remove("small.gif")
    data[6:10] = struct.pack("<HH", WIDTH, HEIGHT)
    frame = data.index(b"\x2c", 13 + 3 * 2 ** ((data[10] & 7) + 1))
    data[frame + 1 : frame + 5] = struct.pack("<HH", 5, 6)
    with open("small_frame.gif", "wb") as file:
        file.write(data)
    canvas = Image.new("RGB", (WIDTH, HEIGHT), "white")
    canvas.paste(Image.fromarray(scene(12, 8)).quantize(16).convert("RGB"), (5, 6))
    want("small_frame.gif", canvas)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    os.makedirs(sys.argv[1], exist_ok=True)
    os.chdir(sys.argv[1])
    pngs()
    others()
