r"""Special functions: further rows of the table of calculus, for statistics and physics.

The inverse error function and the Bessel functions are SciPy's (``pip install "pathgrad[special]"``), which is imported
when one of them is called.  The others need only Python's ``math`` and NumPy.

Three families contain their own derivatives: the slope of :func:`polygamma` of order n is :func:`polygamma` of order
n + 1, the slope of a derivative of :func:`sinc` is the next derivative, and that of a Bessel function :func:`iv` is the
mean of two others.  The order is an integer operand that selects the function and has no derivative.  So derivatives of
every order are exact, even where a quotient would be 0 / 0.

Formula numbers are those of the NIST Digital Library of Mathematical Functions (DLMF), https://dlmf.nist.gov.
"""
# mypy: disable-error-code="has-type"
# (rows use rows further down)

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import REAL, Interval, library, primitive
from autograd.core.rules import (
    NONNEGATIVE,
    POSITIVE,
    absolute,
    arctanh,
    convention,
    exp,
    log,
    log1p,
    maximum,
    minimum,
    power,
    sigmoid,
    where,
)
from autograd.core.sweep import is_node

__all__ = [
    "digamma",
    "entr",
    "erfinv",
    "gammaln",
    "i0",
    "i1",
    "iv",
    "lgamma",
    "logaddexp",
    "logaddexp2",
    "logit",
    "polygamma",
    "sinc",
    "sinc_derivative",
    "xlogy",
]

INTEGER = Interval(whole=True)
ORDER = Interval(0.0, ends="[)", whole=True)
WITHOUT_POLES = Interval(holes=Interval(high=0.0, ends="(]", whole=True))
"""The domain of Γ: all real numbers except 0, -1, -2, …"""


def scipy_special(function: str) -> Any:
    """``scipy.special``, for a function that needs it."""
    try:
        import scipy.special
    except ImportError:
        raise ImportError(f'{function} needs SciPy, which is not installed: pip install "pathgrad[special]"') from None
    return scipy.special


def _check_order(name: str, n: AnyNumber) -> None:
    if is_node(n):
        raise TypeError(f"{name}: the order n has no derivative, so give an integer, not a {type(n).__name__}")


def _integer(n: AnyNumber) -> AnyNumber:
    """The order, or array of orders, if it is an integer."""
    if not np.all(np.isfinite(n) & (np.floor(n) == n)):
        raise ValueError("the order must be an integer")
    return n


def _nonnegative_integer(n: AnyNumber) -> AnyNumber:
    if not np.all(np.greater_equal(n, 0)):
        raise ValueError("the order must not be negative")
    return _integer(n)


# ---------------------------------------------------------------------------------------------------------------------
# Logarithms, for probabilities
# ---------------------------------------------------------------------------------------------------------------------


def _difference(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """x - y, but 0 for equal infinities.  The first condition holds if x is infinite (or nan)."""
    return where(x - x != 0, where(x != y, x - y, 0.0), x - y)


@primitive(
    lambda x, y, out: sigmoid(_difference(x, y)),
    lambda x, y, out: sigmoid(_difference(y, x)),
    textbook=[lambda x, y, out: sigmoid(x - y), lambda x, y, out: sigmoid(y - x)],
    array=np.logaddexp,
    sympy=lambda sympy, x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
    latex=r"\ln\left(e^{$x} + e^{$y}\right)",
)
def logaddexp(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """log(e^x + e^y), without overflow: the sum of two numbers whose logarithms are x and y.

    The slopes are softmax(x, y): they add up to 1, and at a tie, even of two infinities, both are 1/2.

    >>> from autograd import Value
    >>> x = Value(1000.0)
    >>> y = logaddexp(x, 1000.0)
    >>> y.backward()
    >>> round(y.data, 6), x.grad
    (1000.693147, 0.5)
    """
    return maximum(x, y) + log1p(exp(-absolute(_difference(x, y))))


@primitive(
    lambda x, y, out: sigmoid(log(2.0) * _difference(x, y)),
    lambda x, y, out: sigmoid(log(2.0) * _difference(y, x)),
    array=np.logaddexp2,
    sympy=lambda sympy, x, y: sympy.log(2**x + 2**y) / sympy.log(2),
    latex=r"\log_2\left(2^{$x} + 2^{$y}\right)",
)
def logaddexp2(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """log2(2^x + 2^y), without overflow: :func:`logaddexp` to base 2.

    >>> logaddexp2(3.0, 3.0)
    4.0
    """
    return maximum(x, y) + log1p(power(2.0, -absolute(_difference(x, y)))) / log(2.0)


@primitive(
    lambda x, out: 1.0 / (x * (1.0 - x)),
    sympy=lambda sympy, x: sympy.log(x / (1 - x)),
    latex=r"\ln\frac{$x}{1 - $x}",
    domain=Interval(0.0, 1.0),
)
def logit(x: AnyNumber) -> AnyNumber:
    """log(x / (1 - x)), the logarithm of the odds: the inverse of the sigmoid.

    >>> from autograd import Value, sigmoid
    >>> round(logit(sigmoid(Value(3.0))).data, 12)
    3.0
    """
    low, high = minimum(x, 0.25), maximum(x, 0.25)  # 2x - 1 is exact for x >= 1/4
    return where(x < 0.25, log(low) - log1p(-low), 2.0 * arctanh(2.0 * high - 1.0))


@primitive(
    lambda x, y, out: log(y),
    lambda x, y, out: convention(x / where(x != 0, y, where(y != 0, y, 1.0)), absolute(x) + absolute(y)),
    sympy=lambda sympy, x, y: x * sympy.log(y),
    textbook=[lambda x, y, out: log(y), lambda x, y, out: x / y],
    latex=r"$x \ln\left($y\right)",
    domain=(REAL, POSITIVE),
)
def xlogy(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """x log y, but 0 for x = 0 and every y, so that a probability of zero adds nothing to a cross-entropy.

    At x = 0 the slope in x is still log y, which is ``-inf`` for y = 0; the slope in y is 0, and at y = 0 it has no
    derivative.

    >>> xlogy(0.0, 0.0), xlogy(2.0, 1.0)
    (0.0, 0.0)
    """
    return x * log(where(x != 0, y, 1.0))


@primitive(
    lambda x, out: -log(x) - 1.0,
    sympy=lambda sympy, x: -x * sympy.log(x),
    latex=r"-$x \ln\left($x\right)",
    domain=NONNEGATIVE,
    nan_slopes=True,
)
def entr(x: AnyNumber) -> AnyNumber:
    """-x log x, the contribution of a probability x to an entropy: 0 for x = 0, where the slope is ``inf``.

    >>> entr(0.0), entr(1.0)
    (0.0, 0.0)
    """
    return 0.0 - xlogy(x, x)  # -xlogy(0, 0) would be -0.0


# ---------------------------------------------------------------------------------------------------------------------
# The inverse error function
# ---------------------------------------------------------------------------------------------------------------------


def _erfinv(x: float) -> float:
    if abs(x) >= 1:
        raise ValueError("math domain error")
    return float(scipy_special("erfinv").erfinv(x))


erfinv = library(
    "erfinv",
    _erfinv,
    lambda x: scipy_special("erfinv").erfinv(x),
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

# ---------------------------------------------------------------------------------------------------------------------
# The logarithm of the gamma function, and its derivatives
# ---------------------------------------------------------------------------------------------------------------------

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""The Bernoulli numbers B2, B4, …, B16."""


_DIGAMMA_ZEROS = ((1.4616321449683622, 9.549995429965697e-17), (-0.5040830082644554, -8.15428206243813e-18))
"""The zeros of ψ next to 0, each as the sum of two floats."""


def _polygamma(n: int, x: float) -> float:
    """The derivative of order n of ψ, by recurrence to a larger x (DLMF 5.5.2) and the asymptotic series (5.11.2).

    Close to a pole it may be infinite.
    """
    if n > 170:
        raise OverflowError("math range error")  # n! is too large for a float
    for zero, rest in _DIGAMMA_ZEROS if n == 0 else ():
        if abs(x - zero) < 0.01:
            return _taylor(0, zero, x - zero - rest)
    if x <= 0:
        return _reflected(n, x)
    steps = 0.0
    while x < 2 * n + 10:
        steps += math.prod([1.0 / x] * (n + 1))
        x += 1.0
    y = 1.0 / x
    series: float = math.factorial(n - 1) * y**n if n else -math.log(x)
    series += math.factorial(n) * (0.5 * y ** (n + 1) + steps)
    for two_k, bernoulli in zip(range(2, 18, 2), _BERNOULLI, strict=True):
        series += bernoulli * (math.factorial(n + two_k - 1) / math.factorial(two_k)) * y ** (n + two_k)
    return series if n % 2 else -series


def _reflected(n: int, x: float) -> float:
    """The same for x < 0, by reflection to 1 - x > 0 (DLMF 5.5.4), which adds a derivative of π cot(πx)."""
    if x % 1.0 == 0:
        raise ValueError("math domain error")
    cot = _cos_pi(x) / _sin_pi(x)
    polynomial = [0.0, 1.0]  # in cot, whose derivative is -1 - cot²
    for _ in range(n):
        slope = [k * c for k, c in enumerate(polynomial)][1:]
        polynomial = [-a - b for a, b in zip([*slope, 0.0, 0.0], [0.0, 0.0, *slope], strict=True)]
    derivative = polynomial.pop()
    for coefficient in reversed(polynomial):
        derivative = derivative * cot + coefficient
    return (-1.0) ** n * _polygamma(n, 1.0 - x) - math.pi ** (n + 1) * derivative


@cache
def _coefficients(n: int, at: float) -> list[float]:
    """The Taylor coefficients of order 1, 2, … of ψ⁽ⁿ⁾ around ``at``; for n = -1, of log Γ."""
    return [_polygamma(n + k, at) / math.factorial(k) for k in range(1, 18)]


def _taylor(n: int, at: float, distance: float) -> float:
    """ψ⁽ⁿ⁾(at + distance) for a zero ``at``, near which every other formula loses digits; for n = -1, log Γ."""
    total = 0.0
    for coefficient in reversed(_coefficients(n, at)):
        total = (total + coefficient) * distance
    return total


def _lgamma(x: float) -> float:
    for zero in (1.0, 2.0):
        if abs(x - zero) < 0.1:
            return _taylor(-1, zero, x - zero)
    return math.lgamma(x)


def _finite_polygamma(n: float, x: float) -> float:
    """The polygamma function, or Python's error where it overflows."""
    y = _polygamma(int(_nonnegative_integer(n)), x)
    if math.isinf(y) and math.isfinite(x):
        raise OverflowError("math range error")
    return y


def _number_by_number(f: Callable[..., float], at_poles: float) -> Callable[..., Any]:
    """A function of numbers as a function of arrays, with the value ``at_poles`` where it raises an error.

    SciPy's functions of arrays are faster, but lose digits for negative x, and near a pole all of them.
    """

    def value(*numbers: float) -> float:
        try:
            return f(*numbers)
        except (ValueError, OverflowError):
            return at_poles

    return np.vectorize(value, otypes=[float])


_polygammas = _number_by_number(lambda n, x: _polygamma(int(n), x), math.nan)

polygamma_of_order = library(
    "polygamma",
    _finite_polygamma,
    lambda n, x: _polygammas(_nonnegative_integer(n), x),
    [lambda n, x, out: 0.0, lambda n, x, out: polygamma_of_order(n + 1.0, x)],
    sympy="polygamma",
    symbol="ψ⁽ⁿ⁾",
    latex=r"\psi^{($n)}\left($x\right)",
    domain=(ORDER, WITHOUT_POLES),
    nan_slopes=True,
    doc="The derivative of order n of the digamma function.",
)


def polygamma(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """The derivative of order n of the digamma function (DLMF 5.15); its slope is the one of order n + 1.

    Args:
        n: the order, an integer that is not negative; it has no derivative.
        x: any number except the poles 0, -1, -2, …

    Raises:
        TypeError: if the order is a Value or a Tensor.
        ValueError: if the order is negative or not an integer, or if x is a pole.

    >>> from autograd import Value
    >>> x = Value(1.0)
    >>> y = polygamma(1, x)  # π²/6
    >>> y.backward()
    >>> round(y.data, 12), round(x.grad, 12)  # the slope is -2 ζ(3)
    (1.644934066848, -2.404113806319)
    """
    _check_order("polygamma", n)
    return polygamma_of_order(n, x)


digamma = library(
    "digamma",
    lambda x: _finite_polygamma(0, x),
    lambda x: _polygammas(0, x),
    [lambda x, out: polygamma_of_order(1.0, x)],
    sympy=lambda sympy, x: sympy.polygamma(0, x),
    symbol="ψ",
    latex=r"\psi\left($x\right)",
    domain=WITHOUT_POLES,
    nan_slopes=True,
    doc="""The digamma function ψ, the slope of :func:`lgamma` (DLMF 5.2.2).  SciPy's ufunc calls it ``psi``.

    >>> round(digamma(1.0), 12)  # minus Euler's constant
    -0.577215664902
    """,
)

lgamma = library(
    "lgamma",
    _lgamma,
    _number_by_number(_lgamma, math.inf),
    [lambda x, out: digamma(x)],
    sympy="loggamma",
    symbol="ln Γ",
    latex=r"\ln\left|\Gamma\left($x\right)\right|",
    domain=WITHOUT_POLES,
    doc="""log |Γ(x)|, where Γ(n + 1) = n!; SciPy calls it ``gammaln``.

    >>> import math
    >>> round(math.exp(lgamma(5.0)), 9)
    24.0
    """,
)
gammaln = lgamma

# ---------------------------------------------------------------------------------------------------------------------
# Modified Bessel functions
# ---------------------------------------------------------------------------------------------------------------------


_TINY = 1e-4
"""Below this SciPy's Bessel functions may underflow, and two terms of the power series have all digits."""


def _tiny_iv(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """The first two terms of the power series (DLMF 10.25.2)."""
    n = np.abs(n)
    return np.power(0.5 * x, n) / scipy_special("iv").gamma(n + 1.0) * (1.0 + 0.25 * x * x / (n + 1.0))


def _iv_of_array(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    tiny = np.abs(x) < _TINY
    return np.where(tiny, _tiny_iv(_integer(n), np.where(tiny, x, 0.0)), scipy_special("iv").iv(n, x))


def _iv(n: float, x: float) -> float:
    n = _integer(n)
    y = float(_tiny_iv(n, x) if abs(x) < _TINY else scipy_special("iv").iv(n, x))
    if math.isinf(y):
        raise OverflowError("math range error")
    return y


iv_of_order = library(
    "iv",
    _iv,
    _iv_of_array,
    [lambda n, x, out: 0.0, lambda n, x, out: 0.5 * iv_of_order(n - 1.0, x) + 0.5 * iv_of_order(n + 1.0, x)],
    sympy="besseli",
    symbol="Iₙ",
    latex=r"I_{$n}\left($x\right)",
    domain=(INTEGER, REAL),
    doc="The modified Bessel function of the first kind, of integer order n.",
)


def iv(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """The modified Bessel function of the first kind Iₙ, of integer order n (DLMF 10.25.2); it needs SciPy.

    Its slope is the mean of Iₙ₋₁ and Iₙ₊₁ (DLMF 10.29.1), at 0 too.

    Raises:
        TypeError: if the order, which has no derivative, is a Value or a Tensor.
        ValueError: if the order is not an integer.

    >>> iv(2, 0.0)
    0.0
    """
    _check_order("iv", n)
    return iv_of_order(n, x)


i0 = library(
    "i0",
    lambda x: _iv(0.0, x),
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
    lambda x: _iv(1.0, x),
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

# ---------------------------------------------------------------------------------------------------------------------
# The cardinal sine
# ---------------------------------------------------------------------------------------------------------------------


def _sin_pi(x: float) -> float:
    """sin(πx), exactly 0 for integers: x is reduced before it is multiplied by π, which rounds."""
    turn = math.remainder(x, 2.0)
    return math.sin(math.pi * (turn if abs(turn) <= 0.5 else math.copysign(1.0, turn) - turn))


def _cos_pi(x: float) -> float:
    return _sin_pi(0.5 - abs(math.remainder(x, 2.0)))


def _sinc(x: float) -> float:
    x = abs(x)  # at integers the result is 0.0, never -0.0
    return _sin_pi(x) / (math.pi * x) if x else 1.0


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
    n, z = int(_nonnegative_integer(n)), math.pi * x
    scale = math.pi**n
    if abs(z) > (n + 1) / 2:
        sine, cosine = _sin_pi(x), _cos_pi(x)
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


_sinc_derivatives = _number_by_number(_sinc_derivative, math.nan)

sinc_of_order = library(
    "sinc_derivative",
    _sinc_derivative,
    lambda n, x: _sinc_derivatives(_nonnegative_integer(n), x),
    [lambda n, x, out: 0.0, lambda n, x, out: sinc_of_order(n + 1.0, x)],
    sympy=lambda sympy, n, x: _sinc_formula(sympy, n, x),
    symbol="sinc⁽ⁿ⁾",
    latex=r"\operatorname{sinc}^{($n)}\left($x\right)",
    domain=(ORDER, REAL),
    doc="The derivative of order n of :func:`sinc`.",
)


def sinc_derivative(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """The derivative of order n of :func:`sinc`; its slope is the one of order n + 1.

    Raises:
        TypeError: if the order, which has no derivative, is a Value or a Tensor.
        ValueError: if the order is negative or not an integer.

    >>> sinc_derivative(1, 2.0)
    0.5
    """
    _check_order("sinc_derivative", n)
    return sinc_of_order(n, x)


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
