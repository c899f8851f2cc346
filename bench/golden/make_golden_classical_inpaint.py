"""Makes the golden values of classical inpainting, with OpenCV (opencv-python-headless 5.0.0.93) and scikit-image 0.26.0.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 numpy==2.4.6 opencv-python-headless==5.0.0.93 scikit-image==0.26.0
    .venv/bin/python bench/golden/make_golden_classical_inpaint.py gan/inpaint/classical/testdata/golden.json

Pictures are not stored. By kind they are

    noise   pictures(name, [1, height, width, channels])[0] of seeded.py
    smooth  of channel c, in float64, floor(127.5 + 60 sin(0.31 x + 0.7 c) + 60 cos(0.23 y + 0.011 x y - c)), at most 255 and
            at least 0
    levels  smooth // 64 * 64: plains, in which rounding decides what OpenCV's Telea does with the sums of gradients

Each case holds its mask, a string of 0 and 1 (the hole) for each row, and by method the values inside the hole in row-major
order. What OpenCV and scikit-image are given is 0 inside of the hole. biharmonic is in steps of 1/255, not rounded.
"""

import cv2
import numpy as np
from skimage.restoration import inpaint_biharmonic

import golden
from seeded import bits, pictures


def box(height, width, top, left, bottom, right):
    mask = np.zeros((height, width), np.uint8)
    mask[top:bottom, left:right] = 1
    return mask


def stroke(height, width, steps, name):
    """A walk of 2x2 pixels."""
    mask = np.zeros((height, width), np.uint8)
    y, x = height // 2, width // 3
    for way in (bits(name, steps) >> np.uint64(60)).astype(int):
        dy, dx = ((0, 1), (1, 0), (0, -1), (-1, 0), (0, 1), (1, 1))[way % 6]
        y, x = min(max(y + dy, 0), height - 1), min(max(x + dx, 0), width - 1)
        mask[y : y + 2, x : x + 2] = 1
    return mask


def dots(height, width, share, name):
    return (bits(name, height * width) % np.uint64(100) < share).astype(np.uint8).reshape(height, width)


CASES = [
    ("one pixel", "noise", 1, box(9, 11, 4, 5, 5, 6)),
    ("centre", "noise", 1, box(28, 28, 7, 7, 21, 21)),
    ("smooth centre", "smooth", 1, box(28, 28, 7, 7, 21, 21)),
    ("colour centre", "smooth", 3, box(24, 30, 6, 8, 18, 23)),
    ("colour noise", "noise", 3, box(20, 20, 5, 5, 15, 15)),
    ("near the edge", "noise", 1, box(16, 16, 1, 1, 8, 9)),
    ("two from the edge", "smooth", 1, box(16, 16, 2, 2, 8, 14)),
    ("corner", "noise", 1, box(16, 18, 0, 0, 6, 7)),
    ("smooth corner", "smooth", 1, box(16, 18, 9, 11, 16, 18)),
    ("side", "smooth", 3, box(16, 18, 5, 0, 12, 6)),
    ("band", "smooth", 1, box(16, 18, 6, 0, 11, 18)),
    ("stroke", "noise", 1, stroke(28, 28, 60, "stroke")),
    ("colour stroke", "smooth", 3, stroke(32, 32, 90, "colour stroke")),
    ("dots", "smooth", 1, dots(20, 22, 30, "dots")),
    ("colour dots", "noise", 3, dots(16, 16, 60, "colour dots")),
    ("frame", "smooth", 1, 1 - box(14, 14, 4, 4, 10, 10)),
    ("two holes", "noise", 1, box(24, 24, 2, 2, 9, 9) | box(24, 24, 12, 10, 22, 20)),
    ("small", "noise", 1, box(3, 4, 1, 1, 2, 3)),
    ("levels centre", "levels", 3, box(32, 32, 8, 8, 24, 24)),
    ("levels stroke", "levels", 3, stroke(32, 32, 120, "levels stroke")),
    ("wide stroke", "smooth", 1, cv2.dilate(stroke(40, 48, 80, "wide"), np.ones((3, 3), np.uint8))),
]


def picture(name, kind, channels, mask):
    height, width = mask.shape
    if kind == "noise":
        return pictures(name, [1, height, width, channels])[0]
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    smooth = np.clip(np.floor(127.5 + 60 * np.sin(0.31 * x + 0.7 * c) + 60 * np.cos(0.23 * y + 0.011 * x * y - c)), 0, 255).astype(np.uint8)
    return smooth // 64 * 64 if kind == "levels" else smooth


def case(name, kind, channels, mask):
    given = picture(name, kind, channels, mask) * (1 - mask[:, :, None])
    hole = mask.astype(bool)

    def opencv(flag, radius=3):
        return cv2.inpaint(given if channels == 3 else given[:, :, 0], mask, radius, flag).reshape(given.shape)[hole].ravel().tolist()

    biharmonic = inpaint_biharmonic(given / 255, hole, channel_axis=2)[hole] * 255
    return {
        "name": name, "kind": kind, "shape": list(given.shape), "mask": ["".join(map(str, row)) for row in mask.tolist()],
        "telea": opencv(cv2.INPAINT_TELEA), "telea_5": opencv(cv2.INPAINT_TELEA, 5),
        "navier_stokes": opencv(cv2.INPAINT_NS), "navier_stokes_5": opencv(cv2.INPAINT_NS, 5),
        "biharmonic": [round(v, 4) for v in biharmonic.ravel().tolist()],
    }


if __name__ == "__main__":
    golden.main(lambda: {"cases": [case(*c) for c in CASES]}, lines=True)
