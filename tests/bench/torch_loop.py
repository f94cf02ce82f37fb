"""The main job in PyTorch, float32: eager as one writes it, or --best, the fastest form found.

Eager: nn.Sequential, autograd, optim.SGD. Best: no autograd and no modules, the formulas of
backpropagation in place on preallocated tensors, evaluation in cache-sized blocks.
Both keep the whole dataset as one tensor; a DataLoader would cost more than the training.
"""
import numpy as np
import torch
from torch import nn

import mnist

HIDDEN, CLASSES, BATCH, RATE, STD = 50, 10, 100, 0.1, 0.01
BLOCK = 1000  # images evaluated at once by the best form


def eager(data, iters):
    x_train, t_train, x_test, t_test = data
    first, second = nn.Linear(x_train.shape[1], HIDDEN), nn.Linear(HIDDEN, CLASSES)
    for layer in first, second:
        nn.init.normal_(layer.weight, std=STD)
        nn.init.zeros_(layer.bias)
    net = nn.Sequential(first, nn.Sigmoid(), second)
    optimizer = torch.optim.SGD(net.parameters(), RATE)
    cross_entropy = nn.CrossEntropyLoss()

    def evaluate(x, t):
        with torch.no_grad():
            y = net(x)
            return cross_entropy(y, t).item(), (y.argmax(1) == t).float().mean().item()

    evaluations = [(evaluate(x_train, t_train), evaluate(x_test, t_test))]
    losses = []
    for iterations in mnist.epochs(iters, -(-len(t_train) // BATCH)):
        for _ in range(iterations):
            batch = torch.randint(len(t_train), (BATCH,))
            loss = cross_entropy(net(x_train[batch]), t_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        evaluations.append((evaluate(x_train, t_train), evaluate(x_test, t_test)))
    return evaluations[-1][1][1]


@torch.inference_mode()
def best(data, iters):
    x_train, t_train, x_test, t_test = data
    n_in = x_train.shape[1]
    w1, b1 = STD * torch.randn(n_in, HIDDEN), torch.zeros(HIDDEN)
    w2, b2 = STD * torch.randn(HIDDEN, CLASSES), torch.zeros(CLASSES)
    one_hot = torch.eye(CLASSES)
    x, z, dw1 = torch.empty(BATCH, n_in), torch.empty(BATCH, HIDDEN), torch.empty(n_in, HIDDEN)
    log_softmax, nll_loss = torch.log_softmax, nn.functional.nll_loss

    def evaluate(images, labels):
        loss = correct = 0
        for i in range(0, len(images), BLOCK):
            t = labels[i:i + BLOCK]
            y = torch.addmm(b2, torch.addmm(b1, images[i:i + BLOCK], w1).sigmoid_(), w2)
            loss += nll_loss(log_softmax(y, 1), t, reduction="sum").item()
            correct += (y.argmax(1) == t).sum().item()
        return loss / len(images), correct / len(images)

    evaluations = [(evaluate(x_train, t_train), evaluate(x_test, t_test))]
    losses = []
    for iterations in mnist.epochs(iters, -(-len(t_train) // BATCH)):
        batches = torch.randint(len(t_train), (iterations, BATCH))
        for batch in batches:
            torch.index_select(x_train, 0, batch, out=x)
            t = t_train[batch]
            torch.addmm(b1, x, w1, out=z).sigmoid_()
            log_y = log_softmax(torch.addmm(b2, z, w2), 1)
            losses.append(nll_loss(log_y, t))
            dy = log_y.exp_().sub_(one_hot[t]).mul_(RATE / BATCH)
            da = torch.mm(dy, w2.t()).mul_(z).mul_(1 - z)
            w2.addmm_(z.t(), dy, alpha=-1)
            b2.sub_(dy.sum(0))
            w1.sub_(torch.mm(x.t(), da, out=dw1))
            b1.sub_(da.sum(0))
        evaluations.append((evaluate(x_train, t_train), evaluate(x_test, t_test)))
    return evaluations[-1][1][1]


def main():
    args = mnist.arguments(__doc__, best="the fastest form instead of the usual one")
    data = [torch.from_numpy(a) for a in mnist.load(args.data, np.float32)]
    torch.manual_seed(args.seed)
    mnist.report("PyTorch " + torch.__version__, (best if args.best else eager)(data, args.iters))


if __name__ == "__main__":
    main()
