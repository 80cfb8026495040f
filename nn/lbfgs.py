"""L-BFGS: steps along an estimate of Newton's direction, from the last changes of the gradient.

The method, its options and its results are PyTorch's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nn.aliases import Array, Parameter
from nn.blocks import flat_vector, plain, set_from_vector
from nn.optimizers import Group, Optimizer, Params

__all__ = ["LBFGS"]


class _Point(NamedTuple):
    """A step length, the loss there, its gradient, and the slope along the direction."""

    t: float
    loss: float
    gradient: Array
    slope: float


class LBFGS(Optimizer):
    """Limited-memory BFGS, which calls a function for the loss and its gradients several times in each step.

    Args:
        params: the parameters, in a single group.
        lr: the length of a step.
        max_iter: the largest number of iterations in a step.
        max_eval: the largest number of evaluations in a step; by default 5/4 of ``max_iter``.
        tolerance_grad: the step ends if no gradient is larger.
        tolerance_change: the step ends if neither the loss nor a parameter changes by more.
        history_size: how many changes of the gradient are kept.
        line_search_fn: ``None`` for steps of one length, or "strong_wolfe".
        maximize: whether to ascend.

    >>> from autograd import Value
    >>> x, y = Value(-1.0), Value(2.0)
    >>> optimizer = LBFGS([x, y], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1 - x) ** 2 + 100 * (y - x * x) ** 2
    ...     loss.backward()
    ...     return loss
    >>> for _ in range(5):
    ...     loss = optimizer.step(closure)
    >>> round(x.data, 4), round(y.data, 4)
    (1.0, 1.0)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            max_iter=max_iter,
            max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
            maximize=maximize,
        )
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS takes a single group of parameters")
        self._params = self.param_groups[0]["params"]

    def check(self, group: Group) -> None:
        """Raise ``ValueError`` if options are unknown or out of range."""
        super().check(group)
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(f'line_search_fn must be None or "strong_wolfe", not {group["line_search_fn"]!r}')

    def fits(self, p: Parameter, entry: Any) -> bool:
        """Whether an entry of the state can belong to a parameter: here all of it belongs to the first one."""
        return True

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Up to ``max_iter`` iterations.

        Args:
            closure: a function that sets the gradients to ``None``, computes the loss, calls ``backward`` and returns
                the loss.

        Returns:
            The loss before the step.

        Raises:
            TypeError: without a closure.
            FloatingPointError: if a gradient is nan or infinite; the parameters are then as before the step.
        """
        if closure is None:
            raise TypeError("LBFGS.step takes a closure: a function that computes the loss and calls backward()")
        o, s = self._options(0), self._up_to_date()[self._params[0]]
        start = flat_vector([p.data for p in self._params], self._params)
        try:
            return self._iterate(closure, o, s)
        except FloatingPointError:
            set_from_vector(self._params, start)
            raise

    def _iterate(self, closure: Callable[[], Any], o: Any, s: Any) -> Any:
        first = closure()
        loss, gradient = self._signed(first, o), self._gradient()
        evaluations, iterations = 1, 0
        while np.abs(gradient).max() > o.tolerance_grad and iterations < o.max_iter:
            iterations += 1
            direction = self._direction(gradient, s, o.history_size)
            s["n"] += 1
            t = min(1.0, 1.0 / float(np.abs(gradient).sum())) * o.lr if s["n"] == 1 else o.lr
            slope = float(gradient @ direction)
            s |= {"direction": direction, "t": t, "gradient": gradient}
            before = loss
            if slope > -o.tolerance_change:
                break
            x = flat_vector([p.data for p in self._params], self._params)

            def at(t: float, x: Array = x, direction: Array = direction) -> _Point:
                set_from_vector(self._params, x + t * direction)
                loss, gradient = self._signed(closure(), o), self._gradient()
                return _Point(t, loss, gradient, float(gradient @ direction))

            if o.line_search_fn is not None:
                found, used = strong_wolfe(
                    at, t, direction, _Point(0.0, loss, gradient, slope), o.max_eval - evaluations
                )
                set_from_vector(self._params, x + found.t * direction)
                t, loss, gradient, _ = found
                evaluations += used
            elif iterations < o.max_iter:
                _, loss, gradient, _ = at(t)
                evaluations += 1
            else:
                set_from_vector(self._params, x + t * direction)
            s["t"] = t
            still = np.abs(t * direction).max() <= o.tolerance_change or abs(loss - before) < o.tolerance_change
            if evaluations >= o.max_eval or still:
                break
        return first

    def _direction(self, gradient: Array, s: Any, history_size: int) -> Array:
        """Minus the gradient times the estimate of the inverse Hessian, by the two-loop recursion."""
        if "gradient" not in s:
            s |= {"changes": (), "steps": (), "scale": 1.0}
            return -gradient
        y, step = gradient - s["gradient"], s["direction"] * s["t"]
        curvature = float(y @ step)
        if curvature > 1e-10:
            s["changes"] = (*s["changes"], y)[-history_size:]
            s["steps"] = (*s["steps"], step)[-history_size:]
            s["scale"] = curvature / float(y @ y)
        pairs = [(y, step, 1.0 / float(y @ step)) for y, step in zip(s["changes"], s["steps"], strict=True)]
        q, shares = -gradient, list[float]()
        for y, step, inverse in reversed(pairs):
            shares.append(float(step @ q) * inverse)
            q = q - shares[-1] * y
        r: Array = q * s["scale"]
        for (y, step, inverse), share in zip(pairs, reversed(shares), strict=True):
            r = r + step * (share - float(y @ r) * inverse)
        return r

    def _signed(self, loss: Any, o: Any) -> float:
        number = float(loss.item() if hasattr(loss, "item") else loss)
        return -number if o.maximize else number

    def _gradient(self) -> Array:
        """All gradients in one vector."""
        gradient = flat_vector([None if p.grad is None else plain(p.grad) for p in self._params], self._params)
        if not np.isfinite(gradient).all():
            raise FloatingPointError("a gradient is nan or infinite: nothing was changed")
        return -gradient if self.param_groups[0]["maximize"] else gradient


# ---------------------------------------------------------------------------------------------------------------------
# The line search, PyTorch's (Nocedal and Wright, 2006, algorithms 3.5 and 3.6)
# ---------------------------------------------------------------------------------------------------------------------


def strong_wolfe(
    at: Callable[[float], _Point], t: float, direction: Array, start: _Point, most: int
) -> tuple[_Point, int]:
    """A point along the direction that is low and flat enough, and the number of evaluations.

    Args:
        at: the loss and its slope at a distance.
        t: the first distance to try.
        direction: the direction, whose slope at the start is negative.
        start: the point at distance 0.
        most: how many times to try after the first.
    """
    before, new, tries = start, at(t), 0
    while tries < most:
        if _is_too_high(new, start) or (tries > 1 and new.loss >= before.loss):
            return _zoom(at, [before, new], direction, start, tries, most)
        if _is_flat(new, start):
            return new, tries + 1
        if new.slope >= 0:
            return _zoom(at, [before, new], direction, start, tries, most)
        bounds = new.t + 0.01 * (new.t - before.t), new.t * 10.0
        before, new, tries = new, at(_lowest(before, new, bounds)), tries + 1
    return min(start, new, key=lambda point: point.loss), tries + 1


def _zoom(
    at: Callable[[float], _Point], bracket: list[_Point], direction: Array, start: _Point, tries: int, most: int
) -> tuple[_Point, int]:
    """A point between two others that is low and flat enough."""
    size, slow = float(np.abs(direction).max()), False
    low = 0 if bracket[0].loss <= bracket[1].loss else 1
    while tries < most and abs(bracket[1].t - bracket[0].t) * size >= 1e-9:
        left, right = sorted(point.t for point in bracket)
        t, margin = _lowest(bracket[0], bracket[1], (left, right)), 0.1 * (right - left)
        if min(right - t, t - left) >= margin:
            slow = False
        elif slow or t >= right or t <= left:  # stay away from the ends
            t, slow = (right - margin if abs(t - right) < abs(t - left) else left + margin), False
        else:
            slow = True
        new, tries = at(t), tries + 1
        high = 1 - low
        if _is_too_high(new, start) or new.loss >= bracket[low].loss:
            bracket[high] = new
            low = 0 if bracket[0].loss <= bracket[1].loss else 1
            continue
        if not _is_flat(new, start) and new.slope * (bracket[high].t - bracket[low].t) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = new
        if _is_flat(new, start):
            break
    return bracket[low], tries + 1


def _is_too_high(point: _Point, start: _Point) -> bool:
    return point.loss > start.loss + 1e-4 * point.t * start.slope


def _is_flat(point: _Point, start: _Point) -> bool:
    return abs(point.slope) <= -0.9 * start.slope


def _lowest(one: _Point, other: _Point, bounds: tuple[float, float]) -> float:
    """Where the cubic through two points with these slopes is lowest, within the bounds."""
    (x1, f1, _, g1), (x2, f2, _, g2) = sorted([one, other], key=lambda point: point.t)
    low, high = bounds
    d1 = g1 + g2 - 3.0 * (f1 - f2) / (x1 - x2) if x1 != x2 else math.nan
    square = d1 * d1 - g1 * g2
    if not square >= 0:
        return (low + high) / 2.0
    d2 = math.sqrt(square)
    return min(max(x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2.0 * d2)), low), high)
