"""Ways to mix a GAN's samples into the training of a classifier that has 20 pictures a class, and controls without a GAN.

    python bench/mixes.py --data fashion --seeds 0,1,2 --arms classic,gan25,gan50,smooth,ensemble

Prints the accuracy of each arm and seed, then means and differences to the first arm with intervals of 95 % (Student's t over
seeds). It is for finding out what is worth building: everything is judged by training pictures that Ganymede does not embed
(the 5,000 after those), never by test pictures. A seed draws the 20 a class of the embedded 10,000, and the first weights.

The classifier is that of gan/features, the GAN a small conditional DCGAN: projection, an auxiliary classifier, relativistic
loss, lazy R1, averaged weights. Its discriminator sees real pictures changed by the policy, so that its samples spread as they
do. Both compute in bfloat16 where PyTorch's autocast does.

The arms, all with the classical policy on everything unless they say otherwise, and all with as many steps of 64 pictures:

    classic     the pictures alone                    mixup       classic, mixed up (Zhang et al. 2017)
    smooth      classic, labels smoothed by 0.1       ensemble    the mean of three classics
    distilled   half of a batch are changed pictures with the ensemble's soft labels
    gan25, gan50    a quarter, a half of a batch are samples    gan50mix    gan50, mixed up
    gansoft     half samples, with the ensemble's soft labels
    fake11      half samples, all of an eleventh class    fake20    half samples, each of its own class's fake twin
    pretrain    samples alone for the first half of the steps, then classic
"""

import argparse
import copy
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import data

CLASSES, A_CLASS, BATCH, SAMPLES = 10, 20, 64, 4000


class Policy:
    """Affine changes, a smooth random warp, mirroring, brightness and erasing, for pictures [n, 1, h, w] in [-1, 1]."""

    def __init__(self, rotate, scale, shear, translate, warp=0.0, mirror=0.0, brightness=0.0, erase=0.0):
        self.__dict__.update({k: v for k, v in locals().items() if k != "self"})

    def __call__(self, x):
        n, _, height, width = x.shape

        def uniform(*shape):
            return torch.rand(*shape) * 2 - 1

        angle = uniform(n) * self.rotate * math.pi / 180
        across = torch.exp(uniform(n) * self.scale)
        uniform(n)  # Keeps the random numbers of the figures in docs/results.md.
        lean = uniform(n) * self.shear
        down = across * torch.exp(uniform(n) * self.scale * 0.5)
        side = torch.where(torch.rand(n) < self.mirror, -1.0, 1.0)
        matrix = torch.zeros(n, 2, 3)
        matrix[:, 0, 0], matrix[:, 0, 1] = torch.cos(angle) * across * side, (lean - torch.sin(angle)) * across
        matrix[:, 1, 0], matrix[:, 1, 1] = torch.sin(angle) * down * side, torch.cos(angle) * down
        matrix[:, 0, 2], matrix[:, 1, 2] = uniform(n) * self.translate * 2, uniform(n) * self.translate * 2
        grid = F.affine_grid(matrix, (n, 1, height, width), align_corners=False)
        if self.warp:
            moves = F.interpolate(torch.randn(n, 2, 6, 6), size=(height, width), mode="bicubic", align_corners=True)
            grid = grid + (moves * self.warp * 2 / width).permute(0, 2, 3, 1)
        x = F.grid_sample(x + 1, grid, mode="bilinear", padding_mode="zeros", align_corners=False) - 1
        if self.brightness:
            x = (x + 1) * (1 + uniform(n, 1, 1, 1) * self.brightness) - 1
        if self.erase:
            half = round(0.4 * width) // 2
            column, row = torch.randint(0, width, (n, 1, 1, 1)), torch.randint(0, height, (n, 1, 1, 1))
            columns, rows = torch.arange(width).view(1, 1, 1, -1), torch.arange(height).view(1, 1, -1, 1)
            hit = ((columns - column).abs() <= half) & ((rows - row).abs() <= half) & (torch.rand(n, 1, 1, 1) < self.erase)
            x = torch.where(hit, torch.tensor(-1.0), x)
        return x


# Of the classifiers, and of what the discriminator sees.
POLICIES = {
    "digits": (Policy(15, 0.15, 0.15, 0.1, warp=1), Policy(15, 0.15, 0.15, 0.1, warp=1)),
    "fashion": (Policy(5, 0.1, 0.05, 0.06, warp=0.4, mirror=0.5, brightness=0.2, erase=0.5),
                Policy(8, 0.12, 0.08, 0.07, warp=0.4, mirror=0.5, brightness=0.2)),
}


def keep(x):
    return x


def autocast():
    return torch.autocast("cpu", torch.bfloat16)


def pictures(images, labels):
    return torch.from_numpy(images[:, None].astype(np.float32) / 127.5 - 1), torch.from_numpy(labels.astype(np.int64))


def subset(images, labels, seed):
    """A_CLASS pictures of each class, drawn by the seed."""
    random, numbers = np.random.RandomState(1000 + seed), []
    for label in range(CLASSES):
        numbers += list(random.permutation(np.where(labels.numpy() == label)[0])[:A_CLASS])
    return images[numbers], labels[numbers]


def orders(n, size):
    while True:
        order = torch.randperm(n)
        for start in range(0, n - size + 1, size):
            yield order[start:start + size]


def batches(x, y, change, size=BATCH):
    """A function of how far the training is, that returns a batch of changed pictures and their labels."""
    order = [None]

    def draw(_):
        if order[0] is None:
            order[0] = orders(len(x), min(size, len(x)))
        numbers = next(order[0])
        return change(x[numbers]), y[numbers]

    return draw


def soft(y):
    return F.one_hot(y, CLASSES).float() if y.dim() == 1 else y


def together(first, second):
    def draw(t):
        (x, y), (u, v) = first(t), second(t)
        return torch.cat([x, u]), torch.cat([soft(y), soft(v)])

    return draw


def mixed_up(draw):
    def mixed(t):
        x, y = draw(t)
        y = soft(y)
        weight = torch.from_numpy(np.random.beta(1.0, 1.0, len(x)).astype(np.float32))
        other = torch.randperm(len(x))
        across = weight[:, None, None, None]
        return across * x + (1 - across) * x[other], weight[:, None] * y + (1 - weight[:, None]) * y[other]

    return mixed


def network(outputs):
    layers = []
    for into, out, kernel, stride, pool in [(1, 32, 5, 2, False), (32, 64, 3, 1, False), (64, 64, 3, 1, False), (64, 128, 3, 1, True)]:
        if pool:
            layers.append(nn.MaxPool2d(2))
        convolution = nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False)
        layers += [convolution, nn.BatchNorm2d(out), nn.ReLU()]
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, outputs)).to(memory_format=torch.channels_last)
    for layer in net:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)
    return net


def train(draw, seed, steps, outputs=CLASSES):
    torch.manual_seed(seed)
    np.random.seed(seed)
    net = network(outputs).train()
    rate = 3e-3
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = rate * (1 - step / steps)
        x, y = draw(step / steps)
        with autocast():
            logits = net(x.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return net.eval()


def logits(net, x):
    with torch.no_grad(), autocast():
        parts = [net(part.contiguous(memory_format=torch.channels_last)).float()[:, :CLASSES] for part in x.split(500)]
    return torch.cat(parts)


def right(scores, y):
    return 100 * (scores.argmax(1) == y).float().mean().item()


class Generator(nn.Module):
    def __init__(self, latent=32, width=32):
        super().__init__()
        self.latent, self.width = latent, width
        self.embed = nn.Embedding(CLASSES, 16)
        self.dense = nn.Linear(latent + 16, 49 * 2 * width, bias=False)
        self.norm0 = nn.BatchNorm2d(2 * width)
        self.up1, self.norm1 = nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width)
        self.up2 = nn.ConvTranspose2d(width, 1, 4, 2, 1)

    def forward(self, z, y):
        h = self.dense(torch.cat([z, self.embed(y)], 1)).view(-1, 2 * self.width, 7, 7)
        return torch.tanh(self.up2(F.relu(self.norm1(self.up1(F.relu(self.norm0(h)))))))


class Discriminator(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(1, width, 5, 2, 2), nn.Conv2d(width, 2 * width, 5, 2, 2)
        self.dense = nn.Linear(49 * 2 * width, 128)
        self.out, self.embed, self.classes = nn.Linear(128, 1), nn.Embedding(CLASSES, 128), nn.Linear(128, CLASSES)
        nn.init.normal_(self.embed.weight, 0, 0.1)

    def forward(self, x, y):
        h = F.leaky_relu(self.down2(F.leaky_relu(self.down1(x), 0.2)), 0.2)
        h = F.leaky_relu(self.dense(h.flatten(1)), 0.2)
        return self.out(h)[:, 0] + (self.embed(y) * h).sum(1) / math.sqrt(128) * 3, h


def samples(x, y, seed, change, steps, rate=2e-3, gamma=0.3, every=8, decay=0.998):
    """SAMPLES pictures, equally many of each class, of a GAN trained on x and y alone."""
    torch.manual_seed(500 + seed)
    g, d = Generator(), Discriminator()
    average = copy.deepcopy(g)
    players = [torch.optim.Adam(net.parameters(), lr=rate, betas=(0.0, 0.99)) for net in (g, d)]
    order = orders(len(x), BATCH)
    for step in range(steps):
        for player in players:
            for group in player.param_groups:
                group["lr"] = rate * min(1, 2 * (1 - step / steps))
        numbers = next(order)
        real, labels, z = change(x[numbers]), y[numbers], torch.randn(BATCH, g.latent)
        with torch.no_grad(), autocast():
            fake = g(z, labels)
        with autocast():
            (on_real, h), (on_fake, _) = d(real, labels), d(fake.float(), labels)
            loss = F.softplus(on_fake.float() - on_real.float()).mean() + 0.5 * F.cross_entropy(d.classes(h).float(), labels)
        if step % every == 0:
            at = real.clone().requires_grad_()
            slope, = torch.autograd.grad(d(at, labels)[0].sum(), at, create_graph=True)
            loss = loss + every * gamma / 2 * slope.pow(2).sum((1, 2, 3)).mean()
        players[1].zero_grad()
        loss.backward()
        players[1].step()
        d.requires_grad_(False)
        with autocast():
            on_fake, h = d(g(torch.randn(BATCH, g.latent), labels).float(), labels)
            with torch.no_grad():
                on_real, _ = d(real, labels)
            loss = F.softplus(on_real.float() - on_fake.float()).mean() + 0.5 * F.cross_entropy(d.classes(h).float(), labels)
        players[0].zero_grad()
        loss.backward()
        players[0].step()
        d.requires_grad_(True)
        with torch.no_grad():
            share = min(decay, (1 + step) / (10 + step))
            for mean, now in zip(average.parameters(), g.parameters()):
                mean.lerp_(now, 1 - share)
            for mean, now in zip(average.buffers(), g.buffers()):
                if mean.dtype.is_floating_point:
                    mean.copy_(now)
    average.eval()
    torch.manual_seed(seed)
    asked = torch.arange(CLASSES).repeat(SAMPLES // CLASSES)
    with torch.no_grad():
        return torch.cat([average(torch.randn(len(part), g.latent), part) for part in asked.split(500)]), asked


class Arms:
    """The arms of one seed, by name; what several of them need is made once."""

    def __init__(self, name, x, y, seed, judge, steps, gan_steps):
        self.x, self.y, self.seed, self.judge, self.steps, self.gan_steps = x, y, seed, judge, steps, gan_steps
        self.policy, self.seen = POLICIES[name]
        self.made, self.teachers = None, []

    def fakes(self):
        if self.made is None:
            self.made = samples(self.x, self.y, self.seed, self.seen, self.gan_steps)
        return self.made

    def reals(self, size=BATCH):
        return batches(self.x, self.y, self.policy, size)

    def teach(self, x):
        while len(self.teachers) < 3:
            self.teachers.append(train(self.reals(), 100 * self.seed + len(self.teachers), self.steps))
        return torch.stack([logits(net, x).softmax(1) for net in self.teachers]).mean(0)

    def score(self, draw, outputs=CLASSES):
        return right(logits(train(draw, self.seed, self.steps, outputs), self.judge[0]), self.judge[1])

    def classic(self):
        return self.score(self.reals())

    def mixup(self):
        return self.score(mixed_up(self.reals()))

    def smooth(self):
        draw = self.reals()
        return self.score(lambda t: (lambda x, y: (x, 0.9 * soft(y) + 0.01))(*draw(t)))

    def ensemble(self):
        return right(self.teach(self.judge[0]), self.judge[1])

    def distilled(self):
        changed = torch.cat([self.policy(self.x) for _ in range(20)])
        return self.score(together(self.reals(32), batches(changed, self.teach(changed), keep, 32)))

    def gan25(self):
        return self.score(together(self.reals(48), batches(*self.fakes(), self.policy, 16)))

    def gan50(self):
        return self.score(together(self.reals(32), batches(*self.fakes(), self.policy, 32)))

    def gan50mix(self):
        return self.score(mixed_up(together(self.reals(32), batches(*self.fakes(), self.policy, 32))))

    def gansoft(self):
        fake, _ = self.fakes()
        return self.score(together(self.reals(32), batches(fake, self.teach(fake), self.policy, 32)))

    def fake11(self):
        fake, asked = self.fakes()
        real, other = self.reals(32), batches(fake, torch.full_like(asked, CLASSES), self.policy, 32)
        return self.score(lambda t: tuple(torch.cat(pair) for pair in zip(real(t), other(t))), CLASSES + 1)

    def fake20(self):
        fake, asked = self.fakes()
        real, other = self.reals(32), batches(fake, asked + CLASSES, self.policy, 32)
        return self.score(lambda t: tuple(torch.cat(pair) for pair in zip(real(t), other(t))), 2 * CLASSES)

    def pretrain(self):
        halves = [batches(*self.fakes(), self.policy), self.reals()]
        return self.score(lambda t: halves[int(t >= 0.5)](t))


def interval(values):
    """Mean and half the width of its interval of 95 %."""
    from scipy import stats
    values = np.asarray(values, float)
    if len(values) < 2:
        return values.mean(), math.nan
    return values.mean(), stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data.add_arguments(parser)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--arms", default="classic,gan25,gan50,gansoft,smooth,ensemble")
    parser.add_argument("--steps", type=int, default=700, help="of a classifier (default %(default)s)")
    parser.add_argument("--gan-steps", type=int, default=1200, help="default %(default)s")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    images, labels, _, _ = data.load(arguments)
    x, y = pictures(images, labels)
    judge = x[data.EMBEDDED:data.EMBEDDED + 5000], y[data.EMBEDDED:data.EMBEDDED + 5000]
    names, scores = arguments.arms.split(","), {}
    for seed in map(int, arguments.seeds.split(",")):
        few = subset(x[:data.EMBEDDED], y[:data.EMBEDDED], seed)
        arms = Arms(arguments.data, *few, seed, judge, arguments.steps, arguments.gan_steps)
        for name in names:
            scores.setdefault(name, []).append(getattr(arms, name)())
            print(f"seed {seed}  {name:10} {scores[name][-1]:.2f}", flush=True)
    for name in names:
        mean, half = interval(scores[name])
        gain, gain_half = interval(np.subtract(scores[name], scores[names[0]]))
        print(f"{name:10} {mean:.2f} ± {half:.2f}   against {names[0]} {gain:+.2f} ± {gain_half:.2f}")


if __name__ == "__main__":
    main()
