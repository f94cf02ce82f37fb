#!/usr/bin/env python3
"""pictures.py - IDX images as netpbm pictures of other sizes, and what a model must take images for.

  pictures.py pgm IDX FORM [COUNT]
      writes images as netpbm to standard output; FORM is P5, P2 or P5-16, which has two bytes a pixel
  pictures.py enlarge IDX COUNT DIR
      writes the first images to DIR/plain.pgm, and to DIR/*.pgm at other sizes and places, dark on
      light and light on dark
  pictures.py check MODEL IDX ROWS
      compares the rows of --predict with a forward pass in double precision
  pictures.py right LABELS ROWS [ROWS2...]
      prints how many ROWS have the right label; for each ROWS2, how many of these have it there too
"""
import csv
import gzip
import json
import os
import struct
import sys

import numpy as np


def idx(path):
    with open(path, 'rb') as file:
        data = file.read()
    data = gzip.decompress(data) if data[:2] == b'\x1f\x8b' else data
    shape = struct.unpack_from('>%dI' % data[3], data, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def interpolate(n, k):
    """[k x n]: k samples of n by linear interpolation, pixel centres at 1/2."""
    at = np.clip((np.arange(k) + 0.5) * n / k - 0.5, 0, n - 1)
    low = np.minimum(at.astype(int), n - 2)
    matrix = np.zeros((k, n))
    matrix[np.arange(k), low] = 1 - (at - low)
    matrix[np.arange(k), low + 1] = at - low
    return matrix


def enlarged(image, k):
    return np.rint(interpolate(image.shape[0], k) @ image @ interpolate(image.shape[1], k).T).astype(np.uint8)


def somewhere(image, height, width, rng):
    canvas = np.zeros((height, width), np.uint8)
    top, left = rng.integers(0, height - image.shape[0] + 1), rng.integers(0, width - image.shape[1] + 1)
    canvas[top:top + image.shape[0], left:left + image.shape[1]] = image
    return canvas


def as_pgm(image, form='P5'):
    header = b'%s\n%d %d\n%d\n' % (form[:2].encode(), *image.shape[::-1], 65535 if form == 'P5-16' else 255)
    if form == 'P2':
        return header + b'\n'.join(b'%d' % pixel for pixel in image.flat) + b'\n'
    return header + (image.astype('>u2') * 257 if form == 'P5-16' else image).tobytes()


def pgm(path, form, count=None):
    for image in idx(path)[:count and int(count)]:
        sys.stdout.buffer.write(as_pgm(image, form))


def enlarge(path, count, directory):
    rng = np.random.default_rng(1)
    shapes = {'56x56': lambda image: enlarged(image, 56),
              '150x150': lambda image: enlarged(image, 150),
              '120x200': lambda image: somewhere(enlarged(image, 100), 120, 200, rng),
              '400x300': lambda image: somewhere(image, 400, 300, rng)}
    images = idx(path)[:int(count)]
    files = {'plain': images}
    for name, shape in shapes.items():
        files[name] = [shape(image) for image in images]
        files[name + '-inverted'] = [255 - image for image in files[name]]
    for name, pictures in files.items():
        with open(os.path.join(directory, name + '.pgm'), 'wb') as file:
            file.writelines(as_pgm(picture) for picture in pictures)


def rows_of(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


def check(model, path, rows):
    with open(model, 'rb') as file:
        data = file.read()
    size, = struct.unpack_from('<Q', data)
    header = json.loads(data[8:8 + size])
    activation = header['__metadata__']['activation']
    w = {name: np.frombuffer(data, '<f4', offset=8 + size + h['data_offsets'][0],
                             count=int(np.prod(h['shape']))).reshape(h['shape']).astype(float)
         for name, h in header.items() if name != '__metadata__'}
    images = idx(path)
    a = images.reshape(len(images), -1) / 255 @ w['fc1.weight'].T + w['fc1.bias']
    z = {'sigmoid': lambda a: 1 / (1 + np.exp(-a)), 'tanh': np.tanh,
         'relu': lambda a: np.maximum(a, 0)}[activation](a)
    y = z @ w['fc2.weight'].T + w['fc2.bias']
    p = np.exp(y - y.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rows = rows_of(rows)
    assert len(rows) == len(images) > 0, (len(rows), len(images))
    assert list(rows[0]) == ['index', 'label'] + ['p%d' % k for k in range(p.shape[1])], list(rows[0])
    assert [int(row['index']) for row in rows] == list(range(len(rows)))
    ours = np.array([[float(row['p%d' % k]) for k in range(p.shape[1])] for row in rows])
    worst = np.abs(ours - p).max()
    print('largest difference %.1e, probabilities from %.1e to %.4f' % (worst, p.min(), p.max()))
    assert worst < 1e-5
    assert np.array_equal([int(row['label']) for row in rows], ours.argmax(1))
    assert len(set(ours.argmax(1))) > 1


def right(path, *files):
    labels = idx(path)
    answers = [[row['label'] == str(label) for row, label in zip(rows_of(rows), labels)] for rows in files]
    assert all(len(a) == len(answers[0]) > 0 for a in answers), [len(a) for a in answers]
    print(sum(answers[0]))
    for file, answer in zip(files[1:], answers[1:]):
        print(sum(a and b for a, b in zip(answers[0], answer)), file)


# ---- situations: what pictures of one digit look like that people take, scan and cut out ----

def rotated(image, degrees, outside):
    """`image` turned about its middle, by bilinear interpolation."""
    h, w = image.shape
    y, x = np.mgrid[:h, :w].astype(float)
    y, x, a = y - (h - 1) / 2, x - (w - 1) / 2, np.deg2rad(degrees)
    y, x = np.cos(a) * y - np.sin(a) * x + (h - 1) / 2, np.sin(a) * y + np.cos(a) * x + (w - 1) / 2
    padded = np.pad(image, 1, constant_values=outside)
    y, x = np.clip(y + 1, 0, h), np.clip(x + 1, 0, w)
    i, j = y.astype(int), x.astype(int)
    v, u = y - i, x - j
    return ((1 - v) * ((1 - u) * padded[i, j] + u * padded[i, j + 1]) +
            v * ((1 - u) * padded[i + 1, j] + u * padded[i + 1, j + 1]))


def thin(side, rng):
    """The thickness of a printed line."""
    return int(rng.integers(1, 2 + side // 60))


def framed(ink, thickness, inset, level):
    ink = ink.copy()
    inner = slice(inset + thickness, -inset - thickness)
    frame = np.zeros_like(ink)
    outer = slice(inset, len(ink) - inset)
    frame[outer, outer] = level
    frame[inner, inner] = 0
    return np.maximum(ink, frame)


def frame(ink, rng):
    side = len(ink)
    return framed(ink, thin(side, rng), int(rng.integers(0, 1 + side // 12)), rng.uniform(0.5, 1))


def frame_turned(ink, rng):
    side, empty = len(ink), np.zeros_like(ink)
    lines = framed(empty, thin(side, rng), int(rng.integers(side // 28, 1 + side // 12)), rng.uniform(0.5, 1))
    return np.maximum(ink, rotated(lines, rng.uniform(-2, 2), 0))


def frame_touching(ink, rng):
    """The digit is so large that it touches the frame."""
    side = len(ink)
    inset = int(np.nonzero(ink.max(0) > 0.5)[0].min()) - 1
    inset = min(max(0, inset), side // 6)
    return framed(ink, thin(side, rng), inset, rng.uniform(0.5, 1))


def lines(side, rng, thickness, level, double=False, degrees=0.0):
    sheet = np.zeros((side, side))
    gap = int(rng.integers(max(6, side // 9), max(8, side // 3)))
    for y in range(int(rng.integers(0, gap)), side, gap):
        sheet[y:y + thickness] = level
        if double:
            sheet[y + 2 * thickness:y + 3 * thickness] = level
    return rotated(np.pad(sheet, side // 8, 'edge'), degrees, 0)[side // 8:, side // 8:][:side, :side] if degrees else sheet


def ruled(ink, rng):
    return np.maximum(ink, lines(len(ink), rng, thin(len(ink), rng), rng.uniform(0.3, 1)))


def ruled_double(ink, rng):
    return np.maximum(ink, lines(len(ink), rng, thin(len(ink), rng), rng.uniform(0.3, 1), double=True))


def ruled_turned(ink, rng):
    return np.maximum(ink, lines(len(ink), rng, thin(len(ink), rng), rng.uniform(0.3, 1), degrees=rng.uniform(-2, 2)))


def squared(ink, rng):
    side, level = len(ink), rng.uniform(0.3, 0.8)
    down = lines(side, rng, thin(side, rng), level)
    return np.maximum(ink, np.maximum(down, lines(side, rng, thin(side, rng), level).T))


def edged(ink, rng, sides, least, most):
    ink = ink.copy()
    for k in rng.permutation(4)[:sides]:
        np.rot90(ink, k)[:int(rng.integers(least, most + 1))] = rng.uniform(0.85, 1)
    return ink


def wider(ink, by):
    """Paper around a picture that is small beside its scan edge, which would else cover the digit."""
    return np.pad(ink, by)


def scan(ink, rng):
    return edged(wider(ink, 3), rng, 2, 4, 6)


def scan_one(ink, rng):
    return edged(wider(ink, 3), rng, 1, 2, 6)


def scan_four(ink, rng):
    side = len(ink)
    return edged(wider(ink, 2 + side // 20), rng, 4, 2, 4 + side // 20)


def speck(ink, rng, count=1, size=3):
    ink, side = ink.copy(), len(ink)
    for _ in range(1000):
        y, x = rng.integers(1, side - size, 2)
        if ink[y - 1:y + size + 1, x - 1:x + size + 1].max() < 0.1:
            ink[y:y + size, x:x + size] = rng.uniform(0.7, 1)
            count -= 1
            if count == 0:
                break
    return ink


def specks(ink, rng):
    return speck(ink, rng, count=12, size=int(rng.integers(1, 3)))


def desk(ink, rng, degrees=0.0, corner=0.0, open_sides=0):
    """A sheet on something darker: returns reflectance, not ink."""
    side = len(ink)
    margins = rng.integers(max(3, side // 12), max(6, side // 2), 4)
    margins[rng.permutation(4)[:open_sides]] = 0
    sheet = np.pad(np.ones((side, side)), [(margins[0], margins[2]), (margins[1], margins[3])])
    if corner:
        y, x = np.mgrid[:side, :side]
        cut = corner * side
        near = np.minimum.reduce([x + y, 2 * side - 2 - x - y, side - 1 - x + y, side - 1 + x - y])
        sheet[margins[0]:margins[0] + side, margins[1]:margins[1] + side][near < cut] = 0
    drawn = np.pad(ink, [(margins[0], margins[2]), (margins[1], margins[3])])
    if degrees:
        sheet, drawn = rotated(sheet, degrees, 0), rotated(drawn, degrees, 0)
    paper, wood, dark = rng.uniform(0.75, 1), rng.uniform(0, 0.4), rng.uniform(0, 0.3)
    return wood + sheet * (paper - wood) - np.minimum(drawn, sheet) * (paper - dark)


def desk_turned(ink, rng):
    return desk(ink, rng, degrees=rng.uniform(-6, 6))


def desk_cut(ink, rng):
    return desk(ink, rng, corner=rng.uniform(0.05, 0.2))


def desk_open(ink, rng):
    return desk(ink, rng, open_sides=int(rng.integers(1, 3)))


def desk_noise(ink, rng):
    picture = desk(ink, rng, degrees=rng.uniform(-3, 3))
    return picture + rng.normal(0, 0.02, picture.shape)


def desk_ruled(ink, rng):
    return desk(ruled(ink, rng), rng)


def shadow(ink, rng):
    """A shadow's soft edge runs over the paper."""
    side = len(ink)
    y, x = np.mgrid[:side, :side] / side - 0.5
    a = rng.uniform(0, 2 * np.pi)
    edge = 1 / (1 + np.exp(-(np.cos(a) * x + np.sin(a) * y - rng.uniform(-0.2, 0.2)) / 0.04))
    return (0.9 - 0.85 * ink) * (1 - rng.uniform(0.1, 0.4) * edge)


def noise(ink, rng):
    return 0.9 - 0.8 * ink + rng.normal(0, 0.03, ink.shape)


def tight(ink, rng):
    rows, cols = np.nonzero(ink.max(1) > 0.3)[0], np.nonzero(ink.max(0) > 0.3)[0]
    return ink[rows[0]:rows[-1] + 1, cols[0]:cols[-1] + 1]


def off_centre(ink, rng):
    """A sheet or a cell that is larger than the digit, which is anywhere in it."""
    side = len(ink)
    by = rng.integers(0, side // 2, 4)
    return np.pad(ink, [(by[0], by[1]), (by[2], by[3])])


def frame_broken(ink, rng):
    """A part of the frame at a corner is missing."""
    side, lines = len(ink), frame(np.zeros_like(ink), rng)
    gap, k = side // 8 + int(rng.integers(1, 3)), int(rng.integers(4))
    np.rot90(lines, k)[:gap, :gap] = 0
    return np.maximum(ink, lines)


def frame_wide(ink, rng):
    ink = off_centre(ink, rng)
    inset, thickness = int(rng.integers(0, 3)), thin(min(ink.shape), rng)
    lines = np.full_like(ink, rng.uniform(0.5, 1))
    lines[inset + thickness:-inset - thickness, inset + thickness:-inset - thickness] = 0
    for k in range(4 if inset else 0):
        np.rot90(lines, k)[:inset] = 0
    return np.maximum(ink, lines)


def frame_thick(ink, rng):
    side = len(ink)
    return framed(ink, int(rng.integers(1 + side // 28, 2 + side // 14)), int(rng.integers(0, 1 + side // 28)), 1)


def ruled_thick(ink, rng):
    side = len(ink)
    return np.maximum(ink, lines(side, rng, int(rng.integers(1 + side // 40, 2 + side // 25)), rng.uniform(0.5, 1)))


def ruled_faint(ink, rng):
    return np.maximum(ink, lines(len(ink), rng, 1, rng.uniform(0.1, 0.4)))


def ruled_margin(ink, rng):
    """Ruled paper with the line of its margin, off the digit."""
    ink = ruled(wider(ink, 1 + len(ink) // 8), rng)
    at = int(rng.integers(1, 1 + len(ink) // 12))
    ink[:, at:at + thin(len(ink), rng)] = rng.uniform(0.3, 1)
    return ink


def scan_wedge(ink, rng):
    """The page lay askew: the black edges are wedges."""
    side = len(ink)
    ink = wider(ink, 2 + side // 10)
    y, x = np.mgrid[:len(ink), :len(ink)]
    for k in rng.permutation(4)[:2]:
        near, far = rng.uniform(1, 2 + side / 12, 2)
        ink = np.maximum(ink, np.rot90(np.clip(near + (far - near) * x / side - y, 0, 1), k))
    return ink


def scan_ruled(ink, rng):
    return edged(wider(ruled(ink, rng), 3), rng, 2, 4, 6)


def speck_frame(ink, rng):
    return frame(speck(ink, rng), rng)


def speck_ruled(ink, rng):
    return ruled(speck(ink, rng, count=3), rng)


def specks_five(ink, rng):
    for _ in range(5):
        ink = speck(ink, rng, size=int(rng.integers(2, 4)) if len(ink) < 100 else int(rng.integers(2, 6)))
    return ink


def gradient(ink, rng):
    """The light falls off to a side."""
    side = len(ink)
    y, x = np.mgrid[:side, :side] / side - 0.5
    a = rng.uniform(0, 2 * np.pi)
    return (0.95 - 0.8 * ink) * (1 - rng.uniform(0.1, 0.5) * (np.cos(a) * x + np.sin(a) * y + 0.5))


def desk_gradient(ink, rng):
    picture = desk(ink, rng, degrees=rng.uniform(-4, 4))
    y, x = np.mgrid[:picture.shape[0], :picture.shape[1]]
    return picture * (1 - 0.3 * x / picture.shape[1] - 0.1 * y / picture.shape[0])


def clean(ink, rng):
    return ink


REFLECTANCE = (desk, desk_turned, desk_cut, desk_open, desk_noise, desk_ruled, shadow, noise, gradient, desk_gradient)
SITUATIONS = {f.__name__.replace('_', '-'): f for f in (
    clean, tight, desk, scan, frame, ruled, speck, desk_turned, desk_cut, desk_open, desk_noise, desk_ruled, scan_one,
    scan_four, scan_wedge, scan_ruled, frame_turned, frame_touching, frame_broken, frame_wide, frame_thick, ruled_double,
    ruled_turned, ruled_thick, ruled_faint, ruled_margin, squared, specks, specks_five, speck_frame, speck_ruled, shadow,
    noise, gradient, desk_gradient)}


def picture(image, situation, rng, sizes):
    """One picture [h x w] of bytes: dark on light, or, of each third, light on dark."""
    side = int(np.rint(np.exp(rng.uniform(*np.log(sizes)))))
    ink = (enlarged(image, side) if side > 28 else image) / 255
    made = SITUATIONS[situation](ink, rng)
    if SITUATIONS[situation] not in REFLECTANCE:
        paper, dark = rng.uniform(0.8, 1), rng.uniform(0, 0.25)
        made = paper - made * (paper - dark)
    if rng.random() < 1 / 3:
        made = 1 - made
    return np.rint(255 * np.clip(made, 0, 1)).astype(np.uint8)


def situations(path, count, directory, names=None, first=0, largest=300):
    images = idx(path)[int(first):]
    for name in names.split(',') if names else SITUATIONS:
        rng = np.random.default_rng([int(first), *name.encode()])
        with open(os.path.join(directory, name + '.pgm'), 'wb') as file:
            file.writelines(as_pgm(picture(image, name, rng, (28, int(largest)))) for image in images[:int(count)])


def table(labels, *files):
    """Of each file of rows: how many are right, wrong, wrong above 0.9, empty."""
    labels = idx(labels)
    for path in files:
        rows = rows_of(path)
        named = [row['label'] for row in rows]
        right = sum(name == str(label) for name, label in zip(named, labels))
        sure = sum(name not in ('', str(label)) and float(row['p' + name]) > 0.9
                   for name, row, label in zip(named, rows, labels))
        empty = named.count('')
        print('%-16s %4d right %4d wrong %4d above 0.9 %4d empty' %
              (os.path.basename(path).removesuffix('.csv'), right, len(rows) - right - empty, sure, empty))


if __name__ == '__main__':
    {'pgm': pgm, 'enlarge': enlarge, 'situations': situations, 'table': table, 'check': check, 'right': right}[sys.argv[1]](*sys.argv[2:])
