"""Names for the types that appear in the signatures of this package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd import Tensor, Value

__all__ = [
    "Array",
    "ArrayOrTensor",
    "Initialiser",
    "Numbers",
    "Parameter",
    "Random",
    "Reduction",
    "Shape",
    "Values",
    "WholeNumbers",
]

Array: TypeAlias = np.ndarray[Any, Any]
"""A plain NumPy array."""

ArrayOrTensor: TypeAlias = Array | Tensor
"""An array with or without a graph; an array of objects if it contains Values."""

Parameter: TypeAlias = Value | Tensor
"""A leaf of the graph that an optimizer changes."""

Numbers: TypeAlias = "float | Value | Tensor | Array | Sequence[Numbers]"
"""Input of a layer or a loss: one number, an array, a Tensor, or nested sequences of numbers and Values."""

WholeNumbers: TypeAlias = npt.ArrayLike
"""Labels of classes or numbers of rows: one, an array, or nested sequences of them."""

Values: TypeAlias = Value | Sequence[Value] | Sequence[Sequence[Value]]
"""Outputs of a scalar network: for one sample or for several, with one output each or several."""

Random: TypeAlias = np.random.Generator | int | None
"""A generator, a seed, or ``None`` for a new generator every time."""

Shape: TypeAlias = int | tuple[int, ...]
"""The shape of an array; a single integer for one axis."""

Initialiser: TypeAlias = Callable[[Any, np.random.Generator], Array]
"""A function of a shape and a generator that returns initial weights."""

Reduction: TypeAlias = Literal["mean", "sum", "none"]
"""How the losses of the single entries become the result."""
