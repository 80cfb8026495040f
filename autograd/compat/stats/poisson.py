"""The Poisson distribution, whose derivatives are those in the rate ``mu``."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arrays.operands import as_array
from autograd.compat.special import gammaincc, gammaln, xlogy
from autograd.compat.stats.support import or_nan, supported
from autograd.core import rules
from autograd.core.sweep import is_node

__all__ = ["cdf", "logpmf", "pmf"]


def _count(k: Any) -> Any:
    if is_node(k):
        raise TypeError("poisson: the count k has no derivative, so give plain numbers, not a node")
    return np.asarray(k)


def logpmf(k: Any, mu: Any) -> Any:
    """The logarithm of the probability of k."""
    k, mu = _count(k), as_array(mu)
    rate = or_nan(mu >= 0, mu)

    def inside(k: Any) -> Any:
        return xlogy(k, rate) - rate - gammaln(k + 1.0)

    return supported(k, mu >= 0, lambda k: (k >= 0) & (np.floor(k) == k), inside, -np.inf, -np.inf, 0.0)


def pmf(k: Any, mu: Any) -> Any:
    """The probability of k."""
    return rules.exp(logpmf(k, mu))


def cdf(k: Any, mu: Any) -> Any:
    """The probability of k or less."""
    k, mu = _count(k), as_array(mu)
    rate = or_nan(mu >= 0, mu)
    return supported(k, mu >= 0, lambda k: k >= 0, lambda k: gammaincc(np.floor(k) + 1.0, rate), 0.0, 1.0, 0.0)
