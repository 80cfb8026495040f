"""``sgd``, ``rmsprop`` and ``adam`` as HIPS autograd has them: functions that run a whole descent.

In a new program use the classes of :mod:`nn.optim`.  These take a function ``grad(params, iteration)``, parameters as
nested lists, tuples and dicts, and a function ``callback(params, iteration, gradient)``, and return the last
parameters.  They can be differentiated themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograd.compat.flattening import flatten
from autograd.core.aliases import Structure
from autograd.core.rules import sqrt

__all__ = ["adam", "rmsprop", "sgd"]

Gradient: TypeAlias = Callable[[Any, int], Structure]
Callback: TypeAlias = "Callable[[Any, int, Any], object] | None"


def sgd(
    grad: Gradient,
    x0: Structure,
    callback: Callback = None,
    num_iters: int = 200,
    step_size: Any = 0.1,
    mass: Any = 0.9,
) -> Any:
    """Gradient descent with momentum; ``mass`` is the share of the velocity that is kept.

    >>> abs(sgd(lambda x, i: 2 * x, 1.0)) < 0.01
    np.True_
    """
    velocity: Any = 0.0

    def step(g: Any, i: int) -> Any:
        nonlocal velocity
        velocity = mass * velocity - (1.0 - mass) * g
        return step_size * velocity

    return _descend(grad, x0, callback, num_iters, step)


def rmsprop(
    grad: Gradient,
    x0: Structure,
    callback: Callback = None,
    num_iters: int = 100,
    step_size: Any = 0.1,
    gamma: Any = 0.9,
    eps: Any = 1e-8,
) -> Any:
    """RMSprop: steps divided by the root of a running mean of squared gradients, which begins at 1."""
    squares: Any = 1.0

    def step(g: Any, i: int) -> Any:
        nonlocal squares
        squares = squares * gamma + g**2 * (1 - gamma)
        return -step_size * g / (sqrt(squares) + eps)

    return _descend(grad, x0, callback, num_iters, step)


def adam(
    grad: Gradient,
    x0: Structure,
    callback: Callback = None,
    num_iters: int = 100,
    step_size: Any = 0.001,
    b1: Any = 0.9,
    b2: Any = 0.999,
    eps: Any = 1e-8,
) -> Any:
    """Adam: running means of the gradients and of their squares, with bias correction."""
    mean: Any = 0.0
    squares: Any = 0.0

    def step(g: Any, i: int) -> Any:
        nonlocal mean, squares
        mean = (1 - b1) * g + b1 * mean
        squares = (1 - b2) * g**2 + b2 * squares
        return -step_size * (mean / (1 - b1 ** (i + 1))) / (sqrt(squares / (1 - b2 ** (i + 1))) + eps)

    return _descend(grad, x0, callback, num_iters, step)


def _descend(grad: Gradient, x0: Structure, callback: Callback, num_iters: int, step: Callable[[Any, int], Any]) -> Any:
    """Add the steps, each a function of the gradient and the iteration, to the parameters."""
    x, unflatten = flatten(x0)
    for i in range(num_iters):
        g = flatten(grad(unflatten(x), i))[0]
        if np.shape(g) != np.shape(x):
            raise ValueError(f"the gradient has {np.size(g)} numbers, but the parameters have {np.size(x)}")
        if callback is not None:
            callback(unflatten(x), i, unflatten(g))
        x = x + step(g, i)
    return unflatten(x)
