#!/usr/bin/env bats
# export.bats - when --export writes and when it refuses; what is in the files is for interop.bats.
load common.bash

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    quick --quiet --lr 0.5 --save m.safetensors --export m.npz
    quick --quiet --lr 0.5 --export m.onnx
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    export MLP_TRAIN_DATA=/nowhere
    M=$BATS_FILE_TMPDIR/m
}

@test "the same bytes for 1, 2 and 4 threads, from the run or from its saved model" {
    for suffix in npz onnx; do
        for threads in 1 2 4; do
            quick --quiet --lr 0.5 --threads $threads --export a.$suffix
            cmp "$M.$suffix" a.$suffix
        done
        mlp --load "$M.safetensors" --export b.$suffix
        cmp "$M.$suffix" b.$suffix
        mlp --load - --export c.$suffix <"$M.safetensors"
        cmp "$M.$suffix" c.$suffix
        quick --quiet --load "$M.safetensors" --iters 0 --export d.$suffix
        cmp "$M.$suffix" d.$suffix
    done
    [ "$(find . -type f | wc -l)" -eq 8 ] # no temporary file
}

@test "the first layer makes no difference to the shapes" {
    quick --quiet --first-layer dense --hidden 33 --iters 0 --export dense.npz
    quick --quiet --first-layer sparse --hidden 33 --iters 0 --export sparse.npz
    cmp dense.npz sparse.npz
}

@test "a conversion says what it wrote, and --quiet nothing" {
    run --separate-stderr mlp --load "$M.safetensors" --export a.onnx
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ "$stderr" = "written   a.onnx" ]
    run mlp --quiet --load "$M.safetensors" --export a.onnx
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "--iters and --epochs train on" {
    for more in "--iters 5" "--epochs 1"; do
        # shellcheck disable=SC2086
        mlp --data "$DIGITS" --quiet --load "$M.safetensors" $more --lr 1 --export a.npz --save a.safetensors
        run ! cmp -s "$M.npz" a.npz
        mlp --load a.safetensors --export b.npz
        cmp a.npz b.npz
    done
}

@test "an option that a conversion has no use for is refused by name" {
    for option in "--lr 1" "--save b" "--csv b" "--data $DIGITS" "--seed 2" "--preset keras" "--validation 0.1"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --load "$M.safetensors" --export a.npz $option
        fails 2 "${option%% *}: has no effect on a conversion (--load with --export)" --iters
    done
    run --separate-stderr mlp --load "$M.safetensors" --export a.npz --activation tanh
    fails 2 --activation sigmoid
    run --separate-stderr mlp --load "$M.safetensors" --export a.npz --eval
    fails 2 "--export: has no effect with --eval"
    run --separate-stderr mlp --data "$DIGITS" --export a.npz --check-gradient
    fails 2 "--export: has no effect with --check-gradient"
    [ ! -e a.npz ]
}

@test "a suffix that is none is refused before anything is read" {
    for name in model model.pt model.npy model.onnx.gz .ONNX - npz; do
        run --separate-stderr mlp --export "$name"
        fails 2 "--export: the name $name ends in none of .npz|.onnx"
    done
}

@test "a model of PyTorch's needs --activation" {
    header='{"fc1.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"fc1.weight":{"dtype":"F32","shape":[1,4],"data_offsets":[4,20]},'
    header+='"fc2.bias":{"dtype":"F32","shape":[2],"data_offsets":[20,28]},"fc2.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[28,36]}}'
    { printf "\\$(printf %o $((${#header} & 255)))\\$(printf %o $((${#header} >> 8)))\0\0\0\0\0\0%s" "$header" && head -c 36 /dev/zero; } >foreign
    run --separate-stderr mlp --load foreign --export a.onnx
    fails 2 --activation foreign
    mlp --load foreign --activation relu --export a.onnx
    grep -aq Relu a.onnx
    for pair in activation:relu image_rows:2 image_columns:2 pixel_scale:1/255 classes:2; do
        grep -aqP "${pair%:*}\x12.${pair#*:}" a.onnx || { echo "no $pair"; return 1; }
    done
    run ! grep -aE 'iterations|accuracy|seed' a.onnx
    run ! grep -aqP 'format\x12\x02pt' a.onnx # is for readers of safetensors
}

@test "a file that cannot be written is told before the training, and the older one stays" {
    run --separate-stderr mlp --data "$DIGITS" --export missing/a.npz
    fails 1 missing/a.npz "directory"
    mkdir a.npz
    run --separate-stderr mlp --data "$DIGITS" --export a.npz
    fails 1 a.npz "is a directory"
    echo older >b.npz
    chmod -w b.npz
    run --separate-stderr mlp --load "$M.safetensors" --export b.npz
    fails 1 b.npz read-only
    [ "$(cat b.npz)" = older ]
    cp "$M.safetensors" c.npz
    run --separate-stderr mlp --load c.npz --export c.npz
    fails 2 "--export: c.npz is the model to load"
    run --separate-stderr quick --quiet --save d.npz --export d.npz
    fails 2 "--export: d.npz is the file of --save"
}

@test "a full disk is told, for each format" {
    for suffix in npz onnx; do
        ln -s /dev/full full.$suffix
        run --separate-stderr mlp --load "$M.safetensors" --export full.$suffix
        fails 1 full.$suffix "No space left"
        run --separate-stderr quick --quiet --export full.$suffix --save "$suffix.safetensors"
        fails 1 full.$suffix "No space left"
        [ -s "$suffix.safetensors" ] # the rest is written all the same
    done
}

@test "a reader that has seen enough does not keep a run from its file" {
    quick --iters 300 --eval-every 1 --export a.npz | head -n 1
    quick --iters 300 --quiet --export b.npz
    cmp a.npz b.npz
}

@test "a run that is interrupted leaves what it has learnt" {
    "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --eval-every 0 --export a.npz --csv a.csv >out 2>&1 3>&- &
    pid=$!
    for _ in $(seq 100); do
        [ -f a.csv ] && [ "$(wc -l <a.csv)" -gt 1 ] && break # it heeds signals when the header is out
        sleep 0.1
    done
    kill -INT $pid
    code=0; wait $pid || code=$?
    [ "$code" -eq 130 ]
    [ "$(wc -c <a.npz)" -eq "$(wc -c <"$M.npz")" ]
}
