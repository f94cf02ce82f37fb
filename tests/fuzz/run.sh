#!/bin/sh
# run.sh BUILD SECONDS TARGET... - fuzzes each target for that long, one after the other, from the
# seeds, what was found before, and the corpus that earlier runs left in BUILD/corpus. Says how many
# inputs were tried and how much of the code they reached (edges; features). A crash, a leak, an input
# that takes 10 seconds or more than 1 GiB ends with exit 1 and its file in BUILD/found.
# $FUZZ_SEED: begins with the same inputs each time; without it, ever new ones.
set -u
build=$1 seconds=$2
shift 2
here=$(dirname "$0")
failed=''
mkdir -p "$build/found" || exit 1
"$build/tests/fuzz/seeds" "$build/seeds" || exit 1

stat() { # NAME : libFuzzer's own count
    sed -n "s/^stat::$1: *//p" "$log"
}

printf '%-12s %12s %9s %9s %8s %8s\n' target executions per_sec edges features corpus
for target; do
    log=$build/$target.log
    corpus=$build/corpus/$target
    set -- "$corpus" "$build/seeds/$target"
    mkdir -p "$corpus"
    [ ! -d "$here/found/$target" ] || set -- "$@" "$here/found/$target"
    dictionary=$here/$target.dict
    [ ! -f "$dictionary" ] || set -- "-dict=$dictionary" "$@"
    ASAN_OPTIONS=allocator_may_return_null=1 nice -n 10 "$build/tests/fuzz/fuzz_$target" \
        "-seed=${FUZZ_SEED:-0}" "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=1024 -max_len=4096 \
        -print_final_stats=1 "-artifact_prefix=$build/found/$target-" "$@" >"$log" 2>&1 </dev/null
    status=$?
    reached=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) corp: \([0-9]*\).*/\1 \2 \3/p' "$log" | tail -n 1)
    # shellcheck disable=SC2086
    printf '%-12s %12s %9s %9s %8s %8s\n' "$target" "$(stat number_of_executed_units)" \
        "$(stat average_exec_per_sec)" $reached
    if [ "$status" -ne 0 ]; then
        failed="$failed $target"
        grep -E 'ERROR|SUMMARY|broken promise|runtime error|artifact' "$log" >&2 || tail -n 20 "$log" >&2
    fi
done
[ -z "$failed" ] || { echo "fuzz: FAILED:$failed (see $build/*.log and $build/found)" >&2; exit 1; }
