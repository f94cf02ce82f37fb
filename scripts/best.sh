#!/bin/sh
# best.sh - the table of the best networks in data/reference-run/README.md: each row for seeds 1 to 5, one run at a time.
# Leaves CSVs and last lines in DIR; a run that is there already is not repeated.
set -eu

if [ $# -ne 1 ] || [ "${1#-}" != "$1" ]; then
    echo 'usage: scripts/best.sh DIR' >&2
    exit 2
fi
dir=$1
program=${MLP_TRAIN:-./mlp-train}

options_of() { # ROW
    case $1 in
    best) echo '--preset best' ;;
    best-plain) echo '--preset best-plain' ;;
    fifty) echo '--preset best --hidden 50 --epochs 60 --lr 0.01 --batch-size 100 --warmup 600 --eval-every 6000 --rotate 3 --scale 0.03 --shear 0.03 --shift 0.3 --elastic-alpha 10 --fade 0' ;;
    esac
}

mkdir -p "$dir"
echo '| options | test accuracy | least | most | seconds a run |'
echo '|---|---|---|---|---|'
for row in best best-plain fifty; do
    options=$(options_of "$row")
    for seed in 1 2 3 4 5; do
        run=$dir/$row-$seed
        [ -s "$run.txt" ] && continue
        # shellcheck disable=SC2086
        "$program" $options --seed "$seed" --quiet --csv "$run.csv" >"$run.part"
        mv "$run.part" "$run.txt"
    done
    # "test accuracy 0.9463 +- 0.0023 (9463 of 10000) at iteration 10000, 1.34 s, seed 1"
    cat "$dir/$row"-[1-5].txt | awk -v options="$options" '
        { n++; sum += $3; squares += $3 * $3; seconds += $(NF - 3)
          least = n == 1 || $3 < least ? $3 : least; most = $3 > most ? $3 : most }
        END {
            mean = sum / n; v = (squares - n * mean * mean) / (n - 1)
            printf "| `%s` | %.4f ± %.4f | %.4f | %.4f | %.0f |\n", options, mean, sqrt(v > 0 ? v : 0), least, most, seconds / n
        }'
done
