#!/bin/sh
# layers.sh - checks the rule of src/README.md: a layer includes only headers of itself and of the layers
# before it, and a file has at most 500 lines, the manual apart. Exit 1 and a line for each violation. Argument: another root to check.
set -eu
cd "${1:-$(dirname "$0")/..}"
set --
for file in src/*/* src/cli/page/* src/*.[ch] include/mlp/*/* include/mlp/*.h; do
    [ ! -f "$file" ] || set -- "$@" "$file"
done
awk -v layers='base formats data net train state cli' '
    function complain(text) { print file ": " text; bad = 1 }
    function too_long() {
        if (lines > 500 && file !~ /\.scd$/) complain("has " lines " lines, where 500 are the most: split it")
    }
    BEGIN { for (n = split(layers, name, " "); n > 0; n--) number[name[n]] = n }
    FNR == 1 {
        too_long()
        file = layer = FILENAME
        sub("^(src|include/mlp)/", "", layer)
        sub("/.*", "", layer)
        if (!(layer in number)) complain("is in none of the layers: " layers)
    }
    { lines = FNR }
    /^#include "mlp\// && layer in number {
        split($0, part, "\"")
        header = part[2]
        sub("^mlp/", "", header)
        to = header
        sub("/.*", "", to)
        if (!(to in number) || number[to] > number[layer]) complain("includes mlp/" header ", which is no layer before " layer)
    }
    END { too_long(); exit bad }' "$@"
