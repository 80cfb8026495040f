"""The exercises of the notebook 10-from-neurons-to-matrices."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any

import numpy as np

from autograd import check_backprop
from pathgrad.lessons.exercise import close, exercise, faults

SHAPES = {"W1": (5, 4), "b1": (5, 1), "Z1": (5, 20), "W2": (3, 5), "b2": (3, 1), "Z2": (3, 20)}
"""The shapes in a network 4-5-3 with 20 samples in columns."""

FORWARD = (
    "Z1 = W1 @ X + b1; A1 = np.tanh(Z1); Z2 = W2 @ A1 + b2; A2 = 1/(1 + np.exp(-Z2)); "
    "J = np.sum(-(Y*np.log(A2) + (1 - Y)*np.log(1 - A2)))/m\n"
)
"""The forward pass whose backward pass is asked for, on one line, so that the others keep their numbers."""


@exercise("10-shapes", "W has a row for each neuron and a column for each input, and Z a column for each sample")
def shapes(answer: Any) -> str | None:
    """Six shapes, in the order of :data:`SHAPES`."""
    given = [tuple(shape) for shape in answer]
    if len(given) != len(SHAPES):
        return f"six shapes are asked for, and these are {len(given)}"
    for (name, expected), shape in zip(SHAPES.items(), given, strict=True):
        if shape == expected:
            continue
        if name[0] == "b" and shape in {(expected[0],), (expected[0], 20)}:
            return f"{name} is a column: broadcasting repeats it for each sample"
        turned = shape == expected[::-1]
        return f"{name} is the transpose of that" if turned else f"{name} does not have the shape {shape}"
    return None


@exercise("10-shape-errors", "each gradient has the shape of its variable, and the sums run over the samples")
def shape_errors(answer: Any) -> str | None:
    """The backward pass as code."""
    code = dedent(str(answer)).strip("\n")
    found = {name for name in ("dW2", "db2", "dW1", "db1") if re.search(rf"^{name}\s*=", code, re.MULTILINE)}
    if len(found) < 4:
        return "the lines for dW2, db2, dW1 and db1 must all be there"
    rng, m = np.random.default_rng(0), 4
    inputs = {"W1": (3, 2), "b1": (3, 1), "W2": (2, 3), "b2": (2, 1), "X": (2, m)}
    numbers: dict[str, Any] = {name: rng.normal(size=shape) for name, shape in inputs.items()}
    return faults(check_backprop(FORWARD + code, Y=rng.integers(2, size=(2, m)), m=m, **numbers))


@exercise("10-silent-sum", "broadcasting takes the difference of every output and every target, nine of them")
def silent_sum(answer: Any) -> str | None:
    """The mean of the squares of all differences."""
    if close(answer, 0):
        return "the differences are not taken pair by pair: (3, 1) - (3,) has the shape (3, 3)"
    if close(answer, 36):
        return "that is the sum of the squares, not their mean"
    if close(answer, 12):
        return "the mean is over all nine differences, not over three"
    return None if close(answer, 4) else "four of the nine differences are 3 or -3, and the others 0"
