#!/bin/sh
# search.sh - trains every configuration of a list and reports its accuracy on a validation part
# from the train set; the test images are not looked at. Resumes: what RESULTS.csv already has is
# left out.
set -eu

if [ $# -ne 2 ] || [ "${1#-}" != "$1" ]; then
    cat >&2 <<'EOT'
usage: scripts/search.sh LIST RESULTS.csv

LIST has the options of a configuration on each line; # starts a comment.
EOT
    exit 2
fi
list=$1
export results="$2"
export program="${MLP_TRAIN:-./mlp-train}"
# 10,000 of MNIST's train images are the validation part. One test image is read: the least that can be asked for.
export together='--validation 0.16667 --test-limit 1 --eval-every 0 --quiet'

[ -s "$results" ] || echo 'val_loss,val_acc,options' >"$results"
# shellcheck disable=SC2016
sed -e 's/ *#.*//' -e '/^ *$/d' "$list" | awk -v results="$results" '
    BEGIN { while ((getline line < results) > 0) { gsub(/^[^"]*"|"$/, "", line); done[line] = 1 } }
    !done[$0]++' | tr '\n' '\0' | xargs -0 -r -n 1 sh -c '
    curve=$("$program" $together $1 --csv -) || exit 255
    printf "%s,\"%s\"\n" "$(echo "$curve" | tail -n 1 | cut -d , -f 9,10)" "$1" | tee -a "$results"
' sh
