#!/usr/bin/env bats
# export.bats - when --export writes and when it refuses; what is in the files is for interop.bats.
load common.bash

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    quick --quiet --lr 0.5 --save m.safetensors --export m.npz
    quick --quiet --lr 0.5 --export m.onnx
    quick --quiet --lr 0.5 --export m.h
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    export MLP_TRAIN_DATA=/nowhere
    M=$BATS_FILE_TMPDIR/m
}

@test "the same bytes for 1, 2 and 4 threads, from the run or from its saved model" {
    for suffix in npz onnx h; do
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
    [ "$(find . -type f | wc -l)" -eq 12 ] # no temporary file
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
    for name in model model.c model.H h model.pt model.npy model.onnx.gz .ONNX - npz; do
        run --separate-stderr mlp --export "$name"
        fails 2 "--export: the name $name ends in none of .npz|.onnx|.h"
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
    for suffix in npz onnx h; do
        ln -s /dev/full full.$suffix
        run --separate-stderr mlp --load "$M.safetensors" --export full.$suffix
        fails 1 full.$suffix "No space left"
        run --separate-stderr quick --quiet --export full.$suffix --save "$suffix.safetensors"
        fails 1 full.$suffix "No space left"
        [ -s "$suffix.safetensors" ] # the rest is written all the same
    done
}

@test "the network is written although the reader of --csv - has gone before the first row" {
    { sleep 0.2 && quick --quiet --csv - --export a.npz --save a.safetensors; } | true
    rm a.npz a.safetensors
    { sleep 0.2 && mlp --data "$DIGITS" --iters 100000000 --quiet --csv - 2>err && touch ended; } | true # nothing to write: it ends
    [ -e ended ] && [ ! -s err ]
}

@test "a reader that has seen enough does not keep a run from its file" {
    quick --iters 300 --eval-every 1 --export a.npz | head -n 1
    quick --iters 300 --quiet --export b.npz
    cmp a.npz b.npz
}

@test "a run that is interrupted leaves what it has learned" {
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

# ---- C ----

# as_c MODEL IMAGES [COMPILER...]: its header, with each compiler that is there, gives the predictions of --predict
as_c() {
    local compiler
    mlp --load "$1" --export c.h --quiet
    for compiler in "${@:3}"; do
        command -v "$compiler" >/dev/null || continue
        PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/c-header.py" "$MLP_TRAIN" "$1" c.h "$2" "$compiler"
    done
}

@test "C without a library gives the predictions of --predict: 1,437 digits, every activation, one hidden unit" {
    for options in "--activation sigmoid" "--activation tanh --hidden 33" "--activation relu --init he --first-layer dense" \
        "--hidden 1 --init-std 2"; do
        # shellcheck disable=SC2086
        mlp --data "$DIGITS" --iters 300 --lr 0.5 --quiet $options --save c.safetensors
        as_c c.safetensors "$DIGITS/train-images-idx3-ubyte.gz" gcc clang
    done
    awk 'length > 120 { exit 1 }' c.h
}

@test "C: 2 and 256 classes, numbers instead of bytes, transposed files" {
    for what in '2 8' '256 8' '2 13'; do
        # shellcheck disable=SC2086
        "${PYTHON:-python3}" - $what <<'END'
import random, struct, sys
classes, kind = map(int, sys.argv[1:])
random.seed(1)
for part, n in ("train", 512), ("t10k", 256):
    with open(f"{part}-labels-idx1-ubyte", "wb") as f: f.write(struct.pack(">HBBI", 0, 8, 1, n) + bytes(i % classes for i in range(n)))
    with open(f"{part}-images-idx3-ubyte", "wb") as f:
        f.write(struct.pack(">HBB3I", 0, kind, 3, n, 6, 5))
        for i in range(n):
            pixels = [random.randrange(200, 256) if (i % classes) >> (x % 8) & 1 else random.randrange(30) for x in range(30)]
            f.write(bytes(pixels) if kind == 8 else struct.pack(">30f", *[p / 100 - 1 for p in pixels]))
END
        mlp --data . --hidden 20 --iters 600 --optimizer adam --lr 0.01 --quiet --save c.safetensors
        as_c c.safetensors t10k-images-idx3-ubyte gcc clang
        grep -q 'an image of 6 rows of 5' c.h
    done
    grep -q 'takes them as they are' c.h
    grep -q 'const float pixels\[30\]' c.h
    run ! grep -q exchanged c.h
    mlp --data . --iters 1 --quiet --transpose --export t.h
    grep -q 'an image of 5 rows of 6' t.h
    grep -q exchanged t.h
}

@test "C: a network of (pixel - mean) / std takes pixels as they are" {
    mlp --data "$DIGITS" --iters 100 --lr 0.5 --quiet --save c.safetensors
    mlp --load c.safetensors --pixel-mean 0.1307 --pixel-std 0.3081 --export scaled.h --quiet
    mlp --data "$DIGITS" --load c.safetensors --pixel-mean 0.1307 --pixel-std 0.3081 --iters 0 --quiet --save scaled.safetensors
    as_c scaled.safetensors "$DIGITS/t10k-images-idx3-ubyte.gz" gcc
    cmp <(sed '1,/fc1.weight/d' c.h) <(sed '1,/fc1.weight/d' scaled.h)
    run ! cmp -s <(mlp --load c.safetensors --predict "$DIGITS/t10k-images-idx3-ubyte.gz") \
        <(mlp --load scaled.safetensors --predict "$DIGITS/t10k-images-idx3-ubyte.gz")
}

@test "C: what a model says about itself does not get into the program" {
    mlp --data "$DIGITS" --iters 100 --lr 0.5 --quiet --save c.safetensors
    for value in '*/ int evil; /*' '1 */' '999999999999999999999999' '-3' '0'; do
        "${PYTHON:-python3}" - c.safetensors "$value" <<'END'
import json, sys
data = open(sys.argv[1], "rb").read()
n = 8 + int.from_bytes(data[:8], "little")
header = json.loads(data[8:n])
header["__metadata__"].update(program=sys.argv[2], pixel_mean=sys.argv[2], options=sys.argv[2])
text = json.dumps(header).encode()
open("evil.safetensors", "wb").write(len(text).to_bytes(8, "little") + text + data[n:])
END
        # refused, or harmless
        mlp --load evil.safetensors --export evil.h --quiet 2>said || { [ "$(wc -l <said)" -eq 1 ]; continue; }
        run ! grep -q evil evil.h
        as_c evil.safetensors "$DIGITS/t10k-images-idx3-ubyte.gz" gcc
    done
}
