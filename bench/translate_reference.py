"""Trains the pix2pix and the CycleGAN of Ganymede's presets for small pictures in PyTorch, on the same pairs, and writes what they
make of the held-out pictures, to be judged by `ganymede evaluate` as Ganymede's own.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    go run ./bench/pairs emoji pairs
    OMP_NUM_THREADS=2 .venv/bin/python bench/translate_reference.py --game pix2pix --data pairs --seed 1 --out p1
    OMP_NUM_THREADS=2 .venv/bin/python bench/translate_reference.py --game cyclegan --data pairs --seed 1 --out c1
    go run . evaluate --real pairs/b_test.npy --fake p1_ab.npy --paired --features emoji --json

The networks are those of golden/make_golden_translate.py, their weights from N(0, .02); the numbers are those of the presets, as
`ganymede train --preset pix2pix --data emoji --show` prints them, and flags change one thing. pix2pix learns in the direction of
--direction; CycleGAN sees the two sides in orders of their own, and writes both directions.

As in Ganymede both players learn from the weights before the step. Jitter is one place and one flip for all of a batch, where
Ganymede has one for each picture; pictures are enlarged by PyTorch's bicubic interpolation.
"""

import argparse
import json
import pathlib
import random
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parent / "golden"))
import make_golden_translate as networks  # noqa: E402


def started(net):
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0, .02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1, .02)
    return net


def dropped(unet, rate=.5):
    """The U-Net for 32 pixels with dropout after its innermost doubling layer."""
    inner = unet.model.model[1]
    while not isinstance(inner.model[-1], nn.Dropout):
        deeper = [m for m in inner.model if isinstance(m, networks.Beside)]
        if deeper:
            inner = deeper[0]
        else:
            inner.model.append(nn.Dropout(rate))
    return unet


def jittered(pictures, crop, flip):
    size = pictures[0].shape[-1]
    margin = round(crop * size)
    top, left, mirror = random.randint(0, margin), random.randint(0, margin), flip and random.random() < .5
    out = []
    for x in pictures:
        if margin:
            x = F.interpolate(x, size=size + margin, mode="bicubic", align_corners=False).clamp(-1, 1)
            x = x[..., top:top + size, left:left + size]
        out.append(x.flip(3) if mirror else x)
    return out


def batches(n, size):
    while True:
        order = torch.randperm(n)
        for i in range(0, n - size + 1, size):
            yield order[i:i + size]


def update(adam, loss):
    adam.zero_grad(set_to_none=True)
    loss.backward()
    adam.step()


def with_frozen(nets, f):
    """f with the weights of nets taken as constants."""
    for net in nets:
        net.requires_grad_(False)
    result = f()
    for net in nets:
        net.requires_grad_(True)
    return result


class Pix2Pix:
    def __init__(self, a):
        self.a = a
        self.g = started(dropped(networks.unet(3, 3, 32, a.channels, "batch")) if a.dropout else networks.unet(3, 3, 32, a.channels, "batch"))
        self.d = started(networks.patchgan(6, a.layers, a.channels_d))
        self.adam = [torch.optim.Adam(n.parameters(), rate, (.5, .999)) for n, rate in ((self.g, a.rate), (self.d, a.rate_d))]

    def step(self, x, y):
        x, y = jittered([x, y], self.a.crop, self.a.flip)
        fake = self.g(x)
        g = with_frozen([self.d], lambda: F.softplus(-self.d(torch.cat([x, fake], 1))).mean() + self.a.l1 * (fake - y).abs().mean())
        d = .5 * (F.softplus(-self.d(torch.cat([x, y], 1))).mean() + F.softplus(self.d(torch.cat([x, fake.detach()], 1))).mean())
        update(self.adam[0], g)
        update(self.adam[1], d)

    def translators(self):
        return {self.a.direction: self.g}


class Pool:
    def __init__(self, size=50):
        self.size, self.kept = size, []

    def __call__(self, pictures):
        out = []
        for picture in pictures:
            if len(self.kept) < self.size:
                self.kept.append(picture)
            elif random.random() < .5:
                i = random.randrange(self.size)
                picture, self.kept[i] = self.kept[i], picture
            out.append(picture)
        return torch.stack(out)


class CycleGAN:
    def __init__(self, a):
        self.a = a
        self.ab, self.ba = (started(networks.resnet(3, 3, a.blocks, a.channels, a.norm)) for _ in range(2))
        self.da, self.db = (started(networks.patchgan(3, a.layers, a.channels_d)) for _ in range(2))
        self.pool_a, self.pool_b = Pool(), Pool()
        self.adam = [torch.optim.Adam([*p.parameters(), *q.parameters()], rate, (.5, .999))
                     for p, q, rate in ((self.ab, self.ba, a.rate), (self.da, self.db, a.rate_d))]

    def step(self, x, y):
        (x,), (y,) = jittered([x], self.a.crop, self.a.flip), jittered([y], self.a.crop, self.a.flip)
        fy, fx = self.ab(x), self.ba(y)

        def generators():
            adversarial = (self.db(fy) - 1).square().mean() + (self.da(fx) - 1).square().mean()
            cycle = F.l1_loss(self.ba(fy), x) + F.l1_loss(self.ab(fx), y)
            identity = F.l1_loss(self.ab(y), y) + F.l1_loss(self.ba(x), x)
            return adversarial + 10 * cycle + 5 * identity

        g = with_frozen([self.da, self.db], generators)
        px, py = self.pool_a(fx.detach()), self.pool_b(fy.detach())
        d = .5 * ((self.da(x) - 1).square().mean() + self.da(px).square().mean() + (self.db(y) - 1).square().mean() + self.db(py).square().mean())
        update(self.adam[0], g)
        update(self.adam[1], d)

    def translators(self):
        return {"ab": self.ab, "ba": self.ba}


GAMES = {
    "pix2pix": (Pix2Pix, dict(steps=300, batch=16, rate=2e-3, rate_d=1e-4, channels=32, channels_d=32, layers=2)),
    "cyclegan": (CycleGAN, dict(steps=200, batch=4, rate=2e-4, rate_d=2e-4, channels=32, channels_d=32, layers=2)),
}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--game", choices=GAMES, required=True)
    p.add_argument("--data", required=True, help="folder that bench/pairs wrote")
    p.add_argument("--direction", choices=("ab", "ba"), default="ab")
    for name in ("steps", "batch", "channels", "layers"):
        p.add_argument("--" + name, type=int)
    p.add_argument("--channels-d", type=int)
    p.add_argument("--blocks", type=int, default=6)
    p.add_argument("--rate", type=float)
    p.add_argument("--rate-d", type=float)
    p.add_argument("--norm", choices=("instance", "batch"), default="batch", help="of CycleGAN's generators")
    p.add_argument("--l1", type=float, default=300.)
    p.add_argument("--dropout", type=float, default=.5, help="0 for none")
    p.add_argument("--crop", type=float, default=0.)
    p.add_argument("--no-flip", dest="flip", action="store_false")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", required=True, help="PATH of PATH_ab.npy and PATH_ba.npy")
    a = p.parse_args()
    game, defaults = GAMES[a.game]
    for name, value in defaults.items():
        if getattr(a, name) is None:
            setattr(a, name, value)
    torch.manual_seed(a.seed)
    random.seed(a.seed)

    sides = {s: {split: np.load(pathlib.Path(a.data) / f"{s}_{split}.npy") for split in ("train", "test")} for s in "ab"}
    ready = lambda x: torch.from_numpy(x).permute(0, 3, 1, 2).float() / 127.5 - 1
    source, target = (ready(sides[s]["train"]) for s in (a.direction if a.game == "pix2pix" else "ab"))
    players = game(a)
    first, second = batches(len(source), a.batch), batches(len(target), a.batch)
    start = time.perf_counter()
    for n in range(a.steps):
        if 2 * n >= a.steps:  # Rates fall from half of the steps on.
            for adam in players.adam:
                for group in adam.param_groups:
                    group.setdefault("initial", group["lr"])
                    group["lr"] = group["initial"] * 2 * (a.steps - n) / a.steps
        i = next(first)
        players.step(source[i], target[i if a.game == "pix2pix" else next(second)])
    seconds = time.perf_counter() - start
    for direction, net in players.translators().items():
        net.eval()
        with torch.no_grad():
            out = torch.cat([net(x) for x in ready(sides[direction[0]]["test"]).split(64)])
        pixels = ((out + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
        path = f"{a.out}_{direction}.npy"
        np.save(path, pixels)
        print(json.dumps({"file": path, "game": a.game, "direction": direction, "seed": a.seed, "steps": a.steps,
                          "seconds": round(seconds, 1), "torch": torch.__version__,
                          "l1": round(float(np.abs(pixels.astype(float) - sides[direction[1]]["test"]).mean()), 3)}), flush=True)


if __name__ == "__main__":
    main()
