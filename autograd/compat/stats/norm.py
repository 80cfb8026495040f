"""The normal distribution."""

from __future__ import annotations

from math import log, pi
from typing import Any

from autograd.compat.special import log_ndtr, ndtr
from autograd.compat.stats.support import standardized
from autograd.core import rules

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "sf"]


def logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density."""
    z, scale = standardized(x, loc, scale)
    return -0.5 * z * z - rules.log(scale) - 0.5 * log(2 * pi)


def pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density."""
    return rules.exp(logpdf(x, loc, scale))


def cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of a smaller number."""
    return ndtr(standardized(x, loc, scale)[0])


def sf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of a larger number."""
    return ndtr(-standardized(x, loc, scale)[0])


def logcdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of ``cdf``."""
    return log_ndtr(standardized(x, loc, scale)[0])


def logsf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of ``sf``."""
    return log_ndtr(-standardized(x, loc, scale)[0])
