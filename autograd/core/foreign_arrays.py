"""Arrays of other libraries (PyTorch, JAX, pandas), which are constants here: whatever has ``__array__``."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.core.foreign import ForeignNames

__all__ = ["foreign_array"]


def foreign_array(x: Any) -> Any:
    """The numbers of an array of another library as an array of NumPy; ``NotImplemented`` for everything else.

    Raises:
        TypeError: if it is a tensor of PyTorch that requires a gradient, which would be lost.
    """
    if isinstance(x, (np.ndarray, np.generic, ForeignNames)) or not hasattr(type(x), "__array__"):
        return NotImplemented
    if getattr(x, "requires_grad", False) is True:
        raise TypeError(
            "a tensor that requires a gradient in PyTorch cannot be a constant of this graph, which would lose that "
            "gradient: write x.detach() to use its numbers, autograd.to_torch(f) to use a function of this library in "
            "PyTorch's graph, or autograd.testing.check_torch(f, x) to check a function of PyTorch"
        )
    return np.asarray(x)
