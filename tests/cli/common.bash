# common.bash - what every command-line test needs. MLP_TRAIN names the binary.
bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
export MLP_TRAIN=${MLP_TRAIN:-$ROOT/mlp-train}
DIGITS=$ROOT/data/digits
# Tests split lists of options at spaces, which the name of the folder may have.
case $DIGITS in *' '*) ln -sfn "$DIGITS" "$BATS_RUN_TMPDIR/digits" && DIGITS=$BATS_RUN_TMPDIR/digits ;; esac

# need_mnist: MNIST is a directory with its four files, gzipped, from MNIST_DIR, ../shared/mnist or data/mnist, where
# they may be plain and have a dot in their names
need_mnist() {
    local dir name file
    export MNIST=$BATS_FILE_TMPDIR/mnist-gz
    [ ! -d "$MNIST" ] || return 0
    for dir in "${MNIST_DIR:-}" "$ROOT/../shared/mnist" "$ROOT/data/mnist" ''; do
        compgen -G "$dir/train-images?idx3-ubyte*" >/dev/null && break
    done
    [ -n "$dir" ] || skip "no MNIST in data/mnist: scripts/fetch-mnist.sh gets it"
    mkdir "$MNIST"
    for name in {train,t10k}-{images-idx3,labels-idx1}-ubyte; do
        for file in "$dir"/${name/-idx/[-.]idx}{,.gz}; do
            [ -e "$file" ] || continue
            case $file in
            *.gz) cp "$file" "$MNIST/$name.gz" ;;
            *) gzip -1c "$file" >"$MNIST/$name.gz" ;;
            esac
        done
    done
}

mlp() {
    "$MLP_TRAIN" "$@"
}

# A short run on the bundled digits.
quick() {
    mlp --data "$DIGITS" --iters 20 "$@"
}

# unbroken [FILE]: the lines of the start block before they were broken
unbroken() { sed ':a; N; $!ba; s/\n          / /g' "$@"; }

# fails CODE WORD... : the last `run --separate-stderr` ended with CODE and one line on stderr that
# holds every WORD; refused lines (CODE 2) print nothing else.
fails() {
    [ "$status" -eq "$1" ] || { echo "exit $status, expected $1: $stderr"; return 1; }
    [ "$1" -ne 2 ] || [ -z "$output" ] || { echo "refused, but on stdout: $output"; return 1; }
    shift
    [[ $stderr != *$'\n'* ]] || { echo "not one line: $stderr"; return 1; }
    case $stderr in "mlp-train: "*) ;; *) echo "does not start with the name: $stderr"; return 1 ;; esac
    for word; do
        case $stderr in *"$word"*) ;; *) echo "no '$word' in: $stderr"; return 1 ;; esac
    done
}

# python_with MODULE: prints the first Python that has it
python_with() {
    for python in "${PYTHON:-python3}" python3 /usr/bin/python3; do
        if "$python" -c "import importlib.util as u; exit(not u.find_spec('$1'))" 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

# sweep DATA STEP FROM: runs under `ulimit -v`, FROM to 1000 MB, on 1 and 2 threads; each ends soon, with success or one line
sweep() {
    local mb threads status
    for mb in 20 60 100 $(seq "$3" "$2" 1000); do
        for threads in 1 2; do
            (ulimit -v $((mb * 1000)) && exec timeout -s KILL 10 "$MLP_TRAIN" --data "$1" --iters 3 --quiet \
                --threads $threads >sweep.out 2>sweep.err) && status=0 || status=$?
            [ "$status" -eq 0 ] && [ ! -s sweep.err ] && continue
            echo "$mb MB, $threads threads: $status: $(cat sweep.err)"
            [ "$status" -eq 1 ] || [ "$status" -eq 127 ]
            [ "$(wc -l <sweep.err)" -eq 1 ]
        done
    done
    [ "$status" -eq 0 ]
}
