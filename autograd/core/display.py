"""How a node of any kind shows itself: methods that both kinds have, for what a higher package provides."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from autograd.core.hooks import hooks

__all__ = ["mimebundle", "render", "tree"]


def tree(self: Any, **options: Any) -> str:
    """The graph as text for the terminal; see :func:`autograd.tree`."""
    return hooks.tree(self, **options)


def render(self: Any, file: str | PathLike[str], **options: Any) -> Path:
    """Draw the graph into a ``.png``, ``.svg``, ``.pdf`` or ``.dot`` file; see :func:`autograd.render`."""
    return hooks.render(self, file, **options)


def mimebundle(self: Any, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    """What a notebook shows; see :func:`autograd.pictures.draw.mimebundle`."""
    return hooks.mimebundle(self, include, exclude)
