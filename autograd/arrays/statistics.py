"""Statistics under NumPy's names: quantiles, reductions that leave out nan, covariances, cumulative reductions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.arrays import functions, operations, reductions
from autograd.arrays.functions import concatenate, rows, take_along_axis
from autograd.arrays.operands import as_array, as_floats, to_numpy
from autograd.arrays.operations import cumsum, expand_dims, kept, reshape
from autograd.arrays.reductions import Mask, less, mask_of, mean, weight_of_each
from autograd.arrays.signatures import Operand, takes_array
from autograd.core import rules
from autograd.core.aliases import Axis
from autograd.core.rules import clip, sqrt, where
from autograd.core.special import logaddexp

__all__ = [
    "corrcoef",
    "cov",
    "cummax",
    "cummin",
    "cumulative_prod",
    "cumulative_sum",
    "logcumsumexp",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "percentile",
    "quantile",
]

# ---------------------------------------------------------------------------------------------------------------------
# Quantiles
# ---------------------------------------------------------------------------------------------------------------------

_PLOTTING = {
    "linear": (1.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1.0 / 3.0, 1.0 / 3.0),
    "normal_unbiased": (3.0 / 8.0, 3.0 / 8.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
}
"""The parameters of the methods that interpolate (Hyndman and Fan, 1996)."""

_ROUNDED: dict[str, Callable[[Any], Any]] = {
    "lower": np.floor,
    "higher": np.ceil,
    "nearest": np.rint,
    "midpoint": lambda place: (np.floor(place) + np.ceil(place)) / 2.0,
}
"""The methods that move the place of the linear method."""

_STEPS: dict[str, Callable[[Any], Any]] = {
    "inverted_cdf": lambda place: np.ceil(place - 1.0),
    "averaged_inverted_cdf": lambda place: where(np.rint(place) == place, place - 0.5, np.ceil(place - 1.0)),
    "closest_observation": lambda place: np.rint(place) - 1.0,
}
"""The methods that take numbers as they are, or the mean of two, given n q."""


def _places(q: Any, count: Any, method: str) -> Any:
    """Where the quantiles of sorted rows lie, given how many numbers each has."""
    if method in _ROUNDED:
        return _ROUNDED[method](to_numpy(q) * (count - 1.0))
    if method in _STEPS:
        place = _STEPS[method](count * to_numpy(q))
    elif method in _PLOTTING:
        a, b = _PLOTTING[method]
        place = count * q + (a + q * (1.0 - a - b)) - 1.0
    else:
        known = ", ".join([*_PLOTTING, *_ROUNDED, *_STEPS])
        raise NotImplementedError(f"quantile does not support method={method!r}: use one of {known}")
    last = np.maximum(count - 1.0, 0.0)
    return where(place < 0, 0.0, where(place > last, last, place))


def _quantile(x: Any, q: Any, axis: Axis, method: str, keepdims: bool, weights: Any, leave_out_nan: bool) -> Any:
    x, q = as_floats(x), as_floats(q)
    if not np.all((to_numpy(q) >= 0) & (to_numpy(q) <= 1)):
        raise ValueError("quantiles must be between 0 and 1")
    row = rows(x, axis)
    order = np.argsort(to_numpy(row), axis=-1, kind="stable")  # nan comes last
    row = take_along_axis(row, order, -1)
    missing = np.isnan(to_numpy(row))
    count = (~missing).sum(-1) if leave_out_nan else np.full(row.shape[:-1], row.shape[-1])
    count = count.astype(float)
    q_of_each = reshape(q, q.shape + (1,) * count.ndim)
    if weights is None:
        place = _places(q_of_each, count, method)
    else:
        given = rows(weight_of_each("quantile", x, np.asarray(weights, float), axis), axis)
        place = _weighted_places(to_numpy(q_of_each), np.take_along_axis(given, order, -1), missing, method)
    below = np.floor(to_numpy(place))
    low, high = (_picked(row, np.minimum(at, np.maximum(count - 1, 0))) for at in (below, below + 1.0))
    share = operations.astype(place - below, x.dtype)
    equal = np.isinf(to_numpy(low)) & (to_numpy(low) == to_numpy(high))
    found = where(equal | (to_numpy(share) == 0) & np.isinf(to_numpy(high)), low, low + (high - low) * share)
    undefined = count == 0 if leave_out_nan else missing.any(-1)
    found = where(undefined, np.nan, found) if undefined.any() else found
    return reshape(found, q.shape + kept(x.shape, axis)) if keepdims else found


def _weighted_places(q: Any, weights: Any, missing: Any, method: str) -> Any:
    """Where the share ``q`` of the weight of a sorted row is reached."""
    if method != "inverted_cdf":
        raise ValueError(f'quantile with weights= takes method="inverted_cdf", not {method!r}')
    if not np.all(weights >= 0):
        raise ValueError("quantile: weights must not be negative or nan")
    shares = np.cumsum(np.where(missing, 0.0, weights), -1)
    with np.errstate(invalid="ignore"):  # nothing but nan: undefined
        shares = np.where(shares == 0.0, -1.0, shares / shares[..., -1:])
    return np.minimum((shares < q[..., None]).sum(-1), weights.shape[-1] - 1.0)


def _picked(row: Any, places: Any) -> Any:
    """The number at each place of its row; places may have further axes in front."""
    row = operations.broadcast_to(row, (*places.shape, row.shape[-1]))
    return take_along_axis(row, places.astype(int)[..., None], -1)[..., 0]


@takes_array
def quantile(
    a: Any, q: Operand, axis: Axis = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None
) -> Any:
    """The number below which the share ``q`` of all numbers lies, interpolated between the two next to it.

    Args:
        a: an array or Tensor; if any number along the axis is nan, the result is nan.
        q: from 0 to 1, one number or several, whose axes come first in the result; it may be differentiated as well.
        axis: one axis, several, or all.
        method: how to interpolate; one of NumPy's methods.
        keepdims: whether reduced axes stay, with length 1.
        weights: how much each number counts, constants of the shape of ``a``, or one for each place along ``axis``;
            with ``method="inverted_cdf"`` alone, as in NumPy.

    Raises:
        ValueError: if ``q`` is not between 0 and 1, or the weights do not fit.
        NotImplementedError: for another method.

    >>> from autograd.arrays.tensor import Tensor
    >>> x = Tensor([4.0, 1.0, 3.0])
    >>> y = quantile(x, 0.25)
    >>> y.backward()
    >>> y.item(), x.grad
    (2.0, array([0. , 0.5, 0.5]))
    """
    return _quantile(a, q, axis, method, keepdims, weights, leave_out_nan=False)


@takes_array
def percentile(
    a: Any, q: Operand, axis: Axis = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None
) -> Any:
    """As :func:`quantile`, with ``q`` from 0 to 100."""
    return quantile(a, as_floats(q) / 100.0, axis, method=method, keepdims=keepdims, weights=weights)


@takes_array
def nanquantile(
    a: Any, q: Operand, axis: Axis = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None
) -> Any:
    """As :func:`quantile`, leaving out nan."""
    return _quantile(a, q, axis, method, keepdims, weights, leave_out_nan=True)


@takes_array
def nanpercentile(
    a: Any, q: Operand, axis: Axis = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None
) -> Any:
    """As :func:`percentile`, leaving out nan."""
    return nanquantile(a, as_floats(q) / 100.0, axis, method=method, keepdims=keepdims, weights=weights)


@takes_array
def nanmedian(a: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The median, leaving out nan."""
    return nanquantile(a, 0.5, axis, keepdims=keepdims)


# ---------------------------------------------------------------------------------------------------------------------
# Leaving out nan
# ---------------------------------------------------------------------------------------------------------------------


def _valid(x: Any, where: Mask) -> Any:
    """The numbers that count and are not nan."""
    return mask_of(x, where) & ~np.isnan(to_numpy(x))


def _defined(found: Any, where: Any) -> Any:
    """What was found where there is something to find, and nan elsewhere."""
    return found if np.all(where) else rules.where(where, found, np.nan)


@takes_array
def nansum(
    a: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: Operand | None = None,
    where: Mask = True,
) -> Any:
    """The sum, leaving out nan."""
    x = as_array(a)
    return reductions.sum(x, axis, keepdims, dtype=dtype, initial=initial, where=_valid(x, where))


@takes_array
def nanprod(
    a: Any,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    initial: Operand | None = None,
    where: Mask = True,
) -> Any:
    """The product, leaving out nan."""
    x = as_array(a)
    return reductions.prod(x, axis, keepdims, dtype=dtype, initial=initial, where=_valid(x, where))


@takes_array
def nanmean(
    a: Any, axis: Axis = None, keepdims: bool = False, *, dtype: npt.DTypeLike | None = None, where: Mask = True
) -> Any:
    """The mean, leaving out nan."""
    x = as_array(a)
    return mean(x, axis, keepdims, dtype=dtype, where=_valid(x, where))


@takes_array
def nanmax(
    a: Any, axis: Axis = None, keepdims: bool = False, *, initial: Operand | None = None, where: Mask = True
) -> Any:
    """The largest number, leaving out nan; nan if there is no other."""
    return _extreme(reductions.max, -np.inf, a, axis, keepdims, initial, where)


@takes_array
def nanmin(
    a: Any, axis: Axis = None, keepdims: bool = False, *, initial: Operand | None = None, where: Mask = True
) -> Any:
    """The smallest number, leaving out nan; nan if there is no other."""
    return _extreme(reductions.min, np.inf, a, axis, keepdims, initial, where)


def _extreme(
    of: Callable[..., Any], least: float, x: Any, axis: Axis, keepdims: bool, initial: Any, where: Mask
) -> Any:
    x = as_floats(as_array(x))
    if initial is None and (where is not True or not x.size):
        return of(x, axis, keepdims, where=where)  # raises, as NumPy does
    valid = _valid(x, where)
    if initial is not None:
        return of(x, axis, keepdims, initial=initial, where=valid)
    found = of(x, axis, keepdims, initial=least, where=valid)
    return _defined(found, valid.any(axis=axis, keepdims=keepdims))


@takes_array
def nanvar(
    a: Any,
    axis: Axis = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    where: Mask = True,
    mean: Operand | None = None,
    correction: float | None = None,
) -> Any:
    """The variance, leaving out nan; nan if there are not more than ``ddof`` numbers."""
    return _spread(reductions.var, a, axis, less(ddof, correction), keepdims, dtype, where, mean)


@takes_array
def nanstd(
    a: Any,
    axis: Axis = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    dtype: npt.DTypeLike | None = None,
    where: Mask = True,
    mean: Operand | None = None,
    correction: float | None = None,
) -> Any:
    """The standard deviation, leaving out nan; where all numbers are equal, its slope is taken as 0."""
    return _spread(reductions.std, a, axis, less(ddof, correction), keepdims, dtype, where, mean)


def _spread(
    of: Callable[..., Any],
    x: Any,
    axis: Axis,
    ddof: float,
    keepdims: bool,
    dtype: npt.DTypeLike | None,
    where: Mask,
    middle: Any,
) -> Any:
    x = as_floats(as_array(x))
    valid = _valid(x, where)
    found = of(x, axis, ddof, keepdims, dtype=dtype, where=valid, mean=middle)
    return _defined(found, valid.sum(axis=axis, keepdims=keepdims) > ddof)


@takes_array
def nancumsum(a: Any, axis: int | None = None, dtype: npt.DTypeLike | None = None) -> Any:
    """Cumulative sums, with nan as 0."""
    return cumsum(_without_nan(a, 0.0), axis, dtype)


@takes_array
def nancumprod(a: Any, axis: int | None = None, dtype: npt.DTypeLike | None = None) -> Any:
    """Cumulative products, with nan as 1."""
    return functions.cumprod(_without_nan(a, 1.0), axis, dtype)


def _without_nan(x: Any, number: float) -> Any:
    """``x`` with a number in place of nan."""
    x = as_floats(as_array(x))
    return rules.where(_valid(x, True), x, number)


# ---------------------------------------------------------------------------------------------------------------------
# Cumulative
# ---------------------------------------------------------------------------------------------------------------------


def _cumulative(
    of: Callable[..., Any], x: Any, axis: int | None, dtype: npt.DTypeLike | None, include_initial: bool, first: float
) -> Any:
    x = as_array(x)
    if axis is None:
        if x.ndim != 1:
            raise ValueError("cumulative reductions of more than one axis need axis=")
        axis = 0
    y = of(x, axis, dtype)
    start = np.full_like(to_numpy(y), first, shape=(*y.shape[: axis % y.ndim], 1, *y.shape[axis % y.ndim + 1 :]))
    return concatenate([start, y], axis) if include_initial else y


@takes_array
def cumulative_sum(
    x: Any, *, axis: int | None = None, dtype: npt.DTypeLike | None = None, include_initial: bool = False
) -> Any:
    """Cumulative sums along an axis; with ``include_initial``, from 0 on."""
    return _cumulative(cumsum, x, axis, dtype, include_initial, 0.0)


@takes_array
def cumulative_prod(
    x: Any, *, axis: int | None = None, dtype: npt.DTypeLike | None = None, include_initial: bool = False
) -> Any:
    """Cumulative products along an axis; with ``include_initial``, from 1 on."""
    return _cumulative(functions.cumprod, x, axis, dtype, include_initial, 1.0)


@takes_array
def logcumsumexp(x: Any, axis: int = -1) -> Any:
    """The logarithms of cumulative sums of exponentials, without overflow, as in PyTorch."""
    row, reach = operations.moveaxis(as_floats(x), axis, -1), 1
    while reach < row.shape[-1]:  # each step doubles how many numbers are added up
        row = operations.joined(row[..., :reach], logaddexp(row[..., reach:], row[..., :-reach]), axis=-1)
        reach *= 2
    return operations.moveaxis(row, -1, axis)


def _largest_so_far(x: Any, axis: int, sign: float) -> Any:
    """Where the largest number up to each place is, times ``sign``; of equal ones the last."""
    numbers = np.moveaxis(sign * to_numpy(x), axis, -1)
    is_largest = (numbers == np.maximum.accumulate(numbers, -1)) | np.isnan(numbers)
    places = np.where(is_largest, np.arange(numbers.shape[-1]), 0)
    return np.moveaxis(np.maximum.accumulate(places, -1), -1, axis)


@takes_array
def cummax(x: Any, axis: int = 0) -> Any:
    """The largest number so far along an axis, ``np.maximum.accumulate``; of equal ones the last has the slope.

    >>> cummax([1.0, 3.0, 2.0])
    array([1., 3., 3.])
    """
    x = as_floats(x)
    return take_along_axis(x, _largest_so_far(x, axis, 1.0), axis)


@takes_array
def cummin(x: Any, axis: int = 0) -> Any:
    """The smallest number so far along an axis, ``np.minimum.accumulate``; of equal ones the last has the slope."""
    x = as_floats(x)
    return take_along_axis(x, _largest_so_far(x, axis, -1.0), axis)


# ---------------------------------------------------------------------------------------------------------------------
# Covariances
# ---------------------------------------------------------------------------------------------------------------------


@takes_array
def cov(
    m: Any,
    y: Operand | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """The covariances of variables, which are the rows of ``m`` and ``y``, or their columns if not ``rowvar``.

    They are divided by n - 1, with ``bias`` by n, and with ``ddof`` by n - ddof.  ``fweights`` counts how often each
    observation occurs, a constant; ``aweights`` says how much it weighs, and may be differentiated.

    >>> cov([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    rows = _variables(m, rowvar)
    if y is not None:
        rows = concatenate([rows, _variables(y, rowvar)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    n = rows.shape[1]
    if fweights is None and aweights is None:
        centred = rows - mean(rows, 1, True)
        found = centred @ centred.T / (np.maximum(n - ddof, 0) or math.nan)
    else:
        counts = np.ones(n) if fweights is None else np.asarray(fweights, float)
        weights = counts if aweights is None else counts * as_floats(aweights)
        total = weights.sum()
        spent = ddof if aweights is None else ddof * (weights * as_floats(aweights)).sum() / total
        centred = rows - expand_dims(operations.sum(rows * weights, 1) / total, 1)
        found = (centred * weights) @ centred.T / (total - spent if total > spent else math.nan)
    return operations.squeeze(found)


def _variables(x: Any, rowvar: bool) -> Any:
    """Variables as the rows of a matrix."""
    x = as_floats(as_array(x))
    if x.ndim > 2:
        raise ValueError(f"cov takes arrays with at most two axes, not {x.ndim}")
    rows = x if x.ndim == 2 else reshape(x, (1, x.size))
    return rows if rowvar or rows.shape[0] == 1 else rows.T


@takes_array
def corrcoef(x: Any, y: Operand | None = None, rowvar: bool = True) -> Any:
    """The correlations of variables: their covariances, divided by their standard deviations."""
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    deviations = sqrt(functions.diag(c))
    return clip(c / functions.outer(deviations, deviations), -1.0, 1.0)
