# plots.bats - the gnuplot scripts, on synthetic runs: what they write, what they say, what they refuse.

setup() {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    unset COLUMNS LINES
    export TERM=dumb
    scripts=$BATS_TEST_DIRNAME/../../scripts
    cd "$BATS_TEST_TMPDIR"
}

# run_of N [VAL] - the CSV of a run of N iterations, 600 an epoch: the loss falls as 2.3 exp(-iter / 300) + 0.2,
# every 100th is 1 higher.
run_of() {
    awk -v n="$1" -v val="$2" 'BEGIN {
        print "iter,epoch,loss,lr,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc"
        print "0,0,,,2.30265474,0.0974,2.30265474,0.0982,,"
        for (i = 1; i <= n; i++) {
            a = 0.95 - 0.8 * exp(-i / 600)
            e = i % 600 == 0 || i == n ? "0.4," a ",0.4," a - 0.05 "," (val ? "0.4," a - 0.1 : ",") : ",,,,,"
            printf "%d,%.9g,%.9g,0.1,%s\n", i, i / 600, 2.3 * exp(-i / 300) + 0.2 + (i % 100 == 0), e
        }
    }'
}

plot() { # loss|accuracy ARGUMENTS...: what gnuplot says on either stream goes to $output
    local which=$1
    shift
    run gnuplot -c "$scripts/plot-$which.gp" "$@"
}

magic() { od -An -tx1 -N8 "$1" | tr -d ' \n'; }
texts() { sed -n 's:.*<text>\(.*\)</text>.*:\1:p' "$1"; }                 # an SVG's labels, one a line

# points FILE.svg ID - how many line ends the curve of this id has (gnuplot numbers curves 1, 2; in panels 1a, 2a, 1b, 2b)
points() {
    awk -v id="id=\"gnuplot_plot_$2\"" '/id="gnuplot_plot_/ { on = index($0, id) } /<text>/ { next }
        on { n += gsub(/[ML]?[0-9.]+,[0-9.]+( |$)/, "") } END { print n + 0 }' "$1"
}

refuses() { # WORDS loss|accuracy ARGUMENTS...: exit 1, one line with these words, no picture
    local words=$1
    shift
    plot "$@"
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == "plot-$1.gp: "*"$words"* ]] || { echo "said: $output"; return 1; }
    nothing_of x.svg
}

# nothing_of PICTURE: no file has this name or begins with it. gnuplot does not wait for the shell that removes it.
nothing_of() {
    for _ in $(seq 50); do
        [ -n "$(compgen -G "$1*")" ] || return 0
        sleep 0.1
    done
    ls -l
    return 1
}

@test "a PNG is a PNG, an SVG an SVG, and nothing is said" {
    run_of 2000 > run.csv
    for which in loss accuracy; do
        plot $which run.csv x.png
        [ "$status" -eq 0 ]
        [ -z "$output" ]
        [ "$(magic x.png)" = 89504e470d0a1a0a ]
        plot $which run.csv x.svg
        [ "$status" -eq 0 ]
        [ -z "$output" ]
        grep -q '<svg ' x.svg
        grep -q '</svg>' x.svg
    done
}

@test "loss: both panels have both curves, over all and over 1,000 iterations" {
    run_of 2000 > run.csv
    plot loss run.csv x.svg
    for id in 1a 2a 1b 2b; do
        [ "$(points x.svg $id)" -ge 1000 ]
    done
    texts x.svg | grep -qx 'All 2000 iterations'
    texts x.svg | grep -qx 'The first 1,000 iterations'
    [ "$(texts x.svg | tr -d ' ' | grep -cx 2000)" -eq 1 ]
    [ "$(texts x.svg | tr -d ' ' | grep -cx 1000)" -eq 2 ]
    texts x.svg | grep -qx '2000 iterations' # not the name of the file
    texts x.svg | grep -qE '^last 50: 0\.2'
    [ "$(grep -c run.csv x.svg)" -eq 0 ]
}

@test "the title names network and data, if the messages are beside the CSV; a third argument replaces it" {
    run_of 700 > run.csv
    printf '%s\n' "options   --data some/where/digits --csv run.csv" "data      1437 train and 360 test images of 28 x 28, 10 classes" \
        "network   784-50-10 sigmoid, softmax, cross-entropy: 39760 parameters" > run.log
    for which in loss accuracy; do
        plot $which run.csv x.svg
        [ -z "$output" ]
        texts x.svg | grep -qx '784-50-10 sigmoid, 1437 images of digits'
        plot $which run.csv x.svg Title
        texts x.svg | grep -qx Title
    done
}

@test "loss: bins keep every spike, the mean is centred" {
    run_of 10000 > run.csv
    sed 's/^if (on_terminal) {/set print "rows"; do for [i = 1:|$Rows|] { print $Rows[i] }; exit\n&/' \
        "$scripts/plot-loss.gp" > dump.gp
    cp "$scripts/plot-common.gp" .
    gnuplot -c dump.gp run.csv
    tr -d ' ' < rows | awk -F, 'NR > 1 && $4 > 1.19 && $1 > 3000 { n++ } END { exit n != 70 }'
    tr -d ' ' < rows | awk -F, 'function near(x, y) { return (x - y)^2 < 1e-9 }
        FILENAME == "run.csv" { loss[$1] = $3; next }
        $1 == 1 { good += near($3, loss[1]) }
        $1 == 2 { good += near($3, (loss[1] + loss[2] + loss[3]) / 3) }
        $1 == 500 { for (i = 475; i <= 525; i++) s += loss[i]; good += near($3, s / 51) }
        $1 == 10000 && $3 != "" { s = 0; for (i = 9975; i <= 10000; i++) s += loss[i]; good += near($3, s / 26) }
        END { exit good != 4 }' run.csv -
}

@test "loss: the SVG of 10,000 iterations is under 150 kB" {
    run_of 10000 > run.csv
    plot loss run.csv x.svg
    [ "$(wc -c < x.svg)" -lt 150000 ]
}

@test "loss: a run of 100,000 iterations is read to its end" {
    run_of 100000 | gnuplot -c "$scripts/plot-loss.gp" - x.svg
    texts x.svg | grep -qx 'All 100000 iterations'
}

@test "accuracy: train, test, their last values, the second half enlarged, validation only where measured" {
    run_of 3000 > run.csv
    plot accuracy run.csv x.svg
    [ "$(texts x.svg | grep -E '^(train|test|validation)' | tr '\n' ' ')" = "train 0.9446 test 0.8946 train 0.9446 test 0.8946 " ]
    texts x.svg | grep -qx 'The second half'
    [ "$(points x.svg 1a)" -ge 6 ]
    [ "$(points x.svg 2a)" -ge 6 ]
    grep -q stroke-dasharray x.svg
    run_of 3000 val > val.csv
    plot accuracy val.csv x.svg
    [ -z "$output" ]
    texts x.svg | grep -qx validation
    [ "$(points x.svg 3a)" -ge 5 ]
}

@test "overfitting: both losses of the first run, the test loss of each, under the names of the files" {
    run_of 3000 > plain.csv
    run_of 1800 val > "early stopping.csv"
    plot overfitting plain.csv x.svg Title "early stopping.csv"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ "$(texts x.svg | grep -xE 'train|test|validation|plain|early stopping' | tr '\n' ' ')" = "train test plain early stopping " ]
    [ "$(points x.svg 1b)" -ge 5 ]
    [ "$(points x.svg 2b)" -ge 3 ]
    plot overfitting "early stopping.csv" x.svg
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    texts x.svg | grep -qx validation
}

@test "best: error of one run, and of every configuration of a search, by kind" {
    run_of 3000 > run.csv
    printf '%s\n' val_loss,val_acc,options '0.03,0.99,"--hidden 800 --augment elastic"' \
        '0.04,0.985,"--hidden 800 --augment none"' '0.1,0.97,"--hidden 50 --augment none"' > search.csv
    plot best run.csv x.svg Title search.csv
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ "$(texts x.svg | grep -cE '^(train|test|0.7: published|1.6: published|wide, distorted|wide, not distorted|50 hidden units)')" -eq 7 ]
    [ "$(points x.svg 1a)" -ge 5 ]
}

@test "without a picture the plot is text, as wide as COLUMNS says" {
    run_of 2000 > run.csv
    plot loss run.csv
    [ "$status" -eq 0 ]
    [[ $output == *"All 2000 iterations"*"The first 1,000 iterations"* ]]
    [[ $output == *'###'* || $output == *'***'* ]]
    plot accuracy run.csv
    [[ $output == *'***'* && $output == *' o'* ]]
    [[ $output != *$'\e'* && $output != *$'\f'* ]]
    COLUMNS=100 LINES=30 plot accuracy run.csv
    [ "$(echo "$output" | awk '{ if (length($0) > w) w = length($0) } END { print w }')" -eq 100 ]
}

@test "a pipe draws the same picture as a file" {
    run_of 1500 > run.csv
    for which in loss accuracy; do
        gnuplot -c "$scripts/plot-$which.gp" run.csv file.svg Title
        cat run.csv | gnuplot -c "$scripts/plot-$which.gp" - pipe.svg Title
        cmp file.svg pipe.svg
        gnuplot -c "$scripts/plot-$which.gp" <(cat run.csv) sub.svg Title
        cmp file.svg sub.svg
    done
}

@test "a row still being written is left out" {
    run_of 1500 > run.csv
    head -n 1000 run.csv > whole.csv
    { cat whole.csv; printf '999,1.665,0.'; } > cut.csv
    plot loss whole.csv whole.svg Title
    plot loss cut.csv cut.svg Title
    [ -z "$output" ]
    cmp whole.svg cut.svg
}

@test "a diverged run is drawn up to its last finite loss" {
    { run_of 50; echo '51,0.085,inf,0.1,,,,,,'; echo '52,0.0866666667,nan,0.1,,,,,,'; } > run.csv
    plot loss run.csv x.svg
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    texts x.svg | grep -qx 'All 50 iterations'
}

@test "two iterations are enough for the loss, two evaluations for the accuracy" {
    run_of 2 > run.csv
    plot loss run.csv x.svg
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    plot loss run.csv
    [ "$status" -eq 0 ]
    plot accuracy run.csv x.svg
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "the locale changes nothing" {
    run_of 700 > größe.csv
    for which in loss accuracy; do
        LC_ALL=C.UTF-8 plot $which größe.csv utf8.svg
        [ -z "$output" ]
        LC_ALL=C plot $which größe.csv c.svg
        [ -z "$output" ]
        cmp utf8.svg c.svg
    done
}

@test "names with spaces, quotes and signs of the shell or of SVG" {
    name="it's a \"run\" \$HOME & <b>_^{2}.csv"
    run_of 700 > "$name"
    for which in loss accuracy; do
        plot $which "$name" "it's \"x\" \$1.svg"
        [ "$status" -eq 0 ]
        [ -z "$output" ]
        plot $which "$name" "it's \"x\" \$1.svg" "$name"
        texts "it's \"x\" \$1.svg" | grep -qF "it's a \"run\" \$HOME &amp; &lt;b>_^{2}.csv"
    done
}

@test "too little to draw: a plain line and exit 1" {
    : > empty.csv
    run_of 1 | head -n 1 > header.csv
    run_of 700 | head -n 2 > untrained.csv
    run_of 700 | head -n 3 > one.csv
    echo '<!DOCTYPE html>' > page.csv
    run_of 1200 | cut -d, -f 1-6 > narrow.csv
    run_of 1200 | awk -F, -v OFS=, 'NR > 1 { $2 = "none" } 1' > words.csv
    for which in loss accuracy; do
        refuses 'empty.csv: empty' $which empty.csv x.svg
        refuses 'header.csv: fewer than two' $which header.csv x.svg
        refuses 'untrained.csv: fewer than two' $which untrained.csv x.svg
        refuses 'one.csv: fewer than two' $which one.csv x.svg
        refuses 'page.csv: not a CSV of mlp-train' $which page.csv x.svg
        refuses 'narrow.csv: not a CSV of mlp-train' $which narrow.csv x.svg
        refuses 'words.csv: fewer than two' $which words.csv x.svg
        refuses 'standard input: empty' $which - x.svg < /dev/null
    done
    run_of 700 | head -n 500 > unevaluated.csv
    refuses 'fewer than two evaluations' accuracy unevaluated.csv x.svg
}

@test "no such file, a folder, no place for the picture, another suffix" {
    run_of 700 > run.csv
    for which in loss accuracy; do
        refuses 'missing.csv: no such file' $which missing.csv x.svg
        refuses 'cannot be read' $which . x.svg
        refuses 'no such folder' $which run.csv no/such/x.svg
        refuses 'x.pdf: a picture'"'"'s name ends in .png or .svg' $which run.csv x.pdf
        plot $which
        [ "$status" -eq 1 ]
        [[ $output == "usage: gnuplot -c scripts/plot-$which.gp "* ]]
    done
}

@test "a plot that fails leaves no picture, and an older one as it was" {
    run_of 1200 > run.csv
    refuses 'missing.csv: no such file' overfitting run.csv x.svg Title missing.csv
    refuses 'no such file, or it cannot be read' best run.csv x.svg Title
    # A script that stops in the middle, and pictures larger than a file may be.
    cp "$scripts"/plot-*.gp .
    sed -i 's/^load .*plot-end.gp.*/print no_such_variable/' plot-accuracy.gp
    for suffix in svg png; do
        run gnuplot -c plot-accuracy.gp run.csv x.$suffix
        [ "$status" -ne 0 ]
        nothing_of x.
        run bash -c 'ulimit -f 1; gnuplot -c plot-loss.gp run.csv x.'$suffix
        [ "$status" -ne 0 ]
        [ -n "$output" ]
        nothing_of x.
        plot loss run.csv x.$suffix
        cp x.$suffix older
        run gnuplot -c plot-accuracy.gp run.csv x.$suffix
        run bash -c 'ulimit -f 1; gnuplot -c plot-loss.gp run.csv x.'$suffix
        cmp older x.$suffix
        rm x.$suffix
        nothing_of x.
    done
}

# ---- comparisons ----

# scaled FACTOR FILE: a run whose losses are FACTOR times as high
scaled() { awk -F, -v OFS=, -v f="$1" 'NR > 2 { $3 *= f } 1' "$2"; }

@test "compare: runs are labelled by the options that differ; what is not drawn is said" {
    for lr in 0.1 0.2 0.4; do
        run_of 3000 > lr-$lr.csv
        echo "options   --data d --lr $lr --csv lr-$lr.csv --hidden 20" > lr-$lr.log
    done
    echo "options   --data d --hidden 20 --csv a" > lr-0.1.log # 0.1 is the default
    plot compare x.svg lr-*.csv
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ "$(texts x.svg | grep '^lr ' | tr '\n' ' ')" = "lr 0.1: 0.8946 lr 0.2: 0.8946 lr 0.4: 0.8946 " ]
    [ "$(points x.svg 3a)" -ge 100 ]
    [ "$(points x.svg 3b)" -ge 5 ]
    mv x.svg first.svg
    plot compare lr-*.csv x.svg # the picture last, as for the other plots
    [ -z "$output" ]
    cmp x.svg first.svg
    rm x.svg first.svg
    refuses 'names no picture; add one' compare lr-*.csv
    plot compare x.svg lr-*.csv
    rm ./*.log # then the CSV alone: all have lr 0.1, so the names tell them apart
    scaled 30 lr-0.4.csv > diverged.csv
    : > empty.csv
    echo '<html>' > page.csv
    sed '$ s/,[0-9.]*,0.1,/,nan,0.1,/' lr-0.2.csv > nan.csv
    plot compare x.svg lr-0.1.csv diverged.csv empty.csv page.csv absent.csv nan.csv
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 5 ]
    [[ $output == *"empty.csv: not drawn"*"page.csv: not drawn"*"absent.csv: not drawn"* ]]
    [[ $output == *"diverged.csv: not drawn: means of the loss above "* ]]
    [[ $output == *"nan.csv: not drawn: the loss is not finite from iteration 3000 on"* ]]
    [ "$(texts x.svg | grep -cE '^(lr-0.1|diverged|nan): ')" -eq 3 ]
    rm x.svg
    refuses 'nothing to draw' compare x.svg empty.csv || [[ ${lines[1]} == *'nothing to draw' ]]
    plot compare x.svg
    [[ $output == "usage: gnuplot -c scripts/plot-compare.gp "* ]]
    nothing_of x.svg
}

# ---- lessons ----

@test "lesson: one script draws each, as SVG and PNG, without a word" {
    for name in loss activation derivative gradient descent simple-net step-by-step; do
        local data=()
        [ $name != step-by-step ] || data=(--data "$scripts/../data/digits")
        "${MLP_TRAIN:-$scripts/../mlp-train}" --lesson $name "${data[@]}" --csv $name.csv >said 2>&1
        for suffix in svg png; do
            plot lesson $name.csv x.$suffix
            [ "$status" -eq 0 ]
            [ -z "$output" ] || { echo "$name: $output"; return 1; }
            [ "$(wc -c <x.$suffix)" -gt 4000 ]
        done
        cksum <x.svg
    done >sums
    [ "$(sort -u sums | wc -l)" -eq 7 ]
    plot lesson descent.csv x.svg 'My title'
    texts x.svg | grep -qx 'My title'
    texts x.svg | grep -qx 'lr = 0.1'
    cat descent.csv | gnuplot -c "$scripts/plot-lesson.gp" - y.svg 'My title'
    cmp x.svg y.svg
}

@test "lesson: another CSV, no picture, nothing: a plain line and no picture" {
    run_of 700 > run.csv
    : > empty.csv
    echo 'x0,x1,f,df_dx0,df_dx1' > header.csv
    refuses 'not the CSV of a lesson' lesson run.csv x.svg
    refuses 'empty' lesson empty.csv x.svg
    refuses 'fewer than two rows' lesson header.csv x.svg
    refuses 'no such file' lesson absent.csv x.svg
    refuses 'name a picture' lesson run.csv
    plot lesson
    [[ $output == "usage: gnuplot -c scripts/plot-lesson.gp "* ]]
}

@test "without cairo the other PNG terminal draws; without font settings too" {
    run_of 700 > run.csv
    cp "$scripts"/plot-*.gp .
    sed -i 's/" pngcairo "/" absent "/' plot-common.gp
    gnuplot -c plot-loss.gp run.csv x.png
    [ "$(magic x.png)" = 89504e470d0a1a0a ]
    rm x.png
    FONTCONFIG_FILE=/nonexistent gnuplot -c "$scripts/plot-loss.gp" run.csv x.png 2>said
    [ "$(magic x.png)" = 89504e470d0a1a0a ]
}

@test "PNGs are twice as large as the SVGs, for print" {
    run_of 700 > run.csv
    plot loss run.csv x.png
    [ "$(od -An -tu1 -j16 -N8 x.png | tr -s ' ')" = " 0 0 6 64 0 0 3 72" ] # 1600 x 840
}
