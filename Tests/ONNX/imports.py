"""Exports networks from PyTorch, with both of its exporters and as a state_dict of other names, imports
them with Convoy and compares what `convoy evaluate` says with PyTorch.

Usage: python3 imports.py convoy, a built tool. Needs torch, onnx, onnxscript, safetensors, numpy.
"""

import contextlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import numpy
import torch
from safetensors.torch import save_file

repository = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(repository / "Benchmarks" / "peers"))
import torch_network  # noqa: E402

GRAY, COLOR = (1, 28, 28), (3, 32, 32)
NETWORKS = {"small": GRAY, "medium": GRAY, "vgg": GRAY, "mnist-tiny": GRAY, "digits": GRAY, "sprint": GRAY,
            "resnet20": COLOR, "resnet9": COLOR, "mobilenet": COLOR, "compact": COLOR}
EVERY_LAYER = repository / "Tests" / "PyTorch" / "every_layer.json"


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stderr}")
    return done.stdout


def architecture(convoy, name, shape, folder):
    """The layers of a preset, as a model file has them."""
    data, model = folder / "one.npz", folder / f"{name}.safetensors"
    pixels = numpy.random.default_rng(0).integers(0, 256, (20, *shape[1:], shape[0]), numpy.uint8)
    labels = numpy.arange(20, dtype=numpy.uint8) % 10
    numpy.savez(data, x_train=pixels, y_train=labels, x_test=pixels, y_test=labels)
    run(convoy, "train", "--data", str(data), "--model", name, "--epochs", "1", "--batch", "20",
        "--output", str(model))
    size = int.from_bytes(model.read_bytes()[:8], "little")
    header = json.loads(model.read_bytes()[8:8 + size])
    return json.loads(header["__metadata__"]["architecture"])["layers"]


def disturb(network):
    """Running estimates, scales and shifts as training may leave them."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, (torch.nn.modules.batchnorm._BatchNorm, torch.nn.GroupNorm)):
                for name, low in (("running_mean", -0.2), ("running_var", 0.5), ("weight", 0.5),
                                  ("bias", -0.2)):
                    tensor = getattr(module, name, None)
                    if tensor is not None:
                        tensor.uniform_(low, low + (0.4 if low < 0 else 1))


def export(network, shape, path, is_new):
    # The values of the example have no part in the graph.
    example = torch.zeros(2, *shape)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if is_new:
            torch.onnx.export(network, (example,), path, dynamo=True,
                              dynamic_shapes=({0: torch.export.Dim("batch")},))
        else:
            torch.onnx.export(network, (example,), path, dynamo=False, input_names=["x"],
                              dynamic_axes={"x": {0: "batch"}})


def check(convoy, name, layers, shape, folder):
    """Whether both say the same; prints what."""
    torch.manual_seed(1)
    network, _ = torch_network.sequential(layers, shape)
    disturb(network)
    network.eval()
    random = numpy.random.default_rng(3)
    pixels = random.integers(0, 256, (200, *shape[1:], shape[0]), numpy.uint8)
    with torch.no_grad():
        outputs = network(torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255)
    if layers[-1]["type"] == "softmax":
        outputs = outputs.log()
    # About half of the labels are what the network says.
    labels = numpy.where(random.random(200) < 0.5, outputs.argmax(1).numpy(),
                         random.integers(0, 10, 200)).astype(numpy.uint8)
    data = folder / "data.npz"
    numpy.savez(data, x_train=pixels, y_train=labels, x_test=pixels, y_test=labels)
    expected = "test accuracy {:.2f}%, loss {:.4f}".format(
        100 * (outputs.argmax(1).numpy() == labels).mean(),
        torch.nn.functional.cross_entropy(outputs, torch.from_numpy(labels).long()).item())

    files = {}
    for exporter in ("old", "new"):
        files[exporter] = (folder / f"{exporter}.onnx", [])
        export(network, shape, str(files[exporter][0]), exporter == "new")
    # Modules under another name, whose tensors a file has in the order of the alphabet.
    tensors = {f"net.stage{name}": tensor for name, tensor in network.state_dict().items()}
    files["state_dict"] = (folder / "state.safetensors", [
        "--model", str(folder / "net.json"), "--input", "x".join(map(str, shape))])
    save_file(tensors, str(files["state_dict"][0]))
    (folder / "net.json").write_text(json.dumps({"layers": layers}))

    wrong = 0
    model = folder / "imported.safetensors"
    for kind, (path, options) in files.items():
        run(convoy, "import", "--weights", str(path), "--output", str(model), *options)
        found = run(convoy, "evaluate", "--weights", str(model), "--data", str(data))
        found = re.search(r"test accuracy \S+%, loss [0-9.]+", found).group()
        trained = run(convoy, "train", "--data", str(data), "--epochs", "1", "--initial-weights",
                      str(model), "--model", str(model_architecture(model, folder)))
        same = found == expected and "  1/1  " in trained
        wrong += not same
        print(f"{name}, {kind}: {found}" + ("" if same else f"; PyTorch: {expected}"))
    return wrong


def model_architecture(model, folder):
    size = int.from_bytes(model.read_bytes()[:8], "little")
    header = json.loads(model.read_bytes()[8:8 + size])
    path = folder / "imported.json"
    path.write_text(header["__metadata__"]["architecture"])
    return path


def main(convoy):
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for preset, shape in NETWORKS.items():
            wrong += check(convoy, preset, architecture(convoy, preset, shape, folder), shape, folder)
        wrong += check(
            convoy, "every layer", json.loads(EVERY_LAYER.read_text())["layers"], GRAY, folder)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
