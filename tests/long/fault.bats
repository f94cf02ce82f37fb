#!/usr/bin/env bats
# fault.bats - every call that can fail, made to fail, one after the other: see tests/fault/inject.py.
# With SHARE=N one in N of them.
load ../cli/common.bash

@test "all the calls that can fail, made to fail: exit 1, one line, nothing lost or left" {
    getconf GNU_LIBC_VERSION >/dev/null 2>&1 || skip "hooks into glibc"
    run "${PYTHON:-python3}" "$ROOT/tests/fault/inject.py" --program "$MLP_TRAIN" \
        --shim "${FAULT_SHIM:-$ROOT/build/tests/fault/shim.so}" --every "${SHARE:-1}" "$BATS_TEST_TMPDIR"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
