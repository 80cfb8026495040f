"""The exercises of the notebook 08-regression."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import check_backprop
from pathgrad.lessons.exercise import close, exercise, faults
from pathgrad.notes.tables import logistic_regression_table


@exercise("08-r-squared", "rows with the same x₁ contradict each other, so a plane explains a fifth of the variance")
def r_squared(answer: Any) -> str | None:
    """The share of the variance that the best plane explains."""
    if close(answer, 1 - 50.8885 / 65.25):
        return "the errors are compared with those of the mean, 0.35, and not with those of 0"
    if close(answer, 50.8885 / 64.025):
        return "that is the share that the plane does not explain"
    return None if close(answer, 1 - 50.8885 / 64.025) else "it is 1 - E/Σ(t - t̄)², with the mean t̄ = 0.35"


@exercise("08-mean-rate", "a tenth of the curvature allows ten times the rate")
def mean_rate(answer: Any) -> str | None:
    """The largest stable rate."""
    if close(answer, 0.00287, 0.01):
        return "the curvature of E/10 is smaller than that of E"
    if close(answer, 0.000287, 0.01):
        return "the curvature is divided by 10, and the rate is 2 divided by the curvature"
    return None if close(answer, 0.0287, 0.01) else "the rate is 2 divided by the largest curvature"


@exercise("08-logistic-backward", "the error of each row times its inputs, added up over the rows")
def logistic_backward(answer: Any) -> str | None:
    """The lines of the backward pass."""
    forward = "Z = X @ w\nY = 1/(1 + np.exp(-Z))\nE = -np.sum(T*np.log(Y) + (1 - T)*np.log(1 - Y))\n"
    x, labels = logistic_regression_table()
    inputs = np.insert(x, 0, 1.0, axis=1)  # x₀ = 1
    if "dw" not in answer:
        return "the gradient dw is missing"
    return faults(check_backprop(forward + answer, X=inputs, T=labels, w=np.array([0.1, -0.2, 0.3])))
