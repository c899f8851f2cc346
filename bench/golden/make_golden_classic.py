"""Makes the golden pictures that the tests of package gan/augment compare classical operations with: torchvision 0.29.2 on
torch 2.15.0 and Pillow 13.0.0, on the CPU.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 torchvision==0.29.2 numpy==2.4.6 pillow==13.0.0
    .venv/bin/python bench/golden/make_golden_classic.py gan/augment/testdata/classic.json

Run it in the repository's root. The pictures are the first digit of datasets/data/digits.idx.gz and an emoji of
datasets/data/emoji_google.webp, as bytes in base64. Each case holds the policy, the picture, the draws of all its steps (of
elastic, which needs many, they are the formula of `units`) and the result, also as bytes.

"limit" is the mean absolute difference, in steps of 8 bits, that the test allows. It is 0.02 where both compute the same and
only roundings of halves differ. It is larger where the reference computes something else:

    crop       resized_crop repeats the pixels at the window's own edge, ours goes on with those outside the window;
    Pillow     counts in bytes: brightness, contrast and saturation cut fractions off, contrast rounds the mean, rotate takes other
               roundings; GaussianBlur is three box blurs.
"""

import base64
import gzip
import math

import numpy as np
import torch
import torch.nn.functional as nn
from PIL import Image, ImageEnhance, ImageFilter
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as F

import golden

BILINEAR = InterpolationMode.BILINEAR
torch.set_default_dtype(torch.float64)


def pictures():
    with gzip.open("datasets/data/digits.idx.gz") as file:
        digit = np.frombuffer(file.read(16 + 28 * 28)[16:], np.uint8).reshape(28, 28, 1)
    sheet = np.asarray(Image.open("datasets/data/emoji_google.webp").convert("RGB"))
    return {"digit": digit, "emoji": sheet[32 * 3:32 * 4, 32 * 7:32 * 8]}


PICTURES = pictures()


def units(n):
    """The draws that stand for a case without a list: n numbers in [0, 1)."""
    i = np.arange(n, dtype=np.float64)
    return np.mod(np.abs(np.sin(0.37 * i + 0.0531 * i * i + 0.7)) * 7.3, 1)


def encoded(pixels):
    return base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode()


def between(u, low, high):
    return low + (high - low) * u


def tensor(name):
    return torch.from_numpy(PICTURES[name].astype(np.float64) / 255).permute(2, 0, 1)


def image(name):
    pixels = PICTURES[name]
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


def case(policy, picture, draws, f, reference="torchvision", limit=0.02):
    """f gets a tensor [channels, height, width] in [0, 1], or a Pillow image, and returns the same."""
    if reference == "Pillow":
        result = np.asarray(f(image(picture)))
    else:
        y = f(tensor(picture))
        result = np.floor(np.clip(y.permute(1, 2, 0).numpy(), 0, 1) * 255 + 0.5)
    return {"policy": policy, "picture": picture, "draws": draws, "reference": reference, "limit": limit, "pixels": encoded(result)}


# Outside is 0, black: with fill=None. A fill of 0 would weigh pixels along the edge twice by how far they are inside.
def affine(x, angle=0.0, translate=(0.0, 0.0), scale=1.0, shear=0.0):
    return F.affine(x, angle, list(translate), scale, [shear, 0.0], interpolation=BILINEAR, fill=None)


def with_edge(x, degrees):
    """A rotation whose outside is the nearest edge: grid_sample with its padding "border"."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    height, width = x.shape[1:]
    matrix = torch.tensor([[[c, s * height / width, 0], [-s * width / height, c, 0]]])
    grid = nn.affine_grid(matrix, (1, *x.shape), align_corners=False)
    return nn.grid_sample(x[None], grid, padding_mode="border", align_corners=False)[0]


def geometry():
    black = "border=black"
    for picture in ("digit", "emoji"):
        yield case("flip:p=1", picture, [], F.horizontal_flip)
        yield case(f"rotate:30:{black}", picture, [0.8], lambda x: affine(x, angle=between(0.8, -30, 30)))
    yield case("flip-vertical:p=1", "emoji", [], F.vertical_flip)
    yield case("rotate:40", "emoji", [0.2], lambda x: with_edge(x, between(0.2, -40, 40)))
    yield case("rotate:30:" + black, "digit", [0.8], lambda i: i.rotate(-between(0.8, -30, 30), Image.Resampling.BILINEAR), "Pillow", 0.1)
    yield case(f"scale:0.4:{black}", "digit", [0.85], lambda x: affine(x, scale=between(0.85, 0.6, 1.4)))
    yield case(f"translate:0.2:{black}", "digit", [0.13, 0.74],
               lambda x: affine(x, translate=(between(0.13, -5.6, 5.6), between(0.74, -5.6, 5.6))))
    yield case(f"shear:25:{black}", "digit", [0.9], lambda x: affine(x, shear=between(0.9, -25, 25)))
    yield case(f"scale:0.2:{black},shear:20:{black},rotate:40:{black},translate:0.1:{black}", "digit", [0.9, 0.2, 0.7, 0.6, 0.1],
               lambda x: affine(x, between(0.7, -40, 40), (between(0.6, -2.8, 2.8), between(0.1, -2.8, 2.8)),
                                between(0.9, 0.8, 1.2), between(0.2, -20, 20)))
    # A window of 24 x 24 pixels from row 6 and column 2 of 32 x 32.
    yield case("crop:0.5", "emoji", [0.5, 0.25, 0.75], lambda x: F.resized_crop(x, 6, 2, 24, 24, [32, 32], BILINEAR, antialias=False), limit=0.5)


def elastic(x, strength=0.05, smoothness=0.1):
    size = x.shape[1]
    deviation = smoothness * size
    radius = math.ceil(3 * deviation)
    kernel = np.exp(-np.square(np.arange(-radius, radius + 1) / deviation) / 2)
    kernel /= kernel.sum()
    factor = strength * size * math.sqrt(3) / np.square(kernel).sum()
    noise = torch.from_numpy(units(2 * size * size).reshape(2, size, size)) * 2 - 1  # Rows, columns.
    fields = F.gaussian_blur(noise, [2 * radius + 1] * 2, [deviation] * 2) * factor  # In pixels.
    displacement = fields.flip(0).permute(1, 2, 0)[None] * 2 / size
    return F.elastic(x, displacement, BILINEAR, fill=None)


def textures():
    yield case("elastic:0.05:smoothness=0.1:border=black", "digit", None, elastic)
    for picture in ("digit", "emoji"):
        sigma = between(0.9, 0.1, 1.5)
        yield case("blur:1.5", picture, [0.9], lambda x: F.gaussian_blur(x, [11, 11], [sigma, sigma]))
    yield case("blur:1.5", "emoji", [0.9], lambda i: i.filter(ImageFilter.GaussianBlur(sigma)), "Pillow", 1.5)
    # The middle of a square of 14 pixels is the corner floor(0.4 * 29) = 11 along rows, floor(0.9 * 29) = 26 along columns.
    yield case("cutout:0.5:fill=-1", "digit", [0.4, 0.9], lambda x: F.erase(x, 4, 19, 14, 14, torch.zeros(1, 1, 1)))


def tones():
    for name, f, enhance in (("brightness", F.adjust_brightness, ImageEnhance.Brightness),
                                 ("contrast", F.adjust_contrast, ImageEnhance.Contrast),
                                 ("saturation", F.adjust_saturation, ImageEnhance.Color)):
        for u in (0.1, 0.95):
            factor = between(u, 0.4, 1.6)
            yield case(f"{name}:0.6", "emoji", [u], lambda x: f(x, factor))
        yield case(f"{name}:0.6", "emoji", [0.1], lambda i: enhance(i).enhance(between(0.1, 0.4, 1.6)), "Pillow", 0.8)
    yield case("contrast:0.6", "digit", [0.1], lambda x: F.adjust_contrast(x, between(0.1, 0.4, 1.6)))
    for u in (0.2, 0.6, 0.97):
        yield case("hue:0.5", "emoji", [u], lambda x: F.adjust_hue(x, between(u, -0.5, 0.5)))
    for u in (0.0, 0.9):
        gamma = math.exp(between(u, -math.log(2), math.log(2)))
        yield case("gamma:1", "emoji", [u], lambda x: F.adjust_gamma(x, gamma))


def make():
    return {"pictures": [{"name": name, "shape": list(p.shape), "pixels": encoded(p)} for name, p in PICTURES.items()],
            "cases": [*geometry(), *textures(), *tones()]}


if __name__ == "__main__":
    golden.main(make, lines=True)
