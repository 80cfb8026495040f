"""The exercises of the notebook 13-digits-and-mini-batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from pathgrad.lessons.exercise import close, exercise
from pathgrad.notes.tables import digit_probabilities


@exercise("13-epochs", "an epoch has 468 full mini-batches and a smaller one, and there are five epochs")
def epochs(answer: Any) -> str | None:
    """The iterations in 5 epochs of 60,000 images in mini-batches of 128."""
    if close(answer, 469, 1e-6):
        return "that is one epoch"
    if close(answer, 5 * 468, 1e-6):
        return "the last mini-batch of each epoch is smaller, but it is an iteration, too"
    if close(answer, 5 * 60_000 / 128, 2e-4):
        return "every epoch ends with a smaller mini-batch, so round up before you multiply by 5"
    return None if close(answer, 2345, 1e-6) else "an epoch has 60,000/128 iterations, rounded up"


@exercise("13-slopes", "the slope in a score is its probability, minus 1 at the right digit")
def slopes(answer: Any) -> str | None:
    """The derivatives of the loss in the ten scores if the digit is a 6."""
    y, t = digit_probabilities(), np.eye(10)
    if close(answer, t[6] - y):
        return "the signs are reversed: the loss falls when the right score rises"
    if close(answer, y - t[5]):
        return "the image shows a 6, whatever the network says"
    if close(answer, -t[6] / y[6]):
        return "that is the derivative in the probabilities; the one in the scores is asked for"
    return None if close(answer, y - t[6]) else "it is yᵢ - tᵢ, a list of ten numbers"


@exercise("13-batch-size", "the error falls like 1/√size, so a tenth of it takes a hundred times as many images")
def batch_size(answer: Any) -> str | None:
    """The size at which the error is a tenth of what it is at 100."""
    if close(answer, 1000):
        return "ten times as many images divide the error by √10 only"
    if close(answer, 100 * np.sqrt(10)):
        return "the root goes the other way: the error falls like the root of the size"
    if close(answer, 100):
        return "that is the factor, and the size was 100 to begin with"
    return None if close(answer, 10_000) else "the error falls like 1/√size"
