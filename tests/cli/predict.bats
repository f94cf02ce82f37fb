#!/usr/bin/env bats
# predict.bats - what a model takes images for: IDX and pictures, by every way in, and with --fit of any size.
load common.bash

IMAGES=$DIGITS/t10k-images-idx3-ubyte.gz
LABELS=$DIGITS/t10k-labels-idx1-ubyte.gz

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mlp --data "$DIGITS" --lr 0.5 --iters 1500 --eval-every 0 --quiet --save m.safetensors
    mlp --load m.safetensors --predict "$IMAGES" >rows.csv
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    M=$BATS_FILE_TMPDIR/m.safetensors
    ROWS=$BATS_FILE_TMPDIR/rows.csv
}

predict() { mlp --load "$M" --predict "$@"; }

# pictures COMMAND ARGUMENT...: pictures.py, or skipped without NumPy
pictures() {
    for python in "${PYTHON:-python3}" python3 /usr/bin/python3; do
        "$python" -c 'import numpy' 2>/dev/null && break
    done || skip "no Python with numpy"
    PYTHONDONTWRITEBYTECODE=1 "$python" "$BATS_TEST_DIRNAME/pictures.py" "$@"
}

# A picture of one stroke, dark on light, in a plain PGM.
stroke() {
    printf 'P2\n9 7\n9\n'
    printf '%s\n' '9 9 9 9 9 9 9 9 9' '9 9 9 0 9 9 9 9 9' '9 9 9 0 9 9 9 9 9' '9 9 9 0 9 9 9 9 9' \
        '9 9 9 0 9 9 9 9 9' '9 9 9 0 9 9 9 9 9' '9 9 9 9 9 9 9 9 9'
}

# refused WORD... : what `run` ran said one line and left nothing on standard output
refused() {
    [ -z "$output" ] || { echo "on stdout: $output"; return 1; }
    fails "$@"
}

# ---- rows ----

@test "a row an image: index, label, probabilities, as NumPy computes them" {
    [ "$(head -n 1 "$ROWS")" = index,label,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9 ]
    [ "$(wc -l <"$ROWS")" -eq 361 ]
    pictures check "$M" "$IMAGES" "$ROWS"
}

@test "as many labels are right as --eval counts" {
    right=$(pictures right "$LABELS" "$ROWS")
    mlp --load "$M" --eval --data "$DIGITS" --quiet | grep -F "($right of 360)"
    [ "$right" -gt 330 ]
}

@test "files and pipes, plain and gzip, IDX and PGM, and all numbers of threads give the same bytes" {
    gzip -dc "$IMAGES" >images
    predict images | cmp - "$ROWS"
    predict - <images | cmp - "$ROWS"
    predict - <"$IMAGES" | cmp - "$ROWS"
    cat images | predict - | cmp - "$ROWS"
    predict <(cat "$IMAGES") | cmp - "$ROWS"
    for threads in 1 2 5; do
        predict "$IMAGES" --threads $threads | cmp - "$ROWS"
    done
    for form in P5 P2 P5-16; do
        pictures pgm "$IMAGES" $form >$form.pgm
        predict $form.pgm | cmp - "$ROWS"
    done
    predict - <P5.pgm | cmp - "$ROWS"
    cat P2.pgm | predict - --threads 3 | cmp - "$ROWS"
    gzip -c P5.pgm >P5.pgm.gz
    predict P5.pgm.gz | cmp - "$ROWS"
    cat P5.pgm.gz P5.pgm.gz | predict - | sed 361q | cmp - "$ROWS"
}

@test "a row does not depend on the images beside it, however the first layer computes" {
    pictures pgm "$IMAGES" P5 6 >all.pgm
    size=$(($(wc -c <all.pgm) / 6))
    for layer in sparse dense; do
        predict all.pgm --first-layer $layer | sed 1d | cut -d, -f2- >together
        for i in $(seq 0 5); do
            tail -c +$((i * size + 1)) all.pgm | head -c $size | predict - --first-layer $layer | sed 1d | cut -d, -f2-
        done >alone
        cmp together alone
        predict "$IMAGES" --first-layer $layer | cut -d, -f2- | sed -n 2,7p | cmp - together
    done
}

@test "other numbers of classes, other sizes, vectors and floats" {
    sh "$BATS_TEST_DIRNAME/make-bad-data.sh" . # whose good set is 8 images of 3 x 2, 3 classes
    mlp --data . --iters 3 --batch-size 2 --quiet --save m
    mlp --load m --predict images >rows
    [ "$(head -n 1 rows)" = index,label,p0,p1,p2 ]
    [ "$(wc -l <rows)" -eq 9 ]
    { printf '\0\0\010\2\0\0\0\010\0\0\0\6' && tail -c 48 images; } >vectors # [8 x 6]
    mlp --load m --predict vectors | cmp - rows
    mlp --load m --predict vectors --fit | cmp - <(mlp --load m --predict images --fit)
    mlp --data . --train-images vectors --test-images vectors --iters 3 --batch-size 2 --quiet --save v
    mlp --load v --predict images >/dev/null
    run --separate-stderr mlp --load v --predict images --fit
    refused 2 --fit "vectors of 6 numbers" "leave out --fit"
    { printf '\0\0\015\3\0\0\0\1\0\0\0\3\0\0\0\2' && printf '\077\200\0\0\0\0\0\0%.0s' 1 2 3; } >floats # 1 0 1 0 1 0
    printf 'P1 2 3 010101' | mlp --load m --predict - --first-layer dense >rows
    mlp --load m --predict floats | cmp - rows
    run --separate-stderr mlp --load m --predict floats --first-layer sparse
    refused 2 --first-layer "stored as bytes"
}

@test "pictures are answered as they come" {
    stroke >stroke.pgm
    mkfifo in
    "$MLP_TRAIN" --load "$M" --predict in --fit >out 3>&- &
    program=$!
    exec 4>in
    for n in 1 2 3; do
        cat stroke.pgm >&4
        for _ in $(seq 100); do
            [ "$(wc -l <out)" -gt "$n" ] && break
            sleep 0.05
        done
        [ "$(wc -l <out)" -eq $((n + 1)) ]
    done
    exec 4>&-
    wait "$program"
    [ "$(wc -l <out)" -eq 4 ]
}

@test "nobody reads on: it ends quietly" {
    run --separate-stderr bash -c '"$MLP_TRAIN" --load "$1" --predict "$2" | head -n 2' - "$M" "$IMAGES"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "${lines[1]}" = "$(sed -n 2p "$ROWS")" ]
    set -o pipefail
    for _ in 1 2 3 4 5 6 7 8 9; do gzip -dc "$IMAGES" | tail -c +17; done | cat <(printf '\0\0\010\3\0\0\014\250\0\0\0\034\0\0\0\034') - |
        predict - | head -n 1
}

@test "a full disk is told" {
    [ -w /dev/full ] || skip "no /dev/full"
    run --separate-stderr bash -c '"$MLP_TRAIN" --load "$1" --predict "$2" >/dev/full' - "$M" "$IMAGES"
    refused 1 "standard output: cannot write" "No space left"
}

# ---- --fit ----

@test "--fit does no harm to images that are in MNIST's frame already" {
    predict "$IMAGES" --fit >fitted.csv
    { read -r all && read -r kept _; } < <(pictures right "$LABELS" "$ROWS" fitted.csv)
    echo "$kept of $all"
    [ "$all" -gt 330 ] && [ "$kept" -ge $((all * 99 / 100)) ]
}

# kept LEAST MODEL IMAGES LABELS: the first 100 images at four other sizes, dark on light and light on dark:
# of those that are right as they are, so many at least stay right, at each size
kept() {
    pictures enlarge "$3" 100 .
    mlp --load "$2" --predict plain.pgm >plain.csv
    for file in ./*x*.pgm; do
        mlp --load "$2" --predict "$file" --fit >"${file%.pgm}.csv"
    done
    counts=$(pictures right "$4" plain.csv ./*x*.csv)
    echo "$counts"
    awk -v least="$1" 'NR > 1 && $1 < least { lost = 1 } END { exit lost || NR != 9 }' <<<"$counts"
}

@test "--fit: 100 of the bundled digits at other sizes, inverted or not, stay right" {
    kept 93 "$M" "$IMAGES" "$LABELS" # 95 % of 97
}

@test "--fit: 100 test images of MNIST at other sizes, inverted or not, stay right" {
    need_mnist
    mlp --data "$MNIST" --eval-every 0 --quiet --save mnist # the manual's first model
    kept 95 mnist "$MNIST/t10k-images-idx3-ubyte.gz" "$MNIST/t10k-labels-idx1-ubyte.gz"
}

@test "--fit: a drawing by ImageMagick's convert, as the manual says" {
    command -v convert >/dev/null || skip "no convert; it is ImageMagick's, scripts/setup.sh --dev installs it"
    convert -size 200x160 xc:white -stroke black -strokewidth 14 -fill none -draw 'line 90,30 90,130' one.png
    convert one.png pgm:- | predict - --fit >one
    [ "$(sed -n 2p one | cut -d, -f1,2)" = 0,1 ]
    convert one.png -negate -resize 400% pbm:- | predict - --fit >one
    [ "$(sed -n 2p one | cut -d, -f1,2)" = 0,1 ]
    convert one.png ppm:- >one.ppm
    run --separate-stderr predict one.ppm --fit
    refused 1 "one.ppm: picture 0 is in colour" "convert PICTURE pgm:-"
}

@test "pictures without ink: a row without values and a line about it, also with --quiet" {
    { stroke && printf 'P2 3 2 9 5 5 5 5 5 5\n' && stroke; } >three.pgm
    for quiet in "" --quiet; do
        run --separate-stderr predict three.pgm --fit $quiet
        [ "$status" -eq 0 ]
        [ "${#lines[@]}" -eq 4 ]
        [ "${lines[2]}" = 1,,,,,,,,,,, ]
        [ "${lines[3]#2}" = "${lines[1]#0}" ]
        [ "$stderr" = "mlp-train: warning: three.pgm: image 1: its row stays empty: all its pixels are the same" ]
    done
    # a transparent PNG becomes all black, or all white
    for value in 0 9; do
        run --separate-stderr predict <(for _ in $(seq 30); do echo $value; done | cat <(echo P2 6 5 9) -) --fit --quiet
        [ "${lines[1]}" = 0,,,,,,,,,,, ]
        [[ $stderr == "mlp-train: warning: "*"image 0: "*"-alpha remove"* && $stderr != *$'\n'* ]]
    done
    # dust
    run --separate-stderr predict <(printf 'P2 4 4 999 999 999 999 999 999 990 999 999 999 999 999 999 999 999 999 999') --fit --quiet
    [ "${lines[1]}" = 0,,,,,,,,,,, ]
    [[ $stderr == *"image 0: its row stays empty: no ink stands out"* && $stderr != *$'\n'* ]]
}

@test "black on white without --fit: a line says so once, also with --quiet" {
    { for _ in 1 2 3; do printf 'P5 28 28 255\n' && head -c 784 /dev/zero | tr '\0' '\377'; done; } >white.pgm
    run --separate-stderr predict white.pgm --quiet
    [ "${#lines[@]}" -eq 4 ]
    [[ $stderr == "mlp-train: warning: white.pgm: 3 of 3 images have a bright border"*"add --fit"* ]]
    [[ $stderr != *$'\n'* ]]
    gzip -dc "$IMAGES" | head -c 16 >inverted
    gzip -dc "$IMAGES" | tail -c +17 | LC_ALL=C tr "$(printf '\\%o' $(seq 0 255) | sed 's/^/x/;s/x//')" "$(printf '\\%o' $(seq 255 -1 0))" >>inverted
    run --separate-stderr predict inverted --quiet
    [[ $stderr == *"360 of 360 images have a bright border"*"add --fit"* ]]
    run --separate-stderr predict inverted --fit --quiet
    [ -z "$stderr" ]
    run --separate-stderr predict "$IMAGES" --quiet
    [ -z "$stderr" ]
}

@test "--verbose shows the digit as the network sees it" {
    stroke >stroke.pgm
    run --separate-stderr --keep-empty-lines predict stroke.pgm --fit --verbose
    [ "${lines[2]}" = "" ] && [ -n "${lines[1]}" ]
    [[ ${stderr_lines[0]} =~ ^image\ 0\ is\ predicted\ as\ [0-9],\ probability\ [01]\.[0-9]{4}$ ]]
    [ "${stderr_lines[0]#image 0 is predicted as }" = "$(sed -n 2p <<<"$output" | awk -F, '{ printf "%d, probability %.4f", $2, $($2 + 3) }')" ]
    # 5 pixels high become 20 rows of 4 columns, from row 5, column 13 on
    for i in $(seq 28); do
        if [ "$i" -le 5 ] || [ "$i" -gt 25 ]; then
            [ -z "${stderr_lines[i]}" ]
        else
            [ "${stderr_lines[i]}" = "                          @@@@@@@@" ]
        fi
    done
    # every tone, from images of 3 x 2
    sh "$BATS_TEST_DIRNAME/make-bad-data.sh" .
    mlp --data . --iters 0 --quiet --save m
    run --separate-stderr --keep-empty-lines mlp --load m --predict <(printf 'P2 2 3 9 0 9 1 8 2 6') --verbose
    [ "${stderr_lines[1]}" = "  @@" ]
    [ "${stderr_lines[2]}" = "..%%" ]
    [ "${stderr_lines[3]}" = "::**" ]
}

# ---- refusals ----

@test "another size without --fit" {
    run --separate-stderr predict <(stroke)
    refused 1 "picture 0 is 7 x 9 pixels" "the model takes 28 x 28" "add --fit"
    sh "$BATS_TEST_DIRNAME/make-bad-data.sh" .
    run --separate-stderr predict images
    refused 1 "images: holds images of 3 x 2 pixels" "the model takes 28 x 28" "add --fit"
    run --separate-stderr predict images --fit
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 9 ]
}

@test "what is no image" {
    sh "$BATS_TEST_DIRNAME/make-bad-data.sh" .
    for file in empty html lfs npy png jpeg csv cut-data labels images-none cut.gz crc.gz two-to-the-60 binary absent; do
        run --separate-stderr predict $file --fit
        refused 1 "$file: "
        run --separate-stderr predict - --fit <<<"$(cat $file 2>/dev/null | tr -d '\0')"
        refused 1 "standard input: "
    done
}

@test "bad pictures, each in a line, after the rows of the good ones" {
    n=0
    while read -r bytes; do
        { stroke && printf '%b' "$bytes"; } >bad.pgm
        run --separate-stderr predict bad.pgm --fit
        [ "${#lines[@]}" -eq 2 ] && [[ ${lines[1]} == 0,* ]]
        fails 1 "bad.pgm: " "convert PICTURE"
        n=$((n + 1))
    done <<'END'
P3 1 1 255 1 2 3
P6 1 1 255 abc
P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\na
P8 1 1 255 a
P
P5
P5 2
P5 2 2
P5 2 2 255
P5 0 2 255\n
P5 2 0 255\n
P5 -1 2 255\nab
P5 1 1 0\na
P5 1 1 65536\nab
P5 99999999 99999999 255\na
P5 2 2 255\nabc
P5 2 2 65535\nabcdefg
P5 1 1 9\na
P4 9 2\nabc
P2 2 2 9 1 2 3
P2 1 1 9 10\n
P2 2 1 9 1 x\n
P1 2 2 012
P1 2 2 011
junk
END
    [ "$n" -eq 25 ]
    run --separate-stderr predict - --fit <bad.pgm
    fails 1 "standard input: other bytes (0x6A first) follow picture 0" "convert PICTURE"
}

@test "options that have no effect, or lack something" {
    run --separate-stderr mlp --predict x
    refused 2 "--predict: needs --load FILE; add it"
    run --separate-stderr mlp --fit
    refused 2 "--fit: needs --predict FILE; add it"
    run --separate-stderr mlp --load - --predict -
    refused 2 "--predict and --load: standard input cannot be both"
    for option in "--csv x" "--save x" --eval "--confusion x" --check-gradient "--trace 3" "--lr 1" "--data x" \
        "--test-images x" "--iters 5" "--seed 2" "--preset keras"; do
        # shellcheck disable=SC2086 # two words
        run --separate-stderr predict "$IMAGES" $option
        refused 2 "has no effect with --predict; leave it out" || refused 2 "has no effect with --check-gradient; leave it out"
        [ ! -e x ]
    done
    run --separate-stderr predict "$IMAGES" --hidden 51
    refused 2 "--hidden: 51" "50 hidden units"
    run --separate-stderr mlp --load absent --predict "$IMAGES"
    refused 1 "absent: "
}

@test "a model whose numbers overflow gives no probabilities and no verdict, and says so" {
    header='{"fc1.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"fc1.weight":{"dtype":"F32","shape":[1,4],"data_offsets":[4,20]},'
    header+='"fc2.bias":{"dtype":"F32","shape":[2],"data_offsets":[20,28]},"fc2.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[28,36]}}'
    { printf "\\$(printf %o $((${#header} & 255)))\\$(printf %o $((${#header} >> 8)))\0\0\0\0\0\0%s" "$header"
      for _ in $(seq 9); do printf '\346\261\141\177'; done; } >huge # 3e38
    printf '\0\0\010\003\0\0\0\001\0\0\0\002\0\0\0\002\377\377\377\376' >image
    printf '\0\0\010\001\0\0\0\001\0' >label
    run --separate-stderr mlp --load huge --activation relu --quiet --predict image
    fails 1 "huge: gives no probabilities for image 0" "lower learning rate"
    [ "$output" = index,label,p0,p1 ]
    run --separate-stderr mlp --load huge --activation relu --quiet --eval --test-images image --test-labels label
    fails 1 "huge: its test loss is" "lower learning rate"
    [ -z "$output" ]
}

# ---- many files, PNG ----

png() { "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/png.py" "$@"; }

need_png() {
    png many "$IMAGES" 1 .
    ! mlp --load "$M" --predict 0000.png 2>&1 | grep -q 'built without libpng' || skip "built without libpng"
}

@test "many files and directories: a row an image, with the name of its file" {
    mkdir d d/sub && png many "$IMAGES" 5 d && rm d/*.png
    touch d/.hidden d/sub/x
    predict d/0000.pgm "$IMAGES" - d/ <d/0003.pgm >many
    {
        echo "file,$(head -n 1 "$ROWS")"
        sed -n '2s,^,d/0000.pgm\,,p' "$ROWS"
        sed "1d; s,^,$IMAGES\,," "$ROWS"
        sed -n '5s/^3/-,0/p' "$ROWS"
        for i in 0 1 2 3 4; do sed -n "$((i + 2))s,^$i,d/000$i.pgm\,0,p" "$ROWS"; done
    } | diff - many
    mkdir one && cp d/0002.pgm one && predict one >alone && predict d/0002.pgm | cmp - alone
    cp d/0000.pgm 'a, "b".pgm'
    predict 'a, "b".pgm' --quiet d/0001.pgm 2>&1 | grep -F 'd/0001.pgm: not an option'
    predict 'a, "b".pgm' d/0001.pgm | grep -F '"a, ""b"".pgm",0,'
    # kinds of pixels may differ from file to file
    printf '\0\0\15\3\0\0\0\1\0\0\0\34\0\0\0\34' >floats && head -c 3136 /dev/zero >>floats
    predict d/0000.pgm floats d/0001.pgm | cut -d, -f1-2 | tail -n 3 | diff - <(printf '%s,0\n' d/0000.pgm floats d/0001.pgm)
}

@test "a reader that closes the pipe ends the run without an error, also within a long row" {
    sh "$BATS_TEST_DIRNAME/make-bad-data.sh" .
    printf '\0\0\010\001\0\0\0\010\0\377\0\001\0\001\0\001' >labels256
    mlp --train-images images --test-images images --train-labels labels256 --test-labels labels256 --iters 3 --quiet --save 256.model
    deep=$(printf 'd%.0s' {1..200})
    mkdir -p "$deep/$deep/$deep/$deep/$deep/$deep"
    cp images "$deep/$deep/$deep/$deep/$deep/$deep/x"
    {
        sleep 0.2
        mlp --load 256.model --predict "$deep/$deep/$deep/$deep/$deep/$deep/x" images 2>err && touch ended
    } | true
    [ -e ended ] || { cat err && return 1; }
}

@test "a directory with a pipe, and a name with control characters" {
    mkdir d && png many "$IMAGES" 2 d
    rm d/*.png && mkfifo d/pipe
    predict d >rows
    [ "$(cut -d, -f1 rows)" = $'file\nd/0000.pgm\nd/0001.pgm' ]
    mv d/0001.pgm $'d/\e[31m.pgm'
    run --separate-stderr predict d --fit --fitted $'f\e[1m' --verbose
    [[ $stderr != *$'\e'* && $stderr == *'d/?[31m.pgm: image 0 is predicted as '* && $stderr == *'written   f?[1m'* ]]
}

@test "after -- every word is a file" {
    cp "$IMAGES" ./-x
    timeout 20 "$MLP_TRAIN" --load "$M" --predict ./-x -- -x ./-x >three
    [ "$(wc -l <three)" -eq $((3 * ($(wc -l <"$ROWS") - 1) + 1)) ]
}

@test "a file that cannot be read gets its line, the others their rows" {
    png many "$IMAGES" 3 . && rm ./*.png
    head -c 100 0001.pgm >cut.pgm
    mkdir empty
    run --separate-stderr predict 0000.pgm absent cut.pgm empty 0002.pgm
    [ "$status" -eq 1 ]
    [ "$(cut -d, -f1 <<<"$output")" = $'file\n0000.pgm\n0002.pgm' ]
    [ "$(wc -l <<<"$stderr")" -eq 4 ]
    for words in 'absent: cannot be opened' 'cut.pgm: picture 0 is incomplete' 'empty: is a directory without files' '3 of the files'; do
        grep -F "$words" <<<"$stderr"
    done
    run --separate-stderr predict absent
    refused 1 'absent: cannot be opened'
    run --separate-stderr predict empty
    refused 1 'empty: is a directory without files'
}

@test "PNG: the predictions of the PGM of each, grey, RGB, palette, 16 bits, transparent" {
    need_png
    png kinds .
    for file in *.png; do
        [ "$file" != 0000.png ] || continue
        predict "$file" --fit >a
        predict "${file%.png}.pgm" --fit | cmp - a
        predict - --fit <"$file" | cmp - a
        [ "$(sed -n 2p a | cut -d, -f2)" = 7 ]
    done
    png many "$IMAGES" 1000 .
    predict ./*.png | sed 's/\.png//' >a
    predict ./*.pgm | sed 's/\.pgm//' | cmp - a
    [ "$(wc -l <a)" -eq 1001 ]
}

@test "49 damaged PNG files: one line each; a small file takes no memory for millions of pixels" {
    need_png
    mkdir d && png damaged d
    for file in d/*; do
        run --separate-stderr predict "$file" --fit
        case $file in d/cut-15.png) [ "$status" -eq 0 ] && continue ;; esac # all pixels are there
        refused 1 "$file: " || { echo "$file"; return 1; }
    done
    run predict d/size-8.png
    [[ $output == *"bytes cannot hold 8192 x 8192 pixels"* ]]
    png white white.png # a whole picture in as few bytes as possible
    run predict white.png --fit
    [[ $output == *"its row stays empty"* ]]
}

@test "--fitted: the images of --fit as IDX, in the order of the rows, blank ones black" {
    png many "$IMAGES" 3 . && rm ./*.png
    { cat ./*.pgm && printf 'P1 2 2 0000\n'; } >stream
    predict 0000.pgm stream --fit --fitted f.idx >rows 2>said
    grep -q '^written   f.idx$' said
    [ "$(od -An -tx1 -N16 f.idx | tr -d ' \n')" = 00000803000000050000001c0000001c ]
    [ "$(stat -c %s f.idx)" -eq $((16 + 5 * 784)) ]
    cmp <(tail -c 784 f.idx) <(head -c 784 /dev/zero)
    predict f.idx 2>/dev/null | head -n 5 | cut -d, -f2- | cmp - <(cut -d, -f3- rows | head -n 5)
    run predict absent missing --fit --fitted none.idx
    [ "$status" -eq 1 ]
    [ ! -e none.idx ]
    run --separate-stderr predict 0000.pgm --fitted f.idx
    refused 2 "--fitted: needs --fit"
    run --separate-stderr predict 0000.pgm --fit --fitted -
    refused 2 "--fitted: standard output carries the table"
    cp 0000.pgm keep
    run --separate-stderr predict 0000.pgm 0001.pgm --fit --fitted 0001.pgm
    refused 2 "--fitted: 0001.pgm is a file of --predict"
    run --separate-stderr predict 0000.pgm --fit --fitted "$M"
    refused 2 "is the model to load"
    run --separate-stderr predict 0000.pgm --fit --fitted missing/f
    refused 1 missing/f
    predict stream --fit --fitted g.idx 2>/dev/null | head -n 1
    [ "$(stat -c %s g.idx)" -eq $((16 + 4 * 784)) ]
}
