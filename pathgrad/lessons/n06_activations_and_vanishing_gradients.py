"""The exercises of the notebook 06-activations-and-vanishing-gradients."""

from __future__ import annotations

from typing import Any

from autograd import check_claim
from pathgrad.lessons.exercise import close, exercise, faults


@exercise("06-depth", "4¹⁰ = 1,048,576 is the first power of 4 above a million")
def depth(answer: Any) -> str | None:
    """The number of sigmoids."""
    n = float(answer)
    if n != round(n):
        return "it is a whole number of sigmoids: round up"
    if n < 10:
        return f"(1/4)^{n:g} = {0.25**n:.2g} is not below 10⁻⁶"
    return None if n == 10 else f"(1/4)^{n - 1:g} = {0.25 ** (n - 1):.2g} is below 10⁻⁶ already"


@exercise("06-tanh-from-sigmoid", "each of both edges carries a factor 2, and the second one the slope of the sigmoid")
def tanh_from_sigmoid(answer: Any) -> str | None:
    """The formula of da/dz."""
    return faults(check_claim("a = 2*s - 1; s = sigmoid(2*z)", "a", {"z": answer}))


@exercise("06-collapse", "the second layer multiplies the weight and the bias of the first")
def collapse(answer: Any) -> str | None:
    """The weight and the bias of the one layer."""
    w, b = answer
    if not close(w, -6):
        return "the weights are multiplied, as the factors along a path"
    if close(b, 5):
        return "the second layer multiplies the bias of the first as well"
    return None if close(b, 7) else "b' is the output for x = 0"
