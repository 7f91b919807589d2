"""Looks for networks and recipes that are accurate for the time they take.

Draws small networks (width, kernels, padding, depth, normalisation, head) and recipes of Adam (batch,
rate, betas, epochs, augmentation), or changes one that none surpasses so far; trains each with one
thread, and judges it on training images that are held back. Those that no other surpasses in both
accuracy and processor time are trained again with more seeds. Each run is a JSON line in a file, from
which a search continues with new draws; the table shows the networks that remain.

    python Benchmarks/search.py --convoy .build/release/convoy --output search.jsonl \\
        --trials 200 --longest 4

The test images are never looked at.
"""

import argparse
import json
import os
import random
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import mean


CHOICES = {
    "normalized": [False, True],
    "activation": ["relu", "relu", "silu"],
    "filters": [4, 6, 8, 12, 16, 24],
    "growth": [1, 1.5, 2],
    "kernels": [[3, 3], [3, 5], [5, 3], [5, 5]],
    "padding": [[0, 0], [0, 1], [1, 0], [1, 1]],
    "last": [0, 0, 1],  # 3×3 convolutions behind the last pooling
    "head": ["average", 0, 32, 64, 128, 256],  # global average pooling, or units of a dense layer
    "batch": [64, 96, 128, 256],
    "learning-rate": [0.003, 0.005, 0.007, 0.01, 0.015, 0.02],
    "beta1": [0.7, 0.8, 0.9],
    "beta2": [0.9, 0.95, 0.99],
    "epochs": [1, 1, 2, 3],
    "augment": ["none", "none", "none", "crop:1", "rotate:10"],
}
COLOR = CHOICES | {
    "filters": [8, 16, 24, 32], "kernels": [[3, 3, 3], [5, 3, 3]], "padding": [[1, 1, 1]],
    "augment": ["none", "flip", "flip,crop:4"], "epochs": [3, 5, 8],
}


def draw(rng, choices, parents):
    """Random genes, or those of a network that none surpasses, with one or two drawn again."""
    genes = {name: rng.choice(values) for name, values in choices.items()}
    if parents and rng.random() < 0.6:
        kept = dict(rng.choice(parents))
        for name in rng.sample(list(choices), rng.choice([1, 2])):
            kept[name] = genes[name]
        return kept
    return genes


def layers(genes):
    """The network, as an architecture file has it."""
    normalized, activation = genes["normalized"], {"type": genes["activation"]}
    normalization = [{"type": "batchNormalization"}] if normalized else []
    result, filters = [], genes["filters"]
    stages = [(kernel, kernel // 2 * pad, True)
              for kernel, pad in zip(genes["kernels"], genes["padding"])]
    for kernel, padding, pools in stages + [(3, 1, False)] * genes["last"]:
        result += [{"type": "convolution", "filters": filters, "kernelSize": kernel,
                    "padding": padding, "bias": not normalized}]
        result += [{"type": "maxPooling", "kernelSize": 2}] if pools else []
        result += normalization + [activation]
        filters = round(filters * genes["growth"])
    if genes["head"] == "average":
        return result + [{"type": "globalAveragePooling"}, {"type": "dense", "units": 10}]
    dense = [{"type": "dense", "units": genes["head"]}, activation] if genes["head"] else []
    return result + [{"type": "flatten"}] + dense + [{"type": "dense", "units": 10}]


RECIPE = ["batch", "learning-rate", "beta1", "beta2", "epochs", "augment"]


def train(convoy, data, genes, seed):
    """Held-out accuracy and processor seconds of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        model, log = Path(folder, "network.json"), Path(folder, "log.jsonl")
        model.write_text(json.dumps({"layers": layers(genes)}))
        options = [text for name in RECIPE for text in (f"--{name}", str(genes[name]))]
        command = [convoy, "train", "--data", data, "--model", str(model), "--log", str(log),
                   "--validation", "0.1", "--threads", "1", "--quiet", "--seed", str(seed),
                   "--schedule", "one-cycle"]
        process = subprocess.Popen(command + options, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        error = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            # Some networks do not fit the images; anything else ends the search.
            if "does not fit" not in error:
                raise SystemExit(error.strip() or f"{command[0]} ended with status {status}")
            return {"error": error.strip().splitlines()[-1]}
        epochs = [json.loads(line) for line in log.read_text().splitlines()]
        accuracy = next(line["validationAccuracy"] for line in reversed(epochs)
                        if "validationAccuracy" in line)
        return {"accuracy": accuracy, "seconds": usage.ru_utime + usage.ru_stime}


def words(genes):
    """A network and its recipe in a line: 8c5p is 8 filters of 5×5, padded; d64 a dense layer."""
    parts = []
    for layer in layers(genes):
        kind = layer["type"]
        if kind == "convolution":
            parts.append(f"{layer['filters']}c{layer['kernelSize']}" + ("p" if layer["padding"] else ""))
        elif kind == "dense":
            parts.append(f"d{layer['units']}")
        elif kind not in ("relu", "flatten"):
            parts.append({"maxPooling": "m2", "batchNormalization": "bn",
                          "globalAveragePooling": "average"}.get(kind, kind))
    recipe = " ".join(f"--{name} {genes[name]}" for name in RECIPE if genes[name] != "none")
    return " ".join(parts) + " | " + recipe


def front(results, least):
    """Candidates that none surpasses in both, fastest first: (text, accuracy, seconds, runs)."""
    rows = []
    for text, runs in results.items():
        done = [run for run in runs.values() if "accuracy" in run]
        if len(done) >= least:
            rows.append((text, mean(run["accuracy"] for run in done),
                         mean(run["seconds"] for run in done), len(done)))
    rows.sort(key=lambda row: (row[2], -row[1]))
    best, kept = 0, []
    for row in rows:
        if row[1] > best:
            best = row[1]
            kept.append(row)
    return kept


def main():
    parser = argparse.ArgumentParser(description="Look for networks that are accurate for their time.")
    parser.add_argument("--convoy", default=".build/release/convoy")
    parser.add_argument("--data", default="data/mnist")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=4, help="for those that none surpasses")
    parser.add_argument("--longest", type=float, default=4, help="seconds per run worth repeating")
    parser.add_argument("--seed", type=int, default=0, help="of the search")
    parser.add_argument("--color", action="store_true", help="deeper networks")
    arguments = parser.parse_args()

    candidates, results = {}, defaultdict(dict)
    if arguments.output.exists():
        for line in arguments.output.read_text().splitlines():
            row = json.loads(line)
            text = words(row["genes"])
            candidates[text] = row["genes"]
            results[text][row["seed"]] = row["result"]

    def measure(text, seed):
        if seed in results[text]:
            return
        result = train(arguments.convoy, arguments.data, candidates[text], seed)
        results[text][seed] = result
        with arguments.output.open("a") as file:
            line = {"genes": candidates[text], "seed": seed, "result": result}
            file.write(json.dumps(line) + "\n")

    def repeat(most):
        """More seeds for what none surpasses: a lucky one falls back, and uncovers others."""
        for seeds in range(2, most + 1):
            while rows := [row for row in front(results, 1)
                           if row[3] < seeds and row[2] <= arguments.longest]:
                for row in rows:
                    for seed in range(seeds):
                        measure(row[0], seed)

    rng = random.Random(f"{arguments.seed} {sum(map(len, results.values()))}")
    for trial in range(arguments.trials):
        parents = [candidates[row[0]] for row in front(results, 1) if row[2] <= arguments.longest]
        genes = draw(rng, COLOR if arguments.color else CHOICES, parents)
        candidates.setdefault(words(genes), genes)
        measure(words(genes), 0)
        if trial % 10 == 9:
            repeat(2)
    repeat(arguments.seeds)

    print(f"{'seconds':>7}  {'held out':>8}  seeds  network | recipe")
    for text, accuracy, seconds, runs in front(results, arguments.seeds):
        print(f"{seconds:7.2f}  {accuracy:8.2%}  {runs:5}  {text}")


if __name__ == "__main__":
    main()
