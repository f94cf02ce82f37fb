# lessons.bats - --lesson: every exact target of the chapter, read from what the program prints; the CSVs; what is refused.
load common.bash

LESSONS="loss activation derivative gradient descent simple-net step-by-step"

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# lesson NAME [OPTION...]: with the data that it needs
lesson() {
    local data=()
    [ "$1" != step-by-step ] || data=(--data "$DIGITS")
    mlp --lesson "$@" "${data[@]}"
}

# prints LABEL WORD...: the line of `said` that begins with LABEL has these words next to it, the program's and the
# text's, in this order and as they are
prints() {
    local label=$1 line
    shift
    line=$(sed 's/^ *//' said | awk -v label="$label" 'index($0, label) == 1 { print; exit }')
    [ "$(tr -s ' ' <<<"${line#"$label"}" | sed 's/^ //')" = "$*" ] || { echo "$label: $line"; return 1; }
}

# after N LABEL WORD...: the same below line N
after() {
    local from=$1
    tail -n +"$from" said >rest
    mv said all
    mv rest said
    shift
    prints "$@"
    mv all said
}

# within FILE: at most 79 columns, nothing at the ends of lines
within() {
    ! grep -nE '.{80}| $' "$1"
}

@test "--lesson lists the lessons, a line each, and each of them exists" {
    mlp --lesson >list
    [ "$(mlp --lesson list)" = "$(cat list)" ]
    within list
    for name in $LESSONS; do
        [ "$(grep -c "^  $name  *[34]\.[0-9.]*  *[a-z]" list)" -eq 1 ]
        lesson "$name" >said
        within said
        [ "$(wc -l <said)" -ge 7 ]
    done
    [ "$(grep -cE '^  [a-z-]+ +[0-9]' list)" -eq "$(wc -w <<<"$LESSONS")" ]
}

@test "loss: the squared errors and cross-entropies of the text, one-hot and by label" {
    lesson loss >said
    prints "y1: squared error" 0.0975 0.0975
    prints "y2: squared error" 0.5975 0.5975
    for form in one-hot label; do
        prints "cross-entropy, $form, 1e-7" 0.510825457099338 0.510825457099338
        after "$(grep -n "^y2" said | cut -d: -f1)" "cross-entropy, $form, 1e-7" 2.302584092994546 2.302584092994546
    done
    prints "cross-entropy, exact: -log y" 0.510825623765991
    after "$(grep -n "^mean" said | cut -d: -f1)" "cross-entropy, exact" 1.705331936584694 # (-ln 0.6 - 2 ln 0.1) / 3
}

@test "activation: values and derivatives from -6 to 6; no gradient of a step" {
    lesson activation >said
    [ "$(grep -cE '^ +-?[0-6] ' said)" -eq 13 ]
    grep -qE '^ +-6 +0.00000 +0.00247 -0.99999 +0.00000 +0.00000 +0.00247 +0.00002 +0.00000$' said
    grep -qE '^ +0 +0.00000 +0.50000 +0.00000 +0.00000 +0.00000 +0.25000 +1.00000 +0.00000$' said
    grep -qE '^ +2 +1.00000 +0.88080 +0.96403 +2.00000 +0.00000 +0.10499 +0.07065 +1.00000$' said
    grep -q '5000 at 0 (jump / 2h), 0 at 1' said
}

@test "derivative: central differences of the text to every digit, its mistake, errors over h" {
    lesson derivative >said
    prints "central difference, h = 1e-4" 0.1999999999990898 0.1999999999990898
    prints "forward difference, h = 10e-50" 0 0, by rounding
    after "$(grep -n "^x = 10" said | cut -d: -f1)" "central difference, h = 1e-4" 0.2999999999986347 0.2999999999986347
    [ "$(grep -cE '^ +1e-[01][0-9]( +[0-9.]+e-[0-9]+){4}$' said)" -eq 16 ]
}

@test "gradient: partial derivatives to every digit, and three gradients" {
    lesson gradient >said
    prints "df/dx0 at (3, 4); exact: 6" 6.00000000000378 6.00000000000378
    prints "df/dx1 at (3, 4); exact: 8" 7.999999999999119 7.999999999999119
    prints "gradient at (3, 4)" "(6, 8) (6, 8)"
    prints "gradient at (0, 2)" "(0, 4) (0, 4)"
    prints "gradient at (3, 0)" "(6, 0) (6, 0)"
}

@test "descent: the three rates of the text; --lr and --iters" {
    lesson descent | sed -n '/^After/,$p' >said
    prints "0.1 " "(-6.11110793e-10, 8.14814391e-10) (-6.11110793e-10, 8.14814391e-10)"
    prints "10 " "(-2.58983747e+13, -1.29524862e+12) (-2.58983747e+13, -1.29524862e+12)"
    prints "1e-10 " "(-2.99999994, 3.99999992) (-2.99999994, 3.99999992)"
    lesson descent --lr 0.5 --iters 1 --csv d.csv >said
    grep -E '^0.5 +\(-?[0-9.]+e-1[0-9], -?[0-9.]+e-1[0-9]\)$' said
    [ "$(grep -c '^0.5,' d.csv)" -eq 2 ]
    lesson descent --lr 10 | sed -n '/^After/,$p' >said # a rate of the text is not listed twice
    prints "10 " "(-2.58983747e+13, -1.29524862e+12) (-2.58983747e+13, -1.29524862e+12)"
    [ "$(grep -c '^10 ' said)" -eq 1 ]
    lesson descent --iters 0 >said
    prints "0.1 " "(-3, 4)"
}

@test "simple-net: scores, prediction, loss and both gradients; --seed draws other weights" {
    lesson simple-net >said
    prints "W, row 1" -0.73546853 -0.90485202 -0.22409225
    prints "W, row 2" 0.19518637 0.10183601 1.89255414
    prints "scores" -0.26561338 -0.45125880 1.56884337
    prints "prediction" "2 the text: 2"
    prints "loss" "0.25645618872166714 the text: 0.25645618872166714"
    prints "gradient, row 1: central differences" 0.07414456 0.06158210 -0.13572666
    prints "gradient, row 2: central differences" 0.11121684 0.09237315 -0.20359000
    lesson simple-net --csv a.csv >said
    lesson simple-net --seed 3 --csv b.csv >said
    run ! grep 'the text' said
    for file in a.csv b.csv; do # float32 has seven digits
        awk -F, 'NR > 1 && ($4 - $5) ^ 2 > 1e-14 { exit 1 } END { exit NR != 7 }' $file
    done
    run ! cmp -s a.csv b.csv
}

@test "step-by-step: probabilities, targets and losses of five images in five iterations" {
    lesson step-by-step --csv a.csv >said
    [ "$(grep -c '^iteration' said)" -eq 5 ]
    [ "$(grep -c '^  example' said)" -eq 25 ]
    sed -n 's/^iteration.* //p' said | sort -c -g -r -u
    # Six states of 50 probabilities, which sum to 1 and give the loss.
    awk -F, 'NR > 1 { n++; sum += $6; if ($5 == 1 && ($7 + log($6)) ^ 2 > 1e-10) wrong = 1 }
        END { exit wrong || n != 300 || (sum - 30) ^ 2 > 1e-8 }' a.csv
    lesson step-by-step --seed 2 --csv b.csv >said
    run ! cmp -s a.csv b.csv
    lesson step-by-step --lr 0.2 --iters 2 --csv b.csv >said
    [ "$(grep -c '^iteration' said)" -eq 2 ]
    [ "$(wc -l <b.csv)" -eq 151 ]
    # The trainer does the same: the loss before each update.
    mlp --data "$DIGITS" --train-limit 5 --sampling shuffle --batch-size 5 --init-std 0.1 --iters 5 --quiet --csv c.csv
    sed -n 's/^iteration.* //p' said >short
    lesson step-by-step | sed -n 's/^iteration.* //p' >here
    awk -F, 'NR > 2 { printf "%.6f\n", $3 }' c.csv | paste here - | awk '($1 - $2) ^ 2 > 1e-11 { exit 1 } END { exit NR != 5 }'
}

@test "--csv: the same bytes in a file and on stdout, where the table goes to stderr" {
    for name in $LESSONS; do
        lesson "$name" >table
        run --separate-stderr lesson "$name" --csv file.csv
        [ "$output" = "$(cat table)" ]
        [ "$stderr" = "written   file.csv" ]
        lesson "$name" --csv - >piped.csv 2>said
        cmp file.csv piped.csv
        cmp table said
        # Tidy: every row has the columns of the header; no empty lines.
        awk -F, 'NR == 1 { n = NF } NF != n || n < 4 { exit 1 } END { exit NR < 7 }' file.csv
    done
    [ "$(for name in $LESSONS; do lesson "$name" --csv - 2>&- | head -n 1; done | sort -u | wc -l)" -eq 7 ]
}

@test "no other option, no other name, no CSV of the list, no file that cannot be written" {
    run --separate-stderr mlp --lesson losses
    fails 2 "--lesson: 'losses' is none of list|loss|activation"
    run --separate-stderr mlp --lesson softmax
    fails 2 "; --lesson alone explains them"
    run --separate-stderr mlp --lesson --csv x.csv
    fails 2 "--csv and --lesson list: exclude each other"
    run --separate-stderr mlp --lesson loss --lr 1
    fails 2 "--lr: needs --lesson descent or step-by-step"
    run --separate-stderr mlp --lesson descent --seed 1
    fails 2 "--seed: needs --lesson simple-net or step-by-step"
    run --separate-stderr mlp --lesson descent --data "$DIGITS"
    fails 2 "--data: needs --lesson step-by-step"
    run --separate-stderr mlp --lesson descent --epochs 2
    fails 2 "--epochs: has no effect with --lesson"
    run --separate-stderr mlp --lesson descent --iters 100001
    fails 2 "--iters: 100001 is outside 0..100000"
    run --separate-stderr mlp --lesson loss --csv no/such.csv
    fails 1 "no/such.csv" "make its directory first"
    run --separate-stderr mlp --lesson step-by-step --data "$DIGITS" --csv "$DIGITS/t10k-labels-idx1-ubyte.gz"
    fails 2 "is a data file"
    run --separate-stderr mlp --lesson step-by-step --data nowhere
    fails 1 nowhere
    [ "$(find . ! -name 'separate-stderr*')" = . ]
}

@test "step-by-step without data: one line, no table, no CSV" {
    cp "$DIGITS/train-images-idx3-ubyte.gz" broken
    printf 'x' >>broken
    for data in "--data nowhere" "--data $DIGITS --train-images broken"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --lesson step-by-step $data --csv out.csv
        [ "$status" -eq 1 ]
        [ -z "$output" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [ ! -e out.csv ]
    done
}

@test "a lesson that cannot write leaves an older file as it was" {
    echo older >a.csv
    run bash -c 'ulimit -f 1; trap "" XFSZ; "$MLP_TRAIN" --lesson derivative --csv a.csv'
    [ "$status" -eq 1 ]
    [ "$(cat a.csv)" = older ]
    [ "$(ls)" = a.csv ]
    if [ -e /dev/full ]; then
        run bash -c '"$MLP_TRAIN" --lesson loss >/dev/full'
        [ "$status" -eq 1 ]
        run bash -c '"$MLP_TRAIN" --lesson loss --csv - 2>&1 >/dev/full'
        [ "$status" -eq 1 ]
    fi
}

# ---- the chapter ----

# blocks README: each lesson that reads no data, as the README prints it: a file "NAME" with command and output
blocks() {
    awk '/^    \$ \.\/mlp-train --lesson/ { name = $4 } /^    \$ gnuplot/ || /^[^ ]/ { name = "" }
         name != "" && name != "step-by-step" { print substr($0, 5) >name }' "$1"
}

@test "data/reference-run has the output of every lesson that reads no data, as it is" {
    mkdir there && cd there
    blocks "$ROOT/data/reference-run/README.md"
    [ "$(echo *)" = "activation derivative descent gradient loss simple-net" ]
    for name in *; do
        (cd .. && sed 1q "there/$name" && mlp --lesson "$name" --csv "lesson-$name.csv" 2>&1) | diff "$name" -
    done
}

@test "chapter.sh on the bundled digits: every listing, every image, every link" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    MLP_TRAIN_DATA=data/digits "$ROOT/scripts/chapter.sh" out
    [ "$(grep -c '^\$ ' "$ROOT/scripts/chapter.txt")" -eq "$(grep -c '^    \$ ' out/README.md)" ]
    [ "$(grep -c '^!\[' out/README.md)" -ge 12 ]
    while read -r link; do
        case $link in
        '#'*) grep -qixE "#+ $(tr - ' ' <<<"${link#\#}")" out/README.md || { echo "$link"; return 1; } ;;
        *) [ -s "out/$link" ] || { echo "$link"; return 1; } ;;
        esac
    done < <(grep -oE '\]\([^)]+\)' out/README.md | tr -d '])(')
    grep -q 'MLP_TRAIN_DATA=data/digits' out/README.md
    [ -z "$(find out -type l)" ]
    # The deterministic parts are those of the committed copy.
    mkdir a b
    (cd a && blocks ../out/README.md)
    (cd b && blocks "$ROOT/data/reference-run/README.md")
    diff -r a b
}

@test "chapter.sh: no directory, a command that fails: a line, and no README" {
    run "$ROOT/scripts/chapter.sh"
    [ "$status" -eq 2 ]
    MLP_TRAIN_DATA=nowhere run "$ROOT/scripts/chapter.sh" out
    [ "$status" -eq 1 ]
    [[ $output == *"chapter.sh: failed: "* ]]
    [ ! -e out/README.md ]
}
