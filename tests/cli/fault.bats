#!/usr/bin/env bats
# fault.bats - calls of the system that fail: memory, files, disks, threads. A sample of the faults, that of all
# of them is tests/long/fault.bats. What is demanded of a run is told in tests/fault/inject.py.
load common.bash

@test "one in 20 of all the calls that can fail, made to fail: exit 1, one line, nothing lost or left" {
    getconf GNU_LIBC_VERSION >/dev/null 2>&1 || skip "hooks into glibc"
    "${PYTHON:-python3}" "$ROOT/tests/fault/inject.py" --program "$MLP_TRAIN" \
        --shim "${FAULT_SHIM:-$ROOT/build/tests/fault/shim.so}" --every 20 "$BATS_TEST_TMPDIR"
}
