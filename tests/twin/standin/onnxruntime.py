"""What of onnxruntime the recipe uses, where that package is not installed: Debian's onnx checks and
reads the file, NumPy does what each node says."""

import numpy as np
import onnx
import onnx.checker
import onnx.numpy_helper


def gemm(a, b, c, alpha=1, beta=1, transA=0, transB=0):
    return alpha * (a.T if transA else a) @ (b.T if transB else b) + beta * c


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


OPERATORS = {
    "Gemm": gemm,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Tanh": np.tanh,
    "Relu": lambda x: np.maximum(x, 0),
    "Softmax": softmax,
}


class InferenceSession:
    def __init__(self, path):
        self.model = onnx.load(path)
        onnx.checker.check_model(self.model, full_check=True)
        self.known = {tensor.name: onnx.numpy_helper.to_array(tensor)
                      for tensor in self.model.graph.initializer}

    def run(self, names, feeds):
        graph = self.model.graph
        assert {value.name for value in graph.input} == set(feeds)
        values = {**self.known, **feeds}
        for node in graph.node:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = OPERATORS[node.op_type](
                *(values[name] for name in node.input), **attributes)
        return [values[name] for name in names or [value.name for value in graph.output]]
