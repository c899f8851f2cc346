"""Makes the golden values that the tests of package gan/augment compare with: PyTorch and numpy, float64, on the CPU.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_augment_golden.py gan/augment/testdata/golden.json

Images are [batch, height, width, channels] and not stored: they are filled as in make_golden.py, in row-major order, with
wave(i) = sin(0.37 i + 0.0531 i i + 0.1). Each case holds the name, x_shape, the parameters (one number for each example),
and, flat, y; d_x, the gradient of sum(y * v) for v = wave with phase 2.1 in place of 0.1; and p_x, the gradient of
sum((dL/dx)^2) where L = sum(sin(y)).

    colour     brightness, contrast, saturation, hue, luma flip: matrices on homogeneous colours as in appendix B of "Training
               Generative Adversarial Networks with Limited Data", the rotation by torch.linalg.matrix_exp; contrast
               and saturation of DiffAugment by numpy's mean.
    affine     grid_sample of affine_grid, bilinear, align_corners=False, with padding of zeros; "reflect" pads by numpy's "reflect"
               before, wide enough, so that the sampling meets no edge.
    move       translate and erase, by loops over pixels.
    ada        the whole geometry and colour of ADA for given parameters, from the product of the paper's homogeneous
               matrices: the geometry is grid_sample at the inverse, padded by reflection.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

import golden
from golden import flat, wave

torch.set_default_dtype(torch.float64)


def case(name, shape, f, **parameters):
    x = wave(shape, 0.1).requires_grad_()
    y = f(x)
    assert y.shape == x.shape, (name, y.shape)
    d_x, = torch.autograd.grad((y * wave(shape, 2.1)).sum(), x, retain_graph=True)
    slope, = torch.autograd.grad(torch.sin(y).sum(), x, create_graph=True)
    p_x, = torch.autograd.grad(slope.square().sum(), x)
    return {"name": name, "x_shape": list(shape), **parameters, "y": flat(y), "d_x": flat(d_x), "p_x": flat(p_x)}


# Colour: 4 x 4 matrices on (red, green, blue, 1), applied as y = C x.

V = torch.tensor([1.0, 1, 1]) / math.sqrt(3)


def homogeneous(linear, offset=(0.0, 0, 0)):
    c = torch.eye(4)
    c[:3, :3] = linear
    c[:3, 3] = torch.as_tensor(offset, dtype=torch.float64)
    return c


def luma_flip(i):
    return homogeneous(torch.eye(3) - 2 * i * torch.outer(V, V))


def hue(angle):
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)  # cross @ x = V x x
    return homogeneous(torch.linalg.matrix_exp(angle * cross))


def saturation(s):
    return homogeneous(torch.outer(V, V) + (torch.eye(3) - torch.outer(V, V)) * s)


def recolour(x, matrices):
    ones = torch.ones_like(x[..., :1])
    y = torch.einsum("bij,bhwj->bhwi", torch.stack(matrices), torch.cat([x, ones], -1))
    return y[..., :3]


def colour_cases():
    shape = (3, 2, 3, 3)
    offsets, factors, angles, flips = [0.3, -0.5, 0.0], [0.5, 1.4, 1.0], [2 * math.pi / 3, -0.7, 2.5], [1.0, 0.0, 1.0]
    column = lambda values: torch.tensor(values).reshape(-1, 1, 1, 1)
    yield case("brightness", shape, lambda x: x + column(offsets), values=offsets)
    yield case("contrast", shape, lambda x: torch.stack([(e - e.mean()) * f + e.mean() for e, f in zip(x, factors)]), values=factors)
    yield case("saturation", shape, lambda x: recolour(x, [saturation(f) for f in factors]), values=factors)
    yield case("hue", shape, lambda x: recolour(x, [hue(a) for a in angles]), values=angles)
    yield case("luma flip", shape, lambda x: recolour(x, [luma_flip(i) for i in flips]), values=flips)


# Geometry.

def reflect_padded(x, by):
    """x [batch, height, width, channels] with `by` reflected pixels on each side; numpy repeats the reflection."""
    indices = [np.pad(np.arange(x.shape[axis]), by, mode="reflect") for axis in (1, 2)]
    return x[:, torch.as_tensor(indices[0])][:, :, torch.as_tensor(indices[1])]


def sample(x, rows, columns):
    """grid_sample at places given in pixels, [batch, height, width] each."""
    height, width = x.shape[1:3]
    grid = torch.stack([(2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1], -1)
    return F.grid_sample(x.permute(0, 3, 1, 2), grid, align_corners=False).permute(0, 2, 3, 1)


def affine(x, matrices):
    grid = F.affine_grid(torch.tensor(matrices), (x.shape[0], x.shape[3], x.shape[1], x.shape[2]), align_corners=False)
    return F.grid_sample(x.permute(0, 3, 1, 2), grid, align_corners=False).permute(0, 2, 3, 1)


def affine_reflect(x, matrices, by=40):
    height, width = x.shape[1:3]
    grid = F.affine_grid(torch.tensor(matrices), (x.shape[0], x.shape[3], height, width), align_corners=False)
    columns, rows = ((grid[..., 0] + 1) * width - 1) / 2, ((grid[..., 1] + 1) * height - 1) / 2
    assert min(columns.min(), rows.min()) > 1 - by and columns.max() < width + by - 2 and rows.max() < height + by - 2
    return sample(reflect_padded(x, by), rows + by, columns + by)


def affine_cases():
    matrices = [
        [[1.0, 0, 0], [0, 1, 0]],
        [[0.8, -0.5, 0.1], [0.4, 1.1, -0.3]],
        [[-1.9, 0.3, 2.2], [-0.6, -2.4, -1.7]],
    ]
    for shape in ((3, 5, 7, 2), (3, 6, 4, 1)):
        for padding, f in (("zeros", affine), ("reflect", affine_reflect)):
            yield case(f"{padding} {shape[1]}x{shape[2]}", shape, lambda x: f(x, matrices),
                       padding=padding, matrices=[v for m in matrices for row in m for v in row])


def translate(x, down, right):
    y = torch.zeros_like(x)
    height, width = x.shape[1:3]
    for e in range(x.shape[0]):
        for i in range(height):
            for j in range(width):
                if 0 <= i - down[e] < height and 0 <= j - right[e] < width:
                    y[e, i, j] = x[e, i - down[e], j - right[e]]
    return y


def erase(x, top, left, size):
    mask = torch.ones_like(x)
    for e in range(x.shape[0]):
        for i in range(max(top[e], 0), min(top[e] + size, x.shape[1])):
            for j in range(max(left[e], 0), min(left[e] + size, x.shape[2])):
                mask[e, i, j] = 0
    return x * mask


def move_cases():
    shape, down, right = (3, 4, 5, 2), [1, 0, -2], [-2, 0, 4]
    yield case("translate", shape, lambda x: translate(x, down, right), first=down, second=right)
    top, left = [0, -1, 3], [1, 3, -2]
    yield case("erase", shape, lambda x: erase(x, top, left, 3), first=top, second=left)


# ADA: the paper's matrices, on (column, row, 1) in pixels from the middle of the picture.

def scale2d(sx, sy):
    return np.diag([sx, sy, 1.0])


def rotate2d(angle):
    return np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]])


def translate2d(tx, ty):
    return np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1.0]])


def ada(x, p, by=60):
    height, width = x.shape[1:3]
    rows, columns, matrices = [], [], []
    for e in range(x.shape[0]):
        g = np.eye(3)
        for step in (
            scale2d(1 - 2 * p["flip"][e], 1),
            rotate2d(math.pi / 2 * p["turns"][e]),
            translate2d(round(p["step_right"][e] * width), round(p["step_down"][e] * height)),
            scale2d(p["scale"][e], p["scale"][e]),
            rotate2d(p["angle_before"][e]),
            scale2d(p["stretch"][e], 1 / p["stretch"][e]),
            rotate2d(p["angle_after"][e]),
            translate2d(p["move_right"][e] * width, p["move_down"][e] * height),
        ):
            g = step @ g
        i, j = np.meshgrid(np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2, indexing="ij")
        at = np.linalg.inv(g) @ np.stack([j.ravel(), i.ravel(), np.ones(i.size)])
        columns.append(torch.tensor(at[0].reshape(height, width) + (width - 1) / 2))
        rows.append(torch.tensor(at[1].reshape(height, width) + (height - 1) / 2))
        b, c = p["brightness"][e], p["contrast"][e]
        matrices.append(saturation(p["saturation"][e]) @ hue(p["hue"][e]) @ luma_flip(p["luma_flip"][e])
                        @ homogeneous(c * torch.eye(3)) @ homogeneous(torch.eye(3), (b, b, b)))
    rows, columns = torch.stack(rows), torch.stack(columns)
    assert min(rows.min(), columns.min()) > 1 - by and rows.max() < height + by - 2 and columns.max() < width + by - 2
    return recolour(sample(reflect_padded(x, by), rows + by, columns + by), matrices)


def ada_cases():
    neutral = dict(flip=0, turns=0, step_right=0, step_down=0, scale=1, angle_before=0, stretch=1, angle_after=0, move_right=0,
                   move_down=0, brightness=0, contrast=1, luma_flip=0, hue=0, saturation=1)
    changes = [
        {},
        dict(flip=1, turns=1, step_right=0.12, step_down=-0.07),
        dict(turns=3, scale=1.3, angle_before=0.4, move_down=0.11),
        dict(flip=1, turns=2, step_right=-0.1, step_down=0.1, scale=0.8, angle_before=-2.0, stretch=1.25, angle_after=1.1,
             move_right=0.2, move_down=-0.15, brightness=-0.3, contrast=1.4, luma_flip=1, hue=2.1, saturation=0.6),
        dict(brightness=0.2, contrast=0.7, hue=-1.0, saturation=1.9),
    ]
    shape = (len(changes), 9, 10, 3)
    p = {key: [float({**neutral, **change}[key]) for change in changes] for key in neutral}
    yield case("ada", shape, lambda x: ada(x, p), parameters=p)


def make():
    return {"colour": list(colour_cases()), "affine": list(affine_cases()), "move": list(move_cases()), "ada": list(ada_cases())}


if __name__ == "__main__":
    golden.main(make)
