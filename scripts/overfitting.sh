#!/bin/sh
# overfitting.sh - a network that memorizes 500 MNIST images, and the same run with each cure,
# for seeds 1 to 5. Leaves the CSVs in DIR, prints the table of data/reference-run/README.md.
set -eu

if [ $# -ne 1 ] || [ "${1#-}" != "$1" ]; then
    echo 'usage: scripts/overfitting.sh DIR' >&2
    exit 2
fi
dir=$1
program=${MLP_TRAIN:-./mlp-train}
seeds='1 2 3 4 5'
runs='plain fewer early-stopping weight-decay dropout' # fewer: on early stopping's 400 images, not stopped
together='--train-limit 500 --hidden 200 --activation relu --init he --iters 5000 --eval-every 50'

cure() { # RUN: the options that make it
    case $1 in
    plain) ;;
    fewer) echo ' --validation 0.2' ;;
    early-stopping) echo ' --validation 0.2 --early-stop 10' ;;
    weight-decay) echo ' --weight-decay 0.01' ;;
    dropout) echo ' --dropout 0.5' ;;
    esac
}

# kept RUN FILE: the row of the weights that are kept, the last one or that of the least validation loss
kept() {
    awk -F, -v best="$1" 'NR > 1 && $5 != "" && (best != "early-stopping" || least == "" || $9 < least) {
                              least = $9; row = $0
                          }
                          END { print row }' "$2"
}

printf 'mlp-train %s, and:\n\n' "$together"
echo '| added | train accuracy | test accuracy | gap | test loss |'
echo '|---|---|---|---|---|'
for run in $runs; do
    options=$(cure "$run")
    for seed in $seeds; do
        mkdir -p "$dir/seed-$seed"
        # shellcheck disable=SC2086
        "$program" $together $options --seed "$seed" --quiet --csv "$dir/seed-$seed/$run.csv" >/dev/null
    done
    for seed in $seeds; do
        kept "$run" "$dir/seed-$seed/$run.csv"
    done | awk -F, -v added="$options" '
        function add(name, value) { n[name]++; sum[name] += value; squares[name] += value * value }
        function shown(name, m, v) {
            m = sum[name] / n[name]
            v = (squares[name] - n[name] * m * m) / (n[name] - 1)
            return sprintf("%.4f ± %.4f", m, sqrt(v > 0 ? v : 0))
        }
        { add("train", $6); add("test", $8); add("gap", $6 - $8); add("loss", $7) }
        END {
            print "| " (added == "" ? "nothing" : "`" substr(added, 2) "`") " | " shown("train") " | " \
                shown("test") " | " shown("gap") " | " shown("loss") " |"
        }'
done
