"""torch_twin.py PROGRAM - the same training in PyTorch, float32, from the library's initial weights
on the library's batches: the gradient of each loss with each activation, and the weights after 50
steps of each optimizer, must agree block by block."""

import pathlib
import sys
import tempfile

import torch

import twin

BOUND = 1e-5  # largest difference within a block, relative to the block's largest number
ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
LOSSES = {
    "cross-entropy": torch.nn.functional.cross_entropy,
    "squared-error": lambda y, t: 0.5 * torch.sum(
        (torch.softmax(y, 1) - torch.nn.functional.one_hot(t, 10)) ** 2) / len(t),
}
OPTIMIZERS = {
    "sgd": lambda params, s: torch.optim.SGD(params, s["lr"], weight_decay=s["weight_decay"]),
    "momentum": lambda params, s: torch.optim.SGD(
        params, s["lr"], momentum=s["momentum"], weight_decay=s["weight_decay"]),
    "adam": lambda params, s: torch.optim.Adam(
        params, s["lr"], (s["beta1"], s["beta2"]), s["epsilon"], s["weight_decay"]),
    "adamw": lambda params, s: torch.optim.AdamW(
        params, s["lr"], (s["beta1"], s["beta2"]), s["epsilon"], s["weight_decay"]),
}


def compare(program, paths, **changes):
    """Trains both; prints and returns the largest difference of gradients and of final weights."""
    settings, ours = twin.run(program, *paths, **changes)
    images = torch.tensor(twin.read_idx(paths[0])).flatten(1) / 255
    labels = torch.tensor(twin.read_idx(paths[1])).long()
    params = [torch.tensor(ours["initial_" + name], requires_grad=True) for name in twin.BLOCKS]
    W1, b1, W2, b2 = params
    optimizer = OPTIMIZERS[settings["optimizer"]](params, settings)
    gradients = None
    for batch in torch.tensor(ours["indices"].astype(int)):
        optimizer.zero_grad()
        z = ACTIVATIONS[settings["activation"]](images[batch] @ W1 + b1)
        LOSSES[settings["loss"]](z @ W2 + b2, labels[batch]).backward()
        gradients = gradients or [p.grad.clone() for p in params]
        optimizer.step()
    worst = []
    for kind, theirs in ("gradient", gradients), ("final", params):
        differences = [twin.difference(ours[f"{kind}_{name}"], p.detach().numpy())
                       for name, p in zip(twin.BLOCKS, theirs)]
        print(f"  {kind:8}", *(f"{name} {d:.1e}" for name, d in zip(twin.BLOCKS, differences)))
        worst += differences
    return max(worst, key=lambda d: (d != d, d))  # NaN is the worst of all


def main(program):
    torch.set_num_threads(1)
    # Not std 0.01: with nearly equal hidden units some of Adam's first gradients almost cancel, it
    # divides by them, and PyTorch in float32 is 2e-5 away from PyTorch in float64.
    cases = [dict(activation=activation, loss=loss, init_std=0.1, iterations=1)
             for activation in ACTIVATIONS for loss in LOSSES]
    cases += [dict(optimizer=optimizer, weight_decay=decay, init_std=0.1, iterations=50,
                   lr=0.001 if "adam" in optimizer else 0.1)
              for optimizer in OPTIMIZERS for decay in (0, 0.01)]
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        paths = twin.make_images(pathlib.Path(directory))
        for case in cases:
            print(*(f"{name}={value}" for name, value in case.items()))
            failed += not compare(program, paths, **case) <= BOUND
    print(f"{len(cases)} comparisons, {failed} above {BOUND}")
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
