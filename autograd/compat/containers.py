"""HIPS autograd's ``builtins``: ``isinstance`` and ``type`` that take a node for the number or array that it holds.

Lists, tuples and dicts hold nodes here as they are, so these names are Python's own.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from autograd.arrays.tensor import Tensor
from autograd.core.value import Value

__all__ = ["dict", "isinstance", "list", "tuple", "type"]

dict, list, tuple = builtins.dict, builtins.list, builtins.tuple


def isinstance(x: Any, kinds: Any) -> bool:
    """Python's ``isinstance``, for which a Tensor is also an array and a Value also a float.

    >>> isinstance(Tensor([1.0]), np.ndarray), isinstance(Value(1.0), float)
    (True, True)
    """
    return builtins.isinstance(x, kinds) or issubclass(type(x), kinds)


def type(x: Any) -> Any:
    """Python's ``type``; ``numpy.ndarray`` for a Tensor, and ``float`` for a Value."""
    if builtins.isinstance(x, Tensor):
        return np.ndarray
    return float if builtins.isinstance(x, Value) else builtins.type(x)
