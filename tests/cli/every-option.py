"""every-option.py PROGRAM DIRECTORY - every option of --help all, in every mode, with every setting below: either it
acts (another exit code, other bytes on stdout, in a file, or in what stderr is for) or it is refused with exit 2 by
name. An option that changes nothing is ignored: the test fails. So does one that has no value to try below, one that
acts nowhere, and one that acts in a mode that --help does not name, or is refused in one that it names. Only the
weights are compared of a model and only the presence of a checkpoint: both hold the options themselves."""

import ctypes
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

program, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
os.makedirs(root, exist_ok=True)
given = os.path.join(root, "given")


def idx(path, dims, values, kind=8):
    with open(path, "wb") as out:
        out.write(struct.pack(f">HBB{len(dims)}I", 0, kind, len(dims), *dims))
        out.write(bytes(values) if kind == 8 else struct.pack(f">{len(values)}f", *values))


def make_data(name, seed, kind=8):
    """60 train and 20 test images of 6 x 6 pixels in three classes, so noisy that no network learns them all."""
    draw = random.Random(seed)
    folder = os.path.join(given, name)
    os.makedirs(folder)
    for part, n in ("train", 60), ("t10k", 20):
        labels = [i % 3 for i in range(n)]
        pixels = [draw.randrange(256) if draw.random() < 0.25 or i % 36 // 12 == labels[i // 36] and draw.random() < 0.4 else 0
                  for i in range(36 * n)]
        idx(f"{folder}/{part}-images-idx3-ubyte", [n, 6, 6], pixels if kind == 8 else [p / 255 for p in pixels], kind)
        idx(f"{folder}/{part}-labels-idx1-ubyte", [n], labels)


def start(args, cwd, **how):
    return subprocess.run([program] + args, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **how)


# What is typed besides the option, by mode. The CSV and the .npz show a difference in training.
TRAIN = "--data data --hidden 4 --iters 30 --batch-size 5 --lr 0.5 --csv c.csv --export w.npz --confusion confusion.csv"
MODES = {
    "training": TRAIN,
    "--resume": "--resume run.ckpt --iters 60 --csv run.csv --export w.npz --confusion confusion.csv",
    "--eval": "--data data --load m --eval",
    "--predict": "--load m --predict images",
    "--check-gradient": "--data data --check-gradient 3 --hidden 4",
    "--samples": "--data data --samples s.pgm",
    "conversion": "--load m --export w.npz",
    "--lesson": "--csv l.csv",
}
# With what else the options are tried: training has the longest list.
SETTINGS = {
    "training": ["", "--iters 0", "--optimizer momentum", "--optimizer adam", "--optimizer adamw", "--init he",
                 "--lr-schedule cosine", "--gradient numerical", "--augment shift", "--augment affine", "--augment elastic",
                 "--validation 0.3 --eval-every 1", "--checkpoint k", "--load m"],
    "--resume": ["", "--iters 30"],  # the run is over
    "--predict": ["", "--fit"],
    "--check-gradient": ["", "--load m"],
    "--samples": ["", "--augment shift", "--augment affine", "--augment elastic"],
    "--lesson": ["--lesson loss", "--lesson activation", "--lesson derivative", "--lesson gradient", "--lesson descent",
                 "--lesson simple-net", "--lesson step-by-step --data data"],
}
# A value that differs from the default and from the settings.
VALUES = {
    "data": ["other"], "train-images": ["absent"], "train-labels": ["absent"], "test-images": ["absent"],
    "test-labels": ["absent"], "train-limit": ["2"], "test-limit": ["5"], "validation": ["0.2"], "transpose": ["yes"], "hidden": ["6"],
    "activation": ["relu"], "loss": ["squared-error"], "init": ["he"], "init-std": ["0.5"],
    "first-layer": ["sparse"], "iters": ["20"], "epochs": ["1"], "batch-size": ["7"],
    "sampling": ["shuffle"], "optimizer": ["adamw"], "lr": ["0.25"], "lr-schedule": ["step"],
    "warmup": ["9"], "momentum": ["0.5"], "beta1": ["0.5"], "beta2": ["0.5"], "epsilon": ["0.1"], "weight-decay": ["0.1"],
    "dropout": ["0.5"], "average": ["0.7"], "label-smoothing": ["0.2"], "early-stop": ["1"],
    "gradient": ["numerical"], "log-loss": ["after"], "eval-every": ["7"], "seed": ["5"],
    "augment": ["shift"], "rotate": ["60"], "scale": ["0.5"], "shear": ["0.9"], "shift": ["2"],
    "elastic-alpha": ["90"], "elastic-sigma": ["1"], "fade": ["0.9"], "preset": ["best"], "threads": ["5"],
    "checkpoint": ["n.ckpt"], "checkpoint-every": ["1"], "resume": ["run.ckpt", "auto --checkpoint run.ckpt"], "save": ["n.model"],
    "load": ["m2"], "pixel-mean": ["0.3"], "pixel-std": ["0.5"], "export": ["n.onnx"], "class-names": ["a,b,c"], "min-probability": ["0.6"], "eval": [""], "confusion": ["n.csv"], "report": ["n.html"], "weights": ["n.pgm", "n.png"], "mistakes": ["n.csv", "n.pgm"], "predict": ["other-images"], "fit": [""], "fitted": ["n.idx"], "split": [""],
    "csv": ["n.csv"], "lesson": ["loss"], "samples": ["n.pgm"], "trace": ["3"], "check-gradient": ["4"], "quiet": [""], "verbose": [""],
    "progress": ["always"], "help": ["all"], "version": [""],
}
# Of these the default may be the value above: the runs are compared with this one.
AGAINST = {"first-layer": "dense"}
# What is typed for a mode, with its setting, and an option instead: there it can be seen to act, or to be refused.
INSTEAD = {
    ("--eval", "first-layer"): ("--eval", "--eval --verbose"),
    ("training --iters 0", "first-layer"): ("--data data", "--data floats"),  # no bytes: refused
    ("--predict", "quiet"): ("--load m", "--load m2 --load m"),  # "the last one counts"
    ("--samples --augment shift", "preset"): ("--samples", "--shift 2 --samples"),  # nothing else of it acts: refused
    ("--predict --fit", "quiet"): ("--load m", "--load m2 --load m"),
}
# What these do is seen on standard error; of the others it shows only what they were set to.
ON_STDERR = {"quiet", "verbose", "progress"}


def prepare():
    os.makedirs(given)
    make_data("data", 1)
    make_data("other", 2)
    make_data("floats", 1, 13)
    shutil.copy(f"{given}/data/t10k-images-idx3-ubyte", f"{given}/images")
    with open(f"{given}/images", "r+b") as images:  # the first one is blank: --predict says so
        images.seek(16)
        images.write(bytes(36))
    shutil.copy(f"{given}/other/t10k-images-idx3-ubyte", f"{given}/other-images")
    for line in ("--data data --hidden 4 --iters 30 --init-std 1 --save m --quiet", "--data data --hidden 4 --iters 9 --save m2 --quiet",
                 "--data data --hidden 4 --iters 30 --batch-size 5 --lr 0.5 --csv run.csv --checkpoint run.ckpt --quiet"):
        assert start(line.split(), given).returncode == 0, line


def plain(text):
    """Without times and speeds."""
    text = re.sub(rb"\d+\.\d\d s|\d+ MiB", b"", text)
    return re.sub(rb"(?m)^( *\d+\.\d\d +\d+ .*?) +(\d+|-)$", rb"\1", text)


def threads_of(args, cwd):
    """How many threads the program has while it waits for an input."""
    reader = "--train-images" if "--predict" not in args and "--eval" not in args else "--test-images"
    args = [("-" if before == "--predict" else word) for before, word in zip([""] + args, args)]
    waiting = args if "--predict" in args else args + [reader, "-"]
    process = subprocess.Popen([program] + waiting, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most, until = 0, time.time() + 3
    while process.poll() is None and time.time() < until and most < 5:
        try:
            most = max(most, len(os.listdir(f"/proc/{process.pid}/task")))
        except OSError:
            break
        time.sleep(0.01)
        until = min(until, time.time() + 0.5) if most > 1 else until
    process.kill()
    process.communicate()
    return most


number = iter(range(10**9))
libc = ctypes.CDLL(None)


def observe(args, stderr_too):
    """Exit code, the line of a failure, and all that there is to compare."""
    cwd = os.path.join(root, f"run-{next(number)}")
    os.mkdir(cwd)
    for name in os.listdir(given):
        if name.startswith("run."):
            shutil.copy(os.path.join(given, name), cwd)  # a resumed run writes to them
        else:
            os.symlink(os.path.join(given, name), os.path.join(cwd, name))
    watch = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(watch, os.fsencode(cwd), 0xC0)  # IN_MOVE: how often a file was replaced
    done = start(args, cwd)
    try:
        files = {"replaced": len(os.read(watch, 10**6))}
    except BlockingIOError:
        files = {}
    os.close(watch)
    for name in sorted(os.listdir(cwd)):
        path = os.path.join(cwd, name)
        if not os.path.islink(path):
            if name not in ("run.ckpt", "k", "n.ckpt", "n.model"):
                with open(path, "rb") as file:
                    files[name] = file.read()
            else:
                files[name] = b"is there"
    shutil.rmtree(cwd)
    said = plain(done.stderr) if stderr_too or done.returncode else b""
    return done.returncode, done.stderr.decode(errors="replace"), (done.returncode, plain(done.stdout), said, files)


def without(args, option):
    """The words `args` without --option and its value."""
    at = [i for i, word in enumerate(args) if word == f"--{option}"]
    drop = {i for i in at} | {i + 1 for i in at if i + 1 < len(args) and not args[i + 1].startswith("--")}
    return [word for i, word in enumerate(args) if i not in drop]


bases = {}


def base_of(args, stderr_too):
    key = (tuple(args), stderr_too)
    if key not in bases:
        bases[key] = observe(args, stderr_too)
    return bases[key]


def attempt(mode, setting, option, value, listed):
    """'acts', 'refused' or a complaint."""
    # a setting that has the option itself is tried without it, so that a run with and one without are compared
    words = without(setting.split(), option)
    args = without(MODES[mode].replace(*INSTEAD.get((f"{mode} {setting}".strip(), option), ("", ""))).split(), option) + words
    if "--iters 0" in setting:  # what would be refused there
        args = without(without(args, "lr"), "batch-size")
    typed = args + [f"--{option}"] + value.split()
    other = args + ([f"--{option}", AGAINST[option]] if option in AGAINST else [])
    where = f"{mode}{' ' if setting else ''}{setting}: --{option} {value}".rstrip()
    if option == "threads" and listed:
        few, many = (threads_of(args + ["--threads", n], given) for n in ("1", "5"))
        return "acts" if many > few else f"{where}: {few} threads with 1, {many} with 5"
    changes_mode = option in ("eval", "predict", "check-gradient", "samples", "resume", "load", "export", "lesson") or (
        mode == "conversion" and option in ("iters", "epochs"))
    stderr_too = option in ON_STDERR or "--verbose" in args
    code, line, seen = observe(typed, stderr_too)
    if code == 2:
        rule = re.search(r"has no effect|: needs |exclude each other", line) is not None
        if f"--{option}" not in line and not changes_mode:
            return f"{where}: refused by another name: {line}"
        return "refused by the rule" if rule else "refused"
    if not listed and not changes_mode:
        return f"{where}: accepted, but --help {option} does not name this mode"
    return "acts" if base_of(other, stderr_too)[2] != seen else f"{where}: changes nothing"


def main():
    prepare()
    everything = start(["--help", "all"], root).stdout.decode()
    options = re.findall(r"(?m)^  --([a-z0-9-]+)", everything.split("\nPresets\n")[0])
    problems = [f"--{option}: has no value in this test" for option in options if option not in VALUES]
    problems += [f"--{option}: is no option any more" for option in VALUES if option not in options]
    jobs = []
    for option in options:
        about = start([f"--help=--{option}"], root).stdout.decode().partition("\nPresets")[0]
        modes = re.sub(r"\s+", " ", about.partition("acts in:")[2]).strip().split(", ")
        for mode in MODES:
            for setting in SETTINGS.get(mode, [""]):
                for value in VALUES.get(option, []):
                    jobs.append((mode, setting, option, value, mode in modes))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(lambda job: attempt(*job), jobs))
    acting = {job[2] for job, result in zip(jobs, results) if result == "acts"}
    problems += [result for result in results if ":" in result]
    problems += [f"--{option}: acts nowhere" for option in options if option not in acting]
    print(f"{len(options)} options in {len(MODES)} modes, {len(jobs)} runs: {results.count('acts')} act, "
          f"{results.count('refused by the rule') + results.count('refused')} are refused, {len(problems)} problems")
    print("\n".join(problems))
    sys.exit(bool(problems))


main()
