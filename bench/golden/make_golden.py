"""Makes the golden values that the tests of package gan/nn compare with: PyTorch, float64, on the CPU.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_golden.py gan/nn/testdata/golden.json

Inputs are not stored. Every tensor is filled in row-major order by wave(i) = scale * sin(0.37 i + 0.0531 i i + phase),
in float64, for i = 0, 1, 2, ...:

    tensor   x     kernel   v, the weights of an output   gamma                   beta   u
    phase    0.1   1.1      2.1                           3.1                     4.1    5.1
    scale    1     0.5      1                             0.5, plus 1 (1 + wave)  0.5    1, then divided by its norm

    tensor   theta  phi  g    out  of self-attention
    phase    6.1    7.1  8.1  9.1
    scale    0.5    0.5  0.5  0.5

Images are [batch, height, width, channels]; kernels are [kernel height, kernel width, in, out], also for transposed
convolutions, where they are the kernel of the convolution that is transposed: `out` channels go in, `in` come out.
Stored arrays are flat, row-major, 9 significant digits. Pairs are [height, width]; paddings are [[top, bottom], [left, right]].

For an operation y = f(x, kernel), or f(x, gamma, beta), each case stores

    y        f of the inputs
    d_NAME   gradient of sum(y * v) with respect to input NAME
    p_NAME   gradient of P = sum((dL/dx)^2) with respect to NAME, where L = sum(sin(y))
    q_NAME   gradient of Q = sum((dL/dkernel)^2) with respect to NAME, for the convolutions

The file is one object, with a list of cases under each key:

    conv            name, x_shape, kernel_shape, y_shape, strides, dilations (of the kernel), padding ("same", "valid" or
                    "explicit"), paddings (resolved, always present); y, d_x, d_kernel, p_x, p_kernel, q_x, q_kernel.
                    "same" is TensorFlow's: along an axis of size n, with stride s, and a kernel spanning e = (k-1) dilation + 1,
                    total = max((ceil(n/s)-1) s + e - n, 0), of which total//2 before and the rest after.
    conv_transpose  the same fields. x is the small image, shaped as the convolution's output; y is the large one. paddings are
                    those of the convolution that is transposed, y_shape its input's. torch, where present, holds the arguments
                    [kernel, stride, padding, output_padding] of the nn.ConvTranspose2d that gives the same.
    batch_norm      name, x_shape, epsilon; mean and variance (of the batch, biased, per channel); y, d_x, d_gamma, d_beta, p_x,
                    p_gamma, p_beta. Normalizes over all axes but the last. p_* go through the batch's own mean and variance.
    instance_norm   name, x_shape, epsilon, affine; y, d_x, p_x, and with affine also d_gamma, d_beta, p_gamma, p_beta.
                    Normalizes each channel of each example over height and width; without affine gamma is 1 and beta 0.
    spectral_norm   name, kernel_shape (the last axis is out), iterations, u (the start, [out]); u_after, v_after (flat, in the
                    order of the kernel's axes before the last), sigma; y = kernel / sigma, d_kernel, p_kernel where P is
                    sum((dL/dkernel)^2). With W the kernel reshaped to [-1, out], one iteration is v = normalize(W u),
                    u = normalize(W^T v), and sigma = v^T W u; u and v are constants to the gradient.
    conditional_batch_norm
                    as batch_norm, with gamma and beta shaped [classes, channels], and classes, shaped [batch, classes]: each
                    example has the sum of the rows of gamma and beta weighted by its row of classes.
    layer_norm      name, x_shape, epsilon; y, d_*, p_*. Normalizes each example over all its numbers; gamma and beta are per
                    channel.
    self_attention  name, x_shape; y, d_*, p_* for x, the kernels theta, phi, g, out (shaped [in, out]) and the scalar gamma.
                    y = x + gamma softmax(x theta pool(x phi)^T) pool(x g) out, over pixels; pool is of the largest of 2x2.
    minibatch_discrimination
                    name, x_shape, kernels, dimensions; y, d_x, d_kernel, p_x, p_kernel. M = x kernel, shaped [batch, kernels,
                    dimensions]; y is x beside the sums over j of exp(-sum |M_i - M_j|), shaped [batch, features + kernels].

Before it writes, the script checks each value a second way where PyTorch has one: the transposed convolution against the
gradient of the convolution and against nn.ConvTranspose2d, the norms and the spectral norm against nn's modules.
"""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import golden
from golden import flat

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

PHASE = {"x": 0.1, "kernel": 1.1, "v": 2.1, "gamma": 3.1, "beta": 4.1, "u": 5.1,
         "theta": 6.1, "phi": 7.1, "g": 8.1, "out": 9.1}
SCALE = {"x": 1.0, "kernel": 0.5, "v": 1.0, "gamma": 0.5, "beta": 0.5, "u": 1.0,
         "theta": 0.5, "phi": 0.5, "g": 0.5, "out": 0.5}
EPSILON = 1e-5


def wave(name, shape):
    return golden.wave(shape, PHASE[name], SCALE[name], mean=1.0 if name == "gamma" else 0.0)


def nchw(t):
    return t.permute(0, 3, 1, 2)


def nhwc(t):
    return t.permute(0, 2, 3, 1)


def same_padding(n, k, stride, dilation):
    spread = (k - 1) * dilation + 1
    total = max((-(-n // stride) - 1) * stride + spread - n, 0)
    return [total // 2, total - total // 2]


def conv(x, kernel, strides, paddings, dilations):
    (top, bottom), (left, right) = paddings
    padded = F.pad(nchw(x), (left, right, top, bottom))
    return nhwc(F.conv2d(padded, kernel.permute(3, 2, 0, 1), stride=strides, dilation=dilations))


def conv_transpose(x, kernel, strides, paddings, dilations, size):
    """The adjoint of conv on images of the given size: spread all the way, extend with zeros, cut the paddings off."""
    full = F.conv_transpose2d(nchw(x), kernel.permute(3, 2, 0, 1), stride=strides, dilation=dilations)
    (top, bottom), (left, right) = paddings
    below = size[0] + top + bottom - full.shape[2]
    beside = size[1] + left + right - full.shape[3]
    full = F.pad(full, (0, beside, 0, below))
    return nhwc(full[:, :, top:top + size[0], left:left + size[1]])


def derivatives(f, inputs, second):
    """y, d_*, and the p_* (and q_*) that `second` asks for: letter -> the input whose gradient is squared and summed."""
    inputs = {name: t.clone().requires_grad_() for name, t in inputs.items()}
    y = f(*inputs.values())
    values = {"y_shape": list(y.shape), "y": flat(y)}
    grads = torch.autograd.grad((y * wave("v", tuple(y.shape))).sum(), list(inputs.values()), retain_graph=True)
    values |= {f"d_{name}": flat(g) for name, g in zip(inputs, grads)}
    for letter, wrt in second.items():
        slope, = torch.autograd.grad(torch.sin(y).sum(), inputs[wrt], create_graph=True)
        grads = torch.autograd.grad((slope ** 2).sum(), list(inputs.values()), retain_graph=True, allow_unused=True)
        values |= {f"{letter}_{name}": flat(torch.zeros_like(t) if g is None else g)
                   for (name, t), g in zip(inputs.items(), grads)}
    return values


def agree(a, b, what):
    error = (a - b).abs().max().item()
    assert a.shape == b.shape and error < 1e-12, f"{what}: two ways differ by {error}"


# name, height, width, in, out, kernel, strides, padding, dilations
CONVS = [
    ("k1 same", 4, 5, 2, 3, (1, 1), (1, 1), "same", (1, 1)),
    ("k1 stride 2 same", 5, 4, 2, 3, (1, 1), (2, 2), "same", (1, 1)),
    ("k1 stride 3 valid", 7, 8, 2, 2, (1, 1), (3, 3), "valid", (1, 1)),
    ("k2 same", 5, 4, 2, 2, (2, 2), (1, 1), "same", (1, 1)),
    ("k2 stride 2 valid, last row unused", 5, 6, 2, 2, (2, 2), (2, 2), "valid", (1, 1)),
    ("k3 same", 6, 5, 2, 3, (3, 3), (1, 1), "same", (1, 1)),
    ("k3 valid", 5, 6, 2, 3, (3, 3), (1, 1), "valid", (1, 1)),
    ("k3 stride 2 same, odd", 7, 5, 2, 3, (3, 3), (2, 2), "same", (1, 1)),
    ("k3 stride 2 same, even", 6, 8, 2, 3, (3, 3), (2, 2), "same", (1, 1)),
    ("k3 stride 2 valid, last row unused", 6, 7, 2, 2, (3, 3), (2, 2), "valid", (1, 1)),
    ("k3 stride 3 same", 8, 7, 2, 2, (3, 3), (3, 3), "same", (1, 1)),
    ("k3 stride 2x1 same", 6, 5, 2, 2, (3, 3), (2, 1), "same", (1, 1)),
    ("k3 padding 1", 5, 4, 3, 2, (3, 3), (1, 1), [[1, 1], [1, 1]], (1, 1)),
    ("k4 same", 5, 6, 2, 2, (4, 4), (1, 1), "same", (1, 1)),
    ("k4 stride 2 same", 8, 6, 1, 3, (4, 4), (2, 2), "same", (1, 1)),
    ("k4 stride 2 padding 1, as DCGAN", 8, 8, 1, 2, (4, 4), (2, 2), [[1, 1], [1, 1]], (1, 1)),
    ("k4 stride 2 padding 1, odd", 7, 9, 2, 2, (4, 4), (2, 2), [[1, 1], [1, 1]], (1, 1)),
    ("k4 whole image", 4, 4, 2, 3, (4, 4), (1, 1), "valid", (1, 1)),
    ("k5 same", 6, 5, 2, 2, (5, 5), (1, 1), "same", (1, 1)),
    ("k5 stride 2 same, even", 8, 6, 1, 2, (5, 5), (2, 2), "same", (1, 1)),
    ("k5 stride 2 same, odd", 7, 5, 2, 2, (5, 5), (2, 2), "same", (1, 1)),
    ("k5 stride 3x2 valid", 9, 7, 1, 2, (5, 5), (3, 2), "valid", (1, 1)),
    ("k5 same, image smaller than the kernel", 3, 2, 2, 2, (5, 5), (1, 1), "same", (1, 1)),
    ("k1x3 same", 4, 6, 2, 2, (1, 3), (1, 1), "same", (1, 1)),
    ("k3x1 stride 1x2 same", 5, 6, 2, 2, (3, 1), (1, 2), "same", (1, 1)),
    ("k2x5 stride 3x2 same", 7, 8, 2, 2, (2, 5), (3, 2), "same", (1, 1)),
    ("k4x3 stride 2x3 asymmetric", 6, 7, 2, 2, (4, 3), (2, 3), [[2, 0], [0, 3]], (1, 1)),
    ("k3 stride 2 asymmetric", 5, 6, 2, 2, (3, 3), (2, 2), [[0, 2], [1, 0]], (1, 1)),
    ("k3 padding wider than the kernel", 3, 4, 2, 2, (3, 3), (1, 1), [[3, 4], [0, 3]], (1, 1)),
    ("k3 dilation 2 same", 6, 7, 2, 2, (3, 3), (1, 1), "same", (2, 2)),
    ("k3 dilation 2 valid", 6, 7, 2, 2, (3, 3), (1, 1), "valid", (2, 2)),
    ("k3 dilation 3 padding 3", 5, 6, 2, 2, (3, 3), (1, 1), [[3, 3], [3, 3]], (3, 3)),
    ("k3 dilation 2 stride 2 same", 7, 8, 2, 2, (3, 3), (2, 2), "same", (2, 2)),
    ("k2 dilation 3 stride 2 same", 6, 7, 2, 2, (2, 2), (2, 2), "same", (3, 3)),
    ("k3x2 dilation 1x3 stride 2x3 asymmetric", 6, 8, 2, 2, (3, 2), (2, 3), [[1, 0], [2, 1]], (1, 3)),
    ("k4 dilation 2x1 stride 3x2 same", 8, 7, 1, 2, (4, 4), (3, 2), "same", (2, 1)),
]

# name, small height, small width, in (of y), out (of x), kernel, strides, padding, dilations, size of y
TRANSPOSES = [
    ("k1 stride 2 same", 3, 2, 2, 3, (1, 1), (2, 2), "same", (1, 1), (5, 4)),
    ("k2 stride 2 same", 3, 2, 2, 3, (2, 2), (2, 2), "same", (1, 1), (6, 4)),
    ("k3 same", 4, 5, 2, 3, (3, 3), (1, 1), "same", (1, 1), (4, 5)),
    ("k3 valid", 3, 4, 2, 2, (3, 3), (1, 1), "valid", (1, 1), (5, 6)),
    ("k3 stride 2 same, even", 3, 4, 2, 2, (3, 3), (2, 2), "same", (1, 1), (6, 8)),
    ("k3 stride 2 same, odd", 4, 3, 2, 2, (3, 3), (2, 2), "same", (1, 1), (7, 5)),
    ("k3 stride 3 same", 2, 3, 2, 2, (3, 3), (3, 3), "same", (1, 1), (6, 9)),
    ("k2 stride 3 valid, gaps", 3, 2, 2, 2, (2, 2), (3, 3), "valid", (1, 1), (8, 5)),
    ("k3 stride 2 valid, last row zero", 2, 3, 2, 2, (3, 3), (2, 2), "valid", (1, 1), (6, 8)),
    ("k4 stride 2 same", 3, 4, 2, 2, (4, 4), (2, 2), "same", (1, 1), (6, 8)),
    ("k5 stride 2 same, even", 3, 4, 1, 2, (5, 5), (2, 2), "same", (1, 1), (6, 8)),
    ("k5 stride 2 same, odd", 3, 4, 1, 2, (5, 5), (2, 2), "same", (1, 1), (5, 7)),
    ("k5 stride 3x2 same", 2, 3, 1, 2, (5, 5), (3, 2), "same", (1, 1), (6, 6)),
    ("k1x3 stride 1x2 same", 4, 3, 2, 2, (1, 3), (1, 2), "same", (1, 1), (4, 6)),
    ("k4x3 stride 2x3 asymmetric", 3, 3, 2, 2, (4, 3), (2, 3), [[2, 0], [0, 3]], (1, 1), (6, 7)),
    ("k3 dilation 2 same", 4, 5, 2, 2, (3, 3), (1, 1), "same", (2, 2), (4, 5)),
    ("k3 dilation 2 stride 2 same", 3, 4, 2, 2, (3, 3), (2, 2), "same", (2, 2), (6, 7)),
    ("k2x3 dilation 3x1 stride 2x3 valid", 3, 2, 2, 2, (2, 3), (2, 3), "valid", (3, 1), (9, 6)),
]

# small height, small width, in (of y), out (of x), kernel, stride, padding, output_padding of nn.ConvTranspose2d
TORCH_TRANSPOSES = [
    (4, 3, 1, 2, 4, 2, 1, 0),
    (1, 1, 2, 3, 4, 1, 0, 0),
    (3, 4, 2, 2, 3, 2, 1, 1),
    (3, 4, 2, 2, 3, 2, 1, 0),
    (4, 3, 1, 2, 5, 2, 2, 1),
    (4, 3, 2, 2, 3, 1, 1, 0),
    (3, 2, 2, 2, 2, 2, 0, 0),
    (2, 3, 2, 2, 3, 3, 0, 2),
]

BATCH = 2


def conv_cases():
    for name, h, w, cin, cout, k, strides, padding, dilations in CONVS:
        paddings = resolve(padding, (h, w), k, strides, dilations)
        shapes = {"x": (BATCH, h, w, cin), "kernel": (*k, cin, cout)}
        yield head(name, shapes, strides, dilations, padding, paddings) | derivatives(
            lambda x, kernel: conv(x, kernel, strides, paddings, dilations),
            {n: wave(n, s) for n, s in shapes.items()}, {"p": "x", "q": "kernel"})


def conv_transpose_cases():
    cases = [(*case, None) for case in TRANSPOSES]
    for h, w, cin, cout, k, s, p, op in TORCH_TRANSPOSES:
        size = tuple((n - 1) * s - 2 * p + k + op for n in (h, w))
        cases.append((f"ConvTranspose2d k{k} s{s} p{p} op{op}", h, w, cin, cout, (k, k), (s, s), [[p, p], [p, p]], (1, 1), size,
                      [k, s, p, op]))
    for name, h, w, cin, cout, k, strides, padding, dilations, size, module in cases:
        paddings = resolve(padding, size, k, strides, dilations)
        shapes = {"x": (BATCH, h, w, cout), "kernel": (*k, cin, cout)}
        inputs = {n: wave(n, s) for n, s in shapes.items()}
        y = conv_transpose(*inputs.values(), strides, paddings, dilations, size)

        large = torch.zeros(BATCH, *size, cin, requires_grad=True)
        small = conv(large, inputs["kernel"], strides, paddings, dilations)
        agree(y, torch.autograd.grad((small * inputs["x"]).sum(), large)[0], name + ": adjoint")
        if module:
            layer = nn.ConvTranspose2d(cout, cin, *module, bias=False)
            layer.weight.data = inputs["kernel"].permute(3, 2, 0, 1)
            agree(y, nhwc(layer(nchw(inputs["x"]))).detach(), name)

        case = head(name, shapes, strides, dilations, padding, paddings)
        if module:
            case["torch"] = module
        yield case | derivatives(lambda x, kernel: conv_transpose(x, kernel, strides, paddings, dilations, size), inputs,
                                 {"p": "x", "q": "kernel"})


def resolve(padding, size, k, strides, dilations):
    if padding == "same":
        return [same_padding(*axis) for axis in zip(size, k, strides, dilations)]
    return [[0, 0], [0, 0]] if padding == "valid" else padding


def head(name, shapes, strides, dilations, padding, paddings):
    return {"name": name, "x_shape": shapes["x"], "kernel_shape": shapes["kernel"], "strides": strides, "dilations": dilations,
            "padding": padding if isinstance(padding, str) else "explicit", "paddings": paddings}


def batch_norm_cases():
    for name, shape in [("images", (3, 4, 3, 2)), ("one example", (1, 3, 5, 3)), ("vectors", (6, 4))]:
        axes = tuple(range(len(shape) - 1))

        def f(x, gamma, beta):
            mean = x.mean(axes)
            variance = ((x - mean) ** 2).mean(axes)
            return (x - mean) / torch.sqrt(variance + EPSILON) * gamma + beta

        inputs = {"x": wave("x", shape), "gamma": wave("gamma", shape[-1:]), "beta": wave("beta", shape[-1:])}
        x = inputs["x"].movedim(-1, 1)
        module = F.batch_norm(x, None, None, inputs["gamma"], inputs["beta"], training=True, eps=EPSILON).movedim(1, -1)
        agree(f(*inputs.values()), module, "batch norm")
        yield {"name": name, "x_shape": shape, "epsilon": EPSILON, "mean": flat(inputs["x"].mean(axes)),
               "variance": flat(inputs["x"].var(axes, unbiased=False))} | derivatives(f, inputs, {"p": "x"})


def instance_norm_cases():
    for name, shape, affine in [("affine", (2, 4, 3, 2), True), ("plain", (2, 3, 5, 3), False), ("plain, one row", (2, 1, 7, 2), False)]:
        def f(x, gamma=None, beta=None):
            mean = x.mean((1, 2), keepdim=True)
            variance = ((x - mean) ** 2).mean((1, 2), keepdim=True)
            y = (x - mean) / torch.sqrt(variance + EPSILON)
            return y if gamma is None else y * gamma + beta

        inputs = {"x": wave("x", shape)}
        if affine:
            inputs |= {"gamma": wave("gamma", shape[-1:]), "beta": wave("beta", shape[-1:])}
        module = F.instance_norm(nchw(inputs["x"]), weight=inputs.get("gamma"), bias=inputs.get("beta"), eps=EPSILON)
        agree(f(*inputs.values()), nhwc(module), "instance norm")
        yield {"name": name, "x_shape": shape, "epsilon": EPSILON, "affine": affine} | derivatives(f, inputs, {"p": "x"})


def spectral_norm_cases():
    for name, shape, iterations in [("conv, 1 iteration", (3, 3, 2, 3), 1), ("conv, 5 iterations", (3, 2, 2, 4), 5),
                                    ("dense, 1 iteration", (7, 3), 1), ("dense, 20 iterations", (4, 6), 20),
                                    ("dense to one", (9, 1), 1)]:
        kernel, u = wave("kernel", shape), wave("u", shape[-1:])
        start = u = u / u.norm()
        matrix = kernel.reshape(-1, shape[-1])
        for _ in range(iterations):
            v = F.normalize(matrix @ u, dim=0)
            u = F.normalize(matrix.T @ v, dim=0)

        def f(kernel):
            return kernel / (v @ kernel.reshape(-1, shape[-1]) @ u)

        # The module's weight is [out, in, ...], so only the order within v differs.
        layer = nn.Conv2d(shape[2], shape[3], shape[:2], bias=False) if len(shape) == 4 else nn.Linear(*shape, bias=False)
        layer.weight.data = kernel.movedim((-1, -2), (0, 1)).contiguous()
        layer = torch.nn.utils.spectral_norm(layer, n_power_iterations=iterations)
        layer.weight_u.data = start.clone()
        layer(torch.zeros(1, shape[2], *shape[:2]) if len(shape) == 4 else torch.zeros(1, shape[0]))
        agree(f(kernel), layer.weight.detach().movedim((0, 1), (-1, -2)), name)
        agree(u, layer.weight_u, name)

        yield {"name": name, "kernel_shape": shape, "iterations": iterations, "u": flat(start), "u_after": flat(u),
               "v_after": flat(v), "sigma": flat(v @ matrix @ u)[0]} | derivatives(f, {"kernel": kernel}, {"p": "kernel"})


def conditional_batch_norm_cases():
    one_hot = torch.eye(3)[[0, 2, 1, 2]]
    mixed = torch.tensor([[1, 0], [0.25, 0.75], [0.5, 0.5], [0, 1], [0.9, 0.1]])
    for name, shape, classes in [("images, one-hot", (4, 3, 2, 2), one_hot), ("vectors, mixed", (5, 4), mixed)]:
        axes = tuple(range(len(shape) - 1))
        middle = (1,) * (len(shape) - 2)

        def f(x, gamma, beta):
            y = F.batch_norm(x.movedim(-1, 1), None, None, training=True, eps=EPSILON).movedim(1, -1)
            scale, offset = ((classes @ table).reshape(shape[0], *middle, shape[-1]) for table in (gamma, beta))
            return y * scale + offset

        table = (classes.shape[1], shape[-1])
        inputs = {"x": wave("x", shape), "gamma": wave("gamma", table), "beta": wave("beta", table)}
        if "one-hot" in name:  # The usual form: an embedding of labels.
            labels = classes.argmax(1)
            x = inputs["x"]
            y = (x - x.mean(axes)) / torch.sqrt(x.var(axes, unbiased=False) + EPSILON)
            scale, offset = (F.embedding(labels, inputs[n]).reshape(shape[0], *middle, shape[-1]) for n in ("gamma", "beta"))
            agree(f(*inputs.values()), y * scale + offset, "conditional batch norm")
        yield {"name": name, "x_shape": shape, "epsilon": EPSILON, "classes_shape": list(classes.shape),
               "classes": flat(classes)} | derivatives(f, inputs, {"p": "x"})


def layer_norm_cases():
    for name, shape in [("images", (3, 4, 3, 2)), ("vectors", (4, 6))]:
        def f(x, gamma, beta):
            y = F.layer_norm(x, shape[1:], eps=EPSILON)
            return y * gamma + beta

        inputs = {"x": wave("x", shape), "gamma": wave("gamma", shape[-1:]), "beta": wave("beta", shape[-1:])}
        module = F.group_norm(inputs["x"].movedim(-1, 1), 1, inputs["gamma"], inputs["beta"], EPSILON).movedim(1, -1)
        agree(f(*inputs.values()), module, "layer norm")
        yield {"name": name, "x_shape": shape, "epsilon": EPSILON} | derivatives(f, inputs, {"p": "x"})


def self_attention_cases():
    for name, shape in [("16 channels", (2, 4, 2, 16)), ("few channels", (2, 2, 4, 3))]:
        batch, height, width, channels = shape
        keys, values = max(channels // 8, 1), max(channels // 2, 1)

        def pool(x):
            return nhwc(F.max_pool2d(nchw(x), 2)).reshape(batch, height * width // 4, -1)

        def f(x, theta, phi, g, out, gamma):
            weights = torch.softmax((x @ theta).reshape(batch, -1, keys) @ pool(x @ phi).mT, -1)
            return x + gamma * (weights @ pool(x @ g)).reshape(batch, height, width, values) @ out

        inputs = {"x": wave("x", shape), "theta": wave("theta", (channels, keys)), "phi": wave("phi", (channels, keys)),
                  "g": wave("g", (channels, values)), "out": wave("out", (values, channels)), "gamma": wave("gamma", ())}
        x, theta, phi, g, out, gamma = inputs.values()
        module = F.scaled_dot_product_attention((x @ theta).reshape(batch, -1, keys), pool(x @ phi), pool(x @ g), scale=1)
        agree(f(*inputs.values()), x + gamma * module.reshape(batch, height, width, values) @ out, "self-attention")
        yield {"name": name, "x_shape": shape} | derivatives(f, inputs, {"p": "x"})


def minibatch_discrimination_cases():
    for name, shape, kernels, dimensions in [("4 examples", (4, 5), 3, 2), ("images", (3, 2, 2, 2), 2, 3)]:
        batch, features = shape[0], int(np.prod(shape[1:]))

        def f(x, kernel):
            x = x.reshape(batch, features)
            m = (x @ kernel).reshape(batch, kernels, dimensions)
            distances = (m[:, None] - m[None]).abs().sum(-1)
            return torch.cat([x, torch.exp(-distances).sum(1)], 1)

        inputs = {"x": wave("x", shape), "kernel": wave("kernel", (features, kernels * dimensions))}
        m = (inputs["x"].reshape(batch, features) @ inputs["kernel"]).reshape(batch, kernels, dimensions).movedim(1, 0)
        closeness = torch.exp(-torch.cdist(m, m, p=1)).sum(2).T
        agree(f(*inputs.values())[:, features:], closeness, "minibatch discrimination")
        yield {"name": name, "x_shape": shape, "kernels": kernels, "dimensions": dimensions} | derivatives(f, inputs, {"p": "x"})


def make():
    return {
        "conv": conv_cases(),
        "conv_transpose": conv_transpose_cases(),
        "batch_norm": batch_norm_cases(),
        "instance_norm": instance_norm_cases(),
        "spectral_norm": spectral_norm_cases(),
        "conditional_batch_norm": conditional_batch_norm_cases(),
        "layer_norm": layer_norm_cases(),
        "self_attention": self_attention_cases(),
        "minibatch_discrimination": minibatch_discrimination_cases(),
    }


if __name__ == "__main__":
    golden.main(make, lines=True)
