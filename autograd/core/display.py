"""Methods by which a node of any kind shows itself; the packages above the core implement them."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from autograd.core.hooks import hooks
from autograd.core.sweep import Node

__all__ = ["mimebundle", "render", "tree"]


def tree(self: Node, **options: Any) -> str:
    """The graph as text for the terminal; see :func:`autograd.tree`."""
    return hooks.tree(self, **options)


def render(self: Node, file: str | PathLike[str], **options: Any) -> Path:
    """Draw the graph into a ``.png``, ``.svg``, ``.pdf`` or ``.dot`` file; see :func:`autograd.render`."""
    return hooks.render(self, file, **options)


def mimebundle(
    self: Node, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> dict[str, str]:
    """The MIME bundle for a notebook; see :func:`autograd.pictures.draw.mimebundle`."""
    return hooks.mimebundle(self, include, exclude)
