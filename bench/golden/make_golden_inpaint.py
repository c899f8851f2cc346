"""Makes the golden values that the tests of package gan/inpaint compare with: PyTorch, float64, on the CPU.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_golden_inpaint.py gan/inpaint/testdata/golden.json

The networks are written here from the papers: "Free-Form Image Inpainting with Gated Convolution" (arXiv 1806.03589), "Generative
Image Inpainting with Contextual Attention" (1801.07892), "Context Encoders" (1604.07379). Weights are not stored: seeded.uniform
makes them from their paths, kernels shaped [height, width, in, out] within sqrt(6 / fan in), others within 0.1. Pictures are
golden.wave(shape, 0.1), blank in the hole, a box in the centre. All is [batch, height, width, channels], flat.

    gated_conv  x_shape, channels, kernel, strides, dilation, rectified; y, and d_x, the slopes of sum(y * wave(phase 2.1))
    attention   x_shape, rate, fuse, mask ("", "box", "cross" or "all"); y and d_x. Written with loops over all places.
    networks    name, size, x_shape; weights, [path, shape] each; outputs, of which every stride-th number is stored
"""

import math

import torch
import torch.nn.functional as F

import golden
import seeded

SLOPE = 0.2


class Weights:
    """Makes the parameters, and keeps a list of them."""

    def __init__(self):
        self.made = {}

    def __call__(self, path, *shape):
        if path not in self.made:
            bound = math.sqrt(6 / math.prod(shape[:-1])) if len(shape) > 1 else 0.1
            self.made[path] = torch.from_numpy(seeded.uniform(path, shape, -bound, bound)).double()
        assert self.made[path].shape == shape, path
        return self.made[path]

    def list(self):
        return [[path, list(value.shape)] for path, value in self.made.items()]


def conv(x, kernel, bias, stride=1, dilation=1):
    """SAME: ceil(size / stride) positions, the odd zero at the end."""
    for axis in (1, 2):
        size, extent = x.shape[axis], (kernel.shape[axis - 1] - 1) * dilation + 1
        total = max(0, (-(-size // stride) - 1) * stride + extent - size)
        sides = [0, 0] * (3 - axis) + [total // 2, total - total // 2]
        x = F.pad(x, sides)
    return F.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), bias, stride, 0, dilation).permute(0, 2, 3, 1)


def gated(weights, scope, x, channels, kernel=3, stride=1, dilation=1, rectified=False):
    path = scope + "/gated_conv/conv/"
    both = conv(x, weights(path + "weights", kernel, kernel, x.shape[3], 2 * channels), weights(path + "biases", 2 * channels), stride, dilation)
    features, gates = both.split(channels, 3)
    return (F.relu(features) if rectified else F.elu(features)) * torch.sigmoid(gates)


def centre(batch, height, width):
    mask = torch.zeros(batch, height, width, 1, dtype=torch.float64)
    mask[:, height // 4 : height - height // 4, width // 4 : width - width // 4] = 1
    return mask


def attention(x, mask, rate, fuse):
    """Place by place, as the words of the documentation have it."""
    results = []
    for n in range(x.shape[0]):
        results.append(attend(x[n], None if mask is None else mask[n, :, :, 0], rate, fuse))
    return torch.stack(results)


def attend(x, mask, rate, fuse):
    height, width, _ = x.shape
    rows, columns = height // rate, width // rate
    places = [(i, j) for i in range(rows) for j in range(columns)]
    small = F.pad(x[::rate, ::rate], (0, 0, 1, 1, 1, 1))
    patch = {(i, j): small[i : i + 3, j : j + 3].reshape(-1) for i, j in places}
    score = {}
    for p in places:
        for q in places:
            score[p, q] = patch[p] @ patch[q] / patch[q].norm().clamp(min=1e-4)
    if fuse:
        for di, dj in ((0, 1), (1, 0)):
            before = dict(score)
            for p, q in before:
                for sign in (-1, 1):
                    moved = ((p[0] + sign * di, p[1] + sign * dj), (q[0] + sign * di, q[1] + sign * dj))
                    if moved in before:
                        score[p, q] = score[p, q] + before[moved]
    known = places
    if mask is not None:
        hidden = {(i, j): bool(mask[i * rate : (i + 1) * rate, j * rate : (j + 1) * rate].any()) for i, j in places}
        around = lambda p: [(p[0] + i, p[1] + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        known = [p for p in places if not any(hidden.get(q, False) for q in around(p))]
        known = known or [p for p in places if not hidden[p]]
    size = max(2 * rate, 3)
    beyond = (size - rate) // 2
    wide = F.pad(x, (0, 0, beyond, beyond, beyond, beyond))
    total, count = torch.zeros_like(wide), torch.zeros_like(wide)
    for i, j in places:
        rectangle = slice(i * rate, i * rate + size), slice(j * rate, j * rate + size)
        count[rectangle] += 1
        if not known:
            continue
        share = torch.softmax(10 * torch.stack([score[(i, j), q] for q in known]), 0)
        mixed = sum(s * wide[a * rate : a * rate + size, b * rate : b * rate + size] for s, (a, b) in zip(share, known))
        addition = torch.zeros_like(wide)
        addition[rectangle] = mixed
        total = total + addition
    return (total / count)[beyond : beyond + height, beyond : beyond + width]


def with_slopes(case, x, function):
    x.requires_grad_(True)
    y = function(x)
    ((y + 0 * x.sum()) * golden.wave(y.shape, 2.1)).sum().backward()
    return case | {"y": golden.flat(y), "d_x": golden.flat(x.grad)}


def gated_convs():
    for shape, channels, kernel, strides, dilation, rectified in (
        ((2, 6, 5, 3), 2, 3, 1, 1, False),
        ((1, 8, 8, 2), 3, 5, 2, 1, False),
        ((1, 7, 9, 2), 2, 3, 1, 2, False),
        ((1, 6, 6, 2), 2, 3, 2, 1, True),
    ):
        case = dict(x_shape=shape, channels=channels, kernel=kernel, strides=strides, dilation=dilation, rectified=rectified)
        yield with_slopes(case, golden.wave(shape, 0.1), lambda x: gated(Weights(), "layer", x, channels, kernel, strides, dilation, rectified))


def masks_of(name, shape):
    mask = torch.zeros(*shape[:3], 1, dtype=torch.float64)
    if name == "box":
        mask = centre(*shape[:3])
    elif name == "cross":  # No patch is without it, but places are.
        mask[:, shape[1] // 2] = 1
        mask[:, :, shape[2] // 2] = 1
        mask[:, 0] = 1
        mask[:, :, 0] = 1
    elif name == "all":
        mask[:] = 1
    return None if name == "" else mask


def attentions():
    for shape, rate, fuse, mask in (
        ((2, 8, 6, 3), 2, True, ""),
        ((1, 8, 8, 2), 2, False, ""),
        ((2, 12, 16, 3), 2, True, "box"),
        ((1, 7, 7, 2), 1, True, "box"),
        ((1, 5, 6, 2), 1, False, "cross"),
        ((1, 8, 8, 2), 4, True, ""),
        ((1, 4, 4, 2), 1, True, "all"),
    ):
        case = dict(x_shape=shape, rate=rate, fuse=fuse, mask=mask)
        yield with_slopes(case, golden.wave(shape, 0.1, 0.5), lambda x: attention(x, masks_of(mask, shape), rate, fuse))


def gated_network(w, x, mask):
    width, size = 8, 32

    def start(scope, x, rectified=False):
        x = gated(w, scope + "/conv_0", x, width // 2, 5)
        x = gated(w, scope + "/conv_1", x, width, stride=2)
        x = gated(w, scope + "/conv_2", x, width)
        x = gated(w, scope + "/conv_3", x, 2 * width, stride=2)
        return gated(w, scope + "/conv_4", x, 2 * width, rectified=rectified)

    def encode(scope, x):
        x = start(scope, x)
        for dilation in (2, 4):  # 8 and 16 reach out of 8 pixels.
            x = gated(w, f"{scope}/dilated_{dilation}", x, 2 * width, dilation=dilation)
        return x

    def enlarge(x):
        return x.repeat_interleave(2, 1).repeat_interleave(2, 2)

    def decode(scope, x):
        x = gated(w, scope + "/out_0", x, 2 * width)
        x = gated(w, scope + "/out_1", x, 2 * width)
        x = gated(w, scope + "/out_2", enlarge(x), width)
        x = gated(w, scope + "/out_3", x, width)
        x = gated(w, scope + "/out_4", enlarge(x), width // 2)
        x = gated(w, scope + "/out_5", x, width // 4)
        path = scope + "/colours/conv/"
        return conv(x, w(path + "weights", 3, 3, x.shape[3], 3), w(path + "biases", 3))

    ones = torch.ones_like(mask)
    coarse = decode("coarse", encode("coarse", torch.cat([x, ones, mask], 3)))
    second = torch.cat([coarse * mask + x * (1 - mask), ones, mask], 3)
    convolved = encode("refine/convolution", second)
    attended = start("refine/attention", second, rectified=True)
    small = F.max_pool2d(mask.permute(0, 3, 1, 2), 4).permute(0, 2, 3, 1)
    attended = gated(w, "refine/attention/conv_5", attention(attended, small, 1, True), 2 * width)
    return [coarse, decode("refine", torch.cat([convolved, attended], 3))]


def sn_patch_gan(w, x, mask):
    x = torch.cat([x, mask], 3)
    for i in range(3):
        path = f"layer_{i}/conv/"
        kernel = w(path + "weights", 5, 5, x.shape[3], 4 << min(i, 2))
        matrix = kernel.reshape(-1, kernel.shape[3])
        u = w(path + "spectral_norm/u", kernel.shape[3])
        v = F.normalize(matrix @ u, dim=0)
        u = F.normalize(v @ matrix, dim=0)
        if i > 0:
            x = F.leaky_relu(x, SLOPE)
        x = conv(x, kernel / (v @ matrix @ u), w(path + "biases", kernel.shape[3]), 2)
    return [x]


def batch_norm(w, scope, x):
    path = scope + "/batch_norm/"
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2), unbiased=False)
    return (x - mean) / torch.sqrt(variance + 1e-5) * w(path + "scale", x.shape[3]) + w(path + "offset", x.shape[3])


def convolve(w, scope, x, channels, stride=1, padding=0, bias=True):
    path = scope + "/conv/"
    kernel = w(path + "weights", 4, 4, x.shape[3], channels).permute(3, 2, 0, 1)
    b = w(path + "biases", channels) if bias else None
    return F.conv2d(x.permute(0, 3, 1, 2), kernel, b, stride, padding).permute(0, 2, 3, 1)


def transposed(w, scope, x, channels, stride=1, padding=0, bias=False):
    path = scope + "/conv_transpose/"
    kernel = w(path + "weights", 4, 4, channels, x.shape[3]).permute(3, 2, 0, 1)
    b = w(path + "biases", channels) if bias else None
    return F.conv_transpose2d(x.permute(0, 3, 1, 2), kernel, b, stride, padding).permute(0, 2, 3, 1)


def context_encoder(w, x, _):
    x = F.leaky_relu(convolve(w, "encoder_0", x, 4, 2, 1), SLOPE)
    for i, channels in ((1, 4), (2, 8)):
        x = F.leaky_relu(batch_norm(w, f"encoder_{i}", convolve(w, f"encoder_{i}", x, channels, 2, 1, bias=False)), SLOPE)
    x = F.leaky_relu(batch_norm(w, "bottleneck", convolve(w, "bottleneck", x, 10, bias=False)), SLOPE)
    x = F.relu(batch_norm(w, "decoder_0", transposed(w, "decoder_0", x, 8)))
    for i, channels in ((1, 4), (2, 4)):
        x = F.relu(batch_norm(w, f"decoder_{i}", transposed(w, f"decoder_{i}", x, channels, 2, 1)))
    return [torch.tanh(transposed(w, "colours", x, 3, 2, 1, bias=True))]


def context_discriminator(w, x, _):
    x = F.leaky_relu(convolve(w, "layer_0", x, 4, 2, 1), SLOPE)
    for i, channels in ((1, 8), (2, 16)):
        x = F.leaky_relu(batch_norm(w, f"layer_{i}", convolve(w, f"layer_{i}", x, channels, 2, 1, bias=False)), SLOPE)
    return [convolve(w, "logits", x, 1)]


def networks():
    for name, network, batch in (
        ("gated", gated_network, 1),
        ("sn-patchgan", sn_patch_gan, 2),
        ("context-encoder", context_encoder, 3),
        ("context-discriminator", context_discriminator, 3),
    ):
        shape = batch, 32, 32, 3
        mask, weights = centre(*shape[:3]), Weights()
        outputs = network(weights, golden.wave(shape, 0.1) * (1 - mask), mask)
        yield dict(
            name=name, size=32, x_shape=shape, stride=7, weights=weights.list(), outputs=[golden.flat(y, stride=7) for y in outputs]
        )


golden.main(lambda: {"gated_conv": list(gated_convs()), "attention": list(attentions()), "networks": list(networks())}, lines=True)
