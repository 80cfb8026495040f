"""measured_slope: the error that it states holds, at every scale, and is small enough to find wrong slopes."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf
from oracles import exact_slope

from autograd import PRIMITIVES
from autograd.checks.edges import agrees
from autograd.checks.measurement import measured_slope
from autograd.testing import points

# ---------------------------------------------------------------------------------------------------------------------
# Random functions with known slopes
# ---------------------------------------------------------------------------------------------------------------------

UNARY = ("sin", "cos", "exp", "log", "sqrt", "tanh", "atan", "erf")
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


@dataclass(frozen=True)
class Formula:
    """A random formula of x, which can be computed with floats and with the numbers of mpmath."""

    op: str
    parts: tuple[Any, ...] = ()

    @classmethod
    def random(cls, rng: random.Random, depth: int) -> Formula | float:
        if depth == 0 or rng.random() < 0.15:
            constant = rng.choice([0.5, 1.0, 2.0, 3.0, rng.uniform(-3, 3), 10 ** rng.uniform(-3, 3)])
            return cls("x") if rng.random() < 0.7 else constant
        if rng.random() < 0.5:
            return cls(rng.choice(UNARY), (cls.random(rng, depth - 1),))
        return cls(rng.choice(list(BINARY)), (cls.random(rng, depth - 1), cls.random(rng, depth - 1)))

    def __str__(self) -> str:
        return f"({self.op.join(map(str, self.parts))})" if self.op in BINARY else f"{self.op}{self.parts or ''}"

    def __call__(self, m: Any, x: Any) -> Any:
        if self.op == "x":
            return x
        parts = [part(m, x) if isinstance(part, Formula) else part for part in self.parts]
        if self.op in BINARY:
            return BINARY[self.op](*[part if m is math else mpf(part) for part in parts])
        return getattr(m, self.op)(*parts)

    def exactly(self, x: float) -> Any:
        """The value in many digits, where floats have one: that of ``exp(exp(1e9))`` would take mpmath forever."""
        self(math, float(x))
        value = self(mp, mpf(x))
        if not isinstance(value, mpf):
            raise ValueError  # a complex number
        return value

    def slope(self, x: float) -> float:
        with mp.workdps(200):
            h = mpf(10) ** -60
            return float((self.exactly(x + h) - self.exactly(x - h)) / (2 * h))


def doubt(f: Formula, x: float) -> float:
    """The relative error of f near x, from rounded constants in it; ``inf`` if floats do not show its slope there."""
    errors = []
    with mp.workdps(200):
        for at in (x, x + 1e-17, x - 1e-17, math.nextafter(x, math.inf)):
            exact = f.exactly(at)
            errors.append(float(abs(f(math, at) - exact) / abs(exact)) if exact else 0.0)
    slope, value = f.slope(x), f(math, x)
    near = max(4 * math.ulp(x), 1e4 * math.ulp(value) / abs(slope)) if slope else 1.0
    visible = all(abs(f.slope(x + t * near) - slope) <= 0.1 * abs(slope) for t in (-1.0, -0.3, 0.4, 1.0))
    return max(errors) if visible else math.inf


def random_function(seed: int) -> tuple[Formula, float, float]:
    """A formula, a point at which its slope is known, and the doubt about it."""
    rng = random.Random(seed)
    while True:
        f = Formula.random(rng, rng.randint(1, 5))
        far = rng.choice([-1, 1]) * 10 ** rng.uniform(-12, 3)
        x = rng.choice([0.0, 1.0, -1.0, rng.uniform(-3, 3), rng.uniform(-3, 3), far])
        try:
            if isinstance(f, Formula) and (error := doubt(f, x)) < 1e-9:
                return f, x, error
        except (ArithmeticError, ValueError, TypeError):
            continue


@given(st.integers(0, 2**40))
def test_true_slope_lies_within_the_stated_error(seed: int) -> None:
    f, x, error = random_function(seed)
    true = f.slope(x)
    found = measured_slope(lambda t: f(math, t), x)
    assert not abs(found.value - true) > found.error + 2 * error * abs(true), (str(f), x, found, true)
    assert not found.kink, (str(f), x, found, true)


def test_truncation_errors_that_cancel_make_no_kink() -> None:
    assert not measured_slope(math.tanh, -3.536627462356365e-07).kink


def test_stated_error_is_small_enough_to_find_slopes_that_are_wrong_by_a_millionth() -> None:
    missed = []
    for seed in range(300):
        f, x, _ = random_function(seed)
        if true := f.slope(x):
            found = measured_slope(lambda t, f=f: f(math, t), x)
            if agrees(found, true * (1 + 1e-6), 1e-7):
                missed.append((str(f), x, str(found)))
    assert len(missed) <= 9, missed  # one in 33


# ---------------------------------------------------------------------------------------------------------------------
# Rows and functions of all kinds
# ---------------------------------------------------------------------------------------------------------------------

ROWS = [
    op for op in PRIMITIVES.values() if not (op.variadic or op.kink or any(interval.fixed for interval in op.domain))
]
"""Rows without jumps whose operands are all real numbers."""


@given(st.data())
def test_stated_error_of_a_measured_slope_holds_for_every_row(data: st.DataObject) -> None:
    op = data.draw(st.sampled_from(ROWS))
    point = data.draw(points(op, kinks=False, reach=30.0))
    place = data.draw(st.sampled_from(range(len(point))))
    found = measured_slope(lambda x: op.formula(*point[:place], x, *point[place + 1 :]), point[place])
    true = float(exact_slope(op, point, place))
    assume(math.isfinite(found.value))  # a power of a negative number has a value only at integer exponents
    assume(abs(true) < 1e8)  # not right beside a pole
    assert not found.kink
    assert abs(found.value - true) <= found.error + 1e-15 * max(1.0, abs(true))
    assert found.error <= 1e-5 * max(1.0, abs(true), abs(op.formula(*point)))


COMPOSED: list[Callable[[Any, Any], Any]] = [
    lambda m, x: m.sin(100 * x) * m.exp(-x),
    lambda m, x: 1 / (1 + 1e4 * x * x),
    lambda m, x: m.exp(m.sin(3 * x)) - m.cos(x * x),
    lambda m, x: (1 + x) - 1,
    lambda m, x: 1e6 + x * x,
    lambda m, x: 1e-12 * m.sin(x),
    lambda m, x: m.log(1 + m.exp(5 * x)),
    lambda m, x: x**7 - 3 * x**4 + x,
]


@given(st.sampled_from(COMPOSED), st.floats(-3, 3))
def test_stated_error_of_a_measured_slope_holds_for_compositions(f: Callable[[Any, Any], Any], x: float) -> None:
    with mp.workdps(50):
        true = float(mp.diff(lambda t: f(mp, t), mpf(x)))
    found = measured_slope(lambda t: f(math, t), x)
    assert not found.kink
    assert abs(found.value - true) <= found.error + 1e-15 * abs(true)


EVEN: list[Callable[[Any, Any], Any]] = [
    lambda m, u: 1 / (1 + u * u),
    lambda m, u: m.exp(-u * u),
    lambda m, u: m.cos(u),
    lambda m, u: m.sqrt(1 + u * u),
    lambda m, u: m.tanh(u) ** 2,
    lambda m, u: u * u / (1 + u * u),
]


@given(st.sampled_from(EVEN), st.floats(-9, 2), st.floats(-20, 1), st.sampled_from([-1, 1]))
def test_stated_error_holds_beside_the_axis_of_an_even_function(
    f: Callable[[Any, Any], Any], size: float, place: float, sign: int
) -> None:
    """Where a central quotient sees almost nothing of the function, at any step."""
    scale = 10**size
    x = sign * scale * 10**place
    with mp.workdps(80):
        h = mpf(scale) * mpf(10) ** -30
        true = float((f(mp, (x + h) / scale) - f(mp, (x - h) / scale)) / (2 * h))
    found = measured_slope(lambda t: f(math, t / scale), x)
    assert not found.kink
    assert math.isnan(found.value) or abs(found.value - true) <= found.error + 1e-15 * abs(true)


@given(st.floats(-1e3, 1e3), st.floats(-10, 10), st.floats(-10, 10))
def test_slopes_on_either_side_of_a_kink(x: float, a: float, b: float) -> None:
    found = measured_slope(lambda t: (b if t > x else a) * (t - x), x)
    assert found.left == pytest.approx(a, abs=1e-9)
    assert found.right == pytest.approx(b, abs=1e-9)
    if abs(a - b) > 1e-6:
        assert found.kink
        assert found.admits((a + b) / 2)
        assert not found.admits(max(a, b) + 1e-3)
        assert not found.admits(min(a, b) - 1e-3)


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [
        (math.sqrt, 0.0, math.nan, math.inf),
        (math.asin, 1.0, math.inf, math.nan),
        (math.log, 1e-300, 1e300, 1e300),
        (lambda x: math.copysign(abs(x) ** (1 / 3), x), 0.0, math.inf, math.inf),
        (math.floor, 2.0, math.inf, 0.0),
        (lambda x: -5.0 if x > 1 else x, 1.0, 1.0, -math.inf),
        (lambda x: x**1.5, 0.0, math.nan, 0.0),
        (lambda x: x / 2, 1e308, 0.5, 0.5),
        (lambda x: 3 * x, 5e-324, 3.0, 3.0),
        (lambda x: math.nan, 1.0, math.nan, math.nan),
    ],
)
def test_ends_of_domains_jumps_and_extreme_points(f: Callable[[float], float], x: float, left: float, right: float):
    def real(t: float) -> float:
        if isinstance(f(t), complex):
            raise ValueError
        return f(t)

    found = measured_slope(real, x)
    assert found.left == pytest.approx(left, rel=1e-6, abs=1e-4, nan_ok=True)
    assert found.right == pytest.approx(right, rel=1e-6, abs=1e-4, nan_ok=True)


def test_slope_of_single_precision_owns_its_rounding():
    found = measured_slope(lambda x: np.float32(math.sin(x)), 1.0)
    assert abs(found.value - math.cos(1.0)) <= found.error
    assert 1e-6 < found.error < 1e-2


@pytest.mark.parametrize("x", [math.inf, math.nan])
def test_slope_is_measured_at_finite_numbers(x: float):
    with pytest.raises(ValueError, match="at a finite number, not at"):
        measured_slope(math.sin, x)


def test_measured_slope_in_words():
    assert re.fullmatch(r"6 ± \de-\d\d", str(measured_slope(lambda x: x * x, 3.0)))
    assert str(measured_slope(abs, 0.0)) == "-1 on the left and 1 on the right"
    assert str(measured_slope(math.sqrt, 0.0)) == "inf"


# ---------------------------------------------------------------------------------------------------------------------
# Every scale
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x", "slope", "error"),
    [
        (math.sin, 1e10, math.cos(1e10), 1e-10),  # which varies on the scale of 1
        (lambda x: math.exp(-1e8 * x * x), 1e-5, -2e3 * math.exp(-0.01), 1e-5),
        (lambda x: x * x, 1e-160, 2e-160, 1e-167),
        (lambda x: x * x, 1e-300, 2e-300, 1e-160),  # values nearby underflow
        (lambda x: math.tanh(1e30 * x), 0.0, 1e30, 1e16),
        (lambda x: max(x, 1 - 1e-9, 0.5), 1.0, 1.0, 1e-5),  # beside a kink
        (lambda x: max(x, 0.0) + 1, -1e-9, 0.0, 1e-5),
        (lambda x: float(x > 1e-3), 0.0, 0.0, 1e-12),  # beside a jump
        (math.sqrt, 1e-20, 5e9, 1.0),  # beside the end of the domain
        (math.log, 1e-300, 1e300, 1e292),
        (lambda x: 1 / (x - 1), 1 + 2.0**-30, -(2.0**60), 1e9),
        (lambda x: math.log(x - 1), 1 + 2.0**-40, 2.0**40, 1e3),
        (lambda x: (1e6 + x) - 1e6, 1.0, 1.0, 1e-6),  # rounded to a staircase
        (lambda x: (1e8 + math.sin(x)) - 1e8 + 0.1 * x, 1.0, math.cos(1.0) + 0.1, 1e-3),
        (lambda x: (1 - math.cos(x)) / (x * x), 1e-3, -1e-3 / 12, 1e-5),
        (lambda x: 3.0, 0.3, 0.0, 1e-12),
    ],
)
def test_slopes_at_every_scale(f: Callable[[float], float], x: float, slope: float, error: float) -> None:
    found = measured_slope(f, x)
    assert abs(found.value - slope) <= found.error <= error
    assert not found.kink


@pytest.mark.parametrize("f", [lambda x: 1 / (x - 1), lambda x: math.sqrt(x - 1), lambda x: math.sin(1e17 * x)])
def test_a_slope_that_changes_within_a_few_floats_is_not_measured(f: Callable[[float], float]) -> None:
    found = measured_slope(f, 1 + 2.0**-51)
    assert math.isnan(found.value)
    assert found.error == math.inf
    assert str(found) == "nothing, since the slope changes too fast"
    assert str(measured_slope(lambda x: math.nan, 1.0)) == "nothing"


def test_steepest_functions() -> None:
    assert measured_slope(lambda x: x * math.log(x) if x else 0.0, 0.0).right == -math.inf
    assert measured_slope(lambda x: x * (math.log2(x) + 57) if x else 0.0, 0.0).right == -math.inf  # 0 at 2**-57
    assert measured_slope(lambda x: 2 + 2 * math.sqrt(x), 0.0).right == math.inf


@pytest.mark.parametrize("x", [26.9, 27.1, 27.2, 27.24, 27.25390625, 27.265625, 27.29])
def test_the_side_that_hides_in_rounding_says_nothing(x: float) -> None:
    slope = measured_slope(lambda x: math.exp(-x * x), x)  # beyond x it is 0 up to the spacing of the smallest floats
    with mp.workdps(50):
        assert abs(mpf(slope.value) + 2 * mpf(x) * mp.exp(-(mpf(x) ** 2))) <= slope.error
