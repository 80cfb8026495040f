"""The cardinal sine and its derivatives."""
# mypy: disable-error-code="has-type"
# (rows use rows further down)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import REAL, library
from autograd.core.special.operands import ORDER, function_of, nonnegative_integer
from autograd.core.ufuncs import number_by_number

__all__ = ["cos_pi", "sin_pi", "sinc", "sinc_derivative", "sinc_of_order"]


def sin_pi(x: float) -> float:
    """sin(πx), exactly 0 for integers: x is reduced before it is multiplied by π, which rounds."""
    turn = math.remainder(x, 2.0)
    return math.sin(math.pi * (turn if abs(turn) <= 0.5 else math.copysign(1.0, turn) - turn))


def cos_pi(x: float) -> float:
    """cos(πx), exactly 0 half-way between integers."""
    return sin_pi(0.5 - abs(math.remainder(x, 2.0)))


def _sinc(x: float) -> float:
    x = abs(x)  # at integers the result is 0.0, never -0.0
    return sin_pi(x) / (math.pi * x) if x else 1.0


def _sinc_of_array(x: AnyNumber) -> AnyNumber:
    x = np.abs(x)
    whole = np.rint(x)
    sine = (1.0 - 2.0 * np.mod(whole, 2.0)) * np.sin(np.pi * (x - whole)) + 0.0  # turns -0.0 into 0.0
    return np.where(x == 0, 1.0, sine / (np.pi * np.where(x == 0, 1.0, x)))


def _sinc_derivative(n: float, x: float) -> float:
    """The derivative of order n of sin(z) / z at z = πx, times πⁿ.

    Differentiating z · (sin(z) / z) = sin(z) gives a recurrence from one order to the next.  It is stable unless z is
    small compared to n; there the power series is used.
    """
    n, z = int(nonnegative_integer(n)), math.pi * x
    scale = math.pi**n
    if abs(z) > (n + 1) / 2:
        sine, cosine = sin_pi(x), cos_pi(x)
        derivative = sine / z
        for k in range(n):
            derivative = ((cosine, -sine, -cosine, sine)[k % 4] - (k + 1) * derivative) / z
        return scale * derivative
    first = n + n % 2
    term, total = (-1.0) ** (first // 2) * z ** (n % 2), 0.0
    for two_k in range(first, 2 * first + 60, 2):
        total += term / (two_k + 1)
        term *= -z * z / ((two_k - n + 1) * (two_k - n + 2))
    return scale * total


_sinc_derivatives = number_by_number(_sinc_derivative)

sinc_of_order = library(
    "sinc_derivative",
    _sinc_derivative,
    lambda n, x: _sinc_derivatives(nonnegative_integer(n), x),
    [lambda n, x, out: 0.0, lambda n, x, out: sinc_of_order(n + 1.0, x)],
    sympy=lambda sympy, n, x: _sinc_formula(sympy, n, x),
    symbol="sinc⁽ⁿ⁾",
    latex=r"\operatorname{sinc}^{($n)}\left($x\right)",
    domain=(ORDER, REAL),
    doc="""The derivative of order n of :func:`sinc`; its slope is the one of order n + 1.

    Raises:
        TypeError: if the order, which has no derivative, is a Value or a Tensor.
        ValueError: if the order is negative or not an integer.

    >>> sinc_derivative(1, 2.0)
    0.5
    """,
)
sinc_derivative = function_of(sinc_of_order)


def _sinc_formula(sympy: Any, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    t = sympy.Dummy("t", real=True)
    return sympy.diff(sympy.sin(sympy.pi * t) / (sympy.pi * t), (t, int(n) if n.is_number else n)).subs(t, x)


sinc = library(
    "sinc",
    _sinc,
    _sinc_of_array,
    [lambda x, out: sinc_of_order(1.0, x)],
    sympy=lambda sympy, x: sympy.sinc(sympy.pi * x),
    latex=r"\operatorname{sinc}\left($x\right)",
    doc="""NumPy's sin(πx) / (πx), the Fourier transform of a box: 1 at 0, and 0 at all other integers.

    >>> from autograd import Value, grad
    >>> sinc(0.0), sinc(3.0)
    (1.0, 0.0)
    >>> round(grad(grad(sinc))(0.0), 12)  # -π²/3
    -3.289868133696
    """,
)
