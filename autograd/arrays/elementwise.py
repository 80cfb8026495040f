"""Elementwise functions under NumPy's names, composed of rows of the table: roundings, remainders, parts of numbers.

They take numbers, Values, arrays and Tensors alike.  Nodes hold real numbers, so functions of complex numbers are those
of their real parts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.core.rules import absolute, floor, floor_divide, maximum, minimum, mod, positive, where

__all__ = [
    "angle",
    "around",
    "ceil",
    "conj",
    "conjugate",
    "copysign",
    "deg2rad",
    "degrees",
    "divmod",
    "exp2",
    "fix",
    "fmax",
    "fmin",
    "fmod",
    "frexp",
    "heaviside",
    "imag",
    "ldexp",
    "modf",
    "rad2deg",
    "radians",
    "real",
    "real_if_close",
    "rint",
    "round",
    "trunc",
]


def _operand(x: Any) -> Any:
    """Nested lists of numbers as an array; anything else as it is."""
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


# ---------------------------------------------------------------------------------------------------------------------
# Roundings, whose derivative is 0
# ---------------------------------------------------------------------------------------------------------------------


def ceil(x: Any) -> Any:
    """The smallest whole number that is not smaller.

    >>> ceil(1.5)
    2.0
    """
    return -floor(-_operand(x))


def trunc(x: Any) -> Any:
    """The whole number next to x in the direction of 0.

    >>> trunc(-1.5)
    -1.0
    """
    x = _operand(x)
    return where(x >= 0, floor(x), -floor(-x))


fix = trunc


def rint(x: Any) -> Any:
    """The nearest whole number; the even one, if two are equally near.

    >>> rint(2.5), rint(3.5)
    (2.0, 4.0)
    """
    x = _operand(x)
    below, above = floor(x), -floor(-x)  # -0.0 for x from -1 to 0, as NumPy rounds -0.3
    rest = x - below
    even = -2.0 * floor(-0.5 * below)
    return where(rest < 0.5, below, where(rest > 0.5, above, even))


def round(x: Any, decimals: int = 0) -> Any:
    """The nearest number with so many decimals, as NumPy rounds: x is scaled, rounded and scaled back.

    >>> round(1.25, 1)
    1.2
    """
    if decimals == 0:
        return rint(x)
    scale = 10.0 ** abs(decimals)
    return rint(_operand(x) * scale) / scale if decimals > 0 else rint(_operand(x) / scale) * scale


around = round

# ---------------------------------------------------------------------------------------------------------------------
# Remainders and signs
# ---------------------------------------------------------------------------------------------------------------------


def fmod(x: Any, y: Any) -> Any:
    """The remainder of x / y with the sign of x, as in C; ``mod`` has the sign of y.

    >>> fmod(-5.0, 3.0)
    -2.0
    """
    x, divisor = _operand(x), absolute(_operand(y))
    return where(x < 0, -mod(-x, divisor), mod(x, divisor))


def divmod(x: Any, y: Any) -> tuple[Any, Any]:
    """The whole quotient and the remainder: ``floor_divide(x, y)`` and ``mod(x, y)``."""
    return floor_divide(x, y), mod(x, y)


def modf(x: Any) -> tuple[Any, Any]:
    """The part after the decimal point and the whole number before it, both with the sign of x."""
    x = _operand(x)
    whole, infinite = trunc(x), absolute(x) == np.inf
    finite = where(infinite, 0.0, whole)
    size = where(infinite, 0.0, where(x < 0, finite - x, x - finite))
    return where(x < 0, -size, size), whole


def copysign(x: Any, y: Any) -> Any:
    """The size of x with the sign of y, which has no derivative.

    >>> float(copysign(2.0, -0.0))
    -2.0
    """
    x = _operand(x)
    signs = np.where(np.signbit(y), -1.0, 1.0)
    return absolute(x) * signs.astype(getattr(x, "dtype", float))[()]


def heaviside(x: Any, at_zero: Any) -> Any:
    """0 below 0, 1 above it, and ``at_zero`` at 0.

    >>> heaviside([-1.0, 0.0, 2.0], 0.5)
    array([0. , 0.5, 1. ])
    """
    x = _operand(x)
    return where(x < 0, 0.0, where(x > 0, 1.0, where(x != x, x, _operand(at_zero))))


def fmax(x: Any, y: Any) -> Any:
    """The larger number; if one of them is nan, the other."""
    x, y = _operand(x), _operand(y)
    return where(x != x, y, where(y != y, x, maximum(x, y)))


def fmin(x: Any, y: Any) -> Any:
    """The smaller number; if one of them is nan, the other."""
    x, y = _operand(x), _operand(y)
    return where(x != x, y, where(y != y, x, minimum(x, y)))


# ---------------------------------------------------------------------------------------------------------------------
# Powers of two, and degrees
# ---------------------------------------------------------------------------------------------------------------------


def exp2(x: Any) -> Any:
    """2 to the power x."""
    return 2.0 ** _operand(x)


def ldexp(x: Any, exponent: Any) -> Any:
    """x times 2 to the power of a whole number, in two steps, so that no power of 2 overflows unless the result does.

    >>> float(ldexp(0.5, 1024))
    8.98846567431158e+307
    """
    half = np.asarray(exponent) // 2
    dtype = getattr(x, "dtype", float)
    powers = [np.ldexp(np.ones((), dtype), part)[()] for part in (half, exponent - half)]
    return _operand(x) * powers[0] * powers[1]


def frexp(x: Any) -> tuple[Any, Any]:
    """The mantissa, from 1/2 to 1, and the exponent of 2, a whole number, which has no derivative."""
    exponent = np.frexp(to_numpy(x))[1]
    return ldexp(x, -exponent), exponent


def deg2rad(x: Any) -> Any:
    """Degrees as radians."""
    return _operand(x) * (np.pi / 180.0)


def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    return _operand(x) * (180.0 / np.pi)


radians, degrees = deg2rad, rad2deg

# ---------------------------------------------------------------------------------------------------------------------
# Parts of complex numbers
# ---------------------------------------------------------------------------------------------------------------------


def real(x: Any) -> Any:
    """The real part, which is x itself."""
    return positive(_operand(x))


def imag(x: Any) -> Any:
    """The imaginary part, which is 0."""
    return where(True, 0.0, _operand(x))


def conj(x: Any) -> Any:
    """The complex conjugate, which is x itself."""
    return positive(_operand(x))


conjugate = conj


def real_if_close(x: Any, tol: float = 100.0) -> Any:
    """The real part, which is x itself."""
    return positive(_operand(x))


def angle(x: Any, deg: bool = False) -> Any:
    """The angle of x in the complex plane: π for negative numbers and 0 for all others.

    >>> angle([-2.0, 3.0], deg=True)
    array([180.,   0.])
    """
    x = _operand(x)
    half_turn = 180.0 if deg else np.pi
    return where(x < 0, half_turn, where(x != x, x, 0.0))
