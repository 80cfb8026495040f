"""What neural networks are made of: more rows of the table of array operations, each of them a single node.

Affine maps, and losses over logits, for Tensors and arrays alike.  A loss is not reduced: it is one number for each
sample, for others to weigh, mask, add up or average.  Convolution and pooling are in
:mod:`autograd.arrays.convolution`.
"""
# mypy: disable-error-code="has-type"
# (rows speak of rows further down)

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd.arrays.arithmetic import ArrayOperators
from autograd.arrays.array_operation import ArrayOperation, operation
from autograd.arrays.operations import any_nan, expand_dims, finite, flow, log_softmax, reshape, softmax, sum
from autograd.core.rules import clip, sigmoid

__all__ = [
    "huber",
    "linear",
    "nll",
    "one_hot",
    "pick",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "softmin",
]


def floats(x: Any) -> Any:
    """A Tensor or an array of floats as it is; whole numbers, and lists of numbers, as an array of floats."""
    if isinstance(x, ArrayOperators):
        return x
    array = x if hasattr(x, "dtype") else np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"this takes Tensors, arrays and real numbers, not {type(x).__name__} of {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(float)


def plus(fresh: Any, bias: Any) -> Any:
    """The sum of both, in the memory of the first if they are of one type."""
    return np.add(fresh, bias, out=fresh) if fresh.dtype == bias.dtype else fresh + bias


# ---------------------------------------------------------------------------------------------------------------------
# Affine maps
# ---------------------------------------------------------------------------------------------------------------------


def _rows(x: Any) -> Any:
    """All axes but the last as one."""
    return x if x.ndim == 2 else reshape(x, (prod(x.shape[:-1]), x.shape[-1]))


def _affine_part(place: int, g: Any, out: Any, *operands: Any) -> Any:
    if place == 0:
        return g @ operands[1]
    g = _rows(g)
    if place == 1:
        return np.dot(g.T, _rows(operands[0]))
    return np.dot(_ones(len(g), g.dtype), g)  # a product is summed quicker than columns are


@lru_cache(maxsize=64)
def _ones(n: int, dtype: Any) -> Any:
    """As many ones, to be read only."""
    ones = np.ones(n, dtype)
    ones.flags.writeable = False
    return ones


def _affine_tangent(place: int, t: Any, out: Any, *operands: Any) -> Any:
    x, weight = operands[:2]
    return affine_map(t, weight) if place == 0 else affine_map(x, t) if place == 1 else t


@operation(_affine_part, jvps=[_affine_tangent], name="linear")
def affine_map(*operands: Any) -> Any:
    """``x @ weight.T + bias`` of two operands or three."""
    x, weight, *bias = operands
    if weight.ndim != 2:
        raise ValueError(f"linear takes a weight of shape (out, in), not {weight.shape}")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(f"linear: x of shape {x.shape} does not fit a weight (out, in) of shape {weight.shape}")
    y = np.dot(_rows(x), weight.T)
    if x.ndim != 2:
        y = y.reshape(*x.shape[:-1], len(weight))
    return plus(y, fitting_bias(bias[0], weight, "linear")) if bias else y


def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """The affine map of a layer, ``x @ weight.T + bias``, as one node.

    Args:
        x: of shape ``(..., in)``, with any number of axes before the last.
        weight: of shape ``(out, in)``.
        bias: of shape ``(out,)``, or ``None``.

    Returns:
        An array or Tensor of shape ``(..., out)``.

    Raises:
        ValueError: if the shapes do not fit.

    >>> from autograd.arrays.tensor import Tensor
    >>> weight = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> y = linear([[1.0, 10.0]], weight, [0.5, 0.5, 0.5])
    >>> y.backward([[1.0, 0.0, 0.0]])
    >>> y.numpy(), weight.grad[0]
    (array([[21.5, 43.5, 65.5]]), array([ 1., 10.]))
    """
    if bias is None:
        return affine_map(floats(x), floats(weight))
    return affine_map(floats(x), floats(weight), floats(bias))


def fitting_bias(bias: Any, weight: Any, name: str) -> Any:
    """The bias, which must have a number for each output of the weight."""
    bias = floats(bias)
    if bias.shape != weight.shape[:1]:
        raise ValueError(f"{name}: a bias of shape {bias.shape} does not fit a weight of shape {weight.shape}")
    return bias


# ---------------------------------------------------------------------------------------------------------------------
# Classes
# ---------------------------------------------------------------------------------------------------------------------


def _class_axis(x: Any, axis: int, name: str) -> int:
    """The axis, counted from the front."""
    if not -x.ndim <= operator.index(axis) < x.ndim:
        raise np.exceptions.AxisError(axis, x.ndim, f"{name} of shape {x.shape}")
    return int(axis) % int(x.ndim)


def _labels(labels: Any, classes: int, name: str, shape: tuple[int, ...] | None = None) -> Any:
    """A copy of labels that are whole numbers from 0 to classes - 1, in this shape if one is given."""
    if hasattr(labels, "backward"):
        raise TypeError(f"{name}: labels are an array of whole numbers, not a Tensor, which holds floats")
    labels = np.asarray(labels)
    if shape is not None and labels.shape != shape:
        raise ValueError(f"{name}: there must be labels of shape {shape}, one for each sample, not {labels.shape}")
    whole = labels.dtype.kind in "iu"
    if labels.size and not (whole and are_classes(labels, classes)):
        wrong = (labels < 0) | (labels >= classes) if whole else np.ones(labels.shape, bool)
        place = tuple(np.argwhere(wrong)[0].tolist())
        raise (IndexError if whole else ValueError)(
            f"{name}: labels are whole numbers n with 0 <= n < {classes}, but the one at "
            f"{place[0] if len(place) == 1 else place} is {labels[place]}"
        )
    return np.array(labels, np.intp)


def are_classes(labels: Any, classes: int) -> bool:
    """Whether all of an array of whole numbers are from 0 to classes - 1."""
    return bool(labels.astype(np.uintp).max(initial=0) < classes)  # without a sign, negative numbers are large ones


def one_hot(labels: Any, classes: int, dtype: Any = float) -> Any:
    """A row of zeros for each label, with a one in the label's place.

    Args:
        labels: whole numbers from 0 to ``classes - 1``, in an array of any shape.
        classes: how many classes there are.
        dtype: of the result.

    Returns:
        A plain array with one axis more than the labels, the last.

    Raises:
        ValueError: if a label is not a whole number.
        IndexError: if a label is not among the classes.

    >>> print(one_hot([2, 0], 3))
    [[0. 0. 1.]
     [1. 0. 0.]]
    """
    labels = _labels(labels, operator.index(classes), "one_hot")
    return placed(np.ones(labels.shape, dtype), labels=labels, axis=-1, classes=classes)


@operation(lambda g, out, x, labels, axis: placed(g, labels, axis, x.shape[axis]), name="pick")
def picked(x: Any, labels: Any, axis: int) -> Any:
    """The entry along an axis that each label names."""
    return np.take_along_axis(x, np.expand_dims(labels, axis), axis).squeeze(axis)


@operation(lambda g, out, x, labels, axis, classes: picked(g, labels, axis), name="place")
def placed(x: Any, labels: Any, axis: int, classes: int) -> Any:
    """Zeros along a new axis, with each number of ``x`` in the place that its label names."""
    shape = list(x.shape)
    shape.insert(axis % (x.ndim + 1), classes)
    whole = np.zeros(shape, x.dtype)
    np.put_along_axis(whole, np.expand_dims(labels, axis), np.expand_dims(x, axis), axis)
    return whole


def pick(x: Any, labels: Any, axis: int = -1) -> Any:
    """For each sample the entry that its label names.

    Args:
        x: an array or Tensor.
        labels: whole numbers, in the shape of ``x`` without the axis.
        axis: the axis of ``x`` along which the labels count.

    Returns:
        An array or Tensor of the shape of the labels.

    Raises:
        ValueError: if the shapes do not fit, or a label is not a whole number.
        IndexError: if a label is less than 0, or not less than the length of the axis.

    >>> pick(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [2, 0])
    array([3., 4.])
    """
    x = floats(x)
    axis = _class_axis(x, axis, "pick")
    return picked(x, labels=_labels_along(x, labels, axis, "pick"), axis=axis)


def _labels_along(x: Any, labels: Any, axis: int, name: str) -> Any:
    return _labels(labels, x.shape[axis], name, (*x.shape[:axis], *x.shape[axis + 1 :]))


# ---------------------------------------------------------------------------------------------------------------------
# Losses, one number for each sample
# ---------------------------------------------------------------------------------------------------------------------


def softmin(x: Any, axis: int = -1) -> Any:
    """exp(-x) / Σ exp(-x) along an axis, without overflow.

    >>> softmin(np.array([1000.0, 1000.0, 2000.0]))
    array([0.5, 0.5, 0. ])
    """
    return softmax(-floats(x), axis)


def per_sample(*slopes: Callable[..., Any]) -> Callable[[Callable[..., Any]], ArrayOperation]:
    """Declare a function that makes one number of all along an axis, by its slope in the numbers of each operand.

    A slope is a function of the operands and options.  A sample whose gradient is zero sends nothing, nan or not.
    """

    def vjp(slope: Callable[..., Any]) -> Callable[..., Any]:
        return lambda g, out, *xs, axis, **rest: flow(expand_dims(g, axis), slope(*xs, axis=axis, **rest))

    def jvp(slope: Callable[..., Any]) -> Callable[..., Any]:
        return lambda t, out, *xs, axis, **rest: sum(flow(t, slope(*xs, axis=axis, **rest)), axis)

    return operation(*map(vjp, slopes), jvps=[*map(jvp, slopes)])


def _powers(logits: Any, labels: Any, axis: int) -> tuple[Any, Any, Any, Any]:
    """The powers exp(x) of logits x less the largest of their sample, a row for each class, a column for each sample.

    Numbers are reduced quickest along the first axis, and there are few classes for many samples.

    Returns:
        The differences, their powers, the sum of these for each sample, and where the labels are, counted along the
        flattened arrays.
    """
    samples = labels.size
    rows = logits.transpose(axis, *range(axis), *range(axis + 1, logits.ndim))
    x = np.array(rows, order="C").reshape(len(rows), samples)
    x -= finite(np.maximum.reduce(x, initial=-np.inf))
    powers = np.exp(x)
    return x, powers, np.add.reduce(powers), labels.ravel() * samples + np.arange(samples)


def _error(scale: Any, powers: Any, totals: Any, places: Any, *, shape: tuple[int, ...], axis: int) -> Any:
    """softmax - one_hot, times a number, or one for each of the samples, which are of this shape."""
    scale = scale.ravel()
    error = powers * (scale / totals)
    error.reshape(-1)[places] -= scale
    if any_nan(error):
        error = np.where(scale == 0, 0.0, error)
    return error.reshape(len(error), *shape).transpose(*range(1, axis + 1), 0, *range(axis + 1, len(shape) + 1))


def _error_to_scale(g: Any, out: Any, scale: Any, logits: Any, labels: Any, axis: int) -> Any:
    return sum(flow(g, softmax_error(np.ones(()), logits, labels, axis)), axis)


def _error_to_logits(g: Any, out: Any, scale: Any, logits: Any, labels: Any, axis: int) -> Any:
    scale = scale if scale.ndim == 0 else expand_dims(scale, axis)
    return softmax.pull(0, scale * g, softmax(logits, axis), (logits,), {"axis": axis})


@operation(
    _error_to_scale,
    _error_to_logits,
    jvps=[lambda t, out, scale, logits, labels, axis: softmax_error(t, logits, labels, axis), _error_to_logits],
)
def softmax_error(scale: Any, logits: Any, labels: Any, axis: int) -> Any:
    """softmax(logits) - one_hot(labels), the slope of their cross-entropy, times a number, or one for each sample.

    A sample whose number is zero becomes zero, nan or not.
    """
    _, *kept = _powers(logits, labels, axis)
    return _error(scale, *kept, shape=labels.shape, axis=axis)


def _loss_tangent(t: Any, out: Any, logits: Any, labels: Any, axis: int, count: float | None) -> Any:
    rates = sum(flow(t, softmax_error(np.ones(()), logits, labels, axis)), axis)
    return rates if count is None else sum(rates) / count


@operation(
    lambda g, out, logits, labels, axis, count: softmax_error(g if count is None else g / count, logits, labels, axis),
    jvps=[_loss_tangent],
    shortcuts=[
        lambda kept, g, labels, axis, count: _error(
            g if count is None else g / count, *kept, shape=labels.shape, axis=axis
        )
    ],
)
def label_cross_entropy(logits: Any, labels: Any, axis: int, count: float | None = None) -> Any:
    """-log softmax(logits), at the labels; if there is a ``count``, the sum over all samples divided by it."""
    x, *kept = _powers(logits, labels, axis)
    _, totals, places = kept
    losses = np.log(totals) - x.reshape(-1)[places]
    return losses.reshape(labels.shape) if count is None else np.add.reduce(losses) / count, kept


@per_sample(
    lambda logits, targets, axis: softmax(logits, axis) * sum(targets, axis, True) - targets,
    lambda logits, targets, axis: -log_softmax(logits, axis),
)
def distribution_cross_entropy(logits: Any, targets: Any, axis: int) -> Any:
    """-Σ targets * log softmax(logits); what has the target 0 does not count, though it be impossible."""
    with np.errstate(invalid="ignore"):
        return -np.sum(flow(targets, log_softmax(logits, axis)), axis=axis)


def softmax_cross_entropy(logits: Any, targets: Any, axis: int = -1) -> Any:
    """The cross-entropy of softmax(logits) with the targets, as one node without overflow; one number for each sample.

    Args:
        logits: with the classes along an axis.
        targets: either labels, whole numbers in the shape of the logits without that axis; or probabilities, floats in
            the shape of the logits, which may be differentiated as well.
        axis: the axis of the classes.

    Returns:
        An array or Tensor in the shape of the logits without the axis.

    Raises:
        ValueError: if the shapes do not fit.
        IndexError: if a label is not among the classes.

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
    logits = floats(logits)
    axis = _class_axis(logits, axis, name)
    targets = targets if hasattr(targets, "dtype") else np.asarray(targets)
    if targets.dtype.kind == "f" and targets.shape == logits.shape:
        return distribution_cross_entropy(logits, targets, axis=axis)
    if targets.dtype.kind == "f" and targets.size:
        raise ValueError(
            f"{name}: targets of floats are probabilities of the shape of the logits, {logits.shape}, not "
            f"{targets.shape}; labels are whole numbers"
        )
    return label_cross_entropy(logits, labels=_labels_along(logits, targets, axis, name), axis=axis)


def nll(log_probabilities: Any, targets: Any, axis: int = -1) -> Any:
    """The negative logarithm of the probability of each sample's label; one number for each sample.

    Args:
        log_probabilities: such as :func:`autograd.arrays.operations.log_softmax` gives, with the classes along an axis.
        targets: labels, whole numbers in the shape of the log-probabilities without that axis.
        axis: the axis of the classes.

    Raises:
        ValueError: if the shapes do not fit, or a label is not a whole number.
        IndexError: if a label is not among the classes.

    >>> nll(np.log([[0.25, 0.75]]), [1]).round(3)
    array([0.288])
    """
    log_probabilities = floats(log_probabilities)
    axis = _class_axis(log_probabilities, axis, "nll")
    return -picked(log_probabilities, labels=_labels_along(log_probabilities, targets, axis, "nll"), axis=axis)


def elementwise(*slopes: Callable[..., Any]) -> Callable[[Callable[..., Any]], ArrayOperation]:
    """Declare a function that works number by number, by its slope in each operand."""

    def rule(slope: Callable[..., Any]) -> Callable[..., Any]:
        return lambda g, out, *xs, **options: flow(g, slope(*xs, **options))

    rules = [*map(rule, slopes)]
    return operation(*rules, jvps=rules)


@elementwise(lambda x, t: sigmoid(x) - t, lambda x, t: -x)
def logistic_cross_entropy(x: Any, t: Any) -> Any:
    """-t log σ(x) - (1 - t) log σ(-x) = log(1 + exp(-|x|)) + max(x, 0) - x t."""
    return np.log1p(np.exp(-np.abs(x))) + x * (np.greater(x, 0) - t)


def sigmoid_cross_entropy(logits: Any, targets: Any) -> Any:
    """The cross-entropy of sigmoid(logits) with the targets, as one node without overflow, number by number.

    Args:
        logits: an array or Tensor.
        targets: in the same shape, 0 or 1 or probabilities between them, which may be differentiated as well.

    Returns:
        An array or Tensor in the shape of the logits.

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


@elementwise(
    lambda x, t, delta: clip(x - t, -delta, delta),
    lambda x, t, delta: clip(t - x, -delta, delta),
)
def huber_distance(x: Any, t: Any, delta: float) -> Any:
    """c (d - c / 2), where d = x - t and c is d clipped to [-delta, delta]."""
    d = x - t
    c = np.clip(d, -delta, delta)
    return c * (d - 0.5 * c)


def huber(predictions: Any, targets: Any, delta: float = 1.0) -> Any:
    """Half the squared error up to an error of ``delta``, and from there on straight, as one node, number by number.

    With ``delta=inf`` it is half the squared error everywhere (Huber, 1964).

    Args:
        predictions: an array or Tensor.
        targets: in the same shape.
        delta: the error from which on the slope stays what it is, more than 0.

    Returns:
        An array or Tensor in the same shape.

    Raises:
        ValueError: if the shapes differ, or ``delta`` is not more than 0.

    >>> huber([0.0, 1.0, 3.0], [0.0, 0.0, 0.0])
    array([0. , 0.5, 2.5])
    """
    if not delta > 0:
        raise ValueError(f"huber: delta is more than 0, not {delta!r}")
    return huber_distance(*_same_shape(predictions, targets, "huber"), delta=float(delta))


def _same_shape(x: Any, targets: Any, name: str) -> tuple[Any, Any]:
    """Predictions and targets; targets of whole numbers in the dtype of the predictions."""
    x = floats(x)
    targets = targets if hasattr(targets, "dtype") else np.asarray(targets)
    targets = targets.astype(x.dtype) if targets.dtype.kind in "biu" else floats(targets)
    if x.shape != targets.shape:
        raise ValueError(f"{name}: {x.shape} and {targets.shape}, of what is predicted and its targets, must be equal")
    return x, targets
