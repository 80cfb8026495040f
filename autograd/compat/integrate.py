"""``odeint`` as HIPS autograd has it: SciPy's solver, with derivatives by the adjoint equation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays.functions import concatenate, dot
from autograd.arrays.operands import as_array
from autograd.compat.declaring import defvjp_argnum, primitive
from autograd.compat.flattening import flatten
from autograd.transforms.gradients import vjp

__all__ = ["odeint"]


@primitive
def odeint(func: Callable[..., Any], y0: Any, t: Any, args: tuple[Any, ...] = (), **options: Any) -> Any:
    """The solution of dy/dt = func(y, t, *args) at the times ``t``, as ``scipy.integrate.odeint`` returns it.

    Derivatives in ``y0``, ``t`` and ``args`` are as accurate as the solver.  What ``func`` reads from elsewhere has
    none, and raises an error if it is a node.

    Args:
        func: the rate of change.
        y0: a vector, the solution at ``t[0]``.
        t: the times, in order.
        args: further arguments of ``func``, which may be structures.
        options: options of SciPy's function, such as ``rtol``.
    """
    try:
        from scipy.integrate import odeint as solve
    except ImportError:
        raise ImportError('odeint needs SciPy, which is not installed: pip install "pathgrad[special]"') from None
    return solve(func, y0, t, args, **options)


def _pulled(argnum: int, ys: Any, arguments: Any, options: dict[str, Any]) -> Callable[[Any], Any]:
    """Solve backward from time to time for the solution together with the gradients in it, in the time, in ``args``."""
    func, _, t, *rest = arguments
    t = as_array(t)
    args = rest[0] if rest else ()
    vector, unflatten = flatten(args)
    n, d = np.shape(ys)

    def rate(y: Any, time: Any, vector: Any) -> Any:
        return func(y, time, *unflatten(vector))

    def backward(state: Any, time: Any, vector: Any) -> Any:
        change, pull = vjp(rate, state[:d], time, vector)
        to_y, to_t, to_args = pull(-state[d : 2 * d])
        return concatenate([change, to_y, np.reshape(to_t, (1,)), to_args])

    def pull(g: Any) -> Any:
        to_y, to_start, to_args = g[n - 1], 0.0, np.zeros(np.shape(vector))
        to_t: list[Any] = []
        for i in range(n - 1, 0, -1):
            moved = dot(func(ys[i], t[i], *args), g[i])  # a later time t[i] moves ys[i] along
            to_t.append(moved)
            to_start = to_start - moved
            state = concatenate([ys[i], to_y, np.reshape(to_start, (1,)), to_args])
            state = odeint(backward, state, t[[i, i - 1]], (vector,), **options)[1]
            to_y, to_start, to_args = state[d : 2 * d] + g[i - 1], state[2 * d], state[2 * d + 1 :]
        times = concatenate([np.reshape(x, (1,)) for x in [to_start, *reversed(to_t)]])
        return (None, to_y, times, unflatten(to_args))[argnum]

    return pull


defvjp_argnum(odeint, _pulled)
