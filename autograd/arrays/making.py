"""Arrays made of numbers, arrays and nodes, under NumPy's names: nested lists, sequences, blocks, choices.

Each computes what the NumPy function of the same name computes; if there is a node among its arguments, the result is a
Tensor of the same graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.arrays import operations
from autograd.arrays.functions import Indices, concatenate, diag, take
from autograd.arrays.operands import as_array, to_numpy
from autograd.arrays.operations import broadcast_to, gather, joined, moveaxis, ravel, reshape
from autograd.arrays.signatures import takes_array
from autograd.core.nested import entries
from autograd.core.rules import exp, log, where
from autograd.core.sweep import is_node

__all__ = [
    "append",
    "array",
    "asanyarray",
    "asarray",
    "ascontiguousarray",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block",
    "broadcast_arrays",
    "c_",
    "choose",
    "column_stack",
    "compress",
    "delete",
    "diagflat",
    "extract",
    "full",
    "full_like",
    "geomspace",
    "insert",
    "linspace",
    "logspace",
    "piecewise",
    "r_",
    "resize",
    "row_stack",
    "select",
    "trim_zeros",
    "unstack",
]


def _has_node(*structures: Any) -> bool:
    return any(map(is_node, entries(structures)))


def _joined(x: Any) -> Any:
    """Nested lists of numbers, arrays and nodes as one array or Tensor."""
    if isinstance(x, (list, tuple)) and _has_node(x):
        return as_array([_joined(part) for part in x])
    return as_array(x)


def _beside(*xs: Any) -> list[Any]:
    """The same for each; plain numbers take the dtype of the others."""
    arrays = [_joined(x) for x in xs]
    floats = [a.dtype for x, a in zip(xs, arrays, strict=True) if not isinstance(x, Real) and a.dtype.kind == "f"]
    dtype = np.result_type(*floats) if floats else np.dtype(float)
    return [a.astype(dtype) if isinstance(x, Real) else a for x, a in zip(xs, arrays, strict=True)]


# ---------------------------------------------------------------------------------------------------------------------
# From nested lists
# ---------------------------------------------------------------------------------------------------------------------


def array(object: Any, dtype: npt.DTypeLike | None = None, *, copy: bool | None = True, ndmin: int = 0) -> Any:
    """An array of numbers, and of nodes in any nesting; with a node it is a Tensor of the same graph.

    ``np.array`` itself cannot do this: it asks every node for a plain number, which would lose the graph.

    >>> from autograd import Value
    >>> x, y = Value(3.0), Value(4.0)
    >>> array([[x, 1.0], [0.0, y]])
    Tensor([[3., 1.],
            [0., 4.]], op=stack)
    """
    if not _has_node(object):
        return np.array(object, dtype, copy=copy, ndmin=ndmin)
    x = _joined(object)
    if dtype is not None and np.dtype(dtype) != x.dtype:
        x = operations.astype(x, dtype)
    return reshape(x, (1,) * (ndmin - x.ndim) + x.shape) if x.ndim < ndmin else x


def asarray(object: Any, dtype: npt.DTypeLike | None = None) -> Any:
    """As :func:`array`, without a copy of an array."""
    return array(object, dtype, copy=None)


asanyarray = ascontiguousarray = asarray


def _each(shaped: Callable[[Any], Any], xs: Sequence[Any]) -> Any:
    found = tuple([shaped(_joined(x)) for x in xs])
    return found[0] if len(found) == 1 else found


def atleast_1d(*xs: Any) -> Any:
    """Arrays with one axis or more."""
    return _each(lambda x: x if x.ndim else reshape(x, (1,)), xs)


def atleast_2d(*xs: Any) -> Any:
    """Arrays with two axes or more; a vector becomes a row."""
    return _each(lambda x: x if x.ndim > 1 else reshape(x, (1, x.size)), xs)


def atleast_3d(*xs: Any) -> Any:
    """Arrays with three axes or more; a vector becomes a row of numbers, one below the other in depth."""
    return _each(lambda x: x if x.ndim > 2 else reshape(x, (*(x.shape if x.ndim == 2 else (1, x.size)), 1)), xs)


# ---------------------------------------------------------------------------------------------------------------------
# Filled
# ---------------------------------------------------------------------------------------------------------------------


def full(shape: int | Sequence[int], fill_value: Any, dtype: npt.DTypeLike | None = None) -> Any:
    """An array of this shape in which every number is ``fill_value``."""
    return broadcast_to(array(fill_value, dtype), shape)


def full_like(a: Any, fill_value: Any, dtype: npt.DTypeLike | None = None, *, shape: Any = None) -> Any:
    """An array of the shape and dtype of ``a`` in which every number is ``fill_value``."""
    a = as_array(a)
    return full(a.shape if shape is None else shape, fill_value, a.dtype if dtype is None else dtype)


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, axis: int = 0) -> Any:
    """Numbers at equal distances from ``start`` to ``stop``, along a new axis.

    >>> from autograd import Value
    >>> linspace(0.0, Value(2.0), 3)
    Tensor([0., 1., 2.], op=add)
    """
    start, stop = _beside(start, stop)
    share = np.linspace(0.0, 1.0, num, endpoint).reshape((-1,) + (1,) * max(start.ndim, stop.ndim))
    share = share.astype(np.result_type(start, stop) if _has_node(start, stop) else float)
    points = start * (1.0 - share) + stop * share
    return moveaxis(points, 0, axis) if axis else points


def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, *, axis: int = 0) -> Any:
    """Powers of ``base`` at equal ratios, from ``base ** start`` to ``base ** stop``."""
    return base ** linspace(start, stop, num, endpoint, axis=axis)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, axis: int = 0) -> Any:
    """Numbers at equal ratios from ``start`` to ``stop``, which have the same sign.

    Raises:
        ValueError: if a number is 0, or the signs differ.
    """
    start, stop = _beside(start, stop)
    sign = np.sign(to_numpy(start))
    if np.any(sign == 0) or np.any(sign != np.sign(to_numpy(stop))):
        raise ValueError("geomspace: start and stop must have the same sign and not be 0")
    return sign * exp(linspace(log(sign * start), log(sign * stop), num, endpoint, axis=axis))


def broadcast_arrays(*xs: Any) -> tuple[Any, ...]:
    """All arrays in the shape that they have together."""
    arrays = [_joined(x) for x in xs]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    return tuple([broadcast_to(x, shape) for x in arrays])


# ---------------------------------------------------------------------------------------------------------------------
# Joined
# ---------------------------------------------------------------------------------------------------------------------


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Both arrays joined along an axis, or flattened and joined."""
    return concatenate([_joined(arr), _joined(values)], axis)


def column_stack(tup: Sequence[Any]) -> Any:
    """Vectors as the columns of a matrix, beside the columns of matrices."""
    return concatenate([x if x.ndim > 1 else reshape(x, (x.size, 1)) for x in map(_joined, tup)], 1)


def row_stack(tup: Sequence[Any]) -> Any:
    """NumPy's ``vstack`` under its old name."""
    return concatenate([atleast_2d(x) for x in tup], 0)


def block(arrays: Any) -> Any:
    """Blocks in nested lists as one array: the innermost lists are joined along the last axis, the next ones before it.

    >>> block([[np.eye(2), np.zeros((2, 1))], [np.ones((1, 3))]])
    array([[1., 0., 0.],
           [0., 1., 0.],
           [1., 1., 1.]])
    """

    def depth(part: Any) -> int:
        return 1 + max(map(depth, part)) if isinstance(part, list) else 0

    ndim = max([depth(arrays), *[as_array(x).ndim for x in entries(arrays)]])

    def build(part: Any, level: int) -> Any:
        if isinstance(part, list):
            return joined(*[build(each, level - 1) for each in part], axis=-level)
        x = as_array(part)
        return reshape(x, (1,) * (ndim - x.ndim) + x.shape)

    return build(arrays, depth(arrays))


class _Joiner:
    """``r_`` or ``c_``: NumPy's indexing, for nodes as well."""

    def __init__(self, of_numbers: Any, join: Callable[[list[Any]], Any]) -> None:
        self._of_numbers, self._join = of_numbers, join

    def __getitem__(self, parts: Any) -> Any:
        if not _has_node(parts):
            return self._of_numbers[parts]
        parts = parts if isinstance(parts, tuple) else (parts,)
        if any(isinstance(part, str) for part in parts):
            raise NotImplementedError("r_ and c_ of nodes take arrays, numbers and slices: use concatenate")
        return self._join([np.r_[part] if isinstance(part, slice) else atleast_1d(part) for part in parts])


r_ = _Joiner(np.r_, concatenate)
"""Arrays, numbers and slices joined along the first axis: ``r_[x, 0.0, y]``."""

c_ = _Joiner(np.c_, column_stack)
"""Vectors as columns: ``c_[x, y]``."""


def unstack(x: Any, *, axis: int = 0) -> tuple[Any, ...]:
    """The arrays that :func:`stack` would join to ``x``."""
    rows = moveaxis(_joined(x), axis, 0)
    return tuple([rows[i] for i in range(rows.shape[0])])


# ---------------------------------------------------------------------------------------------------------------------
# With other entries
# ---------------------------------------------------------------------------------------------------------------------


@takes_array
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Without the entries at these indices along an axis, or of the flattened array."""
    arr = as_array(arr) if axis is not None else ravel(as_array(arr))
    axis = 0 if axis is None else axis
    return take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """With ``values`` before the entries at these indices along an axis, or of the flattened array."""
    x, added = _beside(arr, values)
    x, axis = (ravel(x), 0) if axis is None else (x, axis)
    places = np.arange(x.size).reshape(x.shape)
    new = x.size + np.arange(added.size).reshape(added.shape)
    return gather(joined(ravel(x), ravel(added), axis=0), np.insert(places, obj, new, axis))


@takes_array
def resize(a: Any, new_shape: int | Sequence[int]) -> Any:
    """The numbers in another shape, repeated as often as needed."""
    a = as_array(a)
    return gather(a, np.resize(np.arange(a.size), new_shape))


@takes_array
def trim_zeros(filt: Any, trim: str = "fb") -> Any:
    """A vector without the zeros at its front ("f"), at its back ("b"), or both."""
    filt = as_array(filt)
    used = np.flatnonzero(to_numpy(filt))
    if not used.size:
        return filt[:0]
    start, stop = used[0] if "f" in trim.lower() else 0, used[-1] + 1 if "b" in trim.lower() else filt.size
    return filt[int(start) : int(stop)]


@takes_array
def diagflat(v: Any, k: int = 0) -> Any:
    """The matrix with the numbers of ``v``, flattened, on a diagonal."""
    return diag(ravel(as_array(v)), k)


# ---------------------------------------------------------------------------------------------------------------------
# Choices
# ---------------------------------------------------------------------------------------------------------------------


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0.0) -> Any:
    """For each place the number of the first choice whose condition holds.

    Raises:
        ValueError: if there are not as many conditions as choices.
    """
    if len(condlist) != len(choicelist):
        raise ValueError(f"select: {len(condlist)} conditions do not match {len(choicelist)} choices")
    result: Any = default if isinstance(default, Real) else _joined(default)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = where(condition, _joined(choice), result)
    return result


def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    """For each place the function or number of the last condition that holds; functions see those numbers alone.

    With one function more than conditions, the last one counts where no condition holds, and otherwise there is 0.

    >>> piecewise(np.array([-2.0, 3.0]), [np.array([True, False])], [lambda x: -x, lambda x: 10.0 * x])
    array([ 2., 30.])
    """
    x = _joined(x)
    if np.isscalar(condlist) or (not isinstance(condlist[0], (list, np.ndarray)) and x.ndim):
        condlist = [condlist]  # a single condition
    conditions = [np.broadcast_to(np.asarray(condition, bool), x.shape) for condition in condlist]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    elif len(funclist) != len(conditions):
        raise ValueError(f"piecewise: {len(conditions)} conditions need as many functions, or one more")
    result: Any = 0.0 * where(True, 0.0, x)
    for condition, f in zip(conditions, funclist, strict=True):
        if not callable(f):
            result = where(condition, f, result)
        elif condition.any():
            result = where(condition, operations.put(f(x[condition], *args, **kw), condition, x.shape), result)
    return result


def choose(a: Any, choices: Any) -> Any:
    """For each place the number of the choice with this index."""
    index = np.asarray(a)
    arrays = broadcast_arrays(*[_joined(choice) for choice in choices], np.zeros(index.shape))[:-1]
    if not np.all((index >= 0) & (index < len(arrays))):
        raise ValueError(f"choose: indices must be from 0 to {len(arrays) - 1}")
    return select([index == i for i in range(len(arrays))], arrays)


@takes_array
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """The entries along an axis, or of the flattened array, for which the condition holds."""
    return take(a, np.flatnonzero(condition), axis)


def extract(condition: Indices, arr: Any) -> Any:
    """The numbers of the flattened array for which the condition holds."""
    return take(_joined(arr), np.flatnonzero(np.ravel(condition)))
