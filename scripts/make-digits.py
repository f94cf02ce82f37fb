#!/usr/bin/env python3
"""make-digits.py - rebuilds data/digits: the UCI handwritten digits, drawn the way MNIST is.

The source has 8 x 8 squares, each counting the inked pixels (0-16) of a 4 x 4 block. Every digit
fills the height of its 8 x 8 box, as every MNIST digit fills a 20 x 20 one, so all are enlarged
20/8 times. Whole-number arithmetic throughout: the pixels are the same on every machine.
"""
import argparse
import csv
import gzip
import pathlib
import struct
import sys
import zlib

SOURCE = "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"
DIGITS = pathlib.Path(__file__).resolve().parent.parent / "data" / "digits"
SMALL, BOX, SIDE = 8, 20, 28  # pixels across: a source image, MNIST's box, MNIST's field
ONE = 18000                   # the weights of one output pixel add up to this
BLANK, FULL = 4, 12           # of 16: so much ink and less is black, so much and more is white


def mitchell(tenths):
    """ONE times the Mitchell-Netravali filter (B = C = 1/3) at a distance in tenths of a pixel."""
    t = abs(tenths)
    if t < 10:
        return 21 * t**3 - 360 * t**2 + 16000
    if t < 20:
        return -7 * t**3 + 360 * t**2 - 6000 * t + 32000
    return 0


# Output pixel i has its centre at (i + 1/2) 8/20 - 1/2 = (4i - 3)/10 source pixels.
WEIGHTS = [[mitchell(4 * i - 3 - 10 * j) for j in range(SMALL)] for i in range(BOX)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def enlarge(small):
    """8 x 8 counts of ink -> 20 x 20 bytes: filter rows, then columns, then raise the contrast,
    which the 4 x 4 blocks and the filter have blurred away."""
    wide = [[dot(w, row) for w in WEIGHTS] for row in small]
    columns = list(zip(*wide))
    black, white = BLANK * ONE**2, FULL * ONE**2
    span = white - black

    def shade(ink):
        return (510 * (min(max(ink, black), white) - black) + span) // (2 * span)  # rounded

    return [[shade(dot(w, column)) for column in columns] for w in WEIGHTS]


def centre(box):
    """20 x 20 -> 28 x 28, moved by whole pixels so that the centre of mass is nearest (14, 14)."""
    def offset(masses):
        mass, moment = sum(masses), dot(range(BOX), masses)
        return (29 * mass - 2 * moment) // (2 * mass)  # 14 - moment / mass, rounded

    top, left = offset([sum(row) for row in box]), offset([sum(column) for column in zip(*box)])
    field = [bytearray(SIDE) for _ in range(SIDE)]
    for y, row in enumerate(box):
        field[top + y][left:left + BOX] = bytes(row)
    return b"".join(field)


def read_source(path):
    with gzip.open(path, "rt", newline="") as file:
        rows = [[int(value) for value in row] for row in csv.reader(file)]
    if len(rows) != 1797 or any(len(row) != SMALL * SMALL + 1 for row in rows):
        sys.exit(f"make-digits: {path}: not the 1,797 rows of 64 pixels and a label")
    images = [[row[SMALL * y:SMALL * (y + 1)] for y in range(SMALL)] for row in rows]
    return images, [row[-1] for row in rows]


def idx(header, *parts):
    """An IDX file of unsigned bytes with the given dimensions."""
    return struct.pack(f">BBBB{len(header)}I", 0, 0, 8, len(header), *header) + b"".join(parts)


def gzipped(content):
    """gzip without name and date, its header written here because Python versions differ in it."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = deflate.compress(content) + deflate.flush()
    return (b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + body
            + struct.pack("<II", zlib.crc32(content), len(content)))


def build(source):
    """{file name: content} of the four files."""
    images, labels = read_source(source)
    images = [centre(enlarge(image)) for image in images]
    by_digit = sorted(range(len(labels)), key=lambda i: labels[i])  # a stable sort
    test = sorted(by_digit[::5])
    train = sorted(set(by_digit) - set(test))
    files = {}
    for name, part in ("train", train), ("t10k", test):
        files[f"{name}-images-idx3-ubyte.gz"] = idx((len(part), SIDE, SIDE),
                                                    *(images[i] for i in part))
        files[f"{name}-labels-idx1-ubyte.gz"] = idx((len(part),), bytes(labels[i] for i in part))
    return files


def check(path, content):
    """Is the file at `path` what we would write? Another zlib may pack the same content differently."""
    packed = path.read_bytes() if path.exists() else b""
    if packed == gzipped(content):
        print(f"{path.name}: identical")
        return True
    try:
        same = gzip.decompress(packed) == content
    except (OSError, EOFError, zlib.error):
        same = False
    print(f"{path.name}: " + ("same content, packed by another zlib" if same else "DIFFERENT"))
    return same


def main():
    parser = argparse.ArgumentParser(description="Rebuilds data/digits from scikit-learn's copy.")
    parser.add_argument("--source", default=SOURCE, metavar="FILE",
                        help="digits.csv.gz (default: that of Debian's python3-sklearn, %(default)s)")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; compare the files with what would be written")
    parser.add_argument("dest", nargs="?", type=pathlib.Path, default=DIGITS, metavar="DEST",
                        help="directory of the four files (default: data/digits)")
    args = parser.parse_args()
    if not pathlib.Path(args.source).exists():
        sys.exit(f"make-digits: {args.source}: not there (Debian: apt-get install python3-sklearn)")
    files = build(args.source)
    if args.check:
        sys.exit(not all([check(args.dest / name, content) for name, content in files.items()]))
    args.dest.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (args.dest / name).write_bytes(gzipped(content))


if __name__ == "__main__":
    main()
