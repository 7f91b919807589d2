"""What every peer shares: the conversation with `benchmarks`, and the data.

`benchmarks peers` starts a script and writes one line of JSON to its standard input: the network,
the batch, the threads, the files of the images (see `Job`). The script makes everything ready and
answers {"version": …}. Then each line that comes in is a number of steps to run; the answer tells
what they took: {"seconds": …, "samples": …, "loss": …, "peakMemory": …}. It ends with its input.

A script is a function that turns a job into (version, run), where run(steps) returns the last loss,
or None, and `serve(function)`.
"""

import json
import os
import sys
import time


class Job:
    """What is to be run; attributes are the fields of the JSON line."""

    def __init__(self, fields):
        #: The layers of a Convoy architecture file, defaults filled in.
        self.layers = json.loads(fields["architecture"])["layers"]
        #: channels, height, width
        self.input = tuple(fields["input"])
        self.batch = fields["batch"]
        self.threads = fields["threads"]
        self.trains = fields["mode"] == "train"
        self.variant = fields["variant"]
        self.learning_rate = fields["learningRate"]
        self.count = fields["count"]
        self.images_file = fields["images"]
        self.labels_file = fields["labels"]
        # Cross-entropy holds the softmax: a final one is not applied twice.
        while self.layers[-1]["type"] in ("identity", "softmax"):
            self.layers = self.layers[:-1]

    def batches(self):
        """The images as float32 arrays of batch × height × width × channels with mean 0 and
        deviation 1, and the labels, in batches."""
        import numpy
        channels, height, width = self.input
        pixels = numpy.fromfile(self.images_file, numpy.uint8)
        images = pixels.reshape(self.count, height, width, channels).astype(numpy.float32)
        axes = (0, 1, 2)
        deviation = images.std(axes)
        deviation[deviation == 0] = 1
        images = (images - images.mean(axes)) / deviation
        labels = numpy.fromfile(self.labels_file, numpy.uint8).astype(numpy.int64)
        starts = range(0, self.count - self.batch + 1, self.batch)
        return [(images[first:first + self.batch], labels[first:first + self.batch])
                for first in starts]

    def shapes(self):
        """Each layer with the shape that reaches it: (channels, height, width), or (features,)."""
        shape = self.input
        for layer in self.layers:
            yield layer, shape
            kind = layer["type"]
            if kind == "flatten":
                size = 1
                for extent in shape:
                    size *= extent
                shape = (size,)
            elif kind == "dense":
                shape = (layer["units"],)
            elif kind in ("convolution", "maxPooling", "averagePooling"):
                channels = layer.get("filters", shape[0])
                shape = (channels,) + tuple(
                    (extent + 2 * layer.get("padding", 0) - layer["kernelSize"])
                    // layer["stride"] + 1 for extent in shape[1:])


def peak_memory():
    """The most memory that this process had, in bytes."""
    try:
        # Linux: getrusage would count what the process was before it became this program.
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def serve(build):
    # Libraries may print; what they print goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**fields):
        answers.write(json.dumps(fields) + "\n")
        answers.flush()

    job = Job(json.loads(sys.stdin.readline()))
    try:
        version, run = build(job)
    except ModuleNotFoundError as error:
        answer(missing=str(error.name))
        return
    except Exception as error:  # told to whoever asked
        answer(error=describe(error))
        return
    answer(version=version)
    for line in sys.stdin:
        steps = int(line)
        try:
            start = time.perf_counter()
            loss = run(steps)
            seconds = time.perf_counter() - start
        except Exception as error:
            answer(error=describe(error))
            return
        answer(seconds=seconds, samples=steps * job.batch, peakMemory=peak_memory(),
               **({} if loss is None else {"loss": loss}))


def describe(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"
