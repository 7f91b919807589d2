"""Runs a network with JAX, the whole step under jax.jit. How it is asked to: peer.py.
Measured with jax 0.10.2 (pip install jax).
"""

import itertools
import os

import peer


def build(job):
    # XLA asks for the number of processors alone.
    os.environ["NPROC"] = str(job.threads)
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax
    import jax.numpy as numpy
    from jax import lax

    def parameters():
        made, key = [], jax.random.key(0)
        for layer, shape in job.shapes():
            key, own = jax.random.split(key)
            if layer["type"] == "convolution":
                size, inputs = layer["kernelSize"], shape[0]
                scale = (2 / (size * size * inputs)) ** 0.5
                made.append((scale * jax.random.normal(
                    own, (size, size, inputs, layer["filters"])), numpy.zeros(layer["filters"])))
            elif layer["type"] == "dense":
                scale = (2 / shape[0]) ** 0.5
                made.append((scale * jax.random.normal(own, (shape[0], layer["units"])),
                             numpy.zeros(layer["units"])))
        return made

    def pooled(x, layer, start, operation):
        size, stride = layer["kernelSize"], layer["stride"]
        return lax.reduce_window(
            x, start, operation, (1, size, size, 1), (1, stride, stride, 1), "VALID")

    def apply(weights, x, key):
        weights = iter(weights)
        for layer in job.layers:
            kind = layer["type"]
            if kind == "convolution":
                filters, bias = next(weights)
                stride, padding = layer["stride"], layer["padding"]
                x = bias + lax.conv_general_dilated(
                    x, filters, (stride, stride), [(padding, padding)] * 2,
                    dimension_numbers=("NHWC", "HWIO", "NHWC"))
            elif kind == "dense":
                matrix, bias = next(weights)
                x = x @ matrix + bias
            elif kind == "maxPooling":
                x = pooled(x, layer, -numpy.inf, lax.max)
            elif kind == "averagePooling":
                x = pooled(x, layer, 0.0, lax.add) / layer["kernelSize"] ** 2
            elif kind == "flatten":
                x = x.reshape(x.shape[0], -1)
            elif kind == "leakyRelu":
                x = jax.nn.leaky_relu(x, layer["slope"])
            elif kind == "dropout":
                if key is not None:
                    key, own = jax.random.split(key)
                    x = x * jax.random.bernoulli(own, 1 - layer["rate"], x.shape) \
                        / (1 - layer["rate"])
            elif kind != "identity":
                x = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "tanh": numpy.tanh,
                     "softmax": jax.nn.softmax}[kind](x)
        return x

    batches = itertools.cycle([
        (jax.device_put(images), jax.device_put(labels.astype("int32")))
        for images, labels in job.batches()])
    weights = parameters()
    version = f"jax {jax.__version__}"

    if not job.trains:
        predict = jax.jit(lambda weights, images: apply(weights, images, None))

        def forward(steps):
            for _ in range(steps):
                result = predict(weights, next(batches)[0])
            result.block_until_ready()

        return version, forward

    def loss_of(weights, images, labels, key):
        logs = jax.nn.log_softmax(apply(weights, images, key))
        return -numpy.take_along_axis(logs, labels[:, None], axis=1).mean()

    def step(state, images, labels):
        """Adam (Kingma and Ba, 2015)."""
        weights, first, second, count = state
        loss, gradients = jax.value_and_grad(loss_of)(
            weights, images, labels, jax.random.key(count))
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
        rate = job.learning_rate / (1 - 0.9 ** count)
        root = numpy.sqrt(1 - 0.999 ** count)
        weights = jax.tree.map(
            lambda w, m, v: w - rate * m / (numpy.sqrt(v) / root + 1e-8), weights, first, second)
        return (weights, first, second, count), loss

    step = jax.jit(step, donate_argnums=0)
    zeros = jax.tree.map(numpy.zeros_like, weights)
    state = (weights, zeros, jax.tree.map(numpy.zeros_like, weights), numpy.int32(0))

    def train(steps):
        nonlocal state
        for _ in range(steps):
            state, loss = step(state, *next(batches))
        return float(loss)

    return version, train


if __name__ == "__main__":
    peer.serve(build)
