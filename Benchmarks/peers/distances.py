"""How far float32 takes Convoy and PyTorch from PyTorch's float64, over 25 steps of training.

For each network and seed, PyTorch draws weights and a sample of MNIST. All three train from these
weights, on the same batches of 32 in the same order, with momentum 0.9. The distance of a run is
|loss - loss in float64| / loss in float64, the mean or the largest over its steps.

    swift build -c release
    python Benchmarks/peers/distances.py

Prints the medians over the seeds, with the least and the most. Measured with torch 2.15.0
(pip install torch numpy safetensors).
"""

import argparse
import gzip
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy
import safetensors
import safetensors.torch
import torch
from torch.nn import functional

import torch_network
from cifar10 import ResNet20

ROOT = Path(__file__).resolve().parents[2]
STEPS, BATCH = 25, 32


def replaced(layers, kind, other):
    """The layers of a network, with another layer in place of each one of a kind."""
    if isinstance(layers, list):
        return [replaced(layer, kind, other) for layer in layers]
    if layers["type"] == kind:
        return other
    inner = ("layers", "shortcut", "branches")
    return {name: replaced(value, kind, other) if name in inner else value
            for name, value in layers.items()}


def read_idx(path, dimensions):
    content = gzip.decompress(path.read_bytes())
    shape = numpy.frombuffer(content, ">u4", dimensions, 4)
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * dimensions).reshape(shape)


def convoy_losses(program, folder, rate):
    """Of folder's network, images and weights."""
    subprocess.run(
        [program, "train", "--model", folder / "network.json", "--data", folder / "images.npz",
         "--initial-weights", folder / "start.safetensors", "--shuffle", "off",
         "--batch", str(BATCH), "--epochs", "1", "--optimizer", "momentum",
         "--learning-rate", str(rate), "--threads", "1", "--quiet",
         "--log", folder / "log.jsonl", "--log-steps"],
        check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [line["loss"] for line in lines if "step" in line]


def pytorch_losses(layers, state, pixels, labels, rate, dtype):
    network, _ = torch_network.sequential(layers, tuple(pixels.shape[1:]))
    network.load_state_dict(state)
    network.to(dtype)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9)
    losses = []
    for images, targets in zip(pixels.to(dtype).split(BATCH), labels.split(BATCH)):
        loss = functional.cross_entropy(network(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def distances(exact, losses):
    """The mean and the largest."""
    relative = [abs(loss - other) / abs(other) for loss, other in zip(losses, exact, strict=True)]
    return statistics.mean(relative), max(relative)


def measure(layers, seed, images, labels, rate, program, folder):
    """The distances of Convoy and of PyTorch's float32; float64's last loss."""
    torch.manual_seed(seed)
    chosen = torch.randperm(len(images))[:STEPS * BATCH].numpy()
    images, labels = images[chosen], labels[chosen]
    numpy.savez(folder / "images.npz", x_train=images, y_train=labels,
                x_test=images[:BATCH], y_test=labels[:BATCH])
    network, _ = torch_network.sequential(layers, (1,) + images.shape[1:])
    state = network.state_dict()
    safetensors.torch.save_file(state, folder / "start.safetensors")
    (folder / "network.json").write_text(json.dumps({"layers": layers}))

    values = torch.from_numpy(images).double()[:, None] / 255
    pixels = (values - values.mean()) / values.std(correction=0)
    targets = torch.from_numpy(labels.astype(numpy.int64))
    exact = pytorch_losses(layers, state, pixels, targets, rate, torch.float64)
    single = pytorch_losses(layers, state, pixels, targets, rate, torch.float32)
    convoy = convoy_losses(program, folder, rate)
    return distances(exact, convoy), distances(exact, single), exact[-1]


def spread(values):
    return f"{statistics.median(values):.1e} ({min(values):.1e} - {max(values):.1e})"


def main():
    parser = argparse.ArgumentParser(description="Compare float32's distances from float64.")
    parser.add_argument("--convoy", type=Path, default=ROOT / ".build" / "release" / "convoy")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "mnist")
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--networks", nargs="*", help="their names; all if none is given")
    parser.add_argument("--smooth", action="store_true", help="SiLU in place of ReLU")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    images = read_idx(arguments.data / "train-images-idx3-ubyte.gz", 3)
    labels = read_idx(arguments.data / "train-labels-idx1-ubyte.gz", 1)

    def architecture(name):
        return json.loads((ROOT / "Benchmarks" / "networks" / f"{name}.json").read_text())["layers"]

    networks = {
        "resnet20": ResNet20.layers(), "depthwise": architecture("depthwise"),
        "branches": architecture("branches"), "overlaps": architecture("overlaps"),
        "resnet20, groups": replaced(
            ResNet20.layers(), "batchNormalization",
            {"type": "groupNormalization", "groups": 4}),
        "resnet20, ghosts": replaced(
            ResNet20.layers(), "batchNormalization",
            {"type": "batchNormalization", "samples": 8}),
    }
    if arguments.smooth:
        networks = {name: replaced(layers, "relu", {"type": "silu"})
                    for name, layers in networks.items()}
    print(f"rate {arguments.learning_rate}, {arguments.seeds} seeds; torch {torch.__version__}")
    print(f"{'network':16}  {'program':7}  {'mean over the steps':28}  {'largest':28}  last loss")
    for name, layers in networks.items():
        if arguments.networks and name not in arguments.networks:
            continue
        with tempfile.TemporaryDirectory() as folder:
            runs = [measure(layers, seed, images, labels, arguments.learning_rate,
                            arguments.convoy, Path(folder)) for seed in range(arguments.seeds)]
        for place, program in enumerate(("Convoy", "PyTorch")):
            means, largest = zip(*[run[place] for run in runs])
            print(f"{name:16}  {program:7}  {spread(means):28}  {spread(largest):28}  "
                  f"{statistics.median(run[2] for run in runs):.3f}", flush=True)


if __name__ == "__main__":
    main()
