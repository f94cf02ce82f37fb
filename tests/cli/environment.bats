#!/usr/bin/env bats
# environment.bats - locales, terminals, closed streams, odd names, limits and numbers of threads: the same bytes, or
# one line that says why not.
load common.bash

setup_file() {
    export USUAL=$BATS_FILE_TMPDIR/usual
    mkdir "$USUAL"
    mlp --data "$DIGITS" --iters 20 --quiet --threads 2 --csv "$USUAL/curve.csv" --save "$USUAL/model" >"$USUAL/out"
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# run_here: the run of setup_file, into this directory
run_here() {
    mlp --data "$DIGITS" --iters 20 --quiet --threads 2 --csv curve.csv --save model "$@"
}

# same_as_usual: what run_here left
same_as_usual() {
    cmp curve.csv "$USUAL/curve.csv"
    cmp model "$USUAL/model"
    rm curve.csv model
}

# limited LIMIT... COMMAND...: under `ulimit LIMIT...`, two words; killed if it hangs
limited() {
    local kind=$1 value=$2
    shift 2
    (ulimit "$kind" "$value" && GCOV_PREFIX=$BATS_TEST_TMPDIR exec timeout -s KILL 60 "$@")
}

# bats warns of 127, which here is the loader's
at_most_127() {
    "$@" || { code=$? && return $((code == 127 ? 126 : code)); }
}

@test "a locale with a decimal comma changes nothing" {
    command -v localedef >/dev/null || skip "no localedef"
    localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 2>/dev/null || true # warns where the locale is complete
    [ -s de_DE.UTF-8/LC_NUMERIC ] || skip "no sources of locales; Debian's package is locales"
    german() { env LOCPATH="$PWD" LC_ALL=de_DE.UTF-8 "$@"; }
    [ "$(german "$(type -P printf)" '%.1f' 0,5)" = 0,5 ] # the locale is there
    german "$MLP_TRAIN" --data "$DIGITS" --iters 20 --quiet --threads 2 --lr 0.1 --csv curve.csv --save model
    same_as_usual
    run --separate-stderr german "$MLP_TRAIN" --data "$DIGITS" --iters 0 --lr 0,1
    fails 2 "--lr: '0,1' is not a number"
    german "$MLP_TRAIN" --help | grep -qF '[0.1]'
    german "$MLP_TRAIN" --load "$USUAL/model" --eval --data "$DIGITS" --quiet | grep -qE 'accuracy 0\.[0-9]+ \+- 0\.'
}

@test "no TERM, no HOME, no PATH, no environment at all" {
    env -u TERM -u HOME "$MLP_TRAIN" --data "$DIGITS" --iters 20 --quiet --threads 2 --csv curve.csv --save model
    same_as_usual
    # but the kernel's name, where this machine sets one: another kernel gives other last digits
    env -i ${OPENBLAS_CORETYPE+OPENBLAS_CORETYPE="$OPENBLAS_CORETYPE"} \
        "$MLP_TRAIN" --data "$DIGITS" --iters 20 --quiet --threads 2 --csv curve.csv --save model
    same_as_usual
}

@test "standard output closed: nothing else gets the table, exit 1 says so" {
    run --separate-stderr bash -c '"$@" >&-' - "$MLP_TRAIN" --data "$DIGITS" --iters 20 --quiet --threads 2 --csv curve.csv --save model
    fails 1 "standard output: cannot write"
    same_as_usual
    for options in --help --version "--data $DIGITS --iters 1 --csv -"; do
        # shellcheck disable=SC2086
        run --separate-stderr bash -c '"$@" >&-' - "$MLP_TRAIN" $options
        [ "$status" -eq 1 ]
    done
}

@test "standard input closed" {
    run_here <&-
    same_as_usual
    run --separate-stderr bash -c '"$@" <&-' - "$MLP_TRAIN" --data "$DIGITS" --train-images - --iters 0
    fails 1 "standard input: cannot be read"
}

@test "standard error closed: the run goes on, the exit status tells" {
    run_here 2>&-
    same_as_usual
    mlp --data "$DIGITS" --iters 20 --threads 2 --csv - 2>&- >curve.csv
    cmp curve.csv "$USUAL/curve.csv"
    run bash -c '"$@" 2>&-' - "$MLP_TRAIN" --data nowhere
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    mlp --help >&2 2>&- </dev/null || [ $? -eq 1 ]
}

@test "all three closed" {
    run_here <&- 2>&- >&- || [ $? -eq 1 ]
    same_as_usual
}

@test "names with blanks, quotes, UTF-8 and newlines" {
    for name in "a b" "it's" 'a"b' 'a\b' $'a\nb' "Ziffern-é-数字" "-" "--csv" "%s%n%d" '$(id)' '*'; do
        mkdir -p "./$name"
        cp "$DIGITS"/*.gz "./$name"
        mlp --data "./$name" --iters 20 --quiet --threads 2 --csv "./$name/curve.csv" --save "./$name/model"
        cmp "./$name/curve.csv" "$USUAL/curve.csv"
        mlp --data "./$name" --load "./$name/model" --eval --quiet >out
        run --separate-stderr mlp --data "./$name/nothing"
        fails 1 nothing
    done
}

@test "the options that are told are words for a shell" {
    mkdir "it's a place"
    run --separate-stderr mlp --data "$DIGITS" --iters 20 --threads 2 --csv "it's a place/\$a\"b.csv"
    told=$(sed -n 's/^options *//p' <<<"$stderr")
    mv "it's a place/\$a\"b.csv" first
    eval "mlp $told" >out 2>&1
    cmp "it's a place/\$a\"b.csv" first
}

@test "a path of 4,000 characters, and one that is too long" {
    deep=$PWD
    step=$(printf 'd%.0s' $(seq 200))
    while [ ${#deep} -lt 3790 ]; do deep=$deep/$step; done
    mkdir -p "$deep"
    mlp --data "$DIGITS" --iters 20 --quiet --threads 2 --csv "$deep/curve.csv" --save "$deep/model" --confusion "$deep/matrix"
    cmp "$deep/curve.csv" "$USUAL/curve.csv"
    cmp "$deep/model" "$USUAL/model"
    mlp --data "$DIGITS" --load "$deep/model" --eval --quiet >out
    [ "$(find "$deep" -type f | wc -l)" -eq 3 ]
    for option in save confusion csv data train-images load checkpoint; do
        run --separate-stderr mlp --data "$DIGITS" --iters 0 --$option "$deep/$step/$step/$step"
        fails 1 "ddd"
    done
}

@test "few descriptors: none to spare, one message" {
    for n in 3 4 5 6 7 8 20; do
        run --separate-stderr at_most_127 limited -n $n "$MLP_TRAIN" --data "$DIGITS" --iters 20 --quiet --threads 2 --csv curve.csv --save model
        # what the loader cannot open is not ours to explain
        [[ $status -eq 126 && $stderr == *"error while loading shared libraries"* ]] || [ "$status" -eq 0 ] || fails 1
        [ -z "$(find . -name '*tmp')" ]
    done
    same_as_usual
}

@test "files limited to 0, 1, 16 and 100 kB: exit 1 and no half of a model" {
    for kb in 0 1 16 100; do
        rm -f curve.csv model
        echo older >model
        status=0 # through a pipe: a file could not take what it says
        # shellcheck disable=SC2030
        stderr=$(limited -f $kb "$MLP_TRAIN" --data "$DIGITS" --iters 2000 --eval-every 0 --threads 1 --quiet \
            --csv curve.csv --save model 2>&1 >/dev/null | cat; exit "${PIPESTATUS[0]}") || status=$?
        fails 1 "File too large"
        [ "$(cat model)" = older ]
        [ -z "$(tail -c 1 curve.csv)" ]
        [ -z "$(find . -name '*tmp')" ]
    done
}

@test "little memory: done, or one line" {
    [[ $(nm -D "$MLP_TRAIN" 2>/dev/null) != *__asan* ]] || skip "AddressSanitizer reserves terabytes"
    for mb in 60 100 250 1000; do
        for options in "--quiet --iters 5" "--quiet --iters 5 --hidden 4000 --optimizer adam" "--check-gradient"; do
            # shellcheck disable=SC2086
            run --separate-stderr limited -v $((mb * 1000)) "$MLP_TRAIN" --data "$DIGITS" \
                --threads 2 $options
            # shellcheck disable=SC2031
            case $stderr in *"while loading"*) continue ;; esac # before main
            [ "$status" -eq 0 ] || fails 1 "no memory"
        done
    done
    [ "$status" -eq 0 ]
}

@test "a small stack: threads have their own, main is told what it needs" {
    [[ $(nm -D "$MLP_TRAIN" 2>/dev/null) != *__asan* ]] || skip "AddressSanitizer needs more"
    for kb in 128 160 256; do
        limited -s $kb "$MLP_TRAIN" --data "$DIGITS" --iters 20 --quiet --threads 2 --csv curve.csv --save model
        same_as_usual
        for options in "--gradient numerical --iters 3 --hidden 5" "--check-gradient" "--load $USUAL/model --eval --quiet" \
            "--iters 3 --hidden 300 --batch-size 500 --optimizer adam --first-layer dense"; do
            # shellcheck disable=SC2086
            limited -s $kb "$MLP_TRAIN" --data "$DIGITS" --threads 3 $options >out 2>&1
        done
    done
    run --separate-stderr limited -s 48 "$MLP_TRAIN" --data "$DIGITS" --iters 20
    fails 1 "the stack is limited to 48 KiB" "ulimit -s"
    # environment variables lie on the stack too
    large=$(head -c 60000 /dev/zero | tr '\0' x)
    LARGE=$large run --separate-stderr limited -s 128 "$MLP_TRAIN" --data "$DIGITS" --iters 20
    fails 1 "the stack is limited to 128 KiB" "ulimit -s"
    LARGE=$large limited -s 192 "$MLP_TRAIN" --data "$DIGITS" --iters 20 --quiet --gradient numerical --hidden 5
}

@test "what OpenMP's and OpenBLAS's variables say changes nothing" {
    for value in 0 1 64 -1 junk "" 99999999999999999999; do
        OMP_NUM_THREADS=$value OPENBLAS_NUM_THREADS=$value GOTO_NUM_THREADS=$value run_here >out
        same_as_usual
    done
    OPENBLAS_CORETYPE=junk run --separate-stderr run_here
    [ "$status" -eq 0 ]
}

@test "more threads than cores, and one core" {
    for threads in 1 3 16 64; do
        run_here --threads $threads >out
        same_as_usual
    done
    command -v taskset >/dev/null || skip "no taskset"
    taskset -c "$(taskset -pc $$ | sed 's/.*: *\([0-9]*\).*/\1/')" \
        "$MLP_TRAIN" --data "$DIGITS" --iters 20 --quiet --threads 4 --csv curve.csv --save model
    same_as_usual
}

@test "a stream is read once, and two things are not written to one" {
    run --separate-stderr mlp --data "$DIGITS" --train-images - --train-labels - --iters 0 </dev/null
    fails 2 "--train-labels: - is what --train-images reads" "name a file"
    run --separate-stderr bash -c 'true | "$@"' - "$MLP_TRAIN" --data "$DIGITS" --train-images - --test-labels /dev/stdin --iters 0
    fails 2 "--test-labels: /dev/stdin is what --train-images reads"
    mkfifo unopened # refused before a pipe is opened, which could wait without end
    run --separate-stderr timeout 20 "$MLP_TRAIN" --data "$DIGITS" --train-images unopened --test-images ./unopened --iters 0
    fails 2 "--test-images: ./unopened is what --train-images reads"
    run --separate-stderr timeout 20 "$MLP_TRAIN" --data "$DIGITS" --test-images unopened --load missing --iters 0
    fails 1 "missing: "
    run --separate-stderr mlp --data "$DIGITS" --csv /dev/stdout --iters 0
    fails 2 "--csv: /dev/stdout is where standard output goes" "use --csv -"
    mlp --data "$DIGITS" --csv /dev/null --iters 0 --quiet >/dev/null
}

@test "--help and --version win over what else is there" {
    mlp --quiet --verbose --help | grep -q '^mlp-train - '
    mlp --early-stop 3 --version | grep -q '^mlp-train '
}
