"""The affine map of a layer, ``linear``, as a single node."""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd.arrays.array_operation import array_operation
from autograd.arrays.operands import as_floats
from autograd.arrays.operations import reshape
from autograd.arrays.signatures import Operand, takes_two_arrays
from autograd.core.aliases import AnyArray

__all__ = ["linear"]


def plus(fresh: AnyArray, bias: AnyArray) -> AnyArray:
    """The sum of both, in the memory of the first if they have the same dtype."""
    return np.add(fresh, bias, out=fresh) if fresh.dtype == bias.dtype else fresh + bias


def _rows(x: AnyArray) -> AnyArray:
    """All axes but the last combined into one."""
    return x if x.ndim == 2 else reshape(x, (prod(x.shape[:-1]), x.shape[-1]))


def _affine_part(place: int, g: AnyArray, out: AnyArray, *operands: AnyArray) -> AnyArray:
    if place == 0:
        return g @ operands[1]
    g = _rows(g)
    if place == 1:
        return np.dot(g.T, _rows(operands[0]))
    return np.dot(_ones(len(g), g.dtype), g)  # a product is faster than a sum over columns


@lru_cache(maxsize=64)
def _ones(n: int, dtype: Any) -> Any:
    """An array of ones in immutable memory, since it is shared and graphs should not copy it."""
    return np.ndarray(n, dtype, np.ones(n, dtype).tobytes())


def _affine_tangent(place: int, t: AnyArray, out: AnyArray, *operands: AnyArray) -> AnyArray:
    x, weight = operands[:2]
    return linear_layer(t, weight) if place == 0 else linear_layer(x, t) if place == 1 else t


@array_operation(_affine_part, jvps=[_affine_tangent], name="linear", linear=True)
def linear_layer(*operands: AnyArray) -> AnyArray:
    """``x @ weight.T + bias``, with two operands or three."""
    x, weight, *bias = operands
    if weight.ndim != 2:
        raise ValueError(f"linear takes a weight of shape (out, in), not {weight.shape}")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(f"linear: x of shape {x.shape} does not fit a weight (out, in) of shape {weight.shape}")
    y = np.dot(_rows(x), weight.T)
    if x.ndim != 2:
        y = y.reshape(*x.shape[:-1], len(weight))
    return plus(y, fitting_bias(bias[0], weight, "linear")) if bias else y


@takes_two_arrays
def linear(x: AnyArray, weight: AnyArray, bias: Operand | None = None) -> AnyArray:
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
        return linear_layer(as_floats(x), as_floats(weight))
    return linear_layer(as_floats(x), as_floats(weight), as_floats(bias))


def fitting_bias(bias: AnyArray, weight: AnyArray, name: str) -> AnyArray:
    """The bias, checked to have a number for each output of the weight."""
    bias = as_floats(bias)
    if bias.shape != weight.shape[:1]:
        raise ValueError(f"{name}: a bias of shape {bias.shape} does not fit a weight of shape {weight.shape}")
    return bias
