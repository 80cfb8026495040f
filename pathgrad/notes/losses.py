"""Losses: their slopes, and the signs and brackets that are missing in the notes."""

# ruff: noqa: N806 (the names are those of the notes)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Value, log
from nn.losses import binary_cross_entropy, categorical_cross_entropy, l1_loss, mse_loss
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import leaves


def value_and_slopes(loss: Callable[..., Value], outputs: list[str], targets: list[int], **options: Any) -> Any:
    """A loss, and its slope in each output."""
    values = [Value(float(output)) for output in outputs]
    L = loss(values, targets, **options)
    L.backward()
    return L, [value.grad for value in values]


@example("loss-l1")
def sum_of_distances(inputs: Inputs) -> Facts:
    """The sum of |y* - y|, whose slopes are signs."""
    L1, slopes = value_and_slopes(l1_loss, inputs["ystar"], inputs["y"], reduction="sum")
    return {"L1": L1, "grad": slopes}


@example("loss-l2")
def mean_of_squares(inputs: Inputs) -> Facts:
    """The mean of (y* - y)²."""
    L2, slopes = value_and_slopes(mse_loss, inputs["ystar"], inputs["y"])
    return {"L2": L2, "grad": slopes}


@example("loss-cross-entropy")
def cross_entropy(inputs: Inputs) -> Facts:
    """The sum of -y log y* over the classes."""
    CE, slopes = value_and_slopes(categorical_cross_entropy, inputs["ystar"], inputs["y"])
    return {"CE": CE, "grad": slopes, "terms": len(slopes)}


@example("loss-bce")
def mean_binary_cross_entropy(inputs: Inputs) -> Facts:
    """The mean over samples of two classes."""
    BCE, slopes = value_and_slopes(binary_cross_entropy, inputs["h"], inputs["y"])
    return {"BCE": BCE, "gradient": slopes}


@example("cross-entropy-sign")
def sign_of_cross_entropy(inputs: Inputs) -> Facts:
    """With the minus sign, a smaller loss means an output closer to its target; without it, further away."""
    t = inputs["t"]
    [y] = leaves(inputs, "y")
    CE = binary_cross_entropy(y, t)
    CE.backward()
    slope, y.grad = y.grad, None
    printed = t * log(y) + (1 - t) * log(1 - y)
    printed.backward()
    return {"CE": CE, "dCE/dy": slope, "without the minus": {"CE": printed, "dCE/dy": y.grad}}
