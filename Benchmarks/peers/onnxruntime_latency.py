"""The median time in which onnxruntime predicts one image, and 256, on one thread.

    python3 Benchmarks/peers/onnxruntime_latency.py MODEL.onnx ...

The models are those that `convoy export` writes. Beside it, MeasureLatency of Tests/LibraryConsumer
measures Convoy.
"""

import sys
import time

import numpy
import onnxruntime

for path in sys.argv[1:]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    model_input = session.get_inputs()[0]
    times = []
    for count, repetitions in ((1, 500), (256, 50)):
        shape = [count] + list(model_input.shape[1:])
        images = numpy.random.default_rng(0).integers(0, 256, shape)
        kind = numpy.uint8 if "uint8" in model_input.type else numpy.float32
        feed = {model_input.name: images.astype(kind)}
        for _ in range(20 if count == 1 else 2):
            session.run(None, feed)
        runs = []
        for _ in range(repetitions):
            start = time.perf_counter()
            session.run(None, feed)
            runs.append(time.perf_counter() - start)
        times.append(f"{count} in {1e6 * sorted(runs)[repetitions // 2]:.1f} µs")
    print(f"{path}: {', '.join(times)}")
