"""Reductions under NumPy's names and with NumPy's arguments: sums, means, variances and extremes, composed of rows.

- ``where`` says which numbers count.  The others are not used at all, even if they are nan or infinite.
- ``initial`` is one more number to combine, and the result if there is no other.
- ``dtype``, ``float32`` or ``float64``, is the type to compute in.
- ``correction`` is NumPy's second name of ``ddof``, and ``mean`` a mean that is known already, with its axes kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from numbers import Real
from operator import mul
from typing import Any, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from autograd.arrays import operations
from autograd.arrays.array_operation import ArrayOperation
from autograd.arrays.operands import as_array, as_floats, to_numpy
from autograd.arrays.operations import broadcast_to, kept, reshape, transpose
from autograd.arrays.signatures import Nodes, Operand, takes_array
from autograd.arrays.tensor_data import T
from autograd.core import rules, value
from autograd.core.aliases import Array, Axis, Number

__all__ = ["average", "max", "mean", "min", "prod", "ptp", "std", "sum", "var"]

Mask: TypeAlias = bool | Sequence[Any] | Array
"""Bools, in an array or in nested lists, that are broadcast to the shape of the numbers."""


def mask_of(x: Any, where: Mask) -> Any:
    """Which numbers count, as bools in the shape of ``x``.

    Raises:
        TypeError: if ``where`` does not hold bools.
    """
    mask = np.asarray(where)
    if mask.dtype != bool:
        raise TypeError(f"where= takes bools, such as x > 0, not {mask.dtype}")
    return np.broadcast_to(mask, x.shape)


def count(x: Any, axis: Axis, where: Mask = True, ddof: float = 0, keepdims: bool = False) -> Any:
    """How many numbers a reduction along ``axis`` combines into one, less ``ddof``: what their sum is divided by.

    Zero is an array, by which the sum of nothing can be divided: it is nan, as in NumPy.
    """
    if where is not True:
        counts = np.sum(mask_of(x, where), axis=axis, keepdims=keepdims, dtype=x.dtype)
        return np.maximum(counts - ddof, 0).astype(x.dtype)
    left = kept(x.shape, axis)
    n = int(np.prod([n for n, one in zip(x.shape, left, strict=True) if one == 1], dtype=int)) - ddof
    return n if n > 0 else np.zeros((), x.dtype)


def _counted(x: Any, where: Mask, dtype: npt.DTypeLike | None, otherwise: float) -> Any:
    """``x`` in this type, with a constant in place of the numbers that do not count."""
    x = as_array(x)
    if dtype is not None:
        x = operations.astype(x, dtype)
    return x if where is True else rules.where(mask_of(x, where), x, otherwise)


# ---------------------------------------------------------------------------------------------------------------------
# Sums and products
# ---------------------------------------------------------------------------------------------------------------------


@overload
def sum(
    x: T,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: Operand | None = None,
    where: Mask = True,
) -> T: ...
@overload
def sum(
    x: Array,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: float | None = None,
    where: Mask = True,
) -> Array: ...
@overload
def sum(x: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def sum(x: Iterable[value.Value | Number]) -> value.Value: ...
@overload
def sum(
    x: Operand | Nodes,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: Operand | None = None,
    where: Mask = True,
) -> Any: ...
def sum(
    x: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: Operand | None = None,
    where: Mask = True,
) -> Any:
    """The sum of all numbers, or along one axis or several; of a sequence of numbers and nodes, a single node.

    >>> from autograd import Tensor, Value
    >>> sum(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    Tensor([4., 6.], op=sum)
    >>> sum([Value(1.0), Value(2.0), 3.0])
    Value(6.0, op=sum)
    >>> x = Tensor([1.0, float("nan"), 3.0])
    >>> y = sum(x, where=[True, False, True])
    >>> y.backward()
    >>> y.item(), x.grad
    (4.0, array([1., 0., 1.]))
    """
    if _is_plain(axis, keepdims, dtype, initial, where) and not hasattr(x, "__array__") and isinstance(x, Iterable):
        return rules.sum_terms(*x)
    found = operations.sum(_counted(x, where, dtype, 0), axis, keepdims)
    return found if initial is None else found + initial


@takes_array
def prod(
    x: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: Operand | None = None,
    where: Mask = True,
) -> Any:
    """The product of all numbers, or along one axis or several; of a list of Values, a graph of Values.

    >>> from autograd import Value
    >>> prod([Value(2.0), Value(3.0), 4.0])
    Value(24.0, op=multiply)
    """
    if _is_plain(axis, keepdims, dtype, initial, where) and _is_list_of_values(x):
        return reduce(mul, x)
    found = operations.prod(_counted(x, where, dtype, 1), axis, keepdims)
    return found if initial is None else found * initial


def _is_plain(axis: Axis, keepdims: bool, dtype: npt.DTypeLike | None, initial: Operand | None, where: Mask) -> bool:
    """Whether a reduction is asked for without any of its options."""
    return axis is None and not keepdims and dtype is None and initial is None and where is True


def _is_list_of_values(x: Any) -> bool:
    """Whether ``x`` is a list or tuple of numbers, some of which are Values."""
    is_list = isinstance(x, (list, tuple)) and any(isinstance(one, value.Value) for one in x)
    return is_list and all(isinstance(one, (value.Value, Real)) for one in x)


# ---------------------------------------------------------------------------------------------------------------------
# Extremes
# ---------------------------------------------------------------------------------------------------------------------


@takes_array
def max(
    x: Any, axis: Axis = None, keepdims: bool = False, *, initial: Operand | None = None, where: Mask = True
) -> Any:
    """The largest number; if several are equally large, they share the slope evenly.

    Raises:
        ValueError: if ``where`` is given without ``initial``, which is the result where nothing counts.
    """
    return _extreme(operations.max, rules.maximum, -np.inf, x, axis, keepdims, initial, where)


@takes_array
def min(
    x: Any, axis: Axis = None, keepdims: bool = False, *, initial: Operand | None = None, where: Mask = True
) -> Any:
    """The smallest number; if several are equally small, they share the slope evenly.

    Raises:
        ValueError: if ``where`` is given without ``initial``, which is the result where nothing counts.
    """
    return _extreme(operations.min, rules.minimum, np.inf, x, axis, keepdims, initial, where)


def _extreme(
    of: ArrayOperation[...],
    either: Callable[..., Any],
    least: float,
    x: Any,
    axis: Axis,
    keepdims: bool,
    initial: Any,
    where: Mask,
) -> Any:
    if initial is None:
        if where is not True:
            raise ValueError(f"{of.name} with where= needs initial=, the result where nothing counts")
        return of(as_array(x), axis, keepdims)
    x = _counted(x, where, None, least)
    if not x.size:
        return operations.sum(x, axis, keepdims) + initial
    found = of(x, axis, keepdims)
    return found if isinstance(initial, float) and initial == least else either(found, initial)


@takes_array
def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The largest number minus the smallest."""
    x = as_array(x)
    return operations.max(x, axis, keepdims) - operations.min(x, axis, keepdims)


# ---------------------------------------------------------------------------------------------------------------------
# Means and variances
# ---------------------------------------------------------------------------------------------------------------------


@takes_array
def mean(
    x: Any, axis: Axis = None, keepdims: bool = False, *, dtype: npt.DTypeLike | None = None, where: Mask = True
) -> Any:
    """The arithmetic mean over all axes or some of them.

    >>> from autograd.arrays.tensor import Tensor
    >>> x = Tensor([1.0, 3.0])
    >>> y = mean(x)
    >>> y.backward()
    >>> y.item(), x.grad
    (2.0, array([0.5, 0.5]))
    """
    x = as_floats(_counted(x, where, dtype, 0))
    return operations.sum(x, axis, keepdims) / count(x, axis, where, keepdims=keepdims)


@takes_array
def average(
    x: Any, axis: Axis = None, weights: Operand | None = None, returned: bool = False, keepdims: bool = False
) -> Any:
    """The mean with weights: Σ weight x / Σ weight.

    Args:
        x: an array or Tensor.
        axis: one axis, several, or all.
        weights: of the shape of ``x``, or one for each place along ``axis``.
        returned: whether to return the sums of the weights as well.
        keepdims: whether reduced axes stay, with length 1.

    Raises:
        TypeError: if the weights have another shape than ``x``, and it is not said along which axis they count.
        ValueError: if they do not have the length of that axis.
    """
    x = as_array(x)
    w = np.ones(x.shape, x.dtype) if weights is None else weight_of_each("average", x, as_array(weights), axis)
    total = operations.sum(w, axis, keepdims)
    found = mean(x, axis, keepdims) if weights is None else operations.sum(x * w, axis, keepdims) / total
    return (found, total) if returned else found


def weight_of_each(name: str, x: Any, w: Any, axis: Axis) -> Any:
    """Weights in the shape of ``x``, given in this shape or with one for each place along ``axis``."""
    if w.shape == x.shape:
        return w
    if axis is None:
        raise TypeError(f"{name}: weights of another shape need axis=, the axis along which they count")
    axes = [i % x.ndim for i in (axis if isinstance(axis, tuple) else (axis,))]
    if w.shape != tuple(x.shape[i] for i in axes):
        raise ValueError(f"{name}: weights of the shape {w.shape} do not fit axis={axis} of {x.shape}")
    w = transpose(w, np.argsort(axes).tolist())
    return broadcast_to(reshape(w, tuple(n if i in axes else 1 for i, n in enumerate(x.shape))), x.shape)


@takes_array
def var(
    x: Any,
    axis: Axis = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    where: Mask = True,
    mean: Operand | None = None,
    correction: float | None = None,
) -> Any:
    """The variance: the sum of squared distances from the mean, divided by ``n - ddof``."""
    distances = _distances(x, axis, dtype, where, mean)
    squares = operations.sum(rules.square(distances), axis, keepdims)
    return squares / count(distances, axis, where, less(ddof, correction), keepdims)


@takes_array
def std(
    x: Any,
    axis: Axis = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    where: Mask = True,
    mean: Operand | None = None,
    correction: float | None = None,
) -> Any:
    """The standard deviation; where all numbers are equal it has a tip, and the slope is taken as 0."""
    x = as_array(x)
    flat = _equal(to_numpy(x), axis, where) if mean is None else None
    if flat is not None and not flat.any():
        variance = var(x, axis, ddof, keepdims, dtype=dtype, where=where, correction=correction)
        return rules.sqrt(variance)
    distances = _distances(x, axis, dtype, where, mean)
    if flat is not None:
        distances = distances * ~flat  # exactly 0 where all are equal, nan where all are infinite
    n = count(distances, axis, where, less(ddof, correction), keepdims)
    return operations.euclidean_norm(distances, axis, keepdims) / n**0.5


def _distances(x: Any, axis: Axis, dtype: npt.DTypeLike | None, where: Mask, middle: Any) -> Any:
    """The distances of the numbers that count from their mean, and 0 for the others."""
    x = as_floats(_counted(x, where, dtype, 0))
    if middle is None:
        middle = mean(x, axis, True, where=where)
    return _counted(x - middle, where, None, 0)


def _equal(x: Array, axis: Axis, where: Mask) -> Any:
    """Whether all numbers that count are equal, and there are some."""
    mask = where if where is True else mask_of(x, where)
    largest = np.max(x, axis, keepdims=True, initial=-np.inf, where=mask)
    return largest == np.min(x, axis, keepdims=True, initial=np.inf, where=mask)


def less(ddof: float, correction: float | None) -> float:
    """What is subtracted from the number of numbers, by either of its two names.

    Raises:
        ValueError: if both are given.
    """
    if correction is None:
        return ddof
    if ddof:
        raise ValueError("ddof and correction are two names for one number: give one of them")
    return correction
