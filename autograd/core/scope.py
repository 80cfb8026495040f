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
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from autograd.core.errors import GraphLeftError, GraphLeftWarning, stack_level, user_line
from autograd.core.grad_mode import enable_grad, grad_enabled
from autograd.core.sweep import Node, backward, topological_order

__all__ = [
    "Scope",
    "enter_scope",
    "in_scope",
    "leave_graph",
    "note_leaf",
    "open_scopes",
    "recorded_backward",
    "ways_to_stay",
]


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
    except ValueError as error:
        if isinstance(error.__cause__, GraphLeftError):  # NumPy hides it while it writes a Tensor into an array
            raise error.__cause__.with_traceback(error.__traceback__) from None
        raise
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

    Inside of ``no_grad()``, nothing is said: there the caller wants constants.

    Args:
        node: what is read.
        how: how, as in ``"float()"``.

    Raises:
        GraphLeftError: if the node depends on the arguments of a running transform, also of another thread, which may
            have handed it over.  Otherwise a node that was computed gives a :class:`GraphLeftWarning`.
    """
    if not grad_enabled.get():
        return
    scopes = tuple(open_scopes)

    def is_argument(x: Node) -> bool:
        return any(x in scope.leaves for scope in scopes)

    if scopes and any(map(is_argument, topological_order(node, stop=is_argument))):
        raise GraphLeftError(ways_to_stay(how) + user_line())
    if node.op is not None:
        warnings.warn(ways_to_stay(how), GraphLeftWarning, stacklevel=stack_level())


def ways_to_stay(how: str) -> str:
    """What is wrong if a number leaves the graph in this way, and what to do instead."""
    return (
        f"{how} takes a number out of the graph, so its derivative would be lost: use autograd.sin or np.sin in place "
        "of math.sin, and autograd.stack in place of writing into an array.  To read the number on purpose, use "
        "x.item(); to print it, an f-string; to test it, np.isnan"
    )


def recorded_backward(output: Node, seed: Node) -> None:
    """The sweep of ``backward(create_graph=True)``: it is recorded, also inside of ``no_grad()``."""

    def leaves() -> Iterator[Node]:
        yield seed
        yield from (x for x in topological_order(output) if not x.parents)

    with enable_grad(), enter_scope(leaves()):
        backward(output, seed)
