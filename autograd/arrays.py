"""The array operations: what NumPy does with whole arrays, each with the way gradients pass through it.

A row reads: what a gradient sends to each operand, then the operation itself, under NumPy's name.  All of it is
written with functions that take arrays and Tensors alike.  What can be put together from other rows is.
"""
# mypy: disable-error-code="has-type"
# (rows speak of rows further down)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import rules
from autograd.operation import operation
from autograd.rules import where

__all__ = [
    "astype",
    "broadcast_to",
    "clip",
    "matmul",
    "reshape",
    "sum",
    "transpose",
    "where",
]

Axis = int | tuple[int, ...] | None

# ---------------------------------------------------------------------------------------------------------------------
# How a gradient meets a slope, an axis and a broadcast
# ---------------------------------------------------------------------------------------------------------------------


def flow(gradient: Any, slope: Any, selects: bool = False) -> Any:
    """A gradient times a local derivative, number by number.

    A gradient that is exactly zero sends nothing, and an operand that is not selected receives nothing: neither
    ``0 * inf`` nor ``0 * nan`` gets out of a branch that does not count.
    """
    if isinstance(slope, float) and slope == 1.0:
        return gradient
    product = gradient * slope
    if selects:
        product = where(slope == 0, 0.0, product)
    return where(gradient == 0, 0.0, product) if np.isnan(_plain(product).sum()) else product


def _plain(x: Any) -> Any:
    return x if isinstance(x, (np.ndarray, np.generic)) else x.detach().data


def unbroadcast(x: Any, shape: tuple[int, ...]) -> Any:
    """``x`` summed over the axes along which something of this shape was broadcast to the shape of ``x``.

    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    new = x.ndim - len(shape)
    stretched = [new + i for i, n in enumerate(shape) if n == 1 and x.shape[new + i] != 1]
    return reshape(sum(x, (*range(new), *stretched)), shape)


def _kept(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape that is left of ``shape`` after reducing with ``keepdims=True``."""
    if axis is None:
        return (1,) * len(shape)
    axes = {i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,))} if shape else set()
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


# ---------------------------------------------------------------------------------------------------------------------
# Shapes and types
# ---------------------------------------------------------------------------------------------------------------------


@operation(lambda g, out, x, dtype: g)
def astype(x: Any, dtype: Any) -> Any:
    """The same numbers as ``float32`` or ``float64``; the gradient comes back in the dtype of ``x``."""
    return x.astype(dtype)


@operation(lambda g, out, x, shape: reshape(g, x.shape))
def reshape(x: Any, shape: Any) -> Any:
    """The same numbers in another shape, in which one length may be -1."""
    return x.reshape(shape)


@operation(lambda g, out, x, shape: g)
def broadcast_to(x: Any, shape: Any) -> Any:
    """``x`` repeated along new axes and axes of length 1 until it has this shape."""
    return np.broadcast_to(x, shape)


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """``x``, but not below ``low`` and not above ``high``, of which one may be ``None``."""
    return rules.clip(x, -np.inf if low is None else low, np.inf if high is None else high)


@operation(lambda g, out, x, axes: transpose(g, None if axes is None else tuple(np.argsort(axes))))
def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed if no order is given."""
    return np.transpose(x, axes)


# ---------------------------------------------------------------------------------------------------------------------
# Indexing
# ---------------------------------------------------------------------------------------------------------------------


@operation(lambda g, out, x, index: put(g, index, x.shape))
def getitem(x: Any, index: Any) -> Any:
    """``x[index]``, with all of NumPy's kinds of index."""
    return x[index]


@operation(lambda g, out, x, index, shape: getitem(g, index))
def put(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of this shape, with ``x`` added at ``index``: what is picked more than once receives more than once."""
    whole = np.zeros(shape, x.dtype)
    np.add.at(whole, index, x)
    return whole


# ---------------------------------------------------------------------------------------------------------------------
# Reductions
# ---------------------------------------------------------------------------------------------------------------------


@operation(lambda g, out, x, axis, keepdims: broadcast_to(reshape(g, _kept(x.shape, axis)), x.shape))
def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum over all numbers, or along an axis or several."""
    return np.sum(x, axis=axis, keepdims=keepdims)


# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------


def _matrices(x: Any, y: Any, g: Any) -> tuple[Any, Any, Any]:
    """The operands of ``matmul`` and the gradient of its output, vectors as matrices of one row or one column."""
    rows = x if x.ndim > 1 else reshape(x, (1, -1))
    columns = y if y.ndim > 1 else reshape(y, (-1, 1))
    batch = g.shape[: g.ndim - (x.ndim > 1) - (y.ndim > 1)]
    return rows, columns, reshape(g, (*batch, rows.shape[-2], columns.shape[-1]))


def _flipped(x: Any) -> Any:
    """Stacked matrices, each transposed."""
    return transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


def _to_first(g: Any, out: Any, x: Any, y: Any) -> Any:
    rows, columns, g = _matrices(x, y, g)
    return reshape(unbroadcast(matmul(g, _flipped(columns)), rows.shape), x.shape)


def _to_second(g: Any, out: Any, x: Any, y: Any) -> Any:
    rows, columns, g = _matrices(x, y, g)
    return reshape(unbroadcast(matmul(_flipped(rows), g), columns.shape), y.shape)


@operation(_to_first, _to_second)
def matmul(x: Any, y: Any) -> Any:
    """The matrix product ``x @ y``; of stacks of matrices, each with each."""
    return np.matmul(x, y)
