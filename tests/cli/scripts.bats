#!/usr/bin/env bats
# scripts.bats - the scripts around the program: setup.sh, fetch-mnist.sh, overfitting.sh, make-digits.py, and data/digits.
# Package managers and curl are stand-ins in a PATH of the test's own. What needs the real MNIST
# files is skipped where they are not.
# shellcheck disable=SC2016 # the stand-ins' own lines stand in single quotes
load common.bash

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    bin=$BATS_TEST_TMPDIR/bin
    dest=$BATS_TEST_TMPDIR/mnist
    log=$BATS_TEST_TMPDIR/log
    mkdir "$bin"
    touch "$log"
}

# fake NAME [LINE...]: an executable that logs how it was called, then does LINEs
fake() {
    local name=$1
    shift
    printf '%s\n' '#!/bin/sh' "echo $name \"\$@\" >>'$log'" "$@" >"$bin/$name"
    chmod +x "$bin/$name"
}

# says TEXT: the last run's output has it
says() {
    [[ $output == *"$1"* ]] || {
        printf 'no "%s" in:\n%s\n' "$1" "$output"
        return 1
    }
}

# never PATTERN: nothing of that kind was called
never() { ! grep -E "$1" "$log"; }

# ---- setup.sh

# run_setup UID ARGUMENT...: with nothing in the PATH but the stand-ins
run_setup() {
    fake id "echo $1"
    ln -sf "$(command -v cat)" "$bin/cat"
    shift
    run env PATH="$bin" /bin/sh "$root/scripts/setup.sh" "$@"
}

# bare_apt [LINE...]: a Debian with nothing installed
bare_apt() {
    fake apt-get "$@"
    fake dpkg-query 'exit 1'
    fake env 'while [ "${1#*=}" != "$1" ]; do shift; done; exec "$@"'
}

@test "setup.sh --dry-run: apt updates, then installs without questions, as root without sudo" {
    bare_apt
    run_setup 0 --dry-run
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    [ "${lines[0]}" = '+ apt-get update' ]
    [[ ${lines[1]} == '+ env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends '* ]]
    for package in gcc make pkg-config libopenblas-dev zlib1g-dev libdeflate-dev libpng-dev \
        libcmocka-dev bats perl gnuplot-nox curl python3-numpy; do
        says " $package"
    done
    never apt-get
}

@test "setup.sh --dry-run: the other package managers, by their names for OpenBLAS" {
    for case in 'dnf:rpm:dnf install -y:openblas-devel' 'pacman:pacman:pacman -S --needed --noconfirm:openblas' \
        'apk:apk:apk add --no-cache:openblas-dev'; do
        IFS=: read -r manager query install openblas <<<"$case"
        fake "$manager" 'exit 1'
        fake "$query" 'exit 1'
        run_setup 1000 --dry-run
        [ "$status" -eq 0 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output " == "+ sudo $install "*" $openblas "* ]]
        rm "$bin/$manager"
    done
}

@test "setup.sh --dry-run: brew never through sudo" {
    fake brew 'exit 1'
    fake cc
    run_setup 1000 --dry-run
    [ "$status" -eq 0 ]
    [[ $output == '+ brew install '*' openblas '* ]]
}

@test "setup.sh --dev adds the developers' tools" {
    bare_apt
    run_setup 0 --dry-run --dev
    for package in gcc clang clang-format clang-tidy cppcheck shellcheck valgrind dataset-fashion-mnist python3-sklearn; do
        says " $package"
    done
    run_setup 0 --dry-run
    [[ $output != *clang* ]]
}

@test "setup.sh installs only what is missing, through sudo when not root" {
    bare_apt
    fake dpkg-query 'case $* in *cmocka*) exit 1 ;; esac; echo "install ok installed "'
    fake sudo 'exec "$@"'
    run_setup 1000
    [ "$status" -eq 0 ]
    grep -qx 'sudo apt-get update' "$log"
    grep -qx 'apt-get install -y --no-install-recommends libcmocka-dev' "$log"
    says 'setup: ready'
}

@test "setup.sh takes a removed package, whose configuration is left, as missing" {
    bare_apt
    fake dpkg-query 'echo "deinstall ok config-files "'
    run_setup 0 --dry-run
    says ' gcc '
}

@test "setup.sh with everything installed says so and calls no package manager" {
    bare_apt
    fake dpkg-query 'echo "install ok installed "'
    run_setup 1000 --dev
    [ "$status" -eq 0 ]
    says 'nothing to do'
    never 'apt-get|sudo'
}

@test "setup.sh says which command failed, exit 1" {
    bare_apt 'case $1 in update) exit 100 ;; esac'
    run_setup 0
    [ "$status" -eq 1 ]
    says 'this failed: apt-get update'
    never install
}

@test "setup.sh: neither root nor sudo, unknown system, unknown option" {
    bare_apt
    run_setup 1000
    [ "$status" -eq 1 ]
    says 'not root and no sudo'
    rm "$bin/apt-get"
    run_setup 0
    [ "$status" -eq 1 ]
    says 'by hand: a C compiler'
    run_setup 0 --bogus
    [ "$status" -eq 2 ]
    says 'unknown argument --bogus'
    run_setup 0 --help
    [ "$status" -eq 0 ]
    says 'usage: scripts/setup.sh'
}

# ---- systems.sh

@test "systems.sh says in one line what it needs: root, and debootstrap" {
    fake id 'echo 1000'
    PATH="$bin:$PATH" run "$root/tests/systems.sh"
    [ "$status" -eq 77 ]
    [ "${#lines[@]}" -eq 1 ]
    says 'systems: needs root'
    fake id 'echo 0'
    PATH="$bin:/usr/bin:/bin" run "$root/tests/systems.sh" # debootstrap is in /usr/sbin
    [ "$status" -eq 77 ]
    [ "${#lines[@]}" -eq 1 ]
    says 'systems: needs debootstrap: scripts/setup.sh --dev installs it'
}

# ---- fetch-mnist.sh

fetch() { PATH="$bin:$PATH" run "$root/scripts/fetch-mnist.sh" "$@"; }

# fake_curl LINE...: LINEs with $url and $out set
fake_curl() {
    fake curl 'while [ $# -gt 1 ]; do case $1 in -o) out=$2 ;; esac; shift; done; url=$1; name=${url##*/}' "$@"
}

# left_in DIR: every file there, temporary ones too
left_in() { ls -A "$1"; }

# flip FILE OFFSET: another byte at that place
flip() {
    chmod u+w "$1"
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "the tests find MNIST in data/mnist, plain, gzipped or with dots in the names" {
    need_mnist
    cd "$BATS_TEST_TMPDIR"
    mkdir -p root/data/mnist other
    gzip -dc "$MNIST/train-images-idx3-ubyte.gz" >root/data/mnist/train-images-idx3-ubyte
    gzip -dc "$MNIST/train-labels-idx1-ubyte.gz" >root/data/mnist/train-labels.idx1-ubyte
    cp "$MNIST/t10k-images-idx3-ubyte.gz" root/data/mnist
    cp "$MNIST/t10k-labels-idx1-ubyte.gz" root/data/mnist/t10k-labels.idx1-ubyte.gz
    (
        unset MNIST_DIR
        # shellcheck disable=SC2034 # need_mnist reads them
        ROOT=$PWD/root BATS_FILE_TMPDIR=$PWD/other
        need_mnist
    )
    fetch --from other/mnist-gz "$dest"
    [ "$status" -eq 0 ]
    [ "$(left_in "$dest" | grep -c 'ubyte.gz$')" -eq 4 ]
}

@test "fetch-mnist.sh --from: copies, then has nothing to do and touches nothing" {
    need_mnist
    fake_curl 'exit 7'
    fetch --from "$MNIST" "$dest"
    [ "$status" -eq 0 ]
    [ "$(left_in "$dest" | wc -l)" -eq 4 ]
    for file in "$dest"/*; do cmp "$file" "$MNIST/${file##*/}"; done
    touch -d 2001-01-01 "$dest"/*
    fetch "$dest"
    [ "$status" -eq 0 ]
    says 'nothing to do'
    [ -z "$(find "$dest" -type f -newermt 2001-01-02)" ]
    [ ! -s "$log" ]
}

@test "fetch-mnist.sh replaces a file with one flipped bit, and a wrong plain file that would be read first" {
    need_mnist
    mkdir "$dest"
    cp "$MNIST"/*.gz "$dest"
    flip "$dest/t10k-images-idx3-ubyte.gz" 50000
    echo wrong >"$dest/t10k-labels-idx1-ubyte"
    fetch --from="$MNIST" "$dest"
    [ "$status" -eq 0 ]
    cmp "$dest/t10k-images-idx3-ubyte.gz" "$MNIST/t10k-images-idx3-ubyte.gz"
    [ ! -e "$dest/t10k-labels-idx1-ubyte" ]
    [ "${#lines[@]}" -eq 2 ]
}

@test "fetch-mnist.sh --from takes plain files and dots in the names" {
    need_mnist
    from=$BATS_TEST_TMPDIR/from
    mkdir "$from"
    cp "$MNIST/train-images-idx3-ubyte.gz" "$from/train-images.idx3-ubyte.gz"
    gzip -dc "$MNIST/train-labels-idx1-ubyte.gz" >"$from/train-labels-idx1-ubyte"
    gzip -dc "$MNIST/t10k-images-idx3-ubyte.gz" >"$from/t10k-images.idx3-ubyte"
    cp "$MNIST/t10k-labels-idx1-ubyte.gz" "$from"
    fetch --from "$from" "$dest"
    [ "$status" -eq 0 ]
    [ "$(left_in "$dest")" = 't10k-images-idx3-ubyte
t10k-labels-idx1-ubyte.gz
train-images-idx3-ubyte.gz
train-labels-idx1-ubyte' ]
    fetch "$dest"
    says 'nothing to do'
}

@test "fetch-mnist.sh goes on with the second mirror where the first one fails" {
    need_mnist
    fake_curl 'case $url in *ossci*/t10k*) exit 22 ;; esac' "cp '$MNIST'/\$name \$out"
    fetch "$dest"
    [ "$status" -eq 0 ]
    [ "$(left_in "$dest" | wc -l)" -eq 4 ]
    says 'https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz: the download failed'
    says 't10k-labels-idx1-ubyte.gz <- https://storage.googleapis.com/cvdf-datasets/mnist/'
    [ "$(grep -c ossci "$log")" -eq 3 ]
    [ "$(grep -c storage.googleapis "$log")" -eq 2 ]
}

@test "fetch-mnist.sh refuses what is truncated" {
    need_mnist
    fake_curl "head -c 5000000 '$MNIST'/\$name >\$out"
    fetch "$dest"
    [ "$status" -eq 1 ]
    says 'incomplete or damaged, 5000000 bytes'
    [ -z "$(left_in "$dest")" ]
}

@test "fetch-mnist.sh refuses another set's files, saying whose they are not" {
    fetch --from "$root/data/digits" "$dest"
    [ "$status" -eq 1 ]
    says "not MNIST's file: the content has SHA-256"
    [ -z "$(left_in "$dest")" ]
}

@test "fetch-mnist.sh with no network names both mirrors and the way out, and leaves nothing" {
    fake_curl 'echo "curl: (6) Could not resolve host" >&2' 'exit 6'
    fetch "$dest"
    [ "$status" -eq 1 ]
    says 'ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz: the download failed'
    says 'storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz: the download failed'
    says '--from DIR'
    [ -z "$(left_in "$dest")" ]
    [ "$(grep -c . "$log")" -eq 2 ]
}

@test "fetch-mnist.sh refuses a web page and an empty answer" {
    fake_curl 'echo "<!DOCTYPE html><title>403</title>" >$out'
    fetch "$dest"
    [ "$status" -eq 1 ]
    says 'a web page came'
    [ -z "$(left_in "$dest")" ]
    fake_curl ': >$out'
    fetch "$dest"
    [ "$status" -eq 1 ]
    says 'nothing came'
}

@test "fetch-mnist.sh stops a download that is far too large" {
    fake_curl 'exec head -c 100000000 /dev/zero >$out'
    fetch "$dest"
    [ "$status" -eq 1 ]
    says 'the download failed'
    [ -z "$(left_in "$dest")" ]
}

@test "fetch-mnist.sh, interrupted, leaves no temporary file" {
    fake_curl 'echo partial >$out' 'script=${out#*.fetch-mnist.}' 'kill -INT "${script%.part}"'
    fetch "$dest"
    [ "$status" -eq 130 ]
    [ -z "$(left_in "$dest")" ]
}

@test "fetch-mnist.sh leaves a wrong file alone when it has nothing better" {
    fake_curl 'exit 6'
    mkdir "$dest"
    echo mine >"$dest/train-images-idx3-ubyte.gz"
    fetch "$dest"
    [ "$status" -eq 1 ]
    [ "$(cat "$dest/train-images-idx3-ubyte.gz")" = mine ]
}

@test "fetch-mnist.sh: usage errors exit 2, --help 0" {
    for wrong in --bogus --from "--from=$dest"; do
        fetch "$wrong"
        [ "$status" -eq 2 ]
        says 'usage: scripts/fetch-mnist.sh'
    done
    fetch one two
    [ "$status" -eq 2 ]
    fetch --help
    [ "$status" -eq 0 ]
}

# ---- overfitting.sh

@test "overfitting.sh: the kept row of each run, mean and standard deviation over five seeds" {
    # Seed s ends with accuracies 0.9 and 0.s; by the validation loss its first row is better: 0.8 and 0.s.
    fake trainer 'for word; do case $last in --seed) seed=$word ;; --csv) csv=$word ;; esac; last=$word; done' \
        'case $* in *--validation*) early=0.1 late=0.2 ;; esac' \
        'printf "%s\n" iter,epoch,loss,lr,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc \
            "1,1,1,1,0.5,0.8,0.$seed,0.$seed,$early," "2,2,1,1,,,,,," "3,3,1,1,0.5,0.9,0.5,0.$seed,$late," >"$csv"'
    MLP_TRAIN=$bin/trainer run "$root/scripts/overfitting.sh" "$BATS_TEST_TMPDIR/runs"
    [ "$status" -eq 0 ]
    says '| nothing | 0.9000 ± 0.0000 | 0.3000 ± 0.1581 | 0.6000 ± 0.1581 | 0.5000 ± 0.0000 |'
    says '| `--validation 0.2` | 0.9000 ± 0.0000 | 0.3000 ± 0.1581 | 0.6000 ± 0.1581 | 0.5000 ± 0.0000 |'
    says '| `--validation 0.2 --early-stop 10` | 0.8000 ± 0.0000 | 0.3000 ± 0.1581 | 0.5000 ± 0.1581 | 0.3000 ± 0.1581 |'
    [ "$(find "$BATS_TEST_TMPDIR/runs" -name '*.csv' | wc -l)" -eq 25 ]
}

@test "overfitting.sh stops where a run fails, and wants one directory" {
    fake trainer 'exit 1'
    MLP_TRAIN=$bin/trainer run "$root/scripts/overfitting.sh" "$BATS_TEST_TMPDIR/runs"
    [ "$status" -ne 0 ]
    [ "$(wc -l <"$log")" -eq 1 ]
    run "$root/scripts/overfitting.sh"
    [ "$status" -eq 2 ]
    says usage
}

# ---- data/digits

@test "data/digits: the content has the checksums and sizes of data/README.md, under 500 kB together" {
    total=0
    for file in "$root"/data/digits/*.gz; do
        name=$(basename "$file" .gz)
        sum=$(gzip -dc "$file" | sha256sum | cut -d ' ' -f 1)
        bytes=$(gzip -dc "$file" | wc -c)
        grep -q "^ *$sum  $name  *$bytes\$" <(tr -d , <"$root/data/README.md")
        total=$((total + $(wc -c <"$file")))
    done
    [ "$(left_in "$root/data/digits" | wc -l)" -eq 4 ]
    [ "$total" -lt 500000 ]
}

@test "make-digits.py rebuilds data/digits" {
    [ -e /usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz ] ||
        skip 'the source is not installed (python3-sklearn; scripts/setup.sh --dev)'
    run python3 "$root/scripts/make-digits.py" --check
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 4 ]
}

@test "make-digits.py --check sees a changed pixel, and a missing file" {
    [ -e /usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz ] ||
        skip 'the source is not installed (python3-sklearn; scripts/setup.sh --dev)'
    cp -r "$root/data/digits" "$dest"
    gzip -d "$dest/t10k-images-idx3-ubyte.gz"
    flip "$dest/t10k-images-idx3-ubyte" 1000
    gzip -n "$dest/t10k-images-idx3-ubyte"
    rm "$dest/train-labels-idx1-ubyte.gz"
    gzip -dc "$dest/train-images-idx3-ubyte.gz" | gzip -n1 >"$dest/other"
    mv "$dest/other" "$dest/train-images-idx3-ubyte.gz"
    run python3 "$root/scripts/make-digits.py" --check "$dest"
    [ "$status" -eq 1 ]
    says 't10k-images-idx3-ubyte.gz: DIFFERENT'
    says 'train-labels-idx1-ubyte.gz: DIFFERENT'
    says 'train-images-idx3-ubyte.gz: same content, packed by another zlib'
    says 't10k-labels-idx1-ubyte.gz: identical'
}

@test "make-digits.py without its source says what to install" {
    run python3 "$root/scripts/make-digits.py" --source "$BATS_TEST_TMPDIR/none" "$dest"
    [ "$status" -eq 1 ]
    says 'apt-get install python3-sklearn'
    [ ! -e "$dest" ]
}

# ---- search.sh, best.sh

@test "search.sh: each configuration once, without the test images, going on where it was cut" {
    fake trainer 'for lr; do [ "$last" != --lr ] || break; last=$lr; done' \
        '[ "$lr" != "$STOP" ] || exit 1' 'echo "iter,epoch,loss"; echo "9,9,1,1,1,1,1,1,0.$lr,0.9$lr"'
    cd "$BATS_TEST_TMPDIR"
    printf '%s\n' '# two' '--lr 1 --epochs 3' '' '--lr 2 # faster' '--lr 3' '--lr 1 --epochs 3' >list
    STOP=2 MLP_TRAIN=$bin/trainer run "$root/scripts/search.sh" list results.csv
    [ "$status" -ne 0 ]
    [ "$(wc -l <results.csv)" -eq 2 ]
    MLP_TRAIN=$bin/trainer run "$root/scripts/search.sh" list results.csv
    [ "$status" -eq 0 ]
    [ "$(head -n 2 results.csv)" = "$(printf '%s\n' val_loss,val_acc,options '0.1,0.91,"--lr 1 --epochs 3"')" ]
    [ "$(tail -n 2 results.csv | sort | tr '\n' ' ')" = '0.2,0.92,"--lr 2" 0.3,0.93,"--lr 3" ' ]
    [ "$(grep -c -- '--test-limit 1 ' "$log")" -eq 4 ]
    [ "$(wc -l <"$log")" -eq 4 ]
    run "$root/scripts/search.sh" list
    [ "$status" -eq 2 ]
    says usage
}

@test "best.sh: mean, standard deviation, least and most of five seeds; what is there is not run again" {
    fake trainer 'for seed; do [ "$last" != --seed ] || break; last=$seed; done' \
        'echo "test accuracy 0.99$seed +- 0.0010 (1 of 2) at iteration 5, 1$seed.5 s, seed $seed"'
    MLP_TRAIN=$bin/trainer run "$root/scripts/best.sh" "$BATS_TEST_TMPDIR/runs"
    [ "$status" -eq 0 ]
    says '| `--preset best` | 0.9930 ± 0.0016 | 0.9910 | 0.9950 | 14 |'
    runs=$(wc -l <"$log")
    rm "$BATS_TEST_TMPDIR/runs/best-3.txt"
    MLP_TRAIN=$bin/trainer run "$root/scripts/best.sh" "$BATS_TEST_TMPDIR/runs"
    says '| `--preset best` | 0.9930 ± 0.0016 |'
    [ "$(wc -l <"$log")" -eq $((runs + 1)) ]
    run "$root/scripts/best.sh"
    [ "$status" -eq 2 ]
    says usage
}
