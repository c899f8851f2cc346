"""Makes the golden values of VGG16, VGG19, AlexNet and LPIPS that the tests of package gan/features compare with: PyTorch,
torchvision and lpips, float64, on the CPU.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 torchvision==0.29.2 lpips==0.1.4 numpy==2.4.6
    .venv/bin/python bench/golden/make_golden_vgg.py gan/features/testdata/golden_vgg.json

Neither weights nor pictures are stored: seeded.py makes them, the weights from their names in the network's state_dict,
the pictures from the names below. The hidden layers of the classifiers are narrowed to HIDDEN neurons and their outputs to CLASSES,
because the full ones have more than a hundred million weights.

The file is one object. "networks" is a list, and each has its name and

    weights   name and shape of all that the full network's state_dict holds
    shape     of the pictures (seeded.pictures("pictures", shape)), [n, height, width, 3]
    layers    name of each rectified convolution, its shape as [n, height, width, channels], and stride and values: its numbers
              0, stride, 2 stride, ..., in row-major order
    features  the means of the last one over height and width, flat [n, size]
    logits    flat [n, CLASSES]
    lpips     only of vgg16 and alexnet: shape of the pictures; learned and uniform, the distances of each picture of
              seeded.pictures("lpips/a", shape) to that of seeded.pictures("lpips/b", shape), with the learned weights
              of lpips and without; near, the learned ones to (7 a + b) // 8

"adaptive" is a list of average pools to [size, size]: x_shape, of x = seeded.uniform("adaptive", [1, height, width, 2], -1, 1),
size, and y, flat.
"""

import warnings

import lpips
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision.models as models

import golden
import seeded

HIDDEN, CLASSES = 64, 10
STORED = 200  # Numbers of a layer that are stored, at most.
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def narrow(classifier):
    """Replaces the linear layers, and leaves out the dropout, which does nothing when a network is used."""
    linear = [layer for layer in classifier if isinstance(layer, nn.Linear)]
    sizes = {linear[0]: (linear[0].in_features, HIDDEN), linear[1]: (HIDDEN, HIDDEN), linear[2]: (HIDDEN, CLASSES)}
    return nn.Sequential(*[nn.Linear(*sizes[layer]) if layer in sizes else layer for layer in classifier])


def build(name):
    with torch.device("meta"):
        full = getattr(models, name)(weights=None)
    shapes = {key: list(tensor.shape) for key, tensor in full.state_dict().items()}
    full.classifier = narrow(full.classifier)
    net = full.to_empty(device="cpu").eval()
    seeded.fill(net)
    return net.double(), shapes


def nchw(pictures):
    return torch.from_numpy(pictures.astype(np.float64)).permute(0, 3, 1, 2)


def normalized(pictures):
    mean, deviation = (torch.tensor(t, dtype=torch.float64).reshape(1, 3, 1, 1) for t in (MEAN, DEVIATION))
    return (nchw(pictures) / 255 - mean) / deviation


def layer_names(name, net):
    """Names the rectifiers as the papers do: reluA_B after B convolutions of block A of VGG, reluA in AlexNet."""
    block, within, names = 1, 0, {}
    for i, layer in enumerate(net.features):
        if isinstance(layer, nn.MaxPool2d) and name != "alexnet":
            block, within = block + 1, 0
        if isinstance(layer, nn.ReLU):
            within += 1
            names[i] = f"relu{within}" if name == "alexnet" else f"relu{block}_{within}"
    return names


def network(name, shape):
    net, shapes = build(name)
    names = layer_names(name, net)
    record = {"name": name, "weights": shapes, "shape": shape, "layers": []}
    x = start = normalized(seeded.pictures("pictures", shape))
    for i, layer in enumerate(net.features):
        x = layer(x)
        if i in names:
            last = x.permute(0, 2, 3, 1)
            stride = -(-x.numel() // STORED)
            stride += 1 - stride % 2  # Odd, so that it meets all channels.
            record["layers"].append({"name": names[i], "shape": list(last.shape), "stride": stride,
                                     "values": golden.flat(last, stride=stride)})
    record["features"] = golden.flat(last.mean((1, 2)))
    record["logits"] = golden.flat(net(start))
    if name != "vgg19":
        record["lpips"] = distances(name, net, [2, 37, 33, 3])
    return record


def distances(name, net, shape):
    a, b = (seeded.pictures(f"lpips/{x}", shape) for x in "ab")
    near = ((7 * a.astype(int) + b) // 8).astype(np.uint8)
    record = {"shape": shape}
    trunk = {"vgg16": "vgg", "alexnet": "alex"}[name]
    for key, learned, other in [("learned", True, b), ("uniform", False, b), ("near", True, near)]:
        metric = lpips.LPIPS(net=trunk, lpips=learned, pnet_rand=True, verbose=False).double()
        for part in (getattr(metric.net, f"slice{i}") for i in range(1, 6)):
            for index, layer in part.named_children():  # Named by their place in net.features.
                layer.load_state_dict(net.features[int(index)].state_dict())
        record[key] = golden.flat(metric(nchw(a) / 127.5 - 1, nchw(other) / 127.5 - 1))
    return record


def adaptive_cases():
    for height, width, size in [(1, 3, 7), (7, 7, 7), (9, 20, 7), (5, 13, 6)]:
        x = torch.from_numpy(seeded.uniform("adaptive", (1, height, width, 2), -1, 1)).double()
        y = F.adaptive_avg_pool2d(x.permute(0, 3, 1, 2), size).permute(0, 2, 3, 1)
        yield {"x_shape": list(x.shape), "size": size, "y": golden.flat(y)}


def make():
    warnings.filterwarnings("ignore", category=UserWarning, module="torchvision")
    return {
        "networks": [
            network("vgg16", [1, 64, 96, 3]),
            network("vgg19", [2, 41, 35, 3]),
            network("alexnet", [2, 99, 131, 3]),
        ],
        "adaptive": list(adaptive_cases()),
    }


if __name__ == "__main__":
    with torch.no_grad():
        golden.main(make, lines=True)
