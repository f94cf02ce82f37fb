"""The chapter's training loop in NumPy. It does what the chapter's published code does: images in
float32, as its loader leaves them, weights and labels in float64, so that every product converts
the images; the sigmoid's derivative from two more sigmoids; each exponential of the softmax twice.
With --float32 all arrays are of single precision.

784-50-10, sigmoid, softmax, mean cross-entropy, batches of 100 drawn with replacement, gradient by
backpropagation, loss of the batch taken once more after the update, accuracy of the whole train
and test sets before the first update, after every epoch and after the last update.
"""
import numpy as np

import mnist

HIDDEN, CLASSES, BATCH, RATE, STD = 50, 10, 100, 0.1, 0.01


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x):
    return (1 - sigmoid(x)) * sigmoid(x)


def softmax(x):
    x = x - x.max(axis=1, keepdims=True)
    return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


def cross_entropy(y, t):
    picked = y[np.arange(len(y)), t.argmax(axis=1)]
    return -np.log(picked + 1e-7).sum() / len(y)


class TwoLayerNet:
    def __init__(self, n_in, dtype):
        self.w1 = (STD * np.random.randn(n_in, HIDDEN)).astype(dtype)
        self.b1 = np.zeros(HIDDEN, dtype)
        self.w2 = (STD * np.random.randn(HIDDEN, CLASSES)).astype(dtype)
        self.b2 = np.zeros(CLASSES, dtype)

    def predict(self, x):
        return softmax(sigmoid(x @ self.w1 + self.b1) @ self.w2 + self.b2)

    def loss(self, x, t):
        return cross_entropy(self.predict(x), t)

    def accuracy(self, x, t):
        return np.mean(self.predict(x).argmax(axis=1) == t.argmax(axis=1))

    def gradient(self, x, t):
        a = x @ self.w1 + self.b1
        z = sigmoid(a)
        y = softmax(z @ self.w2 + self.b2)
        dy = (y - t) / len(x)
        da = sigmoid_derivative(a) * (dy @ self.w2.T)
        return x.T @ da, da.sum(axis=0), z.T @ dy, dy.sum(axis=0)

    def update(self, gradient):
        for parameter, d in zip((self.w1, self.b1, self.w2, self.b2), gradient):
            parameter -= RATE * d


def main():
    args = mnist.arguments(__doc__, float32="single precision throughout")
    dtype = np.float32 if args.float32 else np.float64
    data = mnist.load(args.data, np.float32)
    one_hot = np.eye(CLASSES, dtype=dtype)
    t_train, t_test = one_hot[data.t_train], one_hot[data.t_test]
    np.random.seed(args.seed)
    net = TwoLayerNet(data.x_train.shape[1], dtype)
    losses = []

    def evaluate():
        return net.accuracy(data.x_train, t_train), net.accuracy(data.x_test, t_test)

    accuracies = [evaluate()]
    for iterations in mnist.epochs(args.iters, -(-len(t_train) // BATCH)):
        for _ in range(iterations):
            batch = np.random.choice(len(t_train), BATCH)
            x, t = data.x_train[batch], t_train[batch]
            net.update(net.gradient(x, t))
            losses.append(net.loss(x, t))
        accuracies.append(evaluate())
    mnist.report("NumPy " + np.__version__, accuracies[-1][1])


if __name__ == "__main__":
    main()
