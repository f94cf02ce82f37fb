#!/bin/sh
# gate.sh - counts the instructions of 200 training iterations and fails above the bounds in gate.txt by more
# than a tenth: a regression gate that a busy machine cannot move.
#
#   tests/bench/gate.sh PROGRAM            compare
#   tests/bench/gate.sh --update PROGRAM   write the counts as the new bounds
#
# Counted is mlp_trainer_run, iterations and evaluations, on data/digits with one thread; loading, the dynamic
# linker and OpenBLAS's start depend on the system. Valgrind knows no AVX-512, so the versions for AVX2
# (x86-64-v3) run whatever the processor; where that has no AVX2, counts mean nothing and the gate is skipped. The
# bounds are of Debian 12's GCC and OpenBLAS with -O3; another compiler may need its own.
set -eu
here=$(dirname "$0")
update=
if [ "${1-}" = --update ]; then update=yes && shift; fi
program=$(realpath "${1:?usage: gate.sh [--update] PROGRAM}")
bounds=$here/gate.txt

skip() {
    printf 'gate: skipped: %s\n' "$*"
    exit 0
}
command -v valgrind >/dev/null || skip 'valgrind is not installed'
grep -qw avx2 /proc/cpuinfo 2>/dev/null || skip 'this processor has no AVX2, of which the bounds are'

# A kernel by name, not by processor; no `rep stos` in memset, whose every byte would count as an instruction.
export OPENBLAS_CORETYPE=Haswell OPENBLAS_NUM_THREADS=1
export GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=1000000000:glibc.cpu.x86_rep_movsb_threshold=1000000000

count() { # FIRST_LAYER: prints "FIRST_LAYER INSTRUCTIONS"
    words=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=mlp_trainer_run \
        "$program" --data "$here/../../data/digits" --iters 200 --eval-every 100 --threads 1 \
        --first-layer "$1" --quiet 2>&1) ||
        { printf 'gate: the program failed:\n%s\n' "$words" >&2 && exit 1; }
    printf '%s\n' "$words" | awk -v layer="$1" '/ Collected :/ { print layer, $4; found = $4 > 0 }
        END { if (!found) { print "gate: nothing was counted: is mlp_trainer_run gone?" > "/dev/stderr"; exit 1 } }'
}

sparse=$(count sparse)
dense=$(count dense)
counts=$(printf '%s\n%s\n' "$sparse" "$dense")
if [ -n "$update" ]; then
    printf '%s\n' "$counts" >"$bounds"
    cat "$bounds"
else
    printf '%s\n' "$counts" | awk -v slack=1.1 '
        NR == FNR { bound[$1] = $2; next }
        { ratio = bound[$1] > 0 ? $2 / bound[$1] : 0
          ok = ratio > 0 && ratio <= slack
          printf "%-6s %12.0f instructions, bound %12.0f, ratio %.3f: %s\n", $1, $2, bound[$1], ratio,
              ok ? "ok" : "ABOVE " slack
          failed += !ok }
        END { exit failed > 0 }' "$bounds" -
fi
