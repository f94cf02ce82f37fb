#!/usr/bin/env bats
# The benchmark's programs on a few made-up images: they run, and the driver prints its table.
# Times are never judged.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    BUILD=${BUILD:-build} PYTHON=${PYTHON:-python3}
    export OPENBLAS_NUM_THREADS=1
    data=$BATS_TEST_TMPDIR
    # 1,000 + 200 images of 28×28; digit k lights the k-th stripe, which is easy to learn.
    python3 - "$data" <<'PY'
import gzip, struct, sys
for part, n in ("train", 1000), ("t10k", 200):
    images, labels = bytearray(784 * n), bytes(i % 10 for i in range(n))
    for i, k in enumerate(labels):
        images[784 * i + 78 * k:784 * i + 78 * (k + 1)] = b"\xff" * 78
    for kind, header, content in (("images-idx3", struct.pack(">4I", 2051, n, 28, 28), images),
                                  ("labels-idx1", struct.pack(">2I", 2049, n), labels)):
        with gzip.open(f"{sys.argv[1]}/{part}-{kind}-ubyte.gz", "wb") as file:
            file.write(header + content)
PY
}

need_numpy() { "$PYTHON" -c 'import numpy' 2>/dev/null || skip "NumPy is not installed"; }

@test "the dense floor prints its seconds and refuses what is no number" {
    run "$BUILD/bench/floor" 20 1000 200
    [ "$status" -eq 0 ]
    [[ $output =~ (^|$'\n')seconds\ 0\.[0-9]+ ]]
    run "$BUILD/bench/floor" 20x
    [ "$status" -eq 2 ]
}

@test "the chapter's NumPy loop learns, in both precisions" {
    need_numpy
    for precision in "" --float32; do
        run "$PYTHON" tests/bench/chapter.py --data "$data" --iters 300 $precision
        [ "$status" -eq 0 ]
        [[ $output == *"test_acc 1.0000"* ]]
    done
}

@test "the driver prints a table with every peer asked for, present or missing" {
    need_numpy
    run --separate-stderr python3 tests/bench/run.py --data "$data" --build "$BUILD" \
        --program "$data/none" --runs 2 --iters 20 --only floor,numpy,mlp-train-1
    [ "$status" -eq 0 ]
    [[ $output == *"2 interleaved runs"* ]]
    [[ $output =~ \|\ dense\ products\ alone.*\|\ 1\ \|\ –\ \|\ [0-9.]+\ \([0-9.]+–[0-9.]+\) ]]
    [[ $output =~ \|\ the\ chapter.*published\ \|\ [12]\ \|\ [01]\.[0-9]{4}\ \|\ [0-9.]+ ]]
    [[ $output == *"| mlp-train, 1 thread | | | missing"* ]]
}

@test "another build is measured beside this one" {
    run --separate-stderr python3 tests/bench/run.py --data "$data" --build "$BUILD" --other "${MLP_TRAIN:-mlp-train}" \
        --runs 1 --iters 20 --only mlp-train-1,other-1,other-2
    [ "$status" -eq 0 ]
    [[ $output =~ \|\ the\ other\ build,\ 2\ threads\ \|\ 2\ \|\ [01]\.[0-9]{4}\ \| ]]
}

@test "the driver names the fetch script without data, and an unknown peer" {
    run python3 tests/bench/run.py --data "$data/nowhere"
    [ "$status" -eq 1 ]
    [[ $output == *scripts/fetch-mnist.sh* ]]
    run python3 tests/bench/run.py --data "$data" --only abacus
    [ "$status" -eq 1 ]
    [[ $output == *"no peer named abacus"* ]]
}

@test "the driver takes mlp-train's accuracy from the last row of its CSV" {
    cat >"$data/stub" <<'SH'
#!/bin/sh
while [ "$1" != --csv ]; do shift; done
printf 'iter,epoch,loss,lr,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc\n' >"$2"
printf '0,0,,,2.3,0.1,2.3,0.1,,\n20,2,0.3,0.1,0.2,0.95,0.2,0.9437,,\n' >>"$2"
SH
    chmod +x "$data/stub"
    run --separate-stderr env OPENBLAS_CORETYPE= python3 tests/bench/run.py --data "$data" \
        --build "$BUILD" --program "$data/stub" --runs 1 --iters 20 --only mlp-train-1,mlp-train-2
    [ "$status" -eq 0 ]
    [[ $output =~ mlp-train,\ 2\ threads\ \|\ 2\ \|\ 0\.9437\ \|.*\|\ 1\.00\ \| ]]
}

@test "the growth benchmark prints its tables and bounds, and draws them" {
    run --separate-stderr env OPENBLAS_CORETYPE= python3 tests/bench/scale.py --data "$data" \
        --build "$BUILD" --program "${MLP_TRAIN:-./mlp-train}" --only batch --runs 1 --seconds 0 \
        --output "$data/scale"
    [ "$status" -eq 0 ]
    [[ $output == *"| batch size | sparse, 1 thread |"*"| 10,000 |"* ]]
    [[ $output =~ batch\ 1\ ÷\ at\ batch\ 100.*(within|ABOVE)\ 4 ]]
    [[ $output == *"peak MiB of the main job"* ]]
    [ "$(wc -l <"$data/scale/batch.tsv")" -eq 6 ]
    ! command -v gnuplot || grep -q '</svg>' "$data/scale/scale.svg"
    run python3 tests/bench/scale.py --only depth
    [ "$status" -eq 1 ]
    [[ $output == *"no table named depth"* ]]
}
