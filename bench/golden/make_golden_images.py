"""Makes the golden values of comparisons of pictures, with scikit-image 0.26.0 and pytorch-msssim 1.0.0.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 numpy==2.4.6 scikit-image==0.26.0 pytorch-msssim==1.0.0
    .venv/bin/python bench/golden/make_golden_images.py gan/metrics/testdata/images.json

Pictures are not stored. With p = pictures("<case>/a", [n, height, width, channels]) and q = pictures("<case>/b", ...) of
seeded.py a pair is p and, by kind:

    mix         (7 p + q) // 8
    other       q
    negative    255 - p
    equal       p
    flat        200 everywhere, and p is 190 everywhere

Each case holds, of each pair: ssim, psnr (null for equal pictures) and l1 (the mean absolute difference divided by 255), by
scikit-image and numpy, and ms_ssim with its number of scales, by pytorch-msssim in float64. That package makes its window in
float32, so that it gets one of float64 here; "float32_window" is the largest difference which that makes. It refuses
pictures that are too small for five scales: those are computed by its own two steps, _ssim and avg_pool2d, at as many
scales as there are with a smaller side of more than 10 * 2^(scales - 1), with their weights divided by their sum.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from pytorch_msssim import ms_ssim
from pytorch_msssim.ssim import _ssim
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import golden
from seeded import pictures

WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

CASES = [
    ("grey28", "mix", [3, 28, 28, 1]),
    ("colour32", "mix", [3, 32, 32, 3]),
    ("wide", "mix", [2, 37, 52, 3]),
    ("smallest", "mix", [2, 11, 12, 1]),
    ("twenty", "mix", [1, 20, 20, 1]),
    ("other", "other", [2, 45, 45, 3]),
    ("negative", "negative", [2, 32, 32, 1]),
    ("equal", "equal", [1, 32, 32, 3]),
    ("flat", "flat", [1, 28, 28, 1]),
    ("four scales", "mix", [1, 83, 97, 1]),
    ("five scales", "mix", [1, 161, 178, 3]),
    ("five scales, other", "other", [1, 176, 163, 1]),
]


def pair(name, kind, shape):
    p, q = pictures(name + "/a", shape), pictures(name + "/b", shape)
    if kind == "flat":
        p = np.full_like(p, 190)
    return p, {
        "mix": ((7 * p.astype(int) + q) // 8).astype(np.uint8),
        "other": q,
        "negative": 255 - p,
        "equal": p,
        "flat": np.full_like(p, 200),
    }[kind]


def window(channels):
    x = torch.arange(-5, 6, dtype=torch.float64)
    g = torch.exp(-x * x / (2 * 1.5**2))
    return (g / g.sum()).reshape(1, 1, 1, 11).repeat(channels, 1, 1, 1)


def small_ms_ssim(x, y, weights, win):
    similarities = []
    for i in range(len(weights)):
        ssim, structure = _ssim(x, y, 255, win, size_average=False)
        similarities.append(torch.relu(ssim if i == len(weights) - 1 else structure))
        padding = [s % 2 for s in x.shape[2:]]
        x, y = F.avg_pool2d(x, 2, padding=padding), F.avg_pool2d(y, 2, padding=padding)
    powers = torch.stack(similarities) ** torch.tensor(weights, dtype=torch.float64).reshape(-1, 1, 1)
    return powers.prod(0).mean(1)


def multiscale(p, q):
    x, y = (torch.from_numpy(a).permute(0, 3, 1, 2).double() for a in (p, q))
    win = window(x.shape[1])
    scales = max(n for n in range(1, 6) if n == 1 or min(x.shape[2:]) > 10 * 2 ** (n - 1))
    if scales < 5:
        weights = [w / sum(WEIGHTS[:scales]) for w in WEIGHTS[:scales]]
        return small_ms_ssim(x, y, weights, win), scales, 0.0
    # The sum of the paper's weights is 1.0001, which the package leaves.
    values = ms_ssim(x, y, size_average=False, win=win)
    assert torch.allclose(values, small_ms_ssim(x, y, WEIGHTS, win), rtol=1e-12)
    return values, scales, (ms_ssim(x, y, size_average=False) - values).abs().max().item()


def case(name, kind, shape):
    p, q = pair(name, kind, shape)
    pairs = list(zip(p, q))
    values, scales, difference = multiscale(p, q)
    ratios = [peak_signal_noise_ratio(a, b, data_range=255) if (a != b).any() else math.inf for a, b in pairs]
    return {
        "name": name, "kind": kind, "shape": shape,
        "ssim": [float(structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
                                             data_range=255, channel_axis=2)) for a, b in pairs],
        "ms_ssim": values.tolist(), "scales": scales, "float32_window": difference,
        "psnr": [float(r) if r < math.inf else None for r in ratios],
        "l1": [float(np.abs(a.astype(float) - b).mean() / 255) for a, b in pairs],
    }


if __name__ == "__main__":
    golden.main(lambda: {"cases": [case(*c) for c in CASES]}, lines=True)
