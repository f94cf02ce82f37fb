#!/bin/sh
# setup.sh - installs what is missing to build, test and plot mlp-train. Builds nothing: `make` does.
set -eu

usage() {
    cat <<'EOF'
usage: scripts/setup.sh [--dev] [--dry-run]

Installs what is missing to build, test and plot mlp-train: a C compiler, make, pkg-config, OpenBLAS,
zlib, libdeflate, libpng, cmocka, bats, perl (prove), gnuplot, curl, gzip and Python with NumPy.
Knows apt-get, dnf, pacman, apk and brew; calls sudo only when it is not run as root.

  --dev      also what developers and CI use: clang with its tools, cppcheck, shellcheck, strace,
             valgrind, scdoc, ImageMagick, PyTorch (large), scikit-learn, and on apt-get systems ONNX,
             OpenCV, locales, debootstrap, qemu, gcc for aarch64, Chromium,
             GNU parallel, Slurm, sshd, zsh and fish
  --dry-run  print the commands, run none
  --help     print this text
EOF
}

say() { printf 'setup: %s\n' "$*"; }
die() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

dev='' dry_run=''
for arg; do
    case $arg in
    --dev) dev=yes ;;
    --dry-run) dry_run=yes ;;
    -h | --help) usage && exit 0 ;;
    *)
        printf 'setup: unknown argument %s\n' "$arg" >&2
        usage >&2
        exit 2
        ;;
    esac
done

# The package manager, its names for what we need, and how it says that one is installed.
has() { command -v "$1" >/dev/null 2>&1; }
if has apt-get; then
    packages='gcc libc6-dev make pkg-config libopenblas-dev zlib1g-dev libdeflate-dev libpng-dev libcmocka-dev bats perl
        gnuplot-nox curl ca-certificates gzip procps python3-numpy'
    dev_packages='clang clang-format clang-tidy libclang-rt-dev gcovr cppcheck shellcheck strace valgrind scdoc
        dataset-fashion-mnist libdnnl-dev imagemagick python3-torch python3-sklearn python3-onnx python3-opencv
        locales qemu-user gcc-aarch64-linux-gnu debootstrap chromium parallel python3-pil
        slurm-wlm munge openssh-server openssh-client zsh fish'
    update='apt-get update'
    install='env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends'
    is_installed() {
        case $(dpkg-query -W -f '${Status} ' "$1" 2>/dev/null) in *' ok installed'*) ;; *) false ;; esac
    }
elif has dnf; then
    packages='gcc make pkgconf-pkg-config openblas-devel zlib-devel libdeflate-devel libpng-devel libcmocka-devel bats
        perl-Test-Harness gnuplot curl ca-certificates gzip python3-numpy'
    dev_packages='libasan libubsan clang clang-tools-extra compiler-rt cppcheck ShellCheck strace valgrind scdoc
        ImageMagick python3-torch python3-scikit-learn'
    update=
    install='dnf install -y'
    is_installed() { rpm -q --whatprovides "$1" >/dev/null 2>&1; }
elif has pacman; then
    packages='gcc make pkgconf openblas zlib libdeflate libpng cmocka bats perl gnuplot curl ca-certificates gzip python-numpy'
    dev_packages='clang compiler-rt cppcheck shellcheck strace valgrind scdoc imagemagick python-pytorch
        python-scikit-learn'
    update=
    install='pacman -S --needed --noconfirm'
    is_installed() { pacman -T "$1" >/dev/null 2>&1; }
elif has apk; then
    packages='gcc musl-dev make pkgconf openblas-dev zlib-dev libdeflate-dev libpng-dev cmocka-dev bats perl-utils gnuplot
        curl ca-certificates gzip py3-numpy'
    dev_packages='clang clang-extra-tools compiler-rt cppcheck shellcheck strace valgrind scdoc imagemagick
        py3-scikit-learn'
    update=
    install='apk add --no-cache'
    is_installed() { apk info -e "$1" >/dev/null 2>&1; }
elif has brew; then
    packages='pkgconf openblas zlib libdeflate libpng cmocka bats-core gnuplot numpy'
    dev_packages='llvm cppcheck shellcheck scdoc imagemagick pytorch scikit-learn'
    update=
    install='brew install'
    is_installed() { brew list --versions "$1" >/dev/null 2>&1; }
    has cc || die 'no C compiler: run xcode-select --install, then this script again'
else
    die 'found none of apt-get, dnf, pacman, apk and brew. Install by hand: a C compiler, make, pkg-config,' \
        'OpenBLAS, zlib, libdeflate and libpng with their headers, cmocka, bats, prove (perl), gnuplot, curl, gzip, Python 3 with NumPy'
fi

missing=
for package in $packages ${dev:+$dev_packages}; do
    is_installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    say 'nothing to do: everything is installed'
    exit 0
fi

sudo=
if [ "$install" != 'brew install' ] && [ "$(id -u)" != 0 ]; then
    sudo=sudo
    [ "$dry_run" ] || has sudo || die "not root and no sudo: have root run: $install$missing"
fi

run() { # the words of its argument are the command
    printf '+ %s\n' "$1"
    # shellcheck disable=SC2086
    [ "$dry_run" ] || $1 || die "this failed: $1" \
        '(see its message above; is the network up, are the package lists current, is the disk full?)'
}
[ -z "$update" ] || run "${sudo:+sudo }$update"
run "${sudo:+sudo }$install$missing"
[ "$dry_run" ] || say 'ready: make train runs the experiment, make check the tests'
