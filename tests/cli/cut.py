"""cut.py PROGRAM ARGUMENT... - runs training runs, ends each by SIGTERM halfway, resumes it, and
demands the CSV and the model of the run that was not cut, to the byte: under every optimizer,
sampling, dropout and schedule, a third of them with distorted images, averaged weights and smoothed
labels; half of them cut on one thread and resumed on two, half the other way round. Works in the
current directory; the arguments say on what to train."""

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
    if process.wait() != 143 or "go on with --resume run.ckpt" not in said:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}, said: {said}")
    return rows


def same(name, other):
    with open(name, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()


def main():
    program = sys.argv[1:] + BASE
    variants = list(itertools.product(
        ("sgd", "momentum", "adam", "adamw"), ("replacement", "shuffle"), ("0", "0.3"),
        ("constant", "step", "cosine")))
    for number, (optimizer, sampling, dropout, schedule) in enumerate(variants):
        command = program + ["--optimizer", optimizer, "--sampling", sampling, "--dropout", dropout,
                             "--lr-schedule", schedule, "--warmup", "40", "--lr", "0.01",
                             "--weight-decay", "0.01"]
        if number % 3 == 0:
            command += ["--augment", ("shift", "affine", "elastic")[number // 3 % 3],
                        "--average", "0.8", "--label-smoothing", "0.1"]
        first, then = ("1", "2") if number % 2 == 0 else ("2", "1")
        whole(command + ["--csv", "whole.csv", "--save", "whole.safetensors", "--threads", "1"])
        rows = cut(command + ["--csv", "-", "--save", "cut.safetensors", "--threads", first,
                              "--checkpoint", "run.ckpt", "--checkpoint-every", "0"],
                   1 + number * 2)
        made = rows.count(b"\n") - 2
        if not 0 <= made < 240 or os.path.exists("run.ckpt.mlp-train-tmp"):
            sys.exit(f"{command}: not cut as it should: {made} iterations")
        with open("cut.csv", "wb") as file:
            file.write(rows)
        whole(sys.argv[1:2] + ["--resume", "run.ckpt", "--csv", "cut.csv", "--threads", then,
                               "--quiet"])
        for kind in "csv", "safetensors":
            if not same(f"whole.{kind}", f"cut.{kind}"):
                sys.exit(f"{command}: cut after {made}, resumed on {then}: another {kind}")
        os.remove("run.ckpt")
        os.remove("cut.safetensors")
    print(f"{len(variants)} runs cut and resumed")


main()
