"""Times FID with the Inception network: Ganymede beside torch-fidelity, the same weights and pictures, one after the other.

    go build -o /tmp/ganymede .
    .venv/bin/python bench/inception_fid.py /tmp/ganymede [PICTURES [ROUNDS]]

Installed as for bench/golden/make_golden_inception.py. The weights are random, which changes neither the time nor the
agreement. It makes two sets of 10,000 pictures of 32x32x3, unless told otherwise, and prints for each round and program its
seconds, the largest memory it took, and its FID; at the end the medians and how far the two FIDs are apart.
"""

import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

GOLDEN = pathlib.Path(__file__).parent / "golden"


def reference(weights, real, fake):
    """Prints torch-fidelity's FID; runs in a process of its own."""
    import torch
    from torch_fidelity import calculate_metrics

    class Pictures(torch.utils.data.Dataset):
        def __init__(self, file):
            self.pictures = torch.from_numpy(np.load(file)).permute(0, 3, 1, 2)

        def __len__(self):
            return len(self.pictures)

        def __getitem__(self, i):
            return self.pictures[i]

    result = calculate_metrics(
        input1=Pictures(fake), input2=Pictures(real), fid=True, cuda=False, batch_size=64, cache=False, verbose=False,
        save_cpu_ram=True, feature_extractor_weights_path=weights)
    print(json.dumps(result["frechet_inception_distance"]))


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
    ganymede = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as folder:
        weights = folder + "/weights.pth"
        subprocess.run([sys.executable, str(GOLDEN / "make_golden_inception.py"), "--weights", weights], check=True)
        digest = hashlib.sha256(pathlib.Path(weights).read_bytes()).hexdigest()
        random = np.random.RandomState(1)
        for name, spread in (("real", 60), ("fake", 50)):
            coarse = random.randint(128 - spread, 128 + spread, (count, 8, 8, 3)).repeat(4, 1).repeat(4, 2)
            np.save(f"{folder}/{name}.npy", (coarse + random.randint(0, 40, coarse.shape)).astype(np.uint8))
        real, fake = folder + "/real.npy", folder + "/fake.npy"
        commands = {
            "torch-fidelity": [sys.executable, __file__, "--reference", weights, real, fake],
            "ganymede": [ganymede, "evaluate", "--real", real, "--fake", fake, "--metrics", "fid",
                         "--features", f"inception:{weights},sha256={digest}", "--json"],
        }
        times, values = {name: [] for name in commands}, {}
        for _ in range(rounds):
            for name, command in commands.items():
                seconds, peak, value = measured(command)
                values[name] = value["fid"]["value"] if isinstance(value, dict) else value
                times[name].append(seconds)
                print(f"{name}: {seconds:.1f} s, {peak:.0f} MB, FID {values[name]:.9g}", flush=True)
    medians = {name: statistics.median(list_) for name, list_ in times.items()}
    difference = abs(values["ganymede"] / values["torch-fidelity"] - 1)
    print(f"{count} against {count}: " + ", ".join(f"{name} {m:.1f} s" for name, m in medians.items())
          + f"; the FIDs differ by {difference:.2g} relative")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--reference"]:
        reference(*sys.argv[2:])
    else:
        main()
