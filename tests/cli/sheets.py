"""sheets.py mistakes PREDICTED LABELS IMAGES CSV PICTURE  the list and the picture are those of the wrong predictions in
                                                        the CSV of --predict, the most confident first
sheets.py weights MODEL PICTURE ROWS COLUMNS            the picture is that of fc1.weight in a safetensors file
sheets.py dataset ROWS COLUMNS KIND                     random images, train and test; KIND 8: bytes, 13: floats"""

import csv
import gzip
import json
import random
import struct
import sys
import zlib


def read_idx(path):
    with gzip.open(path) as file:
        data = file.read()
    dims = data[3]
    return struct.unpack(f">{dims}I", data[4:4 + 4 * dims]), data[4 + 4 * dims:]


def read_picture(path):
    """Width, height, pixels."""
    with open(path, "rb") as file:
        data = file.read()
    if not path.endswith(".png"):
        kind, size, most, pixels = data.split(b"\n", 3)
        assert kind == b"P5" and most == b"255"
        width, height = map(int, size.split())
        assert len(pixels) == width * height
        return width, height, pixels
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[-12:] == b"\0\0\0\0IEND\xaeB`\x82"
    width, height = struct.unpack(">II", data[16:24])
    rows = zlib.decompress(data[41:41 + struct.unpack(">I", data[33:37])[0]])
    assert len(rows) == height * (width + 1) and not any(rows[::width + 1])
    return width, height, b"".join(rows[y * (width + 1) + 1:(y + 1) * (width + 1)] for y in range(height))


def tile(picture, i, across, rows, cols, gap):
    width, _, pixels = picture
    top, left = i // across * (rows + gap), i % across * (cols + gap)
    return b"".join(pixels[(top + y) * width + left:(top + y) * width + left + cols] for y in range(rows))


def mistakes(predicted, labels, images, listed, picture):
    (n, rows, cols), pixels = read_idx(images)
    labels = read_idx(labels)[1]
    wrong = []
    with open(predicted) as file:
        for row in list(csv.reader(file))[1:]:
            i, answer, p = int(row[0]), int(row[1]), row[2:]
            if answer != labels[i]:
                wrong.append((-float(p[answer]), i, labels[i], answer, p[answer], p[labels[i]]))
    wrong.sort()
    with open(listed) as file:
        header, *found = csv.reader(file)
    assert header == "index,label,prediction,p_prediction,p_label".split(","), header
    assert len(found) == len(wrong) > 5, (len(found), len(wrong))
    # --predict adds in another order: the last digits may differ, and with them the order of equals
    assert sorted([int(x) for x in row[:3]] for row in found) == sorted(list(row[1:4]) for row in wrong)
    assert all(abs(float(x) - float(y)) < 1e-6 for row, (*_, a, b) in zip(found, wrong) for x, y in zip(row[3:], (a, b)))
    assert sorted(found, key=lambda row: -float(row[3])) == found
    sheet = read_picture(picture)
    assert sheet[0] == 10 * cols and sheet[1] == (min(len(wrong), 100) + 9) // 10 * rows, sheet[:2]
    for place, row in enumerate(found[:100]):
        i = int(row[0])
        assert tile(sheet, place, 10, rows, cols, 0) == pixels[i * rows * cols:(i + 1) * rows * cols], (place, i)
    print(len(wrong), "mistakes")


def weights(model, picture, rows, cols):
    rows, cols = int(rows), int(cols)
    with open(model, "rb") as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], "little")
    about = json.loads(data[8:start])["fc1.weight"]
    hidden, n_in = about["shape"]
    assert n_in == rows * cols
    numbers = struct.unpack(f"<{hidden * n_in}f", data[start:][slice(*about["data_offsets"])])
    sheet = read_picture(picture)
    across = next(a for a in range(10, 1000) if a * a >= hidden)
    assert sheet[:2] == (across * (cols + 1) - 1, -(-hidden // across) * (rows + 1) - 1), sheet[:2]
    for j in range(hidden):
        w = numbers[j * n_in:(j + 1) * n_in]
        most = max(map(abs, w)) or 1
        drawn = tile(sheet, j, across, rows, cols, 1)
        assert all(abs(128 + 127 * x / most - y) < 0.51 for x, y in zip(w, drawn)), j
        assert max(w) <= 0 or most > max(w) or max(drawn) == 255, j
    print(hidden, "units")


def dataset(rows, cols, kind):
    rows, cols, kind = int(rows), int(cols), int(kind)
    random.seed(1)
    for part, n in ("train", 60), ("t10k", 40):
        with open(f"{part}-labels-idx1-ubyte", "wb") as f:
            f.write(struct.pack(">HBBI", 0, 8, 1, n) + bytes(i % 3 for i in range(n)))
        with open(f"{part}-images-idx3-ubyte", "wb") as f:
            f.write(struct.pack(">HBB3I", 0, kind, 3, n, rows, cols))
            for _ in range(n * rows * cols):
                pixel = random.randrange(256)
                f.write(bytes([pixel]) if kind == 8 else struct.pack(">f", pixel / 255))


{"mistakes": mistakes, "weights": weights, "dataset": dataset}[sys.argv[1]](*sys.argv[2:])
