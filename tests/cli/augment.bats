#!/usr/bin/env bats
# augment.bats - distorted images from the command line: what they look like, and what cannot be
# distorted. That threads and cuts change nothing, systems.bats and resume.bats tell.
load common.bash

setup() { cd "$BATS_TEST_TMPDIR" || return; }

python() {
    "${PYTHON:-python3}" "$@"
}

# sheet FILE OPTION... : the samples of the bundled digits
sheet() {
    mlp --data "$DIGITS" --quiet --samples "$@"
}

@test "--samples is a PGM of the first 100 train images, ten a row" {
    run --separate-stderr mlp --data "$DIGITS" --samples plain.pgm
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ "$stderr" = "written   plain.pgm" ]
    python - "$DIGITS/train-images-idx3-ubyte.gz" plain.pgm <<'END'
import gzip, sys
images = gzip.open(sys.argv[1]).read()
rows, cols = images[11], images[15]
head, pixels = b"P5\n%d %d\n255\n" % (10 * cols, 10 * rows), open(sys.argv[2], "rb").read()
assert pixels.startswith(head) and len(pixels) == len(head) + 100 * rows * cols
sheet = b"".join(images[16 + (10 * i + k) * rows * cols + y * cols:][:cols]
                 for i in range(10) for y in range(rows) for k in range(10))
assert pixels[len(head):] == sheet and any(sheet)
END
}

@test "--samples FILE.png is a PNG with the pixels of the PGM" {
    sheet s.pgm --train-limit 13
    sheet s.png --train-limit 13
    "${PYTHON:-python3}" -c '
import struct, zlib
png, pgm = open("s.png", "rb").read(), open("s.pgm", "rb").read()
assert png[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">IIBBBBB", png[16:29]) == (280, 56, 8, 0, 0, 0, 0)
n = struct.unpack(">I", png[33:37])[0]
rows = zlib.decompress(png[41:41 + n])
assert b"".join(rows[y * 281 + 1:(y + 1) * 281] for y in range(56)) == pgm[-280 * 56:] and any(rows)
assert struct.unpack(">I", png[41 + n:45 + n])[0] == zlib.crc32(png[37:41 + n])'
}

@test "--samples: each strength shows, each seed its own, the same ones for every number of threads" {
    sheet none.pgm
    sheet elastic.pgm --augment elastic --threads 1
    sheet again.pgm --augment elastic --threads 3
    cmp elastic.pgm again.pgm
    sheet seed.pgm --augment elastic --seed 2
    sheet affine.pgm --augment affine
    sheet shift.pgm --augment shift
    sheet rotate.pgm --augment affine --rotate 50
    [ "$(cksum none.pgm elastic.pgm seed.pgm affine.pgm shift.pgm rotate.pgm | cut -d ' ' -f 1 | sort -u | wc -l)" -eq 6 ]
    sheet still.pgm --augment elastic --rotate 0 --scale 0 --shear 0 --shift 0 --elastic-alpha 0
    cmp still.pgm none.pgm
    sheet few.pgm --augment elastic --train-limit 13
    [ "$(head -n 2 few.pgm | tail -n 1)" = "280 56" ]
}

@test "--samples replaces no data file and needs a place to write to" {
    run --separate-stderr sheet /nowhere/a.pgm
    fails 1 /nowhere/a.pgm
    cp "$DIGITS"/* .
    run --separate-stderr mlp --data . --samples train-images-idx3-ubyte.gz
    fails 2 "--samples" "data file"
    cmp train-images-idx3-ubyte.gz "$DIGITS/train-images-idx3-ubyte.gz"
}

@test "what is no picture cannot be distorted" {
    python - <<'END'
import struct
for name, n in ("train", 3), ("t10k", 2):
    for kind, code, size in ("vectors", 8, 1), ("floats", 13, 4):
        shape = (n, 6) if kind == "vectors" else (n, 2, 3)
        with open(f"{name}-{kind}", "wb") as f:
            f.write(bytes((0, 0, code, len(shape))) + struct.pack(f">{len(shape)}I", *shape))
            f.write(bytes(range(n * 6)) if size == 1 else struct.pack(f">{n * 6}f", *(i / n / 6 for i in range(n * 6))))
    open(f"{name}-labels", "wb").write(bytes((0, 0, 8, 1, 0, 0, 0, n)) + bytes(range(n)))
END
    for kind in vectors floats; do
        files="--train-images train-$kind --train-labels train-labels --test-images t10k-$kind --test-labels t10k-labels"
        # shellcheck disable=SC2086
        run --separate-stderr mlp $files --iters 2 --augment shift
        fails 2 "--augment: distorts images"
        # shellcheck disable=SC2086
        run --separate-stderr mlp $files --samples a.pgm
        fails 2 "--samples: distorts images"
        # shellcheck disable=SC2086
        mlp $files --iters 2 --quiet
    done
}

@test "distorted training generalises better where there are few images" {
    mlp --data "$DIGITS" --train-limit 300 --lr 0.5 --iters 1500 --eval-every 0 --quiet --csv plain.csv
    mlp --data "$DIGITS" --train-limit 300 --lr 0.5 --iters 1500 --eval-every 0 --quiet --csv distorted.csv \
        --augment affine --rotate 10 --scale 0.1 --shift 1.5
    tail -qn 1 plain.csv distorted.csv | cut -d, -f 8 | xargs
    [ "$(tail -qn 1 plain.csv distorted.csv | awk -F, '{ a[NR] = $8 } END { print (a[2] > a[1] + 0.005) }')" = 1 ]
}

@test "each way of distorting has its own strengths, and refuses the others" {
    sheet() { mlp --data "$DIGITS" --quiet --train-limit 10 "$@"; }
    sheet --samples still.pgm
    for way in "none" "shift shift" "affine shift rotate scale shear" "elastic shift rotate scale shear elastic-alpha"; do
        zeros=()
        for strength in ${way#"${way%% *}"}; do zeros+=("--$strength" 0); done
        for strength in rotate scale shear shift elastic-alpha; do
            status=0
            sheet --augment "${way%% *}" "${zeros[@]}" --$strength 0.9 --samples now.pgm 2>said || status=$?
            case " ${way#"${way%% *}"} " in
            *" $strength "*) [ "$status" -eq 0 ] && run ! cmp -s now.pgm still.pgm ;;
            *) [ "$status" -eq 2 ] && grep -q -- "--$strength: needs --augment" said ;;
            esac
        done
    done
}
