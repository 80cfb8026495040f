"""A replacement for the module ``cython`` where it is not installed.

Its decorators do nothing and its C types are Python's, so what is compiled elsewhere runs as plain Python.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, MutableSequence
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

compiled = False

bint: TypeAlias = bool
double: TypeAlias = float
int: TypeAlias = builtins.int
Py_ssize_t: TypeAlias = builtins.int
Py_hash_t: TypeAlias = builtins.int
longlong: TypeAlias = builtins.int
size_t: TypeAlias = builtins.int
p_double: TypeAlias = MutableSequence[float]
p_int: TypeAlias = MutableSequence[builtins.int]
p_longlong: TypeAlias = MutableSequence[builtins.int]
p_char: TypeAlias = MutableSequence[builtins.int]
p_void: TypeAlias = object
void: TypeAlias = None


def _unchanged(decorated: T) -> T:
    return decorated


ccall = cclass = cfunc = final = inline = no_gc = _unchanged


def annotation_typing(use: bool) -> Callable[[T], T]:
    """Compiled: whether the annotations of a function are the C types of its variables."""
    return _unchanged


def boundscheck(check: bool) -> Callable[[T], T]:
    """Compiled: whether indices are checked against the length."""
    return _unchanged


def wraparound(wrap: bool) -> Callable[[T], T]:
    """Compiled: whether negative indices count from the end."""
    return _unchanged


def exceptval(check: bool) -> Callable[[T], T]:
    """Compiled: whether a caller checks if the C function has raised an error."""
    return _unchanged


def declare(kind: object, value: T) -> T:
    """The value; compiled: a C variable of this type that holds it."""
    return value


def cast(kind: object, value: Any) -> Any:
    """The value; compiled: the same bits as this C type."""
    return value
