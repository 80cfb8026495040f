"""The exercises of the notebook 12-regularisation."""

from __future__ import annotations

import math
from typing import Any

from autograd import check_claim
from pathgrad.lessons.exercise import close, exercise, faults


@exercise("12-l1-gradient", "the slope of |w| is the sign of w, so L1 takes off the same amount from every weight")
def l1_gradient(answer: Any) -> str | None:
    """The formula of dΩ/dw."""
    if check_claim("Omega = lambda/(2*m)*w**2", "Omega", {"w": answer}):
        return "that is the gradient of L2; here the penalty has |w|, not its square"
    return faults(check_claim("Omega = lambda/(2*m)*abs(w)", "Omega", {"w": answer}))


@exercise("12-dropout", "what is dropped is 0 both ways, and what is kept is divided by keep_prob both ways")
def dropout(answer: Any) -> str | None:
    """A after dropout, and the gradient before it."""
    forward, backward = answer
    if close(forward, [0, 4, 6, 0]):
        return "what is kept has to be divided by keep_prob, or the next layer sees half of the mean"
    if close(forward, [0, 2, 3, 0]):
        return "what is kept is divided by keep_prob, not multiplied by it"
    if not close(forward, [0, 8, 12, 0]):
        return "A' is A times D, divided by keep_prob"
    if close(backward, [0, 0.5, 1, 0]):
        return "A' = A/keep_prob, so dA = dA'/keep_prob: the notes have this upside down"
    if close(backward, [0, 1, 2, 0]):
        return "the division by keep_prob is a factor of the chain rule, too"
    if close(backward, [2, 2, 4, 4]):
        return "no gradient goes through what is dropped"
    return None if close(backward, [0, 2, 4, 0]) else "dA is dA' times D, divided by keep_prob"


@exercise("12-decay", "each step multiplies the weight by 1 - αλ/m = 0.995")
def decay(answer: Any) -> str | None:
    """The weight 2 after 100 steps of decay alone."""
    if close(answer, 2 * 0.95**100):
        return "λ is divided by the number of samples, m = 10"
    if close(answer, 2 * 0.9975**100):
        return "the 2 of λ/2m is gone after differentiating the square"
    if close(answer, 2 * math.exp(-0.5), 1e-4):
        return "that is the limit of many small steps; 100 steps of this size end a little lower"
    if close(answer, 2 - 100 * 0.01):
        return "the weight gets smaller, and so does what each step takes off"
    return None if close(answer, 2 * 0.995**100, 5e-4) else "one step takes off 0.1 · 0.5/10 of the weight"
