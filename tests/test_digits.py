"""Values and derivatives keep their digits near 0, near their zeros and far away, as mpmath says."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from autograd import PRIMITIVES, Value, grad
from autograd.core.special import iv, ive, log_ndtr

pytestmark = pytest.mark.same_in_both_modes  # rows are Python in both

MP: dict[str, Callable[[Any], Any]] = {
    "arccos": mp.acos,
    "arccosh": mp.acosh,
    "arcsin": mp.asin,
    "arcsinh": mp.asinh,
    "arctan": mp.atan,
    "arctanh": mp.atanh,
    "digamma": mp.digamma,
    "entr": lambda x: -x * mp.log(x),
    "erf": mp.erf,
    "erfcinv": lambda x: mp.erfinv(1 - x),
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "erfinv": mp.erfinv,
    "expm1": mp.expm1,
    "gamma": mp.gamma,
    "i0": lambda x: mp.besseli(0, x),
    "i1": lambda x: mp.besseli(1, x),
    "inverse_mills": lambda x: mp.npdf(x) / mp.ncdf(x),
    "j0": lambda x: mp.besselj(0, x),
    "j1": lambda x: mp.besselj(1, x),
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))),
    "log": mp.log,
    "log10": mp.log10,
    "log1p": lambda x: mp.log(1 + x),
    "log_ndtr": lambda x: mp.log(mp.ncdf(x)),
    "log2": lambda x: mp.log(x) / mp.log(2),
    "logit": lambda x: mp.log(x / (1 - x)),
    "ndtr": mp.ncdf,
    "ndtri": lambda x: -mp.sqrt(2) * mp.erfinv(1 - 2 * x),
    "rgamma": mp.rgamma,
    "sech": mp.sech,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "sinh": mp.sinh,
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "tanh": mp.tanh,
    "y0": lambda x: mp.bessely(0, x),
    "y1": lambda x: mp.bessely(1, x),
}
ZEROS = {"digamma": [1.4616321449683622, -0.5040830082644554], "lgamma": [1.0, 2.0], "log": [1.0], "log2": [1.0],
         "log10": [1.0], "logit": [0.5], "entr": [1.0], "arccos": [1.0], "arccosh": [1.0]}  # fmt: skip
REACH = {"ndtr": 37, "erfcx": 101, "log_ndtr": 101, "inverse_mills": 101, "gamma": 101, "rgamma": 101} | dict.fromkeys(
    ["j0", "j1", "y0", "y1"], 101
)
"""How far mpmath computes these in reasonable time, or floats hold their values."""
LEAST = dict.fromkeys(["y0", "y1"], 1e-18)
"""The smallest number at which mpmath computes these in reasonable time."""
FAR = [0.5, 0.3, 1.0, 3.7, 12.0, 100.0, 700.0, 1e8, 1e99]
NEAR = [1e-2, 1e-4, 1e-8, 1e-11, 1e-17, 1e-30, 1e-100, 1e-160, 1e-300]


def points(name: str) -> list[float]:
    interval = PRIMITIVES[name].domain[0]
    around = [sign * d for d in (*FAR, *NEAR) for sign in (1, -1)]
    around += [zero + sign * d for zero in ZEROS.get(name, []) for d in NEAR[:4] for sign in (1, -1)]
    least, reach = LEAST.get(name, 0.0), REACH.get(name, np.inf)
    inside = [x for x in around if x in interval and abs(x) not in (interval.high, interval.low)]
    return [x for x in inside if least < abs(x) < reach]


def true(f: Callable[[Any], Any], x: float, order: int) -> float:
    """The derivative by differences with very many digits."""
    size = abs(np.log10(abs(x)))
    digits = 60 + size if order == 0 else 250 + 3 * size
    with mp.workdps(int(digits + 1.5 * (abs(x) if abs(x) < 800 else 0))):
        h = abs(mp.mpf(x)) * mp.mpf(10) ** -45
        at = [f(mp.mpf(x) + k * h) for k in ((0,), (1, -1), (1, 0, -1))[order]]
        weights = ((1,), (1, -1), (1, -2, 1))[order]
        return float(sum(w * y for w, y in zip(weights, at, strict=True)) / (1, 2 * h, h * h)[order])


VANISHES = {("silu", 1), ("silu", 2), ("logit", 2), ("ndtri", 2)}
"""Derivatives that are 0 at a point where terms cancel."""
CASES = [(name, order) for name in MP for order in (0, 1, 2) if (name, order) != ("inverse_mills", 2)]
"""All but the third derivative of log Φ, which has an absolute error of 1e-14 far below 0."""


@pytest.mark.parametrize(("name", "order"), CASES)
def test_digits(name: str, order: int) -> None:
    f: Any = PRIMITIVES[name]
    for _ in range(order):
        f = grad(f)
    for x in points(name):
        wanted = true(MP[name], x, order)
        vanishes = (name, order) in VANISHES
        if abs(wanted) < 1e290:
            for found in f(x), float(f(np.array([x]))[0]):
                assert found == pytest.approx(wanted, rel=1e-12, abs=1e-15 if vanishes else 1e-290), x


SIZES = [1e-8, 0.3, 1.0, 3.7, 30.0, 1e4, 1e9]
OF_MORE: dict[str, tuple[Callable[..., Any], list[list[float]]]] = {
    "beta": (lambda x, y: mp.exp(mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)), [SIZES[:5], SIZES]),
    "betaln": (lambda x, y: mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y), [SIZES, SIZES]),
    "betainc": (
        lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True),
        [[0.3, 1.0, 12.0], [0.5, 5.0], [1e-8, 0.3, 0.99]],
    ),
    "gammainc": (
        lambda a, x: mp.gammainc(a, 0, x, regularized=True),
        [[0.3, 1.0, 12.0], [1e-8, 1.1, 50.0]],
    ),
    "gammaincc": (
        lambda a, x: mp.gammainc(a, x, regularized=True),
        [[0.3, 1.0, 12.0], [1e-8, 1.1, 50.0]],
    ),
    "ive": (
        lambda n, x: mp.besseli(n, x) * mp.exp(-x),
        [[0.0, 0.5, 1.0, 7.0], [1e-17, 0.3, 3.7, 39.0]],
    ),
    "iv": (mp.besseli, [[0.0, 0.5, 1.0, 7.3], [1e-17, 0.3, 3.7, 39.0]]),
    "kv": (mp.besselk, [[0.0, 7.3], [1e-5, 1.0]]),
    "kve": (lambda n, x: mp.besselk(n, x) * mp.exp(x), [[1.0, 7.3], [1e-5, 1.09, 1.11]]),
    "jv": (mp.besselj, [[0.0, 0.5, 1.0, 7.0], [1e-17, 0.3, 3.7, 39.0]]),
    "polygamma_difference": (
        lambda n, x, d: mp.psi(int(n), x + d) - mp.psi(int(n), x),
        [[0.0, 1.0], [0.3, 30.0, 1e9], [1e-8, 0.3, 30.0]],
    ),
    "stdtr": (lambda df, t: _student(df, t), [[0.3, 1.0, 12.0], [1e-8, -0.8, 9.9]]),
    "xlog1py": (lambda x, y: x * mp.log(1 + y), [[2.0, -1e-8], [1e-300, 1e-17, 1e-9, -0.5, 3.0, 1e8]]),
    "yv": (mp.bessely, [[0.0, 0.5, 1.0, 7.0], [1e-17, 0.3, 3.7, 39.0]]),
}


def _student(df: Any, t: Any) -> Any:
    tail = mp.betainc(df / 2, 0.5, 0, df / (t * t + df), regularized=True) / 2
    return tail if t < 0 else 1 - tail


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", OF_MORE)
def test_digits_of_functions_of_several_operands(name: str, order: int) -> None:
    f: Any = PRIMITIVES[name]
    theirs, sizes = OF_MORE[name]
    for _ in range(order):
        f = grad(f, len(sizes) - 1)
    for *rest, x in itertools.product(*sizes):
        wanted = true(lambda x, rest=rest: theirs(*map(mp.mpf, rest), x), x, order)
        if abs(wanted) < 1e290:
            for found in f(*rest, x), float(f(*rest, np.array([x]))[0]):
                assert found == pytest.approx(wanted, rel=1e-12, abs=1e-200), (rest, x)


@pytest.mark.parametrize("x", [1e16, 1e99, 1e300])
def test_bessel_functions_far_away(x: float) -> None:
    with mp.workdps(350):
        wanted = [float(f(n, mp.mpf(x))) for f in (mp.besselj, mp.bessely) for n in (0, 1)]
    assert [PRIMITIVES[name](x) for name in ("j0", "j1", "y0", "y1")] == pytest.approx(wanted, rel=1e-12)
    assert ive(0, x) == pytest.approx(1 / np.sqrt(2 * np.pi * x), rel=1e-12)


@pytest.mark.parametrize("x", [-1e3, -1e5, -1e8, -1e150])
def test_the_smallest_probabilities_of_the_normal_distribution(x: float) -> None:
    y = 1 / x
    assert grad(log_ndtr)(x) == pytest.approx(-x - y + 2 * y**3, rel=1e-12)
    assert grad(grad(log_ndtr))(x) == pytest.approx(-1 + y**2 - 6 * y**4, rel=1e-12)


@pytest.mark.parametrize("x", [1e-320, 1e-200, 1e-150, 1e-20, 9e-5, 1.1e-4, 0.1, 3.0])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 20, 50, -1, -4])
def test_bessel_functions_of_tiny_numbers(n: int, x: float) -> None:
    half = mp.mpf(x) / 2
    wanted = mp.nsum(lambda k: half ** (2 * k + abs(n)) / mp.factorial(k) / mp.factorial(k + abs(n)), [0, 30])
    for z, sign in (x, 1), (-x, (-1) ** n):
        for found in iv(n, z), float(iv(n, np.array([z]))[0]), iv(n, Value(z)).data:
            assert found == pytest.approx(sign * float(wanted), rel=1e-12, abs=1e-290)
