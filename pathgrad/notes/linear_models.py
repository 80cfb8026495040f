"""Regression on the notes' table: the best linear and logistic models, and what no line can separate."""

# ruff: noqa: N802, N803, N806 (the names are those of the notes)

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from autograd import grad, hessian, matmul, sigmoid, var
from autograd.linalg import eigvalsh, solve
from nn.losses import binary_cross_entropy_with_logits, mse_loss
from nn.perceptron import separate
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.tables import linear_regression_table, logistic_regression_table

Error = Callable[[Any], Any]


def newton(E: Error, w: Any, steps: int) -> Any:
    """The minimum of E by Newton's method, with the engine's gradient and Hessian; one step is exact for a parabola."""
    for _ in range(steps):
        w = w - solve(hessian(E)(w), grad(E)(w))
    return w


def outputs(x: Any, L: Any) -> dict[str, float]:
    """The outputs of a model under the notes' names."""
    return {f"L({x1:g},{x2:g})": float(L_i) for (x1, x2), L_i in zip(x, L, strict=True)}


@example("linear-regression-table")
def linear_regression(inputs: Inputs) -> Facts:
    """The least sum of squares, where the gradient is zero; and the largest stable learning rate."""
    x, t = linear_regression_table()
    design = np.insert(x, 0, 1.0, axis=1)  # x_0 = 1, so that w_0 is the bias

    def E(w: Any) -> Any:
        return mse_loss(matmul(design, w), t, reduction="sum")

    start = np.zeros(3)
    w = newton(E, start, steps=1)
    return {
        **outputs(x, design @ w),
        "largest eta that converges": 2 / eigvalsh(hessian(E)(w))[-1],
        "at w = 0": {"E": E(start), "gradient": grad(E)(start).tolist()},
        "at the minimum": {
            "E": E(w),
            "R2": 1 - E(w) / (len(t) * var(t)),
            "w": w.tolist(),
            "w, exact": [str(Fraction(w_i).limit_denominator(10_000)) for w_i in w],
        },
    }


@example("logistic-regression-table")
def logistic_regression(inputs: Inputs) -> Facts:
    """The least cross entropy, its number of correct rows, and the largest number for any line."""
    x, t = logistic_regression_table()
    design = np.insert(x, 0, 1.0, axis=1)

    def E(w: Any) -> Any:
        return binary_cross_entropy_with_logits(matmul(design, w), t, reduction="sum")

    start = np.zeros(3)
    w = newton(E, start, steps=8)
    L = sigmoid(design @ w)
    return {
        **outputs(x, L),
        "at w = 0": {"E": E(start), "gradient": grad(E)(start).tolist()},
        "at the minimum": {"E": E(w), "rows right": np.sum((L > 0.5) == t), "w": w.tolist()},
        "rows right by the best line": largest_separable(x, 2 * t - 1),
    }


def largest_separable(x: Any, y: Any) -> int:
    """The largest number of points that a line can classify correctly.

    As long as the conditions of some rows contradict each other, one of these rows must be left out.
    """
    parts = [tuple(range(len(y)))]
    while True:  # one row is separable; smaller parts come after all larger ones
        part = parts.pop(0)
        found = separate(x[list(part)], y[list(part)])
        if found.multipliers is None:
            return len(part)
        contrary = [row for row, m in zip(part, found.multipliers, strict=True) if m]
        smaller = [tuple(row for row in part if row != gone) for gone in contrary]
        parts += [rows for rows in smaller if rows not in parts]
