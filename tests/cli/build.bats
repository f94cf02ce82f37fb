# build.bats - the Makefile: whose flags it takes, what it compiles anew, what it installs.
# Builds in a directory of its own; most questions are answered by `make -n`.
bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    unset MAKEFLAGS MAKELEVEL CFLAGS CPPFLAGS LDFLAGS
    export BUILT=$BATS_FILE_TMPDIR
    build -j 2 >/dev/null
}

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

build() { # ARGUMENT...: make with what setup_file built
    make BUILD="$BUILT/build" BIN="$BUILT/mlp-train" CFLAGS=-O0 "$@"
}

plan() { # ARGUMENT...: the commands of a build from nothing
    make -n BUILD="$BATS_TEST_TMPDIR" BIN="$BATS_TEST_TMPDIR/mlp-train" "$@"
}

# compilations TEXT: there are some in $output, and each has TEXT
compilations() {
    local all
    all=$(grep -e ' -c ' <<<"$output")
    [ "$(grep -c -e "$1" <<<"$all")" -eq "$(wc -l <<<"$all")" ]
}

@test "the user's CC, CFLAGS and CPPFLAGS go to every compilation, LDFLAGS and LDLIBS to the link" {
    run plan CC=my-cc CFLAGS=-Omine CPPFLAGS=-DMINE LDFLAGS=-Lmine LDLIBS=-lmine
    compilations 'my-cc .* -DMINE .* -Omine '
    [[ $output == *"my-cc "*" -Lmine "*"/src/cli/main.o "*" -lmine "*"-lz"* ]]
    [[ $output != *"-O3"* ]]
}

@test "the environment's CFLAGS count as well" {
    CFLAGS=-Omine run plan
    compilations ' -Omine '
}

@test "the program is linked with a BLAS only where BLAS_LIBS names one, which must have CBLAS" {
    run plan
    [[ $output != *"-lopenblas -lz"* ]]
    for none in -lm "-lm -lz" -lnothing; do
        run plan BLAS_LIBS="$none"
        [[ $status -eq 2 && ${#lines[@]} -eq 1 && $output == *"BLAS_LIBS=$none: no library with cblas_sgemm; name one"* ]]
    done
    [ "$(uname -s)" = Linux ] || return 0
    run plan BLAS_LIBS=-l:libopenblas.so.0
    [[ $output == *"cblas_sgemm -l:libopenblas.so.0"* ]]
    cp -r "$BUILT" "$BATS_TEST_TMPDIR/copy"
    ldconfig -p | grep -q 'libblis\.so\.4' || skip "no libblis; Debian's package is libblis4-pthread"
    BUILT=$BATS_TEST_TMPDIR/copy build -j 2 BLAS_LIBS=-l:libblis.so.4 BIN="$BATS_TEST_TMPDIR/linked"
    "$BATS_TEST_TMPDIR/linked" --version | grep "CBLAS of unknown make"
}

@test "libdeflate is used where pkg-config finds it, DEFLATE_LIBS= does without" {
    run plan DEFLATE_LIBS=-lmydeflate
    compilations ' -DMLP_LIBDEFLATE '
    [[ $output == *" -lz -lmydeflate"* ]]
    run plan DEFLATE_LIBS=
    [[ $output != *"LIBDEFLATE"* ]]
}

@test "portable by default, the machine's own instructions with NATIVE=1" {
    run plan
    [[ $output != *"-march"* ]]
    run plan NATIVE=1
    compilations ' -march=native '
}

@test "nothing is compiled twice, but all is with other flags" {
    run build -n
    [[ $output != *" -c "* ]]
    run build -n NATIVE=1
    [ "$(grep -c ' -c ' <<<"$output")" -eq "$(find src -name '*.c' | wc -l)" ]
}

@test "a changed header compiles what includes it, and nothing else" {
    run build -n -W include/mlp/formats/idx.h
    [[ $output == *" -c src/formats/idx.c "*"mlp-train"* ]]
    [[ $output != *" -c src/base/rng.c "* ]]
}

@test "install puts the program below DESTDIR and PREFIX, uninstall takes it away" {
    stage=$BATS_TEST_TMPDIR/a\ stage
    build install DESTDIR="$stage" PREFIX=/opt/mlp
    [ -z "$(cd "$stage" && find . -type f ! -path './opt/mlp/*mlp-train*')" ]
    if command -v scdoc >/dev/null; then grep -q '^.TH "mlp-train"' "$stage/opt/mlp/share/man/man1/mlp-train.1"; fi
    "$stage/opt/mlp/bin/mlp-train" --version
    build uninstall DESTDIR="$stage" PREFIX=/opt/mlp
    [ -z "$(find "$stage" -type f)" ]
}

@test "make help lists each target once" {
    run make help
    [ "$status" -eq 0 ]
    for target in all check train figures bench lint asan memcheck coverage fuzz man mutate install uninstall dist deb clean help; do
        [ "$(grep -c "^$target " <<<"$output")" -eq 1 ]
    done
}

@test "make clean leaves nothing" {
    cp -r "$BUILT" "$BATS_TEST_TMPDIR/copy"
    BUILT=$BATS_TEST_TMPDIR/copy build clean
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/copy")" ]
}

@test "a folder whose name has spaces and quotes: make, tests, install, and clean leaves what was there" {
    unset MLP_TRAIN TWIN BUILD
    local folder="$BATS_TEST_TMPDIR/it's a \"folder\""
    mkdir -p "$folder/data"
    cp -r Makefile include src tests scripts "$folder"
    cp -r data/digits data/models "$folder/data"
    cd "$folder"
    find . -name __pycache__ -prune -exec rm -r {} +
    find . >"$BATS_TEST_TMPDIR/before"
    make -j 2 CFLAGS=-O0 all build/tests/test_rng build/tests/twin/dump >/dev/null
    build/tests/test_rng >/dev/null
    [ "$(make --eval 'show: ; @printenv MLP_TRAIN TWIN' show)" = "$PWD/mlp-train
$PWD/build/tests/twin/dump" ]
    make CFLAGS=-O0 install DESTDIR="$PWD/a stage" PREFIX=/usr >/dev/null
    "a stage/usr/bin/mlp-train" --data data/digits --iters 3 --quiet
    rm -r "a stage"
    mkdir tests/bench/__pycache__ # as Python leaves it
    make clean >/dev/null
    find . | diff "$BATS_TEST_TMPDIR/before" -
}

@test "make lint checks style with Debian 12's tools alone, the compilers' warnings everywhere" {
    for version in 14.0.6 19.1.7; do
        printf '#!/bin/sh\necho Debian clang-format version %s\n' $version >"$BATS_TEST_TMPDIR/clang-format"
        chmod +x "$BATS_TEST_TMPDIR/clang-format"
        PATH=$BATS_TEST_TMPDIR:$PATH run make -n lint BUILD="$BUILT/lint"
        [ "$status" -eq 0 ]
        [[ $output == *" CC=gcc WERROR=1 "*" CC=clang WERROR=1 "* ]]
        case $version in
        14*) [[ $output == *"clang-format --dry-run"*"clang-tidy"*"cppcheck"*"shellcheck"* && $output != *"not checked"* ]] ;;
        *) [[ $output == *"that of Debian 12 (clang-format 14), here is Debian clang-format version 19.1.7"* && $output != *clang-tidy* ]] ;;
        esac
    done
}

@test "every mutation finds the text that it changes, once" {
    run "${PYTHON:-python3}" tests/mutation/mutate.py --verify
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

# ---- guards ----

@test "the program has every guard: PIE, RELRO, bound at the start, stack protector, checked calls" {
    [ "$(uname -s)" = Linux ] || skip "asked for on Linux alone"
    command -v readelf >/dev/null || skip "no readelf; Debian's package is binutils"
    make -j 2 BUILD="$BATS_TEST_TMPDIR" BIN="$BATS_TEST_TMPDIR/mlp-train" CFLAGS=-O1 >/dev/null
    run tests/hardened.sh "$BATS_TEST_TMPDIR/mlp-train"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$(grep -c '^yes' <<<"$output")" -eq 9 ]
}

@test "the guards give way: to CFLAGS and LDFLAGS of yours, to HARDEN=, where they cannot be" {
    [ "$(uname -s)" = Linux ] || skip "asked for on Linux alone"
    run plan CFLAGS="-O2 -fno-stack-protector" LDFLAGS=-Wl,-z,lazy
    compilations ' -fstack-protector-strong -O2 -fno-stack-protector '
    compilations ' -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=[23] '
    [[ $output == *" -Wl,-z,relro,-z,now,-z,noexecstack -Wl,-z,lazy "* ]]
    run plan CPPFLAGS=-D_FORTIFY_SOURCE=1
    [ "$(grep -c -e '_FORTIFY_SOURCE=[23]' <<<"$output")" -eq 0 ]
    for without in CFLAGS=-O0 SANITIZE=-fsanitize=address; do
        run plan $without
        [[ $output != *_FORTIFY_SOURCE* ]]
    done
    run plan HARDEN=
    [[ $output != *FORTIFY* && $output != *stack-protector* && $output != *relro* ]]
    if command -v readelf >/dev/null; then
        run tests/hardened.sh "$BUILT/mlp-train" # -O0
        [ "$status" -eq 1 ]
        [ "$(grep '^NO' <<<"$output")" = "NO   checked calls of libc (_FORTIFY_SOURCE)" ]
    fi
}

@test "make check shows what a failing test printed and how to repeat it, and ends a test that hangs" {
    local at=$BATS_TEST_TMPDIR
    printf '@test "wrong" {\n    echo so it went\n    [ 1 -eq 2 ]\n}\n' >"$at/wrong.bats"
    printf '@test "hangs" {\n    sleep 4321 &\n    sleep 4322\n}\n' >"$at/hangs.bats"
    printf '#!/bin/sh\nsleep 4323\n' >"$at/hangs"
    chmod +x "$at/hangs"
    TEST_SECONDS=3 run timeout 120 make -s -o tests -o mlp-train check UNIT_TESTS="$at/hangs" CLI_TESTS="$at/wrong.bats $at/hangs.bats"
    [ "$status" -ne 0 ]
    [[ $output == *"[ 1 -eq 2 ]' failed"* && $output == *"so it went"* ]]
    [[ $output == *"to repeat it: tests/run $at/wrong.bats"* ]]
    [[ $output == *"hangs # timeout"* ]]
    run ! pgrep -f 'sleep 432[123]'
}
