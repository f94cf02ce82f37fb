#!/usr/bin/env bats
# documents.bats - what the documents print is true: every command line is accepted, every file, link, module, option
# and make target exists; the manual can be built.
load common.bash

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    MANUAL=$ROOT/src/cli/mlp-train.1.scd
    documents=("$ROOT/README.md" "$ROOT"/{src,tests,tests/bench,data,data/reference-run}/README.md "$MANUAL")
}

# printed MINIMUM REGEX FILE: what matches in the documents, once each, into FILE; at least MINIMUM of it
printed() {
    grep -ohE "$2" "${documents[@]}" | sort -u >"$3"
    [ "$(wc -l <"$3")" -ge "$1" ]
}

@test "every ./mlp-train line is accepted, cut short and on the bundled digits" {
    printed 40 '\./mlp-train( [^]`|;#>)\\]*)?' lines
    quick --quiet --save model.safetensors
    mkdir data && ln -s "$DIGITS" data/mnist && ln -s "$ROOT/data/models" "$ROOT/data/drawing.pbm" data
    printf 'P1 3 3 000010000\n' >drawing.pbm
    mkdir more && cp drawing.pbm a.png && cp drawing.pbm b.png && cp drawing.pbm more/c.png # the content counts, not the name
    while read -r _ options; do
        options=${options/\$seed/1} options=${options//\$lr/0.1} options=${options/DIR,*/$DIGITS}
        case $options in
        OPTIONS*) continue ;;
        *--eval*) short="--data $DIGITS --test-limit 50" ;;
        *--predict*) short=--quiet ;;
        *--help* | *--version*) short= ;;
        *--samples* | *--check-gradient*) short="--data $DIGITS --train-limit 50" ;;
        *"--lesson step"*) short="--data $DIGITS" ;;
        *--lesson*) short= ;;
        *--epochs* | *--preset*) short="--data $DIGITS --train-limit 50 --test-limit 50 --epochs 1" ;;
        *) short="--data $DIGITS --train-limit 50 --test-limit 50 --iters 1" ;;
        esac
        # shellcheck disable=SC2086
        mlp $options $short <drawing.pbm >out 2>&1 || { echo "$options"; cat out; return 1; }
    done <lines
}

@test "every gnuplot line draws" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    quick --quiet --csv curve.csv
    mkdir -p build/run && cp curve.csv build/run/
    ln -s "$ROOT/scripts" scripts
    printed 3 'gnuplot -c scripts/[a-z-]+\.gp [a-z/]*curve\.csv [a-z]+\.(png|svg)' lines
    while read -r line; do
        $line || { echo "$line"; return 1; }
        [ -s "${line##* }" ]
    done <lines
}

@test "every file is there" {
    printed 40 '\b(scripts|tests|data|include|src|\.ci)/[a-zA-Z0-9_./-]*[a-zA-Z0-9]' names
    while read -r name; do
        case $name in *NAME* | *MODULE* | *TOPIC* | *LAYER* | data/mnist* | tests/test_*) continue ;; esac # patterns, fetched, built
        [ -e "$ROOT/$name" ] || { echo "$name"; return 1; }
    done <names
}

@test "no file of a build is in the repository" {
    git -C "$ROOT" ls-files >files 2>/dev/null || skip "not a checkout of the repository"
    run ! grep -E '^build|^mlp-train$|\.([oad]|gcda|pyc)$' files
    cut -d/ -f1 files | LC_ALL=C sort -u | diff - <(printf '%s\n' .ci .clang-format .clang-tidy .cppcheck .editorconfig .github .gitignore \
        LICENSE Makefile README.md data include scripts src tests)
}

@test "every link leads to a file, every link within a page to a heading" {
    for document in "${documents[@]}"; do
        [ "$document" != "$MANUAL" ] || continue
        while read -r link; do
            case $link in
            http*) ;;
            '#'*) grep -qixE "#+ $(tr - ' ' <<<"${link#\#}")" "$document" || { echo "$document: $link"; return 1; } ;;
            *) [ -e "$(dirname "$document")/$link" ] || { echo "$document: $link"; return 1; } ;;
            esac
        done < <(grep -oE '\]\([^)]+\)' "$document" | tr -d '])(')
    done
}

@test "every make target is in the Makefile" {
    printed 15 '(`|\*|&& |^    )make [a-z-]+' targets
    while read -r line; do
        grep -qE "^${line##* }:" "$ROOT/Makefile" || { echo "$line"; return 1; }
    done <targets
}

@test "README.md has at most 200 lines" {
    [ "$(wc -l <"$ROOT/README.md")" -le 200 ]
}

@test "src/README.md names every module, and no other, under its layer" {
    sed -nE 's/^\| (base|formats|data|net|train|state|cli) \|(.*)/\1 \2/p' "$ROOT/src/README.md" |
        while read -r layer text; do grep -oE '`[a-z_0-9]+`' <<<"$text" | tr -d '`' | sed "s,^,$layer/,"; done |
        sort >named
    (cd "$ROOT/src" && ls -- */*.c ../include/mlp/*/*.h) | sed -E 's,^\.\./include/mlp/,,; s,\.[ch]$,,' | sort -u >there
    diff named there
}

# ---- the manual ----

@test "make man builds the manual, and man has nothing to say against it" {
    command -v scdoc >/dev/null || skip "no scdoc; scripts/setup.sh --dev installs it"
    make -s -C "$ROOT" BUILD="$BATS_TEST_TMPDIR" man
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS ENVIRONMENT FILES 'EXIT STATUS' DIAGNOSTICS EXAMPLES; do
        grep -qE "^\.SH \"?$section" mlp-train.1
    done
    if man --help 2>&1 | grep -q -e --warnings; then
        LC_ALL=C.UTF-8 man --warnings -l mlp-train.1 2>said >page
        [ ! -s said ] || { cat said; return 1; }
    fi
}

@test "the manual, --help all and the parser's table have the same options" {
    sed -nE '/^# OPTIONS/,/^# DATA/s/^\*--/&/p' "$MANUAL" | grep -oE -e '--[a-z0-9-]+' | sort >manual
    mlp --help all | grep -oE '^  --[a-z0-9-]+' | grep -oE -e '--[a-z0-9-]+' | sort -u >help
    sed -nE 's/^    \{[A-Z]+, [A-Z]+, "([a-z0-9-]+)".*/--\1/p' "$ROOT/src/cli/options_table.c" | sort >table
    [ "$(wc -l <help)" -gt 50 ]
    diff manual help
    diff table help
}


@test "the manual and --help have the same defaults" {
    mlp --help all >help
    "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/defaults.py" "$MANUAL" help
}

# ---- the word list ----

@test "words.py finds words, phrases across lines, parts of names, and no part of another word" {
    printf 'a\n// a room in\n * which it goes\n * on; bathroom,\nnever_TOLD()\n' >text
    run "$ROOT/tests/words.py" text
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[0]} == "text:2: 'room': write module"* ]]
    [[ ${lines[1]} == "text:3: 'goes on': write continue"* ]]
    [[ ${lines[2]} == "text:5: 'TOLD': write say"* ]]
    echo 'inside a training step nothing is a wrong word' >text
    "$ROOT/tests/words.py" text
    "$ROOT/tests/words.py" <text
}

@test "layers.sh finds an include of a later layer, a file in no layer, a file of more than 500 lines" {
    mkdir root
    cp -r "$ROOT/src" "$ROOT/include" root
    "$ROOT/tests/layers.sh" root
    echo '#include "mlp/net/network.h"' >>root/src/data/rows.c
    echo '#include "mlp/data/rows.h"' >>root/include/mlp/base/memory.h
    echo >root/src/stray.c
    seq -f '/* %g */' 501 >root/src/net/long.c
    run "$ROOT/tests/layers.sh" root
    [ "$status" -eq 1 ] && [ "${#lines[@]}" -eq 4 ]
    [ "${lines[0]}" = "src/data/rows.c: includes mlp/net/network.h, which is no layer before data" ]
    [[ "${lines[1]}" == "src/net/long.c: has 501 lines, "* ]]
    [[ "${lines[2]}" == "src/stray.c: is in none of the layers: base "* ]]
    [[ "${lines[3]}" == "include/mlp/base/memory.h: includes mlp/data/rows.h, "* ]]
}
