"""Makes the golden values of the layers that StyleGAN2 and R3GAN need: PyTorch, float64, on the CPU.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_golden_style.py gan/nn/testdata/golden_style.json

Inputs, their order and what is stored of derivatives are as make_golden.py has them, p_* being the second derivatives.
Further inputs are

    tensor   styles   affine   affine_bias   bias
    phase    6.1      7.1      8.1           4.1
    scale    1        0.5      0.5           0.5

    pixel_norm      x / sqrt(mean of x^2 over the last axis + 1e-8)
    blur            [1, 2, 1]/4 along height and width, edges repeated
    blur_up         bilinear interpolation by 2, pixels centred; checked to be nearest neighbours, then blur
    blur_down       blur, then the mean of 2x2 pixels
    grouped_conv    conv2d with groups, padding 1; kernel [height, width, in/groups, out]
    equalized       conv2d of kernel * multiplier / sqrt(fan in), plus bias * multiplier
    modulated_conv  StyleGAN2's equations 1 to 3, a kernel for each example, built as they are written; up: of the nearest
                    neighbours' enlargement by 2, followed by blur
"""

import torch
import torch.nn.functional as F

import golden
from make_golden import PHASE, SCALE, agree, derivatives, nchw, nhwc, wave

PHASE |= {"styles": 6.1, "affine": 7.1, "affine_bias": 8.1, "bias": 4.1}
SCALE |= {"styles": 1.0, "affine": 0.5, "affine_bias": 0.5, "bias": 0.5}


def waves(**shapes):
    return {name: wave(name, shape) for name, shape in shapes.items()}


def case(name, f, inputs, **fields):
    return {"name": name, "x_shape": list(inputs["x"].shape)} | fields | derivatives(f, inputs, {"p": "x"})


def pixel_norm_cases():
    for name, shape in [("vectors", (3, 5)), ("images", (2, 3, 2, 4))]:
        yield case(name, lambda x: x / torch.sqrt((x ** 2).mean(-1, keepdim=True) + 1e-8), waves(x=shape))


def blur(x):
    channels = x.shape[3]
    taps = torch.tensor([1.0, 2.0, 1.0]) / 4
    kernel = torch.outer(taps, taps).expand(channels, 1, 3, 3)
    return nhwc(F.conv2d(F.pad(nchw(x), (1, 1, 1, 1), mode="replicate"), kernel, groups=channels))


def nearest(x):
    return x.repeat_interleave(2, 1).repeat_interleave(2, 2)


def blur_up(x):
    y = nhwc(F.interpolate(nchw(x), scale_factor=2, mode="bilinear", align_corners=False))
    agree(y.detach(), blur(nearest(x)).detach(), "blur_up")
    return y


def blur_down(x):
    return nhwc(F.avg_pool2d(nchw(blur(x)), 2))


def filter_cases(f, shapes):
    for shape in shapes:
        yield case("x".join(map(str, shape)), f, waves(x=shape))


def grouped_cases():
    for name, x, out, k, groups, stride in [("3 groups", (2, 5, 4, 6), 6, 3, 3, 1), ("2 groups stride 2", (2, 6, 4, 4), 6, 3, 2, 2),
                                            ("depthwise", (1, 4, 4, 3), 3, 3, 3, 1), ("40 channels, 2 groups", (1, 3, 3, 40), 4, 3, 2, 1)]:
        def f(x, kernel):
            return nhwc(F.conv2d(nchw(x), kernel.permute(3, 2, 0, 1), padding=k // 2, stride=stride, groups=groups))

        yield case(name, f, waves(x=x, kernel=(k, k, x[3] // groups, out)), groups=groups, channels=out, stride=stride)


def equalized_cases():
    for name, k, multiplier in [("speed 1", 3, 1.0), ("speed 0.01", 1, 0.01)]:
        def f(x, kernel, bias):
            scale = multiplier / (k * k * x.shape[3]) ** 0.5
            return nhwc(F.conv2d(nchw(x), (kernel * scale).permute(3, 2, 0, 1), bias * multiplier, padding=k // 2))

        yield case(name, f, waves(x=(2, 3, 4, 2), kernel=(k, k, 2, 3), bias=(3,)), multiplier=multiplier, kernel=k)


def modulated_cases():
    for name, k, demodulate, up in [("k3", 3, True, False), ("k3 up", 3, True, True), ("k1 plain", 1, False, False)]:
        def f(x, styles, kernel, affine, affine_bias, bias):
            batch, channels = x.shape[0], x.shape[3]
            s = 1 + styles @ affine / affine.shape[0] ** 0.5 + affine_bias  # [batch, in]
            w = kernel / (k * k * channels) ** 0.5 * s[:, None, None, :, None]  # [batch, k, k, in, out]
            if demodulate:
                w = w / torch.sqrt((w ** 2).sum((1, 2, 3), keepdim=True) + 1e-8)
            if up:
                x = nearest(x)
            y = torch.cat([nhwc(F.conv2d(nchw(x[i:i + 1]), w[i].permute(3, 2, 0, 1), padding=k // 2)) for i in range(batch)])
            return (blur(y) if up else y) + bias

        inputs = waves(x=(2, 4, 3, 2), styles=(2, 5), kernel=(k, k, 2, 3), affine=(5, 2), affine_bias=(2,), bias=(3,))
        yield case(name, f, inputs, kernel=k, demodulate=demodulate, up=up)


def make():
    return {
        "pixel_norm": pixel_norm_cases(),
        "blur": filter_cases(blur, [(2, 4, 6, 3), (1, 1, 5, 2)]),
        "blur_up": filter_cases(blur_up, [(2, 3, 4, 2), (1, 1, 2, 3)]),
        "blur_down": filter_cases(blur_down, [(2, 4, 6, 2), (1, 2, 2, 3)]),
        "grouped_conv": grouped_cases(),
        "equalized": equalized_cases(),
        "modulated_conv": modulated_cases(),
    }


if __name__ == "__main__":
    golden.main(make, lines=True)
