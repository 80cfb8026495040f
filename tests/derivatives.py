"""Derivatives of functions of arrays, measured: what the sweeps over Tensors are held against.

Each check follows one random direction.  A gradient that is wrong anywhere is wrong in almost every direction, and one
direction costs two evaluations however many numbers there are.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.sweep import adjoints, tangents, topological_order
from autograd.tensor import Tensor

Function = Callable[..., Any]
STEP = 1e-5


def directions(arrays: Sequence[np.ndarray], seed: int = 0) -> list[np.ndarray]:
    """Random arrays of the same shapes, the same on every run."""
    rng = np.random.default_rng(zlib.crc32(repr([a.shape for a in arrays]).encode()) + seed)
    return [rng.uniform(0.5, 1.5, a.shape) * rng.choice([-1.0, 1.0], a.shape) for a in arrays]


def slope(f: Function, arrays: Sequence[np.ndarray], steps: Sequence[np.ndarray]) -> np.ndarray:
    """The derivative of ``f`` along ``steps``, by a central difference of fourth order."""

    def at(k: float) -> np.ndarray:
        return np.asarray(f(*[a + k * STEP * s for a, s in zip(arrays, steps, strict=True)]))

    return np.asarray((8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * STEP))


def value(f: Function) -> Function:
    """``f`` of plain arrays by way of Tensors."""
    return lambda *arrays: f(*map(Tensor, arrays)).numpy()


def gradients(f: Function, arrays: Sequence[np.ndarray], seed: np.ndarray) -> list[np.ndarray]:
    """What ``seed`` at the output sends to each of the arrays."""
    leaves = [Tensor(a) for a in arrays]
    y = f(*leaves)
    arrived = adjoints(topological_order(y), seed)
    return [np.zeros(x.shape) if arrived.get(x) is None else arrived[x] for x in leaves]


def recorded_gradients(f: Function, leaves: Sequence[Tensor], seed: np.ndarray) -> list[Any]:
    """The same as Tensors that can be differentiated again."""
    y = f(*leaves)
    arrived = adjoints(topological_order(y), Tensor(seed))
    return [arrived.get(x) for x in leaves]


def close(a: Any, b: Any, scale: Any = 1.0) -> None:
    np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5 * float(np.max(np.abs(scale), initial=1.0)))


def inner(xs: Sequence[np.ndarray], ys: Sequence[np.ndarray]) -> float:
    return float(sum(np.sum(x * y) for x, y in zip(xs, ys, strict=True)))


def check(f: Function, *arrays: Any, second: bool = True) -> None:
    """Both directions of the chain rule, to second order, against differences; ``f`` takes and returns Tensors."""
    points = [np.asarray(a, float) for a in arrays]
    steps = directions(points)
    measured = slope(value(f), points, steps)
    [seed] = directions([measured], 1)

    found = gradients(f, points, seed)
    assert [g.shape for g in found] == [a.shape for a in points]
    close(inner(found, steps), np.sum(measured * seed), measured)

    leaves = [Tensor(a) for a in points]
    y = f(*leaves)
    rate = tangents(topological_order(y), dict(zip(leaves, steps, strict=True)))[y]
    rate = np.zeros(y.shape) if rate is None else rate
    assert rate.shape == y.shape
    close(rate, measured, measured)
    np.testing.assert_allclose(np.sum(rate * seed), inner(found, steps), rtol=1e-9, atol=1e-9)

    if second:
        check_second(f, points, seed)


def check_second(f: Function, points: Sequence[np.ndarray], seed: np.ndarray) -> None:
    """Reverse over reverse, and forward over reverse, against differences of the gradient."""
    steps = directions(points, 2)
    weights = directions(points, 3)
    measured = slope(lambda *xs: inner(gradients(f, xs, seed), weights), points, steps)
    leaves = [Tensor(a) for a in points]
    reached = [(g, w) for g, w in zip(recorded_gradients(f, leaves, seed), weights, strict=True) if g is not None]
    if not reached:
        assert measured == 0.0
        return
    total = sum((g * w).sum() for g, w in reached)
    arrived = adjoints(topological_order(total), np.ones(()))
    reverse = inner([np.zeros(x.shape) if arrived.get(x) is None else arrived[x] for x in leaves], steps)
    forward = tangents(topological_order(total), dict(zip(leaves, steps, strict=True)))[total]
    close(reverse, measured, measured)
    np.testing.assert_allclose(0.0 if forward is None else forward, reverse, rtol=1e-8, atol=1e-8)
