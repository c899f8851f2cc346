"""Makes the golden values that the test of the penalties in package gan compares with: PyTorch, float64, on the CPU.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_penalties.py gan/testdata/penalties.json

Neither inputs nor weights are stored. Each is filled in row-major order by wave(i) = mean + scale * sin(0.37 i + 0.0531 i i +
phase), in float64, for i = 0, 1, 2, ...:

    tensor   real      fake      epsilon       noise     alpha         variable k, from 0
    shape    [B, ...]  [B, ...]  [B, 1, ...]   [B, ...]  [B, 1, ...]   see the file
    mean     0         0         0.5           0.5       0.5           see the file
    scale    1         0.7       0.5           0.5       0.5           see the file
    phase    0.1       1.3       2.1           3.1       4.1           0.5 + k

Images are [batch, height, width, channels]; kernels are [kernel height, kernel width, in, out]; dense weights are [in, out].

The file is one object, with a list under "discriminators". Each has its name, the shape of its inputs, and

    variables   path (below the discriminator's scope), shape, mean, scale
    penalties   by name: value, and gradients, the penalty's with respect to each of the variables in turn:
                norm    of the whole gradient
                stride  s
                values  its numbers 0, s, 2 s, ..., in row-major order

The penalties, written here from the equations of the papers:

    r1      5 times the mean over the batch of |dD/dx|^2, at real examples
    r2      the same at fake ones
    gp      10 times the mean of (|dD/dx| - 1)^2, at epsilon real + (1 - epsilon) fake, with 1e-12 under the root of the norm
    dragan  the same at real + alpha noise deviation / 2, with the standard deviation of all the numbers of the real batch

Before it writes, the script checks each gradient against a central difference along a line through all the weights, and
that no rectifier is given a number so close to zero that float32 might put it on the other side.
"""

import math

import torch
import torch.nn.functional as F

import golden
from golden import flat, wave

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

STORED = 100  # Numbers of a gradient that are stored, at most.

closest = math.inf  # To zero, of all that rectifiers were given.


def seen(differences):
    global closest
    closest = min(closest, differences.detach().abs().min().item())


def lrelu(x, slope=0.2):
    seen(x)
    return F.leaky_relu(x, slope)


def max_pool(x):
    """The largest of 2x2 pixels."""
    b, h, w, c = x.shape
    x = x.reshape(b, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 5, 2, 4).reshape(b, h // 2, w // 2, c, 4)
    largest = x.topk(2, dim=-1).values
    seen(largest[..., 0] - largest[..., 1])
    return largest[..., 0]


def mean_pool(x):
    b, h, w, c = x.shape
    return x.reshape(b, h // 2, 2, w // 2, 2, c).mean((2, 4))


def dense(x, w, b):
    return x.reshape(x.shape[0], -1) @ w + b


def conv(x, w, b, stride=1, padding=1):
    y = F.conv2d(x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), stride=stride, padding=padding).permute(0, 2, 3, 1)
    return y if b is None else y + b


class Discriminator:
    """Lists its variables when it is built, and takes their values when it is called."""

    def __init__(self, name, shape, layers):
        self.name, self.shape, self.variables = name, shape, []
        self.layers = layers(self)

    def variable(self, path, shape, mean=0.0, scale=None):
        """Reserves a variable and returns its place. Weights are scaled by He's rule unless told otherwise."""
        if scale is None:
            scale = 2 / math.sqrt(math.prod(shape[:-1]))
        self.variables.append({"path": path, "shape": list(shape), "mean": mean, "scale": scale})
        return len(self.variables) - 1

    def affine(self, path, shape, gain=1.0):
        """Weights and biases of a layer."""
        weights = self.variable(f"{path}/weights", shape, scale=2 * gain / math.sqrt(math.prod(shape[:-1])))
        return weights, self.variable(f"{path}/biases", shape[-1:], scale=0.3)

    def weights(self):
        return [wave(v["shape"], 0.5 + k, v["scale"], v["mean"]) for k, v in enumerate(self.variables)]

    def __call__(self, x, weights):
        return self.layers(x, weights)


def mlp(d):
    sizes = [math.prod(d.shape[1:]), 16, 8, 1]
    paths = ["layer_0", "layer_1", "out"]
    places = [d.affine(f"{path}/dense", sizes[i:i + 2]) for i, path in enumerate(paths)]

    def layers(x, w):
        for weights, biases in places[:-1]:
            x = lrelu(dense(x, w[weights], w[biases]))
        return dense(x, *(w[i] for i in places[-1]))
    return layers


def dcgan(d):
    first = d.affine("layer_0/conv", [4, 4, d.shape[3], 4])
    second = d.affine("layer_1/conv", [4, 4, 4, 8])
    out = d.affine("out/dense", [4 * 4 * 8, 1], gain=0.74)

    def layers(x, w):
        x = lrelu(conv(x, *(w[i] for i in first), stride=2))
        x = lrelu(conv(x, *(w[i] for i in second), stride=2))
        return dense(x, *(w[i] for i in out))
    return layers


def resnet(d, channels, layer_norm=False, attention=False, gain=1.0):
    """SNGAN's discriminator for small images, without its normalization: two blocks that halve, two that do not. Attention
    comes after the first."""
    blocks = []
    for i in range(4):
        b = {}
        for j in range(2):
            if layer_norm and i > 0:
                b[f"norm_{j}"] = (d.variable(f"block_{i}/conv_{j}/layer_norm/scale", [channels], mean=1, scale=0.3),
                                  d.variable(f"block_{i}/conv_{j}/layer_norm/offset", [channels], scale=0.3))
            b[f"conv_{j}"] = d.affine(f"block_{i}/conv_{j}/conv", [3, 3, d.shape[3] if i + j == 0 else channels, channels])
        if i < 2:
            b["shortcut"] = d.variable(f"block_{i}/shortcut/conv/weights", [1, 1, channels if i else d.shape[3], channels])
        if attention and i == 0:
            name = "block_0/attention/self_attention"
            for part, ins, outs in [("theta", channels, channels // 8), ("phi", channels, channels // 8),
                                    ("g", channels, channels // 2), ("out", channels // 2, channels)]:
                b[part] = d.variable(f"{name}/{part}/conv/weights", [1, 1, ins, outs])
            b["gamma"] = d.variable(f"{name}/gamma", [], mean=0.7, scale=0.1)
        blocks.append(b)
    out = d.affine("out/dense", [channels, 1], gain=gain)

    def normalize(x, places, w):
        if places is None:
            return x
        x = F.layer_norm(x, x.shape[1:], eps=1e-5)
        return x * w[places[0]] + w[places[1]]

    def attend(x, b, w):
        pointwise = lambda x, name: conv(x, w[b[name]], None, padding=0)
        theta = pointwise(x, "theta").flatten(1, 2)
        phi, g = (max_pool(pointwise(x, name)).flatten(1, 2) for name in ("phi", "g"))
        taken = torch.softmax(theta @ phi.transpose(1, 2), -1) @ g
        return x + w[b["gamma"]] * pointwise(taken.reshape(*x.shape[:3], -1), "out")

    def layers(x, w):
        for i, b in enumerate(blocks):
            h = x
            if i > 0:
                h = lrelu(normalize(h, b.get("norm_0"), w), 0)
            h = conv(h, *(w[k] for k in b["conv_0"]))
            h = lrelu(normalize(h, b.get("norm_1"), w), 0)
            h = conv(h, *(w[k] for k in b["conv_1"]))
            if "shortcut" in b:
                h, x = mean_pool(h), conv(mean_pool(x), w[b["shortcut"]], None, padding=0)
            x = h + x
            if "gamma" in b:
                x = attend(x, b, w)
        return dense(lrelu(x, 0).mean((1, 2)), *(w[i] for i in out))
    return layers


def slope(d, x, w):
    """|dD/dx|^2 at each of the examples, differentiable."""
    x = x.clone().requires_grad_()
    g, = torch.autograd.grad(d(x, w).sum(), x, create_graph=True)
    return (g ** 2).reshape(x.shape[0], -1).sum(1)


def norms(d, x, w):
    return torch.sqrt(slope(d, x, w) + 1e-12)


def penalties(d):
    """By name, functions of the weights."""
    batch = d.shape[:1] + [1] * (len(d.shape) - 1)
    real, fake = wave(d.shape, 0.1), wave(d.shape, 1.3, 0.7)
    epsilon, noise, alpha = (wave(shape, phase, 0.5, 0.5) for shape, phase in ((batch, 2.1), (d.shape, 3.1), (batch, 4.1)))
    between = epsilon * real + (1 - epsilon) * fake
    around = real + alpha * noise * real.std(unbiased=False) / 2
    steepness = norms(d, between, d.weights())
    assert steepness.min() < 1 < steepness.max(), f"{d.name}: slopes {steepness} are all on one side of 1"
    return {
        "r1": lambda w: 5 * slope(d, real, w).mean(),
        "r2": lambda w: 5 * slope(d, fake, w).mean(),
        "gp": lambda w: 10 * ((norms(d, between, w) - 1) ** 2).mean(),
        "dragan": lambda w: 10 * ((norms(d, around, w) - 1) ** 2).mean(),
    }


def check(d, name, penalty, gradients):
    """Compares with a central difference along a line on which every number of every variable moves."""
    h = 1e-8
    directions = [wave(v["shape"], 7.5 + k) for k, v in enumerate(d.variables)]
    ends = [penalty([w + s * h * u for w, u in zip(d.weights(), directions)]).item() for s in (1, -1)]
    want = (ends[0] - ends[1]) / (2 * h)
    got = sum((g * u).sum().item() for g, u in zip(gradients, directions))
    assert abs(got - want) < 1e-5 * max(1, abs(want)), f"{d.name}, {name}: slope {got}, by differences {want}"


def values(d):
    global closest
    closest = math.inf
    record = {"name": d.name, "shape": d.shape, "variables": d.variables, "penalties": {}}
    for name, penalty in penalties(d).items():
        w = [t.requires_grad_() for t in d.weights()]
        value = penalty(w)
        gradients = torch.autograd.grad(value, w, allow_unused=True)
        gradients = [torch.zeros_like(t) if g is None else g for t, g in zip(w, gradients)]
        assert closest > 1e-6, f"{d.name}, {name}: a rectifier is given {closest}"
        check(d, name, penalty, gradients)
        record["penalties"][name] = {"value": value.item(), "gradients": [
            {"norm": g.norm().item(), "stride": s, "values": flat(g, digits=7, stride=s)}
            for g in gradients for s in [-(-g.numel() // STORED)]]}
    return record


DISCRIMINATORS = [
    Discriminator("mlp", [4, 4, 4, 1], mlp),
    Discriminator("dcgan", [4, 16, 16, 1], dcgan),
    Discriminator("resnet", [4, 8, 8, 1], lambda d: resnet(d, 4, layer_norm=True, gain=2.2)),
    Discriminator("attention", [4, 16, 16, 1], lambda d: resnet(d, 16, attention=True, gain=0.7)),
]


def make():
    return {"discriminators": [values(d) for d in DISCRIMINATORS]}


if __name__ == "__main__":
    golden.main(make)
