"""Data to learn from: the lecture notes' tables, clouds of points, and digits; split into parts and served in batches.

A data set is a pair ``x, y``: samples along the first axis of ``x``, and as many targets.  Labels are integers.

* :mod:`nn.data.tables`: the tables and points of the notes;
* :mod:`nn.data.points`: moons, circles, spirals, blobs and XOR in the plane, with noise;
* :mod:`nn.data.digits`: handwritten digits, 8x8 and 28x28;
* :mod:`nn.data.sampling`: :func:`split` into training and held-out samples, :func:`batches` for an epoch.

>>> x, y = moons(100, noise=0.1, rng=0)
>>> (x_train, y_train), (x_test, y_test) = split(x, y, 0.2, rng=0)
>>> [len(labels) for points, labels in batches(x_train, y_train, 32, rng=0)]
[32, 32, 16]
"""

from nn.data.digits import digits_8x8, digits_28x28, openml_digits
from nn.data.points import blobs, circles, moons, spirals, xor
from nn.data.sampling import Batches, batches, split, steps_per_epoch
from nn.data.tables import (
    GATES,
    apples,
    digit_probabilities,
    gate,
    likelihood_points,
    line_points,
    linear_regression_table,
    logistic_regression_table,
    perceptron_points,
    polynomial_points,
)

__all__ = [
    "GATES",
    "Batches",
    "apples",
    "batches",
    "blobs",
    "circles",
    "digit_probabilities",
    "digits_8x8",
    "digits_28x28",
    "gate",
    "likelihood_points",
    "line_points",
    "linear_regression_table",
    "logistic_regression_table",
    "moons",
    "openml_digits",
    "perceptron_points",
    "polynomial_points",
    "spirals",
    "split",
    "steps_per_epoch",
    "xor",
]
