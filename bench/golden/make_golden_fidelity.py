"""Makes the golden values of distances between sets of features, with torch-fidelity 0.4.0 and prdc 0.2.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 torchvision==0.29.2 numpy==2.4.6 torch-fidelity==0.4.0 prdc==0.2
    .venv/bin/python bench/golden/make_golden_fidelity.py gan/metrics/testdata/fidelity.json

Features are float32. With u[i, j] = uniform(name, [n, size], -1, 1) of seeded.py, name being "<case>/fake" or "<case>/real",

    x[i, j] = (u[i, j] + u[i, j-1] / 2 + u[i, j-2] / 4) / 2^(j mod 4) + shift (j mod 3)       columns j-1 and j-2 cyclic

all of it exact in float64 and then rounded; shift is 0 for the real set. After that, by kind:

    plain        nothing
    relu         x = max(x, 0)
    dead         x[:, j] = 1/4 where j mod 4 is 1, in both sets
    dead_fake    the same in the fake set only
    dependent    x[:, j] = x[:, j - size/2] + x[:, j - size/2 + 1] for j from size/2 to size - 2, so that few features are free

torch-fidelity takes them as float64, prdc as float32; fidelity.py says why. It takes roots of the eigenvalues of a product of
covariances, which have no digits left where features depend on one another: "fid_exact" is the distance by 40 digits, of
mpmath. Logits are 8 uniform(name, [n, classes], -1, 1).
"permutation" and "choice" are what numpy's RandomState(2020) draws, one after the other.
"""

import json
import os
import sys

import mpmath
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

import fidelity
from seeded import uniform


def features(name, n, size, kind, shift):
    u = uniform(name, (n, size), -1, 1).astype(np.float64)
    column = np.arange(size)
    x = u + np.roll(u, 1, 1) / 2 + np.roll(u, 2, 1) / 4
    x = (x / 2.0 ** (column % 4) + shift * (column % 3)).astype(np.float32)
    if kind == "relu":
        x = np.maximum(x, 0)
    if kind == "dead" or kind == "dead_fake" and name.endswith("/fake"):
        x[:, column % 4 == 1] = .25
    if kind == "dependent":
        half = size // 2
        x[:, half:-1] = x[:, :half - 1] + x[:, 1:half]
    return x


def exact_moments(x):
    x = mpmath.matrix(x.tolist())
    mean = [mpmath.fsum(x[:, j]) / x.rows for j in range(x.cols)]
    for i in range(x.rows):
        for j in range(x.cols):
            x[i, j] -= mean[j]
    return mpmath.matrix(mean), x.T * x / (x.rows - 1)


def exact_fid(fake, real):
    """The Frechet distance by the eigenvalues of A^(1/2) B A^(1/2), in 40 digits."""
    with mpmath.workdps(40):
        (mean_a, a), (mean_b, b) = exact_moments(fake), exact_moments(real)
        values, vectors = mpmath.eigsy(a)
        root = vectors * mpmath.diag([mpmath.sqrt(max(v, 0)) for v in values]) * vectors.T
        cross = mpmath.fsum(mpmath.sqrt(max(v, 0)) for v in mpmath.eigsy(root * b * root, eigvals_only=True))
        distance = mpmath.fsum(d ** 2 for d in mean_a - mean_b)
        return float(distance + mpmath.fsum(a[i, i] + b[i, i] for i in range(a.rows)) - 2 * cross)


def case(name, fakes, reals, size, kind, shift, subsets=0, subset_size=0, neighbours=()):
    """Compares two sets; 0 subsets mean no kernel distance."""
    fake = features(name + "/fake", fakes, size, kind, shift)
    real = features(name + "/real", reals, size, kind, 0)
    wide = fake.astype(np.float64), real.astype(np.float64)
    out = dict(name=name, fakes=fakes, reals=reals, size=size, kind=kind, shift=shift, subsets=subsets, subset_size=subset_size)
    out |= fidelity.fid(*wide)
    if size <= 32:
        out["fid_exact"] = exact_fid(*wide)
    if subsets:
        out |= fidelity.kid(*wide, subsets, subset_size)
    out["prdc"] = [{"k": k} | fidelity.prdc(fake, real, k) for k in neighbours]
    for measures in out["prdc"]:
        torch_fidelity = fidelity.precision_recall(*wide, measures["k"])
        for measure, value in torch_fidelity.items():  # torch-fidelity's means are float32.
            assert abs(measures[measure] - value) < 1e-6, (name, measures, torch_fidelity)
    return out


def score_case(name, n, classes, splits, shuffle):
    logits = uniform(name, (n, classes), -1, 1) * np.float32(8)
    return dict(name=name, n=n, classes=classes, splits=splits, shuffle=shuffle) | fidelity.inception_score(logits, splits, shuffle)


def main():
    random = np.random.RandomState(2020)
    golden = {
        "permutation": random.permutation(12).tolist(),
        "choice": random.choice(5000, 8, replace=False).tolist(),
        "distances": [
            case("small", 300, 300, 8, "plain", .25, 20, 100, (1, 3, 5)),
            case("unequal", 1500, 1200, 64, "plain", .125, 100, 1000, (3, 5)),
            case("relu", 1100, 1300, 128, "relu", .0625, 50, 500, (3, 5)),
            case("alike", 1000, 1000, 64, "plain", 0, 20, 1000, (3, 5)),
            case("dead", 1100, 1000, 128, "dead", .125, 20, 300, (3, 5)),
            case("dead_fake", 700, 600, 64, "dead_fake", .125, 20, 300, (3, 5)),
            case("dependent", 500, 600, 32, "dependent", .25, 20, 200, (3, 5)),
            case("wide", 2100, 2200, 2048, "relu", .0625, 2, 1000),
        ],
        "scores": [
            score_case("ten", 1003, 10, 10, True),
            score_case("order", 505, 10, 10, False),
            score_case("thousand", 300, 1000, 4, True),
            score_case("one_part", 200, 3, 1, True),
        ],
    }
    with open(sys.argv[1], "w") as file:
        json.dump(golden, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
