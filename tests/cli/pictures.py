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


if __name__ == '__main__':
    {'pgm': pgm, 'enlarge': enlarge, 'check': check, 'right': right}[sys.argv[1]](*sys.argv[2:])
