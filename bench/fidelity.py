"""Prints the figures that the reference implementations give for two sets of features, to compare Ganymede's with.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 torchvision==0.29.2 numpy==2.4.6 torch-fidelity==0.4.0 prdc==0.2
    .venv/bin/python bench/fidelity.py FAKE.npy REAL.npy [--logits LOGITS.npy] [--ganymede SCORES.json]

FAKE.npy and REAL.npy are float32, [samples, size]; LOGITS.npy, of the fake samples, is [samples, classes]. It prints JSON:

    fid                     Frechet distance, torch-fidelity
    kid, kid_deviation      kernel distance, torch-fidelity: the mean over subsets and their standard deviation
    is, is_deviation        inception score, torch-fidelity, where --logits is given
    precision, recall       k = 3, the package prdc; with _torch_fidelity after it, of torch-fidelity
    density, coverage       k = 5, the package prdc

SCORES.json is what `ganymede evaluate --json` prints. Each figure then is an object of the reference's, Ganymede's and
their difference relative to the reference's.

torch-fidelity takes features as they come. In float32 it adds them up in float32, so that its own figures then depend on the
order of the samples and on the processor: Frechet distances by 1e-6, kernel distances by 1e-5 and, near 0, by 1e-3. It is
given float64 here; --float32 gives it the file's own numbers. The package prdc is given the file's own always.
"""

import argparse
import contextlib
import json
import sys

import numpy as np
import torch
from prdc import compute_prdc
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric


def fid(fake, real):
    statistics = [fid_features_to_statistics(torch.from_numpy(x)) for x in (fake, real)]
    return {"fid": fid_statistics_to_metric(*statistics, False)["frechet_inception_distance"]}


def kid(fake, real, subsets=100, subset_size=1000):
    out = kid_features_to_metric(torch.from_numpy(fake), torch.from_numpy(real), verbose=False,
                                 kid_subsets=subsets, kid_subset_size=subset_size)
    return {"kid": out["kernel_inception_distance_mean"], "kid_deviation": out["kernel_inception_distance_std"]}


def inception_score(logits, splits=10, shuffle=True):
    out = isc_features_to_metric(torch.from_numpy(logits), splits, shuffle)
    return {"is": out["inception_score_mean"], "is_deviation": out["inception_score_std"]}


def precision_recall(fake, real, k=3):
    out = prc_features_to_metric(torch.from_numpy(fake), torch.from_numpy(real), verbose=False, prc_neighborhood=k)
    return {name: out[name] for name in ("precision", "recall")}


def prdc(fake, real, k):
    with contextlib.redirect_stdout(sys.stderr):
        return {name: float(value) for name, value in compute_prdc(real, fake, k).items()}


def figures(fake, real, logits, subsets, subset_size, dtype):
    wide = fake.astype(dtype), real.astype(dtype)
    out = fid(*wide) | kid(*wide, subsets, subset_size)
    if logits is not None:
        out |= inception_score(logits)
    three, five = prdc(fake, real, 3), prdc(fake, real, 5)
    out |= {name: three[name] for name in ("precision", "recall")}
    out |= {name: five[name] for name in ("density", "coverage")}
    return out | {name + "_torch_fidelity": value for name, value in precision_recall(*wide).items()}


def beside(reference, scores):
    """Each figure with Ganymede's: the value of a score of that name, or the part of some score."""
    own = {name: value for score in scores.values() for name, value in (score.get("parts") or {}).items()}
    own |= {name: score["value"] for name, score in scores.items()}
    return {name: {"reference": value, "ganymede": own[name], "difference": abs(own[name] - value) / max(abs(value), 1e-300)}
            if name in own else {"reference": value} for name, value in reference.items()}


def main():
    parser = argparse.ArgumentParser(description="Prints the reference's figures for two sets of features.")
    parser.add_argument("fake")
    parser.add_argument("real")
    parser.add_argument("--logits")
    parser.add_argument("--ganymede", help="scores to set beside the figures: a file from `ganymede evaluate --json`")
    parser.add_argument("--subsets", type=int, default=100, help="of the kernel distance")
    parser.add_argument("--subset-size", type=int, default=1000)
    parser.add_argument("--float32", action="store_true", help="give torch-fidelity float32")
    args = parser.parse_args()
    fake, real = np.load(args.fake), np.load(args.real)
    logits = np.load(args.logits) if args.logits else None
    out = figures(fake, real, logits, args.subsets, args.subset_size, np.float32 if args.float32 else np.float64)
    if args.ganymede:
        with open(args.ganymede) as file:
            out = beside(out, json.load(file))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
