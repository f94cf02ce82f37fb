"""model_twin.py - safetensors and the network once more, from the format's description and in
NumPy's float64, to hold the program against.

    evaluate IMAGES LABELS [ACTIVATION FILE]...   prints how many are right, and the mean cross-entropy
    write FILE HIDDEN SEED                        random weights, as PyTorch's own writer leaves them
    copy FILE FILE                                the same arrays, as PyTorch's own writer leaves them
"""

import json
import pathlib
import sys

import numpy as np

import twin

ACTIVATIONS = dict(sigmoid=lambda a: 1 / (1 + np.exp(-a)), tanh=np.tanh,
                   relu=lambda a: np.maximum(a, 0))
SHAPES = {"fc1.weight": "hi", "fc1.bias": "h", "fc2.weight": "kh", "fc2.bias": "k"}


def no_duplicates(pairs):
    assert len(dict(pairs)) == len(pairs), "a key twice"
    return dict(pairs)


def read(path):
    """The arrays and the metadata; every rule of the format is asserted."""
    data = pathlib.Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    assert data[8:9] == b"{" and 8 + size <= len(data) and size <= 100_000_000
    assert (8 + size) % 64 == 0, "the data are not aligned"
    header = json.loads(data[8:8 + size].decode("utf-8"), object_pairs_hook=no_duplicates)
    metadata = header.pop("__metadata__", {})
    assert all(isinstance(value, str) for value in metadata.values())
    arrays, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        assert set(entry) == {"dtype", "shape", "data_offsets"} and entry["dtype"] == "F32"
        begin, stop = entry["data_offsets"]
        assert begin == end and stop - begin == 4 * np.prod(entry["shape"], dtype=int)
        arrays[name] = np.frombuffer(data[8 + size + begin:8 + size + stop], "<f4")
        arrays[name] = arrays[name].reshape(entry["shape"])
        end = stop
    assert 8 + size + end == len(data), "bytes behind the data"
    sizes = {}
    for name, letters in SHAPES.items():
        assert arrays[name].ndim == len(letters)
        for letter, dim in zip(letters, arrays[name].shape):
            assert sizes.setdefault(letter, dim) == dim
    assert set(arrays) == set(SHAPES)
    return arrays, metadata


def write(path, arrays):
    """As safetensors.torch.save_file does: by name, padded to 8 bytes, no metadata."""
    header, end = {}, 0
    for name in sorted(arrays):
        begin, end = end, end + 4 * arrays[name].size
        header[name] = {"dtype": "F32", "shape": list(arrays[name].shape),
                        "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(len(text).to_bytes(8, "little") + text + b"".join(
        arrays[name].astype("<f4").tobytes() for name in sorted(arrays)))


def read_either(path):
    """A file of the program; or one of write(), which is not aligned and says nothing."""
    try:
        return read(path)
    except AssertionError:
        data = pathlib.Path(path).read_bytes()
        size = int.from_bytes(data[:8], "little")
        return {name: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])],
                                    "<f4").reshape(entry["shape"])
                for name, entry in json.loads(data[8:8 + size]).items()}, {}


def evaluate(path, images, labels, activation):
    arrays, metadata = read_either(path)
    w1, b1, w2, b2 = (arrays[name].astype(np.float64) for name in SHAPES)
    if metadata:
        assert metadata["format"] == "pt" and int(metadata["classes"]) == len(b2)
        assert (int(metadata["image_rows"]), int(metadata["image_columns"])) == images.shape[1:]
        assert metadata["pixel_scale"] == "1/255"
    x = images.reshape(len(images), -1) / 255
    logits = ACTIVATIONS[metadata["activation"] if activation == "-" else activation](x @ w1.T + b1) @ w2.T + b2
    logits -= logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[range(len(labels)), labels]
    print((logits.argmax(axis=1) == labels).sum(), f"{losses.mean():.12g}")


def random(hidden, seed):
    rng = np.random.default_rng(seed)
    sizes = dict(h=hidden, i=784, k=10)
    return {name: rng.normal(0, 0.1, [sizes[letter] for letter in letters])
            for name, letters in SHAPES.items()}


if __name__ == "__main__":
    command, path, *rest = sys.argv[1:]
    if command == "evaluate":
        images, labels = twin.read_idx(path), twin.read_idx(rest[0])
        for activation, model in zip(rest[1::2], rest[2::2]):
            evaluate(model, images, labels, activation)
    elif command == "write":
        write(path, random(int(rest[0]), int(rest[1])))
    else:
        write(rest[0], read(path)[0])
