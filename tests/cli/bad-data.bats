# bad-data.bats - every file that is not what it should be: exit 1, one line that names the file,
# says what it is and what to do. The reader's unit tests go deeper; here the whole program speaks.
load common.bash

setup_file() {
    export SET=$BATS_FILE_TMPDIR
    sh "$BATS_TEST_DIRNAME/make-bad-data.sh" "$SET"
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# refused OPTION FILE WORD... : the good set with FILE in place of one of its four files.
refused() {
    local option=$1 file=$2
    shift 2
    run --separate-stderr mlp --data "$SET" "$option" "$SET/$file" --iters 0
    [ -z "$output" ] || { echo "on stdout: $output"; return 1; }
    fails 1 "mlp-train: $SET/$file: " "$@"
}

# both FILE WORD... : refused alike as images and as labels.
both() {
    refused --train-images "$@" && refused --test-labels "$@"
}

FETCH=scripts/fetch-mnist.sh

@test "the good set is good: plain, gzip, process substitution, standard input" {
    mlp --data "$SET" --iters 3 --batch-size 2
    mlp --data "$SET" --iters 3 --batch-size 2 --train-images "$SET/images.gz" --test-labels "$SET/labels.gz"
    mlp --data "$SET" --iters 3 --batch-size 2 --train-images <(cat "$SET/images")
    mlp --data "$SET" --iters 3 --batch-size 2 --train-images - <"$SET/images.gz"
}

@test "web pages and error messages" {
    both html "web page" "$FETCH"
    both html-upper "web page" "$FETCH"
    both html.gz "gzip around a web page" "$FETCH"
    both s3-error "web page" "$FETCH"
}

@test "pointers instead of data" {
    both lfs "git-lfs pointer" "git lfs pull"
    both annex "git-annex pointer" "git annex get"
    both annex-unlocked "git-annex pointer" "git annex get"
    both link-text "the text of a symbolic link" "$FETCH"
    both dangling "symbolic link to a file that is missing" "$FETCH"
}

@test "archives and other compression" {
    both zip "zip archive" "unzip"
    both xz "xz file" "xz -d"
    both bzip2 "bzip2 file" "bzip2 -d"
    both zstd "zstd file" "zstd -d"
    both tar "tar archive" "tar -xf"
    both tar.gz "gzip around a tar archive" "tar -xf"
    both twice.gz "gzip around another gzip file" "gunzip"
}

@test "other data formats" {
    both npy "NumPy" "$FETCH"
    both npz "NumPy archive (.npz)" "$FETCH"
    both torch "PyTorch file" "$FETCH"
    both hdf5 "HDF5" "$FETCH"
    both parquet "parquet" "$FETCH"
    both pickle "pickle" "$FETCH"
    both png "PNG" "$FETCH"
    both jpeg "JPEG" "$FETCH"
    both netpbm "netpbm" "$FETCH"
    both csv 'text ("label,1x1' "$FETCH"
    both binary "begins with 7f 45 4c 46" "$FETCH"
}

@test "nothing there" {
    both empty "empty file" "$FETCH"
    both absent "cannot be opened" "No such file"
    both directory "is a directory"
}

@test "a file that may not be read" {
    [ "$(id -u)" -eq 0 ] && skip "root can read everything"
    cp "$SET/images" "$SET/secret"
    chmod 0 "$SET/secret"
    both secret "cannot be opened" "Permission denied"
}

@test "a directory without data, and no directory" {
    run --separate-stderr mlp --data "$SET/directory" --iters 0
    fails 1 "$SET/directory: no train-images-idx3-ubyte" "nor .gz" "$FETCH" "data/digits"
    run --separate-stderr mlp --data "$SET/absent" --iters 0
    fails 1 "$SET/absent: no such directory" "$FETCH" "data/digits"
    run --separate-stderr mlp --data "$SET/images" --iters 0
    fails 1 "$SET/images: is not a directory; name the one that holds"
}

@test "IDX cut short, or too long" {
    both cut-magic "incomplete" "header" "$FETCH"
    both cut-header "incomplete" "header" "$FETCH"
    both cut-data "incomplete" "[8 x 3 x 2]" "only 24 bytes" "$FETCH"
    both trailing "trailing bytes" "[8 x 3 x 2]" "$FETCH"
    both trailing.gz "trailing bytes" "[8 x 3 x 2]" "$FETCH"
}

@test "IDX with an impossible header" {
    both type-0a "type 0x0A" "$FETCH"
    both dims-0 "0 dimensions" "1 to 3"
    both dims-4 "4 dimensions" "1 to 3" "images.squeeze()"
    both rgb "4 dimensions" "colour (RGB)" "grey images"
    both little-endian "little-endian data" "swapped"
    both little-endian-dims "little-endian dimensions" "swapped"
    refused --train-images images-little "little-endian numbers" "00 00 80 3f are 1" "swapped"
    refused --train-labels labels-little "little-endian numbers" "02 00 00 00 are 2" "swapped"
    both two-to-the-60 "incomplete" "[1048576 x 1048576 x 1048576]" "only 9 bytes" "$FETCH"
    both two-to-the-60.gz "[1048576 x 1048576 x 1048576]" "more than so small a gzip file can hold" "$FETCH"
    both overflow "[4294967295 x 4294967295 x 4294967295]" "$FETCH"
}

@test "a pipe whose header promises 2^60 bytes" {
    run --separate-stderr mlp --data "$SET" --train-images <(cat "$SET/two-to-the-60") --iters 0
    fails 1 "incomplete" "only 9 bytes" "$FETCH"
}

@test "gzip that is damaged" {
    both cut.gz "incomplete" "gzip data end early" "$FETCH"
    both crc.gz "damaged gzip" "incorrect data check" "$FETCH"
    both length.gz "damaged gzip" "incorrect length check" "$FETCH"
    both garbage.gz "other bytes follow its gzip data" "$FETCH"
}

@test "images and labels that do not belong together" {
    refused --train-images labels "[8]" "as labels do" "swapped?"
    refused --test-images labels.gz "[8]" "as labels do" "swapped?"
    refused --train-labels images "[8 x 3 x 2]" "as images do" "swapped?"
    refused --test-labels images.gz "[8 x 3 x 2]" "as images do" "swapped?"
    refused --train-labels labels-7 "7 labels for the 8 images of $SET/train-images-idx3-ubyte"
    refused --test-labels labels-7 "7 labels for the 8 images of $SET/t10k-images-idx3-ubyte"
    refused --test-images images-2x3 "2 x 3 pixels" "3 x 2" "same set"
    refused --test-labels labels-beyond "label 7 is 3" "end at 2" "same set"
}

@test "images that cannot be learned" {
    refused --train-images images-none "no images"
    refused --train-images images-no-pixels "no pixels"
    refused --train-images images-nan "pixel 0 of image 3" "nan"
}

@test "labels of two dimensions: one-hot, QMNIST's, and others" {
    mlp --data "$SET" --iters 20 --batch-size 2 --quiet --csv plain.csv
    run --separate-stderr mlp --data "$SET" --iters 20 --batch-size 2 --quiet --csv hot.csv \
        --train-labels "$SET/labels-one-hot" --test-labels "$SET/labels-one-hot"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    cmp plain.csv hot.csv
    run --separate-stderr mlp --data "$SET" --iters 20 --batch-size 2 --quiet --csv q.csv \
        --train-labels "$SET/labels-qmnist" --test-labels "$SET/labels-qmnist"
    [ "$status" -eq 0 ]
    [ "$stderr" = "mlp-train: warning: $SET/labels-qmnist: holds [8 x 8], as QMNIST does: column 0 is taken as the class" ]
    cmp plain.csv q.csv
    cp "$SET/labels-qmnist" train-qmnist
    for option in train test; do # in one of the sets
        run --separate-stderr mlp --data "$SET" --iters 20 --batch-size 2 --quiet --$option-labels train-qmnist
        fails 0 "mlp-train: warning: train-qmnist: holds [8 x 8]"
    done
    mkfifo late # in both: the train set's warning is first, also when its labels come last
    { sleep 1 && cat train-qmnist; } >late 3>&- &
    run --separate-stderr mlp --data "$SET" --iters 20 --batch-size 2 --quiet --threads 2 \
        --train-labels late --test-labels train-qmnist
    [ "$status" -eq 0 ]
    [ "$(cut -d ' ' -f 3 <<<"$stderr" | xargs)" = "late: train-qmnist:" ]
    refused --train-labels labels-2d "[8 x 2]" "row 1 is not one-hot" "one label for each image"
}

@test "a torchvision root, and archives unpacked into directories of the files' names" {
    mkdir -p root/MNIST/raw unpacked/train-images-idx3-ubyte
    cp "$SET"/t*-ubyte root/MNIST/raw
    cp "$SET"/t*-ubyte unpacked 2>/dev/null || true
    cp "$SET/images" unpacked/train-images-idx3-ubyte/train-images-idx3-ubyte
    mlp --data root --iters 3 --quiet
    mlp --data root/MNIST --iters 3 --quiet
    mlp --data unpacked --iters 3 --quiet
}

@test "labels that are no classes" {
    refused --train-labels labels-float "floating-point" "unsigned bytes"
    refused --train-labels labels-negative "label 2 is -1" "0..255"
    refused --train-labels labels-257 "label 3 is 257" "0..255"
    refused --train-labels labels-no-column "no labels" "one label for each image"
}
