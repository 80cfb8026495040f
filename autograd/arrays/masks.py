"""How liveness passes through an array operation: which entries of an operand a gradient reaches, and the reverse.

:mod:`autograd.core.liveness` says what a mask is.  An operation that is linear, such as a sum or an index, passes a
mask as it passes a gradient: what is not 0 is live.  Random numbers stand in for the live entries, and for the other
factors of a product, since a factor of 0 would be a computed zero.  They do not cancel, as ones would in a difference.
Any other operation says along which axes it *mixes*: there, everything depends on everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import prod
from typing import Any, TypeAlias

import numpy as np

from autograd.arrays.array_operation import ArrayOperation
from autograd.arrays.tensor_data import TensorData
from autograd.core.aliases import Array
from autograd.core.liveness import Masked, masked, unmasked

__all__ = ["pull_masked", "push_masked"]

Operands: TypeAlias = Sequence[Any]
Options: TypeAlias = dict[str, Any]
Operation: TypeAlias = ArrayOperation[...]


def pull_masked(
    op: Operation, places: Sequence[int], gradient: Any, out: Any, operands: Operands, options: Options
) -> list[Any]:
    """The contributions of a gradient to the operands at these positions, all of which may be masked."""
    gradient, live = unmasked(gradient)
    sent = op.pull_all(places, gradient, out, operands, {**options, "live": live} if op.sees_live else options)
    return [
        x if x is None or isinstance(x, Masked) else masked(x, _live_operand(op, place, live, out, operands, options))
        for place, x in zip(places, sent, strict=True)
    ]


def push_masked(op: Operation, tangents: Sequence[Any], out: Any, operands: Operands, options: Options) -> Any:
    """The rate of change of the result, given those of the operands, all of which may be masked."""
    rates, lives = zip(*map(unmasked, tangents), strict=True)
    changing = [(place, lives[place]) for place, rate in enumerate(rates) if rate is not None]
    rate = op.push(rates, out, operands, options)
    if op.arity is None and op.jvps is None:  # linear in all operands together
        masks = [
            np.zeros(_shape(x)) if t is None else _as_numbers(live, x)
            for x, t, live in zip(operands, rates, lives, strict=True)
        ]
        return masked(rate, op.forward(*masks, **options) != 0)
    arrived = [_live_result(op, place, live, out, operands, options) for place, live in changing]
    return masked(rate, reduce(_either, arrived))


def _live_operand(
    op: Operation, place: int, live: Array | None, out: Any, operands: Operands, options: Options
) -> Array | None:
    """Which entries of an operand a gradient reaches that is live in these entries of the result."""
    if op.picks or (op.linear and live is not None):
        at, *around = _stand_ins(op, out, operands)
        return np.asarray(op.pull(place, _as_numbers(live, out), at, around, options) != 0)
    if live is None:
        return None
    shape = _shape(operands[place])
    axes = _mixed_axes(op, len(shape), options)
    rest = tuple([1 if i in axes else n for i, n in enumerate(shape)])  # where the axes that mix have been reduced
    left = np.asarray(live.any(axes) if live.ndim == len(shape) else live)
    return np.broadcast_to(left.reshape(rest) if left.size == prod(rest) else left.any(), shape)


def _live_result(
    op: Operation, place: int, live: Array | None, out: Any, operands: Operands, options: Options
) -> Array | None:
    """Which entries of the result change, if these entries of an operand do."""
    if op.picks or (op.linear and live is not None):
        at, *around = _stand_ins(op, out, operands)
        return np.asarray(op.push_one(place, _as_numbers(live, operands[place]), at, around, options) != 0)
    if live is None:
        return None
    left = np.asarray(live.any(_mixed_axes(op, live.ndim, options), keepdims=True))
    if left.ndim != out.ndim:
        left = left.reshape(out.shape) if left.size == out.size else np.asarray(left.any())
    return np.broadcast_to(left, out.shape)


def _either(live: Array | None, other: Array | None) -> Array | None:
    return None if live is None or other is None else np.asarray(live | other)


def _stand_ins(op: Operation, out: Any, operands: Operands) -> list[Any]:
    """The result and the operands as plain arrays; random numbers if the operation is linear, where shapes matter."""
    if op.linear:
        return [_random(x, seed) for seed, x in enumerate((out, *operands), 1)]
    return [x.numpy() if isinstance(x, TensorData) else x for x in (out, *operands)]


def _as_numbers(live: Array | None, like: Any) -> Array:
    """Numbers of the shape of an operand that are 0 in every dead entry."""
    return _random(like, 0) if live is None else _random(like, 0) * live


def _random(like: Any, seed: int) -> Array:
    """Random numbers of the shape of an operand, the same on every run."""
    return np.random.default_rng(seed).uniform(0.5, 1.5, _shape(like))


def _shape(x: Any) -> tuple[int, ...]:
    """The shape of an operand; an operand may also be a Value."""
    shape: tuple[int, ...] = getattr(x, "shape", ())
    return shape


def _mixed_axes(op: Operation, ndim: int, options: Options) -> tuple[int, ...]:
    """The axes along which the operation mixes, of an operand with so many axes."""
    axes = options[op.mixes] if isinstance(op.mixes, str) else op.mixes
    if axes is None:
        return tuple(range(ndim))
    return tuple([axis % ndim for axis in (axes if isinstance(axes, tuple) else (axes,)) if ndim])
