"""Compares fillings of holes with those of OpenCV and scikit-image, and checks what `ganymede bench inpaint` says of them.

    python3 -m venv .venv
    .venv/bin/pip install numpy==2.4.6 opencv-python-headless==5.0.0.93 scikit-image==0.26.0
    go run . bench inpaint --data digits --steps 300 --out B
    .venv/bin/python bench/inpaint.py B                                # Everything in the folder of a bench.
    .venv/bin/python bench/inpaint.py --truth T.npy --masks M.npy FILLED.npy ...

T.npy and each FILLED.npy are uint8 [n, height, width, channels], M.npy is uint8 [n, height, width], not 0 in the holes. The
libraries' three methods fill the same holes, black inside: OpenCV's Telea and Navier-Stokes with a radius of 3, and scikit-image's
inpaint_biharmonic, rounded. Of each filling, means over the pictures:

    hole_l1     absolute difference in the hole, divided by 255
    hole_l2     squared difference in the hole, divided by 255^2
    hole_psnr   decibels, in the hole; a hole filled with the truth counts as if one value differed by 1
    hole_ssim   the map of structural_similarity (Gaussian window, sigma 1.5, full=True), averaged over the hole
    ssim        structural_similarity of the whole picture
    ms          milliseconds to fill a picture, where it was filled here

Of a bench's folder it reads the arrays of all kinds of holes and seeds, and result.json. It then also prints, and fails where one
is not as it should be:

    differs     of Ganymede's own Telea, Navier-Stokes and biharmonic: the largest difference to the library's, in steps of 1/255,
                and the share of values in holes that differ at all; more than --tolerance is wrong
    metrics     the largest difference of a mean to result.json's, for any method, seed and measure; more than 1e-6 is wrong

It prints tables, or with --json one object.
"""

import argparse
import json
import os
import sys
import time

import cv2
import numpy as np
from skimage.metrics import structural_similarity
from skimage.restoration import inpaint_biharmonic

MEASURES = ["hole_l1", "hole_l2", "hole_psnr", "hole_ssim", "ssim"]


def opencv(flag):
    def fill(picture, mask):
        planes = picture if picture.shape[2] == 3 else picture[:, :, 0]
        return cv2.inpaint(planes, mask.astype(np.uint8), 3, flag).reshape(picture.shape)

    return fill


def biharmonic(picture, mask):
    return np.rint(inpaint_biharmonic(picture / 255, mask, channel_axis=2) * 255).astype(np.uint8)


# By the names that Ganymede has for them.
LIBRARIES = {"telea": opencv(cv2.INPAINT_TELEA), "navier-stokes": opencv(cv2.INPAINT_NS), "biharmonic": biharmonic}
TITLES = {"telea": "OpenCV Telea", "navier-stokes": "OpenCV Navier-Stokes", "biharmonic": "scikit-image biharmonic"}


def fill_all(fill, truth, masks):
    """The filled pictures, and milliseconds a picture."""
    given = np.where(masks[..., None], np.uint8(0), truth)
    start = time.perf_counter()
    filled = np.stack([fill(picture, mask) for picture, mask in zip(given, masks)])
    return filled, (time.perf_counter() - start) * 1000 / len(truth)


def similarity(a, b, **more):
    return structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2, **more)


def measure(filled, truth, masks):
    values = {name: [] for name in MEASURES}
    for a, b, mask in zip(filled, truth, masks):
        difference = a[mask].astype(float) - b[mask]
        squares = max((difference**2).sum(), 1.0)
        values["hole_l1"].append(np.abs(difference).mean() / 255)
        values["hole_l2"].append(squares / difference.size / 255**2)
        values["hole_psnr"].append(10 * np.log10(255**2 * difference.size / squares))
        values["hole_ssim"].append(similarity(a, b, full=True)[1][mask].mean())
        values["ssim"].append(similarity(a, b))
    return {name: float(np.mean(list_)) for name, list_ in values.items()}


def load(path, rank):
    try:
        array = np.load(path)
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: {error}")
    if array.dtype != np.uint8 or array.ndim != rank:
        sys.exit(f"{path}: want uint8 with {rank} axes, got {array.dtype} {array.shape}")
    return array


def compare(truth_path, masks_path, filled_paths):
    """Rows of all methods, and the arrays that the libraries and the files hold, by name."""
    truth, masks = load(truth_path, 4), load(masks_path, 3) != 0
    if masks.shape != truth.shape[:3]:
        sys.exit(f"{masks_path}: masks {masks.shape} are not those of pictures {truth.shape}")
    rows, libraries, files = [], {}, {}
    for name, fill in LIBRARIES.items():
        libraries[name], ms = fill_all(fill, truth, masks)
        rows.append({"method": TITLES[name]} | measure(libraries[name], truth, masks) | {"ms": ms})
    for path in filled_paths:
        name = os.path.splitext(os.path.basename(path))[0]
        files[name] = load(path, 4)
        if files[name].shape != truth.shape:
            sys.exit(f"{path}: pictures {files[name].shape} are not of the truth's shape {truth.shape}")
        if (files[name] != truth)[~masks].any():
            sys.exit(f"{path}: pictures are changed outside of their holes")
        rows.append({"method": name} | measure(files[name], truth, masks))
    return rows, libraries, files, masks


def check_folder(folder, result):
    """What compare says of a folder of arrays, and how it agrees with the bench's own words."""
    paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    own = [p for p in paths if p.endswith(".npy") and os.path.basename(p) not in ("truth.npy", "masks.npy")]
    rows, libraries, files, masks = compare(os.path.join(folder, "truth.npy"), os.path.join(folder, "masks.npy"), own)
    kind, _, seed = os.path.basename(folder).rpartition("-seed")
    out = {"masks": kind, "seed": int(seed), "rows": rows, "differs": {}, "metrics": 0.0}
    for name in sorted(libraries.keys() & files.keys()):
        steps = np.abs(libraries[name].astype(int) - files[name])[masks]
        out["differs"][name] = {"largest": int(steps.max()), "share": float((steps > 0).mean())}
    if int(seed) not in result["seeds"]:
        return out | {"metrics": None}  # Of an earlier bench in the same folder.
    at = result["seeds"].index(int(seed))
    means = {row["method"]: row for row in rows}
    for row in result["rows"]:
        if row["masks"] == kind:
            for name in MEASURES:
                out["metrics"] = max(out["metrics"], abs(row[name]["by_seed"][at] - means[row["method"]][name]))
    return out


def table(rows):
    print(f"{'method':26}" + "".join(f"{name:>12}" for name in MEASURES + ["ms"]))
    for row in rows:
        ms = f"{row['ms']:12.2f}" if "ms" in row else ""
        print(f"{row['method']:26}" + "".join(f"{row[name]:12.4f}" for name in MEASURES) + ms)


def main():
    parser = argparse.ArgumentParser(description="Compares fillings of holes with those of OpenCV and scikit-image.")
    parser.add_argument("paths", nargs="+", help="the folder of a bench, or with --truth arrays of filled pictures")
    parser.add_argument("--truth", help="the true pictures")
    parser.add_argument("--masks", help="the holes")
    parser.add_argument("--tolerance", type=int, default=2, help="steps of 1/255 by which methods may differ (default %(default)s)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if bool(args.truth) != bool(args.masks):
        parser.error("--truth and --masks go together")
    if args.truth:
        rows = compare(args.truth, args.masks, args.paths)[0]
        print(json.dumps({"rows": rows}, indent=1)) if args.json else table(rows)
        return
    if len(args.paths) != 1:
        parser.error("give the folder of one bench")
    try:
        with open(os.path.join(args.paths[0], "result.json")) as file:
            result = json.load(file)
    except OSError as error:
        sys.exit(f"{error}; give the folder --out of `ganymede bench inpaint`")
    arrays = os.path.join(args.paths[0], "arrays")
    checks = [check_folder(os.path.join(arrays, name), result) for name in sorted(os.listdir(arrays))]
    wrong = [f"{c['masks']}, seed {c['seed']}: {name} differs by {d['largest']}"
             for c in checks for name, d in c["differs"].items() if d["largest"] > args.tolerance]
    wrong += [f"{c['masks']}, seed {c['seed']}: metrics differ by {c['metrics']:.2g}" for c in checks if (c["metrics"] or 0) > 1e-6]
    if args.json:
        print(json.dumps({"checks": checks, "wrong": wrong}, indent=1))
    else:
        for c in checks:
            print(f"\n{c['masks']}, seed {c['seed']}")
            table(c["rows"])
            for name, d in c["differs"].items():
                print(f"Ganymede's {name} and {TITLES[name]}: at most {d['largest']}/255 apart, {100 * d['share']:.3f} % of values differ")
            print("metrics: not compared" if c["metrics"] is None else f"metrics differ by {c['metrics']:.1g} at most")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
