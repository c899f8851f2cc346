"""Makes the golden values of comparisons of pictures within holes, with scikit-image 0.26.0.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 numpy==2.4.6 scikit-image==0.26.0 pytorch-msssim==1.0.0
    .venv/bin/python bench/golden/make_golden_masked.py gan/metrics/testdata/masked.json

The pairs are made as those of make_golden_images.py. The hole is where pictures("<case>/mask", [n, height, width, 1]) of seeded.py
is less than "below"; with 0 it is the box of the middle half.

Each case holds, of each pair, the means over the hole of: l1, the absolute difference divided by 255; psnr (null where nothing
differs); ssim, the map of structural_similarity with full=True.
"""

import math

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import golden
from make_golden_images import pair
from seeded import pictures

CASES = [
    ("masked grey", "mix", [3, 28, 28, 1], 0),
    ("masked colour", "mix", [2, 32, 32, 3], 80),
    ("masked wide", "other", [2, 37, 52, 3], 30),
    ("masked smallest", "mix", [2, 11, 12, 1], 128),
    ("masked equal", "equal", [1, 20, 20, 1], 100),
]


def masks(name, shape, below):
    n, height, width, _ = shape
    if below:
        return pictures(name + "/mask", [n, height, width, 1])[..., 0] < below
    mask = np.zeros((n, height, width), bool)
    mask[:, height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = True
    return mask


def case(name, kind, shape, below):
    values = {"l1": [], "psnr": [], "ssim": []}
    for a, b, mask in zip(*pair(name, kind, shape), masks(name, shape, below)):
        _, similarity = structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255,
                                              channel_axis=2, full=True)
        values["l1"].append(float(np.abs(a[mask].astype(float) - b[mask]).mean() / 255))
        ratio = peak_signal_noise_ratio(a[mask], b[mask], data_range=255) if (a[mask] != b[mask]).any() else math.inf
        values["psnr"].append(float(ratio) if ratio < math.inf else None)
        values["ssim"].append(float(similarity[mask].mean()))
    return {"name": name, "kind": kind, "shape": shape, "below": below} | values


if __name__ == "__main__":
    golden.main(lambda: {"cases": [case(*c) for c in CASES]}, lines=True)
