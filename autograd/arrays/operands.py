"""Operands: what functions of arrays accept, and the form in which they read it.

- :func:`as_array` and :func:`as_floats` for the operands of functions;
- :func:`operator_operand` for those of Python's operators, :func:`index` for indices;
- :func:`constant` and :func:`own` for what a node keeps of a constant operand and of an option, :func:`new_data` for
  the data of a leaf;
- :func:`read` for what an operation reads of its operands, :func:`to_numpy` for the numbers of anything.

Each raises ``TypeError`` for what it does not accept, except :func:`operator_operand`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Number, Real
from typing import Any

import numpy as np

from autograd.arrays.operations import astype, stacked
from autograd.arrays.tensor_data import TensorData
from autograd.core.aliases import Array
from autograd.core.foreign_arrays import foreign_array
from autograd.core.nested import entries, rebuild
from autograd.core.sweep import is_node
from autograd.core.value import Value, number_of

__all__ = [
    "as_array",
    "as_floats",
    "constant",
    "index",
    "new_data",
    "operator_operand",
    "own",
    "read",
    "stacked_operands",
    "to_numpy",
]


def as_array(x: Any) -> Any:
    """A Tensor or an array as it is; numbers and nested lists as an array; Values as a Tensor of the same graph.

    >>> as_array([1, 2])
    array([1, 2])
    >>> as_array([Value(1.0), 2.0])
    Tensor([1., 2.], op=stack)
    """
    if isinstance(x, (TensorData, np.ndarray, np.generic)):
        return x
    if isinstance(x, Value):
        return astype(x, float)
    if isinstance(x, (list, tuple)) and any(map(is_node, entries(x))):
        return stacked_operands(x)
    array = _asarray(x)
    _check_real(array, x)
    return array


def stacked_operands(xs: Sequence[Any], axis: int = 0) -> Any:
    """Operands of one shape, side by side along a new axis: what :func:`autograd.stack` returns."""
    xs = [x if isinstance(x, Value) else as_array(x) for x in xs]
    shapes = {() if isinstance(x, Value) else x.shape for x in xs}
    if len(shapes) > 1:
        raise ValueError(f"stack takes arrays of one shape, not of {', '.join(map(str, shapes))}")
    return stacked(*xs, axis=axis)


def as_floats(x: Any) -> Any:
    """A Tensor or an array of floats as it is; whole numbers, bools and nested lists as an array of floats.

    >>> as_floats([1, 2])
    array([1., 2.])
    """
    if isinstance(x, TensorData):
        return x
    array = x if isinstance(x, (np.ndarray, np.generic)) else _asarray(x)
    _check_real(array, x)
    return array if array.dtype.kind == "f" else array.astype(float)


def to_numpy(x: Any) -> Array:
    """The numbers alone, as an array: of a Tensor (a copy), a Value, an array (itself), a number or nested lists.

    >>> to_numpy(2.0)
    array(2.)
    """
    if isinstance(x, TensorData):
        return x.numpy()
    return np.asarray(float(x.data) if is_node(x) else x)


def constant(x: Any, name: str, *, number: bool) -> Any:
    """A constant operand of the operation of this name: a copy, so that later writes do not reach the graph.

    Only of an array in immutable memory, as ``np.frombuffer`` makes it from ``bytes``, a view is enough.  An array that
    is merely read-only may have views that can be written to.

    Args:
        x: an array, a number, or nested lists.
        name: the operation, for the error message.
        number: whether a plain number stays a number, as in elementwise operations.
    """
    if number and isinstance(x, (Real, np.generic)) and not isinstance(x, np.complexfloating):
        return x
    array = x.view(np.ndarray) if isinstance(x, np.ndarray) and _is_immutable(x) else np.array(x)
    _check_real(array, x, name, widest=8)
    return array


def _is_immutable(x: Array) -> bool:
    """Whether nobody can write to the memory of an array: in the end it belongs to ``bytes``."""
    memory: Any = x
    while isinstance(memory, np.ndarray):
        if memory.flags.writeable:
            return False
        memory = memory.base
    return isinstance(memory, bytes)


def operator_operand(x: Any) -> Any:
    """The other operand of a Python operator, a list or tuple as an array; ``NotImplemented`` for what is unknown."""
    if isinstance(x, (TensorData, Number, np.ndarray, np.generic, Value)):
        return x
    return np.asarray(x) if isinstance(x, (list, tuple)) else foreign_array(x)


def index(x: Any) -> Any:
    """An index, with the lists in it as arrays."""
    if isinstance(x, tuple):
        return tuple(map(index, x))
    if isinstance(x, TensorData):
        raise TypeError("a Tensor holds floats and cannot be an index: use an array of whole numbers or bools")
    if isinstance(x, (list, np.ndarray)) and not np.size(x):
        return np.array(x, int)
    return np.asarray(x) if isinstance(x, list) else x


def own(option: Any) -> Any:
    """An option of an operation with its lists and arrays copied, so that later writes do not reach the graph."""
    if isinstance(option, np.ndarray):
        return option.copy()
    return rebuild(option, [np.array(x) if isinstance(x, np.ndarray) else x for x in entries(option)])


def new_data(x: Any) -> Array:
    """The data of a new leaf: a copy of an array of floats; whole numbers, bools and nested lists as ``float64``.

    Raises:
        TypeError: if ``x`` is a node, an array of another dtype, or not real.
        ValueError: if nested lists have rows of different lengths.
    """
    if isinstance(x, (TensorData, Value)):
        raise TypeError(f"a Tensor holds plain numbers, not a {type(x).__name__}: use t.detach(), or v.item()")
    if isinstance(x, np.ndarray) and x.dtype.kind not in "biu":
        if x.dtype not in (np.float32, np.float64):
            hint = "take its real part" if x.dtype.kind == "c" else "convert it first, as with data.astype(float)"
            raise TypeError(f"a Tensor holds an array of float32 or float64, not of {x.dtype}: {hint}")
        return np.array(x)
    try:
        array = _asarray(x)
    except ValueError:
        raise ValueError("a Tensor takes nested lists whose rows are equally long, but these are not") from None
    _check_real(array, x, "a Tensor")
    return array.astype(np.float32 if isinstance(x, np.float32) else np.float64)


def read(operands: Iterable[Any]) -> list[Any]:
    """The present values of operands, as an operation reads them: arrays, which are never written to, and numbers."""
    return [
        (x._data if x._lent is None else x._read())
        if isinstance(x, TensorData)
        else (number_of(x) if isinstance(x, Value) else x)
        for x in operands
    ]


def _asarray(x: Any) -> Array:
    """Numbers, nested lists or an array of another library as an array."""
    array = foreign_array(x)
    return np.asarray(x) if array is NotImplemented else array


def _check_real(array: Array | np.generic, x: Any, name: str = "this function", widest: float = np.inf) -> None:
    """Raise ``TypeError`` if the array made of ``x`` does not hold real numbers of at most ``widest`` bytes each."""
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > widest:
        kind = "an array" if isinstance(x, (np.ndarray, np.generic)) else type(x).__name__
        what = f"{kind} of {array.dtype}" if array.ndim or kind == "an array" else kind
        hint = ": autograd.stack makes a Tensor of Values" if array.dtype.kind == "O" else ""
        raise TypeError(f"{name} takes arrays of real numbers, not {what}{hint}")
