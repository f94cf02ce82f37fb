#!/usr/bin/env bats
# interop.bats - models trained here give the same logits in PyTorch, NumPy, ONNX Runtime, onnx and OpenCV,
# by the manual's recipes too; models trained in PyTorch do so here. tests/twin has the programs.
load common.bash

IMAGES=$DIGITS/t10k-images-idx3-ubyte.gz
LABELS=$DIGITS/t10k-labels-idx1-ubyte.gz

# model NAME OPTION...: trains, and leaves NAME.safetensors, .npz, .onnx, and the logits of the test images
model() {
    local name=$1
    shift
    mlp --data "$DIGITS" --iters 200 --lr 0.5 --quiet --save "$name.safetensors" --export "$name.npz" "$@"
    mlp --load "$name.safetensors" --export "$name.onnx"
    logits "$name.safetensors" >"$name.logits"
}

logits() { "${LOGITS:-$ROOT/build/tests/twin/logits}" "$1" "$IMAGES" "${@:2}"; }

setup_file() {
    mkdir "$BATS_FILE_TMPDIR/models"
    cd "$BATS_FILE_TMPDIR/models"
    model model
    model sigmoid-dense --first-layer dense
    model tanh-odd --activation tanh --hidden 33 --seed 2
    model relu-large --activation relu --hidden 100 --init he
    model relu-one --activation relu --hidden 1 --first-layer dense
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    export PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
}

# opens PACKAGE PROGRAM [DIRECTORY]: the first Python that has PACKAGE finds the same logits with it
opens() {
    python=$(python_with "$1") || skip "no Python with $1; scripts/setup.sh --dev installs what Debian has"
    "$python" "$ROOT/tests/twin/interop.py" "$2" "${3:-models}" "$IMAGES" "$ROOT/src/cli/mlp-train.1.scd"
}

@test "PyTorch gives the same logits, and what it saves again is the same network" {
    opens torch torch
    mlp --load models/torch.safetensors --activation sigmoid --export torch.npz
    cmp models/model.npz torch.npz
}

@test "NumPy gives the same logits" { opens numpy numpy; }
@test "the checker of onnx finds no fault, and the graph gives the same logits" { opens onnx onnx; }
@test "OpenCV gives the same logits" { opens cv2 opencv; }

@test "ONNX Runtime gives the same logits" {
    command -v node >/dev/null || skip "no node; Debian's package is nodejs, then make onnxruntime"
    node -e "require('onnxruntime-node')" 2>/dev/null || skip "no onnxruntime-node: make onnxruntime"
    node "$ROOT/tests/twin/onnxruntime.js" models "$IMAGES" "$ROOT/src/cli/mlp-train.1.scd"
}

@test "what PyTorch has trained gives the same logits here, recognises the same images, and can be converted" {
    python=$(python_with torch) || skip "no Python with torch; scripts/setup.sh --dev installs it"
    mkdir trained
    "$python" "$ROOT/tests/twin/interop.py" trained trained "$IMAGES" "$LABELS" | tee results
    [ "$(wc -l <results)" -eq 3 ]
    while read -r name correct; do
        [ "$correct" -gt 180 ]
        model=(--load "trained/$name.safetensors" --activation "$name")
        logits "${model[1]}" "$name" >"trained/$name.ours"
        mlp "${model[@]}" --predict "$IMAGES" --quiet >"trained/$name.csv"
        mlp "${model[@]}" --data "$DIGITS" --eval --quiet | grep "($correct of 360)"
        mlp "${model[@]}" --export "trained/$name.onnx"
    done <results
    opens numpy library trained
    opens onnx onnx trained
}
