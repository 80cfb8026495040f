"""Numerical differences: the derivative as the notes introduce it, and how far it is off.

For a function f and a step h (the notes take 1e-4):

* forward:  (f(x + h) - f(x)) / h, with an error of order h;
* backward: (f(x) - f(x - h)) / h, with an error of order h;
* central:  (f(x + h) - f(x - h)) / 2h, with an error of order h², mostly the best of the three.

They work with any numbers that subtract and divide; with ``fractions.Fraction`` they are free of rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from autograd.value import Value

__all__ = ["DifferenceErrors", "backward_difference", "central_difference", "difference_errors", "forward_difference"]

Function = Callable[[Any], Any]


def forward_difference(f: Function, x: Any, h: Any = 1e-4) -> Any:
    """The slope of the secant from x to x + h.

    Args:
        f: a function of one number.
        x: where.
        h: the step, not zero.

    Raises:
        ValueError: if the step is zero.

    >>> forward_difference(lambda x: x**2, 3, h=1)
    7.0
    """
    return (f(x + _step(h)) - f(x)) / h


def backward_difference(f: Function, x: Any, h: Any = 1e-4) -> Any:
    """The slope of the secant from x - h to x; arguments as in :func:`forward_difference`.

    >>> backward_difference(lambda x: x**2, 3, h=1)
    5.0
    """
    return (f(x) - f(x - _step(h))) / h


def central_difference(f: Function, x: Any, h: Any = 1e-4) -> Any:
    """The slope of the secant from x - h to x + h; arguments as in :func:`forward_difference`.

    >>> central_difference(lambda x: x**2, 3, h=1)
    6.0
    >>> from fractions import Fraction
    >>> central_difference(lambda x: 4 * x**3, Fraction(1), Fraction(1, 10))
    Fraction(301, 25)
    """
    return (f(x + _step(h)) - f(x - h)) / (2 * h)


def _step(h: Any) -> Any:
    if h == 0:
        raise ValueError("a difference needs a step h that is not zero")
    return h


@dataclass(frozen=True)
class DifferenceErrors:
    """The errors of the three differences at one point.

    Attributes:
        x: the point.
        derivative: the derivative there, from the backward sweep.
        forward: forward difference minus derivative.
        central: central difference minus derivative.
        backward: backward difference minus derivative.
    """

    x: float
    derivative: float
    forward: float
    central: float
    backward: float


class _Errors(tuple[DifferenceErrors, ...]):
    """The rows, printed as a table."""

    def __str__(self) -> str:
        heads = ("x", "derivative", "forward", "central", "backward")
        lines = ["".join(f"{head:>14}" for head in heads)]
        lines += ["".join(f"{getattr(row, head):>14.6g}" for head in heads) for row in self]
        return "\n".join(lines)


def difference_errors(f: Function, xs: Iterable[float], h: float = 1e-4) -> tuple[DifferenceErrors, ...]:
    """How far the three differences are from the derivative, at each of some points.

    Args:
        f: a function of one number that takes a ``Value`` as well, for the derivative.
        xs: the points.
        h: the step.

    Returns:
        One :class:`DifferenceErrors` for each point; printed, they are a table.

    >>> print(difference_errors(lambda x: 4 * x**3 - 2 * x**2 - 7 * x + 1, [0.0, 1.0], h=0.1))
                 x    derivative       forward       central      backward
                 0            -7         -0.16          0.04          0.24
                 1             1          1.04          0.04         -0.96
    """
    return _Errors(_errors(f, xs, h))


def _errors(f: Function, xs: Iterable[float], h: float) -> Iterator[DifferenceErrors]:
    for x in xs:
        leaf = Value(x)
        output = f(leaf)
        if isinstance(output, Value):
            output.backward()
        exact = leaf.grad or 0.0
        differences = (
            difference(f, x, h) for difference in (forward_difference, central_difference, backward_difference)
        )
        yield DifferenceErrors(x, exact, *(difference - exact for difference in differences))
