"""Functions of NumPy that NumPy itself does not pass on to nodes, or that Tensors have under another name.

Each computes what NumPy's function computes, and calls that function unless there is a node among its arguments, also
in lists.  All other functions of ``autograd.numpy`` are NumPy's own, which call ours for Tensors and Values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

import numpy

from autograd.arrays import functions, operations
from autograd.arrays.operands import as_array
from autograd.compat.declaring import plain
from autograd.core import rules
from autograd.core.nested import entries
from autograd.core.sweep import is_node

__all__ = [
    "angle",
    "append",
    "argwhere",
    "around",
    "array",
    "asarray",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "c_",
    "ceil",
    "column_stack",
    "conj",
    "conjugate",
    "copy",
    "deg2rad",
    "degrees",
    "empty_like",
    "exp2",
    "fabs",
    "fix",
    "flatnonzero",
    "float_power",
    "fmax",
    "fmin",
    "full",
    "full_like",
    "gradient",
    "imag",
    "iscomplexobj",
    "isreal",
    "linspace",
    "msort",
    "r_",
    "rad2deg",
    "radians",
    "real",
    "real_if_close",
    "rint",
    "round",
    "row_stack",
    "select",
    "trapz",
    "trunc",
]

Function: TypeAlias = Callable[..., Any]


def _has_node(*structures: Any) -> bool:
    return any(map(is_node, entries(structures)))


def _like_numpy(of_nodes: Function) -> Function:
    """NumPy's function of the same name where there are no nodes."""
    of_numbers: Function = getattr(numpy, of_nodes.__name__)

    @wraps(of_nodes)
    def function(*args: Any, **options: Any) -> Any:
        return of_nodes(*args, **options) if _has_node(args, options) else of_numbers(*args, **options)

    return function


def _reading(name: str) -> Function:
    """NumPy's function of this name, called with the numbers of nodes; its result has no derivative."""
    of_numbers: Function = getattr(numpy, name)

    @wraps(of_numbers)
    def function(*args: Any, **options: Any) -> Any:
        return of_numbers(*plain(args), **plain(options))

    return function


# ---------------------------------------------------------------------------------------------------------------------
# Making arrays
# ---------------------------------------------------------------------------------------------------------------------


@_like_numpy
def array(object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0) -> Any:
    """An array of numbers, nodes, and nested lists of them; with nodes it is a Tensor of the same graph."""
    x = _joined(object)
    if dtype is not None and numpy.dtype(dtype) != x.dtype:
        x = operations.astype(x, dtype)
    return operations.reshape(x, (1,) * (ndmin - x.ndim) + x.shape) if x.ndim < ndmin else x


def _joined(x: Any) -> Any:
    """Nested lists of numbers, arrays and nodes as one Tensor."""
    if isinstance(x, (list, tuple)) and _has_node(x):
        return as_array([_joined(part) for part in x])
    return as_array(x)


@_like_numpy
def asarray(object: Any, dtype: Any = None) -> Any:
    """As ``array``, without a copy."""
    return array(object, dtype)


@_like_numpy
def copy(x: Any) -> Any:
    """The same numbers, as a new node."""
    return +array(x)


@_like_numpy
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """An array of this shape in which every number is ``fill_value``."""
    return operations.broadcast_to(array(fill_value, dtype), shape)


@_like_numpy
def full_like(x: Any, fill_value: Any) -> Any:
    """An array of the shape of ``x`` in which every number is ``fill_value``."""
    return full(numpy.shape(x), fill_value)


@_like_numpy
def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    """Numbers at equal distances from ``start`` to ``stop``, along a new first axis."""
    start, stop = array(start), array(stop)
    ndim = max(start.ndim, stop.ndim)
    share = numpy.linspace(0.0, 1.0, num, endpoint).reshape((num,) + (1,) * ndim)
    return start * (1.0 - share) + stop * share


# ---------------------------------------------------------------------------------------------------------------------
# Joining and reshaping
# ---------------------------------------------------------------------------------------------------------------------


@_like_numpy
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Both arrays joined along an axis, or flattened and joined."""
    return functions.concatenate([array(arr), array(values)], axis)


@_like_numpy
def column_stack(tup: Any) -> Any:
    """Vectors as the columns of a matrix, beside the columns of matrices."""
    columns = [x if x.ndim > 1 else operations.reshape(x, (x.size, 1)) for x in map(array, tup)]
    return functions.concatenate(columns, 1)


def row_stack(tup: Any) -> Any:
    """NumPy's ``vstack`` under its old name."""
    return numpy.vstack(tup)


def _each(reshaped: Function, xs: tuple[Any, ...]) -> Any:
    found = tuple([reshaped(array(x)) for x in xs])
    return found if len(found) != 1 else found[0]


@_like_numpy
def atleast_1d(*xs: Any) -> Any:
    """Arrays with one axis or more."""
    return _each(lambda x: x if x.ndim else operations.reshape(x, (1,)), xs)


@_like_numpy
def atleast_2d(*xs: Any) -> Any:
    """Arrays with two axes or more; a vector is a row."""
    return _each(lambda x: x if x.ndim > 1 else operations.reshape(x, (1, x.size)), xs)


@_like_numpy
def atleast_3d(*xs: Any) -> Any:
    """Arrays with three axes or more."""
    return _each(lambda x: x if x.ndim > 2 else operations.reshape(x, (*atleast_2d(x).shape, 1)), xs)


class _Joiner:
    """``np.r_`` or ``np.c_`` of vectors and matrices."""

    def __init__(self, numbers: Any, join: Function) -> None:
        self.numbers, self.join = numbers, join

    def __getitem__(self, parts: Any) -> Any:
        if not _has_node(parts):
            return self.numbers[parts]
        parts = parts if isinstance(parts, tuple) else (parts,)
        if any(isinstance(part, (slice, str)) for part in parts):
            raise NotImplementedError("np.r_ and np.c_ of nodes take arrays and numbers only: use np.concatenate")
        return self.join([atleast_1d(part) for part in parts])


r_ = _Joiner(numpy.r_, functions.concatenate)
c_ = _Joiner(numpy.c_, column_stack)


# ---------------------------------------------------------------------------------------------------------------------
# Elementwise functions
# ---------------------------------------------------------------------------------------------------------------------


@_like_numpy
def exp2(x: Any) -> Any:
    """2 to the power x."""
    return 2.0 ** array(x)


@_like_numpy
def fabs(x: Any) -> Any:
    """The absolute value."""
    return rules.absolute(x)


@_like_numpy
def float_power(x: Any, y: Any) -> Any:
    """x to the power y."""
    return rules.power(x, y)


@_like_numpy
def fmax(x: Any, y: Any) -> Any:
    """The larger number; if one of them is nan, the other."""
    x, y = array(x), array(y)
    return rules.where(x != x, y, rules.where(y != y, x, rules.maximum(x, y)))


@_like_numpy
def fmin(x: Any, y: Any) -> Any:
    """The smaller number; if one of them is nan, the other."""
    return -fmax(-array(x), -array(y))


@_like_numpy
def deg2rad(x: Any) -> Any:
    """Degrees as radians."""
    return x * (numpy.pi / 180.0)


@_like_numpy
def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    return x * (180.0 / numpy.pi)


radians, degrees = deg2rad, rad2deg


@_like_numpy
def ceil(x: Any) -> Any:
    """The smallest whole number that is not smaller."""
    return -rules.floor(-x)


@_like_numpy
def real(x: Any) -> Any:
    """The real part: nodes hold real numbers."""
    return +x


@_like_numpy
def imag(x: Any) -> Any:
    """The imaginary part, which is 0: nodes hold real numbers."""
    return numpy.zeros(numpy.shape(x))


conj = conjugate = _like_numpy(wraps(numpy.conjugate, assigned=("__name__",))(lambda x: +x))


@_like_numpy
def real_if_close(x: Any, tol: float = 100) -> Any:
    """The real part: nodes hold real numbers."""
    return +x


@_like_numpy
def select(condlist: Any, choicelist: Any, default: Any = 0.0) -> Any:
    """For each place the number of the first choice whose condition holds."""
    result: Any = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = rules.where(condition, array(choice), result)
    return result


angle, around, argwhere, empty_like, fix, flatnonzero = map(
    _reading, ("angle", "around", "argwhere", "empty_like", "fix", "flatnonzero")
)
iscomplexobj, isreal, rint, round, trunc = map(_reading, ("iscomplexobj", "isreal", "rint", "round", "trunc"))


# ---------------------------------------------------------------------------------------------------------------------
# Along an axis
# ---------------------------------------------------------------------------------------------------------------------


@_like_numpy
def gradient(f: Any, axis: int | None = None) -> Any:
    """Differences of neighbours at distance 1: central inside, one-sided at both ends."""
    f = array(f)
    if axis is None and f.ndim != 1:
        return [gradient(f, i) for i in range(f.ndim)]
    at = operations.moveaxis(f, 0 if axis is None else axis, 0)
    slopes = functions.concatenate([at[1:2] - at[:1], (at[2:] - at[:-2]) / 2.0, at[-1:] - at[-2:-1]])
    return operations.moveaxis(slopes, 0, 0 if axis is None else axis)


def msort(x: Any) -> Any:
    """The numbers in ascending order along the first axis; NumPy no longer has this function."""
    return numpy.sort(x, axis=0)


def trapz(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """NumPy's ``trapezoid`` under its old name."""
    return numpy.trapezoid(y, x, dx, axis)
