"""numpy_twin.py PROGRAM [IMAGES LABELS] - the chapter's training loop, written out in NumPy and in
float64, from the library's initial weights on the library's batches: the loss curves must agree."""

import pathlib
import sys
import tempfile

import numpy as np

import twin

BOUND = 1e-4  # largest relative difference of a loss


def chapter_losses(ours, settings, images, labels):
    W1, b1, W2, b2 = (ours["initial_" + name].astype(np.float64) for name in twin.BLOCKS)
    losses = []
    for batch in ours["indices"]:
        x = images[batch].reshape(len(batch), -1) / 255
        t = np.eye(10)[labels[batch]]
        z = 1 / (1 + np.exp(-(x @ W1 + b1)))
        a = z @ W2 + b2
        y = np.exp(a - a.max(axis=1, keepdims=True))
        y /= y.sum(axis=1, keepdims=True)
        losses.append(-np.log(y[t == 1]).mean())

        dy = (y - t) / len(batch)
        dz = dy @ W2.T * z * (1 - z)
        W2 -= settings["lr"] * z.T @ dy
        b2 -= settings["lr"] * dy.sum(axis=0)
        W1 -= settings["lr"] * x.T @ dz
        b1 -= settings["lr"] * dz.sum(axis=0)
    return np.array(losses)


def main(program, *paths):
    with tempfile.TemporaryDirectory() as directory:
        images, labels = paths or twin.make_images(pathlib.Path(directory))
        settings, ours = twin.run(program, images, labels)
        theirs = chapter_losses(ours, settings, twin.read_idx(images), twin.read_idx(labels))
    losses = ours["losses"][:, 0]
    worst = np.abs(losses / theirs - 1).max()
    print(f"{len(losses)} losses from {losses[0]:.4f} to {losses[-1]:.4f}: "
          f"largest relative difference {worst:.1e}")
    return 0 if worst <= BOUND and losses[-1] < losses[0] else 1


sys.exit(main(*sys.argv[1:]))
