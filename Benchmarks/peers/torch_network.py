"""The PyTorch modules of the layers of a Convoy architecture file, for the peer, the fixtures and
Tests/PyTorch. Parameters have the names that a model file of Convoy gives them.
"""

import torch
from torch import nn


def sequential(layers, shape):
    """The torch.nn.Sequential of some layers, and the shape of its output.

    A shape is (channels, height, width), or (features,) of a vector.
    """
    modules = []
    for layer in layers:
        made, shape = module(layer, shape)
        modules.append(made)
    return nn.Sequential(*modules), shape


def module(layer, shape):
    """The module of a layer, and the shape of its output."""
    kind = layer["type"]
    bias = layer.get("bias", True)
    if kind == "convolution":
        size, stride, padding = layer["kernelSize"], layer.get("stride", 1), layer.get("padding", 0)
        dilation, groups = layer.get("dilation", 1), layer.get("groups", 1)
        made = nn.Conv2d(
            shape[0], layer["filters"], size, stride, padding, dilation, groups, bias=bias)
        end = shape[1:] if padding == "same" else window(shape, size, stride, padding, dilation)
        return made, (layer["filters"],) + end
    if kind in ("maxPooling", "averagePooling"):
        made = nn.MaxPool2d if kind == "maxPooling" else nn.AvgPool2d
        size = layer["kernelSize"]
        stride = layer.get("stride", size)
        padding = layer.get("padding", 0)
        return made(size, stride, padding), shape[:1] + window(shape, size, stride, padding)
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
        return batch_normalization(layer, shape), shape
    if kind == "groupNormalization":
        made = nn.GroupNorm(layer["groups"], shape[0], layer.get("epsilon", 1e-5))
        return with_learned(made, layer), shape
    if kind == "residual":
        branches, ends = zip(*[sequential(layer.get(name, []), shape)
                               for name in ("layers", "shortcut")])
        return Residual(*branches), ends[0]
    if kind == "concatenate":
        branches, ends = zip(*[sequential(branch, shape) for branch in layer["branches"]])
        return Concatenation(branches), (sum(end[0] for end in ends),) + ends[0][1:]
    if kind == "dropout":
        return nn.Dropout(layer["rate"]), shape
    if kind == "leakyRelu":
        return nn.LeakyReLU(layer.get("slope", 0.01)), shape
    if kind == "prelu":
        return nn.PReLU(1 if layer.get("shared") else shape[0]), shape
    if kind == "elu":
        return nn.ELU(layer.get("alpha", 1)), shape
    if kind == "scale":
        return Scale(layer["factor"]), shape
    if kind == "softmax":
        return nn.Softmax(dim=1), shape
    return {"relu": nn.ReLU, "relu6": nn.ReLU6, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "silu": nn.SiLU,
            "gelu": nn.GELU, "hardSwish": nn.Hardswish, "identity": nn.Identity}[kind](), shape


def window(shape, *fields):
    """How many times a window fits down and across: its size, stride, padding and dilation are
    numbers, or lists of two.
    """
    fields = [field if isinstance(field, list) else [field, field] for field in fields]
    size, stride, padding, dilation = (fields + [[1, 1]])[:4]
    return tuple(
        (extent + 2 * padding[axis] - dilation[axis] * (size[axis] - 1) - 1) // stride[axis] + 1
        for axis, extent in enumerate(shape[1:]))


def batch_normalization(layer, shape):
    epsilon, momentum = layer.get("epsilon", 1e-5), layer.get("momentum", 0.1)
    if "samples" in layer:
        made = GhostNormalization(shape[0], epsilon, momentum)
        made.ghost = layer["samples"]
    else:
        made = (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0], epsilon, momentum)
    return with_learned(made, layer)


def with_learned(normalization, layer):
    """A normalization with the scale and the shift that the layer has."""
    if not layer.get("scale", True):
        normalization.register_parameter("weight", None)
    if not layer.get("shift", True):
        normalization.register_parameter("bias", None)
    return normalization


class GhostNormalization(nn.BatchNorm2d):
    """Batch normalization of maps or vectors in training over runs of `ghost` samples."""

    def _check_input_dim(self, input):
        pass

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        ghosts = x.split(self.ghost)
        self.num_batches_tracked += 1
        with torch.no_grad():
            axes = [axis for axis in range(x.dim()) if axis != 1]
            means = torch.stack([ghost.mean(axes) for ghost in ghosts]).mean(0)
            variances = torch.stack([ghost.var(axes, unbiased=True) for ghost in ghosts]).mean(0)
            self.running_mean.lerp_(means, self.momentum)
            self.running_var.lerp_(variances, self.momentum)
        return torch.cat([
            nn.functional.batch_norm(
                ghost, None, None, self.weight, self.bias, training=True, eps=self.eps)
            for ghost in ghosts
        ])


# Sources/README.md shows the next two.
class Residual(nn.Module):
    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers, self.shortcut = layers, shortcut

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


class Concatenation(nn.Module):
    def __init__(self, branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class Scale(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return self.factor * x
