#!/usr/bin/env bats
# foreign-models.bats - models that other programs write differently and that mean the same: weights in F16 and
# BF16, metadata that are no texts. Each is read with a line that says so.
load common.bash

setup_file() {
    "${PYTHON:-python3}" --version >/dev/null 2>&1 || skip "no Python"
    cd "$BATS_FILE_TMPDIR"
    "${PYTHON:-python3}" - <<'EOF'
import json, struct

shapes = [("fc1.bias", [4]), ("fc1.weight", [4, 6]), ("fc2.bias", [3]), ("fc2.weight", [3, 4])]
meta = dict(activation="relu", image_rows="3", image_columns="2")

def write(name, pack, dtype="F32", width=4, **more):
    at, entries, data = 0, {"__metadata__": {**meta, **more}}, b""
    for i, (tensor, shape) in enumerate(shapes):
        n = shape[0] * (shape[1] if len(shape) == 2 else 1)
        # multiples of 1/64 below 2: F16, with 11 bits, and BF16, with 8, have them all
        data += b"".join(pack(((37 * (i + k)) % 255 - 127) / 64) for k in range(n))
        entries[tensor] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + width * n]}
        at += width * n
    text = json.dumps(entries).encode()
    with open(name, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)

single = lambda x: struct.pack("<f", x)
write("f32", single)
write("f16", lambda x: struct.pack("<e", x), "F16", 2)
write("bf16", lambda x: struct.pack("<f", x)[2:], "BF16", 2)
write("number", single, epoch=3)
write("null", single, author=None)
write("nested", single, config={"lr": 0.1, "layers": [4, 3], "name": "a\nb"}, best=True)
write("loss", single, loss=0.25, program=7, checkpoint=12)
EOF
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# reads NAME LINES WORD...: as f32 is read, with so many warnings, which hold the words
reads() {
    mlp --load f32 --export right.npz --quiet
    run --separate-stderr mlp --load "$1" --export "$1.npz" --quiet
    [ "$status" -eq 0 ] || { echo "$stderr"; return 1; }
    cmp right.npz "$1.npz"
    [ "$(printf '%s' "$stderr" | grep -c '')" -eq "$2" ] || { echo "not $2 lines: $stderr"; return 1; }
    [ "$(printf '%s' "$stderr" | grep -c "^mlp-train: warning: $1: ")" -eq "$2" ]
    for word in "${@:3}"; do
        [[ $stderr == *"$word"* ]] || { echo "no '$word' in: $stderr"; return 1; }
    done
}

@test "F16 and BF16 weights are converted exactly, and said to be" {
    reads f32 0
    reads f16 1 "is F16 and was converted to F32 without a change of value"
    reads bf16 1 "is BF16 and was converted to F32"
}

@test "metadata that are no texts are ignored where they mean nothing here, and named" {
    reads number 1 "the entry 'epoch' of its metadata is 3" "ignored"
    reads null 1 "'author' of its metadata is null"
    reads nested 2 "'config' of its metadata is {...}" "'best' of its metadata is true"
    reads loss 3 "'loss' of its metadata is 0.25" "'checkpoint'" "'program'"
}
