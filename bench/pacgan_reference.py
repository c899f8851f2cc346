"""Trains PacGAN's networks for points in the plane in PyTorch and counts the modes they find, to hold Ganymede's against.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/pacgan_reference.py --data ring --pack 1 --seeds 1,2 --steps 5000,10000,20000

"PacGAN: The power of two samples in generative adversarial networks" (Lin et al. 2018, https://arxiv.org/abs/1712.04086,
section 4.1 and table 1), as its authors' program does it (https://github.com/fjxmlzn/PacGAN, synthetic_data_experiments):

    data           100,000 points: ring, 8 Gaussians on the unit circle, deviation .01; grid, 25 at {-4, -2, 0, 2, 4}^2, .05
    generator      latent N(0, 1) of 2; four hidden layers of 400 without bias, batch norm with averages of .95, ReLU; linear to 2
    discriminator  m points side by side; three hidden layers of 200 maxouts of 5 pieces; linear to 1; no batch norm
    start          weights N(0, .02), biases 0
    a step         100 real packs and 100 generated ones, non-saturating loss, Adam 1e-4 (.8, .999) for both players at once, from
                   the same logits; each of a pack's m points passes the generator in a batch of 100 of its own, for batch norm
    length         400 epochs of 1,000 steps: 400,000
    judged         2,500 samples, batch norm by its moving averages

What differs here: real packs are drawn with replacement in every step, instead of once and shuffled. --layers, --no-batch-norm
and --alternate change the generator and the step: alternating players, as Ganymede's, update the discriminator first and judge
the same fakes again for the generator. All seeds train side by side in one batch, each with random numbers of its own.

Prints one JSON object per seed and number of steps, and for several seeds one with their mean and its standard error. Fields:

    modes         how many modes have a sample of high quality, which is one within 3 standard deviations of the mode
    high_quality  the share of such samples
    reverse_kl    sum of p log(p / (1/8)), for the grid 1/25, in nats; p is the share of a mode among the samples of high quality.
                  null without any
"""

import argparse
import json
import math
import time

import numpy as np
import torch
import torch.nn.functional as F

BATCH, LATENT, POINTS, CHUNK = 100, 2, 100_000, 100
GENERATOR, DISCRIMINATOR, PIECES, STD = 400, 200, 5, .02
MOMENTUM, EPSILON = .95, 1e-4  # Of batch norm.


def modes(name):
    """Means [modes, 2] and the standard deviation."""
    if name == "ring":
        angles = torch.arange(8) * (2 * math.pi / 8)
        return torch.stack([angles.cos(), angles.sin()], 1), .01
    side = torch.arange(-4., 5., 2.)
    return torch.cartesian_prod(side, side), .05


def normal(rngs, *shape):
    return torch.stack([torch.randn(shape, generator=rng) for rng in rngs])


class Generator:
    """One generator per seed. Weights are [seeds, in, out]."""

    def __init__(self, rngs, layers, batch_norm, device):
        sizes = [LATENT] + [GENERATOR] * layers + [2]
        self.weights = [(STD * normal(rngs, n, m)).to(device) for n, m in zip(sizes, sizes[1:])]
        self.bias = torch.zeros(len(rngs), 1, 2, device=device)
        hidden = (layers, len(rngs), 1, GENERATOR)
        self.batch_norm = batch_norm
        self.scales, self.shifts = torch.ones(hidden, device=device), torch.zeros(hidden, device=device)
        self.means, self.variances = torch.zeros(hidden, device=device), torch.ones(hidden, device=device)
        self.parameters = self.weights + [self.bias, self.scales, self.shifts]
        for p in self.parameters:
            p.requires_grad_()

    def __call__(self, z, training=True):
        """Points [seeds, n, 2] for latents [seeds, n, 2], n a multiple of BATCH while training."""
        for i, weight in enumerate(self.weights[:-1]):
            z = z @ weight
            z = F.relu(self.normalize(i, z, training) if self.batch_norm else z + self.shifts[i])
        return torch.baddbmm(self.bias, z, self.weights[-1])

    def normalize(self, i, z, training):
        if not training:
            return (z - self.means[i]) * (self.variances[i] + EPSILON).rsqrt() * self.scales[i] + self.shifts[i]
        groups = z.unflatten(1, (-1, BATCH))
        variance, mean = torch.var_mean(groups, 2, correction=0, keepdim=True)
        with torch.no_grad():
            self.means[i].lerp_(mean.mean(1), 1 - MOMENTUM)
            self.variances[i].lerp_(variance.mean(1), 1 - MOMENTUM)
        groups = (groups - mean) * (variance + EPSILON).rsqrt()
        return groups.flatten(1, 2) * self.scales[i] + self.shifts[i]


class Discriminator:
    def __init__(self, rngs, pack, device):
        sizes = [2 * pack] + [DISCRIMINATOR] * 3
        self.weights = [(STD * normal(rngs, n, m * PIECES)).to(device) for n, m in zip(sizes, sizes[1:])]
        self.weights.append((STD * normal(rngs, DISCRIMINATOR, 1)).to(device))
        self.biases = [torch.zeros(len(rngs), 1, w.shape[2], device=device) for w in self.weights]
        self.parameters = self.weights + self.biases
        for p in self.parameters:
            p.requires_grad_()

    def __call__(self, x):
        """Logits [seeds, n, 1] of packs [seeds, n, 2 pack]."""
        for weight, bias in zip(self.weights[:-1], self.biases):
            x = torch.baddbmm(bias, x, weight).unflatten(2, (DISCRIMINATOR, PIECES)).max(3).values
        return torch.baddbmm(self.biases[-1], x, self.weights[-1])


class Game:
    def __init__(self, a, device):
        self.rngs = [torch.Generator().manual_seed(s) for s in a.seeds]
        self.pack, self.alternate, self.device = a.pack, a.alternate, device
        self.means, self.std = modes(a.data)
        self.points = torch.stack([self.means[torch.randint(len(self.means), (POINTS,), generator=r)]
                                   + self.std * torch.randn(POINTS, 2, generator=r) for r in self.rngs])
        self.generator = Generator(self.rngs, a.layers, not a.no_batch_norm, device)
        self.discriminator = Discriminator(self.rngs, a.pack, device)
        self.adams = [torch.optim.Adam(p.parameters, 1e-4, (.8, .999), fused=True) for p in (self.generator, self.discriminator)]

    def draws(self):
        """Latents [seeds, BATCH pack, 2] and real packs [seeds, BATCH, 2 pack], step by step, drawn CHUNK steps at once."""
        while True:
            latents = normal(self.rngs, CHUNK, BATCH * self.pack, LATENT).to(self.device)
            rows = [torch.randint(POINTS, (CHUNK, BATCH * self.pack), generator=rng) for rng in self.rngs]
            real = torch.stack([points[r] for points, r in zip(self.points, rows)]).to(self.device)
            for i in range(CHUNK):
                yield latents[:, i], real[:, i].unflatten(1, (BATCH, self.pack)).flatten(2)

    def step(self, latents, real):
        fake = self.generator(latents).unflatten(1, (self.pack, BATCH)).transpose(1, 2).flatten(2)
        logits = self.discriminator(torch.cat([real, fake.detach() if self.alternate else fake], 1))
        real_logits, fake_logits = logits.split(BATCH, 1)
        # Sums over seeds of the mean over each batch: seeds do not touch each other.
        loss = (F.softplus(-real_logits) + F.softplus(fake_logits)).sum() / BATCH
        self.gradients(self.discriminator, loss, retain=not self.alternate)
        if self.alternate:
            self.adams[1].step()
            fake_logits = self.discriminator(fake)
        self.gradients(self.generator, F.softplus(-fake_logits).sum() / BATCH)
        self.adams[0].step()
        if not self.alternate:
            self.adams[1].step()

    def gradients(self, player, loss, retain=False):
        slopes = torch.autograd.grad(loss, player.parameters, retain_graph=retain, allow_unused=True)
        for p, slope in zip(player.parameters, slopes):
            p.grad = slope

    def judge(self, samples):
        """The fields above per seed. The latents are always the same, and not from the random numbers of training."""
        rng = torch.Generator().manual_seed(2333)
        latents = torch.randn(samples, LATENT, generator=rng).expand(len(self.rngs), -1, -1).to(self.device)
        with torch.no_grad():
            points = self.generator(latents, training=False).cpu()
        return [count(p, self.means, self.std) for p in points]


def count(points, means, std):
    distance, nearest = torch.cdist(points.double(), means.double()).min(1)
    counts = torch.bincount(nearest[distance < 3 * std], minlength=len(means)).double()
    shares = counts[counts > 0] / counts.sum()
    return {"modes": len(shares), "high_quality": round(counts.sum().item() / len(points), 4),
            "reverse_kl": round((shares * (len(means) * shares).log()).sum().item(), 4) if len(shares) else None}


def summary(results):
    out = {}
    for key in results[0]:
        values = np.array([r[key] for r in results if r[key] is not None])
        out[key] = round(float(values.mean()), 4) if len(values) else None
        if len(values) > 1:
            out[key + "_error"] = round(float(values.std(ddof=1) / math.sqrt(len(values))), 4)
    return out


def whole_numbers(text):
    return [int(s) for s in text.split(",")]


def main():
    p = argparse.ArgumentParser(description="Trains PacGAN's networks for points in the plane; the head of this file says how.")
    p.add_argument("--data", choices=["ring", "grid"], default="ring")
    p.add_argument("--pack", type=int, default=1, help="points that the discriminator sees together; 1 is the plain GAN")
    p.add_argument("--steps", type=whole_numbers, default="20000", help="after which steps to judge (the paper's: 400000)")
    p.add_argument("--seeds", type=whole_numbers, default="1", help="for example 1,2,3 (the paper's: ten)")
    p.add_argument("--samples", type=int, default=2500)
    p.add_argument("--layers", type=int, default=4, help="hidden layers of the generator")
    p.add_argument("--no-batch-norm", action="store_true", help="biases instead")
    p.add_argument("--alternate", action="store_true", help="the discriminator's update first")
    p.add_argument("--device", default="cpu")
    a = p.parse_args()

    game = Game(a, a.device)
    settings = {"data": a.data, "pack": a.pack, "layers": a.layers, "batch_norm": not a.no_batch_norm, "alternate": a.alternate}
    started, done, stops = time.perf_counter(), 0, sorted(a.steps)
    for latents, real in game.draws():
        game.step(latents, real)
        done += 1
        if done in stops:
            seconds = round(time.perf_counter() - started, 1)
            results = game.judge(a.samples)
            for seed, result in zip(a.seeds, results):
                print(json.dumps(settings | {"seed": seed, "steps": done} | result | {"seconds": seconds}), flush=True)
            if len(results) > 1:
                print(json.dumps(settings | {"seeds": len(results), "steps": done} | summary(results)), flush=True)
        if done >= stops[-1]:
            return


if __name__ == "__main__":
    main()
