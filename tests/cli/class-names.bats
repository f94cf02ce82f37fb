#!/usr/bin/env bats
# class-names.bats - names of classes: read from lists and files, kept in models and checkpoints, used in tables and CSV.
load common.bash

IMAGES=$DIGITS/t10k-images-idx3-ubyte.gz
LIST='zero,"one",tw\,o,th\\ree,four 🙂,fünf,六,<b>seven</b>,=8,nine'
HEADER='index,label,p_zero,"p_""one""","p_tw,o",p_th\ree,p_four 🙂,p_fünf,p_六,p_<b>seven</b>,p_=8,p_nine'

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mlp --data "$DIGITS" --lr 0.5 --iters 1000 --eval-every 0 --quiet --class-names "$LIST" --save named --confusion named.csv \
        --checkpoint named.ckpt
    mlp --data "$DIGITS" --lr 0.5 --iters 1000 --eval-every 0 --quiet --save plain --confusion plain.csv
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    NAMED=$BATS_FILE_TMPDIR/named
    PLAIN=$BATS_FILE_TMPDIR/plain
}

# A file of the same names, as an editor on Windows writes it.
windows() {
    printf '\357\273\277'
    printf '%s\r\n' zero '"one"' tw,o 'th\ree' ' four 🙂 ' fünf 六 '<b>seven</b>' =8 nine ''
}

# narrow FILE: no line is wider than a terminal; 六 takes two columns
narrow() { python3 -c 'import sys; assert all(len(line) + line.count("六") < 80 for line in open(sys.argv[1], encoding="utf-8").read().splitlines())' "$1"; }

predict() { mlp --predict "$IMAGES" --load "$@"; }

@test "--predict: names as RFC 4180 has them, the same from the model, a list and a file" {
    predict "$NAMED" >rows
    [ "$(head -n 1 rows)" = "$HEADER" ]
    windows >names.txt
    for names in "$LIST" names.txt; do
        predict "$PLAIN" --class-names "$names" | cmp - rows
    done
    # by number, the labels are those without names
    python3 - rows <(predict "$PLAIN") <<'END'
import csv, sys
named, plain = (list(csv.DictReader(open(path, newline='', encoding='utf-8'))) for path in sys.argv[1:])
names = ['zero', '"one"', 'tw,o', 'th\\ree', 'four 🙂', 'fünf', '六', '<b>seven</b>', '=8', 'nine']
assert len(named) == len(plain) == 360
for a, b in zip(named, plain):
    assert a['label'] == names[int(b['label'])] and all(a['p_' + name] == b['p%d' % k] for k, name in enumerate(names))
assert len({a['label'] for a in named}) == 10
END
}

@test "--confusion and the tables of --eval" {
    [ "$(head -n 1 "$NAMED.csv")" = 'label,zero,"""one""","tw,o",th\ree,four 🙂,fünf,六,<b>seven</b>,=8,nine' ]
    [ "$(sed -n 4p "$NAMED.csv" | cut -d, -f1-2)" = '"tw,o"' ]
    cmp <(tail -n +2 "$NAMED.csv" | sed 's/^"tw,o",//; t; s/^[^,]*,//') <(tail -n +2 "$PLAIN.csv" | cut -d, -f2-)
    mlp --load "$NAMED" --data "$DIGITS" --eval --confusion again 2>/dev/null >table
    cmp again "$NAMED.csv"
    mlp --load "$NAMED" --data "$DIGITS" --eval --mistakes list.csv >/dev/null 2>&1
    grep -E '^[0-9]+,[^0-9]+,[^0-9]+,[01]\.[0-9]+,' list.csv
    grep -E '^    2 tw,o +36 +[0-9]+ +[01]\.[0-9]{4} +[01]\.[0-9]{4}' table
    grep -E '^    7 <b>seven</b>( +[0-9.]+){10}$' table
    narrow table
    # without names, nothing has changed
    mlp --load "$PLAIN" --data "$DIGITS" --eval 2>/dev/null | grep -E '^    2        36        [0-9]+     [01]'
}

@test "long names: whole in the CSV, cut in the tables" {
    long=$(printf 'x%.0s' $(seq 10000))
    wide=$(printf '六%.0s' $(seq 30))
    predict "$PLAIN" --class-names "a,b,c,d,e,f,g,h,$wide,$long" >rows
    grep -q ",$long," <(sed 's/,/,,/g' rows)
    mlp --load "$PLAIN" --data "$DIGITS" --eval --class-names "a,b,c,d,e,f,g,h,$wide,$long" 2>/dev/null >table
    grep -E '^    9 xxxxxxxxxxx… +[0-9]' table
    grep -E '^    8 六六六六六… +[0-9]' table
    narrow table
}

@test "--load, --save, --export and --resume keep the names; other names replace them" {
    mlp --load "$NAMED" --data "$DIGITS" --iters 10 --quiet --save more --export more.onnx
    [ "$(predict more | head -n 1)" = "$HEADER" ]
    mlp --load "$NAMED" --export m.onnx --quiet
    grep -qa 'class_names' m.onnx && grep -qa 'th.ree' m.onnx && grep -qa 'th.ree' more.onnx
    # the checkpoint has the names, not the name of their file
    windows >names.txt
    mlp --data "$DIGITS" --iters 20 --quiet --class-names names.txt --checkpoint k --save s
    rm names.txt s
    mlp --resume k --iters 30 --quiet
    [ "$(predict s | head -n 1)" = "$HEADER" ]
    mlp --load "$NAMED" --data "$DIGITS" --iters 20 --quiet --checkpoint k2
    mlp --resume k2 --iters 30 --quiet --save s2
    [ "$(predict s2 | head -n 1)" = "$HEADER" ]
    # of a model that is not trained on, only the names change
    mlp --load "$NAMED" --data "$DIGITS" --iters 0 --quiet --class-names q,r,s,t,u,v,w,x,y,z --save renamed
    [ "$(predict renamed | head -n 1)" = index,label,p_q,p_r,p_s,p_t,p_u,p_v,p_w,p_x,p_y,p_z ]
    python3 - "$NAMED" renamed <<'END'
import json, sys
def read(path):
    data = open(path, 'rb').read()
    size = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8:8 + size])
    return header['__metadata__'], data[8 + size:]
(a, weights), (b, same) = read(sys.argv[1]), read(sys.argv[2])
assert weights == same and a.pop('class_names').count('\n') == b.pop('class_names').count('\n') == 9 and a == b
END
    mlp --resume k --iters 40 --quiet --class-names q,r,s,t,u,v,w,x,y,z --save t
    predict t | head -n 1 | grep -F ,p_q,p_r,
}

@test "wrong names are one line" {
    wrong() { # CODE NAMES WORD...
        run --separate-stderr predict "$PLAIN" --class-names "$2"
        [ -z "$output" ]
        fails "$1" "${@:3}"
    }
    wrong 2 a,b "2 names" "10 classes"
    wrong 2 a,b,c,d,e,f,g,h,i,j,k "11 names" "10 classes"
    wrong 2 a,b,c,d,e,f,g,h,i,a "names 1 and 10 are both 'a'"
    wrong 2 "a, a ,c,d,e,f,g,h,i,j" "names 1 and 2 are both 'a'"
    wrong 2 a,,c,d,e,f,g,h,i,j "name 2 is empty"
    wrong 2 "a, ,c,d,e,f,g,h,i,j" "name 2 is empty"
    wrong 2 a,b,c,d,e,f,g,h,i,j, "name 11 is empty"
    for bad in $'\033[31m' $'a\nb' $'\177' $'\302\205' $'\342\200\256x' $'\342\200\250'; do
        wrong 2 "a,b,c,d,e,f,g,h,i,x${bad}y" "name 10 has a control character"
    done
    wrong 2 $'a,b,c,d,e,f,g,h,i,\351' "name 10 has the byte 0xE9" UTF-8
    wrong 2 - "standard input"
    wrong 1 absent "absent: cannot be opened"
    wrong 1 . "directory"
    wrong 1 "$IMAGES" "name 1 has a control character"
    wrong 1 /dev/null "name 1 is empty"
    wrong 1 /dev/zero "1 MiB"
    windows | iconv -f UTF-8 -t UTF-16 >utf-16
    wrong 1 utf-16 UTF-8
    printf '%s\n' a b '' d e f g h i j >gap
    wrong 1 gap "gap: name 3 is empty"
    # before any work, and nothing is written
    run --separate-stderr mlp --data "$DIGITS" --iters 9 --class-names a,b --save m
    fails 2 "2 names" "10 classes, 0 to 9"
    [ ! -e m ]
    printf '%s\n' a b c d e f g h i j >names
    run --separate-stderr mlp --data "$DIGITS" --iters 9 --class-names names --save names
    fails 2 "--save" "names is the file of --class-names"
    [ "$(wc -l <names)" -eq 10 ]
}

@test "names that somebody wrote into a model are checked too" {
    python3 - "$NAMED" <<'END'
import json, struct, sys
data = open(sys.argv[1], 'rb').read()
size = int.from_bytes(data[:8], 'little')
header, rest = json.loads(data[8:8 + size]), data[8 + size:]
for name, value in {'few': 'a\nb', 'twice': 'a\n' * 10, 'control': '\n'.join('abcdefghi') + '\nj\x1b', 'none': '', 'number': 7,
                    'more': '\n'.join('abcdefghij') + '\na'}.items():
    header['__metadata__']['class_names'] = value
    text = json.dumps(header).encode()
    open(name, 'wb').write(struct.pack('<Q', len(text)) + text + rest)
END
    for name in few twice control none number more; do
        run --separate-stderr predict $name
        [ -z "$output" ]
        fails 1 "$name: " class_names
        [ "$(predict "$name" --class-names "$LIST" 2>/dev/null | head -n 1)" = "$HEADER" ] || [ $name = number ]
    done
}

@test "--min-probability: the label is empty below it" {
    for least in 0.5 0.9 1; do
        predict "$PLAIN" --min-probability $least >rows
        python3 - $least rows <(predict "$PLAIN") <<'END'
import csv, sys
least = float(sys.argv[1])
some, all_ = (list(csv.DictReader(open(path, newline=''))) for path in sys.argv[2:])
for a, b in zip(some, all_, strict=True):
    assert a.pop('label') == (b['label'] if float(b['p' + b['label']]) >= least else '')
    b.pop('label')
    assert a == b
END
    done
    [ "$(grep -c '^[0-9]*,,' rows)" -gt 100 ]
    predict "$PLAIN" --min-probability 0 | cmp - <(predict "$PLAIN")
    predict "$PLAIN" --min-probability 0.9999999 --verbose 2>&1 >rows | grep -q 'below --min-probability: its label is empty'
    for bad in -0.1 1.01 nan x ""; do
        run --separate-stderr predict "$PLAIN" "--min-probability=$bad"
        fails 2 --min-probability "0..1"
    done
    run --separate-stderr mlp --data "$DIGITS" --min-probability 0.5
    fails 2 "--min-probability: needs --predict FILE"
}
