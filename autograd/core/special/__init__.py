r"""Special functions: further rows of the table of calculus, for statistics and physics.

The Bessel functions, the incomplete gamma and beta functions and the inverse error functions are SciPy's (``pip install
"pathgrad[special]"``), which is imported when one of them is called.  The others need only Python's ``math`` and NumPy.

Some families contain their own derivatives: the slope of :func:`polygamma` of order n is :func:`polygamma` of order
n + 1, the slope of a derivative of :func:`sinc` is the next derivative, and that of a Bessel function such as
:func:`iv` is the mean of two others.  So derivatives of every order are exact, even where a quotient would be 0 / 0.

An operand may have no derivative here: an integer that selects the function, such as the order of :func:`polygamma`, or
a number in which the derivative is not elementary, such as the order of :func:`jv` or the shape of :func:`gammainc`.
The functions refuse a Value or a Tensor as such an operand (:func:`autograd.core.special.operands.function_of`).

Formula numbers are those of the NIST Digital Library of Mathematical Functions (DLMF), https://dlmf.nist.gov.
"""

from __future__ import annotations

from autograd.core.special.bessel_functions import (
    i0,
    i1,
    iv,
    ive,
    ive_derivative,
    j0,
    j1,
    jv,
    kv,
    kve,
    kve_derivative,
    y0,
    y1,
    yv,
)
from autograd.core.special.cardinal_sine import sinc, sinc_derivative
from autograd.core.special.gamma_functions import (
    beta,
    betaln,
    digamma,
    gamma,
    gammaln,
    lgamma,
    polygamma,
    polygamma_difference,
    rgamma,
)
from autograd.core.special.incomplete_functions import betainc, gammainc, gammaincc, stdtr
from autograd.core.special.logarithms import entr, logaddexp, logaddexp2, logit, xlog1py, xlogy
from autograd.core.special.normal_distribution import (
    erfcinv,
    erfcx,
    erfcx_derivative,
    erfinv,
    inverse_mills,
    inverse_mills_excess,
    log_ndtr,
    ndtr,
    ndtri,
)

__all__ = [
    "beta", "betainc", "betaln", "digamma", "entr", "erfcinv", "erfcx", "erfcx_derivative", "erfinv", "gamma",
    "gammainc", "gammaincc", "gammaln", "i0", "i1", "inverse_mills", "inverse_mills_excess", "iv", "ive",
    "ive_derivative", "j0", "j1", "jv", "kv", "kve", "kve_derivative", "lgamma", "log_ndtr", "logaddexp",
    "logaddexp2", "logit", "ndtr", "ndtri", "polygamma", "polygamma_difference", "rgamma", "sinc",
    "sinc_derivative", "stdtr", "xlog1py", "xlogy", "y0", "y1", "yv",
]  # fmt: skip
