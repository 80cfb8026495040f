"""Values and derivatives keep their digits near 0, near their zeros and far away, as mpmath says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from autograd import PRIMITIVES, Value, grad
from autograd.core.special import iv

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
    "erfinv": mp.erfinv,
    "expm1": mp.expm1,
    "i0": lambda x: mp.besseli(0, x),
    "i1": lambda x: mp.besseli(1, x),
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))),
    "log": mp.log,
    "log10": mp.log10,
    "log1p": lambda x: mp.log(1 + x),
    "log2": lambda x: mp.log(x) / mp.log(2),
    "logit": lambda x: mp.log(x / (1 - x)),
    "sech": mp.sech,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "sinh": mp.sinh,
    "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "tanh": mp.tanh,
}
ZEROS = {"digamma": [1.4616321449683622, -0.5040830082644554], "lgamma": [1.0, 2.0], "log": [1.0], "log2": [1.0],
         "log10": [1.0], "logit": [0.5], "entr": [1.0], "arccos": [1.0], "arccosh": [1.0]}  # fmt: skip
FAR = [0.5, 0.3, 1.0, 3.7, 12.0, 100.0, 700.0, 1e8, 1e99]
NEAR = [1e-2, 1e-4, 1e-8, 1e-11, 1e-17, 1e-30, 1e-100, 1e-160, 1e-300]


def points(name: str) -> list[float]:
    interval = PRIMITIVES[name].domain[0]
    around = [sign * d for d in (*FAR, *NEAR) for sign in (1, -1)]
    around += [zero + sign * d for zero in ZEROS.get(name, []) for d in NEAR[:4] for sign in (1, -1)]
    return [x for x in around if x in interval and abs(x) not in (interval.high, interval.low)]


def true(f: Callable[[Any], Any], x: float, order: int) -> float:
    """The derivative by differences with very many digits."""
    size = abs(np.log10(abs(x)))
    with mp.workdps(int(250 + 3 * size + 1.5 * (abs(x) if abs(x) < 800 else 0))):
        h = abs(mp.mpf(x)) * mp.mpf(10) ** -45
        at = [f(mp.mpf(x) + k * h) for k in ((0,), (1, -1), (1, 0, -1))[order]]
        weights = ((1,), (1, -1), (1, -2, 1))[order]
        return float(sum(w * y for w, y in zip(weights, at, strict=True)) / (1, 2 * h, h * h)[order])


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", MP)
def test_digits(name: str, order: int) -> None:
    f: Any = PRIMITIVES[name]
    for _ in range(order):
        f = grad(f)
    for x in points(name):
        wanted = true(MP[name], x, order)
        vanishes = (name, order) in {("silu", 1), ("silu", 2), ("logit", 2)}  # at a point where terms cancel
        if abs(wanted) < 1e290:
            for found in f(x), float(f(np.array([x]))[0]):
                assert found == pytest.approx(wanted, rel=1e-12, abs=1e-15 if vanishes else 1e-290), x


@pytest.mark.parametrize("x", [1e-320, 1e-200, 1e-150, 1e-20, 9e-5, 1.1e-4, 0.1, 3.0])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 20, 50, -1, -4])
def test_bessel_functions_of_tiny_numbers(n: int, x: float) -> None:
    half = mp.mpf(x) / 2
    wanted = mp.nsum(lambda k: half ** (2 * k + abs(n)) / mp.factorial(k) / mp.factorial(k + abs(n)), [0, 30])
    for z, sign in (x, 1), (-x, (-1) ** n):
        for found in iv(n, z), float(iv(n, np.array([z]))[0]), iv(n, Value(z)).data:
            assert found == pytest.approx(sign * float(wanted), rel=1e-12, abs=1e-290)
