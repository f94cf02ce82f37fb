#!/usr/bin/env bats
# limits.bats - memory limits from 20 MB to 1 GB in steps of 10 MB, of SHARE times 10 MB with SHARE=N: every run
# ends, with success or one line.
load ../cli/common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "the bundled digits" { sweep "$DIGITS" $((10 * ${SHARE:-1})) 20; }

@test "MNIST" {
    need_mnist
    sweep "$MNIST" $((10 * ${SHARE:-1})) 20
}
