"""Makes the golden values of the generators and discriminators that the tests of package gan/translate compare with, and small
files of weights that they read: PyTorch, on the CPU.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_golden_translate.py gan/translate/testdata

The networks are those of "Image-to-Image Translation with Conditional Adversarial Networks" and "Unpaired Image-to-Image
Translation using Cycle-Consistent Adversarial Networks", with the names of parameters that files of the authors' code in PyTorch
have (latest_net_G.pth). seeded.py makes the parameters, from their names, and the pictures:
seeded.uniform("pictures", [batch, height, width, channels], -1, 1).

golden.json is an object with a list "networks". Each has its kind, the arguments of the function of that name below, the shape of
the pictures, and, with the network in training mode, without dropout,

    weights     name and shape of all that the state_dict holds
    shape_y     of the result, as [batch, height, width, channels]
    y           of the result, stride and values: its numbers 0, stride, 2 stride, ..., in row-major order
    dx          the same of the derivative of <y, seeded.uniform("direction", shape_y, -1, 1)> with respect to the pictures
    gradients   by parameter: the Euclidean norm of that scalar's derivative, and its product with
                seeded.uniform(name + "/direction", shape, -1, 1)

Of networks with batch normalization, whose running averages seeded.py also makes, there is evaluated, as y, but not in training
mode.

resnet.pth, unet.pth and unet_batch.pth hold the state_dicts of the networks whose "file" says so. Of these there is translated,
as y, in steps of 8 bits and unrounded: what seeded.pictures("pictures", shape) become, not in training mode.
"""

import math
import pathlib
import sys

import torch
import torch.nn as nn

import golden
import seeded

STORED = 300  # Numbers of a result that are stored, at most.


def norms(norm, channels):
    return {"instance": [nn.InstanceNorm2d(channels)], "batch": [nn.BatchNorm2d(channels)], "none": [nn.Identity()]}[norm]


class Block(nn.Module):
    def __init__(self, channels, norm, dropout):
        super().__init__()
        half = lambda: [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=norm == "instance"), *norms(norm, channels)]
        between = [nn.ReLU()] + ([nn.Dropout(0.5)] if dropout else [])
        self.conv_block = nn.Sequential(*half(), *between, *half())

    def forward(self, x):
        return x + self.conv_block(x)


class Wrapped(nn.Module):
    """A module whose only part is named model."""

    def __init__(self, *layers):
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class Beside(Wrapped):
    def forward(self, x):
        return torch.cat([x, self.model(x)], 1)


def resnet(inputs, outputs, blocks, channels, norm="instance", dropout=False):
    bias, c = norm == "instance", channels
    layers = [nn.ReflectionPad2d(3), nn.Conv2d(inputs, c, 7, bias=bias), *norms(norm, c), nn.ReLU()]
    for k in (c, 2 * c):
        layers += [nn.Conv2d(k, 2 * k, 3, 2, 1, bias=bias), *norms(norm, 2 * k), nn.ReLU()]
    layers += [Block(4 * c, norm, dropout) for _ in range(blocks)]
    for k in (4 * c, 2 * c):
        layers += [nn.ConvTranspose2d(k, k // 2, 3, 2, 1, output_padding=1, bias=bias), *norms(norm, k // 2), nn.ReLU()]
    return Wrapped(*layers, nn.ReflectionPad2d(3), nn.Conv2d(c, outputs, 7), nn.Tanh())


def unet(inputs, outputs, size, channels, norm="instance"):
    bias, depth = norm == "instance", size.bit_length() - 1
    width = lambda i: channels * min(2**i, 8)
    inner = None
    for i in reversed(range(1, depth)):
        outer = width(i - 1)
        down = [nn.LeakyReLU(0.2), nn.Conv2d(outer, width(i), 4, 2, 1, bias=bias)]
        up = [nn.ReLU(), nn.ConvTranspose2d(width(i) * (2 if inner else 1), outer, 4, 2, 1, bias=bias), *norms(norm, outer)]
        inner = Beside(*down, *norms(norm, width(i)), inner, *up) if inner else Beside(*down, *up)
    last = nn.ConvTranspose2d(2 * channels, outputs, 4, 2, 1)
    net = Wrapped()
    net.model = Wrapped(nn.Conv2d(inputs, channels, 4, 2, 1, bias=bias), inner, nn.ReLU(), last, nn.Tanh())
    return net


def patchgan(inputs, layers, channels, norm="instance"):
    bias, c = norm == "instance", channels
    if layers == 0:  # Of pixels.
        return Wrapped(nn.Conv2d(inputs, c, 1), nn.LeakyReLU(0.2), nn.Conv2d(c, 2 * c, 1, bias=bias), *norms(norm, 2 * c),
                       nn.LeakyReLU(0.2), nn.Conv2d(2 * c, 1, 1))
    parts, before = [nn.Conv2d(inputs, c, 4, 2, 1), nn.LeakyReLU(0.2)], c
    for i in range(1, layers + 1):
        after = c * min(2**i, 8)
        parts += [nn.Conv2d(before, after, 4, 2 if i < layers else 1, 1, bias=bias), *norms(norm, after), nn.LeakyReLU(0.2)]
        before = after
    return Wrapped(*parts, nn.Conv2d(before, 1, 4, 1, 1))


CASES = [
    ("resnet", dict(inputs=3, outputs=3, blocks=6, channels=4), [2, 16, 24, 3], ""),
    ("resnet", dict(inputs=1, outputs=3, blocks=9, channels=2), [1, 32, 32, 1], "resnet.pth"),
    ("resnet", dict(inputs=3, outputs=1, blocks=2, channels=3, norm="batch", dropout=True), [2, 12, 12, 3], ""),
    ("unet", dict(inputs=3, outputs=3, size=32, channels=4), [2, 32, 32, 3], ""),
    ("unet", dict(inputs=3, outputs=1, size=64, channels=2), [1, 64, 128, 3], "unet.pth"),
    ("unet", dict(inputs=1, outputs=3, size=32, channels=2, norm="batch"), [3, 32, 32, 1], "unet_batch.pth"),
    ("unet", dict(inputs=3, outputs=3, size=128, channels=2), [1, 128, 128, 3], ""),
    ("patchgan", dict(inputs=6, layers=3, channels=4), [2, 48, 32, 6], ""),
    ("patchgan", dict(inputs=3, layers=1, channels=4), [2, 16, 16, 3], ""),
    ("patchgan", dict(inputs=3, layers=0, channels=4), [2, 8, 8, 3], ""),
    ("patchgan", dict(inputs=3, layers=4, channels=2, norm="batch"), [2, 64, 64, 3], ""),
]


def stored(t):
    """The numbers of a result that are stored. The stride has no divisor in common with the channels, so that it meets them all."""
    stride = -(-t.numel() // STORED)
    while math.gcd(stride, t.shape[1]) > 1:
        stride += 1
    return {"stride": stride, "values": golden.flat(t.permute(0, 2, 3, 1), 7, stride)}


def network(kind, arguments, shape, file, folder):
    net = globals()[kind](**arguments)
    seeded.fill(net)
    state = net.state_dict()
    if file:
        torch.save(state, folder / file)
    record = {"kind": kind, **arguments, "shape": shape, "file": file,
              "weights": {name: list(t.shape) for name, t in state.items() if t.is_floating_point()}}
    net = net.double()
    nchw = lambda name, shape: torch.from_numpy(seeded.uniform(name, shape, -1, 1)).double().permute(0, 3, 1, 2)
    x = nchw("pictures", shape).requires_grad_()
    if arguments.get("norm") == "batch":
        with torch.no_grad():
            record["evaluated"] = stored(net.eval()(x))
    if file:
        pixels = torch.from_numpy(seeded.pictures("pictures", shape)).double().permute(0, 3, 1, 2)
        with torch.no_grad():
            record["translated"] = stored((net.eval()(pixels / 127.5 - 1) + 1) * 127.5)
    for module in net.train().modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    y = net(x)
    record["shape_y"] = list(y.permute(0, 2, 3, 1).shape)
    record["y"] = stored(y)
    (y * nchw("direction", record["shape_y"])).sum().backward()
    record["dx"] = stored(x.grad)
    record["gradients"] = {}
    for name, p in net.named_parameters():
        direction = torch.from_numpy(seeded.uniform(name + "/direction", tuple(p.shape), -1, 1))
        record["gradients"][name] = golden.flat(torch.stack([p.grad.norm(), (p.grad * direction).sum()]), 7)
    return record


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    networks = [network(*case, folder) for case in CASES]
    text = '{"networks":[\n' + ",\n".join(map(golden.compact, networks)) + "\n]}\n"
    (folder / "golden.json").write_text(text)


if __name__ == "__main__":
    main()
