#!/usr/bin/env bats
# twins.bats - the same training in NumPy and in PyTorch; $TWIN is the program of
# tests/twin/dump.c.
load common.bash

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export PYTHONDONTWRITEBYTECODE=1
    export OPENBLAS_NUM_THREADS=1 # several threads make such small products slower
    : "${TWIN:=build/tests/twin/dump}"
}

@test "NumPy in float64 gives the same 200 losses" {
    python=$(python_with numpy) || skip "no Python with numpy"
    "$python" tests/twin/numpy_twin.py "$TWIN"
}

@test "NumPy in float64 gives the same 200 losses on MNIST" {
    python=$(python_with numpy) || skip "no Python with numpy"
    need_mnist
    "$python" tests/twin/numpy_twin.py "$TWIN" "$MNIST"/train-{images-idx3,labels-idx1}-ubyte.gz
}

@test "PyTorch gives the same gradients, and the same weights after 50 steps of each optimizer" {
    python=$(python_with torch) || skip "no Python with torch; scripts/setup.sh --dev installs it"
    "$python" tests/twin/torch_twin.py "$TWIN"
}

@test "the validation part is the one that the generator's description gives" {
    cd "$BATS_TEST_TMPDIR"
    python=$(python_with gzip)
    "$python" "$ROOT/tests/twin/split.py" "$DIGITS"/train-{images-idx3,labels-idx1}-ubyte.gz 0.21 7 .
    run_on() { mlp --seed 7 --iters 60 --eval-every 20 --lr 0.5 --quiet --csv - "$@"; }
    run_on --data "$DIGITS" --validation 0.21 | cut -d , -f 1-6,9,10 >parted
    run_on --train-images train-images --train-labels train-labels \
        --test-images validation-images --test-labels validation-labels | cut -d , -f 1-8 >files
    diff <(tail -n +2 parted) <(tail -n +2 files)
    [ "$(wc -l <files)" -eq 62 ]
}
