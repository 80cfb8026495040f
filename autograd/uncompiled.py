"""What stands in for the module ``cython`` where that is not installed: decorators that do nothing, Python's types."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")

compiled = False
bint = bool
double = float
int = Py_ssize_t = int
p_double = list[float]


def _as_it_is(thing: T) -> T:
    return thing


cclass = cfunc = final = inline = no_gc = _as_it_is


def declare(kind: object, value: T) -> T:
    """The value itself; compiled, a variable of this kind of C."""
    return value
