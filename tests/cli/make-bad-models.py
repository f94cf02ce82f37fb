"""make-bad-models.py DIR - writes a good model of 6-4-3 into DIR, and beside it every kind of damage that a
safetensors file can have. The files expected.* name them, with words of the messages that they deserve. the
format from its description alone; needs no package."""

import gzip
import json
import os
import struct
import sys

GOOD = [("fc1.bias", [4]), ("fc1.weight", [4, 6]), ("fc2.bias", [3]), ("fc2.weight", [3, 4])]
META = dict(format="pt", activation="sigmoid", image_rows="3", image_columns="2", classes="3",
            pixel_scale="1/255", first_layer="dense", loss="cross-entropy")
expected = []


def header(tensors=GOOD, meta=META, dtype="F32", width=4):
    entries, at = {} if meta is None else {"__metadata__": dict(meta)}, 0
    for name, shape in tensors:
        n = width
        for dim in shape:
            n *= dim
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + n]}
        at += n
    return entries


def size(entries):
    return max([entry["data_offsets"][1] for name, entry in entries.items() if name != "__metadata__"] + [0])


def bad(name, text, data, *words, length=None):
    """A file of this header (a dictionary, text or bytes) and data (bytes, or how many)."""
    if isinstance(text, dict):
        text = json.dumps(text)
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogatepass")
    if isinstance(data, int):
        data = struct.pack("<f", 0.25) * (data // 4) + b"\0" * (data % 4)
    raw(name, struct.pack("<Q", len(text) if length is None else length) + text + data, *words)


def raw(name, content, *words):
    assert name not in {n for n, _ in expected}, name
    with open(name, "wb") as file:
        file.write(content)
    expected.append((name, words))


def good():
    text = json.dumps(header()).encode()
    with open("good", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + struct.pack("<f", 0.25) * 43)
    return struct.pack("<Q", len(text)), text, struct.pack("<f", 0.25) * 43


def lengths(prefix, text, data):
    whole = prefix + text + data
    raw("empty", b"", "empty file")
    for n in 1, 7, 8, 9:
        raw(f"cut-{n}", whole[:n], "no safetensors file" if n < 9 else "incomplete")
    raw("cut-in-header", whole[:60], "incomplete", f"claims {len(text)} bytes, but only 52 follow")
    raw("cut-before-data", whole[:8 + len(text)], "incomplete", "claim 172 bytes, but only 0")
    raw("cut-in-data", whole[:-100], "incomplete", "claim 172 bytes, but only 72")
    raw("cut-last-byte", whole[:-1], "incomplete", "claim 172 bytes, but only 171")
    raw("one-byte-more", whole + b"\0", "bytes follow the 172 of its tensors")
    raw("twice", whole + whole, "bytes follow the 172 of its tensors")
    bad("length-0", text, data, "no safetensors file", length=0)
    bad("length-1", text, data, "no safetensors file", length=1)
    bad("length-short", text, data, "byte", length=len(text) - 1)
    bad("length-long", text, data, "text behind the last }", length=len(text) + 1)
    bad("length-whole-file", text, data, "incomplete", length=len(whole))
    bad("length-100000000", text, data, "incomplete", length=100_000_000)
    bad("length-100000001", text, data, "100000000 are the most", length=100_000_001)
    bad("length-2-32", text, data, "claims 4294967296 bytes", length=2**32)
    bad("length-2-63", text, data, "claims 9223372036854775808 bytes", length=2**63)
    bad("length-2-64", text, data, "claims 18446744073709551615 bytes", length=2**64 - 1)
    raw("big-endian-length", prefix[::-1] + text + data, "are the most")


def syntax(text, data):
    for name, wrong, word in (
            ("array", "[" + text[1:-1] + "]", "no safetensors"),
            ("byte-order-mark", "\ufeff" + text, "no safetensors"),
            ("space-first", " " + text, "no safetensors"),
            ("unclosed", text[:-1], "expected , or }"),
            ("unclosed-text", text[:text.rindex('"')], "ends inside a text"),
            ("text-behind", text + "x", "text behind the last }"),
            ("object-behind", text + "{}", "text behind the last }"),
            ("zero-behind", text + "\0", "text behind the last }"),
            ("comma-last", text[:-1] + ",}", "expected a text"),
            ("comma-twice", text.replace(", ", ",, ", 1), "expected a text"),
            ("no-colon", text.replace(": ", " ", 1), "expected :"),
            ("single-quotes", text.replace('"', "'"), "expected a text"),
            ("deep", '{"t":' + "[" * 100000, "expected {"),
            ("deep-objects", '{"t":' * 100000, "dtype, shape and data_offsets"),
            ("control-character", text.replace("pt", "p\nt"), "control character"),
            ("zero-character", text.replace("pt", "p\0t"), "control character"),
            ("escaped-zero", text.replace("pt", "p\\u0000t"), "zero character"),
            ("wrong-escape", text.replace("pt", "p\\x41t"), "wrong escape"),
            ("short-escape", text.replace('"pt"', '"\\u12"'), "wrong escape"),
            ("half-pair", text.replace("pt", "\\ud83d"), "half a surrogate pair"),
            ("other-half", text.replace("pt", "\\ude00"), "half a surrogate pair"),
            ("pair-of-firsts", text.replace("pt", "\\ud83d\\ud83d"), "half a surrogate pair"),
            ("number-for-text", text.replace('"sigmoid"', "1"), "a text in double quotes was expected"),
            ("null-for-text", text.replace('"sigmoid"', "null"), "a text in double quotes was expected"),
            ("list-for-text", text.replace('"sigmoid"', "[]"), "a text in double quotes was expected"),
            ("object-for-text", text.replace('"sigmoid"', '{"a": "b"}'), "a text in double quotes was expected"),
            ("null-for-metadata", '{"__metadata__": null' + text[text.index("}") + 1:], "expected {"),
            ("list-for-tensor", text.replace('{"dtype"', '[{"dtype"', 1), "expected {")):
        bad(name, wrong, data, word)
    for name, code in (("continuation", b"\x80"), ("cut", b"\xc3"), ("overlong", b"\xc0\xaf"),
                       ("overlong-3", b"\xe0\x80\xaf"), ("overlong-4", b"\xf0\x80\x80\xaf"),
                       ("surrogate", b"\xed\xa0\x80"), ("beyond", b"\xf4\x90\x80\x80"), ("ff", b"\xff")):
        bad("utf8-" + name, text.encode().replace(b"pt", code), data, "not UTF-8")
        bad("utf8-name-" + name, text.encode().replace(b"fc1.bias", b"fc1" + code), data, "not UTF-8")


def keys(text, data):
    entry = text[text.index('"fc1.bias"'):text.index(', "fc1.weight"')]
    bad("tensor-twice", text[:-1] + ", " + entry + "}", data, "tensor 'fc1.bias' is there twice")
    bad("tensor-twice-escaped", text[:-1] + ", " + entry.replace("f", "\\u0066", 1) + "}", data,
        "tensor 'fc1.bias' is there twice")
    bad("metadata-twice", text[:-1] + ', "__metadata__": {}}', data, "second __metadata__")
    bad("metadata-key-twice", text.replace('"format"', '"format": "np", "format"'), data,
        "metadata key 'format' is there twice")
    for key, value in ("dtype", '"F32"'), ("shape", "[4]"), ("data_offsets", "[0, 16]"):
        one = f'"{key}": {value}'
        assert one in entry
        bad(key + "-twice", text.replace(one, one + ", " + one, 1), data, f"the key '{key}' twice")
        bad(key + "-unknown", text.replace(f'"{key}"', f'"{key}_"', 1), data, f"the key '{key}_'")
        without = json.loads(text)
        del without["fc1.bias"][key]
        bad(key + "-missing", without, data, "'fc1.bias' lacks")


def shapes():
    def shape(name, of, value, *words):
        wrong = header()
        wrong[of]["shape"] = "@"
        bad(name, json.dumps(wrong).replace('"@"', value), 172, *words)
    for name, value, word in (
            ("negative", "[-4]", "whole number"), ("float", "[4.0]", "whole number"),
            ("exponent", "[4e0]", "whole number"), ("text", '["4"]', "whole number"),
            ("leading-zero", "[04]", "whole number"), ("nested", "[[4]]", "whole number"),
            ("null", "null", "expected ["), ("number", "4", "expected ["), ("open", "[4", "whole number"),
            ("2-64", "[18446744073709551616]", "64 bits"), ("2-64-4", "[18446744073709551615, 4]", "not those"),
            ("product", "[4294967296, 4294967296, 4]", "not those"), ("wrapped", "[4611686018427387905, 4]", "not those"),
            ("many", "[1, 1, 1, 1, 1, 1, 1, 1, 4]", "too many"), ("larger", "[5]", "not those of F32 [5]"),
            ("zero", "[0]", "not those of F32 [0]"), ("scalar", "[]", "not those of F32 []")):
        shape("shape-" + name, "fc1.bias", value, word)
    shape("transposed-1", "fc1.weight", "[6, 4]", "fc1.bias [4] does not go with fc1.weight [6 x 4]")
    shape("transposed-2", "fc2.weight", "[4, 3]", "fc2.weight [4 x 3] does not go with fc1.weight")
    shape("flat", "fc1.weight", "[24]", "'fc1.weight' [24]")
    shape("three-dimensions", "fc1.weight", "[4, 3, 2]", "'fc1.weight' [4 x 3 x 2]")
    shape("bias-of-two-dimensions", "fc2.bias", "[3, 1]", "'fc2.bias' [3 x 1]")
    for name, tensors, word in (
            ("other-hidden", [("fc1.bias", [5])] + GOOD[1:], "fc1.bias [5] does not go with"),
            ("other-classes", GOOD[:2] + [("fc2.bias", [2])] + GOOD[3:], "fc2.bias [2] does not go with"),
            ("other-width", GOOD[:3] + [("fc2.weight", [3, 5])], "fc2.weight [3 x 5] does not go with"),
            ("no-inputs", [GOOD[0], ("fc1.weight", [4, 0])] + GOOD[2:], "[4 x 0]"),
            ("no-classes", GOOD[:2] + [("fc2.bias", [0]), ("fc2.weight", [0, 4])], "[0 x 4]"),
            ("257-classes", GOOD[:2] + [("fc2.bias", [257]), ("fc2.weight", [257, 4])], "257 classes"),
            ("65537-hidden", [("fc1.bias", [65537]), ("fc1.weight", [65537, 1]), GOOD[2], ("fc2.weight", [3, 65537])],
             "65537 hidden units in fc1.weight, and 65536 are the most"),
            ("sequential", [(n.replace("fc1", "0").replace("fc2", "2"), s) for n, s in GOOD], "the tensor '0.bias'"),
            ("extra", GOOD + [("fc3.weight", [1])], "the tensor 'fc3.weight' [1]"),
            ("extra-empty", GOOD + [("", [])], "the tensor ''"),
            ("none", [], "lacks the tensor fc1.weight")):
        bad(name, header(tensors), size(header(tensors)), word)
    for i, (name, _) in enumerate(GOOD):
        less = header(GOOD[:i] + GOOD[i + 1:])
        bad("without-" + name, less, size(less), f"lacks the tensor {name}")


def dtypes():
    for name, width in ("F64", 8), ("I16", 2), ("F8_E4M3", 1), ("I32", 4), ("U8", 1), ("BOOL", 1), ("C64", 8):
        other = header(dtype=name, width=width)
        bad("dtype-" + name, other, size(other), f"is {name}, where F32, F16 or BF16 was expected")
    for name in "F31", "f32", "", "float32", "F32\\u0020":
        bad("dtype-is-" + name.strip("\\"), json.dumps(header()).replace('"F32"', f'"{name}"', 1), 172,
            "which safetensors does not define")
    bad("dtype-number", json.dumps(header()).replace('"F32"', "32", 1), 172, "expected a text")


def offsets():
    for name, _ in GOOD:
        for which in 0, 1:
            for by in 4, -4:
                wrong = header()
                wrong[name]["data_offsets"][which] += by
                if wrong[name]["data_offsets"][which] < 0:
                    bad(f"offset-{name}-{which}{by:+}", wrong, 172, "whole number")
                else:
                    bad(f"offset-{name}-{which}{by:+}", wrong, 172, f"'{name}' has offsets", "not those of F32")
        for by, word in (4, "hole"), (-4, "overlaps"), (172, "hole"), (10**15, "hole"):
            wrong = header()
            begin, end = wrong[name]["data_offsets"]
            wrong[name]["data_offsets"] = [begin + by, end + by]
            bad(f"moved-{name}{by:+}", wrong, 172, word if begin + by >= 0 else "whole number")
        wrong = header()
        wrong[name]["data_offsets"].reverse()
        bad("reversed-" + name, wrong, 172, f"'{name}' has offsets")
    for name, value, word in (
            ("one", "[0]", "two offsets"), ("three", "[0, 16, 16]", "too many"), ("empty", "[]", "two offsets"),
            ("text", '["0", "16"]', "whole number"), ("float", "[0.0, 16.0]", "whole number"),
            ("2-64", "[0, 18446744073709551616]", "64 bits"), ("2-64-1", "[0, 18446744073709551615]", "has offsets"),
            ("wrapped", "[18446744073709551600, 0]", "hole")):
        bad("offsets-" + name, json.dumps(header()).replace("[0, 16]", value, 1), 172, word)
    shifted = header()
    for name, _ in GOOD:
        shifted[name]["data_offsets"] = [at + 8 for at in shifted[name]["data_offsets"]]
    bad("hole-first", shifted, 180, "hole before its data")
    last = header()
    last["fc2.weight"]["data_offsets"] = [128, 176]
    bad("hole-last", last, 176, "'fc2.weight' has a hole before its data")
    last["fc2.weight"]["data_offsets"] = [120, 168]
    bad("overlap-last", last, 172, "'fc2.weight' overlaps the data of another")
    same = header()
    same["fc2.weight"]["data_offsets"] = [16, 64]
    bad("overlap-inside", same, 172, "overlaps")
    huge = header([("fc1.bias", [10**12]), ("fc1.weight", [10**12, 6])] + GOOD[2:])
    bad("terabytes", huge, 172, "incomplete", "but only 172")


def numbers():
    at = 0
    for name, shape in GOOD:
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        for i, (what, value) in enumerate((("nan", float("nan")), ("inf", float("inf")), ("-inf", -float("inf")))):
            data = [0.25] * 43
            place = (0, count // 2, count - 1)[i]
            data[at + place] = value
            bad(f"{what}-in-{name}", header(), struct.pack("<43f", *data), f"number {place} of the tensor {name} is",
                "nan" if what == "nan" else what, "finite")
        at += count


def metadata():
    for key, value in (("activation", "gelu"), ("activation", ""), ("activation", "Sigmoid"),
                       ("pixel_scale", "2"), ("first_layer", "wet"), ("classes", "4"), ("classes", "three"),
                       ("classes", "-3"), ("classes", "18446744073709551619"), ("image_rows", "4"),
                       ("image_rows", "0"), ("image_rows", "7"), ("image_columns", "3"), ("image_columns", "2.0")):
        bad(f"metadata-{key}-{value}", header(meta={**META, key: value}), 172, f"says {key} '{value}'", "was expected")
    for key, value in (("activation", 3), ("activation", None), ("classes", 3), ("image_rows", [3]),
                       ("image_columns", 2.0), ("pixel_scale", {"a": "b"}), ("first_layer", True)):
        bad(f"metadata-{key}-{type(value).__name__}", header(meta={**META, key: value}), 172, f"says {key} ",
            "a text in double quotes was expected")
    # Others may say there how large the loss was, and which of their checkpoints it is.
    ours = {**META, "program": "mlp-train 1"}
    bad("metadata-loss-hinge", header(meta={**ours, "loss": "hinge"}), 172, "says loss 'hinge'", "was expected")
    bad("checkpoint", header(meta={**ours, "checkpoint": "1"}), 172, "is a checkpoint", "--resume")


def others(prefix, text, data):
    for name, start, word in (("onnx", b"\x08\x08\x12\x07pytorch", "is an ONNX model"), ("keras", b"\x89HDF\r\n\x1a\n", "Keras"),
                              ("npz", b"PK\3\4" + bytes(22) + b"\x0e\0\0\0fc1.weight.npy", "numpy.load(FILE)"),
                              ("torch", b"PK\3\4" + bytes(22) + b"\x10\0\0\0archive/data.pkl", "torch.load(FILE)"),
                              ("joblib", b"\x78\x9c\xec\xbd", "joblib"), ("idx", b"\0\0\x08\3\0\0\0\1", "is an IDX file"),
                              ("zip", b"PK\x03\x04", "zip archive"), ("pickle", b"\x80\x02}q", "pickle"),
                              ("npy", b"\x93NUMPY\x01\0", "NumPy array"), ("hdf5", b"\x89HDF\r\n\x1a\n", "HDF5"),
                              ("gguf", b"GGUF\x03\0\0\0", "GGUF"), ("gzip", gzip.compress(prefix + text + data), "is a gzip file"),
                              ("lfs", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
                              ("html", b"<!DOCTYPE html><html>", "web page"), ("csv", b"iter,epoch,loss,lr\n", "no safetensors"),
                              ("zeros", b"\0" * 400, "no safetensors"), ("ones", b"\xff" * 400, "no safetensors")):
        raw("other-" + name, start + b"\0" * 100, word)


os.chdir(sys.argv[1])
prefix, text, data = good()
for group, arguments in ((lengths, (prefix, text, data)), (syntax, (text.decode(), data)),
                         (keys, (text.decode(), data)), (shapes, ()), (dtypes, ()), (offsets, ()), (numbers, ()),
                         (metadata, ()), (others, (prefix, text, data))):
    before = len(expected)
    group(*arguments)
    with open("expected." + group.__name__, "w") as file:
        file.writelines("\t".join((name, *words)) + "\n" for name, words in expected[before:])
