"""Times the reading of a folder of 10,000 PNG files of 64×64 pixels: Ganymede's datasets.Open beside PyTorch's DataLoader.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 numpy==2.4.6 pillow==13.0.0
    .venv/bin/python bench/loader.py [FOLDER]

Both decode each picture and hand over all pixels, uint8, in the order of the files, from a warm page cache. They take turns,
five times each, and the medians are compared. What Ganymede's time holds besides: to list the files, and to hash each
for its split. PyTorch's holds neither the listing nor the start of the two workers, which persist, nor
an epoch to warm up. Its work for a picture is Pillow's decoding, convert("RGB"), and a tensor of the bytes; batches of 256.
It ends with an error if the pixels differ.
"""

import argparse
import hashlib
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PICTURES, TURNS, WORKERS, BATCH = 10_000, 5, 2, 256


class Folder(Dataset):
    def __init__(self, folder):
        self.files = sorted(os.path.join(d, f) for d, _, files in os.walk(folder) for f in files)

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        with open(self.files[i], "rb") as file:
            return torch.from_numpy(np.array(Image.open(file).convert("RGB")))


def epoch(loader):
    """The seconds that an epoch takes, and its batches."""
    start = time.perf_counter()
    batches = list(loader)
    return time.perf_counter() - start, batches


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", help="where the pictures are, or will be (default: a temporary folder)")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as temporary:
        folder = folder or os.path.join(temporary, "pictures")
        command = os.path.join(temporary, "loader")
        subprocess.run(["go", "build", "-o", command, "./bench/loader"], cwd=ROOT, check=True)
        if not os.path.isdir(folder):
            subprocess.run([command, "-make", str(PICTURES), folder], check=True)
        loader = DataLoader(Folder(folder), batch_size=BATCH, num_workers=WORKERS, persistent_workers=True)
        _, batches = epoch(loader)
        want = hashlib.sha256(torch.cat(batches).numpy().tobytes()).hexdigest()
        ours, theirs = [], []
        for _ in range(TURNS):
            seconds, pixels = subprocess.run([command, folder], check=True, capture_output=True, text=True).stdout.split()
            assert pixels == want, "the pixels differ"
            ours.append(float(seconds))
            seconds, _ = epoch(loader)
            theirs.append(seconds)
    for name, times in ("datasets.Open", ours), (f"DataLoader, {WORKERS} workers", theirs):
        print(f"{name:24} {statistics.median(times):.3f} s   ({', '.join(f'{t:.3f}' for t in sorted(times))})")
    print(f"DataLoader / datasets.Open: {statistics.median(theirs) / statistics.median(ours):.2f}")


if __name__ == "__main__":
    main()
