#!/usr/bin/env python3
"""Measures how mlp-train's time and memory grow: with images, hidden units, batch size, threads and
density, for both first layers. Prints Markdown tables, says whether the bounds hold, and draws a
picture.

The images are MNIST's (data/digits' where there is no MNIST), repeated in a new order until there
are enough, in plain IDX files, which the program maps; those of the density table are random. An
iteration's time is what the program says of its updates alone: batch, forward, backward, step.
Needs nothing but Python's standard library, and gnuplot for the picture.
"""
import argparse
import csv
import datetime
import gzip
import os
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

import run as bench
from run import Failure, say

SIDE, PIXELS = 28, 28 * 28
USUAL = 60000           # train images where something else is varied
FEW = 10000             # where evaluating more would take longer than what is measured
HIDDEN, BATCH = 50, 100
LARGE = 1000            # hidden units of a large layer
WIDE, WIDE_BATCH = 2048, 256                 # those of --preset best
ADAM = "--optimizer", "adam", "--lr", "0.001", "--init", "glorot"
SIZES = 10000, USUAL, 100000, 1000000
FULL = 8100000          # mnist8m's
HIDDENS = 10, 20, 50, 100, 200, 500, LARGE, 2000, 4096
BATCHES = 1, 10, BATCH, 1000, 10000
DENSITIES = 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0
MIB = 1 << 20
TABLES = "images", "hidden", "batch", "threads", "density", "wide"


@dataclass
class Point:
    """One setting and what its runs gave."""
    x: float                # what its table varies
    series: str             # its column there
    layer: str              # sparse, dense; floor: the dense products alone
    threads: int
    data: str
    images: int = USUAL
    hidden: int = HIDDEN
    batch: int = BATCH
    options: tuple = ()     # further options of the program
    seconds: list = field(default_factory=list)  # of an iteration, a value for each run
    starts: list = field(default_factory=list)   # seconds until training begins
    memory: int = 0         # most bytes at a time that are not of a mapped file

    def iterations(self, seconds):
        """So many that they take roughly this long."""
        return max(10, int(seconds / (15e-6 + 20e-9 * self.hidden * self.batch)))


@dataclass
class Table:
    name: str               # as --only takes it
    title: str
    x: str
    unit: str               # of the cells
    points: list
    ratios: list = ()       # (title, series above the line, series below)
    shown: object = lambda p, seconds: 1e6 * seconds    # those of an iteration -> a cell

    def cell(self, x, series):
        return next((p for p in self.points if (p.x, p.series) == (x, series)), None)

    def median(self, x, series):
        p = self.cell(x, series)
        return self.shown(p, statistics.median(p.seconds)) if p and p.seconds else None

    def columns(self):
        return list(dict.fromkeys(p.series for p in self.points))

    def rows(self):
        return list(dict.fromkeys(p.x for p in self.points))


# ---- images ----

def write_idx(path, dimensions, chunks):
    with open(path, "wb") as file:
        file.write(struct.pack(f">BBBB{len(dimensions)}I", 0, 0, 8, len(dimensions), *dimensions))
        for chunk in chunks:
            file.write(chunk)


def write_part(directory, part, n, chunks):
    """Writes n images and their labels, which come in pairs of chunks."""
    labels = []

    def images():
        for chunk, chunk_labels in chunks:
            labels.append(chunk_labels)
            yield chunk
    os.makedirs(directory, exist_ok=True)
    write_idx(os.path.join(directory, f"{part}-images-idx3-ubyte"), [n, SIDE, SIDE], images())
    write_idx(os.path.join(directory, f"{part}-labels-idx1-ubyte"), [n], labels)


def repeated(source, part, n):
    """n images of the source, all of them in a new order again and again."""
    def content(kind, header):
        with gzip.open(os.path.join(source, f"{part}-{kind}-ubyte.gz"), "rb") as file:
            return file.read()[header:]
    images, labels = content("images-idx3", 16), content("labels-idx1", 8)
    order, rng = list(range(len(labels))), random.Random(1)
    while n > 0:
        rng.shuffle(order)
        chunk = order[:n]
        yield (b"".join([images[i * PIXELS:(i + 1) * PIXELS] for i in chunk]),
               bytes([labels[i] for i in chunk]))
        n -= len(chunk)


def scattered(density, n):
    """n images of random pixels, of which that fraction is not zero."""
    few = round(256 * density)
    table = bytes(1 + b % 255 if b < few else 0 for b in range(256))
    yield random.Random(1).randbytes(n * PIXELS).translate(table), bytes(i % 10 for i in range(n))


def find_source(given):
    try:
        return bench.find_data(given)
    except Failure:
        if given:
            raise
        return os.path.join(bench.ROOT, "data", "digits")


def available_memory():
    try:
        with open("/proc/meminfo", encoding="utf-8") as file:
            return next(int(line.split()[1]) << 10 for line in file if "MemAvailable" in line)
    except (OSError, StopIteration):
        return sys.maxsize


def sizes_that_fit(args, directory):
    """Numbers of images whose file the disk takes, and whose file and copy fit in memory."""
    fitting = []
    for n in sorted({*SIZES, *([FULL] if args.full else [])}):
        disk, memory = shutil.disk_usage(directory).free, available_memory()
        if n * PIXELS * 1.1 > disk:
            say(f"{n} images: skipped, {disk >> 20} MiB of disk are too few ({directory})")
        elif 2.2 * n * PIXELS > memory:
            say(f"{n} images: skipped, {memory >> 20} MiB of memory are too few for the page cache")
        else:
            fitting.append(n)
    return fitting


# ---- measuring ----

def watch_memory(pid, point, done):
    """Keeps the largest amount of memory that is not a file's."""
    while not done.wait(0.02):
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                now = next(int(line.split()[1]) << 10 for line in file if "RssAnon" in line)
        except (OSError, StopIteration):
            continue
        point.memory = max(point.memory, now)


def measure_program(args, point, environment):
    iterations = point.iterations(args.seconds)
    command = [args.program, "--data", point.data, "--train-limit", str(point.images),
               "--hidden", str(point.hidden), "--batch-size", str(point.batch),
               "--threads", str(point.threads), "--first-layer", point.layer,
               "--iters", str(iterations), "--eval-every", "0", "--progress", "never", *point.options]
    with tempfile.TemporaryFile("w+") as out:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.PIPE, text=True, env=environment)
        done = threading.Event()
        watcher = threading.Thread(target=watch_memory, args=(process.pid, point, done))
        watcher.start()
        words = ""
        for words in process.stderr:
            if words.startswith("machine"):  # the last line before training
                point.starts.append(time.perf_counter() - begin)
        status = process.wait()
        done.set()
        watcher.join()
        out.seek(0)
        table = out.read().splitlines()
    if status != 0:
        raise Failure(f"{' '.join(command)}: {words.strip() or status}")
    rate = float(table[1].split()[-1])  # images/s
    point.seconds.append(point.batch / rate)


def measure_floor(args, point, environment):
    program = os.path.join(args.build, "bench", "floor")
    iterations = point.iterations(args.seconds)
    command = [program, str(iterations), str(20 * point.batch), "1", str(point.hidden),
               str(point.batch), str(point.threads)]
    words = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    values = dict(line.split(" ", 1) for line in words.stdout.splitlines())
    point.seconds.append(float(values["train_seconds"]) / iterations)


def measure(args, table, environment):
    for i in range(args.runs):
        for point in table.points:
            (measure_floor if point.layer == "floor" else measure_program)(args, point, environment)
        say(f"{table.name}: run {i + 1} of {args.runs}")


# ---- what is measured ----

def some_threads():
    """1 and all: what every table but that of the threads shows."""
    return list(dict.fromkeys([1, os.cpu_count()]))


def plural(threads):
    return f"{threads} thread" + ("s" if threads > 1 else "")


def series(x, data, hint="", threads=None, layers=("sparse", "dense"), **setting):
    return [Point(x, f"{layer}, {hint}{plural(t)}", layer, t, data, **setting)
            for t in threads or some_threads() for layer in layers]


def images_table(data, sizes):
    points = [p for n in sizes for p in series(n, data, threads=[os.cpu_count()], images=n)]
    return Table("images", "Images", "images", "µs an iteration", points)


def hidden_table(data):
    points = []
    for h in HIDDENS:
        points.append(Point(h, "dense products alone", "floor", 1, "", hidden=h))
        points += series(h, data, images=FEW, hidden=h)
    columns = list(dict.fromkeys(p.series for p in points))
    return Table("hidden", "Hidden units", "hidden units", "µs an iteration", points,
                 [(f"{s} ÷ products", s, columns[0]) for s in columns if s.startswith("sparse")])


def batch_table(data):
    points = [p for b in BATCHES for p in series(b, data, batch=b)]
    return Table("batch", "Batch size", "batch size", "µs an image", points,
                 shown=lambda p, seconds: 1e6 * seconds / p.batch)


def threads_table(data):
    n = os.cpu_count()
    counts = sorted({n, *(2**i for i in range(n.bit_length()))} - {2**n.bit_length()})
    points = []
    for t in (c for c in counts if c <= n):
        for h in HIDDEN, LARGE:
            points += [Point(t, f"{layer}, {h} hidden units", layer, t, data, images=FEW, hidden=h)
                       for layer in ("sparse", "dense")]
    return Table("threads", "Threads", "threads", "µs an iteration", points)


def wide_table(data):
    """A wide network beside what OpenBLAS reaches in the dense products that it stands for."""
    points = []
    for t in some_threads():
        setting = {"threads": t, "hidden": WIDE, "batch": WIDE_BATCH}
        points.append(Point(t, "dense products alone", "floor", data="", **setting))
        points.append(Point(t, "adam", "sparse", data=data, options=ADAM, **setting))
        points.append(Point(t, "adam, distorted images", "sparse", data=data,
                            options=(*ADAM, "--augment", "elastic"), **setting))
    columns = list(dict.fromkeys(p.series for p in points))
    return Table("wide", f"{WIDE} hidden units, batches of {WIDE_BATCH}", "threads", "GFLOP/s",
                 points, [(f"{s} ÷ products", s, columns[0]) for s in columns[1:]],
                 shown=lambda p, seconds: 1e-9 * p.batch * (4 * PIXELS + 60) * p.hidden / seconds)


def density_table(directory):
    points, ratios = [], []
    for d in DENSITIES:
        for h in HIDDEN, LARGE:
            points += series(d, os.path.join(directory, f"density-{d}"), f"{h} hidden units, ",
                             images=FEW, hidden=h)
    columns = list(dict.fromkeys(p.series for p in points))
    for s in columns:
        if s.startswith("sparse"):
            ratios.append((s.replace("sparse", "sparse ÷ dense"), s, s.replace("sparse", "dense")))
    return Table("density", "Density", "density", "µs an iteration", points, ratios)


# ---- what comes of it ----

def number(x):
    return f"{x:,}" if isinstance(x, int) else f"{x:g}"


def markdown(table):
    yield f"### {table.title}: {table.unit}"
    yield ""
    head = [table.x, *table.columns(), *(title for title, _, _ in table.ratios)]
    yield "| " + " | ".join(head) + " |"
    yield "|" + "--:|" * len(head)
    for x in table.rows():
        cells = [number(x)]
        for s in table.columns():
            p = table.cell(x, s)
            cells.append(bench.spread([table.shown(p, v) for v in p.seconds],
                                      2 if table.name == "batch" else 0))
        for _, above, below in table.ratios:
            cells.append(f"{table.median(x, above) / table.median(x, below):.2f}")
        yield "| " + " | ".join(cells) + " |"
    yield ""


def start_markdown(table):
    """The images table's other half."""
    yield "### Images: start and memory"
    yield ""
    yield ("| images | file MiB | " + " | ".join(
        f"{s}: seconds until training | MiB beyond the file | ÷ file" for s in table.columns())
        + " |")
    yield "|" + "--:|" * (2 + 3 * len(table.columns()))
    for x in table.rows():
        cells = [number(x), f"{x * PIXELS / MIB:.0f}"]
        for s in table.columns():
            p = table.cell(x, s)
            cells += [bench.spread(p.starts, 2), f"{p.memory / MIB:.0f}",
                      f"{p.memory / (x * PIXELS):.2f}"]
        yield "| " + " | ".join(cells) + " |"
    yield ""


def crossings(table):
    """Where sparse costs what dense does, on the line between the two nearest densities."""
    for title, above, below in table.ratios:
        ratios = [(x, table.median(x, above) / table.median(x, below)) for x in table.rows()]
        crossing = next((x0 + (1 - r0) * (x1 - x0) / (r1 - r0)
                         for (x0, r0), (x1, r1) in zip(ratios, ratios[1:]) if r0 <= 1 < r1), None)
        where = f"at density {crossing:.2f}" if crossing else "nowhere"
        yield f"- {title}: 1 {where}"
    yield ""


def bounds(tables):
    """(what, value, bound): what a machine with two cores must reach."""
    by_name = {t.name: t for t in tables}
    last = f"sparse, {plural(os.cpu_count())}"
    if "hidden" in by_name:
        t = by_name["hidden"]
        yield (f"{LARGE} hidden units, {last} ÷ dense products alone",
               t.median(LARGE, last) / t.median(LARGE, "dense products alone"), 0.6)
    if "batch" in by_name:
        t = by_name["batch"]
        for b, bound in (1, 4.0), (10000, 1.0):
            yield (f"an image at batch {b} ÷ at batch {BATCH}, {last}",
                   t.median(b, last) / t.median(BATCH, last), bound)
    if "wide" in by_name:
        t = by_name["wide"]
        for what, bound in ("adam", 0.85), ("adam, distorted images", 0.7):
            for n in t.rows():
                yield (f"{WIDE} hidden units, {what}, {plural(n)}: time ÷ that of the products",
                       t.median(n, "dense products alone") / t.median(n, what), 1 / bound)
    if "images" in by_name and FULL in by_name["images"].rows():
        t = by_name["images"]
        p = t.cell(FULL, last)
        yield (f"{number(FULL)} images, {last}: seconds until training",
               statistics.median(p.starts), 10.0)
        yield ("its memory beyond the mapped file ÷ the file", p.memory / (FULL * PIXELS), 1.0)
        yield (f"its iteration ÷ that of {number(USUAL)} images",
               t.median(FULL, last) / t.median(USUAL, last), 3.0)


def main_job_memory(args, source, environment):
    """Peak MiB of the main job, from gzipped files, cut to a few iterations. To be called while
    this process is small: the peak of a child is no less than its parent's memory at the fork."""
    counts = bench.count_images(source)
    job = next(p for p in bench.peers(args, counts) if p.name == "mlp-train-2")
    return bench.execute(job, 2, environment, data=source, iters=100, seed=1).peak_mib


def write_tsv(directory, table):
    """The medians: a row for each x, a column for each series."""
    path = os.path.join(directory, f"{table.name}.tsv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        out.writerow([table.x, *table.columns()])
        for x in table.rows():
            out.writerow([x, *(f"{table.median(x, s):.4g}" for s in table.columns())])


def draw(directory):
    picture = os.path.join(directory, "scale.svg")
    try:
        subprocess.run(["gnuplot", "-c", os.path.join(bench.HERE, "scale.gp"), directory, picture],
                       check=True)
        say(picture)
    except FileNotFoundError:
        say("no picture: gnuplot is not installed")


def header(args, source, environment, load):
    kernel = environment.get("OPENBLAS_CORETYPE", "the library's choice")
    yield f"- {datetime.date.today()}, {bench.cpu_info('model name') or 'processor unknown'}"
    yield (f"- {plural(os.cpu_count())}, BLAS kernel {kernel}, load average {load:.2f} at the "
           f"start, {os.getloadavg()[0]:.2f} at the end")
    yield (f"- images of {os.path.basename(source)}, {PIXELS}-{HIDDEN}-10 and batches of {BATCH} "
           f"where not varied; {args.runs} interleaved runs: medians (min–max)")
    yield ""


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--runs", type=int, default=3, metavar="N", help="of each setting (default 3)")
    add("--seconds", type=float, default=0.3, metavar="S", help="of training, roughly, in a run")
    add("--full", action="store_true",
        help=f"up to {FULL:,} images: 6.35 GB on disk, twice in memory")
    add("--only", metavar="NAMES", help="comma-separated: " + ",".join(TABLES))
    add("--data", metavar="DIR", help="default ../shared/mnist, data/mnist or data/digits")
    add("--scratch", metavar="DIR", help="where the files are generated, for a while")
    add("--output", metavar="DIR",
        help="of the tables as TSV and the picture (default BUILD/scale)")
    add("--program", metavar="FILE", type=os.path.abspath, default=os.path.join(bench.ROOT, "mlp-train"))
    add("--build", metavar="DIR", type=os.path.abspath, default=os.path.join(bench.ROOT, "build"))
    args = parser.parse_args(argv)
    args.iters = 100  # of the main job, for bench.peers
    if args.runs < 1:
        parser.error("--runs starts at 1")
    return args


def main(argv=None):
    args = parse(argv)
    names = args.only.split(",") if args.only else TABLES
    unknown = set(names) - set(TABLES)
    if unknown:
        raise Failure(f"--only: no table named {', '.join(sorted(unknown))}; there are "
                      f"{', '.join(TABLES)}")
    source = find_source(args.data)
    load = os.getloadavg()[0]
    floor = next(p for p in bench.peers(args, [USUAL, FEW]) if p.name == "floor")
    environment = bench.choose_kernel(floor, dict(os.environ), {"iters": 300})
    peak = main_job_memory(args, source, environment)
    with tempfile.TemporaryDirectory(dir=args.scratch) as scratch:
        sizes = sizes_that_fit(args, scratch) if "images" in names else [USUAL]
        say(f"writing {max(sizes)} images to {scratch}")
        data = os.path.join(scratch, "repeated")
        write_part(data, "train", max(sizes), repeated(source, "train", max(sizes)))
        write_part(data, "t10k", 1000, repeated(source, "t10k", 1000))
        if "density" in names:
            for d in DENSITIES:
                for part, n in ("train", FEW), ("t10k", 100):
                    write_part(os.path.join(scratch, f"density-{d}"), part, n, scattered(d, n))
        every = {"images": lambda: images_table(data, sizes),
                 "hidden": lambda: hidden_table(data),
                 "batch": lambda: batch_table(data),
                 "threads": lambda: threads_table(data),
                 "density": lambda: density_table(scratch),
                 "wide": lambda: wide_table(data)}
        tables = [every[name]() for name in names]
        for table in tables:
            measure(args, table, environment)

    print("\n".join(header(args, source, environment, load)))
    for table in tables:
        print("\n".join(markdown(table)))
        if table.name == "images":
            print("\n".join(start_markdown(table)))
        if table.name == "density":
            print("\n".join(crossings(table)))
    for what, value, bound in [*bounds(tables), ("peak MiB of the main job, 2 threads", peak, 160)]:
        print(f"- {what}: {value:.2f}, {'within' if value <= bound else 'ABOVE'} {bound:.3g}")

    output = args.output or os.path.join(args.build, "scale")
    os.makedirs(output, exist_ok=True)
    for table in tables:
        write_tsv(output, table)
    draw(output)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as problem:
        sys.exit(f"scale: {problem}")
