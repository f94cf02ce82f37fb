# bad-models.bats - damaged safetensors files: each is refused in one line that says what is wrong with it
# and what to do; none is half loaded.
load common.bash

setup_file() {
    "${PYTHON:-python3}" --version >/dev/null 2>&1 || skip "no Python"
    "${PYTHON:-python3}" "$ROOT/tests/cli/make-bad-models.py" "$BATS_FILE_TMPDIR" || return
    mkdir "$BATS_FILE_TMPDIR/data"
    sh "$ROOT/tests/cli/make-bad-data.sh" "$BATS_FILE_TMPDIR/data"
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# refused GROUP FEWEST: every file of the group, at least so many; nothing is trained, nothing left
refused() {
    local words name
    ulimit -t 60
    [ "$(wc -l <"expected.$1")" -ge "$2" ]
    while IFS=$'\t' read -r -a words; do
        name=${words[0]}
        status=0
        "$MLP_TRAIN" --data data --load "$name" --iters 1 --save left --csv left.csv </dev/null >out 2>err || status=$?
        # shellcheck disable=SC2034 # `fails` looks at it
        stderr=$(<err)
        fails 1 "$name: " "; " "${words[@]:1}" || { echo "in $name"; return 1; }
        if [ -s out ] || [ -e left ] || [ -e left.csv ]; then echo "$name: something is left"; return 1; fi
    done <"expected.$1"
}

@test "the model that they are made from is good" {
    mlp --data data --load good --eval --quiet
    mlp --data data --load good --iters 3 --quiet --save "$BATS_TEST_TMPDIR/trained"
}

@test "lengths of the header and of the file" { refused lengths 20; }
@test "JSON and UTF-8" { refused syntax 44; }
@test "keys twice, missing and unknown" { refused keys 13; }
@test "shapes, and networks of another kind" { refused shapes 37; }
@test "types of numbers" { refused dtypes 13; }
@test "offsets: every one of them, holes and overlaps" { refused offsets 48; }
@test "numbers that are not finite" { refused numbers 12; }
@test "metadata that make no sense, and checkpoints" { refused metadata 16; }
@test "other files" { refused others 11; }
