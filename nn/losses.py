"""Losses: how wrong the outputs of a network are, as one number.

Each takes outputs and targets, either as Tensors and arrays, or as nested lists of Values and numbers for a scalar
network.  Each formula is written once: it is applied to whole arrays at once, and to lists entry by entry, so that the
graph of Values shows the formula as written.

Names, arguments and defaults are PyTorch's.  Textbooks disagree about the factor in front of a loss; ``reduction``
chooses it: "mean", "sum", or "none" for one loss per entry.  The result is a Tensor, a Value or a plain number,
depending on the arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, Literal, TypeAlias, TypeGuard, TypeVar, overload

import numpy as np
from numpy.typing import DTypeLike

import autograd
from autograd import (
    Tensor,
    Value,
    absolute,
    entries,
    exp,
    log,
    maximum,
    one_hot,
    relu,
    softplus,
    square,
    where,
    xlogy,
)
from nn.activations import Stateless, array_operand, log_softmax, operand, plain
from nn.aliases import Array, ArrayOrTensor, Numbers, Reduction
from nn.signatures import loss_function

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "Loss",
    "MSELoss",
    "NLLLoss",
    "SmoothL1Loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "categorical_cross_entropy",
    "cross_entropy",
    "half_squared_error",
    "hinge_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "l1_penalty",
    "l2_penalty",
    "linear_cross_entropy",
    "mse_loss",
    "nll_loss",
    "smooth_l1_loss",
]

Node = TypeVar("Node", Value, Tensor)

Weights: TypeAlias = Array | Sequence[float] | Sequence[Sequence[float]] | float
"""Factors that are not differentiated."""

# ---------------------------------------------------------------------------------------------------------------------
# Distances between numbers
# ---------------------------------------------------------------------------------------------------------------------


@loss_function
def mse_loss(input: Numbers, target: Numbers, *, reduction: Reduction = "mean") -> Any:
    """The squared error (x - t)², averaged by default.

    Args:
        input: the outputs of the network.
        target: the targets, in the same shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: if the shapes differ, or the reduction is unknown.
        TypeError: if an entry is not a real number.

    >>> a, b = Value(0.5), Value(2.0)
    >>> loss = mse_loss([a, b], [1.0, 1.0])
    >>> loss.backward()
    >>> loss.data, a.grad, b.grad
    (0.625, -0.5, 1.0)
    """
    return _distance("mse_loss", _squared, input, target, reduction)


@loss_function
def half_squared_error(input: Numbers, target: Numbers, *, reduction: Reduction = "sum") -> Any:
    """½ (x - t)², whose derivative is x - t; summed by default.

    >>> half_squared_error(Value(0.5), 1.0)
    Value(0.125, op=multiply)
    """
    return _distance("half_squared_error", lambda x, t: 0.5 * square(x - t), input, target, reduction)


@loss_function
def l1_loss(input: Numbers, target: Numbers, *, reduction: Reduction = "mean") -> Any:
    """The absolute error |x - t|, averaged by default; its derivative at x = t is 0.

    >>> float(l1_loss([0.5, 2.0], [1.0, 1.0], reduction="sum"))
    1.5
    """
    return _distance("l1_loss", _absolute, input, target, reduction)


@loss_function
def huber_loss(input: Numbers, target: Numbers, *, reduction: Reduction = "mean", delta: float = 1.0) -> Any:
    """Half the squared error up to an error of ``delta``, and linear beyond (Huber, 1964).

    Raises:
        ValueError: if ``delta`` is not positive.

    >>> huber_loss([0.5, 3.0], [0.0, 0.0], reduction="none")
    array([0.125, 2.5  ])
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be positive, not {delta!r}")
    return _distance("huber_loss", lambda x, t: _huber(x, t, delta), input, target, reduction)


@loss_function
def smooth_l1_loss(input: Numbers, target: Numbers, *, reduction: Reduction = "mean", beta: float = 1.0) -> Any:
    """The absolute error, with a parabola for errors below ``beta``: the Huber loss divided by ``beta``.

    Raises:
        ValueError: if ``beta`` is negative.

    >>> smooth_l1_loss([0.5, 3.0], [0.0, 0.0], reduction="none", beta=0.5)
    array([0.25, 2.75])
    """
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta must not be negative, but it is {beta!r}")
    if beta == 0:
        return _distance("smooth_l1_loss", _absolute, input, target, reduction)
    return _distance("smooth_l1_loss", lambda x, t: _huber(x, t, beta) / beta, input, target, reduction)


def _distance(name: str, formula: Callable[..., Any], input: Numbers, target: Numbers, reduction: str) -> Any:
    """A loss given by a formula of one output and its target."""
    return reduced(_each(formula, *_pair(name, input, target, reduction)), reduction)


def _squared(x: Any, t: Any) -> Any:
    return square(x - t)


def _absolute(x: Any, t: Any) -> Any:
    return absolute(x - t)


def _huber(x: Any, t: Any, delta: float = 1.0) -> Any:
    error = x - t
    bounded = where(error > delta, delta, where(error < -delta, -delta, error))  # on a bound it is the error
    return bounded * (error - 0.5 * bounded)


@loss_function
def hinge_loss(input: Numbers, target: Numbers, *, reduction: Reduction = "mean", margin: float = 1.0) -> Any:
    """max(0, margin - t x) for targets t of 1 and -1: an answer on the right side by ``margin`` costs nothing.

    Raises:
        ValueError: if a target is neither 1 nor -1.

    >>> hinge_loss([3.0, 0.5, 0.5], [1, 1, -1], reduction="none")
    array([0. , 0.5, 1.5])
    """
    x, t = _pair("hinge_loss", input, target, reduction)
    _check("hinge_loss", "targets must be 1 or -1", plain(t), np.abs(plain(t)) == 1)
    return reduced(_each(lambda x, t: _hinge(x, t, margin), x, t), reduction)


def _hinge(x: Any, t: Any, margin: float = 1.0) -> Any:
    return relu(margin - t * x)


# ---------------------------------------------------------------------------------------------------------------------
# Two classes
# ---------------------------------------------------------------------------------------------------------------------


@loss_function
def binary_cross_entropy(
    input: Numbers, target: Numbers, weight: Weights | None = None, *, reduction: Reduction = "mean"
) -> Any:
    """-(t log p + (1 - t) log(1 - p)) for the probability p of class 1 and the target t, from 0 to 1.

    This is the negative log-likelihood.  As in PyTorch, logarithms are clamped at -100, so that a certain but wrong
    answer costs 100 instead of ∞; the derivative is 0 there.  For outputs of a sigmoid, use
    :func:`binary_cross_entropy_with_logits` on the logits instead.

    Args:
        input: probabilities.
        target: probabilities, in the same shape.
        weight: factors of the losses, in a shape that broadcasts to theirs.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: if a probability is not between 0 and 1, or shapes do not match.

    >>> round(float(binary_cross_entropy([0.9, 0.2], [1, 0])), 6)
    0.164252
    """
    name = "binary_cross_entropy"
    p, t = _pair(name, input, target, reduction)
    weight = _weight(name, "weight", weight, p)
    _check_probabilities(name, p)
    _check_probabilities(name, t)
    losses = _each(lambda p, t: -(t * _log(p) + (1.0 - t) * _log(1.0 - p)), p, t)
    return reduced(losses if weight is None else losses * weight, reduction)


@loss_function
def binary_cross_entropy_with_logits(
    input: Numbers,
    target: Numbers,
    weight: Weights | None = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: Weights | None = None,
) -> Any:
    """The binary cross-entropy of σ(x), computed without rounding σ(x) to 0 or 1; its derivative is σ(x) - t.

    Args:
        input: logits x, any real numbers.
        target: probabilities, in the same shape.
        weight: factors of the losses, in a shape that broadcasts to theirs.
        reduction: "mean", "sum" or "none".
        pos_weight: further factors of the term with t, in a shape that broadcasts to the losses.

    Raises:
        ValueError: if a target is not between 0 and 1, or shapes do not match.

    >>> x = Tensor([-1000.0, 0.0])
    >>> loss = binary_cross_entropy_with_logits(x, [1, 1], reduction="sum")
    >>> loss.backward()
    >>> round(loss.item(), 6), x.grad
    (1000.693147, array([-1. , -0.5]))
    """
    name = "binary_cross_entropy_with_logits"
    x, t = _pair(name, input, target, reduction)
    weight, positive = _weight(name, "weight", weight, x), _weight(name, "pos_weight", pos_weight, x)
    _check_probabilities(name, t)
    if positive is None and x.dtype != object:
        losses = autograd.sigmoid_cross_entropy(x, t)
    else:
        positive = np.ones(()) if positive is None else positive
        losses = _each(_logistic, x, t, positive)
    return reduced(losses if weight is None else losses * weight, reduction)


def _logistic(x: Any, t: Any, positive: Any = 1.0) -> Any:
    return positive * t * softplus(-x) + (1.0 - t) * softplus(x)


def _log(p: Any) -> Any:
    """log p, clamped at -100."""
    if np.all(plain(p) > exp(-100.0)):
        return log(p)
    return maximum(log(maximum(p, 1e-45)), -100.0)  # 1e-45 < e^-100 is representable in float32


# ---------------------------------------------------------------------------------------------------------------------
# Several classes, along the second axis or the only one
# ---------------------------------------------------------------------------------------------------------------------


@loss_function
def cross_entropy(
    input: Numbers,
    target: Numbers,
    weight: Weights | None = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-Σ tₖ log yₖ with y = softmax(input); for labels, -log of the probability of the right class.

    Args:
        input: logits of shape ``(N, C)``, ``(C,)`` for a single sample, or ``(N, C, ...)``.
        target: labels, whole numbers from 0 to C - 1, in the shape of the logits without the class axis; or tₖ, in the
            shape of the logits: probabilities, or any other weights.
        weight: a factor for each class, C numbers.
        ignore_index: the label of samples to leave out.
        reduction: "mean", "sum" or "none".  The mean over labels divides by the sum of their weights, and is nan if
            that is 0, as when all samples are left out.
        label_smoothing: the share of the targets that is spread evenly over all classes, from 0 to 1.

    Raises:
        ValueError: if shapes do not match.
        TypeError: if labels are not whole numbers.
        IndexError: if a label is not one of the classes.

    >>> z = [Value(2.0, label="z1"), Value(2.0, label="z2")]
    >>> loss = cross_entropy(z, 0)
    >>> loss.backward()
    >>> round(loss.data, 6), [zi.grad for zi in z]  # the gradient is y - t
    (0.693147, [-0.5, 0.5])
    """
    name = "cross_entropy"
    x, axis = _scores(name, input, reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(f"{name}: label_smoothing must be between 0 and 1, not {label_smoothing!r}")
    if weight is None and not label_smoothing and _are_labels(target, x, axis, ignore_index):
        try:
            return autograd.softmax_cross_entropy(x, target, axis, _divisor(reduction, target.size))
        except IndexError:  # there are labels to leave out, or wrong ones
            pass
    x, goal, count = _goal(name, target, x, axis, weight, ignore_index, label_smoothing)
    if x.dtype == object:
        losses = _weighed_sum(goal, np.asarray(log_softmax(x, axis)), axis)
    elif goal.dtype.kind == "i":
        return autograd.softmax_cross_entropy(x, goal, axis, _divisor(reduction, count))
    else:
        losses = autograd.softmax_cross_entropy(x, goal, axis)
    return reduced(losses, reduction, count)


def linear_cross_entropy(
    input: Numbers,
    linear_weight: Numbers,
    target: Numbers,
    *,
    linear_bias: Numbers | None = None,
    weight: Weights | None = None,
    reduction: Reduction = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Any:
    """:func:`cross_entropy` of an affine map of the input, the last layer of a classifier and its loss in one.

    PyTorch's ``options``, which save memory, are not here.

    Args:
        input: of shape ``(N, features)``, or ``(features,)`` for a single sample.
        linear_weight: the matrix of the map, of shape ``(C, features)``, or ``(C, ..., features)`` for several labels.
        target: labels or probabilities, as for :func:`cross_entropy`.
        linear_bias: the shift of the map, in the shape of its matrix without the last axis.
        weight: a factor for each class.
        reduction: "mean", "sum" or "none".
        ignore_index: the label of samples to leave out, by default -100.
        label_smoothing: the share of the targets that is spread evenly over all classes.

    Raises:
        ValueError: if shapes do not match, or ``ignore_index`` is given for probabilities.

    >>> round(float(linear_cross_entropy([[1.0, 2.0]], [[0.5, 0.0], [0.0, 0.25]], [1])), 6)
    0.693147
    """
    x, matrix = array_operand(input, "linear_cross_entropy"), array_operand(linear_weight, "linear_cross_entropy")
    if not 1 <= x.ndim <= 2 or matrix.ndim < 2 or x.shape[-1] != matrix.shape[-1] or x.ndim + 1 < min(matrix.ndim, 3):
        raise ValueError(f"linear_cross_entropy: inputs of shape {x.shape} do not fit a matrix of shape {matrix.shape}")
    if linear_bias is not None:
        shift = array_operand(linear_bias, "linear_cross_entropy")
        if shift.shape != matrix.shape[:-1]:
            raise ValueError(
                f"linear_cross_entropy: linear_bias must have shape {matrix.shape[:-1]}, not {shift.shape}"
            )
        linear_bias = autograd.ravel(shift)
    scores = autograd.linear(x, autograd.reshape(matrix, (-1, x.shape[-1])), linear_bias)
    shape = (*x.shape[:-1], *matrix.shape[:-1])
    if ignore_index is not None and operand(target, "linear_cross_entropy", whole=True).shape == shape:
        raise ValueError("linear_cross_entropy: ignore_index is for labels, but the target has the shape of the scores")
    ignored = -100 if ignore_index is None else ignore_index
    options: dict[str, Any] = {"reduction": reduction, "label_smoothing": label_smoothing}
    return cross_entropy(autograd.reshape(scores, shape), target, weight, ignore_index=ignored, **options)


@loss_function
def nll_loss(
    input: Numbers,
    target: Numbers,
    weight: Weights | None = None,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Any:
    """The negative log-likelihood: minus the log-probabilities of the labels.

    Arguments and errors are those of :func:`cross_entropy`, which equals ``nll_loss(log_softmax(input), target)``.

    >>> nll_loss(np.log([[0.5, 0.5], [0.25, 0.75]]), [0, 1], reduction="none").round(6)
    array([0.693147, 0.287682])
    """
    x, axis = _scores("nll_loss", input, reduction)
    x, goal, count = _goal("nll_loss", target, x, axis, weight, ignore_index)
    return reduced(_weighed_sum(goal, x, axis), reduction, count)


@loss_function
def categorical_cross_entropy(input: Numbers, target: Numbers, *, reduction: Reduction = "mean") -> Any:
    """-Σ tₖ log yₖ for probabilities y; :func:`binary_cross_entropy` is the case of two classes.

    Logarithms are clamped at -100, and an entry with the target 0 contributes nothing, even if its probability is 0.

    Args:
        input: probabilities of shape ``(N, C)``, ``(C,)`` or ``(N, C, ...)``.
        target: labels or probabilities, as for :func:`cross_entropy`.
        reduction: "mean" over the samples, "sum" or "none".

    Raises:
        ValueError: if a probability is not between 0 and 1, or shapes do not match.
        IndexError: if a label is not one of the classes.

    >>> round(float(categorical_cross_entropy([0.7, 0.2, 0.1], [1, 0, 0])), 6)
    0.356675
    """
    name = "categorical_cross_entropy"
    p, axis = _scores(name, input, reduction)
    _check_probabilities(name, p)
    p, goal, count = _goal(name, target, p, axis)
    return reduced(_weighed_sum(goal, _each(_log, p), axis), reduction, count)


@loss_function
def kl_div(
    input: Numbers, target: Numbers, *, reduction: Reduction | Literal["batchmean"] = "mean", log_target: bool = False
) -> Any:
    """The Kullback-Leibler divergence t (log t - x) of log-probabilities x from probabilities t, entry by entry.

    Args:
        input: log-probabilities.
        target: probabilities, in the same shape.
        reduction: "batchmean" divides the sum by the number of samples, which gives the divergence itself; "mean",
            PyTorch's default, divides by the number of entries; or "sum" or "none".
        log_target: whether the targets are log-probabilities, too.

    As in PyTorch, targets need not be probabilities; the loss of a negative one is nan.

    Raises:
        ValueError: if the shapes differ, or the reduction is unknown.

    >>> half = np.log([[0.5, 0.5]])
    >>> round(float(kl_div(half, [[1.0, 0.0]], reduction="batchmean")), 6)
    0.693147
    """
    x, t = _pair("kl_div", input, target, reduction)
    losses = _each(_divergence_of_logs if log_target else _divergence, x, t)
    if reduction == "batchmean":
        return reduced(losses, "mean", len(x) if x.ndim else 1)
    return reduced(losses, reduction)


def _divergence(x: Any, t: Any) -> Any:
    return xlogy(t, t) - t * x


def _divergence_of_logs(x: Any, t: Any) -> Any:
    return exp(t) * (t - x)


def _scores(name: str, input: Numbers, reduction: str) -> tuple[ArrayOrTensor, int]:
    """The scores of the classes as an array or Tensor, and the class axis."""
    check_reduction(name, reduction)
    x = operand(input, name)
    ndim = x.ndim
    if ndim == 0:
        raise ValueError(f"{name} takes scores of shape (N, C), (C,) or (N, C, ...), not a single number")
    return x, 0 if ndim == 1 else 1


def _are_labels(target: Numbers, x: ArrayOrTensor, axis: int, ignore_index: int) -> TypeGuard[Array]:
    """Whether the targets are an array of labels for arrays of scores, and ``ignore_index`` is not a class."""
    if not isinstance(target, np.ndarray) or target.dtype.kind not in "iu":
        return False
    if not isinstance(x, Tensor) and x.dtype == object:
        return False
    shape = x.shape
    return target.shape == (*shape[:axis], *shape[axis + 1 :]) and not 0 <= ignore_index < shape[axis]


def _divisor(reduction: str, count: float | None) -> float | None:
    """What the sum of all losses is divided by; ``None`` if they are not summed.  The mean of nothing is nan."""
    return None if reduction == "none" else 1.0 if reduction == "sum" else count or math.nan


def _goal(
    name: str,
    target: Numbers,
    x: ArrayOrTensor,
    axis: int,
    weight: Weights | None = None,
    ignore_index: int = -100,
    smoothing: float = 0.0,
) -> tuple[ArrayOrTensor, ArrayOrTensor, float | None]:
    """x, the targets in its shape and type, and for labels the number that the mean divides by.

    In the shape of x, targets are probabilities or any other weights, as in PyTorch.

    Labels without weights stay labels, for which there is a faster operation on arrays.
    """
    classes, kept, count = x.shape[axis], None, None
    target = operand(target, name, whole=True)
    if weight is not None:
        weight = np.asarray(weight, _dtype(x))
        if weight.shape != (classes,):
            raise ValueError(f"{name}: weight must have shape ({classes},), one for each class, not {weight.shape}")
    if target.shape == x.shape:
        x, goal = _alike(name, x, target)
    else:
        goal, kept = _labels(name, target, x, axis, ignore_index)
        count = float(goal.size if kept is None else np.sum(kept))
        if weight is not None:
            count = float(np.sum(weight[goal] if kept is None else kept * weight[goal]))
        elif kept is None and not smoothing and x.dtype != object:
            return x, goal, count
        goal = np.moveaxis(one_hot(goal, classes, _dtype(x)), -1, axis)
    if smoothing:
        goal = (1.0 - smoothing) * goal + smoothing / classes
    if weight is not None:
        goal = goal * weight.reshape(-1, *(1,) * (x.ndim - 1 - axis))
    if kept is not None:
        scores: Any = x
        kept = np.expand_dims(kept, axis)
        x, goal = np.where(kept, scores, 0.0), goal * kept
    return x, goal, count


def _labels(
    name: str, labels: ArrayOrTensor, x: ArrayOrTensor, axis: int, ignore_index: int
) -> tuple[Array, Array | None]:
    """The labels, with 0 for those to leave out, and a mask of those that count; ``None`` if all do."""
    shape, classes = (*x.shape[:axis], *x.shape[axis + 1 :]), x.shape[axis]
    if labels.shape != shape:
        raise ValueError(
            f"{name}: for scores of shape {x.shape}, targets must be labels of shape {shape} or "
            f"probabilities of shape {x.shape}, not {labels.shape}"
        )
    if isinstance(labels, Tensor) or (labels.dtype.kind not in "biu" and labels.size):
        raise TypeError(f"{name}: labels must be an array of whole numbers, not a Tensor or an array of {labels.dtype}")
    if labels.dtype.kind == "b":
        labels = labels.astype(int)
    largest = labels.astype(np.uintp).max(initial=0)  # unsigned, so that negative labels count as large
    if largest < classes and not 0 <= ignore_index < classes:
        return labels.astype(int), None
    kept = labels != ignore_index
    wrong = np.argwhere(kept & ((labels < 0) | (labels >= classes)))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise IndexError(f"{name}: the label {labels[place]}{_at(place)} is not one of the classes 0 to {classes - 1}")
    return np.where(kept, labels, 0).astype(int), kept


def _weighed_sum(goal: ArrayOrTensor, log_p: ArrayOrTensor, axis: int) -> ArrayOrTensor:
    """-Σ tₖ log yₖ along the axis; in arrays, entries with the target 0 are left out, even infinite ones."""
    if isinstance(goal, np.ndarray) and goal.dtype.kind == "i":
        return autograd.nll(log_p, goal, axis)
    if log_p.dtype != object:
        log_p = where(goal != 0, log_p, 0.0)
    return -_sum(goal * log_p, axis)


# ---------------------------------------------------------------------------------------------------------------------
# Penalties on weights
# ---------------------------------------------------------------------------------------------------------------------


@overload
def l2_penalty(weights: Node | Sequence[Node], strength: float, samples: int = 1) -> Node: ...
@overload
def l2_penalty(weights: Numbers, strength: float, samples: int = 1) -> Any: ...
def l2_penalty(weights: Numbers, strength: float, samples: int = 1) -> Any:
    """λ / 2m Σ w², a term to add to a loss to keep the weights small; its gradient is λ / m w (weight decay).

    Args:
        weights: the weights, a Value or a Tensor or a list of them; usually without the biases.
        strength: λ.
        samples: m, the number of samples that the loss is the mean over.

    Raises:
        ValueError: if ``strength`` is negative, or ``samples`` less than 1.

    >>> w = Tensor([0.5, -2.0])
    >>> penalty = l2_penalty([w], 0.7, samples=10)
    >>> penalty.backward()
    >>> round(penalty.item(), 6), w.grad
    (0.14875, array([ 0.035, -0.14 ]))
    """
    return _penalty("l2_penalty", square, weights, strength, samples)


@overload
def l1_penalty(weights: Node | Sequence[Node], strength: float, samples: int = 1) -> Node: ...
@overload
def l1_penalty(weights: Numbers, strength: float, samples: int = 1) -> Any: ...
def l1_penalty(weights: Numbers, strength: float, samples: int = 1) -> Any:
    """λ / 2m Σ |w|, which pulls weights to 0; its derivative is λ / 2m times the sign of w, and 0 at w = 0.

    Arguments and errors are those of :func:`l2_penalty`.

    >>> w = Tensor([0.5, -2.0])
    >>> penalty = l1_penalty([w], 0.7, samples=10)
    >>> penalty.backward()
    >>> round(penalty.item(), 6), w.grad
    (0.0875, array([ 0.035, -0.035]))
    """
    return _penalty("l1_penalty", absolute, weights, strength, samples)


def _penalty(name: str, size: Callable[[Any], Any], weights: Numbers, strength: float, samples: int) -> Any:
    if not strength >= 0 or not samples >= 1:
        raise ValueError(f"{name}: strength must be >= 0 and samples >= 1, not {strength!r} and {samples!r}")
    kinds = [w if isinstance(w, Value) else operand(w, name) for w in entries(weights)]
    total = autograd.sum([size(w) if isinstance(w, Value) else autograd.sum(size(w)) for w in kinds])
    return strength / (2.0 * samples) * total


# ---------------------------------------------------------------------------------------------------------------------
# Arrays at once, Values entry by entry
# ---------------------------------------------------------------------------------------------------------------------


def _pair(name: str, input: Numbers, target: Numbers, reduction: str) -> tuple[ArrayOrTensor, ArrayOrTensor]:
    """The outputs and the targets, with the same shape and type."""
    check_reduction(name, reduction)
    x, t = operand(input, name), operand(target, name)
    if x.shape != t.shape:
        raise ValueError(f"{name}: outputs and targets must have the same shape, not {x.shape} and {t.shape}")
    return _alike(name, x, t)


def _alike(name: str, x: ArrayOrTensor, t: ArrayOrTensor) -> tuple[ArrayOrTensor, ArrayOrTensor]:
    """Both as arrays of objects if one contains Values; otherwise constant targets get the dtype of x."""
    if object in (x.dtype, t.dtype):
        if isinstance(x, Tensor) or isinstance(t, Tensor):
            raise TypeError(f"{name} takes Tensors or Values, not both: make a Tensor of Values with autograd.stack")
        return x.astype(object), t.astype(object)
    return x, t if isinstance(t, Tensor) else t.astype(x.dtype)


def _each(formula: Callable[..., Any], *xs: ArrayOrTensor) -> ArrayOrTensor:
    """The formula applied to whole arrays, or entry by entry if there are Values."""
    if xs[0].dtype != object:
        results: ArrayOrTensor = formula(*xs)
        return results
    return np.asarray(np.frompyfunc(formula, len(xs), 1)(*xs), object)


def _sum(x: ArrayOrTensor, axis: int) -> ArrayOrTensor:
    """The sums along an axis."""
    if isinstance(x, Tensor) or x.dtype != object:
        return autograd.sum(x, axis)
    rows = np.moveaxis(x, axis, -1)
    sums = [autograd.sum(row) for row in rows.reshape(-1, rows.shape[-1]).tolist()]
    return np.array(sums, object).reshape(rows.shape[:-1])


def reduced(losses: Any, reduction: str, count: float | None = None) -> Any:
    """The losses, their sum, or their sum divided by ``count``, which is by default their number."""
    losses = losses if isinstance(losses, Tensor) else np.asarray(losses)
    scalar = losses.dtype == object
    if reduction == "none":
        return losses.tolist() if scalar else losses
    if scalar:
        total = losses.item() if losses.size == 1 else autograd.sum(losses.ravel().tolist())
    else:
        total = autograd.sum(losses)
    count = losses.size if count is None else count
    return total if reduction == "sum" or count == 1 else total / (count or math.nan)  # the mean of nothing is nan


def _dtype(x: ArrayOrTensor) -> DTypeLike:
    return float if x.dtype == object else x.dtype


def _weight(name: str, what: str, weight: Weights | None, x: ArrayOrTensor) -> Array | None:
    """Weights with the dtype and shape of x; ``None`` if there are none."""
    if weight is None:
        return None
    try:
        return np.broadcast_to(np.asarray(weight, _dtype(x)), x.shape)
    except ValueError:
        raise ValueError(f"{name}: {what} of shape {np.shape(weight)} does not broadcast to {x.shape}") from None


# ---------------------------------------------------------------------------------------------------------------------
# Checks
# ---------------------------------------------------------------------------------------------------------------------


_REDUCTIONS = ("mean", "sum", "none")


def check_reduction(name: str, reduction: str) -> None:
    known = _REDUCTIONS if name != "kl_div" else (*_REDUCTIONS, "batchmean")
    if reduction not in known:
        raise ValueError(f"{name}: reduction must be one of {', '.join(known)}, not {reduction!r}")


def _check_probabilities(name: str, x: ArrayOrTensor) -> None:
    numbers = plain(x)
    _check(name, "probabilities must be between 0 and 1", numbers, (numbers >= 0) & (numbers <= 1))


def _check(name: str, rule: str, numbers: Array, right: Array) -> None:
    if not np.all(right):
        place = tuple(np.argwhere(~right)[0].tolist())
        raise ValueError(f"{name}: {rule}, but the number{_at(place)} is {numbers[place]}")


def _at(place: tuple[int, ...]) -> str:
    return f" at {place[0] if len(place) == 1 else place}" if place else ""


# ---------------------------------------------------------------------------------------------------------------------
# Losses of single samples
# ---------------------------------------------------------------------------------------------------------------------

_FORMULAS: dict[Callable[..., Any], Callable[[Any, Any], Any]] = {
    mse_loss: _squared,
    l1_loss: _absolute,
    smooth_l1_loss: _huber,
    huber_loss: _huber,
    hinge_loss: _hinge,
    binary_cross_entropy_with_logits: _logistic,
}
"""The losses that are by default the mean of a formula of each output and its target, and the formula."""


def loss_of_sample(loss: Any) -> Callable[[Any, Any], Any] | None:
    """A loss as a function of the output of one sample and its target; ``None`` if it is not the mean over samples.

    It is one of the losses here, with default options.  The function does not check the targets, so that it can be
    compiled.

    >>> of_sample = loss_of_sample(mse_loss)
    >>> of_sample(Value(1.0), 3.0).data, of_sample([Value(1.0), Value(2.0)], [3.0, 2.0]).data
    (4.0, 2.0)
    >>> loss_of_sample(MSELoss(reduction="sum"))
    """
    if type(loss) in Loss.__subclasses__():
        usual = type(loss)().options.values()
        loss = loss.function if all(x is y for x, y in zip(loss.options.values(), usual, strict=True)) else None
    formula = _FORMULAS.get(loss) if isinstance(loss, FunctionType) else None
    if formula is None:
        return None
    return lambda output, target: reduced(_each(formula, *map(_objects, (output, target))), "mean")


def takes_arrays(loss: Any) -> bool:
    """Whether a loss is one of those here, which accept arrays in place of lists of Values."""
    return type(loss) in Loss.__subclasses__() or (isinstance(loss, FunctionType) and loss.__module__ == __name__)


def _objects(x: Any) -> Array:
    return np.asarray(x, object)


# ---------------------------------------------------------------------------------------------------------------------
# Losses as modules
# ---------------------------------------------------------------------------------------------------------------------


class Loss(Stateless):
    """A loss as a module that holds the options; call it with the outputs of a network and the targets.

    Args:
        arguments: the options of the function; ``reduction`` is one of them.
        options: the same by name.

    Raises:
        ValueError: if the reduction is unknown.

    >>> loss = MSELoss(reduction="sum")
    >>> loss, float(loss([1.0, 2.0], [0.0, 0.0]))
    (MSELoss(reduction='sum'), 5.0)
    """

    inputs = 2

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        check_reduction(self.function.__name__, self.options["reduction"])


class MSELoss(Loss):
    """:func:`mse_loss` as a module."""

    function = staticmethod(mse_loss)


class L1Loss(Loss):
    """:func:`l1_loss` as a module."""

    function = staticmethod(l1_loss)


class SmoothL1Loss(Loss):
    """:func:`smooth_l1_loss` as a module."""

    function = staticmethod(smooth_l1_loss)


class HuberLoss(Loss):
    """:func:`huber_loss` as a module."""

    function = staticmethod(huber_loss)


class HingeLoss(Loss):
    """:func:`hinge_loss` as a module."""

    function = staticmethod(hinge_loss)


class BCELoss(Loss):
    """:func:`binary_cross_entropy` as a module."""

    function = staticmethod(binary_cross_entropy)


class BCEWithLogitsLoss(Loss):
    """:func:`binary_cross_entropy_with_logits` as a module."""

    function = staticmethod(binary_cross_entropy_with_logits)


class CrossEntropyLoss(Loss):
    """:func:`cross_entropy` as a module."""

    function = staticmethod(cross_entropy)


class NLLLoss(Loss):
    """:func:`nll_loss` as a module."""

    function = staticmethod(nll_loss)


class KLDivLoss(Loss):
    """:func:`kl_div` as a module."""

    function = staticmethod(kl_div)
