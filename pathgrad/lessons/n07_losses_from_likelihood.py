"""The exercises of the notebook 07-losses-from-likelihood."""

from __future__ import annotations

from typing import Any

from autograd import check_claim
from pathgrad.lessons.exercise import close, exercise, faults


@exercise("07-apples", "it is 0 at w = 2/5, the share of apples among those drawn")
def apples(answer: Any) -> str | None:
    """The formula of d log P/dw."""
    return faults(check_claim("logP = log(10) + 2*log(w) + 3*log(r); r = 1 - w", "logP", {"w": answer}))


@exercise("07-sure-and-wrong", "the squared error has the slope of the sigmoid as one more factor, y(1 - y) = 0.0099")
def sure_and_wrong(answer: Any) -> str | None:
    """The ratio of two slopes."""
    if close(answer, 100):
        return "the slope of the sigmoid is y(1 - y), not y alone"
    if close(answer, 0.0099):
        return "that is the slope of the squared error divided by that of the cross entropy"
    if close(answer, 4, 0.1):
        return "the slope of the sigmoid is 1/4 only at its centre, y = 1/2"
    return None if close(answer, 1 / 0.0099) else "the slopes are y - t and (y - t)·y(1 - y)"


@exercise("07-softmax-slope", "behind a softmax the cross entropy has the slopes y - t, which add up to 0")
def softmax_slope(answer: Any) -> str | None:
    """The gradient in the scores."""
    if close(answer, (0.3, -0.2, -0.1)):
        return "the sign is wrong: a larger score of the true class makes the loss smaller"
    if close(answer, (-1 / 0.7, 0, 0)):
        return "that is the gradient in y; the scores reach the loss through the softmax"
    if close(answer, (-0.3, 0, 0)):
        return "the other scores change y as well, since the probabilities add up to 1"
    return None if close(answer, (-0.3, 0.2, 0.1)) else "it is y - t, as behind a sigmoid"
