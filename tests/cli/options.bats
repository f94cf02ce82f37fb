# options.bats - the command line: what it takes, what it refuses and in which words.
load common.bash

refuses() { # ARGUMENT... -- WORD...
    local arguments=()
    while [ "$1" != -- ]; do arguments+=("$1"); shift; done
    shift
    run --separate-stderr mlp --data "$DIGITS" "${arguments[@]}"
    [ -z "$output" ] || { echo "on stdout: $output"; return 1; }
    fails 2 "$@"
}

@test "--help and -h are one screen on stdout: four examples, one that plots, sixteen options, how to see the rest" {
    run --separate-stderr mlp --help
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "${#lines[@]}" -ge 25 ]
    [ "$(wc -l <<<"$output")" -le 40 ]
    [ "$(awk 'length > 79' <<<"$output" | wc -l)" -eq 0 ]
    [ "$(grep -cE '^  (mlp-train|gnuplot) ' <<<"$output")" -eq 4 ]
    [[ $output == *plot-loss.gp* && $output == *"--help GROUP"* && $output == *"--help all"* ]]
    [ "$(sed -n '/^Most used/,/^More/p' <<<"$output" | grep -c '^  --')" -eq 16 ]
    [ "$(mlp -h)" = "$output" ]
}

@test "--help all has every line within 79 columns, with the defaults that are used" {
    run --separate-stderr mlp --help all
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "$(awk 'length > 79' <<<"$output" | wc -l)" -eq 0 ]
    [ "$(grep -c '^  --[a-z0-9-]* *' <<<"$output")" -ge 60 ]
    [ -z "$(mlp --help all | awk 'NR > 1 && /^[^ ]/ && before != "" { print } { before = $0 }')" ] # headings stand alone
    text=$(tr -s ' \n' ' ' <<<"$output")
    [[ $text == *"--hidden N units of the hidden layer, 1..65536 [50]"* ]]
    [[ $text == *"--lr X learning rate; 0.001 for adam, adamw [0.1]"* ]]
    [[ $text == *"--eval-every N"*"[one epoch]"* ]]
    [[ $text == *"--momentum X momentum coefficient, 0..1 [0.9]; needs --optimizer momentum "* ]]
    [[ $text == *"sigmoid|tanh|relu"* ]]
}

@test "--help TOPIC: a group, an option, presets, modes" {
    [ "$(mlp --help Model | grep -c '^  --')" -eq "$(mlp --help all | sed -n '/^Model/,/^$/p' | grep -c '^  --')" ]
    mlp --help=distortion | grep -q -- '--elastic-sigma X'
    mlp -h rotate | grep -q 'acts in: training, --resume, --samples'
    mlp --help presets | grep -q 'keras  *--hidden 50'
    mlp --help modes | grep -qE '^  --predict +--transpose '
    run mlp --help overfitting
    [[ $status -eq 2 && $output == *'did you mean --help lesson' ]]
    for topic in "" all data network training distortion run model output presets modes rotate; do
        [ -n "$(mlp --help $topic)" ]
    done
}

@test "--version names program and BLAS on stdout" {
    run --separate-stderr mlp --version
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [[ ${lines[0]} =~ ^mlp-train\ [0-9]+\.[0-9]+ ]]
    [[ ${lines[1]} == *"BLAS"* ]]
}

@test "--opt value and --opt=value are the same, an unambiguous beginning will do" {
    quick --quiet --seed 3 --csv "$BATS_TEST_TMPDIR/a"
    quick --quiet --seed=3 --csv="$BATS_TEST_TMPDIR/b"
    quick --quiet --see 3 --csv "$BATS_TEST_TMPDIR/c"
    cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
    cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/c"
}

@test "whole numbers are read strictly" {
    for value in 0.5 1x x1 0x10 "" " 1" "1 " 1e2 nan inf + --; do
        refuses "--batch-size=$value" -- --batch-size "'$value'" "1..1000000"
    done
}

@test "whole numbers out of range name option, value and range" {
    refuses --batch-size 0 -- "--batch-size: 0 is outside 1..1000000"
    refuses --batch-size -5 -- "--batch-size: -5 is outside 1..1000000"
    refuses --hidden 65537 -- "--hidden: 65537 is outside 1..65536"
    refuses --iters 99999999999999999999999 -- "--iters: 99999999999999999999999 is outside"
    refuses --epochs 0 -- "--epochs: 0 is outside 1.."
    refuses --threads 0 -- "--threads: 0 is outside 1..1024"
    refuses --train-limit 0 -- "--train-limit: 0 is outside 1.."
    refuses --seed -1 -- "--seed: -1 is outside 0.."
    refuses --seed 9007199254740993 -- "--seed: 9007199254740993 is outside 0..9007199254740992"
}

@test "numbers are read strictly" {
    for value in 0.1x 0x1p3 "" " 1" nan NAN inf -inf infinity 1,5 1e 0.1.2 .; do
        refuses "--lr=$value" -- --lr "'$value'" "0..1e+38"
    done
}

@test "numbers out of range name option, value and range" {
    refuses --lr -5 -- "--lr: -5 is outside 0..1e+38"
    refuses --lr 1e999 -- "--lr: 1e999 is outside 0..1e+38"
    refuses --dropout 1 -- "--dropout: 1 is outside 0..0.99"
    refuses --init-std -0.1 -- "--init-std: -0.1 is outside"
    refuses --validation 1 -- "--validation: 1 is outside 0..0.9"
    refuses --beta1 1 -- "--beta1: 1 is outside"
    refuses --rotate 181 -- "--rotate: 181 is outside 0..180"
    refuses --scale 1 -- "--scale: 1 is outside 0..0.9"
    refuses --elastic-sigma 0 -- "--elastic-sigma: 0 is outside 0.1..100"
    refuses --average 1 -- "--average: 1 is outside 0..0.999999"
    refuses --fade 1.1 -- "--fade: 1.1 is outside 0..1"
    refuses --label-smoothing 1 -- "--label-smoothing: 1 is outside 0..0.9"
}

@test "names are printed with the list of legal ones" {
    refuses --activation gelu -- "--activation: 'gelu' is none of sigmoid|tanh|relu"
    refuses --optimizer "" -- "--optimizer: '' is none of sgd|momentum|adam|adamw"
    refuses --progress sometimes -- "auto|always|never"
    refuses --preset worst -- "chapter|keras|best"
    refuses --loss mse -- "cross-entropy|squared-error"
    refuses --augment full -- "none|shift|affine|elastic"
    refuses --activation sigmoit -- "did you mean sigmoid?"
    refuses --optimizer adamv -- "did you mean adam?"
    refuses --preset kerax -- "did you mean keras?"
}

@test "unknown options: the nearest is named" {
    refuses --lrr 1 -- "--lrr: no such option" "--lr?"
    refuses --iter-s=3 -- "--iter-s=3: no such option" "--iters?"
    refuses --frobnicate -- "--frobnicate: no such option" "--help"
    for word in -x --no --=3; do
        refuses $word -- "$word: no such option; see --help"
    done
    refuses --train 1 -- "--train: is the beginning of --train-images, --train-labels, --train-limit"
}

@test "fish completes directories where an option takes one, and only there" {
    [ "$(mlp --help fish | grep __fish_complete_directories | cut -d' ' -f5)" = data ]
}

@test "zsh is told which options take a value, which may, and which values there are" {
    mlp --help zsh >"$BATS_TEST_TMPDIR/said"
    for line in "--activation=[*]:NAME:(sigmoid tanh relu)" "--transpose=[*]::NAME:(yes no)" "--hidden=[*]:N: " \
                "--lr=[*]:X: " "--data=[*]:FILE:_files -/" "--csv=[*]:FILE:_files" "--quiet[*]" "--check-gradient=[*]::N: "; do
        found=$(grep -F -e "'${line%%\[*}[" "$BATS_TEST_TMPDIR/said")
        # shellcheck disable=SC2053
        [[ $found == "    '"${line%%\[*}\[*\]"${line##*\]}'"* ]]
    done
}

@test "missing and superfluous values, stray words" {
    refuses --lr -- "--lr: needs a value"
    refuses --quiet=yes -- "--quiet=yes: takes no value"
    refuses 10000 -- "10000: not an option"
    refuses 10000 --lr -- "10000: not an option"
    refuses --iters 0 10000 --quiet=yes -- "10000: not an option"
    refuses --csv "" -- "--csv: an empty name"
    refuses --iters 1 --weights model.safetensors -- "--weights: the name model.safetensors ends in none of .png|.pgm"
    refuses --iters 1 --mistakes model.safetensors -- "--mistakes: the name model.safetensors ends in none of"
    refuses --iters 1 --export model.safetensors -- "--export: the name model.safetensors ends in none of"
    refuses --data= -- "--data: an empty name"
}

@test "of an option given twice the later one counts, and the program says so" {
    cd "$BATS_TEST_TMPDIR"
    run --separate-stderr quick --lr 0.5 --seed 2 --lr 0.25 --csv a.csv
    [ "$status" -eq 0 ]
    [ "$(grep -c '^repeated ' <<<"$stderr")" -eq 1 ]
    [[ $stderr == *"repeated  --lr: the last one counts, 0.25"* ]]
    quick --quiet --lr 0.25 --seed 2 --csv b.csv
    cmp a.csv b.csv
    run --separate-stderr mlp --data "$DIGITS" --samples a.pgm --samples b.pgm
    [[ $stderr == *"repeated  --samples: the last one counts, b.pgm"* ]]
    [ ! -e a.pgm ]
    run --separate-stderr quick --quiet --quiet --seed 3 # no values, nothing to choose
    [ -z "$stderr" ]
    run --separate-stderr mlp --load m --predict a --predict b
    fails 2 "--predict: is given twice; name all files after one of them"
}

@test "what is typed wins over a preset, before it and after it" {
    cd "$BATS_TEST_TMPDIR"
    for line in "--lr 0.5 --preset keras --epochs 1" "--epochs 1 --preset keras --lr 0.5"; do
        # shellcheck disable=SC2086
        run --separate-stderr mlp --data "$DIGITS" $line
        [ "$status" -eq 0 ]
        [[ $stderr == *"preset    keras: "*"--optimizer adam"* ]]
        [[ $stderr == *"45 iterations of 32 examples (shuffle), adam, lr 0.5 "* ]]
    done
    run --separate-stderr mlp --data "$DIGITS" --iters 7 --preset keras
    [[ $stderr == *"training  7 iterations of 32 examples (shuffle), adam, lr 0.001 "* ]]
    refuses --check-gradient --load m --preset best -- "--preset: nothing that best sets has an effect" # m has its network
    mlp --data "$DIGITS" --preset best --augment none --hidden 5 --epochs 1 --quiet # only typed options are refused
    [ "$(mlp --data "$DIGITS" --preset best --augment none --hidden 5 --epochs 1 2>&1 | grep -c '^options.*--rotate')" -eq 0 ]
}

@test "the default of --lr suits the optimizer" {
    for optimizer in sgd momentum adam adamw; do
        case $optimizer in adam*) lr=0.001 ;; *) lr=0.1 ;; esac
        run --separate-stderr quick --optimizer $optimizer
        [[ $(unbroken <<<"$stderr") == *", $optimizer, lr $lr constant"* ]]
        [[ $stderr != *"options "*"--lr"* ]]
    done
    cd "$BATS_TEST_TMPDIR" # a checkpoint holds the value, whatever the default is
    quick --quiet --optimizer adam --lr 0.1 --checkpoint c
    run --separate-stderr mlp --resume c --iters 30
    [[ $stderr == *"adam, lr 0.1 "* ]]
}

@test "the options that a run prints are those that make the same run" {
    cd "$BATS_TEST_TMPDIR"
    run --separate-stderr mlp --data "$DIGITS" --lr 0.7 --preset keras --iters 9 --lr 0.012345678 --epsilon 1.0000001e-7 --csv a.csv
    printed=$(sed -n 's/^options *//p' <<<"$stderr")
    [[ $printed == *"--lr 0.012345678"*"--epsilon 1.0000001e-07"* ]]
    # shellcheck disable=SC2086
    run mlp ${printed/a.csv/b.csv}
    cmp a.csv b.csv
    run --separate-stderr quick --lr 0.10000001
    [[ $stderr == *"--lr 0.10000001"* ]]
}

@test "data: the environment, the option, and both ways out when there is none" {
    cd "$BATS_TEST_TMPDIR"
    MLP_TRAIN_DATA=$DIGITS mlp --quiet --iters 0
    run --separate-stderr mlp --iters 0
    fails 1 data/mnist scripts/fetch-mnist.sh "--data data/digits"
    MLP_TRAIN_DATA=nowhere run --separate-stderr mlp --iters 0
    fails 1 nowhere scripts/fetch-mnist.sh
    MLP_TRAIN_DATA=nowhere mlp --data "$DIGITS" --quiet --iters 0
}

@test "the four files can be named one by one" {
    run mlp --quiet --iters 5 --train-images "$DIGITS/train-images-idx3-ubyte.gz" \
        --train-labels "$DIGITS/train-labels-idx1-ubyte.gz" \
        --test-images "$DIGITS/t10k-images-idx3-ubyte.gz" --test-labels <(gzip -dc "$DIGITS/t10k-labels-idx1-ubyte.gz")
    [ "$status" -eq 0 ]
    [[ $output == *"of 360)"* ]]
}

@test "both ends of a range belong to it" {
    for option in "--seed 0" "--seed 9007199254740992" "--trace 1" "--trace 1000000" "--iters 0" "--test-limit 1" \
        "--dropout 0" "--check-gradient 1" "--check-gradient 1000"; do
        # shellcheck disable=SC2086
        run mlp $option --help
        [ "$status" -eq 0 ] || { echo "$option: $output"; false; }
    done
}

@test "every option, in every mode, acts or is refused" {
    "${PYTHON:-python3}" "$BATS_TEST_DIRNAME/every-option.py" "$MLP_TRAIN" "$BATS_TEST_TMPDIR/every" >"$BATS_TEST_TMPDIR/report" || { cat "$BATS_TEST_TMPDIR/report"; false; }
    echo "# $(head -n 1 "$BATS_TEST_TMPDIR/report")" >&3
}
