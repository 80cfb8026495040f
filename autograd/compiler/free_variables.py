"""The free variables of a function: the global names and the variables of enclosing functions that it reads."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from operator import is_
from types import CodeType
from typing import Any

import numpy as np

__all__ = ["FreeVariables"]

_COMPARED_BY_VALUE = (int, float, str, np.number, type(None))


class FreeVariables:
    """The free variables of a function; a function that is written in C has none.

    Args:
        function: the function.  Global names count if they are defined when this object is created.

    >>> shift = 1.0
    >>> def f(x):
    ...     return x + shift
    >>> FreeVariables(f).key()
    ('1.0',)
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        code = getattr(function, "__code__", None)
        self._globals: dict[str, Any] = getattr(function, "__globals__", {})
        self._names = sorted(name for name in _names_in(code) if name in self._globals) if code else []
        self._cells: Sequence[Any] = getattr(function, "__closure__", None) or ()
        self._latest: tuple[list[Any], tuple[Hashable, ...]] = [], ()  # the contents, and the key that they gave

    def key(self) -> tuple[Hashable, ...]:
        """Equal as long as all free variables are equal numbers, equal texts or identical objects."""
        contents = [self._globals.get(name) for name in self._names] + [_content(cell) for cell in self._cells]
        before, key = self._latest
        if len(before) != len(contents) or not all(map(is_, before, contents)):
            key = tuple([repr(x) if isinstance(x, _COMPARED_BY_VALUE) else _Identity(x) for x in contents])
            self._latest = contents, key
        return key


def _names_in(code: CodeType) -> set[str]:
    """The names in a code object and in the functions and comprehensions inside it."""
    return {*code.co_names}.union(*[_names_in(part) for part in code.co_consts if isinstance(part, CodeType)])


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing has been assigned to the variable yet
        return None


class _Identity:
    """Compares an object by identity, whatever its own ``__eq__`` says."""

    def __init__(self, it: Any) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.it is other.it

    def __hash__(self) -> int:
        return id(self.it)
