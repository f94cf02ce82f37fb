"""What of safetensors.torch the recipes use, where that package is not installed. Written from the
description of the format, and as the reference writer orders things: tensors of the larger type
first, then by name; the header compact and padded with spaces to a multiple of 8."""

import json
import pathlib

import torch

TYPES = {"F64": torch.float64, "F32": torch.float32}


def load_file(path):
    data = pathlib.Path(path).read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(bytearray(data[begin + start:begin + end]),
                                         dtype=TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def save_file(tensors, path, metadata=None):
    names = {dtype: name for name, dtype in TYPES.items()}
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, tensor in sorted(tensors.items(), key=lambda t: (-t[1].element_size(), t[0])):
        end = len(data) + tensor.nelement() * tensor.element_size()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), end]}
        data += tensor.detach().contiguous().numpy().tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(len(text).to_bytes(8, "little") + text + data)
