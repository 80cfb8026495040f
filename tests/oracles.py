"""What every primitive should be, said by others: mpmath at 50 digits, by way of SymPy or of a textbook definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import sympy
from hypothesis import settings
from mpmath import mp, mpf

from autograd import Primitive
from autograd.dialects.symbolic import expand

DIGITS = 50

fewer = settings(max_examples=settings().max_examples // 4)
"""So many digits are slow: a quarter of the examples that the profile asks for."""

# SymPy knows sine and logarithm by itself.  These rows it can only read from our own table; so here is what the
# textbooks say, in the plainest form, which 50 digits can afford.
TEXTBOOK: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "relu": lambda x: (x + abs(x)) / 2,
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * (mp.exp(x) - 1),
    "softsign": lambda x: x / (1 + abs(x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": lambda x: x * mp.ncdf(x),
    "clip": lambda x, low, high: min(max(x, low), high),
    "where": lambda condition, x, y: x if condition else y,
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))),
    "polygamma": lambda n, x: mp.psi(int(n), x),
    "iv": lambda n, x: mp.re(mp.besseli(n, x)),
    "kv": mp.besselk,
    "kve": lambda n, x: mp.besselk(n, x) * mp.exp(x),
    "kve_derivative": lambda m, n, x: mp.diff(lambda t: mp.besselk(n, t) * mp.exp(t), x, int(m)),
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "erfcx_derivative": lambda n, x: mp.diff(lambda t: mp.exp(t * t) * mp.erfc(t), x, int(n)),
    "ive": lambda n, x: mp.re(mp.besseli(n, x)) * mp.exp(-abs(x)),
    "ive_derivative": lambda m, n, x: mp.diff(lambda t: mp.besseli(n, t) * mp.exp(-t), x, int(m)),
    "rgamma": mp.rgamma,
    "ndtr": mp.ncdf,
    "log_ndtr": lambda x: mp.log(mp.ncdf(x)),
    "inverse_mills": lambda x: mp.npdf(x) / mp.ncdf(x),
    "inverse_mills_excess": lambda x: x + mp.npdf(x) / mp.ncdf(x),
    "ndtri": lambda x: -mp.sqrt(2) * mp.erfinv(1 - 2 * x),
    "erfcinv": lambda x: mp.erfinv(1 - x),
    "beta": mp.beta,
    "betaln": lambda x, y: mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y),
    "polygamma_difference": lambda n, x, d: mp.psi(int(n), x + d) - mp.psi(int(n), x),
    "betainc": lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True),
    "gammainc": lambda a, x: mp.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mp.gammainc(a, x, regularized=True),
    "stdtr": lambda df, t: (1 + mp.sign(t) * mp.betainc(0.5, df / 2, 0, t * t / (df + t * t), regularized=True)) / 2,
    "jv": mp.besselj,
    "yv": mp.bessely,
    "sinc_derivative": lambda n, x: _sinc_derivative(int(n), x),
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "sum": lambda *terms: mp.fsum(terms),
    "dot": lambda *factors: mp.fdot(factors[: len(factors) // 2], factors[len(factors) // 2 :]),
    "affine": lambda *xs: mp.fdot(xs[: len(xs) // 2], xs[len(xs) // 2 : -1]) + xs[-1],
}


def _sinc_derivative(n: int, x: Any) -> Any:
    """The power series of sin(z) / z, differentiated term by term, with the digits that cancel in it to spare."""
    with mp.workdps(3 * DIGITS):
        z = mp.pi * x
        terms = [(-1) ** k * z ** (2 * k - n) / ((2 * k + 1) * mp.factorial(2 * k - n)) for k in range(-(-n // 2), 250)]
        return mp.pi**n * mp.fsum(terms)


def symbols(n: int, **assumptions: Any) -> list[Any]:
    return [sympy.Symbol(f"x{i}", **(assumptions or {"real": True})) for i in range(n)]


@cache
def _from_sympy(op: Primitive, n: int) -> Callable[..., Any]:
    xs = symbols(n)
    return sympy.lambdify(xs, expand(op(*xs)), "mpmath")


def oracle(op: Primitive, n: int) -> Callable[..., Any]:
    """The primitive of ``n`` operands as a function of mpmath's numbers."""
    return TEXTBOOK.get(op.name) or _from_sympy(op, n)


def exact(op: Primitive, point: Sequence[float]) -> Any:
    """The true value at these very floats."""
    with mp.workdps(DIGITS):
        return mpf(oracle(op, len(point))(*map(mpf, point)))


def exact_slope(op: Primitive, point: Sequence[float], place: int) -> Any:
    """The true partial derivative in one operand: a central difference in 50 digits, steps and all."""
    order = tuple(int(i == place) for i in range(len(point)))
    with mp.workdps(DIGITS):
        return mp.diff(oracle(op, len(point)), tuple(map(mpf, point)), order)
