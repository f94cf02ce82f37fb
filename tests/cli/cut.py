"""cut.py all|some PROGRAM ARGUMENT... - runs training runs, ends each by SIGTERM halfway, resumes
it, and demands the CSV and the model of the run that was not cut, to the byte: under every optimizer,
sampling, dropout and schedule, cut on one thread and resumed on two and the other way round; a third
of them with distorted images, averaged weights and smoothed labels. "some" is a quarter of these, in
which each pair of values meets. Works in the current directory; the arguments say on what to train."""

import fcntl
import itertools
import os
import signal
import subprocess
import sys

F_SETPIPE_SZ = 1031  # of Linux; where it fails, the pipe holds more and the run gets further

BASE = ["--hidden", "7", "--batch-size", "30", "--train-limit", "100", "--test-limit", "40",
        "--iters", "240", "--eval-every", "6", "--quiet"]


def whole(command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def cut(command, after):
    """The rows of a run that is told to end when `after` of them are there. It cannot run to its
    end meanwhile: a small pipe is soon full."""
    read_end, write_end = os.pipe()
    try:
        fcntl.fcntl(write_end, F_SETPIPE_SZ, 4096)
    except OSError:
        pass
    process = subprocess.Popen(command, stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    rows = os.read(read_end, 1)
    while rows.count(b"\n") <= after:
        rows += os.read(read_end, 100)
    process.send_signal(signal.SIGTERM)
    while more := os.read(read_end, 65536):
        rows += more
    os.close(read_end)
    said = process.stderr.read().decode()
    if process.wait() != 143 or "continue with --resume run.ckpt" not in said:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}, said: {said}")
    return rows


def same(name, other):
    with open(name, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()


OPTIMIZERS = "sgd", "momentum", "adam", "adamw"
SAMPLINGS = "replacement", "shuffle"
DROPOUTS = "0", "0.3"
SCHEDULES = "constant", "step", "cosine"
THREADS = ("1", "2"), ("2", "1")


def variants(wanted):
    """Indices into the five lists; in "some" dropout and threads follow from the other three."""
    sizes = [len(values) for values in (OPTIMIZERS, SAMPLINGS, DROPOUTS, SCHEDULES, THREADS)]
    for variant in itertools.product(*map(range, sizes)):
        optimizer, sampling, dropout, schedule, threads = variant
        if wanted == "all" or (dropout == (optimizer + sampling + schedule) % 2
                               and threads == (optimizer // 2 + sampling + schedule) % 2):
            yield variant


def main():
    wanted, program, data = sys.argv[1], sys.argv[2], sys.argv[3:]
    cuts = 0
    for optimizer, sampling, dropout, schedule, threads in variants(wanted):
        first, then = THREADS[threads]
        command = [program] + data + BASE + [
            "--optimizer", OPTIMIZERS[optimizer], "--sampling", SAMPLINGS[sampling],
            "--dropout", DROPOUTS[dropout], "--lr-schedule", SCHEDULES[schedule],
            "--warmup", "40", "--lr", "0.01", "--weight-decay", "0.01"]
        if (cuts + cuts // 3) % 3 == 0:  # with each schedule
            command += ["--augment", ("shift", "affine", "elastic")[cuts // 3 % 3],
                        "--average", "0.8", "--label-smoothing", "0.1"]
        whole(command + ["--csv", "whole.csv", "--save", "whole.safetensors", "--threads", "1"])
        rows = cut(command + ["--csv", "-", "--save", "cut.safetensors", "--threads", first,
                              "--checkpoint", "run.ckpt", "--checkpoint-every", "0"],
                   1 + cuts * 37 % 100)
        made = rows.count(b"\n") - 2
        if not 0 <= made < 240 or os.path.exists("run.ckpt.mlp-train-tmp"):
            sys.exit(f"{command}: not cut as it should: {made} iterations")
        with open("cut.csv", "wb") as file:
            file.write(rows)
        whole([program, "--resume", "run.ckpt", "--csv", "cut.csv", "--threads", then, "--quiet"])
        for kind in "csv", "safetensors":
            if not same(f"whole.{kind}", f"cut.{kind}"):
                sys.exit(f"{command}: cut after {made}, resumed on {then}: another {kind}")
        os.remove("run.ckpt")
        os.remove("cut.safetensors")
        cuts += 1
    print(f"{cuts} runs cut and resumed")


main()
