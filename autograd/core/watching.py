"""Watchers, which are told which nodes a function makes, reads, writes and compares.

The compiler records functions with one, and the gradient check finds the lines of the user's code.  Each thread has at
most one watcher.  Without any, a node finds the dicts :data:`watchers` and :data:`listeners` empty and goes on.
"""

from __future__ import annotations

from threading import get_ident
from typing import Any

__all__ = [
    "Watcher",
    "asked_to_compare",
    "current",
    "listeners",
    "tell_made",
    "tell_read",
    "tell_write",
    "watch",
    "watchers",
]


class Watcher:
    """A watcher that ignores everything; subclasses override the methods that they need."""

    only_form = False
    """Whether only the shape of the computation matters, not its numbers; domain errors then become nan."""

    def made(self, node: Any) -> None:
        """A node has been computed."""

    def read(self, value: Any, how: str) -> None:
        """A number is about to be read."""

    def write(self, value: Any, what: str) -> None:
        """An attribute is about to be assigned."""

    def compare(self, relation: str, x: Any, y: Any) -> Any:
        """Two numbers are about to be compared; ``relation`` is NumPy's name of the comparison.

        Returns the result of the comparison, or ``NotImplemented`` to compare the numbers as usual.
        """
        return NotImplemented


watchers: dict[int, Watcher] = {}
"""The watcher of each thread that has one, by the identifier of the thread."""

listeners: dict[object, None] = {}
"""Whatever must know of new nodes: the watchers, by thread, and the open blocks of ``no_grad()`` of all threads."""


def watch(watcher: Watcher | None) -> Watcher | None:
    """Set the watcher of this thread, or remove it with ``None``; returns the one before."""
    thread = get_ident()
    before: Watcher | None = watchers.pop(thread, None)
    listeners.pop(thread, None)
    if watcher is not None:
        watchers[thread] = watcher
        listeners[thread] = None
    return before


def current() -> Watcher | None:
    """The watcher of this thread."""
    return watchers.get(get_ident()) if watchers else None


def tell_made(node: Any) -> None:
    """Tell the watcher, if there is one, that a node has been computed."""
    if watchers and (watcher := current()) is not None:
        watcher.made(node)


def asked_to_compare(relation: str, x: Any, y: Any) -> Any:
    """The watcher's result of a comparison, or ``NotImplemented``."""
    watcher = current()
    return NotImplemented if watcher is None else watcher.compare(relation, x, y)


def tell_read(value: Any, how: str) -> None:
    """Tell the watcher, if there is one, that a number is about to be read."""
    if (watcher := current()) is not None:
        watcher.read(value, how)


def tell_write(value: Any, what: str) -> None:
    """Tell the watcher, if there is one, that an attribute is about to be assigned."""
    if (watcher := current()) is not None:
        watcher.write(value, what)
