"""Losses: how wrong a network is, as one number.

Each takes what a network puts out and the targets, either as Tensors and arrays, or as Values and numbers and nested
lists of them, as a scalar network has them.  A formula stands here once and serves both: of whole arrays it is computed
at once, of lists number by number, so that the graph of Values is drawn as the formula is written.

Names, arguments and defaults are PyTorch's.  Textbooks disagree about the factor before a loss, and so does nearly
every page of them; ``reduction`` chooses it: "mean", "sum", or "none" for the losses one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, Value, absolute, clip, exp, log, maximum, one_hot, relu, softplus, square, where, xlogy
from autograd.arrays.labels import are_classes
from autograd.arrays.losses import label_cross_entropy
from autograd.core.nested import entries
from nn.activations import Stateless, log_softmax, operand, plain

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
    "mse_loss",
    "nll_loss",
    "smooth_l1_loss",
]

# ---------------------------------------------------------------------------------------------------------------------
# Distances between numbers
# ---------------------------------------------------------------------------------------------------------------------


def mse_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The squared error (x - t)², averaged by default.

    Args:
        input: what the network puts out.
        target: what it should, in the same shape.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: if the shapes differ, or the reduction is unknown.
        TypeError: if there is anything but real numbers.

    >>> a, b = Value(0.5), Value(2.0)
    >>> loss = mse_loss([a, b], [1.0, 1.0])
    >>> loss.backward()
    >>> loss.data, a.grad, b.grad
    (0.625, -0.5, 1.0)
    """
    return _distance("mse_loss", lambda x, t: square(x - t), input, target, reduction)


def half_squared_error(input: Any, target: Any, *, reduction: str = "sum") -> Any:
    """½ (x - t)², whose slope is x - t without a factor; summed by default.

    >>> half_squared_error(Value(0.5), 1.0)
    Value(0.125, op=multiply)
    """
    return _distance("half_squared_error", lambda x, t: 0.5 * square(x - t), input, target, reduction)


def l1_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """The absolute error |x - t|, averaged by default; where there is no error, its slope is taken as 0.

    >>> float(l1_loss([0.5, 2.0], [1.0, 1.0], reduction="sum"))
    1.5
    """
    return _distance("l1_loss", lambda x, t: absolute(x - t), input, target, reduction)


def huber_loss(input: Any, target: Any, *, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Half the squared error up to an error of ``delta``, and straight on from there (Huber, 1964).

    Raises:
        ValueError: if ``delta`` is not more than 0.

    >>> huber_loss([0.5, 3.0], [0.0, 0.0], reduction="none")
    array([0.125, 2.5  ])
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta is more than 0, not {delta!r}")
    return _distance("huber_loss", lambda x, t: _huber(x - t, delta), input, target, reduction)


def smooth_l1_loss(input: Any, target: Any, *, reduction: str = "mean", beta: float = 1.0) -> Any:
    """The absolute error, but for errors below ``beta`` a parabola: the Huber loss divided by ``beta``.

    Raises:
        ValueError: if ``beta`` is negative.

    >>> smooth_l1_loss([0.5, 3.0], [0.0, 0.0], reduction="none", beta=0.5)
    array([0.25, 2.75])
    """
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta is not negative, but this is {beta!r}")
    if beta == 0:
        return _distance("smooth_l1_loss", lambda x, t: absolute(x - t), input, target, reduction)
    return _distance("smooth_l1_loss", lambda x, t: _huber(x - t, beta) / beta, input, target, reduction)


def _distance(name: str, formula: Callable[..., Any], input: Any, target: Any, reduction: str) -> Any:
    """A loss that is a formula of one number and its target."""
    return _reduced(_each(formula, *_pair(name, input, target, reduction)), reduction)


def _huber(error: Any, delta: float) -> Any:
    clipped = clip(error, -delta, delta)
    return clipped * (error - 0.5 * clipped)


def hinge_loss(input: Any, target: Any, *, reduction: str = "mean", margin: float = 1.0) -> Any:
    """max(0, margin - t x) for targets t of 1 and -1: right answers cost nothing once they are clear enough.

    Raises:
        ValueError: if a target is neither 1 nor -1.

    >>> hinge_loss([3.0, 0.5, 0.5], [1, 1, -1], reduction="none")
    array([0. , 0.5, 1.5])
    """
    x, t = _pair("hinge_loss", input, target, reduction)
    _check("hinge_loss", "targets are 1 and -1", plain(t), np.abs(plain(t)) == 1)
    return _reduced(_each(lambda x, t: relu(margin - t * x), x, t), reduction)


# ---------------------------------------------------------------------------------------------------------------------
# Two classes
# ---------------------------------------------------------------------------------------------------------------------


def binary_cross_entropy(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    """-(t log p + (1 - t) log(1 - p)) for the probability p of yes and the target t: no or yes, 0 or 1, or between.

    It is the negative logarithm of the likelihood.  As in PyTorch no logarithm is below -100, so that a wrong answer
    given with certainty costs 100 and not ∞; its slope is taken as 0 there.  What comes from a sigmoid is better left
    to :func:`binary_cross_entropy_with_logits`.

    Args:
        input: probabilities.
        target: probabilities in the same shape.
        weight: how much each counts, in a shape that broadcasts to theirs.
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: if a probability is not between 0 and 1, or shapes do not fit.

    >>> round(float(binary_cross_entropy([0.9, 0.2], [1, 0])), 6)
    0.164252
    """
    name = "binary_cross_entropy"
    p, t = _pair(name, input, target, reduction)
    weight = _weight(name, "weight", weight, p)
    _check_probabilities(name, p)
    _check_probabilities(name, t)
    losses = _each(lambda p, t: -(t * _log(p) + (1.0 - t) * _log(1.0 - p)), p, t)
    return _reduced(losses if weight is None else losses * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None
) -> Any:
    """The binary cross-entropy of σ(x), without ever rounding σ(x) to 0 or 1; its slope is σ(x) - t.

    Args:
        input: logits x, any real numbers.
        target: probabilities in the same shape.
        weight: how much each counts, in a shape that broadcasts to theirs.
        reduction: "mean", "sum" or "none".
        pos_weight: how much more a yes counts than a no, in a shape that broadcasts to theirs.

    Raises:
        ValueError: if a target is not between 0 and 1, or shapes do not fit.

    >>> x = Tensor([-1000.0, 0.0])
    >>> loss = binary_cross_entropy_with_logits(x, [1, 1], reduction="sum")
    >>> loss.backward()
    >>> round(float(loss), 6), x.grad
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
        losses = _each(lambda x, t, c: c * t * softplus(-x) + (1.0 - t) * softplus(x), x, t, positive)
    return _reduced(losses if weight is None else losses * weight, reduction)


def _log(p: Any) -> Any:
    """log p, but not below -100."""
    if np.all(plain(p) > exp(-100.0)):
        return log(p)
    return maximum(log(maximum(p, 1e-45)), -100.0)  # 1e-45, less than e^-100, is a number in float32 too


# ---------------------------------------------------------------------------------------------------------------------
# Several classes: along the second axis, or the only one
# ---------------------------------------------------------------------------------------------------------------------


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-Σ tₖ log yₖ, where y = softmax(input): for labels, -log of the probability given to the right class.

    Args:
        input: logits of shape ``(N, C)``, ``(C,)`` for a single sample, or ``(N, C, ...)``.
        target: labels, whole numbers from 0 to C - 1, in the shape of the logits without the axis of the classes; or
            the probabilities tₖ, in the shape of the logits.
        weight: how much each class counts, C numbers.
        ignore_index: the label of samples that do not count.
        reduction: "mean", "sum" or "none".  The mean over labels divides by the sum of their weights.
        label_smoothing: how much of the targets is spread evenly over all classes, from 0 to 1.

    Raises:
        ValueError: if shapes do not fit, or a probability is not between 0 and 1.
        TypeError: if labels are not whole numbers.
        IndexError: if a label is none of the classes.

    >>> z = [Value(2.0, label="z1"), Value(2.0, label="z2")]
    >>> loss = cross_entropy(z, 0)
    >>> loss.backward()
    >>> round(loss.data, 6), [zi.grad for zi in z]  # the slope is y - t
    (0.693147, [-0.5, 0.5])
    """
    name = "cross_entropy"
    x, axis = _scores(name, input, reduction)
    if not 0.0 <= label_smoothing <= 1.0:
        raise ValueError(f"{name}: label_smoothing is between 0 and 1, not {label_smoothing!r}")
    x, goal, count = _goal(name, target, x, axis, weight, ignore_index, label_smoothing)
    if x.dtype == object:
        losses = _weighed_sum(goal, np.asarray(log_softmax(x, axis)), axis)
    elif goal.dtype.kind == "i":
        return label_cross_entropy(x, goal, axis, {"mean": count, "sum": 1.0, "none": None}[reduction])
    else:
        losses = autograd.softmax_cross_entropy(x, goal, axis)
    return _reduced(losses, reduction, count)


def nll_loss(input: Any, target: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> Any:
    """The negative log-likelihood: minus what log-probabilities say of the labels.

    Arguments and errors are those of :func:`cross_entropy`, which is this of :func:`~nn.functional.log_softmax`.

    >>> nll_loss(np.log([[0.5, 0.5], [0.25, 0.75]]), [0, 1], reduction="none").round(6)
    array([0.693147, 0.287682])
    """
    x, axis = _scores("nll_loss", input, reduction)
    x, goal, count = _goal("nll_loss", target, x, axis, weight, ignore_index)
    return _reduced(_weighed_sum(goal, x, axis), reduction, count)


def categorical_cross_entropy(input: Any, target: Any, *, reduction: str = "mean") -> Any:
    """-Σ tₖ log yₖ of probabilities y themselves, as :func:`binary_cross_entropy` is that of two classes.

    No logarithm is below -100, and what has the target 0 counts nothing, though its probability be 0.

    Args:
        input: probabilities of shape ``(N, C)``, ``(C,)`` or ``(N, C, ...)``.
        target: labels or probabilities, as for :func:`cross_entropy`.
        reduction: "mean" over the samples, "sum" or "none".

    Raises:
        ValueError: if a probability is not between 0 and 1, or shapes do not fit.
        IndexError: if a label is none of the classes.

    >>> round(float(categorical_cross_entropy([0.7, 0.2, 0.1], [1, 0, 0])), 6)
    0.356675
    """
    name = "categorical_cross_entropy"
    p, axis = _scores(name, input, reduction)
    _check_probabilities(name, p)
    p, goal, count = _goal(name, target, p, axis)
    return _reduced(_weighed_sum(goal, _each(_log, p), axis), reduction, count)


def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Any:
    """The Kullback-Leibler divergence t (log t - x) of log-probabilities x from probabilities t, number by number.

    Args:
        input: log-probabilities.
        target: probabilities in the same shape.
        reduction: "batchmean", the sum divided by the number of samples, which is the divergence proper; or "mean" over
            all numbers, which is PyTorch's default; "sum" or "none".
        log_target: whether the targets are log-probabilities as well.

    Raises:
        ValueError: if a target is not between 0 and 1, the shapes differ, or the reduction is unknown.

    >>> half = np.log([[0.5, 0.5]])
    >>> round(float(kl_div(half, [[1.0, 0.0]], reduction="batchmean")), 6)
    0.693147
    """
    x, t = _pair("kl_div", input, target, reduction)
    if log_target:
        losses = _each(lambda x, t: exp(t) * (t - x), x, t)
    else:
        _check_probabilities("kl_div", t)
        losses = _each(lambda x, t: xlogy(t, t) - t * x, x, t)
    if reduction == "batchmean":
        return _reduced(losses, "mean", len(x) if x.ndim else 1)
    return _reduced(losses, reduction)


def _scores(name: str, input: Any, reduction: str) -> tuple[Any, int]:
    """Numbers for each class, and the axis of the classes."""
    _check_reduction(name, reduction)
    x = operand(input, name)
    if x.ndim == 0:
        raise ValueError(f"{name} takes numbers of shape (N, C), (C,) or (N, C, ...), not a single one")
    return x, min(1, x.ndim - 1)


def _goal(
    name: str, target: Any, x: Any, axis: int, weight: Any = None, ignore_index: int = -100, smoothing: float = 0.0
) -> tuple[Any, Any, Any]:
    """x and, in its shape and kind, how much of each class is wanted; and what the mean divides by, if labels say it.

    Labels that all count the same stay labels, for which arrays have a shorter way.
    """
    classes, kept, count = x.shape[axis], None, None
    target = operand(target, name, whole=True)
    if weight is not None:
        weight = np.asarray(weight, _dtype(x))
        if weight.shape != (classes,):
            raise ValueError(f"{name}: weight is of shape ({classes},), a number for each class, not {weight.shape}")
    if target.shape == x.shape:
        x, goal = _alike(name, x, target)
        _check_probabilities(name, goal)
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
    return x, goal if kept is None else goal * np.expand_dims(kept, axis), count


def _labels(name: str, labels: Any, x: Any, axis: int, ignore_index: int) -> tuple[Any, Any]:
    """Labels, with 0 in place of those that do not count, and which do; ``None`` if all do."""
    shape, classes = (*x.shape[:axis], *x.shape[axis + 1 :]), x.shape[axis]
    if labels.shape != shape:
        raise ValueError(
            f"{name}: where the classes have numbers of shape {x.shape}, targets are labels of shape {shape} or "
            f"probabilities of shape {x.shape}, not {labels.shape}"
        )
    if isinstance(labels, Tensor) or (labels.dtype.kind not in "iu" and labels.size):
        raise TypeError(f"{name}: labels are an array of whole numbers, not a Tensor or an array of {labels.dtype}")
    if are_classes(labels, classes) and not 0 <= ignore_index < classes:
        return labels.astype(int), None
    kept = labels != ignore_index
    wrong = np.argwhere(kept & ((labels < 0) | (labels >= classes)))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise IndexError(f"{name}: the label {labels[place]}{_at(place)} is none of the classes 0 to {classes - 1}")
    return np.where(kept, labels, 0).astype(int), kept


def _weighed_sum(goal: Any, log_p: Any, axis: int) -> Any:
    """-Σ tₖ log yₖ along the axis; in arrays, what has the target 0 does not count, be its logarithm infinite."""
    if goal.dtype.kind == "i":
        return autograd.nll(log_p, goal, axis)
    if log_p.dtype != object:
        log_p = where(goal != 0, log_p, 0.0)
    return -_sum(goal * log_p, axis)


# ---------------------------------------------------------------------------------------------------------------------
# Penalties on weights
# ---------------------------------------------------------------------------------------------------------------------


def l2_penalty(weights: Any, strength: float, samples: int = 1) -> Any:
    """λ / 2m Σ w², to be added to a loss, so that weights stay small: its slope is λ / m w (weight decay).

    Args:
        weights: the w, a Value or a Tensor or a list of them; as a rule without the biases.
        strength: λ.
        samples: m, how many samples the loss is the mean of.

    Raises:
        ValueError: if ``strength`` is negative, or ``samples`` less than 1.

    >>> w = Tensor([0.5, -2.0])
    >>> penalty = l2_penalty([w], 0.7, samples=10)
    >>> penalty.backward()
    >>> round(float(penalty), 6), w.grad
    (0.14875, array([ 0.035, -0.14 ]))
    """
    return _penalty("l2_penalty", square, weights, strength, samples)


def l1_penalty(weights: Any, strength: float, samples: int = 1) -> Any:
    """λ / 2m Σ |w|, which draws weights to 0: its slope is λ / 2m times the sign of w, and 0 for w = 0.

    Arguments and errors are those of :func:`l2_penalty`.

    >>> w = Tensor([0.5, -2.0])
    >>> penalty = l1_penalty([w], 0.7, samples=10)
    >>> penalty.backward()
    >>> round(float(penalty), 6), w.grad
    (0.0875, array([ 0.035, -0.035]))
    """
    return _penalty("l1_penalty", absolute, weights, strength, samples)


def _penalty(name: str, size: Callable[[Any], Any], weights: Any, strength: float, samples: int) -> Any:
    if not strength >= 0 or not samples >= 1:
        raise ValueError(f"{name}: strength is not negative and samples at least 1, not {strength!r} and {samples!r}")
    kinds = [w if isinstance(w, Value) else operand(w, name) for w in entries(weights)]
    total = autograd.sum([size(w) if isinstance(w, Value) else autograd.sum(size(w)) for w in kinds])
    return strength / (2.0 * samples) * total


# ---------------------------------------------------------------------------------------------------------------------
# Numbers, one by one or all at once
# ---------------------------------------------------------------------------------------------------------------------


def _pair(name: str, input: Any, target: Any, reduction: str) -> tuple[Any, Any]:
    """What is predicted and its targets, alike in shape and kind."""
    _check_reduction(name, reduction)
    x, t = operand(input, name), operand(target, name)
    if x.shape != t.shape:
        raise ValueError(f"{name}: what is predicted and its targets have one shape, not {x.shape} and {t.shape}")
    return _alike(name, x, t)


def _alike(name: str, x: Any, t: Any) -> tuple[Any, Any]:
    """Both as arrays of objects if there are Values in one of them; else constant targets in the type of x."""
    if object in (x.dtype, t.dtype):
        if isinstance(x, Tensor) or isinstance(t, Tensor):
            raise TypeError(f"{name} takes Tensors or Values, not both: autograd.stack makes a Tensor of Values")
        return x.astype(object), t.astype(object)
    return x, t if isinstance(t, Tensor) else t.astype(x.dtype)


def _each(formula: Callable[..., Any], *xs: Any) -> Any:
    """The formula, of whole arrays; where Values are among the numbers, of one after another."""
    if xs[0].dtype != object:
        return formula(*xs)
    return np.asarray(np.frompyfunc(formula, len(xs), 1)(*xs), object)


def _sum(x: Any, axis: int) -> Any:
    """The sums along an axis."""
    if x.dtype != object:
        return autograd.sum(x, axis)
    rows = np.moveaxis(x, axis, -1)
    sums = [autograd.sum(row) for row in rows.reshape(-1, rows.shape[-1]).tolist()]
    return np.array(sums, object).reshape(rows.shape[:-1])


def _reduced(losses: Any, reduction: str, count: Any = None) -> Any:
    """The losses, their sum, or their sum divided by how many count."""
    losses = losses if isinstance(losses, Tensor) else np.asarray(losses)
    scalar = losses.dtype == object
    if reduction == "none":
        return losses.tolist() if scalar else losses
    if scalar:
        total = losses.item() if losses.size == 1 else autograd.sum(losses.ravel().tolist())
    else:
        total = autograd.sum(losses)
    count = losses.size if count is None else count
    return total if reduction == "sum" or count == 1 else total / count


def _dtype(x: Any) -> Any:
    return float if x.dtype == object else x.dtype


def _weight(name: str, what: str, weight: Any, x: Any) -> Any:
    """Weights in the type of x; ``None`` if there are none."""
    if weight is None:
        return None
    try:
        return np.broadcast_to(np.asarray(weight, _dtype(x)), x.shape)
    except ValueError:
        raise ValueError(f"{name}: {what} of shape {np.shape(weight)} does not broadcast to {x.shape}") from None


# ---------------------------------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------------------------------


_REDUCTIONS = ("mean", "sum", "none")


def _check_reduction(name: str, reduction: str) -> None:
    known = _REDUCTIONS if name != "kl_div" else (*_REDUCTIONS, "batchmean")
    if reduction not in known:
        raise ValueError(f"{name}: reduction is one of {', '.join(known)}, not {reduction!r}")


def _check_probabilities(name: str, x: Any) -> None:
    numbers = plain(x)
    _check(name, "probabilities lie between 0 and 1", numbers, (numbers >= 0) & (numbers <= 1))


def _check(name: str, rule: str, numbers: Any, right: Any) -> None:
    if not np.all(right):
        place = tuple(np.argwhere(~right)[0].tolist())
        raise ValueError(f"{name}: {rule}, but the number{_at(place)} is {numbers[place]}")


def _at(place: tuple[int, ...]) -> str:
    return f" at {place[0] if len(place) == 1 else place}" if place else ""


# ---------------------------------------------------------------------------------------------------------------------
# Losses as modules
# ---------------------------------------------------------------------------------------------------------------------


class Loss(Stateless):
    """A loss as a module, with its options, to be called with what a network puts out and the targets.

    Raises:
        TypeError: if the function has no such option.
        ValueError: if it has no such reduction.

    >>> loss = MSELoss(reduction="sum")
    >>> loss, float(loss([1.0, 2.0], [0.0, 0.0]))
    (MSELoss(reduction='sum'), 5.0)
    """

    inputs = 2

    def __init__(self, *values: Any, **options: Any) -> None:
        super().__init__(*values, **options)
        _check_reduction(self.function.__name__, self.options["reduction"])


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
