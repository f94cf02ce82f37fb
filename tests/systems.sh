#!/usr/bin/env bash
# systems.sh [RELEASE...] - the program on bare Debian systems, as a newcomer meets it: both commands of the README, then
# compilers, OpenBLAS packages and kernels, numbers of threads and limits, each with the bytes that are expected.
# Default: bookworm (Debian 12) and trixie (Debian 13). With CHECKED=RELEASE make check is left out there. Prints tables;
# exit 1 if a row failed, 77 if this machine cannot make such systems. Needs root, debootstrap and Debian's mirror; of
# MNIST, the files in data/mnist or ../shared/mnist.
#
# debootstrap makes a bare system once, in $BUILD/systems; each run works on a copy of it. Mounts live in a mount
# namespace that ends with the script, so none is left behind.
set -euo pipefail
self=$(realpath "$0")
cd "$(dirname "$self")/.."
systems=$(realpath -m "${BUILD:-build}")/systems

cannot() { echo "systems: $*" >&2 && exit 77; }
if [ "${1-}" != --in-namespace ]; then
    [ "$(id -u)" -eq 0 ] || cannot 'needs root: it makes systems and changes into them (sudo make check-systems)'
    command -v debootstrap >/dev/null || cannot 'needs debootstrap: scripts/setup.sh --dev installs it'
    unshare --mount true 2>/dev/null || cannot 'root may not mount here (is this a container?)'
    exec unshare --mount --propagation private "$self" --in-namespace "$@"
fi
shift
[ $# -gt 0 ] || set -- bookworm trixie
mkdir -p "$systems"
log=$systems/log
failed=0

# ---- a bare system ----

# Debian's mirror and proxy as this machine's apt has them; without a mirror debootstrap takes its own.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n 1 || true)
eval "$(apt-config shell http_proxy Acquire::http::Proxy 2>/dev/null || true)"
export http_proxy=${http_proxy-}

make_bare() { # RELEASE: the smallest system and git, as $systems/RELEASE
    [ ! -e "$systems/$1" ] || return 0
    rm -rf "$systems/$1.part"
    # shellcheck disable=SC2086
    debootstrap --variant=minbase --include=git "$1" "$systems/$1.part" $mirror
    chmod 1777 "$systems/$1.part/tmp" # whatever the umask here
    # dpkg need not wait for the disk: a broken system is made anew
    echo force-unsafe-io >"$systems/$1.part/etc/dpkg/dpkg.cfg.d/unsafe-io"
    mv "$systems/$1.part" "$systems/$1"
}

find_mnist() {
    for dir in "${MNIST_DIR:-}" ../shared/mnist data/mnist; do
        compgen -G "$dir/train-images?idx3-ubyte*" >/dev/null && echo "$dir" && return
    done
    true
}

start() { # RELEASE: a copy of the bare system as $root, with a clone of the committed tree in $home
    root=$systems/$1-run
    rm -rf "$root"
    cp -a "$systems/$1" "$root"
    mkdir -p "$systems/$1-packages/partial" "$root/mnist" "$root/runs"
    chmod 1777 "$root/runs"
    mount --bind "$systems/$1-packages" "$root/var/cache/apt/archives"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    [ -z "$mnist" ] || mount --bind "$mnist" "$root/mnist"
    cp /etc/resolv.conf "$root/etc"
    git -c safe.directory='*' clone --quiet "file://$PWD" "$root$home"
}

home="/home/a newcomer's/mlp-train"
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
network=''
# inside COMMAND...: in the clone, with the environment of a new login, without a network unless $network is set
# shellcheck disable=SC2016
inside() {
    $([ "$network" ] || echo unshare --net) chroot "$root" env -i HOME=/root TERM=dumb PATH=$path \
        ${network:+http_proxy="$http_proxy"} sh -c 'cd "$0" && exec "$@"' "$home" "$@"
}
install() { network=yes inside env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }
# setup.sh of the README's commands is the one that needs the network, for Debian's packages
setup() { network=yes inside scripts/setup.sh; }
readme_train() { setup && compile train && [ -s "$root$home/build/run/accuracy.png" ]; }
readme_check() { setup && inside make check; }
compile() { # ARGUMENT...: make, which may not warn
    inside make "$@" 2>&1 | tee "$log.make" && ! grep -q 'warning:' "$log.make"
}

# The package is built here, and installed in another copy of the bare system: apt finds what it needs, the program runs
# in an empty directory, and removing it leaves no file.
package() {
    local packages=$root/var/cache/apt/archives user=$systems/$system-user
    local root=$root home=$home
    install dpkg-dev scdoc lintian && inside make deb && inside sh -c 'lintian --fail-on error build/mlp-train_*.deb' || return
    rm -rf "$user"
    cp -a "$systems/$system" "$user"
    cp "$root$home"/build/mlp-train_*.deb "$user/mlp-train.deb"
    cp tests/cli/typed.py "$user"
    root=$user home=/empty
    mkdir "$root$home"
    mount --bind "$packages" "$root/var/cache/apt/archives"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    cp /etc/resolv.conf "$root/etc"
    network=yes inside apt-get update && install man-db bash-completion zsh python3 && installed
    local result=$?
    umount -R "$root/dev" "$root/proc" "$root/var/cache/apt/archives"
    rm -rf "$user"
    return $result
}
# shellcheck disable=SC2016
installed() {
    install /mlp-train.deb &&
        inside sh -ec 'mlp-train --data /usr/share/mlp-train/digits --csv curve.csv --save model | tail -n 1
            [ -s curve.csv ] && [ -s model ] && rm curve.csv model
            man mlp-train | grep -q "^ *mlp-train - "
            typed() { python3 /typed.py "$1" "$2" "$(printf "mlp-train $3")" "$4"; }
            for start in "bash . /usr/share/bash-completion/bash_completion" "zsh autoload -Uz compinit; compinit -u -D"; do
                typed "${start%% *}" "${start#* }" "--act\\t" --activation
                typed "${start%% *}" "${start#* }" "--activation \\t\\t" "relu sigmoid tanh"
            done' &&
        inside env DEBIAN_FRONTEND=noninteractive apt-get remove -y mlp-train && inside sh -ec '! command -v mlp-train
            left=$(find / -xdev -name "*mlp-train*" ! -path "/mlp-train.deb" ! -path "/var/*"); echo "left: $left"; [ -z "$left" ]'
}

step() { # TITLE COMMAND...: a row for a command; what it says goes into the log
    local title=$1 result=ok began=$SECONDS
    shift
    "$@" >"$log" 2>&1 </dev/null || result=FAILED
    printf '| %s | %s | | | | | %s, %d s |\n' "$system" "$title" $result $((SECONDS - began))
    [ $result = ok ] && return
    failed=$((failed + 1))
    grep -E '^not ok|^Failed|[Ww]arning:|[Ee]rror' "$log" | tail -n 20 >&2 || true
    tail -n 30 "$log" >&2
    cp "$log" "$log.$failed"
}

# ---- bytes ----

# Short runs: the first layer's products sparse, and dense and large enough for threads of OpenBLAS; MNIST.
jobs=('--data data/digits --iters 200 --lr 0.5 --eval-every 100'
    '--data data/digits --iters 30 --first-layer dense --hidden 96 --batch-size 500 --optimizer adam --lr 0.001')
mnist_job='--data data/mnist --iters 100 --eval-every 0'

# The program starts no more threads than there are processors. This library, preloaded, says that there are eight.
eight_processors() {
    cat >"$root/eight.c" <<'END'
#define _GNU_SOURCE
#include <sched.h>
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
    (void)pid;
    CPU_ZERO_S(size, set);
    for (size_t i = 0; i < 8; i++) CPU_SET_S(i, size, set);
    return 0;
}
END
    inside gcc -shared -fPIC /eight.c -o /eight.so
}

# train THREADS JOB: one run, into /runs; `limits` are the commands that it is run by
# shellcheck disable=SC2016,SC2086
train() {
    timeout -s KILL 60 "${limits[@]}" chroot "${as[@]}" "$root" env -i PATH=$path ${kernel:+OPENBLAS_CORETYPE=$kernel} \
        ${eight:+LD_PRELOAD=$eight} sh -c 'cd "$0" && exec "$@"' "$home" \
        "$program" --verbose ${1:+--threads $1} ${jobs[$2]} \
        --csv /runs/curve.csv --save /runs/model >"$log" 2>&1 </dev/null
}

# largest_difference A B: of the losses of two curves, as a part of themselves; fails above 1e-5
largest_difference() {
    paste -d, "$1" "$2" | awk -F, '
        function part(a, b) { return a == b ? 0 : (a > b ? a - b : b - a) / (b < 0 ? -b : b) }
        NR == 1 { next }
        { for (i = 3; i <= 7; i += 2) if ($i != "") { cells++; d = part($i, $(i + 10)); most = d > most ? d : most } }
        END { printf "%.0e", most; exit !(cells > 10 && most <= 1e-5) }'
}

# judge: the result of a row, into $result: all threads give the bytes of the first row with this kernel and compiler,
# losses are near those of the very first row
judge() {
    local job thread difference most=0 first='' said=''
    result=
    for job in "${!jobs[@]}"; do
        for thread in $threads; do
            rm -f "$root"/runs/*
            if ! train "${thread#default}" "$job"; then
                # no thread may be started: --threads 1 works, the default works or says why not
                if [ "$limit-$thread" = '1 process-default' ] && [ "$(grep -c '^mlp-train: ' "$log")" -eq 1 ]; then
                    said="; default: $(tail -n 1 "$log")"
                    continue
                fi
                result="FAILED: $(tail -n 1 "$log")"
                return
            fi
            if [ "$eight" ] && ! grep -q "^machine *$thread thread" "$log"; then
                result="FAILED: not $thread threads: $(grep '^machine' "$log")"
                return
            fi
            reference=$root/reference/$compiler-${kernel:-own}-$job
            [ -e "$reference.csv" ] || { first=ok && cp "$root/runs/curve.csv" "$reference.csv" && cp "$root/runs/model" "$reference"; }
            if ! cmp -s "$root/runs/curve.csv" "$reference.csv" || ! cmp -s "$root/runs/model" "$reference"; then
                result="FAILED: other bytes with $thread threads"
                return
            fi
        done
        [ -e "$root/runs/curve.csv" ] || continue # the last run was refused
        [ -e "$systems/reference-$job.csv" ] || cp "$root/runs/curve.csv" "$systems/reference-$job.csv"
        difference=$(largest_difference "$root/runs/curve.csv" "$systems/reference-$job.csv") ||
            { result="FAILED: the losses differ by $difference of themselves" && return; }
        most=$(printf '%s\n' "$most" "$difference" | sort -g | tail -n 1)
    done
    [ -z "$kernel" ] || grep -q "kernel $kernel" "$log" ||
        { result="FAILED: not this kernel: $(grep -o 'OpenBLAS.*' "$log")" && return; }
    result="${first:-same bytes}, losses differ by $most at most$said"
}

row() { # [RESULT]: a row for runs with these packages and limits
    if [ $# -eq 0 ]; then judge; else result=$1; fi
    printf '| %s | %s | %s | %s | %s | %s | %s |\n' \
        "$system" "$compiler" "$package" "${kernel:-its own}" "$threads" "$limit" "$result"
    case $result in FAILED*) failed=$((failed + 1)) ;; esac
}

can_run() { # KERNEL: has this processor its instructions?
    local flag
    case $1 in SkylakeX) set -- avx512f avx512bw avx512dq avx512vl ;; *) set -- avx2 fma ;; esac
    for flag; do grep -qw "$flag" /proc/cpuinfo || return 1; done
}

# cgroup CONTROLLER FILE VALUE: makes one below the root with this limit and prints its name; fails where that is not
# allowed. Version 1 of cgroups has a folder for each controller.
cgroup() {
    local group=/sys/fs/cgroup/$1
    [ -d "$group" ] || group=/sys/fs/cgroup
    group=$group/mlp-systems-$1
    { mkdir -p "$group" && echo "$3" >"$group/$2"; } 2>/dev/null && echo "$group"
}
end_cgroups() { rmdir /sys/fs/cgroup/mlp-systems-* /sys/fs/cgroup/*/mlp-systems-* 2>/dev/null || true; }
trap end_cgroups EXIT

limited() { # rows of a processor and processes that are not to be had
    local group
    kernel='' threads='1 default' limit='one core' eight=''
    limits=(taskset -c "$(taskset -pc $$ | sed 's/.*: *\([0-9]*\).*/\1/')")
    row
    limit='half a CPU'
    if group=$(cgroup cpu cpu.max '50000 100000' || cgroup cpu cpu.cfs_quota_us 50000); then
        # shellcheck disable=SC2016
        limits=(sh -c 'echo 0 >$0/cgroup.procs && exec "$@"' "$group")
        row
    else
        row 'skipped: no cgroup can be made here'
    fi
    limit='1 process'
    if group=$(cgroup pids pids.max 1); then
        # shellcheck disable=SC2016
        limits=(sh -c 'echo 0 >$0/cgroup.procs && exec "$@"' "$group")
    else # such a limit counts for users other than root
        limits=(prlimit --nproc=1)
        as=(--userspec=nobody:nogroup)
    fi
    row
    limits=(env) as=()
}

matrix() {
    local architecture
    architecture=$(inside gcc -print-multiarch)
    eight_processors
    limits=(env) as=()
    mkdir -p "$root/reference"
    for compiler in gcc clang; do
        program=build/$compiler/mlp-train
        for package in pthread serial openmp; do
            inside update-alternatives --set "libopenblas.so.0-$architecture" \
                "/usr/lib/$architecture/openblas-$package/libopenblas.so.0" >"$log"
            threads='1 2 4 8' limit='' kernel='' eight=/eight.so
            row
            for kernel in Haswell SkylakeX Zen; do
                if can_run $kernel; then row; else row 'skipped: this processor cannot run it'; fi
            done
            [ $compiler = clang ] || limited
        done
    done
}

# ---- all ----

mnist=$(find_mnist)
[ -z "$mnist" ] || jobs+=("$mnist_job")
rm -f "$systems"/reference-* "$log"*
began=$SECONDS
here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) # where make check-long tests the limits
printf 'MNIST: %s\n\n' "${mnist:-not here, make train takes the bundled digits}"
echo '| system | compiler or command | OpenBLAS | kernel | threads | limit | result |'
echo '|---|---|---|---|---|---|---|'
for system; do
    make_bare "$system" >"$log" 2>&1 || { tail -n 3 "$log" >&2 && echo "systems: $system: debootstrap failed" >&2 && exit 1; }
    start "$system"
    [ -z "$mnist" ] || step 'scripts/fetch-mnist.sh --from DIR' inside scripts/fetch-mnist.sh --from /mnist
    step 'scripts/setup.sh && make train' readme_train
    step 'make tests, no warning' compile -j "$(nproc)" tests
    [ "${CHECKED-}" = "$system" ] || step 'scripts/setup.sh && make check' readme_check
    [ "$system" = "$here" ] || step 'memory limits of 20 MB to 1 GB' inside env SHARE="${SHARE:-1}" tests/run tests/long/limits.bats
    step 'make chapter' inside make chapter
    step 'make deb, lintian; installed on another bare system, run, removed' package
    step 'apt-get install clang, OpenBLAS serial, openmp' install clang libopenblas0-serial libopenblas0-openmp
    step 'make CC=clang, no warning' compile -j "$(nproc)" CC=clang BUILD=build/clang BIN=build/clang/mlp-train all
    step 'make CC=clang CFLAGS=-O0 tests, no warning' compile -j "$(nproc)" CC=clang CFLAGS=-O0 BUILD=build/clang-O0 tests
    inside mkdir -p build/gcc && inside cp mlp-train build/gcc
    matrix
    umount -R "$root/dev" "$root/proc" "$root/var/cache/apt/archives"
    [ -z "$mnist" ] || umount "$root/mnist"
    rm -rf "$root"
done
echo "systems: $failed failed, $(((SECONDS - began) / 60)) min"
[ "$failed" -eq 0 ]
