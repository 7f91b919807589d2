"""Writes foreign.onnx, a graph with other ways to say what Convoy exports, and foreign.json, seeded
images with onnxruntime's outputs for them.

onnx 1.23.2, onnxruntime 1.32.0, numpy 2.4.6: python3 foreign.py
"""

import json
import pathlib

import numpy
import onnx
import onnxruntime
from onnx import helper, numpy_helper

random = numpy.random.default_rng(5)
draw = lambda *shape: (random.standard_normal(shape) * 0.4).astype(numpy.float32)
floats = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
nodes, tensors = [], []


def node(operation, inputs, output, **attributes):
    nodes.append(helper.make_node(operation, inputs, [output], **attributes))


def raw(name, values):
    tensors.append(numpy_helper.from_array(numpy.asarray(values), name))
    return name


def typed(name, values):
    """A tensor with float_data in place of raw_data."""
    values = numpy.asarray(values, numpy.float32)
    tensors.append(
        helper.make_tensor(name, onnx.TensorProto.FLOAT, values.shape, values.flatten().tolist()))
    return name


def constant(name, values):
    tensor = numpy_helper.from_array(numpy.asarray(values, numpy.float32), name)
    node("Constant", [], name, value=tensor)
    return name


# Images from 0 to 1, normalised.
node("Sub", ["x", constant("mean", numpy.array([0.4, 0.5]).reshape(1, 2, 1, 1))], "centred")
node("Mul", ["centred", raw("inverse", numpy.float32(4))], "normal")
node("Conv", ["normal", typed("w0", draw(4, 2, 2, 2))], "c0", auto_pad="SAME_UPPER")
node("Add", ["c0", raw("b0", draw(4, 1, 1))], "biased")
node("Relu", ["biased"], "r0")
# x · clip(x + 3, 0, 6) / 6
node("Add", ["r0", constant("three", 3)], "plus")
node("Clip", ["plus", raw("zero", numpy.float32(0)), raw("six", numpy.float32(6))], "clipped")
node("Mul", ["clipped", "r0"], "wide")
node("Div", ["wide", "six"], "h0")
# (x / 2) · (1 + erf(x / √2))
node("Mul", ["h0", raw("half", numpy.float32(0.5))], "halved")
node("Div", ["h0", raw("root", numpy.sqrt(numpy.float32(2)))], "ratio")
node("Erf", ["ratio"], "erf")
node("Add", ["erf", raw("one", numpy.float32(1))], "more")
node("Mul", ["halved", "more"], "g0")
# A scale that another name shares.
raw("scale", 1 + draw(4))
node("Identity", ["scale"], "variance.of")
node("Abs", ["scale"], "unused")
node("BatchNormalization", ["g0", "scale", raw("shift", draw(4)), raw("means", draw(4)),
                            "variance.of"], "n0", epsilon=0.01)
node("MaxPool", ["n0"], "p0", kernel_shape=[2, 2], strides=[2, 1])
node("Conv", ["p0", raw("w1", draw(4, 4, 1, 1))], "c1")
node("Add", ["p0", "c1"], "a0")
node("Sigmoid", ["a0"], "s0")
node("Mul", ["s0", "a0"], "silu")
node("Tanh", ["a0"], "t0")
node("Concat", ["silu", "a0", "t0"], "cat", axis=-3)
# The batch's size is kept in one way of many.
node("Shape", ["cat"], "shape")
node("Gather", ["shape", raw("first", numpy.int64(0))], "size", axis=0)
node("Unsqueeze", ["size", raw("axis", numpy.array([0]))], "sizes")
node("Concat", ["sizes", raw("rest", numpy.array([-1]))], "wanted", axis=0)
node("Reshape", ["cat", "wanted"], "flat")
node("MatMul", ["flat", raw("w2", draw(12 * 3 * 4, 5))], "m0")
node("Add", [raw("b2", draw(5)), "m0"], "d0")
node("Div", ["d0", constant("two", 2)], "half.d0")
node("Dropout", ["half.d0"], "kept")
node("Gemm", ["kept", raw("w3", draw(5, 4)), raw("b3", draw(4))], "d1")
node("Softmax", ["d1"], "soft", axis=-1)
node("Gemm", ["soft", typed("w4", draw(3, 4))], "logits", transB=1)
node("LogSoftmax", ["logits"], "y", axis=1)

graph = helper.make_graph(nodes, "foreign", [floats("x", ["n", 2, 6, 5])], [floats("y", ["n", 3])],
                          tensors)
model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
onnx.checker.check_model(model, full_check=True)
folder = pathlib.Path(__file__).parent
(folder / "foreign.onnx").write_bytes(model.SerializeToString())
# The same with most tensors in a file beside it.
onnx.save_model(onnx.load(folder / "foreign.onnx"), folder / "external.onnx",
                save_as_external_data=True, location="external.onnx.data", size_threshold=0)

# The outputs before the softmax that cross-entropy includes.
del graph.output[:]
graph.output.append(floats("logits", ["n", 3]))
model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)])
pixels = random.integers(0, 256, (3, 6, 5, 2), numpy.uint8)
session = onnxruntime.InferenceSession(model.SerializeToString())
(logits,) = session.run(None, {"x": pixels.transpose(0, 3, 1, 2).astype(numpy.float32) / 255})
(folder / "foreign.json").write_text(
    json.dumps({"pixels": pixels.flatten().tolist(), "logits": logits.tolist()}) + "\n")
