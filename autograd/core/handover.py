"""Changes that belong together: all of them are made, or none.

Ctrl-C raises ``KeyboardInterrupt`` between two instructions of Python, but never inside of a function that is written
in C.  So whatever must not be left half done is computed first, and then stored by :func:`hand_over`: one call of C,
which runs iterators of C until they are exhausted.  This also holds in threads other than the main one, for which
signal handlers are of no use, and for an exception that a debugger or a trace function raises.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from threading import RLock
from typing import Any

__all__ = ["accumulating", "alone", "hand_over", "setting"]

accumulating = RLock()
"""Held from when the gradients of leaves are read until their sums are stored, so that no other thread's are lost."""


def alone(action: Callable[[], object]) -> None:
    """Run an action while this thread holds :data:`accumulating`, which an interrupt at any moment releases.

    A ``with`` statement would not do: an interrupt just before it leaves the block would leave the lock held.
    """
    try:
        try:
            accumulating.acquire()
            action()
        finally:
            if accumulating._is_owned():  # type: ignore[attr-defined]
                accumulating.release()
    finally:  # if the interrupt came before the lock was released
        if accumulating._is_owned():  # type: ignore[attr-defined]
            accumulating.release()


def hand_over(*changes: Iterable[object]) -> None:
    """Make changes that no interrupt splits.

    Args:
        changes: iterators that make a change each time that they are advanced, such as those of :func:`setting`.  They
            must be functions of C, over functions of C: :class:`map` over :func:`setattr`, ``dict.update`` and the
            like, with arguments that have been computed already.
    """
    deque(chain.from_iterable(changes), maxlen=0)


def setting(things: Iterable[Any], name: str, values: Iterable[Any]) -> Iterator[None]:
    """Set an attribute of each thing to a value of its own, for :func:`hand_over`.

    The attribute must be stored without running Python: a slot, an entry of the instance's dict, or a property in C.

    >>> from types import SimpleNamespace
    >>> a, b = SimpleNamespace(), SimpleNamespace()
    >>> hand_over(setting([a, b], "x", [1, 2]))
    >>> a.x, b.x
    (1, 2)
    """
    return map(setattr, things, repeat(name), values)
