"""``check_grads`` as HIPS autograd has it, done by :func:`autograd.check_gradients`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from operator import index
from typing import Any

from autograd.checks.gradients import check_gradients
from autograd.core.aliases import Structure

__all__ = ["check_grads", "combo_check"]


def check_grads(
    f: Callable[..., Any],
    argnum: int | Sequence[int] = 0,
    modes: Sequence[str] = ("fwd", "rev"),
    order: int = 2,
) -> Callable[..., None]:
    """A function that checks derivatives of ``f``; in a new program use ``check_gradients``.

    Both modes are checked, whichever are asked for, with a relative tolerance of 1e-6.

    Args:
        f: a function that returns numbers and arrays.
        argnum: the position of the argument in which to differentiate, or several positions.
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

    places = list(map(index, argnum if isinstance(argnum, Sequence) else [argnum]))

    def check(*args: Structure, **kwargs: Structure) -> None:
        def alone(*chosen: Any) -> Any:
            given = dict(zip(places, chosen, strict=True))
            return f(*(given.get(place, x) for place, x in enumerate(args)), **kwargs)

        check_gradients(alone, *(args[place] for place in places), order=order, tolerance=1e-6)  # HIPS's own

    return check


def combo_check(f: Callable[..., Any], *how: Any, **options: Any) -> Callable[..., None]:
    """:func:`check_grads` for every combination of arguments.

    Args:
        f: a function that returns numbers and arrays.
        how: further arguments of :func:`check_grads`.
        options: the same by name.

    Returns:
        A function of sequences: for each argument of ``f``, the choices for it.

    >>> import autograd.numpy as np
    >>> combo_check(np.sum)([np.ones(2), np.ones((2, 3))], axis=[None, 0])
    """
    check = check_grads(f, *how, **options)

    def check_all(*args: Iterable[Structure], **kwargs: Iterable[Structure]) -> None:
        for chosen in product(*args):
            for named in product(*kwargs.values()):
                check(*chosen, **dict(zip(kwargs, named, strict=True)))

    return check_all
