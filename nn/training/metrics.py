"""Metrics: numbers that :func:`nn.fit` measures beside the loss, and that need no derivative."""

from __future__ import annotations

import numpy as np

from nn.activations import plain
from nn.aliases import Array, Numbers

__all__ = ["accuracy"]


def accuracy(outputs: Numbers, targets: Numbers, threshold: float = 0.0) -> float:
    """The fraction of samples whose class is predicted correctly; with a score of nan, a sample never is.

    Args:
        outputs: a row of scores for each sample, whose highest is the prediction; or for two classes a single score,
            which means class 1 above the threshold.
        targets: labels, or probabilities in the shape of the rows; for a single score, a positive target means class 1.
        threshold: 0 for logits and scores, 0.5 for probabilities.

    Raises:
        ValueError: if outputs and targets differ in number.

    >>> accuracy([[0.1, 2.0], [0.3, 0.2], [0.5, 0.6]], [1, 0, 0]) == 2 / 3
    True
    >>> accuracy([-0.5, 3.0], [0, 1]), accuracy([[0.7], [0.8]], [[0], [1]], threshold=0.5)
    (1.0, 0.5)
    """
    scores, wanted = plain(outputs), plain(targets)
    several = scores.ndim > 1 and scores.shape[1] > 1
    guesses = _classes(scores, several, threshold)
    if not several or wanted.shape == scores.shape:
        wanted = _classes(wanted, several, 0.0)
    if guesses.shape != wanted.shape or not guesses.size:
        raise ValueError(f"accuracy: outputs {scores.shape} do not match targets {plain(targets).shape}")
    return float(np.mean(guesses == wanted))


def _classes(scores: Array, several: bool, threshold: float) -> Array:
    """The class of each sample; nan, which equals no class, if a score is nan."""
    if not several:
        scores = scores.reshape(len(scores), 1)
    classes = scores.argmax(axis=1) if several else scores[:, 0] > threshold
    return np.where(np.isnan(scores).any(axis=1), np.nan, classes)
