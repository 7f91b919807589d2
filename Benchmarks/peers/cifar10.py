"""Trains Convoy's preset resnet20 or airbench94 on CIFAR-10's pictures with PyTorch, by the recipe of
the record of that name:

    convoy reproduce resnet20 --data DATA

and prints a row per epoch, and last the test accuracy as the record has it. DATA has folders train
and test, each with a folder of pictures per class. Order, windows and weights are drawn as there, by
PyTorch's random numbers.

    python Benchmarks/peers/cifar10.py resnet20 DATA --seed 0

With --state FILE it writes its state after each epoch, and goes on from a file that is there.

Measured with torch 2.15.0 (pip install torch numpy pillow).
"""

import argparse
import copy
import math
import time
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

import torch_network


class ResNet20:
    """He et al. (2015), shortened to 30 epochs of one cycle."""

    epochs, batch, drop_last = 30, 128, False
    learning_rate, momentum, l2, bias_rate_factor = 0.2, 0.9, 0.0005, 1
    smoothing = 0
    padding, padding_mode, alternating = 4, "constant", False
    lookahead_steps = None

    @staticmethod
    def layers():
        """The preset's layers, as an architecture file has them."""
        relu = {"type": "relu"}

        def normalized(filters, size=3, stride=1):
            return [{"type": "convolution", "filters": filters, "kernelSize": size,
                     "stride": stride, "padding": size // 2, "bias": False},
                    {"type": "batchNormalization"}]

        layers, width = normalized(16) + [relu], 16
        for filters in [16] * 3 + [32] * 3 + [64] * 3:
            stride = 2 if filters > width else 1
            layers += [{"type": "residual",
                        "layers": normalized(filters, 3, stride) + [relu] + normalized(filters),
                        "shortcut": normalized(filters, 1, 2) if stride == 2 else []}, relu]
            width = filters
        return layers + [{"type": "globalAveragePooling"}, {"type": "dense", "units": 10}]

    @staticmethod
    def initialize(network, images):
        pass

    @staticmethod
    def rate(step, steps):
        """The factor of the learning rate, as PyTorch's OneCycleLR has it by default."""
        peak = 0.3 * steps - 1
        start, end = 1 / 25, 1 / 25e4
        if step <= peak:
            return start + (1 - start) * (1 - math.cos(math.pi * step / peak)) / 2
        rest = (step - peak) / (steps - 1 - peak)
        return end + (1 - end) * (1 + math.cos(math.pi * rest)) / 2

    @staticmethod
    def outputs(network, inputs):
        return network(inputs)


class Airbench94:
    """Jordan (2024), with filters that stay as they whiten, and lookahead of one rate."""

    epochs, batch, drop_last = 10, 1024, True
    learning_rate, momentum, l2, bias_rate_factor = 1.5, 0.85, 0.00133, 64
    smoothing = 0.2
    padding, padding_mode, alternating = 2, "reflect", True
    lookahead_steps, lookahead_rate = 5, 0.5

    @staticmethod
    def layers():
        """The preset's layers, as an architecture file has them."""
        gelu = {"type": "gelu"}

        def convolution(filters):
            return {"type": "convolution", "filters": filters, "kernelSize": 3, "padding": 1,
                    "bias": False}

        normalization = {
            "type": "batchNormalization", "momentum": 0.4, "epsilon": 1e-12, "scale": False}
        layers = [{"type": "convolution", "filters": 24, "kernelSize": 2}, gelu]
        for filters in [64, 256, 256]:
            layers += [convolution(filters), {"type": "maxPooling", "kernelSize": 2},
                       normalization, gelu, convolution(filters), normalization, gelu]
        return layers + [{"type": "globalMaxPooling"},
                         {"type": "dense", "units": 10, "bias": False},
                         {"type": "scale", "factor": 1 / 9}]

    @staticmethod
    def initialize(network, images):
        """The first filters whiten patches of the images, and stay. Of the others, the first pass
        on a channel each.
        """
        patches = functional.unfold(images, 2).transpose(1, 2).flatten(0, 1).double()
        values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        filters = (vectors / (values + 5e-4).sqrt()).T.reshape(-1, images.shape[1], 2, 2).float()
        whitening, *others = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
        with torch.no_grad():
            whitening.weight.copy_(torch.cat([filters, -filters]))
            for module in others:
                nn.init.dirac_(module.weight[:module.weight.shape[1]])
        for parameter in whitening.parameters():
            parameter.requires_grad_(False)

    @staticmethod
    def rate(step, steps):
        """The factor of the learning rate."""
        place, peak = step / (steps - 1), 0.23
        if place <= peak:
            return 0.2 + 0.8 * place / peak
        return 1 - 0.93 * (place - peak) / (1 - peak)

    @staticmethod
    def outputs(network, inputs):
        """Half the mean of an image and its mirror image, half that of both moved by a pixel."""
        size = inputs.shape[-1]
        padded = functional.pad(inputs, [1] * 4, "reflect")

        def pair(images):
            return (network(images) + network(images.flip(3))) / 2

        moved = [pair(padded[:, :, at:at + size, at:at + size]) for at in (0, 2)]
        return pair(inputs) / 2 + (moved[0] + moved[1]) / 4


RECIPES = {"resnet20": ResNet20, "airbench94": Airbench94}


def initialize(network):
    """Weights uniform as Glorot and Bengio (2010), biases zero; normalizations stay 1 and 0."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def read(folder):
    """The bytes of all pictures, and their labels: the places of their folders' names."""
    pictures, labels = [], []
    for label, kind in enumerate(sorted(path for path in folder.iterdir() if path.is_dir())):
        for path in sorted(kind.iterdir()):
            pictures.append(numpy.asarray(Image.open(path).convert("RGB")))
            labels.append(label)
    return torch.from_numpy(numpy.stack(pictures)).permute(0, 3, 1, 2), torch.tensor(labels)


def windows(padded, size):
    """A random window of each padded picture."""
    count, places = len(padded), padded.shape[-1] - size + 1
    all_windows = padded.unfold(2, size, 1).unfold(3, size, 1)
    top, left = torch.randint(places, (2, count))
    return all_windows[torch.arange(count), :, top, left]


def main():
    parser = argparse.ArgumentParser(description="Train on CIFAR-10's pictures with PyTorch.")
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="of a schedule as long")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--state", type=Path, help="written after each epoch, and gone on from")
    arguments = parser.parse_args()
    recipe = RECIPES[arguments.recipe]
    epochs = arguments.epochs or recipe.epochs
    rate = arguments.learning_rate or recipe.learning_rate
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)

    images, labels = read(arguments.data / "train")
    test_images, test_labels = read(arguments.data / "test")
    values = images.double() / 255
    mean = values.mean((0, 2, 3), keepdim=True)
    deviation = values.std((0, 2, 3), correction=0, keepdim=True)
    del values
    # Padded by black or by the picture's own pixels, before the mean is subtracted.
    padded = functional.pad(images.float(), [recipe.padding] * 4, recipe.padding_mode).byte()

    def inputs(pictures):
        return ((pictures / 255 - mean) / deviation).float().to(memory_format=torch.channels_last)

    network, _ = torch_network.sequential(recipe.layers(), tuple(images.shape[1:]))
    initialize(network)
    recipe.initialize(network, inputs(images[::10]))
    network.to(memory_format=torch.channels_last)
    steps = len(images) // recipe.batch
    if not recipe.drop_last and len(images) % recipe.batch:
        steps += 1
    total = epochs * steps
    learned = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learned if p.dim() > 1], "weight_decay": recipe.l2, "factor": 1},
        {"params": [p for p in learned if p.dim() == 1], "weight_decay": 0,
         "factor": recipe.bias_rate_factor}]
    optimizer = torch.optim.SGD(groups, lr=rate, momentum=recipe.momentum, nesterov=True)
    state = [value for value in network.state_dict().values() if value.is_floating_point()]
    slow = copy.deepcopy(state)
    mirrored = torch.rand(len(images), 1, 1, 1) < 0.5

    def judge(outputs_of):
        """The test loss and accuracy."""
        network.eval()
        with torch.inference_mode():
            outputs = torch.cat([outputs_of(inputs(part)) for part in test_images.split(500)])
        right = (outputs.argmax(1) == test_labels).float().mean().item()
        return functional.cross_entropy(outputs, test_labels).item(), right

    print("epoch    loss    train     test  test loss      time", flush=True)
    step, done = 0, 0
    if arguments.state and arguments.state.exists():
        saved = torch.load(arguments.state)
        step, done, mirrored = saved["step"], saved["epoch"], saved["mirrored"]
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        for value, saved_value in zip(slow, saved["slow"]):
            value.copy_(saved_value)
        torch.set_rng_state(saved["random"])
    for epoch in range(done + 1, epochs + 1):
        network.train()
        loss_sum = correct = count = 0
        start = time.perf_counter()
        mirrored = ~mirrored if recipe.alternating else torch.rand(len(images), 1, 1, 1) < 0.5
        for batch in torch.randperm(len(images)).split(recipe.batch)[:steps]:
            for group in optimizer.param_groups:
                group["lr"] = rate * recipe.rate(step, total) * group["factor"]
            pictures = windows(padded[batch], images.shape[-1])
            pictures = torch.where(mirrored[batch], pictures.flip(3), pictures)
            outputs = network(inputs(pictures))
            loss = functional.cross_entropy(
                outputs, labels[batch], label_smoothing=recipe.smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if recipe.lookahead_steps and step % recipe.lookahead_steps == 0:
                with torch.no_grad():
                    for mean_value, value in zip(slow, state):
                        mean_value.lerp_(value, recipe.lookahead_rate)
                        value.copy_(mean_value)
            loss_sum += len(batch) * loss.item()
            correct += (outputs.argmax(1) == labels[batch]).sum().item()
            count += len(batch)
        seconds = time.perf_counter() - start

        test_loss, right = judge(network)
        print(f"{f'{epoch}/{epochs}':>5}  {loss_sum / count:6.4f}  {correct / count:7.2%}  "
              f"{right:7.2%}  {test_loss:9.4f}  {seconds:6.2f} s", flush=True)
        if arguments.state:
            written = arguments.state.with_suffix(".partial")
            torch.save({"step": step, "epoch": epoch, "mirrored": mirrored, "slow": slow,
                        "network": network.state_dict(), "optimizer": optimizer.state_dict(),
                        "random": torch.get_rng_state()}, written)
            written.replace(arguments.state)
    _, accuracy = judge(lambda images: recipe.outputs(network, images))
    print(f"test accuracy {accuracy:.2%}")


if __name__ == "__main__":
    main()
