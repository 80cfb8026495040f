r"""Special functions: further rows of the table of calculus, for statistics and physics.

The Bessel functions, the incomplete gamma and beta functions and the inverse error functions are SciPy's (``pip install
"pathgrad[special]"``), which is imported when one of them is called.  The others need only Python's ``math`` and NumPy.

Some families contain their own derivatives: the slope of :func:`polygamma` of order n is :func:`polygamma` of order
n + 1, the slope of a derivative of :func:`sinc` is the next derivative, and that of a Bessel function such as
:func:`iv` is the mean of two others.  So derivatives of every order are exact, even where a quotient would be 0 / 0.

An operand may have no derivative here: an integer that selects the function, such as the order of :func:`polygamma`, or
a number in which the derivative is not elementary, such as the order of :func:`jv` or the shape of :func:`gammainc`.
The functions refuse a Value or a Tensor as such an operand (:func:`_function_of`).

Formula numbers are those of the NIST Digital Library of Mathematical Functions (DLMF), https://dlmf.nist.gov.
"""
# mypy: disable-error-code="has-type"
# (rows use rows further down)

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache, wraps
from typing import Any

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import REAL, Interval, Primitive, library, primitive
from autograd.core.rules import (
    NONNEGATIVE,
    POSITIVE,
    absolute,
    arctanh,
    convention,
    erfc,
    exp,
    log,
    log1p,
    maximum,
    minimum,
    power,
    sigmoid,
    sqrt,
    where,
)
from autograd.core.sweep import is_node
from autograd.core.ufuncs import number_by_number, scipy_special, through_scipy, value_of

__all__ = [
    "beta", "betainc", "betaln", "digamma", "entr", "erfcinv", "erfcx", "erfcx_derivative", "erfinv", "gamma",
    "gammainc", "gammaincc", "gammaln", "i0", "i1", "inverse_mills", "inverse_mills_excess", "iv", "ive",
    "ive_derivative", "j0", "j1", "jv", "kv", "kve", "kve_derivative", "lgamma", "log_ndtr", "logaddexp",
    "logaddexp2", "logit", "ndtr", "ndtri", "polygamma", "polygamma_difference", "rgamma", "sinc",
    "sinc_derivative", "stdtr", "xlog1py", "xlogy", "y0", "y1", "yv",
]  # fmt: skip

INTEGER = Interval(whole=True)
ORDER = Interval(0.0, ends="[)", whole=True)
UNIT = Interval(0.0, 1.0)
SHAPE = Interval(0.0, constant=True)
REAL_ORDER = Interval(0.0, ends="[)", constant=True)
_ABOVE_ZERO = Interval(0.0, ends="(]")
WITHOUT_POLES = Interval(holes=Interval(high=0.0, ends="(]", whole=True))
"""The domain of Γ: all real numbers except 0, -1, -2, …"""


def _function_of(row: Primitive) -> Callable[..., Any]:
    """The row as a function that refuses a node as an operand without a derivative."""
    reasons = {
        name: f"the order {name} has no derivative, so give an integer"
        if interval.whole
        else f"the derivative in {name} is not elementary, so give a number"
        for name, interval in zip(row.parameters, row.domain, strict=True)
        if interval.fixed
    }
    signature = inspect.signature(row)

    @wraps(row)
    def function(*operands: AnyNumber, **named: AnyNumber) -> AnyNumber:
        given = signature.bind(*operands, **named).arguments
        for name, reason in reasons.items():
            if is_node(given[name]):
                raise TypeError(f"{row.name}: {reason}, not a {type(given[name]).__name__}")
        return row(*given.values())

    function.__name__ = function.__qualname__ = row.name
    return function


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
    lambda x, y, out: log1p(y),
    lambda x, y, out: convention(
        x / where(x != 0, 1.0 + y, where(y != -1, 1.0 + y, 1.0)), absolute(x) + absolute(1 + y)
    ),
    sympy=lambda sympy, x, y: x * sympy.log(1 + y),
    textbook=[lambda x, y, out: log(1.0 + y), lambda x, y, out: x / (1.0 + y)],
    latex=r"$x \ln\left(1 + $y\right)",
    domain=(REAL, Interval(-1.0)),
)
def xlog1py(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """x log(1 + y), accurate for tiny y, but 0 for x = 0 and every y, as :func:`xlogy` is.

    >>> xlog1py(0.0, -1.0), xlog1py(1.0, 1e-20)
    (0.0, 1e-20)
    """
    return x * log1p(where(x != 0, y, 0.0))


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
# The normal distribution
# ---------------------------------------------------------------------------------------------------------------------


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
    for k in np.unique(_nonnegative_integer(n)).astype(int).tolist():
        y = np.where(np.equal(n, k), _erfcx_derivative_of_order(k, np.asarray(x, float)), y)
    return y


def _erfcx_derivative_of_order(n: int, x: AnyNumber) -> AnyNumber:
    """For x >= 0 an integral, and from there to x < 0 a recurrence, both of terms of one sign, so that none cancel."""
    left = np.clip(x, -1e3, 0.0)  # it is infinite for -1e3 already
    head = np.rint(32.0 * left) / 32.0  # its square is exact
    root = np.exp(0.5 * head * head)
    before, last = 0.0, 2.0 * root * np.exp((left - head) * (left + head)) * root - _erfcx_integral(0, -left)
    for k in range(1, n + 1):
        following = 2.0 * left * last - 2.0 / math.sqrt(math.pi) if k == 1 else 2.0 * (left * last + (k - 1) * before)
        before, last = last, following
    return np.where(x < 0, last, _erfcx_integral(n, np.maximum(x, 0.0)))


def _erfcx_integral(n: int, x: AnyNumber) -> AnyNumber:
    """(-2)ⁿ 2/√π ∫ tⁿ exp(-t² - 2xt) dt over t > 0 for x >= 0 (DLMF 7.18.2), by the trapezoidal rule.

    The rule has all digits after t = c exp(u - exp(-u)), where the integrand falls off doubly exponentially in u.
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
erfcx_derivative = _function_of(erfcx_of_order)

_erfcx = through_scipy("erfcx", lambda x: _erfcx_derivative_of_order(0, x), lambda x: x > -1.0)

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


# ---------------------------------------------------------------------------------------------------------------------
# The gamma function, its logarithm and the derivatives of that
# ---------------------------------------------------------------------------------------------------------------------

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
"""The Bernoulli numbers B2, B4, …, B16."""


_DIGAMMA_ZEROS = ((1.4616321449683622, 9.549995429965697e-17), (-0.5040830082644554, -8.15428206243813e-18))
"""The zeros of ψ next to 0, each as the sum of two floats."""


def _over_power(n: int, x: float) -> float:
    """n! / xⁿ⁺¹ for x > 0; large and small factors alternate, so that no product on the way leaves the range."""
    pairs = math.prod(k / x * ((n + 1 - k) / x) for k in range(1, n // 2 + 1))
    return pairs * ((n + 1) // 2 / x if n % 2 else 1.0) / x


def _asymptotic_terms(n: int, x: float) -> Iterator[float]:
    """The terms B₂ₖ (n + 2k - 1)! / (2k)! / xⁿ⁺²ᵏ of the asymptotic series of ψ⁽ⁿ⁾ (DLMF 5.11.2)."""
    term = 0.5 * _over_power(n + 1, x)
    for two_k, bernoulli in zip(range(2, 18, 2), _BERNOULLI, strict=True):
        yield bernoulli * term
        term *= (n + two_k) / x * ((n + two_k + 1) / x) / ((two_k + 1) * (two_k + 2))


def _polygamma(n: int, x: float) -> float:
    """The derivative of order n of ψ, by recurrence to a larger x (DLMF 5.5.2) and the asymptotic series (5.11.2).

    Close to a pole it may be infinite.
    """
    if n > 1000:
        raise OverflowError("math range error")  # it is too large for a float, or takes too long
    for zero, rest in _DIGAMMA_ZEROS if n == 0 else ():
        if abs(x - zero) < 0.01:
            return _taylor(0, zero, x - zero - rest)
    if x <= 0:
        return _reflected(n, x)
    steps = 0.0
    while x < 2 * n + 10:
        term = _over_power(n, x)
        steps += term
        if n and term * (n + x) < 1e-18 * n * steps:  # all that follows is too small to count
            return steps if n % 2 else -steps
        x += 1.0
    series = _over_power(n - 1, x) if n else -math.log(x)
    series += 0.5 * _over_power(n, x) + steps + sum(_asymptotic_terms(n, x))
    return series if n % 2 else -series


def _reflected(n: int, x: float) -> float:
    """The same for x < 0, by reflection to 1 - x > 0 (DLMF 5.5.4), which adds a derivative of π cot(πx)."""
    if x % 1.0 == 0:
        raise ValueError("math domain error")
    poles = _cotangent(n, x)
    return -poles if math.isinf(poles) else (-1.0) ** n * _polygamma(n, 1.0 - x) - poles


def _pole(n: int, distance: float) -> float:
    """The derivative of order n of 1 / distance."""
    return (-1.0) ** n * math.copysign(1.0, distance) ** (n + 1) * _over_power(n, abs(distance))


def _cotangent(n: int, x: float) -> float:
    """The derivative of order n of π cot(πx)."""
    if n >= 20:  # it is a sum over all poles, of which only the nearest count
        near = math.remainder(x, 1.0)
        if n % 2 == 0 and abs(near) == 0.5:
            return 0.0  # half-way between two poles the terms cancel
        largest = _pole(n, near)
        beside = [near + k for k in range(-10, 11) if abs(near + k) <= 9.5]
        return largest if math.isinf(largest) else math.fsum(_pole(n, distance) for distance in beside)
    cot = _cos_pi(x) / _sin_pi(x)
    polynomial = [0.0, 1.0]  # in cot, whose derivative is -1 - cot²
    for _ in range(n):
        slope = [k * c for k, c in enumerate(polynomial)][1:]
        polynomial = [-a - b for a, b in zip([*slope, 0.0, 0.0], [0.0, 0.0, *slope], strict=True)]
    derivative = polynomial.pop()
    for coefficient in reversed(polynomial):
        derivative = derivative * cot + coefficient
    return math.pi ** (n + 1) * derivative


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


_polygammas = through_scipy(
    "polygamma",
    number_by_number(lambda n, x: _polygamma(int(n), x)),
    lambda n, x: (n > 0) & (n < 100) & (x > 1e-30) & (n * np.log(np.maximum(x, 1.0)) < 600.0),  # no overflow inside
)

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
    doc="""The derivative of order n of the digamma function (DLMF 5.15); its slope is the one of order n + 1.

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
    """,
)
polygamma = _function_of(polygamma_of_order)

digamma = library(
    "digamma",
    lambda x: _finite_polygamma(0, x),
    through_scipy(
        "psi",
        number_by_number(lambda x: _polygamma(0, x)),
        lambda x: (x > 0) & (np.abs(x - _DIGAMMA_ZEROS[0][0]) > 0.01),
    ),
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
    through_scipy(
        "gammaln",
        number_by_number(_lgamma, math.inf),
        lambda x: (x > 1e-300) & (np.abs(x - 1.0) > 0.1) & (np.abs(x - 2.0) > 0.1),
    ),
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


def _gamma(x: float) -> float:
    if x == 0:  # Python's math has no value at -0.0 and 0.0, as at the other poles
        raise ValueError("math domain error")
    return math.gamma(x)


_gammas = through_scipy("gamma", number_by_number(_gamma, math.nan, math.inf), lambda x: x > 0)


def _gamma_of_array(x: AnyNumber) -> AnyNumber:
    y = _gammas(x)
    return np.where(np.isinf(y), np.copysign(y, x), y)  # it is -inf just below 0


gamma = library(
    "gamma",
    _gamma,
    _gamma_of_array,
    [lambda x, out: out * digamma(x)],
    sympy="gamma",
    symbol="Γ",
    latex=r"\Gamma\left($x\right)",
    domain=WITHOUT_POLES,
    nan_slopes=True,
    doc="""The gamma function Γ(x), where Γ(n + 1) = n! (DLMF 5.2.1).

    >>> gamma(5.0)
    24.0
    """,
)


def _rgamma(x: float) -> float:
    if x < 0.5:
        sine = _sin_pi(x) / math.pi
        return sine * math.gamma(1.0 - x) if sine else 0.0  # by reflection (DLMF 5.5.3)
    return 1.0 / math.gamma(x) if x < 170.0 else math.exp(-math.lgamma(x))


def _rgamma_slope(x: AnyNumber, out: AnyNumber) -> AnyNumber:
    """-out ψ(x), up to 1/2 by reflection, since ψ has poles where ``out`` is 0."""
    left = where(x > 0.5, 0.5, x)
    right = where(left != x, x, 0.5)
    sine, cosine = left * sinc(left), sinc(left) + left * sinc_of_order(1.0, left)  # sin(πx) / π and cos(πx)
    reflected = gamma(1.0 - left) * (cosine - sine * digamma(1.0 - left))
    return where(left != x, -out * digamma(right), reflected)


rgamma = library(
    "rgamma",
    _rgamma,
    through_scipy("rgamma", number_by_number(_rgamma), lambda x: (x > 0.5) & (x < 170.0)),
    [lambda x, out: _rgamma_slope(x, out)],
    textbook=[lambda x, out: -out * digamma(x)],
    sympy=lambda sympy, x: 1 / sympy.gamma(x),
    symbol="1/Γ",
    latex=r"\frac{1}{\Gamma\left($x\right)}",
    doc="""1 / Γ(x), which has a value everywhere: 0 at the poles of Γ.

    >>> rgamma(0.0), rgamma(3.0)
    (0.0, 0.5)
    """,
)

# ---------------------------------------------------------------------------------------------------------------------
# The beta function
# ---------------------------------------------------------------------------------------------------------------------


def _polygamma_difference(n: float, x: float, d: float) -> float:
    """ψ⁽ⁿ⁾(x + d) - ψ⁽ⁿ⁾(x), where ψ⁽⁻¹⁾ = log Γ.

    For small d the differences of the terms of :func:`_polygamma` are added up, so that nothing cancels.
    """
    n = int(_integer(n))
    if x == math.inf and abs(d) < math.inf:  # the limit
        return d and d * x if n < 0 else 0.0
    if x > 0 > d and x + d > 0:
        return -_polygamma_difference(n, x + d, -d)
    if not 0 <= 2.0 * d < x < math.inf:
        of_order = _lgamma if n < 0 else lambda x: _finite_polygamma(n, x)
        return of_order(x + d) - of_order(x)
    total, sign_of_terms = 0.0, (-1.0) ** n
    while x < 2 * n + 10:
        ratio = math.log1p(d / x)
        total -= sign_of_terms * _over_power(n, x) * math.expm1(-(n + 1) * ratio) if n >= 0 else ratio
        x += 1.0
    ratio = math.log1p(d / x)
    series = sum(t * math.expm1(-(n + 2 * k) * ratio) for k, t in enumerate(_asymptotic_terms(n, x), start=1))
    if n < 0:
        return total + (x + d - 0.5) * ratio + d * (math.log(x) - 1.0) + series
    series += _over_power(n - 1, x) * math.expm1(-n * ratio) if n else -ratio
    series += 0.5 * _over_power(n, x) * math.expm1(-(n + 1) * ratio)
    return total - sign_of_terms * series


polygamma_difference_of_order = library(
    "polygamma_difference",
    _polygamma_difference,
    number_by_number(_polygamma_difference),
    [
        lambda n, x, d, out: 0.0,
        lambda n, x, d, out: polygamma_difference_of_order(n + 1.0, x, d),
        lambda n, x, d, out: polygamma_of_order(n + 1.0, x + d),
    ],
    sympy=lambda sympy, n, x, d: sympy.polygamma(n, x + d) - sympy.polygamma(n, x),
    latex=r"\psi^{($n)}\left($x + $d\right) - \psi^{($n)}\left($x\right)",
    domain=(ORDER, Interval(0.0), Interval(0.0)),
    doc="""ψ⁽ⁿ⁾(x + d) - ψ⁽ⁿ⁾(x), accurate for large x; the slopes of :func:`betaln` are such differences for n = 0.

    >>> round(polygamma_difference(0, 1e9, 1.0) * 1e9, 12)
    1.0
    """,
)
polygamma_difference = _function_of(polygamma_difference_of_order)


def _betaln(x: float, y: float) -> float:
    if x <= 0 or y <= 0:
        raise ValueError("math domain error")
    if math.isinf(x + y):
        return -math.inf
    small, large = sorted((x, y))
    return _lgamma(small) - _polygamma_difference(-1.0, large, small)


def _beta(x: float, y: float) -> float:
    if x > 0 and y > 0 and x + y < 100.0 and x * y > 1e-290:
        return math.gamma(x) / math.gamma(x + y) * math.gamma(y)
    return math.exp(_betaln(x, y))


def _beta_slope(x: AnyNumber, y: AnyNumber, out: AnyNumber) -> AnyNumber:
    """The slope in x, which is 0 where the function has fallen to 0, at infinity."""
    return where(out != 0, -out * polygamma_difference_of_order(0.0, x, y), 0.0)


betaln = library(
    "betaln",
    _betaln,
    number_by_number(_betaln),
    [
        lambda x, y, out: -polygamma_difference_of_order(0.0, x, y),
        lambda x, y, out: -polygamma_difference_of_order(0.0, y, x),
    ],
    sympy=lambda sympy, x, y: sympy.log(sympy.gamma(x) * sympy.gamma(y) / sympy.gamma(x + y)),
    symbol="ln B",
    latex=r"\ln\operatorname{B}\left($x, $y\right)",
    domain=(POSITIVE, POSITIVE),
    doc="""The logarithm of :func:`beta`, accurate also where one operand is much larger than the other.

    >>> round(betaln(1e9, 1.0), 12)  # B(x, 1) = 1 / x
    -20.723265836946
    """,
)

beta = library(
    "beta",
    _beta,
    number_by_number(_beta, math.nan, math.inf),
    [
        lambda x, y, out: _beta_slope(x, y, out),
        lambda x, y, out: _beta_slope(y, x, out),
    ],
    sympy=lambda sympy, x, y: sympy.gamma(x) * sympy.gamma(y) / sympy.gamma(x + y),
    textbook=[
        lambda x, y, out: out * (digamma(x) - digamma(x + y)),
        lambda x, y, out: out * (digamma(y) - digamma(x + y)),
    ],
    symbol="B",
    latex=r"\operatorname{B}\left($x, $y\right)",
    domain=(POSITIVE, POSITIVE),
    doc="""The beta function Γ(x) Γ(y) / Γ(x + y) of two positive numbers (DLMF 5.12.1).

    >>> round(beta(2.0, 3.0) * 12.0, 12)
    1.0
    """,
)

# ---------------------------------------------------------------------------------------------------------------------
# Incomplete gamma and beta functions: distribution functions, whose slopes are densities
# ---------------------------------------------------------------------------------------------------------------------


def _unknown(*operands: AnyNumber) -> float:
    """A derivative that is not elementary."""
    return math.nan


def _gamma_density(a: AnyNumber, x: AnyNumber) -> AnyNumber:
    return exp(xlogy(a - 1.0, x) - x - lgamma(a))


def _gammainc(a: AnyNumber, x: AnyNumber) -> AnyNumber:
    scipy, tiny = scipy_special("gammainc"), np.abs(x) < 1e-18  # SciPy's own is 0 below 1e-308
    first = np.power(np.where(tiny, x, 1.0), a) * scipy.rgamma(a + 1.0)
    return np.where(tiny & (a > 0) & (x >= 0), first, scipy.gammainc(a, x))


gammainc_of_shape = library(
    "gammainc",
    value_of(_gammainc),
    _gammainc,
    [lambda a, x, out: _unknown(), lambda a, x, out: _gamma_density(a, x)],
    sympy=lambda sympy, a, x: sympy.lowergamma(a, x) * sympy.exp(-sympy.loggamma(a)),
    symbol="P",
    latex=r"P\left($a, $x\right)",
    domain=(SHAPE, NONNEGATIVE),
    doc="""The regularized lower incomplete gamma function P(a, x) (DLMF 8.2.4); it needs SciPy.

    It is the distribution function of the gamma distribution of shape a.  The shape must be a number: the derivative in
    it is not elementary.

    >>> round(gammainc(1.0, 2.0), 12)  # 1 - e^-2
    0.864664716763
    """,
)
gammainc = _function_of(gammainc_of_shape)


def _gammaincc(a: AnyNumber, x: AnyNumber) -> AnyNumber:
    return scipy_special("gammaincc").gammaincc(a, x)


gammaincc_of_shape = library(
    "gammaincc",
    value_of(_gammaincc),
    _gammaincc,
    [lambda a, x, out: _unknown(), lambda a, x, out: -_gamma_density(a, x)],
    sympy=lambda sympy, a, x: sympy.uppergamma(a, x) * sympy.exp(-sympy.loggamma(a)),
    symbol="Q",
    latex=r"Q\left($a, $x\right)",
    domain=(SHAPE, NONNEGATIVE),
    doc="""The regularized upper incomplete gamma function Q(a, x) = 1 - P(a, x) (DLMF 8.2.4); it needs SciPy.

    >>> round(gammaincc(1.0, 50.0) * 1e22, 9)  # e^-50
    1.928749848
    """,
)
gammaincc = _function_of(gammaincc_of_shape)


def _betainc(a: AnyNumber, b: AnyNumber, x: AnyNumber) -> AnyNumber:
    return scipy_special("betainc").betainc(a, b, x)


betainc_of_shapes = library(
    "betainc",
    value_of(_betainc),
    _betainc,
    [
        lambda a, b, x, out: _unknown(),
        lambda a, b, x, out: _unknown(),
        lambda a, b, x, out: exp(xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - betaln(a, b)),
    ],
    sympy=lambda sympy, a, b, x: sympy.betainc(a, b, 0, x) * sympy.gamma(a + b) / (sympy.gamma(a) * sympy.gamma(b)),
    symbol="I",
    latex=r"I_{$x}\left($a, $b\right)",
    domain=(SHAPE, SHAPE, Interval(0.0, 1.0, "[]")),
    doc="""The regularized incomplete beta function (DLMF 8.17.2), the distribution function of the beta distribution.

    The shapes a and b must be numbers: the derivatives in them are not elementary.  It needs SciPy.

    >>> betainc(1.0, 1.0, 0.25)
    0.25
    """,
)
betainc = _function_of(betainc_of_shapes)


def _stdtr(df: AnyNumber, t: AnyNumber) -> AnyNumber:
    scipy, center = scipy_special("stdtr"), (np.abs(t) < 1.0) & (df > 0) & (df < 1e12)  # where SciPy's own loses digits
    inner = np.where(center, t, 0.0)
    rise = 0.5 * np.sign(inner) * scipy.betainc(0.5, 0.5 * df, inner * inner / (df + inner * inner))
    return np.where(center, 0.5 + rise, scipy.stdtr(df, t))


def _stdtr_formula(sympy: Any, df: AnyNumber, t: AnyNumber) -> AnyNumber:
    half, scale = sympy.Rational(1, 2), sympy.gamma((df + 1) / 2) / (sympy.gamma(df / 2) * sympy.sqrt(sympy.pi))
    return half + sympy.sign(t) * half * scale * sympy.betainc(half, df / 2, 0, t**2 / (df + t**2))


stdtr_of_freedom = library(
    "stdtr",
    value_of(_stdtr),
    _stdtr,
    [
        lambda df, t, out: _unknown(),
        lambda df, t, out: exp(-betaln(df / 2, 0.5) - 0.5 * (df + 1.0) * log1p(t * t / df)) / sqrt(df),
    ],
    sympy=_stdtr_formula,
    latex=r"\operatorname{stdtr}_{$df}\left($t\right)",
    domain=(SHAPE, REAL),
    doc="""The distribution function of Student's t distribution with df degrees of freedom; it needs SciPy.

    df must be a number: the derivative in it is not elementary.

    >>> stdtr(1.0, 1.0)
    0.75
    """,
)
stdtr = _function_of(stdtr_of_freedom)

# ---------------------------------------------------------------------------------------------------------------------
# Bessel functions
# ---------------------------------------------------------------------------------------------------------------------

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
    [lambda n, x, out: _unknown(), lambda n, x, out: 0.5 * iv_of_order(n - 1.0, x) + 0.5 * iv_of_order(n + 1.0, x)],
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
iv = _function_of(iv_of_order)

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
    for k in np.unique(_nonnegative_integer(m)).astype(int).tolist():
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
        lambda m, n, x, out: _unknown(),
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
ive_derivative = _function_of(ive_derivative_of_order)

ive_of_order = library(
    "ive",
    value_of(lambda n, x: _ive_derivative_of_order(0, n, x)),
    lambda n, x: _ive_derivative_of_order(0, n, x),
    [lambda n, x, out: _unknown(), lambda n, x, out: ive_derivative_of_order(1.0, n, x)],
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
ive = _function_of(ive_of_order)


def _ive_formula(sympy: Any, m: AnyNumber, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    t = sympy.Dummy("t", positive=True)
    return sympy.diff(sympy.besseli(n, t) * sympy.exp(-t), (t, int(m) if m.is_number else m)).subs(t, x)


def _kv(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    return scipy_special("kv").kv(n, x)


kv_of_order = library(
    "kv",
    value_of(_kv, _ABOVE_ZERO),
    _kv,
    [lambda n, x, out: _unknown(), lambda n, x, out: -0.5 * kv_of_order(n - 1.0, x) - 0.5 * kv_of_order(n + 1.0, x)],
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
kv = _function_of(kv_of_order)


def _kve(n: AnyNumber, x: AnyNumber) -> AnyNumber:
    return np.where(x == math.inf, 0.0, scipy_special("kve").kve(n, x))  # SciPy's own is nan there


def _kve_derivative(m: AnyNumber, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """The derivative of order m; terms nearly cancel for large x, where it is computed as an integral."""
    y = np.zeros(np.broadcast(m, n, x).shape)
    for k in np.unique(_nonnegative_integer(m)).astype(int).tolist():
        near = sum((-1.0) ** (j + k) * math.comb(2 * k, j) * _kve(n - k + j, x) for j in range(2 * k + 1)) / 2.0**k
        far = _kve_integral(k, np.abs(n), np.maximum(x, 1.0))
        y = np.where(np.equal(m, k), np.where((x > 1) & (np.abs(n) < 100), far, near), y)
    return y


def _kve_integral(m: int, n: AnyNumber, x: AnyNumber) -> AnyNumber:
    """(-1)ᵐ ∫ (cosh t - 1)ᵐ e^(-x (cosh t - 1)) cosh(nt) dt over t > 0 (DLMF 10.32.9), by the trapezoidal rule.

    With w² = x (cosh t - 1) the integrand is e^-w² times a factor of one sign; so no terms cancel.
    """
    order, total = np.minimum(n, 100.0), 0.0
    for w in np.arange(0.0, 7.0 + math.sqrt(np.max(order, initial=0.0)), 0.25).tolist():
        width = np.sqrt(2.0 * x + w * w)
        bent = np.cosh(order * (2.0 * np.arcsinh(w / np.sqrt(2.0 * x))))
        total = total + (0.5 if w else 0.25) * (-w * w / x) ** m * (math.exp(-w * w) * bent / width)
    return total


kve_derivative_of_order = library(
    "kve_derivative",
    value_of(_kve_derivative, _ABOVE_ZERO),
    _kve_derivative,
    [
        lambda m, n, x, out: 0.0,
        lambda m, n, x, out: _unknown(),
        lambda m, n, x, out: kve_derivative_of_order(m + 1.0, n, x),
    ],
    sympy=lambda sympy, m, n, x: _kve_formula(sympy, m, n, x),
    latex=r"\frac{\partial^{$m}}{\partial {$x}^{$m}} e^{$x} K_{$n}\left($x\right)",
    domain=(ORDER, REAL_ORDER, POSITIVE),
    nan_slopes=True,
    doc="""The derivative of order m of :func:`kve`; its slope is the one of order m + 1.

    >>> round(kve_derivative(1, 0.0, 1e8) * 1e12, 9)  # -√(π / (8x³))
    -0.626657069
    """,
)
kve_derivative = _function_of(kve_derivative_of_order)

kve_of_order = library(
    "kve",
    value_of(_kve, _ABOVE_ZERO),
    _kve,
    [lambda n, x, out: _unknown(), lambda n, x, out: kve_derivative_of_order(1.0, n, x)],
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
kve = _function_of(kve_of_order)


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
    [lambda n, x, out: _unknown(), lambda n, x, out: 0.5 * jv_of_order(n - 1.0, x) - 0.5 * jv_of_order(n + 1.0, x)],
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
jv = _function_of(jv_of_order)

yv_of_order = library(
    "yv",
    value_of(_yv, POSITIVE),
    _yv,
    [lambda n, x, out: _unknown(), lambda n, x, out: 0.5 * yv_of_order(n - 1.0, x) - 0.5 * yv_of_order(n + 1.0, x)],
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
yv = _function_of(yv_of_order)

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


_sinc_derivatives = number_by_number(_sinc_derivative)

sinc_of_order = library(
    "sinc_derivative",
    _sinc_derivative,
    lambda n, x: _sinc_derivatives(_nonnegative_integer(n), x),
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
sinc_derivative = _function_of(sinc_of_order)


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
