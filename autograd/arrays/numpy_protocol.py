"""NumPy's functions, called with a Tensor or a Value: ``np.exp(t)``, ``np.sum(t, axis=0)``, ``np.linalg.inv(t)``.

NumPy passes such calls on to ``__array_ufunc__`` and ``__array_function__`` of the node, which call the functions below
through :data:`autograd.core.hooks.hooks`.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd.arrays import (
    elementwise,
    functions,
    linear_algebra,
    making,
    matrix_functions,
    operations,
    reductions,
    sequences,
    statistics,
)
from autograd.arrays.operands import as_array, read
from autograd.arrays.stacking import stack
from autograd.core import rules, special
from autograd.core.hooks import hooks
from autograd.core.primitive import PRIMITIVES, Primitive
from autograd.core.value import UFUNCS

__all__ = ["array_function", "array_ufunc", "is_reader", "is_supported"]

_FUNCTIONS: dict[Any, Any] = {
    getattr(np, name): getattr(module, name)
    for module in (operations, reductions, functions, elementwise, making, statistics, sequences)
    for name in module.__all__
    if hasattr(np, name)
}
_FUNCTIONS |= {
    getattr(np.linalg, name): getattr(module, name)
    for module in (linear_algebra, matrix_functions)
    for name in module.__all__
    if hasattr(np.linalg, name)
}


def _half_way_round(x: Any, axes: Any, sign: int) -> Any:
    axes = range(x.ndim) if axes is None else axes if isinstance(axes, Sequence) else (axes,)
    return operations.roll(x, [sign * (sign * x.shape[axis] // 2) for axis in axes], tuple(axes))


def _fftshift(x: Any, axes: Any = None) -> Any:
    return _half_way_round(x, axes, 1)


def _ifftshift(x: Any, axes: Any = None) -> Any:
    return _half_way_round(x, axes, -1)


_FUNCTIONS |= {
    np.fft.fftshift: _fftshift,
    np.fft.ifftshift: _ifftshift,
    np.stack: stack,
    np.copy: rules.positive,
    np.amax: reductions.max,
    np.amin: reductions.min,
    np.sinc: special.sinc,
    np.i0: special.i0,
    **{
        getattr(np, name): getattr(linear_algebra, name) for name in ("matrix_transpose", "vecdot") if hasattr(np, name)
    },
}
"""Functions of NumPy, and the functions here that compute them."""

_READERS = {
    *(np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.argmax, np.argmin, np.argsort, np.nonzero),
    *(np.argpartition, np.searchsorted, np.may_share_memory, np.shares_memory),
    *(np.any, np.all, np.count_nonzero, np.isclose, np.allclose, np.array_equal, np.result_type, np.array2string),
    *(np.argwhere, np.flatnonzero, np.nanargmax, np.nanargmin, np.digitize, np.isin, np.lexsort, np.array_equiv),
    *(np.isreal, np.iscomplex, np.isrealobj, np.iscomplexobj, np.isposinf, np.isneginf, np.empty_like, np.bincount),
    *(np.histogram, np.histogram2d, np.histogramdd, np.histogram_bin_edges, np.array_repr, np.array_str),
    *(np.common_type, np.can_cast, np.min_scalar_type, np.tril_indices_from, np.triu_indices_from),
    *(np.diag_indices_from, np.unravel_index, np.ravel_multi_index),
}
"""Functions that read the data only, and whose results have no derivative."""


def array_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Call a ufunc of NumPy with a Tensor, or with a Value and arrays, among its operands.

    Raises:
        NotImplementedError: if the table has no such row, or the ufunc is called with options or by a method.
    """
    name = f"np.{ufunc.__name__}"
    if method != "__call__":
        instead = _METHODS.get((ufunc.__name__, method))
        room = "np" if instead and hasattr(np, instead) else "autograd"
        hint = f": use {room}.{instead}" if instead else ""
        raise NotImplementedError(f"{name}.{method} does not support Tensors{hint}")
    for option in options:
        raise _refusal(name, option)
    operands = [np.asarray(x) if isinstance(x, (list, tuple)) else x for x in inputs]
    row = PRIMITIVES.get(UFUNCS.get(ufunc.__name__, ufunc.__name__)) or _FUNCTIONS.get(ufunc)
    if row is not None:
        return row(*operands)
    if not {"d->?", "dd->?"}.isdisjoint(ufunc.types):  # comparisons and predicates read the data
        return ufunc(*read(operands))
    raise NotImplementedError(f"{name} is not in the table: declare it with autograd.primitive, or read t.data")


_INSTEAD = {
    "out": "a node is made only once, so write y = {name}(...)",
    "where": "write np.where(condition, {name}(...), otherwise)",
    "dtype": "write {name}(...).astype(dtype)",
}
"""What to write instead of an option."""


def _refusal(name: str, option: str) -> NotImplementedError:
    hint = _INSTEAD.get(option, "leave it out").format(name=name)
    return NotImplementedError(f"{name} with {option}= does not support Tensors: {hint}")


_METHODS = {
    ("add", "reduce"): "sum",
    ("add", "accumulate"): "cumsum",
    ("multiply", "reduce"): "prod",
    ("multiply", "accumulate"): "cumprod",
    ("multiply", "outer"): "outer",
    ("maximum", "reduce"): "max",
    ("minimum", "reduce"): "min",
    ("maximum", "accumulate"): "cummax",
    ("minimum", "accumulate"): "cummin",
}
"""The functions that do what these methods of ufuncs do."""


def array_function(function: Any, args: Sequence[Any], options: dict[str, Any]) -> Any:
    """Call a function of NumPy with a Tensor or a Value somewhere in its arguments.

    Raises:
        NotImplementedError: if there is no such function here, or it does not take these arguments.
    """
    if function in _READERS:
        return function(*read(args), **dict(zip(options, read(options.values()), strict=True)))
    ours = _FUNCTIONS.get(function)
    if ours is None:
        is_complex = ".fft" in function.__module__
        hint = "its result is complex, and nodes hold real numbers" if is_complex else "for its value alone read t.data"
        raise NotImplementedError(f"{_numpy_name(function)} does not support Tensors and Values: {hint}")
    if isinstance(ours, Primitive):
        return ours(*args, **options)
    takes, theirs = _signature(ours), _signature(function)
    if theirs is None or any(p.kind is p.VAR_POSITIONAL for p in theirs.parameters.values()):
        options = {name: x for name, x in options.items() if x is not None or name in takes.parameters}
    else:
        args, options = (), _by_our_names(function, takes, theirs, theirs.bind(*args, **options).arguments)
    try:
        bound = takes.bind(*args, **options)
    except TypeError as error:
        known = ", ".join(takes.parameters)
        raise NotImplementedError(f"{_numpy_name(function)} of a Tensor takes ({known}): {error}") from None
    return ours(*bound.args, **bound.kwargs)


@cache
def _signature(function: Any) -> Any:
    """The parameters of a function; ``None`` for some that NumPy writes in C."""
    try:
        return inspect.signature(function)
    except ValueError:
        return None


_UNSEEN = {"casting", "kind", "overwrite_input"}
"""Options that do not change the result."""


def _by_our_names(function: Any, takes: Any, theirs: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call of NumPy's function under the names that they have in ours.

    A parameter that has another name here has the same place.  What NumPy assumes itself is left out, and ``dtype``
    converts the first operand unless our function takes it.

    Raises:
        NotImplementedError: for ``out=``.
    """
    places, names = list(theirs.parameters), list(takes.parameters)
    given = {**given, **given.get("kwargs", {})}
    found: dict[str, Any] = {}
    for name, x in given.items():
        default = theirs.parameters[name].default if name in places else None
        if name == "kwargs" or x is default or (isinstance(x, str) and x == default) or x is np._NoValue:
            continue
        if name == "out":
            raise _refusal(_numpy_name(function), name)
        place = places.index(name) if name in places else len(names)
        if name not in names and place < len(names) and names[place] not in places:
            name = names[place]
        if name == "dtype" and name not in names:
            found[names[0]] = _converted(found[names[0]], x)
        elif name not in _UNSEEN or name in names:
            found[name] = x
    return found


def _converted(x: Any, dtype: Any) -> Any:
    """An operand, or each of a sequence of operands, as another type."""
    return [_converted(y, dtype) for y in x] if isinstance(x, (list, tuple)) else operations.astype(as_array(x), dtype)


def is_supported(function: Any) -> bool:
    """Whether a function of NumPy can be called with a Tensor, and has a derivative."""
    if isinstance(function, np.ufunc) and UFUNCS.get(function.__name__, function.__name__) in PRIMITIVES:
        return True
    return not isinstance(function, type) and callable(function) and function in _FUNCTIONS


def is_reader(function: Any) -> bool:
    """Whether a function of NumPy can be called with a Tensor, and its result has no derivative."""
    if isinstance(function, np.ufunc):
        return not is_supported(function) and not {"d->?", "dd->?"}.isdisjoint(function.types)
    return not isinstance(function, type) and function in _READERS


def _numpy_name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)


hooks.array_ufunc, hooks.array_function = array_ufunc, array_function
