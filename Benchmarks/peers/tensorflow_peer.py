"""Runs a network with TensorFlow: variant `function` under tf.function, `xla` compiled as a whole.
How it is asked to: peer.py. Measured with tensorflow 2.21.0 (pip install tensorflow-cpu).
"""

import itertools
import os

import peer


def layer(description, shape, layers):
    kind = description["type"]
    if kind == "convolution":
        padding = description["padding"]
        convolution = layers.Conv2D(
            description["filters"], description["kernelSize"], description["stride"],
            padding="same" if is_same(description) else "valid")
        if padding and not is_same(description):
            return [layers.ZeroPadding2D(padding), convolution]
        return [convolution]
    if kind == "maxPooling":
        return [layers.MaxPooling2D(description["kernelSize"], description["stride"])]
    if kind == "averagePooling":
        return [layers.AveragePooling2D(description["kernelSize"], description["stride"])]
    if kind == "dense":
        return [layers.Dense(description["units"])]
    if kind == "dropout":
        return [layers.Dropout(description["rate"])]
    if kind == "leakyRelu":
        return [layers.LeakyReLU(negative_slope=description["slope"])]
    if kind == "flatten":
        return [layers.Flatten()]
    return [] if kind == "identity" else [layers.Activation(kind)]


def is_same(convolution):
    """Whether TensorFlow's own padding is the layer's."""
    return (convolution["stride"] == 1
            and 2 * convolution["padding"] == convolution["kernelSize"] - 1)


def build(job):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    import tensorflow
    tensorflow.config.threading.set_intra_op_parallelism_threads(job.threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(job.threads)
    keras = tensorflow.keras
    channels, height, width = job.input
    model = keras.Sequential([keras.Input((height, width, channels), batch_size=job.batch)])
    for description, shape in job.shapes():
        for made in layer(description, shape, keras.layers):
            model.add(made)
    batches = itertools.cycle([
        (tensorflow.constant(images), tensorflow.constant(labels))
        for images, labels in job.batches()])
    version = f"tensorflow {tensorflow.__version__}"
    compiles = job.variant == "xla"

    if not job.trains:
        predict = tensorflow.function(
            lambda images: model(images, training=False), jit_compile=compiles)

        def forward(steps):
            for _ in range(steps):
                result = predict(next(batches)[0])
            result.numpy()

        return version, forward

    optimizer = keras.optimizers.Adam(job.learning_rate)
    optimizer.build(model.trainable_variables)
    criterion = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tensorflow.function(jit_compile=compiles)
    def step(images, labels):
        with tensorflow.GradientTape() as tape:
            loss = criterion(labels, model(images, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    def train(steps):
        for _ in range(steps):
            loss = step(*next(batches))
        return float(loss)

    return version, train


if __name__ == "__main__":
    peer.serve(build)
