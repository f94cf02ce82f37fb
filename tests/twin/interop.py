"""interop.py PROGRAM DIRECTORY IMAGES MANUAL - the models of a directory, in another program: its logits
of the images must be those that the library wrote down. A model is NAME.safetensors, NAME.npz and
NAME.onnx, with what the library makes of them in NAME.logits; its activation is NAME up to a dash.
So must those of the manual's recipe for that program be, on the model that is called "model".

interop.py trained DIRECTORY IMAGES LABELS - the other way round: trains a network of each activation in
PyTorch, leaves NAME.safetensors and NAME.logits, and prints NAME and how many images it recognises."""

import os
import pathlib
import re
import sys

import numpy as np

import twin

sys.path.append(str(pathlib.Path(__file__).parent / "standin"))  # after what is installed

BOUND = 1e-5  # largest difference, relative to the largest logit
RECIPES = {"torch": "safetensors.torch", "numpy": "numpy.load", "onnx": "onnxruntime.", "opencv": "cv2."}
ACTIVATIONS = "sigmoid", "tanh", "relu"


def with_torch(model, x):
    """The tensors go into a torch.nn network as they are: load_state_dict is strict."""
    import torch
    from safetensors.torch import load_file

    tensors = load_file(model + ".safetensors")
    hidden, inputs = tensors["fc1.weight"].shape
    net = torch_net(inputs, hidden, len(tensors["fc2.bias"]))
    net.load_state_dict(tensors)
    return torch_logits(net, activation(model), torch.tensor(x)).detach().numpy()


def torch_net(inputs, hidden, classes):
    import torch

    return torch.nn.ModuleDict({"fc1": torch.nn.Linear(inputs, hidden),
                                "fc2": torch.nn.Linear(hidden, classes)})


def torch_logits(net, name, x):
    import torch

    return net["fc2"](getattr(torch, name)(net["fc1"](x)))


def with_numpy(model, x):
    m = np.load(model + ".npz")
    assert m.zip.testzip() is None and len(m.files) == 4
    f = {"sigmoid": lambda a: 1 / (1 + np.exp(-a)), "tanh": np.tanh,
         "relu": lambda a: np.maximum(a, 0)}[activation(model)]
    return f(x @ m["fc1.weight"].T + m["fc1.bias"]) @ m["fc2.weight"].T + m["fc2.bias"]


def with_onnx(model, x):
    """The checker and shape inference find no fault, the package would write the same bytes, and
    the nodes do what they say."""
    import onnx
    import onnxruntime

    graph = onnx.load(model + ".onnx")
    onnx.checker.check_model(graph, full_check=True)
    assert graph.SerializeToString() == pathlib.Path(model + ".onnx").read_bytes()
    about = {pair.key: pair.value for pair in graph.metadata_props}
    assert about["activation"] == activation(model) and about["pixel_scale"] == "1/255"
    assert about["image_rows"] == about["image_columns"] == "28" and "format" not in about
    probabilities, logits = onnxruntime.InferenceSession(model + ".onnx").run(None, {"pixels": x})
    return belong_together(probabilities, logits)


def with_opencv(model, x):
    import cv2

    net = cv2.dnn.readNetFromONNX(model + ".onnx")
    net.setInput(x)
    return belong_together(*net.forward(["probabilities", "logits"]))


def with_library(model, x):
    """For networks that PyTorch has trained: what the library wrote down of them, and --predict."""
    logits = np.fromfile(model + ".ours", "<f4").reshape(len(x), -1)
    rows = np.loadtxt(model + ".csv", delimiter=",", skiprows=1)
    assert (rows[:, 0] == np.arange(len(x))).all() and (rows[:, 1] == logits.argmax(axis=1)).all()
    return belong_together(rows[:, 2:], logits)


def belong_together(probabilities, logits):
    """Softmax makes the ones of the others: returns the logits."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert np.abs(probabilities - e / e.sum(axis=1, keepdims=True)).max() <= 1e-6
    return logits


def activation(model):
    return model.split("-")[0].replace("model", "sigmoid")


def follow(recipe, x):
    """What the recipe makes of x."""
    torch = "torch" in recipe
    if torch:
        import torch
        x = torch.tensor(x)
    names = {"x": x}
    exec(recipe, names)
    return names["logits"].detach().numpy() if torch else names["logits"]


def compare(program, directory, images, manual):
    x = read(images)
    text = pathlib.Path(manual).read_text()
    os.chdir(directory)
    models = sorted(path.stem for path in pathlib.Path().glob("*.logits"))
    failed = 0
    for model in models:
        ours = np.fromfile(model + ".logits", "<f4").reshape(len(x), -1)
        difference = twin.difference(globals()["with_" + program](model, x), ours)
        print(f"{model}: {len(x)} images, largest difference {difference:.1e}")
        failed += not difference <= BOUND
        if model == "model":
            recipe = "".join(block for block in re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
                             if RECIPES[program] in block)
            difference = twin.difference(follow(recipe, x), ours)
            print(f"{recipe}gives the same, except for {difference:.1e}")
            failed += not difference <= BOUND
    print(f"{len(models)} models, {failed} above {BOUND}")
    return 1 if failed or not models else 0


def trained(directory, images, labels):
    import torch
    from safetensors.torch import save_file

    x, t = torch.tensor(read(images)), torch.tensor(twin.read_idx(labels)).long()
    for seed, name in enumerate(ACTIVATIONS):
        torch.manual_seed(seed)
        net = torch_net(x.shape[1], 40, 10)
        optimizer = torch.optim.Adam(net.parameters(), 0.01)
        for _ in range(15):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(torch_logits(net, name, x), t).backward()
            optimizer.step()
        save_file(net.state_dict(), f"{directory}/{name}.safetensors")
        logits = torch_logits(net, name, x).detach()
        logits.numpy().tofile(f"{directory}/{name}.logits")
        print(name, int((logits.argmax(1) == t).sum()))
    return 0


def read(images):
    x = (twin.read_idx(images) / 255).astype(np.float32)
    return x.reshape(len(x), -1)


sys.exit(trained(*sys.argv[2:]) if sys.argv[1] == "trained" else compare(*sys.argv[1:]))
