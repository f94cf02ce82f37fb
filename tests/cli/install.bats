#!/usr/bin/env bats
# install.bats - the installed program: its messages, manual and scripts name files that are there, shells complete its
# options (bash and zsh on a pseudo-terminal), uninstall leaves nothing.
load common.bash

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    unset MAKEFLAGS MAKELEVEL CFLAGS CPPFLAGS LDFLAGS
    export PREFIX=$BATS_FILE_TMPDIR/prefix
    export SHARE=$PREFIX/share/mlp-train
    make -j 2 BUILD="$BATS_FILE_TMPDIR/build" BIN="$BATS_FILE_TMPDIR/mlp-train" CFLAGS=-O0 PREFIX="$PREFIX" install >/dev/null
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export PATH=$PREFIX/bin:$PATH
    unset MLP_TRAIN MLP_TRAIN_DATA
}

# all_there MINIMUM: every file below $SHARE that standard input names exists; so many at least
all_there() {
    grep -oE "$SHARE/[a-zA-Z0-9./-]*[a-zA-Z0-9]" | sort -u >named
    [ "$(wc -l <named)" -ge "$1" ]
    while read -r file; do [ -e "$file" ] || { echo "$file"; return 1; }; done <named
}

@test "messages, help, manual and scripts name installed files, and none of the sources" {
    run mlp-train
    [ "$status" -eq 1 ]
    all_there 2 <<<"$output"
    cp "$SHARE"/digits/*.gz .
    head -c 3000 t10k-images-idx3-ubyte.gz >short && mv short t10k-images-idx3-ubyte.gz
    run mlp-train --data .
    [ "$status" -eq 1 ]
    all_there 1 <<<"$output"
    mlp-train --help | all_there 2
    run ! grep -E '(^| )(scripts|data)/' <(mlp-train --help)
    cat "$SHARE"/*.sh "$SHARE"/*.gp | grep -v '^ *#' | all_there 1
    run ! grep -E '(^|[ "(])scripts/' "$SHARE"/*.sh "$SHARE"/*.gp
    [ ! -e "$PREFIX/share/man" ] || sed 's/\\f[BIR]/ /g; s/\\&//g; s/\\//g' "$PREFIX/share/man/man1/mlp-train.1" | all_there 5
}

@test "the main job, a plot and a sweep in an empty directory" {
    run mlp-train --data "$SHARE/digits" --lr 0.5 --iters 300 --quiet --csv curve.csv --save net
    [ "$status" -eq 0 ]
    if command -v gnuplot >/dev/null; then gnuplot -c "$SHARE/plot-accuracy.gp" curve.csv a.svg && [ -s a.svg ]; fi
    run "$SHARE/fetch-mnist.sh" --from "$SHARE/digits"
    [ "$status" -eq 1 ] # other digits
    [ -d data/mnist ]
    mlp-train --load "$SHARE/models/mnist-50.safetensors" --predict "$ROOT/data/drawing.pbm" --fit | grep '^0,2,'
    [[ $(parallel --version 2>/dev/null) == GNU* ]] || return 0
    printf '%s\n' "--data $SHARE/digits" '--iters 5' '--seed 1 2' >grid
    "$SHARE/sweep.sh" grid out
}

typed() { "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/typed.py" "$@"; } # SHELL START TEXT WANTED

@test "bash completes options and values on a terminal" {
    start=". '$PREFIX/share/bash-completion/completions/mlp-train'"
    typed bash "$start" $'mlp-train --act\t' --activation
    typed bash "$start" $'mlp-train --activation \t\t' 'relu sigmoid tanh'
    typed bash "$start" $'mlp-train --activation=t\t' --activation=tanh
    mkdir 'some where'
    typed bash "$start" $'mlp-train --csv some\t' where
    typed bash "$start" $'mlp-train --resume au\t' auto
}

@test "zsh completes options and values on a terminal" {
    command -v zsh >/dev/null || skip 'no zsh (scripts/setup.sh --dev)'
    start="fpath=('$PREFIX/share/zsh/site-functions' \$fpath); autoload -Uz compinit; compinit -u -D"
    typed zsh "$start" $'mlp-train --act\t' --activation
    typed zsh "$start" $'mlp-train --activation \t' 'relu sigmoid tanh'
}

@test "fish completes options and values" {
    command -v fish >/dev/null || skip 'no fish (scripts/setup.sh --dev)'
    HOME=$PWD fish --no-config -c "source '$PREFIX/share/fish/vendor_completions.d/mlp-train.fish'; complete -C 'mlp-train --act'; complete -C 'mlp-train --activation '" >said
    grep -q -e '^--activation' said
    [ "$(grep -cE '^(relu|sigmoid|tanh)' said)" -eq 3 ]
}

@test "every option is in the completions for each shell" {
    mlp-train --help all | sed -n '/^Presets/q; s/^  --\([a-z0-9-]*\).*/\1/p' >options
    [ "$(wc -l <options)" -gt 60 ]
    while read -r option; do
        grep -qw -e "--$option" "$PREFIX/share/bash-completion/completions/mlp-train"
        grep -q -e "'--${option}[=[]" "$PREFIX/share/zsh/site-functions/_mlp-train"
        grep -q -e "-l $option " "$PREFIX/share/fish/vendor_completions.d/mlp-train.fish"
    done <options
}

@test "uninstall leaves no file and no folder of ours" {
    touch "$PREFIX/bin/other"
    (cd "$ROOT" && make BUILD="$BATS_FILE_TMPDIR/build" PREFIX="$PREFIX" uninstall >/dev/null)
    [ "$(find "$PREFIX" -type f)" = "$PREFIX/bin/other" ]
    [ -z "$(find "$PREFIX" -name '*mlp-train*')" ]
}
