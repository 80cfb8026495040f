"""Functions of ``scipy.special`` under SciPy's names: rows of the table, and more, whose values SciPy computes."""

from __future__ import annotations

from collections.abc import Callable
from math import log, pi, sqrt
from typing import Any, NoReturn, TypeAlias

import numpy as np

from autograd.arrays import operations
from autograd.arrays.functions import sum as sum_of
from autograd.arrays.operands import as_array
from autograd.arrays.operations import log_softmax, softmax
from autograd.compat.declaring import defvjp, notrace_primitive, primitive
from autograd.core import rules
from autograd.core.rules import erf, erfc, exp, sign, where
from autograd.core.rules import sigmoid as expit
from autograd.core.special import (
    digamma,
    entr,
    erfinv,
    gammaln,
    i0,
    i1,
    iv,
    logit,
    polygamma,
    scipy_special,
    xlogy,
)

__all__ = [
    "beta",
    "betainc",
    "betaln",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcinv",
    "erfinv",
    "expit",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "gammasgn",
    "i0",
    "i1",
    "iv",
    "ive",
    "j0",
    "j1",
    "jn",
    "jv",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "polygamma",
    "psi",
    "rgamma",
    "softmax",
    "stdtr",
    "xlog1py",
    "xlogy",
    "y0",
    "y1",
    "yn",
]

Function: TypeAlias = Callable[..., Any]

psi = digamma


def _elementwise(*slopes: Function) -> Callable[[Function], Function]:
    """Declare an elementwise function by its partial derivatives, each a function of the result and the arguments."""

    def declare(function: Function) -> Function:
        call = primitive(function)
        call.operation.mixes = ()  # type: ignore[attr-defined]
        defvjp(call, *map(_along, slopes))
        return call

    return declare


def _along(slope: Function) -> Function:
    def maker(out: Any, *xs: Any) -> Function:
        return lambda g: g * where(out == out, slope(out, *xs), out)  # the slope of nan is nan

    return maker


def _undeclared(name: str) -> Function:
    def slope(*args: Any) -> NoReturn:
        raise NotImplementedError(f"{name} is not elementary: differentiate in the other arguments only")

    return slope


# ---------------------------------------------------------------------------------------------------------------------
# Gamma and beta functions
# ---------------------------------------------------------------------------------------------------------------------


@_elementwise(lambda out, x: out * digamma(x))
def gamma(x: Any) -> Any:
    """The gamma function Γ(x)."""
    return scipy_special("gamma").gamma(x)


@_elementwise(lambda out, x: -out * digamma(x))
def rgamma(x: Any) -> Any:
    """1 / Γ(x)."""
    return scipy_special("rgamma").rgamma(x)


@_elementwise(
    lambda out, a, b: out * (digamma(a) - digamma(a + b)),
    lambda out, a, b: out * (digamma(b) - digamma(a + b)),
)
def beta(a: Any, b: Any) -> Any:
    """The beta function Γ(a) Γ(b) / Γ(a + b)."""
    return scipy_special("beta").beta(a, b)


@_elementwise(
    lambda out, a, b: digamma(a) - digamma(a + b),
    lambda out, a, b: digamma(b) - digamma(a + b),
)
def betaln(a: Any, b: Any) -> Any:
    """The logarithm of the absolute value of the beta function."""
    return scipy_special("betaln").betaln(a, b)


def _gamma_density(a: Any, x: Any) -> Any:
    return exp(xlogy(a - 1.0, x) - x - gammaln(a))


@_elementwise(_undeclared("the derivative of gammainc in a"), lambda out, a, x: _gamma_density(a, x))
def gammainc(a: Any, x: Any) -> Any:
    """The regularized lower incomplete gamma function."""
    return scipy_special("gammainc").gammainc(a, x)


@_elementwise(_undeclared("the derivative of gammaincc in a"), lambda out, a, x: -_gamma_density(a, x))
def gammaincc(a: Any, x: Any) -> Any:
    """The regularized upper incomplete gamma function."""
    return scipy_special("gammaincc").gammaincc(a, x)


@_elementwise(
    _undeclared("the derivative of betainc in a"),
    _undeclared("the derivative of betainc in b"),
    lambda out, a, b, x: exp(xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - betaln(a, b)),
)
def betainc(a: Any, b: Any, x: Any) -> Any:
    """The regularized incomplete beta function."""
    return scipy_special("betainc").betainc(a, b, x)


@notrace_primitive
def gammasgn(x: Any) -> Any:
    """The sign of Γ(x)."""
    return scipy_special("gammasgn").gammasgn(x)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of dimension ``d``.

    Raises:
        ValueError: if ``a`` is not larger than (d - 1) / 2.
    """
    a = as_array(a)
    if np.any(a <= (d - 1) / 2):
        raise ValueError(f"multigammaln: a must be larger than (d - 1) / 2, which is {(d - 1) / 2}")
    return d * (d - 1) / 4 * log(pi) + sum_of([gammaln(a - i / 2) for i in range(d)])


# ---------------------------------------------------------------------------------------------------------------------
# Bessel functions
# ---------------------------------------------------------------------------------------------------------------------


@_elementwise(_undeclared("the derivative of jv in the order"), lambda out, n, x: (jv(n - 1, x) - jv(n + 1, x)) / 2.0)
def jv(n: Any, x: Any) -> Any:
    """The Bessel function of the first kind of order n."""
    return scipy_special("jv").jv(n, x)


@_elementwise(_undeclared("the derivative of yn in the order"), lambda out, n, x: (yn(n - 1, x) - yn(n + 1, x)) / 2.0)
def yn(n: Any, x: Any) -> Any:
    """The Bessel function of the second kind of the whole order n."""
    return scipy_special("yn").yn(n, x)


@_elementwise(
    _undeclared("the derivative of ive in the order"),
    lambda out, n, x: (ive(n - 1, x) + ive(n + 1, x)) / 2.0 - sign(x) * out,
)
def ive(n: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind, times exp(-|x|)."""
    return scipy_special("ive").ive(n, x)


jn = jv


@_elementwise(lambda out, x: -j1(x))
def j0(x: Any) -> Any:
    """The Bessel function of the first kind of order 0."""
    return scipy_special("j0").j0(x)


@_elementwise(lambda out, x: (j0(x) - jv(2, x)) / 2.0)
def j1(x: Any) -> Any:
    """The Bessel function of the first kind of order 1."""
    return scipy_special("j1").j1(x)


@_elementwise(lambda out, x: -y1(x))
def y0(x: Any) -> Any:
    """The Bessel function of the second kind of order 0."""
    return scipy_special("y0").y0(x)


@_elementwise(lambda out, x: (y0(x) - yn(2, x)) / 2.0)
def y1(x: Any) -> Any:
    """The Bessel function of the second kind of order 1."""
    return scipy_special("y1").y1(x)


# ---------------------------------------------------------------------------------------------------------------------
# Distributions
# ---------------------------------------------------------------------------------------------------------------------


def ndtr(x: Any) -> Any:
    """The share of a standard normal distribution below x."""
    return erfc(x * -sqrt(0.5)) / 2.0


@_elementwise(lambda out, x: exp(-x * x / 2.0 - out) / sqrt(2 * pi))
def log_ndtr(x: Any) -> Any:
    """The logarithm of ``ndtr``, also far below 0."""
    return scipy_special("log_ndtr").log_ndtr(x)


@_elementwise(
    _undeclared("the derivative of stdtr in the degrees of freedom"),
    lambda out, df, t: exp(-betaln(df / 2.0, 0.5) - (df + 1.0) / 2.0 * rules.log1p(t * t / df)) / rules.sqrt(df),
)
def stdtr(df: Any, t: Any) -> Any:
    """The share of Student's t distribution below t."""
    return scipy_special("stdtr").stdtr(df, t)


@_elementwise(lambda out, y: -sqrt(pi) / 2.0 * exp(out * out))
def erfcinv(y: Any) -> Any:
    """The inverse of ``erfc``."""
    return scipy_special("erfcinv").erfcinv(y)


@_elementwise(lambda out, x, y: where(x != 0, rules.log1p(where(x != 0, y, 0.0)), 0.0), lambda out, x, y: x / (1.0 + y))
def xlog1py(x: Any, y: Any) -> Any:
    """x log(1 + y), which is 0 for x = 0."""
    return scipy_special("xlog1py").xlog1py(x, y)


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    """log Σ b exp(a), without overflow.

    Raises:
        ValueError: if a factor ``b`` is negative.
    """
    a = as_array(a)
    if b is None:
        return operations.logsumexp(a, axis, keepdims)
    if np.any(np.less(b, 0)):
        raise ValueError("logsumexp: a factor b is negative, and the logarithm of the sum may have no value")
    b = as_array(b)
    return operations.logsumexp(where(b > 0, a + rules.log(where(b > 0, b, 1.0)), -np.inf), axis, keepdims)
