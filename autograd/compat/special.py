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
    "erfinv",
    "expit",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "gammasgn",
    "i0",
    "i1",
    "iv",
    "ive",
    "j0",
    "j1",
    "jn",
    "jv",
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

psi, jn, yn = digamma, jv, yv


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
