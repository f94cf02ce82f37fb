#!/bin/sh
# chapter.sh - runs every listing of the chapter, in its order, and writes DIR/README.md with what they print, and their
# figures. scripts/chapter.txt is the README with a line "$ COMMAND" where a command and its output go.
# Without MNIST in data/mnist, the bundled digits are used.
set -eu

if [ $# -ne 1 ] || [ "${1#-}" != "$1" ]; then
    echo 'usage: scripts/chapter.sh DIR' >&2
    exit 2
fi
command -v gnuplot >/dev/null || { echo 'chapter.sh: needs gnuplot: scripts/setup.sh installs it' >&2; exit 1; }
root=$(cd "$(dirname "$0")/.." && pwd)
program=$(realpath "${MLP_TRAIN:-$root/mlp-train}")
mkdir -p "$1"
cd "$1"
# The commands are written, and run, as in the root of the repository; their files stay here.
trap 'rm -f mlp-train scripts data output' EXIT
ln -sfn "$program" mlp-train
ln -sfn "$root/scripts" scripts
ln -sfn "$root/data" data
if [ -z "${MLP_TRAIN_DATA:-}" ] && [ ! -e data/mnist ]; then
    export MLP_TRAIN_DATA=data/digits
    echo 'chapter.sh: no MNIST in data/mnist (scripts/fetch-mnist.sh): the bundled digits instead' >&2
fi
for file in best.svg search.csv; do # of runs that take hours
    cp "$root/data/reference-run/$file" .
done

while IFS= read -r line; do
    case $line in
    '$ '*)
        command=${line#'$ '}
        printf '    $ %s\n' "$command"
        sh -c "$command" >output 2>&1 </dev/null || { echo "chapter.sh: failed: $command" >&2; cat output >&2; exit 1; }
        sed 's/^/    /; s/ *$//' output
        ;;
    *) printf '%s\n' "$line" ;;
    esac
done <scripts/chapter.txt >README.md.part
[ -z "${MLP_TRAIN_DATA:-}" ] || sed -i "1a\\
\\
**All commands were run with MLP_TRAIN_DATA=${MLP_TRAIN_DATA}.**" README.md.part
mv README.md.part README.md
