"""``flatten``: the numbers of nested lists, tuples and dicts as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

import numpy as np

from autograd.arrays.functions import concatenate
from autograd.arrays.operands import as_array
from autograd.arrays.operations import ravel, reshape
from autograd.core.aliases import Structure
from autograd.core.nested import entries, rebuild

__all__ = ["flatten", "flatten_func"]


def flatten(value: Structure) -> tuple[Any, Callable[[Any], Any]]:
    """All numbers of a structure in one vector, and a function that turns such a vector back into the structure.

    Args:
        value: nested lists, tuples and dicts of numbers, arrays and nodes; dicts are read in the order of their keys.

    >>> vector, unflatten = flatten({"w": np.array([[1.0, 2.0]]), "b": 3.0})
    >>> vector
    array([3., 1., 2.])
    >>> unflatten(2 * vector)
    {'b': np.float64(6.0), 'w': array([[2., 4.]])}
    """
    ordered = _with_sorted_keys(value)
    shapes = [np.shape(x) for x in entries(ordered)]
    ends = list(accumulate((int(np.prod(shape)) for shape in shapes), initial=0))

    def unflatten(vector: Any) -> Any:
        if np.shape(vector) != (ends[-1],):
            raise ValueError(f"unflatten takes a vector of {ends[-1]} numbers, not an array of {np.shape(vector)}")
        parts = [
            reshape(vector[start:end], shape) if shape else vector[start]
            for start, end, shape in zip(ends, ends[1:], shapes, strict=False)
        ]
        return rebuild(ordered, parts)

    rows = [ravel(as_array(x)) for x in entries(ordered)]
    return concatenate(rows) if rows else np.zeros(0), unflatten


def flatten_func(func: Callable[..., Any], example: Structure) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """A function of structures as a function of vectors, the function that unflattens, and the example as a vector.

    >>> double, unflatten, vector = flatten_func(lambda xs: [2 * x for x in xs], [1.0, 2.0])
    >>> double(vector)
    array([2., 4.])
    """
    vector, unflatten = flatten(example)
    return lambda x, *args: flatten(func(unflatten(x), *args))[0], unflatten, vector


def _with_sorted_keys(structure: Structure) -> Any:
    if isinstance(structure, Mapping):
        return {key: _with_sorted_keys(structure[key]) for key in sorted(structure)}
    if isinstance(structure, (list, tuple)):
        parts = [_with_sorted_keys(part) for part in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    return structure
