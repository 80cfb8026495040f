"""Structures: nested lists, tuples and dicts, as arguments and results of functions.

Anything in a structure that is not a list, tuple or dict is an *entry*: a number, an array or a node.  A list of
entries can be put back into the structure they came from; that is how a gradient gets the structure of its argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograd.core.aliases import Entry, Structure

__all__ = ["entries", "entries_as_in", "rebuild"]


def entries(structure: Structure) -> Iterator[Entry]:
    """The entries of nested lists, tuples and dicts, in order.

    Args:
        structure: lists, tuples and dicts of entries, or a single entry.

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


def entries_as_in(structure: Structure, other: Structure) -> Iterator[Entry]:
    """The entries of ``other`` in the order of ``structure``, which has the same keys, perhaps in another order.

    >>> list(entries_as_in({"w": [1.0, 2.0], "b": 3.0}, {"b": 6.0, "w": [4.0, 5.0]}))
    [4.0, 5.0, 6.0]
    """
    if isinstance(structure, Mapping):
        for key, part in structure.items():
            yield from entries_as_in(part, other[key])
    elif isinstance(structure, (list, tuple)):
        for part, its in zip(structure, other, strict=True):
            yield from entries_as_in(part, its)
    else:
        yield other


def rebuild(structure: Structure, fresh: Iterable[Entry]) -> Any:
    """A structure of the same shape with other entries.

    Args:
        structure: lists, tuples and dicts of entries, or a single entry.
        fresh: the new entries, in order; of an iterator, only as many as the structure needs are consumed.

    >>> rebuild({"w": [1.0, 2.0], "b": (3.0,)}, "xyz")
    {'w': ['x', 'y'], 'b': ('z',)}
    """
    return _rebuild(structure, iter(fresh))


def _rebuild(structure: Structure, fresh: Iterator[Entry]) -> Any:
    if isinstance(structure, Mapping):
        return {key: _rebuild(part, fresh) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        parts = [next(fresh) if isinstance(part, float) else _rebuild(part, fresh) for part in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    return next(fresh)
