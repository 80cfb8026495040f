"""The C part of the environment, native/holds.c."""

from collections.abc import Iterable, Mapping
from types import CellType, FunctionType
from typing import Any

def unchanged(
    mappings: tuple[Mapping[str, Any], ...],
    names: tuple[str, ...],
    found: tuple[Any, ...],
    cells: tuple[CellType, ...],
    contents: tuple[Any, ...],
    containers: tuple[Iterable[Any] | FunctionType, ...],
    held: tuple[tuple[Any, ...], ...],
    sized: tuple[Mapping[str, Any], ...],
    lengths: tuple[int, ...],
    /,
) -> bool: ...
