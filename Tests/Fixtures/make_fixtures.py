"""Writes the fixtures of this folder: seven small networks and what PyTorch makes of them.

    python Tests/Fixtures/make_fixtures.py data/mnist Tests/Fixtures

For each network, <name>.json is the architecture in Convoy's format and <name>.safetensors its
initial float32 parameters, named as in the state_dict of the torch.nn.Sequential of the same
layers. trajectories.json lists training runs: the mean loss of each step's batch, taken before
that step's update and without the L2 penalty; and the running statistics at the end. Of a run with
an average of its weights, the first numbers of each averaged tensor are listed as well. versions.txt
says what wrote them.

Step s of a run with batches of B takes the training images [B s, B s + B), in the file's order.
A pixel x becomes float32((x / 255 - mean) / deviation), computed in float64; mean and population
deviation are those of x / 255 over all pixels of the training set. L2 is PyTorch's coupled
weight_decay (l2 * w added to the gradient), for weights and not for biases or normalisations.

Each run is repeated in float64 from the same parameters and the same pixels; the printed
differences are the rounding noise a float32 implementation may show.
"""

import argparse
import copy
import gzip
import json
import platform
import struct
import sys
from pathlib import Path

import numpy
import safetensors
import safetensors.torch
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Benchmarks" / "peers"))
import torch_network  # noqa: E402

STEPS = 20
BATCH = 32
SHORT_BATCH = 7
IMAGE_SIZE = 28
MOMENTUM = 0.9
LEARNING_RATES = {"sgd": 0.05, "momentum": 0.02, "rmsprop": 0.001, "adam": 0.001}
# Seeds whose runs keep clear of kinks. With others a value comes within rounding of the kink of the
# leaky ReLU or of ELU, and RMSprop makes much of it: float32 and float64 then part by up to 1e-4.
SEEDS = {
    "strided": 0, "ragged": 7, "plain": 2, "swish": 2, "normalized": 8, "branches": 3, "grouped": 0,
}
LOSSES = ["cross-entropy", "hinge"]
CLASSES = 10
CLASS_WEIGHTS = [1.0, 2.0, 0.5, 0.25, 3.0, 1.0, 0.125, 1.5, 0.75, 2.5]
# Runs of what the others leave out.
FURTHER = [
    {"architecture": "plain", "optimizer": "momentum", "loss": "mean-squared-error"},
    {"architecture": "ragged", "optimizer": "adam", "loss": "mean-squared-error"},
    {"architecture": "strided", "optimizer": "sgd", "labelSmoothing": 0.1},
    {"architecture": "swish", "optimizer": "adam", "labelSmoothing": 0.3},
    {"architecture": "plain", "optimizer": "adam", "classWeights": CLASS_WEIGHTS},
    {
        "architecture": "ragged",
        "optimizer": "momentum",
        "classWeights": CLASS_WEIGHTS,
        "batch": SHORT_BATCH,
    },
    {
        "architecture": "strided",
        "optimizer": "momentum",
        "labelSmoothing": 0.2,
        "classWeights": CLASS_WEIGHTS,
    },
    {"architecture": "swish", "optimizer": "sgd", "biasRateFactor": 8.0},
    {"architecture": "plain", "optimizer": "adam", "biasRateFactor": 0.125},
    {"architecture": "normalized", "optimizer": "momentum", "averageDecay": 0.875},
    {"architecture": "normalized", "optimizer": "adam", "frozen": [0, 1, 8]},
    {"architecture": "plain", "optimizer": "momentum", "l2": 0.001, "frozen": [3, 7]},
    {"architecture": "normalized", "optimizer": "adam", "lookaheadSteps": 3, "lookaheadRate": 0.25},
]
# Numbers of each averaged tensor that are listed.
AVERAGED = 8


def convolution(filters, kernel_size, stride=1, padding=0, **fields):
    return {
        "type": "convolution",
        "filters": filters,
        "kernelSize": kernel_size,
        "stride": stride,
        "padding": padding,
    } | fields


def pooling(kind, kernel_size, stride=None, **fields):
    """A missing stride means the kernel size, in Convoy as in PyTorch."""
    layer = {"type": kind, "kernelSize": kernel_size} | fields
    return layer if stride is None else layer | {"stride": stride}


def normalization(**fields):
    return {"type": "batchNormalization"} | fields


def group_normalization(groups, **fields):
    return {"type": "groupNormalization", "groups": groups} | fields


def dense(units):
    return {"type": "dense", "units": units}


RELU = {"type": "relu"}
PRELU = {"type": "prelu"}
LEAKY_RELU = {"type": "leakyRelu", "slope": 0.01}
SIGMOID = {"type": "sigmoid"}
TANH = {"type": "tanh"}
SILU = {"type": "silu"}
HARD_SWISH = {"type": "hardSwish"}
GELU = {"type": "gelu"}
ELU = {"type": "elu", "alpha": 0.75}
FLATTEN = {"type": "flatten"}

ARCHITECTURES = {
    "strided": [
        convolution(4, 3, padding=1),
        RELU,
        pooling("maxPooling", 2),
        convolution(6, 3, stride=2, padding=1),
        TANH,
        pooling("averagePooling", 3, stride=2),
        FLATTEN,
        dense(10),
    ],
    "ragged": [
        convolution(3, 5, padding=2),
        LEAKY_RELU,
        pooling("averagePooling", 2),
        convolution(7, 3),
        SIGMOID,
        pooling("maxPooling", 3, stride=2),
        FLATTEN,
        dense(12),
        RELU,
        dense(10),
    ],
    "swish": [
        convolution(8, 3, padding=1),
        SILU,
        pooling("maxPooling", 2),
        convolution(12, 3, stride=2, padding=1),
        HARD_SWISH,
        pooling("averagePooling", 2),
        FLATTEN,
        dense(16),
        SILU,
        dense(10),
    ],
    "normalized": [
        convolution(8, 3, padding=1) | {"bias": False},
        normalization(),
        GELU,
        pooling("averagePooling", 2),
        {
            "type": "residual",
            "layers": [
                convolution(12, 3, stride=2, padding=1) | {"bias": False},
                normalization(momentum=0.4, epsilon=1e-3, samples=8),
                SILU,
                convolution(12, 3, padding=1) | {"bias": False},
                normalization(scale=False),
            ],
            "shortcut": [
                convolution(12, 1, stride=2) | {"bias": False},
                normalization(shift=False),
            ],
        },
        ELU,
        {"type": "globalAveragePooling"},
        dense(16) | {"bias": False},
        normalization(epsilon=0.01),
        TANH,
        dense(10),
        {"type": "scale", "factor": 0.5},
    ],
    "branches": [
        convolution(6, [3, 5], stride=[1, 2], padding=[1, 2], dilation=[2, 1]),
        RELU,
        pooling("maxPooling", 3, stride=2, padding=1),
        {
            "type": "concatenate",
            "branches": [
                [],
                [convolution(12, 3, padding="same", groups=6), TANH],
                [
                    pooling("averagePooling", [3, 1], stride=1, padding=[1, 0]),
                    convolution(4, [1, 2], padding="same", dilation=3, groups=2) | {"bias": False},
                    normalization(),
                ],
            ],
        },
        convolution(22, 3, stride=2, padding=1, groups=22) | {"bias": False},
        normalization(),
        RELU,
        convolution(16, 1),
        {"type": "globalAveragePooling"},
        {"type": "concatenate", "branches": [[dense(5), TANH], []]},
        dense(10),
    ],
    "grouped": [
        convolution(8, 3, padding=1) | {"bias": False},
        group_normalization(4),
        SILU,
        pooling("averagePooling", 2),
        convolution(12, 3, stride=2, padding=1) | {"bias": False},
        group_normalization(3, scale=False),
        PRELU,
        FLATTEN,
        dense(16) | {"bias": False},
        group_normalization(1, epsilon=0.01, shift=False),
        PRELU | {"shared": True},
        dense(10),
    ],
    "plain": [
        convolution(8, 3, padding=1),
        RELU,
        pooling("maxPooling", 2),
        convolution(16, 3, padding=1),
        RELU,
        pooling("maxPooling", 2),
        FLATTEN,
        dense(16),
        RELU,
        dense(10),
    ],
}


def make_model(layers):
    """The torch.nn.Sequential of a list of layers, for 1 x 28 x 28 images, PyTorch's own init."""
    return torch_network.sequential(layers, (1, IMAGE_SIZE, IMAGE_SIZE))[0]


def squared_error(outputs, labels):
    """The mean over batch and classes of the squared distance to one-hot labels."""
    targets = torch.nn.functional.one_hot(labels, CLASSES).to(outputs.dtype)
    return torch.nn.functional.mse_loss(outputs, targets)


def make_criterion(case, dtype):
    """The loss of a case, which gives the mean over a batch."""
    match case["loss"]:
        case "cross-entropy":
            weights = case.get("classWeights")
            return torch.nn.CrossEntropyLoss(
                weight=None if weights is None else torch.tensor(weights, dtype=dtype),
                label_smoothing=case.get("labelSmoothing", 0.0),
            )
        case "hinge":
            return torch.nn.MultiMarginLoss()
        case "mean-squared-error":
            return squared_error
    raise ValueError(f"unknown loss {case['loss']!r}")


def make_optimizer(case, model):
    """The optimizer of a case, with L2 on the weights and none on the biases.

    Parameters of frozen layers have no gradient, so that it leaves them as they are.
    """
    for place in case.get("frozen", ()):
        model[place].requires_grad_(False)
    kind, l2 = case["optimizer"], case["l2"]
    weights = [p for p in model.parameters() if p.dim() > 1]
    biases = [p for p in model.parameters() if p.dim() == 1]
    rate = LEARNING_RATES[kind]
    groups = [
        {"params": weights, "weight_decay": l2},
        {"params": biases, "weight_decay": 0.0, "lr": rate * case.get("biasRateFactor", 1.0)},
    ]
    match kind:
        case "sgd":
            return torch.optim.SGD(groups, lr=rate)
        case "momentum":
            return torch.optim.SGD(groups, lr=rate, momentum=MOMENTUM)
        case "rmsprop":
            return torch.optim.RMSprop(groups, lr=rate, alpha=0.99, eps=1e-8)
        case "adam":
            return torch.optim.Adam(groups, lr=rate, betas=(0.9, 0.999), eps=1e-8)
    raise ValueError(f"unknown optimizer {kind!r}")


def read_idx(path, dimensions):
    """The bytes of a gzipped IDX file of unsigned bytes, in the shape its header gives."""
    content = gzip.decompress(path.read_bytes())
    magic, *shape = struct.unpack_from(f">{1 + dimensions}I", content)
    if magic != 0x0800 + dimensions:
        raise ValueError(f"{path}: magic number {magic:#x} instead of {0x0800 + dimensions:#x}")
    values = numpy.frombuffer(content, numpy.uint8, offset=4 * (1 + dimensions))
    return values.reshape(shape)


def standardised_bytes(images):
    """The float32 value of each of the 256 pixel bytes, with the mean and deviation used."""
    counts = numpy.bincount(images.reshape(-1), minlength=256).astype(numpy.float64)
    levels = numpy.arange(256, dtype=numpy.float64) / 255
    mean = (counts * levels).sum() / counts.sum()
    deviation = numpy.sqrt((counts * (levels - mean) ** 2).sum() / counts.sum())
    return ((levels - mean) / deviation).astype(numpy.float32), float(mean), float(deviation)


class Lookahead:
    """Slow weights (Zhang and others, 2019), of all floats of a model's state."""

    def __init__(self, model, steps, rate):
        self.model, self.steps, self.rate = model, steps, rate
        self.done = 0
        self.module = copy.deepcopy(model)

    @torch.no_grad()
    def update_parameters(self, model):
        self.done += 1
        if self.done % self.steps > 0:
            return
        slow = self.module.state_dict()
        for name, fast in model.state_dict().items():
            if fast.is_floating_point():
                slow[name].lerp_(fast, self.rate)
                fast.copy_(slow[name])


def make_average(case, model):
    """The average of a case's weights and running statistics; None if it has none."""
    if "averageDecay" in case:
        return torch.optim.swa_utils.AveragedModel(
            model,
            multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(case["averageDecay"]),
            use_buffers=True,
        )
    if "lookaheadSteps" in case:
        return Lookahead(model, case["lookaheadSteps"], case["lookaheadRate"])
    return None


def trajectory(case, parameters, pixels, labels, dtype):
    """The mean loss of each step's batch before its update; at the end, the running statistics and
    the average of the weights.

    All is computed in dtype.
    """
    model = make_model(ARCHITECTURES[case["architecture"]])
    model.load_state_dict(parameters)
    model.to(dtype)
    optimizer = make_optimizer(case, model)
    criterion = make_criterion(case, dtype)
    average = make_average(case, model)
    losses = []
    for step in range(STEPS):
        batch = slice(step * case["batch"], (step + 1) * case["batch"])
        optimizer.zero_grad()
        loss = criterion(model(pixels[batch].to(dtype)), labels[batch])
        loss.backward()
        optimizer.step()
        if average is not None:
            average.update_parameters(model)
        losses.append(loss.item())
    statistics = {
        name: values.tolist() for name, values in model.named_buffers() if "running" in name
    }
    averages = {
        name: values.flatten()[:AVERAGED].tolist()
        for name, values in (average.module.state_dict().items() if average else ())
        if values.is_floating_point()
    }
    return losses, statistics, averages


def make_cases():
    """Every optimizer with two losses, with and without L2; the architectures take turns.

    Four runs per optimizer over four architectures: each architecture meets each optimizer. The
    normalised ones and the one of branches meet each optimizer in one run more. Then what those
    leave out: short batches, and FURTHER.
    """
    further = ("normalized", "grouped", "branches")
    names = [name for name in ARCHITECTURES if name not in further]
    cases = []
    for turn, optimizer in enumerate(LEARNING_RATES):
        settings = [(loss, l2) for loss in LOSSES for l2 in (0.0, 0.001)]
        runs = [(names[(turn + place) % len(names)], *setting) for place, setting in enumerate(settings)]
        runs.extend((name, *settings[turn]) for name in further)
        for architecture, loss, l2 in runs:
            cases.append(
                {
                    "architecture": architecture,
                    "optimizer": optimizer,
                    "learningRate": LEARNING_RATES[optimizer],
                    "momentum": MOMENTUM if optimizer == "momentum" else 0.0,
                    "loss": loss,
                    "l2": l2,
                    "batch": BATCH,
                    "steps": STEPS,
                }
            )
    short = next(case for case in cases if case["optimizer"] == "momentum" and case["l2"] > 0)
    for name in ("ragged", "normalized"):
        cases.append(short | {"architecture": name, "batch": SHORT_BATCH})
    for settings in FURTHER:
        common = {
            "learningRate": LEARNING_RATES[settings["optimizer"]],
            "momentum": MOMENTUM if settings["optimizer"] == "momentum" else 0.0,
            "loss": "cross-entropy",
            "l2": 0.0,
            "batch": BATCH,
            "steps": STEPS,
        }
        cases.append(common | settings)
    return cases


def main():
    parser = argparse.ArgumentParser(description="Write the PyTorch fixtures.")
    parser.add_argument("data", type=Path, help="folder of the MNIST .gz files")
    parser.add_argument("output", type=Path, help="folder to write to")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    images = read_idx(arguments.data / "train-images-idx3-ubyte.gz", 3)
    values, mean, deviation = standardised_bytes(images)
    used = STEPS * BATCH
    pixels = torch.from_numpy(values[images[:used]]).unsqueeze(1)
    labels = read_idx(arguments.data / "train-labels-idx1-ubyte.gz", 1)[:used]
    labels = torch.from_numpy(labels.astype(numpy.int64))

    parameters = {}
    for name, layers in ARCHITECTURES.items():
        torch.manual_seed(SEEDS[name])
        parameters[name] = make_model(layers).state_dict()
        stored = safetensors.torch.save(parameters[name])
        (arguments.output / f"{name}.safetensors").write_bytes(stored)
        text = json.dumps({"layers": layers}, indent=2)
        (arguments.output / f"{name}.json").write_text(text + "\n")

    cases = make_cases()
    worst = 0.0
    for case in cases:
        start = parameters[case["architecture"]]
        single, statistics, averages = trajectory(case, start, pixels, labels, torch.float32)
        double, _, _ = trajectory(case, start, pixels, labels, torch.float64)
        difference = max(abs(a - b) / abs(b) for a, b in zip(single, double))
        worst = max(worst, difference)
        # Nine significant digits name a float32 exactly.
        case["losses"] = [float(f"{loss:.9g}") for loss in single]
        for key, tensors in (("statistics", statistics), ("averages", averages)):
            if tensors or key == "statistics":
                case[key] = {
                    name: [float(f"{value:.9g}") for value in values]
                    for name, values in tensors.items()
                }
        print(
            f"{case['architecture']:10} {case['optimizer']:9} {case['loss']:14} l2 {case['l2']:<6} "
            f"batch {case['batch']:<3} loss {single[0]:.4f} to {single[-1]:.4f}, "
            f"float32 against float64 {difference:.1e}"
        )
    print(f"largest relative difference between float32 and float64: {worst:.1e}")
    lines = ",\n".join(json.dumps(case) for case in cases)
    (arguments.output / "trajectories.json").write_text(f"[\n{lines}\n]\n")

    versions = [
        "command: python Tests/Fixtures/make_fixtures.py data/mnist Tests/Fixtures",
        f"python {platform.python_version()}",
        f"torch {torch.__version__}",
        f"numpy {numpy.__version__}",
        f"safetensors {safetensors.__version__}",
        f"pixel mean {mean!r}",
        f"pixel deviation {deviation!r}",
        f"largest relative difference between float32 and float64 losses {worst:.1e}",
    ]
    (arguments.output / "versions.txt").write_text("\n".join(versions) + "\n")


if __name__ == "__main__":
    main()
