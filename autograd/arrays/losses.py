"""Losses, each of them a single node.

They are not reduced: the result has one number for each sample, which the caller may weight, mask, sum or average.
"""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.arrays.array_operation import Declaration, array_operation
from autograd.arrays.labels import class_axis, labels_along, picked
from autograd.arrays.native_nodes import nodes
from autograd.arrays.operands import as_array, as_floats
from autograd.arrays.operations import expand_dims, finite, log_softmax, softmax, sum
from autograd.arrays.signatures import takes_array, takes_two_arrays
from autograd.core.aliases import AnyArray, ArrayLike
from autograd.core.rules import sigmoid, where

__all__ = [
    "huber",
    "nll",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "softmin",
]


@takes_array
def softmin(x: AnyArray, axis: int = -1) -> AnyArray:
    """exp(-x) / Σ exp(-x) along an axis, without overflow.

    >>> softmin(np.array([1000.0, 1000.0, 2000.0]))
    array([0.5, 0.5, 0. ])
    """
    return softmax(-as_floats(x), axis)


def per_sample(*slopes: Callable[..., Any]) -> Declaration:
    """Declare a function with one result for all numbers along an axis, by its slope with respect to each operand.

    A slope is a function of the operands and options.
    """

    def vjp(slope: Callable[..., Any]) -> Callable[..., Any]:
        return lambda g, out, *xs, axis, **rest: expand_dims(g, axis) * slope(*xs, axis=axis, **rest)

    def jvp(slope: Callable[..., Any]) -> Callable[..., Any]:
        return lambda t, out, *xs, axis, **rest: sum(t * slope(*xs, axis=axis, **rest), axis)

    return array_operation(*map(vjp, slopes), jvps=[*map(jvp, slopes)], mixes="axis")


def _powers(logits: AnyArray, labels: Any, axis: int) -> tuple[Any, Any, Any, Any]:
    """The exponentials exp(x - max) of logits x, with a row for each class and a column for each sample.

    Reductions are fastest along the first axis, and there are few classes for many samples.

    Returns:
        The differences x - max, their exponentials, the sum of these for each sample, and the indices of the labels in
        the flattened arrays.
    """
    samples = labels.size
    rows = logits.transpose(axis, *range(axis), *range(axis + 1, logits.ndim))
    x = np.array(rows, order="C").reshape(len(rows), samples)
    x -= finite(np.maximum.reduce(x, initial=-np.inf))
    powers = np.exp(x)
    return x, powers, np.add.reduce(powers), labels.ravel() * samples + np.arange(samples)


def _error(
    scale: AnyArray, powers: AnyArray, totals: AnyArray, places: Any, *, shape: tuple[int, ...], axis: int
) -> AnyArray:
    """softmax - one_hot, times one number, or one for each sample; ``shape`` is the shape of the samples."""
    scale = scale.ravel()
    error = powers * (scale / totals)
    error.reshape(-1)[places] -= scale
    return error.reshape(len(error), *shape).transpose(*range(1, axis + 1), 0, *range(axis + 1, len(shape) + 1))


def _error_to_scale(g: AnyArray, out: AnyArray, scale: AnyArray, logits: AnyArray, labels: Any, axis: int) -> AnyArray:
    return sum(g * softmax_error(np.ones(()), logits, labels, axis), axis)


def _error_to_logits(g: AnyArray, out: AnyArray, scale: AnyArray, logits: AnyArray, labels: Any, axis: int) -> AnyArray:
    scale = scale if scale.ndim == 0 else expand_dims(scale, axis)
    return softmax.pull(0, scale * g, softmax(logits, axis), (logits,), {"axis": axis})


@array_operation(
    _error_to_scale,
    _error_to_logits,
    jvps=[lambda t, out, scale, logits, labels, axis: softmax_error(t, logits, labels, axis), _error_to_logits],
    mixes="axis",
)
def softmax_error(scale: AnyArray, logits: AnyArray, labels: Any, axis: int) -> AnyArray:
    """softmax(logits) - one_hot(labels), the slope of the cross-entropy, times one number, or one for each sample."""
    return _losses_and_error(logits, labels, axis, True)[1](scale)


def _loss_tangent(
    t: AnyArray, out: AnyArray, logits: AnyArray, labels: Any, axis: int, count: float | None
) -> AnyArray:
    rates = sum(t * softmax_error(np.ones(()), logits, labels, axis), axis)
    return rates if count is None else sum(rates) / count


@array_operation(
    lambda g, out, logits, labels, axis, count: softmax_error(g if count is None else g / count, logits, labels, axis),
    jvps=[_loss_tangent],
    shortcuts=[lambda error, g, labels, axis, count: error(g if count is None else g / count)],
    mixes="axis",
)
def label_cross_entropy(logits: AnyArray, labels: Any, axis: int, count: float | None = None) -> AnyArray:
    """-log softmax(logits) at the labels; with a ``count``, the sum over all samples divided by it."""
    losses, error = _losses_and_error(logits, labels, axis, count is not None)
    return losses if count is None else losses / count, error


def _losses_and_error(
    logits: AnyArray, labels: Any, axis: int, summed: bool
) -> tuple[AnyArray, Callable[[AnyArray], AnyArray]]:
    """The losses of all samples, or their sum, and a function that returns their slopes in the logits times a scale."""
    found = nodes.softmax_terms(logits, labels, summed) if nodes is not None and axis == 1 else None
    if found is not None:
        return found  # type: ignore[no-any-return]
    x, powers, totals, places = _powers(logits, labels, axis)
    losses = np.log(totals) - x.reshape(-1)[places]
    error = partial(_error, powers=powers, totals=totals, places=places, shape=labels.shape, axis=axis)
    return np.add.reduce(losses) if summed else losses.reshape(labels.shape), error


if nodes is not None:
    nodes.cross_entropy(label_cross_entropy)


@per_sample(
    lambda logits, targets, axis: softmax(logits, axis) * sum(targets, axis, True) - targets,
    lambda logits, targets, axis: -log_softmax(logits, axis),
)
def distribution_cross_entropy(logits: AnyArray, targets: AnyArray, axis: int) -> AnyArray:
    """-Σ targets * log softmax(logits); a class with the target 0 adds 0, even if its probability is 0."""
    with np.errstate(invalid="ignore"):
        return -np.sum(np.where(targets == 0, 0.0, targets * log_softmax(logits, axis)), axis=axis)


@takes_two_arrays
def softmax_cross_entropy(logits: AnyArray, targets: AnyArray, axis: int = -1, count: float | None = None) -> AnyArray:
    """The cross-entropy of softmax(logits) with the targets, as one node without overflow; one number for each sample.

    Args:
        logits: an array or Tensor, with the classes along an axis.
        targets: either labels, whole numbers of the shape of the logits without that axis; or probabilities, floats of
            the shape of the logits, which may be differentiated as well.
        axis: the axis of the classes.
        count: if given, the result is the sum over all samples divided by it, with labels still as one node.

    Returns:
        An array or Tensor of the shape of the logits without the axis; with a ``count``, of no axes.

    Raises:
        ValueError: if the shapes do not fit.
        IndexError: if a label is negative, or not less than the number of classes.

    >>> from autograd.arrays.tensor import Tensor
    >>> logits = Tensor([[0.0, 0.0], [1000.0, 0.0]])
    >>> loss = softmax_cross_entropy(logits, [0, 1])
    >>> loss.backward([1.0, 1.0])
    >>> loss.numpy().round(3)
    array([6.93e-01, 1.00e+03])
    >>> print(logits.grad)
    [[-0.5  0.5]
     [ 1.  -1. ]]
    """
    name = "softmax_cross_entropy"
    logits = as_floats(logits)
    axis = class_axis(logits, axis, name)
    targets = as_array(targets)
    floats = targets.dtype.kind == "f"
    if floats and targets.shape == logits.shape:
        losses = distribution_cross_entropy(logits, targets, axis=axis)
        return losses if count is None else sum(losses) / count
    if floats and targets.size:
        raise ValueError(
            f"{name}: targets of floats are probabilities of the shape of the logits, {logits.shape}, not "
            f"{targets.shape}; labels are whole numbers"
        )
    return label_cross_entropy(logits, labels=labels_along(logits, targets, axis, name), axis=axis, count=count)


@takes_array
def nll(log_probabilities: AnyArray, targets: ArrayLike, axis: int = -1) -> AnyArray:
    """The negative logarithm of the probability of each sample's label; one number for each sample.

    Args:
        log_probabilities: an array or Tensor, such as the result of :func:`autograd.log_softmax`.
        targets: labels, whole numbers of the shape of the log-probabilities without the axis.
        axis: the axis of the classes.

    Raises:
        ValueError: if the shapes do not fit, or a label is not a whole number.
        IndexError: if a label is negative, or not less than the number of classes.

    >>> nll(np.log([[0.25, 0.75]]), [1]).round(3)
    array([0.288])
    """
    log_probabilities = as_floats(log_probabilities)
    axis = class_axis(log_probabilities, axis, "nll")
    return -picked(log_probabilities, labels=labels_along(log_probabilities, targets, axis, "nll"), axis=axis)


def elementwise(*slopes: Callable[..., Any]) -> Declaration:
    """Declare an elementwise function, by its slope with respect to each operand."""

    def rule(slope: Callable[..., Any]) -> Callable[..., Any]:
        return lambda g, out, *xs, **options: g * slope(*xs, **options)

    rules = [*map(rule, slopes)]
    return array_operation(*rules, jvps=rules, mixes=())


@elementwise(lambda x, t: sigmoid(x) - t, lambda x, t: -x)
def logistic_cross_entropy(x: AnyArray, t: AnyArray) -> AnyArray:
    """-t log σ(x) - (1 - t) log σ(-x) = log(1 + exp(-|x|)) + max(x, 0) - x t."""
    return np.log1p(np.exp(-np.abs(x))) + x * (np.greater(x, 0) - t)


@takes_two_arrays
def sigmoid_cross_entropy(logits: AnyArray, targets: AnyArray) -> AnyArray:
    """The cross-entropy of sigmoid(logits) with the targets, elementwise, as one node without overflow.

    Args:
        logits: an array or Tensor.
        targets: of the same shape, 0 or 1 or probabilities between them, which may be differentiated as well.

    Returns:
        An array or Tensor of the shape of the logits.

    Raises:
        ValueError: if the shapes differ.

    >>> from autograd.arrays.tensor import Tensor
    >>> logits = Tensor([0.0, 1000.0, -1000.0])
    >>> loss = sigmoid_cross_entropy(logits, [1, 1, 1])
    >>> loss.backward([1.0, 1.0, 1.0])
    >>> loss.numpy().round(3), logits.grad
    (array([6.93e-01, 0.00e+00, 1.00e+03]), array([-0.5,  0. , -1. ]))
    """
    return logistic_cross_entropy(*_same_shape(logits, targets, "sigmoid_cross_entropy"))


def _bounded(d: Any, delta: float) -> Any:
    """``d``, at most ``delta`` in size; on a bound it is ``d``, for there the parabola goes on to every order."""
    return where(d > delta, delta, where(d < -delta, -delta, d))


@elementwise(
    lambda x, t, delta: _bounded(x - t, delta),
    lambda x, t, delta: _bounded(t - x, delta),
)
def huber_distance(x: AnyArray, t: AnyArray, delta: float) -> AnyArray:
    """c (d - c / 2), where d = x - t and c is d clipped to [-delta, delta]."""
    d = x - t
    c = np.clip(d, -delta, delta)
    return c * (d - 0.5 * c)


@takes_two_arrays
def huber(predictions: AnyArray, targets: AnyArray, delta: float = 1.0) -> AnyArray:
    """Half the squared error up to an error of ``delta``, and linear beyond it, elementwise, as one node (Huber, 1964).

    With ``delta=inf`` it is half the squared error everywhere.

    Args:
        predictions: an array or Tensor.
        targets: of the same shape.
        delta: the error beyond which the slope is constant, greater than 0.

    Returns:
        An array or Tensor of the same shape.

    Raises:
        ValueError: if the shapes differ, or ``delta`` is not greater than 0.

    >>> huber([0.0, 1.0, 3.0], [0.0, 0.0, 0.0])
    array([0. , 0.5, 2.5])
    """
    if not delta > 0:
        raise ValueError(f"huber: delta must be greater than 0, not {delta!r}")
    return huber_distance(*_same_shape(predictions, targets, "huber"), delta=float(delta))


def _same_shape(x: AnyArray, targets: AnyArray, name: str) -> tuple[Any, Any]:
    """Predictions and targets, checked to have the same shape; integer targets in the dtype of the predictions."""
    x = as_floats(x)
    targets = as_array(targets)
    targets = targets.astype(x.dtype) if targets.dtype.kind in "biu" else as_floats(targets)
    if x.shape != targets.shape:
        raise ValueError(f"{name}: predictions and targets must have the same shape, not {x.shape} and {targets.shape}")
    return x, targets
