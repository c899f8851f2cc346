"""Pictures per second of torch-fidelity's Inception network on this machine's CPU, to compare with BenchmarkInception.

    .venv/bin/python bench/inception_speed.py [BATCH [ROUNDS]]

Installed as for bench/golden/make_golden_inception.py. Pictures are 32x32x3; the weights are random, which does not change
the time. Prints the median over the rounds of 64 pictures.
"""

import pathlib
import statistics
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent / "golden"))
import make_golden_inception  # noqa: E402


def main():
    batch = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    network = make_golden_inception.fidelity()
    pictures = torch.randint(0, 256, (64, 3, 32, 32), dtype=torch.uint8)
    rates = []
    with torch.inference_mode():
        for i in range(rounds + 1):
            start = time.perf_counter()
            for part in pictures.split(batch):
                network(part)
            if i > 0:
                rates.append(len(pictures) / (time.perf_counter() - start))
    print(f"torch-fidelity, batch {batch}, {torch.get_num_threads()} threads: {statistics.median(rates):.2f} pictures/s "
          f"({', '.join(f'{r:.2f}' for r in rates)})")


if __name__ == "__main__":
    main()
