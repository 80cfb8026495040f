"""Blocks of ``with``, each of which holds something open in its thread: a scope, or whether nodes are recorded."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Generic, TypeVar

__all__ = ["Block"]

E = TypeVar("E")


class Block(Generic[E]):
    """Holds an entry open inside of ``with``, in this thread or task.  Subclasses say which, and where it is listed.

    A block may be entered again while it is open, also by another thread, and opens a new entry each time; entries
    may be closed in any order.  An interrupt can come just before the end of a ``with`` statement.  Since only the
    caller holds the block, it is freed then, and closes what it left open.
    """

    _here: ContextVar[tuple[E, ...]]
    """The open entries of this thread or task, innermost last."""

    _everywhere: dict[Any, None]
    """The open entries of all threads: a node looks further only if there are any."""

    def __init__(self) -> None:
        self._own: list[E] = []

    def _entry(self) -> E:
        """What this block holds open."""
        raise NotImplementedError

    def _changed(self) -> None:
        """Entries of this thread were opened or closed."""

    def __enter__(self) -> E:
        entry = self._entry()
        self._own.append(entry)  # first, for from here on it has to be closed
        self._everywhere[entry] = None
        self._here.set((*self._here.get(), entry))
        self._changed()
        return entry

    def __exit__(self, *error: Any) -> None:
        here = [entry for entry in self._here.get() if entry in self._own]  # not those of other threads
        self._close((here or self._own)[-1])

    def __del__(self) -> None:
        while own := getattr(self, "_own", None):  # an interrupt may have come before it was set
            self._close(own[-1])

    def _close(self, entry: E) -> None:
        self._here.set(tuple([other for other in self._here.get() if other is not entry]))
        self._changed()
        self._everywhere.pop(entry, None)
        self._own.remove(entry)
