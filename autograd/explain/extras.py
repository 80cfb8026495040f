"""The only place that decides whether formulas can be written: SymPy is an extra, and may not be installed."""

from __future__ import annotations

from types import ModuleType

__all__ = ["symbolic", "symbolic_or_none"]


def symbolic() -> ModuleType:
    """The module that writes formulas with SymPy.

    Raises:
        ImportError: without SymPy; the message says what to install.
    """
    import autograd.dialects.symbolic as module

    return module


def symbolic_or_none() -> ModuleType | None:
    """The module that writes formulas; ``None`` without SymPy."""
    try:
        return symbolic()
    except ImportError:
        return None
