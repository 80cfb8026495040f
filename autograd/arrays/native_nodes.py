"""Whether array nodes run in C, and the C code itself, ``native/nodes.c``.

The C code records operations and sweeps graphs of Tensors, with kernels that are generated from the table.  It does
what :mod:`autograd.arrays.tensor` and :mod:`autograd.core.sweep` do, for the usual cases only, and calls them for all
others: while a watcher or ``no_grad()`` is active, for nodes of other kinds, and where nan calls for masks.  Where it
has not been compiled, they do everything.
"""

from __future__ import annotations

from typing import Any

from autograd.core import config

__all__ = ["is_compiled", "nodes"]

nodes: Any
"""The module written in C; ``None`` where it has not been compiled."""

try:
    from autograd.arrays import _nodes as nodes
except ImportError:
    nodes = None


def is_compiled() -> bool:
    """Whether the C code has been compiled here."""
    return nodes is not None


def _vectors() -> str:
    """Where functions of vectors come from, for :func:`autograd.show_config`."""
    if not is_compiled():
        return config.state_of(False)
    names = {235: "libmvec", 222: "libmvec of glibc before 2.35, without tanh", 0: "no: the C library lacks them"}
    return names[nodes.VECTORS]


config.PARTS["compiled arrays"] = lambda: config.state_of(is_compiled())
config.PARTS["vector functions"] = _vectors
