"""Rows of a table in pickles: by name, together with the modules that declare them.

A process that reads such a pickle imports these modules first.  It cannot import the ``__main__`` of another process,
so a row that is declared there is packed whole, by cloudpickle, if that is installed.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from importlib import import_module
from typing import Any, Protocol, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

__all__ = ["modules_of", "received", "reduced"]


class Row(Protocol):
    """A row of a table."""

    name: str

    @property
    def modules(self) -> list[str]:
        """The modules in which its functions are written."""


R = TypeVar("R", bound=Row)

_MAIN = {"__main__", "__mp_main__"}  # the second is what multiprocessing calls the first in its workers

_tokens: WeakKeyDictionary[Row, str] = WeakKeyDictionary()  # of the rows that were packed whole
_arrived: dict[tuple[type, str], str] = {}  # the token of each row that was unpacked here
_packing: ContextVar[frozenset[str]] = ContextVar("_packing", default=frozenset())


def modules_of(functions: Iterable[Any]) -> list[str]:
    """The modules in which functions are written."""
    return sorted({str(getattr(function, "__module__", None)) for function in functions} - {"None"})


def reduced(read: Callable[..., Any], row: Row) -> tuple[Any, ...]:
    """What ``__reduce__`` returns for a row; ``read`` is called with what :func:`received` takes after the table."""
    return read, (row.name, row.modules, _whole(row) if _MAIN.intersection(row.modules) else None)


def _whole(row: Row) -> tuple[str, bytes] | None:
    """A token of the row, and its attributes as bytes; ``None`` without cloudpickle, or within the row itself."""
    cloudpickle = _cloudpickle()
    if cloudpickle is None or row.name in _packing.get():
        return None
    token = _tokens.setdefault(row, uuid4().hex)
    outer = _packing.set(_packing.get() | {row.name})
    try:
        return token, cloudpickle.dumps(vars(row))
    finally:
        _packing.reset(outer)


def _cloudpickle() -> Any:
    """The module cloudpickle, or joblib's copy of it; ``None`` if neither is installed."""
    for name in ("cloudpickle", "joblib.externals.cloudpickle"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def received(kind: type[R], table: dict[str, R], name: str, modules: Sequence[str] = (), whole: Any = None) -> R | None:
    """The row of that name from a pickle; ``None`` if no module declares it, and it was not packed."""
    if whole is not None:
        return _unpacked(kind, table, name, *whole)
    for module in modules:
        if name in table:
            break
        if module not in _MAIN and module not in sys.modules:
            try:
                import_module(module)
            except ImportError:
                continue
    return table.get(name)


def _unpacked(kind: type[R], table: dict[str, R], name: str, token: str, content: bytes) -> R:
    """The row that was packed, unless this process has it already or declares it itself."""
    known, before = table.get(name), _arrived.get((kind, name))
    if known is not None and before == token:
        return known
    if known is not None and before is None:
        if _MAIN.isdisjoint(known.modules):
            raise ValueError(f"the pickle has another {name!r} than the one that is declared here: rename one of them")
        return known
    row = kind.__new__(kind)
    table[name] = row  # before its attributes, whose functions may call it
    try:
        vars(row).update(pickle.loads(content))
    except BaseException:
        del table[name]
        raise
    _arrived[kind, name] = token
    return row
