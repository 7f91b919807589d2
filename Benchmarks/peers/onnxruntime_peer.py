"""Runs a network forward with ONNX Runtime, exported from PyTorch. How it is asked to: peer.py.

Measured with onnxruntime 1.32.0, onnx 1.23.2 and torch 2.15.0
(pip install onnxruntime onnx onnxscript torch numpy).
"""

import io
import itertools

import peer
import pytorch


def build(job):
    import onnxruntime
    import torch
    model, batches = pytorch.network(job)
    file = io.BytesIO()
    torch.onnx.export(model.eval(), (batches[0][0].contiguous(),), file, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job.threads
    session = onnxruntime.InferenceSession(
        file.getvalue(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    inputs = itertools.cycle([{name: images.contiguous().numpy()} for images, _ in batches])

    def run(steps):
        for _ in range(steps):
            session.run(None, next(inputs))

    return f"onnxruntime {onnxruntime.__version__}", run


if __name__ == "__main__":
    peer.serve(build)
