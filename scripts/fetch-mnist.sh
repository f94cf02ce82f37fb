#!/bin/sh
# fetch-mnist.sh - puts the four MNIST files into a directory. A file whose decompressed content has
# not the known checksum never gets its final name; files that are right already are left alone.
set -u

mirrors='https://ossci-datasets.s3.amazonaws.com/mnist
https://storage.googleapis.com/cvdf-datasets/mnist'

# SHA-256 of the decompressed content: the gzip headers differ from copy to copy.
checksum_of() {
    case $1 in
    train-images-idx3-ubyte) echo ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db ;;
    train-labels-idx1-ubyte) echo 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5 ;;
    t10k-images-idx3-ubyte) echo 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7 ;;
    t10k-labels-idx1-ubyte) echo ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2 ;;
    esac
}
names='train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte'
size_cap=50000000 # bytes; the largest file has 9,912,422, or 47,040,016 decompressed

usage() {
    cat <<'EOF'
usage: scripts/fetch-mnist.sh [--from DIR] [DEST]

Puts the four MNIST files into DEST (default: data/mnist of the project, or here), from the public mirrors
or from DIR, which holds them plain or gzipped. Every file is verified by its content; files that
are right already are left alone, a wrong one is replaced. Exit status 1 if any could not be had.
EOF
}

complain() { printf 'fetch-mnist: %s\n' "$*" >&2; }
usage_error() {
    complain "$@"
    usage >&2
    exit 2
}
has() { command -v "$1" >/dev/null 2>&1; }

from=''
dest=''
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage && exit 0 ;;
    --from=*) from=${1#--from=} ;;
    --from)
        [ $# -ge 2 ] || usage_error '--from: no directory given'
        from=$2
        shift
        ;;
    -*) usage_error "unknown option $1" ;;
    *)
        [ -z "$dest" ] || usage_error "more than one destination: $dest and $1"
        dest=$1
        ;;
    esac
    shift
done
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ -e "$root/Makefile" ] || root=. # installed
dest=${dest:-$root/data/mnist}
[ -z "$from" ] || [ -d "$from" ] || usage_error "--from: $from is not a directory"

if has sha256sum; then
    sha256() { sha256sum | cut -d ' ' -f 1; }
elif has shasum; then
    sha256() { shasum -a 256 | cut -d ' ' -f 1; }
else
    complain 'needs sha256sum or shasum to verify the files'
    exit 1
fi

# content FILE: its bytes, decompressed if they are gzip
content() { gzip -cdf <"$1" 2>/dev/null | head -c "$size_cap"; }
is_right() { [ "$(content "$2" | sha256)" = "$(checksum_of "$1")" ]; } # NAME FILE

# find_in DIR NAME: the file mlp-train would read there
find_in() {
    dot=$(echo "$2" | sed 's/-idx/.idx/')
    for file in "$1/$2" "$1/$2.gz" "$1/$dot" "$1/$dot.gz"; do
        if [ -e "$file" ]; then
            printf '%s\n' "$file"
            return 0
        fi
    done
    return 1
}

download() { # URL FILE; the subshell's limit cuts off what is far too large
    (
        ulimit -f $((size_cap / 512))
        if has curl; then
            curl -fsSL --connect-timeout 10 --speed-limit 1000 --speed-time 30 -o "$2" "$1"
        else
            wget -nv --tries=1 --timeout=10 -O "$2" "$1"
        fi
    )
}

diagnosis() { # FILE: what came instead of the data, as far as one can see
    if [ ! -s "$1" ]; then
        echo 'nothing came'
    elif head -c 1000 "$1" | grep -qiE '<(!doctype|html|\?xml)'; then
        echo 'a web page came, not the data'
    elif ! gzip -cdf <"$1" >/dev/null 2>&1; then
        echo "incomplete or damaged, $(($(wc -c <"$1"))) bytes"
    else
        echo "the content has SHA-256 $(content "$1" | sha256)"
    fi
}

# get_all SOURCE: what is not right yet, from a mirror's address or a directory. Stops at the first failure.
get_all() {
    for name in $names; do
        old=$(find_in "$dest" "$name") && is_right "$name" "$old" && continue
        new=$dest/$name.gz
        case $1 in
        https://*)
            from_where=$1/$name.gz
            download "$from_where" "$part" || { complain "$from_where: the download failed" && return 1; }
            ;;
        *)
            from_where=$(find_in "$1" "$name") || { complain "$1: no $name, plain or .gz" && return 1; }
            case $from_where in *.gz) ;; *) new=$dest/$name ;; esac
            cp "$from_where" "$part" || return 1
            ;;
        esac
        is_right "$name" "$part" || { complain "$from_where: not MNIST's file: $(diagnosis "$part")" && return 1; }
        chmod u+w "$part" && mv -f "$part" "$new" || return 1
        [ -z "$old" ] || [ "$old" = "$new" ] || rm -f "$old" # else it would be read first
        printf 'fetch-mnist: %s <- %s%s\n' "$new" "$from_where" "${old:+ (replaces a wrong one)}"
    done
}

all_right() {
    for name in $names; do
        file=$(find_in "$dest" "$name") && is_right "$name" "$file" || return 1
    done
}

if all_right; then
    echo "fetch-mnist: nothing to do: $dest is complete and right"
    exit 0
fi
[ -n "$from" ] || has curl || has wget || { complain 'needs curl or wget' && exit 1; }
mkdir -p "$dest" || exit 1
part=$dest/.fetch-mnist.$$.part
trap 'rm -f "$part"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ -n "$from" ]; then
    get_all "$from" && exit 0
else
    for mirror in $mirrors; do
        get_all "$mirror" && exit 0
    done
    complain 'no mirror gave all of MNIST: try again later, or copy it from a directory that has it with --from DIR'
fi
exit 1
