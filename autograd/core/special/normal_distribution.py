"""The normal distribution and the error functions: their inverses, and their scaled tails."""
# mypy: disable-error-code="has-type"
# (rows use rows further down)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import REAL, Interval, library, primitive
from autograd.core.rules import erfc, exp, sqrt
from autograd.core.special.operands import ORDER, UNIT, function_of, nonnegative_integer
from autograd.core.ufuncs import scipy_special, through_scipy, value_of

__all__ = [
    "erfcinv",
    "erfcx",
    "erfcx_derivative",
    "erfinv",
    "inverse_mills",
    "inverse_mills_excess",
    "log_ndtr",
    "ndtr",
    "ndtri",
]


def _erfinv(x: AnyNumber) -> AnyNumber:
    return scipy_special("erfinv").erfinv(x)


erfinv = library(
    "erfinv",
    value_of(_erfinv, Interval(-1.0, 1.0)),
    _erfinv,
    [lambda x, out: exp(out * out) / (2.0 / math.sqrt(math.pi))],  # one over the slope of erf at out
    sympy="erfinv",
    latex=r"\operatorname{erf}^{-1}\left($x\right)",
    domain=Interval(-1.0, 1.0),
    nan_slopes=True,
    doc="""The number whose error function is x (DLMF 7.17.1), used for quantiles of the normal distribution.

    It needs SciPy.

    >>> from autograd import erf
    >>> round(erf(erfinv(0.5)), 12)
    0.5
    """,
)


def _erfcinv(x: AnyNumber) -> AnyNumber:
    return scipy_special("erfcinv").erfcinv(x) + 0.0  # turns -0.0 into 0.0


erfcinv = library(
    "erfcinv",
    value_of(_erfcinv, Interval(0.0, 2.0)),
    _erfcinv,
    [lambda x, out: -exp(out * out) / (2.0 / math.sqrt(math.pi))],
    sympy="erfcinv",
    latex=r"\operatorname{erfc}^{-1}\left($x\right)",
    domain=Interval(0.0, 2.0),
    nan_slopes=True,
    doc="""The inverse of :func:`erfc`, which is ``erfinv(1 - x)``, accurate for tiny x; it needs SciPy.

    >>> round(erfcinv(1e-20), 12)
    6.601580622355
    """,
)


def _erfcx_derivative(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """The derivative of order n, (-2)ⁿ n! e^x² iⁿerfc(x) (DLMF 7.18.4)."""
    y = np.zeros(np.broadcast(n, x).shape)
    for k in np.unique(nonnegative_integer(n)).astype(int).tolist():
        y = np.where(np.equal(n, k), _erfcx_derivative_of_order(k, np.asarray(x, float)), y)
    return y


def _erfcx_derivative_of_order(n: int, x: AnyNumber) -> AnyNumber:
    """An integral, and far to the left a recurrence, both of terms of one sign, so that none cancel."""
    border = -0.3  # not at 0, where rounding would leave a step
    left = np.clip(x, -1e3, border)  # it is infinite for -1e3 already
    head = np.rint(32.0 * left) / 32.0  # its square is exact
    root = np.exp(0.5 * head * head)
    with np.errstate(over="ignore"):
        before, last = 0.0, 2.0 * root * np.exp((left - head) * (left + head)) * root - _erfcx_integral(0, -left)
        for k in range(1, n + 1):
            further = left * last + (k - 1) * before - (1.0 / math.sqrt(math.pi) if k == 1 else 0.0)
            before, last = last, 2.0 * further
    return np.where(x < border, last, _erfcx_integral(n, np.maximum(x, border)))


def _erfcx_integral(n: int, x: AnyNumber) -> AnyNumber:
    """(-2)ⁿ 2/√π ∫ tⁿ exp(-t² - 2xt) dt over t > 0 (DLMF 7.18.2), by the trapezoidal rule.

    It has all digits unless x is far below 0: after t = c exp(u - exp(-u)) the integrand falls off doubly exponentially
    in u.
    """
    finite = np.minimum(x, 1e300)
    c = (n + 1.0) / (finite + np.hypot(finite, math.sqrt(2.0 * n + 2.0)))  # where the integrand is largest, or so
    step = 0.22 / math.sqrt(n + 9.0)
    total = 0.0 * finite
    for u in np.arange(-3.6, 3.9, step).tolist():
        size = math.exp(u - math.exp(-u))
        weight = step * size ** (n + 1) * (1.0 + math.exp(-u))
        total += weight * np.exp(-(size * c) * (size * c + 2.0 * finite))
    y = 2.0 / math.sqrt(math.pi) * (-2.0 * c) ** n * c * total
    return np.where(np.isinf(x), 0.0, y)


erfcx_of_order = library(
    "erfcx_derivative",
    value_of(_erfcx_derivative),
    _erfcx_derivative,
    [lambda n, x, out: 0.0, lambda n, x, out: erfcx_of_order(n + 1.0, x)],
    sympy=lambda sympy, n, x: _erfcx_formula(sympy, n, x),
    symbol="erfcx⁽ⁿ⁾",
    latex=r"\operatorname{erfcx}^{($n)}\left($x\right)",
    domain=(ORDER, REAL),
    doc="""The derivative of order n of :func:`erfcx`; its slope is the one of order n + 1.

    Raises:
        TypeError: if the order, which has no derivative, is a Value or a Tensor.
        ValueError: if the order is negative or not an integer.

    >>> round(erfcx_derivative(1, 1e8) * 1e16, 9)  # -1 / (√π x²)
    -0.564189584
    """,
)
erfcx_derivative = function_of(erfcx_of_order)

_erfcx = through_scipy("erfcx", lambda x: _erfcx_derivative_of_order(0, x), lambda x: x > -0.7)

erfcx = library(
    "erfcx",
    value_of(_erfcx),
    _erfcx,
    [lambda x, out: erfcx_of_order(1.0, x)],
    textbook=[lambda x, out: 2.0 * x * out - 2.0 / sqrt(math.pi)],
    sympy=lambda sympy, x: sympy.exp(x**2) * sympy.erfc(x),
    latex=r"\operatorname{erfcx}\left($x\right)",
    doc="""e^x² erfc(x), the scaled complementary error function, which for large x is 1 / (√π x) where erfc is 0.

    Its slope 2x erfcx(x) - 2/√π, where nearly all digits would cancel for large x, is computed as an integral.

    >>> from autograd import grad
    >>> erfcx(0.0), round(erfcx(1e100) * 1e100, 12)
    (1.0, 0.564189583548)
    >>> round(grad(erfcx)(0.0), 12)  # -2/√π
    -1.128379167096
    """,
)


def _erfcx_formula(sympy: Any, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    t = sympy.Dummy("t", real=True)
    return sympy.diff(sympy.exp(t**2) * sympy.erfc(t), (t, int(n) if n.is_number else n)).subs(t, x)


@primitive(
    lambda x, out: exp(-0.5 * x * x) / sqrt(2.0 * math.pi),
    latex=r"\Phi\left($x\right)",
    symbol="Φ",
)
def ndtr(x: AnyNumber) -> AnyNumber:
    """The standard normal distribution function Φ: the probability of a number below x.

    >>> ndtr(0.0)
    0.5
    """
    return 0.5 * erfc(-x / sqrt(2.0))


def _ndtri(x: AnyNumber) -> AnyNumber:
    return scipy_special("ndtri").ndtri(x)


ndtri = library(
    "ndtri",
    value_of(_ndtri, UNIT),
    _ndtri,
    [lambda x, out: sqrt(2.0 * math.pi) * exp(0.5 * out * out)],  # one over the slope of ndtr at out
    sympy=lambda sympy, x: -sympy.sqrt(2) * sympy.erfcinv(2 * x),
    latex=r"\Phi^{-1}\left($x\right)",
    symbol="Φ⁻¹",
    domain=UNIT,
    nan_slopes=True,
    doc="""The number below which a standard normal variable is with probability x: the inverse of :func:`ndtr`.

    It needs SciPy.

    >>> round(ndtri(0.975), 12)
    1.95996398454
    """,
)

_FAR = -4.0
"""Below this the normal distribution function is computed by a continued fraction."""


def _fraction(x: AnyNumber) -> AnyNumber:
    """x + φ(x) / Φ(x) for x far below 0, by Laplace's continued fraction 1 / (t + 2 / (t + 3 / …)) at t = -x."""
    t = rest = -x
    for k in range(80, 1, -1):
        rest = t + k / rest
    return 1.0 / rest


def _inverse_mills(x: AnyNumber) -> AnyNumber:
    near = np.maximum(x, _FAR)
    density = np.exp(-0.5 * near * near) / math.sqrt(2.0 * math.pi)
    return np.where(x < _FAR, _fraction(np.minimum(x, _FAR)) - x, density / np.asarray(ndtr(near)))


def _inverse_mills_excess(x: AnyNumber) -> AnyNumber:
    return np.where(x < _FAR, _fraction(np.minimum(x, _FAR)), x + _inverse_mills(x))


def _log_ndtr(x: AnyNumber) -> AnyNumber:
    below, above = np.minimum(x, 0.0), np.maximum(x, 0.0)
    far = -0.5 * x * x - np.log(math.sqrt(2.0 * math.pi) * _inverse_mills(below))
    near = np.log(np.asarray(ndtr(np.maximum(below, _FAR))))
    return np.where(x < _FAR, far, np.where(x < 0, near, np.log1p(-np.asarray(ndtr(-above)))))


inverse_mills_excess = library(
    "inverse_mills_excess",
    value_of(_inverse_mills_excess),
    _inverse_mills_excess,
    [lambda x, out: 1.0 - inverse_mills(x) * out],
    sympy=lambda sympy, x: x + _mills_formula(sympy, x),
    doc="""x + φ(x) / Φ(x), which tends to 0 far below 0; the slope of :func:`inverse_mills` contains it.""",
)

inverse_mills = library(
    "inverse_mills",
    value_of(_inverse_mills),
    _inverse_mills,
    [lambda x, out: -out * inverse_mills_excess(x)],
    sympy=lambda sympy, x: _mills_formula(sympy, x),
    latex=r"\frac{\varphi\left($x\right)}{\Phi\left($x\right)}",
    doc="""The inverse Mills ratio φ(x) / Φ(x) of the normal distribution: the slope of :func:`log_ndtr`.""",
)

log_ndtr = library(
    "log_ndtr",
    value_of(_log_ndtr),
    _log_ndtr,
    [lambda x, out: inverse_mills(x)],
    sympy=lambda sympy, x: sympy.log(sympy.erfc(-x / sympy.sqrt(2)) / 2),
    symbol="ln Φ",
    latex=r"\ln \Phi\left($x\right)",
    doc="""The logarithm of :func:`ndtr`, also far below 0, where the probability itself is too small for a float.

    >>> round(log_ndtr(-100.0), 9)
    -5005.524208694
    """,
)


def _mills_formula(sympy: Any, x: AnyNumber) -> AnyNumber:
    return sympy.sqrt(2 / sympy.pi) * sympy.exp(-(x**2) / 2) / sympy.erfc(-x / sympy.sqrt(2))
