"""The loss of sequences that are labelled, but not aligned: connectionist temporal classification."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import logsumexp, where
from nn.activations import array_operand, operand, plain
from nn.aliases import Array, Numbers, Reduction, WholeNumbers
from nn.losses import Loss, check_reduction, reduced

__all__ = ["CTCLoss", "ctc_loss"]


def ctc_loss(
    log_probs: Numbers,
    targets: WholeNumbers,
    input_lengths: WholeNumbers,
    target_lengths: WholeNumbers,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-log of the probability of a sequence of labels, summed over all its alignments (Graves et al., 2006).

    An alignment has a label or a blank at each time; equal neighbours are then merged, and blanks left out.  The sum
    runs from time to time: what ends in a label or in a blank goes on with the same, with the next, or, over a blank,
    with the label after it if that is a different one.

    The derivative is that of the formula, minus the probability of each label at each time.  PyTorch's adds
    exp(log_probs) to it, which ``log_softmax`` sends on as nothing: behind that, both are the same.

    Args:
        log_probs: log-probabilities of shape ``(T, N, C)``, or ``(T, C)`` for a single sample, as ``log_softmax`` gives
            them.
        targets: labels, of shape ``(N, S)`` with anything behind the end of each sample, or those of all samples in a
            row.
        input_lengths: how many times each sample has, at most T; a number for a single sample.
        target_lengths: how many labels each sample has.
        blank: the class that stands for no label.
        reduction: "none", "sum", or "mean", which first divides each loss by the number of its labels.
        zero_infinity: whether the loss of a target that does not fit into its times is 0, not infinite; otherwise its
            gradient is nan, as in PyTorch.

    Raises:
        ValueError: if shapes or lengths do not fit, or a label is the blank.
        TypeError: if labels or lengths are not whole numbers.
        IndexError: if a label is not one of the classes.

    >>> p = [[0.5, 0.5], [0.25, 0.75]]  # of blank and of label 1; the label may be at both times, or at one of them
    >>> round(float(np.exp(-ctc_loss(np.log(p), [1], 2, 1))), 6), 0.5 * 0.75 + 0.5 * 0.25 + 0.5 * 0.75
    (0.875, 0.875)
    """
    name = "ctc_loss"
    check_reduction(name, reduction)
    given = array_operand(log_probs, name)
    if given.ndim not in (2, 3):
        raise ValueError(f"{name} takes log-probabilities of shape (T, N, C) or (T, C), not {given.shape}")
    x: Any = given if given.ndim == 3 else autograd.reshape(given, (given.shape[0], 1, given.shape[1]))
    times = _lengths(name, "input_lengths", input_lengths, x.shape[1], x.shape[0])
    counts = _lengths(name, "target_lengths", target_lengths, x.shape[1])
    labels = _rows(name, targets, counts, x.shape[2], blank)
    losses = -_log_likelihood(x, labels, times, counts, blank)
    impossible = np.isposinf(plain(losses))
    if impossible.any():  # infinite whatever the numbers are, and without a slope
        read = np.isfinite(plain(x)) & (np.arange(len(x))[:, None] < times)[:, :, None]
        slopeless = np.inf * (1.0 + 0.0 * autograd.sum(where(read, x, 0.0), (0, 2)))
        losses = where(impossible, 0.0 if zero_infinity else slopeless, losses)
    if reduction == "mean":
        losses = losses / np.maximum(counts, 1).astype(x.dtype)
    return reduced(losses if given.ndim == 3 else losses[0], reduction)


def _log_likelihood(x: Any, labels: Array, times: Array, counts: Array, blank: int) -> Any:
    """The logarithm of the sum over the alignments of each sample, by the recursion over times."""
    states = np.full((len(labels), 2 * labels.shape[1] + 1), blank)  # a blank before, between and behind the labels
    states[:, 1::2] = labels
    leaps = np.zeros(states.shape, bool)  # where a blank may be left out
    leaps[:, 2:] = states[:, 2:] != states[:, :-2]
    start = np.full(states.shape, -np.inf, x.dtype)
    start[:, 0], never = 0.0, np.full((len(labels), 2), -np.inf, x.dtype)
    so_far = start + autograd.sum(x[:0])  # before the first time; a node if x is one
    for t in range(int(times.max(initial=0))):
        padded = autograd.concatenate([never, so_far], 1)
        ways = autograd.stack([so_far, padded[:, 1:-1], where(leaps, padded[:, :-2], -np.inf)])
        reached = logsumexp(ways, 0) + autograd.take_along_axis(x[t], states, 1)
        so_far = reached if times.min() > t else where((times > t)[:, None], reached, so_far)
    ends = np.stack([2 * counts, 2 * counts - 1], 1)  # in the last blank, or in the last label if there is one
    found = autograd.take_along_axis(so_far, np.maximum(ends, 0), 1)
    return logsumexp(where(ends >= 0, found, -np.inf), 1)


def _lengths(name: str, what: str, given: WholeNumbers, samples: int, most: int | None = None) -> Array:
    """A whole number for each sample, from 0 to ``most``."""
    lengths = _whole(name, what, given).reshape(-1)
    if len(lengths) != samples:
        raise ValueError(f"{name}: {what} must be a number for each of {samples} samples, not {len(lengths)} of them")
    if lengths.min(initial=0) < 0 or (most is not None and lengths.max(initial=0) > most):
        bound = "at least 0" if most is None else f"from 0 to {most}"
        raise ValueError(f"{name}: {what} must be {bound}, not {lengths.tolist()}")
    return lengths


def _rows(name: str, targets: WholeNumbers, counts: Array, classes: int, blank: int) -> Array:
    """The labels of each sample in a row, and the blank behind its end."""
    if not 0 <= blank < classes:
        raise ValueError(f"{name}: blank must be one of the classes 0 to {classes - 1}, not {blank!r}")
    labels = _whole(name, "targets", targets)
    longest = int(counts.max(initial=0))
    used = np.arange(longest) < counts[:, None]
    rows = np.full(used.shape, blank)
    if labels.ndim == 2 and len(labels) == len(counts) and labels.shape[1] >= longest:
        rows[used] = labels[:, :longest][used]
    elif labels.ndim == 1 and len(labels) == counts.sum():
        rows[used] = labels
    else:
        raise ValueError(
            f"{name}: targets must have shape ({len(counts)}, {longest}) or more columns, or "
            f"({counts.sum()},) for the labels of all samples in a row, not {labels.shape}"
        )
    wrong = rows[used & ((rows < 0) | (rows >= classes))]
    if wrong.size:
        raise IndexError(f"{name}: the label {wrong[0]} is not one of the classes 0 to {classes - 1}")
    if (rows[used] == blank).any():
        raise ValueError(f"{name}: the label {blank} is the blank, which cannot be a target")
    return rows


def _whole(name: str, what: str, given: WholeNumbers) -> Array:
    numbers = plain(operand(given, name, whole=True))
    if numbers.size and not (numbers == np.floor(numbers)).all():
        raise TypeError(f"{name}: {what} must be whole numbers, not {numbers.tolist()}")
    return numbers.astype(int)


class CTCLoss(Loss):
    """:func:`ctc_loss` as a module of log-probabilities, targets, and the lengths of both.

    >>> CTCLoss(zero_infinity=True)
    CTCLoss(blank=0, reduction='mean', zero_infinity=True)
    """

    function = staticmethod(ctc_loss)
    inputs = 4
