"""``check_grads`` as HIPS autograd has it, done by :func:`autograd.check_gradients`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.checks.gradients import check_gradients
from autograd.core.aliases import Structure

__all__ = ["check_grads"]


def check_grads(
    f: Callable[..., Any], argnum: int = 0, modes: Sequence[str] = ("fwd", "rev"), order: int = 2
) -> Callable[..., None]:
    """A function that checks the derivatives of ``f`` in one argument; in a new program use ``check_gradients``.

    Both modes are checked, whichever are asked for.

    Args:
        f: a function that returns numbers and arrays.
        argnum: the position of the argument.
        modes: ``"fwd"`` and ``"rev"``, or one of them.
        order: 1 for first derivatives, 2 for second derivatives as well.

    Returns:
        A function of the arguments of ``f`` that returns nothing.

    Raises:
        GradientError: when called, if the derivatives do not agree with measured slopes.
        ValueError: if ``modes`` has another word, or ``order`` is neither 1 nor 2.

    >>> from autograd import tanh
    >>> check_grads(tanh)(0.5)
    """
    if not set(modes) <= {"fwd", "rev"}:
        raise ValueError(f'modes are "fwd" and "rev", not {modes!r}')
    if order not in (1, 2):
        raise ValueError(f"check_grads checks the order 1 or 2, not {order!r}")

    def check(*args: Structure, **kwargs: Structure) -> None:
        def alone(x: Any) -> Any:
            return f(*args[:argnum], x, *args[argnum + 1 :], **kwargs)

        check_gradients(alone, args[argnum], order=order)

    return check
