"""The doors from a node of any kind to the rooms above: methods that import what they need when they are called."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

__all__ = ["mimebundle", "render", "tree"]


def tree(self: Any, **options: Any) -> str:
    """The graph as text for the terminal; see :func:`autograd.tree`."""
    from autograd.pictures.draw import tree

    return tree(self, **options)


def render(self: Any, file: str | PathLike[str], **options: Any) -> Path:
    """Draw the graph into a ``.png``, ``.svg``, ``.pdf`` or ``.dot`` file; see :func:`autograd.render`."""
    from autograd.pictures.draw import render

    return render(self, file, **options)


def mimebundle(self: Any, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    """What a notebook shows; see :func:`autograd.pictures.draw.mimebundle`."""
    from autograd.pictures.draw import mimebundle

    return mimebundle(self, include, exclude)
