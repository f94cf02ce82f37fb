#!/usr/bin/env bats
# portable.bats - other processors, emulated by qemu: see tests/portable.sh.
load ../cli/common.bash

# portable WHERE: what it says is shown
portable() {
    run "$ROOT/tests/portable.sh" "$1"
    [ "$status" -ne 77 ] || skip "$output"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}

@test "an x86-64 without AVX: unit tests pass, curves agree to five digits" { portable nehalem; }
@test "aarch64: unit tests pass, curves agree to five digits" { portable aarch64; }
