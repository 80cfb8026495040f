"""Data sets, and functions to split them into parts and batches.

A data set is a pair ``x, y``: samples along the first axis of ``x``, and one target for each.  Labels are integers.

* :mod:`nn.data.points`: moons, circles, spirals, blobs and XOR in the plane, with noise; logic gates;
* :mod:`nn.data.digits`: handwritten digits, 8x8 and 28x28;
* :mod:`nn.data.sampling`: :func:`split` into training and held-out samples, :func:`batches` for each epoch.

>>> x, y = moons(100, noise=0.1, rng=0)
>>> (x_train, y_train), (x_test, y_test) = split(x, y, 0.2, rng=0)
>>> [len(labels) for points, labels in batches(x_train, y_train, 32, rng=0)]
[32, 32, 16]
"""

from nn.data.digits import digits_8x8, digits_28x28, openml_digits
from nn.data.points import GATES, blobs, circles, gate, moons, spirals, xor
from nn.data.sampling import Batches, batches, split, steps_per_epoch

__all__ = [
    "GATES",
    "Batches",
    "batches",
    "blobs",
    "circles",
    "digits_8x8",
    "digits_28x28",
    "gate",
    "moons",
    "openml_digits",
    "spirals",
    "split",
    "steps_per_epoch",
    "xor",
]
