#!/usr/bin/env bash
# sweep.sh - trains with every combination of option values: on this machine or over ssh by GNU parallel, or on a
# cluster by Slurm. Schedules nothing itself. Each run is a folder; sweep-runs.pl trains it and adds its row to results.csv.
set -euo pipefail
shopt -s nullglob
export LC_ALL=C

usage() {
    cat <<'EOT'
usage: scripts/sweep.sh GRID DIR [--jobs N | --hosts FILE | --slurm]

Trains once for every combination of the values in GRID, a text file of options with their values:

    --data data/digits
    --lr 0.01 0.1 1
    --seed 1 2 3

DIR gets results.csv, a row for each finished run, and a folder for each run with its curve.csv and log.
--save, --export, --confusion, --report, --weights and --mistakes in GRID name files in that folder. The same
command continues where it was interrupted and repeats what failed; more values in GRID add runs. # starts a
comment; quote values with blanks.

  --jobs N      N runs at a time on this machine; default: as many as it has cores
  --hosts FILE  over ssh on the hosts in FILE, one a line, 4/name for 4 runs at a time there. Every host has
                this directory, DIR and the program under the same names
  --slurm       on a Slurm cluster, as a job array; sbatch's environment variables choose partition and limits

Needs GNU parallel (Debian: parallel), or Slurm, and Perl on each host. MLP_TRAIN names another program than mlp-train.
EOT
}

die() { # STATUS MESSAGE
    printf 'sweep: %s\n' "$2" >&2
    exit "$1"
}
has() { command -v "$1" >/dev/null 2>&1; }
quoted() { printf "'%s' " "${@//\'/\'\\\'\'}"; }

# ---- the runs ----

# expand GRID: the names of the options, then a line for each run with their values, separated by tabs
expand() {
    awk '
        function fail(message) { print "sweep: " FILENAME ": line " FNR ": " message >"/dev/stderr"; bad = 1; exit 2 }
        BEGIN { options = 0 }
        {
            gsub(/\t|\r/, " ")
            n = 0
            for (rest = $0; match(rest, /^ *("[^"]*"|\047[^\047]*\047|[^ ]+)/); rest = substr(rest, RLENGTH + 1)) {
                word = substr(rest, 1, RLENGTH)
                sub(/^ */, "", word)
                if (word ~ /^#/) break
                if (word ~ /^["\047]/ && (word !~ /.(["\047])$/ || substr(rest, RLENGTH + 1) ~ /^[^ ]/)) fail(word ": its quote does not end; put quotes around a whole value")
                if (word ~ /^["\047]/) word = substr(word, 2, length(word) - 2)
                words[n++] = word
            }
            if (n == 0) next
            name = words[0]
            if (name !~ /^--[a-z0-9-]+$/) fail(name ": expected an option, such as --lr, then its values")
            if (name ~ /^--(csv|checkpoint|resume|quiet|verbose|progress)$/) fail(name ": sweep.sh sets it; leave it out")
            if (name in seen) fail(name ": is there twice; write all its values on one line")
            if (n == 1) fail(name ": has no values; write them behind it, such as --lr 0.1 0.5")
            seen[name]
            names[options] = name
            counts[options] = n - 1
            for (i = 1; i < n; i++) {
                if (words[i] == "") fail(name ": has an empty value")
                if (name ~ /^--(save|export|confusion|report|weights|mistakes)$/ && words[i] ~ /\/|^(curve\.csv|run\.ckpt|log|lock|row|done)$/)
                    fail(name ": " words[i] ": name a file in the folder of each run, other than curve.csv, run.ckpt, log, lock, row and done")
                if ((name, words[i]) in seen) fail(name ": has the value " words[i] " twice")
                seen[name, words[i]]
                values[options, i - 1] = words[i]
            }
            options++
        }
        END {
            if (bad) exit 2
            if (options == 0) { print "sweep: " ARGV[1] ": has no options; expected lines such as --lr 0.1 0.5" >"/dev/stderr"; exit 2 }
            total = 1
            for (o = 0; o < options; o++) {
                total *= counts[o]
                printf "%s%s", names[o], o < options - 1 ? "\t" : "\n"
            }
            if (total > 9999) fail(total " runs; at most 9999 fit into a sweep")
            for (run = 0; run < total; run++) {
                each = total
                for (o = 0; o < options; o++) {
                    each /= counts[o]
                    printf "%s%s", values[o, int(run / each) % counts[o]], o < options - 1 ? "\t" : "\n"
                }
            }
        }' "$1"
}

# The list of runs, $dir/runs.tsv: a run is the line of its number, after the names. It only grows.
make_list() {
    local list=$dir/runs.tsv new gone name message rows finished
    new=$(expand "$grid") || exit 2
    for name in $(head -n 1 <<<"$new"); do
        message=$("$MLP_TRAIN" --help "${name#--}" 2>&1 >/dev/null) ||
            die 2 "$grid: $name: no such option; $(sed 's/.*; //; s/--help \([a-z]\)/--\1/' <<<"$message")"
    done
    { mkdir -p "$dir/runs" && [ -w "$dir" ] && [ ! -d "$dir/results.csv" ]; } 2>/dev/null ||
        die 1 "$dir: cannot be made or written to; name another directory"
    # Where every run failed, as with a wrong value, there is nothing to keep: another grid may begin.
    if [ -e "$list" ] && [ "$(cat "$list")" != "$new" ]; then
        rows=("$dir"/runs/*/row)
        finished=("$dir"/runs/*/done)
        [ ${#rows[@]} -lt $(($(wc -l <"$list") - 1)) ] || [ ${#finished[@]} -gt 0 ] || rm -rf "$list" "$dir"/runs/*
    fi
    if [ -e "$list" ]; then
        [ "$(head -n 1 "$list")" = "$(head -n 1 <<<"$new")" ] ||
            die 2 "$dir: is a sweep over other options ($(head -n 1 "$list" | tr '\t' ' ')); name another directory"
        gone=$(awk 'NR == FNR { new[$0]; next } !($0 in new)' <(cat <<<"$new") "$list" | head -n 1 | tr '\t' ' ')
        [ -z "$gone" ] || die 2 "$dir: has a run with the values $gone, which $grid has not; name another directory"
        new=$(cat "$list" && awk 'NR == FNR { old[$0]; next } !($0 in old)' "$list" <(cat <<<"$new"))
    fi
    printf '%s\n' "$new" >"$list.part"
    mv "$list.part" "$list"
    total=$(($(wc -l <"$list") - 1))
    printf 'run,%s,%s\n' "$(head -n 1 "$list" | sed 's/--//g; s/\t/,/g')" "$columns" >"$dir/header"
    (cd "$dir/runs" && seq -f %04.0f "$total" | xargs mkdir -p)
}

# find_todo: the numbers of the runs that are not done, into todo
find_todo() {
    local i number
    todo=()
    for ((i = 1; i <= total; i++)); do
        printf -v number %04d "$i"
        [ -e "$dir/runs/$number/done" ] || todo+=("$i")
    done
}

columns='iter,train_loss,train_acc,test_loss,test_acc,val_loss,val_acc,best_train_loss,best_train_acc,best_test_loss,best_test_acc,best_val_loss,best_val_acc,seconds,host,exit,message'

# ---- GNU parallel ----

by_parallel() {
    local cores threads=1 each=1 pid options=(--will-cite --joblog "$dir/joblog" --termseq 'TERM,10000,KILL,25')
    [[ $(parallel --version 2>/dev/null) == 'GNU parallel'* ]] ||
        die 1 'needs GNU parallel: apt-get install parallel (moreutils has another program of that name)'
    exec 7>>"$dir/lock"
    ! has flock || flock -n 7 || die 1 "$dir: another sweep.sh works on it; wait for its end"
    if [ -n "$hosts" ]; then
        options+=(--sshloginfile "$hosts" --retries 4 --ssh "${PARALLEL_SSH:-ssh -o BatchMode=yes -o ConnectTimeout=10}" --wd "$PWD" --env MLP_TRAIN --env MLP_TRAIN_DATA)
    else
        cores=$(nproc)
        jobs=${jobs:-$((${#todo[@]} < cores ? ${#todo[@]} : cores))}
        [ "${#todo[@]}" -ge "$cores" ] || threads=$((cores / ${#todo[@]}))
        each=$((1 + ${#todo[@]} / (25 * jobs))) # runs for one start of sweep-runs.pl: starting it costs more than a short run
        options+=(--jobs "$jobs")
    fi
    [ ! -t 2 ] || options+=(--bar)
    parallel "${options[@]}" --max-args "$each" "$(quoted "$runs" "$dir" "$threads"){}" :::: <(printf '%s\n' "${todo[@]}") 7>&- &
    pid=$!
    trap : INT # of the terminal: parallel has it too
    trap 'kill -INT $pid' TERM HUP
    while :; do
        wait $pid || true
        kill -0 $pid 2>/dev/null || break
    done
    trap - INT TERM HUP
}

# ---- Slurm ----

by_slurm() {
    local name most first numbers waiting i
    has sbatch || die 1 'needs Slurm: this machine has no sbatch; run on a login node of the cluster'
    name=mlp-sweep-$(cksum <<<"$dir" | cut -d ' ' -f 1)
    most=$(scontrol show config | sed -n 's/^MaxArraySize *= *//p')
    waiting=$(squeue --noheader --name="$name" --format=%i) || die 1 'squeue failed: see its message above'
    if [ -z "$waiting" ]; then
        for ((first = 0; first < total; first += most - 1)); do
            numbers=
            for i in "${todo[@]}"; do
                [ "$i" -le "$first" ] || [ "$i" -ge $((first + most)) ] || numbers+=,$((i - first))
            done
            [ -z "$numbers" ] || sbatch --parsable --job-name="$name" --array="${numbers#,}" --requeue --chdir="$PWD" \
                --output="$dir/slurm.log" --open-mode=append --cpus-per-task=1 \
                --wrap="exec $(quoted "$runs" "$dir" 1)\$(($first + SLURM_ARRAY_TASK_ID))" >/dev/null ||
                die 1 'sbatch failed: see its message above'
        done
    fi
    echo "sweep: the runs are Slurm's jobs $name. Ctrl-C ends this command, not them; scancel --name=$name ends them" >&2
    while waiting=$(squeue --noheader --name="$name" --format=%i) || sleep 5; do # not there: the controller restarts
        find_todo
        [ ! -t 2 ] || printf '\r%d of %d runs done ' $((total - ${#todo[@]})) "$total" >&2
        [ -n "$waiting" ] || break
        sleep 1
    done
    [ ! -t 2 ] || echo >&2
}

# ---- the command ----

summary() {
    local i number n=0 failed=0 missing=0
    find_todo
    for i in "${todo[@]}"; do
        printf -v number %04d "$i"
        if [ -s "$dir/runs/$number/row" ]; then failed=$((failed + 1)); else missing=$((missing + 1)); fi
    done
    printf 'sweep: %d runs: %d done, %d failed, %d to do; %s\n' "$total" $((total - ${#todo[@]})) $failed $missing "$dir/results.csv"
    for i in "${todo[@]}"; do
        printf -v number %04d "$i"
        [ -s "$dir/runs/$number/row" ] || continue
        [ $((n++)) -lt 10 ] || { echo "sweep: ... and $((failed - 10)) more: column message" >&2 && break; }
        echo "sweep: run $i failed: $(tail -n 1 "$dir/runs/$number/log")" >&2
    done
    [ $missing -eq 0 ] || echo 'sweep: the same command continues' >&2
    [ ${#todo[@]} -eq 0 ]
}

grid='' dir='' jobs='' hosts='' slurm=''
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage && exit 0 ;;
    --jobs | --hosts)
        [ $# -ge 2 ] || die 2 "$1: needs a value; see --help"
        if [ "$1" = --jobs ]; then jobs=$2; else hosts=$2; fi
        shift
        ;;
    --slurm) slurm=yes ;;
    -*) die 2 "$1: no such option; see --help" ;;
    *) if [ -z "$grid" ]; then grid=$1; elif [ -z "$dir" ]; then dir=$1; else die 2 "$1: expected GRID and DIR alone; see --help"; fi ;;
    esac
    shift
done
[ -n "$dir" ] || { usage >&2 && exit 2; }
[ -z "$jobs" ] || [[ $jobs =~ ^[1-9][0-9]{0,3}$ ]] || die 2 "--jobs: $jobs is outside 1..9999"
[ $(($([ -n "$jobs" ]; echo $?) + $([ -n "$hosts" ]; echo $?) + $([ -n "$slurm" ]; echo $?))) -ge 2 ] ||
    die 2 '--jobs, --hosts and --slurm: exclude each other; give one of them'
{ [ -f "$grid" ] && [ -r "$grid" ]; } || die 2 "$grid: no such file, or it cannot be read; expected options with their values"
[ -z "$hosts" ] || [ -r "$hosts" ] || die 2 "--hosts: $hosts: no such file, or it cannot be read"
[ -z "$hosts" ] || grep -qvE '^[[:space:]]*(#|$)' "$hosts" || die 2 "--hosts: $hosts: names no host; expected one on each line"
[ -z "$hosts" ] || hosts=$(realpath "$hosts")
self=$(realpath "$0")
runs=${self%/*}/sweep-runs.pl
program=${MLP_TRAIN:-${self%/*}/../mlp-train}
[ -n "${MLP_TRAIN-}" ] || [ -f "$program" ] || program=$(command -v mlp-train) ||
    die 1 'no mlp-train: build it with make, or name it by MLP_TRAIN'
{ [ -f "$program" ] && [ -x "$program" ]; } || die 1 "$program: is no program; correct MLP_TRAIN"
MLP_TRAIN=$(realpath "$program")
export MLP_TRAIN
dir=$(realpath -m "$dir")
make_list
find_todo
"$runs" "$dir"
if [ ${#todo[@]} -gt 0 ]; then
    if [ -n "$slurm" ]; then by_slurm; else by_parallel; fi
    "$runs" "$dir"
fi
summary
