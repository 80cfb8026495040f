"""Names for the types that appear in the signatures of all packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["AnyArray", "AnyNumber", "Array", "ArrayLike", "Axis", "Entry", "Number", "Structure"]

Number: TypeAlias = int | float | np.integer[Any] | np.floating[Any] | np.bool_
"""A real number, of Python or of NumPy."""

Array: TypeAlias = np.ndarray[Any, Any]
"""A NumPy array, of any shape and type."""

ArrayLike: TypeAlias = npt.ArrayLike
"""What ``np.asarray`` takes: a number, an array, or nested lists of numbers; no nodes."""

Axis: TypeAlias = int | tuple[int, ...] | None
"""One axis, several of them, or ``None`` for all."""

Entry: TypeAlias = Any
"""A number, an array or a node."""

Structure: TypeAlias = "Any | Sequence[Structure] | Mapping[Any, Structure]"
"""A number, an array or a node, or nested lists, tuples and dicts of them; to type checkers it is ``Any``."""

AnyNumber: TypeAlias = Any
"""An operand of a rule that is written once for all dialects: a number, an array, a node, a symbol, text of C."""

AnyArray: TypeAlias = Any
"""An operand of a rule that is written once for arrays and for Tensors."""
