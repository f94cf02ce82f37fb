"""make-idx.py WHAT ARGUMENT... - sources for scripts/make-idx.py from the bundled digits, and what it made of them."""

import gzip
import os
import struct
import sys

import numpy

DIGITS = os.path.join(os.path.dirname(__file__), "..", "..", "data", "digits")


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    dims = data[3]
    return numpy.frombuffer(data[4 + 4 * dims:], numpy.uint8).reshape(struct.unpack(f">{dims}I", data[4:4 + 4 * dims]))


def digits(part, n):
    return read(f"{DIGITS}/{part}-images-idx3-ubyte.gz")[:n], read(f"{DIGITS}/{part}-labels-idx1-ubyte.gz")[:n]


def made(directory):
    return [read(os.path.join(directory, name)) for name in sorted(os.listdir(directory)) if name.endswith("ubyte")]


def to_csv(path, n, kind="plain", part="train"):
    images, labels = digits(part, int(n))
    pixels = images.reshape(len(images), -1)
    rows = [[label, *row] for label, row in zip(labels.tolist(), pixels.tolist())]
    header = ["label"] + [f"pixel{i}" for i in range(pixels.shape[1])]
    if kind == "last":  # an index, the pixels, the label
        rows = [[i, *row[1:], row[0]] for i, row in enumerate(rows)]
        header = ["", *header[1:], "Label"]
    if kind == "mangled":  # a row that pandas took for a header
        header = ["5"] + ["0"] + [f"0.{i}" for i in range(1, pixels.shape[1])]
    delimiter = ";" if kind == "semicolon" else ","
    lines = [] if kind == "plain" else [header]
    text = "".join(delimiter.join(map(str, row)) + ("\r\n" if kind == "last" else "\n") for row in lines + rows)
    with (gzip.open if path.endswith(".gz") else open)(path, "wb") as file:
        file.write((b"\xef\xbb\xbf" if kind == "last" else b"") + text.encode())


def to_npz(kind, n):
    train, train_labels = digits("train", int(n))
    test, test_labels = digits("t10k", int(n))
    if kind == "keras":
        numpy.savez_compressed("mnist.npz", x_train=train, y_train=train_labels, x_test=test, y_test=test_labels)
    elif kind == "kmnist":
        for name, array in ("train-imgs", train), ("train-labels", train_labels), ("test-imgs", test), ("test-labels", test_labels):
            numpy.savez_compressed(f"kmnist-{name}.npz", array)
    elif kind == "kannada":
        for name, array in ("X_kannada_MNIST_train", train), ("y_kannada_MNIST_train", train_labels.astype(numpy.int64)), \
                ("X_kannada_MNIST_test", test[..., None]), ("y_kannada_MNIST_test", test_labels.astype(float)):
            numpy.savez_compressed(f"{name}.npz", array)
    elif kind == "train":
        numpy.savez("a.npz", trainX=train, trainY=numpy.eye(10)[train_labels])
    elif kind == "scaled":
        numpy.savez("scaled.npz", x_train=train / 255, y_train=train_labels)
    elif kind == "short":
        numpy.savez("short.npz", x_train=train, y_train=train_labels[1:])
    elif kind == "colours":
        numpy.savez("colours.npz", x_train=numpy.stack([train] * 3, -1), y_train=train_labels)
    elif kind == "objects":
        numpy.savez("objects.npz", x_train=numpy.array([None, {}], object), y_train=train_labels[:2])
    elif kind == "columns":
        numpy.savez("columns.npz", x_train=train, y_train=numpy.stack([train_labels, train_labels, train_labels], 1))
    elif kind == "array":
        with open("array.npz", "wb") as file:
            numpy.save(file, train)


def to_pictures(directory, n, part="train", names="", suffix="png"):
    from PIL import Image

    names = names.split(",") if names else [str(k) for k in range(10)]
    for i, (image, label) in enumerate(zip(*digits(part, int(n)))):
        folder = os.path.join(directory, names[label])
        os.makedirs(folder, exist_ok=True)
        Image.fromarray(image).save(os.path.join(folder, f"{i:04d}.{suffix}"))


def drawings(directory, n):
    """Dark on white, enlarged and moved, as RGB with transparency; one blank."""
    from PIL import Image

    for i, (image, label) in enumerate(zip(*digits("t10k", int(n)))):
        folder = os.path.join(directory, str(label))
        os.makedirs(folder, exist_ok=True)
        paper = Image.new("RGBA", (200 + i, 150), (255, 255, 255, 0))
        paper.paste(Image.fromarray(255 - image).resize((84, 84), Image.BILINEAR).convert("RGBA"), (20 + i, 30))
        paper.save(os.path.join(folder, f"{i}.png"))
    Image.new("L", (100, 100), 255).save(os.path.join(directory, "0", "blank.png"))


def same(directory, n):
    """The train and test images are the first n digits of each part, in that order."""
    a, b, c, d = made(directory)
    (train, train_labels), (test, test_labels) = digits("train", int(n)), digits("t10k", int(n))
    assert (a == test).all() and (b == test_labels).all() and (c == train).all() and (d == train_labels).all()


def halves(directory, n, fraction):
    """Together they are the first n train digits, each once, and of each class the part is for testing."""
    a, b, c, d = made(directory)
    images, labels = digits("train", int(n))
    key = lambda images, labels: sorted(i.tobytes() + bytes([l]) for i, l in zip(images, labels))
    assert key([*a, *c], [*b, *d]) == key(images, labels)
    for k in range(10):
        assert (b == k).sum() == min(max(round(float(fraction) * (labels == k).sum()), 1), (labels == k).sum() - 1), k


{"csv": to_csv, "npz": to_npz, "pictures": to_pictures, "drawings": drawings, "same": same, "halves": halves}[sys.argv[1]](*sys.argv[2:])
