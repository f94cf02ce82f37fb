#!/usr/bin/env bats
# torture.bats - runs that are cut or killed at any moment are resumed to the same bytes: under all options,
# at random moments, before each system call that touches a file. Takes minutes: `make check-long`. With SHARE=N one
# case in N is tried.
load ../cli/common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "hundreds of runs killed at random moments end with the bytes of runs left alone" {
    export DIGITS
    "$ROOT/tests/cli/torture.sh" $((200 / ${SHARE:-1})) >&3
}

@test "cut and resumed under every combination of optimizer, sampling, dropout, schedule and threads" {
    run "${PYTHON:-python3}" "$ROOT/tests/cli/cut.py" all "$MLP_TRAIN" --data "$DIGITS"
    [ "${lines[-1]}" = "96 runs cut and resumed" ] || { echo "$output"; return 1; }
}

# A run with four checkpoints; its options are those of the run that is resumed.
options=(--iters 40 --eval-every 20 --optimizer momentum --sampling shuffle --csv curve.csv
    --save model.safetensors --checkpoint run.ckpt --checkpoint-every 10 --quiet --threads 1)

@test "killed before any system call that touches a file, a run leaves the older model or the new one, and is resumed to the same bytes" {
    strace -qq -o /dev/null true 2>/dev/null || skip "strace is missing, or must not trace"
    mkdir whole killed
    (cd whole && mlp --data "$DIGITS" "${options[@]}" >/dev/null && rm run.ckpt)
    cd killed
    kills=0
    for call in write fsync rename ftruncate unlink openat close; do
        for n in $(seq 1 "${SHARE:-1}" 1000); do
            rm -rf ./*
            echo older >model.safetensors
            code=0
            { strace -f -qq -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when="$n" \
                "$MLP_TRAIN" --data "$DIGITS" "${options[@]}" >said 2>&1 || code=$?; } 2>/dev/null
            [ "$code" -ne 0 ] || break # there is no n-th call
            [ "$code" -eq 137 ] || { cat said; return 1; }
            kills=$((kills + 1))
            [ "$(head -c 6 model.safetensors)" = older ] || cmp model.safetensors ../whole/model.safetensors
            if [ -e run.ckpt ]; then
                mlp --resume run.ckpt >said
            else
                mlp --data "$DIGITS" "${options[@]}" >said
            fi
            rm said
            cmp model.safetensors ../whole/model.safetensors || { echo "$call $n"; return 1; }
            cmp curve.csv ../whole/curve.csv || { echo "$call $n"; return 1; }
            [ "$(echo ./* ./.[!.]*)" = "./curve.csv ./model.safetensors ./run.ckpt ./.[!.]*" ] ||
                { echo "$call $n left $(ls -A)"; return 1; }
        done
        echo "# $call: killed before one in ${SHARE:-1} of some $((n - 1)) calls" >&3
    done
    [ "$kills" -gt 40 ]
}
