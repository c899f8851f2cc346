"""Remakes the pictures beside this file, with Pillow 13.0.0 and numpy: python make_golden.py

scene.png, alpha.png, scene.webp and turned.jpg are drawn by the formulas below. want_*.png are what the package should
make of them, by Pillow's own cropping, compositing and resizing.
"""

import os

import numpy as np
from PIL import Image, ImageOps

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def scene(width, height):
    """A coloured picture with slow gradients, sharp edges and stripes finer than the resized pictures can show."""
    y, x = np.mgrid[0:height, 0:width]
    red = 255 * x / (width - 1)
    green = 255 * y / (height - 1)
    blue = np.where((x // 2 + y // 3) % 2 == 0, 220, 40)
    picture = np.stack([red, green, blue], axis=-1)
    disc = (x - 0.4 * width) ** 2 + (y - 0.55 * height) ** 2 < (0.25 * height) ** 2
    picture[disc] = [250, 250, 5]
    picture[: height // 8, : width // 2] = [0, 0, 0]
    return Image.fromarray(np.round(picture).astype(np.uint8))


def centre(picture, factor=1):
    """The square in the middle, its side a multiple of factor."""
    side = min(picture.size)
    side -= side % factor
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))


def resize(picture, size):
    """Pillow's bicubic in floats: in bytes it would cut off what overshoots between its two passes."""
    planes = [plane.convert("F").resize((size, size), Image.Resampling.BICUBIC) for plane in picture.split()]
    return Image.fromarray(np.round(np.clip(np.stack(planes, axis=-1), 0, 255)).astype(np.uint8))


def save(picture, name):
    picture.save(name, optimize=True)


colour = scene(323, 241)
save(colour, "scene.png")
for size in (96, 128):
    save(resize(centre(colour), size), f"want_scene_{size}.png")
save(resize(centre(colour), 96).convert("L"), "want_scene_96_grey.png")
# 241 // 3 // 16 = 5: shrunk in boxes of 5 × 5 first, as Pillow's own reduce does; and shrunk in one step.
save(resize(centre(colour, 5).reduce(5), 16), "want_scene_16.png")
save(resize(centre(colour), 16), "want_scene_16_at_once.png")

# Half of it fades out, over colours that must not be seen where nothing is left of them.
small = scene(60, 60)
alpha = np.round(np.clip(np.mgrid[0:60, 0:60][1] / 30.0 - 0.5, 0, 1) * 255).astype(np.uint8)
small.putalpha(Image.fromarray(alpha))
save(small, "alpha.png")
white = Image.new("RGBA", small.size, "white")
white.alpha_composite(small)
save(resize(white.convert("RGB"), 24), "want_alpha_24.png")

scene(48, 48).save("scene.webp", lossless=True)
save(scene(48, 48), "want_webp_48.png")
save(resize(scene(48, 48), 70), "want_webp_70.png")

# A camera held upright: the file lies on its side and says so in its Exif data.
exif = Image.Exif()
exif[0x0112] = 6
scene(64, 48).save("turned.jpg", quality=95, subsampling=0, exif=exif)
turned = ImageOps.exif_transpose(Image.open("turned.jpg"))
save(resize(centre(turned), 32), "want_turned_32.png")
