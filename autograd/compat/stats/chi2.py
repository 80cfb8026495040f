"""The chi-squared distribution."""

from __future__ import annotations

from math import log
from typing import Any

from autograd.arrays.operands import as_array
from autograd.compat.stats import gamma
from autograd.core import rules

__all__ = ["cdf", "logpdf", "pdf"]


def logpdf(x: Any, df: Any) -> Any:
    """The logarithm of the density."""
    return gamma.logpdf(as_array(x) / 2.0, as_array(df) / 2.0) - log(2.0)


def pdf(x: Any, df: Any) -> Any:
    """The density."""
    return rules.exp(logpdf(x, df))


def cdf(x: Any, df: Any) -> Any:
    """The probability of a smaller number; it has no derivative in ``df`` here."""
    return gamma.cdf(as_array(x) / 2.0, as_array(df) / 2.0)
