#!/usr/bin/env bats
# results.bats - a trained network is not lost, and the last line is about the network that is saved.
load common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }

teardown() { [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true; }

# rows FILE: how many rows the CSV has, the header left out
rows() {
    awk 'END { print NR - 1 }' "$1"
}

# last_line FILE MODEL: the last line of FILE says what --eval finds out about MODEL
last_line() {
    local said expected
    said=$(grep '^test accuracy' "$1" | tail -n 1 | sed 's/ at iteration.*//')
    expected=$(mlp --data "$DIGITS" --load "$2" --eval --quiet | sed 's/, test loss.*//')
    [[ -n $said && $said == "$expected" ]] || { echo "'$said', but the model has '$expected'"; return 1; }
}

# metadata MODEL KEY: a value of its metadata
metadata() {
    head -c 4000 "$1" | grep -ao "\"$2\":\"[^\"]*\"" | cut -d'"' -f4
}

# stopped OPTION... : a run without an end that is interrupted between two evaluations; its last words
# are in `said`, its model is `model`
stopped() {
    rm -f a.csv
    "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --eval-every 1000000 --csv a.csv --save model "$@" \
        >said 2>&1 3>&- &
    pid=$!
    for _ in $(seq 400); do
        [ ! -f a.csv ] || [ "$(rows a.csv)" -lt 50 ] || break
        sleep 0.05
    done
    kill -INT $pid
    code=0
    wait $pid || code=$?
    pid=
    [ "$code" -eq 130 ]
}

@test "a run that writes a CSV continues when the reader of its table goes away" {
    for output in "--csv a.csv" "--csv a.csv --save model" "--save model"; do
        rm -f a.csv model
        # shellcheck disable=SC2086
        { code=0; mlp --data "$DIGITS" --iters 3000 --eval-every 20 $output 2>said || code=$?; echo $code >code; } | head -n 3 >/dev/null
        [ "$(cat code)" -eq 0 ]
        [[ $output != *csv* ]] || [ "$(rows a.csv)" -eq 3001 ]
        [[ $output != *save* ]] || [ "$(metadata model iterations)" -eq 3000 ]
        run ! grep -q mlp-train: said
    done
    # nothing but the table: without a reader there is nothing to do
    { code=0; timeout 60 "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --eval-every 20 2>said || code=$?; echo $code >code; } | head -n 3 >/dev/null
    [ "$(cat code)" -eq 0 ]
}

@test "the last line is about the saved network: Ctrl-C between two evaluations" {
    for options in "" "--average 0.9" "--validation 0.2" "--validation 0.2 --early-stop 3" "--optimizer adam --lr 0.001" \
        "--average 0.99 --validation 0.2 --sampling shuffle" "--eval-every 0"; do
        echo "options: $options"
        # shellcheck disable=SC2086
        stopped $options --confusion matrix.csv
        last_line said model
        iteration=$(sed -n 's/^test accuracy.* at iteration \([0-9]*\).*/\1/p' said)
        [ "$iteration" = "$(metadata model iterations)" ]
        right=$(awk -F, 'NR > 1 { n += $NR } END { print n }' matrix.csv)
        grep -q "^test accuracy .*($right of " said
        [ "$(printf %.4f "$(metadata model test_accuracy)")" = "$(sed -n 's/^test accuracy \([0-9.]*\).*/\1/p' said)" ]
    done
}

@test "the last line is about the saved network: a run that is resumed and stopped again" {
    stopped --checkpoint c --checkpoint-every 0
    first=$(metadata model iterations)
    "$MLP_TRAIN" --resume c >said 2>&1 3>&- &
    pid=$!
    for _ in $(seq 400); do
        [ "$(rows a.csv)" -lt $((first + 50)) ] || break
        sleep 0.05
    done
    kill -INT $pid
    code=0
    wait $pid || code=$?
    pid=
    [ "$code" -eq 130 ]
    last_line said model
    [ "$(metadata model iterations)" -gt "$first" ]
}

@test "a signal after the last iteration, when all is written: exit 0, no word of it" {
    mkfifo model
    "$MLP_TRAIN" --data "$DIGITS" --iters 30 --csv a.csv --save model >table 2>said 3>&- &
    pid=$!
    for _ in $(seq 400); do # the run waits for the reader of its model
        [ ! -f a.csv ] || [ "$(rows a.csv)" -lt 31 ] || break
        sleep 0.05
    done
    kill -INT $pid
    sleep 0.2
    cat model >got
    code=0
    wait $pid || code=$?
    pid=
    [ "$code" -eq 0 ]
    run ! grep -q stopped said
    last_line table got
}

@test "a file that cannot be replaced is refused before the training" {
    echo older >b
    refused() { # COMMAND... : the run is refused, b is as it was, no other file is left
        for option in --save --checkpoint --confusion; do
            rm -f a.csv
            run --separate-stderr "$@" "$MLP_TRAIN" --data "$DIGITS" --iters 20 --csv a.csv $option "$target"
            fails 1 "$target: cannot be" "name"
            [ ! -e a.csv ] || [ "$(rows a.csv)" -le 0 ]
        done
    }
    if unshare --mount --map-root-user true 2>/dev/null; then
        target=b
        # shellcheck disable=SC2016
        refused unshare --mount --map-root-user bash -c 'echo mounted >c; mount --bind c b; exec "$@"' -
        [[ $stderr == *"mount point"* ]]
    fi
    if [ "$(id -u)" -eq 0 ]; then
        target=b
        if chattr +a b 2>/dev/null; then
            refused env
            chattr -a b
        fi
        mkdir sticky
        chmod 1777 sticky
        echo older >sticky/b
        chmod 666 sticky/b
        target=$PWD/sticky/b
        chmod a+x . .. ../.. ../../.. 2>/dev/null || true
        other="setpriv --reuid=12345 --regid=12345 --clear-groups"
        # shellcheck disable=SC2086
        if $other test -w sticky/b && $other test -x "$MLP_TRAIN" && $other test -r "$DIGITS"; then
            run --separate-stderr $other "$MLP_TRAIN" --data "$DIGITS" --iters 20 --save sticky/b
            fails 1 "sticky/b: cannot be replaced" "another user"
        fi
        [ "$(cat sticky/b)" = older ]
    fi
    [ "$(cat b)" = older ]
}

@test "a directory that disappears during the run: the network is saved elsewhere, and the message says where" {
    mkdir temporary
    for option in "--save d/m" "--export d/m.npz" "--export d/m.onnx" "--checkpoint-every 19999 --checkpoint d/m"; do
        mkdir d
        rm -f a.csv temporary/*
        # shellcheck disable=SC2086
        TMPDIR=$PWD/temporary "$MLP_TRAIN" --data "$DIGITS" --iters 20000 --eval-every 0 --csv a.csv $option --quiet \
            >table 2>said 3>&- &
        pid=$!
        for _ in $(seq 400); do
            [ ! -f a.csv ] || [ "$(rows a.csv)" -lt 10 ] || break
            sleep 0.05
        done
        rm -r d
        code=0
        wait $pid || code=$?
        pid=
        [ "$code" -eq 1 ]
        [ "$(wc -l <said)" -eq 1 ]
        name=${option##*/}
        grep -q "^mlp-train: d/$name: cannot be written: No such file or directory; .* is saved as $PWD/temporary/rescued-$name" said
        [ -s "temporary/rescued-$name" ]
        [[ $option != --save* ]] || last_line table temporary/rescued-m
        [[ $option != --checkpoint* ]] || mlp --resume temporary/rescued-m --checkpoint c --quiet >/dev/null
    done
}

@test "a mount over the file during the run: the network is saved beside it" {
    unshare --mount --map-root-user true 2>/dev/null || skip "root may not mount here, as in a container or chroot"
    echo older >m
    echo other >rescued-m
    # shellcheck disable=SC2016
    run --separate-stderr unshare --mount --map-root-user bash -c '
        "$0" --data "$1" --iters 20000 --eval-every 0 --csv a.csv --save m --quiet &
        for _ in $(seq 400); do
            [ ! -f a.csv ] || [ "$(wc -l <a.csv)" -lt 10 ] || break
            sleep 0.05
        done
        mount --bind m m
        wait $!' "$MLP_TRAIN" "$DIGITS"
    fails 1 "m: cannot be replaced: the file itself is a mount point" "the network is saved as ./rescued-2-m instead"
    echo "$output" >table
    last_line table rescued-2-m
    [ "$(cat m rescued-m)" = $'older\nother' ]
}

@test "a CSV that cannot be written any more: the network is saved, an older one is not replaced" {
    unshare --mount --map-root-user true 2>/dev/null || skip "root may not mount here, as in a container or chroot"
    mkdir small
    for older in "" older; do
        rm -f m rescued-m
        [ -z "$older" ] || echo "$older" >m
        # shellcheck disable=SC2016
        run --separate-stderr unshare --mount --map-root-user bash -c '
            mount -t tmpfs -o size=100k none small &&
            exec "$0" --data "$1" --iters 100000 --csv small/a.csv --save m --quiet' "$MLP_TRAIN" "$DIGITS"
        fails 1 "small/a.csv: cannot write the CSV: No space left on device"
        echo "$output" >table
        if [ -z "$older" ]; then
            last_line table m
        else
            [ "$(cat m)" = older ]
            [[ $stderr == *"the network is saved as ./rescued-m instead" ]]
            last_line table rescued-m
        fi
    done
}

@test "--resume of a complete run says so, and what to do" {
    quick --csv a.csv --save m --checkpoint c >first 2>/dev/null
    mlp --resume c >second 2>said
    unbroken said | grep -q "^complete .* all 20 iterations are made; give more, for example --iters 40$"
    last_line second m
    mlp --resume c --iters 40 >third 2>said
    run ! grep -q "^complete" said
    quick --lr-schedule cosine --checkpoint c >/dev/null 2>&1
    mlp --resume c 2>&1 >/dev/null | unbroken | grep -q "^complete .* start a new run"
    mlp --data "$DIGITS" --iters 100000 --optimizer adam --lr 0.1 --validation 0.3 --early-stop 1 --eval-every 5 --checkpoint c \
        >/dev/null 2>&1
    mlp --resume c 2>&1 >/dev/null | unbroken | grep -q "^complete .* early stopping ended it after iteration [0-9]*; nothing is left to train$"
}

@test "--check-gradient fails where a block has nothing to compare" {
    run --separate-stderr mlp --data "$DIGITS" --hidden 3 --check-gradient 1000 --activation relu --init-std 0.0005
    fails 1 "nothing of W1 was compared" "fewer examples" "--init-std"
    [ "${#lines[@]}" -ge 5 ] # the whole table, nevertheless
    mlp --data "$DIGITS" --check-gradient 10 --activation relu
}

@test "FIFOs that are written one after the other, train first, with every number of threads" {
    for threads in 1 2; do
        rm -f ./*.fifo
        mkfifo train-images.fifo train-labels.fifo test-images.fifo test-labels.fifo
        "$MLP_TRAIN" --threads $threads --iters 20 --quiet --train-images train-images.fifo --train-labels train-labels.fifo \
            --test-images test-images.fifo --test-labels test-labels.fifo >said 2>&1 3>&- &
        pid=$!
        for name in train-images-idx3 train-labels-idx1 t10k-images-idx3 t10k-labels-idx1; do
            fifo=${name%-idx?}.fifo
            timeout 30 sh -c 'zcat "$1" >"$2"' - "$DIGITS/$name-ubyte.gz" "${fifo/t10k/test}"
        done
        wait $pid
        pid=
        grep -q "^test accuracy" said
    done
}

@test "--trace with --label-smoothing prints the targets that the loss was computed with" {
    quick --iters 1 --trace 1 --batch-size 2 --label-smoothing 0.1 >said 2>/dev/null
    [ "$(grep -c "^  targets" said)" -eq 2 ]
    for row in 1 2; do
        targets=$(grep "^  targets" said | sed -n ${row}p | tr -s ' ' '\n' | grep '^[0-9]' | sort | uniq -c | tr -s ' ' | tr '\n' ';')
        [ "$targets" = " 9 0.0100; 1 0.9100;" ]
    done
    quick --iters 1 --trace 1 --batch-size 2 2>/dev/null | grep "^  targets" | grep -qv '\.'
}

@test "advice fits the case: no download after a permission error, no learning rate before the first update" {
    run --separate-stderr mlp --data /nowhere
    fails 1 "no such directory" "fetch-mnist.sh"
    if [ "$(id -u)" -ne 0 ] || setpriv --inh-caps=-all --bounding-set=-all true; then
        as=
        [ "$(id -u)" -ne 0 ] || as="setpriv --inh-caps=-all --bounding-set=-all"
        mkdir closed
        cp "$DIGITS"/* closed
        chmod 600 closed
        # shellcheck disable=SC2086
        run --separate-stderr $as "$MLP_TRAIN" --data closed
        chmod 700 closed
        fails 1 "cannot be examined: Permission denied"
        [[ $stderr != *fetch-mnist* ]]
    fi
    quick --quiet --hidden 5 --save m >/dev/null
    "${PYTHON:-python3}" - <<'END'
data = bytearray(open("m", "rb").read())
start = 8 + int.from_bytes(data[:8], "little")
data[start:] = b"\x00\x00\x00\x7f" * ((len(data) - start) // 4)  # 1.7e38: finite, but too large
open("large", "wb").write(data)
END
    run --separate-stderr mlp --data "$DIGITS" --load large --iters 5 --quiet
    fails 1 "before the first update" "load another model"
    [[ $stderr != *"learning rate"* ]]
}
