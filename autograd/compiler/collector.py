"""The collector of cyclic garbage, paused while a function is recorded and lowered.

Expressions and assignments are many and live long, and the collector would look at all of them again and again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["paused"]

_lock = Lock()
_open = 0  # blocks of all threads
_was_enabled = False


@contextmanager
def paused() -> Iterator[None]:
    """Pause the collector inside; blocks may be nested, and open in several threads."""
    global _open, _was_enabled
    with _lock:
        if _open == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _open += 1
    try:
        yield
    finally:
        with _lock:
            _open -= 1
            if _open == 0 and _was_enabled:
                gc.enable()
