#!/usr/bin/env bats
# twins.bats - the same training in NumPy and in PyTorch; $TWIN is the program of
# tests/twin/dump.c.
load common.bash

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export PYTHONDONTWRITEBYTECODE=1
    export OPENBLAS_NUM_THREADS=1 # several threads make such small products slower
    : "${TWIN:=build/tests/twin/dump}"
    mnist=${MNIST_DIR:-../shared/mnist}
}

@test "NumPy in float64 gives the same 200 losses" {
    python=$(python_with numpy) || skip "no Python with numpy"
    "$python" tests/twin/numpy_twin.py "$TWIN"
}

@test "NumPy in float64 gives the same 200 losses on MNIST" {
    python=$(python_with numpy) || skip "no Python with numpy"
    [ -e "$mnist/train-images-idx3-ubyte.gz" ] || skip "no MNIST in $mnist"
    "$python" tests/twin/numpy_twin.py "$TWIN" "$mnist"/train-{images-idx3,labels-idx1}-ubyte.gz
}

@test "PyTorch gives the same gradients, and the same weights after 50 steps of each optimizer" {
    python=$(python_with torch) || skip "no Python with torch"
    "$python" tests/twin/torch_twin.py "$TWIN"
}
