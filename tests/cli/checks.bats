# checks.bats - data and settings that run but cannot work: each is refused, or reported in one line on stderr, also with
# --quiet; and what is usual is not.
load common.bash

setup_file() {
    PYTHON=$(python_with numpy)
    export PYTHON
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# odd NAME [PART] STATEMENT: the dataset NAME is data/digits with STATEMENT applied (odd-data.py); on it, `report` runs
odd() {
    SET=$1
    "$PYTHON" "$BATS_TEST_DIRNAME/odd-data.py" "$DIGITS" "$@"
}

# warns WORD... : a run on SET succeeds with a single line on stderr, a warning that has every WORD
warns() {
    run --separate-stderr mlp --data "$SET" --iters 0 --quiet "${OPTIONS[@]}"
    fails 0 "mlp-train: warning: $SET/" "$@"
}

# refuses WORD... : it ends with exit 1 and one line that has every WORD
refuses() {
    run --separate-stderr mlp --data "$SET" --iters 0 --quiet "${OPTIONS[@]}"
    fails 1 "mlp-train: $SET/" "$@"
    [ -z "$output" ]
}

# silent ARGUMENT... : succeeds without a word on stderr
silent() {
    run --separate-stderr mlp --quiet "$@"
    if [ "$status" -ne 0 ] || [ -n "$stderr" ]; then
        echo "exit $status for $*: $stderr"
        return 1
    fi
}

@test "byte images with too small a range" {
    odd ones 'x = (x > 127).astype("u1")'
    warns "train-images-idx3-ubyte: its largest pixel is 1, where white" "255" "multiply the pixels by 255"
    odd sixteen 'x = (x // 16).astype("u1")'
    warns "its largest pixel is 15" "multiply the pixels by 17"
    odd dim 'x = x // 4 + np.uint8(10)'
    warns "its largest pixel is 73" "multiply the pixels by 3.493"
    odd dim 'x = x // 2 + np.uint8(1)'
    silent --data dim --iters 0
}

@test "signed bytes" {
    odd signed 'x = x.view("i1")'
    warns "train-images-idx3-ubyte: its pixels are signed bytes (IDX type 09) from -128 to 127" "write it again as uint8"
    odd signed 'x = x[:, :9, 3:20].copy().view("i1")'
    warns "signed bytes"
}

@test "numbers that are not scaled" {
    odd floats 'x = x.astype("f4")'
    warns "train-images-idx3-ubyte: its pixels are numbers from 0 to 255" "divide them by 255, or write them as unsigned bytes"
    odd floats 'x = x.astype("f8") / 16'
    warns "from 0 to 15.93" "divide them by 15.9"
    odd shorts 'x = x.astype("i2")'
    warns "numbers from 0 to 255" "divide them by 255"
    odd shorts 'x = x.astype("i2") - 128'
    warns "numbers from -128 to 127" "divide them by 128"
    odd bytes 'x = (x // 2).astype("i1")'
    warns "numbers from 0 to 127" "divide them by 127"
    odd small 'x = x.astype("f4") / 255 / 255'
    warns "numbers from 0 to 0.0039" "multiply them by 255"
}

@test "numbers in the wrong byte order" {
    odd floats 'x = x.astype("f4") / 255; swap = {"x"}'
    refuses "train-images-idx3-ubyte: holds little-endian numbers" "swapped"
    odd doubles 'x = x.astype("f8") / 255; swap = {"x"}'
    refuses "train-images-idx3-ubyte: holds little-endian numbers" "swapped"
    odd floats 'x = x.astype("f4") / 255; x[3, 0, 0] = 1e-12; x[x == 1] = 0.5; swap = {"x"}'
    refuses "train-images-idx3-ubyte: " "swapped"
    odd tiny 'x = (x.astype("u4") << 6).view("f4")'
    refuses "train-images-idx3-ubyte: its pixels are numbers from 0 to" "bytes in the wrong order"
    odd tiny train 'x = (x.astype("u4") << 6).view("f4")'
    refuses "train-images-idx3-ubyte: its pixels are numbers from 0 to" "bytes in the wrong order"
    odd shorts 'x = x.astype("i2"); swap = {"x"}'
    warns "16-bit numbers from -32768 to 32512, but with the bytes of each in the other order they are from 0 to 255;" "swapped"
    for kind in i2 i4; do
        odd scaled 'x = x.astype("'$kind'") * 128; swap = {"x"}'
        warns "-bit numbers from -" "in the other order they are from 0 to 32640;" "swapped"
    done
    odd signed 'x = x.astype("i2") - 128; swap = {"x"}'
    warns "they are from -128 to 127;" "swapped"
    odd wide 'x = (x.astype("i2") - 128) * 255'
    warns "divide them by 32640"
    odd labels 'y = y.astype("i2"); swap = {"y"}'
    refuses "train-labels-idx1-ubyte: label 0 is 256" "swapped"
    odd labels 'y = y.astype("i4"); swap = {"y"}'
    refuses "train-labels-idx1-ubyte: holds little-endian numbers" "swapped"
}

@test "images without a picture" {
    odd blank 'x[:] = 0'
    refuses "train-images-idx3-ubyte: every pixel of all 1437 images is 0" "write the images again"
    odd grey t10k 'x = np.full(x.shape, 0.25, "f4")'
    refuses "t10k-images-idx3-ubyte: every pixel of all 360 images is 0.25"
    odd copies 'x[:] = x[7]'
    warns "train-images-idx3-ubyte: all its 1437 images are the same"
    odd once 'x, y = x[:1], y[:1]; x[0, 0, 0] += len(x)'
    OPTIONS=(--train-limit 1)
    run mlp --data once --iters 0 --quiet
    [ "$status" -eq 0 ]
}

@test "damaged pixels, pale images, blank images" {
    odd far 'x = (x / 255).astype("f4"); x[7, 3, 3] = 255'
    warns "train-images-idx3-ubyte: its largest pixel is 255, but the mean is 0.1" "is that pixel damaged?"
    odd farther 'x = (x / 255).astype("f8"); x[7, 3, 3] = 1e25'
    refuses "train-images-idx3-ubyte: its pixels are numbers from 0 to 1e+25" "or where one is damaged"
    odd pale 'x = x // 8 + np.uint8(210)'
    warns "its pixels are bytes from 210 to 241, where 0 to 255" "subtract 210, then multiply by 8.2"
    odd high 'x = (x / 255 + 300).astype("f4")'
    warns "from 300 to 301" "subtract 300"
    [[ $stderr != *divide* ]]
    odd some train 'x[40:80] = 255'
    warns "train-images-idx3-ubyte: 40 of its 1437 images, the first is image 40, have the same value" "remove them"
    odd half 'x = (x / 255).astype("f4"); x[::2] = 0.5'
    warns "719 of its 1437 images, the first is image 0"
    odd third t10k 'x[::3] = 0'
    warns "t10k-images-idx3-ubyte: 120 of its 360 images"
    odd few 'x[5:9] = 0'
    silent --data few --iters 0
    odd vectors 'x = x[:, 10:18, 10:18].reshape(len(x), -1).copy(); x[::3] = 0'
    silent --data vectors --iters 0
    odd many 'y = (np.arange(len(y)) % 300).astype("i2")'
    refuses "train-labels-idx1-ubyte: label 256 is 256, outside 0..255; number the classes from 0, at most 256"
    odd renumbered train 'y = (y + 1).astype("u1")'
    OPTIONS=(--iters 400 --lr 0.5)
    warns "t10k-labels-idx1-ubyte: label 0 (36 examples) does not occur"
    odd mixed 'y = y[::-1].copy()'
    run --separate-stderr mlp --data mixed --iters 400 --lr 0.5 --quiet
    fails 0 "the network has learned nothing" "the order of the labels"
}

@test "NumPy files: the advice makes IDX of them" {
    printf '\223NUMPY\001\000%0200d' 0 >x.npy
    run --separate-stderr mlp --data "$DIGITS" --train-images x.npy
    fails 1 "x.npy: is a NumPy array (.npy), not IDX" "make-idx.py makes them of .npz"
    mlp --data "$DIGITS" --iters 1 --quiet --save m
    run --separate-stderr mlp --load m --predict x.npy
    fails 1 "x.npy: is a NumPy array (.npy), where PNG" "make-idx.py makes IDX files of .npz"
}

@test "labels with gaps" {
    odd damaged train 'y[1000] = 255'
    warns "train-labels-idx1-ubyte: label 1000 is 255, but no label is from 10 to 254" "damaged" "256 outputs"
    odd damaged train 'y[5] = 60'
    warns "label 5 is 60, but no label is from 10 to 59" "61 outputs"
    odd seldom 'x, y = x[y != 7], y[y != 7]'
    warns "label 4 is 8, but no label is 7, where"
    odd ascii 'y += 48'
    warns "its labels are from 48 to 57, as the characters '0' to '9' are" "subtract 48"
    odd tens 'y *= 10'
    warns "no label is from 1 to 9"
    odd few 'x, y = x[:20], y[:20]; y[:] = np.arange(20) % 4; y[9] = 200'
    warns "label 9 is 200, but no label is from 4 to 199"
    odd letters 'y = (y + 1).astype("u1")'
    silent --data letters --iters 0
    odd some 'x, y = x[:40], y[:40]; y[y == 8] = 7'
    silent --data some --iters 0
}

@test "labels of one class, or of few" {
    odd equal 'y[:] = 3'
    refuses "train-labels-idx1-ubyte: all 1437 labels are 3, where at least two classes were expected"
    odd equal t10k 'y[:] = 0'
    warns "t10k-labels-idx1-ubyte: all 360 labels are 0, so the test accuracy is that of one class"
    odd sorted 'order = np.argsort(y, kind="stable"); x, y = x[order], y[order]'
    silent --data sorted --iters 0
    OPTIONS=(--train-limit 100)
    warns "train-labels-idx1-ubyte: the first 100 labels are of 1 of the file's 10 classes" "sorted" "leave out --train-limit"
    OPTIONS=(--train-limit 2)
    warns "train-labels-idx1-ubyte: the first 2 labels are of 1 of"
    OPTIONS=(--train-limit 900)
    warns "the first 900 labels are of 7 of the file's 10 classes"
    OPTIONS=(--test-limit 120)
    warns "t10k-labels-idx1-ubyte: the first 120 labels are of 4 of the file's 10 classes" "leave out --test-limit"
    OPTIONS=(--train-limit 1 --test-limit 1)
    run --separate-stderr mlp --data sorted --iters 0 --quiet "${OPTIONS[@]}"
    [ -z "$stderr" ]
}

@test "train and test set that differ" {
    odd other t10k 'x = x.astype("f4")'
    warns "t10k-images-idx3-ubyte: its pixels are from 0 to 255, but those to train on from 0 to 1" "same scale"
    odd other t10k 'x = (x > 127).astype("u1")'
    warns "t10k-images-idx3-ubyte: its pixels are from 0 to 0.0039" "same scale"
    odd other train 'x = ((x / 255 - 0.13) / 0.31).astype("f4")'
    warns "t10k-images-idx3-ubyte: its pixels are from 0 to 1, but those to train on from -0.419" "same scale"
    odd other t10k 'x = (x / 127.5 - 1).astype("f4")'
    warns "t10k-images-idx3-ubyte: its pixels are from -1 to 1"
    odd inverted t10k 'x = 255 - x'
    warns "t10k-images-idx3-ubyte: its pixels have a mean of 0.8" "inverted"
    odd only train 'x, y = x[y != 4], y[y != 4]'
    warns "t10k-labels-idx1-ubyte: label 4 (" " examples) does not occur in only/train-labels" "cannot be learned"
    odd only t10k 'x, y = x[y != 0], y[y != 0]'
    warns "t10k-labels-idx1-ubyte: label 0 does not occur, but " "says nothing about it"
    odd part t10k 'x, y = part'
    warns "part/t10k-images-idx3-ubyte: its images are also images to train on" "says nothing about new images"
    odd some t10k 'x[::2], y[::2] = part[0][::2], part[1][::2]'
    silent --data some --iters 0
    SET=$DIGITS
    OPTIONS=(--test-images "$DIGITS/train-images-idx3-ubyte.gz" --test-labels "$DIGITS/train-labels-idx1-ubyte.gz")
    warns "train-images-idx3-ubyte.gz: its images are also images to train on"
}

# ends WORD... : a run with OPTIONS on data/digits succeeds; below the last line is one warning that has every WORD
ends() {
    run --separate-stderr mlp --data "$DIGITS" --quiet "${OPTIONS[@]}"
    fails 0 "mlp-train: warning: " "$@"
    run bash -c '"$0" "$@" 2>&1 | tail -n 1' "$MLP_TRAIN" --data "$DIGITS" --quiet "${OPTIONS[@]}"
    [[ $output == "mlp-train: warning: "* ]]
}

@test "a network that has learned nothing" {
    OPTIONS=(--iters 400 --activation relu --lr 3)
    ends "is no better than that of guessing (2.30" "lower --lr" "another --activation"
    OPTIONS=(--iters 400 --lr 0.3 --weight-decay 0.5)
    ends "guessing (2.30" "lower --lr, or a lower --weight-decay"
    OPTIONS=(--iters 400 --loss squared-error --lr 0.01)
    ends "is not well below that of guessing (0.45)" "higher --lr or more --iters, or --loss cross-entropy"
    OPTIONS=(--iters 300 --lr 1e-5)
    ends "is not well below that of guessing (2.30" "higher --lr or more --iters, and check"
    OPTIONS=(--iters 400 --optimizer adam --lr 1e-9)
    ends "higher --lr"
}

@test "a loss that fell, though one class is predicted for everything" {
    odd rare 'y = (y == 8).astype("u1")'
    run --separate-stderr mlp --data rare --lr 0.1 --iters 400 --quiet
    fails 0 "mlp-train: warning: the network predicts class 0 for all 360 test images" "more --iters, or another --lr"
    [[ $output == *"(325 of 360)"* ]]
    silent --data rare --lr 0.5 --iters 1000
}

@test "the advice names the option that may be the cause" {
    OPTIONS=(--iters 400 --init-std 1e-30)
    ends "the network has learned nothing" "or another --init-std"
    OPTIONS=(--iters 400 --warmup 100000)
    ends "the network has learned nothing" "or a lower --warmup"
    OPTIONS=(--iters 400 --lr 0.1 --dropout 0.99)
    ends "the network has learned nothing" "or a lower --dropout"
    OPTIONS=(--iters 400 --lr 0.5 --augment affine --shift 28)
    ends "the network has learned nothing" "or weaker distortions"
}

@test "a batch of more images than an epoch has" {
    OPTIONS=(--train-limit 500 --iters 3 --lr 0.5)
    run --separate-stderr mlp --data "$DIGITS" --quiet "${OPTIONS[@]}" --sampling shuffle --batch-size 501
    fails 0 "mlp-train: warning: --batch-size: 501, but with --sampling shuffle" "500 train images"
    silent --data "$DIGITS" "${OPTIONS[@]}" --sampling shuffle --batch-size 500
    silent --data "$DIGITS" "${OPTIONS[@]}" --batch-size 501
}

@test "predictions that do not depend on the images" {
    images=$DIGITS/t10k-images-idx3-ubyte.gz
    mlp --data "$DIGITS" --activation relu --lr 3 --iters 400 --quiet --save dead 2>/dev/null
    mlp --data "$DIGITS" --init-std 0 --iters 0 --quiet --save zeros 2>/dev/null
    for model in dead zeros; do
        run --separate-stderr mlp --load $model --predict "$images" --quiet
        fails 0 "mlp-train: warning: $model: predicts a class with a probability of about 0.1" "for all 360 images" "--eval"
    done
    odd ones t10k 'x, y = x[y == 1], y[y == 1]'
    mlp --data "$DIGITS" --lr 0.5 --iters 300 --quiet --save good
    silent --load good --predict ones/t10k-images-idx3-ubyte
    silent --load good --predict "$images"
    odd few t10k 'x, y = x[:19], y[:19]'
    silent --load zeros --predict few/t10k-images-idx3-ubyte
    odd inverted t10k 'x = 255 - x'
    run --separate-stderr mlp --load zeros --predict inverted/t10k-images-idx3-ubyte --quiet
    fails 0 "--fit" # one line
}

@test "a loss that rose" {
    OPTIONS=(--iters 400 --lr 100)
    ends "the train loss rose from 2.30" "lower --lr"
    OPTIONS=(--iters 400 --activation tanh --lr 50)
    ends "the train loss rose from 2.30" "lower --lr"
    mlp --data "$DIGITS" --lr 0.5 --iters 400 --quiet --save good
    OPTIONS=(--load good --lr 30 --iters 300)
    ends "the train loss rose from 0." "lower --lr"
    OPTIONS=(--load good --lr 0.5 --iters 300 --eval-every 0)
    silent --data "$DIGITS" "${OPTIONS[@]}"
    OPTIONS=(--load good --lr 300 --iters 300 --eval-every 0)
    ends "is no better than that of guessing" "lower --lr"
}

@test "a network that has learned how frequent the classes are, and nothing else" {
    odd rare 'keep = (y == 1) | (np.arange(len(y)) % 9 == 0); x, y = x[keep], y[keep]'
    rare() { # OPTION... -- WORD...
        local options=()
        while [ "$1" != -- ]; do options+=("$1") && shift; done
        run --separate-stderr mlp --data rare --quiet --iters 400 "${options[@]}"
        fails 0 "${@:2}"
    }
    rare --lr 1e-5 -- "not well below that of guessing (1.8" "higher --lr"
    rare --lr 0.001 -- "the train loss fell from 2.3" "no better than that of guessing" "more --iters or a higher --lr"
    rare --lr 0.001 --activation tanh -- "the train loss fell from 2.3" "more --iters or a higher --lr"
    rare --lr 0.01 -- "predicts class 1 for all 72 test images" "more --iters, or another --lr"
}

@test "one situation, one line: a warning that explains the others, or a refusal" {
    # the pixels, and the network that learns nothing from them or diverges
    odd dark 'x = x // 200'
    OPTIONS=(--iters 400)
    warns "its largest pixel is 1,"
    odd floats 'x = x.astype("f4")'
    OPTIONS=(--iters 300 --lr 0.2)
    warns "its pixels are numbers from 0 to 255"
    # the train set is odd, and the test set therefore differs from it
    odd darker train 'x = x // 200'
    OPTIONS=(--iters 0)
    warns "train-images-idx3-ubyte: its largest pixel is 1,"
    # a model of other pixels, which then guesses
    odd standardized 'x = ((x / 255 - 0.1307) / 0.3081 * 9).astype("f4")'
    mlp --data standardized --lr 0.01 --iters 300 --quiet --save m 2>/dev/null
    SET=$DIGITS
    run --separate-stderr mlp --load m --data "$DIGITS" --eval --quiet
    fails 0 "t10k-images-idx3-ubyte.gz: its pixels are from 0 to 1, but m was"
    OPTIONS=(--load m --iters 0)
    warns "its pixels are from 0 to 1, but m was"
    # ... also of many pictures
    for i in 1 2 3; do printf 'P2 28 28 9\n%s' "$(seq 0 783 | awk -v i=$i '{ print $1 * i % 10 }')" >$i.pgm; done
    run --separate-stderr mlp --load m --predict 1.pgm 2.pgm 3.pgm
    fails 0 "1.pgm: its pixels are from 0 to 1, but m was"
    # inverted images have another mean and a bright border
    odd inverted 'x = 255 - x'
    odd white 'x[:] = 255'
    mlp --data "$DIGITS" --lr 0.5 --iters 300 --quiet --save upright
    run --separate-stderr mlp --load upright --predict inverted/t10k-images-idx3-ubyte
    fails 0 "inverted/t10k-images-idx3-ubyte: 360 of 360 images have a bright border" "add --fit"
    run --separate-stderr mlp --load upright --predict white/t10k-images-idx3-ubyte
    fails 0 "white/t10k-images-idx3-ubyte: every pixel is 1"
    run --separate-stderr mlp --load upright --data inverted --eval --quiet
    fails 0 "its pixels have a mean of 0.8"
    # few classes, and a test set of all
    odd sorted 'order = np.argsort(y, kind="stable"); x, y = x[order], y[order]'
    OPTIONS=(--iters 400 --lr 0.5 --train-limit 1000 --sampling shuffle)
    SET=sorted
    warns "the first 1000 labels are of 7 of"
    # what is refused, though it would be a warning as well
    run --separate-stderr mlp --load upright --predict floats/t10k-images-idx3-ubyte
    fails 1 "has a pixel of " "divide them by 255"
    [ -z "$output" ]
    odd percent 'x = (x / 2.55).astype("f4")'
    run --separate-stderr mlp --load upright --predict percent/t10k-images-idx3-ubyte
    fails 1 "has a pixel of " "divide them by 100,"
    run --separate-stderr mlp --data floats --iters 1 --first-layer sparse
    fails 2 "--first-layer: sparse needs pixels stored as bytes"
    odd labels 'x = x.astype("f4"); y[:] = 2'
    refuses "all 1437 labels are 2"
}

@test "a test set of other data, and a model that guesses" {
    odd turned t10k 'x = np.rot90(x, 2, (1, 2)); y = ((y + 5) % 10).astype("u1")'
    run --separate-stderr mlp --data turned --lr 0.5 --iters 400 --quiet --save good
    fails 0 "the train accuracy is 0.9" "but the test accuracy 0." "labels"
    odd renamed t10k 'y = 9 - y'
    run --separate-stderr mlp --data renamed --train-limit 200 --lr 0.5 --iters 600 --quiet # a small set
    fails 0 "but the test accuracy 0.0" "compare their labels"
    for order in 'np.roll(y, 1)' 'np.random.default_rng(1).permutation(y)'; do # labels of other images
        odd moved train "y = $order"
        for iterations in 1500 6000; do # while few are learned by heart, and when most are
            run --separate-stderr mlp --data moved --lr 0.5 --iters $iterations --quiet
            fails 0 "but the test accuracy 0." "compare their labels"
        done
    done
    run --separate-stderr mlp --data turned --load good --eval --quiet
    fails 0 "mlp-train: warning: good: its test loss " "is not below that of guessing (2.303)"
    mlp --data "$DIGITS" --activation relu --lr 3 --iters 400 --quiet --save dead 2>/dev/null
    run --separate-stderr mlp --data "$DIGITS" --load dead --eval --quiet
    fails 0 "mlp-train: warning: dead: predicts class " " for all 360 test images"
}

@test "some images are inverted" {
    for some in "x[::2] = 255 - x[::2]" "x[::9] = 255 - x[::9]" 'x = (x / 255).astype("f4"); x[len(x) // 3:] = 1 - x[len(x) // 3:]'; do
        odd mixed "$some"
        warns "train-images-idx3-ubyte: about " "have a bright border and " "a dark one"
    done
    odd mixed t10k 'x[::2] = 255 - x[::2]'
    warns "t10k-images-idx3-ubyte: about 50 % of its images have a bright border and 50 % a dark one"
    mlp --data "$DIGITS" --lr 0.5 --iters 300 --quiet --save m
    run --separate-stderr mlp --load m --data mixed --eval --quiet
    fails 0 "t10k-images-idx3-ubyte: about 50 %"
    run --separate-stderr mlp --load m --predict mixed/t10k-images-idx3-ubyte
    fails 0 "180 of 360 images have a bright border"
    # a model of black on white
    odd inverted 'x = 255 - x'
    mlp --data inverted --lr 0.5 --iters 300 --quiet --save m
    silent --load m --predict inverted/t10k-images-idx3-ubyte
    run --separate-stderr mlp --load m --predict mixed/t10k-images-idx3-ubyte
    fails 0 "180 of 360 images have a dark border, but m was trained on dark on light"
    run --separate-stderr mlp --load m --predict "$DIGITS/t10k-images-idx3-ubyte.gz" --fit
    fails 0 "--fit: makes light on dark, but m was"
}

@test "images that are not like those of the model" {
    mlp --data "$DIGITS" --lr 0.5 --iters 1500 --quiet --save m
    for turn in "x.transpose(0, 2, 1)" "x[:, :, ::-1]" "np.roll(x, 5, 2)"; do
        odd other "x = $turn.copy()"
        run --separate-stderr mlp --load m --predict other/t10k-images-idx3-ubyte
        fails 0 "m: gives its predictions for these 360 images a mean probability of 0." "at least 0.9" "orientation"
    done
    for k in 0 1 2 3 4 5 6 7 8 9; do # a class alone
        odd class "x, y = x[y == $k], y[y == $k]"
        silent --load m --predict class/t10k-images-idx3-ubyte
    done
    printf 'P2 28 28 255\n%s' "$(yes '0 1' | head -n 392)" >dark.pgm # 0 and 1, but 255 in the header
    run --separate-stderr mlp --load m --predict dark.pgm
    fails 0 "dark.pgm: has no pixel above 0.1" "largest value in the header"
    run --separate-stderr mlp --load m --predict dark.pgm "$DIGITS/t10k-images-idx3-ubyte.gz"
    fails 0 "--predict: 1 of 361 images has no pixel above 0.1"
}

# foreign MODEL: the file `foreign` is MODEL without metadata
foreign() {
    "$PYTHON" - "$1" <<'END'
import json, sys
data = open(sys.argv[1], "rb").read()
n = 8 + int.from_bytes(data[:8], "little")
head = json.loads(data[8:n])
del head["__metadata__"]
head = json.dumps(head).encode()
open("foreign", "wb").write(len(head).to_bytes(8, "little") + head + data[n:])
END
}

@test "a model whose file says nothing of activation and pixels" {
    for own in sigmoid relu tanh; do
        mlp --data "$DIGITS" --activation $own --lr 0.5 --iters 1000 --quiet --save m
        foreign m
        silent --data "$DIGITS" --load foreign --activation $own --eval
        for other in sigmoid relu tanh; do
            [ $other != $own ] || continue
            run --separate-stderr mlp --data "$DIGITS" --load foreign --activation $other --eval --quiet
            fails 0 "foreign: has a test accuracy of 0." " with --activation $other, but 0.9" "is it $own?"
        done
    done
    odd floats 'x = x.astype("f4")'
    run --separate-stderr mlp --load foreign --activation tanh --predict floats/t10k-images-idx3-ubyte
    fails 0 "its pixels are numbers from 0 to 255" "divide them by 255"
    silent --load foreign --activation tanh --predict floats/t10k-images-idx3-ubyte --pixel-std 255
    silent --load foreign --activation tanh --data floats --eval --pixel-std 255
    mlp --data floats --lr 0.001 --iters 600 --quiet --save m 2>/dev/null
    foreign m
    run --separate-stderr mlp --load foreign --activation sigmoid --data "$DIGITS" --eval --quiet
    fails 0 "foreign: its test loss 2.2" "is not below that of guessing"
    run --separate-stderr mlp --load foreign --activation sigmoid --predict "$DIGITS/t10k-images-idx3-ubyte.gz"
    fails 0 "foreign: predicts a class with a probability of about 0.1"
}

@test "no warning where all is well: the data" {
    odd inverted 'x = 255 - x'
    odd floats 'x = (x / 255).astype("f4")'
    odd doubles 'x = (x / 255).astype("f8")'
    odd standardized 'x = ((x / 255 - 0.1307) / 0.3081).astype("f4")'
    odd scaled 'm, s = x.mean(0), x.std(0); x = ((x - m) / np.maximum(s, 1)).astype("f4")' # each pixel by itself
    odd symmetric 'x = (x / 127.5 - 1).astype("f4")'
    odd binary 'x = ((x > 127) * 255).astype("u1")'
    odd qmnist 'y = np.repeat(y[:, None], 8, 1).astype("i4")'
    odd letters 'y = (y % 9 + 1).astype("u1")'
    odd wide 'y = y.astype("i4")'
    odd one-hot 'y = np.eye(10, dtype="u1")[y]'
    odd vectors 'x = x.reshape(len(x), -1)'
    odd seldom 'keep = (y != 3) | (np.arange(len(y)) < 60); x, y = x[keep], y[keep]'
    odd small 'x, y = x[:8], y[:8]'
    for set in inverted floats doubles standardized scaled symmetric binary letters wide one-hot vectors seldom small "$DIGITS"; do
        silent --data "$set" --iters 10
        silent --data "$set" --iters 10 --train-limit 100 --test-limit 50
        silent --data "$set" --iters 0 --save m
        silent --data "$set" --load m --iters 5
    done
    for set in inverted floats standardized scaled symmetric binary letters vectors seldom; do # a model and its own images
        silent --data "$set" --lr 0.1 --iters 400 --save m
        silent --data "$set" --load m --eval
        silent --load m --predict "$set/t10k-images-idx3-ubyte"
    done
    run --separate-stderr mlp --data qmnist --iters 10 --quiet
    [[ $stderr != *$'\n'*$'\n'* ]]
    [[ $stderr == *"column 0 is taken"* ]]
}

@test "no warning where all is well: the settings" {
    for set in chapter keras best best-plain; do
        silent --data "$DIGITS" --preset "$set" --iters 4
    done
    silent --data "$DIGITS" --preset keras
    silent --data "$DIGITS" --train-limit 100 --iters 400
    for seed in 1 2 3; do # half learned, after as few iterations as are judged
        silent --data "$DIGITS" --train-limit 100 --iters 200 --seed $seed
    done
    silent --data "$DIGITS" --train-limit 5 --iters 400 --lr 0.5
    silent --data "$DIGITS" --train-limit 1 --iters 400 --lr 0.5
    silent --data "$DIGITS" --train-limit 200 --hidden 200 --activation relu --init he --lr 0.3 --iters 600
    silent --data "$DIGITS" --train-limit 200 --hidden 50 --dropout 0.5 --lr 0.5 --iters 600
    silent --data "$DIGITS" --loss squared-error --lr 1 --iters 600
    silent --data "$DIGITS" --validation 0.2 --early-stop 2 --lr 0.5 --iters 600
    silent --data "$DIGITS" --augment affine --label-smoothing 0.3 --average 0.9 --lr 0.5 --iters 400
}

@test "no warning where all is well: MNIST" {
    need_mnist
    silent --data "$MNIST" --iters 300 --save m
    silent --data "$MNIST" --load m --eval
    silent --load m --predict "$MNIST/t10k-images-idx3-ubyte.gz"
    silent --data "$MNIST" --iters 300 --train-limit 100
    silent --data "$MNIST" --iters 0
    silent --data "$MNIST" --preset chapter --iters 700 --eval-every 0
}

# said FILE KEY: an entry of a model's metadata
said() {
    head -c 4000 "$1" | grep -ao "\"$2\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4
}

@test "a model keeps type, range and mean of the pixels that it was trained on, and they are compared" {
    odd standardized 'x = ((x / 255 - 0.1307) / 0.3081).astype("f4")'
    odd floats 'x = (x / 255).astype("f8")'
    odd shorts 'x = x.astype("i2")'
    odd ones 'x = (x > 127).astype("u1")'
    odd inverted 'x = 255 - x'
    mlp --data "$DIGITS" --lr 0.5 --iters 300 --quiet --save bytes
    [ "$(said bytes pixel_type) $(said bytes pixel_min) $(said bytes pixel_max)" = "uint8 0 1" ]
    [[ $(said bytes pixel_mean) == 0.1* ]]
    mlp --data standardized --lr 0.1 --iters 300 --quiet --save m
    [ "$(said m pixel_type)" = float32 ]
    [[ $(said m pixel_min) == -0.424* && $(said m pixel_max) == 2.82* ]]
    for set in "$DIGITS" floats; do # of equal values
        silent --data "$set" --load bytes --eval
        silent --load bytes --predict "$(echo "$set"/t10k-images*)"
    done
    silent --data standardized --load m --eval
    SET=$DIGITS
    OPTIONS=(--load m --iters 0)
    warns "train-images-idx3-ubyte.gz: its pixels are from 0 to 1, but m was trained on pixels from -0.424" \
        "same scale, or add --pixel-mean 0.1307 --pixel-std 0.3081"
    for mode in "--data $DIGITS --eval" "--predict $DIGITS/t10k-images-idx3-ubyte.gz"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --load m --quiet $mode
        fails 0 "t10k-images-idx3-ubyte.gz: its pixels are from 0 to 1, but m was" "--pixel-mean 0.1307 --pixel-std 0.3081"
    done
    printf 'P2 28 28 9\n%s' "$(seq -f '%g' 0 783 | awk '{ print $1 % 10 }')" >picture.pgm
    run --separate-stderr mlp --load m --predict picture.pgm --quiet
    fails 0 "picture.pgm: its pixels are from 0 to 1" "--pixel-mean 0.1307"
    silent --load bytes --predict picture.pgm
    run --separate-stderr mlp --load bytes --data inverted --eval --quiet
    [[ $stderr == *"inverted/t10k-images-idx3-ubyte: its pixels have a mean of 0.8"*"inverted"* ]]
    run --separate-stderr mlp --load bytes --data ones --eval --quiet
    [[ $stderr == *"its pixels are from 0 to 0.0039"*"--pixel-mean 0 --pixel-std 0.003922"* ]]
    run --separate-stderr mlp --load bytes --data shorts --eval --quiet
    fails 1 "has a pixel of " "divide them by 255"
    mlp --data shorts --lr 0.001 --iters 300 --quiet --save wide 2>/dev/null
    run --separate-stderr mlp --load wide --data "$DIGITS" --eval --quiet
    [[ $stderr == *"its pixels are from 0 to 1, but wide was trained on pixels from 0 to 255"* ]]
    silent --load wide --data shorts --eval
    silent --load wide --data "$DIGITS" --eval --pixel-std 0.0039215686
}

@test "--pixel-mean and --pixel-std: a network of others on its own scale" {
    mlp --data "$DIGITS" --lr 0.5 --iters 400 --quiet --save ours
    "$PYTHON" - "$DIGITS" <<'END'
# A file as PyTorch's users write it: the same network, but for pixels (x - 0.1307) / 0.3081. What it answers is computed
# here from those weights.
import gzip, json, sys
import numpy as np
data = open("ours", "rb").read()
start = 8 + int.from_bytes(data[:8], "little")
w = {n: np.frombuffer(data[start:][slice(*t["data_offsets"])], "<f4").reshape(t["shape"]).astype("f8")
     for n, t in json.loads(data[8:start]).items() if n != "__metadata__"}
w["fc1.bias"] = w["fc1.bias"] + 0.1307 * w["fc1.weight"].sum(1)
w["fc1.weight"] = w["fc1.weight"] * 0.3081
head, body = {}, b""
for name, a in w.items():
    raw = a.astype("<f4").tobytes()
    head[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [len(body), len(body) + len(raw)]}
    body += raw
head = json.dumps(head).encode()
open("foreign", "wb").write(len(head).to_bytes(8, "little") + head + body)
x = np.frombuffer(gzip.open(sys.argv[1] + "/t10k-images-idx3-ubyte.gz").read(), "u1", offset=16).reshape(-1, 784)
x = (x / 255 - 0.1307) / 0.3081
y = 1 / (1 + np.exp(-(x @ w["fc1.weight"].T + w["fc1.bias"]))) @ w["fc2.weight"].T + w["fc2.bias"]
p = np.exp(y - y.max(1, keepdims=True))
np.savetxt("expected", p / p.sum(1, keepdims=True), "%.6f", ",")
END
    SCALE=(--load foreign --activation sigmoid --pixel-mean 0.1307 --pixel-std 0.3081)
    mlp "${SCALE[@]}" --predict "$DIGITS/t10k-images-idx3-ubyte.gz" >rows
    paste -d, <(tail -n +2 rows | cut -d, -f3-) expected |
        awk -F, '{ for (k = 1; k <= 10; k++) if ($k - $(k + 10) > 1e-5 || $(k + 10) - $k > 1e-5) exit 1 } END { exit NR != 360 }'
    silent --data "$DIGITS" --eval "${SCALE[@]}"
    [ "${output%%,*}" = "$(mlp --data "$DIGITS" --load ours --eval --quiet | cut -d, -f1)" ]
    run mlp --data "$DIGITS" --eval --load foreign --activation sigmoid --quiet
    [[ $output != *"$(mlp --data "$DIGITS" --load ours --eval --quiet | cut -d' ' -f3)"* ]]
    # what is saved takes the pixels as they are
    silent --data "$DIGITS" "${SCALE[@]}" --iters 0 --save folded
    mlp --load folded --predict "$DIGITS/t10k-images-idx3-ubyte.gz" | cut -d, -f1-2 | cmp - <(cut -d, -f1-2 rows)
    silent "${SCALE[@]}" --export folded.onnx
    silent --data "$DIGITS" "${SCALE[@]}" --iters 50 --checkpoint c
    run --separate-stderr mlp --data "$DIGITS" --pixel-mean 0.1 --iters 1
    fails 2 "--pixel-mean: needs --load"
    run --separate-stderr mlp --resume c --pixel-mean 0.1 --iters 60
    fails 2 "--pixel-mean"
    silent --resume c --iters 60
}

@test "--transpose: EMNIST's files; the model keeps it" {
    odd emnist 'x = x.transpose(0, 2, 1).copy()'
    mlp --data "$DIGITS" --iters 300 --lr 0.5 --quiet --csv upright.csv --save upright
    silent --data emnist --transpose --iters 300 --lr 0.5 --csv turned.csv --save turned
    cmp upright.csv turned.csv
    [ "$(said turned transposed)" = yes ]
    [ -z "$(said upright transposed)" ]
    [[ $(said turned options) == *"--transpose yes"* ]]
    right=$(mlp --load upright --data "$DIGITS" --eval --quiet)
    run --separate-stderr mlp --load turned --data emnist --eval --quiet
    [ "$output" = "$right" ]
    fails 0 "emnist/t10k-images-idx3-ubyte: its images are transposed, as those that turned was trained on" "--transpose no"
    silent --load turned --data emnist --transpose --eval
    [ "$output" = "$right" ]
    silent --load turned --data "$DIGITS" --transpose no --eval
    [ "$output" = "$right" ]
    mlp --load upright --predict "$DIGITS/t10k-images-idx3-ubyte.gz" >a
    mlp --load turned --predict emnist/t10k-images-idx3-ubyte --transpose | cmp - a
    run --separate-stderr mlp --load turned --predict emnist/t10k-images-idx3-ubyte
    fails 0 "its images are transposed"
    printf 'P1 28 28 %s' "$(yes '1 0' | head -n 392)" >picture.pbm
    silent --load turned --predict picture.pbm
    run --separate-stderr mlp --load turned --predict picture.pbm --transpose
    fails 2 "--transpose: picture.pbm holds pictures"
    # other sizes and types
    odd narrow 'x = x[:, 2:9, 3:15].astype("f4") / 255'
    odd flat 'x = x[:, 2:9, 3:15].astype("f4").transpose(0, 2, 1).copy() / 255'
    mlp --data narrow --iters 50 --quiet --csv a.csv
    mlp --data flat --transpose --iters 50 --quiet --csv b.csv
    cmp a.csv b.csv
    mlp --data emnist --transpose --augment affine --iters 30 --quiet --checkpoint c --csv c.csv
    mlp --data "$DIGITS" --augment affine --iters 30 --quiet --csv d.csv
    cmp c.csv d.csv
    run --separate-stderr mlp --resume c --iters 40 --transpose no
    fails 2 "--transpose: no would change the run of c, which has yes"
    silent --resume c --iters 40
    odd vectors 'x = x.reshape(len(x), -1)'
    run --separate-stderr mlp --data vectors --transpose --iters 0
    fails 2 "--transpose: vectors/t" "vectors of 784 numbers"
}
