"""inject.py - makes every n-th call of every kind fail in short runs of the program, and checks how it ends.

    inject.py --program ./mlp-train --shim shim.so [--every N] [--only RUN,RUN] DIR

Each run is made once undisturbed, which counts its calls; then once for each n of each kind and each way to
fail. It must end with 1 and one line on standard error, without going on after the error, or with 0 and all that the
undisturbed run left; leave each older file as it was or whole in its new form, no temporary file, no memory, no
descriptor.
--every N takes only every N-th of these faults: a sample.
"""
import argparse, collections, concurrent.futures, errno, gzip, os, re, shutil, struct, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DIGITS = os.path.join(ROOT, "data", "digits")
SHORT = "--train-limit 120 --test-limit 40 --batch-size 10 --hidden 5 --iters 4 --eval-every 2 --quiet --threads 1"
UNTRAINED = "--train-limit 120 --test-limit 40 --iters 0 --quiet --threads 1"
# A long name, twice as long in JSON, so that texts grow in more steps than one.
QUOTES = "/".join(['"' * 250] * 12)

# What a run is called: its options, and the files it writes. model, state, out.csv are there before it.
RUNS = {
    "train": (f"{SHORT} --csv out.csv --save model --confusion matrix --checkpoint state --checkpoint-every 2",
              ["out.csv", "model", "matrix", "state"]),
    "threads": (f"{SHORT} --threads 3 --optimizer adam --dropout 0.5 --validation 0.2 --early-stop 3 --sampling shuffle "
                "--first-layer dense --csv out.csv --save model", ["out.csv", "model"]),
    "stream": (f"{SHORT} --csv -", []),
    "plain": (f"{SHORT} --train-images images --train-labels labels --gradient numerical --save model", ["model"]),
    "name": (f"{UNTRAINED} --load ../{QUOTES}/given --save model --confusion matrix", ["model", "matrix"]),
    "npz": (f"{SHORT} --export out.npz", ["out.npz"]),
    "onnx": (f"{UNTRAINED} --load given --export out.onnx", ["out.onnx"]),
    "check": ("--train-limit 120 --hidden 5 --threads 1 --check-gradient 3", []),
    "eval": ("--load given --quiet --eval --confusion matrix --threads 1", ["matrix"]),
    "predict": ("--load given --predict images --threads 2 --quiet", []),
    "pictures": ("--load given --predict drawing.pgm --fit --threads 1 --quiet", []),
    "directory": ("--load given --predict drawings --fit --threads 1 --quiet", []),
    "fit": ("--load given --predict few --fit --threads 1 --quiet", []),
    "split": ("--load given --predict drawing.pgm --fit --split --fitted fitted --threads 1 --quiet", ["fitted"]),
    "header": ("--load given --export out.h", ["out.h"]),
    "sheets": ("--load given --quiet --eval --test-limit 40 --threads 1 --class-names a,b,c,d,e,f,g,h,i,j --weights w.png "
               "--mistakes m.csv --report page.html", ["w.png", "m.csv", "page.html"]),
    "mistakes": ("--load given --quiet --eval --test-limit 40 --threads 1 --mistakes m.png", ["m.png"]),
    "samples": ("--train-limit 120 --threads 1 --quiet --samples s.png --augment elastic", ["s.png"]),
    "augment": (f"{SHORT} --augment elastic --average 0.9 --optimizer momentum --report page.html --class-names classes "
                "--save model", ["page.html", "model"]),
    "lesson": ("--lesson step-by-step --csv out.csv", ["out.csv"]),
    "resume": ("--resume begun --iters 4 --quiet --threads 1", ["begun.csv", "begun", "begun.model"]),
}

WITHOUT_DATA = "--resume", "--predict", "--export out.h"

FAULTS = {  # kind: how its calls fail; an errno or "short"
    "alloc": [errno.ENOMEM], "open": [errno.EMFILE], "read": [errno.EIO, errno.EINTR, "short"],
    "write": [errno.ENOSPC, errno.EIO, errno.EINTR, "short"], "close": [errno.EIO], "fsync": [errno.EIO],
    "rename": [errno.EIO], "truncate": [errno.EIO], "mmap": [errno.ENOMEM], "thread": [errno.EAGAIN],
    "stat": [errno.EIO], "access": [errno.EACCES], "lock": [errno.ENOLCK], "chmod": [errno.EPERM],
    "seek": [errno.EIO], "dup": [errno.EMFILE],
}
TEMPORARY = ".mlp-train-tmp"
LASTING = {"alloc": errno.ENOMEM, "write": errno.ENOSPC, "open": errno.EMFILE}  # from the n-th call on

# Kinds of which some may fail without harm, and why; all others must end the run.
HARMLESS = {
    "alloc": "libdeflate's or qsort's, which have a slower way; a stream's buffer",
    "open": "the directory that is synchronised, where file systems differ",
    "close": "of a file that was only read, or of a directory",
    "stat": "which files are the same, how large a pipe is: asked to be helpful",
    "lock": "file systems without locks",
    "mmap": "a worker thread's stack: one worker less, the same results",
    "thread": "one worker less, the same results",
    "read": "short or interrupted reads, which are repeated; libdeflate's, which are made again",
    "write": "short or interrupted writes, which are repeated",
}



def content(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, IsADirectoryError):
        return None


class Fault:
    def __init__(self, kind, n, error, on):
        self.kind, self.n, self.error, self.on = kind, n, error, on

    def __str__(self):
        how = self.error if self.error == "short" else errno.errorcode[self.error]
        return f"{self.kind} {self.n}{' and on' if self.on else ''}: {how}"

    def environment(self):
        env = {"FAULT_KIND": self.kind, "FAULT_N": str(self.n)}
        if self.error != "short":
            env["FAULT_ERROR"] = str(self.error)
        if self.on:
            env["FAULT_ON"] = "1"
        return env


class Runner:
    def __init__(self, program, shim, directory):
        self.program, self.directory = program, directory
        self.shim = shutil.copy(shim, directory) # LD_PRELOAD takes no spaces, which the name of its folder may have
        # Preloaded, the BLAS is in the process before the shim begins to count, which leaves it out. It has threads then,
        # but for OPENBLAS_NUM_THREADS.
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        self.shim += ":" + version.splitlines()[-1]
        self.base = {k: v for k, v in os.environ.items() if not k.startswith(("FAULT_", "MLP_TRAIN"))}
        self.base["OPENBLAS_NUM_THREADS"] = "1"
        self.resumed = {}
        self.given = os.path.join(directory, "given")
        os.makedirs(self.given)
        self.help = subprocess.run([program, "--help", "all"], capture_output=True, text=True, check=True).stdout

    def knows(self, options):
        return all(f"  {word}" in self.help for word in options.split() if word.startswith("--"))

    def undisturbed(self, options, cwd):
        subprocess.run([self.program, "--data", DIGITS] + options.split(), cwd=cwd, env=self.base, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def prepare(self):
        """What the runs find: data, models, a picture, a run to resume, older files to be replaced."""
        for name, source in ("images", "train-images-idx3-ubyte.gz"), ("labels", "train-labels-idx1-ubyte.gz"):
            with gzip.open(os.path.join(DIGITS, source)) as packed, open(os.path.join(self.given, name), "wb") as out:
                out.write(packed.read())
        pixel = lambda x, y: 20 if abs(x - 20) < 4 and 5 < y < 40 else 230
        drawing = bytes(pixel(x, y) for y in range(48) for x in range(48))
        os.makedirs(os.path.join(self.given, "drawings"))
        for name in "drawing.pgm", "drawings/1.pgm", "drawings/2.pgm":
            with open(os.path.join(self.given, name), "wb") as out:
                out.write(b"P5 48 48 255\n" + drawing)
        with open(os.path.join(self.given, "few"), "wb") as out:
            out.write(struct.pack(">2xBB3I", 8, 3, 2, 48, 48) + 2 * drawing)
        with open(os.path.join(self.given, "classes"), "w", encoding="utf-8") as out:
            out.write("".join(f"class {k}\n" for k in range(10)))
        self.undisturbed(f"{SHORT} --iters 2 --save given", self.given)
        for older in "model", "out.npz", "out.onnx", "state":
            shutil.copy(os.path.join(self.given, "given"), os.path.join(self.given, older))
        os.makedirs(os.path.join(self.directory, QUOTES))
        shutil.copy(os.path.join(self.given, "given"), os.path.join(self.directory, QUOTES))
        os.chmod(os.path.join(self.given, "model"), 0o600)
        begun = f"{SHORT} --csv begun.csv --checkpoint begun --checkpoint-every 2 --save begun.model"
        if self.knows(begun):
            self.undisturbed(begun.replace("--iters 4", "--iters 2"), self.given)

    def run(self, number, options, fault):
        """One run in a directory of its own: exit status, stdout, stderr, report, what is in the directory."""
        cwd = os.path.join(self.directory, f"run-{number}")
        shutil.copytree(self.given, cwd)
        report = os.path.join(self.directory, f"report-{number}")
        env = dict(self.base, TMPDIR=cwd, LD_PRELOAD=self.shim, FAULT_REPORT=report, **(fault.environment() if fault else {}))
        data = [] if any(word in options for word in WITHOUT_DATA) else ["--data", DIGITS]
        try:
            done = subprocess.run([self.program] + data + options.split(), cwd=cwd, env=env, capture_output=True, timeout=120)
            code, out, err = done.returncode, done.stdout, done.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired:
            code, out, err = "still runs after 120 s", b"", ""
        lines = (content(report) or b"").decode().split("\n")
        counts = {name: int(n) for name, n in (line.split() for line in lines if line)}
        files = {name: content(os.path.join(cwd, name)) for name in os.listdir(cwd)}
        shutil.rmtree(cwd)
        if os.path.exists(report):
            os.remove(report)
        return code, re.sub(rb"[0-9.]+ s, seed", b"s, seed", out), err, counts, files

    def goes_on(self, files, usual_files):
        """Whether the checkpoint that a failed run left leads to the same end. Once for each."""
        key = files["state"], files["out.csv"]
        if key not in self.resumed:
            with tempfile.TemporaryDirectory(dir=self.directory) as cwd:
                for name in "state", "out.csv":
                    with open(os.path.join(cwd, name), "wb") as out:
                        out.write(files[name])
                end = subprocess.run([self.program, "--resume", "state", "--quiet"], cwd=cwd, env=self.base, capture_output=True)
                self.resumed[key] = end.returncode == 0 and all(
                    content(os.path.join(cwd, name)) == usual_files[name] for name in ("out.csv", "model", "matrix"))
        return self.resumed[key]

    def find_fault(self, fault, writes, usual, outcome):
        """What is wrong with an outcome, as a list of words."""
        code, out, err, counts, files = outcome
        _, usual_out, _, _, usual_files = usual
        wrong = []
        if code not in (0, 1):
            wrong.append(f"exit {code}: {err.strip()}")
        if not counts:
            wrong.append("it did not return from main")
        elif counts["injected"] == 0:
            wrong.append("nothing was injected")
        for what in "held", "files":
            if counts.get(what, 0) != 0:
                wrong.append(f"{counts[what]} {what} at the end")
        told = "mlp-train: warning: ", "written "  # about the result, and about a file that is complete
        err = "".join(line for line in err.splitlines(True) if not line.startswith(told))
        # before the last line, one for each file of a directory that could not be read
        err = re.sub(r"\A(mlp-train: drawings/\d\.pgm: .*\n)+(?=mlp-train: --predict: \d of the files )", "", err)
        if code == 1 and (err.count("\n") != 1 or not err.startswith("mlp-train: ") or len(err) < 30 or len(err) > 350 and QUOTES not in err):
            wrong.append(f"no one clear line: {err!r}")
        if code == 0 and out != usual_out:
            wrong.append("exit 0, but another standard output")
        if code == 1 and not writes and out and out == usual_out and fault.kind in ("alloc", "mmap"):
            wrong.append("exit 1 after the whole result: it went on after an error")
        for name in sorted(set(files) | set(usual_files) | set(os.listdir(self.given))):
            now, new, old = files.get(name), usual_files.get(name), content(os.path.join(self.given, name))
            if fault.kind == "stat" and now == b"" and name.endswith(TEMPORARY):
                continue  # its owner is unknown, so it stays
            if name.startswith("rescued-") and code == 1 and name in err:
                continue  # a network or checkpoint that could not be written to its own name
            whole_rows = name.endswith(".csv") and now is not None and new.startswith(now) and now[-1:] in (b"", b"\n")
            if code == 0 and now != new:
                wrong.append(f"exit 0, but another {name}")
            elif now not in (old, new) and not whole_rows and not (name == "state" and self.goes_on(files, usual_files)):
                wrong.append(f"{name} is neither the older file nor the newer one")
            if name not in writes and now != old:
                wrong.append(f"{name} should not have been touched")
        return wrong


def faults_of(counts):
    for kind, errors in FAULTS.items():
        for n in range(1, counts[kind] + 1):
            for error in errors:
                yield Fault(kind, n, error, False)
            if kind in LASTING:
                yield Fault(kind, n, LASTING[kind], True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--shim", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", default=",".join(RUNS))
    parser.add_argument("directory")
    arguments = parser.parse_args()
    runner = Runner(os.path.abspath(arguments.program), os.path.abspath(arguments.shim), arguments.directory)
    runner.prepare()
    total, number, failures = collections.Counter(), 0, 0
    ends = {kind: collections.Counter() for kind in FAULTS}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name in arguments.only.split(","):
            options, writes = RUNS[name]
            if not runner.knows(options):
                print(f"{name}: not with this program: {options}")
                continue
            usual = runner.run(name, options, None)
            if usual[0] != 0 or usual[3]["held"] != 0 or usual[3]["files"] != 0:
                sys.exit(f"{name}: the undisturbed run ends with {usual[0]}: {usual[2]} {usual[3]}")
            chosen = [f for i, f in enumerate(faults_of(usual[3])) if (i + number) % arguments.every == 0]
            number += 1
            jobs = [(f, pool.submit(runner.run, f"{name}-{i}", options, f)) for i, f in enumerate(chosen)]
            for fault, job in jobs:
                outcome = job.result()
                wrong = runner.find_fault(fault, writes, usual, outcome)
                ends[fault.kind][outcome[0]] += 1
                if outcome[0] == 0 and fault.kind not in HARMLESS:
                    wrong.append("it went unnoticed")
                for words in wrong:
                    print(f"{name}, {fault}: {words}")
                failures += len(wrong) > 0
            total[name] = len(chosen)
            print(f"{name}: {len(chosen)} faults")
    for kind, codes in ends.items():
        print(f"{kind:9} {codes[1]:5} ended the run, {codes[0]:5} were harmless"
              + (f" ({HARMLESS[kind]})" if codes[0] else ""))
    print(f"{sum(total.values())} faults injected, {failures} handled wrongly")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
