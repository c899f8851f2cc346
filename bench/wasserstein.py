"""Says whether a critic's loss goes the way of the samples' quality: Spearman's rank correlation of the two over a training.

    go run . train --preset wgan-gp --data digits --steps 100 --run R && go run . sample --run R --n 10000 --out s_100.npy
    go run . train --run R --resume --steps 200 && go run . sample --run R --n 10000 --out s_200.npy    # And so on.
    .venv/bin/python bench/judge.py --cache ~/.cache/judge s_*.npy > distances.jsonl
    .venv/bin/python bench/wasserstein.py R/log.jsonl distances.jsonl

log.jsonl is a run folder's, one JSON object per step with step and discriminator_loss, which for the Wasserstein loss is minus
the estimate of the distance between real and generated pictures, without the penalty. distances.jsonl has one JSON object per
step that was judged: distance, and step or else a file whose name ends in it, as judge.py prints. More fields do no harm.

The loss of one batch jumps about, so the estimate of a step is the median of the last --window steps, as figure 3 of "Wasserstein
GAN" (Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875) is smoothed. Equal values share the mean of their ranks. Prints one
JSON object:

    correlation  between estimate and distance: 1 if samples are always better where the estimate is smaller; null if either
                 never changes
    checkpoints  how many pairs
    window       as given
    pairs        step, estimate and distance of each
"""

import argparse
import json
import re
import statistics
import sys


def read(path, field):
    """The field by step."""
    values = {}
    with open(path) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    entry = json.loads(line)
                    values[step_of(entry)] = float(entry[field])
                except (ValueError, KeyError, TypeError):
                    sys.exit(f"{path}, line {number}: want a JSON object with step and {field}; got {line.strip()[:80]}")
    return values


def step_of(entry):
    if "step" not in entry and (ending := re.search(r"(\d+)\.npy$", entry["file"])):
        return int(ending[1])
    return int(entry["step"])


def estimate(losses, step, window):
    """Minus the median of the losses of the last steps up to this one."""
    last = [losses[n] for n in range(step - window + 1, step + 1) if n in losses]
    return -statistics.median(last) if last else None


def ranks(values):
    """From 1 on; equal values share the mean of their ranks."""
    return [sum(other < v for other in values) + (values.count(v) + 1) / 2 for v in values]


def spearman(a, b):
    """Pearson's correlation of the ranks; NaN if either has only equal values."""
    try:
        return statistics.correlation(ranks(a), ranks(b))
    except statistics.StatisticsError:
        return float("nan")


def main():
    p = argparse.ArgumentParser(description="Rank correlation of critic loss and sample quality; the head of this file says how.")
    p.add_argument("log", help="log.jsonl of a run")
    p.add_argument("distances", help="JSON lines with step and distance")
    p.add_argument("--window", type=int, default=50, help="steps whose median is taken (default %(default)s)")
    p.add_argument("--from", dest="first", type=int, default=0, help="leave out the steps before")
    a = p.parse_args()

    losses, pairs = read(a.log, "discriminator_loss"), []
    for step, distance in sorted(read(a.distances, "distance").items()):
        if step < a.first:
            continue
        value = estimate(losses, step, a.window)
        if value is None:
            sys.exit(f"{a.log} has no step up to {step}, which {a.distances} judges")
        pairs.append((step, round(value, 6), distance))
    if len(pairs) < 3:
        sys.exit(f"{a.distances}: want at least 3 steps judged, got {len(pairs)}")
    correlation = spearman([v for _, v, _ in pairs], [d for _, _, d in pairs])
    print(json.dumps({"correlation": None if correlation != correlation else round(correlation, 4), "checkpoints": len(pairs),
                      "window": a.window, "pairs": [dict(zip(("step", "estimate", "distance"), pair)) for pair in pairs]}))


if __name__ == "__main__":
    main()
