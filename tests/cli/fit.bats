#!/usr/bin/env bats
# fit.bats - --fit on what people take, scan and cut out: 300 test images of MNIST in each situation of pictures.py.
load common.bash

# situations LEAST NAME...: pictures of these kinds; at least so many of 300 are right, at most 3 wrong above 0.9
situations() {
    local least=$1 python names
    shift
    need_mnist
    python=$(python_with numpy) || skip "no Python with numpy"
    export PYTHONDONTWRITEBYTECODE=1
    cd "$BATS_FILE_TMPDIR" || return
    [ -e model ] || mlp --data "$MNIST" --preset keras --eval-every 0 --quiet --save model
    names=$(IFS=,; echo "$*")
    "$python" "$BATS_TEST_DIRNAME/pictures.py" situations "$MNIST/t10k-images-idx3-ubyte.gz" 300 . "$names"
    for name; do
        mlp --load model --predict "$name.pgm" --fit --quiet >"$name.csv" 2>"$name.err"
        # each empty row has its line
        [ "$(grep -c ',,,' "$name.csv")" -eq "$(grep -c 'its row stays empty' "$name.err")" ]
    done
    "$python" "$BATS_TEST_DIRNAME/pictures.py" table "$MNIST/t10k-labels-idx1-ubyte.gz" "${@/%/.csv}" | tee table
    [ "$(wc -l <table)" -eq $# ]
    awk -v least="$least" '$2 < least || $6 > 3 { bad = 1 } END { exit bad }' table
}

@test "clean pictures, a sheet on a desk, a scan's edge, a frame, ruled paper, a speck" {
    situations 285 clean desk scan frame ruled speck
}

@test "frames: wide, turned, broken at a corner; lines: faint, double, with a margin; a scan of ruled paper; specks" {
    situations 270 frame-wide frame-turned frame-broken ruled-faint ruled-double ruled-margin scan-ruled specks-five speck-ruled
}

@test "a sheet that is turned, cut, in uneven light, ruled; light that falls off; noise" {
    situations 280 desk-turned desk-cut desk-gradient desk-ruled gradient noise
}
