#!/usr/bin/env python3
"""Times a job for mlp-train and its peers, interleaved, and prints a Markdown table.

The main job: a 784-50-10 network, batches of 100, learning rate 0.1, 10,000 iterations, and the
evaluation of all 70,000 images before the first update, after every epoch and after the last
update, from the gzipped files. --job best: four epochs of --preset best, a 784-2048-10 network,
batches of 256, Adam and an average of the weights, and one evaluation at the end; the peers' images
are not distorted. A peer is a command that prints "version …" and "test_acc …";
what is measured is the whole process. A peer that is not installed is reported as missing.
Needs nothing but Python's standard library; `make bench` builds what it runs.
"""
import argparse
import csv
import datetime
import gzip
import os
import platform
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROBE_ITERS = 600   # of the short runs that choose a BLAS kernel and numbers of threads; of 10,000
PROBE_SECONDS = 30  # after which such a run has lost
N_IN, CLASSES = 784, 10
MODULES = {"numpy": "python3-numpy", "torch": "python3-torch", "sklearn": "python3-sklearn"}


class Failure(Exception):
    pass


@dataclass
class Peer:
    name: str               # as --only takes it
    label: str              # as the table shows it
    command: list           # "{data}", "{iters}", "{seed}", "{threads}", "{csv}" are filled in
    threads: list           # numbers of threads to choose from
    package: str = ""       # what to install when it is missing
    missing: bool = False
    runs: list = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True)
class Job:
    iters: int
    batch: int
    hidden: int
    each_epoch: bool        # evaluations before the first update and after each epoch too, not only at the end
    touched: int            # bytes that the optimizer reads and writes for each parameter in an update
    mlp: tuple              # options of mlp-train
    peers: tuple            # names of the peers that have it
    switch: tuple           # of the Python peers and of oneDNN


OURS = "mlp-train-1", "mlp-train-2", "other-1", "other-2"
JOBS = {
    "main": Job(10000, 100, 50, True, 0, ("--hidden", "50", "--lr", "0.1"),
                ("floor", "numpy", "numpy-float32", "torch", "torch-best", "sklearn", "onednn", "onednn-bf16", *OURS),
                ("--best",)),
    "best": Job(940, 256, 2048, False, 28, ("--preset", "best", "--fade", "0", "--eval-every", "0"),
                ("torch-best", "onednn", "onednn-bf16", *OURS), ("--preset-best",)),
}


@dataclass
class Run:
    seconds: float          # whole process, or what the program says it measured
    cpu_seconds: float
    peak_mib: float
    output: dict            # the "key value" lines


def python_with(module):
    """The first Python that has the module: a version manager's may hide the distribution's."""
    for python in ("python3", "/usr/bin/python3"):
        try:
            test = f"import importlib.util as u; exit(u.find_spec('{module}') is None)"
            subprocess.run([python, "-c", test], capture_output=True, check=True)
            return python
        except (OSError, subprocess.CalledProcessError):
            pass
    return None


def peers(args, counts):
    def script(name, label, module, file, *switches):
        python = python_with(module)
        command = [python, os.path.join(HERE, file), "--data", "{data}", "--iters", "{iters}",
                   "--seed", "{seed}", *switches]
        return Peer(name, label, command, [1, 2], MODULES[module], python is None)

    def built(name, label, program, arguments, threads, package):
        missing = not os.access(program, os.X_OK)
        return Peer(name, label, [program, *arguments], threads, package, missing)

    job = JOBS[getattr(args, "job", "main")]  # scale.py has no such option
    n_train, n_test = (str(n) for n in counts)
    mlp = ["--data", "{data}", *job.mlp, "--iters", "{iters}", "--quiet",
           "--seed", "{seed}", "--threads", "{threads}", "--csv", "{csv}"]
    onednn = ["{data}", "{iters}", "{seed}", *(["best"] if job is JOBS["best"] else [])]
    floor_program = os.path.join(args.build, "bench", "floor")
    onednn_program = os.path.join(args.build, "bench", "onednn")
    found = [
        built("mlp-train-1", "mlp-train, 1 thread", args.program, mlp, [1], "run make"),
        built("mlp-train-2", "mlp-train, 2 threads", args.program, mlp, [2], "run make"),
        built("floor", "dense products alone, `cblas_sgemm`", floor_program,
              ["{iters}", n_train, n_test], [1], "run make bench"),
        script("numpy", "the chapter's loop, NumPy as published", "numpy", "chapter.py"),
        script("numpy-float32", "the chapter's loop, NumPy float32", "numpy", "chapter.py",
               "--float32"),
        script("torch", "PyTorch, eager", "torch", "torch_loop.py"),
        script("torch-best", "PyTorch, best form", "torch", "torch_loop.py", *job.switch),
        script("sklearn", "scikit-learn MLPClassifier", "sklearn", "sklearn_loop.py"),
        built("onednn", "oneDNN float32", onednn_program, ["f32", *onednn], [1, 2], "libdnnl-dev"),
    ]
    if "avx512_bf16" in cpu_flags():
        found.append(built("onednn-bf16", "oneDNN bf16", onednn_program, ["bf16", *onednn],
                           [1, 2], "libdnnl-dev"))
    for threads, plural in (1, ""), (2, "s"):
        if getattr(args, "other", None):
            found.append(built(f"other-{threads}", f"the other build, {threads} thread{plural}", args.other, mlp,
                               [threads], "--other names no program"))
    return found


def cpu_info(key):
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.split(":")[0].strip() == key:
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return ""


def cpu_flags():
    return cpu_info("flags").split()


def find_data(given):
    usual = os.path.join(ROOT, "..", "shared", "mnist"), os.path.join(ROOT, "data", "mnist")
    places = [given] if given else usual
    for place in places:
        if os.path.exists(os.path.join(place, "train-images-idx3-ubyte.gz")):
            return os.path.normpath(place)
    raise Failure(f"no train-images-idx3-ubyte.gz in {' or '.join(places)}: "
                  "run scripts/fetch-mnist.sh, or name a directory with --data")


def count_images(data):
    """Numbers of train and test images. Reads all files: the first run finds them cached too."""
    counts = []
    for part in ("train", "t10k"):
        for kind in ("labels-idx1", "images-idx3"):
            with gzip.open(os.path.join(data, f"{part}-{kind}-ubyte.gz"), "rb") as file:
                header = file.read(8)
                while file.read(1 << 20):
                    pass
        counts.append(struct.unpack(">4xI", header)[0])
    return counts


def execute(peer, threads, environment, timeout=None, **values):
    """Runs a peer once. Raises Failure with its last words when it fails."""
    with tempfile.TemporaryDirectory() as scratch:
        table = os.path.join(scratch, "log.csv")
        command = [part.format(threads=threads, csv=table, **values) for part in peer.command]
        environment = dict(environment, OPENBLAS_NUM_THREADS=str(threads),
                           OMP_NUM_THREADS=str(threads))
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            start = time.perf_counter()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       env=environment)
            status, usage = wait(process, timeout)
            seconds = time.perf_counter() - start
            out.seek(0)
            err.seek(0)
            words, complaint = out.read(), err.read().strip().splitlines()
        if status != 0:
            raise Failure(complaint[-1] if complaint else f"exit status {status}")
        output = dict(line.split(" ", 1) for line in words.splitlines() if " " in line)
        if os.path.exists(table):
            with open(table, encoding="utf-8", newline="") as file:
                output["test_acc"] = list(csv.DictReader(file))[-1]["test_acc"]
    to_mib = 1 / 1024 if sys.platform != "darwin" else 1 / 1024**2
    return Run(float(output.get("seconds", seconds)), usage.ru_utime + usage.ru_stime,
               usage.ru_maxrss * to_mib, output)


def wait(process, timeout):
    """Like process.wait, with the resources used. Without a timeout nothing wakes up meanwhile."""
    deadline = time.perf_counter() + timeout if timeout else None
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG if deadline else 0)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return process.returncode, usage
            if time.perf_counter() > deadline:
                raise Failure(f"not done after {timeout} s")
            time.sleep(0.005)
    except BaseException:
        process.kill()
        process.wait()
        raise


def choose_kernel(floor, environment, values):
    """The environment with the OpenBLAS kernel that multiplies fastest here, for all peers alike.

    An OpenBLAS older than the processor does not know it and may take its slowest kernel."""
    if floor.missing or "OPENBLAS_CORETYPE" in environment:
        return environment
    flags = cpu_flags()
    kernels = [name for flag, name in (("avx2", "Haswell"), ("avx512f", "SkylakeX"),
                                       ("avx512_bf16", "Cooperlake")) if flag in flags]
    seconds = {}
    for _ in range(2):
        for kernel in [None, *kernels]:
            trial = dict(environment, **({"OPENBLAS_CORETYPE": kernel} if kernel else {}))
            run = execute(floor, 1, trial, **values)
            seconds[kernel] = min(run.seconds, seconds.get(kernel, run.seconds))
    fastest = min(seconds, key=seconds.get)
    if fastest is None or seconds[fastest] > 0.97 * seconds[None]:
        return environment  # OpenBLAS's own choice is as good
    say(f"OPENBLAS_CORETYPE={fastest}: {seconds[None] / seconds[fastest]:.1f} times as fast as "
        "OpenBLAS's own choice")
    return dict(environment, OPENBLAS_CORETYPE=fastest)


def choose_threads(peer, environment, values):
    """Leaves the number of threads that is faster in the better of two short runs."""
    seconds = {}
    for threads in peer.threads * 2:
        try:
            run = execute(peer, threads, environment, PROBE_SECONDS, **values)
            seconds[threads] = min(run.seconds, seconds.get(threads, run.seconds))
        except Failure as failure:
            peer.failure = str(failure)
    if seconds:
        peer.failure = ""
        peer.threads = [min(seconds, key=seconds.get)]


def say(text):
    print(text, file=sys.stderr, flush=True)


def spread(values, digits):
    low, middle, high = (f"{f(values):.{digits}f}" for f in (min, statistics.median, max))
    return f"{middle} ({low}–{high})"


def header(args, counts, environment, load, all_peers):
    said = [p.runs[0].output for p in all_peers if p.runs]
    kernel = next((output["kernel"] for output in said if "kernel" in output), None)
    versions = dict.fromkeys(output["version"] for output in said if "version" in output)
    chosen = environment.get("OPENBLAS_CORETYPE")
    processor = cpu_info("model name") or platform.processor() or "processor unknown"
    yield f"- {datetime.date.today()}, {platform.system()} {platform.machine()}"
    yield f"- {processor}, {os.cpu_count()} cores, load average {load:.2f} at the start"
    yield "- " + (", ".join(versions) or "no peer measured")
    yield ("- BLAS kernel " + (kernel or chosen or "unknown") +
           (f", by OPENBLAS_CORETYPE={chosen} for all peers" if chosen else ", as the library chose"))
    yield (f"- {counts[0]} + {counts[1]} images, {args.iters} iterations, {args.runs} interleaved "
           "runs (seeds 1, 2, …): medians (min–max)")


def table(all_peers):
    medians = {p.name: statistics.median([r.seconds for r in p.runs]) for p in all_peers if p.runs}
    bases = [medians.get(name) for name in ("mlp-train-1", "mlp-train-2")]
    yield ("| program | threads | test accuracy | seconds | ÷ mlp-train, 1 thread | ÷ 2 threads "
           "| CPU s | peak MiB |")
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for peer in all_peers:
        if not peer.runs:
            why = f"missing ({peer.package})" if peer.missing else "failed: " + peer.failure
            yield f"| {peer.label} | | | {why} | | | | |"
            continue
        accuracies = [float(r.output["test_acc"]) for r in peer.runs if r.output.get("test_acc")]
        yield "| " + " | ".join([
            peer.label, str(peer.threads[0]),
            f"{statistics.median(accuracies):.4f}" if accuracies else "–",
            spread([r.seconds for r in peer.runs], 2),
            *(f"{medians[peer.name] / base:.2f}" if base else "–" for base in bases),
            "–" if "seconds" in peer.runs[0].output else  # it did more than it measured
            f"{statistics.median([r.cpu_seconds for r in peer.runs]):.2f}",
            f"{statistics.median([r.peak_mib for r in peer.runs]):.0f}"]) + " |"


def densities(args, data, environment):
    """Fractions of pixels that are not 0: in the train set, and in its images as --preset best distorts them."""
    with gzip.open(os.path.join(data, "train-images-idx3-ubyte.gz"), "rb") as file:
        pixels = file.read()[16:]
    plain = 1 - pixels.count(0) / len(pixels)
    if not os.access(args.program, os.X_OK):
        return plain, plain
    with tempfile.TemporaryDirectory() as scratch:
        sheet = os.path.join(scratch, "samples.pgm")
        made = subprocess.run([args.program, "--preset", "best", "--data", data, "--samples", sheet, "--quiet"],
                              env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if made.returncode != 0:
            return plain, plain
        with open(sheet, "rb") as file:
            pixels = file.read().split(b"\n255\n", 1)[1]
    return plain, 1 - pixels.count(0) / (100 * N_IN)


def needed(job, counts, iters, evaluated, trained):
    """Multiply-adds of the products, if pixels that are 0 are skipped; and the bytes of the weights, or of dL/dA, that
    they read, 4 for each multiply-add of the first layer."""
    per_epoch = -(-counts[0] // job.batch)
    images = sum(counts) * (1 + -(-iters // per_epoch) if job.each_epoch else 1)  # evaluated
    updated = iters * job.batch
    first = images * N_IN * evaluated * job.hidden, updated * N_IN * trained * job.hidden
    second = (images + 3 * updated) * job.hidden * CLASSES
    return first[0] + 2 * first[1] + second, 4 * (first[0] + 2 * first[1])


def limit_table(args, job, counts, all_peers, limits, density):
    evaluated, trained = density[0], density[args.job == "best"]
    yield "| program | threads | seconds | multiply-adds, 10⁹ | FMA limit, s | cache limit, s | the larger ÷ seconds |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for peer in all_peers:
        if not peer.runs:
            continue
        ours = peer.name in OURS
        threads = peer.threads[0]
        seconds = statistics.median([r.seconds for r in peer.runs])
        fmas, held = needed(job, counts, args.iters, *((evaluated, trained) if ours else (1, 1)))
        parameters = job.hidden * (N_IN + CLASSES + 1) + CLASSES
        least = fmas / (limits[f"fma_{threads}"] * 1e9)
        cache = args.iters * parameters * job.touched / limits[f"read_8MiB_{threads}"]
        cache = (cache + (held / limits[f"read_24KiB_{threads}"] if ours else 0)) * 1e-9
        yield (f"| {peer.label} | {threads} | {seconds:.2f} | {fmas * 1e-9:.0f} | {least:.2f} | {cache:.2f} | "
               f"{max(least, cache) / seconds:.2f} |")


def limit_rows(limits):
    yield "| threads | multiply-adds, 10⁹/s | bytes read, 10⁹/s, from 24 KiB | 256 KiB | 8 MiB | 256 MiB |"
    yield "|--:|--:|--:|--:|--:|--:|"
    for threads in 1, 2:
        names = "fma", *(f"read_{size}" for size in ("24KiB", "256KiB", "8MiB", "256MiB"))
        yield f"| {threads} | " + " | ".join(f"{limits[f'{name}_{threads}']:.0f}" for name in names) + " |"


LIMIT_NOTES = """\
Limits of this machine, by build/bench/limits: the best of five tries. The FMA limit of a job is its multiply-adds at
that rate; mlp-train skips pixels that are 0 ({:.1f} % are not; {:.1f} % of the distorted ones), all others multiply them
too. The cache limit is the bytes that must be read and written: for mlp-train 4 for each of its multiply-adds in the
first layer, from a cache of 24 KiB; and the parameters, their gradient and the optimizer's state, from one of 8 MiB.
Neither has the time for reading files, distortion, sigmoid and softmax."""

NOTES = """\
Seconds are of the whole process, from start to exit, except for the dense products: there they are
of the `cblas_sgemm` calls alone, on random numbers: the products learn nothing.
The NumPy loops and scikit-learn take no loss when they evaluate, and scikit-learn shuffles its
epochs; every other peer does the whole job. A peer has one thread or two, whichever was faster in
short runs."""


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--runs", type=int, default=5, metavar="N", help="of each peer (default 5)")
    add("--job", choices=JOBS, default="main", help="best: four epochs of --preset best")
    add("--iters", type=int, metavar="N", help="default 10000, best: 940; fewer: a quick look")
    add("--data", metavar="DIR", help="default ../shared/mnist if there, else data/mnist")
    add("--only", metavar="NAMES", help="comma-separated: mlp-train-1,floor,numpy,torch-best …")
    add("--program", metavar="FILE", type=os.path.abspath, default=os.path.join(ROOT, "mlp-train"))
    add("--other", metavar="FILE", type=os.path.abspath, help="another build of mlp-train, such as an older commit's: other-1, other-2")
    add("--build", metavar="DIR", type=os.path.abspath, default=os.path.join(ROOT, "build"), help="of compiled peers")
    args = parser.parse_args(argv)
    args.iters = args.iters if args.iters is not None else JOBS[args.job].iters
    if args.runs < 1 or args.iters < 1:
        parser.error("--runs and --iters start at 1")
    return args


def main(argv=None):
    args = parse(argv)
    data = find_data(args.data)
    counts = count_images(data)
    every = peers(args, counts)
    all_peers = [p for p in every if p.name in JOBS[args.job].peers]
    if args.only:
        names = args.only.split(",")
        unknown = set(names) - {p.name for p in all_peers}
        if unknown:
            raise Failure(f"--only: no peer named {', '.join(sorted(unknown))}; "
                          f"there are {', '.join(p.name for p in all_peers)}")
        all_peers = [p for p in all_peers if p.name in names]
    load = os.getloadavg()[0]

    most = PROBE_ITERS * JOBS[args.job].iters // JOBS["main"].iters
    probe = {"data": data, "iters": min(args.iters, most), "seed": 1}
    floor = next(p for p in every if p.name == "floor")
    environment = choose_kernel(floor, dict(os.environ), dict(probe, iters=min(args.iters, PROBE_ITERS)))
    for peer in all_peers:
        if not peer.missing and len(peer.threads) > 1:
            choose_threads(peer, environment, probe)

    for run in range(1, args.runs + 1):
        for peer in all_peers:
            if peer.missing or peer.failure:
                continue
            try:
                peer.runs.append(execute(peer, peer.threads[0], environment, data=data,
                                         iters=args.iters, seed=run))
                say(f"run {run} of {args.runs}: {peer.label}: {peer.runs[-1].seconds:.2f} s")
            except Failure as failure:
                peer.failure, peer.runs = str(failure), []
                say(f"{peer.label}: {failure}")

    print("\n".join(header(args, counts, environment, load, all_peers)))
    print()
    print("\n".join(table(all_peers)))
    print()
    print(NOTES)
    limits = os.path.join(args.build, "bench", "limits")
    if os.access(limits, os.X_OK) and any(p.runs for p in all_peers):
        said = subprocess.run([limits], capture_output=True, text=True, check=True).stdout
        rates = {key: float(value) for key, value in map(str.split, said.splitlines())}
        density = densities(args, data, environment)
        print()
        print("\n".join(limit_rows(rates)))
        print()
        print("\n".join(limit_table(args, JOBS[args.job], counts, all_peers, rates, density)))
        print()
        print(LIMIT_NOTES.format(*(100 * d for d in density)))
    return 1 if any(p.failure for p in all_peers) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as problem:
        sys.exit(f"bench: {problem}")
