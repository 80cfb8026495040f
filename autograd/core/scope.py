"""Scopes: which nodes a running transform has given to a function, and what happens when one leaves the graph.

``grad``, ``jvp``, ``compile`` and the checks call a function with leaves of their own.  While it runs, the
*scope* of these leaves is open.  To read a number that depends on them with ``float(x)``, as ``math.sin(x)`` and
``array[i] = x`` do, would drop its derivative silently: that raises :class:`~autograd.core.errors.GraphLeftError`.

A scope also knows the leaves that were made while it was open: constants of the function, not nodes that it captured.
Entering a scope costs time, making a node does not.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from autograd.core.errors import GraphLeftError, GraphLeftWarning, stack_level, user_line
from autograd.core.sweep import Node, topological_order

__all__ = ["Scope", "enter_scope", "in_scope", "leave_graph", "note_leaf", "open_scopes", "ways_to_stay"]


class Scope:
    """The leaves that one call of a function was given, and those that it made itself.

    Attributes:
        leaves: the leaves that stand for the arguments.
        made: the ids of the leaves that were made while the scope was open.
    """

    def __init__(self, leaves: Iterable[Node]) -> None:
        self.leaves = frozenset(leaves)
        self.made: set[int] = set()

    def captured(self, *outputs: Node) -> list[Node]:
        """The leaves that the outputs depend on and that the function found outside."""
        order = topological_order(*outputs, stop=self.leaves.__contains__)
        return [x for x in order if not x.parents and x not in self.leaves and id(x) not in self.made]


_scopes: ContextVar[tuple[Scope, ...]] = ContextVar("scopes", default=())
"""The open scopes of this thread or task, outermost first."""

open_scopes: dict[Scope, None] = {}
"""The open scopes of all threads; a new leaf looks further only if there are any."""


@contextmanager
def enter_scope(leaves: Iterable[Node]) -> Iterator[Scope]:
    """Run what is inside in the scope of these leaves."""
    scope = Scope(leaves)
    token = _scopes.set((*_scopes.get(), scope))
    open_scopes[scope] = None
    try:
        yield scope
    finally:
        del open_scopes[scope]
        _scopes.reset(token)


def in_scope() -> bool:
    """Whether a transform runs in this thread or task."""
    return bool(_scopes.get())


def note_leaf(leaf: Node) -> None:
    """Tell the open scopes of this thread that a leaf was made."""
    for scope in _scopes.get():
        scope.made.add(id(leaf))


def leave_graph(node: Node, how: str) -> None:
    """Say that a number is read that remembers how it was computed, by ``float(x)`` for example.

    Args:
        node: what is read.
        how: how, as in ``"float()"``.

    Raises:
        GraphLeftError: if the node depends on the arguments of a running transform.  Otherwise a node that was
            computed gives a :class:`GraphLeftWarning`.
    """
    leaves = {leaf for scope in _scopes.get() for leaf in scope.leaves}
    if leaves and not leaves.isdisjoint(topological_order(node, stop=leaves.__contains__)):
        raise GraphLeftError(ways_to_stay(how) + user_line())
    if node.op is not None:
        warnings.warn(ways_to_stay(how), GraphLeftWarning, stacklevel=stack_level())


def ways_to_stay(how: str) -> str:
    """What is wrong if a number leaves the graph in this way, and what to do instead."""
    return (
        f"{how} leaves the graph, so derivatives would be lost: use autograd.sin or np.sin in place of math.sin, "
        "autograd.stack to fill an array, and x.item() to read the number on purpose (f-strings print it, np.isnan "
        "tests it)"
    )
