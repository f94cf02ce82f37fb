#!/usr/bin/env bats
# mnist.bats - whole runs on MNIST and Fashion-MNIST against the figures of the texts. Skipped where
# a data set is not at hand: scripts/fetch-mnist.sh, and Debian's package dataset-fashion-mnist.
load common.bash

FASHION=${FASHION_DIR:-/usr/share/datasets/fashion-mnist}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# five_seeds OPTION... : the runs of seeds 1 to 5 into SEED.csv and SEED.log, two at a time.
five_seeds() {
    need_mnist
    seq 5 | xargs -P 2 -I SEED bash -c '"$MLP_TRAIN" --data "$MNIST" --seed SEED --threads 1 \
        --csv SEED.csv "$@" >SEED.log 2>&1' bash "$@" || { cat ./*.log; return 1; }
}

@test "the main job: seeds 1 to 5 follow the chapter's curve and end at 0.942 to 0.951" {
    five_seeds --hidden 50 --lr 0.1 --iters 10000
    # Accuracies that the text prints after each epoch of 600 iterations: train, test.
    cat >chapter <<'END'
1 0.7938 0.7977
2 0.8783 0.8804
3 0.8975 0.9014
4 0.9077 0.9111
5 0.9143 0.9175
6 0.9199 0.9214
7 0.9227 0.9244
8 0.9287 0.9288
9 0.9317 0.9322
10 0.9344 0.9351
11 0.9375 0.9373
12 0.9388 0.9400
END
    for seed in 1 2 3 4 5; do
        awk -F '[ ,]' -v seed=$seed '
            function near(name, value, expected, tolerance) {
                if (value >= expected - tolerance && value <= expected + tolerance) return
                print "seed " seed ", " name ": " value ", not " expected " +- " tolerance
                wrong = 1
            }
            NR == FNR { train[$1] = $2; test[$1] = $3; next }
            $2 in train {
                tolerance = $2 == 1 ? 0.04 : $2 == 2 ? 0.012 : 0.007
                near("train accuracy after epoch " $2, $6, train[$2], tolerance)
                near("test accuracy after epoch " $2, $8, test[$2], tolerance)
                epochs++
            }
            $1 == 10000 { near("final test accuracy", $8, 0.9465, 0.0045); ended = 1 }
            END { exit !(epochs == 12 && ended && !wrong) }' chapter $seed.csv
    done
}

@test "the Keras row: the mean of five seeds is Keras's accuracy and loss" {
    five_seeds --hidden 50 --optimizer adam --lr 0.001 --init glorot --sampling shuffle \
        --batch-size 32 --epochs 10 --eval-every 0
    [ "$(grep -l ' 39760 parameters' ./?.log | wc -l)" -eq 5 ]
    tail -q -n 1 ./?.csv | awk -F, '
        { print; iterations += $1; loss += $7 / 5; accuracy += $8 / 5 }
        END {
            print "mean test loss " loss ", accuracy " accuracy
            exit !(iterations == 5 * 18750 && loss >= 0.108 - 0.012 && loss <= 0.108 + 0.012 &&
                   accuracy >= 0.967 - 0.004 && accuracy <= 0.967 + 0.004)
        }'
}

@test "Fashion-MNIST: --data alone, 0.83 and more" {
    [ -d "$FASHION" ] || skip "no Fashion-MNIST; Debian's package is dataset-fashion-mnist"
    run --separate-stderr mlp --data "$FASHION"
    [ "$status" -eq 0 ]
    [[ $stderr == *"60000 train and 10000 test images of 28 x 28, 10 classes"* ]]
    [[ $output =~ test\ accuracy\ (0\.[0-9]+)\ .*at\ iteration\ 10000 ]]
    awk -v accuracy="${BASH_REMATCH[1]}" 'BEGIN { exit !(accuracy >= 0.83) }'
}

@test "the numerical gradient: 300 iterations on the curve of backpropagation" {
    need_mnist
    mlp --data "$MNIST" --iters 300 --eval-every 0 --quiet --csv backprop.csv
    mlp --data "$MNIST" --iters 300 --eval-every 0 --quiet --csv numerical.csv --gradient numerical
    run ! cmp -s backprop.csv numerical.csv # two ways, not one twice
    paste -d, backprop.csv numerical.csv | awk -F, '
        $3 + 0 > 0 { rows++; d = $3 - $13; if (d < 0) d = -d; if (d > most) most = d }
        END { print "rows " rows ", largest difference " most; exit !(rows == 300 && most < 1e-3) }'
}

@test "data/models/mnist-50.safetensors has the accuracy, the options and the size that data/README.md says" {
    need_mnist
    model=$ROOT/data/models/mnist-50.safetensors
    run mlp --data "$MNIST" --load "$model" --eval --quiet
    [[ $output == "test accuracy 0.979"* ]]
    [ "$(stat -Lc %s "$model")" -lt 170000 ]
    command=$(grep -o 'mlp-train --preset best.*' "$ROOT/data/README.md")
    for option in hidden=50 epochs=60 lr=0.01 batch-size=100 warmup=600 rotate=3 scale=0.03 shear=0.03 shift=0.3 elastic-alpha=10; do
        [[ $command == *"--${option/=/ } "* ]]
        grep -aq -e "--${option/=/ }" "$model"
    done
    mlp --load "$model" --predict "$ROOT/data/drawing.pbm" --fit | grep '^0,2,'
}
