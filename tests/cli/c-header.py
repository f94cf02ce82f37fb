"""c-header.py PROGRAM MODEL HEADER IMAGES COMPILER - the header of --export, compiled without a library, answers every
image of an IDX file as --predict does with the model, and with the same probabilities."""

import array
import csv
import ctypes
import gzip
import math
import os
import struct
import subprocess
import sys
import tempfile

FLAGS = "-std=c99 -Wall -Wextra -Werror -pedantic -ffreestanding -O2 -fPIC".split()
SOURCE = """#include "%s"
int answer(const PIXEL *pixels, float *logits);
int answer(const PIXEL *pixels, float *logits) { return mlp_predict(pixels, logits); }
"""


def read_idx(path):
    with open(path, "rb") as file:
        data = file.read()
    data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    kind, dims = data[2], data[3]
    n, *shape = struct.unpack(f">{dims}I", data[4:4 + 4 * dims])
    pixels = array.array({8: "B", 13: "f"}[kind], data[4 + 4 * dims:])
    if pixels.itemsize > 1:
        pixels.byteswap()
    return n, math.prod(shape), pixels


def compiled(header, kind, compiler, folder):
    name = os.path.join(folder, "answer")
    with open(name + ".c", "w") as file:
        file.write(SOURCE % os.path.abspath(header))
    pixel = {"B": "unsigned char", "f": "float"}[kind]
    subprocess.run([compiler, *FLAGS, f"-DPIXEL={pixel}", "-c", name + ".c", "-o", name + ".o"], check=True)
    needed = subprocess.run(["nm", "-u", name + ".o"], check=True, capture_output=True, text=True).stdout.split()
    # what a compiler may call in freestanding programs too
    assert not set(needed) - {"U", "memcpy", "memset", "memmove", "_GLOBAL_OFFSET_TABLE_"}, needed
    subprocess.run([compiler, "-shared", name + ".o", "-o", name + ".so"], check=True)
    return ctypes.CDLL(name + ".so").answer


def main(program, model, header, images, compiler):
    n, n_in, pixels = read_idx(images)
    lines = subprocess.run([program, "--load", model, "--predict", images], check=True, capture_output=True, text=True)
    rows = list(csv.reader(lines.stdout.splitlines()))[1:]
    assert len(rows) == n > 0
    seen = set()
    with tempfile.TemporaryDirectory() as folder:
        answer = compiled(header, pixels.typecode, compiler, folder)
        item = {"B": ctypes.c_ubyte, "f": ctypes.c_float}[pixels.typecode]
        logits = (ctypes.c_float * (len(rows[0]) - 2))()
        for i, row in enumerate(rows):
            best = answer((item * n_in)(*pixels[i * n_in:(i + 1) * n_in]), logits)
            p = [math.exp(y - max(logits)) for y in logits]
            p = [x / sum(p) for x in p]
            theirs = [float(x) for x in row[2:]]
            assert max(abs(a - b) for a, b in zip(p, theirs)) < 1e-4, (i, p, theirs)
            # two classes as probable as each other may change places
            assert best == int(row[1]) or abs(theirs[best] - theirs[int(row[1])]) < 1e-5, (i, best, row)
            seen.add(best)
    print(f"{n} answers, {len(seen)} classes")
    assert len(seen) > 1


main(*sys.argv[1:])
