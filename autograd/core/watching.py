"""Observers of what a function does with nodes: which ones it makes, reads, writes and compares.

Recording a function, and finding the edge at fault in a gradient check, need to know.  Each thread has one observer at
most.  Without any, a node looks at the empty dict :data:`watchers` and goes on.
"""

from __future__ import annotations

from threading import get_ident
from typing import Any

__all__ = ["Watcher", "asked_to_compare", "current", "tell_made", "tell_read", "tell_write", "watch", "watchers"]


class Watcher:
    """An observer; each method is a question that by itself changes nothing."""

    only_form = False
    """Whether only the shape of the computation matters, not its numbers: what Python refuses then becomes nan."""

    def made(self, node: Any) -> None:
        """A node has been computed, a Value or a Tensor."""

    def read(self, value: Any, how: str) -> None:
        """A number is about to be read."""

    def write(self, value: Any, what: str) -> None:
        """An attribute is about to be assigned."""

    def compare(self, relation: str, x: Any, y: Any) -> Any:
        """Two numbers are about to be compared; ``relation`` has NumPy's name.

        Returns what the comparison gives; ``NotImplemented`` to compare the numbers as usual.
        """
        return NotImplemented


watchers: dict[int, Watcher] = {}
"""The observer of each thread that has one."""


def watch(watcher: Watcher | None) -> Watcher | None:
    """Let an observer be asked in this thread, in place of the one before, which is returned; ``None`` for none."""
    before: Watcher | None = watchers.pop(get_ident(), None)
    if watcher is not None:
        watchers[get_ident()] = watcher
    return before


def current() -> Watcher | None:
    """The observer of this thread."""
    return watchers.get(get_ident()) if watchers else None


def tell_made(node: Any) -> None:
    """Tell the observer, if there is one, of a node that has been computed."""
    if watchers and (watcher := current()) is not None:
        watcher.made(node)


def asked_to_compare(relation: str, x: Any, y: Any) -> Any:
    """What the observer, if there is one, says of a comparison; else ``NotImplemented``."""
    watcher = current()
    return NotImplemented if watcher is None else watcher.compare(relation, x, y)


def tell_read(value: Any, how: str) -> None:
    """Tell the observer, if there is one, that a number is about to be read."""
    if (watcher := current()) is not None:
        watcher.read(value, how)


def tell_write(value: Any, what: str) -> None:
    """Tell the observer, if there is one, that an attribute is about to be assigned."""
    if (watcher := current()) is not None:
        watcher.write(value, what)
