"""split.py TASK ... - pictures of several digits, made of IDX images, and what --split must say about them.

    page IMAGES OUTPUT.pgm KIND      15 digits in three lines of the page; KIND: plain, inverted, sloping, tight
    alone IMAGES OUTPUT.pgm          the same digits, a picture each
    compare KIND ROWS ALONE          the rows of --split have the labels of the digits alone, in order, and their boxes
    shapes OUTPUT.pgm TOP,LEFT,BOTTOM,RIGHT ...    rectangles of ink on a page of 100 x 100"""

import csv
import gzip
import struct
import sys

SCALE, ACROSS, LINES, CELL = 4, 5, 3, 34


def digits(path):
    with gzip.open(path) as file:
        _, rows, cols = struct.unpack(">4xIII", file.read(16))
        images = [file.read(rows * cols) for _ in range(ACROSS * LINES)]
    return [[image[y * cols:(y + 1) * cols] for y in range(rows)] for image in images]


def box(image):
    """Of the ink that counts: top, left, bottom, right."""
    ys = [y for y, line in enumerate(image) if max(line) > 51]
    xs = [x for x in range(len(image[0])) if max(line[x] for line in image) > 51]
    return ys[0], xs[0], ys[-1] + 1, xs[-1] + 1


def places(images, kind):
    """Where each digit's frame begins, in pixels before the enlargement."""
    for i, image in enumerate(images):
        line, k = divmod(i, ACROSS)
        if kind == "tight":  # digits touch the border of the page
            top, left, _, _ = box(image)
            yield line * 28 - (top if line == 0 else 0), k * 26 - (left if k == 0 else 0)
        else:
            yield 4 + line * CELL + (5 * k // 2 if kind == "sloping" else 0), 4 + k * CELL - 3 * (line % 2)


def write(path, pages):
    with open(path, "wb") as out:
        for page in pages:
            out.write(b"P5 %d %d 255\n" % (len(page[0]), len(page)) + b"".join(bytes(line) for line in page))


def enlarged(page):
    return [[value for value in line for _ in range(SCALE)] for line in page for _ in range(SCALE)]


def page(source, output, kind):
    images = digits(source)
    side = ACROSS * CELL + 16
    paper = [[0] * side for _ in range(side)]
    for image, (top, left) in zip(images, places(images, kind)):
        for y, line in enumerate(image):
            for x, value in enumerate(line):
                if value and top + y >= 0 and left + x >= 0:
                    paper[top + y][left + x] = max(value, paper[top + y][left + x])
    if kind == "inverted":
        paper = [[255 - value for value in line] for line in paper]
    write(output, [enlarged(paper)])


def alone(source, output):
    write(output, [enlarged([[0] * 40] * 6 + [[0] * 6 + list(line) + [0] * 6 for line in image] + [[0] * 40] * 6) for image in digits(source)])


def compare(source, kind, rows, single):
    images = digits(source)
    rows, single = (list(csv.DictReader(open(path, newline=""))) for path in (rows, single))
    assert [row["label"] for row in rows] == [row["label"] for row in single], [row["label"] for row in rows]
    assert len({row["label"] for row in rows}) > 5 and {row["index"] for row in rows} == {"0"}
    for row, image, (y, x) in zip(rows, images, places(images, kind), strict=True):
        top, left, bottom, right = box(image)
        expected = [(x + left) * SCALE, (y + top) * SCALE, (right - left) * SCALE, (bottom - top) * SCALE]
        seen = [int(row[name]) for name in ("x", "y", "width", "height")]
        assert max(abs(a - b) for a, b in zip(seen, expected)) <= SCALE, (seen, expected)


def shapes(output, *boxes):
    paper = [[255] * 100 for _ in range(100)]
    for box_ in boxes:
        top, left, bottom, right = map(int, box_.split(","))
        for y in range(top, bottom):
            paper[y][left:right] = [0] * (right - left)
    write(output, [paper])


{"page": page, "alone": alone, "compare": compare, "shapes": shapes}[sys.argv[1]](*sys.argv[2:])
