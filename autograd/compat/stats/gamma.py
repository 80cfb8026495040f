"""The gamma distribution with the scale 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compat.special import gammainc, gammaln, xlogy
from autograd.compat.stats.support import operands, or_nan, supported
from autograd.core import rules

__all__ = ["cdf", "logpdf", "pdf"]


def logpdf(x: Any, a: Any) -> Any:
    """The logarithm of the density."""
    x, a = operands(x, a)
    shape = or_nan(a > 0, a)

    def inside(x: Any) -> Any:
        return xlogy(shape - 1.0, x) - x - gammaln(shape)

    return supported(x, a > 0, lambda x: x >= 0, inside, -np.inf, -np.inf, 1.0)


def pdf(x: Any, a: Any) -> Any:
    """The density."""
    return rules.exp(logpdf(x, a))


def cdf(x: Any, a: Any) -> Any:
    """The probability of a smaller number; it has no derivative in ``a`` here."""
    x, a = operands(x, a)
    shape = or_nan(a > 0, a)
    return supported(x, a > 0, lambda x: x >= 0, lambda x: gammainc(shape, x), 0.0, 1.0, 1.0)
