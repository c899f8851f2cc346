"""The judge's classifier: a small convolutional network that tells ten classes apart; its features say how alike pictures are.

It is trained here, in a minute or two on one core, on the 50,000 training pictures that Ganymede does not embed. Its features are
the 128 outputs after ReLU of its layer before the last. A cache folder keeps it trained.
"""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import data

FEATURES = 128
EPOCHS = {"digits": 3, "fashion": 6}


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64 * 7 * 7, FEATURES), nn.ReLU())
        self.head = nn.Linear(FEATURES, 10)

    def forward(self, x):
        features = self.body(x)
        return features, self.head(features)


def add_arguments(parser):
    parser.add_argument("--cache", default="", help="folder that keeps the trained classifier")
    parser.add_argument("--seed", type=int, default=1, help="of the classifier")


def trained(name, seed, images, labels, cache=""):
    """The classifier of the data set's name, from the cache or trained on what of the training set is not embedded."""
    file = f"classifier_{seed}.pt" if name == "digits" else f"classifier_{name}_{seed}.pt"
    path = os.path.join(cache, file) if cache else ""
    if path and os.path.exists(path):
        net = Classifier()
        net.load_state_dict(torch.load(path))
        return net.eval()
    net = train(images[data.EMBEDDED:], labels[data.EMBEDDED:], seed, EPOCHS[name])
    if path:
        os.makedirs(cache, exist_ok=True)
        torch.save(net.state_dict(), path)
    return net


def train(images, labels, seed, epochs):
    torch.manual_seed(seed)
    net = Classifier()
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    labels = torch.from_numpy(labels.astype(np.int64))
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(128):
            loss = F.cross_entropy(net(scaled(images[rows.numpy()]))[1], labels[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
    return net.eval()


def scaled(images):
    return torch.from_numpy(np.array(images)).reshape(-1, 1, 28, 28).float() / 127.5 - 1


def look(net, images):
    """Features float64 [N, 128] and classes [N] of images uint8 [N, 28, 28] or [N, 28, 28, 1]."""
    with torch.no_grad():
        parts = [net(scaled(images[i:i + 500])) for i in range(0, len(images), 500)]
    return (torch.cat([f for f, _ in parts]).double().numpy(), torch.cat([logits for _, logits in parts]).argmax(1).numpy())
