"""Checks of data; each error says what is wrong, and in which row."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.activations import plain
from nn.aliases import Array

__all__ = ["check_count", "check_finite", "check_labels", "check_samples"]


def check_count(name: str, n: Any, least: int = 1) -> int:
    """The number n, checked to be a whole number of at least ``least``.

    Raises:
        TypeError: if n is not a whole number.
        ValueError: if n is less than ``least``.

    >>> check_count("size", 0)
    Traceback (most recent call last):
    ValueError: size must be at least 1, but it is 0
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, not {n!r}")
    if n < least:
        raise ValueError(f"{name} must be at least {least}, but it is {n}")
    return int(n)


def check_finite(name: str, data: Any) -> None:
    """Check that data contain neither nan nor infinity.

    Raises:
        ValueError: if a row does.

    >>> check_finite("x", [[1.0, 2.0], [3.0, float("nan")]])
    Traceback (most recent call last):
    ValueError: x must be finite, but row 1 has nan
    """
    try:
        numbers = plain(data)
    except (TypeError, ValueError):
        return  # samples may be anything, such as text or images of several sizes
    if numbers.dtype.kind in "fc" and not (finite := np.isfinite(numbers)).all():
        place = tuple(np.argwhere(~finite)[0])
        raise ValueError(f"{name} must be finite, but row {place[0]} has {numbers[place]}")


def check_labels(name: str, data: Any) -> Array:
    """Labels as an array, checked to be whole numbers, one for each sample.

    Raises:
        TypeError: if the labels are not numbers.
        ValueError: if they do not have exactly one axis, or one is not a whole number.

    >>> check_labels("y", [0, 1, 0.5])
    Traceback (most recent call last):
    ValueError: y must be labels, which are whole numbers, but row 2 has 0.5
    """
    labels = np.asarray(data)
    if labels.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be labels, which are whole numbers, not {labels.dtype}")
    if labels.ndim != 1:
        raise ValueError(f"{name} must be labels, one for each sample, not an array of shape {labels.shape}")
    if (broken := labels != np.floor(labels)).any():
        row = int(broken.argmax())
        raise ValueError(f"{name} must be labels, which are whole numbers, but row {row} has {labels[row]}")
    return labels


def check_samples(x: Any, y: Any) -> int:
    """The number of samples in x and y, which may be arrays, sequences or tuples of these.

    Raises:
        TypeError: if x or y is not a collection of samples.
        ValueError: if x and y differ in the number of samples, are empty, or are not finite.

    >>> check_samples([1.0, 2.0], [0, 1, 0])
    Traceback (most recent call last):
    ValueError: x and y must have the same number of samples, but x has 2, y has 3
    """
    parts = {
        f"{name}[{i}]" if isinstance(data, tuple) else name: part
        for name, data in (("x", x), ("y", y))
        for i, part in enumerate(data if isinstance(data, tuple) else (data,))
    }
    lengths = {name: _length(name, part) for name, part in parts.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} has {n}" for name, n in lengths.items())
        raise ValueError(f"x and y must have the same number of samples, but {found}")
    for name, part in parts.items():
        check_finite(name, part)
    return check_count("the number of samples", next(iter(lengths.values()), 0))


def _length(name: str, samples: Any) -> int:
    try:
        return len(samples)
    except TypeError:
        kind = type(samples).__name__
        raise TypeError(f"{name} must be an array or a list of samples, not a single {kind}") from None
