"""Makes the golden values that the tests of package gan/style compare with: PyTorch, float64, on the CPU.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_golden_adain.py gan/style/testdata/golden.json

Features and images are golden.wave or made by seeded.uniform; weights are seeded.uniform(name, [3, 3, in, out], ±sqrt(6 / (9 in)))
for the kernels and ±0.1 for the biases, under the names "encoder/conv1_1.kernel", "encoder/conv1_1.bias", "decoder/conv1_1.kernel"
and so on. All is shaped [batch, height, width, channels], flat. The file is one object of lists:

    adain     of content wave([2, 3, 4, 5], 0.3, 1.5, 0.4) and style wave([2, 5, 2, 5], 1.1, 0.7, -0.2): mean and deviation of the style,
              [2, 5], and y
    losses    content and style, as numbers, of the layers of images uniform("images", [2, 24, 16, 3], -1, 1), relu1_1 to relu4_1, and those
              of uniform("style", [2, 16, 24, 3], -1, 1); the content loss is to the AdaIN of the last ones; layers, the sums of the
              layers of images, and stored, every 37th number of the last one; gradient, every 11th number of that of
              content + 10 style with respect to images
    decoder   of uniform("features", [1, 2, 3, 192], 0, 1): y
    gatys     of images, the content images + 0.1 and the style, both cut to a batch of 1: grams, the sums of the style's; loss, with weights
              1, 100 and 0.5 of the variation; gradient, every 7th number
    coral     of source uniform("source", [12, 10, 3], 0, 1) and target uniform("target", [10, 12, 3], 0, 1) ** 2 mixed by
              [[1, .5, 0], [0, 1, .3], [0, 0, 1]]: y, the source with the target's colours

The formulas of AdaIN, its losses and CORAL are those of function.py in the repository naoto0804/pytorch-AdaIN, but for the
variance, which the paper divides by the number of pixels.
"""

import math

import torch
import torch.nn.functional as F

import golden
import seeded

CONVOLUTIONS = [("conv1_1", 3, 24, False), ("conv1_2", 24, 24, False), ("conv2_1", 24, 48, True), ("conv2_2", 48, 48, False),
                ("conv3_1", 48, 96, True), ("conv3_2", 96, 96, False), ("conv4_1", 96, 192, True)]
STYLE_LAYERS = ["conv1_1", "conv2_1", "conv3_1", "conv4_1"]


def uniform(name, shape, low, high):
    return torch.from_numpy(seeded.uniform(name, tuple(shape), low, high)).double()


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def convolve(x, name, inside, out):
    bound = math.sqrt(6 / (9 * inside))
    kernel = uniform(name + ".kernel", [3, 3, inside, out], -bound, bound).permute(3, 2, 0, 1)
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), kernel, uniform(name + ".bias", [out], -0.1, 0.1))


def encode(x):
    layers = {}
    for name, inside, out, pool in CONVOLUTIONS:
        if pool:
            x = F.max_pool2d(x, 2)
        x = F.relu(convolve(x, "encoder/" + name, inside, out))
        layers[name] = x
    return [layers[name] for name in STYLE_LAYERS]


def decode(x):
    for i, (name, inside, out, pool) in reversed(list(enumerate(CONVOLUTIONS))):
        x = convolve(x, "decoder/" + name, out, inside)
        if i > 0:
            x = F.relu(x)
        if pool:
            x = F.interpolate(x, scale_factor=2, mode="nearest")
    return x


def statistics(x):
    return x.mean((2, 3), keepdim=True), (x.var((2, 3), unbiased=False, keepdim=True) + 1e-5).sqrt()


def adain(content, style):
    mean, deviation = statistics(style)
    own_mean, own_deviation = statistics(content)
    return (content - own_mean) / own_deviation * deviation + mean


def style_loss(layers, wanted):
    total = 0
    for x, y in zip(layers, wanted):
        for a, b in zip(statistics(x), statistics(y)):
            total = total + F.mse_loss(a, b)
    return total


def adain_case():
    content = nchw(golden.wave([2, 3, 4, 5], 0.3, 1.5, 0.4))
    style = nchw(golden.wave([2, 5, 2, 5], 1.1, 0.7, -0.2))
    mean, deviation = statistics(style)
    return {"mean": golden.flat(mean), "deviation": golden.flat(deviation), "y": golden.flat(nhwc(adain(content, style)))}


def inputs():
    return uniform("images", [2, 24, 16, 3], -1, 1), uniform("style", [2, 16, 24, 3], -1, 1)


def losses_case():
    images, style = inputs()
    images.requires_grad_(True)
    layers, styled = encode(nchw(images)), encode(nchw(style))
    content = F.mse_loss(layers[-1], adain(layers[-1], styled[-1]).detach())
    of_style = style_loss(layers, styled)
    gradient, = torch.autograd.grad(content + 10 * of_style, images)
    return {"content": content.item(), "style": of_style.item(), "layers": [x.sum().item() for x in layers],
            "stored": golden.flat(nhwc(layers[-1]), stride=37), "gradient": golden.flat(gradient, stride=11)}


def gram(x):
    n, c, h, w = x.shape
    flat = x.reshape(n, c, h * w)
    return flat @ flat.transpose(1, 2) / (h * w)


def gatys_case():
    images, style = (x[:1] for x in inputs())
    content = encode(nchw(images + 0.1))[-1]
    wanted = [gram(x) for x in encode(nchw(style))]
    images = images.clone().requires_grad_(True)
    layers = encode(nchw(images))
    of_style = sum(((gram(x) - y) ** 2).sum() / (4 * x.shape[1] ** 2) for x, y in zip(layers, wanted)) / len(layers)
    variation = (images[:, 1:] - images[:, :-1]).abs().mean() + (images[:, :, 1:] - images[:, :, :-1]).abs().mean()
    loss = F.mse_loss(layers[-1], content) + 100 * of_style + 0.5 * variation
    gradient, = torch.autograd.grad(loss, images)
    return {"grams": [x.sum().item() for x in wanted], "loss": loss.item(), "gradient": golden.flat(gradient, stride=7)}


def root(x):
    u, d, v = torch.svd(x)
    return u @ d.sqrt().diag() @ v.t()


def flat_moments(x):
    flat = x.reshape(3, -1)
    return flat, flat.mean(-1, keepdim=True), flat.std(-1, keepdim=True)


def coral(source, target):
    source_flat, source_mean, source_deviation = flat_moments(source)
    target_flat, target_mean, target_deviation = flat_moments(target)
    source_normal = (source_flat - source_mean) / source_deviation
    target_normal = (target_flat - target_mean) / target_deviation
    source_root = root(source_normal @ source_normal.t() + torch.eye(3))
    target_root = root(target_normal @ target_normal.t() + torch.eye(3))
    moved = target_root @ torch.inverse(source_root) @ source_normal
    return (moved * target_deviation + target_mean).reshape(source.shape)


def coral_case():
    torch.set_default_dtype(torch.float64)
    source = uniform("source", [12, 10, 3], 0, 1)
    target = uniform("target", [10, 12, 3], 0, 1) ** 2 @ torch.tensor([[1, 0.5, 0], [0, 1, 0.3], [0, 0, 1]])
    return {"y": golden.flat(coral(source.permute(2, 0, 1), target.permute(2, 0, 1)).permute(1, 2, 0))}


def make():
    return {
        "adain": adain_case(),
        "losses": losses_case(),
        "decoder": {"y": golden.flat(nhwc(decode(nchw(uniform("features", [1, 2, 3, 192], 0, 1)))))},
        "gatys": gatys_case(),
        "coral": coral_case(),
    }


if __name__ == "__main__":
    golden.main(make)
