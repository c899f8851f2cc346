"""Times whole training steps in PyTorch eager, to hold `ganymede bench` against. One JSON object per case, milliseconds a step.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    OMP_NUM_THREADS=2 .venv/bin/python bench/torch_step.py

The cases take turns, so that a busy machine is busy for all of them; compare medians of one run. Cases:

    dcgan28_b64           64/128 channels, batch 64, non-saturating loss, both players, Adam
    dcgan28_32_b64        the same with 32/64 channels
    dcgan28_32_rp_r1_b64  32/64 channels, relativistic paired loss, R1 every 8 steps; the mean over 8 steps
    dcgan28_sn_b64        64/128 channels, batch 64, spectral norm, hinge loss
    wgangp28_critic_b64   64/128 channels, batch 64, the critic's step alone: loss, gradient penalty, Adam
    cyclegan64_b1_r6_c64  CycleGAN on 64×64, batch 1, 6 blocks, 64 channels, patches of 70×70, instance norm: all of its step
    cyclegan32_b4_r6_c32  the same on 32×32, batch 4, 32 channels
"""

import argparse
import itertools
import json
import statistics
import time

import torch

import translate_reference
from train_reference import BATCH, LATENT, SN, WGANGP, Best, Plain, networks


def player_step(recipe, channels):
    player = recipe(*networks(channels, recipe.normal, recipe.spectral))
    batches = map(torch.detach, itertools.repeat(torch.rand(BATCH, 1, 28, 28) * 2 - 1))
    every = getattr(recipe, "every", 1)

    def steps():
        for n in range(every):
            player.step(n, batches)

    return steps, every


def critic_step(channels):
    player = WGANGP(*networks(channels), betas=(0., .9))
    real = torch.rand(BATCH, 1, 28, 28) * 2 - 1

    def step():
        with torch.no_grad():
            fake = player.g(torch.randn(BATCH, LATENT))
        player.critic_step(real, fake)

    return step, 1


def cyclegan_step(size, batch, channels):
    settings = argparse.Namespace(norm="instance", blocks=6, channels=channels, channels_d=channels, layers=3, rate=2e-4, rate_d=2e-4, crop=0., flip=False)
    game = translate_reference.CycleGAN(settings)
    x, y = (torch.rand(batch, 3, size, size) * 2 - 1 for _ in range(2))
    return lambda: game.step(x, y), 1


CASES = {
    "dcgan28_b64": lambda: player_step(Plain, 64),
    "dcgan28_32_b64": lambda: player_step(Plain, 32),
    "dcgan28_32_rp_r1_b64": lambda: player_step(Best, 32),
    "dcgan28_sn_b64": lambda: player_step(SN, 64),
    "wgangp28_critic_b64": lambda: critic_step(64),
    "cyclegan64_b1_r6_c64": lambda: cyclegan_step(64, 1, 64),
    "cyclegan32_b4_r6_c32": lambda: cyclegan_step(32, 4, 32),
}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--n", type=int, default=15, help="rounds of all cases")
    p.add_argument("--only", default="", help="cases whose names contain this")
    a = p.parse_args()
    torch.manual_seed(1)
    cases = {name: make() for name, make in CASES.items() if a.only in name}
    if not cases:
        p.error(f"no case contains {a.only!r}; there are {', '.join(CASES)}")
    times = {name: [] for name in cases}
    for n in range(a.n + 2):
        for name, (steps, count) in cases.items():
            started = time.perf_counter()
            steps()
            if n >= 2:
                times[name].append((time.perf_counter() - started) * 1e3 / count)
    for name, ms in times.items():
        print(json.dumps({"case": name, "framework": "torch " + torch.__version__, "threads": torch.get_num_threads(),
                          "best_ms": round(min(ms), 2), "median_ms": round(statistics.median(ms), 2)}), flush=True)


if __name__ == "__main__":
    main()
