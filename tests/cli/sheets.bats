#!/usr/bin/env bats
# sheets.bats - --weights and --mistakes: the pictures and the list are those of the model, after training and later.
load common.bash

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mlp --data "$DIGITS" --iters 300 --lr 0.5 --quiet --save m.safetensors --weights w.png --mistakes l.csv
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    M=$BATS_FILE_TMPDIR/m.safetensors
}

sheets() { "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/sheets.py" "$@"; }

# evaluate OPTION...
evaluate() { mlp --data "$DIGITS" --load "$M" --eval --quiet "$@"; }

@test "--mistakes: the wrong predictions of --predict, the most confident first, as list and as pictures" {
    mlp --load "$M" --predict "$DIGITS/t10k-images-idx3-ubyte.gz" >predicted
    for suffix in png pgm; do
        evaluate --mistakes "m.$suffix"
        sheets mistakes predicted "$DIGITS"/t10k-{labels-idx1,images-idx3}-ubyte.gz "$BATS_FILE_TMPDIR/l.csv" "m.$suffix"
    done
    evaluate --mistakes m.csv --threads 1
    cmp m.csv "$BATS_FILE_TMPDIR/l.csv"
    evaluate --mistakes named.csv --class-names "zero,one,two,three,four,five,six,seven,\"8\",n\"9"
    cmp <(cut -d, -f1,4,5 named.csv) <(cut -d, -f1,4,5 m.csv)
    grep -q '^[0-9]*,"""8""",one,' named.csv
    quick --quiet --mistakes many.pgm # more than 100
    [ "$(sed -n 2p many.pgm)" = "280 280" ]
}

@test "--weights: each unit in its place, after training and from the model" {
    for suffix in png pgm; do
        evaluate --weights "w.$suffix"
        sheets weights "$M" "w.$suffix" 28 28
    done
    cmp w.png "$BATS_FILE_TMPDIR/w.png"
    for hidden in 1 101; do
        quick --quiet --hidden $hidden --init-std 0 --weights w.png --save h.safetensors
        sheets weights h.safetensors w.png 28 28
    done
}

@test "images that are not square, of numbers; no mistake at all" {
    sheets dataset 5 7 13
    mlp --data . --iters 2000 --optimizer adam --lr 0.01 --hidden 12 --quiet --weights w.pgm --save d.safetensors --test-images train-images-idx3-ubyte \
        --test-labels train-labels-idx1-ubyte --mistakes none.csv 2>/dev/null
    sheets weights d.safetensors w.pgm 5 7
    [ "$(cat none.csv)" = index,label,prediction,p_prediction,p_label ]
    mlp --load d.safetensors --eval --quiet --mistakes m.png --test-images train-images-idx3-ubyte --test-labels train-labels-idx1-ubyte
    mlp --load d.safetensors --eval --quiet --mistakes m.pgm --test-images train-images-idx3-ubyte --test-labels train-labels-idx1-ubyte
    [ "$(sed -n 2p m.pgm)" = "70 5" ]
    mlp --data . --load d.safetensors --eval --quiet --mistakes m.pgm --test-limit 1 # right or wrong, one row
    [ "$(sed -n 2p m.pgm)" = "70 5" ]
}

@test "--eval writes each file even if standard output is closed or full, or another file fails" {
    files=(--confusion c.csv --weights w.png --mistakes m.csv --report r.html)
    { sleep 0.2 && evaluate "${files[@]}"; } | true
    rm c.csv w.png m.csv r.html
    run bash -c '"$0" "$@" >/dev/full' "$MLP_TRAIN" --data "$DIGITS" --load "$M" --eval --quiet "${files[@]}"
    [ "$status" -eq 1 ]
    rm c.csv w.png m.csv r.html
    for option in --confusion --weights; do
        ln -sf /dev/full full.png
        run --separate-stderr evaluate "${files[@]}" $option full.png
        fails 1 full.png "No space left"
        [[ $output == "test accuracy "* ]]
        rm m.csv r.html
    done
}

@test "other names are refused before anything is read: a model is not overwritten" {
    cp "$M" keep.safetensors
    for bad in "--weights keep.safetensors" "--weights w.csv" "--mistakes m.jpg" "--mistakes png" "--weights .png" "--mistakes m.PNG"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --data /nowhere $bad
        fails 2 "${bad%% *}: the name ${bad##* } ends in none of .png|.pgm"
    done
    cmp "$M" keep.safetensors
    for option in --weights --mistakes; do
        run --separate-stderr mlp --data "$DIGITS" $option -
        fails 2 "$option: standard output carries the table"
        run --separate-stderr quick --quiet $option missing/a.png
        fails 1 missing/a.png directory
        run --separate-stderr quick --quiet $option a.png --report a.png
        fails 2 a.png "is the file of --report"
        run --separate-stderr mlp --load "$M" --predict "$DIGITS/t10k-images-idx3-ubyte.gz" $option a.png
        fails 2 "$option: has no effect with --predict"
        ln -sf /dev/full full.png
        run --separate-stderr quick --quiet $option full.png --save saved
        fails 1 full.png "No space left"
        [ -s saved ]
        rm saved
    done
    run --separate-stderr quick --quiet --weights a.png --mistakes a.png
    fails 2 "--mistakes: a.png is the file of --weights"
    [ ! -e a.png ]
}

@test "vectors have no pictures, but a list" {
    sheets dataset 1 30 8
    for option in "--weights a.png" "--mistakes a.pgm"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --data . --iters 5 --quiet --save left $option
        fails 2 "${option%% *}: draws images, but these are vectors of 30 numbers"
        [ ! -e left ] # before the training
    done
    mlp --data . --iters 5 --quiet --mistakes a.csv
    [ "$(wc -l <a.csv)" -gt 5 ]
}

@test "a run that failed leaves an older file; one that was stopped writes" {
    echo older >m.csv
    run --separate-stderr mlp --data "$DIGITS" --activation relu --lr 1e30 --iters 50 --quiet --mistakes m.csv
    [ "$status" -eq 1 ]
    [ "$(cat m.csv)" = older ]
    "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --eval-every 0 --mistakes m.csv --csv a.csv >out 2>&1 3>&- &
    pid=$!
    for _ in $(seq 100); do
        [ -f a.csv ] && [ "$(wc -l <a.csv)" -gt 1 ] && break
        sleep 0.1
    done
    kill -INT $pid
    code=0; wait $pid || code=$?
    [ "$code" -eq 130 ]
    grep -q '^index,label' m.csv
}
