"""The main job with scikit-learn's MLPClassifier, one partial_fit an epoch, in float32.

It does a little less than the job: its epochs are shuffled instead of drawn with replacement (the
last one from as many random rows as are left), and its evaluations take accuracy alone, no loss.
Its weights start as its authors chose (Glorot), which learns somewhat faster than 0.01·N(0,1).
"""
import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

import mnist

BATCH = 100


def main():
    args = mnist.arguments(__doc__)
    x_train, t_train, x_test, t_test = mnist.load(args.data, np.float32)
    random = np.random.RandomState(args.seed)
    net = MLPClassifier((50,), activation="logistic", solver="sgd", alpha=0, batch_size=BATCH,
                        learning_rate_init=0.1, momentum=0, nesterovs_momentum=False,
                        random_state=random)
    classes = np.arange(10)
    net.partial_fit(x_train[:BATCH], t_train[:BATCH], classes)  # cannot predict before it
    accuracies = [(net.score(x_train, t_train), net.score(x_test, t_test))]
    per_epoch = -(-len(t_train) // BATCH)
    for iterations in mnist.epochs(args.iters, per_epoch):
        if iterations == per_epoch:
            net.partial_fit(x_train, t_train)
        else:
            rows = random.choice(len(t_train), iterations * BATCH)
            net.partial_fit(x_train[rows], t_train[rows])
        accuracies.append((net.score(x_train, t_train), net.score(x_test, t_test)))
    mnist.report("scikit-learn " + sklearn.__version__, accuracies[-1][1])


if __name__ == "__main__":
    main()
