"""Writes tiny.onnx with ONNX's own library: the model that ExportTests writes too.

onnx 1.23.2, protobuf 7.36.2: python3 tiny.py
"""

import pathlib

import numpy
import onnx
from onnx import helper, numpy_helper

floats = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
tensor = lambda name, values, shape: numpy_helper.from_array(
    numpy.array(values, numpy.float32).reshape(shape), name)
graph = helper.make_graph(
    [
        helper.make_node("Div", ["input", "normalization.deviations"], ["normalization"],
                         name="normalization"),
        helper.make_node("Conv", ["normalization", "0.weight", "0.bias"], ["0"], name="0",
                         dilations=[1, 1], group=1, kernel_shape=[1, 2], pads=[0, 1, 0, 1],
                         strides=[1, 1]),
        helper.make_node("LeakyRelu", ["0"], ["1"], name="1", alpha=0.25),
        helper.make_node("Flatten", ["1"], ["2"], name="2"),
        helper.make_node("Gemm", ["2", "3.weight"], ["3"], name="3", transB=1),
        helper.make_node("Softmax", ["3"], ["probabilities"], name="probabilities", axis=1),
    ],
    "network",
    [floats("input", ["batch", 1, 1, 2])],
    [floats("probabilities", ["batch", 2])],
    [
        tensor("normalization.deviations", [255], [1, 1, 1]),
        tensor("0.weight", [1.5, -2], [1, 1, 1, 2]),
        tensor("0.bias", [0.125], [1]),
        tensor("3.weight", [1, 2, 3, -4, -5, -6], [2, 3]),
    ])
model = helper.make_model(
    graph, producer_name="convoy", ir_version=7, opset_imports=[helper.make_opsetid("", 13)])
helper.set_model_props(model, {
    "input": "[1,1,2]", "loss": "cross-entropy",
    "normalization": '{"deviations":[1],"means":[0],"method":"unit"}'})
onnx.checker.check_model(model, full_check=True)
pathlib.Path(__file__).with_name("tiny.onnx").write_bytes(model.SerializeToString())
