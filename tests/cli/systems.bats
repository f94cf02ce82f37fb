#!/usr/bin/env bats
# systems.bats - every loss, activation, optimizer, sampling and initialisation, and what else
# changes a training: seen from the command line, on the bundled digits.
load common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }

train() {
    mlp --data "$DIGITS" --quiet "$@"
}

# cells NAME FILE: a column of a CSV, the untrained row first, empty cells left out
cells() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
                          $column != "" { print $column }' "$2"
}

# evaluations FILE: the rows of a CSV that were evaluated
evaluations() {
    awk -F, 'NR > 1 && $5 != ""' "$1"
}

# equal A B TOLERANCE: two columns of numbers of the same length, relatively
equal() {
    [ -s "$1" ] && [ "$(wc -l <"$1")" -eq "$(wc -l <"$2")" ]
    paste "$1" "$2" | awk -v tolerance="$3" '
        { d = $1 - $2; if (d * d > ($2 * tolerance) ^ 2) { print "line " NR ": " $0; wrong = 1 } }
        END { exit wrong }'
}

# ---- combinations ----

# One line of options each. Squared error's gradient is small where all digits are about equally
# likely, which is where small weights start: it takes a larger step.
combinations() {
    for loss in cross-entropy squared-error; do
        for optimizer in sgd momentum adam adamw; do
            case $optimizer-$loss in
            sgd-cross-entropy) pace="--lr 0.3 --iters 800" ;;
            sgd-squared-error) pace="--lr 1 --iters 800" ;;
            momentum-*) pace="--lr 0.1 --iters 600" ;;
            adam*) pace="--lr 0.005 --iters 300" ;;
            esac
            for activation in sigmoid tanh relu; do
                for sampling in replacement shuffle; do
                    for init in normal glorot he; do
                        echo "--loss $loss --activation $activation --optimizer $optimizer" \
                            "--sampling $sampling --init $init $pace"
                    done
                done
            done
        done
    done
}

@test "every loss x activation x optimizer x sampling x init learns the digits" {
    export DIGITS
    combinations | xargs -P 2 -I OPTIONS bash -c 'set -- OPTIONS
        echo "$("$MLP_TRAIN" --data "$DIGITS" --quiet --threads 1 --eval-every 0 --batch-size 50 "$@") $*"' >ends
    awk '$1 " " $2 == "test accuracy" && $3 > 0.9 { learned++; next } { print }
         END { print learned " of 144 learned"; exit learned != 144 }' ends
}

# ---- the same bytes ----

@test "every option: the same bytes for 1, 2 and 4 threads, and other bytes than without it" {
    local options=(
        ""
        "--optimizer momentum" "--optimizer adam" "--sampling shuffle"
        "--loss squared-error" "--activation tanh" "--activation relu" "--init glorot" "--init he"
        "--dropout 0.5" "--weight-decay 0.1"
        "--optimizer adam --weight-decay 0.1" "--optimizer adamw --weight-decay 0.1"
        "--lr-schedule step" "--lr-schedule cosine" "--warmup 10" "--log-loss after"
        "--validation 0.2" "--validation 0.2 --early-stop 1 --optimizer adam --lr 0.3"
        "--sampling shuffle --batch-size 333" "--hidden 130" "--train-limit 100"
        "--augment shift" "--augment affine" "--augment elastic"
        "--augment elastic --first-layer dense" "--augment affine --rotate 20" "--augment affine --scale 0.2"
        "--augment affine --shear 0.2" "--augment affine --shift 2" "--augment elastic --elastic-alpha 5"
        "--augment elastic --elastic-sigma 2" "--augment elastic --fade 0.5" "--average 0.9" "--average 0.5"
        "--label-smoothing 0.1" "--loss squared-error --label-smoothing 0.1"
        "--hidden 96 --batch-size 2000 --iters 20" # large enough for OpenBLAS to choose another way
        "--gradient numerical --hidden 5 --batch-size 10 --iters 5"
    )
    for i in "${!options[@]}"; do
        for threads in 1 2 4; do
            # shellcheck disable=SC2086
            train --iters 40 --eval-every 10 --threads $threads --csv "$i-$threads" \
                ${options[i]} >said
        done
        cmp "$i-1" "$i-2"
        cmp "$i-1" "$i-4"
    done
    [ "$(cksum ./*-1 | cut -d ' ' -f 1 | sort -u | wc -l)" -eq "${#options[@]}" ]
}

# ---- presets ----

@test "--preset keras is the command of the Keras row in data/reference-run" {
    train --preset keras --csv a
    train --hidden 50 --optimizer adam --lr 0.001 --init glorot --sampling shuffle \
        --batch-size 32 --epochs 10 --csv b
    [ "$(tail -n 1 a | cut -d, -f 1-2)" = 450,10 ]
    cmp a b
}

@test "--preset chapter is the defaults" {
    train --preset chapter --iters 20 --csv a
    train --iters 20 --csv b
    cmp a b
    train --preset chapter --batch-size 1 --hidden 1 --eval-every 0 --csv a
    train --batch-size 1 --hidden 1 --eval-every 0 --csv b
    [ "$(tail -n 1 a | cut -d, -f 1)" = 10000 ]
    cmp a b
}

@test "options that are typed override a preset, wherever they stand" {
    train --preset keras --epochs 1 --lr 0.01 --csv a
    [ "$(cells lr a | sort -u)" = 0.01 ]
    train --lr 0.01 --preset keras --epochs 1 --csv b
    cmp a b
    train --preset=keras --iters 3 --csv c
    [ "$(cells iter c | tail -n 1)" = 3 ]
}

@test "--verbose tells what each preset filled in" {
    for preset in chapter keras best best-plain; do
        run --separate-stderr mlp --data "$DIGITS" --verbose --preset $preset --iters 1
        [[ $stderr == *"preset    $preset: --hidden "[0-9]*" --lr 0."* ]]
    done
}

# ---- the trace ----

# check_trace LOSS FILE: every example's probabilities sum to 1, its targets are one-hot, both give
# its loss, and the losses the iteration's, as far as four printed digits tell.
check_trace() {
    awk -v loss_name="$1" '
        function close_to(a, b) { return a - b < 6e-4 && b - a < 6e-4 }
        function check(what, good) { if (!good) { print "line " NR ", " what ": " $0; wrong = 1 } }
        function check_mean() { if (n > 0) check("mean before", close_to(sum / n, mean)) }
        /^iteration/ { check_mean(); mean = $NF; sum = n = 0 }
        /^  example/ { label = $4 + 0; predicted = $6 + 0; loss = $NF; sum += loss; n++; all++ }
        /^  targets/ {
            for (k = ones = 0; k < 10; k++) { target[k] = $(k + 2); ones += target[k] }
            check("one-hot", NF == 11 && ones == 1 && target[label] == 1)
        }
        /^  softmax/ {
            total = squares = most = 0
            for (k = 0; k < 10; k++) {
                p[k] = $(k + 2)
                total += p[k]
                squares += (p[k] - target[k]) ^ 2
                if (p[k] > most) most = p[k]
            }
            check("sum", NF == 11 && close_to(total, 1))
            check("prediction", p[predicted] == most)
            if (loss_name == "squared-error") check("loss", close_to(loss, squares / 2))
            else check("loss", close_to(exp(-loss), p[label]))
        }
        END { check_mean(); exit wrong || all == 0 }' "$2"
}

@test "--trace N: N iterations of probabilities, one-hot targets and the losses they give" {
    train --iters 40 --batch-size 7 --init-std 0.1 --trace 30 --csv a >out
    [ "$(grep -c '^iteration' out)" -eq 30 ]
    [ "$(grep -c '^  example' out)" -eq 210 ]
    check_trace cross-entropy out
    [ "$(sed -n 's/^iteration .*loss //p' out | head -n 1)" = "$(cells loss a | head -n 1 | xargs printf %.6f)" ]
    train --iters 40 --batch-size 7 --init-std 0.1 --trace 30 --loss squared-error >out
    [ "$(grep -c '^  example' out)" -eq 210 ]
    check_trace squared-error out
    train --iters 3 --trace 30 >out
    [ "$(grep -c '^iteration' out)" -eq 3 ]
}

@test "a shuffled epoch shows each example once, a short last batch included" {
    train --sampling shuffle --batch-size 32 --epochs 1 --trace 45 >out
    [ "$(awk '/^iteration/ { last = n; n = 0 } /^  example/ { n++ } END { print last, n }' out)" = "32 29" ]
    sed -n 's/^  example .*label \([0-9]\).*/\1/p' out | sort | uniq -c >seen
    gzip -dc "$DIGITS/train-labels-idx1-ubyte.gz" | tail -c +9 | od -An -v -tu1 |
        tr -s ' ' '\n' | grep . | sort | uniq -c >there
    [ "$(wc -l <there)" -eq 10 ]
    cmp seen there
    train --sampling replacement --batch-size 32 --epochs 1 --trace 45 >out
    sed -n 's/^  example .*label \([0-9]\).*/\1/p' out | sort | uniq -c >seen
    run ! cmp -s seen there
}

# ---- learning rates ----

@test "the learning rate is constant, or in steps, or half a cosine" {
    train --iters 20 --csv a
    [ "$(cells lr a | uniq -c | xargs)" = "20 0.1" ]
    train --iters 20 --lr-schedule step --csv a
    [ "$(cells lr a | uniq -c | xargs)" = "10 0.1 5 0.01 5 0.001" ]
    train --iters 8 --lr-schedule cosine --csv a
    # 0.05 (1 + cos(k pi / 8)), k = 0 to 7
    [ "$(cells lr a | xargs)" = "0.1 0.0961939766 0.0853553391 0.0691341716 0.05 0.0308658284 0.0146446609 0.00380602337" ]
}

@test "--warmup N: the rate rises for N iterations, then the schedule has the rest" {
    train --iters 6 --warmup 4 --csv a
    [ "$(cells lr a | xargs)" = "0.025 0.05 0.075 0.1 0.1 0.1" ]
    train --iters 12 --warmup 4 --lr-schedule step --csv a
    [ "$(cells lr a | uniq -c | xargs)" = "1 0.025 1 0.05 1 0.075 5 0.1 2 0.01 2 0.001" ]
    train --iters 3 --warmup 10 --lr-schedule cosine --csv a
    [ "$(cells lr a | xargs)" = "0.01 0.02 0.03" ]
}

# ---- the batch loss ----

@test "--log-loss after: the same training, the loss after each update" {
    # The whole train set in every batch: the loss after an update is the one before the next.
    whole=(--train-limit 100 --batch-size 100 --sampling shuffle --iters 30)
    train "${whole[@]}" --csv before
    train "${whole[@]}" --log-loss after --csv after
    cells loss before | tail -n +2 >next
    cells loss after | head -n 29 >now
    equal now next 1e-8
    cells loss before | head -n 29 >now
    run equal now next 1e-8
    [ "$status" -ne 0 ]
    cells train_loss before >a
    cells train_loss after >b
    cmp a b
    # Evaluated on the same examples after the same updates.
    cells loss after | head -n 30 >now
    tail -n +2 b >next
    equal now next 1e-6
}

# ---- against overfitting ----

# A network that soon learns its few examples by heart, and would go on.
overfit() {
    train --train-limit 400 --validation 0.25 --optimizer adam --lr 0.01 --activation relu \
        --init he --batch-size 30 --iters 1000 --eval-every 10 "$@"
}

@test "--validation fills its two columns, keeps its examples from training" {
    train --iters 20 --csv without
    [ -z "$(cells val_loss without)$(cells val_acc without)" ]
    run --separate-stderr quick --validation 0.2 --csv with
    [[ $stderr == *"1150 train, 287 validation and 360 test images"* ]]
    [[ ${lines[0]} == *"val loss"*"val acc"* ]]
    [ "$(cells val_loss with | wc -l)" -eq "$(cells test_loss with | wc -l)" ]
    [ "$(cells val_acc with | wc -l)" -eq "$(cells test_acc with | wc -l)" ]
    [ "$(cells val_loss with | sort -u | wc -l)" -gt 1 ]
    # 400 examples learned by heart: the accuracy on the part kept aside stays below 1.
    overfit --iters 500 --eval-every 0 --csv a
    [ "$(cells train_acc a)" = 1 ]
    awk -v a="$(cells val_acc a)" 'BEGIN { exit !(a > 0.7 && a < 1) }'
}

# The row of the least validation loss, the first of equals.
best_row() {
    evaluations "$1" | sort -s -t, -k 9,9g | head -n 1
}

@test "--early-stop N: ends N evaluations after the least validation loss, with its weights" {
    for patience in 1 2 5; do
        run --separate-stderr overfit --early-stop $patience --csv a
        [ "$status" -eq 0 ]
        best=$(best_row a)
        iteration=${best%%,*}
        [ "$iteration" -gt 0 ]
        [ "$(evaluations a | awk -F, -v best="$iteration" '$1 > best' | wc -l)" -eq $patience ]
        [ "$(cells iter a | tail -n 1)" -eq $((iteration + 10 * patience)) ]
        accuracy=$(cut -d, -f 8 <<<"$best" | xargs printf %.4f)
        [[ $output == "test accuracy $accuracy "*" at iteration $iteration (least validation loss),"* ]]
    done
    # The same run without it goes on, through the same rows.
    overfit --csv b
    [ "$(cells iter b | tail -n 1)" -eq 1000 ]
    head -n "$(wc -l <a)" b | cmp - a
}

@test "--early-stop: a run that ends before keeps its best weights too" {
    run overfit --early-stop 1000 --csv a
    best=$(best_row a)
    [ "$(cells iter a | tail -n 1)" -eq 1000 ]
    [ "${best%%,*}" -lt 1000 ]
    [[ $output == *" at iteration ${best%%,*} (least validation loss),"* ]]
}

@test "--early-stop never looks at the test set" {
    overfit --early-stop 3 --csv a
    overfit --early-stop 3 --csv b --test-limit 20 # whose loss is least elsewhere
    [ "$(cells test_loss a)" != "$(cells test_loss b)" ]
    cut -d, -f 1-6,9-10 a >a.rest
    cut -d, -f 1-6,9-10 b >b.rest
    cmp a.rest b.rest
}

@test "--dropout: drops in training only" {
    # Nothing learned, so that every evaluation is of the same weights.
    train --iters 30 --lr 0 --trace 30 --csv without >out
    train --iters 30 --lr 0 --trace 30 --csv with --dropout 0.5 >out.with
    for column in train_loss train_acc test_loss test_acc; do
        [ "$(cells $column with | sort -u)" = "$(cells $column without | sort -u)" ]
        [ "$(cells $column with | sort -u | wc -l)" -eq 1 ]
    done
    # The same batches, every one with another loss.
    [ "$(grep -o 'label [0-9]' out)" = "$(grep -o 'label [0-9]' out.with)" ]
    cells loss without >a
    cells loss with >b
    [ "$(paste a b | awk '$1 != $2' | wc -l)" -eq 30 ]
}

@test "--weight-decay holds the weights back, more of it more" {
    for optimizer in sgd momentum adam adamw; do
        lr=0.1
        decays=(0 0.01 0.1)
        case $optimizer in adam*) lr=0.003; decays=(0 0.01 1) ;; esac
        for decay in "${decays[@]}"; do
            train --optimizer $optimizer --lr $lr --iters 200 --eval-every 0 \
                --weight-decay "$decay" --csv a >said
            cells train_loss a
        done >losses
        [ "$(wc -l <losses)" -eq 3 ]
        sort -c -g -u losses
    done
}

@test "--optimizer adamw is adam until there is weight to decay" {
    adam=(--lr 0.003 --iters 20 --eval-every 5)
    train "${adam[@]}" --optimizer adam --csv a
    train "${adam[@]}" --optimizer adamw --csv b
    cmp a b
    train "${adam[@]}" --optimizer adam --weight-decay 0.1 --csv a
    train "${adam[@]}" --optimizer adamw --weight-decay 0.1 --csv b
    run ! cmp -s a b
}
