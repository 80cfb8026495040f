"""Labels for many nodes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from autograd.core.sweep import is_node

__all__ = ["label", "labelled"]


def label(names: Mapping[str, Any] | None = None, /, **more: Any) -> None:
    """Label nodes by the names of variables, so that :func:`paths` and pictures show them.

    Args:
        names: nodes by name, such as ``locals()`` or ``globals()``; whatever is not a node, and names that begin with
            an underscore, are ignored.  A node with several names takes the first, and one that has a label keeps it.
        more: nodes by name, as keywords; these replace labels.

    Raises:
        TypeError: if a keyword names something that is not a node.

    >>> from autograd import Value, exp, paths
    >>> w = Value(0.0)
    >>> v = exp(w)
    >>> y = v**2 + w
    >>> label(w=w, v=v, y=y)
    >>> print(*paths(y, w), sep=", ")
    w → v → y, w → y
    """
    for name, node in more.items():
        if not is_node(node):
            raise TypeError(f"label takes nodes: {name} is of type {type(node).__name__}")
    for name, node in _unlabelled(names):
        node.label = name
    for name, node in more.items():
        node.label = name


@contextmanager
def labelled(names: Mapping[str, Any] | None) -> Iterator[None]:
    """In this block, nodes without a label have the names of variables, as :func:`label` gives them."""
    found = []
    try:
        for name, node in _unlabelled(names):
            node.label = name
            found.append(node)
        yield
    finally:
        for node in found:
            node.label = None


def _unlabelled(names: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    """The variables that are nodes without a label, each once."""
    for name, node in list((names or {}).items()):
        if is_node(node) and not getattr(node, "label", True) and not name.startswith("_"):  # nor a class of nodes
            yield name, node
