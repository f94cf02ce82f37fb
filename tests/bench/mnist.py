"""What the Python peers of the benchmark share: arguments, gzipped IDX files, schedule."""
import argparse
import gzip
import os
import struct
from collections import namedtuple

import numpy as np

Data = namedtuple("Data", "x_train t_train x_test t_test")


def arguments(description, **switches):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", required=True, help="directory of the four gzipped IDX files")
    parser.add_argument("--iters", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    for name, text in switches.items():
        parser.add_argument("--" + name.replace("_", "-"), action="store_true", help=text)
    return parser.parse_args()


def read_idx(path):
    with gzip.open(path, "rb") as file:
        content = file.read()
    n_dims = content[3]
    shape = struct.unpack_from(f">{n_dims}I", content, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * n_dims).reshape(shape)


def load(directory, dtype):
    """Images [n × pixels] scaled to 0..1 and labels [n] as integers, of both sets."""
    def part(name):
        images = read_idx(os.path.join(directory, name + "-images-idx3-ubyte.gz"))
        labels = read_idx(os.path.join(directory, name + "-labels-idx1-ubyte.gz"))
        x = images.reshape(len(images), -1).astype(dtype)
        x /= 255
        return x, labels.astype(np.int64)
    return Data(*part("train"), *part("t10k"))


def epochs(iters, per_epoch):
    """Iterations before each evaluation but the first: whole epochs, then what is left."""
    while iters > 0:
        yield min(iters, per_epoch)
        iters -= per_epoch


def report(version, test_accuracy):
    print("version", version)
    print("test_acc", f"{test_accuracy:.4f}")
