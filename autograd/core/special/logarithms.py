"""Logarithms, for probabilities."""
# mypy: disable-error-code="has-type"
# (rows use rows further down)

from __future__ import annotations

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import REAL, Interval, primitive
from autograd.core.rules import (
    NONNEGATIVE,
    POSITIVE,
    absolute,
    arctanh,
    convention,
    exp,
    log,
    log1p,
    maximum,
    minimum,
    power,
    sigmoid,
    where,
)

__all__ = ["entr", "logaddexp", "logaddexp2", "logit", "xlog1py", "xlogy"]


def _difference(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """x - y, but 0 for equal infinities.  The first condition holds if x is infinite (or nan)."""
    return where(x - x != 0, where(x != y, x - y, 0.0), x - y)


@primitive(
    lambda x, y, out: sigmoid(_difference(x, y)),
    lambda x, y, out: sigmoid(_difference(y, x)),
    textbook=[lambda x, y, out: sigmoid(x - y), lambda x, y, out: sigmoid(y - x)],
    array=np.logaddexp,
    sympy=lambda sympy, x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
    latex=r"\ln\left(e^{$x} + e^{$y}\right)",
)
def logaddexp(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """log(e^x + e^y), without overflow: the sum of two numbers whose logarithms are x and y.

    The slopes are softmax(x, y): they add up to 1, and at a tie, even of two infinities, both are 1/2.

    >>> from autograd import Value
    >>> x = Value(1000.0)
    >>> y = logaddexp(x, 1000.0)
    >>> y.backward()
    >>> round(y.data, 6), x.grad
    (1000.693147, 0.5)
    """
    return maximum(x, y) + log1p(exp(-absolute(_difference(x, y))))


@primitive(
    lambda x, y, out: sigmoid(log(2.0) * _difference(x, y)),
    lambda x, y, out: sigmoid(log(2.0) * _difference(y, x)),
    array=np.logaddexp2,
    sympy=lambda sympy, x, y: sympy.log(2**x + 2**y) / sympy.log(2),
    latex=r"\log_2\left(2^{$x} + 2^{$y}\right)",
)
def logaddexp2(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """log2(2^x + 2^y), without overflow: :func:`logaddexp` to base 2.

    >>> logaddexp2(3.0, 3.0)
    4.0
    """
    return maximum(x, y) + log1p(power(2.0, -absolute(_difference(x, y)))) / log(2.0)


@primitive(
    lambda x, out: 1.0 / (x * (1.0 - x)),
    sympy=lambda sympy, x: sympy.log(x / (1 - x)),
    latex=r"\ln\frac{$x}{1 - $x}",
    domain=Interval(0.0, 1.0),
)
def logit(x: AnyNumber) -> AnyNumber:
    """log(x / (1 - x)), the logarithm of the odds: the inverse of the sigmoid.

    >>> from autograd import Value, sigmoid
    >>> round(logit(sigmoid(Value(3.0))).data, 12)
    3.0
    """
    low, high = minimum(x, 0.25), maximum(x, 0.25)  # 2x - 1 is exact for x >= 1/4
    return where(x < 0.25, log(low) - log1p(-low), 2.0 * arctanh(2.0 * high - 1.0))


@primitive(
    lambda x, y, out: log(y),
    lambda x, y, out: convention(x / where(x != 0, y, where(y != 0, y, 1.0)), absolute(x) + absolute(y)),
    sympy=lambda sympy, x, y: x * sympy.log(y),
    textbook=[lambda x, y, out: log(y), lambda x, y, out: x / y],
    latex=r"$x \ln\left($y\right)",
    domain=(REAL, POSITIVE),
)
def xlogy(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """x log y, but 0 for x = 0 and every y, so that a probability of zero adds nothing to a cross-entropy.

    At x = 0 the slope in x is still log y, which is ``-inf`` for y = 0; the slope in y is 0, and at y = 0 it has no
    derivative.

    >>> xlogy(0.0, 0.0), xlogy(2.0, 1.0)
    (0.0, 0.0)
    """
    return x * log(where(x != 0, y, 1.0))


@primitive(
    lambda x, y, out: log1p(y),
    lambda x, y, out: convention(
        x / where(x != 0, 1.0 + y, where(y != -1, 1.0 + y, 1.0)), absolute(x) + absolute(1 + y)
    ),
    sympy=lambda sympy, x, y: x * sympy.log(1 + y),
    textbook=[lambda x, y, out: log(1.0 + y), lambda x, y, out: x / (1.0 + y)],
    latex=r"$x \ln\left(1 + $y\right)",
    domain=(REAL, Interval(-1.0)),
)
def xlog1py(x: AnyNumber, y: AnyNumber) -> AnyNumber:
    """x log(1 + y), accurate for tiny y, but 0 for x = 0 and every y, as :func:`xlogy` is.

    >>> xlog1py(0.0, -1.0), xlog1py(1.0, 1e-20)
    (0.0, 1e-20)
    """
    return x * log1p(where(x != 0, y, 0.0))


@primitive(
    lambda x, out: -log(x) - 1.0,
    sympy=lambda sympy, x: -x * sympy.log(x),
    latex=r"-$x \ln\left($x\right)",
    domain=NONNEGATIVE,
    nan_slopes=True,
)
def entr(x: AnyNumber) -> AnyNumber:
    """-x log x, the contribution of a probability x to an entropy: 0 for x = 0, where the slope is ``inf``.

    >>> entr(0.0), entr(1.0)
    (0.0, 0.0)
    """
    return 0.0 - xlogy(x, x)  # -xlogy(0, 0) would be -0.0
