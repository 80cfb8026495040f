"""Functions of ``scipy.special`` under SciPy's names: rows of the table, and a few composed of them."""

from __future__ import annotations

from math import log, pi
from typing import Any

import numpy as np

from autograd.arrays import operations
from autograd.arrays.operands import as_array
from autograd.arrays.operations import log_softmax, softmax
from autograd.arrays.reductions import sum as sum_of
from autograd.compat.declaring import notrace_primitive
from autograd.core import rules
from autograd.core.rules import erf, erfc, where
from autograd.core.rules import sigmoid as expit
from autograd.core.special import (
    beta,
    betainc,
    betaln,
    digamma,
    entr,
    erfcinv,
    erfcx,
    erfinv,
    gamma,
    gammainc,
    gammaincc,
    gammaln,
    i0,
    i1,
    iv,
    ive,
    j0,
    j1,
    jv,
    kv,
    kve,
    log_ndtr,
    logit,
    ndtr,
    ndtri,
    polygamma,
    rgamma,
    stdtr,
    xlog1py,
    xlogy,
    y0,
    y1,
    yv,
)
from autograd.core.ufuncs import scipy_special

__all__ = [
    "beta",
    "betainc",
    "betaln",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfinv",
    "expit",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "gammasgn",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "iv",
    "ive",
    "j0",
    "j1",
    "jn",
    "jv",
    "k0",
    "k0e",
    "k1",
    "k1e",
    "kn",
    "kv",
    "kve",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "ndtri",
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
    "yv",
]

psi, jn, kn, yn = digamma, jv, kv, yv


def i0e(x: Any) -> Any:
    """e^-|x| I₀(x)."""
    return ive(0, x)


def i1e(x: Any) -> Any:
    """e^-|x| I₁(x)."""
    return ive(1, x)


def k0(x: Any) -> Any:
    """K₀(x), for x > 0."""
    return kv(0, x)


def k0e(x: Any) -> Any:
    """eˣ K₀(x), for x > 0."""
    return kve(0, x)


def k1(x: Any) -> Any:
    """K₁(x), for x > 0."""
    return kv(1, x)


def k1e(x: Any) -> Any:
    """eˣ K₁(x), for x > 0."""
    return kve(1, x)


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
