"""Writes the fixtures of this folder: what PyTorch's optimizers and schedulers make of a small problem.
PyTorch has neither Lion nor LAMB: `Lion` and `Lamb` below are the papers' algorithms, and their runs
are in float64. Each group is a tensor. PyTorch's Muon makes matrices orthogonal in bfloat16, which would
hide what is compared; here it does so in the precision of the run.

    python Tests/OptimizersTests/Fixtures/make_fixtures.py Tests/OptimizersTests/Fixtures

The problem has COUNT parameters p and is convex, but not quadratic. The gradient of step t is, every
operation rounded to float32, in this order and with indices modulo COUNT:

    g[i] = p[i] * p[i] * p[i] - c[i] + 0.125 * (p[i] - p[i - 1]) + n[i, t]

Start, c and the noise n come from an integer hash (see `uniform`) and are exact in float32.

trajectories.json lists runs of STEPS steps: the parameters after some of them, and the optimizer's
state after the last. Each run is repeated in float64; the largest difference is printed, the noise
that a float32 implementation may show. schedules.json lists the rates of schedulers, from step 0 of
PyTorch's count, in float64. versions.txt says what wrote them.
"""

import argparse
import inspect
import json
import platform
from pathlib import Path

import numpy
import torch
from torch.optim import _muon

COUNT = 13
STEPS = 200
SEEDS = [1, 2, 3]
CHECKPOINTS = [1, 2, 10, 50, 200]
# Weights and biases of the runs with groups.
SPLIT = 8
BIAS_RATE_FACTOR = 0.5


def uniform(seed, stream, index):
    """A multiple of 2^-24 in [-0.5, 0.5): Murmur3's finalizer of the three numbers."""
    h = (seed * 0x9E3779B1 + stream * 0x85EBCA77 + index * 0xC2B2AE3D) & 0xFFFFFFFF
    h ^= h >> 16
    h = (h * 0x85EBCA6B) & 0xFFFFFFFF
    h ^= h >> 13
    h = (h * 0xC2B2AE35) & 0xFFFFFFFF
    h ^= h >> 16
    return (h >> 8) / 2**24 - 0.5


def vector(seed, stream, scale, dtype):
    return torch.tensor([uniform(seed, stream, i) * scale for i in range(COUNT)], dtype=dtype)


SGD = {"rule": "sgd", "learningRate": 0.05}
MOMENTUM = {"rule": "momentum", "learningRate": 0.02, "momentum": 0.75}
RMSPROP = {"rule": "rmsprop", "learningRate": 0.01, "decay": 0.95, "epsilon": 0.01}
ADAM = {"rule": "adam", "learningRate": 0.02, "beta1": 0.8, "beta2": 0.99, "epsilon": 0.01}
ADAMW = ADAM | {"rule": "adamw", "weightDecay": 0.25}
LION = {"rule": "lion", "learningRate": 0.005, "beta1": 0.8, "beta2": 0.95, "weightDecay": 0}
LAMB = ADAM | {"rule": "lamb", "weightDecay": 0}
# The rule of vectors: ADAMW at twice Muon's rate, and without decay, which biases do not have.
MUON = {"rule": "muon", "learningRate": 0.01, "momentum": 0.9, "weightDecay": 0, "grouped": True}
L2 = {"l2": 0.125}

CASES = [
    SGD,
    SGD | L2,
    SGD | {"clipValue": 0.25},
    SGD | {"clipNorm": 0.5},
    SGD | L2 | {"clipNorm": 0.5},
    MOMENTUM,
    MOMENTUM | L2,
    MOMENTUM | {"nesterov": True},
    MOMENTUM | {"nesterov": True} | L2,
    MOMENTUM | {"oneCyclePeak": 0.1},
    MOMENTUM | L2 | {"grouped": True},
    RMSPROP,
    RMSPROP | L2,
    RMSPROP | {"centred": True},
    RMSPROP | {"momentum": 0.75},
    RMSPROP | {"centred": True, "momentum": 0.75},
    RMSPROP | {"centred": True, "momentum": 0.75} | L2,
    ADAM,
    ADAM | L2,
    ADAM | {"clipNorm": 0.5},
    ADAMW,
    ADAMW | {"grouped": True},
    ADAMW | {"grouped": True, "clipNorm": 0.5, "oneCyclePeak": 0.1},
    LION,
    LION | {"weightDecay": 0.25},
    LION | {"weightDecay": 0.25, "clipNorm": 0.5},
    LION | {"weightDecay": 0.25, "grouped": True, "oneCyclePeak": 0.02},
    LAMB,
    LAMB | {"weightDecay": 0.25},
    LAMB | {"weightDecay": 0.25, "clipNorm": 0.5},
    LAMB | {"weightDecay": 0.25, "grouped": True},
    LAMB | {"weightDecay": 0.25, "grouped": True, "oneCyclePeak": 0.05},
    MUON | {"rows": 2},
    MUON | {"rows": 4},
    MUON | {"rows": 2, "weightDecay": 0.25},
    MUON | {"rows": 4, "weightDecay": 0.25, "clipNorm": 0.5},
]
# Rules that PyTorch does not have. Their runs are written from float64.
OWN_RULES = {"lion", "lamb"}


class Lion(torch.optim.Optimizer):
    """Algorithm 2 of "Symbolic Discovery of Optimization Algorithms" (Chen et al., 2023)."""

    def __init__(self, params, lr, betas, weight_decay):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for theta in group["params"]:
                g, state = theta.grad, self.state[theta]
                m = state.get("exp_avg", torch.zeros_like(theta))
                update = torch.sign(beta1 * m + (1 - beta1) * g)
                theta -= group["lr"] * (update + group["weight_decay"] * theta)
                state["exp_avg"] = beta2 * m + (1 - beta2) * g


class Lamb(torch.optim.Optimizer):
    """Algorithm 2 of "Large Batch Optimization for Deep Learning" (You et al., 2020); phi is the identity."""

    def __init__(self, params, lr, betas, eps, weight_decay):
        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        )
        self.steps = 0

    @torch.no_grad()
    def step(self):
        self.steps += 1
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for x in group["params"]:
                g, state = x.grad, self.state[x]
                m = beta1 * state.get("exp_avg", torch.zeros_like(x)) + (1 - beta1) * g
                v = beta2 * state.get("exp_avg_sq", torch.zeros_like(x)) + (1 - beta2) * g * g
                state["exp_avg"], state["exp_avg_sq"] = m, v
                corrected_m = m / (1 - beta1**self.steps)
                corrected_v = v / (1 - beta2**self.steps)
                r = corrected_m / (corrected_v.sqrt() + group["eps"])
                direction = r + group["weight_decay"] * x
                x -= group["lr"] * x.norm() / direction.norm() * direction


source = inspect.getsource(_muon._zeropower_via_newtonschulz)
assert source.count("torch.bfloat16") == 1
exec(source.replace("torch.bfloat16", "grad.dtype"), _muon.__dict__)


class MuonAndAdamW:
    """Muon for a matrix and AdamW for a vector, with the state of both under Adam's names."""

    def __init__(self, case, matrix, vector):
        self.matrix, self.vector = matrix, vector
        # Shares the memory of the part.
        self.shaped = matrix.view(case["rows"], -1)
        self.muon = torch.optim.Muon(
            [self.shaped],
            lr=case["learningRate"],
            momentum=case["momentum"],
            weight_decay=case["weightDecay"],
        )
        self.adamw = torch.optim.AdamW(
            [vector],
            lr=2 * case["learningRate"] * BIAS_RATE_FACTOR,
            betas=(ADAMW["beta1"], ADAMW["beta2"]),
            eps=ADAMW["epsilon"],
            weight_decay=0.0,
        )
        self.state = {}

    def step(self):
        self.shaped.grad = self.matrix.grad.view_as(self.shaped)
        self.muon.step()
        self.adamw.step()
        mean = self.muon.state[self.shaped]["momentum_buffer"].flatten()
        self.state = {
            self.matrix: {"exp_avg": mean, "exp_avg_sq": torch.zeros_like(mean)},
            self.vector: self.adamw.state[self.vector],
        }


def make_optimizer(case, parameter_groups):
    rate, l2 = case["learningRate"], case.get("l2", 0)
    momentum, betas = case.get("momentum", 0), (case.get("beta1"), case.get("beta2"))
    match case["rule"]:
        case "sgd" | "momentum":
            return torch.optim.SGD(
                parameter_groups,
                lr=rate,
                momentum=momentum,
                nesterov=case.get("nesterov", False),
                weight_decay=l2,
            )
        case "rmsprop":
            return torch.optim.RMSprop(
                parameter_groups,
                lr=rate,
                alpha=case["decay"],
                eps=case["epsilon"],
                momentum=momentum,
                centered=case.get("centred", False),
                weight_decay=l2,
            )
        case "adam":
            return torch.optim.Adam(
                parameter_groups, lr=rate, betas=betas, eps=case["epsilon"], weight_decay=l2
            )
        case "adamw":
            return torch.optim.AdamW(
                parameter_groups,
                lr=rate,
                betas=betas,
                eps=case["epsilon"],
                weight_decay=case["weightDecay"],
            )
        case "lion":
            return Lion(parameter_groups, lr=rate, betas=betas, weight_decay=case["weightDecay"])
        case "muon":
            return MuonAndAdamW(case, *(group["params"][0] for group in parameter_groups))
        case "lamb":
            return Lamb(
                parameter_groups,
                lr=rate,
                betas=betas,
                eps=case["epsilon"],
                weight_decay=case["weightDecay"],
            )
        case other:
            raise ValueError(f"unknown rule {other!r}")


def run(case, seed, dtype):
    start = vector(seed, 0, 4, dtype)
    c = vector(seed, 1, 2, dtype)
    rate = case["learningRate"]
    if case.get("grouped"):
        parts = [start[:SPLIT].clone(), start[SPLIT:].clone()]
        bias_rate = rate * BIAS_RATE_FACTOR
        groups = [
            {"params": [parts[0]]},
            {"params": [parts[1]], "lr": bias_rate, "weight_decay": 0.0},
        ]
    else:
        parts = [start.clone()]
        groups = [{"params": parts}]
    optimizer = make_optimizer(case, groups)
    scheduler = None
    if peak := case.get("oneCyclePeak"):
        peaks = [peak, peak * BIAS_RATE_FACTOR] if case.get("grouped") else peak
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=peaks, total_steps=STEPS, cycle_momentum=False
        )
    checkpoints = []
    for step in range(1, STEPS + 1):
        p = torch.cat(parts)
        noise = vector(seed, step + 1, 0.5, dtype)
        gradient = p * p * p - c + 0.125 * (p - torch.roll(p, 1)) + noise
        for part, slope in zip(parts, torch.split(gradient, [part.numel() for part in parts])):
            part.grad = slope.clone()
        if limit := case.get("clipValue"):
            torch.nn.utils.clip_grad_value_(parts, limit)
        if limit := case.get("clipNorm"):
            torch.nn.utils.clip_grad_norm_(parts, limit)
        optimizer.step()
        if scheduler and step < STEPS:
            scheduler.step()
        if step in CHECKPOINTS:
            checkpoints.append(torch.cat(parts))
    names = [name for name in optimizer.state[parts[0]] if name != "step"] if optimizer.state else []
    state = {
        name: torch.cat([optimizer.state[part][name] for part in parts])
        for name in names
        if optimizer.state[parts[0]][name] is not None
    }
    return checkpoints, state


def digits(tensor):
    """The shortest decimals that float32 reads back exactly."""
    return [float(str(value)) for value in tensor.numpy().astype(numpy.float32)]


def trajectories():
    runs = []
    for case in CASES:
        worst = 0
        for seed in SEEDS:
            checkpoints, state = run(case, seed, torch.float32)
            exact, exact_state = run(case, seed, torch.float64)
            for single, double in zip(checkpoints, exact):
                worst = max(worst, (single.double() - double).abs().max().item())
            if case["rule"] in OWN_RULES:
                checkpoints, state = exact, exact_state
            runs.append(
                {
                    "optimizer": case,
                    "seed": seed,
                    "parameters": [digits(checkpoint) for checkpoint in checkpoints],
                    "state": {name: digits(values) for name, values in state.items()},
                }
            )
        print(f"{worst:.1e}  {case}")
    return {"checkpoints": CHECKPOINTS, "runs": runs}


def schedules():
    """Rates by name; the settings are repeated in the test."""
    schedulers = torch.optim.lr_scheduler

    def rates(rate, make, steps=50):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=rate)
        scheduler = make(optimizer)
        values = []
        for _ in range(steps):
            values.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return values

    def warmed(make):
        return lambda optimizer: schedulers.SequentialLR(
            optimizer,
            [schedulers.LinearLR(optimizer, start_factor=0.1, total_iters=8), make(optimizer)],
            milestones=[8],
        )

    def constant(optimizer):
        return schedulers.LambdaLR(optimizer, lambda _: 1)

    def step(optimizer):
        return schedulers.StepLR(optimizer, 7, 0.5)

    def exponential(optimizer):
        return schedulers.ExponentialLR(optimizer, 0.95)

    def cosine(optimizer):
        return schedulers.CosineAnnealingLR(optimizer, T_max=42, eta_min=0.01)

    def linear(optimizer):
        return schedulers.LambdaLR(
            optimizer, lambda s: float(numpy.interp(s / 44, [0, 0.23, 0.5, 1], [0.2, 1, 1, 0.07]))
        )

    def one_cycle(optimizer):
        return schedulers.OneCycleLR(optimizer, 0.5, total_steps=51, cycle_momentum=False)

    def early_peak(optimizer):
        return schedulers.OneCycleLR(
            optimizer,
            0.5,
            total_steps=51,
            pct_start=0.1,
            div_factor=4,
            final_div_factor=100,
            cycle_momentum=False,
        )

    return {
        "constant": rates(0.3, constant),
        "steps": rates(0.3, step),
        "exponential": rates(0.3, exponential),
        "cosine": rates(0.3, cosine, steps=43),
        "linear": rates(0.3, linear),
        "oneCycle": rates(0.3, one_cycle),
        "earlyPeak": rates(0.3, early_peak),
        "warmConstant": rates(0.3, warmed(constant)),
        "warmSteps": rates(0.3, warmed(step)),
        "warmExponential": rates(0.3, warmed(exponential)),
        "warmCosine": rates(0.3, warmed(cosine)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    output = parser.parse_args().output
    for name, content in [("trajectories", trajectories()), ("schedules", schedules())]:
        text = json.dumps(content, separators=(",", ":"))
        (output / f"{name}.json").write_text(text.replace('{"optimizer"', '\n{"optimizer"') + "\n")
    (output / "versions.txt").write_text(
        f"Python {platform.python_version()}\nPyTorch {torch.__version__}\n"
        f"NumPy {numpy.__version__}\n"
    )


if __name__ == "__main__":
    main()
