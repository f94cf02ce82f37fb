#!/usr/bin/env bats
# blas.bats - every BLAS package of Debian, processors, processes and memory: the same bytes, or one line.
load common.bash

setup_file() {
    DIRECTORY=$(dirname "$(ldconfig -p | awk '/libopenblas\.so\.0 / { print $NF; exit }')")
    export DIRECTORY # /lib/x86_64-linux-gnu
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

short() { mlp --data "$DIGITS" --iters 200 --eval-every 50 --quiet "$@"; }

# kernel: that BLAS multiplies with
kernel() { mlp --version | sed -n 's/.*kernel \([^,]*\).*/\1/p'; }

@test "each package of OpenBLAS gives the same bytes, for each number of threads" {
    local found=0 first=
    for build in pthread serial openmp; do
        [ -e "$DIRECTORY/openblas-$build/libopenblas.so.0" ] || continue
        found=$((found + 1))
        export LD_LIBRARY_PATH=$DIRECTORY/openblas-$build
        mlp --version | grep -qi "$build build"
        [ "${first:=$(kernel)}" = "$(kernel)" ]
        for layer in dense sparse; do
            for threads in 1 2 4 2 4; do
                short --first-layer $layer --threads $threads --csv $layer.csv >/dev/null
                [ -e first-$layer.csv ] || cp $layer.csv first-$layer.csv
                cmp $layer.csv first-$layer.csv
            done
        done
    done
    [ $found -gt 0 ] || skip "Debian's packages of OpenBLAS are not here"
    echo "# $found packages" >&3
}

@test "a BLAS of another make gives the same to printed digits" {
    local found=0
    short --first-layer dense --csv usual.csv >/dev/null
    for library in blis-*/libblis.so.4 libcblas.so.3 blas/libblas.so.3; do
        library=$(compgen -G "$DIRECTORY/$library" | head -n 1) && [ -e "$library" ] || continue
        found=$((found + 1))
        LD_PRELOAD=$library mlp --version | grep -q "CBLAS of unknown make, one call at a time"
        LD_PRELOAD=$library short --first-layer dense --threads 2 --csv other.csv >/dev/null
        paste -d, usual.csv other.csv | awk -F, 'NR > 1 { d = ($3 - $13) / $3; if (d < 0) d = -d; if (d > most) most = d }
            END { exit NR < 200 || most > 1e-5 }'
    done
    [ $found -gt 0 ] || skip "no other BLAS here; Debian's packages are libblis4-pthread, libatlas3-base, libblas3"
}

@test "OpenBLAS is not loaded before it is needed, and starts no thread" {
    command -v strace >/dev/null || skip "no strace; scripts/setup.sh --dev installs it"
    strace -f -e trace=openat,clone,clone3 -o trace "$MLP_TRAIN" --help >/dev/null || skip "no strace in this container"
    run ! grep -q blas trace
    OPENBLAS_NUM_THREADS=8 OMP_NUM_THREADS=8 strace -f -e trace=openat,clone,clone3 -o trace "$MLP_TRAIN" --version >/dev/null
    grep -q blas trace
    run ! grep -q clone trace
}

# stub CONFIG: the least that passes for an OpenBLAS, as libopenblas.so.0 here; its own choice is an old kernel
stub() {
    cat - >stub.c <<'END'
#include <stdlib.h>
char *openblas_get_config(void) { return "OpenBLAS 9.8.7" CONFIG; }
int openblas_get_parallel(void) { return 1; }
static const char *kernel;
__attribute__((constructor)) static void choose(void) {
    kernel = getenv("OPENBLAS_CORETYPE");
    kernel = kernel == NULL || *kernel == 0 ? "Prescott" : kernel;
}
char *openblas_get_corename(void) { return (char *)kernel; }
void cblas_sgemm(void) {}
void cblas_sgemv(void) {}
END
    cc -shared -fPIC "-DCONFIG=\"$1\"" stub.c -o libopenblas.so.0 2>/dev/null || skip "no compiler"
}

# version WISH: of the program with the library here and this OPENBLAS_CORETYPE
version() { OPENBLAS_CORETYPE=$1 LD_LIBRARY_PATH=$PWD mlp --version; }

@test "a kernel older than the processor is replaced, but not one that the user asks for" {
    grep -qw avx2 /proc/cpuinfo || skip "this processor has no better kernel"
    stub ""
    run -0 version ""
    [[ $output =~ "OpenBLAS 9.8.7, kernel "(Haswell|SkylakeX|Cooperlake)", pthread build" ]]
    run -0 version Nehalem
    [[ $output == *"OpenBLAS 9.8.7, kernel Nehalem, "* ]]
}

@test "a kernel that the processor cannot run is refused" {
    command -v qemu-x86_64 >/dev/null || skip "no qemu-x86_64, for an old processor; scripts/setup.sh --dev installs it"
    [ "$(uname -m)" = x86_64 ] || skip "asks for kernels of x86-64"
    stub ""
    for kernel in Haswell Zen SkylakeX; do
        OPENBLAS_CORETYPE=$kernel LD_LIBRARY_PATH=$PWD run --separate-stderr qemu-x86_64 -cpu Nehalem "$MLP_TRAIN" --version
        output='' fails 2 "cannot run the kernel $kernel"
    done
}

@test "an OpenBLAS with integers of 64 bits is refused" {
    stub " USE64BITINT"
    run --separate-stderr version ""
    output='' fails 2 "integers of 64 bits"
}

@test "an environment that no library can be found in: one line says what to install" {
    printf 'int nothing;\n' | cc -shared -fPIC -x c - -o empty.so 2>/dev/null || skip "no compiler"
    for name in libopenblas.so.0 libopenblas.so.3 libopenblas.so libflexiblas.so.3 libblis.so.4 libcblas.so.3 libblas.so.3; do
        cp empty.so $name
    done
    LD_LIBRARY_PATH=$PWD run --separate-stderr mlp --data "$DIGITS" --iters 1
    fails 1 "install OpenBLAS"
}

@test "more threads than processors are not started, --verbose says so" {
    run --separate-stderr mlp --data "$DIGITS" --iters 1 --threads 1024 --verbose
    [ "$status" -eq 0 ]
    [[ $stderr =~ [0-9]+\ of\ 1024\ threads\ asked\ for,\ on\ [0-9]+\ processor ]]
}

# threads_in GROUP: that a run in this cgroup has, of 64 that it asks for
threads_in() {
    # shellcheck disable=SC2016
    sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$1" "$MLP_TRAIN" --data "$DIGITS" --iters 1 --threads 64 --verbose 2>&1 |
        sed -n 's/^machine *\([0-9]*\) thread.*/\1/p'
}

@test "the CPU quota of a cgroup counts as so many processors, rounded up" {
    [ "$(nproc)" -gt 1 ] || skip "one processor"
    local top=/sys/fs/cgroup/cpu group
    [ -d $top ] || top=/sys/fs/cgroup
    group=$top/mlp-blas-$$
    mkdir -p "$group/inner" 2>/dev/null || skip "no cgroup can be made here"
    ended() { rmdir "$group/inner" "$group"; }
    [ -e "$group/cgroup.procs" ] || { ended && skip "no cgroups are mounted here"; }
    limit() { echo "$1 100000" >"$group/cpu.max" || echo "$1" >"$group/cpu.cfs_quota_us"; } 2>/dev/null
    limit 50000 || { ended && skip "no quota can be set here"; }
    local results
    results="$(threads_in "$group") $(threads_in "$group/inner")"
    limit 110000
    results+=" $(threads_in "$group")"
    ended
    [ "$results" = "1 1 2" ]
}

# shown MOUNTINFO CGROUP FILE NUMBERS...: threads of a run that finds these lines below /proc/self, and NUMBERS in FILE
shown() {
    local group=${3%/*}
    mkdir -p "$group"
    echo "${@:4}" >"$3"
    echo "$1" >mountinfo
    echo "$2" >cgroup
    # shellcheck disable=SC2016
    unshare --mount sh -c 'for file in mountinfo cgroup; do mount --bind $file /proc/$$/$file; done && exec "$@"' - \
        "$MLP_TRAIN" --data "$DIGITS" --iters 1 --threads 2 --verbose 2>&1 | sed -n 's/^machine *\([0-9]*\) thread.*/\1/p'
}

@test "the CPU quota of a cgroup, of both versions, wherever it is mounted" {
    [ "$(nproc)" -gt 1 ] || skip "one processor"
    unshare --mount sh -c 'mount --bind /dev/null /proc/$$/mountinfo' 2>/dev/null || skip "root may not mount here"
    local here=$PWD
    v2="31 24 0:27 / $here/v2 rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"
    [ "$(shown "$v2" "0::/" v2/cpu.max 50000 100000)" -eq 1 ]
    [ "$(shown "$v2" "0::/" v2/cpu.max max 100000)" -eq 2 ]
    [ "$(shown "$v2" "0::/user/job" v2/user/job/cpu.max 100000 100000)" -eq 1 ]
    [ "$(shown "$v2" "0::/user/job" v2/user/cpu.max 100000 100000)" -eq 1 ]
    [ "$(shown "$v2" "0::/../other" v2/cpu.max 100000 100000)" -eq 1 ] # a container that sees its own cgroup as the root
    rm -r v2
    [ "$(shown "$v2" "0::/user" other/cpu.max 50000 100000)" -eq 2 ]
    # Version 1: controllers in any order, a container's mount that shows what is below /docker/1a.
    v1="40 32 0:35 /docker/1a $here/v1 rw,relatime master:9 - cgroup cgroup rw,cpuacct,cpu"
    echo 100000 >period
    mkdir -p v1/inner
    cp period v1/cpu.cfs_period_us
    cp period v1/inner/cpu.cfs_period_us
    [ "$(shown "$v1" "4:cpuacct,cpu:/docker/1a" v1/cpu.cfs_quota_us 50000)" -eq 1 ]
    [ "$(shown "$v1" "4:cpuacct,cpu:/docker/1a" v1/cpu.cfs_quota_us -1)" -eq 2 ]
    [ "$(shown "$v1" "4:cpuacct,cpu:/docker/1a/inner" v1/inner/cpu.cfs_quota_us 50000)" -eq 1 ]
    [ "$(shown "${v1/cpuacct,cpu/cpuset}" "4:cpuset:/docker/1a/inner" v1/inner/cpu.cfs_quota_us 50000)" -eq 2 ]
}

@test "where no process may be started one thread does all" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become another user"
    command -v prlimit setpriv >/dev/null || skip "needs prlimit and setpriv"
    chmod 755 "$BATS_TEST_TMPDIR"
    alone() { setpriv --reuid 65533 --clear-groups prlimit --nproc=1 "$@"; }
    setpriv --reuid 65533 --clear-groups "$MLP_TRAIN" --help >/dev/null || skip "the program cannot be read by others"
    for threads in "" "--threads 1"; do
        # shellcheck disable=SC2086
        run --separate-stderr alone "$MLP_TRAIN" --data "$ROOT/data/digits" --iters 5 --quiet $threads
        [ "$status" -eq 0 ]
        [ -z "$stderr" ]
    done
    [ "$(nproc)" -gt 1 ] || return 0
    run --separate-stderr alone "$MLP_TRAIN" --data "$ROOT/data/digits" --iters 5 --quiet --threads 2
    [ "$status" -eq 0 ]
    [[ $stderr == *"--threads: the system starts no more than 1 of 2 threads"* ]]
}

@test "whatever memory there is, a run ends soon, with success or one line" {
    [[ $(nm -D "$MLP_TRAIN" 2>/dev/null) != *__asan* ]] || skip "AddressSanitizer reserves terabytes"
    sweep "$DIGITS" 40 180
}
