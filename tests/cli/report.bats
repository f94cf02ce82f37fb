#!/usr/bin/env bats
# report.bats - --report: the page says what the program says, in a browser, for every kind of network.
load common.bash

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mlp --data "$DIGITS" --lr 0.5 --iters 1500 --quiet --save m.safetensors --report m.html
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    M=$BATS_FILE_TMPDIR/m
}

# browse TASK...: report.py, or skipped without a browser
browse() {
    local code=0
    PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/report.py" "$@" || code=$?
    [ $code -ne 77 ] || skip "no chromium: scripts/setup.sh --dev installs it"
    return $code
}

# shows FILE.json WORD...: what `browse plain` wrote has each word
shows() {
    local file=$1 word
    shift
    for word; do
        grep -qF -- "$word" "$file" || { echo "no '$word' in: $(cat "$file")"; return 1; }
    done
}

# without FILE.json WORD
without() { ! grep -qF -- "$2" "$1" || { echo "'$2' in: $(cat "$1")"; return 1; }; }

# dataset CLASSES ROWS COLUMNS: random pictures, train and test
dataset() {
    "${PYTHON:-python3}" - "$@" <<'END'
import random, struct, sys
classes, rows, cols = map(int, sys.argv[1:])
random.seed(1)
for part, n in ("train", max(2 * classes, 60)), ("t10k", max(2 * classes, 40)):
    labels = [i % classes for i in range(n)]
    with open(f"{part}-labels-idx1-ubyte", "wb") as f: f.write(struct.pack(">HBBI", 0, 8, 1, n) + bytes(labels))
    with open(f"{part}-images-idx3-ubyte", "wb") as f:
        f.write(struct.pack(">HBB3I", 0, 8, 3, n, rows, cols))
        for label in labels:
            f.write(bytes(random.randrange(256) if (x * 7 + label) % 11 < 2 else 0 for x in range(rows * cols)))
END
}

@test "the same run writes the same page, one file without addresses, of a bearable size" {
    mlp --data "$DIGITS" --lr 0.5 --iters 1500 --quiet --threads 1 --report a.html >/dev/null
    cmp a.html "$M.html"
    grep -qF "[\"program\",\"$(mlp --version | head -n 1)\"]" a.html
    "${PYTHON:=python3}" - a.html <<'END' # each mistake has its picture
import base64, re, sys, zlib
page = open(sys.argv[1], encoding="utf-8").read()
across, png = re.search(r'"across":(\d+),"pictures":"(?:data:image/png;base64,)?([^"]+)"', page).groups()
png = base64.b64decode(png)
width, height = (int.from_bytes(png[at:at + 4], "big") for at in (16, 20))
data, at = b"", 8
while at < len(png):
    n = int.from_bytes(png[at:at + 4], "big")
    data += png[at + 8:at + 8 + n] if png[at + 4:at + 8] == b"IDAT" else b""
    at += 12 + n
pixels = zlib.decompress(data)
across, shown = int(across), len(re.findall(r"\[\d+,", re.search(r'"shown":\[(.*?)\]\]', page).group(1)))
assert width == 28 * across and height == 28 * -(-shown // across) and shown >= 11 # mistakes, and some right ones
for cell in range(height // 28 * across):
    x, y = cell % across * 28, cell // across * 28
    drawn = any(any(pixels[(y + row) * (width + 1) + 1 + x:][:28]) for row in range(28))
    assert drawn == (cell < shown), cell
END
    [ "$(stat -c %s a.html)" -lt 600000 ]
    run ! grep -E 'https?://' <(grep -v w3.org a.html)
    run --separate-stderr mlp --data "$DIGITS" --load "$M.safetensors" --eval --report b.html
    [ "$status" -eq 0 ]
    [[ $stderr == *"written   b.html" ]]
}

@test "300 digits on the canvas: the predictions of --predict --fit" {
    browse digits "$MLP_TRAIN" "$M.safetensors" "$M.html" "$DIGITS/t10k-images-idx3-ubyte.gz"
}

@test "mouse, finger, undo, clear, keys" {
    browse hands "$M.html"
}

@test "what a person reads: accuracy, interval, counts, settings, curves" {
    mlp --data "$DIGITS" --load "$M.safetensors" --eval --report e.html --quiet
    browse plain "$M.html" shown e.html evaluated
    shows shown '96.94 % right' '349 of 360 test images; 95 % interval 94.61 % to 98.29 %' '11 mistakes' '1500 of 1500 made' \
        'Learning curves' 't10k-images-idx3-ubyte.gz'
    without shown 'not learned'
    shows evaluated '96.94 % right' 'test_accuracy'
    without evaluated 'Learning curves'
}

@test "a failed run is plain" {
    mlp --data "$DIGITS" --lr 0.0001 --iters 50 --report f.html --quiet
    browse plain f.html shown
    shows shown 'This network has not learned: it is no better than guessing' 'Train longer' 'It never predicts'
}

@test "where the run has warnings, the page gives no other advice" {
    mlp --data "$DIGITS" --optimizer adam --lr 3 --iters 400 --report f.html --quiet 2>warnings
    grep -q 'warning: ' warnings
    browse plain f.html shown
    shows shown 'of the run, below, say more' "$(sed -n 's/^mlp-train: warning: //p' warnings | head -n 1)"
    without shown 'Train longer'
}

@test "names of classes with HTML, quotes, emoji and 10,000 characters are text" {
    long=$(printf 'x%.0s' $(seq 10000))
    bad="</script><script>document.title=1</script>,<img src=x onerror=document.title=2>,\"'\`\${document.title=3},🙂🙂,六六六六六六六六六六六六六六六六六六六六六六六六六六六六六六"
    mlp --data "$DIGITS" --load "$M.safetensors" --eval --report n.html --quiet --class-names "$bad,&lt;b&gt;,$long,\\u003c,-->,<!--"
    mlp --data "$DIGITS" --iters 20 --report t.html --quiet --class-names "$bad,&lt;b&gt;,$long,\\u003c,-->,<!--"
    browse plain n.html shown t.html trained
    shows shown '"title": "mlp-train: what the network learned"' '"scripts": 2' '"elements": 0' '<img src=x onerror=docu…' '🙂🙂' \
        '六六六六六六六六六六六六六六六六六六六六六六六…' '&lt;b&gt;' 'xxxxxxxxxxxxxxxxxxxxxxx…' '<!--'
    shows trained '"title": "mlp-train: what the network learned"' '"scripts": 2' '"elements": 0'
}

@test "names and metadata with HTML, quotes and emoji neither break nor script the page" {
    browse model "$M.safetensors" x.safetensors
    mkdir '<' && cp x.safetensors "</script><script>document.title=1<"
    bad="</script><script>document.title=1<"
    mlp --data "$DIGITS" --load "$bad" --eval --report "<b>'\"%#?🙂.html" --quiet
    browse plain "<b>'\"%#?🙂.html" shown
    shows shown '"title": "mlp-train: what the network learned"' '"scripts": 2' '"elements": 0' 'onerror=' '🙂' '&lt;i&gt;' \
        'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' 'document.title=1<'
}

@test "2 and 256 classes, 8 x 8 and 64 x 64 pixels, 2,048 units, vectors" {
    local -A sizes=([a]='2 8 8 3' [b]='256 8 8 20' [c]='3 64 64 5' [d]='10 28 28 2048' [e]='3 1 30 4')
    for page in "${!sizes[@]}"; do
        # shellcheck disable=SC2086
        set -- ${sizes[$page]}
        dataset "$1" "$2" "$3"
        mlp --data . --hidden "$4" --iters 20 --report "$page.html" --quiet
        [ "$(stat -c %s "$page.html")" -lt 12000000 ]
    done
    browse plain a.html a b.html b c.html c d.html d e.html e
    for page in "${!sizes[@]}"; do
        # shellcheck disable=SC2086
        set -- ${sizes[$page]}
        shows "$page" "$(($2 * $3))-$4-$1 network"
        [ "$2" -eq 1 ] || [ "$(grep -oE '"ms": [0-9]+' "$page" | cut -d' ' -f2)" -lt 100 ]
    done
}
