"""The numbers of an ``array.array``: compiled (``addresses.pxd``) the address of the first, here the array itself."""

from __future__ import annotations

from array import array

__all__ = ["chars", "doubles", "ints", "longs"]


def chars(column: array[int]) -> array[int]:
    """An array of bytes."""
    return column


def ints(column: array[int]) -> array[int]:
    """An array of C's int."""
    return column


def longs(column: array[int]) -> array[int]:
    """An array of C's long long."""
    return column


def doubles(column: array[float]) -> array[float]:
    """An array of floats."""
    return column
