"""Bessel functions, of integer and of real order."""
# mypy: disable-error-code="has-type"
# (rows use rows further down)

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import library
from autograd.core.rules import POSITIVE
from autograd.core.special.operands import (
    ABOVE_ZERO,
    ORDER,
    REAL_ORDER,
    function_of,
    nonnegative_integer,
    unknown,
)
from autograd.core.ufuncs import scipy_special, value_of

__all__ = ["i0", "i1", "iv", "ive", "ive_derivative", "j0", "j1", "jv", "kv", "kve", "kve_derivative", "y0", "y1", "yv"]

_TINY = 1e-4
"""Below this SciPy's Bessel functions may underflow, and two terms of the power series have all digits."""

_HUGE = 1e5
"""Above this the asymptotic series of Hankel has all digits; further on SciPy's functions lose theirs."""


def _power_series(scipy: Any, n: AnyNumber, x: AnyNumber, sign: float) -> AnyNumber:
    """The first two terms of the power series of Jₙ, with the sign -1, or of Iₙ (DLMF 10.2.2 and 10.25.2)."""
    flipped = np.where((n < 0) & (np.floor(n) == n), np.where(sign > 0, 1.0, 1.0 - 2.0 * np.mod(n, 2.0)), 1.0)
    n = np.where((n < 0) & (np.floor(n) == n), -n, n)  # of an integer order -n it is that of n, up to the sign
    first = flipped * np.power(0.5 * x, n) / scipy.gamma(n + 1.0)
    return first * (1.0 + sign * 0.25 * x * x / (n + 1.0))


def _hankel(n: AnyNumber, x: AnyNumber, count: int) -> list[AnyNumber]:
    """The first terms of the asymptotic series in 1 / x (DLMF 10.17.1)."""
    terms = [1.0 + 0.0 * x]
    for k in range(1, count):
        terms.append(terms[-1] * (4.0 * n * n - (2 * k - 1) ** 2) / (8.0 * k * x))
    return terms


def _alternating(terms: Sequence[AnyNumber]) -> AnyNumber:
    return sum(terms[::2]) - sum(terms[1::2])


def _far_waves(n: AnyNumber, x: AnyNumber) -> tuple[AnyNumber, AnyNumber]:
    """Jₙ and Yₙ for large x (DLMF 10.17.3)."""
    terms = _hankel(n, x, 9)
    even, odd = _alternating(terms[::2]), _alternating(terms[1::2])
    turn = np.pi * np.mod(0.5 * n + 0.25, 2.0)
    cosine = np.cos(x) * np.cos(turn) + np.sin(x) * np.sin(turn)
    sine = np.sin(x) * np.cos(turn) - np.cos(x) * np.sin(turn)
    size = np.sqrt(2.0 / (np.pi * x))
    return size * (even * cosine - odd * sine), size * (even * sine + odd * cosine)


def _iv_of_array(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    scipy, tiny = scipy_special("iv"), np.abs(x) < _TINY
    return np.where(tiny, _power_series(scipy, n, np.where(tiny, x, _TINY), 1.0), scipy.iv(n, x))


iv_of_order = library(
    "iv",
    value_of(_iv_of_array),
    _iv_of_array,
    [lambda n, x, out: unknown(), lambda n, x, out: 0.5 * iv_of_order(n - 1.0, x) + 0.5 * iv_of_order(n + 1.0, x)],
    sympy="besseli",
    symbol="Iₙ",
    latex=r"I_{$n}\left($x\right)",
    domain=(REAL_ORDER, POSITIVE),
    doc="""The modified Bessel function of the first kind Iₙ (DLMF 10.25.2); it needs SciPy.

    The order n may be any number, but negative x have a value for integers only.  It must not be a Value or a Tensor:
    the derivative in it is not elementary.  The slope is the mean of Iₙ₋₁ and Iₙ₊₁ (DLMF 10.29.1), at 0 too.

    >>> iv(2, 0.0), round(iv(0.5, 2.0), 12)  # √(2 / (πx)) sinh x
    (0.0, 2.046236863089)
    """,
)
iv = function_of(iv_of_order)

i0 = library(
    "i0",
    value_of(lambda x: _iv_of_array(0.0, x)),
    lambda x: iv_of_order(0.0, x),
    [lambda x, out: i1(x)],
    sympy=lambda sympy, x: sympy.besseli(0, x),
    symbol="I₀",
    latex=r"I_0\left($x\right)",
    doc="""The modified Bessel function I₀, whose slope is :func:`i1` (DLMF 10.29.3); it needs SciPy.

    >>> i0(0.0)
    1.0
    """,
)

i1 = library(
    "i1",
    value_of(lambda x: _iv_of_array(1.0, x)),
    lambda x: iv_of_order(1.0, x),
    [lambda x, out: 0.5 * i0(x) + 0.5 * iv_of_order(2.0, x)],
    sympy=lambda sympy, x: sympy.besseli(1, x),
    symbol="I₁",
    latex=r"I_1\left($x\right)",
    doc="""The modified Bessel function I₁; it needs SciPy.  Its slope I₀ - I₁/x is written as (I₀ + I₂)/2.

    That form holds at 0 too, where the quotient is 0 / 0.

    >>> from autograd import Value
    >>> x = Value(0.0)
    >>> i1(x).backward()
    >>> x.grad
    0.5
    """,
)


def _near_or_far(n: AnyNumber, x: AnyNumber, near: AnyNumber, far: Callable[[AnyNumber], AnyNumber]) -> AnyNumber:
    """``near``, but for large |x| ``far``, a function of |x|."""
    size, bound = np.abs(x), _HUGE * (1.0 + np.abs(n))
    return np.where(size > bound, _parity(n, x) * far(np.maximum(size, bound)), near)


def _parity(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """(-1)ⁿ for x < 0, the sign of Jₙ(x) and Iₙ(x) relative to those at |x|."""
    return np.where(x < 0, np.where(np.floor(n) == n, 1.0 - 2.0 * np.mod(n, 2.0), np.nan), 1.0)


def _scaled(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """e^-x Iₙ(x) for x >= 0."""
    scipy, tiny = scipy_special("ive"), x < _TINY
    small = np.where(tiny, x, _TINY)
    return np.where(tiny, _power_series(scipy, n, small, 1.0) * np.exp(-small), scipy.ive(n, x))


def _ive_derivative(m: AnyNumber, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """The derivative of order m; terms nearly cancel for large x, where the asymptotic series is differentiated."""
    y = np.zeros(np.broadcast(m, n, x).shape)
    for k in np.unique(nonnegative_integer(m)).astype(int).tolist():
        y = np.where(np.equal(m, k), _ive_derivative_of_order(k, n, x), y)
    return y


def _ive_derivative_of_order(m: int, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    size, bound = np.abs(x), 20.0 + n * n / 8.0
    large = np.maximum(size, bound)
    near = sum((-1.0) ** k * math.comb(2 * m, k) * _scaled(n - m + k, size) for k in range(2 * m + 1)) / 2.0**m
    powers = [math.prod([-(k + 0.5 + j) for j in range(m)]) for k in range(24)]  # from the derivatives of x^-(k + 1/2)
    terms = [power * term for power, term in zip(powers, _hankel(n, large, 24), strict=True)]
    far = _alternating(terms) / (np.sqrt(2.0 * np.pi * large) * large**m)
    parity = _parity(n + m, np.where(x == 0, -1.0, x))
    on_kink = np.where(parity == -1.0, 0.0, near)  # the mean of both sides
    return np.where(x == 0, on_kink, parity * np.where(size > bound, far, near))


ive_derivative_of_order = library(
    "ive_derivative",
    value_of(_ive_derivative),
    _ive_derivative,
    [
        lambda m, n, x, out: 0.0,
        lambda m, n, x, out: unknown(),
        lambda m, n, x, out: ive_derivative_of_order(m + 1.0, n, x),
    ],
    sympy=lambda sympy, m, n, x: _ive_formula(sympy, m, n, x),
    latex=r"\frac{\partial^{$m}}{\partial {$x}^{$m}} e^{-\left|$x\right|} I_{$n}\left($x\right)",
    domain=(ORDER, REAL_ORDER, POSITIVE),
    kink=lambda m, n, x: x,
    averages=True,
    doc="""The derivative of order m of :func:`ive`; its slope is the one of order m + 1.

    >>> round(ive_derivative(1, 0.0, 1e8) * 1e13, 9)  # -1 / √(8πx³)
    -1.994711409
    """,
)
ive_derivative = function_of(ive_derivative_of_order)

ive_of_order = library(
    "ive",
    value_of(lambda n, x: _ive_derivative_of_order(0, n, x)),
    lambda n, x: _ive_derivative_of_order(0, n, x),
    [lambda n, x, out: unknown(), lambda n, x, out: ive_derivative_of_order(1.0, n, x)],
    sympy=lambda sympy, n, x: sympy.besseli(n, x) * sympy.exp(-sympy.Abs(x)),
    symbol="e^-|x| Iₙ",
    latex=r"e^{-\left|$x\right|} I_{$n}\left($x\right)",
    domain=(REAL_ORDER, POSITIVE),
    kink=lambda n, x: x,
    averages=True,
    doc="""The modified Bessel function of the first kind, times e^-|x|, so that it does not overflow; it needs SciPy.

    The order n may be any number, but negative x have a value for integers only.

    >>> round(ive(0.0, 1e6) * 1e3, 6)
    0.398942
    """,
)
ive = function_of(ive_of_order)


def _ive_formula(sympy: Any, m: AnyNumber, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    t = sympy.Dummy("t", positive=True)
    return sympy.diff(sympy.besseli(n, t) * sympy.exp(-t), (t, int(m) if m.is_number else m)).subs(t, x)


def _kv(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    return scipy_special("kv").kv(n, x)


kv_of_order = library(
    "kv",
    value_of(_kv, ABOVE_ZERO),
    _kv,
    [lambda n, x, out: unknown(), lambda n, x, out: -0.5 * kv_of_order(n - 1.0, x) - 0.5 * kv_of_order(n + 1.0, x)],
    sympy="besselk",
    symbol="Kₙ",
    latex=r"K_{$n}\left($x\right)",
    domain=(REAL_ORDER, POSITIVE),
    nan_slopes=True,
    doc="""The modified Bessel function of the second kind Kₙ, of any order n, for x > 0 (DLMF 10.27.4); it needs SciPy.

    The order must not be a Value or a Tensor: the derivative in it is not elementary.

    >>> round(kv(0.5, 2.0), 12)  # √(π / (2x)) e^-x
    0.119937771968
    """,
)
kv = function_of(kv_of_order)


def _kve(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    return np.where(x == math.inf, 0.0, scipy_special("kve").kve(n, x))  # SciPy's own is nan there


def _kve_derivative(m: AnyNumber, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """The derivative of order m; terms nearly cancel for large x, where it is computed as an integral."""
    y = np.zeros(np.broadcast(m, n, x).shape)
    for k in np.unique(nonnegative_integer(m)).astype(int).tolist():
        near = sum((-1.0) ** (j + k) * math.comb(2 * k, j) * _kve(n - k + j, x) for j in range(2 * k + 1)) / 2.0**k
        far = _kve_integral(k, np.abs(n), np.maximum(x, 1.0))
        y = np.where(np.equal(m, k), np.where((x > 1) & (np.abs(n) < 100), far, near), y)
    return y


def _kve_integral(m: int, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """(-1)ᵐ ∫ (cosh t - 1)ᵐ e^(-x (cosh t - 1)) cosh(nt) dt over t > 0 (DLMF 10.32.9), by the trapezoidal rule.

    With w² = x (cosh t - 1) the integrand is e^-w² times a factor of one sign; so no terms cancel.
    """
    order, total = np.minimum(n, 100.0), 0.0
    for w in np.arange(0.0, 7.0 + math.sqrt(np.fmax.reduce(order, axis=None, initial=0.0)), 0.2).tolist():
        width = np.sqrt(2.0 * x + w * w)
        bent = np.cosh(order * (2.0 * np.arcsinh(w / np.sqrt(2.0 * x))))
        total = total + (0.4 if w else 0.2) * (-w * w / x) ** m * (math.exp(-w * w) * bent / width)
    return total


kve_derivative_of_order = library(
    "kve_derivative",
    value_of(_kve_derivative, ABOVE_ZERO),
    _kve_derivative,
    [
        lambda m, n, x, out: 0.0,
        lambda m, n, x, out: unknown(),
        lambda m, n, x, out: kve_derivative_of_order(m + 1.0, n, x),
    ],
    sympy=lambda sympy, m, n, x: _kve_formula(sympy, m, n, x),
    latex=r"\frac{\partial^{$m}}{\partial {$x}^{$m}} e^{$x} K_{$n}\left($x\right)",
    domain=(ORDER, REAL_ORDER, POSITIVE),
    nan_slopes=True,
    doc="""The derivative of order m of :func:`kve`; its slope is the one of order m + 1.

    >>> round(kve_derivative(1, 0.0, 1e10) * 1e15, 9)  # -√(π / (8x³))
    -0.626657069
    """,
)
kve_derivative = function_of(kve_derivative_of_order)

kve_of_order = library(
    "kve",
    value_of(_kve, ABOVE_ZERO),
    _kve,
    [lambda n, x, out: unknown(), lambda n, x, out: kve_derivative_of_order(1.0, n, x)],
    sympy=lambda sympy, n, x: sympy.besselk(n, x) * sympy.exp(x),
    symbol="eˣ Kₙ",
    latex=r"e^{$x} K_{$n}\left($x\right)",
    domain=(REAL_ORDER, POSITIVE),
    nan_slopes=True,
    doc="""The modified Bessel function of the second kind, times eˣ, so that it does not become 0; it needs SciPy.

    >>> round(kve(0.0, 1e6) * 1e3, 6)
    1.253314
    """,
)
kve = function_of(kve_of_order)


def _kve_formula(sympy: Any, m: AnyNumber, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    t = sympy.Dummy("t", positive=True)
    return sympy.diff(sympy.besselk(n, t) * sympy.exp(t), (t, int(m) if m.is_number else m)).subs(t, x)


def _jv(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    scipy, tiny = scipy_special("jv"), np.abs(x) < _TINY
    near = np.where(tiny, _power_series(scipy, n, np.where(tiny, x, _TINY), -1.0), scipy.jv(n, x))
    return _near_or_far(n, x, near, lambda x: _far_waves(n, x)[0])


def _yv(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    scipy, tiny = scipy_special("yv"), (x > 0) & (x < 1e-9) & ((n == 0) | (n >= 1))
    half = np.where(tiny, 0.5 * x, 1.0)  # the first term of the power series (DLMF 10.7.1 and 10.7.4)
    first = np.where(n == 0, 2.0 * (np.log(half) + np.euler_gamma), -scipy.gamma(n) * np.power(half, -1.0 * n)) / np.pi
    return _near_or_far(n, x, np.where(tiny, first, scipy.yv(n, x)), lambda x: _far_waves(n, x)[1])


jv_of_order = library(
    "jv",
    value_of(_jv),
    _jv,
    [lambda n, x, out: unknown(), lambda n, x, out: 0.5 * jv_of_order(n - 1.0, x) - 0.5 * jv_of_order(n + 1.0, x)],
    sympy="besselj",
    symbol="Jₙ",
    latex=r"J_{$n}\left($x\right)",
    domain=(REAL_ORDER, POSITIVE),
    doc="""The Bessel function of the first kind Jₙ (DLMF 10.2.2); it needs SciPy.

    The order n may be any number, but negative x have a value for integers only.  It must not be a Value or a Tensor:
    the derivative in it is not elementary.

    >>> round(jv(0.5, 2.0), 12)  # √(2 / (πx)) sin x
    0.513016136562
    """,
)
jv = function_of(jv_of_order)

yv_of_order = library(
    "yv",
    value_of(_yv, POSITIVE),
    _yv,
    [lambda n, x, out: unknown(), lambda n, x, out: 0.5 * yv_of_order(n - 1.0, x) - 0.5 * yv_of_order(n + 1.0, x)],
    sympy="bessely",
    symbol="Yₙ",
    latex=r"Y_{$n}\left($x\right)",
    domain=(REAL_ORDER, POSITIVE),
    nan_slopes=True,
    doc="""The Bessel function of the second kind Yₙ, of any order n, for x > 0 (DLMF 10.2.3); it needs SciPy.

    The order must not be a Value or a Tensor: the derivative in it is not elementary.

    >>> round(yv(0.5, 2.0), 12)  # -√(2 / (πx)) cos x
    0.234785710406
    """,
)
yv = function_of(yv_of_order)

j0 = library(
    "j0",
    value_of(lambda x: _jv(0.0, x)),
    lambda x: _jv(0.0, x),
    [lambda x, out: -j1(x)],
    sympy=lambda sympy, x: sympy.besselj(0, x),
    symbol="J₀",
    latex=r"J_0\left($x\right)",
    doc="""The Bessel function J₀, whose slope is -J₁ (DLMF 10.6.3); it needs SciPy.

    >>> j0(0.0)
    1.0
    """,
)

j1 = library(
    "j1",
    value_of(lambda x: _jv(1.0, x)),
    lambda x: _jv(1.0, x),
    [lambda x, out: 0.5 * j0(x) - 0.5 * jv_of_order(2.0, x)],
    sympy=lambda sympy, x: sympy.besselj(1, x),
    symbol="J₁",
    latex=r"J_1\left($x\right)",
    doc="""The Bessel function J₁; it needs SciPy.

    >>> from autograd import grad
    >>> grad(j1)(0.0)
    0.5
    """,
)

y0 = library(
    "y0",
    value_of(lambda x: _yv(0.0, x), POSITIVE),
    lambda x: _yv(0.0, x),
    [lambda x, out: -y1(x)],
    sympy=lambda sympy, x: sympy.bessely(0, x),
    symbol="Y₀",
    latex=r"Y_0\left($x\right)",
    domain=POSITIVE,
    nan_slopes=True,
    doc="""The Bessel function of the second kind Y₀, for x > 0; it needs SciPy.

    >>> round(y0(1.0), 12)
    0.088256964216
    """,
)

y1 = library(
    "y1",
    value_of(lambda x: _yv(1.0, x), POSITIVE),
    lambda x: _yv(1.0, x),
    [lambda x, out: 0.5 * y0(x) - 0.5 * yv_of_order(2.0, x)],
    sympy=lambda sympy, x: sympy.bessely(1, x),
    symbol="Y₁",
    latex=r"Y_1\left($x\right)",
    domain=POSITIVE,
    nan_slopes=True,
    doc="""The Bessel function of the second kind Y₁, for x > 0; it needs SciPy.

    >>> round(y1(1.0), 12)
    -0.7812128213
    """,
)
