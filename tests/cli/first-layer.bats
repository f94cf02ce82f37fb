# first-layer.bats - --first-layer: what is chosen and shown, what is refused, and that the two
# layers learn the same.
load common.bash

setup() { cd "$BATS_TEST_TMPDIR"; }

# idx TYPE IMAGES: a directory `data` of that many images, type a byte in octal, made of the bytes
# on stdin; its labels are 0 1 2 3 0 1 2 3 ...
idx() {
    local part type="\\$1" count
    count="\\0\\0\\0\\$(printf %03o "$2")"
    mkdir -p data
    { printf %b "\\0\\0$type\\003$count\\0\\0\\0\\034\\0\\0\\0\\034"; cat; } >data/train-images-idx3-ubyte
    { printf %b "\\0\\0\\010\\001$count"; printf '\0\1\2\3%.0s' $(seq $(($2 / 4))); } >data/train-labels-idx1-ubyte
    for part in images-idx3 labels-idx1; do cp "data/train-$part-ubyte" "data/t10k-$part-ubyte"; done
}

filled() { # N BYTE: N times that byte
    head -c "$1" /dev/zero | tr '\0' "$2"
}

half() { # IMAGES: images whose upper half is not zero, as is half of Fashion-MNIST
    for _ in $(seq "$1"); do filled 392 x; head -c 392 /dev/zero; done
}

@test "auto skips the zeros of the digits, and says so" {
    for choice in "" "--first-layer auto"; do
        # shellcheck disable=SC2086
        run --separate-stderr quick --verbose $choice
        [ "$status" -eq 0 ]
        [[ $stderr == *"first layer sparse, about 23 % of the pixels are not 0"* ]]
    done
}

@test "auto multiplies dense images as they are" {
    half 40 | idx 010 40
    run --separate-stderr mlp --data data --iters 5 --verbose
    [ "$status" -eq 0 ]
    [[ $stderr == *"first layer dense, about 50 % of the pixels are not 0"* ]]
    if [ -d /usr/share/datasets/fashion-mnist ]; then
        run --separate-stderr mlp --data /usr/share/datasets/fashion-mnist --iters 1 --eval-every 0 --verbose
        [[ $stderr == *"first layer dense"* ]]
    fi
}

@test "either layer can be had for the asking" {
    half 40 | idx 010 40
    for layer in dense sparse; do
        for data in "$DIGITS" data; do
            run --separate-stderr mlp --data "$data" --iters 5 --verbose --first-layer $layer
            [ "$status" -eq 0 ]
            [[ $stderr == *"first layer $layer"* ]]
        done
    done
}

@test "numbers that are not bytes are multiplied densely, and nothing else" {
    half 160 | tr x '\077' | idx 015 40 # 0.747 and 0
    run --separate-stderr mlp --data data --iters 5 --verbose
    [ "$status" -eq 0 ]
    [[ $stderr == *"first layer dense"* ]]
    run --separate-stderr mlp --data data --iters 5 --first-layer sparse
    fails 2 --first-layer sparse bytes dense
    [ -z "$output" ]
}

@test "images of which all pixels but one are zero, and without a single zero" {
    { printf x; head -c $((784 * 40 - 1)) /dev/zero; } | idx 010 40
    mlp --data data --iters 5 --first-layer sparse --quiet --csv black.csv
    mlp --data data --iters 5 --first-layer dense --quiet --csv dense.csv
    same_curve dense.csv black.csv
    { printf y; filled $((784 * 40 - 1)) x; } | idx 010 40
    mlp --data data --iters 5 --first-layer sparse --quiet --csv white.csv
    mlp --data data --iters 5 --first-layer dense --quiet --csv dense.csv
    same_curve dense.csv white.csv
}

# same_curve A B: the same rows and cells, losses within 1e-3 of each other, accuracies within 0.01.
same_curve() {
    paste -d, "$1" "$2" | awk -F, '
        NF != 20 { print "row " NR " has " NF " cells"; exit 1 }
        NR == 1 { next }
        { for (i = 1; i <= 10; i++) {
            d = $i - $(i + 10)
            if (d < 0) d = -d
            most = i == 6 || i == 8 || i == 10 ? 0.01 : 1e-3 * $i
            if (($i == "") != ($(i + 10) == "") || d > most) {
                print "row " NR ", cell " i ": " $i " and " $(i + 10)
                exit 1
            } } }'
}

@test "both learn the same" {
    for options in "" "--hidden 33 --activation relu --init he" "--sampling shuffle --optimizer adam --lr 0.01 --dropout 0.2 --batch-size 37"; do
        # shellcheck disable=SC2086
        for layer in dense sparse; do
            mlp --data "$DIGITS" --iters 50 --validation 0.2 --quiet --csv $layer.csv --first-layer $layer $options
        done
        same_curve dense.csv sparse.csv
        [ "$(wc -l <sparse.csv)" -eq 52 ]
    done
}

@test "either layer gives the same bytes for 1, 2 and 4 threads" {
    for layer in dense sparse; do
        for threads in 1 2 4; do
            mlp --data "$DIGITS" --iters 60 --hidden 100 --batch-size 200 --quiet --first-layer $layer \
                --threads $threads --csv $layer-$threads.csv
        done
        cmp $layer-1.csv $layer-2.csv
        cmp $layer-1.csv $layer-4.csv
    done
    run ! cmp -s dense-1.csv sparse-1.csv # two different sums: the option had an effect
}

@test "a part of the set, split and limited, is compressed like the whole" {
    for layer in dense sparse; do
        mlp --data "$DIGITS" --train-limit 501 --test-limit 7 --validation 0.3 --iters 50 --quiet \
            --first-layer $layer --csv $layer.csv
    done
    same_curve dense.csv sparse.csv
}

@test "an unknown first layer is told with the list of known ones" {
    run --separate-stderr quick --first-layer thin
    fails 2 "--first-layer: 'thin' is none of auto|dense|sparse"
}
