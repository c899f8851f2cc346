"""Makes the golden values that the tests of package gan/features compare the Inception network with.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 torchvision==0.29.2 torch-fidelity==0.4.0 pytorch-fid==0.3.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_golden_inception.py gan/features/testdata/inception.json

    .venv/bin/python bench/golden/make_golden_inception.py --weights FILE.pth     writes the random weights for other scripts

No trained weights are needed: weights and pictures are those of seeded.py, the pictures named "pictures". A picture of one
channel is repeated.

The file has a list of pictures: height, width, channels;
    resize        every 397th number of torch-fidelity's interpolate_bilinear_2d_like_tensorflow1x to 299x299, in 0...255,
                  [height, width, channels] in row-major order
    pool3         every `stride`-th of the 2048 features of torch-fidelity's FeatureExtractorInceptionV3
    pytorch_fid   the same of pytorch-fid's InceptionV3, given torch-fidelity's input (its own resize and range differ)
    logits        every `stride`-th of the 1008 logits_unbiased of torch-fidelity
and own_input_difference, the largest relative difference of pool3 when pytorch-fid resizes and scales in its own way.
"""

import contextlib
import json
import sys
import unittest.mock

import pytorch_fid.inception
import seeded
import torch
from golden import flat
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

PICTURES = [(28, 28, 1, 16), (32, 32, 3, 2), (300, 200, 3, 16)]


def fidelity():
    """torch-fidelity's network with the random weights."""
    patches = (
        unittest.mock.patch("torch_fidelity.feature_extractor_inceptionv3.load_state_dict_from_url"),
        unittest.mock.patch.object(FeatureExtractorInceptionV3, "load_state_dict", lambda self, _: seeded.fill(self)),
    )
    with patches[0], patches[1]:
        return FeatureExtractorInceptionV3("inception-v3-compat", ["2048", "logits_unbiased"])


def pytorch_fid_network(state, **options):
    with unittest.mock.patch.object(pytorch_fid.inception, "load_state_dict_from_url", lambda *a, **k: state):
        return pytorch_fid.inception.InceptionV3([3], **options).eval()


def case(network, plain, own, height, width, channels, stride):
    pixels = seeded.pictures("pictures", (1, height, width, channels)).repeat(3 // channels, axis=3)
    pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2)
    resized = interpolate_bilinear_2d_like_tensorflow1x(pixels.float(), size=(299, 299), align_corners=False)
    pool3, logits = network(pixels)
    other = plain((resized - 128) / 128)[0].flatten(1)
    difference = ((pool3 - other).abs().max() / pool3.abs().max()).item()
    assert difference < 1e-5, difference
    far = own(pixels.float() / 255)[0].flatten(1)
    print(f"{height}x{width}x{channels}: pool3 {pool3.min():.3g} ... {pool3.max():.3g}, mean {pool3.mean():.3g}, "
          f"logits {logits.min():.3g} ... {logits.max():.3g}; pytorch-fid {difference:.2g} away", file=sys.stderr)
    return {
        "height": height, "width": width, "channels": channels, "stride": stride,
        "resize": flat(resized[0].permute(1, 2, 0), 8, 397),
        "pool3": flat(pool3[0], 8, stride),
        "pytorch_fid": flat(other[0], 8, stride),
        "logits": flat(logits[0], 8, stride),
        "own_input_difference": float(f"{((pool3 - far).abs().max() / pool3.abs().max()).item():.3g}"),
    }


def main():
    with contextlib.redirect_stdout(sys.stderr), torch.no_grad():
        network = fidelity()
        if sys.argv[1] == "--weights":
            torch.save(network.state_dict(), sys.argv[2])
            return
        state = network.state_dict()
        plain = pytorch_fid_network(state, resize_input=False, normalize_input=False)
        own = pytorch_fid_network(state)
        cases = [case(network, plain, own, *p) for p in PICTURES]
    with open(sys.argv[1], "w") as file:
        json.dump({"pictures": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
