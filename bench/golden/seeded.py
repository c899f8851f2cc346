"""Weights and pictures that look random and are the same in Python and in Go (gan/features/seeded_test.go), so that golden
files hold outputs only. All comes from

    bits(name, i) = splitmix64(FNV-1a 64 of name + i)        modulo 2^64, for i = 0, 1, 2, ... in row-major order

    uniform   low + (high - low) (bits >> 40) / 2^24, in float64, rounded to float32
    pictures  uint8 [n, height, width, channels]: (3 coarse + fine) // 4, where fine is bits(name + "/fine", i) >> 56 and coarse
              the same of name + "/coarse" at the square of 8x8 pixels, [n, height // 8 + 1, width // 8 + 1, channels]
    weights   of a PyTorch state_dict, by the parameter's name:
              two axes or more   within sqrt(6 / fan in), fan in being the size of all axes but the first
              running_var        0.5 to 1.5, and so "weight" with one axis
              others             -0.1 to 0.1
"""

import math

import numpy as np

MASK = (1 << 64) - 1


def bits(name, n):
    start = 0xCBF29CE484222325
    for byte in name.encode():
        start = (start ^ byte) * 0x100000001B3 & MASK
    z = np.arange(n, dtype=np.uint64) + np.uint64(start) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def uniform(name, shape, low, high):
    unit = (bits(name, math.prod(shape)) >> np.uint64(40)).astype(np.float64) / (1 << 24)
    return (low + (high - low) * unit).astype(np.float32).reshape(shape)


def pictures(name, shape):
    n, height, width, channels = shape
    coarse_shape = n, height // 8 + 1, width // 8 + 1, channels
    coarse = (bits(name + "/coarse", math.prod(coarse_shape)) >> np.uint64(56)).reshape(coarse_shape)
    coarse = coarse.repeat(8, 1).repeat(8, 2)[:, :height, :width]
    fine = (bits(name + "/fine", math.prod(shape)) >> np.uint64(56)).reshape(shape)
    return ((coarse * np.uint64(3) + fine) // np.uint64(4)).astype(np.uint8)


def weight(name, shape):
    """The numbers of the parameter of that name and shape."""
    if len(shape) >= 2:
        bound = math.sqrt(6 / math.prod(shape[1:]))
        return uniform(name, shape, -bound, bound)
    if name.endswith(("running_var", "weight")):
        return uniform(name, shape, 0.5, 1.5)
    return uniform(name, shape, -0.1, 0.1)


def fill(module, prefix=""):
    """Gives every parameter and statistic of a PyTorch module its numbers."""
    import torch

    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.from_numpy(weight(prefix + name, tuple(tensor.shape))))
