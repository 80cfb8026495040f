"""Functions of sampled functions, sequences and polynomials under NumPy's names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from autograd.arrays import operations
from autograd.arrays.convolution import conv1d
from autograd.arrays.functions import concatenate, diff, einsum
from autograd.arrays.linear_algebra import lstsq
from autograd.arrays.operands import as_array, as_floats, to_numpy
from autograd.arrays.operations import flip, moveaxis, ravel, reshape
from autograd.arrays.signatures import takes_array, takes_two_arrays
from autograd.arrays.stacking import stack
from autograd.core.rules import where
from autograd.core.sweep import is_node

__all__ = [
    "apply_along_axis",
    "apply_over_axes",
    "convolve",
    "correlate",
    "ediff1d",
    "gradient",
    "interp",
    "matvec",
    "poly",
    "polyadd",
    "polyder",
    "polyfit",
    "polyint",
    "polymul",
    "polysub",
    "polyval",
    "unwrap",
    "vander",
    "vecmat",
]

Mode = Literal["full", "same", "valid"]

# ---------------------------------------------------------------------------------------------------------------------
# Sampled functions
# ---------------------------------------------------------------------------------------------------------------------


@takes_array
def gradient(f: Any, *varargs: Any, axis: int | Sequence[int] | None = None, edge_order: int = 1) -> Any:
    """Slopes of a sampled function by differences: central inside, one-sided at both ends.

    Args:
        f: the samples.
        varargs: nothing, for samples at distance 1; or a distance or the coordinates, for all axes or for each.
        axis: the axis, or several, for which there is an array of slopes each; by default all axes.
        edge_order: 1 or 2, how many neighbours the slopes at the ends use.

    Raises:
        ValueError: if an axis has too few samples.
        TypeError: if there are not as many distances as axes.

    >>> gradient(np.array([1.0, 2.0, 4.0, 7.0]))
    array([1. , 1.5, 2.5, 3. ])
    """
    f = as_floats(as_array(f))
    axes = [
        i % f.ndim for i in (range(f.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else [axis])
    ]
    spaces = list(varargs or [1.0])
    spaces = spaces * len(axes) if len(spaces) == 1 else spaces
    if len(spaces) != len(axes):
        raise TypeError(f"gradient takes one distance, or one for each of {len(axes)} axes, not {len(spaces)}")
    found = [_slopes(f, space, i, edge_order) for space, i in zip(spaces, axes, strict=True)]
    return found[0] if len(axes) == 1 else tuple(found)


def _slopes(f: Any, space: Any, axis: int, edge_order: int) -> Any:
    f, space = moveaxis(f, axis, 0), space if is_node(space) else np.asarray(space, f.dtype)
    if f.shape[0] < edge_order + 1:
        raise ValueError(f"gradient needs {edge_order + 1} samples along each axis, not {f.shape[0]}")
    steps = diff(space) if space.ndim else space + np.zeros(f.shape[0] - 1, f.dtype)
    if steps.shape != (f.shape[0] - 1,):
        raise ValueError(f"gradient: {f.shape[0]} samples need as many coordinates, not {space.size}")
    h = reshape(steps, (-1,) + (1,) * (f.ndim - 1))
    slope = (f[1:] - f[:-1]) / h
    before, after = h[:-1], h[1:]
    inside = (slope[:-1] * after + slope[1:] * before) / (before + after)
    first, last = slope[:1], slope[-1:]
    if edge_order == 2:  # the slopes at the ends of parabolas through three samples
        bend = (slope[1:] - slope[:-1]) / (before + after)
        first, last = first - bend[:1] * h[:1], last + bend[-1:] * h[-1:]
    return moveaxis(concatenate([first, inside, last]), 0, axis)


@takes_array
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences between neighbours of the flattened array, with other numbers before and after them."""
    ary = as_array(ary)
    parts = [x if x is None or is_node(x) else np.asarray(x, ary.dtype) for x in (to_begin, to_end)]
    return concatenate([ravel(x) for x in (parts[0], diff(ravel(ary)), parts[1]) if x is not None])


def interp(
    x: Any,
    xp: Any,
    fp: Any,
    left: Any = None,
    right: Any = None,
    period: float | None = None,
) -> Any:
    """The piecewise linear function through points, differentiated in all of them.

    Args:
        x: where to evaluate it.
        xp: the coordinates of the points, in ascending order, unless there is a period.
        fp: the values at the points.
        left: the value before the first point; by default its value.
        right: the value after the last point; by default its value.
        period: the period of the function, for which points and x are reduced.

    Raises:
        ValueError: if there are no points, or not as many values as coordinates, or the period is 0.

    >>> interp(2.5, [1.0, 2.0, 3.0], [3.0, 2.0, 0.0])
    array(1.)
    """
    x, xp, fp = (as_floats(as_array(each)) for each in (x, xp, fp))
    if xp.ndim != 1 or fp.shape != xp.shape or not xp.size:
        raise ValueError(f"interp: coordinates and values must be vectors of one length, not {xp.shape} and {fp.shape}")
    if period is not None:
        if period == 0:
            raise ValueError("interp: the period must not be 0")
        period, left, right = abs(period), None, None
        x, xp = x % period, xp % period
        order = np.argsort(to_numpy(xp))
        xp, fp = xp[order], fp[order]
        xp = concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = concatenate([fp[-1:], fp, fp[:1]])
    numbers, points = to_numpy(x), to_numpy(xp)
    first, last = fp[0] if left is None else as_array(left), fp[-1] if right is None else as_array(right)
    if points.size == 1:
        return where(numbers < points[0], first, where(numbers > points[0], last, fp[0] + 0.0 * x))
    at = np.clip(np.searchsorted(points, numbers, side="right") - 1, 0, points.size - 2)
    inside = (numbers >= points[0]) & (numbers <= points[-1]) | np.isnan(numbers)
    low, high, start, stop = xp[at], xp[at + 1], fp[at], fp[at + 1]
    width = where(to_numpy(high) == to_numpy(low), 1.0, high - low)
    line = start + (stop - start) / width * (x - low)
    return where(inside, line, where(numbers < points[0], first, last))


@takes_array
def unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2.0 * np.pi) -> Any:
    """Angles plus whole periods, so that neighbours differ by at most half a period; the slopes are those of ``p``."""
    p = as_floats(as_array(p))
    numbers = to_numpy(p)
    turns = (np.unwrap(numbers, discont, axis, period=period) - numbers) / period
    return p + (np.rint(turns) * period).astype(p.dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Convolution of sequences
# ---------------------------------------------------------------------------------------------------------------------


def _vector(x: Any, name: str) -> Any:
    x = as_floats(as_array(x))
    if x.ndim > 1 or not x.size:
        raise ValueError(f"{name} takes vectors that are not empty, not an array of shape {x.shape}")
    return reshape(x, (x.size,))


@takes_two_arrays
def convolve(a: Any, v: Any, mode: Mode = "full") -> Any:
    """Σ a[i] v[k - i] for every k, for those as many as the longer one has, or for those where both overlap fully.

    Raises:
        ValueError: if the arrays are not vectors or empty, or the mode is none of full, same and valid.

    >>> convolve([1.0, 2.0, 3.0], [0.0, 1.0, 0.5])
    array([0. , 1. , 2.5, 4. , 1.5])
    """
    a, v = _vector(a, "convolve"), _vector(v, "convolve")
    if a.size < v.size:
        a, v = v, a
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"convolve: mode must be full, same or valid, not {mode!r}")
    m = v.size
    padding = 0 if mode == "valid" else m - 1
    found = conv1d(reshape(a, (1, a.size)), reshape(flip(v), (1, 1, m)), padding=padding)[0]
    return found[(m - 1) // 2 : (m - 1) // 2 + a.size] if mode == "same" else found


@takes_two_arrays
def correlate(a: Any, v: Any, mode: Mode = "valid") -> Any:
    """Σ a[i + k] v[i]: as :func:`convolve`, with ``v`` reversed."""
    a, v = _vector(a, "correlate"), _vector(v, "correlate")
    return flip(convolve(v, flip(a), mode)) if a.size < v.size else convolve(a, flip(v), mode)


# ---------------------------------------------------------------------------------------------------------------------
# Functions of rows
# ---------------------------------------------------------------------------------------------------------------------


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of vectors, applied to every vector along an axis; its results are stacked in their place."""
    x = as_array(arr)
    rows = moveaxis(x, axis, -1)
    others = rows.shape[:-1]
    flat = reshape(rows, (-1, rows.shape[-1]))
    results = stack([func1d(flat[i], *args, **kwargs) for i in range(flat.shape[0])])
    shaped = reshape(results, (*others, *results.shape[1:]))
    inner = results.ndim - 1
    places = range(axis % x.ndim, axis % x.ndim + inner)
    return moveaxis(shaped, range(len(others), len(others) + inner), places) if inner else shaped


def apply_over_axes(func: Callable[..., Any], a: Any, axes: int | Sequence[int]) -> Any:
    """``func(a, axis)`` for one axis after the other; axes that the function removes come back with length 1."""
    x = as_array(a)
    ndim = x.ndim
    chosen: Any = axes if isinstance(axes, (tuple, list)) else [axes]
    for axis in chosen:
        y = func(x, axis)
        x = y if y.ndim == ndim else operations.expand_dims(y, axis)
    return x


@takes_two_arrays
def matvec(x: Any, y: Any) -> Any:
    """Matrices times vectors, stack by stack."""
    return einsum("...ij,...j->...i", x, y)


@takes_two_arrays
def vecmat(x: Any, y: Any) -> Any:
    """Vectors times matrices, stack by stack."""
    return einsum("...i,...ij->...j", x, y)


# ---------------------------------------------------------------------------------------------------------------------
# Polynomials, by their coefficients from the highest power down
# ---------------------------------------------------------------------------------------------------------------------


def polyval(p: Any, x: Any) -> Any:
    """The polynomial with these coefficients at x, by Horner's scheme.

    >>> float(polyval([3.0, 0.0, 1.0], 5.0))
    76.0
    """
    p = as_array(p)
    x = as_array(x) if isinstance(x, (list, tuple)) else x
    total: Any = 0.0 * x
    for i in range(p.shape[0]):
        total = total * x + p[i]
    return total


def _of_one_length(a1: Any, a2: Any) -> tuple[Any, Any]:
    a1, a2 = _vector(a1, "a polynomial"), _vector(a2, "a polynomial")
    n = max(a1.size, a2.size)
    longer, other = (concatenate([np.zeros(n - a.size, a.dtype), a]) for a in (a1, a2))
    return longer, other


@takes_two_arrays
def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials."""
    a1, a2 = _of_one_length(a1, a2)
    return a1 + a2


@takes_two_arrays
def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials."""
    a1, a2 = _of_one_length(a1, a2)
    return a1 - a2


@takes_two_arrays
def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials."""
    return convolve(a1, a2)


@takes_array
def polyder(p: Any, m: int = 1) -> Any:
    """The polynomial's derivative, taken ``m`` times."""
    p = as_floats(as_array(p))
    for _ in range(m):
        p = p[:-1] * np.arange(p.size - 1, 0, -1, dtype=p.dtype)
    return p


@takes_array
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The polynomial's integral, taken ``m`` times, with the constants ``k``, by default 0."""
    p = as_floats(as_array(p))
    constants = np.zeros(m) if k is None else as_floats(as_array(k))
    constants = reshape(constants, (-1,)) + np.zeros(m)
    for i in range(m):
        p = concatenate([p / np.arange(p.size, 0, -1, dtype=p.dtype), constants[i : i + 1]])
    return p


@takes_array
def poly(seq_of_zeros: Any) -> Any:
    """The coefficients of the polynomial with these zeros."""
    zeros = as_floats(as_array(seq_of_zeros))
    if zeros.ndim != 1:
        raise ValueError("poly takes a vector of zeros; for a matrix, take linalg.eigvals first")
    found = np.ones(1, zeros.dtype)
    for i in range(zeros.size):
        found = concatenate([found, np.zeros(1, zeros.dtype)]) - zeros[i] * concatenate(
            [np.zeros(1, zeros.dtype), found]
        )
    return found


@takes_array
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803 (NumPy's name)
    """Powers of x in the columns of a matrix, the highest first unless ``increasing``."""
    x = as_floats(as_array(x))
    n = x.size if N is None else N
    powers = [np.ones(x.shape, x.dtype)]
    while len(powers) < n:
        powers.append(powers[-1] * x)
    return stack(powers[:n] if increasing else powers[:n][::-1], axis=1)


@takes_two_arrays
def polyfit(x: Any, y: Any, deg: int, rcond: float | None = None) -> Any:
    """The polynomial of this degree with the least squared distance from points, differentiated in all of them."""
    x, y = as_floats(as_array(x)), as_floats(as_array(y))
    powers = vander(x, deg + 1)
    scale = np.sqrt(np.square(to_numpy(powers)).sum(0))
    found = lstsq(powers / scale, y, x.size * float(np.finfo(x.dtype).eps) if rcond is None else rcond)[0]
    return found / reshape(scale, (-1,) + (1,) * (y.ndim - 1))
