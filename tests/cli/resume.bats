#!/usr/bin/env bats
# resume.bats - checkpoints and going on from them: the same bytes as a run that was never cut, and
# nothing taken from a file or an option that does not belong to the run.
load common.bash

# A run of 120 iterations, and its checkpoint, CSV and model halfway: in `half`, as a run leaves them
# that was told to end after 60.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir whole half data
    for file in "$DIGITS"/*.gz; do # inflating is most of a short run
        name=${file##*/}
        gzip -dc "$file" >"data/${name%.gz}"
    done
    (cd whole && small --iters 120 --csv curve.csv --save model --export model.npz >told)
    (cd half && small --iters 60 --csv curve.csv --save model --export model.npz --checkpoint run.ckpt --checkpoint-every 20 >told)
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BATS_FILE_TMPDIR"/half/* .
    whole=$BATS_FILE_TMPDIR/whole
    plain=$BATS_FILE_TMPDIR/data
}

teardown() { [ -z "${pid-}" ] || kill -KILL "$pid" 2>/dev/null || true; }

small() {
    mlp --data "$BATS_FILE_TMPDIR/data" --train-limit 200 --test-limit 100 --hidden 8 --eval-every 20 --quiet "$@"
}

# untouched: the files in the current directory are those that setup brought
untouched() {
    local file
    for file in run.ckpt curve.csv model; do
        cmp "$file" "$BATS_FILE_TMPDIR/half/$file"
    done
    [ "$(find . -name '*tmp*' | wc -l)" -eq 0 ]
}

# ends_as_whole: the files are those of the run that was not cut
ends_as_whole() {
    cmp curve.csv "$whole/curve.csv"
    cmp model "$whole/model"
    cmp model.npz "$whole/model.npz"
    [ "$(find . -name '*tmp*' | wc -l)" -eq 0 ]
}

refused() {
    run --separate-stderr mlp --resume run.ckpt "${@:3}"
    fails "$1" "$2"
    untouched
}

# ---- cut and resumed ----

@test "under every optimizer, sampling, dropout and schedule, on 1 and 2 threads" {
    run --separate-stderr "${PYTHON:-python3}" "$ROOT/tests/cli/cut.py" some "$MLP_TRAIN" --data "$plain"
    [ "$output" = "24 runs cut and resumed" ] || { echo "$output$stderr"; return 1; }
}

@test "killed at random moments, and killed again" {
    mkdir torture
    cd torture
    DIGITS=$plain run "$ROOT/tests/cli/torture.sh" 10
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    [[ $output == "10 runs "* ]]
}

@test "--resume alone has all options; more iterations are fine" {
    run --separate-stderr mlp --resume run.ckpt --iters 120
    [ "$status" -eq 0 ]
    [[ $stderr == *"--hidden 8 --iters 120 --eval-every 20 "*"--resume run.ckpt"* ]]
    [[ $stderr == *"200 train and 100 test images"* ]]
    [[ $stderr == *"the weights of run.ckpt"*"resumed   after iteration 60"* ]]
    ends_as_whole
    # the checkpoint moved with the run: resumed again, it is at its end
    run --separate-stderr mlp --resume run.ckpt
    [[ $stderr == *"resumed   after iteration 120"* ]]
    [ "${#lines[@]}" -eq 1 ]
    cut -d , -f 1 <<<"$output" >line
    cut -d , -f 1 "$whole/told" >whole.line
    cmp line whole.line
    ends_as_whole
}

@test "more epochs are fine too, and an epoch is what it was" {
    small --epochs 6 --sampling shuffle --eval-every 2 --csv a.csv --save a
    small --epochs 3 --sampling shuffle --eval-every 2 --csv b.csv --save b --checkpoint b.ckpt
    mlp --resume b.ckpt --epochs 6 --quiet
    cmp a.csv b.csv
    cmp a b
    mlp --resume b.ckpt --iters 12 --quiet # 200 images: 2 iterations an epoch
    cmp a.csv b.csv
}

@test "a whole command line with --resume is the same as --resume alone" {
    small --iters 120 --csv curve.csv --save model --export model.npz --checkpoint run.ckpt --checkpoint-every 20 --resume run.ckpt
    ends_as_whole
    small --preset keras --epochs 2 --hidden 8 --checkpoint k.ckpt --save k
    cp k k.before
    small --preset keras --epochs 2 --hidden 8 --resume k.ckpt
    cmp k k.before
    run --separate-stderr mlp --resume run.ckpt --preset keras
    fails 2 "would change the run of run.ckpt"
}

@test "a finished run, and one stopped early, end at once with the same line and model" {
    small --validation 0.3 --early-stop 2 --optimizer adam --lr 0.1 --iters 1000 --csv a.csv --save a --checkpoint a.ckpt >first
    [ "$(tail -n 1 a.csv | cut -d , -f 1)" -lt 1000 ]
    cp a.csv before.csv
    cp a before
    cp a.ckpt before.ckpt
    mlp --resume a.ckpt --quiet --iters 2000 >second
    cmp <(cut -d , -f 1 first) <(cut -d , -f 1 second)
    grep -q "least validation loss" second
    cmp a.csv before.csv
    cmp a.ckpt before.ckpt
    # but for the iterations that were asked for, the model is the same
    mlp --resume a.ckpt --quiet
    cmp a before
}

@test "a run that was fine-tuned goes on without the model that it began from" {
    tune=(--data "$plain" --train-limit 200 --test-limit 100 --eval-every 20 --quiet --load from)
    cp model from
    mlp "${tune[@]}" --iters 80 --csv a.csv --save a
    mlp "${tune[@]}" --iters 40 --csv b.csv --save b --checkpoint b.ckpt
    mv from elsewhere
    mlp --resume b.ckpt --iters 80 --quiet
    cmp a.csv b.csv
    cmp a b
    run --separate-stderr mlp --resume b.ckpt --load elsewhere
    fails 2 "--load: elsewhere would change the run"
}

@test "options with no influence on the results are free, and stay for the next time" {
    cp -r "$plain" data
    mlp --resume run.ckpt --iters 120 --threads 2 --data data --save other --checkpoint new.ckpt --verbose --progress never >out 2>said
    grep -q "data/train-images" said
    cmp other "$whole/model"
    cmp curve.csv "$whole/curve.csv"
    cmp run.ckpt "$BATS_FILE_TMPDIR/half/run.ckpt"
    small --iters 20 --train-images data/train-images-idx3-ubyte --checkpoint images.ckpt
    rm -r other data/t10k*
    run --separate-stderr mlp --resume new.ckpt
    fails 1 "data: no t10k-images"
    cp "$plain"/t10k* data
    mlp --resume new.ckpt --quiet
    cmp other "$whole/model"
    rm -r data
    run --separate-stderr mlp --resume images.ckpt
    fails 1 "data/train-images-idx3-ubyte"
    mlp --resume images.ckpt --data "$DIGITS" --quiet # all four of them
    # a directory that the environment named is remembered, another one there is not heeded
    MLP_TRAIN_DATA=$DIGITS mlp --iters 1 --checkpoint environment.ckpt --quiet
    mlp --resume environment.ckpt --quiet
    MLP_TRAIN_DATA=nowhere mlp --resume environment.ckpt --quiet
}

@test "names of any bytes come back as they were" {
    name=$'a \xff\n"=b.csv'
    small --iters 20 --csv "$name" --checkpoint $'\xfe ckpt'
    before=$(wc -l <"$name")
    mlp --resume $'\xfe ckpt' --iters 40 --quiet
    [ "$(wc -l <"$name")" -eq $((before + 20)) ]
}

# ---- refused options ----

@test "an option that would change the run is refused by name" {
    others=(train-limit=100 test-limit=50 validation=0.1 hidden=9 activation=tanh loss=squared-error
        init=he init-std=0.02 first-layer=dense batch-size=50 sampling=shuffle optimizer=adam lr=0.2
        lr-schedule=cosine warmup=5 momentum=0.8 beta1=0.8 beta2=0.9 epsilon=1e-08 weight-decay=0.1
        dropout=0.1 early-stop=3 gradient=numerical log-loss=after eval-every=10 seed=2 load=model
        average=0.9 label-smoothing=0.1 augment=affine rotate=7 scale=0.1 shear=0.1 shift=1
        elastic-alpha=30 elastic-sigma=5 fade=0.5 transpose=yes)
    for other in "${others[@]}"; do
        refused 2 "--${other%%=*}: ${other#*=} would change the run of run.ckpt" "--$other"
    done
    # Of every option that --help lists before "Run" there is one above, but for those that are free.
    mlp --help all | sed '/^Run/,$d' | grep -oE '^  --[a-z0-9-]+' | tr -d ' -' | sort >listed
    (printf '%s\n' "${others[@]%%=*}" | grep -v '^load'
        printf '%s\n' data train-images train-labels test-images test-labels iters epochs) | tr -d ' -' | sort >known
    cmp listed known
}

@test "iterations: as many as are made are not more" {
    "$MLP_TRAIN" --data "$plain" --hidden 4 --iters 1000000000 --quiet --checkpoint c >/dev/null 2>told 3>&- &
    pid=$!
    for _ in $(seq 100); do
        [ ! -s c ] || break # then it heeds signals
        sleep 0.1
    done
    kill -INT $pid
    wait $pid || [ $? -eq 130 ]
    made=$(sed -n 's/.* after iteration \([0-9]*\) of .*/\1/p' told)
    run --separate-stderr mlp --resume c --iters "$made"
    fails 2 "--iters: $made iterations, but the run of c has made $made; give more"
}

@test "iterations: not fewer than are made, none where the learning rate depends on their number" {
    refused 2 "--iters: 59 iterations, but the run of run.ckpt has made 60; give more" --iters 59
    refused 2 "--epochs: 2 iterations, but the run of run.ckpt has made 60" --epochs 1
    for schedule in step cosine; do
        small --iters 60 --lr-schedule $schedule --checkpoint s.ckpt
        run --separate-stderr mlp --resume s.ckpt --iters 120
        fails 2 "--iters: 120 iterations, but the learning rates of s.ckpt are those of a $schedule schedule over 60"
    done
    small --iters 60 --augment affine --fade 0.2 --checkpoint f.ckpt
    run --separate-stderr mlp --resume f.ckpt --iters 120
    fails 2 "--iters: 120 iterations, but the distortions of f.ckpt fade at the end of 60; leave it out"
}

@test "what is no training has no checkpoint" {
    for mode in "--eval --load model" "--predict model --load model" --check-gradient; do
        for option in --checkpoint --resume; do
            # shellcheck disable=SC2086
            run --separate-stderr mlp $mode $option run.ckpt
            fails 2 "$option: " "leave it out"
        done
    done
    run --separate-stderr quick --checkpoint-every 5
    fails 2 "--checkpoint-every: needs --checkpoint FILE; add it"
    run --separate-stderr quick --checkpoint -
    fails 2 "--checkpoint: standard output"
    untouched
}

# ---- the CSV ----

@test "a CSV that is not the run's is refused and left alone" {
    for change in 's/^3,/4,/' 's/0.1/0.2/' 1d '$d'; do
        cp "$BATS_FILE_TMPDIR/half/curve.csv" .
        sed -i "$change" curve.csv
        cp curve.csv changed
        run --separate-stderr mlp --resume run.ckpt --iters 120
        fails 1 "curve.csv: is not the CSV of this run" "name another with --csv"
        cmp curve.csv changed
        cmp model "$BATS_FILE_TMPDIR/half/model"
    done
    rm curve.csv
    run --separate-stderr mlp --resume run.ckpt --iters 120
    fails 1 "curve.csv: the CSV of this run is missing"
    [ ! -e curve.csv ]
}

@test "rows that a killed run had written after its checkpoint are written once" {
    small --iters 90 --csv later.csv
    cp later.csv curve.csv
    printf '91,45.5,2.' >>curve.csv # and a part of a row
    mlp --resume run.ckpt --iters 120 --quiet
    ends_as_whole
}

@test "two runs do not write one CSV" {
    "$MLP_TRAIN" --data "$plain" --hidden 4 --iters 1000000000 --quiet --csv a.csv --checkpoint c >/dev/null 2>&1 3>&- &
    pid=$!
    for _ in $(seq 100); do
        [ ! -s c ] || break
        sleep 0.1
    done
    run --separate-stderr small --iters 5 --csv a.csv
    fails 1 "a.csv: another program is writing it" "name another file with --csv"
    run --separate-stderr mlp --resume c
    fails 1 "a.csv: another program is writing it"
    kill -INT $pid
    wait $pid || [ $? -eq 130 ]
    # all rows are there, and whole
    [ "$(awk -F , 'NF != 10 || (NR > 1 && $1 != NR - 2)' a.csv | wc -l)" -eq 0 ]
    [ "$(wc -l <a.csv)" -gt 2 ]
    ln a.csv b.csv # and free again
    small --iters 5 --csv b.csv
    [ "$(wc -l <a.csv)" -eq 7 ]
}

@test "another CSV begins with the header, a pipe gets the rows that follow" {
    mlp --resume run.ckpt --iters 120 --csv new.csv --quiet
    cmp <(head -n 1 new.csv) <(head -n 1 "$whole/curve.csv")
    cmp <(tail -n +2 new.csv) <(tail -n 60 "$whole/curve.csv")
    cp "$BATS_FILE_TMPDIR/half/run.ckpt" .
    mlp --resume run.ckpt --iters 120 --csv - --quiet >rest
    cmp rest <(tail -n 60 "$whole/curve.csv")
    untouched_csv=$(cksum <curve.csv)
    [ "$untouched_csv" = "$(cksum <"$BATS_FILE_TMPDIR/half/curve.csv")" ]
    # and the file that has both parts is the run's CSV again
    cat rest >>curve.csv
    mlp --resume run.ckpt --csv curve.csv --quiet
    ends_as_whole
}

@test "a run without a CSV gets a new one, and overwrites none" {
    small --iters 20 --checkpoint none.ckpt
    run --separate-stderr mlp --resume none.ckpt --iters 40 --csv curve.csv
    fails 1 "curve.csv: is there, but the run to resume wrote no CSV"
    untouched
    mlp --resume none.ckpt --iters 40 --csv new.csv --quiet
    [ "$(wc -l <new.csv)" -eq 21 ]
    small --iters 20 --csv old.csv --checkpoint old.ckpt
    mlp --resume old.ckpt --iters 40 --csv new2.csv --quiet
    mlp --resume old.ckpt --iters 60 --csv new2.csv --quiet
    [ "$(cut -d , -f 1 new2.csv | xargs)" = "iter $(seq -s ' ' 21 60)" ]
}

# ---- one command line: --resume auto ----

@test "--resume auto starts, continues after kill -9, and repeats the result of a complete run" {
    rm ./*
    mlp --data "$plain" --train-limit 200 --hidden 8 --iters 60 --save begin --quiet
    command=(--data "$plain" --train-limit 200 --test-limit 100 --load begin --eval-every 20 --csv curve.csv --save model
        --checkpoint run.ckpt --checkpoint-every 50 --trace 2 --preset chapter --hidden 8 --iters)
    mlp "${command[@]}" 3000 --quiet >told 2>traced
    mkdir first && mv curve.csv model run.ckpt first
    for rows in 30 300 900 2000; do
        "$MLP_TRAIN" "${command[@]}" 3000 --resume auto --quiet >/dev/null 2>&1 3>&- &
        pid=$!
        until [ -e curve.csv ] && [ "$(wc -l <curve.csv)" -gt $rows ]; do kill -0 $pid && sleep 0.02; done
        kill -KILL $pid
        wait $pid || [ $? -eq 137 ]
    done
    pid=
    mlp "${command[@]}" 3000 --resume auto --quiet
    cmp curve.csv first/curve.csv
    cmp model first/model
    run --separate-stderr mlp "${command[@]}" 3000 --resume auto
    [ "$status" -eq 0 ]
    [[ $stderr == *"--resume run.ckpt"*"resumed   after iteration 3000"* ]]
    [ "$(cut -d , -f 1 <<<"${lines[-1]}")" = "$(tail -n 1 told | cut -d , -f 1)" ]
    cmp curve.csv first/curve.csv
    mlp "${command[@]}" 3100 --resume=auto --quiet # longer
    [ "$(tail -n 1 curve.csv | cut -d , -f 1)" = 3100 ]
}

@test "--resume auto says whether it started, and has the same output as a run without it" {
    small --iters 20 --checkpoint none >plain.out
    rm none
    run --separate-stderr mlp --data "$plain" --train-limit 200 --test-limit 100 --hidden 8 --eval-every 20 --iters 20 --checkpoint none --resume auto
    [ "$status" -eq 0 ]
    [[ $stderr == *"--checkpoint none"* && $stderr != *resume* ]]
    [ "$(cut -d , -f 1 <<<"${lines[-1]}")" = "$(cut -d , -f 1 plain.out)" ]
    small --iters 20 --checkpoint auto # a file of that name
    mlp --resume ./auto --iters 40 --quiet
}

@test "--resume auto: refused without --checkpoint, with other options, on a damaged checkpoint or none" {
    run --separate-stderr small --resume auto
    fails 2 "--resume: auto needs --checkpoint FILE"
    run --separate-stderr small --checkpoint run.ckpt --resume auto --seed 2
    fails 2 "--seed: 2 would change the run of run.ckpt"
    untouched
    run --separate-stderr mlp --load model --eval --checkpoint none --resume auto
    fails 2 "--checkpoint: has no effect with --eval"
    run --separate-stderr small --checkpoint none --resume auto --dropout 2
    fails 2 "--dropout: 2 is outside"
    run --separate-stderr small --checkpoint none --resume auto --rotate 5 # as at every start
    fails 2 "--rotate: needs --augment affine"
    for bad in head model curve.csv; do
        if [ $bad = head ]; then head -c 1000 run.ckpt >wrong; else cp $bad wrong; fi
        cp wrong before
        run --separate-stderr small --checkpoint wrong --resume auto
        fails 1 "wrong: "
        cmp wrong before
    done
    run --separate-stderr small --checkpoint run.ckpt/no --resume auto
    fails 1 "run.ckpt/no: " "Not a directory"
}

@test "SIGTERM at any time leaves a complete checkpoint, also of 2048 units" {
    rm ./*
    big=(--data "$plain" --hidden 2048 --optimizer adam --sampling shuffle --iters 100000 --csv curve.csv --checkpoint run.ckpt --checkpoint-every 1000 --eval-every 0 --resume auto --quiet)
    before=-1
    for _ in 1 2 3; do
        "$MLP_TRAIN" "${big[@]}" >/dev/null 2>said 3>&- &
        pid=$!
        for _ in $(seq 600); do # until it trains
            [ -e curve.csv ] && [ "$(tail -n 1 curve.csv | cut -d , -f 1)" -gt $((before + 1)) ] 2>/dev/null && break
            sleep 0.05
        done
        kill -TERM $pid
        code=0; wait $pid || code=$?
        pid=
        [ "$code" -eq 143 ]
        at=$(sed -n 's/.* after iteration \([0-9]*\) of .*; continue with --resume run.ckpt$/\1/p' said)
        [ "$at" -gt "$before" ]
        [ "$(tail -n 1 curve.csv | cut -d , -f 1)" -eq "$at" ]
        run --separate-stderr mlp --resume run.ckpt --csv - --checkpoint other.ckpt --iters $((at + 1))
        [[ $stderr == *"resumed   after iteration $at"* ]] || { echo "$stderr"; return 1; }
        before=$at
    done
}

# ---- other data, other files ----

@test "other data are refused" {
    cp -r "$plain" data
    for file in images-idx3 labels-idx1; do
        cp "data/train-$file-ubyte" kept
        printf '\001' | dd of="data/train-$file-ubyte" bs=1 seek=190 conv=notrunc status=none
        refused 1 "run.ckpt: was made with other train images or labels" --data data
        cp kept "data/train-$file-ubyte"
    done
    mlp --resume run.ckpt --data data --iters 120 --quiet
    ends_as_whole
    cp "$BATS_FILE_TMPDIR"/half/* .
    rm kept
    printf '\001' | dd of=data/t10k-images-idx3-ubyte bs=1 seek=190 conv=notrunc status=none
    refused 1 "other test images or labels" --data data
}

@test "no checkpoint: a model, a data file, nothing there, a directory" {
    refused_file() { run --separate-stderr mlp --resume "$1"; fails 1 "$1" "${@:2}"; untouched; }
    refused_file model "no checkpoint" "--load"
    refused_file "$DIGITS/train-labels-idx1-ubyte.gz" "gzip"
    refused_file curve.csv "not safetensors"
    refused_file nothing "No such file"
    refused_file . "directory"
    run --separate-stderr mlp --data "$DIGITS" --load run.ckpt
    fails 1 "run.ckpt: is a checkpoint" "--resume"
}

# damage FROM TO: the first FROM in the checkpoint becomes TO, of the same length
damage() {
    [ ${#1} -eq ${#2} ]
    LC_ALL=C grep -qaF -- "$1" "$BATS_FILE_TMPDIR/half/run.ckpt"
    LC_ALL=C sed "s/$1/$2/" "$BATS_FILE_TMPDIR/half/run.ckpt" >bad.ckpt
}

@test "options that no run could have are refused, and what goes with them" {
    damages=("--hidden=8:--hidden=9:fc1.bias" "--hidden=8:--hidden=0:outside" "--hidden:--hidddn:no option"
        "--seed=1:--seed=x:not a whole number" "--lr=0.1:--lr=-.1:outside"
        "--optimizer=sgd:--optimizer=sgx:none of" "--sampling:--sapmling:no option"
        "--seed=1:----ed=1:no option" "--seed=1:--lr=0.1:is there twice" "--seed=1:--quiet=:is of no run"
        "--train-limit=200:--train-limit=100:made with 200 train images"
        "--iters=60:--iters=59:beyond the end" "--eval-every=20:--early-stop=33:evaluations to watch"
        "--csv=curve.csv:--resume=rv.csv:is of no run" "first_layer:first_lazer:first_layer"
        '"checkpoint":"1":"checkpoint":"2":cannot read' '"checkpoint":"1":"chickpoint":"1":no checkpoint')
    for entry in "${damages[@]}"; do
        case $entry in
        '"'*) from=${entry:0:16} to=${entry:17:16} words=${entry:34} ;;
        *) IFS=: read -r from to words <<<"$entry" ;;
        esac
        damage "$from" "$to"
        run --separate-stderr mlp --resume bad.ckpt
        fails 1 "bad.ckpt: " "$words" || { echo "$entry"; return 1; }
        rm bad.ckpt
        untouched
    done
}

@test "a checkpoint cut short anywhere is refused" {
    size=$(wc -c <run.ckpt)
    for keep in 0 1 8 9 100 1000 $((size / 2)) $((size - 1)); do
        head -c "$keep" run.ckpt >bad.ckpt
        run --separate-stderr mlp --resume bad.ckpt
        fails 1 "bad.ckpt: "
    done
    (cat run.ckpt && echo) >bad.ckpt
    run --separate-stderr mlp --resume bad.ckpt
    fails 1 "bad.ckpt: " "bytes follow"
    rm bad.ckpt
    untouched
}

# ---- writing ----

@test "a checkpoint that cannot be written ends the run, the older one stays" {
    run --separate-stderr env GCOV_PREFIX="$PWD" bash -c 'ulimit -f 8; "$MLP_TRAIN" --resume run.ckpt --iters 120 --quiet'
    fails 1 "run.ckpt: cannot be written" "too large" "free some space"
    cmp run.ckpt "$BATS_FILE_TMPDIR/half/run.ckpt"
    cmp model "$BATS_FILE_TMPDIR/half/model"
    [ "$(find . -name '*tmp*' | wc -l)" -eq 0 ]
    mlp --resume run.ckpt --iters 120 --quiet # with room again
    ends_as_whole
    cp "$BATS_FILE_TMPDIR"/half/* .
    chmod a-w run.ckpt
    refused 1 "run.ckpt: is there and read-only" --iters 120
    mkdir d
    refused 1 "d: is a directory" --checkpoint d
    refused 1 "no/where: cannot be written" --checkpoint no/where
    [ -c /dev/full ] || skip "no /dev/full here"
    run --separate-stderr small --iters 20 --checkpoint /dev/full
    fails 1 "/dev/full: cannot be written" "No space left"
}

@test "a checkpoint is no other file of the run" {
    refused 2 "--csv: run.ckpt is the checkpoint to resume" --csv run.ckpt
    refused 2 "--save: run.ckpt is the checkpoint to resume" --save run.ckpt
    run --separate-stderr small --checkpoint new --save new
    fails 2 "--save: new is the file of --checkpoint"
    refused 2 "--checkpoint: curve.csv is the file of --csv" --checkpoint curve.csv
    cp "$DIGITS/t10k-labels-idx1-ubyte.gz" labels
    refused 2 "--checkpoint: labels is a data file" --checkpoint labels --test-labels labels
}

@test "a checkpoint is there from the start, then every N iterations, and where the run ends" {
    # whoever opens the name at any time finds a checkpoint that can be resumed
    "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --quiet --checkpoint c --checkpoint-every 7 >/dev/null 2>said 3>&- &
    pid=$!
    for _ in $(seq 200); do [ -e c ] && break; sleep 0.05; done
    for n in 1 2 3 4 5; do
        cp c "c$n"
        sleep 0.02
    done
    kill -TERM $pid
    code=0; wait $pid || code=$?
    [ "$code" -eq 143 ]
    end=$(sed -n 's/.* after iteration \([0-9]*\) of .*; continue with --resume c$/\1/p' said)
    for file in c1 c2 c3 c4 c5 c; do
        run --separate-stderr mlp --resume $file --checkpoint new --iters $((end + 1))
        [ "$status" -eq 0 ]
        at=$(sed -n 's/^resumed   after iteration //p' <<<"$stderr")
        [ $((at % 7)) -eq 0 ] || [ $file = c ]
    done
    [ "$at" -eq "$end" ]
    small --iters 33 --checkpoint c --checkpoint-every 20
    run --separate-stderr mlp --resume c
    [[ $stderr == *"resumed   after iteration 33"* ]]
}

@test "the same run writes the same checkpoint, on any number of threads" {
    for threads in 1 2; do
        small --iters 33 --dropout 0.2 --sampling shuffle --optimizer adam --threads $threads --checkpoint c$threads
        LC_ALL=C sed -i "s/--threads=./--threads=x/; s/--checkpoint=c./--checkpoint=cx/" c$threads
    done
    cmp c1 c2
}

@test "NumPy finds the weights in a checkpoint, under a model's names" {
    python=$(python_with numpy) || skip "no Python with numpy"
    "$python" - <<'EOF'
import json, struct, numpy
def arrays(name):
    data = open(name, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + n])
    kinds = {"F32": "<f4", "F64": "<f8", "U32": "<u4", "U64": "<u8", "U8": "u1"}
    return {k: numpy.frombuffer(data[8 + n:][slice(*v["data_offsets"])], kinds[v["dtype"]]).reshape(v["shape"])
            for k, v in header.items() if k != "__metadata__"}
model, checkpoint = arrays("model"), arrays("run.ckpt")
for name in model:
    assert (model[name] == checkpoint[name]).all() and (model[name] != 0).any(), name
assert checkpoint["fc1.weight"].shape == (8, 784)
assert checkpoint["iteration"] == 60 and checkpoint["data"][0].tolist()[:4] == [200, 28, 28, 10]
assert checkpoint["csv.bytes"] == len(open("curve.csv", "rb").read())
assert b"--hidden=8\0" in checkpoint["options"].tobytes()
EOF
}
