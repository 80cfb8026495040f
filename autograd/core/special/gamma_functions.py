"""The gamma function, its logarithm and the derivatives of that; the beta function."""
# mypy: disable-error-code="has-type"
# (rows use rows further down)

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import Interval, library
from autograd.core.rules import POSITIVE, where
from autograd.core.special.cardinal_sine import cos_pi, sin_pi, sinc, sinc_of_order
from autograd.core.special.operands import ORDER, WITHOUT_POLES, function_of, integer, nonnegative_integer
from autograd.core.ufuncs import number_by_number, through_scipy

__all__ = ["beta", "betaln", "digamma", "gamma", "gammaln", "lgamma", "polygamma", "polygamma_difference", "rgamma"]

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
    cot = cos_pi(x) / sin_pi(x)
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
    y = _polygamma(int(nonnegative_integer(n)), x)
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
    lambda n, x: _polygammas(nonnegative_integer(n), x),
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
polygamma = function_of(polygamma_of_order)

digamma = library(
    "digamma",
    lambda x: _finite_polygamma(0, x),
    through_scipy("psi", number_by_number(lambda x: _polygamma(0, x)), lambda x: x > 0),
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
        sine = sin_pi(x) / math.pi
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
    n = int(integer(n))
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
polygamma_difference = function_of(polygamma_difference_of_order)


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
