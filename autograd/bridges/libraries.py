"""PyTorch and JAX, imported when a bridge is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["imported"]

_TITLES = {"torch": "PyTorch", "jax": "JAX"}


def imported(library: str, what: str) -> Any:
    """A library, for the function of this name.

    Raises:
        ImportError: if it is not installed.
    """
    try:
        return import_module(library)
    except ImportError:
        message = f'{what} needs {_TITLES[library]}, which is not installed: pip install "pathgrad[{library}]"'
        raise ImportError(message) from None
