"""Writes the arrays of NumPyTests. Usage: python3 make_arrays.py, in this directory.

Made with Python 3.11.7 and NumPy 2.4.6. Pixel i of an array in row-major order is (37 i + seed) mod 256.
"""
import io
import zipfile

import numpy as np


def images(*shape, seed=0):
    count = int(np.prod(shape))
    return ((np.arange(count) * 37 + seed) % 256).astype(np.uint8).reshape(shape)


class Pipe(io.RawIOBase):
    """A file that cannot seek, so that zip entries get data descriptors."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


train, test = np.array([0, 3, 1, 2, 3]), np.array([2, 0])
np.savez("stored.npz", x_train=images(5, 3, 2), y_train=train.astype(np.uint8),
         x_test=images(2, 3, 2, seed=100), y_test=test.astype(np.uint8))
np.savez_compressed("deflated.npz", train_images=images(5, 3, 2), train_labels=train[:, None],
                    test_images=images(2, 3, 2, seed=100), test_labels=test[:, None])
with zipfile.ZipFile(Pipe("descriptors.npz"), "w", zipfile.ZIP_DEFLATED) as archive:
    for name, array in [("images", images(5, 3, 2)), ("labels", train)]:
        with archive.open(name + ".npy", "w", force_zip64=True) as entry:
            np.lib.format.write_array(entry, array)

for version in 1, 2, 3:
    with open(f"version{version}.npy", "wb") as file:
        np.lib.format.write_array(file, images(5, 3, 2), version=(version, 0))
np.save("fortran.npy", np.asfortranarray(images(5, 3, 2)))
np.save("color.npy", images(2, 5, 4, 3))
np.save("fortran_color.npy", np.asfortranarray(images(2, 5, 4, 3)))
np.save("channels_first.npy", np.ascontiguousarray(images(2, 5, 4, 3).transpose(0, 3, 1, 2)))
np.save("float.npy", images(5, 3, 2) / np.float32(255))
np.save("bool.npy", images(5, 3, 2) > 9)
for kind in "|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", ">u2", ">i4":
    order = {"|": "", "<": "", ">": "big_"}[kind[0]]
    np.save(f"labels_{order}{kind[1:]}.npy", train.astype(kind))
np.save("labels_wide.npy", np.array([0, 65535, 256, 2, 3]))
np.save("labels_negative.npy", np.array([0, 1, -1, 2, 3], np.int16))
np.save("labels_large.npy", np.array([0, 1, 65536, 2, 3]))
np.save("labels_column.npy", train[:, None])
