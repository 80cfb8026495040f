"""``fixed_point`` as HIPS autograd has it: an iteration until it stands still, and the derivative of where it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compat.declaring import defvjp, primitive
from autograd.transforms.gradients import vjp

__all__ = ["fixed_point"]


@primitive
def fixed_point(
    f: Callable[[Any], Callable[[Any], Any]], a: Any, x0: Any, distance: Callable[[Any, Any], Any], tol: float
) -> Any:
    """The x for which ``f(a)(x)`` is x, found by iteration from ``x0``.

    The derivative in ``a`` is that of the fixed point, whatever the iteration was, as accurate as ``tol`` makes it.

    Args:
        f: a function of ``a`` that returns the function to iterate.
        a: a number, an array, or a structure of them.
        x0: where to begin.
        distance: a function of two successive points.
        tol: the iteration ends when their distance is no more than this.

    >>> from autograd import grad
    >>> root = lambda a: fixed_point(lambda a: lambda x: (x + a / x) / 2, a, 1.0, lambda x, y: abs(x - y), 1e-12)
    >>> round(root(4.0), 10), round(grad(root)(4.0), 10)
    (2.0, 0.25)
    """
    step = f(a)
    before, x = x0, step(x0)
    while distance(x, before) > tol:
        before, x = x, step(x)
    return x


def _pulled(ans: Any, f: Any, a: Any, x0: Any, distance: Any, tol: float) -> Callable[[Any], Any]:
    """g (1 - ∂f/∂x)⁻¹ ∂f/∂a: the sum over g (∂f/∂x)ⁿ is again a fixed point."""

    def step(a: Any, x: Any) -> Any:  # of both, so that no sweep enters the graphs of what is captured
        return f(a)(x)

    def sent_back(given: tuple[Any, Any, Any]) -> Callable[[Any], Any]:
        a, x, g = given
        pull = vjp(step, a, x)[1]
        return lambda total: pull(total)[1] + g

    def pull(g: Any) -> Any:
        start = np.zeros(np.shape(x0)) if np.shape(x0) else 0.0
        total = fixed_point(sent_back, (a, ans, g), start, distance, tol)
        return vjp(step, a, ans)[1](total)[0]

    return pull


defvjp(fixed_point, None, _pulled, None, argnums=(0, 1, 2))
