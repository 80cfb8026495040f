"""The exercises of the notebook 02-numerical-differences."""

from __future__ import annotations

from typing import Any

from autograd import sin
from pathgrad.lessons.exercise import close, exercise


@exercise(
    "02-best-step", "at √(9·10⁻¹⁷) ≈ 10⁻⁸ both parts of the error are equal, and a smaller one makes the other grow"
)
def best_step(answer: Any) -> str | None:
    """The h that makes 10h + 9·10⁻¹⁶/h smallest."""
    if close(answer, 9.5e-9, 0.1):
        return None
    if close(answer, 3e-8, 0.1):
        return "the slope of 10h is 10, not 1"
    if close(answer, -9.5e-9, 0.1):
        return "of the two roots of 10 = 9·10⁻¹⁶/h² the step is the positive one"
    if close(answer, 1.9e-7, 0.1):
        return "that is the smallest error, and the step that causes it was asked for"
    truncation, rounding = 10 * float(answer), 9e-16 / float(answer)
    larger = "10h" if truncation > rounding else "9·10⁻¹⁶/h"
    return (
        f"there 10h = {truncation:.1e} and 9·10⁻¹⁶/h = {rounding:.1e}: {larger} is the larger part, so make it smaller"
    )


@exercise("02-fourth-power", "(x + h)⁴ - (x - h)⁴ = 8x³h + 8xh³, so the quotient is 4x³ + 4xh²")
def fourth_power(answer: Any) -> str | None:
    """The error of the central difference of x⁴ at 1 with h = 0.1."""
    if close(answer, 0.04):
        return None
    if close(answer, 4.04):
        return "that is the difference quotient; its error is what it differs by from the derivative 4"
    if close(answer, 0.641):
        return "that is the error of the forward difference"
    if close(answer, -0.04):
        return "the error is the difference quotient minus the derivative, and the quotient is the larger one"
    return "work out (1.1⁴ - 0.9⁴)/0.2, and subtract the derivative of x⁴ at 1"


@exercise(
    "02-second-difference",
    "h·f′ cancels between the two sides, and so does h³·f‴: what is left is f″ and an error O(h²)",
)
def second_difference(answer: Any) -> str | None:
    """A function of f, x and h that measures f″."""
    h = 1e-2
    curved = answer(lambda x: x**2, 0.3, h)
    if close(curved, 2 * h):
        return "it is h·f″: divide by h²"
    if close(curved, 1.0):
        return "it is half of f″: each of the two sides adds h²·f″/2"
    if not close(curved, 2.0):
        return f"for f(x) = x² it gives {curved:.6g}, and not 2"
    cubic = answer(lambda x: x**3, 0.3, h)
    if not close(cubic, 1.8):
        return f"it is right for x², but for x³ at 0.3 it gives {cubic:.6g}, not 1.8: take equal steps to both sides"
    return None if close(answer(sin, 0.5, h), -float(sin(0.5))) else "it is not right for sin at 0.5"
