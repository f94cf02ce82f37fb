#!/usr/bin/env bash
# torture.sh RUNS - kills RUNS training runs with SIGKILL at random moments, one to four times each,
# resumes them until they end, and demands the model and the CSV of a run that was left alone, to the
# byte, and no other file. Works in the current directory, which must be empty; $MLP_TRAIN is the
# program, $DIGITS the data.
set -euo pipefail

common=(--data "$DIGITS" --eval-every 100 --csv curve.csv --save model.safetensors --checkpoint run.ckpt
    --checkpoint-every 50 --quiet)
variants=(
    "--iters 800 --lr 0.5"
    "--iters 500 --optimizer adam --lr 0.003 --sampling shuffle --dropout 0.3"
    "--iters 600 --optimizer momentum --lr 0.05 --lr-schedule cosine --warmup 70"
    "--iters 400 --optimizer adamw --weight-decay 0.1 --lr 0.003 --validation 0.2 --early-stop 4 --batch-size 50"
)

# whole VARIANT: the run that is left alone, in VARIANT.whole, and its milliseconds in VARIANT.ms
whole() {
    local start
    mkdir "$1.whole" && cd "$1.whole"
    start=$(date +%s%N)
    # shellcheck disable=SC2086
    "$MLP_TRAIN" "${common[@]}" ${variants[$1]} >said
    echo $((($(date +%s%N) - start) / 1000000)) >"../$1.ms"
    rm said run.ckpt
    cd ..
}

# one NUMBER SEED: a run that is killed one to four times; a line tells when
one() {
    local variant=$(($1 % ${#variants[@]})) kills=0 most ms moment left told=
    RANDOM=$2
    ms=$(cat "$variant.ms")
    most=$((1 + RANDOM % 4))
    mkdir "$1" && cd "$1"
    while :; do
        # From a little before it starts to train until after its end; the last time it may end.
        moment=$((RANDOM * (ms * 11 / 10) / 32768 + 1))
        [ "$kills" -lt "$most" ] || moment=60000
        local command=("${common[@]}")
        if [ -e run.ckpt ]; then
            command=(--resume run.ckpt --quiet --threads $((1 + RANDOM % 2)))
        else
            # shellcheck disable=SC2206
            command+=(${variants[variant]})
        fi
        code=0
        { # the shell would tell of each kill
            timeout -s KILL "$((moment / 1000)).$(printf %03d $((moment % 1000)))" \
                "$MLP_TRAIN" "${command[@]}" >said 2>&1 || code=$?
        } 2>/dev/null
        if [ "$code" -eq 0 ] && [ "$kills" -eq 0 ]; then # it was over before: that shows nothing
            rm ./*
            continue
        fi
        [ "$code" -ne 0 ] || break
        [ "$code" -eq 137 ] || { echo "$1: exit $code: $(cat said)"; return 1; }
        kills=$((kills + 1))
        told+=" $([ -e run.ckpt ] && echo resumable || echo nothing)"
    done
    rm said
    cmp model.safetensors "../$variant.whole/model.safetensors"
    cmp curve.csv "../$variant.whole/curve.csv"
    left=$(find . -type f | sort | tr '\n' ' ') # a temporary file would show
    [ "$left" = "./curve.csv ./model.safetensors ./run.ckpt " ] || { echo "$1: left behind: $left"; return 1; }
    cd .. && rm -r "$1"
    echo "$1: killed$told"
}

if [ "$1" = one ]; then
    one "$2" "$3"
    exit
fi
runs=$1 seed=$RANDOM
for variant in "${!variants[@]}"; do
    whole "$variant"
done
seq "$runs" | xargs -P 2 -I NUMBER "$0" one NUMBER "$((seed))NUMBER" >lines || { cat lines; exit 1; }
# Each was killed; that must have come where there is something to lose: a third with a checkpoint at least.
awk -v runs="$runs" -v seed="$seed" '
    { killed += NF > 1; resumed += /resumable/ }
    END { printf "%d runs (seed %d), %d killed, %d resumed\n", NR, seed, killed, resumed
          exit !(NR == runs && killed == runs && resumed > runs / 3) }' lines
