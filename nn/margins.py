"""Losses that ask for a margin between scores, or between distances, and losses of likelihoods; PyTorch's definitions.

They take arrays and Tensors; :mod:`nn.losses` has those that take Values as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import exp, log, maximum, relu, softplus, sqrt, square, where
from nn.activations import array_operand, operand
from nn.aliases import Numbers, Reduction, WholeNumbers
from nn.distances import pairwise_distance
from nn.losses import Loss, check_reduction, reduced

__all__ = [
    "CosineEmbeddingLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "PoissonNLLLoss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
    "cosine_embedding_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "poisson_nll_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


def _arrays(name: str, reduction: str, *xs: Any) -> list[Any]:
    """The operands as arrays and Tensors, constants in the dtype of the first."""
    check_reduction(name, reduction)
    arrays = [array_operand(x, name) for x in xs]
    return [x if isinstance(x, autograd.Tensor) else x.astype(arrays[0].dtype) for x in arrays]


# ---------------------------------------------------------------------------------------------------------------------
# Signs as targets
# ---------------------------------------------------------------------------------------------------------------------


def soft_margin_loss(input: Numbers, target: Numbers, *, reduction: Reduction = "mean") -> Any:
    """log(1 + exp(-t x)) for targets t of 1 and -1.

    >>> round(float(soft_margin_loss([0.0], [1.0])), 6)
    0.693147
    """
    x, t = _arrays("soft_margin_loss", reduction, input, target)
    return reduced(softplus(-t * x), reduction)


def margin_ranking_loss(
    input1: Numbers, input2: Numbers, target: Numbers, margin: float = 0.0, *, reduction: Reduction = "mean"
) -> Any:
    """max(0, margin - t (x1 - x2)): for t = 1, x1 should be larger than x2, and for t = -1 smaller.

    >>> float(margin_ranking_loss([1.0], [3.0], [1.0]))
    2.0
    """
    x1, x2, t = _arrays("margin_ranking_loss", reduction, input1, input2, target)
    return reduced(_over(margin - t * (x1 - x2)), reduction)


def hinge_embedding_loss(input: Numbers, target: Numbers, margin: float = 1.0, *, reduction: Reduction = "mean") -> Any:
    """x where the target is 1, and max(0, margin - x) where it is -1."""
    x, t = _arrays("hinge_embedding_loss", reduction, input, target)
    return reduced(where(t != 1, _over(margin - x), 0.0) + where(t != -1, x, 0.0), reduction)


def cosine_embedding_loss(
    input1: Numbers, input2: Numbers, target: Numbers, margin: float = 0.0, *, reduction: Reduction = "mean"
) -> Any:
    """1 - cos of the angle between two vectors where the target is 1, and max(0, cos - margin) where it is -1."""
    x1, x2, t = _arrays("cosine_embedding_loss", reduction, input1, input2, target)
    lengths = (autograd.sum(square(x1), -1) + 1e-12) * (autograd.sum(square(x2), -1) + 1e-12)
    cosine = autograd.sum(x1 * x2, -1) / sqrt(lengths)
    losses = where(t == 1, 1.0 - cosine, 0.0) + where(t == -1, _over(cosine - margin), 0.0)
    return reduced(losses, reduction)


def _over(x: Any) -> Any:
    """max(0, x); as in PyTorch, the slope at 0 is 1."""
    return where(x >= 0, x, 0.0)


# ---------------------------------------------------------------------------------------------------------------------
# Classes as targets
# ---------------------------------------------------------------------------------------------------------------------


def multi_margin_loss(
    input: Numbers,
    target: WholeNumbers,
    p: int = 1,
    margin: float = 1.0,
    weight: Numbers | None = None,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """The mean over all other classes i of max(0, margin - x of the label + xᵢ)ᵖ.

    Raises:
        ValueError: if p is neither 1 nor 2.
    """
    [x] = _arrays("multi_margin_loss", reduction, input)
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: p must be 1 or 2, not {p!r}")
    rows, labels = autograd.atleast_2d(x), np.atleast_1d(np.asarray(target))
    right = labels[:, None]
    terms = relu(margin - autograd.take_along_axis(rows, right, 1) + rows) ** p
    if weight is not None:
        terms = terms * operand(weight, "multi_margin_loss").astype(x.dtype)[labels][:, None]
    others = np.arange(rows.shape[1]) != right
    losses = autograd.sum(where(others, terms, 0.0), 1) / rows.shape[1]
    return reduced(losses if x.ndim == 2 else losses[0], reduction)


def multilabel_margin_loss(input: Numbers, target: WholeNumbers, *, reduction: Reduction = "mean") -> Any:
    """Σ max(0, 1 - (x of a label - x of another class)) over all labels and other classes, divided by the classes.

    Each row of targets has the labels of a sample, up to the first -1.
    """
    [x] = _arrays("multilabel_margin_loss", reduction, input)
    rows, labels = autograd.atleast_2d(x), np.atleast_2d(np.asarray(target))
    counts = np.logical_and.accumulate(labels >= 0, axis=1)
    classes = np.arange(rows.shape[1])
    labelled = ((labels[:, :, None] == classes) & counts[:, :, None]).any(1)
    scores = autograd.take_along_axis(rows, np.where(counts, labels, 0), 1)
    terms = relu(1.0 - (scores[:, :, None] - rows[:, None, :]))
    used = counts[:, :, None] & ~labelled[:, None, :]
    losses = autograd.sum(where(used, terms, 0.0), (1, 2)) / rows.shape[1]
    return reduced(losses if x.ndim == 2 else losses[0], reduction)


def multilabel_soft_margin_loss(
    input: Numbers, target: Numbers, weight: Numbers | None = None, *, reduction: Reduction = "mean"
) -> Any:
    """The mean over the classes of the binary cross-entropy of σ(x) with the target, 0 or 1 for each class."""
    x, t = _arrays("multilabel_soft_margin_loss", reduction, input, target)
    losses = t * softplus(-x) + (1.0 - t) * softplus(x)
    if weight is not None:
        losses = losses * operand(weight, "multilabel_soft_margin_loss").astype(x.dtype)
    return reduced(autograd.mean(losses, -1), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Distances
# ---------------------------------------------------------------------------------------------------------------------


def triplet_margin_loss(
    anchor: Numbers,
    positive: Numbers,
    negative: Numbers,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin) with d of :func:`pairwise_distance`.

    With ``swap``, d(positive, negative) counts if it is smaller than d(anchor, negative) (Balntas et al., 2016).
    """

    def distance(x: Any, y: Any) -> Any:
        return pairwise_distance(x, y, p, eps)

    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap, reduction=reduction
    )


def triplet_margin_with_distance_loss(
    anchor: Numbers,
    positive: Numbers,
    negative: Numbers,
    *,
    distance_function: Callable[..., Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Any:
    """:func:`triplet_margin_loss` with another distance."""
    name = "triplet_margin_with_distance_loss"
    a, near, far = _arrays(name, reduction, anchor, positive, negative)
    distance = pairwise_distance if distance_function is None else distance_function
    to_far = distance(a, far)
    if swap:
        to_far = autograd.minimum(to_far, distance(near, far))
    return reduced(_over(distance(a, near) - to_far + margin), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Likelihoods
# ---------------------------------------------------------------------------------------------------------------------


def gaussian_nll_loss(
    input: Numbers,
    target: Numbers,
    var: Numbers,
    full: bool = False,
    eps: float = 1e-6,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """½ (log σ² + (x - t)² / σ²), the negative log-likelihood of t; with ``full``, also ½ log 2π.

    Variances below ``eps`` count as ``eps``, with the slope of the formula there.

    Raises:
        ValueError: if a variance is negative.
    """
    x, t, variance = _arrays("gaussian_nll_loss", reduction, input, target, var)
    numbers = autograd.stop_gradient(variance)
    if not np.all(numbers >= 0):
        raise ValueError("gaussian_nll_loss: variances must not be negative")
    if variance.ndim == x.ndim - 1:
        variance, numbers = variance[..., None], numbers[..., None]
    variance = variance + (maximum(numbers, eps) - numbers)
    losses = 0.5 * (log(variance) + square(x - t) / variance)
    return reduced(losses + 0.5 * math.log(2.0 * math.pi) if full else losses, reduction)


def poisson_nll_loss(
    input: Numbers,
    target: Numbers,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    *,
    reduction: Reduction = "mean",
) -> Any:
    """exp(x) - t x, the negative log-likelihood of the count t; for ``log_input=False``, x - t log(x + eps).

    With ``full``, Stirling's approximation of log t! is added for t > 1.
    """
    x, t = _arrays("poisson_nll_loss", reduction, input, target)
    losses = exp(x) - t * x if log_input else x - t * log(x + eps)
    if full:
        many = where(t > 1, t, 2.0)
        losses = losses + where(t > 1, many * log(many) - many + 0.5 * log(2.0 * math.pi * many), 0.0)
    return reduced(losses, reduction)


# ---------------------------------------------------------------------------------------------------------------------
# As modules
# ---------------------------------------------------------------------------------------------------------------------


class SoftMarginLoss(Loss):
    """:func:`soft_margin_loss` as a module."""

    function = staticmethod(soft_margin_loss)


class MarginRankingLoss(Loss):
    """:func:`margin_ranking_loss` as a module."""

    function = staticmethod(margin_ranking_loss)
    inputs = 3


class HingeEmbeddingLoss(Loss):
    """:func:`hinge_embedding_loss` as a module."""

    function = staticmethod(hinge_embedding_loss)


class CosineEmbeddingLoss(Loss):
    """:func:`cosine_embedding_loss` as a module."""

    function = staticmethod(cosine_embedding_loss)
    inputs = 3


class MultiMarginLoss(Loss):
    """:func:`multi_margin_loss` as a module."""

    function = staticmethod(multi_margin_loss)


class MultiLabelMarginLoss(Loss):
    """:func:`multilabel_margin_loss` as a module."""

    function = staticmethod(multilabel_margin_loss)


class MultiLabelSoftMarginLoss(Loss):
    """:func:`multilabel_soft_margin_loss` as a module."""

    function = staticmethod(multilabel_soft_margin_loss)


class TripletMarginLoss(Loss):
    """:func:`triplet_margin_loss` as a module."""

    function = staticmethod(triplet_margin_loss)
    inputs = 3


class TripletMarginWithDistanceLoss(Loss):
    """:func:`triplet_margin_with_distance_loss` as a module."""

    function = staticmethod(triplet_margin_with_distance_loss)
    inputs = 3


class GaussianNLLLoss(Loss):
    """:func:`gaussian_nll_loss` as a module."""

    function = staticmethod(gaussian_nll_loss)
    inputs = 3


class PoissonNLLLoss(Loss):
    """:func:`poisson_nll_loss` as a module."""

    function = staticmethod(poisson_nll_loss)
