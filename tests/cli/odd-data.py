"""odd-data.py FROM TO [PART] STATEMENT - copies a dataset, IDX files plain or gzip, from FROM to TO, changed: STATEMENT
is run with numpy as np, the images x (uint8 [n x rows x columns]) and the labels y of the train set, then with those of
the test set. With a PART, train or t10k, only for that one. `part` is images 40 to 399 of
the train set, and their labels. Arrays keep the type that they have afterwards; `swap` is a
set of those ("x", "y") to write little-endian. The bytes, not the program, decide what a test finds: no code is shared
with the readers."""

import gzip
import os
import struct
import sys

import numpy as np

source, target, *part, statement = sys.argv[1:]
os.makedirs(target, exist_ok=True)
codes = {"u1": 8, "i1": 9, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def read(name):
    path = os.path.join(source, name)
    data = gzip.open(path + ".gz").read() if os.path.exists(path + ".gz") else open(path, "rb").read()
    dims = struct.unpack_from(f">{data[3]}I", data, 4)
    kind = {v: k for k, v in codes.items()}[data[2]]
    return np.frombuffer(data, ">" + kind, offset=4 + 4 * data[3]).reshape(dims).astype(kind)


def write(name, array, swap):
    kind = array.dtype.str[1:]
    with open(os.path.join(target, name), "wb") as out:
        out.write(bytes([0, 0, codes[kind], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape))
        out.write(array.astype(("<" if swap else ">") + kind).tobytes())


for name in "train", "t10k":
    values = {"np": np, "x": read(f"{name}-images-idx3-ubyte"), "y": read(f"{name}-labels-idx1-ubyte"), "swap": set()}
    values["part"] = read("train-images-idx3-ubyte")[40:400], read("train-labels-idx1-ubyte")[40:400]
    if not part or part == [name]:
        exec(statement, values)
    write(f"{name}-images-idx3-ubyte", values["x"], "x" in values["swap"])
    write(f"{name}-labels-idx1-ubyte", values["y"], "y" in values["swap"])
