"""coverage.py - which test executes which line of src, and how long it takes: measured once with gcov, kept in build/.

A test is a program of unit tests, or one test of a bats file.
"""
import collections, concurrent.futures, hashlib, json, os, re, subprocess, tempfile, time

Test = collections.namedtuple("Test", "file name seconds lines")  # lines: {file: set of line numbers}
SECONDS = 60  # a test that takes longer is not asked
PROGRAM = "build/coverage/mlp-train"
# Counting would make their loops ten times slower. What executes propagation.c counts as executing them.
UNCOUNTED = "activation", "loss", "sparse"


def key_of(root):
    """A digest of all that the measurement depends on."""
    digest = hashlib.sha256()
    for folder in "src", "include", "tests/unit", "tests/cli":
        for directory, folders, names in os.walk(os.path.join(root, folder)):
            folders.sort()
            for name in sorted(names):
                with open(os.path.join(directory, name), "rb") as file:
                    digest.update(name.encode() + file.read())
    return digest.hexdigest()


def filter_of(*names):
    """What tests/run gets to run the tests of these names alone."""
    return ["^(" + "|".join(map(re.escape, names)) + ")$"] if names[0] else []


def names_of(root, left_out):
    for name in sorted(os.listdir(os.path.join(root, "tests/unit"))):
        if name.endswith(".c"):
            yield "build/coverage/tests/" + name[:-2], ""
    for name in sorted(os.listdir(os.path.join(root, "tests/cli"))):
        if name.endswith(".bats") and name[:-5] not in left_out:
            with open(os.path.join(root, "tests/cli", name), encoding="utf-8") as file:
                for test in re.findall(r'^@test (?:"((?:\\.|[^"\\])*)"|\'([^\']*)\')', file.read(), re.M):
                    yield f"tests/cli/{name}", re.sub(r"\\(.)", r"\1", test[0] or test[1])


def executed(root, counts):
    """The lines of src that the .gcda files below `counts` say were executed."""
    lines = collections.defaultdict(set)
    found = []
    for directory, _, names in os.walk(counts):
        for name in names:
            if name.endswith(".gcda") and "/src/" in directory + "/":
                notes = os.path.join("/", os.path.relpath(directory, counts), name[:-5] + ".gcno")
                os.symlink(notes, os.path.join(directory, name[:-5] + ".gcno"))
                found.append(os.path.join(directory, name))
    if not found:
        return lines
    said = subprocess.run(["gcov", "--json-format", "--stdout", *found], cwd=root, capture_output=True, text=True)
    for part in said.stdout.splitlines():
        for file in json.loads(part)["files"] if part.startswith("{") else []:
            lines[file["file"]].update(line["line_number"] for line in file["lines"] if line["count"])
    return lines


def measured(root, env, file, name):
    """The test with its time and lines; None where it fails or takes too long."""
    with tempfile.TemporaryDirectory() as counts:
        here = dict(env, GCOV_PREFIX=counts, GCOV_ERROR_FILE="/dev/null", BUILD="build/coverage",
                    MLP_TRAIN=os.path.join(root, PROGRAM), TEST_SECONDS=str(SECONDS))
        start = time.monotonic()
        status = subprocess.run(["tests/run", file, *filter_of(name)], cwd=root, env=here, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
        seconds = time.monotonic() - start
        lines = executed(root, counts) if status == 0 else {}
        for module in UNCOUNTED:
            if "src/net/propagation.c" in lines or file.endswith(f"test_{module}"):
                lines[f"src/net/{module}.c"] = set()
        subprocess.run(["chmod", "-R", "u+rwX", counts], check=False)
    return Test(file.replace("build/coverage/", "build/"), name, seconds, lines) if status == 0 else None


def measure(root, env, left_out):
    """A list of Test, from build/mutation-coverage.json where sources and tests are still the same."""
    kept = os.path.join(root, "build", "mutation-coverage.json")
    key = key_of(root)
    if os.path.exists(kept):
        with open(kept, encoding="utf-8") as file:
            found = json.load(file)
        if found["key"] == key:
            return [Test(f, n, s, {path: set(numbers) for path, numbers in lines.items()})
                    for f, n, s, lines in found["tests"]]
    uncounted = "|".join(f"src/net/{module}" for module in UNCOUNTED)
    instrumented = f"--coverage '-fprofile-exclude-files={uncounted}'"
    subprocess.run(["make", "-sj2", "CC=gcc", f"SANITIZE={instrumented}", "CFLAGS=-O1 -g",
                    "CPPFLAGS=-DMLP_NO_CLONES", "BUILD=build/coverage", f"BIN={PROGRAM}", "all", "tests"],
                   cwd=root, env=env, check=True, stdout=subprocess.DEVNULL)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda names: measured(root, env, *names), names_of(root, left_out))
        tests = sorted((test for test in results if test), key=lambda test: test.seconds)
    with open(kept, "w", encoding="utf-8") as file:
        json.dump({"key": key, "tests": [[t.file, t.name, t.seconds, {path: sorted(numbers) for path, numbers in
                                                                     t.lines.items()}] for t in tests]}, file)
    return tests
