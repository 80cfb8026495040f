"""Functions of arrays under NumPy's names, composed of rows of the tables: there are no derivatives here.

Each takes both Tensors and arrays, and computes what the NumPy function of the same name computes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from string import ascii_letters
from typing import Any, Literal, TypeAlias, overload

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.arrays import operations
from autograd.arrays.operands import as_array
from autograd.arrays.operations import broadcast_to, expand_dims, gather, kept, matmul, reshape, transpose
from autograd.arrays.reductions import mean
from autograd.arrays.signatures import (
    Nodes,
    Operand,
    splits_array,
    takes_array,
    takes_sequence,
    takes_two_arrays,
)
from autograd.arrays.tensor_data import T
from autograd.core import rules, value
from autograd.core.aliases import Array, ArrayLike, Axis, Number
from autograd.core.rules import where
from autograd.core.sweep import is_node

__all__ = [
    "array_split",
    "clip",
    "concatenate",
    "cross",
    "cumprod",
    "diag",
    "diagonal",
    "diff",
    "dot",
    "dsplit",
    "dstack",
    "einsum",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "inner",
    "kron",
    "median",
    "meshgrid",
    "nan_to_num",
    "outer",
    "pad",
    "partition",
    "repeat",
    "rollaxis",
    "rot90",
    "sort",
    "split",
    "take",
    "take_along_axis",
    "tensordot",
    "tile",
    "trace",
    "trapezoid",
    "tril",
    "triu",
    "vdot",
    "vsplit",
    "vstack",
    "where",
]


Indices: TypeAlias = int | Sequence[Any] | Array
"""Whole numbers, in an array or in nested lists."""


def rows(x: Any, axis: Axis) -> Any:
    """``x`` with the axes that a reduction removes flattened into one, the last."""
    if axis is None:
        return operations.ravel(x)
    axes = sorted(normalize_axis_tuple(axis, x.ndim))
    lengths = [n for i, n in enumerate(x.shape) if i not in axes]
    n = int(np.prod([x.shape[i] for i in axes], dtype=int))
    return reshape(operations.moveaxis(x, axes, range(-len(axes), 0)), (*lengths, n))


# ---------------------------------------------------------------------------------------------------------------------
# Reductions
# ---------------------------------------------------------------------------------------------------------------------


@takes_array
def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The median: the middle number, or the mean of the two in the middle; nan if any number is nan."""
    x = as_array(x)
    shape = kept(x.shape, axis)
    row = sort(rows(x, axis))
    n = row.shape[-1]
    middle = mean(row[..., (n - 1) // 2 : n // 2 + 1], -1)
    middle = where(np.isnan(row).any(axis=-1), np.nan, middle)
    return reshape(middle, shape) if keepdims else middle


@takes_array
def cumprod(x: Any, axis: int | None = None, dtype: npt.DTypeLike | None = None) -> Any:
    """Cumulative products along an axis, or of all numbers flattened, computed as ``dtype``, float32 or float64."""
    x = as_array(x) if dtype is None else operations.astype(as_array(x), dtype)
    if axis is None or not x.ndim:
        return operations.running_products(operations.ravel(x))
    return operations.moveaxis(operations.running_products(operations.moveaxis(x, axis, -1)), -1, axis)


@takes_array
def diff(x: Any, n: int = 1, axis: int = -1, prepend: Operand | None = None, append: Operand | None = None) -> Any:
    """The differences between neighbours along an axis, taken ``n`` times, of ``x`` with other numbers around it.

    Raises:
        ValueError: if ``n`` is negative, or ``x`` is a single number.
    """
    x = as_array(x)
    if n == 0:
        return x
    if n < 0 or not x.ndim:
        raise ValueError(f"diff takes n >= 0 and one axis or more, not n={n} and an array of shape {x.shape}")
    around: list[Any] = [y if y is None or is_node(y) else np.asarray(y, x.dtype) for y in (prepend, append)]
    parts = [y for y in (around[0], x, around[1]) if y is not None]
    if len(parts) > 1:
        edge = tuple(1 if i == axis % x.ndim else m for i, m in enumerate(x.shape))
        x = operations.joined(*[y if y.ndim else broadcast_to(y, edge) for y in parts], axis=axis)
    for _ in range(n):
        x = _slice(x, axis, 1, None) - _slice(x, axis, None, -1)
    return x


@takes_array
def trapezoid(y: Any, x: Operand | None = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral of y over x, or over points ``dx`` apart, by the trapezoidal rule."""
    y = as_array(y)
    steps: Any = dx
    if x is not None:
        steps = diff(x, axis=axis if as_array(x).ndim > 1 else -1)
        if steps.ndim == 1:
            steps = reshape(steps, tuple(-1 if i == axis % y.ndim else 1 for i in range(y.ndim)))
    return operations.sum(steps * (_slice(y, axis, 1, None) + _slice(y, axis, None, -1)) / 2.0, axis)


def _slice(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    if not -x.ndim <= axis < x.ndim:
        raise np.exceptions.AxisError(axis, x.ndim)
    return x[(slice(None),) * (axis % x.ndim) + (slice(start, stop),)]


# ---------------------------------------------------------------------------------------------------------------------
# Choosing
# ---------------------------------------------------------------------------------------------------------------------


@overload
def clip(
    x: T,
    a_min: Operand | None = None,
    a_max: Operand | None = None,
    *,
    min: Operand | None = None,
    max: Operand | None = None,
) -> T: ...
@overload
def clip(
    x: value.Value,
    a_min: value.Value | Number | None = None,
    a_max: value.Value | Number | None = None,
    *,
    min: value.Value | Number | None = None,
    max: value.Value | Number | None = None,
) -> value.Value: ...
@overload
def clip(
    x: ArrayLike,
    a_min: ArrayLike | None = None,
    a_max: ArrayLike | None = None,
    *,
    min: ArrayLike | None = None,
    max: ArrayLike | None = None,
) -> Array: ...
@overload
def clip(
    x: Operand,
    a_min: Operand | None = None,
    a_max: Operand | None = None,
    *,
    min: Operand | None = None,
    max: Operand | None = None,
) -> Any: ...
def clip(
    x: Any,
    a_min: Operand | None = None,
    a_max: Operand | None = None,
    *,
    min: Operand | None = None,
    max: Operand | None = None,
) -> Any:
    """``x``, but at least ``a_min`` (or ``min``) and at most ``a_max`` (or ``max``); either may be ``None``.

    Raises:
        ValueError: if a bound is given under both names.
    """
    if (a_min is not None or a_max is not None) and (min is not None or max is not None):
        raise ValueError("clip takes its bounds as a_min and a_max or as min and max, not as both")
    low, high = a_min if min is None else min, a_max if max is None else max
    return rules.clip(x, -np.inf if low is None else low, np.inf if high is None else high)


@takes_array
def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """``x`` with numbers in place of nan, inf and -inf; by default the largest floats replace the infinities."""
    x = x if isinstance(x, value.Value) else as_array(x)
    dtype = getattr(x, "dtype", np.dtype(float))
    largest = float(np.finfo(dtype if dtype.kind == "f" else float).max)
    x = where(x != x, nan, x)
    x = where(x == np.inf, largest if posinf is None else posinf, x)
    return where(x == -np.inf, -largest if neginf is None else neginf, x)


@takes_array
def tril(x: Any, k: int = 0) -> Any:
    """The lower triangle of matrices, up to the diagonal ``k``; zeros above it."""
    x = as_array(x)
    return where(np.tri(x.shape[-2], x.shape[-1], k, dtype=bool), x, 0.0)


@takes_array
def triu(x: Any, k: int = 0) -> Any:
    """The upper triangle of matrices, from the diagonal ``k`` on; zeros below it."""
    x = as_array(x)
    return where(np.tri(x.shape[-2], x.shape[-1], k - 1, dtype=bool), 0.0, x)


# ---------------------------------------------------------------------------------------------------------------------
# Rearranging: NumPy rearranges the positions, and the numbers follow
# ---------------------------------------------------------------------------------------------------------------------


def _rearranged(x: Any, rearrange: Callable[[Any], Any]) -> Any:
    x = as_array(x)
    return gather(x, rearrange(np.arange(x.size).reshape(x.shape)))


@takes_array
def take(x: Any, indices: Indices, axis: int | None = None, mode: str = "raise") -> Any:
    """The elements at these indices along an axis, or of all; beyond the ends, ``mode`` may be "wrap" or "clip"."""
    return _rearranged(x, lambda places: np.take(places, indices, axis, mode=mode))  # type: ignore[call-overload]


@takes_array
def take_along_axis(x: Any, indices: Indices, axis: int | None = -1) -> Any:
    """For each element of ``indices`` the number at that index along the axis."""
    return _rearranged(x, lambda places: np.take_along_axis(places, np.asarray(indices), axis))


@takes_array
def sort(x: Any, axis: int | None = -1) -> Any:
    """The numbers in ascending order along an axis, or all of them flattened; equal numbers keep their order."""
    x = as_array(x)
    return take_along_axis(x, np.argsort(x, axis=axis, kind="stable"), axis)


@takes_array
def partition(x: Any, kth: int | Sequence[int], axis: int | None = -1) -> Any:
    """Sorted only partly: the ``kth`` number is in its place, smaller ones are before it and larger ones after it."""
    x = as_array(x)
    return take_along_axis(x, np.argpartition(x, kth, axis=axis), axis)


@takes_array
def repeat(x: Any, repeats: Indices, axis: int | None = None) -> Any:
    """Each element repeated."""
    return _rearranged(x, lambda places: np.repeat(places, repeats, axis))


@takes_array
def tile(x: Any, reps: int | Sequence[int]) -> Any:
    """The whole array repeated along each axis."""
    return _rearranged(x, lambda places: np.tile(places, reps))


@takes_array
def rot90(x: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Rotated by ``k`` times 90 degrees in the plane of two axes."""
    return _rearranged(x, lambda places: np.rot90(places, k, axes))


@takes_array
def rollaxis(x: Any, axis: int, start: int = 0) -> Any:
    """An axis moved to just before the axis ``start``."""
    return _rearranged(x, lambda places: np.rollaxis(places, axis, start))


@takes_array
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """A diagonal of matrices."""
    return _rearranged(x, lambda places: np.diagonal(places, offset, axis1, axis2))


@takes_array
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum along a diagonal of matrices."""
    return operations.sum(diagonal(x, offset, axis1, axis2), -1)


@takes_array
def diag(x: Any, k: int = 0) -> Any:
    """A diagonal of a matrix; for a vector, the matrix with it on a diagonal."""
    x = as_array(x)
    if x.ndim != 1:
        return _rearranged(x, lambda places: np.diag(places, k))
    shape = (x.size + abs(k),) * 2
    return operations.scatter(x, np.flatnonzero(np.diag(np.ones(x.size, bool), k)), shape)


@takes_array
def fliplr(x: Any) -> Any:
    """The columns in reverse order."""
    return operations.flip(as_array(x), 1)


@takes_array
def flipud(x: Any) -> Any:
    """The rows in reverse order."""
    return operations.flip(as_array(x), 0)


@takes_array
def pad(x: Any, pad_width: Indices, mode: str = "constant", constant_values: ArrayLike = 0.0) -> Any:
    """The array with elements added around it: constant ones, or copies of those inside.

    Args:
        x: an array or Tensor.
        pad_width: how many to add before and after each axis: one number, a pair, or a pair for each axis.  A negative
            number removes as many.
        mode: constant, edge, reflect, symmetric or wrap.
        constant_values: the constants, in the form of ``pad_width``.

    Raises:
        NotImplementedError: if ``mode`` is another one.
        ValueError: if the widths do not fit the axes.
    """
    x = as_array(x)
    try:
        widths = np.broadcast_to(np.asarray(pad_width, int), (x.ndim, 2))
    except ValueError:
        raise ValueError(
            f"pad: an array with {x.ndim} axes needs one width, a pair, or a pair for each axis, not {pad_width!r}"
        ) from None
    added = np.maximum(widths, 0)
    if mode in ("edge", "reflect", "symmetric"):  # they read what is cut off as well
        return _rearranged(x, lambda places: _cut(np.pad(places, added, mode=mode), widths))  # type: ignore[call-overload]
    x = _cut(x, widths)
    if mode == "wrap":
        return _rearranged(x, lambda places: np.pad(places, added, mode="wrap"))
    if mode != "constant":
        raise NotImplementedError(f"pad does not support mode={mode!r}: use constant, edge, reflect, symmetric or wrap")
    inside = np.pad(np.ones(x.shape, bool), added)
    around = np.pad(np.zeros(x.shape, x.dtype), added, constant_values=constant_values)
    return where(inside, operations.scatter(x, np.flatnonzero(inside), inside.shape), around)


def _cut(x: Any, widths: Array) -> Any:
    """The array without as many elements at its sides as negative widths say."""
    if not (widths < 0).any():
        return x
    pairs = zip(np.minimum(widths, 0).tolist(), x.shape, strict=True)
    return x[tuple(slice(-before, max(n + after, -before)) for (before, after), n in pairs)]


# ---------------------------------------------------------------------------------------------------------------------
# Joining and splitting
# ---------------------------------------------------------------------------------------------------------------------


@takes_sequence
def concatenate(xs: Any, axis: int | None = 0) -> Any:
    """Arrays joined along an axis that they have, or flattened and joined."""
    xs = [as_array(x) for x in xs]
    return operations.joined(*map(operations.ravel, xs), axis=0) if axis is None else operations.joined(*xs, axis=axis)


@takes_sequence
def vstack(xs: Any) -> Any:
    """Arrays joined along the first axis; vectors become rows."""
    xs = [as_array(x) for x in xs]
    return operations.joined(*[x if x.ndim > 1 else reshape(x, (1, x.size)) for x in xs], axis=0)


@takes_sequence
def hstack(xs: Any) -> Any:
    """Arrays joined along the second axis; vectors along their only axis."""
    xs = [x if x.ndim else reshape(x, (1,)) for x in map(as_array, xs)]
    return operations.joined(*xs, axis=0 if xs and xs[0].ndim == 1 else 1)


@takes_sequence
def dstack(xs: Any) -> Any:
    """Arrays joined along the third axis."""
    xs = [x if x.ndim > 1 else reshape(x, (1, x.size)) for x in map(as_array, xs)]
    return operations.joined(*[x if x.ndim > 2 else expand_dims(x, 2) for x in xs], axis=2)


@splits_array
def array_split(x: Any, sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """Parts along an axis: as many as ``sections`` says, or split before each of these indices."""
    x = as_array(x)
    n, cuts = x.shape[axis], np.asarray(sections).tolist()
    if isinstance(cuts, int):
        sizes = [n // cuts + (i < n % cuts) for i in range(cuts)]
        ends = np.cumsum(sizes).tolist()
        return [_slice(x, axis, end - size, end) for size, end in zip(sizes, ends, strict=True)]
    return [_slice(x, axis, i, j) for i, j in zip([0, *cuts], [*cuts, n], strict=True)]


@splits_array
def split(x: Any, sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """As ``array_split``, but into parts of equal size.

    Raises:
        ValueError: if the axis cannot be split into this many equal parts.
    """
    x = as_array(x)
    if np.ndim(sections) == 0 and x.shape[axis] % sections:
        raise ValueError(f"{x.shape[axis]} entries do not split into {sections} equal parts: use array_split")
    return array_split(x, sections, axis)


@splits_array
def vsplit(x: Any, sections: int | Sequence[int]) -> list[Any]:
    """Split along the first axis."""
    return split(x, sections, 0)


@splits_array
def hsplit(x: Any, sections: int | Sequence[int]) -> list[Any]:
    """Split along the second axis; a vector along its only axis."""
    return split(x, sections, 0 if as_array(x).ndim == 1 else 1)


@splits_array
def dsplit(x: Any, sections: int | Sequence[int]) -> list[Any]:
    """Split along the third axis."""
    return split(x, sections, 2)


@overload
def meshgrid(*xs: ArrayLike, indexing: Literal["xy", "ij"] = "xy") -> list[Array]: ...  # type: ignore[overload-overlap]
@overload
def meshgrid(*xs: T | ArrayLike, indexing: Literal["xy", "ij"] = "xy") -> list[T]: ...
def meshgrid(*xs: Any, indexing: str = "xy") -> list[Any]:
    """The coordinates of all points of a grid, from the coordinates along its axes.

    Raises:
        ValueError: if ``indexing`` is neither ``"xy"`` nor ``"ij"``.
    """
    xs = tuple(operations.ravel(as_array(x)) for x in xs)
    shape = tuple(x.size for x in xs)
    grids = [
        broadcast_to(reshape(x, tuple(-1 if i == k else 1 for i in range(len(xs)))), shape) for k, x in enumerate(xs)
    ]
    if indexing not in ("xy", "ij"):
        raise ValueError(f'indexing must be "xy" or "ij", not {indexing!r}')
    return [operations.swapaxes(grid, 0, 1) for grid in grids] if indexing == "xy" and len(xs) > 1 else grids


# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------


@overload
def dot(x: T, y: Operand | Nodes) -> T: ...
@overload
def dot(x: Operand | Nodes, y: T) -> T: ...
@overload
def dot(x: Array, y: Array) -> Array: ...
@overload
def dot(x: Iterable[float], y: Iterable[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def dot(x: Iterable[value.Value | Number], y: Iterable[value.Value | Number]) -> value.Value: ...
def dot(x: Any, y: Any) -> Any:
    """The inner product of vectors, the product of matrices; in general the sum over the last axis of ``x``.

    Of two sequences of numbers and Values it is a single node.

    >>> from autograd import Tensor, Value
    >>> dot(np.eye(2), Tensor([3.0, 4.0]))
    Tensor([3., 4.], op=matmul)
    >>> dot([Value(2.0), 5.0], [3.0, Value(4.0)])
    Value(26.0, op=dot)
    """
    arrays_or_lists = [isinstance(operand, np.ndarray) for operand in (x, y) if not is_node(operand)]
    if len(arrays_or_lists) == 2 and not all(arrays_or_lists):
        return value.dot(x, y)
    x, y = as_array(x), as_array(y)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    return matmul(x, y) if y.ndim <= 2 else tensordot(x, y, (-1, -2))


@takes_two_arrays
def vdot(x: Any, y: Any) -> Any:
    """The inner product of both arrays, flattened."""
    return matmul(operations.ravel(as_array(x)), operations.ravel(as_array(y)))


@takes_two_arrays
def inner(x: Any, y: Any) -> Any:
    """The sum over the last axes of both."""
    x, y = as_array(x), as_array(y)
    return x * y if x.ndim == 0 or y.ndim == 0 else tensordot(x, y, (-1, -1))


@takes_two_arrays
def outer(x: Any, y: Any) -> Any:
    """The products of each number of ``x`` with each number of ``y``."""
    x, y = as_array(x), as_array(y)
    return reshape(x, (x.size, 1)) * reshape(y, (1, y.size))


@takes_two_arrays
def tensordot(x: Any, y: Any, axes: int | tuple[Indices, Indices] = 2) -> Any:
    """The sum over axes of ``x`` paired with axes of ``y``; a number pairs that many last and first axes.

    Raises:
        ValueError: if paired axes differ in length.
    """
    x, y = as_array(x), as_array(y)
    pair = axes if isinstance(axes, (tuple, list, np.ndarray)) else (range(-axes, 0), range(axes))
    first, second = (np.atleast_1d(np.asarray(part, int)).tolist() for part in pair)
    first, second = [i % x.ndim for i in first], [i % y.ndim for i in second]
    if [x.shape[i] for i in first] != [y.shape[i] for i in second]:
        raise ValueError(f"tensordot pairs axes of one length, not {first} of {x.shape} with {second} of {y.shape}")
    left = [i for i in range(x.ndim) if i not in first]
    right = [i for i in range(y.ndim) if i not in second]
    n = int(np.prod([x.shape[i] for i in first], dtype=int))
    outer_x, outer_y = tuple(x.shape[i] for i in left), tuple(y.shape[i] for i in right)
    rows = reshape(transpose(x, left + first), (int(np.prod(outer_x, dtype=int)), n))
    columns = reshape(transpose(y, second + right), (n, int(np.prod(outer_y, dtype=int))))
    return reshape(matmul(rows, columns), outer_x + outer_y)


@overload
def einsum(subscripts: str, /, *operands: ArrayLike, optimize: Any = False) -> Array: ...  # type: ignore[overload-overlap]
@overload
def einsum(subscripts: str, /, *operands: T | ArrayLike, optimize: Any = False) -> T: ...
@overload
def einsum(subscripts: Operand, /, *operands: Any, optimize: Any = False) -> Any: ...
def einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    """Products of numbers, summed as the subscripts say, such as ``"ij,jk->ik"``.

    As in NumPy, each operand may instead be followed by a list of the numbers of its axes, and the last such list may
    name those of the result.  ``optimize`` is accepted and changes nothing.

    >>> from autograd.arrays.tensor import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> trace = einsum("ii", x)
    >>> trace.backward()
    >>> print(x.grad)
    [[1. 0.]
     [0. 1.]]
    """
    if not isinstance(subscripts, str):
        subscripts, operands = _written((subscripts, *operands))
    xs = [as_array(x) for x in operands]
    explicit = _explicit(subscripts, [x.ndim for x in xs])
    return operations.contracted(*_of_equal_lengths(explicit, xs), subscripts=explicit)


def _written(arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Operands that alternate with lists of axes, as subscripts and operands."""
    operands, lists = arguments[: len(arguments) // 2 * 2 : 2], arguments[1::2]
    letters = ["".join("..." if i is Ellipsis else ascii_letters[i] for i in axes) for axes in lists]
    text = ",".join(letters)
    if len(arguments) % 2:
        text += "->" + "".join("..." if i is Ellipsis else ascii_letters[i] for i in arguments[-1])
    return text, operands


def _of_equal_lengths(subscripts: str, xs: Sequence[Any]) -> list[Any]:
    """The operands with axes of length 1 broadcast to the length that their letter has elsewhere, as in NumPy."""
    terms = subscripts.partition("->")[0].split(",")
    longest: dict[str, int] = {}
    for term, x in zip(terms, xs, strict=True):
        for letter, n in zip(term, x.shape, strict=False):
            if longest.get(letter, 1) == 1:
                longest[letter] = n
    shapes = [tuple(longest[letter] for letter in term) for term in terms]
    return [
        broadcast_to(x, shape) if x.shape != shape and x.ndim == len(shape) else x
        for x, shape in zip(xs, shapes, strict=True)
    ]


def _explicit(subscripts: str, ndims: Sequence[int]) -> str:
    """Subscripts with an arrow, and with letters in place of ``...``."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ndims):
        raise ValueError(f"einsum: {subscripts!r} is for {len(terms)} operands, but there are {len(ndims)}")
    if not arrow:
        letters = sorted(set(inputs) - set(",."))
        output = "..." * ("..." in inputs) + "".join(letter for letter in letters if inputs.count(letter) == 1)
    widths = [ndim - len(term) + 3 if "..." in term else 0 for term, ndim in zip(terms, ndims, strict=True)]
    unused = [letter for letter in ascii_letters if letter not in subscripts]
    dots = "".join(unused[: max([*widths, 0])])
    terms = [term.replace("...", dots[len(dots) - width :]) for term, width in zip(terms, widths, strict=True)]
    return ",".join(terms) + "->" + output.replace("...", dots)


@takes_two_arrays
def kron(x: Any, y: Any) -> Any:
    """The Kronecker product: for each number of ``x`` a block, that number times ``y``."""
    x, y = as_array(x), as_array(y)
    ndim = max([x.ndim, y.ndim])
    a = (1,) * (ndim - x.ndim) + x.shape
    b = (1,) * (ndim - y.ndim) + y.shape
    coarse = reshape(x, tuple(n for pair in zip(a, (1,) * ndim, strict=True) for n in pair))
    fine = reshape(y, tuple(n for pair in zip((1,) * ndim, b, strict=True) for n in pair))
    return reshape(coarse * fine, tuple(m * n for m, n in zip(a, b, strict=True)))


@takes_two_arrays
def cross(x: Any, y: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vector product; the axes of length 3 are ``axisa`` in x, ``axisb`` in y and ``axisc`` in the result.

    ``axis`` stands for all three.
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    x, y = operations.moveaxis(as_array(x), axisa, -1), operations.moveaxis(as_array(y), axisb, -1)
    if x.shape[-1] != 3 or y.shape[-1] != 3:
        raise ValueError(f"cross multiplies vectors of 3 numbers, not of {x.shape[-1]} and {y.shape[-1]}")
    after, before = [1, 2, 0], [2, 0, 1]
    z = take(x, after, -1) * take(y, before, -1) - take(x, before, -1) * take(y, after, -1)
    return operations.moveaxis(z, -1, axisc)
