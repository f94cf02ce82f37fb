#!/usr/bin/env bats
# sweep.bats - scripts/sweep.sh over 200 short runs, with SWEEP_SEEDS=250 over 1,000, SHARE=N over a part: interrupted ten times anywhere,
# results.csv is right each time. What a run costs beyond the program's own time is printed, not judged: other work on
# the machine decides it too.
load ../cli/common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }
teardown() { [ -z "${sweeping-}" ] || kill -KILL -- -"$sweeping" 2>/dev/null || true; }

grid() { printf '%s\n' "--data $BATS_TEST_TMPDIR/data" '--train-limit 100' '--test-limit 50' '--iters 20' '--eval-every 10' '--checkpoint-every 0' '--lr 0.1 0.2 0.5 1' "--seed $(seq -s ' ' "$1")" >grid; }

@test "hundreds of runs, interrupted ten times: each row is right at any time, each run is completed once" {
    [[ $(parallel --version 2>/dev/null) == GNU* ]] || skip 'no GNU parallel (scripts/setup.sh --dev)'
    mkdir data
    for file in "$DIGITS"/*.gz; do
        name=${file##*/}
        gzip -dc "$file" >"data/${name%.gz}"
    done
    grid $((${SWEEP_SEEDS:-50} / ${SHARE:-1}))
    began=$(date +%s.%N)
    "$ROOT/scripts/sweep.sh" grid expected
    awk -F, -v began="$began" -v ended="$(date +%s.%N)" -v jobs="$(nproc)" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") column = i; next }
        { own += $column }
        END { printf "# %.1f s for %d runs: %.0f ms a run beyond the program'\''s own\n", ended - began, NR - 1, 1000 * (ended - began - own / jobs) / (NR - 1) }' \
        expected/results.csv >&3
    plain() { awk -F, -v OFS=, 'NR > 1 { $(NF - 3) = $(NF - 2) = ""; print }' "$1"; } # without seconds and host
    plain expected/results.csv >expected.rows
    for signal in TERM INT KILL TERM INT KILL TERM INT KILL TERM; do
        setsid "$ROOT/scripts/sweep.sh" grid out >said 2>&1 3>&- &
        sweeping=$!
        sleep "$((RANDOM % 4)).$((RANDOM % 10))"
        if [ $signal = TERM ]; then kill -TERM $sweeping || true; else kill -$signal -- -$sweeping || true; fi
        wait $sweeping || true
        [ -e out/results.csv ] || continue
        plain out/results.csv >rows
        [ -z "$(cut -d , -f 1 rows | uniq -d)" ]
        [ -z "$(comm -23 <(sort rows) <(sort expected.rows))" ]
    done
    "$ROOT/scripts/sweep.sh" grid out
    plain out/results.csv | diff - expected.rows
}
