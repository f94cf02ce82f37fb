"""What the twins share: data to train on, and the library's own run of it as arrays."""

import gzip
import pathlib
import subprocess
import tempfile

import numpy as np

SETTINGS = dict(hidden=50, init_std=0.01, activation="sigmoid", loss="cross-entropy",
                optimizer="sgd", lr=0.1, momentum=0.9, beta1=0.9, beta2=0.999, epsilon=1e-8,
                weight_decay=0, iterations=200, batch_size=100, seed=1)
BLOCKS = "W1", "b1", "W2", "b2"


def read_idx(path):
    """An IDX file of bytes, plain or gzip, as an array."""
    data = pathlib.Path(path).read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    dims = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(dims)


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def make_images(directory):
    """Ten noisy patterns, a third of their pixels dark; the paths of images and labels."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 1000)
    patterns = rng.uniform(-100, 220, (10, 28, 28))
    images = np.clip(patterns[labels] + rng.normal(0, 60, (1000, 28, 28)), 0, 255)
    paths = directory / "images", directory / "labels"
    write_idx(paths[0], images)
    write_idx(paths[1], labels)
    return paths


def run(program, images, labels, **settings):
    """Trains through the library; returns its settings and what it wrote down, by name."""
    settings = {**SETTINGS, **settings}
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([program, images, labels, directory,
                        *(f"{name}={value}" for name, value in settings.items())], check=True)
        return settings, {path.stem: np.load(path)
                          for path in pathlib.Path(directory).glob("*.npy")}


def difference(actual, expected):
    """The largest difference, relative to the largest expected number."""
    assert actual.shape == expected.shape and np.abs(expected).max() > 0
    return np.abs(actual - expected).max() / np.abs(expected).max()
