#!/bin/sh
# layers.sh - checks the rule of src/README.md: a layer includes only headers of itself and of the layers
# before it, and a file has at most 500 lines, the manual apart. Exit 1 and a line for each violation. Argument: another root to check.
set -eu
cd "${1:-$(dirname "$0")/..}"
layers='base formats data net train state cli'

number() { # the layer's place, 0 where there is no such layer
    n=0
    for layer in $layers; do
        n=$((n + 1))
        [ "$layer" != "$1" ] || { echo $n && return; }
    done
    echo 0
}

bad=0
for file in src/*/* src/cli/page/* src/*.[ch] include/mlp/*/* include/mlp/*.h; do
    [ -f "$file" ] || continue
    rest=${file#src/}
    rest=${rest#include/mlp/}
    from=$(number "${rest%%/*}")
    if [ "$from" -eq 0 ]; then
        echo "$file: is in none of the layers: $layers"
        bad=1
        continue
    fi
    lines=$(wc -l <"$file")
    if [ "$lines" -gt 500 ] && [ "${file##*.}" != scd ]; then
        echo "$file: has $lines lines, where 500 are the most: split it"
        bad=1
    fi
    # shellcheck disable=SC2013 # header names are words
    for header in $(sed -n 's/^#include "mlp\/\([^"]*\)".*/\1/p' "$file"); do
        to=$(number "${header%%/*}")
        [ "$to" -ge 1 ] && [ "$to" -le "$from" ] && continue
        echo "$file: includes mlp/$header, which is no layer before ${rest%%/*}"
        bad=1
    done
done
exit $bad
