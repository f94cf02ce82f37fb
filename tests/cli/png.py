"""png.py kinds DIRECTORY    one drawing as PNG of every kind, kind.png, and the PGM that each stands for, kind.pgm
png.py damaged DIRECTORY  49 damaged PNG files
png.py white FILE         a white picture of 64 million pixels
png.py many IDX N DIRECTORY  the first N images of an IDX file as N.png and N.pgm"""

import gzip
import os
import random
import struct
import sys
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, bits, colour, rows, extra=b""):
    """Each row as bytes, with a filter of its own kind: none."""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)) + extra +
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))


def pgm(width, height, values):
    return b"P5 %d %d 255\n" % (width, height) + bytes(values)


def drawing(width, height):
    """A 7 in dark grey, on white."""
    return [[40 if 10 <= y < 16 and 8 <= x < 32 or abs(x - (32 - (y - 10) * 0.45)) < 3 and 10 <= y < 50 else 255
             for x in range(width)] for y in range(height)]


def kinds(directory):
    w, h = 42, 60
    grey = drawing(w, h)
    flat = [v for row in grey for v in row]
    luma = lambda r, g, b: int(0.212656 * r + 0.715158 * g + 0.072186 * b + 0.5)
    ink = [[v != 255 for v in row] for row in grey]
    red = luma(200, 30, 60)
    files = {
        "grey8": (png(w, h, 8, 0, [bytes(row) for row in grey]), flat),
        "grey16": (png(w, h, 16, 0, [b"".join(struct.pack(">H", v * 257) for v in row) for row in grey]), flat),
        "grey1": (png(w, h, 1, 0, [int("".join("0" if i else "1" for i in row).ljust(48, "0"), 2).to_bytes(6, "big") for row in ink]),
                  [0 if i else 255 for row in ink for i in row]),
        "rgb8": (png(w, h, 8, 2, [b"".join(bytes((200, 30, 60) if i else (255, 255, 255)) for i in row) for row in ink]),
                 [red if i else 255 for row in ink for i in row]),
        "rgb16": (png(w, h, 16, 2, [b"".join(struct.pack(">3H", *[(v if i else 255) * 257 for v in (200, 30, 60)]) for i in row) for row in ink]),
                  [red if i else 255 for row in ink for i in row]),
        "palette": (png(w, h, 8, 3, [bytes(i for i in row) for row in ink], chunk(b"PLTE", bytes((255, 255, 255, 200, 30, 60)))),
                    [red if i else 255 for row in ink for i in row]),
        "palette-transparent": (png(w, h, 8, 3, [bytes(i for i in row) for row in ink],
                                    chunk(b"PLTE", bytes((0, 0, 0, 200, 30, 60))) + chunk(b"tRNS", b"\0")),
                                [red if i else 255 for row in ink for i in row]),
        "rgba8": (png(w, h, 8, 6, [b"".join(bytes((0, 0, 0, 255 if i else 0)) for i in row) for row in ink]),
                  [0 if i else 255 for row in ink for i in row]),
        "grey-alpha": (png(w, h, 8, 4, [b"".join(bytes((0, 128 if i else 0)) for i in row) for row in ink]),
                       [127 if i else 255 for row in ink for i in row]),
    }
    for name, (data, values) in files.items():
        with open(f"{directory}/{name}.png", "wb") as out:
            out.write(data)
        with open(f"{directory}/{name}.pgm", "wb") as out:
            out.write(pgm(w, h, values))


def damaged(directory):
    random.seed(1)
    whole = png(42, 60, 8, 2, [bytes(v for v in row for _ in range(3)) for row in drawing(42, 60)])
    for i in range(16):  # cut
        with open(f"{directory}/cut-{i}.png", "wb") as out:
            out.write(whole[:8 + (len(whole) - 9) * i // 16])
    for i in range(16):  # bytes changed
        data = bytearray(whole)
        for _ in range(4):
            data[random.randrange(8, len(data))] ^= 1 << random.randrange(8)
        with open(f"{directory}/flipped-{i}.png", "wb") as out:
            out.write(data)
    sizes = [(0, 60), (42, 0), (2**31 - 1, 1), (1, 2**31 - 1), (1000000, 1000000), (8193, 8192), (42, 61), (43, 60), (8192, 8192)]
    for i, (w, h) in enumerate(sizes):
        with open(f"{directory}/size-{i}.png", "wb") as out:
            out.write(png(w, h, 8, 2, [bytes(126)] * 60))
    headers = [(3, 0), (8, 1), (8, 5), (8, 7), (0, 0), (255, 255), (16, 3), (4, 2)]
    for i, (bits, colour) in enumerate(headers):
        with open(f"{directory}/header-{i}.png", "wb") as out:
            out.write(png(42, 60, bits, colour, [bytes(126)] * 60))


def white(path):
    """8,000 x 8,000 pixels of one bit."""
    with open(path, "wb") as out:
        out.write(png(8000, 8000, 1, 0, [b"\xff" * 1000] * 8000))


def many(idx, n, directory):
    with gzip.open(idx) as file:
        _, rows, cols = struct.unpack(">4xIII", file.read(16))
        for i in range(int(n)):
            values = file.read(rows * cols)
            if len(values) < rows * cols:
                file.seek(16)
                values = file.read(rows * cols)
            for suffix, data in ("png", png(cols, rows, 8, 0, [values[y * cols:(y + 1) * cols] for y in range(rows)])), ("pgm", pgm(cols, rows, values)):
                with open(os.path.join(directory, f"{i:04d}.{suffix}"), "wb") as out:
                    out.write(data)


{"kinds": kinds, "damaged": damaged, "white": white, "many": many}[sys.argv[1]](*sys.argv[2:])
