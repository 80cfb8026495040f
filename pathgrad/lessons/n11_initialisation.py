"""The exercises of the notebook 11-initialisation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from nn import functional, optim
from nn.data import gate
from pathgrad.lessons.exercise import close, exercise

PARAMETERS = {"W1": (2, 2), "b1": (2,), "W2": (1, 2), "b2": (1,)}
"""The parameters of a 2-2-1 network, with a row for each neuron."""


@exercise("11-spread", "it is He's √(2/n), since the ReLU sets half of its inputs to 0")
def spread(answer: Any) -> str | None:
    """The standard deviation for 50 inputs of a ReLU."""
    if close(answer, 1 / math.sqrt(50)):
        return "that is Xavier's 1/√n; the ReLU sets half of its inputs to 0, and the other half has to make up for it"
    if close(answer, 2 / 50):
        return "that is the variance; the standard deviation is its root"
    if close(answer, 1 / math.sqrt(100)):
        return "the half goes the other way: only n/2 of the inputs are left, not 2n"
    return None if close(answer, 0.2) else "it is 1/√(n/2) with n = 50"


@exercise("11-shrinking", "each layer halves the mean square, so ten layers divide its root by √2 ten times")
def shrinking(answer: Any) -> str | None:
    """The factor by which ten layers shrink the root mean square."""
    if close(answer, 2**-10):
        return "that is the factor of the mean square, and its root is asked for"
    if close(answer, 32):
        return "the activations shrink: the factor is less than 1"
    return None if close(answer, 1 / 32, 0.03) else "one layer divides the root mean square by √2"


@exercise("11-break-the-symmetry", "one random parameter that differs between the hidden neurons is enough")
def break_the_symmetry(answer: Any) -> str | None:
    """The names of three parameters that start at 0."""
    names = {answer} if isinstance(answer, str) else set(answer)
    if not names <= set(PARAMETERS):
        return f"the parameters are W1, b1, W2 and b2, and {', '.join(map(str, names - set(PARAMETERS)))} is none"
    if not _neurons_differ(names):
        rest = ", ".join(name for name in PARAMETERS if name not in names)
        return "the two hidden neurons stay the same" + (f": {rest} does not tell them apart" if rest else "")
    return None if len(names) == 3 else f"three can start at 0, and these are {len(names)}"


def _neurons_differ(zero: set[str], steps: int = 20) -> bool:
    """Whether the hidden neurons of a net learn different weights for OR if these parameters start at 0."""
    rng = np.random.default_rng(0)
    w1, b1, w2, b2 = parameters = [
        Tensor(np.zeros(shape) if name in zero else rng.normal(size=shape)) for name, shape in PARAMETERS.items()
    ]
    x, y = gate("or")
    optimizer = optim.SGD(parameters, lr=0.5)
    for _ in range(steps):
        z = functional.linear(functional.sigmoid(functional.linear(x, w1, b1)), w2, b2)
        optimizer.zero_grad()
        functional.binary_cross_entropy_with_logits(z[:, 0], y).backward()
        optimizer.step()
    return not np.allclose(w1.data[0], w1.data[1], rtol=1e-9, atol=0)
