"""The main job in PyTorch, float32: eager as one writes it, or --best, the fastest form found; or --preset-best: the work of
mlp-train's --preset best on images that are not distorted, in the fastest form.

Eager: nn.Sequential, autograd, optim.SGD. Best: no autograd and no modules, the formulas of
backpropagation in place on preallocated tensors, evaluation in cache-sized blocks.
Both keep the whole dataset as one tensor; a DataLoader would cost more than the training.
"""
import numpy as np
import torch
from torch import nn

import mnist

HIDDEN, CLASSES, BATCH, RATE, STD = 50, 10, 100, 0.1, 0.01
WIDE, WIDE_BATCH, WIDE_RATE = 2048, 256, 0.003  # --preset best
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


class Plain:
    """Stochastic gradient descent: the gradient has the learning rate in it."""
    scale = RATE

    def __init__(self, parameters):
        self.parameters = parameters

    def step(self, gradients):
        for w, g in zip(self.parameters, gradients):
            w.sub_(g)


class AdamAndAverage:
    """Adam, and a moving average of the weights, every 10 iterations."""
    scale = 1

    def __init__(self, parameters):
        self.parameters, self.t = parameters, 0
        self.means, self.squares = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
        self.averages = [p.clone() for p in parameters]

    def step(self, gradients):
        self.t += 1
        rate, root = WIDE_RATE / (1 - 0.9**self.t), (1 - 0.999**self.t)**0.5
        for w, g, m, v in zip(self.parameters, gradients, self.means, self.squares):
            m.mul_(0.9).add_(g, alpha=0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            w.addcdiv_(m, v.sqrt().div_(root).add_(1e-8), value=-rate)
        if self.t % 10 == 0:
            for average, w in zip(self.averages, self.parameters):
                average.lerp_(w, 0.01)


@torch.inference_mode()
def best(data, iters, hidden=HIDDEN, size=BATCH, rule=Plain, each_epoch=True):
    x_train, t_train, x_test, t_test = data
    n_in = x_train.shape[1]
    w1, b1 = STD * torch.randn(n_in, hidden), torch.zeros(hidden)
    w2, b2 = STD * torch.randn(hidden, CLASSES), torch.zeros(CLASSES)
    optimizer = rule([w1, b1, w2, b2])
    one_hot = torch.eye(CLASSES)
    x, z, dw1 = torch.empty(size, n_in), torch.empty(size, hidden), torch.empty(n_in, hidden)
    log_softmax, nll_loss = torch.log_softmax, nn.functional.nll_loss

    def evaluate(images, labels):
        loss = correct = 0
        for i in range(0, len(images), BLOCK):
            t = labels[i:i + BLOCK]
            y = torch.addmm(b2, torch.addmm(b1, images[i:i + BLOCK], w1).sigmoid_(), w2)
            loss += nll_loss(log_softmax(y, 1), t, reduction="sum").item()
            correct += (y.argmax(1) == t).sum().item()
        return loss / len(images), correct / len(images)

    evaluations = [(evaluate(x_train, t_train), evaluate(x_test, t_test))] if each_epoch else []
    losses = []
    for iterations in mnist.epochs(iters, -(-len(t_train) // size) if each_epoch else iters):
        batches = torch.randint(len(t_train), (iterations, size))
        for batch in batches:
            torch.index_select(x_train, 0, batch, out=x)
            t = t_train[batch]
            torch.addmm(b1, x, w1, out=z).sigmoid_()
            log_y = log_softmax(torch.addmm(b2, z, w2), 1)
            losses.append(nll_loss(log_y, t))
            dy = log_y.exp_().sub_(one_hot[t]).mul_(rule.scale / size)
            da = torch.mm(dy, w2.t()).mul_(z).mul_(1 - z)
            optimizer.step([torch.mm(x.t(), da, out=dw1), da.sum(0), torch.mm(z.t(), dy), dy.sum(0)])
        evaluations.append((evaluate(x_train, t_train), evaluate(x_test, t_test)))
    return evaluations[-1][1][1]


def preset_best(data, iters):
    return best(data, iters, WIDE, WIDE_BATCH, AdamAndAverage, each_epoch=False)


def main():
    args = mnist.arguments(__doc__, best="the fastest form instead of the usual one",
                           preset_best="the work of --preset best")
    data = [torch.from_numpy(a) for a in mnist.load(args.data, np.float32)]
    torch.manual_seed(args.seed)
    loop = preset_best if args.preset_best else best if args.best else eager
    mnist.report("PyTorch " + torch.__version__, loop(data, args.iters))


if __name__ == "__main__":
    main()
