"""Runs exported networks with onnxruntime and compares their outputs with Convoy's.

Usage: python3 check.py folder. The folder has what the test filesForAnotherRuntime wrote. For each
network, the largest difference is given relative to the largest output.
"""

import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

# Sums of a few thousand products in another order differ by about 1e-6 of the largest output.
LARGEST_DIFFERENCE = 1e-4


def outputs(path, pixels):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (result,) = session.run(None, {session.get_inputs()[0].name: pixels})
    return result


def softmax(logits):
    powers = numpy.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def differs(name, found, expected):
    """Whether outputs differ by more than rounding; prints by how much."""
    difference = numpy.abs(found - expected).max() / numpy.abs(expected).max()
    same = (found.argmax(1) == expected.argmax(1)).all()
    print(f"{name}: largest difference {difference:.1e}, {'same' if same else 'other'} classes")
    return not (difference <= LARGEST_DIFFERENCE and same)


def main(folder):
    expectations = sorted(pathlib.Path(folder).glob("*.json"))
    if not expectations:
        sys.exit(f"{folder}: expected networks, found none")
    wrong = 0
    for path in expectations:
        expected = json.loads(path.read_text())
        pixels = numpy.array(expected["pixels"], numpy.float32).reshape(expected["shape"])
        pixels = numpy.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        logits = numpy.array(expected["logits"], numpy.float64)
        name = path.stem
        wrong += differs(
            f"{name}, logits", outputs(path.with_suffix(".logits.onnx"), pixels), logits)
        wrong += differs(
            name, outputs(path.with_suffix(".onnx"), pixels),
            softmax(logits) if expected["isSoftmaxLeft"] else logits)
    print(f"{len(expectations)} networks, {wrong} of {2 * len(expectations)} files wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
