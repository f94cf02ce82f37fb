#!/bin/sh
# portable.sh nehalem|aarch64 - the unit tests and some short runs on an emulated x86-64 without AVX, or cross-compiled
# for aarch64 with Debian's libraries of it: the same CSV as here, to printed digits. After `make tests`. Exit 77: a tool is missing.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
unset OPENBLAS_CORETYPE # a kernel chosen for this processor may not run on the emulated one
skip() { echo "$*" && exit 77; }

[ "$(uname -sm)" = 'Linux x86_64' ] || skip 'compares with x86-64'
here=${MLP_TRAIN:-./mlp-train}
# Without those that are slow in an emulator: the runs below do what they test, or it does not depend on the processor.
units=$(basename -s .c tests/unit/test_*.c | grep -v -e trainer -e augment -e checkpoint -e normalize -e idx -e evaluate -e properties -e team -e source -e file)

# The libraries that Debian has for aarch64 into $1, as packages, with lists of their own: nothing is installed.
fetch_root() {
    root=$1
    apt="apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State=$root/state
        -o Dir::State::status=$root/state/status -o Dir::Cache=$root/cache -o Debug::NoLocking=1 -o APT::Sandbox::User="
    mkdir -p "$root/state/lists/partial" "$root/cache/archives/partial" "$root/packages"
    : >"$root/state/status"
    $apt update
    (cd "$root/packages" && $apt download libc6 libc6-dev linux-libc-dev libgcc-s1 libgfortran5 libopenblas0-pthread \
        zlib1g zlib1g-dev libdeflate0 libdeflate-dev libcmocka0 libcmocka-dev)
    for package in "$root"/packages/*.deb; do dpkg-deb -x "$package" "$root"; done
    rm -r "$root/state" "$root/cache" "$root/packages"
    : >"$root/complete"
}

case ${1-} in
nehalem)
    command -v qemu-x86_64 >/dev/null || skip 'needs qemu-x86_64 (qemu-user)'
    other=$build
    program=$here
    there='qemu-x86_64 -cpu Nehalem'
    ;;
aarch64)
    command -v qemu-aarch64 >/dev/null || skip 'needs qemu-aarch64 (qemu-user)'
    command -v aarch64-linux-gnu-gcc >/dev/null || skip 'needs aarch64-linux-gnu-gcc (gcc-aarch64-linux-gnu)'
    command -v apt-get >/dev/null || skip 'needs apt-get for the libraries'
    other=$PWD/$build/aarch64
    root=$PWD/$build/aarch64-root
    [ -e "$root/complete" ] || fetch_root "$root" >/dev/null 2>&1 || skip 'the libraries for aarch64 cannot be had'
    program=$other/mlp-train
    there="qemu-aarch64 -L $root -E LD_LIBRARY_PATH=/usr/lib/aarch64-linux-gnu/openblas-pthread"
    # shellcheck disable=SC2046,SC2086
    env -u MAKEFLAGS -u MAKELEVEL -u MLP_TRAIN make -j 2 BUILD="$other" BIN="$program" CC="aarch64-linux-gnu-gcc --sysroot=$root" PKG_CONFIG=false \
        DEFLATE_LIBS=-ldeflate PNG_LIBS= LDFLAGS="-Wl,-rpath-link,$root/usr/lib/aarch64-linux-gnu" \
        all $(printf "$other/tests/%s " $units) >/dev/null
    ;;
*) echo 'usage: portable.sh nehalem|aarch64' >&2 && exit 2 ;;
esac

# shellcheck disable=SC2046,SC2086
CMOCKA_MESSAGE_OUTPUT=TAP prove -Q --jobs 2 --exec "$there" $(printf "$other/tests/%s " $units)

# compare A B: the losses of two curves; prints by how much of themselves they differ at most, fails above 1e-5.
compare() {
    paste -d, "$1" "$2" | awk -F, '
        function part(a, b) { return a == b ? 0 : (a > b ? a - b : b - a) / (b < 0 ? -b : b) }
        NR == 1 { next }
        $1 != $11 || $2 != $12 || $4 != $14 { wrong = 1 }
        { for (i = 3; i <= 10; i++) {
            if (($i == "") != ($(i + 10) == "")) wrong = 1
            if ($i == "" || i == 4) continue
            cells++
            most = part($i, $(i + 10)) > most ? part($i, $(i + 10)) : most
        } }
        END { printf "%d cells, differ by at most %.1e of themselves", cells, most; exit wrong || cells == 0 || most > 1e-5 }'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
while read -r options; do
    # shellcheck disable=SC2086
    set -- --data data/digits --quiet --threads 2 $options
    "$here" "$@" --csv "$work/here.csv" >"$work/out"
    $there "$program" "$@" --csv "$work/there.csv" --save "$work/model" >"$work/out"
    difference=$(compare "$work/here.csv" "$work/there.csv") || { echo "$options: $difference: too much" && exit 1; }
    echo "$options: $difference"
    # a model from there means the same here
    accuracy=$("$here" --data data/digits --load "$work/model" --eval --quiet)
    grep -qF "${accuracy%,*}" "$work/out" || { echo "$options: $accuracy, but there: $(cat "$work/out")" && exit 1; }
done <<'END'
--iters 100 --eval-every 50 --lr 0.5
--iters 30 --first-layer dense --activation tanh --optimizer adam --lr 0.001
--iters 30 --activation relu --init he --dropout 0.2 --validation 0.2 --sampling shuffle
--iters 20 --augment elastic --loss squared-error --batch-size 20 --label-smoothing 0.1
END
