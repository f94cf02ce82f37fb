# fuzz.bats - what the fuzz targets promise, without libFuzzer: on their seeds, on every file that once
# broke a promise (tests/fuzz/found), and on a few hundred variants of each.
load common.bash

FUZZERS=$ROOT/${BUILD:-build}/tests/fuzz
case ${BUILD:-build} in /*) FUZZERS=$BUILD/tests/fuzz ;; esac

setup() {
    cd "$BATS_TEST_TMPDIR"
    "$FUZZERS/seeds" seeds
}

# replay TARGET VARIANTS LEAST : of at least LEAST files
replay() {
    local files=(seeds/"$1"/*)
    [ ! -d "$ROOT/tests/fuzz/found/$1" ] || files+=("$ROOT/tests/fuzz/found/$1"/*)
    [ "${#files[@]}" -ge "$3" ]
    run timeout 120 "$FUZZERS/fuzz_$1" "$2" "${files[@]}"
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [ "$output" = "${#files[@]} files, $((${#files[@]} * ($2 + 1))) runs" ] || { echo "$output"; return 1; }
}

@test "checkpoints" { replay checkpoint 100 15; }
@test "IDX, plain and gzip" { replay idx 100 40; }
@test "safetensors and models" { replay model 200 8; }
@test "netpbm, and drawings put into a frame" { replay netpbm 100 18; }
@test "PNG" { replay png 100 11; }
@test "the command line" { replay options 500 30; }
@test "the sparse first layer" { replay sparse 20 6; }

@test "every target has its test here" {
    for target in "$ROOT"/tests/fuzz/fuzz_*.c; do
        target=${target##*/fuzz_}
        grep -q "replay ${target%.c} " "$BATS_TEST_FILENAME"
    done
}

@test "the dictionary of the command line has every option, and every value that is a name" {
    mlp --help all | grep -oE '^ +--[a-z0-9-]+( [a-z|0-9-]+\|[a-z|0-9-]+)?' >options
    [ "$(wc -l <options)" -gt 50 ]
    missing=0
    while read -r word; do
        grep -qF "\"\\x00$word\\x00\"" "$ROOT/tests/fuzz/options.dict" || { echo "not there: $word"; missing=1; }
    done < <(tr -s ' |' '\n' <options | grep .)
    [ "$missing" -eq 0 ]
}

@test "a replay counts what it runs, and names a file that it cannot read" {
    run "$FUZZERS/fuzz_options" 3 seeds/options/00 seeds/options/01
    [ "$output" = "2 files, 8 runs" ]
    run "$FUZZERS/fuzz_options" 3 seeds/options/none
    [ "$status" -eq 2 ]
    case $output in *seeds/options/none*) ;; *) false ;; esac
}
