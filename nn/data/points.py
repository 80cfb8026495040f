"""Synthetic data: points in the plane that a line cannot separate, or only just, and logic gates.

Shapes and labels are those of scikit-learn's generators of the same names.  The points are in random order; the same
seed gives the same points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from nn.aliases import Array, Random
from nn.data.checks import check_count, check_finite
from nn.init import generator

__all__ = ["GATES", "blobs", "circles", "gate", "moons", "spirals", "xor"]

Points: TypeAlias = tuple[Array, Array]

GATES = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "nand": (1, 1, 1, 0), "nor": (1, 0, 0, 0), "xor": (0, 1, 1, 0)}
"""The outputs of each logic gate for (0, 0), (0, 1), (1, 0) and (1, 1)."""


def gate(name: str) -> Points:
    """A logic gate as data: its four inputs and outputs, 0 or 1.

    For a perceptron, which needs labels ±1, use ``2 * y - 1``.

    Args:
        name: ``"and"``, ``"or"``, ``"nand"``, ``"nor"`` or ``"xor"``.

    Returns:
        ``x`` of shape (4, 2) and ``y`` of shape (4,).

    Raises:
        ValueError: if the name is unknown.

    >>> x, y = gate("xor")
    >>> [(*map(int, inputs), int(output)) for inputs, output in zip(x, y)]
    [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
    """
    if name not in GATES:
        raise ValueError(f"there is no gate {name!r}: the gates are {', '.join(GATES)}")
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array(GATES[name])


def moons(n: int = 100, noise: float = 0.0, rng: Random = None) -> Points:
    """Two interleaving half circles.

    Args:
        n: the number of points.
        noise: the standard deviation of the noise in each coordinate.
        rng: a generator, a seed or ``None``.

    Returns:
        ``x`` of shape (n, 2); ``y`` of n labels, 0 for the upper moon and 1 for the lower.  If n is odd, the lower moon
        has one point more.

    Raises:
        TypeError: if ``n`` is not a whole number.
        ValueError: if there are fewer points than labels, or the noise is negative or not finite.

    >>> x, y = moons(4, rng=0)
    >>> sorted((int(label), *point.round(9).tolist()) for point, label in zip(x, y))
    [(0, -1.0, 0.0), (0, 1.0, 0.0), (1, 0.0, 0.5), (1, 2.0, 0.5)]
    """
    upper, lower = (np.linspace(0.0, math.pi, size) for size in _halves(n))
    return _scattered([_arc(upper), np.array([1.0, 0.5]) - _arc(lower)], noise, rng)


def circles(n: int = 100, noise: float = 0.0, factor: float = 0.5, rng: Random = None) -> Points:
    """Two circles around the origin: one of radius 1 with label 0, and one of radius ``factor`` with label 1.

    Args:
        n: the number of points.
        noise: the standard deviation of the noise in each coordinate.
        factor: the radius of the inner circle, between 0 and 1.
        rng: a generator, a seed or ``None``.

    Returns:
        ``x`` of shape (n, 2) and ``y`` of n labels.  If n is odd, the inner circle has one point more.

    Raises:
        TypeError: if ``n`` is not a whole number.
        ValueError: if there are fewer points than labels, or the noise or the factor is out of range.

    >>> x, y = circles(100, rng=0)
    >>> print(np.hypot(*x[y == 1].T).round(9).max())
    0.5
    """
    if not 0.0 < factor < 1.0:
        raise ValueError(f"factor must be between 0 and 1, but it is {factor}")
    outer, inner = (np.linspace(0.0, 2.0 * math.pi, size, endpoint=False) for size in _halves(n))
    return _scattered([_arc(outer), factor * _arc(inner)], noise, rng)


def spirals(n: int = 100, noise: float = 0.0, classes: int = 2, turns: float = 1.0, rng: Random = None) -> Points:
    """Spiral arms from the origin to radius 1, at equal angles to each other.

    Args:
        n: the number of points.
        noise: the standard deviation of the noise in each coordinate.
        classes: the number of arms.
        turns: the number of turns of each arm.
        rng: a generator, a seed or ``None``.

    Returns:
        ``x`` of shape (n, 2) and ``y`` of n labels, 0 to ``classes - 1``.

    Raises:
        TypeError: if ``n`` or ``classes`` is not a whole number.
        ValueError: if there are fewer points than labels, or the noise or the turns are not finite.

    >>> x, y = spirals(6, classes=3, turns=0.25, rng=0)
    >>> print(x[y == 0].round(9)[np.hypot(*x[y == 0].T).argmax()])
    [0. 1.]
    """
    if not math.isfinite(turns):
        raise ValueError(f"turns must be finite, not {turns}")
    arms = []
    for arm, size in enumerate(_shares(n, check_count("classes", classes))):
        radius = np.arange(1, size + 1) / size
        arms.append(radius[:, None] * _arc(2.0 * math.pi * (turns * radius + arm / classes)))
    return _scattered(arms, noise, rng)


def blobs(
    n: int = 100,
    centers: Sequence[Sequence[float]] | Array = ((-2.0, 0.0), (2.0, 0.0), (0.0, 3.0)),
    noise: float = 0.5,
    rng: Random = None,
) -> Points:
    """Round clouds of points around centres.

    Args:
        n: the number of points.
        centers: the coordinates of the centre of each cloud, a row each.
        noise: the standard deviation of each coordinate within a cloud.
        rng: a generator, a seed or ``None``.

    Returns:
        ``x`` with a row for each of the n points, and ``y`` with the number of the centre of each point.

    Raises:
        TypeError: if ``n`` is not a whole number.
        ValueError: if the centres are not finite rows, there are fewer points than centres, or the noise is negative.

    >>> x, y = blobs(6, centers=[[0.0], [5.0]], noise=0.0, rng=0)
    >>> bool((x[:, 0] == 5.0 * y).all())
    True
    """
    middles = np.asarray(centers, float)
    if middles.ndim != 2 or not middles.size:
        raise ValueError(f"centers must be rows of coordinates, not an array of shape {middles.shape}")
    check_finite("centers", middles)
    shares = _shares(n, len(middles))
    return _scattered([np.tile(middle, (size, 1)) for middle, size in zip(middles, shares, strict=True)], noise, rng)


def xor(n: int = 100, noise: float = 0.1, rng: Random = None) -> Points:
    """Clouds around the corners (0, 0), (0, 1), (1, 0) and (1, 1), labelled with the exclusive or of the corner.

    Args:
        n: the number of points.
        noise: the standard deviation of each coordinate within a cloud.
        rng: a generator, a seed or ``None``.

    Returns:
        ``x`` of shape (n, 2) and ``y`` of n labels, 0 or 1.

    Raises:
        TypeError: if ``n`` is not a whole number.
        ValueError: if there are fewer points than corners, or the noise is out of range.

    >>> x, y = xor(100, noise=0.0, rng=0)
    >>> bool(((x[:, 0] != x[:, 1]) == y).all())
    True
    """
    corners, outputs = gate("xor")
    x, corner = blobs(n, corners, noise, rng)
    return x, outputs[corner]


def _shares(n: int, classes: int) -> list[int]:
    """The number of points of each class, as equal as possible."""
    check_count("n", n, least=classes)
    return [n // classes + (k < n % classes) for k in range(classes)]


def _halves(n: int) -> tuple[int, int]:
    """The number of points of both classes, split as in scikit-learn's moons and circles."""
    check_count("n", n, least=2)
    return n // 2, n - n // 2


def _arc(angle: Array) -> Array:
    """The points of the unit circle at these angles."""
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _scattered(shapes: Sequence[Array], noise: float, rng: Random) -> Points:
    """The points of all shapes with noise, labelled with the number of the shape, in random order."""
    if not 0.0 <= noise < math.inf:
        raise ValueError(f"noise must be finite and not negative, but it is {noise}")
    rng = generator(rng)
    x = np.concatenate(shapes)
    y = np.repeat(np.arange(len(shapes)), [len(shape) for shape in shapes])
    order = rng.permutation(len(x))
    return (x + rng.normal(0.0, noise, x.shape))[order], y[order]
