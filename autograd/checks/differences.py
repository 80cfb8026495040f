"""Difference quotients, which approximate a derivative, and their errors.

For a function f and a step h, which is 1e-4 in the lecture notes:

* forward:  (f(x + h) - f(x)) / h, with an error of order h;
* backward: (f(x) - f(x - h)) / h, with an error of order h;
* central:  (f(x + h) - f(x - h)) / 2h, with an error of order h², usually the best of the three.

Where floats are far apart, x + h is rounded.  So the distance of the two points is divided by, not h itself.

They work with any numbers that can be subtracted and divided; with ``fractions.Fraction`` there is no rounding.

:func:`autograd.measured_slope` chooses the step by itself and bounds the error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from autograd.core.display import InNotebook, html_table
from autograd.core.grad_mode import enable_grad
from autograd.core.scope import enter_scope
from autograd.core.sweep import is_node
from autograd.core.value import Value

__all__ = ["DifferenceErrors", "backward_difference", "central_difference", "difference_errors", "forward_difference"]


class _Number(Protocol):
    """Whatever can be added, subtracted and divided."""

    def __add__(self, other: Any, /) -> Any: ...

    def __sub__(self, other: Any, /) -> Any: ...

    def __truediv__(self, other: Any, /) -> Any: ...


X = TypeVar("X", bound=_Number)
Y = TypeVar("Y", bound=_Number)


def forward_difference(f: Callable[[X], Y], x: X, h: Any = 1e-4) -> Y:
    """The slope of the secant from x to x + h.

    Args:
        f: a function of one number.
        x: the point.
        h: the step, not zero.

    Returns:
        A number of the kind that ``f`` returns.

    Raises:
        ValueError: if the step is zero, or so small that ``x + h`` is rounded to ``x``.

    >>> forward_difference(lambda x: x**2, 3, h=1)
    7.0
    """
    return _secant(f, x, x + h, h)


def backward_difference(f: Callable[[X], Y], x: X, h: Any = 1e-4) -> Y:
    """The slope of the secant from x - h to x; arguments as in :func:`forward_difference`.

    >>> backward_difference(lambda x: x**2, 3, h=1)
    5.0
    """
    return _secant(f, x - h, x, h)


def central_difference(f: Callable[[X], Y], x: X, h: Any = 1e-4) -> Y:
    """The slope of the secant from x - h to x + h; arguments as in :func:`forward_difference`.

    >>> central_difference(lambda x: x**2, 3, h=1)
    6.0
    >>> from fractions import Fraction
    >>> central_difference(lambda x: 4 * x**3, Fraction(1), Fraction(1, 10))
    Fraction(301, 25)
    """
    return _secant(f, x - h, x + h, h)


def _secant(f: Callable[[X], Y], start: Any, end: Any, h: Any) -> Y:
    """The slope between two points; their distance is divided by, which is the step up to rounding."""
    if start == end:
        lost = f", but {h!r} is lost in rounding at {start!r}: take a larger one" if h != 0 else ""
        raise ValueError(f"a difference needs a step h that is not zero{lost}")
    slope: Y = (f(end) - f(start)) / (end - start)
    return slope


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


class _Errors(InNotebook, tuple[DifferenceErrors, ...]):
    """The errors at several points, shown as a table."""

    def rows(self) -> list[list[str]]:
        """The table as cells: a head, and a row for each point."""
        heads = ["x", "derivative", "forward", "central", "backward"]
        return [heads, *([f"{getattr(row, head):.6g}" for head in heads] for row in self)]

    def __str__(self) -> str:
        return "\n".join("".join(f"{cell:>14}" for cell in row) for row in self.rows())

    def _forms(self) -> dict[str, str]:
        return {"html": html_table(self.rows())}


def difference_errors(f: Callable[[Any], Any], xs: Iterable[float], h: float = 1e-4) -> tuple[DifferenceErrors, ...]:
    """The errors of the three differences at each of the given points.

    Args:
        f: a function of one number, which may be a float or, for the derivative, a ``Value``.
        xs: the points.
        h: the step.

    Returns:
        One :class:`DifferenceErrors` for each point; ``print`` shows them as a table.

    Raises:
        ValueError: if the step is zero, or lost in rounding.
        GraphLeftError: if ``f`` reads the number of the ``Value``, as ``math.sin`` does.

    >>> print(difference_errors(lambda x: 4 * x**3 - 2 * x**2 - 7 * x + 1, [0.0, 1.0], h=0.1))
                 x    derivative       forward       central      backward
                 0            -7         -0.16          0.04          0.24
                 1             1          1.04          0.04         -0.96
    """
    return _Errors(_errors_at(f, x, h) for x in xs)


def _errors_at(f: Callable[[Any], Any], x: float, h: float) -> DifferenceErrors:
    leaf = Value(x)
    with enable_grad(), enter_scope([leaf]):
        output = f(leaf)
    if is_node(output):
        output.backward()
    derivative = leaf.grad or 0.0
    return DifferenceErrors(
        x,
        derivative,
        forward=forward_difference(f, x, h) - derivative,
        central=central_difference(f, x, h) - derivative,
        backward=backward_difference(f, x, h) - derivative,
    )
