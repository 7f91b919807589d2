"""Trains one of Convoy's networks with PyTorch on data in memory and prints samples per second.

    python Benchmarks/peers/pytorch.py --model small --batch 64 --threads 2

Settings are PyTorch's fastest on a CPU as far as we know: channels_last, fused Adam, eager mode.
Prints one JSON object: the rate of each repetition, the median, and versions. Measured with
torch 2.15.0 (pip install torch).
"""

import argparse
import json
import statistics
import time

import torch
from torch import nn


def conv(inputs, filters, kernel=3, padding=1):
    return nn.Conv2d(inputs, filters, kernel, padding=padding)


def small():
    return nn.Sequential(
        conv(1, 8), nn.ReLU(), nn.MaxPool2d(2), conv(8, 16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


def fast():
    return nn.Sequential(
        conv(1, 24, 5, 0), nn.MaxPool2d(2), nn.ReLU(), conv(24, 32, 3, 0), nn.MaxPool2d(2),
        nn.ReLU(), nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10))


def medium():
    return nn.Sequential(
        conv(1, 32), nn.ReLU(), nn.MaxPool2d(2), conv(32, 64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))


def vgg():
    layers, inputs = [], 3
    for filters in (64, 128, 256):
        layers += [conv(inputs, filters), nn.ReLU(), conv(filters, filters), nn.ReLU(),
                   nn.MaxPool2d(2)]
        inputs = filters
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(4096, 256), nn.ReLU(), nn.Linear(256, 10))


MODELS = {"small": small, "fast": fast, "medium": medium, "vgg": vgg}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, default="small")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2, help="length of a repetition")
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    shape = (3, 32, 32) if arguments.model == "vgg" else (1, 28, 28)
    batches = 16
    images = [torch.randn(arguments.batch, *shape).to(memory_format=torch.channels_last)
              for _ in range(batches)]
    labels = [torch.randint(0, 10, (arguments.batch,)) for _ in range(batches)]
    model = MODELS[arguments.model]().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)
    criterion = nn.CrossEntropyLoss()

    def step(index):
        loss = criterion(model(images[index % batches]), labels[index % batches])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def run(seconds):
        start, steps = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            step(steps)
            steps += 1
        return steps * arguments.batch / (time.perf_counter() - start)

    run(min(1.0, arguments.seconds))
    rates = [run(arguments.seconds) for _ in range(arguments.repetitions)]
    print(json.dumps({
        "peer": "pytorch", "version": torch.__version__, "model": arguments.model,
        "batch": arguments.batch, "threads": arguments.threads,
        "samplesPerSecond": statistics.median(rates), "rates": rates}))


if __name__ == "__main__":
    main()
