#!/usr/bin/env bats
# signals.bats - how a run ends that is told to: which signals, in what order, with what left behind.
load common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }

teardown() { [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true; }

# start ARGUMENT... : a run without an end on the bundled digits, in the background, as $pid; its CSV
# is a.csv, what it says on stderr is in `said`.
start() {
    "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --csv a.csv "$@" >/dev/null 2>said 3>&- &
    pid=$!
}

# until_rows N: waits until the CSV has more than N lines
until_rows() {
    for _ in $(seq 200); do
        [ -f a.csv ] && [ "$(wc -l <a.csv)" -gt "$1" ] && return
        sleep 0.05
    done
    return 1
}

# until_it_waits: until the run sleeps and uses no processor, which is in a write
until_it_waits() {
    [ -r "/proc/$pid/stat" ] || skip "no /proc here"
    local now before=
    for _ in $(seq 200); do
        now=$(awk '{ print $3, $14 + $15 }' "/proc/$pid/stat")
        [ "$now" != "$before" ] || [[ $now != S* ]] || return 0
        before=$now
        sleep 0.1
    done
    return 1
}

# ends CODE: the run ends by itself, with this exit status
ends() {
    for _ in $(seq 900); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    ! kill -0 "$pid" 2>/dev/null || { echo "it does not end"; return 1; }
    code=0
    wait "$pid" || code=$?
    pid=
    [ "$code" -eq "$1" ] || { echo "exit $code, expected $1: $(cat said)"; return 1; }
}

whole_rows() {
    [ "$(tail -c 1 a.csv | od -An -tx1)" = " 0a" ]
    [ "$(awk -F, '{print NF}' a.csv | sort -u)" = 10 ]
}

@test "SIGINT, SIGTERM, SIGHUP: the iteration is finished, one line says so, 130 or 143" {
    for signal in INT:130 TERM:143 HUP:143; do
        rm -f a.csv
        start --quiet
        until_rows 50
        kill -"${signal%:*}" $pid
        ends "${signal#*:}"
        whole_rows
        [ "$(wc -l <said)" -eq 1 ]
        iteration=$(tail -n 1 a.csv | cut -d, -f1)
        grep -qx "mlp-train: stopped by SIG${signal%:*} after iteration $iteration of 1000000000" said
    done
}

@test "the second signal ends the program at once, whichever it is" {
    for second in INT:130 TERM:143 HUP:129; do
        rm -f a.csv
        mkfifo a.csv
        start --quiet
        exec 7<a.csv
        read -r _ <&7 # the run has begun; nobody reads on
        until_it_waits
        kill -TERM $pid
        sleep 0.1
        kill -0 $pid # waits still
        kill -"${second%:*}" $pid
        ends "${second#*:}"
        exec 7<&-
        [ ! -s said ]
    done
}

@test "what was ignored from the start stays ignored: nohup, and a trap of the caller" {
    for signal in HUP TERM; do
        rm -f a.csv
        trap '' $signal
        start --quiet
        trap - $signal
        until_rows 20
        kill -$signal $pid
        until_rows $(($(wc -l <a.csv) + 1000))
        kill -INT $pid
        ends 130
        grep -q "stopped by SIGINT" said
    done
}

@test "Ctrl-C at the terminal spares the background job of a script, kill -INT does not" {
    "${PYTHON:=python3}" -c 'import pty' 2>/dev/null || skip "no python3 with pty"
    "$PYTHON" - "$MLP_TRAIN" --data "$DIGITS" --iters 1000000000 --csv a.csv --quiet <<'EOF'
import os, pty, signal, sys, time

def rows():
    try:
        with open("a.csv") as file:
            return sum(1 for _ in file)
    except FileNotFoundError:
        return 0

def wait_for(more):
    for _ in range(200):
        if rows() > more:
            return
        time.sleep(0.05)
    sys.exit(f"no more than {rows()} rows")

for ignored in True, False:
    if os.path.exists("a.csv"):
        os.remove("a.csv")
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.SIG_DFL)
        os.execv(sys.argv[1], sys.argv[1:])
    wait_for(100)
    os.write(terminal, b"\x03")
    if ignored:
        wait_for(rows() + 1000)
        os.kill(pid, signal.SIGINT)
    _, status = os.waitpid(pid, 0)
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 130, (ignored, status)
EOF
}

@test "before the training begins there is nothing to finish: a signal ends the program at once" {
    mkfifo labels
    for signal in TERM:143 HUP:129; do
        start --train-labels labels
        exec 7>labels # it has opened its data
        kill -"${signal%:*}" $pid
        ends "${signal#*:}"
        exec 7>&-
        [ ! -s said ]
        [ ! -e a.csv ]
    done
}
