"""The table of array operations: functions of whole arrays under NumPy's names, and how gradients pass through them.

A row says what a gradient sends to each operand, and then defines the operation itself ::

    @array_operation(lambda g, out, x, shape: reshape(g, x.shape))
    def reshape(x, shape):
        return x.reshape(shape)

All rules are written with functions that take both arrays and Tensors.  Functions that are composed of these rows are
in :mod:`autograd.arrays.functions`.
"""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from string import ascii_letters
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.arrays.array_operation import Declaration, array_operation
from autograd.arrays.signatures import takes_array, takes_two_arrays
from autograd.core.aliases import AnyArray, Axis
from autograd.core.rules import convention, exp, where

__all__ = [
    "astype",
    "broadcast_to",
    "cumsum",
    "expand_dims",
    "flip",
    "log_softmax",
    "logsumexp",
    "matmul",
    "moveaxis",
    "ravel",
    "reshape",
    "roll",
    "softmax",
    "squeeze",
    "swapaxes",
    "transpose",
]

# ---------------------------------------------------------------------------------------------------------------------
# Gradients times slopes, and gradients of what was broadcast
# ---------------------------------------------------------------------------------------------------------------------


def product(gradient: AnyArray, slope: AnyArray, selects: bool = False) -> AnyArray:
    """A gradient times a local derivative, elementwise; if the row ``selects``, with 0.0 in place of -0.0."""
    if isinstance(slope, float) and slope == 1.0:
        return gradient
    return gradient * slope + 0.0 if selects and isinstance(gradient, np.ndarray) else gradient * slope


def unbroadcast(x: AnyArray, shape: tuple[int, ...]) -> AnyArray:
    """``x`` summed over the axes along which an array of this shape was broadcast to the shape of ``x``.

    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    new = x.ndim - len(shape)
    stretched = [new + i for i, n in enumerate(shape) if n == 1 and x.shape[new + i] != 1]
    axes = (*range(new), *stretched)
    total = np.add.reduce(x, axis=axes) if isinstance(x, np.ndarray) else sum(x, axes)
    return total if total.shape == shape else reshape(total, shape)


def kept(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape after a reduction along ``axis`` with ``keepdims=True``.

    >>> kept((2, 3, 4), (0, -1))
    (1, 3, 1)
    """
    if axis is None:
        return (1,) * len(shape)
    axes = {i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,)) if shape}
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


# ---------------------------------------------------------------------------------------------------------------------
# The same numbers in another shape, order or type
# ---------------------------------------------------------------------------------------------------------------------


def _shaped_back(g: AnyArray, out: AnyArray, x: AnyArray, **options: Any) -> AnyArray:
    return reshape(g, x.shape)


@array_operation(lambda g, out, x, dtype: g, linear=True)
def astype(x: AnyArray, dtype: npt.DTypeLike) -> AnyArray:
    """The same numbers as ``float32`` or ``float64``; the gradient has the dtype of ``x`` again."""
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(f"a Tensor has the dtype float32 or float64, not {np.dtype(dtype)}")
    return x.astype(dtype)


@array_operation(_shaped_back, linear=True)
def reshape(x: AnyArray, shape: int | Sequence[int]) -> AnyArray:
    """The same numbers in another shape, in which one length may be -1."""
    return x.reshape(shape)


@array_operation(_shaped_back, linear=True)
def ravel(x: AnyArray) -> AnyArray:
    """All numbers, flattened into one axis."""
    return np.ravel(x)


@array_operation(_shaped_back, linear=True)
def squeeze(x: AnyArray, axis: Axis = None) -> AnyArray:
    """Without the axes of length 1, or without the given ones among them."""
    return np.squeeze(x, axis)


@array_operation(_shaped_back, linear=True)
def expand_dims(x: AnyArray, axis: Axis) -> AnyArray:
    """With new axes of length 1 at these positions."""
    return np.expand_dims(x, axis)  # type: ignore[arg-type]


@array_operation(lambda g, out, x, shape: g, linear=True)
def broadcast_to(x: AnyArray, shape: int | Sequence[int]) -> AnyArray:
    """``x`` repeated along new axes and axes of length 1, so that it has this shape."""
    return np.broadcast_to(x, shape)


@array_operation(
    lambda g, out, x, axes: transpose(g, None if axes is None else np.argsort(np.mod(axes, x.ndim)).tolist()),
    linear=True,
)
def transpose(x: AnyArray, axes: Sequence[int] | None = None) -> AnyArray:
    """The axes in another order; reversed if no order is given."""
    return np.transpose(x, axes)


@array_operation(lambda g, out, x, axis1, axis2: swapaxes(g, axis1, axis2), linear=True)
def swapaxes(x: AnyArray, axis1: int, axis2: int) -> AnyArray:
    """Two axes exchanged."""
    return np.swapaxes(x, axis1, axis2)


@array_operation(lambda g, out, x, source, destination: moveaxis(g, destination, source), linear=True)
def moveaxis(x: AnyArray, source: int | Sequence[int], destination: int | Sequence[int]) -> AnyArray:
    """Axes moved to other positions; the others keep their order."""
    return np.moveaxis(x, source, destination)


@array_operation(lambda g, out, x, axis: flip(g, axis), linear=True)
def flip(x: AnyArray, axis: Axis = None) -> AnyArray:
    """The numbers in reverse order along an axis, along several, or along all."""
    return np.flip(x, axis)


@array_operation(lambda g, out, x, shift, axis: roll(g, np.negative(shift), axis), linear=True)
def roll(x: AnyArray, shift: int | Sequence[int], axis: Axis = None) -> AnyArray:
    """The numbers shifted along an axis; those shifted beyond the end reappear at the start."""
    return np.roll(x, shift, axis)


# ---------------------------------------------------------------------------------------------------------------------
# Indexing and joining
# ---------------------------------------------------------------------------------------------------------------------


@array_operation(lambda g, out, x, index: put(g, index, x.shape), linear=True, picks=True)
def getitem(x: AnyArray, index: Any) -> AnyArray:
    """``x[index]``, for every kind of index that NumPy has."""
    return x[index]


@array_operation(lambda g, out, x, index, shape: getitem(g, index), linear=True, picks=True)
def put(x: AnyArray, index: Any, shape: tuple[int, ...]) -> AnyArray:
    """Zeros of this shape, with ``x`` added at ``index``; repeated indices add up."""
    whole = np.zeros(shape, x.dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if all(part is None or part is ... or isinstance(part, (slice, int)) for part in parts):
        whole[index] = x
    else:
        np.add.at(whole, index, x)
    return whole


@array_operation(lambda g, out, x, places: scatter(g, places, x.shape), linear=True, picks=True)
def gather(x: AnyArray, places: Any) -> AnyArray:
    """The numbers at these places of the flattened ``x``; every rearrangement can be written like this."""
    return x.reshape(-1)[places]


@array_operation(lambda g, out, x, places, shape: reshape(gather(g, places), x.shape), linear=True, picks=True)
def scatter(x: AnyArray, places: Any, shape: tuple[int, ...]) -> AnyArray:
    """Zeros of this shape, with ``x`` added at these places of the flattened zeros."""
    total = np.bincount(places.ravel(), weights=x.ravel(), minlength=int(np.prod(shape)))
    return total.reshape(shape).astype(x.dtype)


def _part(place: int, g: AnyArray, out: AnyArray, *arrays: AnyArray, axis: int) -> AnyArray:
    """The part of the gradient that belongs to one of the joined arrays."""
    start = int(np.sum([x.shape[axis] for x in arrays[:place]], dtype=int))
    piece = slice(start, start + arrays[place].shape[axis])
    return getitem(g, (slice(None),) * (axis % out.ndim) + (piece,))


def _slice(place: int, g: AnyArray, out: AnyArray, *arrays: AnyArray, axis: int) -> AnyArray:
    """The part of the gradient that belongs to one of the stacked arrays."""
    return getitem(g, (slice(None),) * (axis % out.ndim) + (place,))


@array_operation(_slice, name="stack", linear=True)
def stacked(*arrays: AnyArray, axis: int = 0) -> AnyArray:
    """Arrays or numbers joined along a new axis."""
    return np.stack(arrays, axis)


@array_operation(_part, name="concatenate", linear=True)
def joined(*arrays: AnyArray, axis: int = 0) -> AnyArray:
    """Arrays joined along an axis that they have."""
    return np.concatenate(arrays, axis=axis)


# ---------------------------------------------------------------------------------------------------------------------
# Reductions along one axis or several
# ---------------------------------------------------------------------------------------------------------------------


def reduction(slope: Callable[..., Any], picks: bool = False) -> Declaration:
    """Declare a reduction, a function of ``(x, axis, keepdims)``, by its slope with respect to each of the numbers.

    Further options of the function are passed to the slope as well.

    Args:
        slope: the local derivatives, an array of the shape of ``x``, as a function of ``(x, out, axis)``; ``out`` keeps
            the reduced axes with length 1.
        picks: whether a slope of 0 means that the number is not used at all.
    """

    def slopes(x: AnyArray, out: AnyArray, axis: Axis, **rest: Any) -> AnyArray:
        return slope(x, reshape(out, kept(x.shape, axis)), axis, **rest)

    def vjp(g: AnyArray, out: AnyArray, x: AnyArray, axis: Axis, keepdims: bool, **rest: Any) -> AnyArray:
        return reshape(g, kept(x.shape, axis)) * slopes(x, out, axis, **rest)

    def jvp(t: AnyArray, out: AnyArray, x: AnyArray, axis: Axis, keepdims: bool, **rest: Any) -> AnyArray:
        return sum(t * slopes(x, out, axis, **rest), axis, keepdims)

    return array_operation(vjp, jvps=[jvp], picks=picks, mixes="axis")


def _shares(x: AnyArray, out: AnyArray, axis: Axis) -> AnyArray:
    """The share of each number in the extreme one; equal numbers share the slope evenly, which is a convention."""
    extreme = (x == out) | np.isnan(x)
    shares = extreme / extreme.sum(axis=axis, keepdims=True)
    if isinstance(x, np.ndarray):
        return shares
    tied = (shares > 0) & (shares < 1)
    return convention(shares, where(tied, x - out, 1.0)) if tied.any() else shares


def _others(x: AnyArray, out: AnyArray, axis: Axis) -> AnyArray:
    """For each number the product of all the others, also where some are zero or the product of all overflows.

    A quotient is as accurate, but its derivative is not: terms cancel that a small number makes large.
    """
    if isinstance(x, np.ndarray) and bool((np.isfinite(out) & (abs(out) >= np.finfo(out.dtype).tiny)).all()):
        return out / x
    if not x.size:
        return x
    axes = [i for i, n in enumerate(kept(x.shape, axis)) if n == 1]
    order = [i for i in range(x.ndim) if i not in axes] + axes
    row = transpose(x, order)
    shape, row = row.shape, reshape(row, (*row.shape[: x.ndim - len(axes)], -1))
    before, after = _products_before(row), flip(_products_before(flip(row, -1)), -1)
    return transpose(reshape(before * after, shape), np.argsort(order).tolist())


def _products_before(row: AnyArray) -> AnyArray:
    """For each number along the last axis the product of those before it."""
    return joined(np.ones((*row.shape[:-1], 1), row.dtype), running_products(row)[..., :-1], axis=-1)


def running_products(row: AnyArray) -> AnyArray:
    """Cumulative products along the last axis.

    Each of log2(n) steps doubles the number of factors.  Since all steps are products, derivatives of every order are
    right where numbers are zero, too.
    """
    reach = 1
    while reach < row.shape[-1]:
        row = joined(row[..., :reach], row[..., reach:] * row[..., :-reach], axis=-1)
        reach *= 2
    return row


@array_operation(lambda g, out, x, axis, keepdims: broadcast_to(reshape(g, kept(x.shape, axis)), x.shape), linear=True)
def sum(x: AnyArray, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """The sum of all numbers, or along one axis or several."""
    return np.sum(x, axis=axis, keepdims=keepdims)


@reduction(_others)
def prod(x: AnyArray, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """The product of all numbers, or along one axis or several."""
    return np.prod(x, axis=axis, keepdims=keepdims)


@reduction(_shares, picks=True)
def max(x: AnyArray, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """The largest number; if several are equally large, they share the slope evenly."""
    return np.max(x, axis=axis, keepdims=keepdims)


@reduction(_shares, picks=True)
def min(x: AnyArray, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """The smallest number; if several are equally small, they share the slope evenly."""
    return np.min(x, axis=axis, keepdims=keepdims)


def _shift(x: AnyArray, axis: Axis) -> AnyArray:
    """The largest number, subtracted before exponentials are taken; 0 where it is infinite."""
    return finite(np.max(x, axis=axis, keepdims=True, initial=-np.inf))


def finite(x: AnyArray) -> AnyArray:
    """An array with 0 in place of infinities and nan."""
    return x if isfinite(np.vdot(x, x)) else np.where(np.isfinite(x), x, np.zeros_like(x))


@reduction(lambda x, out, axis: where(out != -np.inf, softmax(x, axis), 0.0))
def logsumexp(x: AnyArray, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """log Σ exp(x), without overflow."""
    shift = _shift(x, axis)
    with np.errstate(divide="ignore"):  # log(0) is -inf, without a warning
        out = np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift
    return out if keepdims else np.squeeze(out, tuple(range(x.ndim)) if axis is None else axis)


@reduction(lambda x, out, axis: where(out != 0, x / where(out != 0, out, 1.0), convention(0.0, out)))
def euclidean_norm(x: AnyArray, axis: Axis = None, keepdims: bool = False) -> AnyArray:
    """√Σx², the length of a vector; at the origin, where it has a kink, the slope is taken as 0."""
    return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))


# ---------------------------------------------------------------------------------------------------------------------
# Along an axis
# ---------------------------------------------------------------------------------------------------------------------


@array_operation(lambda g, out, x, axis: flip(running_sums(flip(g, axis), axis), axis), linear=True)
def running_sums(x: AnyArray, axis: int) -> AnyArray:
    """Cumulative sums along an axis."""
    return np.cumsum(x, axis)


@takes_array
def cumsum(x: AnyArray, axis: int | None = None, dtype: npt.DTypeLike | None = None) -> AnyArray:
    """Cumulative sums along an axis, or of all numbers flattened, computed as ``dtype``, float32 or float64."""
    x = x if dtype is None else astype(x, dtype)
    return running_sums(x if axis is not None and x.ndim else ravel(x), axis or 0)


def _softmax_slope(g: AnyArray, out: AnyArray, x: AnyArray, axis: Axis) -> AnyArray:
    """The rule for both directions, since the Jacobian of softmax is symmetric."""
    return out * (g - sum(out * g, axis, True))


@array_operation(_softmax_slope, jvps=[_softmax_slope], mixes="axis")
def softmax(x: AnyArray, axis: Axis = -1) -> AnyArray:
    """exp(x) / Σ exp(x) along an axis, without overflow."""
    e = np.exp(x - _shift(x, axis))
    return e / np.sum(e, axis=axis, keepdims=True)


@array_operation(
    lambda g, out, x, axis: g - exp(out) * sum(g, axis, True),
    jvps=[lambda t, out, x, axis: t - sum(exp(out) * t, axis, True)],
    mixes="axis",
)
def log_softmax(x: AnyArray, axis: Axis = -1) -> AnyArray:
    """The logarithm of softmax, accurate also where softmax underflows."""
    shifted = x - _shift(x, axis)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------


def _matrices(x: AnyArray, y: AnyArray, g: AnyArray) -> tuple[Any, Any, Any]:
    """The operands of ``matmul`` and the gradient of its result, with vectors as matrices of one row or column."""
    rows = x if x.ndim > 1 else reshape(x, (1, x.size))
    columns = y if y.ndim > 1 else reshape(y, (y.size, 1))
    batch = g.shape[: g.ndim - (x.ndim > 1) - (y.ndim > 1)]
    return rows, columns, reshape(g, (*batch, rows.shape[-2], columns.shape[-1]))


def _to_first(g: AnyArray, out: AnyArray, x: AnyArray, y: AnyArray) -> AnyArray:
    rows, columns, g = _matrices(x, y, g)
    return reshape(unbroadcast(matmul(g, swapaxes(columns, -1, -2)), rows.shape), x.shape)


def _to_second(g: AnyArray, out: AnyArray, x: AnyArray, y: AnyArray) -> AnyArray:
    rows, columns, g = _matrices(x, y, g)
    return reshape(unbroadcast(matmul(swapaxes(rows, -1, -2), g), columns.shape), y.shape)


@takes_two_arrays
@array_operation(_to_first, _to_second, linear=True)
def matmul(x: AnyArray, y: AnyArray) -> AnyArray:
    """The matrix product ``x @ y``; stacks of matrices are multiplied pair by pair."""
    return np.matmul(x, y)


def _einsum_part(place: int, g: AnyArray, out: AnyArray, *operands: AnyArray, subscripts: str) -> AnyArray:
    """The gradient times all other operands, summed over every letter that this operand does not have."""
    inputs, _, output = subscripts.partition("->")
    letters = inputs.split(",")
    terms = [(output, g), *[(s, x) for i, (s, x) in enumerate(zip(letters, operands, strict=True)) if i != place]]
    known = {letter for s, _ in terms for letter in s}
    spare = (letter for letter in ascii_letters if letter not in subscripts)
    target = ""
    for letter, n in zip(letters[place], operands[place].shape, strict=True):
        if letter in target:  # a diagonal was taken: the gradient goes to the diagonal, zeros elsewhere
            new = next(spare)
            terms.append((letter + new, np.eye(n, dtype=g.dtype)))
            target += new
        else:
            if letter not in known:  # this operand was summed along this axis: the gradient is constant along it
                terms.append((letter, np.ones(n, g.dtype)))
            target += letter
    return contracted(*[x for _, x in terms], subscripts=",".join(s for s, _ in terms) + "->" + target)


def _einsum_tangent(place: int, t: AnyArray, out: AnyArray, *operands: AnyArray, subscripts: str) -> AnyArray:
    return contracted(*operands[:place], t, *operands[place + 1 :], subscripts=subscripts)


@array_operation(_einsum_part, jvps=[_einsum_tangent], name="einsum", linear=True)
def contracted(*operands: AnyArray, subscripts: str) -> AnyArray:
    """Products of numbers, summed over the letters that are missing after the arrow of ``subscripts``."""
    return np.einsum(subscripts, *operands)
