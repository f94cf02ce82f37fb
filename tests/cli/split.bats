#!/usr/bin/env bats
# split.bats - several digits in one picture: --split answers each, and without it a line says so.
load common.bash

IMAGES=$DIGITS/t10k-images-idx3-ubyte.gz

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mlp --data "$DIGITS" --lr 0.5 --iters 1500 --eval-every 0 --quiet --save m
    PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/split.py" alone "$IMAGES" alone.pgm
    mlp --load m --predict alone.pgm --fit >alone.csv
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    M=$BATS_FILE_TMPDIR/m
    ALONE=$BATS_FILE_TMPDIR/alone
}

make() { PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/split.py" "$@"; }

predict() { mlp --load "$M" --fit --predict "$@"; }

# shapes BOX...: how many rows --split gives for rectangles of ink; without it, a line if there are several
shapes() {
    make shapes shapes.pgm "$@"
    predict shapes.pgm --split --quiet >rows 2>err || { cat err; return 1; }
    n=$(($(wc -l <rows) - 1))
    [ ! -s err ] || cat err
    predict shapes.pgm --quiet >one 2>err
    [ "$(wc -l <one)" -eq 2 ] || echo "$(wc -l <one) rows without --split"
    if [ "$n" -gt 1 ]; then
        grep -q "shapes.pgm: image 0 has $n separate shapes of similar size.*add --split" err || cat err
        [ "$(wc -l <err)" -le 1 ] || cat err
    else
        [ ! -s err ] || cat err
        cmp <(cut -d, -f1,6- rows) one
    fi
    echo "$n"
}

@test "three lines of digits, read line by line: the answers of each digit alone, and its box" {
    for kind in plain inverted sloping tight; do
        make page "$IMAGES" $kind.pgm $kind
        predict $kind.pgm --split --quiet >$kind.csv 2>err
        [ ! -s err ]
        [ "$(head -n 1 $kind.csv)" = index,x,y,width,height,label,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9 ]
        make compare "$IMAGES" $kind $kind.csv "$ALONE.csv"
    done
}

@test "strokes of one digit stay together, digits do not; points and dashes are none" {
    five="20,40,24,60 27,40,31,44 31,40,35,56 35,52,50,56 50,40,54,56"
    # shellcheck disable=SC2086
    {
        [ "$(shapes $five)" = 1 ]                                  # the bar above the bow, a gap of 3
        [ "$(shapes $five 50,60,54,64)" = 1 ]                      # a dot beside it
        [ "$(shapes $five 20,75,54,80)" = 2 ]
        [ "$(shapes 20,20,40,30 41,20,60,30)" = 1 ]                # a broken stroke
        [ "$(shapes 20,20,40,30 50,20,70,30)" = 2 ]                # one above the other
        [ "$(shapes 20,20,50,25 20,30,50,35 20,40,50,45)" = 3 ]
        [ "$(shapes 20,20,50,30 33,40,37,50 20,60,50,70)" = 2 ]    # a dash between
        [ "$(shapes 20,20,50,30 46,34,50,38 20,60,50,70)" = 2 ]    # a point between
        [ "$(shapes 0,20,50,30 20,60,60,70)" = 2 ] || [ "$(make shapes s.pgm 0,20,50,30 20,60,60,70; predict s.pgm --split | wc -l)" = 3 ]
    }
}

@test "no false alarm: 360 digits, the drawing of the manual" {
    run --separate-stderr predict "$IMAGES" --quiet
    [ -z "$stderr" ]
    cp "$IMAGES" i.gz
    predict i.gz --split | cut -d, -f1,6- | cmp - <(predict "$IMAGES")
    sed -n '/^P1 12 16/,/^END/{/^END/!p}' "$ROOT/src/cli/mlp-train.1.scd" >drawing.pbm
    run --separate-stderr predict drawing.pbm --quiet
    [ "$(wc -l <<<"$output")" -eq 2 ] && [ -z "$stderr" ]
}

@test "many pictures: indices, files, empty ones, names, --min-probability" {
    make page "$IMAGES" page.pgm plain
    { cat page.pgm && printf 'P2 3 2 9 5 5 5 5 5 5\n' && cat page.pgm; } >three.pgm
    for _ in 1 2 3 4 5; do cat three.pgm; done >many.pgm
    run --separate-stderr predict many.pgm page.pgm --split --quiet --class-names 'z,a,b,c,d,e,f,"g",h,i' --min-probability 0.5
    [ "$status" -eq 0 ]
    [ "$(grep -c 'its row stays empty' <<<"$stderr")" -eq 5 ]
    [ "${lines[0]}" = 'file,index,x,y,width,height,label,p_z,p_a,p_b,p_c,p_d,p_e,p_f,"p_""g""",p_h,p_i' ]
    grep -Fx 'many.pgm,1,,,,,,,,,,,,,,,' <<<"$output"
    [ "$(cut -d, -f1,2 <<<"$output" | sed 1d | uniq -c | tr -s ' ' | sed 's/^ //' | tr '\n' ';')" = \
        "$(for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do echo "$((i % 3 == 1 ? 1 : 15)) many.pgm,$i"; done | tr '\n' ';')15 page.pgm,0;" ]
}

@test "more shapes than are possible; --split without --fit" {
    boxes=$(for y in 0 1 2 3 4 5 6 7 8 9 10; do for x in 0 1 2 3 4 5 6 7 8 9 10; do echo "$((9 * y + 1)),$((9 * x + 1)),$((9 * y + 7)),$((9 * x + 4))"; done; done)
    # shellcheck disable=SC2086
    make shapes full.pgm $boxes
    run --separate-stderr predict full.pgm --split --quiet
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 101 ]
    [[ $stderr != *$'\n'* ]]
    [[ $stderr == *"image 0: only its 100 largest shapes are predicted"*"cut it into parts" ]]
    run --separate-stderr mlp --load "$M" --predict full.pgm --split
    fails 2 "--split: needs --fit"
}
