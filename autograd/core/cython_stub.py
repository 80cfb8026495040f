"""What stands in for ``cython`` where it is not installed: decorators that do nothing, and Python's types."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

compiled = False

bint: TypeAlias = bool
double: TypeAlias = float
int: TypeAlias = builtins.int
Py_ssize_t: TypeAlias = builtins.int
Py_hash_t: TypeAlias = builtins.int
p_double: TypeAlias = list[float]
p_void: TypeAlias = object
void: TypeAlias = None


def _as_it_is(thing: T) -> T:
    return thing


ccall = cclass = cfunc = final = inline = no_gc = _as_it_is


def annotation_typing(use: bool) -> Callable[[T], T]:
    """Whether C takes the annotations of a function for the types of its variables."""
    return _as_it_is


def boundscheck(check: bool) -> Callable[[T], T]:
    """Whether C is to look if an index is in range."""
    return _as_it_is


def wraparound(wrap: bool) -> Callable[[T], T]:
    """Whether in C negative indices count from the end."""
    return _as_it_is


def exceptval(check: bool) -> Callable[[T], T]:
    """Whether callers are to look if a function of C has raised."""
    return _as_it_is


def declare(kind: object, value: T) -> T:
    """The value itself; compiled, a variable of this kind of C."""
    return value


def cast(kind: object, value: Any) -> Any:
    """The value itself; compiled, its bits taken for this kind of C."""
    return value
