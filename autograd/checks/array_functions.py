"""Checks of functions of arrays: their derivatives must agree with differences, in one random direction."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TypeAlias

import numpy as np
from hypothesis.strategies import SearchStrategy

from autograd.arrays.tensor import Tensor
from autograd.checks.search import search
from autograd.core.aliases import Array, ArrayLike
from autograd.core.errors import hidden
from autograd.core.sweep import adjoints, tangents, topological_order

__all__ = ["check_function"]

__tracebackhide__ = hidden

Function: TypeAlias = Callable[..., Tensor]

_STEP = 1e-5


def check_function(f: Function, *operands: ArrayLike | SearchStrategy[tuple[Array, ...]], second: bool = True) -> None:
    """Check the derivatives of a function of arrays against differences: backward, forward, and second order.

    Use it for array operations of your own, and for anything that is computed with Tensors.  It follows one random
    direction, the same on every run.  A wrong gradient is wrong in almost every direction, and one direction costs the
    same however many numbers there are.

    Args:
        f: a function that takes Tensors and returns one; it must be smooth where it is checked.
        operands: the arrays at which to check it, or one strategy for groups of arrays, such as ``arrays(2)``.
        second: whether to check the second derivatives as well.

    Raises:
        AssertionError: if a derivative is wrong; it names the function and what differs.
        TypeError: if the function does not return a Tensor.

    >>> from autograd import sin
    >>> from autograd.testing import arrays
    >>> check_function(lambda x, y: sin(x @ y), np.ones((2, 3)), np.ones(3))
    >>> check_function(lambda x, y: sin(x * y), arrays(2))
    """
    if len(operands) == 1 and isinstance(operands[0], SearchStrategy):
        search(_title(f), lambda group: _check_at(f, group, second), operands[0])
    else:
        _check_at(f, operands, second)


def _check_at(f: Function, operands: Iterable[Any], second: bool) -> None:
    xs = [np.asarray(x, float) for x in operands]
    steps = _directions(xs)
    measured = _slope(lambda *arrays: _called(f, list(map(Tensor, arrays))).numpy(), xs, steps)
    [seed] = _directions([measured], 1)
    scale = _scale(measured)

    found = _gradients(f, xs, seed)
    for place, (gradient, x) in enumerate(zip(found, xs, strict=True)):
        if gradient.shape != x.shape:
            _fail(f, xs, f"the gradient of operand {place} has the shape {gradient.shape}")
    _compare(f, xs, ("backward", _inner(found, steps)), ("measured", np.sum(measured * seed)), 2e-5, scale)

    leaves = [Tensor(x) for x in xs]
    y = _called(f, leaves)
    rate = tangents(topological_order(y), dict(zip(leaves, steps, strict=True)))[y]
    rate = np.zeros(y.shape) if rate is None else rate
    if rate.shape != y.shape:
        _fail(f, xs, f"the rate of change has the shape {rate.shape}, the value {y.shape}")
    _compare(f, xs, ("forward", rate), ("measured", measured), 2e-5, scale)
    _compare(f, xs, ("forward", np.sum(rate * seed)), ("backward", _inner(found, steps)), 1e-9)
    if second:
        _check_second_order(f, xs, seed)


def _check_second_order(f: Function, xs: list[Array], seed: Array) -> None:
    """Compare reverse over reverse, and forward over reverse, with differences of the gradient."""
    steps, weights = _directions(xs, 2), _directions(xs, 3)
    measured = _slope(lambda *arrays: np.array(_inner(_gradients(f, arrays, seed), weights)), xs, steps)
    leaves = [Tensor(x) for x in xs]
    arrived = adjoints(topological_order(_called(f, leaves)), Tensor(seed))
    terms = [(arrived[x] * w).sum() for x, w in zip(leaves, weights, strict=True) if arrived.get(x) is not None]
    forward = reverse = 0.0
    if terms:
        total = sum(terms[1:], terms[0])
        order = topological_order(total)
        sent = adjoints(order, np.ones(()))
        reverse = _inner([_or_zeros(sent.get(x), x.shape) for x in leaves], steps)
        forward = float(_or_zeros(tangents(order, dict(zip(leaves, steps, strict=True)))[total], ()))
    _compare(f, xs, ("second order, backward", reverse), ("measured", measured), 2e-5, _scale(measured))
    _compare(f, xs, ("second order, forward", forward), ("backward", reverse), 1e-8)


def _called(f: Function, leaves: Sequence[Tensor]) -> Tensor:
    y = f(*leaves)
    if not isinstance(y, Tensor):
        raise TypeError(f"{_title(f)} returned {type(y).__name__}, not a Tensor: compute it with functions of autograd")
    return y


def _gradients(f: Function, xs: Sequence[Array], seed: Array) -> list[Array]:
    """The gradient that ``seed`` at the output sends to each of the arrays."""
    leaves = [Tensor(x) for x in xs]
    arrived = adjoints(topological_order(_called(f, leaves)), seed)
    return [_or_zeros(arrived.get(x), x.shape) for x in leaves]


def _or_zeros(found: Array | None, shape: tuple[int, ...]) -> Array:
    return np.zeros(shape) if found is None else found


def _slope(f: Callable[..., Array], xs: Sequence[Array], steps: Sequence[Array]) -> Array:
    """The derivative along ``steps``, by a central difference of fourth order."""

    def at(k: float) -> Array:
        return np.asarray(f(*[x + k * _STEP * step for x, step in zip(xs, steps, strict=True)]))

    return np.asarray((8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * _STEP))


def _directions(xs: Sequence[Array], seed: int = 0) -> list[Array]:
    """Random arrays of the same shapes, the same on every run."""
    rng = np.random.default_rng(zlib.crc32(repr([x.shape for x in xs]).encode()) + seed)
    return [rng.uniform(0.5, 1.5, x.shape) * rng.choice([-1.0, 1.0], x.shape) for x in xs]


def _inner(xs: Sequence[Array], ys: Sequence[Array]) -> float:
    return float(sum(np.sum(x * y) for x, y in zip(xs, ys, strict=True)))


def _scale(measured: Array) -> float:
    return float(np.max(np.abs(measured), initial=1.0))


def _compare(
    f: Function,
    xs: Sequence[Array],
    found: tuple[str, Any],
    wanted: tuple[str, Any],
    tolerance: float,
    scale: float = 1.0,
) -> None:
    if not np.allclose(found[1], wanted[1], rtol=tolerance, atol=tolerance * scale, equal_nan=True):
        _fail(f, xs, f"{found[0]} {_shown(found[1])}, {wanted[0]} {_shown(wanted[1])}")


def _fail(f: Function, xs: Sequence[Array], text: str) -> NoReturn:
    raise AssertionError(f"{_title(f)} at {', '.join(map(_shown, xs))}: {text}")


def _title(f: Function) -> str:
    return str(getattr(f, "name", None) or getattr(f, "__name__", None) or f)


def _shown(x: ArrayLike) -> str:
    return np.array2string(np.asarray(x), separator=", ", threshold=20, precision=10).replace("\n", "")
