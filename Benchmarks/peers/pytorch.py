"""Runs a network with PyTorch, at its fastest settings on a CPU: channels_last, fused Adam.

Variants: `eager`; `compiled` by torch.compile (needs a C++ compiler); `traced`, forward only, with
torch.jit.trace and torch.jit.optimize_for_inference. How it is asked to: peer.py.
Measured with torch 2.15.0 (pip install torch numpy).
"""

import itertools

import peer


def sequential(layers, shape, nn):
    """The torch.nn.Sequential of some layers, and the shape of its output."""
    modules = []
    for layer in layers:
        made, shape = module(layer, shape, nn)
        modules.append(made)
    return nn.Sequential(*modules), shape


def module(layer, shape, nn):
    """The module of a layer, and the shape of its output: (channels, height, width) or (features,)."""
    kind = layer["type"]
    bias = layer.get("bias", True)
    if kind == "convolution":
        size, stride, padding = layer["kernelSize"], layer["stride"], layer["padding"]
        made = nn.Conv2d(shape[0], layer["filters"], size, stride, padding, bias=bias)
        return made, (layer["filters"],) + window(shape, size, stride, padding)
    if kind in ("maxPooling", "averagePooling"):
        made = nn.MaxPool2d if kind == "maxPooling" else nn.AvgPool2d
        size, stride = layer["kernelSize"], layer["stride"]
        return made(size, stride), (shape[0],) + window(shape, size, stride)
    if kind in ("globalMaxPooling", "globalAveragePooling"):
        pooling = nn.AdaptiveMaxPool2d if kind == "globalMaxPooling" else nn.AdaptiveAvgPool2d
        return nn.Sequential(pooling(1), nn.Flatten()), shape[:1]
    if kind == "flatten":
        size = 1
        for extent in shape:
            size *= extent
        return nn.Flatten(), (size,)
    if kind == "dense":
        return nn.Linear(shape[0], layer["units"], bias=bias), (layer["units"],)
    if kind == "batchNormalization":
        if "samples" in layer or not layer.get("scale", True) or not layer.get("shift", True):
            raise ValueError(f"cannot build {layer}")
        made = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
        return made(shape[0], layer["epsilon"], layer["momentum"]), shape
    if kind == "residual":
        branches, ends = zip(*[sequential(layer.get(name, []), shape, nn)
                               for name in ("layers", "shortcut")])
        return residual(*branches, nn), ends[0]
    if kind == "dropout":
        return nn.Dropout(layer["rate"]), shape
    if kind == "leakyRelu":
        return nn.LeakyReLU(layer["slope"]), shape
    if kind == "elu":
        return nn.ELU(layer["alpha"]), shape
    if kind == "softmax":
        return nn.Softmax(dim=1), shape
    return {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "silu": nn.SiLU,
            "gelu": nn.GELU, "hardSwish": nn.Hardswish, "identity": nn.Identity}[kind](), shape


def window(shape, size, stride, padding=0):
    """How many times a window fits down and across."""
    return tuple((extent + 2 * padding - size) // stride + 1 for extent in shape[1:])


def residual(layers, shortcut, nn):
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = layers
            self.shortcut = shortcut

        def forward(self, x):
            return self.layers(x) + self.shortcut(x)

    return Residual()


def network(job):
    """The network as a torch.nn.Sequential, and its batches: (images, labels)."""
    import torch
    from torch import nn
    torch.manual_seed(0)
    model, _ = sequential(job.layers, job.input, nn)
    batches = [(torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels))
               for images, labels in job.batches()]
    return model.to(memory_format=torch.channels_last), batches


def build(job):
    import torch
    torch.set_num_threads(job.threads)
    torch.set_flush_denormal(True)
    model, batches = network(job)
    batches = itertools.cycle(batches)
    version = f"torch {torch.__version__}"
    if not job.trains:
        return version, forward(torch, model.eval(), batches, job.variant)

    if job.variant == "compiled":
        model = torch.compile(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=job.learning_rate, fused=True)
    criterion = torch.nn.CrossEntropyLoss()

    def run(steps):
        for _ in range(steps):
            images, labels = next(batches)
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()

    return version, run


def forward(torch, model, batches, variant):
    if variant == "traced":
        with torch.no_grad():
            model = torch.jit.optimize_for_inference(torch.jit.trace(model, next(batches)[0]))
    elif variant == "compiled":
        import torch._inductor.config
        torch._inductor.config.freezing = True
        model = torch.compile(model)

    def run(steps):
        # torch.compile freezes weights under no_grad alone.
        with torch.no_grad() if variant == "compiled" else torch.inference_mode():
            for _ in range(steps):
                model(next(batches)[0])

    return run


if __name__ == "__main__":
    peer.serve(build)
