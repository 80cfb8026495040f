"""Incomplete gamma and beta functions: distribution functions, whose slopes are densities."""
# mypy: disable-error-code="has-type"
# (rows use rows further down)

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import REAL, Interval, library
from autograd.core.rules import NONNEGATIVE, exp, log1p, sqrt
from autograd.core.special.gamma_functions import betaln, lgamma
from autograd.core.special.logarithms import xlog1py, xlogy
from autograd.core.special.operands import SHAPE, function_of, unknown
from autograd.core.ufuncs import scipy_special, value_of

__all__ = ["betainc", "gammainc", "gammaincc", "stdtr"]


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
    [lambda a, x, out: unknown(), lambda a, x, out: _gamma_density(a, x)],
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
gammainc = function_of(gammainc_of_shape)


def _gammaincc(a: AnyNumber, x: AnyNumber) -> AnyNumber:
    return scipy_special("gammaincc").gammaincc(a, x)


gammaincc_of_shape = library(
    "gammaincc",
    value_of(_gammaincc),
    _gammaincc,
    [lambda a, x, out: unknown(), lambda a, x, out: -_gamma_density(a, x)],
    sympy=lambda sympy, a, x: sympy.uppergamma(a, x) * sympy.exp(-sympy.loggamma(a)),
    symbol="Q",
    latex=r"Q\left($a, $x\right)",
    domain=(SHAPE, NONNEGATIVE),
    doc="""The regularized upper incomplete gamma function Q(a, x) = 1 - P(a, x) (DLMF 8.2.4); it needs SciPy.

    >>> round(gammaincc(1.0, 50.0) * 1e22, 9)  # e^-50
    1.928749848
    """,
)
gammaincc = function_of(gammaincc_of_shape)


def _betainc(a: AnyNumber, b: AnyNumber, x: AnyNumber) -> AnyNumber:
    return scipy_special("betainc").betainc(a, b, x)


betainc_of_shapes = library(
    "betainc",
    value_of(_betainc),
    _betainc,
    [
        lambda a, b, x, out: unknown(),
        lambda a, b, x, out: unknown(),
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
betainc = function_of(betainc_of_shapes)


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
        lambda df, t, out: unknown(),
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
stdtr = function_of(stdtr_of_freedom)
