"""PyTorch's name ``dim`` for the argument ``axis`` of methods."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["dimension", "refuse_dimension"]


def dimension(dim: Any, axis: Any, default: Any) -> Any:
    """The axis that ``dim`` gives.

    Args:
        dim: an axis, or a list or tuple of them.
        axis: what was given as ``axis``.
        default: the default of ``axis``.

    Raises:
        TypeError: if an axis was given under both names.
    """
    if axis != default:
        raise TypeError(f"axis and dim are names for the same argument, but both are given: {axis} and {dim}")
    return tuple(dim) if isinstance(dim, list) else dim


def refuse_dimension(name: str) -> NoReturn:
    """Raise ``TypeError`` for ``dim`` of ``max`` and ``min``, which return the indices as well in PyTorch."""
    raise TypeError(
        f"{name}(dim=...) returns values and indices in PyTorch, and values alone here: write t.{name}(axis=1) for the "
        f"values and t.arg{name}(axis=1) for the indices"
    )
