"""Student's t distribution."""

from __future__ import annotations

from typing import Any

from autograd.arrays.operands import as_array
from autograd.compat.special import betaln, stdtr
from autograd.compat.stats.support import or_nan, standardized
from autograd.core import rules

__all__ = ["cdf", "logcdf", "logpdf", "pdf"]


def _valid(df: Any) -> Any:
    df = as_array(df)
    return or_nan(df > 0, df)


def logpdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density."""
    z, scale = standardized(x, loc, scale)
    df = _valid(df)
    tails = (df + 1.0) / 2.0 * rules.log1p(z * z / df)
    return -tails - betaln(df / 2.0, 0.5) - 0.5 * rules.log(df) - rules.log(scale)


def pdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density."""
    return rules.exp(logpdf(x, df, loc, scale))


def cdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of a smaller number; it has no derivative in ``df`` here."""
    return stdtr(_valid(df), standardized(x, loc, scale)[0])


def logcdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of ``cdf``."""
    return rules.log(cdf(x, df, loc, scale))
