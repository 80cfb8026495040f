"""NumPy's functions under the names of ``autograd.numpy``, with ours where NumPy does not pass a call on to nodes.

``np.array([x, y])`` asks every node for a plain number, and so does ``np.r_``; ours join them within the graph.  All
other functions of ``autograd.numpy`` are NumPy's own, which call ours for Tensors and Values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy

from autograd.arrays.making import (
    array,
    asarray,
    atleast_1d,
    atleast_2d,
    atleast_3d,
    block,
    broadcast_arrays,
    c_,
    choose,
    column_stack,
    full,
    full_like,
    linspace,
    r_,
    select,
)
from autograd.arrays.operands import as_array
from autograd.arrays.operations import moveaxis, reshape, scatter
from autograd.arrays.reductions import std, var
from autograd.arrays.stacking import stack
from autograd.arrays.statistics import cov
from autograd.core.nested import entries
from autograd.core.sweep import is_node

__all__ = [
    "array",
    "asarray",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block",
    "c_",
    "choose",
    "column_stack",
    "cov",
    "full",
    "full_like",
    "linspace",
    "make_diagonal",
    "msort",
    "r_",
    "row_stack",
    "select",
    "std",
    "trapz",
    "var",
    "vectorize",
    "where",
]


def row_stack(tup: Any) -> Any:
    """NumPy's ``vstack`` under its old name."""
    return numpy.vstack(tup)


def make_diagonal(D: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:  # noqa: N803 (its name)
    """Zeros with the vectors along the last axis of ``D`` on a diagonal: the reverse of NumPy's ``diagonal``.

    >>> make_diagonal(numpy.array([1.0, 2.0]), offset=1)
    array([[0., 1., 0.],
           [0., 0., 2.],
           [0., 0., 0.]])
    """
    x = as_array(D)
    size = x.shape[-1] + abs(offset)
    shape = (*x.shape[:-1], size, size)
    places = numpy.diagonal(numpy.arange(numpy.prod(shape)).reshape(shape), offset, -2, -1)
    return moveaxis(scatter(x, places, shape), (-2, -1), (axis1, axis2))


def msort(x: Any) -> Any:
    """The numbers in ascending order along the first axis; NumPy no longer has this function."""
    return numpy.sort(x, axis=0)


def trapz(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """NumPy's ``trapezoid`` under its old name."""
    return numpy.trapezoid(y, x, dx, axis)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """NumPy's ``where``, which takes its operands by name as well."""
    return numpy.where(condition) if x is None and y is None else numpy.where(condition, x, y)


def vectorize(pyfunc: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """A function of numbers as a function of arrays, which calls it for each entry.

    Args:
        pyfunc: the function; given Tensors, it must return one number for each call.
        options: those of NumPy's ``vectorize``, which count where no node is among the arguments.
    """
    plain = numpy.vectorize(pyfunc, **options)

    @wraps(pyfunc)
    def vectorized(*args: Any, **named: Any) -> Any:
        if not any(map(is_node, entries(args))):
            return plain(*args, **named)
        arrays = broadcast_arrays(*args)
        shape = arrays[0].shape
        found = [pyfunc(*(x[place] for x in arrays), **named) for place in numpy.ndindex(shape)]
        return reshape(stack(found), shape)

    return vectorized
