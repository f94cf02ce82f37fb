#!/usr/bin/env python3
"""make-idx.py - makes the four IDX files that mlp-train reads from a CSV, .npz files or directories of pictures."""
import argparse
import collections
import csv
import gzip
import math
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

HERE = pathlib.Path(__file__).resolve().parent
NAMES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
         "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}
PARTS = {"train": "train", "training": "train", "test": "test", "testing": "test", "t10k": "test"}
IMAGES, LABELS = {"x", "img", "imgs", "image", "images"}, {"y", "label", "labels", "target", "targets"}
JUNK = {"thumbs.db", "desktop.ini"}

EPILOG = """SOURCE is one of
  a CSV (.csv, .csv.gz): a label and the pixels in each row, 0 to 255; with or without a header. The label is the
    column of that name, else the first. A second CSV is the test set
  .npz files, or the directory that has them: x_train, y_train, x_test, y_test in one file (Keras), or a file for
    each (KMNIST, Kannada-MNIST)
  a directory with a directory of pictures for each class, or with such directories in train and test

Without a test set, part of the images becomes one. The images of --fit are those that mlp-train makes of drawings of
any size. mlp-train is $MLP_TRAIN, or the one of this repository, or that of the PATH."""


class Failure(Exception):
    """What is wrong, and what to do."""


def need(module, package):
    try:
        return __import__(module)
    except ImportError:
        raise Failure(f"needs {package[0]}: install it (Debian: {package[1]}), or name a python3 that has it") from None


# ---- CSV ----

def is_number(text):
    try:
        int(text)
    except ValueError:
        return False
    return True


LABEL = {"label", "labels", "class", "target", "digit", "y"}


def lowered(names):
    return [name.strip().lower() for name in names]


def is_header(first):
    """A few damaged values do not make a header of a row: it would be lost."""
    return not LABEL.isdisjoint(lowered(first)) or 2 * sum(map(is_number, first)) < len(first)


def columns_of(path, first, header):
    """The column of the label, and those of the pixels."""
    names = lowered(first) if header else []
    found = [i for i, name in enumerate(names) if name in LABEL]
    if len(found) > 1:
        raise Failure(f"{path}: its header has several columns for the label: {', '.join(first[i] for i in found)}")
    label = found[0] if found else 0
    if header and not found and re.fullmatch(r"(pixel|px?|x|id|index)[ _]?\d*", names[0]):
        raise Failure(f"{path}: its header names no column label and begins with {first[0]}; a file without labels "
                      "cannot be used")
    skip = {label} | {i for i, name in enumerate(names) if name in ("", "id", "index", "unnamed: 0")}
    return label, [i for i in range(len(first)) if i not in skip]


def bad_value(path, line, row, columns):
    for i in columns:
        if not (is_number(row[i]) and 0 <= int(row[i]) <= 255):
            return Failure(f"{path}: line {line}, column {i + 1}: '{row[i][:40]}' is no whole number from 0 to 255")
    return Failure(f"{path}: line {line}: cannot be read")


def read_csv(path):
    numpy = need("numpy", ("NumPy", "python3-numpy"))
    labels, pixels, n = bytearray(), bytearray(), 0
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        delimiter = max(",;\t", key=file.readline(1 << 20).count)
        file.seek(0)
        rows = csv.reader(file, delimiter=delimiter)
        first = next((row for row in rows if row), None)
        if first is None:
            raise Failure(f"{path}: is empty")
        header = is_header(first)
        label, columns = columns_of(path, first, header)
        if len(columns) < 2:
            raise Failure(f"{path}: line {rows.line_num} has {len(first)} values; a label and pixels were expected, "
                          "separated by commas")
        simple = label == 0 and columns == list(range(1, len(first)))
        for row in ([] if header else [first]):
            add_row(path, rows.line_num, row, label, columns, simple, labels, pixels)
        for row in rows:
            if len(row) != len(first):
                if not row:
                    continue
                raise Failure(f"{path}: line {rows.line_num} has {len(row)} values, and the first one {len(first)}")
            add_row(path, rows.line_num, row, label, columns, simple, labels, pixels)
    n, d = len(labels), len(columns)
    side = math.isqrt(d)
    shape = (n, side, side) if side * side == d else (n, d)
    return numpy.frombuffer(bytes(pixels), numpy.uint8).reshape(shape), numpy.frombuffer(bytes(labels), numpy.uint8)


def open_csv(path):
    try:
        return read_csv(path)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise Failure(f"{path}: is no CSV that can be read: {error}") from None


def add_row(path, line, row, label, columns, simple, labels, pixels):
    try:
        labels += bytes((int(row[label]),))
        pixels += bytes(map(int, row[1:] if simple else [row[i] for i in columns]))
    except ValueError:
        raise bad_value(path, line, row, [label] + columns) from None


# ---- .npz ----

def role(name):
    """(train or test or "", images or labels or "") as the words of a name say."""
    name = re.sub(r"(?i)^([xy])[ _-]?(train|test)", r"\1 \2", name)
    name = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    words = re.findall(r"[a-z]+", name.lower().replace("t10k", "test"))
    part = next((PARTS[word] for word in words if word in PARTS), "")
    kind = "images" if IMAGES & set(words) else "labels" if LABELS & set(words) else ""
    return part, kind


def to_bytes(numpy, array, name, path):
    if array.dtype.kind not in "buif":
        raise Failure(f"{path}: {name} holds no numbers")
    if array.size and (not (array >= 0).all() or not (array <= 255).all() or (array.dtype.kind == "f" and (array % 1 != 0).any())):
        wrong = array[~((array >= 0) & (array <= 255) & (array % 1 == 0))].flat[0]
        raise Failure(f"{path}: {name} has values such as {wrong:g}; whole numbers from 0 to 255 were expected")
    return array.astype(numpy.uint8)


def read_npz(paths):
    numpy = need("numpy", ("NumPy", "python3-numpy"))
    found = {}
    for path in paths:
        try:
            archive = numpy.load(path, allow_pickle=False)
            if isinstance(archive, numpy.ndarray):
                raise ValueError("it is a .npy file, with one array")
            with archive:
                arrays = {name: archive[name] for name in archive.files}
        except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, AttributeError) as error:
            raise Failure(f"{path}: is no .npz file that can be read: {error}") from None
        for name, array in arrays.items():
            part, kind = role(name if name != "arr_0" else path.stem)
            if not kind:
                continue
            if (part or "train", kind) in found:
                raise Failure(f"{path}: {name} and another array are both the {part or 'train'} {kind}")
            found[part or "train", kind] = (to_bytes(numpy, array, name, path), f"{path}: {name}")
    parts = {}
    for part in "train", "test":
        if (part, "images") not in found and (part, "labels") not in found:
            continue
        for kind in "images", "labels":
            if (part, kind) not in found:
                raise Failure(f"{paths[0]}: no array for the {part} {kind}; expected are x_train, y_train, x_test and y_test, "
                              "or a file for each with images or labels in its name")
        (images, name), (labels, labels_name) = found[part, "images"], found[part, "labels"]
        if images.ndim == 4 and images.shape[3] == 1:
            images = images[:, :, :, 0]
        if labels.ndim == 2 and labels.shape[1] > 1 and (labels.sum(1) != 1).any():
            raise Failure(f"{labels_name} is {list(labels.shape)} and not one-hot; one label for each image was expected")
        if labels.ndim == 2:
            labels = labels[:, 0] if labels.shape[1] == 1 else labels.argmax(1).astype(numpy.uint8)
        if images.ndim not in (2, 3) or labels.ndim != 1:
            raise Failure(f"{name} is {list(images.shape)} with labels {list(labels.shape)}; [n x rows x columns] and [n] were expected")
        if len(images) != len(labels):
            raise Failure(f"{name} has {len(images)} images, and {labels_name} {len(labels)} labels")
        parts[part] = (images, labels)
    if "train" not in parts:
        raise Failure(f"{paths[0]}: no array for the train images; expected are x_train, y_train, x_test and y_test")
    return parts


# ---- directories of pictures ----

def read_picture(path):
    """Grey bytes: the luma as mlp-train takes it of a PNG, over white where it is transparent."""
    numpy = need("numpy", ("NumPy", "python3-numpy"))
    need("PIL", ("Pillow", "python3-pil"))
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            image = ImageOps.exif_transpose(image)
            if image.mode == "L":
                return numpy.array(image)
            if image.mode.startswith("I"):  # 16 bits
                return (numpy.array(image).astype(numpy.float64) / 257 + 0.5).clip(0, 255).astype(numpy.uint8)
            rgba = numpy.array(image.convert("RGBA")).astype(numpy.float64)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        cause = re.sub(" file '.*", "", str(error), flags=re.S) or type(error).__name__
        raise Failure(f"{path}: is no picture that can be read: {cause}") from None
    alpha = rgba[:, :, 3] / 255
    luma = rgba[:, :, :3] @ [0.212656, 0.715158, 0.072186]
    return (alpha * luma + (1 - alpha) * 255 + 0.5).astype(numpy.uint8)


def entries(directory):
    return sorted(e for e in directory.iterdir() if not e.name.startswith(".") and e.name.lower() not in JUNK)


def by_number(name):
    return (0, int(name), name) if name.isdecimal() else (1, 0, name)


def read_classes(directory, names, classes):
    """The pictures of the classes in `names`, as (path, label)."""
    found = []
    for name in names:
        files = entries(directory / name)
        if not files:
            raise Failure(f"{directory / name}: has no picture; delete it, or put the pictures of the class there")
        for file in files:
            if file.is_dir():
                raise Failure(f"{file}: is a directory in that of a class; the pictures of a class are in one directory")
            found.append((file, classes.index(name)))
    return found


def read_directory(directory):
    """Parts of lists of (path, label), and the names of the classes."""
    folders = [e for e in entries(directory) if e.is_dir()]
    parts = {PARTS[f.name.lower()]: f for f in folders if f.name.lower() in PARTS}
    if "train" not in parts:
        parts = {"train": directory}
    else:
        for folder in folders:
            if folder not in parts.values():
                print(f"left out  {folder}: only train and test are read")
    names = {part: [e.name for e in entries(folder) if e.is_dir()] for part, folder in parts.items()}
    classes = sorted(names["train"], key=by_number)
    for name in classes:
        if not name.isprintable():
            raise Failure(f"{directory}: the class name '{name}' has characters that cannot be printed; rename it")
    if not classes:
        raise Failure(f"{directory}: has no directories; a directory for each class was expected, or .npz files")
    for name in names.get("test", []):
        if name not in classes:
            raise Failure(f"{parts['test'] / name}: is a class that {parts['train']} does not have")
    return {part: read_classes(folder, sorted(names[part], key=by_number), classes) for part, folder in parts.items()}, classes


def stack(pictures, files):
    numpy = need("numpy", ("NumPy", "python3-numpy"))
    for picture, file in zip(pictures, files):
        if picture.shape != pictures[0].shape:
            raise Failure(f"{file}: has {picture.shape[0]} x {picture.shape[1]} pixels, and {files[0]} {pictures[0].shape[0]} x "
                          f"{pictures[0].shape[1]}; add --fit, or scale them to one size")
    return numpy.stack(pictures)


# ---- --fit ----

def program():
    here = HERE.parent / "mlp-train"
    found = os.environ.get("MLP_TRAIN") or (str(here) if here.exists() else shutil.which("mlp-train"))
    if not found:
        raise Failure("--fit: needs mlp-train: build it with make, or set MLP_TRAIN")
    return found


def fit(pictures, labels, names, model):
    """The pictures in which mlp-train finds a digit, as it makes them, and their labels."""
    numpy = need("numpy", ("NumPy", "python3-numpy"))
    stream = b"".join(b"P5 %d %d 255\n" % (p.shape[1], p.shape[0]) + p.tobytes() for p in pictures)
    with tempfile.TemporaryDirectory() as folder:
        made = os.path.join(folder, "fitted")
        command = [program(), "--load", str(model), "--predict", "-", "--fit", "--fitted", made]
        try:
            done = subprocess.run(command, input=stream, capture_output=True)
        except OSError as error:
            raise Failure(f"--fit: {command[0]}: {error.strerror}") from None
        if done.returncode != 0:
            raise Failure(f"--fit: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
        with open(made, "rb") as file:
            _, n, rows, cols = struct.unpack(">IIII", file.read(16))
            images = numpy.frombuffer(file.read(), numpy.uint8).reshape(n, rows, cols)
    found = numpy.array([row.split(b",", 2)[1] != b"" for row in done.stdout.splitlines()[1:]], bool)
    for i in numpy.flatnonzero(~found):
        print(f"left out  {names[i]}: no digit was found in it")
    return images[found], labels[found]


# ---- the four files ----

def split(labels, fraction, seed):
    """Indices of the train and test images: of each class the same part, at random, in the order of the file."""
    draw = random.Random(seed)
    test = set()
    for label in sorted(set(labels.tolist())):
        members = [i for i, l in enumerate(labels.tolist()) if l == label]
        n = min(max(round(fraction * len(members)), 1), len(members) - 1)
        test.update(draw.sample(members, n))
    return [i for i in range(len(labels)) if i not in test], sorted(test)


def idx(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def say(part, images, labels, classes):
    size = " x ".join(map(str, images.shape[1:]))
    counts = collections.Counter(labels.tolist())
    print(f"{part:<9} {len(images)} images of {size} pixels, {len(counts)} classes: " +
          ", ".join(f"{n} of {classes[k] if classes else k}" for k, n in sorted(counts.items())))


def check(parts):
    for part, (images, labels) in parts.items():
        if len(images) == 0:
            raise Failure(f"there is no {part} image")
        if images.shape[1:] != parts["train"][0].shape[1:]:
            raise Failure(f"the {part} images have {list(images.shape[1:])} pixels, and the train images {list(parts['train'][0].shape[1:])}")
    n = len(set(parts["train"][1].tolist()))
    if n < 2:
        raise Failure("all train images are of one class; two or more were expected")
    more = sorted(set(parts["test"][1].tolist()) - set(parts["train"][1].tolist()))
    if more:
        raise Failure(f"the test set has class {more[0]}, and the train set has not")


def refuse_existing(directory, names):
    for name in names:
        if (directory / name).exists():
            raise Failure(f"{directory / name}: is there already; name another directory, or delete it")


def write(directory, parts, classes):
    """All files, or none: a directory that was made for them is removed too."""
    made = not directory.exists()
    written = []
    files = {name: idx(array) for part, arrays in parts.items() for name, array in zip(NAMES[part], arrays)}
    if classes and classes != [str(k) for k in range(len(classes))]:
        files["class-names.txt"] = "".join(f"{name}\n" for name in classes).encode()
    refuse_existing(directory, ["class-names.txt"] if "class-names.txt" in files else [])
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            written.append(directory / f"{name}.tmp")
            with open(written[-1], "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for path in list(written):
            path.rename(path.with_suffix(""))
            written[written.index(path)] = path.with_suffix("")
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if made and directory.exists():
            shutil.rmtree(directory)
        if isinstance(error, OSError):
            raise Failure(f"{directory}: cannot be written: {error.strerror}") from None
        raise
    print(f"written   {directory}: " + ", ".join(files))


# ---- the command line ----

class Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"make-idx: {message}; see --help", file=sys.stderr)
        sys.exit(2)


def parse():
    parser = Parser(prog="make-idx.py", usage="scripts/make-idx.py [OPTION...] SOURCE... DIR", epilog=EPILOG, add_help=False,
                    formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
                    description="Writes the four IDX files that mlp-train --data DIR reads into DIR.")
    parser.add_argument("sources", nargs="+", metavar="SOURCE", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("directory", metavar="DIR", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--test", metavar="X", type=float, help="part of each class for the test set, if the source has none (0.2)")
    parser.add_argument("--seed", metavar="N", type=int, help="of the images that it is drawn from (1)")
    parser.add_argument("--fit", action="store_true", help="scale and centre each picture like MNIST's digits")
    parser.add_argument("--model", metavar="FILE", type=pathlib.Path, help="of that frame (data/models/mnist-50.safetensors)")
    parser.add_argument("--help", "-h", action="help", help="print this help and exit")
    o = parser.parse_args()
    if o.test is not None and not 0 < o.test < 1:
        parser.error(f"--test: {o.test:g} is outside 0 to 1")
    if o.model and not o.fit:
        parser.error("--model: needs --fit; add it, or leave out --model")
    return o, parser


def source_parts(o, parser):
    """{part: (images or paths, labels)}, names of the classes or None."""
    for path in o.sources:
        if not path.exists():
            raise Failure(f"{path}: there is no such file or directory")
    first = o.sources[0]
    if first.is_dir():
        if len(o.sources) > 1:
            parser.error(f"{o.sources[1]}: a directory is the only source; name its directory of test pictures test, beside train")
        archives = [e for e in entries(first) if e.suffix == ".npz"]
        return (read_npz(archives), None) if archives else read_directory(first)
    if all(path.suffix == ".npz" for path in o.sources):
        return read_npz(o.sources), None
    if not all(path.name.lower().endswith((".csv", ".csv.gz")) for path in o.sources):
        parser.error(f"{first}: is neither .csv, .csv.gz, .npz nor a directory")
    if len(o.sources) > 2:
        parser.error(f"{o.sources[2]}: one CSV, or one for training and one for testing, were expected")
    return dict(zip(("train", "test"), map(open_csv, o.sources))), None


def main():
    o, parser = parse()
    refuse_existing(o.directory, [n + suffix for pair in NAMES.values() for n in pair for suffix in ("", ".gz")])
    if o.directory.exists() and not o.directory.is_dir():
        raise Failure(f"{o.directory}: is no directory")
    numpy = need("numpy", ("NumPy", "python3-numpy"))
    parts, classes = source_parts(o, parser)
    for option in "test", "seed":
        if "test" in parts and getattr(o, option) is not None:
            parser.error(f"--{option}: has no effect if the source has a test set; leave it out")
    if classes and len(classes) > 256:
        raise Failure(f"{o.sources[0]}: has {len(classes)} classes; at most 256 were expected")
    model = o.model or next((p for p in (HERE.parent / "data" / "models" / "mnist-50.safetensors", HERE / "models" / "mnist-50.safetensors") if p.exists()), HERE / "models")
    for part, data in parts.items():
        names = [path for path, _ in data] if classes else [f"image {i}" for i in range(len(data[0]))]
        labels = numpy.array([label for _, label in data], numpy.uint8) if classes else data[1]
        pictures = [read_picture(path) for path in names] if classes else data[0]
        if o.fit and not classes and pictures.ndim == 2:
            raise Failure("--fit: these are vectors, not images; leave it out")
        if o.fit:
            parts[part] = fit(pictures, labels, names, model)
        else:
            parts[part] = (stack(pictures, names) if classes else pictures, labels)
    if "test" not in parts:
        images, labels = parts["train"]
        seed = 1 if o.seed is None else o.seed
        train, test = split(labels, o.test or 0.2, seed)
        parts = {"train": (images[train], labels[train]), "test": (images[test], labels[test])}
        print(f"split     {len(test)} of {len(labels)} images are for testing, drawn by --seed {seed}")
    check(parts)
    for part, (images, labels) in parts.items():
        say(part, images, labels, classes)
    if parts["train"][0].ndim == 2:
        print("vectors   the number of pixels is no square: they are written without rows and columns")
    write(o.directory, parts, classes)


def end(message):
    print("make-idx: " + re.sub(r"[\x00-\x1f\x7f]", "?", str(message)), file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    if sys.stdout is not None:  # it may be closed
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        main()
    except Failure as failure:
        end(failure)
    except (OSError, MemoryError) as error:
        name = f"{error.filename}: " if getattr(error, "filename", None) else ""
        end(f"{name}{getattr(error, 'strerror', None) or error or type(error).__name__}")
    except KeyboardInterrupt:
        sys.exit(130)
