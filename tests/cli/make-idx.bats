#!/usr/bin/env bats
# make-idx.bats - scripts/make-idx.py: CSV, .npz and pictures become the files that mlp-train reads, or one line says why not.
load common.bash

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export PYTHONDONTWRITEBYTECODE=1
    python=$(python_with numpy) || skip 'no NumPy'
}

need_pillow() { python=$(python_with PIL) || skip 'no Pillow (scripts/setup.sh --dev)'; }

make_idx() { "$python" "$ROOT/scripts/make-idx.py" "$@"; }
source_of() { "$python" "$BATS_TEST_DIRNAME/make-idx.py" "$@"; }

# The files, without those of bats' own.
there() { find . ! -name before ! -name '*separate-stderr*' | sort; }

# refuses CODE WORD... -- ARGUMENT...: one line on stderr with every word, and nothing is left behind
refuses() {
    local code=$1 words=()
    shift
    while [ "$1" != -- ]; do words+=("$1") && shift; done
    there >before
    run --separate-stderr make_idx "${@:2}"
    [ "$status" -eq "$code" ] || { echo "exit $status: $output$stderr"; return 1; }
    [[ $stderr == "make-idx: "* && $stderr != *$'\n'* ]] || { echo "not one line: $stderr"; return 1; }
    for word in "${words[@]}"; do [[ $stderr == *"$word"* ]] || { echo "no '$word' in: $stderr"; return 1; }; done
    diff <(there) before
}

@test "CSV: with and without header, label first or last, quoted by pandas, gzip, semicolons" {
    for kind in plain label last semicolon mangled; do
        source_of csv "$kind.csv" 100 $kind
        make_idx "$kind.csv" $kind >said
        source_of halves $kind 100 0.2
        cmp plain/train-images-idx3-ubyte $kind/train-images-idx3-ubyte
    done
    grep -q '^split     20 of 100 images are for testing, drawn by --seed 1' said
    grep -q '^train     80 images of 28 x 28 pixels, 10 classes: 7 of 0, 8 of 1' said
    make_idx plain.csv closed >&-
    cmp plain/train-images-idx3-ubyte closed/train-images-idx3-ubyte
    source_of csv a.csv.gz 50 label && source_of csv b.csv 50 label t10k
    make_idx a.csv.gz b.csv two >said
    source_of same two 50
    run ! grep split said
    mlp --data two --iters 20 --quiet
    make_idx plain.csv other --seed 2 --test 0.5 >said
    source_of halves other 100 0.5
    run ! cmp -s <(make_idx plain.csv third --test 0.5 && cat third/*) <(cat other/*)
}

@test ".npz: the names of Keras, KMNIST and Kannada-MNIST, one-hot labels" {
    for kind in keras kmnist kannada; do
        source_of npz $kind 40
        make_idx ./*.npz $kind >said
        source_of same $kind 40
        mkdir dir && mv ./*.npz dir
        make_idx dir $kind-dir
        source_of same $kind-dir 40
        rm -r dir
    done
    source_of npz train 60
    make_idx a.npz out
    source_of halves out 60 0.2
}

@test "directories of classes: PNG, BMP and GIF, train and test beside each other, names of classes" {
    need_pillow
    source_of pictures one 60 && source_of pictures bmp 60 train '' bmp
    make_idx one out && make_idx bmp out2
    source_of halves out 60 0.2
    cmp out/train-images-idx3-ubyte out2/train-images-idx3-ubyte
    source_of pictures both/train 60 && source_of pictures both/test 40 t10k '' gif
    touch both/train/0/.DS_Store both/README
    cp -r both/test both/valid
    make_idx both out3 >said
    grep -q '^test      40 images' said
    grep -q '^left out  both/valid: only train and test are read' said
    [ ! -e out3/class-names.txt ]
    source_of pictures named 40 train 'zero,one,two,three,4,five,six,seven,eight,a b'
    make_idx named out4 >said
    grep -qF '4 of 4, 4 of a b' <(sed 's/[0-9]* of/4 of/g' said)
    [ "$(head -n 3 out4/class-names.txt | tr '\n' ,)" = '4,a b,eight,' ]
    mlp --data out4 --iters 20 --quiet
}

@test "--fit: drawings of any size become what --predict --fit makes of them; one without a digit is left out" {
    need_pillow
    source_of drawings d 30
    export MLP_TRAIN
    make_idx d out --fit >said
    grep -q 'left out  d/0/blank.png: no digit was found in it' said
    run mlp --load "$ROOT/data/models/mnist-50.safetensors" --eval --quiet --test-images out/train-images-idx3-ubyte \
        --test-labels out/train-labels-idx1-ubyte
    [[ $output =~ accuracy\ 0\.[89] || $output =~ accuracy\ 1 ]]
    for i in 3 4; do
        mlp --load "$ROOT/data/models/mnist-50.safetensors" --predict d/*/$i.png --fit --fitted $i.idx >/dev/null
        "$python" -c "import sys; sys.exit(open('$i.idx', 'rb').read()[16:] not in open('out/train-images-idx3-ubyte', 'rb').read() + open('out/t10k-images-idx3-ubyte', 'rb').read())"
    done
    refuses 1 "d/0/10.png: has 150 x 210 pixels, and d/0/0.png 150 x 200" "--fit" -- d x
    MLP_TRAIN=/nowhere refuses 1 "--fit: /nowhere" -- d x --fit
    refuses 1 "absent" -- d x --fit --model absent
}

@test "bad sources: one line, exit 1 or 2, and nothing is left" {
    source_of csv good.csv 30 label
    mkdir full && touch full/t10k-labels-idx1-ubyte.gz
    printf '1,2,3\n2,3\n' >ragged.csv
    printf '1,2,3,4,5\n2,3,4.5,4,5\n' >fraction.csv
    printf '1,2,3,4,5\n2,3,256,4,5\n' >large.csv
    printf '1,2,3,4,5\n\n2,3,,4,5\n' >hole.csv
    printf 'pixel0,pixel1\n1,2\n' >unlabelled.csv
    printf '1,2,3,4,5\n1,3,4,5,6\n' >one-class.csv
    printf 'label,a,b,c,d\n' >header.csv
    : >empty.csv
    printf 'a,"b\n' >quote.csv
    printf '1,\xff,3\n' >bytes.csv
    printf '1\n2\n' >labels.csv
    printf '1,2,,4,5\n2,3,4,4,5\n' >first.csv
    printf '?,2,3,4,5\n2,3,4,4,5\n' >first-label.csv
    echo text >text.npz && cp good.csv zip.csv.gz
    refuses 1 "ragged.csv: line 2 has 2 values, and the first one 3" -- ragged.csv o
    refuses 1 "fraction.csv: line 2, column 3: '4.5' is no whole number from 0 to 255" -- fraction.csv o
    refuses 1 "large.csv: line 2, column 3: '256'" -- large.csv o
    refuses 1 "hole.csv: line 3, column 3: ''" -- hole.csv o
    refuses 1 "first.csv: line 1, column 3: ''" -- first.csv o
    refuses 1 "first-label.csv: line 1, column 1: '?'" -- first-label.csv o
    refuses 1 "unlabelled.csv: its header names no column label" -- unlabelled.csv o
    refuses 1 "one class" -- one-class.csv o
    refuses 1 "train image" -- header.csv o
    refuses 1 "empty.csv: is empty" -- empty.csv o
    refuses 1 quote.csv -- quote.csv o
    refuses 1 bytes.csv -- bytes.csv o
    refuses 1 labels.csv "a label and pixels" -- labels.csv o
    refuses 1 zip.csv.gz -- zip.csv.gz o
    refuses 1 "text.npz: is no .npz file" -- text.npz o
    for kind in scaled short colours objects columns array; do source_of npz $kind 20; done
    refuses 1 "scaled.npz: x_train has values such as" "0 to 255" -- scaled.npz o
    refuses 1 "short.npz: x_train has 20 images" "19 labels" -- short.npz o
    refuses 1 "colours.npz: x_train is [20, 28, 28, 3]" -- colours.npz o
    refuses 1 objects.npz -- objects.npz o
    refuses 1 "columns.npz: y_train is [20, 3] and not one-hot" -- columns.npz o
    refuses 1 "array.npz: is no .npz file" ".npy" -- array.npz o
    refuses 1 "absent: there is no such file" -- absent o
    refuses 1 "full/t10k-labels-idx1-ubyte.gz: is there already" -- good.csv full
    refuses 1 "good.csv: is no directory" -- good.csv good.csv
    refuses 1 "cannot be written" -- good.csv /dev/null/o
    refuses 2 --test -- good.csv o --test 1.5
    refuses 2 --seed -- good.csv o --seed x
    refuses 2 "--test: has no effect" -- good.csv good.csv o --test 0.5
    refuses 2 "--seed: has no effect" -- good.csv good.csv o --seed 2
    refuses 2 --fits -- good.csv o --fits
    refuses 2 "--model: needs --fit" -- good.csv o --model m
    refuses 2 DIR -- good.csv
    refuses 2 "ragged.csv: one CSV" -- good.csv good.csv ragged.csv o
    echo >text.txt
    refuses 2 text.txt "is neither" -- text.txt o
}

@test "bad directories of pictures: one line, and nothing is left" {
    need_pillow
    source_of pictures d 40
    cp -r d hole && mkdir hole/10
    cp -r d text && echo text >text/3/a.png
    cp -r d cut && head -c 60 "$(find d/5 -type f | head -n 1)" >cut/5/a.png
    cp -r d size && "$python" -c "from PIL import Image; Image.new('L', (5, 6)).save('size/9/z.png')"
    cp -r d deep && mkdir deep/1/more
    mkdir -p none both/train/a both/train/b both/test/c && cp d/0/* both/train/a && cp d/1/* both/train/b && cp d/2/* both/test/c
    refuses 1 "hole/10: has no picture" -- hole o
    refuses 1 "text/3/a.png: is no picture" -- text o
    refuses 1 "cut/5/a.png: is no picture" -- cut o
    refuses 1 "size/9/z.png: has 6 x 5 pixels" "28 x 28" --fit -- size o
    refuses 1 "deep/1/more: is a directory" -- deep o
    refuses 1 "none: has no directories" -- none o
    cp -r both/train line && mv line/a $'line/a\nb'
    refuses 1 "line: the class name 'a?b' has characters that cannot be printed" -- line o
    mkdir named && mv line/b named/b && cp -r named/b named/c && mkdir own && echo mine >own/class-names.txt
    refuses 1 "own/class-names.txt: is there already" -- named own
    [ "$(cat own/class-names.txt)" = mine ]
    (ulimit -f 20 && refuses 1 "o: cannot be written: File too large" -- d o)
    refuses 1 "both/test/c: is a class that both/train does not have" -- both o
}

@test "without NumPy or Pillow a line says what to install" {
    cat >sitecustomize.py <<'END'
import os, sys
sys.modules[os.environ["WITHOUT"]] = None
END
    printf '1,2,3,4,5\n2,3,4,4,5\n' >a.csv
    mkdir -p d/a d/b && touch d/a/x.png d/b/x.png
    PYTHONPATH=$PWD WITHOUT=numpy refuses 1 "needs NumPy" python3-numpy -- a.csv o
    PYTHONPATH=$PWD WITHOUT=PIL refuses 1 "needs Pillow" python3-pil -- d o
}
