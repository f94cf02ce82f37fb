#!/usr/bin/env bats
# bad-lines.bats - the table of bad command lines, and how many bad lines and files the tests hold in all.
load common.bash

setup_file() {
    mkdir "$BATS_FILE_TMPDIR/data"
    sh "$BATS_TEST_DIRNAME/make-bad-data.sh" "$BATS_FILE_TMPDIR/data"
}

# A remedy: a range or list of what is legal, or what follows a semicolon.
remedy='; |\.\.[0-9]|none of [^ ]+\|[^ ]+|is the beginning of --'

@test "bad command lines: the exit code, and one line that says what is wrong and what to do" {
    cd "$BATS_FILE_TMPDIR/data"
    n=0 wrong=0
    touch ../before
    while IFS= read -r row; do
        [[ $row == *" => "* && $row != "#"* ]] || continue
        line=${row%% => *} expected=${row#* => }
        text=${expected#* } n=$((n + 1)) status=0
        eval "mlp --data . --iters 1 $line" </dev/null >../out 2>../err || status=$?
        stderr=$(<../err)
        if ! fails "${expected%% *}" "$text" || ! [[ $stderr =~ $remedy ]] || [ -s ../out ] || [ ${#stderr} -gt 4200 ]; then
            echo "  of: $row"
            echo "  it said: $stderr"
            wrong=$((wrong + 1))
        fi
    done <"$BATS_TEST_DIRNAME/bad-lines"
    echo "# $n bad command lines" >&3
    [ "$wrong" -eq 0 ]
    [ "$n" -ge 150 ]
    [ -z "$(find . -newer ../before -type f)" ]
}

@test "how many bad files the other tables hold" {
    data=$(grep -oE '^ *(both|refused --[a-z-]+) [^ ]+' "$BATS_TEST_DIRNAME/bad-data.bats" | awk '{ print $NF }' | sort -u | wc -l)
    models=$(grep -oE '\{ refused [a-z]+ [0-9]+' "$BATS_TEST_DIRNAME/bad-models.bats" | awk '{ n += $NF } END { print n }')
    echo "# $data bad data files, at least $models bad models" >&3
    [ $((data + models)) -ge 250 ]
}
