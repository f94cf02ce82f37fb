# train.bats - a run as its user sees it: table, CSV, streams, exit codes, determinism.
load common.bash

setup() { cd "$BATS_TEST_TMPDIR"; }

@test "stdout has the table and the final line, stderr the settings" {
    run --separate-stderr quick
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == *epoch*iter*"batch loss"*"train loss"*"train acc"*"test loss"*"test acc"*"images/s"* ]]
    [[ ${lines[1]} =~ ^\ +0\.00\ +0\ +-\ +2\.3 ]]
    [[ ${lines[2]} =~ ^\ +1\.00\ +15\ +[0-9.]+\ +2\. ]]
    [[ ${lines[-1]} =~ ^test\ accuracy\ 0\.[0-9]{4}\ \+-\ 0\.[0-9]{4}\ \([0-9]+\ of\ 360\)\ at\ iteration\ 20,\ [0-9.]+\ s,\ seed\ 1$ ]]
    [[ $stderr == *"1437 train and 360 test images of 28 x 28, 10 classes"* ]]
    [[ $stderr == *"784-50-10 sigmoid"*"39760 parameters"* ]]
    [[ $stderr == *"seed 1"* ]]
    run --separate-stderr quick --sampling shuffle --optimizer adam --lr 0.002 --lr-schedule cosine --seed 5
    [[ $(unbroken <<<"$stderr") == *$'\n'"training  20 iterations of 100 examples (shuffle), adam, lr 0.002 cosine, seed 5"* ]]
    [[ $stderr == *"lr 0.002 cosine,"$'\n'"          seed 5"* ]] # a long line is broken after a comma
    run --separate-stderr quick --verbose
    [[ $stderr == *"thread"*"BLAS"* ]]
}

@test "a new CSV, model and matrix have the permissions that umask leaves" {
    cd "$BATS_TEST_TMPDIR"
    for mask in 022 077; do
        (umask $mask && quick --quiet --csv "csv$mask" --save "model$mask" --confusion "matrix$mask" >/dev/null)
        [ "$(stat -c %a "csv$mask" "model$mask" "matrix$mask" | sort -u)" = "$(printf '%o' $((0666 & ~mask)))" ]
    done
}

@test "--quiet leaves the final line alone" {
    run --separate-stderr quick --quiet
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == "test accuracy"* ]]
}

@test "--verbose adds files, time and memory" {
    run --separate-stderr quick --verbose
    [[ $stderr == *"train-images-idx3-ubyte.gz"*"memory "* ]]
}

@test "CSV: one header, a row an iteration, fixed columns, empty cells" {
    quick --csv a.csv
    [ "$(head -n 1 a.csv)" = "iter,epoch,loss,lr,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc" ]
    [ "$(wc -l <a.csv)" -eq 22 ]
    [ "$(awk -F, '{print NF}' a.csv | sort -u)" = 10 ]
    [[ $(sed -n 2p a.csv) =~ ^0,0,,,2\.3[0-9]+,0\.[0-9]+,2\.3[0-9]+,0\.[0-9]+,,$ ]]
    [[ $(sed -n 3p a.csv) =~ ^1,0\.0666666667,2\.3[0-9]+,0\.1,,,,,,$ ]]
    [[ $(sed -n 17p a.csv) =~ ^15,1,2\.[0-9]+,0\.1,2\.[0-9]+,0\.[0-9]+,2\.[0-9]+,0\.[0-9]+,,$ ]]
    [[ $(tail -n 1 a.csv) =~ ^20,1\.33333333,2\.[0-9]+,0\.1,2\. ]]
}

@test "CSV: the decimal point and the bytes do not depend on the locale" {
    quick --quiet --csv a.csv
    LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 quick --quiet --csv b.csv
    cmp a.csv b.csv
}

@test "--csv - puts the CSV alone on stdout" {
    quick --quiet --csv a.csv
    quick --csv - 2>said >b.csv
    cmp a.csv b.csv
    grep -q "test accuracy" said
    quick --quiet --csv - 2>said >c.csv
    cmp a.csv c.csv
    [ ! -s said ]
}

@test "--eval-every N, and 0 for the end alone" {
    quick --csv a.csv --eval-every 8
    [ "$(awk -F, '$5 != "" {printf "%s ", $1}' a.csv)" = "iter 0 8 16 20 " ]
    quick --csv b.csv --eval-every 0
    [ "$(awk -F, '$5 != "" {printf "%s ", $1}' b.csv)" = "iter 20 " ]
    [ "$(cut -d, -f3 a.csv)" = "$(cut -d, -f3 b.csv)" ]
}

@test "--iters 0 measures the untrained network" {
    run quick --iters 0
    [ "$status" -eq 0 ]
    [[ $output == *"at iteration 0"* ]]
}

@test "same seed, same bytes for 1, 2 and 4 threads; another seed differs" {
    mlp --data "$DIGITS" --iters 100 --threads 1 --csv 1.csv --quiet
    mlp --data "$DIGITS" --iters 100 --threads 1 --csv 1b.csv --quiet
    mlp --data "$DIGITS" --iters 100 --threads 2 --csv 2.csv --quiet
    mlp --data "$DIGITS" --iters 100 --threads 4 --csv 4.csv --quiet
    mlp --data "$DIGITS" --iters 100 --threads 1 --csv other.csv --quiet --seed 2
    cmp 1.csv 1b.csv
    cmp 1.csv 2.csv
    cmp 1.csv 4.csv
    run ! cmp -s 1.csv other.csv
}

@test "a file follows the run: rows arrive while it trains" {
    "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --csv a.csv >/dev/null 2>&1 3>&- &
    pid=$!
    for _ in $(seq 50); do
        [ -f a.csv ] && [ "$(wc -l <a.csv)" -gt 100 ] && break
        sleep 0.1
    done
    rows=$(wc -l <a.csv)
    kill -INT $pid
    code=0; wait $pid || code=$?
    [ "$rows" -gt 100 ]
    [ "$code" -eq 130 ]
    [ "$(tail -c 1 a.csv | od -An -tx1)" = " 0a" ]
    [ "$(awk -F, '{print NF}' a.csv | sort -u)" = 10 ]
}

@test "a closed pipe is a quiet end" {
    run --separate-stderr bash -c '"$MLP_TRAIN" --data "$0" --iters 100000 --quiet --csv - | head -n 3' "$DIGITS"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [ -z "$stderr" ]
    # a table that nobody reads ends the run, which would else have hours to go
    run --separate-stderr bash -c 'timeout 60 "$MLP_TRAIN" --data "$0" --iters 1000000000 2>said | head -n 1
        echo "${PIPESTATUS[0]}"; cat said >&2' "$DIGITS"
    [[ $stderr != *"mlp-train:"* ]]
    [ "${lines[-1]}" -eq 0 ]
}

@test "a full disk is an error" {
    [ -c /dev/full ] || skip "no /dev/full here"
    run --separate-stderr quick --quiet --csv /dev/full
    fails 1 /dev/full "No space left"
    run --separate-stderr bash -c '"$MLP_TRAIN" --data "$0" --iters 5 --quiet >/dev/full' "$DIGITS"
    fails 1 "standard output" "No space left"
    run --separate-stderr bash -c '"$MLP_TRAIN" --data "$0" --iters 5 --quiet --csv - >/dev/full' "$DIGITS"
    fails 1 "standard output" "No space left"
    run --separate-stderr bash -c '"$MLP_TRAIN" --help >/dev/full' "$DIGITS"
    fails 1 "standard output" "cannot write" # why is known only if no earlier part was lost
}

@test "a disk that fills up leaves whole rows" {
    run --separate-stderr env GCOV_PREFIX="$PWD" bash -c 'ulimit -f 1; "$MLP_TRAIN" --data "$0" --iters 300 --eval-every 10 --quiet --csv a.csv' "$DIGITS"
    fails 1 a.csv "too large"
    [ "$(tail -c 1 a.csv | od -An -tx1)" = " 0a" ]
    [ "$(awk -F, '{print NF}' a.csv | sort -u)" = 10 ]
}

@test "a closed stdout is an error, and is not mistaken for the CSV" {
    run --separate-stderr bash -c '"$MLP_TRAIN" --data "$0" --iters 5 --quiet --csv a.csv >&-' "$DIGITS"
    fails 1 "standard output"
    [ "$(wc -l <a.csv)" -eq 7 ]
    [ "$(head -c 4 a.csv)" = iter ]
}

@test "a CSV that cannot be made: a directory in its place, no directory for it" {
    mkdir d
    run --separate-stderr quick --quiet --csv d
    fails 1 "d: cannot open it for the CSV" "irectory"
    run --separate-stderr quick --quiet --csv no/where.csv
    fails 1 "no/where.csv" "No such file"
}

@test "bad data leaves an older CSV alone" {
    echo precious >a.csv
    run --separate-stderr mlp --data nowhere --csv a.csv
    fails 1 nowhere
    [ "$(cat a.csv)" = precious ]
}

@test "a data file is not taken for the CSV" {
    gzip -dc "$DIGITS/t10k-labels-idx1-ubyte.gz" >labels
    cp labels before
    ln -s labels link
    for csv in labels ./labels link; do
        run --separate-stderr quick --quiet --test-labels labels --csv $csv
        fails 2 "--csv: $csv is a data file" "name another"
    done
    run --separate-stderr quick --quiet --test-labels link --csv labels
    fails 2 "--csv: labels is a data file"
    cmp labels before
}

@test "a CSV whose reader went away is an error" {
    mkfifo fifo
    head -n 3 fifo >/dev/null 3>&- &
    run --separate-stderr mlp --data "$DIGITS" --iters 100000 --quiet --csv fifo
    fails 1 fifo "Broken pipe"
    [ -z "$output" ]
}

@test "an interrupt before the first evaluation leaves a result too" {
    mkfifo fifo
    "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --eval-every 0 --quiet --csv fifo >said 2>&1 3>&- &
    pid=$!
    exec 7<fifo
    read -r _ <&7
    read -r _ <&7 # behind the header: from now on it heeds signals, which a script's job ignores at first
    kill -INT $pid
    cat <&7 >/dev/null
    exec 7<&-
    code=0; wait $pid || code=$?
    [ "$code" -eq 130 ]
    [ "$(grep -vc "^mlp-train: stopped by SIGINT" said)" -eq 1 ]
    grep -q "^test accuracy .* at iteration" said
}

@test "a loss that is not finite: exit 1, the iteration, the advice, a valid CSV up to there" {
    run --separate-stderr quick --quiet --lr 1e38 --csv a.csv
    fails 1 "diverged" "iteration" "lower the learning rate"
    [[ $stderr =~ at\ iteration\ ([0-9]+) ]]
    [ "$(tail -n 1 a.csv | cut -d, -f1)" -eq $((BASH_REMATCH[1] - 1)) ]
    run ! grep -qiE 'nan|inf' a.csv
}

@test "progress: none in a pipe, none for TERM=dumb, always when asked" {
    quick 2>said >/dev/null
    run ! grep -q $'\r' said
    run ! grep -q $'\033' said
    quick --progress always 2>said >/dev/null
    grep -q $'\r''iteration 1 of 20, loss 2\.3' said # the mean of one
    if script -qec true /dev/null >/dev/null 2>&1; then # where there are terminals
        export DIGITS
        TERM=xterm script -qec '"$MLP_TRAIN" --data "$DIGITS" --iters 20' typescript >/dev/null
        grep -q "to go" typescript
        TERM=dumb script -qec '"$MLP_TRAIN" --data "$DIGITS" --iters 20' typescript >/dev/null
        run ! grep -q "to go" typescript
    fi
}

@test "train and test limits" {
    run --separate-stderr quick --train-limit 100 --test-limit 50
    [[ $stderr == *"100 train and 50 test images"* ]]
    [[ ${lines[-1]} == *"of 50)"* ]]
    run --separate-stderr quick --train-limit 1 --test-limit 1 --batch-size 7
    [ "$status" -eq 0 ]
    [[ $stderr == *"10 classes"* ]]
    run --separate-stderr quick --train-limit 1 --validation 0.5
    fails 2 "--validation" "leave it out"
}

@test "the bundled digits reach 0.95 with the documented command" {
    command=$(grep -oE '\./mlp-train --data data/digits [^`]*' "$ROOT/README.md" | head -n 1)
    [ -n "$command" ]
    cd "$ROOT"
    # shellcheck disable=SC2086
    run --separate-stderr mlp ${command#*mlp-train }
    [ "$status" -eq 0 ]
    accuracy=$(sed -n 's/^test accuracy \([0-9.]*\).*/\1/p' <<<"$output")
    awk -v a="$accuracy" 'BEGIN { exit !(a >= 0.95) }'
}

@test "the gradient check takes as many examples as there are, and the smoothing, and tells what is wrong" {
    check() { mlp --data "$DIGITS" --hidden 8 --train-limit 5 --threads 1 "$@"; }
    run --separate-stderr check --check-gradient 1000
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == *"on 5 examples" ]]
    plain=$output
    run --separate-stderr check --check-gradient 5
    [ "$output" = "$plain" ]
    run --separate-stderr check --check-gradient 5 --label-smoothing 0.3
    [ "$status" -eq 0 ]
    [ "$output" != "$plain" ] # other gradients, other errors of rounding
    run --separate-stderr check --check-gradient 5 --activation tanh --init-std 10
    fails 1 "the gradients of W1 differ by" "more than 0.0001"
    run --separate-stderr check --check-gradient 5 --activation tanh --init-std 100
    fails 1 "the gradient of W1 is 0 throughout"
}

@test "images a second are those of the row's own updates" {
    mlp --data "$DIGITS" --train-limit 100 --test-limit 10 --batch-size 10 --iters 200 --eval-every 2 --threads 1 2>/dev/null >table
    # the quickest of the first ten and of the last fifty rows: were all images since the start counted, they would
    # differ by five times and more
    awk 'NR > 2 && $NF > 0 { r[++n] = $NF } END { for (i = 1; i <= n; i++) { if (i <= 10 && r[i] > a) a = r[i]; if (i > n - 50 && r[i] > b) b = r[i] }
        print n, a, b; exit !(n == 100 && b < 4 * a) }' <(sed '$d' table)
}
