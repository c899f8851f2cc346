"""Times FID: Ganymede beside torch-fidelity, the same network and pictures, one after the other.

    go build -o ganymede .
    .venv/bin/python bench/fid.py ./ganymede --network digits --pictures 10000 --rounds 3
    .venv/bin/python bench/fid.py ./ganymede --network inception --pictures 2500

Installed as for bench/golden/make_golden_inception.py. The network is the Inception of FID, with random weights, which change neither
the time nor the agreement, or the small one that Ganymede embeds for digits, rebuilt in PyTorch from its file. The two
sets of pictures are noise, 32x32x3 or 28x28x1. It prints for each round and program its seconds, the largest memory it took, and its
FID; at the end the medians, and how far the two FIDs are apart.
"""

import argparse
import hashlib
import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).parent.parent
DIGITS = ROOT / "gan/features/data/digits.safetensors"


def reference(network, weights, real, fake):
    """Prints torch-fidelity's FID; runs in a process of its own."""
    import torch
    from torch_fidelity import calculate_metrics, register_feature_extractor

    class Pictures(torch.utils.data.Dataset):
        def __init__(self, file):
            self.pictures = torch.from_numpy(np.load(file)).permute(0, 3, 1, 2)

        def __len__(self):
            return len(self.pictures)

        def __getitem__(self, i):
            return self.pictures[i]

    extractor = {"feature_extractor_weights_path": weights}
    if network == "digits":
        register_feature_extractor("digits", digits_extractor())
        extractor = {"feature_extractor": "digits", "feature_layer_fid": "features"}
    result = calculate_metrics(
        input1=Pictures(fake), input2=Pictures(real), fid=True, cuda=False, batch_size=64, cache=False, verbose=False,
        save_cpu_ram=True, **extractor)
    print(json.dumps(result["frechet_inception_distance"]))


def digits_extractor():
    """The embedded network as torch-fidelity's kind of extractor."""
    import torch
    import torch.nn.functional as F
    from torch_fidelity.feature_extractor_base import FeatureExtractorBase

    data = DIGITS.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    weights = {}
    for name, header in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            values = np.frombuffer(data, np.float32, int(np.prod(header["shape"])), 8 + length + header["data_offsets"][0])
            weights[name] = torch.from_numpy(values.reshape(header["shape"]).copy())
    kernels = [weights[f"conv{i}.kernel"].permute(3, 2, 0, 1).contiguous() for i in range(1, 5)]

    class Digits(FeatureExtractorBase):
        def __init__(self, name, features_list, **_):
            super().__init__(name, features_list)

        @staticmethod
        def get_provided_features_list():
            return ("features",)

        @staticmethod
        def get_default_feature_layer_for_metric(metric):
            return "features"

        @staticmethod
        def can_be_compiled():
            return False

        @staticmethod
        def get_dummy_input_for_compile():
            return torch.zeros(1, 1, 28, 28, dtype=torch.uint8)

        def forward(self, x):
            x = x.float() / 255
            for i, kernel in enumerate(kernels):
                if i == 3:
                    x = F.max_pool2d(x, 2)
                x = F.relu(F.conv2d(x, kernel, weights[f"conv{i + 1}.bias"], stride=2 if i == 0 else 1, padding=kernel.shape[2] // 2))
            return (x.mean((2, 3)),)

    return Digits


def make_pictures(network, count, folder):
    random = np.random.RandomState(1)
    for name, spread in (("real", 60), ("fake", 50)):
        squares, channels = (8, 3) if network == "inception" else (7, 1)
        coarse = random.randint(128 - spread, 128 + spread, (count, squares, squares, channels)).repeat(4, 1).repeat(4, 2)
        np.save(f"{folder}/{name}.npy", (coarse + random.randint(0, 40, coarse.shape)).astype(np.uint8))
    return f"{folder}/real.npy", f"{folder}/fake.npy"


def measured(command):
    """Runs the command; returns its seconds, the largest memory it took in MB, and the JSON that it printed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, json.loads(output)


def main():
    p = argparse.ArgumentParser(description="Times FID; the head of this file says how.")
    p.add_argument("ganymede", help="the program")
    p.add_argument("--network", choices=("digits", "inception"), default="digits")
    p.add_argument("--pictures", type=int, default=10_000, help="of either side; more than 2048 for inception")
    p.add_argument("--rounds", type=int, default=1)
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights, features = "", "digits"
        if a.network == "inception":
            weights = folder + "/weights.pth"
            subprocess.run([sys.executable, str(ROOT / "bench/golden/make_golden_inception.py"), "--weights", weights], check=True)
            features = f"inception:{weights},sha256={hashlib.sha256(pathlib.Path(weights).read_bytes()).hexdigest()}"
        real, fake = make_pictures(a.network, a.pictures, folder)
        commands = {
            "torch-fidelity": [sys.executable, __file__, "--reference", a.network, weights, real, fake],
            "ganymede": [a.ganymede, "evaluate", "--real", real, "--fake", fake, "--metrics", "fid", "--bootstrap", "0",
                         "--no-cache", "--features", features, "--json"],
        }
        times, values = {name: [] for name in commands}, {}
        for _ in range(a.rounds):
            for name, command in commands.items():
                seconds, peak, value = measured(command)
                values[name] = value["fid"]["value"] if isinstance(value, dict) else value
                times[name].append(seconds)
                print(f"{name}: {seconds:.1f} s, {peak:.0f} MB, FID {values[name]:.9g}", flush=True)
    medians = {name: statistics.median(list_) for name, list_ in times.items()}
    difference = abs(values["ganymede"] / values["torch-fidelity"] - 1)
    print(f"{a.pictures} against {a.pictures}: " + ", ".join(f"{name} {m:.1f} s" for name, m in medians.items())
          + f"; the FIDs differ by {difference:.2g} relative")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--reference"]:
        reference(*sys.argv[2:])
    else:
        main()
