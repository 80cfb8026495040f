"""The beta distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compat.special import betainc, betaln, xlog1py, xlogy
from autograd.compat.stats.support import operands, or_nan, supported
from autograd.core import rules

__all__ = ["cdf", "logpdf", "pdf"]


def _within(x: Any) -> Any:
    return (x >= 0) & (x <= 1)


def _valid(a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Whether the parameters are valid, and the parameters with nan in place of those that are not."""
    valid = (a > 0) & (b > 0)
    return valid, or_nan(valid, a), or_nan(valid, b)


def logpdf(x: Any, a: Any, b: Any) -> Any:
    """The logarithm of the density."""
    x, a, b = operands(x, a, b)
    valid, a, b = _valid(a, b)

    def inside(x: Any) -> Any:
        return xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - betaln(a, b)

    return supported(x, valid, _within, inside, -np.inf, -np.inf, 0.5)


def pdf(x: Any, a: Any, b: Any) -> Any:
    """The density."""
    return rules.exp(logpdf(x, a, b))


def cdf(x: Any, a: Any, b: Any) -> Any:
    """The probability of a smaller number; it has no derivative in ``a`` and ``b`` here."""
    x, a, b = operands(x, a, b)
    valid, a, b = _valid(a, b)
    return supported(x, valid, _within, lambda x: betainc(a, b, x), 0.0, 1.0, 0.5)
