"""Loads a model file of Convoy into PyTorch, and compares what the two make of the test images.

    python Tests/PyTorch/load.py model.safetensors

The network is built from the file's metadata and takes the file's tensors strictly: every name and
shape fits, and none is left. Then it judges MNIST's test images, and `convoy evaluate` does. Ends
with an error unless losses agree to the printed digits, and accuracies up to one image in a
thousand, whose two best classes rounding may swap; or if the modules in Sources/README.md are others.
"""

import argparse
import ast
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy
import safetensors
import torch
from torch.nn import functional

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks" / "peers"))
import torch_network  # noqa: E402


def load(path):
    """The network of a model file, ready to judge images; its metadata."""
    with safetensors.safe_open(path, "pt") as file:
        metadata = {key: value for key, value in file.metadata().items()}
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    metadata = {key: metadata[key] if key == "loss" else json.loads(metadata[key])
                for key in ("architecture", "input", "normalization", "loss")}
    layers = metadata["architecture"]["layers"]
    # Cross-entropy holds the softmax: a final one is not applied twice.
    while layers[-1]["type"] == "identity" or (
            layers[-1]["type"] == "softmax" and metadata["loss"] == "cross-entropy"):
        layers = layers[:-1]
    network, _ = torch_network.sequential(layers, tuple(metadata["input"]))
    network.load_state_dict(tensors, strict=True)
    return network.eval(), metadata


def read_idx(path, dimensions):
    content = gzip.decompress(path.read_bytes())
    shape = numpy.frombuffer(content, ">u4", dimensions, 4)
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * dimensions).reshape(shape)


def judge(network, metadata, data):
    """The accuracy in percent, and the mean loss."""
    images = read_idx(data / "t10k-images-idx3-ubyte.gz", 3)[:, None]
    labels = torch.from_numpy(read_idx(data / "t10k-labels-idx1-ubyte.gz", 1).astype(numpy.int64))
    means, deviations = (numpy.array(metadata["normalization"][name])[:, None, None]
                         for name in ("means", "deviations"))
    pixels = torch.from_numpy(((images / 255 - means) / deviations).astype(numpy.float32))
    with torch.inference_mode():
        outputs = torch.cat([network(batch) for batch in pixels.split(500)])
    if metadata["loss"] == "cross-entropy":
        loss = functional.cross_entropy(outputs, labels)
    elif metadata["loss"] == "hinge":
        loss = functional.multi_margin_loss(outputs, labels)
    else:
        loss = functional.mse_loss(
            outputs, functional.one_hot(labels, outputs.shape[1]).to(outputs.dtype))
    correct = (outputs.argmax(1) == labels).sum().item()
    return 100 * correct / len(labels), loss.item()


def check_readme():
    """The classes that Sources/README.md shows are those that the network is made of."""
    def classes(text):
        return {node.name: ast.dump(node) for node in ast.parse(text).body
                if isinstance(node, ast.ClassDef)}

    shown = re.search(r"```python\n(.*?)```", (ROOT / "Sources" / "README.md").read_text(), re.DOTALL)[1]
    used = (ROOT / "Benchmarks" / "peers" / "torch_network.py").read_text()
    if not classes(shown).items() <= classes(used).items():
        sys.exit("Sources/README.md shows other modules than torch_network.py has")


def main():
    parser = argparse.ArgumentParser(description="Compare PyTorch with convoy evaluate.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "mnist")
    parser.add_argument("--convoy", type=Path, default=ROOT / ".build" / "release" / "convoy")
    arguments = parser.parse_args()

    check_readme()
    accuracy, loss = judge(*load(arguments.model), arguments.data)
    print(f"PyTorch: test accuracy {accuracy:.2f}%, loss {loss:.4f}")
    printed = subprocess.run(
        [arguments.convoy, "evaluate", "--weights", arguments.model, "--data", arguments.data],
        check=True, capture_output=True, text=True).stdout
    print(f"Convoy:  {printed.strip()}")
    found = re.search(r"accuracy ([0-9.]+)%, loss ([0-9.]+)", printed)
    # Half a unit of the last digit is rounding's, and as much again float32's.
    if abs(float(found[1]) - accuracy) > 0.1 or abs(float(found[2]) - loss) > 1e-4:
        sys.exit("the two differ")


if __name__ == "__main__":
    main()
