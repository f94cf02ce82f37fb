"""mutate.py - breaks the program in one place after another, and sees whether the tests notice.

    mutate.py [--table FILE] [--only WORD] [--part K/N] [--quick] [--verify]
    mutate.py --random N --seed S [--part K/N]

The table holds a mutation in a few lines: "@ FILE TEST ..." with the tests to ask first, then the old text, which
must be there exactly once, after "-", and the new text after "+", a line each; without indentation. For each of
them a copy of the tree is changed, built and tested, unit tests before tests of the command line, until one fails.
--only takes those whose file or text has WORD in it, --part the K-th of every N; --quick asks none but the tests to
be asked first; --verify only looks whether the old texts are there.
Ends with 1 if less than 95 of 100 are caught, or if one does not compile.

--random draws N changes by a seed instead (draw.py). It asks the tests that execute the changed line (coverage.py)
until one fails: all unit tests, then at most MOST tests of the command line: first those of the module's own test file,
then those that share most words with the line, then the quickest. A change that none of them notices survived. A change that does not compile without a warning, or to
the same machine code, is replaced by the next of the draw. Those in equivalent.txt do not change what the program does,
for the reason that stands there; they are not counted. Ends with 1 if less than 90 of 100 are caught.
"""
import argparse, collections, functools, os, re, resource, shutil, subprocess, sys, tempfile, time

import coverage, draw

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COPIED = ("Makefile", "README.md", "data", "include", "scripts", "src", "tests", ".ci", ".clang-format", ".gitignore",
          "LICENSE")
BUILT = ("src", "tests", "bench", "flags", "libmlp.a")  # what there is of `build` saves the first build
SECONDS = {"build": 300, "unit": 60, "cli": 400}  # what takes longer hangs, and has failed
LAST = ("build", "plots", "scripts", "bench", "mnist")  # ask little of the program, or cost most
# Not asked about drawn changes, for the same reasons.
LEFT_OUT = (*LAST, "blas", "documents", "fault", "fit", "fuzz", "install", "interop", "make-idx", "sweep", "systems",
            "twins")
MOST = 25  # tests of the command line that are asked about a drawn change
LEAST, LEAST_RANDOM = 0.95, 0.90
MEMORY, FILE_SIZE = 32 << 30, 16 << 30  # what a mutated program may take; some tests make large, empty files


class Mutation:
    def __init__(self, header):
        self.file, *self.first = header.split()
        self.old, self.new = [], []

    def __str__(self):
        short = lambda lines: " ".join(lines)[:60]
        return f"{self.file}: {short(self.old)} -> {short(self.new)}"


def read_table(path):
    mutations = []
    with open(path, encoding="utf-8") as table:
        for number, line in enumerate(table, 1):
            line = line.rstrip("\n")
            if line.startswith("@ "):
                mutations.append(Mutation(line[2:]))
            elif line.startswith("-"):
                mutations[-1].old.append(line[1:].strip())
            elif line.startswith("+"):
                mutations[-1].new.append(line[1:].strip())
            elif line and not line.startswith("#"):
                sys.exit(f"{path}:{number}: begins with none of @ - + #")
    return mutations


def locate(source, lines):
    """Where the old text stands, its indentation left out: begin and end; None unless it is there once."""
    found = []
    at = source.find(lines[0])
    while at >= 0:
        end = at + len(lines[0])
        for line in lines[1:]:
            gap = len(source[end:]) - len(source[end:].lstrip())
            if "\n" not in source[end : end + gap] or not source.startswith(line, end + gap):
                break
            end += gap + len(line)
        else:
            found.append((at, end))
        at = source.find(lines[0], at + 1)
    return found[0] if len(found) == 1 else None


def mutate(root, mutation):
    """The file's text before and after."""
    with open(os.path.join(root, mutation.file), encoding="utf-8") as file:
        before = file.read()
    place = locate(before, mutation.old)
    if place is None:
        sys.exit(f"not there exactly once: {mutation}")
    return before, before[: place[0]] + "\n".join(mutation.new) + before[place[1] :]


def module_of(mutation):
    """src/net/sparse_kernels.inc is a part of sparse."""
    return os.path.basename(mutation.file).split(".")[0].split("_")[0]


def limit():
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))  # not the addresses that a browser reserves
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))


class Copy:
    """A copy of the tree, where things are built and run."""

    def __init__(self, directory, quick):
        self.quick = quick
        self.root = os.path.join(directory, "tree")
        os.mkdir(self.root)
        for name in COPIED:
            source, target = os.path.join(ROOT, name), os.path.join(self.root, name)
            if os.path.isdir(source):
                shutil.copytree(source, target, symlinks=True)
            elif os.path.exists(source):
                shutil.copy2(source, target)
        for name in BUILT:
            source, target = os.path.join(ROOT, "build", name), os.path.join(self.root, "build", name)
            if os.path.isdir(source):
                shutil.copytree(source, target)
            elif os.path.exists(source):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy2(source, target)
        units = os.listdir(os.path.join(self.root, "tests/unit"))
        self.units = sorted(name[:-2] for name in units if name.startswith("test_") and name.endswith(".c"))
        bats = sorted(name[:-5] for name in os.listdir(os.path.join(self.root, "tests/cli")) if name.endswith(".bats"))
        self.cli = [name for name in bats if name not in LAST] + [name for name in LAST if name in bats]
        self.program = self.program_modules()
        self.sound, self.unsound = set(), set()  # tests that were seen to pass, or to fail, without a mutation
        self.built = set()  # targets that are up to date
        # nothing that the surrounding make exports, but what was installed for the tests
        exported = "MAKE", "MFLAGS", "MLP_", "BUILD", "TWIN", "LOGITS", "FAULT_"
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(exported)}
        self.env["NODE_PATH"] = os.environ.get("NODE_PATH", os.path.join(ROOT, "build/npm/node_modules"))
        self.env["CMOCKA_MESSAGE_OUTPUT"] = "TAP"
        asked = ["make", "-s", "--eval=which: ; @echo $(PYTHON)", "which"]  # once instead of with each make
        found = subprocess.run(asked, cwd=self.root, env=self.env, capture_output=True, text=True, check=True)
        self.env["PYTHON"] = found.stdout.strip()

    def write(self, file, text):
        with open(os.path.join(self.root, file), "w", encoding="utf-8") as out:
            out.write(text)
        self.built = set()

    def program_modules(self):
        """Those that are linked with the program alone."""
        return [name[:-2] for name in os.listdir(os.path.join(self.root, "src/cli")) if name.endswith(".c")]

    def run(self, command, seconds):
        """Exit status, or None if it took too long; then all that it started is ended."""
        process = subprocess.Popen(command, cwd=self.root, env=self.env, start_new_session=True, preexec_fn=limit,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            subprocess.run(["pkill", "-KILL", "-s", str(process.pid)], check=False)
            process.wait()

    def make(self, *words):
        return self.run(["make", "-j2", *words], SECONDS["build"]) == 0

    def fails(self, test):
        """What there is to say when it does; "" when it passes."""
        if isinstance(test, coverage.Test):
            target = "all" if test.name else test.file
            if target not in self.built and not self.make(target):
                return f"{test.file}, which does not build"
            self.built.add(target)
            seconds = int(15 + 4 * test.seconds)
            command = ["tests/run", test.file, *coverage.filter_of(*test.name.split("\n"))]
            status = self.run(["env", f"TEST_SECONDS={seconds}", *command], seconds + 15)
            return "" if status == 0 else f"{test.file} {test.name}".rstrip()
        if test in self.units:
            program = f"build/tests/{test}"
            if not self.make(program):
                return f"{test}, which does not build"
            status = self.run(["tests/run", program], SECONDS["unit"])
        else:
            status = self.run(["make", "check", "UNIT_TESTS=", f"CLI_TESTS=tests/cli/{test}.bats"], SECONDS["cli"])
        return "" if status == 0 else f"{test}, which hangs" if status is None else test

    def tests(self, mutation):
        """All that may notice, those that know best first: those that the table names, or the module's own."""
        module = module_of(mutation)
        unknown = set(mutation.first) - set(self.units) - set(self.cli)
        if unknown:
            sys.exit(f"no such test: {' '.join(unknown)}: {mutation}")
        units = [] if module in self.program else self.units  # which know the library alone
        wanted = mutation.first or [t for t in [f"test_{module}"] if t in units]
        if self.quick:
            return wanted
        return wanted + [t for t in units + self.cli if t not in wanted]

    def test(self, mutation):
        """The test that fails; None: none does; False: it does not compile."""
        before, after = mutate(self.root, mutation)
        self.write(mutation.file, after)
        try:
            if not self.make(f"build/{os.path.dirname(mutation.file)}/{module_of(mutation)}.o"):
                return False
            return self.first_failure(self.tests(mutation), mutation.file, before, after)
        finally:
            self.write(mutation.file, before)

    def first_failure(self, tests, file, before, after):
        """Of drawn changes, the tests of a bats file are asked together first: starting them takes most of their time."""
        groups = collections.defaultdict(list)
        for test in tests:
            groups[test.file if isinstance(test, coverage.Test) else test].append(test)
        for group in groups.values():
            group = [test for test in group if name_of(test) not in self.unsound]
            if len(group) > 1 and not self.fails(together(group)):
                continue
            found = self.first_failure_of(group, file, before, after)
            if found is not None:
                return found
        return None

    def first_failure_of(self, tests, file, before, after):
        for test in tests:
            name = name_of(test)
            failed = "" if name in self.unsound else self.fails(test)
            if not failed:
                continue
            if name in self.sound:
                return failed
            self.write(file, before)
            if not self.fails(test):
                self.sound.add(name)
                return failed
            self.unsound.add(name)
            print(f"     {name} fails in the unchanged tree: it is not asked", flush=True)
            self.write(file, after)
        return None

    def machine_code(self, file):
        """The object file without what a debugger reads; None: it does not compile."""
        compiled, stripped = f"build/{file[:-2]}.o", "build/stripped.o"
        if not self.make(compiled) or self.run(["objcopy", "--strip-debug", compiled, stripped], 60) != 0:
            return None
        with open(os.path.join(self.root, stripped), "rb") as code:
            return code.read()

    def test_drawn(self, change, tests):
        """The test that fails; None: none does; False: to be drawn again."""
        with open(os.path.join(self.root, change.file), encoding="utf-8") as file:
            before = file.read()
        code = self.machine_code(change.file)
        after = before[: change.begin] + change.new + before[change.end :]
        self.write(change.file, after)
        try:
            if self.machine_code(change.file) in (None, code):
                return False
            return self.first_failure(choose(tests, change, describe(change)[1]), change.file, before, after)
        finally:
            self.write(change.file, before)


def words_of(text):
    return set(re.findall("[a-z]{4,}", text.lower()))


@functools.cache
def words_of_tests(file):
    """{name of a test: the words of its text}, of a bats file."""
    with open(os.path.join(ROOT, file), encoding="utf-8") as text:
        tests = text.read().split("\n@test ")[1:]
    return {re.sub(r"\\(.)", r"\1", test.split(test[0])[1]): words_of(test) for test in tests}


def likeness(test, rare):
    """How many words of the changed line the test's text has, rare ones most."""
    return sum(weight for word, weight in rare.items() if word in words_of_tests(test.file).get(test.name, ()))


def name_of(test):
    return test[:2] if isinstance(test, coverage.Test) else test


def together(tests):
    """Tests of one bats file as one."""
    names = "\n".join(test.name for test in tests)
    return coverage.Test(tests[0].file, names, sum(test.seconds for test in tests), {})


def choose(tests, change, line):
    """The tests to ask about a drawn change of this line, in their order."""
    able = [test for test in tests if change.line in test.lines.get(change.file, ())]
    if not able:  # a line without code of its own, such as a constant or a row of a table
        able = [test for test in tests if change.file in test.lines]
    own = lambda test: module_of(change) not in test.file
    units = sorted((test for test in able if not test.name), key=lambda test: (own(test), test.seconds))
    able = sorted((test for test in able if test.name), key=lambda test: (own(test), test.seconds))
    count = collections.Counter(word for test in able for word in words_of_tests(test.file).get(test.name, ()))
    rare = {word: 1 / count[word] for word in words_of(line) if word in count}
    like = sorted(able, key=lambda test: (own(test), -likeness(test, rare), test.seconds))[: MOST // 2]
    return units + like + [test for test in able if test not in like][: MOST - len(like)]


def read_equivalent():
    """The changes that do not change what the program does: (file, line's text, changed line)."""
    with open(os.path.join(ROOT, "tests/mutation/equivalent.txt"), encoding="utf-8") as table:
        lines = [line.rstrip("\n") for line in table if line.strip() and not line.startswith("#")]
    return {tuple(lines[i : i + 3]) for i in range(0, len(lines), 4)}  # the fourth is the reason


def describe(change):
    """(file, line's text, changed line), without indentation."""
    with open(os.path.join(ROOT, change.file), encoding="utf-8") as file:
        text = file.read()
    first, last = text.rindex("\n", 0, change.begin) + 1, text.index("\n", change.end)
    flat = lambda part: " ".join(part.split())
    return change.file, flat(text[first:last]), flat(text[first : change.begin] + change.new + text[change.end : last])


def run_random(arguments):
    """Whether enough of the drawn changes are noticed."""
    part, parts = map(int, arguments.part.split("/"))
    wanted = (arguments.random - part) // parts + 1
    equivalent, results = read_equivalent(), collections.Counter()
    with tempfile.TemporaryDirectory(prefix="mutate-") as directory:
        copy = Copy(directory, False)
        tests = coverage.measure(ROOT, copy.env, LEFT_OUT)
        copy.env["WERROR"] = "1"  # what the compiler warns of is no fault that tests have to notice
        if not copy.make("all", "tests"):
            sys.exit("the unchanged tree does not build")
        changes = (change for i, change in enumerate(draw.draw(ROOT, arguments.seed)) if i % parts == part - 1)
        for change in changes:
            if results.total() == wanted:
                break
            said, start = describe(change), time.monotonic()
            test = None if said in equivalent else copy.test_drawn(change, tests)
            if test is False:
                continue
            result = "equivalent" if said in equivalent else "survived" if test is None else "caught"
            results[result] += 1
            print(f"{results.total():3} {time.monotonic() - start:5.0f} s  {result} {'by ' + test if test else ''}  "
                  f"{change.operator} {change.file}:{change.line}", *said[1:], sep="\n          ", flush=True)
    counted = results["caught"] + results["survived"]
    print(f"seed {arguments.seed}, part {arguments.part}: {results['caught']} of {counted} noticed "
          f"({100 * results['caught'] / max(counted, 1):.1f} %), besides {results['equivalent']} equivalent ones")
    return results["caught"] >= LEAST_RANDOM * counted


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", default=os.path.join(ROOT, "tests/mutation/mutations.txt"))
    parser.add_argument("--only", default="")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.random:
        sys.exit(not run_random(arguments))
    mutations = [m for m in read_table(arguments.table) if arguments.only in m.file + "\n".join(m.old)]
    part, parts = map(int, arguments.part.split("/"))
    mutations = mutations[part - 1 :: parts]
    for mutation in mutations:
        mutate(ROOT, mutation)
    modules = {os.path.basename(m.file) for m in mutations}
    if arguments.verify:
        for path, old, _ in read_equivalent():
            with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                if old not in " ".join(file.read().split()):
                    sys.exit(f"equivalent.txt: not in {path}: {old}")
        print(f"{len(mutations)} mutations of {len(modules)} files")
        sys.exit(0)
    counts = {"caught": 0, "survived": 0, "does not compile": 0}
    with tempfile.TemporaryDirectory(prefix="mutate-") as directory:
        copy = Copy(directory, arguments.quick)
        if not copy.make("all", "tests"):
            sys.exit("the unchanged tree does not build")
        for number, mutation in enumerate(mutations, 1):
            start, test = time.monotonic(), copy.test(mutation)
            result = "does not compile" if test is False else "survived" if test is None else "caught"
            counts[result] += 1
            print(f"{number:3} {time.monotonic() - start:5.0f} s  {result} {'by ' + test if test else ''}  {mutation}",
                  flush=True)
    shown = ", ".join(f"{n} {result}" for result, n in counts.items())
    print(f"{len(mutations)} mutations of {len(modules)} files: {shown}")
    sys.exit(counts["does not compile"] > 0 or counts["caught"] < LEAST * len(mutations))


if __name__ == "__main__":
    main()
