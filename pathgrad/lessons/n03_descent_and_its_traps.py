"""The exercises of the notebook 03-descent-and-its-traps."""

from __future__ import annotations

from typing import Any

from pathgrad.lessons.exercise import close, exercise


@exercise("03-largest-rate", "each step multiplies x by 1 - 6α, which is -1 at α = 1/3: beyond, |x| grows")
def largest_rate(answer: Any) -> str | None:
    """The rate up to which gradient descent of 3x² converges."""
    if close(answer, 1 / 3):
        return None
    if close(answer, 1 / 6):
        return "with this rate the first step ends at the minimum; larger ones still converge, from alternating sides"
    if close(answer, 1):
        return "that is the limit for x²; 3x² is three times as steep"
    if close(answer, 2 / 3):
        return "f″ = 6, not 3"
    return (
        f"one step takes x to (1 - 6α)x, which is {1 - 6 * float(answer):.4g}·x: the limit is where this factor is -1"
    )


@exercise("03-watershed", "the maximum at (-7 + √41)/4 is the watershed: to its right every small step leads to 2")
def watershed(answer: Any) -> str | None:
    """The smallest start from which small steps lead to the local minimum."""
    if close(answer, (-7 + 41**0.5) / 4, 1e-2):
        return None
    if close(answer, -3.35, 1e-2):
        return "that is the global minimum, and a descent that starts there stays there"
    if close(answer, 2, 1e-2):
        return "2 is where they end; starts to the left of it slide there as well"
    side = "left" if float(answer) < -0.149 else "right"
    return f"at {float(answer):g} the curve is on the {side} side of the hill; its top divides the starts"


@exercise("03-both-at-once", "both derivatives, 2 and 4, are taken at the old point (2, 1)")
def both_at_once(answer: Any) -> str | None:
    """The weights after one step of gradient descent of (w0 w1 - 1)² from (2, 1) with η = 0.1."""
    if close(answer, (1.8, 0.6)):
        return None
    if close(answer, (1.8, 0.712)):
        return "the second derivative was taken at the new w0; take both at the old point"
    if close(answer, (1.568, 0.6)):
        return "the first derivative was taken at the new w1; take both at the old point"
    if close(answer, (2.2, 1.4)):
        return "that is uphill: the step goes against the gradient"
    if close(answer, (1.9, 0.8)):
        return "the derivative of the square has a factor 2"
    if close(answer, (2, 4)):
        return "that is the gradient; the step is -0.1 times it"
    return "dE/dw0 = 2(w0·w1 - 1)·w1 and dE/dw1 = 2(w0·w1 - 1)·w0, at w0 = 2 and w1 = 1"
