"""split.py IMAGES LABELS FRACTION SEED DIRECTORY - the validation part and what is left to train on, as IDX files,
by the published descriptions of the generator alone (xoshiro256++ and SplitMix64, Blackman and Vigna 2019; Lemire
2019; Knuth's algorithm S)."""

import gzip
import pathlib
import sys

MASK = 2**64 - 1
SPLIT = 3  # the generator's third stream


def splitmix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        yield z ^ z >> 31


def xoshiro(seed, stream):
    words = splitmix(next(splitmix(stream)) ^ seed)
    a, b, c, d = (next(words) for _ in range(4))
    rotate = lambda x, k: (x << k | x >> 64 - k) & MASK
    while True:
        yield (rotate((a + d) & MASK, 23) + a) & MASK
        shifted = b << 17 & MASK
        c, d = c ^ a, d ^ b
        b, a = b ^ c, a ^ d
        c, d = c ^ shifted, rotate(d, 45)


def below(words, n):
    while True:
        product = next(words) * n
        if product & MASK >= 2**64 % n:
            return product >> 64


def choose(n, n_part, words):
    """Which of 0 .. n-1 are in the part: every subset of that size is equally likely."""
    drawn = []
    for i in range(n):
        if below(words, n - i) < n_part - len(drawn):
            drawn.append(i)
    return set(drawn)


def read_idx(path):
    """The records of an IDX file of bytes, and its header's sizes."""
    data = pathlib.Path(path).read_bytes()
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    sizes = [int.from_bytes(data[at:at + 4], "big") for at in range(4, 4 + 4 * data[3], 4)]
    size = (len(data) - 4 - 4 * data[3]) // sizes[0]
    return [data[4 + 4 * data[3] + i * size:][:size] for i in range(sizes[0])], sizes


def write_idx(path, records, sizes):
    header = bytes([0, 0, 8, len(sizes)]) + b"".join(n.to_bytes(4, "big") for n in [len(records), *sizes[1:]])
    path.write_bytes(header + b"".join(records))


def main(images, labels, fraction, seed, directory):
    part = None
    for name, path in ("images", images), ("labels", labels):
        records, sizes = read_idx(path)
        if part is None:
            part = choose(len(records), round(float(fraction) * len(records)), xoshiro(int(seed), SPLIT))
        for suffix, inside in ("validation", True), ("train", False):
            chosen = [record for i, record in enumerate(records) if (i in part) == inside]
            write_idx(pathlib.Path(directory) / f"{suffix}-{name}", chosen, sizes)


main(*sys.argv[1:])
