"""Clipping gradients, under PyTorch's names, and finding those that are not finite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from autograd import Tensor, Value
from autograd.safety import printable
from nn.aliases import Parameter
from nn.blocks import Data, plain

__all__ = ["check_finite", "clip_grad_norm_", "clip_grad_value_", "is_finite", "listed", "name_of"]


@np.errstate(all="ignore")
def clip_grad_norm_(
    parameters: Parameter | Iterable[Parameter],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = True,
) -> float:
    """Scale all gradients by one factor, so that their joint norm is at most ``max_norm``.

    Gradients are divided by their largest entry before their powers are added, so that large powers do not overflow and
    small ones do not vanish.

    Args:
        parameters: a parameter, or several.
        max_norm: the bound.
        norm_type: the order p > 0 of the norm (Σ |g|ᵖ)^(1/p); ``math.inf`` takes the largest entry.
        error_if_nonfinite: whether a nan or infinite gradient raises an error.

    Returns:
        The norm before clipping, which is infinite if it is greater than the largest float.

    Raises:
        ValueError: if the bound is negative, or the order is not positive.
        FloatingPointError: if a gradient is nan or infinite; with ``error_if_nonfinite=False``, PyTorch's default, such
            a gradient makes all the others nan or 0.

    >>> x, y = Value(1.0), Value(1.0)
    >>> (3 * x + 4 * y).backward()
    >>> clip_grad_norm_([x, y], 1.0)
    5.0
    >>> round(x.grad, 4), round(y.grad, 4)
    (0.6, 0.8)
    """
    _check_limit(max_norm)
    if not norm_type > 0:
        raise ValueError(f"the order of the norm must be greater than 0, not {norm_type!r}")
    params = listed(parameters)
    gradients = _gradients(params)
    if error_if_nonfinite:
        check_finite(params, gradients, "the gradient of {} is nan or infinite")
    entries = np.abs(np.concatenate([[], *map(np.ravel, gradients.values())]))
    largest = float(entries.max(initial=0.0))
    if largest == 0.0:
        return 0.0
    scale = largest if math.isfinite(largest) else 1.0
    norm = float(np.linalg.norm(entries / scale, norm_type))
    # The margin is PyTorch's 1e-6 for a norm of 1 or more; below, it is relative, or small gradients would become 0.
    bound = float(max_norm) / (norm + 1e-6 * min(norm, 1.0 / scale))
    if not bound >= scale:  # also if the norm is nan
        for p, g in gradients.items():
            p.grad = np.asarray(g, float) / scale * bound
    return norm * scale


def clip_grad_value_(parameters: Parameter | Iterable[Parameter], clip_value: float) -> None:
    """Clip every entry of every gradient to the interval from ``-clip_value`` to ``clip_value``.

    >>> x = Tensor([1.0, 2.0])
    >>> (x**2).backward([1.0, -1.0])
    >>> clip_grad_value_([x], 3.0)
    >>> x.grad
    array([ 2., -3.])
    """
    _check_limit(clip_value)
    for p, g in _gradients(listed(parameters)).items():
        p.grad = np.clip(g, -clip_value, clip_value)


def listed(parameters: Parameter | Iterable[Parameter]) -> list[Parameter]:
    """The parameters, or the only one, in a list."""
    return [parameters] if isinstance(parameters, (Value, Tensor)) else list(parameters)


def _check_limit(limit: float) -> None:
    if not limit >= 0:
        raise ValueError(f"the bound for gradients must be at least 0, not {limit!r}")


def _gradients(params: Iterable[Parameter]) -> dict[Parameter, Data]:
    """The gradients of the parameters that have one, as numbers and arrays."""
    grads = {p: p.grad for p in params}
    return {p: plain(g) for p, g in grads.items() if g is not None}


def check_finite(params: Iterable[Parameter], numbers: Mapping[Parameter, Data], message: str) -> None:
    """Raise ``FloatingPointError`` with this message, which names the first parameter that is nan or infinite."""
    for place, p in enumerate(params):
        if not is_finite(numbers.get(p, 0.0)):
            raise FloatingPointError(f"{message.format(name_of(p, place))}: nothing was changed")


def is_finite(x: Data) -> bool:
    """Whether a number, or every number of an array, is finite."""
    if isinstance(x, float):
        return math.isfinite(x)
    return math.isfinite(np.vdot(x, x)) or bool(np.isfinite(x).all())  # the sum may overflow, but is cheaper


def name_of(p: Parameter, place: int) -> str:
    """The label of a parameter, or its number."""
    return printable(p.label or "", None) or f"parameter {place}"
