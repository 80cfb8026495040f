"""Special functions: at zero, at poles, for large numbers, in high orders, and without SciPy.

Everything that test_rules and test_tensor check in every row of the table is checked in these rows too.
"""

from __future__ import annotations

import math
import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special
import sympy
from mpmath import mp
from oracles import DIGITS

from autograd import PRIMITIVES, Primitive, Value, define, exp, gelu, grad, rules
from autograd.arrays.tensor import Tensor
from autograd.core import special
from autograd.core.special import (
    digamma,
    entr,
    erfinv,
    gammaln,
    i0,
    i1,
    iv,
    lgamma,
    logaddexp,
    logaddexp2,
    logit,
    polygamma,
    sinc,
    sinc_derivative,
    xlogy,
)
from autograd.dialects.symbolic import expression, local_derivatives, symbol

INF, NAN = math.inf, math.nan
EULER = 0.5772156649015329

OF_ONE: dict[Primitive, tuple[Callable[[Any], Any], list[float]]] = {
    rules.erfc: (mp.erfc, [-3.0, -0.1, 0.0, 1e-9, 0.5, 5.0, 26.0]),
    erfinv: (mp.erfinv, [-0.999999, -0.5, 0.0, 1e-12, 0.3, 0.9, 1 - 2.0**-40]),
    lgamma: (lambda x: mp.log(abs(mp.gamma(x))), [-20.3, -1.5, -1e-9, 1e-9, 0.1, 0.5, 3.5, 30.0, 1e10]),
    digamma: (mp.digamma, [-20.3, -2.0 + 1e-9, -1.5, -1e-9, 1e-9, 0.1, 0.5, 3.5, 30.0, 1e10]),
    logit: (lambda x: mp.log(x / (1 - x)), [1e-9, 0.2, 0.25, 0.3, 0.5 + 1e-9, 0.9, 1 - 1e-15]),
    entr: (lambda x: -x * mp.log(x), [1e-9, 0.1, 0.5, 3.0, 1e30]),
    i0: (lambda x: mp.besseli(0, x), [-30.0, -1.0, 0.0, 1e-9, 0.3, 12.0, 700.0]),
    i1: (lambda x: mp.besseli(1, x), [-30.0, -1.0, 0.0, 1e-9, 0.3, 12.0, 700.0]),
    sinc: (mp.sincpi, [-7.3, -0.5, 0.0, 1e-9, 1e-4, 0.1, 0.31, 0.6, 1.5, 40.7]),
}
OF_TWO: dict[Primitive, tuple[Callable[[Any, Any], Any], list[tuple[float, float]]]] = {
    logaddexp: (
        lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
        [(0.0, 0.0), (1.0, 1.0), (-700.0, -701.0), (30.0, 2.0), (1000.0, 1001.5)],
    ),
    logaddexp2: (
        lambda x, y: mp.log(mp.power(2, x) + mp.power(2, y), 2),
        [(0.0, 0.0), (1.0, 1.0), (-700.0, -701.0), (30.0, 2.0), (1000.0, 1001.5)],
    ),
    xlogy: (lambda x, y: x * mp.log(y), [(2.0, 3.0), (-1.5, 0.1), (0.5, 1e-9), (0.5, 1e300)]),
}


def true_derivative(f: Callable[..., Any], point: tuple[float, ...], order: tuple[int, ...]) -> float:
    with mp.workdps(2 * DIGITS):
        return float(mp.diff(f, tuple(map(mp.mpf, point)), order))


def derivative(f: Any, order: int) -> Any:
    for _ in range(order):
        f = grad(f)
    return f


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize(("op", "x"), [(op, x) for op, (_, points) in OF_ONE.items() for x in points], ids=str)
def test_to_the_third_order_against_mpmath(op: Primitive, x: float, order: int) -> None:
    true = true_derivative(OF_ONE[op][0], (x,), (order,))
    if math.isfinite(true):
        # 1e-15 is what rounding leaves where terms of the size of 1 cancel: at zeros, and next to them.
        assert derivative(op, order)(x) == pytest.approx(true, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("orders", [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (2, 1)])
@pytest.mark.parametrize(("op", "point"), [(op, p) for op, (_, points) in OF_TWO.items() for p in points], ids=str)
def test_mixed_derivatives_against_mpmath(op: Primitive, point: tuple[float, float], orders: tuple[int, int]) -> None:
    f: Any = op
    for place, order in enumerate(orders):
        for _ in range(order):
            f = grad(f, place)
    true = true_derivative(OF_TWO[op][0], point, orders)
    if math.isfinite(true):
        assert f(*point) == pytest.approx(true, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 12])
@pytest.mark.parametrize("x", [-20.3, -3.5, -1.0 - 1e-7, -1e-3, 1e-9, 0.5, 1.4616321449683622, 7.0, 1e5, 1e12])
def test_polygamma_of_every_order(n: int, x: float) -> None:
    with mp.workdps(DIGITS):
        true, slope = float(mp.psi(n, x)), float(mp.psi(n + 1, x))
    assert polygamma(n, x) == pytest.approx(true, rel=1e-13, abs=1e-15)
    y = polygamma(n, v := Value(x))
    y.backward()
    assert (y.data, v.grad) == pytest.approx((true, slope), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("n", [-3, 0, 1, 2, 7])
def test_bessel_functions_of_every_order(n: int) -> None:
    for x in (-5.0, -1e-3, 0.0, 1e-9, 2.0, 50.0):
        for order in range(4):
            true = true_derivative(lambda t: mp.re(mp.besseli(abs(n), t)), (x,), (order,))
            assert derivative(lambda t: iv(n, t), order)(x) == pytest.approx(true, rel=1e-12, abs=1e-100)


@pytest.mark.parametrize("name", ["jv", "yv", "iv", "ive"])
@pytest.mark.parametrize("n", [0, 1, 2, 0.5, 2.5])
def test_bessel_functions_of_tiny_and_huge_numbers(name: str, n: float) -> None:
    true = {"jv": mp.besselj, "yv": mp.bessely, "iv": mp.besseli, "ive": lambda n, x: mp.besseli(n, x) * mp.exp(-x)}
    tiny = [2e-4, 0.9e-4, 1e-6, 1.1e-9, 0.9e-9, 1e-15, 1e-30]
    huge = [] if name == "iv" else [99e3, 123456.5, 500e3, 1e7]
    for x in [*tiny, *huge]:
        with mp.workdps(DIGITS):
            wanted = float(true[name](mp.mpf(n), mp.mpf(x)))
        aside = 1e-10 if x > 1 and name != "ive" else 0  # of waves, beside their zeros
        assert getattr(special, name)(n, x) == pytest.approx(wanted, rel=1e-11, abs=aside * x**-0.5)
        assert getattr(special, name)(n, np.array([x]))[0] == pytest.approx(wanted, rel=1e-11, abs=aside * x**-0.5)


def test_the_beta_function_of_a_negative_number_is_refused() -> None:
    for x, y in ((-0.5, 0.7), (0.7, -0.5), (-0.5, -0.7), (0.0, 1.0)):
        for f in special.beta, special.betaln:
            with pytest.raises(ValueError, match="domain error"):
                f(x, y)
            assert np.isnan(f(np.array([x]), y)[0])


def test_every_derivative_of_sinc_at_zero() -> None:
    # sinc(x) is the integral of cos(πxt) over t from 0 to 1, so its derivative of order 2k is (-1)^k π^2k / (2k + 1).
    f: Any = sinc
    for order in range(9):
        k = order / 2
        assert f(0.0) == (0.0 if order % 2 else pytest.approx((-1) ** k * math.pi**order / (order + 1), rel=1e-15))
        f = grad(f)


@pytest.mark.parametrize("n", [1, 2, 4, 9])
@pytest.mark.parametrize("x", [1e-9, 1e-3, 0.3, 0.5, 0.9, 1.7, 3.1, 25.25, 1e6])
def test_derivatives_of_sinc_of_every_order(n: int, x: float) -> None:
    with mp.workdps(DIGITS):
        true = mp.diff(mp.sincpi, x, n)
    scale = math.pi**n / (n + 1)
    assert sinc_derivative(n, x) == pytest.approx(float(true), rel=1e-12, abs=1e-15 * scale)


def test_sinc_is_exact_at_whole_and_half_numbers() -> None:
    far = 2.0**40
    assert [sinc(x) for x in (1.0, -3.0, 1e6, 1e300)] == [0.0] * 4
    assert sinc(far + 0.5) == 1 / (math.pi * (far + 0.5))
    assert grad(sinc)(far) == 1 / far
    array = np.array([0.0, 1.0, -3.0, 0.5, -0.5])
    assert sinc(array).tolist() == [1.0, 0.0, 0.0, 2 / math.pi, 2 / math.pi]


# ---------------------------------------------------------------------------------------------------------------------
# The smallest tail of the normal distribution
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [-30.0, -27.3, -25.0, -22.6, -20.1, -15.0, -10.7, -8.0, -6.0, -5.5, -3.0, -1.0, 2.0, 9.0])
def test_gelu_keeps_its_digits(x: float) -> None:
    # Half a unit in the last place of x / √2 is one part in 2^53, and x² times that in erfc: 1e-13 at -30.
    rel = 1e-15 + 1.7e-16 * x * x
    with mp.workdps(DIGITS):
        value, slope = mp.mpf(x) * mp.ncdf(x), mp.ncdf(x) + x * mp.npdf(x)
    v = Value(x)
    y = gelu(v)
    y.backward()
    assert y.data == pytest.approx(float(value), rel=rel, abs=0)
    assert v.grad == pytest.approx(float(slope), rel=rel, abs=0)
    t = Tensor([x])
    gelu(t).backward()
    assert (gelu(t).data[0], t.grad[0]) == (y.data, v.grad)


@pytest.mark.parametrize("name", ["log_ndtr", "inverse_mills", "inverse_mills_excess"])
@pytest.mark.parametrize("x", [-40.0, -5.0, -4.001, -4.0, -3.999, -1.0, -1e-3, 0.0, 1e-3, 0.5, 0.999, 1.0, 1.5, 6.0])
def test_the_tails_of_the_normal_distribution(name: str, x: float) -> None:
    with mp.workdps(DIGITS):
        mills = mp.npdf(x) / mp.ncdf(x)
        true = {"log_ndtr": mp.log(mp.ncdf(x)), "inverse_mills": mills, "inverse_mills_excess": x + mills}
    for found in getattr(special, name)(x), getattr(special, name)(np.array([x]))[0]:
        assert found == pytest.approx(float(true[name]), rel=1e-13, abs=0)


@pytest.mark.parametrize("x", [-26.0, -5.1, -0.9, -0.301, -0.299, -0.1, 0.0, 1e-3, 0.7, 3.0, 40.0, 1e4])
def test_the_scaled_error_function_to_the_fifth_order(x: float) -> None:
    for order in range(6):
        true = true_derivative(lambda t: mp.exp(t * t) * mp.erfc(t), (x,), (order,))
        if math.isfinite(true):
            assert derivative(special.erfcx, order)(x) == pytest.approx(true, rel=1e-14, abs=0)
            assert special.erfcx_derivative(order, np.array([x]))[0] == pytest.approx(true, rel=1e-14, abs=0)


@pytest.mark.parametrize("x", [1e8, 1e100])
def test_the_slope_of_the_scaled_error_function_far_away(x: float) -> None:
    for order in range(3):  # the first term of the asymptotic series
        wanted = (-1) ** order * math.factorial(order) / math.sqrt(math.pi) / x / x**order
        assert derivative(special.erfcx, order)(x) == pytest.approx(wanted, rel=1e-14, abs=0)


def test_the_scaled_error_function_at_infinity() -> None:
    assert (special.erfcx(INF), special.erfcx(-INF), slopes(special.erfcx, INF)) == (0.0, INF, (0.0,))
    with pytest.raises(OverflowError):
        special.erfcx(-27.0)
    assert math.isnan(special.erfcx(NAN))


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["kv", "kve"])
@pytest.mark.parametrize("n", [0, 1, 0.3, 7.3, 60.0, -2.5])
def test_bessel_functions_of_the_second_kind(name: str, n: float, order: int) -> None:
    for x in (1e-6, 0.1, 0.99, 1.01, 3.7, 40.0, 300.0, 1e4):
        with mp.workdps(DIGITS):
            k = [mp.besselk(mp.mpf(n) - order + j, mp.mpf(x)) for j in range(2 * order + 1)]
            scaled = [(-1) ** j * mp.binomial(2 * order, j) * mp.exp(x) * kj for j, kj in enumerate(k)]
            plain = [mp.binomial(order, j) * kj for j, kj in enumerate(k[::2])]
            true = sum(scaled if name == "kve" else plain) / mp.mpf(-2) ** order
        f = derivative(lambda t: getattr(special, name)(n, t), order)
        if 1e-290 < abs(true) < 1e290:
            assert f(x) == pytest.approx(float(true), rel=1e-12, abs=0)


def test_bessel_functions_of_the_second_kind_at_the_ends() -> None:
    for name in "kv", "kve":
        f = getattr(special, name)
        np.testing.assert_array_equal(f(0.5, np.array([0.0, -1.0, INF])), [INF, NAN, 0.0])
        for x in (0.0, -1.0):
            with pytest.raises(ValueError, match="domain"):
                f(0.5, x)
        assert derivative(lambda t, f=f: f(0.5, t), 1)(INF) == 0.0


@pytest.mark.parametrize("n", [19, 20, 21, 99, 150, 161, 162, 165, 169, 170, 171, 500])
@pytest.mark.parametrize("x", [1e-3, 0.5, 3.7, 100.3, 350.0, 400.0, 1e4, 1e10, -0.3, -0.5, -3.5, -20.3])
def test_polygamma_of_high_orders(n: int, x: float) -> None:
    with mp.workdps(500):  # terms cancel half-way between two poles
        true = float(mp.psi(n, mp.mpf(x)))
    if math.isinf(true):
        with pytest.raises(OverflowError):
            polygamma(n, x)
    with np.errstate(over="ignore"):
        found = polygamma(n, np.array([x]))[0]
    assert found == pytest.approx(true, rel=1e-13, abs=1e-307)
    if math.isfinite(true):
        assert polygamma(n, x) == pytest.approx(true, rel=1e-13, abs=1e-307)


@pytest.mark.parametrize("n", [0, 1, 30, 150, 168, 170])
@pytest.mark.parametrize(("x", "d"), [(4.0, 1e-9), (50.0, 1.0), (400.0, 0.3), (1e4, 20.0)])
def test_differences_of_polygamma_of_high_orders(n: int, x: float, d: float) -> None:
    with mp.workdps(100):
        true = float(mp.psi(n, mp.mpf(x) + mp.mpf(d)) - mp.psi(n, mp.mpf(x)))
    assert special.polygamma_difference(n, x, d) == pytest.approx(true, rel=1e-13, abs=1e-307)


def test_the_beta_function_at_infinity() -> None:
    for x, y in ((INF, 1.0), (1.0, INF), (INF, INF)):
        assert (special.beta(x, y), special.betaln(x, y)) == (0.0, -INF)
        assert slopes(special.beta, x, y) == (0.0, 0.0)
    assert slopes(special.betaln, INF, 2.0) == (0.0, -INF)
    assert grad(grad(special.beta))(INF, 1.0) == 0.0
    assert np.isnan(special.beta(np.array([NAN, INF]), np.array([INF, NAN]))).all()


# ---------------------------------------------------------------------------------------------------------------------
# Edges
# ---------------------------------------------------------------------------------------------------------------------


def slopes(op: Primitive, *point: float) -> tuple[float, ...]:
    return op(*map(Value, point)).slopes


@pytest.mark.parametrize("op", [logaddexp, logaddexp2])
def test_logarithms_of_sums_of_infinite_and_huge_numbers(op: Primitive) -> None:
    double = {logaddexp: math.log(2), logaddexp2: 1.0}[op]
    for x, y, value, dx in [
        (INF, INF, INF, 0.5),
        (-INF, -INF, -INF, 0.5),
        (INF, -INF, INF, 1.0),
        (-INF, 2.0, 2.0, 0.0),
        (INF, 2.0, INF, 1.0),
        (1e308, -1e308, 1e308, 1.0),
        (1e308, 1e308, 1e308, 0.5),
        (-3.0, -3.0, -3.0 + double, 0.5),
    ]:
        assert op(Value(x), Value(y)).data == op(x, y) == value
        assert slopes(op, x, y) == (dx, 1.0 - dx)
        assert slopes(op, y, x) == (1.0 - dx, dx)
    assert math.isnan(op(NAN, 1.0))
    assert all(map(math.isnan, slopes(op, NAN, 1.0)))
    assert grad(grad(op))(INF, INF) == grad(grad(op))(-INF, -INF) == 0.0


def test_the_second_derivative_at_a_tie_is_a_quarter() -> None:
    for x in (0.0, 1.0, -50.0):
        assert grad(grad(logaddexp))(x, x) == 0.25


def test_zero_times_any_logarithm_is_zero() -> None:
    for y in (0.0, 1e-300, 3.0, INF, -1.0):
        assert xlogy(0.0, y) == xlogy(Value(0.0), y).data == 0.0
        assert xlogy(np.array(0.0), np.array(y)) == 0.0
    assert slopes(xlogy, 0.0, 3.0) == (math.log(3.0), 0.0)
    assert slopes(xlogy, 0.0, 0.0) == (-INF, 0.0)
    assert grad(grad(xlogy, 1), 0)(0.0, 4.0) == 0.25
    assert np.isnan(grad(grad(xlogy, 1), 0)(np.array(0.0), np.array(0.0)))  # the limit of 1/y is infinite
    with pytest.raises(ValueError, match=r"^xlogy: .* in xlogy\(x, 0.0\) at x = 1.0"):
        xlogy(Value(1.0), 0.0)


def test_the_slope_of_xlogy_is_infinite_where_y_is_zero() -> None:
    y = Tensor([0.0, 0.0, 0.0])
    with np.errstate(divide="ignore"):
        xlogy(np.array([0.0, 1.0, -2.0]), y).backward([1.0, 1.0, 1.0])
    assert y.grad.tolist() == [0.0, INF, -INF]


def test_an_infinite_entry_leaves_the_derivatives_of_sinc_beside_it_alone() -> None:
    t = Tensor([INF, 2.0])
    with np.errstate(invalid="ignore"):
        sinc(t).backward([1.0, 1.0])
    np.testing.assert_array_equal(t.grad, [NAN, 0.5])


def test_the_smallest_probabilities() -> None:
    tiny = 5e-324
    assert logit(tiny) == pytest.approx(math.log(tiny), rel=1e-15)
    assert logit(1 - 2.0**-53) == pytest.approx(53 * math.log(2), rel=1e-15)
    assert grad(logit)(1e-300) == pytest.approx(1e300, rel=1e-15)
    assert entr(tiny) == -tiny * math.log(tiny)


def test_entropy_at_zero() -> None:
    assert math.copysign(1.0, entr(0.0)) == 1.0
    assert (entr(Value(0.0)).data, slopes(entr, 0.0)) == (0.0, (INF,))
    t = Tensor([0.0, 1.0])
    entr(t).backward([1.0, 1.0])
    assert t.grad.tolist() == [INF, -1.0]


def test_gamma_functions_at_poles_and_for_large_numbers() -> None:
    for pole in (0.0, -0.0, -1.0, -170.0, -1e300):
        for f in lgamma, digamma, lambda x: polygamma(3, x):
            with pytest.raises(ValueError, match=r"domain error|noninteger"):
                f(pole)
    assert (digamma(INF), polygamma(1, INF), lgamma(INF), lgamma(-INF)) == (INF, 0.0, INF, INF)
    assert digamma(Value(1.0)).data == pytest.approx(-EULER, rel=1e-15)
    with pytest.raises(OverflowError, match=r"^polygamma: overflow in polygamma\(3.0, x\) at x = 1e-150"):
        polygamma(3, Value(1e-150))
    assert polygamma(1, Value(1e-150)).slopes == (0.0, -INF)
    assert (slopes(lgamma, 1e-310), slopes(lgamma, -1e-310)) == ((-INF,), (INF,))
    for f in polygamma, sinc_derivative:
        with pytest.raises(OverflowError):
            f(1e9, 2.0)


@pytest.mark.parametrize(
    ("f", "true", "zero"),
    [
        (digamma, mp.digamma, 1.4616321449683622),
        (digamma, mp.digamma, -0.5040830082644554),
        (lgamma, lambda x: mp.log(mp.gamma(x)), 1.0),
        (lgamma, lambda x: mp.log(mp.gamma(x)), 2.0),
    ],
)
def test_beside_a_zero_no_digit_is_lost(f: Any, true: Any, zero: float) -> None:
    aside = [0.0, 2.0**-52, *(10.0**-k for k in range(1, 16))]
    x = np.array([zero + sign * distance for distance in aside for sign in (1, -1)])
    with mp.workdps(DIGITS):
        wanted = [float(true(mp.mpf(xi))) for xi in x.tolist()]
    for found in f(x).tolist(), [f(xi) for xi in x.tolist()]:
        assert found == pytest.approx(wanted, rel=1e-13, abs=0)


def test_arrays_have_a_value_at_poles() -> None:
    x = np.array([0.0, -2.0, 1.0])
    assert lgamma(x).tolist() == [INF, INF, 0.0]
    for y in digamma(x), polygamma(1, x):
        assert np.isnan(y).tolist() == [True, True, False]


def test_outside_the_domain() -> None:
    for op, x in [(erfinv, 1.0), (erfinv, -1.0), (erfinv, 1.5), (logit, 0.0), (logit, 1.0), (entr, -0.1), (sinc, INF)]:
        with pytest.raises(ValueError, match=rf"^{op}: .*domain error at x = {x}|^{op}: .* got"):
            op(Value(x))
    for op in i0, i1:
        with pytest.raises(OverflowError, match=rf"^{op}: overflow at x = -720.0"):
            op(Value(-720.0))


# ---------------------------------------------------------------------------------------------------------------------
# Orders: operands without a derivative
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [polygamma, special.erfcx_derivative, sinc_derivative])
@pytest.mark.parametrize("node", [Value(1.0), Tensor([1.0])])
def test_an_order_with_a_derivative_is_refused(f: Any, node: Any) -> None:
    kind = type(node).__name__
    with pytest.raises(TypeError, match=rf"^{f.__name__}: the order n has no derivative.*not a {kind}$"):
        f(node, 2.0)


@pytest.mark.parametrize("node", [Value(1.0), Tensor([1.0])])
def test_an_operand_in_which_the_derivative_is_not_elementary_is_refused(node: Any) -> None:
    for f in (
        special.gammainc,
        special.gammaincc,
        special.stdtr,
        special.jv,
        special.kv,
        special.yv,
        special.iv,
        special.ive,
    ):
        first = "n" if "v" in f.__name__ else "df" if f is special.stdtr else "a"
        kind = type(node).__name__
        with pytest.raises(
            TypeError, match=rf"^{f.__name__}: the derivative in {first} is not elementary, so give .*, not a {kind}$"
        ):
            f(node, 0.5)
        assert np.isnan(PRIMITIVES[f.__name__](Value(1.0), 0.5).slopes[0])
    with pytest.raises(TypeError, match="the derivative in b is not elementary"):
        special.betainc(1.0, node, 0.5)


@pytest.mark.parametrize("x", [2.0, Value(2.0), np.array([2.0]), Tensor([2.0])])
def test_an_order_that_is_not_an_integer_is_refused(x: Any) -> None:
    for n in (0.5, NAN, INF):
        for f in polygamma, special.erfcx_derivative, sinc_derivative:
            with pytest.raises(ValueError, match=r"the order must (be an integer|not be negative)"):
                f(n, x)
    for f in polygamma, special.erfcx_derivative, sinc_derivative:
        with pytest.raises(ValueError, match="the order must not be negative"):
            f(-1, x)


def test_orders_may_stand_in_an_array() -> None:
    n = [0, 1, 2]
    assert polygamma(np.array(n), 2.0) == pytest.approx([polygamma(k, 2.0) for k in n], rel=1e-14)
    t = Tensor([2.0, 2.0, 2.0])
    polygamma(np.array(n), t).backward(np.ones(3))
    assert t.grad == pytest.approx([polygamma(k + 1, 2.0) for k in n], rel=1e-14)


# ---------------------------------------------------------------------------------------------------------------------
# NumPy and SciPy
# ---------------------------------------------------------------------------------------------------------------------

UFUNCS = [
    (scipy.special.erf, "erf"),
    (scipy.special.erfc, "erfc"),
    (scipy.special.erfinv, "erfinv"),
    (scipy.special.gammaln, "lgamma"),
    (scipy.special.psi, "digamma"),
    (scipy.special.digamma, "digamma"),
    (scipy.special.logit, "logit"),
    (scipy.special.expit, "sigmoid"),
    (scipy.special.entr, "entr"),
    (scipy.special.i0, "i0"),
    (scipy.special.i1, "i1"),
    (np.i0, "i0"),
    (np.sinc, "sinc"),
]
INSIDE = np.array([0.01, 0.3, 0.5, 0.97])


@pytest.mark.parametrize(("f", "name"), UFUNCS, ids=lambda x: getattr(x, "__name__", x))
def test_their_functions_of_one_operand_record(f: Any, name: str) -> None:
    t = Tensor(INSIDE)
    assert f(t).op is f(Value(0.3)).op is PRIMITIVES[name]
    assert f(t).data == pytest.approx(f(INSIDE), rel=1e-13, abs=1e-15)
    assert f(Value(0.3)).data == pytest.approx(float(f(0.3)), rel=1e-13)


@pytest.mark.parametrize("f", [np.logaddexp, np.logaddexp2, scipy.special.xlogy])
def test_their_functions_of_two_operands_record(f: Any) -> None:
    t, other = Tensor(INSIDE), np.array([2.0, 0.25, 1.0, 0.5])
    row = PRIMITIVES[f.__name__]
    for y, true in (f(t, other), f(INSIDE, other)), (f(other, t), f(other, INSIDE)), (f(2.0, t), f(2.0, INSIDE)):
        assert y.op is row
        assert y.data == pytest.approx(true, rel=1e-14, abs=1e-16)
    assert f(Value(0.3), 2.0).op is f(2.0, Value(0.3)).op is row


def test_their_bessel_function_of_any_order_records() -> None:
    assert scipy.special.iv(2, Value(0.5)).op is scipy.special.iv(2, Tensor([0.5])).op is PRIMITIVES["iv"]


ARRAYS = {
    rules.erfc: np.linspace(-5, 20, 101),
    lgamma: np.linspace(0.05, 30, 101),
    digamma: np.linspace(0.05, 30, 101),
    erfinv: np.linspace(-0.99, 0.99, 101),
    logit: np.linspace(0.01, 0.99, 101),
    entr: np.linspace(0, 5, 101),
    i0: np.linspace(-20, 20, 101),
    i1: np.linspace(-20, 20, 101),
}


@pytest.mark.parametrize("op", ARRAYS, ids=str)
def test_arrays_against_scipy(op: Primitive) -> None:
    theirs = getattr(scipy.special, {"lgamma": "gammaln"}.get(op.name, op.name))
    np.testing.assert_allclose(op(ARRAYS[op]), theirs(ARRAYS[op]), rtol=1e-13, atol=1e-14)


def test_polygamma_of_arrays_against_scipy() -> None:
    x = np.linspace(0.05, 30, 101)
    for n in range(5):
        np.testing.assert_allclose(polygamma(n, x), scipy.special.polygamma(n, x), rtol=1e-13, atol=1e-14)


@pytest.fixture
def _without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == "scipy"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "scipy", None)


@pytest.mark.usefixtures("_without_scipy")
@pytest.mark.parametrize("x", [0.5, Value(0.5), np.array([0.5]), Tensor([0.5])], ids=lambda x: type(x).__name__)
def test_without_scipy(x: Any) -> None:
    for name, f in {"erfinv": erfinv, "iv": i0}.items():
        with pytest.raises(ImportError) as caught:
            f(x)
        assert str(caught.value) == f'{name} needs SciPy, which is not installed: pip install "pathgrad[special]"'
    for f in i1, lambda x: iv(3, x):
        with pytest.raises(ImportError, match="SciPy"):
            f(x)
    others = [rules.erfc, gelu, logit, entr, sinc, lgamma, digamma]
    for f in [*others, *(lambda x, f=f: f(x, 2.0) for f in (logaddexp, logaddexp2, xlogy))]:
        y = f(x)
        assert np.all(np.isfinite(y.data if isinstance(x, (Value, Tensor)) else y))
    if isinstance(x, Value):
        assert derivative(lgamma, 3)(0.5) == pytest.approx(-16.8287966442343, rel=1e-13)  # ψ''(1/2) = -14 ζ(3)
        assert derivative(sinc, 3)(0.0) == 0.0


# ---------------------------------------------------------------------------------------------------------------------
# Formulas, text and pickles
# ---------------------------------------------------------------------------------------------------------------------


def test_formulas() -> None:
    x = symbol("x")
    assert sympy.simplify(digamma(x).diff(x) - sympy.polygamma(1, x)) == 0
    v = Value(0.5, label="x")
    y = lgamma(v) + i0(v) + polygamma(2, v)
    assert expression(y) == sympy.loggamma(x) + sympy.besseli(0, x) + sympy.polygamma(2, x)
    (slope,) = local_derivatives(sinc(v), {v: "x"}).values()
    assert sympy.simplify(slope - sympy.diff(sympy.sin(sympy.pi * x) / (sympy.pi * x), x)) == 0


def test_formulas_in_text_and_pickles() -> None:
    graph = define("y = polygamma(1, x) * logaddexp(x, 0)", x=1)
    assert graph["y"].data == pytest.approx(math.pi**2 / 6 * math.log(1 + math.e))
    again = pickle.loads(pickle.dumps(graph["y"]))
    assert again.data == graph["y"].data
    assert {node.op for node in again.parents} == {PRIMITIVES["polygamma"], logaddexp}


def test_special_cases_and_inverses() -> None:
    for x in (-40.0, -1.0, 0.0, 3.0):
        assert logaddexp(x, 0.0) == pytest.approx(rules.softplus(x), rel=1e-15)
        assert rules.sigmoid(logit(rules.sigmoid(x))) == pytest.approx(rules.sigmoid(x), rel=1e-13)
        assert exp(logaddexp(x, 1.0)) == pytest.approx(math.exp(x) + math.e, rel=1e-14)


def test_every_public_name_is_a_function() -> None:
    assert gammaln is lgamma
    assert {name for name in special.__all__ if not callable(getattr(special, name))} == set()
