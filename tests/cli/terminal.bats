#!/usr/bin/env bats
# terminal.bats - what a person sees on a terminal: width of the lines, progress line, start block.
load common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }

# on_terminal COLUMNS[,COLUMNS] ARGUMENT... : a run whose stderr is a terminal of that width, after a
# while of the second one. Writes the lines of the terminal to `screen`, each followed by those that
# replaced it, with the width at that time in front: "40 text".
on_terminal() {
    "${PYTHON:=python3}" -c 'import pty' 2>/dev/null || skip "no python3 with pty"
    "$PYTHON" - "$@" <<'END'
import fcntl, os, pty, re, struct, subprocess, sys, termios, time
widths = [int(w) for w in sys.argv[1].split(",")]
leader, follower = pty.openpty()
def resize(columns):
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
resize(widths[0])
run = subprocess.Popen([os.environ["MLP_TRAIN"]] + sys.argv[2:], stdout=subprocess.DEVNULL, stderr=follower,
                       env=dict(os.environ, TERM="xterm"))
os.set_blocking(leader, False)
lines, start, width = [], time.time(), widths[0]
while run.poll() is None or time.time() < start + 0.2:
    time.sleep(0.02)
    try:
        lines += [f"{width} {line}" for line in re.split(r"[\r\n]+", os.read(leader, 1 << 16).decode()) if line.strip()]
    except BlockingIOError:
        pass
    if len(widths) > 1 and width != widths[1] and time.time() > start + 1:
        resize(widths[1])
        time.sleep(0.3)  # a line drawn before is not cut
        os.read(leader, 1 << 16)
        width = widths[1]
    if time.time() > start + 3:
        run.terminate()
open("screen", "w").write("\n".join(lines) + "\n")
END
}

# no_line_over N FILE
no_line_over() {
    local longest
    longest=$(awk '{ if (length($0) > n) { n = length($0); line = $0 } } END { print n + 0, line }' "$2")
    [ "${longest%% *}" -le "$1" ] || { echo "too long: $longest"; return 1; }
}

# progress_within COLUMNS: the progress lines drawn at that width fit, and there are some
progress_within() {
    grep "^$1 iteration" screen | sed "s/^$1 //" >lines
    [ "$(wc -l <lines)" -ge 3 ]
    no_line_over $(($1 - 1)) lines
}

@test "the progress line is cut to the terminal's width: 40 and 80 columns, and after a resize" {
    run_forever=(--data "$DIGITS" --iters 1000000000 --eval-every 0)
    on_terminal 80 "${run_forever[@]}"
    progress_within 80
    grep -q "to go" lines
    on_terminal 40 "${run_forever[@]}"
    progress_within 40
    grep -q "loss" lines
    on_terminal 80,30 "${run_forever[@]}"
    progress_within 80
    progress_within 30
}

@test "the columns of the table: each value ends below the end of its title" {
    for options in "" "--validation 0.2"; do
        # shellcheck disable=SC2086
        quick --iters 100 --eval-every 50 $options 2>/dev/null | grep -v "^test accuracy" >rows
        [ "$(wc -l <rows)" -eq 4 ]
        header="epoch    iter batch loss train loss train acc test loss test acc images/s"
        [ -z "$options" ] || header="epoch    iter train loss train acc val loss val acc test loss test acc images/s"
        [ "$(head -n 1 rows)" = "$header" ]
        # words of the header that end a title: the next character is the blank before the next column
        awk 'NR == 1 { for (i = 1; i <= length($0); i++)
                           if (substr($0, i + 1, 1) ~ /^ ?$/ && substr($0, i, 1) != " " &&
                               substr($0, 1, i) !~ /(batch|train|val|test)$/) ends[i] = 1 }
             NR > 1 { for (i = 1; i <= length($0); i++)
                          if ((substr($0, i, 1) != " " && substr($0, i + 1, 1) ~ /^ ?$/) != (i in ends)) exit 1 }' rows
    done
}

@test "no row of the table is longer than 79 characters, whatever the values" {
    for options in "" "--validation 0.2" "--lr 30000" "--lr 1e12 --validation 0.2" "--lr 1e30 --activation relu --validation 0.2"; do
        # shellcheck disable=SC2086
        quick --eval-every 5 $options >table 2>said || true
        grep -v "^test accuracy" table >rows || true
        no_line_over 79 rows
        [ "$(awk '{ print gsub(/ +[^ ]/, "") }' <(tail -n +2 rows) | sort -u | wc -l)" -le 1 ] # as many cells in each
    done
    # a loss that is large is written in another form, not in 32 digits
    mlp --data "$DIGITS" --iters 3 --eval-every 1 --lr 1e20 2>/dev/null | grep -q "e+[0-9]"
}

@test "no line of the start block is longer than 79 characters, except the one of options, which a shell can read" {
    for options in "" "--preset keras" "--validation 0.2 --early-stop 2 --eval-every 5 --optimizer momentum --lr-schedule cosine" \
        "--seed 9007199254740992 --hidden 12345 --iters 1 --init-std 0.0123456 --checkpoint c" "--resume c"; do
        data=(--data "$DIGITS" --iters 20)
        [[ $options != *resume* ]] || data=()
        # shellcheck disable=SC2086
        mlp "${data[@]}" $options 2>said >/dev/null
        grep -v "^options" said >lines
        no_line_over 79 lines
    done
    [[ $(unbroken said) == *"options "*"network "*"training "* ]]
}

@test "the tables of --eval and --check-gradient fit in 79 columns" {
    quick --quiet --save m >/dev/null
    mlp --data "$DIGITS" --load m --eval >table 2>/dev/null
    no_line_over 79 table
    mlp --data "$DIGITS" --check-gradient 3 >table
    no_line_over 79 table
}

@test "the start block: expert lines only with --verbose, and what a preset set" {
    mlp --data "$DIGITS" --preset keras --epochs 1 >/dev/null 2>said
    run ! grep -qE "^(products|machine|files)" said
    grep -q "^preset    keras: --hidden 50 --activation sigmoid" said
    sed -n '/^preset/,/^options/p' said | sed '$d' | tr -s ' \n' '  ' | grep -q -- "--optimizer adam"
    sed -n '/^preset/,/^options/p' said | sed '$d' >lines
    no_line_over 79 lines
    quick --verbose >/dev/null 2>said
    for line in files products machine; do grep -q "^$line" said; done
    quick --quiet --save m >/dev/null
    mlp --data "$DIGITS" --load m --eval 2>said >/dev/null
    run ! grep -qE "^(products|machine)" said
    mlp --data "$DIGITS" --load m --eval --verbose 2>&1 >/dev/null | grep -q "^machine"
}
