"""What the scripts that make golden values share: inputs filled by a formula, and the writing of the file."""

import json
import math
import sys

import numpy as np
import torch


def wave(shape, phase, scale=1.0, mean=0.0):
    """A tensor filled in row-major order, in float64, by mean + scale * sin(0.37 i + 0.0531 i i + phase), for i from 0."""
    i = np.arange(math.prod(shape), dtype=np.float64)
    return torch.from_numpy((mean + scale * np.sin(0.37 * i + 0.0531 * i * i + phase)).reshape(shape))


def flat(tensor, digits=9, stride=1):
    """The numbers 0, stride, 2 stride, ... of a tensor, in row-major order, with so many significant digits."""
    return [float(f"{v:.{digits}g}") for v in tensor.detach().reshape(-1)[::stride].tolist()]


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def main(make, lines=False):
    """Writes the object that make returns to the file that the command line names. With lines the object's values are lists,
    and each of their elements stands on a line."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FILE.json")
    value = make()
    if lines:
        lists = (f'"{key}":[\n' + ",\n".join(map(compact, values)) + "\n]" for key, values in value.items())
        text = "{\n" + ",\n".join(lists) + "\n}\n"
    else:
        text = compact(value) + "\n"
    with open(sys.argv[1], "w") as file:
        file.write(text)
