"""Rows of a table in pickles: by name, together with the modules that declare them.

A process that reads such a pickle imports these modules first.  A row that no import declares is packed whole, by
cloudpickle, if that is installed: one of ``__main__``, which another process cannot import, and one that is declared
when a function is called.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from importlib import import_module
from types import FrameType, FunctionType
from typing import Any, Protocol, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary, WeakSet

__all__ = ["declared_by_import", "modules_of", "received", "reduced"]


class Row(Protocol):
    """A row of a table."""

    name: str
    by_import: bool

    @property
    def functions(self) -> Sequence[Any]:
        """The functions in which it is written."""


R = TypeVar("R", bound=Row)

_MAIN = {"__main__", "__mp_main__"}  # the second is what multiprocessing calls the first in its workers

_tokens: WeakKeyDictionary[Row, str] = WeakKeyDictionary()  # of the rows that were packed or unpacked whole
_arrived: WeakSet[Row] = WeakSet()  # the rows that were unpacked here
_packing: ContextVar[frozenset[str]] = ContextVar("_packing", default=frozenset())


def modules_of(functions: Iterable[Any]) -> list[str]:
    """The modules in which functions are written."""
    return sorted({str(getattr(function, "__module__", None)) for function in functions} - {"None"})


def declared_by_import(functions: Iterable[Any]) -> bool:
    """Whether a row of these functions is declared while their module runs, and so by each process that imports it."""
    modules = {*modules_of(functions)} - _MAIN
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") in modules:
            return True
        frame = frame.f_back
    return False


def reduced(read: Callable[..., Any], row: Row) -> tuple[Any, ...]:
    """What ``__reduce__`` returns for a row; ``read`` is called with what :func:`received` takes after the table."""
    return read, (row.name, modules_of(row.functions), None if row.by_import else _whole(row))


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
    for module in modules:
        if name in table:
            break
        if module not in _MAIN and module not in sys.modules:
            with suppress(ImportError):
                import_module(module)
    return table.get(name) if whole is None else _unpacked(kind, table, name, *whole)


def _unpacked(kind: type[R], table: dict[str, R], name: str, token: str, content: bytes) -> R:
    """The row that was packed, unless this process has it already or declares it itself."""
    known = table.get(name)
    if known is not None and _tokens.get(known) == token:
        return known
    row = kind.__new__(kind)
    if known is None or known in _arrived:
        table[name] = row  # before its attributes, whose functions may call it
    try:
        vars(row).update(pickle.loads(content))
    except BaseException:
        if known is not None:
            table[name] = known
        else:
            del table[name]
        raise
    if table[name] is row:
        _tokens[row] = token
        _arrived.add(row)
        return row
    if not _all_alike(row.functions, table[name].functions):
        raise ValueError(f"the pickle has another {name!r} than the one that is declared here: rename one of them")
    return table[name]


def _all_alike(some: Iterable[Any], others: Iterable[Any]) -> bool:
    """Whether these functions have the same code and hold the same: so they compute the same."""
    some, others = list(some), list(others)
    return len(some) == len(others) and all(map(_alike, some, others))


def _alike(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, FunctionType) and isinstance(other, FunctionType):
        return one.__code__ == other.__code__ and _all_alike(_held(one), _held(other))
    return bool(_cloudpickle().dumps(one) == _cloudpickle().dumps(other))


def _held(function: FunctionType) -> Iterator[Any]:
    """What a function holds besides its code."""
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # it is still empty
            yield cell.cell_contents
