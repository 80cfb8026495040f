"""Scopes: which nodes a running transform has given to a function, and what happens when one leaves the graph.

``grad``, ``jvp``, ``compile`` and the checks call a function with leaves of their own.  While it runs, the
*scope* of these leaves is open.  To read a number that depends on them with ``float(x)``, as ``math.sin(x)`` and
``array[i] = x`` do, would drop its derivative silently: that raises :class:`~autograd.core.errors.GraphLeftError`.
So does a partial derivative that reads its operands while a sweep is recorded.

A scope also knows the leaves that were made while it was open: constants of the function, not nodes that it captured.
Entering a scope costs time, making a node does not.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextvars import ContextVar
from functools import cached_property
from types import TracebackType
from typing import Any

import numpy as np

from autograd.core.blocks import Block
from autograd.core.errors import GraphLeftError, GraphLeftWarning, hidden, stack_level, user_line
from autograd.core.grad_mode import enable_grad, grad_enabled
from autograd.core.liveness import unmasked
from autograd.core.sweep import Node, adjoints, is_node, receive, topological_order

__all__ = [
    "Scope",
    "enter_scope",
    "is_argument",
    "leave_graph",
    "note_leaf",
    "open_scopes",
    "recorded_backward",
    "stay",
    "ways_to_stay",
]

__tracebackhide__ = hidden


class Scope:
    """The leaves that one call of a function was given, and those that it made itself.

    Attributes:
        made: the ids of the leaves that were made while the scope was open.
    """

    def __init__(self, leaves: Iterable[Node]) -> None:
        self._given = leaves
        self.made: set[int] = set()

    @cached_property
    def leaves(self) -> frozenset[Node]:
        """The leaves that stand for the arguments; they are collected when they are first asked for."""
        return frozenset(self._given)

    def captured(self, order: Iterable[Node]) -> list[Node]:
        """The leaves among the nodes of a topological order that the function found outside."""
        return [x for x in order if x.op is None and x not in self.leaves and id(x) not in self.made]


open_scopes: dict[Scope, None] = {}
"""The open scopes of all threads; a new leaf looks further only if there are any."""

_scopes: ContextVar[tuple[Scope, ...]] = ContextVar("scopes", default=())
"""The open scopes of this thread or task, outermost first."""


class _Opening(Block[Scope]):
    """Holds a scope open inside of ``with``."""

    _here, _everywhere = _scopes, open_scopes

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._scope = scope

    def _entry(self) -> Scope:
        return self._scope

    def __exit__(self, kind: Any, error: BaseException | None, traceback: TracebackType | None) -> None:
        super().__exit__()
        if isinstance(error, ValueError) and isinstance(error.__cause__, GraphLeftError):
            raise error.__cause__.with_traceback(traceback) from None  # NumPy hid it when it wrote a Tensor to an array


def enter_scope(leaves: Iterable[Node]) -> _Opening:
    """The scope of these leaves, for a ``with`` statement around the call that they are given to."""
    return _Opening(Scope(leaves))


def note_leaf(leaf: Node) -> None:
    """Tell the open scopes of this thread that a leaf was made."""
    for scope in _scopes.get():
        scope.made.add(id(leaf))


def is_argument(node: Node) -> bool:
    """Whether a node stands for an argument of a running transform, also of another thread."""
    return any(node in scope.leaves for scope in tuple(open_scopes))


def stay(node: Node, how: str) -> None:
    """Refuse to let a number out of the graph if it depends on the arguments of a running transform.

    Inside of ``no_grad()``, nothing is refused: there the caller wants constants.

    Args:
        node: what is read.
        how: how, as in ``"float()"``.

    Raises:
        GraphLeftError: if it depends on them.
    """
    if open_scopes and grad_enabled.get() and any(map(is_argument, topological_order(node, stop=is_argument))):
        raise GraphLeftError(ways_to_stay(how) + user_line())


def leave_graph(node: Node, how: str) -> None:
    """Refuse as :func:`stay` does, and otherwise give a :class:`GraphLeftWarning` for a node that was computed."""
    stay(node, how)
    if node.op is not None and grad_enabled.get():
        warnings.warn(ways_to_stay(how), GraphLeftWarning, stacklevel=stack_level())


def ways_to_stay(how: str) -> str:
    """What is wrong if a number leaves the graph in this way, and what to do instead."""
    return (
        f"{how} takes a number out of the graph, so its derivative would be lost: use autograd.sin or np.sin in place "
        "of math.sin, and autograd.stack in place of writing into an array.  To read the number on purpose, use "
        "x.item(); to print it, an f-string; to test it, np.isnan"
    )


def recorded_backward(output: Node, seed: Any) -> None:
    """The sweep of ``backward(create_graph=True)``: it is recorded, also inside of ``no_grad()``.

    Every leaf then has a gradient that can be differentiated, also one that nothing has reached.
    """
    leaves = [x for x in topological_order(output) if x.op is None]
    with enable_grad(), enter_scope([unmasked(seed)[0], *leaves]):
        found = adjoints(topological_order(output), seed)
        for leaf in leaves:
            if found[leaf] is None and not is_node(leaf.grad):
                kind: Any = type(leaf)
                found[leaf] = kind(np.zeros(getattr(leaf, "shape", ()), getattr(leaf, "dtype", float))[()])
        receive(reversed(found.items()))
