# model.bats - a model saved, loaded, judged; and what becomes of the older file where that fails.
load common.bash

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    quick --quiet --lr 0.5 --iters 300 --save m.safetensors --csv m.csv
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    M=$BATS_FILE_TMPDIR/m.safetensors
}

# The last row of a CSV as --eval tells it: "LOSS ACCURACY".
last_row() { tail -n 1 "$1" | cut -d, -f7-8 --output-delimiter=' '; }
# The line of --eval on stdin likewise, the accuracy from its counts.
verdict() { sed -n 's/.*(\([0-9]*\) of \([0-9]*\)), test loss \(.*\)/\3 \1 \2/p' | awk '{ printf "%s %.9g\n", $1, $2 / $3 }'; }
# said FILE KEY: what the metadata say
said() { LC_ALL=C grep -ao "\"$2\":\"[^\"]*\"" "$1" | cut -d'"' -f4; }
# Files a run left beside those that it was asked for.
no_temporary() { [ -z "$(find . -name '*.mlp-train-tmp')" ]; }
in_numpy() {
    python=$(python_with numpy) || skip "no Python with numpy"
    PYTHONDONTWRITEBYTECODE=1 "$python" "$@"
}
numpy() { in_numpy "$ROOT/tests/twin/model_twin.py" "$@"; }
# same_as_numpy FILE [ACTIVATION FILE]... : what --eval said of each FILE, in FILE.said, is what NumPy
# computes from it on the bundled digits; an activation "-" is that of the file
same_as_numpy() {
    numpy evaluate "$DIGITS"/t10k-{images-idx3,labels-idx1}-ubyte.gz "$@" >computed
    for file; do [ ! -e "$file.said" ] || sed -n 's/.*(\([0-9]*\) of [0-9]*), test loss \(.*\)/\1 \2/p' "$file.said"; done |
        paste -d' ' - computed | tee both
    awk '{ d = $2 - $4; if (NF != 4 || $1 != $3 || d * d > 1e-12 * $4 * $4) bad = 1 } END { exit bad || NR == 0 }' both
}

@test "--save leaves a file, says so, and changes nothing else" {
    quick --quiet --csv without.csv
    run --separate-stderr quick --csv with.csv --save a.safetensors
    [ "$status" -eq 0 ]
    [[ $stderr == *"written   a.safetensors" ]]
    cmp without.csv with.csv
    [ "$(head -c 9 a.safetensors | tail -c 1)" = "{" ]
    no_temporary
}

@test "same seed, same bytes for 1, 2 and 4 threads, whatever else is written" {
    quick --quiet --threads 1 --save 1
    quick --quiet --threads 2 --save 2 --csv x.csv
    quick --threads 4 --save 4 --verbose --confusion y.csv >/dev/null 2>&1
    cmp 1 2
    cmp 1 4
    quick --quiet --seed 2 --save other
    run ! cmp -s 1 other
}

@test "--eval equals the last row of the run to the last digit" {
    [ "$(mlp --data "$DIGITS" --load "$M" --eval --quiet | verdict)" = "$(last_row "$BATS_FILE_TMPDIR/m.csv")" ]
    for options in "--first-layer dense" "--hidden 33 --activation relu --optimizer adam" \
        "--validation 0.2 --early-stop 2 --eval-every 5 --lr 3 --loss squared-error" "--threads 1 --dropout 0.5" \
        "--gradient numerical --iters 2 --hidden 5"; do
        # shellcheck disable=SC2086
        quick --quiet $options --save a --csv a.csv >said
        mlp --data "$DIGITS" --load a --eval --quiet | verdict >judged
        case $options in # of the best evaluation, which the final line tells
        *early-stop*)
            iteration=$(sed 's/.*iteration \([0-9]*\) .*/\1/' said)
            grep "^$iteration," a.csv >row
            [ "$iteration" -lt 20 ]
            [ "$(said a iterations)" = "$iteration" ]
            ;;
        *) cat a.csv >row ;;
        esac
        [ "$(cat judged)" = "$(last_row row)" ] || { echo "$options: $(cat judged), not $(last_row row)"; return 1; }
    done
}

@test "--first-layer auto is what the model was trained with" {
    quick --quiet --first-layer dense --save a
    for what in --eval "--iters 1"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --data "$DIGITS" --verbose --load a $what
        [[ $stderr == *"products  first layer dense"* ]]
        # shellcheck disable=SC2086
        run --separate-stderr mlp --data "$DIGITS" --verbose --load a $what --first-layer sparse
        [[ $stderr == *"products  first layer sparse"* ]]
        # shellcheck disable=SC2086
        run --separate-stderr mlp --data "$DIGITS" --verbose --load "$M" $what
        [[ $stderr == *"products  first layer sparse"* ]]
    done
}

@test "save, load, save: the same bytes" {
    run --separate-stderr quick --load "$M" --iters 0 --save b
    [ "$status" -eq 0 ]
    [[ $stderr == *"the weights of $M"* ]]
    cmp "$M" b
    quick --quiet --load - --iters 0 --save c <"$M"
    cmp "$M" c
    quick --quiet --first-layer dense --load "$M" --iters 0 --validation 0.1 --save d
    cmp "$M" d
}

@test "--load goes on from there, and may replace what it loaded" {
    quick --quiet --load "$M" --iters 100 --lr 0.1 --csv a.csv --save a
    [ "$(sed -n 2p a.csv | cut -d, -f7-8)" = "$(tail -n 1 "$BATS_FILE_TMPDIR/m.csv" | cut -d, -f7-8)" ]
    run ! cmp -s "$M" a
    cp "$M" b
    quick --quiet --load b --iters 100 --lr 0.1 --save b
    run cmp a b # but for the name in the options
    [ "$(wc -c <a)" -eq "$(wc -c <b)" ] || [ "$(tail -c 100000 a | cksum)" = "$(tail -c 100000 b | cksum)" ]
    [ "$(said a iterations)" = 100 ]
    [[ $(said a options) == *"--lr 0.1 "*" --load $M" ]]
}

@test "the metadata tell how to use the model and where it is from" {
    while read -r key value; do
        [ "$(said "$M" "$key")" = "$value" ] || { echo "$key: $(said "$M" "$key"), not $value"; return 1; }
    done <<END
format pt
program $(mlp --version | head -n 1)
activation sigmoid
loss cross-entropy
image_rows 28
image_columns 28
pixel_scale 1/255
classes 10
first_layer sparse
seed 1
iterations 300
train_accuracy $(tail -n 1 "$BATS_FILE_TMPDIR/m.csv" | cut -d, -f6)
test_accuracy $(tail -n 1 "$BATS_FILE_TMPDIR/m.csv" | cut -d, -f8)
test_images 360
END
    [[ $(said "$M" options) == *"--hidden 50 "*"--iters 300 "*"--lr 0.5 "* ]]
    [[ $(said "$M" options) != *threads* ]]
    # which make it again
    # shellcheck disable=SC2046
    mlp --data "$DIGITS" --quiet $(said "$M" options) --save again
    cmp "$M" again
}

@test "defaults give way to the model's values" {
    quick --quiet --hidden 7 --activation tanh --loss squared-error --save a
    run --separate-stderr mlp --data "$DIGITS" --load a --iters 0
    [[ $stderr == *"784-7-10 tanh, softmax, squared-error"* ]]
    run --separate-stderr mlp --data "$DIGITS" --load a --iters 0 --hidden 7 --activation tanh
    [ "$status" -eq 0 ]
    run --separate-stderr mlp --data "$DIGITS" --preset keras --load a --iters 1
    [[ $stderr == *"784-7-10 tanh, softmax, squared-error"*"adam, lr 0.001"* ]]
    run --separate-stderr mlp --data "$DIGITS" --load a --iters 0 --loss cross-entropy
    [[ $stderr == *"784-7-10 tanh, softmax, cross-entropy"* ]]
}

@test "values that contradict the model are refused by name" {
    run --separate-stderr quick --load "$M" --hidden 51
    fails 2 "--hidden: 51, but $M has 50 hidden units" "leave it out"
    run --separate-stderr mlp --data "$DIGITS" --load "$M" --eval --activation relu
    fails 2 "--activation: relu, but $M was trained with sigmoid" "leave it out"
    run --separate-stderr quick --load "$M" --init he
    fails 2 "--init and --load: exclude each other"
    run --separate-stderr quick --load "$M" --init-std 1
    fails 2 "--init-std and --load: exclude each other"
}

@test "data of another kind are refused" {
    sh "$ROOT/tests/cli/make-bad-data.sh" .
    for what in --eval "--iters 1"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --data . --load "$M" $what
        fails 1 "images of 3 x 2 pixels" "$M was trained on 28 x 28" "another model"
    done
    mlp --data . --quiet --iters 5 --save small
    run --separate-stderr mlp --data . --load small --eval --test-labels labels-beyond
    fails 1 "labels-beyond: label 7 is 3" "classes of small end at 2"
    run --separate-stderr mlp --data . --load small --eval --test-images images-2x3
    fails 1 "images-2x3: holds images of 2 x 3 pixels" "small was trained on 3 x 2"
}

@test "pixels of another scale than the model's are refused" {
    sh "$ROOT/tests/cli/make-bad-data.sh" .
    mlp --data . --quiet --iters 5 --save small
    # an image of 3 x 2 floats: 255 0 255 0 255 0, and the same / 255
    { printf '\0\0\015\3\0\0\0\1\0\0\0\3\0\0\0\2' && printf '\103\177\0\0\0\0\0\0%.0s' 1 2 3; } >far
    { printf '\0\0\015\3\0\0\0\1\0\0\0\3\0\0\0\2' && printf '\077\200\0\0\0\0\0\0%.0s' 1 2 3; } >near
    printf '\0\0\010\1\0\0\0\1\1' >label
    for what in "--eval --test-images far --test-labels label" "--predict far" \
        "--train-images far --train-labels label --test-images near --test-labels label"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --load small $what
        fails 1 "far: has a pixel of 255, but small was trained on pixels from 0 to 1" "divide them by 255"
    done
    mlp --load small --eval --test-images near --test-labels label --quiet
    mlp --test-images far --test-labels label --train-images far --train-labels label --iters 2 --quiet --save numbers
    mlp --load numbers --predict far
    mlp --load small --predict far --fit
}

@test "--eval: tables on stdout, settings on stderr, no train files" {
    mkdir data
    cp "$DIGITS"/t10k-* data/
    run --separate-stderr mlp --data data --load "$M" --eval --confusion c.csv
    [ "$status" -eq 0 ]
    [[ $stderr == *"model     $M: 784-50-10 sigmoid"*"360 test images of 28 x 28"* ]]
    [[ ${lines[0]} =~ ^class\ +images\ +right\ +precision\ +recall ]]
    [[ ${lines[-1]} =~ ^test\ accuracy\ 0\.[0-9]{4}\ \+-\ 0\.[0-9]{4}\ \([0-9]+\ of\ 360\),\ test\ loss\ 0\.[0-9]+$ ]]
    [ "$(printf '%s\n' "${lines[@]}" | awk 'length > 80' | wc -l)" -eq 0 ]
    run --separate-stderr mlp --data data --load "$M" --eval --quiet
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 1 ]
    no_temporary
}

@test "the tables, the CSV and the counts agree" {
    mlp --data "$DIGITS" --load "$M" --eval --confusion c.csv >table 2>/dev/null
    [ "$(head -n 1 c.csv)" = label,0,1,2,3,4,5,6,7,8,9 ]
    # class, images, right, precision and recall, once more from the CSV
    awk -F, 'NR > 1 { for (k = 2; k <= NF; k++) { n[NR - 2] += $k; p[k - 2] += $k }; right[NR - 2] = $NR }
        END { for (k = 0; k < 10; k++) printf "%d %d %d %.4f %.4f\n", k, n[k], right[k], right[k] / p[k], right[k] / n[k] }' c.csv >again
    awk 'NR > 1 && NR < 12 { print $1, $2, $3, $4, $5 }' table | diff - again
    # the matrix, zeros as dots
    awk 'NR > 14 && NF == 11 && !/test/ { gsub(/ \./, " 0"); gsub(/^ +/, ""); gsub(/ +/, ","); print }' table | diff - <(tail -n +2 c.csv)
    # the class that each is most often taken for, the first of equals, also by a model that has hardly learned
    quick --quiet --save hardly
    for model in "$M" hardly; do
        mlp --data "$DIGITS" --load "$model" --eval --confusion c2.csv 2>/dev/null |
            awk 'NR > 1 && NR < 12 { print $1, $6, $7 }' >said
        awk -F, 'NR > 1 { k = NR - 2; worst = -1; n = 0
            for (i = 0; i < 10; i++) { n += $(i + 2); if (i != k && (worst < 0 || $(i + 2) > $(worst + 2))) worst = i }
            if (n > $(k + 2)) print k, worst, "(" $(worst + 2) ")"; else print k, "", "" }' c2.csv | diff said -
    done
    [[ $(head -n 1 said) =~ ^0\ [1-9]\ \([1-9] ]] # class 0 was taken for another
    [ "$(awk '{ s += $3 } NR == 11 { print s }' table)" = "$(sed -n 's/.*(\([0-9]*\) of.*/\1/p' table)" ]
    quick --quiet --lr 0.5 --iters 300 --confusion d.csv
    cmp c.csv d.csv
}

@test "two classes and 256: tables that can be read" {
    sh "$ROOT/tests/cli/make-bad-data.sh" .
    printf '\0\0\010\001\0\0\0\010\0\001\0\001\0\001\0\001' >two
    set -- --train-images images --test-images images --quiet --iters 3
    mlp "$@" --train-labels two --test-labels two --save 2.model
    run --separate-stderr mlp --test-images images --test-labels two --load 2.model --eval
    [ "$status" -eq 0 ]
    [[ $output == *"predicted as"* ]]
    printf '\0\0\010\001\0\0\0\010\0\377\0\001\0\001\0\001' >many
    mlp "$@" --train-labels many --test-labels many --save 256.model --confusion 256.csv
    run --separate-stderr mlp --test-images images --test-labels many --load 256.model --eval --confusion again.csv
    [ "$status" -eq 0 ]
    [[ $output == *"256 classes: --confusion FILE writes the matrix"* ]]
    [ "${#lines[@]}" -eq 259 ]
    [[ ${lines[3]} =~ ^\ +2\ +0\ +0\ +-\ +-$ ]]
    cmp 256.csv again.csv
    [ "$(awk -F, '{ print NF }' 256.csv | sort -u)" = 257 ]
    for n in 50 51; do # the most classes with a matrix, and one more
        printf '\0\0\010\001\0\0\0\010\0%b\0\001\0\001\0\001' "\\0$(printf %o $((n - 1)))" >some
        mlp "$@" --train-labels some --test-labels some --save $n.model
        mlp --test-images images --test-labels some --load $n.model --eval >$n 2>/dev/null
    done
    grep '^label, and how often it was predicted as:' 50
    grep '^51 classes: --confusion FILE writes the matrix' 51
}

@test "NumPy reads what is saved, and computes what --eval says" {
    for activation in sigmoid tanh relu; do
        quick --quiet --lr 0.3 --hidden 41 --activation $activation --save $activation
        mlp --data "$DIGITS" --load $activation --eval --quiet >$activation.said
    done
    cp "$M" m
    mlp --data "$DIGITS" --load m --eval --quiet --first-layer dense >m.said
    same_as_numpy - sigmoid - tanh - relu - m
}

@test "the manual's lines for NumPy read a model" {
    cp "$M" model.safetensors
    sed -n '/^import json, numpy/,/^```/{/^```/!p}' "$ROOT/src/cli/mlp-train.1.scd" >recipe.py
    cat >>recipe.py <<'END'
import sys; sys.path.insert(0, sys.argv[1])
import model_twin
arrays, _ = model_twin.read("model.safetensors")
assert set(arrays) == set(model) and all((arrays[name] == model[name]).all() for name in arrays)
assert model["fc1.weight"].shape == (50, 784) and abs(model["fc2.weight"]).max() > 0.1
END
    in_numpy recipe.py "$ROOT/tests/twin"
}

@test "a file as PyTorch's writer leaves it is loaded; its activation must be told" {
    numpy write theirs 45 1
    for activation in sigmoid tanh relu; do
        ln theirs theirs-$activation
        mlp --data "$DIGITS" --load theirs-$activation --activation $activation --eval --quiet >theirs-$activation.said
    done
    run --separate-stderr mlp --data "$DIGITS" --load theirs --eval
    fails 2 "--activation: theirs does not say which it was trained with" "add --activation sigmoid"
    quick --quiet --load theirs --activation relu --iters 0 --save ours
    mlp --data "$DIGITS" --load ours --eval --quiet >ours.said
    same_as_numpy sigmoid theirs-sigmoid tanh theirs-tanh relu theirs-relu - ours
    numpy copy "$M" copied
    [ "$(mlp --data "$DIGITS" --load copied --activation sigmoid --eval --quiet)" = "$(mlp --data "$DIGITS" --load "$M" --eval --quiet)" ]
}

@test "combinations that contradict each other" {
    run --separate-stderr mlp --eval
    fails 2 "--eval: needs --load FILE; add it"
    for option in "--save x" "--csv x" "--trace 3" --check-gradient "--iters 1" "--train-limit 9" "--predict x"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --data "$DIGITS" --load "$M" --eval $option
        fails 2 "has no effect with --" "leave it out"
    done
    for option in --save --confusion; do
        run --separate-stderr mlp --data "$DIGITS" --check-gradient $option x
        fails 2 "$option: has no effect with --check-gradient; leave it out"
        run --separate-stderr quick $option -
        fails 2 "$option: standard output carries the table; name a file"
    done
    [ ! -e x ]
    run --separate-stderr mlp --data "$DIGITS" --load "$M" --check-gradient 2
    [ "$status" -eq 0 ]
}

@test "what is written is none of the files that are read or written otherwise" {
    gzip -dc "$DIGITS/t10k-labels-idx1-ubyte.gz" >labels
    cp "$M" m
    cp labels before
    ln -s m link
    for option in --save --confusion; do
        run --separate-stderr quick --test-labels labels $option ./labels
        fails 2 "$option: ./labels is a data file" "name another"
        run --separate-stderr quick --csv a.csv $option ./a.csv
        fails 2 "$option: ./a.csv is the file of --csv" "name another"
        run --separate-stderr bash -c '"$MLP_TRAIN" --data "$0" --iters 5 "$1" out >out' "$DIGITS" $option
        fails 2 "$option: out is where standard output goes"
    done
    run --separate-stderr quick --save b --confusion b
    fails 2 "--confusion: b is the file of --save"
    for file in m link; do
        for option in --csv --confusion; do
            run --separate-stderr quick --load m $option $file
            fails 2 "$option: $file is the model to load"
        done
    done
    cmp labels before
    cmp "$M" m
    [ ! -e a.csv ]
    [ ! -e b ]
}

@test "Ctrl-C saves what was learned, then exit 130" {
    echo older >a
    "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --eval-every 300 --save a --csv a.csv >out 2>said 3>&- &
    pid=$!
    for _ in $(seq 100); do
        [ -f a.csv ] && [ "$(wc -l <a.csv)" -gt 700 ] && break
        sleep 0.1
    done
    [ "$(cat a)" = older ] # until the run is over
    kill -INT $pid
    code=0; wait $pid || code=$?
    [ "$code" -eq 130 ]
    grep -q "written   a" said
    no_temporary
    iterations=$(tail -n 1 a.csv | cut -d, -f1)
    [ "$(said a iterations)" = "$iterations" ]
    # the accuracy is that of these weights, not of the last evaluation
    [ "$(mlp --data "$DIGITS" --load a --eval --quiet | verdict)" = "$(said a test_loss) $(said a test_accuracy)" ]
}

@test "a model is saved though nobody reads the table" {
    bash -c '"$MLP_TRAIN" --data "$0" --iters 300 --eval-every 1 --lr 0.5 --save a | head -n 1 >/dev/null' "$DIGITS" 2>/dev/null
    [ "$(said a iterations)" = 300 ]
}

@test "a run that diverges leaves the older model alone" {
    echo older >a
    run --separate-stderr quick --quiet --activation relu --lr 1e30 --save a
    fails 1 "diverged"
    [ "$(cat a)" = older ]
    no_temporary
}

# ---- places that cannot be written: told before training, the older file intact ----

# cannot_save FILE WORD... : in one line, with exit 1, before the CSV is begun
cannot_save() {
    local file=$1
    shift
    for option in --save --confusion; do
        run --separate-stderr quick --quiet --csv begun.csv $option "$file"
        fails 1 "$file: " "$@" || return
        [ ! -e begun.csv ] || return
    done
}

@test "a directory in its place, no directory for it, a read-only file, a name too long" {
    mkdir d
    echo older >ro
    chmod 444 ro
    long=$(printf 'n%.0s' $(seq 300))
    cannot_save d "is a directory" "name a file in it"
    cannot_save none/a "No such file" "make its directory first"
    cannot_save ro/a "Not a directory" "make its directory first"
    cannot_save ro "read-only" "chmod u+w"
    cannot_save "$long" "File name too long" "choose a shorter name"
    ln -s gone dangling
    cannot_save dangling "is a symbolic link to a file that is missing"
    [ "$(cat ro)" = older ]
    no_temporary
}

@test "a directory that may not be written" {
    mkdir d
    echo older >d/a
    chmod 555 d
    as=
    if [ "$(id -u)" -eq 0 ]; then # who may write everywhere, but for this
        as="setpriv --inh-caps=-all --bounding-set=-all"
        $as true || skip "cannot run without root's rights"
    fi
    for file in d/a d/new; do
        # shellcheck disable=SC2086
        run --separate-stderr $as "$MLP_TRAIN" --data "$DIGITS" --iters 5 --quiet --save $file
        fails 1 "$file: cannot be written: Permission denied" "a directory that you may write to"
    done
    [ "$(cat d/a)" = older ]
    chmod 755 d
    no_temporary
}

@test "a name with spaces, quotes and UTF-8" {
    name=$'ein "Modell" \xc3\xa4\xe2\x82\xac \\n.safetensors'
    quick --quiet --save "$name"
    [ "$(mlp --data "$DIGITS" --load "$name" --eval --quiet | cut -c1-13)" = "test accuracy" ]
    quick --quiet --load "$name" --iters 3 --save "$name"
    quick --quiet --load "$name" --iters 0 --save again
    cmp "$name" again
    name=$'latin-\xe4' # no UTF-8: the text in the file must be all the same
    cp "$M" "$name"
    quick --quiet --load "$name" --iters 3 --save a
    quick --quiet --load a --iters 0 --save b
    cmp a b
}

@test "a full disk: exit 1, one line, the older file intact" {
    [ -c /dev/full ] || skip "no /dev/full here"
    for option in --save --confusion; do
        run --separate-stderr quick --quiet $option /dev/full
        fails 1 "/dev/full: cannot be written: No space left on device" "free some space"
    done
    [ -c /dev/full ]
    cp "$M" older # a limit on the size of files is a full disk, too
    run --separate-stderr env GCOV_PREFIX="$PWD" bash -c 'ulimit -f 60; "$MLP_TRAIN" --data "$0" --iters 5 --quiet --save older' "$DIGITS"
    fails 1 "older: cannot be written: File too large" "free some space"
    cmp "$M" older
    no_temporary
}

@test "a full file system" {
    unshare --mount --map-root-user true 2>/dev/null || skip "root may not mount here, as in a container or chroot"
    mkdir small
    # shellcheck disable=SC2016
    run --separate-stderr unshare --mount --map-root-user bash -c '
        mount -t tmpfs -o size=200k none small && cp "$1" small/a &&
        "$MLP_TRAIN" --data "$0" --iters 5 --quiet --save small/a
        code=$?
        cmp "$1" small/a && [ "$(ls -A small)" = a ] && exit $code' "$DIGITS" "$M"
    fails 1 "small/a: cannot be written: No space left on device" "free some space"
}

@test "a FIFO gets the model" {
    mkfifo fifo
    cat fifo >got 3>&- &
    quick --quiet --save fifo
    wait $!
    quick --quiet --save a
    cmp got a
}
