"""Structures: nested lists, tuples and dicts, as arguments of functions that are to be differentiated.

Whatever stands in a structure and is none of these three is an *entry*: a number, an array, a node.  A list of entries
and the structure that they came from make the structure anew, which is how a gradient gets the shape of its argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["entries", "rebuild"]


def entries(structure: Any) -> Iterator[Any]:
    """The entries of nested lists, tuples and dicts, in order.

    >>> list(entries({"w": [1.0, 2.0], "b": (3.0,)}))
    [1.0, 2.0, 3.0]
    """
    if isinstance(structure, Mapping):
        structure = structure.values()
    elif not isinstance(structure, (list, tuple)):
        yield structure
        return
    for part in structure:
        yield from entries(part)


def rebuild(structure: Any, fresh: Iterable[Any]) -> Any:
    """The same structure with other entries, taken from ``fresh`` in order; an iterator may go on later.

    >>> rebuild({"w": [1.0, 2.0], "b": (3.0,)}, "xyz")
    {'w': ['x', 'y'], 'b': ('z',)}
    """
    return _rebuild(structure, iter(fresh))


def _rebuild(structure: Any, fresh: Iterator[Any]) -> Any:
    if isinstance(structure, Mapping):
        return {key: _rebuild(part, fresh) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        parts = [_rebuild(part, fresh) for part in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    return next(fresh)
