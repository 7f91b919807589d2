"""Trains Convoy's preset resnet20 on CIFAR-10's pictures with PyTorch, by the recipe of

    convoy train --data DATA --model resnet20 --augment flip,crop:4 --optimizer nesterov \\
        --learning-rate 0.2 --l2 0.0005 --schedule one-cycle --batch 128 --epochs 5 --seed 0

and prints a row per epoch. DATA has folders train and test, each with a folder of pictures per
class. Order, windows and weights are drawn as there, by PyTorch's random numbers.

    python Benchmarks/peers/cifar10.py DATA --seed 0

Measured with torch 2.15.0 (pip install torch numpy pillow).
"""

import argparse
import time
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

import torch_network

BATCH = 128
PADDING = 4
L2 = 0.0005


def resnet20():
    """The preset's layers, as an architecture file has them."""
    relu = {"type": "relu"}

    def normalized(filters, size=3, stride=1):
        return [{"type": "convolution", "filters": filters, "kernelSize": size, "stride": stride,
                 "padding": size // 2, "bias": False}, {"type": "batchNormalization"}]

    layers, width = normalized(16) + [relu], 16
    for filters in [16] * 3 + [32] * 3 + [64] * 3:
        stride = 2 if filters > width else 1
        layers += [{"type": "residual",
                    "layers": normalized(filters, 3, stride) + [relu] + normalized(filters),
                    "shortcut": normalized(filters, 1, 2) if stride == 2 else []}, relu]
        width = filters
    return layers + [{"type": "globalAveragePooling"}, {"type": "dense", "units": 10}]


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


def vary(padded, size):
    """A random window of each padded picture; half of them are mirrored."""
    count, places = len(padded), padded.shape[-1] - size + 1
    windows = padded.unfold(2, size, 1).unfold(3, size, 1)
    top, left = torch.randint(places, (2, count))
    windows = windows[torch.arange(count), :, top, left]
    return torch.where(torch.rand(count, 1, 1, 1) < 0.5, windows.flip(3), windows)


def main():
    parser = argparse.ArgumentParser(description="Train resnet20 on CIFAR-10 with PyTorch.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=0.2)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)

    images, labels = read(arguments.data / "train")
    test_images, test_labels = read(arguments.data / "test")
    values = images.double() / 255
    mean = values.mean((0, 2, 3), keepdim=True)
    deviation = values.std((0, 2, 3), correction=0, keepdim=True)
    del values
    # Padded by black, before the mean is subtracted.
    padded = functional.pad(images, [PADDING] * 4)

    def inputs(pictures):
        return ((pictures / 255 - mean) / deviation).float().to(memory_format=torch.channels_last)

    network, _ = torch_network.sequential(resnet20(), tuple(images.shape[1:]))
    initialize(network)
    network.to(memory_format=torch.channels_last)
    steps = -(-len(images) // BATCH)
    optimizer = torch.optim.SGD(
        [{"params": [p for p in network.parameters() if p.dim() > 1], "weight_decay": L2},
         {"params": [p for p in network.parameters() if p.dim() == 1], "weight_decay": 0}],
        lr=arguments.learning_rate, momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, arguments.learning_rate, total_steps=arguments.epochs * steps,
        cycle_momentum=False)

    print("epoch    loss    train     test  test loss      time", flush=True)
    for epoch in range(1, arguments.epochs + 1):
        network.train()
        loss_sum = correct = 0
        start = time.perf_counter()
        for batch in torch.randperm(len(images)).split(BATCH):
            outputs = network(inputs(vary(padded[batch], images.shape[-1])))
            loss = functional.cross_entropy(outputs, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            loss_sum += len(batch) * loss.item()
            correct += (outputs.argmax(1) == labels[batch]).sum().item()
        seconds = time.perf_counter() - start

        network.eval()
        with torch.inference_mode():
            outputs = torch.cat([network(inputs(part)) for part in test_images.split(500)])
        test_loss = functional.cross_entropy(outputs, test_labels).item()
        right = (outputs.argmax(1) == test_labels).sum().item()
        print(f"{f'{epoch}/{arguments.epochs}':>5}  {loss_sum / len(images):6.4f}  "
              f"{correct / len(images):7.2%}  {right / len(test_images):7.2%}  {test_loss:9.4f}  "
              f"{seconds:6.2f} s", flush=True)


if __name__ == "__main__":
    main()
