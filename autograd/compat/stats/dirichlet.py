"""The Dirichlet distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arrays.functions import concatenate
from autograd.arrays.operations import expand_dims, reshape
from autograd.arrays.reductions import sum as sum_of
from autograd.compat.declaring import plain
from autograd.compat.special import gammaln, xlogy
from autograd.compat.stats.support import operands
from autograd.core import rules

__all__ = ["logpdf", "pdf"]


def logpdf(x: Any, alpha: Any) -> Any:
    """The logarithm of the density at shares along the first axis, the last of which may be left out.

    Raises:
        ValueError: if the shares are negative or do not add up to 1, or a parameter is not positive.
    """
    x, alpha = operands(x, alpha)
    if not np.all(alpha > 0):
        raise ValueError("dirichlet: every alpha must be positive")
    if x.shape[0] == alpha.size - 1:
        x = concatenate([x, expand_dims(1.0 - sum_of(x, 0), 0)])
    if x.shape[0] != alpha.size:
        raise ValueError(f"dirichlet: {alpha.size} parameters, but {x.shape[0]} shares")
    shares = plain(x)
    if np.any(shares < 0) or np.any(np.abs(np.sum(shares, 0) - 1.0) > 1e-9):
        raise ValueError("dirichlet: the shares must not be negative, and must add up to 1")
    powers = sum_of(xlogy(reshape(alpha, (-1,) + (1,) * (x.ndim - 1)) - 1.0, x), 0)
    return powers + gammaln(sum_of(alpha)) - sum_of(gammaln(alpha))


def pdf(x: Any, alpha: Any) -> Any:
    """The density."""
    return rules.exp(logpdf(x, alpha))
