#!/usr/bin/env bats
# sweep.bats - scripts/sweep.sh: every combination once, wherever it runs and wherever it is interrupted. Over ssh with
# two sshd on loopback addresses, on Slurm with a controller and two node daemons; where those are missing: skipped.
load common.bash

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    sweep=$ROOT/scripts/sweep.sh
    log=$BATS_TEST_TMPDIR/log
    touch "$log"
}

teardown() {
    local pid
    for pid in $(cat daemons/*.pid 2>/dev/null) ${sweeping-}; do
        children=$(pgrep -P "$pid") || true
        # shellcheck disable=SC2086
        kill -KILL "$pid" $children 2>/dev/null || true
    done
    [ ! -d daemons ] || rm -rf "$(readlink -f daemons)"
}

need_parallel() { [[ $(parallel --version 2>/dev/null) == GNU* ]] || skip 'no GNU parallel (scripts/setup.sh --dev)'; }

# stand_in [LINE...]: a program that logs its options, does LINEs, then leaves what a run leaves
stand_in() {
    cat >trainer <<END
#!/bin/sh
[ "\$1" != --help ] || exec $(printf %q "$MLP_TRAIN") "\$@"
echo "\$*" >>'$log'
for word; do case \$last in --csv) csv=\$word ;; --lr) lr=\$word ;; --seed) seed=\$word ;; --checkpoint) checkpoint=\$word ;; esac; last=\$word; done
$(printf '%s\n' "$@")
printf '%s\n' iter,epoch,loss,lr,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc \
    0,0,,,2.3,0.1,2.3,0.1,, 1,1,2,\$lr,0.2,0.9,0.4,0.8,, 2,2,1,\$lr,,,,,, 3,3,1,\$lr,0.1,0.95,0.5,0.7\$seed,, >"\$csv"
touch "\$checkpoint"
END
    chmod +x trainer
    export MLP_TRAIN=$PWD/trainer
}

grid() { printf '%s\n' "$@" >grid; }

# same TABLE TABLE: but for seconds and hosts
same() {
    local table
    for table; do
        awk -F, -v OFS=, '{ for (i = 1; i <= NF; i++) { if (NR == 1 && ($i == "seconds" || $i == "host")) drop[i]; if (i in drop) $i = "" } print }' \
            "$table" >"$table.same"
    done
    diff "$1.same" "$2.same"
}

@test "a run for each combination: its files, its row, one thread where there are more runs than cores" {
    need_parallel
    stand_in
    grid '# rates' '' '--lr 0.1  0.5	1' "--data 'my data, all' # quoted" '--seed 1 2' '--save net' '--threads 1'
    run "$sweep" grid out
    [ "$status" -eq 0 ]
    [[ $output == "sweep: 6 runs: 6 done, 0 failed, 0 to do; $PWD/out/results.csv" ]]
    [ "$(wc -l <"$log")" -eq 6 ]
    grep -qxF -- "--lr 0.5 --data my data, all --seed 2 --save $PWD/out/runs/0004/net --threads 1 --csv $PWD/out/runs/0004/curve.csv --checkpoint $PWD/out/runs/0004/run.ckpt --resume auto --quiet" "$log"
    [ "$(head -n 1 out/results.csv)" = run,lr,data,seed,save,threads,iter,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc,best_train_loss,best_train_acc,best_test_loss,best_test_acc,best_val_loss,best_val_acc,seconds,host,exit,message ]
    [[ $(sed -n 5p out/results.csv) =~ ^'4,0.5,"my data, all",2,net,1,3,0.1,0.95,0.5,0.72,,,0.1,0.95,0.4,0.8,,,'[0-9]+\.[0-9][0-9],[^,:]+,0,$ ]]
    [ "$(cut -d , -f 1 out/results.csv | xargs)" = 'run 1 2 3 4 5 6' ]
    [ ! -e out/runs/0004/run.ckpt ]
    "$sweep" grid out # nothing to do
    [ "$(wc -l <"$log")" -eq 6 ]
    grid '--data a\tb\\c' '--seed 1'
    "$sweep" grid slashes
    grep -F '1,a\tb\\c,1,3,' slashes/results.csv
    : >"$log"
    grid "--seed $(seq -s ' ' $(($(nproc) + 1)))"
    "$sweep" grid many
    [ "$(grep -c -e '--threads 1 ' "$log")" -eq $(($(nproc) + 1)) ]
}

@test "a run that fails is listed with its message, the others continue; the same command repeats it" {
    need_parallel
    stand_in '[ "$lr" != 7 ] || [ -e mended ] || { echo "mlp-train: iteration 3: the loss is not finite, \"so\"" >&2; exit 1; }' \
        '[ "$lr" != 8 ] || [ -e mended ] || kill -SEGV $$'
    grid '--lr 1 7 8 2'
    run "$sweep" grid out
    [ "$status" -eq 1 ]
    [[ $output == *'4 runs: 2 done, 2 failed, 0 to do'*'run 2 failed: mlp-train: iteration 3: the loss is not finite'* ]]
    [[ $(sed -n 3p out/results.csv) == '2,7,,,,,,,,,,,,,,'*',1,"iteration 3: the loss is not finite, ""so"""' ]]
    [[ $(sed -n 4p out/results.csv) == *,139,'ended by signal 11' ]]
    touch mended
    run "$sweep" grid out
    [ "$status" -eq 0 ]
    [ "$(wc -l <"$log")" -eq 6 ]
    [ "$(grep -c ',0,$' out/results.csv)" -eq 4 ]
}

@test "more values add runs, in the old directory; other options or fewer values are refused" {
    need_parallel
    stand_in
    grid '--lr 1 2' '--seed 1'
    "$sweep" grid out
    grid '--lr 3 1 2' '--seed 1 2'
    "$sweep" grid out
    [ "$(wc -l <"$log")" -eq 6 ]
    [ "$(cut -d , -f 1-3 out/results.csv | xargs)" = 'run,lr,seed 1,1,1 2,2,1 3,3,1 4,3,2 5,1,2 6,2,2' ]
    cp out/results.csv before
    grid '--lr 1 2'
    run "$sweep" grid out
    [ "$status" -eq 2 ]
    [[ $output == *'out: is a sweep over other options (--lr --seed)'* ]]
    grid '--lr 1 2' '--seed 1 2'
    run "$sweep" grid out
    [ "$status" -eq 2 ]
    [[ $output == *'out: has a run with the values 3 1, which grid has not'* ]]
    cmp out/results.csv before
    grid '--lr 3 1 2' '--seed 1 2'
    rm -r out/runs/0002 # deleted: made again
    "$sweep" grid out
    [ "$(wc -l <"$log")" -eq 7 ]
    same out/results.csv before
}

@test "wrong grids and command lines: exit 2, one line, nothing made" {
    refused() {
        run "$sweep" "${@:2}"
        [ "$status" -eq 2 ] && [ "${#lines[@]}" -eq 1 ] && [[ $output == *"$1"* ]] && [ ! -e out ] || { echo "$output"; return 1; }
    }
    for case in 'lr 1:lr: expected an option' '--lr:--lr: has no values' '--lr 1 2 1:--lr: has the value 1 twice' \
        '--csv a:--csv: sweep.sh sets it' '--lrr 1:--lrr: no such option; did you mean --lr' ' :has no options' \
        "--save '/a b:'/a: its quote does not end" '--save "a"b:its quote does not end' "--save '':--save: has an empty value" \
        '--save a done:--save: done: name a file in the folder of each run' '--confusion curve.csv:--confusion: curve.csv: name' \
        '--report ../r:--report: ../r: name a file in the folder'; do
        grid '# first' "${case%%:*}"
        refused "${case#*:}" grid out
    done
    grid '--lr 1' '--lr 2'
    refused 'grid: line 2: --lr: is there twice' grid out
    grid "--lr $(seq -s ' ' 100)" "--seed $(seq -s ' ' 101)"
    refused '10100 runs; at most 9999' grid out
    grid '--lr 1'
    refused 'nothing: no such file' nothing out
    refused '.: no such file' . out
    refused '--jobs: 0 is outside 1..9999' grid out --jobs 0
    refused '--jobs: needs a value' grid out --jobs
    refused '--hosts: none: no such file' grid out --hosts none
    echo '# later' >hosts
    refused '--hosts: hosts: names no host' grid out --hosts hosts
    refused '--fast: no such option' grid out --fast
    refused 'three: expected GRID and DIR alone' grid out three
    refused 'exclude each other' grid out --jobs 2 --slurm
    for place in grid grid/out /proc/out table; do
        mkdir -p table/results.csv
        run "$sweep" grid $place
        [[ $status -eq 1 && $output == *"$place: cannot be made or written to; name another directory" ]]
    done
    MLP_TRAIN=none run "$sweep" grid out
    [[ $status -eq 1 && $output == *'none: is no program'* ]]
    run "$sweep"
    [[ $status -eq 2 && $output == usage:* ]]
}

@test "CRLF and blanks at line ends; a directory in which every run failed takes another grid, not one with an interrupted run" {
    need_parallel
    stand_in '[ "$lr" != x ] || exit 2' '[ "$lr" != 9 ] || { touch "$checkpoint"; exit 143; }'
    printf -- '--lr x\r\n--seed 1 2 \r\n' >grid
    run "$sweep" grid out
    [[ $status -eq 1 && $output == *'2 runs: 0 done, 2 failed'* ]]
    grid '--lr 9' # instead
    run "$sweep" grid out
    [[ $status -eq 1 && $output == *'1 runs: 0 done, 0 failed, 1 to do'* ]]
    [ "$(wc -l <out/results.csv)" -eq 1 ]
    grid '--lr 1' '--seed 1'
    run "$sweep" grid out
    [[ $status -eq 2 && $output == *'is a sweep over other options (--lr)'* ]]
}

# A grid for the real program: 24 runs, long enough to be interrupted.
real_grid() {
    grid "--data $DIGITS" '--train-limit 500' "--iters ${1:-600}" '--validation 0.2' '--hidden 5 8' '--lr 0.1 0.5 1' '--seed 1 2 3 4' '--save model'
}

# whole_table: out/results.csv has a row for each finished run, each of them complete
whole_table() {
    awk -F, 'NR == 1 { n = NF } NF != n || NR > 1 && $1 !~ /^[0-9]+$/ || $1 in seen { exit 1 } { seen[$1] }' out/results.csv
}

# until_rows N: waits for that many rows
until_rows() {
    for _ in $(seq 600); do
        [ -e out/results.csv ] && whole_table && [ "$(wc -l <out/results.csv)" -gt "$1" ] && return
        sleep 0.2
    done
    return 1
}

# resumed: as many runs as were continued from a checkpoint; the stand-in around the program counts starts
counted() {
    printf '#!/bin/sh\n[ "$1" = --help ] || echo "$*" >>%s\nexec %s "$@"\n' "$(printf %q "$log")" "$(printf %q "$MLP_TRAIN")" >counting
    chmod +x counting
    export MLP_TRAIN=$PWD/counting
}

# The digits depend on the BLAS kernel, so its variables must be those of a login over ssh: none.
reference() { unset "${!OPENBLAS_@}"; "$sweep" grid expected && cp expected/results.csv reference.csv && : >"$log"; }

@test "interrupted by SIGTERM, SIGINT and SIGKILL, the same command continues: each run is completed once, with the same table" {
    need_parallel
    counted
    real_grid 400
    reference
    for signal in TERM:4 INT:9 KILL:14; do
        setsid "$sweep" grid out >said 2>&1 3>&- & # a session of its own: Ctrl-C goes to all of it
        sweeping=$!
        until_rows "${signal#*:}"
        if [ "${signal%:*}" = TERM ]; then kill -TERM $sweeping; else kill -"${signal%:*}" -- -$sweeping; fi
        wait $sweeping || true
        whole_table
        [ "$(wc -l <out/results.csv)" -le 24 ]
    done
    sweeping=
    "$sweep" grid out
    same out/results.csv reference.csv
    for model in out/runs/*/model; do cmp "$model" "expected/${model#out/}"; done
    run "$sweep" grid out
    [[ $output == *'24 runs: 24 done, 0 failed, 0 to do'* ]]
    # a run is started again only if it had been interrupted: at most as many as there were cores
    [ "$(wc -l <"$log")" -le $((24 + 3 * $(nproc))) ]
}

# ---- plot-sweep.gp

@test "plot-sweep.gp: mean and spread over seeds, a line for each other setting; a heat map of two" {
    command -v gnuplot >/dev/null || skip 'no gnuplot'
    plot() { COLUMNS=80 run gnuplot -c "$ROOT/scripts/plot-sweep.gp" "$@"; }
    rows='run,data,lr,hidden,seed,iter,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc,best_train_loss,best_train_acc,best_test_loss,best_test_acc,best_val_loss,best_val_acc,seconds,host,exit,message'
    for lr in 0.1 10; do
        for hidden in 5 8; do
            for seed in 1 3; do rows+=$'\n'"1,\"a, b\",$lr,$hidden,$seed,9,1,1,1,0.$seed$hidden,,,1,1,1,1,,,1,h,0,"; done
        done
    done
    rows+=$'\n''9,"a, b",20,5,1,,,,,,,,,,,,,,1,h,1,"failed, so"'
    echo "$rows" >results.csv
    plot results.csv lr hidden
    [[ $status -eq 0 && $output == *' 8 '*0.2800*0.2800*' 5 '*0.2500*0.2500*0.1*10* && $output != *20* ]]
    plot results.csv lr
    [[ $status -eq 0 && $output == *'hidden 5'*'hidden 8'* && $output == *'accuracy'* ]]
    for picture in a.png b.svg; do
        plot results.csv lr $picture Title
        [[ $status -eq 0 && -s $picture ]]
        plot results.csv lr hidden $picture
        [[ $status -eq 0 && -s $picture ]]
    done
    grep -q 'accuracy, test images' b.svg
    sed -i 's/,0.\([13]\)\([58]\),,,/,0.9,1,0.\1\2,/' results.csv
    plot results.csv hidden lr
    [[ $status -eq 0 && $output == *0.2500*0.2800* ]]
    plot results.csv iter
    [[ $status -eq 1 && $output == 'plot-sweep.gp: iter: no option of this sweep'* ]]
    plot results.csv
    [[ $status -eq 1 && $output == usage:*'results.csv X [Y]'* ]]
    plot grid lr
    [[ $status -eq 1 && $output == *'grid: no such file'* ]]
}

# ---- over ssh

@test "--hosts: the same runs over two sshd, one of which is stopped in the middle" {
    need_parallel
    sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || skip 'no sshd (scripts/setup.sh --dev)'
    [ "$(id -u)" -eq 0 ] && mkdir -p /run/sshd || skip 'sshd wants to be started by root'
    real_grid
    reference
    mkdir daemons
    ssh-keygen -q -t ed25519 -N '' -f daemons/key
    for host in one:127.0.0.1 two:127.0.0.2; do
        port=$((20000 + RANDOM % 10000))
        printf '%s\n' "ListenAddress ${host#*:}" "Port $port" "HostKey $PWD/daemons/key" "AuthorizedKeysFile $PWD/daemons/key.pub" \
            'StrictModes no' 'UsePAM no' 'PermitRootLogin yes' "PidFile $PWD/daemons/${host%:*}.pid" >"daemons/${host%:*}"
        printf '%s\n' "Host ${host%:*}" "HostName ${host#*:}" "Port $port" "IdentityFile $PWD/daemons/key" \
            'StrictHostKeyChecking no' 'UserKnownHostsFile /dev/null' 'LogLevel ERROR' >>daemons/config
        "$sshd" -f "daemons/${host%:*}" || skip "sshd does not start on ${host#*:}"
        echo "1/ssh -F $PWD/daemons/config ${host%:*}" >>hosts
    done
    "$sweep" grid out --hosts hosts >said 2>&1 3>&- &
    sweeping=$!
    until_rows 6
    children=$(pgrep -P "$(cat daemons/two.pid)") || true
    # shellcheck disable=SC2086
    kill "$(cat daemons/two.pid)" $children
    wait $sweeping || { cat said; return 1; }
    sweeping=
    same out/results.csv reference.csv
    for host in one two; do grep -q ",$host,0,$" out/results.csv; done
    "$sweep" grid out --hosts hosts # nothing to do
}

# ---- Slurm

# start_slurm: munge, a controller and two nodes, all in `daemons`
start_slurm() {
    local at port
    export PATH=$PATH:/usr/sbin
    command -v sbatch slurmctld slurmd munged >/dev/null || skip 'no Slurm (scripts/setup.sh --dev)'
    [ "$(id -u)" -eq 0 ] || skip 'slurmd wants to be started by root'
    at=$(mktemp -d) # a socket's name must be short
    ln -s "$at" daemons
    port=$((20000 + RANDOM % 10000))
    head -c 128 /dev/urandom >"$at/key"
    chmod 400 "$at/key"
    munged --force --key-file="$at/key" --socket="$at/munge" --pid-file="$at/munged.pid" --log-file="$at/munged.log" --seed-file="$at/seed" 3>&-
    mkdir "$at/state" "$at/spool"
    printf '%s\n' ClusterName=loopback SlurmctldHost=localhost SlurmctldPort=$port SlurmUser=root AuthType=auth/munge "AuthInfo=socket=$at/munge" \
        ProctrackType=proctrack/pgid TaskPlugin=task/none SelectType=select/cons_tres SelectTypeParameters=CR_CPU \
        JobAcctGatherType=jobacct_gather/none MailProg=/bin/true ReturnToService=2 SlurmdTimeout=10 MinJobAge=2 "StateSaveLocation=$at/state" \
        "SlurmctldPidFile=$at/slurmctld.pid" "SlurmctldLogFile=$at/slurmctld.log" \
        "SlurmdPidFile=$at/slurmd-%n.pid" "SlurmdLogFile=$at/slurmd-%n.log" "SlurmdSpoolDir=$at/spool/%n" \
        "NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1" \
        "NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1" \
        'PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP' >"$at/slurm.conf"
    export SLURM_CONF=$at/slurm.conf
    slurmctld 3>&-
    for node in n1 n2; do slurmd -N $node 3>&-; done
    for _ in $(seq 100); do
        [ "$(sinfo --noheader --format=%T 2>/dev/null)" != idle ] || return 0
        sleep 0.2
    done
    sinfo
    return 1
}

@test "--slurm: the same runs as an array; tasks cancelled, a node restarted, the command killed: the same command continues" {
    need_parallel # for the local sweep
    real_grid
    reference
    start_slurm
    "$sweep" grid out --slurm >said 2>&1 3>&- &
    sweeping=$!
    until_rows 4
    job=$(sed -n 's/.* scancel --name=\([^ ]*\) ends them/\1/p' said)
    kill "$(cat daemons/slurmd-n2.pid)" # with its tasks
    kill -KILL $sweeping
    wait $sweeping || true
    slurmd -N n2 3>&-
    until_rows 8 # without the command
    "$sweep" grid out --slurm >said 2>&1 3>&- & # waits for the same array
    sweeping=$!
    until_rows 10
    [ "$(squeue --noheader --array --name="$job" | wc -l)" -le 14 ]
    scancel --name="$job"
    code=0; wait $sweeping || code=$?
    sweeping=
    [ "$code" -eq 1 ] || [ "$(wc -l <out/results.csv)" -eq 25 ] # none was left to cancel
    whole_table
    "$sweep" grid out --slurm
    same out/results.csv reference.csv
    for node in n1 n2; do grep -q ",$node,0,$" out/results.csv; done
}
