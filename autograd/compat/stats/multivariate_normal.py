"""The multivariate normal distribution."""

from __future__ import annotations

from math import log, pi
from typing import Any

import numpy as np

from autograd.arrays.functions import diag
from autograd.arrays.linear_algebra import slogdet, solve
from autograd.arrays.operations import reshape, transpose
from autograd.arrays.reductions import sum as sum_of
from autograd.compat.declaring import plain
from autograd.compat.stats.support import operands
from autograd.core import rules

__all__ = ["entropy", "logpdf", "pdf"]


def _matrix(cov: Any, dimension: int) -> Any:
    """The covariance as a matrix: a number stands for a multiple of the unit matrix, a vector for a diagonal.

    Raises:
        ValueError: if it is not a symmetric positive definite matrix.
    """
    if cov.ndim == 0:
        cov = cov * np.eye(dimension)
    elif cov.ndim == 1:
        cov = diag(cov)
    numbers = plain(cov)
    if numbers.shape != (dimension, dimension):
        raise ValueError(f"multivariate_normal: a covariance of shape {numbers.shape} in {dimension} dimensions")
    try:
        np.linalg.cholesky(numbers)
    except np.linalg.LinAlgError:
        raise ValueError(
            "multivariate_normal: the covariance is not positive definite: add a small multiple of np.eye to it"
        ) from None
    if not np.allclose(numbers, numbers.T, rtol=1e-9, atol=1e-12 * np.abs(numbers).max()):
        raise ValueError("multivariate_normal: the covariance is not symmetric")
    return cov


def logpdf(x: Any, mean: Any = 0.0, cov: Any = 1.0, allow_singular: bool = False) -> Any:
    """The logarithm of the density at points along the last axis.

    Args:
        x: a point, or points.
        mean: the mean.
        cov: the covariance; a number stands for a multiple of the unit matrix, a vector for a diagonal.
        allow_singular: accepted for SciPy's sake; a singular covariance raises ``ValueError`` all the same.
    """
    x, mean, cov = operands(x, mean, cov)
    dimension = mean.shape[-1] if mean.ndim else cov.shape[-1] if cov.ndim else 1
    cov = _matrix(cov, dimension)
    if x.ndim == 0 or (dimension == 1 and x.ndim == 1):
        x = reshape(x, (*x.shape, 1))
    rest = x - mean
    rows = reshape(rest, (-1, dimension))
    distances = sum_of(rows * transpose(solve(cov, transpose(rows))), -1)
    densities = -0.5 * (distances + slogdet(cov)[1] + dimension * log(2 * pi))
    shape = rest.shape[:-1]
    return reshape(densities, () if shape == (1,) else shape)


def pdf(x: Any, mean: Any = 0.0, cov: Any = 1.0, allow_singular: bool = False) -> Any:
    """The density."""
    return rules.exp(logpdf(x, mean, cov, allow_singular))


def entropy(mean: Any = 0.0, cov: Any = 1.0) -> Any:
    """The entropy."""
    mean, cov = operands(mean, cov)
    dimension = mean.shape[-1] if mean.ndim else cov.shape[-1] if cov.ndim else 1
    return 0.5 * (slogdet(_matrix(cov, dimension))[1] + dimension * (log(2 * pi) + 1.0))
