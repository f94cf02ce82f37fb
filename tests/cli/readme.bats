#!/usr/bin/env bats
# readme.bats - what README.md prints is there: every command line is accepted, every file and target exists.
load common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# printed FEWEST REGEX FILE: what of the README matches, once each, into FILE; at least FEWEST of it
printed() {
    grep -oE "$2" "$ROOT/README.md" | sort -u >"$3"
    [ "$(wc -l <"$3")" -ge "$1" ]
}

@test "every ./mlp-train line is accepted, cut short and on the bundled digits" {
    printed 25 '\./mlp-train( [^`|;#>]*)?' lines
    quick --quiet --save model.safetensors
    mkdir data && ln -s "$DIGITS" data/mnist
    printf 'P1 3 3 000010000\n' >drawing.pgm
    while read -r _ options; do
        options=${options/\$seed/1}
        case $options in
        *--eval*) short="--data $DIGITS --test-limit 50" ;;
        *--predict*) short=--quiet ;;
        *--samples*) short="--data $DIGITS --train-limit 50" ;;
        *) short="--data $DIGITS --train-limit 50 --test-limit 50 --iters 1" ;;
        esac
        # shellcheck disable=SC2086
        mlp $options $short <drawing.pgm >out 2>&1 || { cat out; return 1; }
    done <lines
}

@test "every test program has its source" {
    printed 2 'build/tests/test_[a-z]+' names
    while read -r name; do
        [ -f "$ROOT/tests/unit/${name##*/}.c" ] || { echo "$name"; return 1; }
    done <names
}

@test "every file is there" {
    printed 20 '\b(scripts|tests|data|include|src|\.ci)/[a-zA-Z0-9_./-]*[a-zA-Z0-9]' names
    while read -r name; do
        case $name in *NAME* | data/mnist* | tests/test_*) continue ;; esac # a pattern, fetched, built
        [ -e "$ROOT/$name" ] || { echo "$name"; return 1; }
    done <names
}

@test "every make target is in the Makefile" {
    printed 8 '(`|&& |^    )make [a-z-]+' targets
    while read -r line; do
        grep -qE "^${line##* }:" "$ROOT/Makefile" || { echo "$line"; return 1; }
    done <targets
}
