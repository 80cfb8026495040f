"""The table of calculus, row by row, against mpmath, SymPy, NumPy, finite differences and results by hand.

Most tests run over ``PRIMITIVES``, so a row that is added to the table is tested too.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import pickle
import sys
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import exact, exact_slope, fewer, symbols

import autograd
from autograd import (
    PRIMITIVES,
    Interval,
    Primitive,
    Tensor,
    Value,
    absolute,
    clip,
    divide,
    elementwise_grad,
    elu,
    exp,
    floor,
    grad,
    hvp,
    hypot,
    jvp,
    leaky_relu,
    log,
    maximum,
    minimum,
    power,
    primitive,
    relu,
    sign,
    softsign,
    sqrt,
    tangents,
    topological_order,
    where,
)
from autograd.dialects.python import Source
from autograd.dialects.symbolic import constant, expand
from autograd.testing import check_primitive, points

Point = tuple[float, ...]

BUILT_IN = list(PRIMITIVES.values())


def rows(*ops: Primitive) -> Any:
    return pytest.mark.parametrize("op", ops, ids=str)


every_row = rows(*BUILT_IN)
every_kinked_row = rows(*[op for op in BUILT_IN if op.kink is not None])
every_function_of_a_real_number = rows(*[op for op in BUILT_IN if op.domain == (Interval(),)])


def switches(op: Primitive) -> set[int]:
    """The places of the operands that select something and have no derivative."""
    return {place for place, interval in enumerate(op.domain) if interval.fixed}


def evaluate(op: Primitive, point: Sequence[float]) -> tuple[float, tuple[float, ...]]:
    """The value and the slopes that a graph records."""
    y = op(*map(Value, point))
    return (y.data, y.slopes) if isinstance(y, Value) else (y, ())


def derivatives(op: Primitive, point: Sequence[float]) -> list[tuple[int, float]]:
    """The slopes in operands that have a derivative, each with the place of its operand."""
    return [(i, slope) for i, slope in enumerate(evaluate(op, point)[1]) if i not in switches(op)]


# ---------------------------------------------------------------------------------------------------------------------
# Against 50 digits
# ---------------------------------------------------------------------------------------------------------------------


def rounding(point: Sequence[float], result: float) -> float:
    """The rounding error that is allowed: some bits of the result, or of products of operands that cancel in it."""
    largest = max([1.0, *map(abs, point)])
    return 1e-12 * abs(result) + 1e-15 * largest**2 * max(1, len(point))


@every_row
@fewer
@given(data=st.data())
def test_value_and_slopes_agree_with_mpmath(op: Primitive, data: Any) -> None:
    point = data.draw(points(op, kinks=False, reach=30.0))
    value = evaluate(op, point)[0]
    assert abs(exact(op, point) - value) <= rounding(point, value)
    for place, slope in derivatives(op, point):
        assert abs(exact_slope(op, point, place) - slope) <= rounding(point, slope), place


@every_function_of_a_real_number
@pytest.mark.parametrize("x", [-1e5 - 0.5, -800.5, -40.5, 40.5, 800.5, 1e5 + 0.5])
def test_a_large_operand_overflows_only_where_the_value_does(op: Primitive, x: float) -> None:
    value = exact(op, [x])
    if abs(value) > 1.7e308:
        with pytest.raises(OverflowError, match=rf"^{op}: overflow at x = "):
            op(Value(x))
    else:
        data, (slope,) = evaluate(op, [x])
        assert abs(value - data) <= rounding([1.0], data)
        assert abs(exact_slope(op, [x], 0) - slope) <= rounding([1.0], slope)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "arctan", "softsign"])
@pytest.mark.parametrize("x", [-40.0, -20.0, 20.0, 40.0])
def test_small_slopes_keep_their_digits(name: str, x: float) -> None:
    # The textbook's 1 - tanh(x)**2 is 0 from x = 19 on, where the slope is still 1e-16.
    _, (slope,) = evaluate(PRIMITIVES[name], [x])
    assert slope == pytest.approx(float(exact_slope(PRIMITIVES[name], [x], 0)), rel=1e-9, abs=0)


X = 1e308


@pytest.mark.parametrize(
    ("name", "right", "left"),  # value and slope at X and at -X
    [
        ("sigmoid", (1, 0), (0, 0)),
        ("softplus", (X, 1), (0, 0)),
        ("tanh", (1, 0), (-1, 0)),
        ("silu", (X, 1), (0, 0)),
        ("gelu", (X, 1), (0, 0)),
        ("relu", (X, 1), (0, 0)),
        ("softsign", (1, 0), (-1, 0)),
        ("erf", (1, 0), (-1, 0)),
        ("arctan", (math.pi / 2, 0), (-math.pi / 2, 0)),
        ("arcsinh", (math.log(2) + math.log(X), 1 / X), (-math.log(2) - math.log(X), 1 / X)),
        ("absolute", (X, 1), (X, -1)),
    ],
)
def test_the_largest_floats_reach_the_limit(name: str, right: Point, left: Point) -> None:
    for x, limit in (X, right), (-X, left):
        value, slopes = evaluate(PRIMITIVES[name], [x])
        assert (value, *slopes) == pytest.approx(limit, rel=1e-15, abs=0)


def test_functions_with_one_limit_reach_it() -> None:
    assert evaluate(PRIMITIVES["log1p"], [X]) == (math.log(X), (1 / X,))
    assert evaluate(PRIMITIVES["expm1"], [-X]) == (-1.0, (0.0,))
    assert evaluate(PRIMITIVES["elu"], [X, 2.0]) == (X, (1.0, 0.0))
    assert evaluate(PRIMITIVES["elu"], [-X, 2.0]) == (-2.0, (0.0, -1.0))
    assert evaluate(PRIMITIVES["leaky_relu"], [-X, 0.5]) == (-X / 2, (0.5, -X))
    assert evaluate(PRIMITIVES["hypot"], [X, 0.75 * X]) == (1.25 * X, (0.8, 0.6))


# ---------------------------------------------------------------------------------------------------------------------
# Against SymPy: the partial derivatives as formulas
# ---------------------------------------------------------------------------------------------------------------------


def on_one_step(formula: Any) -> Any:
    """The formula between two jumps, where floor is a constant."""
    return formula.rewrite(sympy.floor).replace(sympy.floor, lambda x: sympy.Symbol("k", integer=True))


def written_out(slope: Any) -> Any:
    """A rule as a formula of SymPy's functions and exact numbers."""
    formula = expand(sympy.sympify(slope))
    return on_one_step(formula.xreplace({x: constant(float(x)) for x in formula.atoms(sympy.Float)}))


def regions(op: Primitive, n: int) -> list[tuple[Any, ...]]:
    """Parts of the domain in which every sign, or every comparison of operands, is constant."""
    positive = symbols(n, positive=True)
    tie = op.kink is not None and n > 1 and op.on_kink([1.0] * n)
    if tie or op.name in ("logaddexp", "logaddexp2"):  # it compares its operands
        lowest = sympy.Symbol("lowest", real=True)
        return list(itertools.permutations(itertools.accumulate(positive[1:], initial=lowest)))
    sides: list[list[Any]] = []
    for i, interval in enumerate(op.domain or [Interval()] * n):
        if math.isfinite(interval.high):
            sides.append([symbols(n)[i]])
        else:
            sides.append([interval.low + positive[i]] if math.isfinite(interval.low) else [positive[i], -positive[i]])
    return list(itertools.product(*sides))


@every_row
def test_slopes_are_the_derivatives_that_sympy_finds(op: Primitive) -> None:
    n = len(op.parameters) or {"dot": 4, "affine": 5}.get(op.name, 3)
    xs = symbols(n)
    lowest = [int(interval.constant) for interval in op.domain] or [0] * n  # a shape is positive
    chosen = [
        (sympy.Integer(low), sympy.Integer(low + 1)) if i in switches(op) else (x,)
        for i, (x, low) in enumerate(zip(xs, lowest, strict=True))
    ]
    for operands in itertools.product(*chosen):
        value = expand(op(*operands))
        for place, slope in enumerate(op.slopes(operands, value)):
            if place in switches(op):
                continue
            residual = on_one_step(value).diff(xs[place]) - written_out(slope)
            for region in regions(op, n):
                here = residual.xreplace(dict(zip(xs, region, strict=True)))
                left = sympy.simplify(here.expand()) and sympy.simplify(here.rewrite(sympy.exp))
                assert left == 0, (operands, place, region)


# ---------------------------------------------------------------------------------------------------------------------
# Against differences, on kinks too, in both modes, to second order, number by number in arrays
# ---------------------------------------------------------------------------------------------------------------------


@every_row
def test_every_row_passes_the_check_of_primitives(op: Primitive) -> None:
    check_primitive(op)


# ---------------------------------------------------------------------------------------------------------------------
# Special points, by hand
# ---------------------------------------------------------------------------------------------------------------------

INF, NAN = math.inf, math.nan

ON_KINKS = {
    "relu": [((0.0,), 0, (0,))],
    "absolute": [((0.0,), 0, (0,))],
    "maximum": [((3.0, 3.0), 3, (0.5, 0.5))],
    "minimum": [((3.0, 3.0), 3, (0.5, 0.5))],
    "clip": [
        ((0.0, 0.0, 1.0), 0, (0, 1, 0)),
        ((1.0, 0.0, 1.0), 1, (0, 0, 1)),
        ((1.0, 1.0, 1.0), 1, (0, 1, 0)),
        ((0.0, 1.0, 1.0), 1, (0, 1, 0)),
    ],
    "leaky_relu": [((0.0, 0.01), 0, (0.01, 0))],
    "elu": [((0.0, 2.0), 0, (2, 0))],
    "softsign": [((0.0,), 0, (1,))],
    "hypot": [((0.0, 0.0), 0, (0, 0))],
    "ive": [((0.0, 0.0), 1, (NAN, 0)), ((1.0, 0.0), 0, (NAN, 0.5))],
    "ive_derivative": [((1.0, 0.0, 0.0), 0, (0, NAN, 1.5)), ((0.0, 1.0, 0.0), 0, (0, NAN, 0.5))],
    "sign": [((0.0,), 0, (0,))],
    "floor": [((2.0,), 2, (0,))],
    "mod": [((4.0, 2.0), 0, (1, -2))],
    "floor_divide": [((4.0, 2.0), 2, (0, 0))],
    "arctan2": [((0.0, -2.0), math.pi, (-0.5, 0)), ((0.0, 0.0), 0, (NAN, NAN))],
}

AT_ENDS = {
    "sqrt": [((0.0,), 0, (INF,))],
    "cbrt": [((0.0,), 0, (INF,))],
    "arcsin": [((1.0,), math.pi / 2, (INF,)), ((-1.0,), -math.pi / 2, (INF,))],
    "arccos": [((1.0,), 0, (-INF,)), ((-1.0,), math.pi, (-INF,))],
    "arccosh": [((1.0,), 0, (INF,))],
    "power": [
        ((0.0, 0.0), 1, (0, 0)),
        ((0.0, 0.5), 0, (INF, 0)),
        ((0.0, 1.0), 0, (1, 0)),
        ((0.0, 2.0), 0, (0, 0)),
        ((-2.0, 3.0), -8, (12, NAN)),
        ((-2.0, -1.0), -0.5, (-0.25, NAN)),
        ((-2.0, 0.0), 1, (0, NAN)),
        *(
            [((0.0, -INF), INF, (-INF, -INF))] if sys.version_info >= (3, 11) else []
        ),  # math.pow of 3.10 raises an error
    ],
}


@pytest.mark.parametrize(
    ("name", "point", "value", "slopes"),
    [(name, *case) for name, cases in (ON_KINKS | AT_ENDS).items() for case in cases],
)
def test_documented_values_and_slopes(name: str, point: Point, value: float, slopes: Point) -> None:
    assert evaluate(PRIMITIVES[name], point) == (value, pytest.approx(slopes, nan_ok=True, rel=0, abs=0))


def test_zero_to_a_negative_power_falls_from_infinity() -> None:
    with np.errstate(all="ignore"):
        slopes = power.slopes([np.zeros(3), np.array([-1.0, 1.0, NAN])], np.array([INF, 0.0, NAN]))
    np.testing.assert_array_equal(slopes[1], [-INF, 0.0, NAN])


def test_which_rows_average() -> None:
    averaging = {"absolute", "hypot", "ive", "ive_derivative", "maximum", "minimum", "softsign"}
    assert {op.name for op in BUILT_IN if op.averages} == averaging
    with pytest.raises(ValueError, match="say where that is with kink="):
        primitive(lambda x, out: 1.0, averages=True, name="fails")(lambda x: x)


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (absolute, (0.0,)),
        (softsign, (0.0,)),
        (hypot, (0.0, 0.0)),
        (maximum, (3.0, 3.0)),
        (minimum, (-1.0, -1.0)),
        (lambda x: absolute(x) ** 2, (0.0,)),
        (lambda x, y: hypot(x, y) ** 2, (0.0, 0.0)),
        (lambda x, y: maximum(x, y) ** 2, (3.0, 3.0)),
    ],
)
def test_a_slope_by_convention_has_no_slope_of_its_own(f: Any, point: Point) -> None:
    places = range(len(point))
    tangents = np.eye(len(point)).tolist()
    arrays = [np.full(2, x) for x in point]
    for first in places:
        slope = grad(f, first)
        for other in places:
            assert math.isnan(grad(slope, other)(*point))
            assert math.isnan(jvp(slope, point, tangents[other])[1])
            assert math.isnan(grad(grad(slope, other), first)(*point))
            assert np.isnan(elementwise_grad(elementwise_grad(f, first), other)(*arrays)).all()
        for pushed in hvp(f, point, tangents[first]), autograd.compile(f).hvp(point, tangents[first]):
            assert all(map(math.isnan, pushed))


@pytest.mark.parametrize("op", [op for op in BUILT_IN if op.averages], ids=str)
@given(data=st.data())
def test_off_its_kink_a_row_that_averages_has_derivatives_of_every_order(op: Primitive, data: st.DataObject) -> None:
    point = data.draw(points(op, kinks=False, reach=10.0))
    fixed, rest = point[: len(switches(op))], point[len(switches(op)) :]
    direction = tuple([1.0 + place for place in range(len(rest))])

    def f(*xs: Any) -> Any:
        return op(*fixed, *xs)

    for place in range(len(rest)):
        assert math.isfinite(jvp(grad(f, place), rest, direction)[1])
        assert math.isfinite(jvp(grad(grad(f, place), place), rest, direction)[1])
    assert all(map(math.isfinite, autograd.compile(f).hvp(rest, direction)))


def test_ties_of_infinities_have_no_second_derivative() -> None:
    assert grad(maximum)(INF, INF) == 0.5
    assert math.isnan(grad(grad(maximum))(INF, INF))


def test_slopes_by_convention_in_formulas_show_the_slope_alone() -> None:
    x, y = sympy.symbols("x y", real=True)
    assert absolute.slopes([x], None) == [sympy.sign(x)]
    assert hypot.slopes([x, y], sympy.Symbol("f"))[0] == x / sympy.Symbol("f")
    assert str(absolute.slopes([Source("x")], Source("out"))[0]) == "rules.sign(x)"


def test_a_row_that_picks_a_piece_is_that_piece_to_every_order() -> None:
    for f in (relu, lambda x: clip(x, 0.0, 1.0), lambda x: where(x > 0, x, 0.0), leaky_relu, floor, sign):
        assert grad(grad(f))(0.0) == grad(grad(grad(f)))(0.0) == 0.0
    assert grad(grad(elu))(0.0) == grad(grad(grad(elu)))(0.0) == 1.0


@pytest.mark.parametrize("kink", [lambda x: 1.0 / x, lambda x: math.log(x)])
def test_where_the_kink_has_no_value_there_is_none(kink: Any) -> None:
    row = Primitive("shown", lambda x: x, [lambda x, out: 0.0], parameters=["x"], kink=kink, selects=True)
    assert not row.on_kink([0.0])
    x = Value(0.0)
    assert dict(row(x).pull(INF)) == {}


def test_powers_at_zero() -> None:
    zero, half, two = np.array(0.0), np.array(0.5), np.array(2.0)
    assert grad(grad(lambda x: x**0.0))(zero) == 0.0  # constant
    assert grad(grad(power))(0.0, 0.0) == 0.0
    assert math.isnan(grad(grad(power), 1)(zero, zero))
    assert math.isnan(grad(grad(power, 1), 1)(0.0, 0.0))
    assert math.isnan(grad(grad(power), 1)(0.0, 1.0))  # the limit is -inf
    assert grad(grad(power), 1)(0.0, 2.0) == grad(grad(power, 1))(0.0, 2.0) == 0.0
    assert grad(grad(power), 1)(2.0, 0.0) == 0.5
    assert grad(grad(lambda x: x**1.0))(0.0) == 0.0
    assert grad(grad(lambda x: x**2.0))(0.0) == 2.0
    assert math.isnan(grad(grad(power, 1), 0)(zero, half))  # the limit is -inf
    assert grad(grad(power, 1), 0)(zero, two) == 0.0
    assert grad(grad(power, 1), 1)(zero, half) == 0.0


def test_every_kink_is_listed_above() -> None:
    assert {op.name for op in BUILT_IN if op.kink is not None} == set(ON_KINKS)
    for name, cases in ON_KINKS.items():
        assert all(PRIMITIVES[name].on_kink(point) for point, *_ in cases)


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("arctan2", (0.0, 2.0)),  # the angle jumps on the negative half of the axis alone
        ("hypot", (0.0, 1.0)),
        ("maximum", (0.0, 1.0)),
        ("clip", (0.0, -1.0, 1.0)),
        ("clip", (2.0, 2.0, 1.0)),  # the upper bound is below the lower one
        ("clip", (1.0, 2.0, 1.0)),
        ("clip", (3.0, 2.0, 2.0)),
        ("leaky_relu", (1.0, 0.0)),
        ("floor", (0.5,)),
        ("mod", (5.0, 2.0)),
    ],
)
def test_there_is_no_kink_beside_a_kink(name: str, point: Point) -> None:
    assert not PRIMITIVES[name].on_kink(point)


def test_where_the_bounds_of_clip_cross_it_is_the_upper_one() -> None:
    for x in (0.0, 1.0, 1.5, 2.0, 3.0):
        assert evaluate(PRIMITIVES["clip"], (x, 2.0, 1.0)) == (1.0, (0.0, 0.0, 1.0))


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-0.0, 1.0), (-1.0, 0.0), (-1.0, -0.0), (0.0, math.inf), (0.0, -0.0)])
@pytest.mark.parametrize("x", [0.0, -0.0])
def test_at_a_bound_of_zero_clip_has_the_sign_of_the_bound_in_every_mode(x: float, bounds: tuple[float, float]) -> None:
    clipped = PRIMITIVES["clip"]
    signs = [math.copysign(1.0, clipped(x, *bounds)), math.copysign(1.0, clipped(Value(x), *bounds).data)]
    for size in (1, 9):
        signs += np.copysign(1.0, clipped(np.full(size, x), *bounds)).tolist()
        signs += np.copysign(1.0, clipped(Tensor(np.full(size, x)), *bounds).data).tolist()
    assert len(set(signs)) == 1


def test_equal_bounds_are_a_kink_of_clip() -> None:
    # min(max(1, low), 2) at low = 2: raising low changes nothing, lowering it does.
    assert PRIMITIVES["clip"].on_kink([1.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("name", "point", "error"),
    [
        ("sqrt", (-1.0,), ValueError),
        ("log", (0.0,), ValueError),
        ("log", (-1.0,), ValueError),
        ("log2", (0.0,), ValueError),
        ("log10", (-2.0,), ValueError),
        ("log1p", (-1.0,), ValueError),
        ("arcsin", (1.5,), ValueError),
        ("arccos", (-1.5,), ValueError),
        ("arccosh", (0.5,), ValueError),
        ("arctanh", (1.0,), ValueError),
        ("sin", (INF,), ValueError),
        ("power", (-8.0, 0.5), ValueError),
        ("power", (0.0, -1.0), ValueError),
        ("power", (10.0, 400.0), OverflowError),
        ("exp", (1000.0,), OverflowError),
        ("divide", (1.0, 0.0), ZeroDivisionError),
        ("reciprocal", (0.0,), ZeroDivisionError),
        ("mod", (1.0, 0.0), ZeroDivisionError),
        ("floor_divide", (1.0, 0.0), ZeroDivisionError),
    ],
)
def test_outside_the_domain_the_error_is_pythons_and_says_where(
    name: str, point: Point, error: type[Exception]
) -> None:
    op = PRIMITIVES[name]
    last = len(point) - 1
    operands = [Value(x, label="u" if i == last else None) for i, x in enumerate(point)]
    expected = [f"{op.parameters[0]} = {point[0]}"] if last else []
    with pytest.raises(error) as caught:
        op(*operands)
    line = caught.traceback[0].lineno + 1
    for text in (f"{name}: ", *expected, f"u = {point[-1]}", f"({__file__}:{line})"):
        assert text in str(caught.value)


BEYOND = {
    ("betainc", "a"): "where a shape is 0, all of the probability is at one end",
    ("betainc", "b"): "the same",
    ("gammainc", "a"): "the same",
    ("gammaincc", "a"): "the same",
    ("yv", "n"): "the order may be negative",
    ("iv", "n"): "the same",
    ("jv", "n"): "the same",
    ("kv", "n"): "the same",
    ("kve", "n"): "the same",
    ("kve_derivative", "n"): "the same",
    ("ive", "n"): "the same",
    ("ive_derivative", "n"): "the same",
    ("ive", "x"): "for whole orders there is a value at every x",
    ("ive_derivative", "x"): "the same",
    ("iv", "x"): "the same",
    ("jv", "x"): "the same",
    ("convention", "at"): "where it is 0, the slope is a convention, and yet a number",
    ("polygamma_difference", "d"): "the difference may be negative",
    ("polygamma_difference", "n"): "for -1 it is that of the logarithms",
    ("polygamma_difference", "x"): "between the poles",
    ("power", "x"): "a negative base may have a whole exponent",
    ("where", "condition"): "any number but 0 is true",
}
"""Operands that may have numbers outside of their domain, where a derivative may be missing."""


@rows(*[op for op in BUILT_IN if any(interval != Interval() for interval in op.domain)])
def test_a_domain_says_exactly_where_there_is_a_value(op: Primitive) -> None:
    candidates = (-2.0, -1.5, -1.0, -1e-20, 0.0, 1e-20, 0.5, 1.0, 1.5, 2.0)
    inside = [next(x for x in (0.5, 1.0) if x in interval) for interval in op.domain]
    for place, interval in enumerate(op.domain):
        for x in candidates:
            point = [*inside[:place], x, *inside[place + 1 :]]
            if x in interval:
                assert math.isfinite(evaluate(op, point)[0])
            elif (op.name, op.parameters[place]) not in BEYOND:
                with pytest.raises((ValueError, ZeroDivisionError), match=rf"^{op}: |^the order must "):
                    evaluate(op, point)
                with np.errstate(all="ignore"), contextlib.suppress(ValueError):
                    assert not np.isfinite(op(*map(np.array, point)))


@rows(*[op for op in BUILT_IN if any(interval.fixed for interval in op.domain)])
def test_an_operand_without_a_derivative_sends_nothing_or_nan(op: Primitive) -> None:
    point = [next(x for x in (0.5, 1.0) if x in interval) for interval in op.domain]
    for slope, interval in zip(evaluate(op, point)[1], op.domain, strict=True):
        assert not interval.whole or slope == 0.0
        assert not interval.constant or math.isnan(slope)


# ---------------------------------------------------------------------------------------------------------------------
# Arrays, nan and inf: as NumPy
# ---------------------------------------------------------------------------------------------------------------------


@every_row
@fewer
@given(data=st.data())
def test_arrays_give_elementwise_what_floats_give(op: Primitive, data: Any) -> None:
    point = points(op, kinks=False, lattice=True)
    if op.kink is not None:
        point |= points(op, kinks=True)
    drawn = data.draw(st.lists(point, min_size=1, max_size=5))
    drawn = [p for p in drawn if len(p) == len(drawn[0])]
    columns = [np.array(column) for column in zip(*drawn, strict=True)]
    assume(columns)
    with np.errstate(all="ignore"):  # of arrays, where evaluates both of its branches
        out = op(*columns)
        slopes = [np.broadcast_to(slope, out.shape) for slope in op.slopes(columns, out)]
    for i, p in enumerate(drawn):
        value, expected = evaluate(op, p)
        assert out[i] == pytest.approx(value, rel=1e-13, abs=0)
        assert [slope[i] for slope in slopes] == pytest.approx(expected, rel=1e-13, abs=0, nan_ok=True)


@every_row
def test_nan_and_inf_give_what_numpy_gives(op: Primitive) -> None:
    for point in itertools.product([NAN, INF, -INF, 0.0, 1.0, -2.0], repeat=len(op.parameters) or 3):
        try:
            value = evaluate(op, point)[0]
        except (ValueError, ArithmeticError):
            continue  # Python raises an error, so there is nothing to compare
        with np.errstate(all="ignore"):
            assert value == pytest.approx(float(op(*map(np.array, point))), nan_ok=True), point


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_nan_is_contagious_on_either_side(name: str) -> None:
    assert math.isnan(PRIMITIVES[name](Value(NAN), 1.0).data)
    assert math.isnan(PRIMITIVES[name](1.0, Value(NAN)).data)
    assert math.isnan(relu(Value(NAN)).data)
    assert math.isnan(clip(Value(NAN), 0.0, 1.0).data)


# ---------------------------------------------------------------------------------------------------------------------
# A branch that is not taken contributes exactly zero
# ---------------------------------------------------------------------------------------------------------------------


def reciprocal_or(x: Value) -> Value:
    return where(x > 0, 1 / (x + 1e-320), 0.0)  # the slope of 1 / 1e-320 is -inf


@pytest.mark.parametrize(
    "f",
    [
        lambda x: where(x > 0, sqrt(x), 0.0),
        lambda x: where(x <= 0, 0.0, sqrt(x)),
        lambda x: where(0.0, x * INF, 3.0),
        reciprocal_or,
        lambda x: maximum(sqrt(x), 1.0),
        lambda x: maximum(1.0, sqrt(x)),
        lambda x: minimum(sqrt(x), -1.0),
        lambda x: relu(-1 - sqrt(x)),
        lambda x: clip(sqrt(x), 0.5, 1.0),
        lambda x: clip(1 + sqrt(x), 0.0, 0.5),
        lambda x: clip(5.0, 0.0, maximum(1.0, sqrt(x))),
        lambda x: where(1.0, 2.0, log(x + 1) * NAN),
    ],
)
def test_the_branch_not_taken_contributes_exactly_zero(f: Any) -> None:
    x = Value(0.0, label="x")
    y = f(x)
    y.backward()
    assert math.isfinite(y.data)
    assert x.grad == 0.0


def test_on_a_kink_an_operand_is_used_so_that_0_times_an_infinite_slope_is_nan() -> None:
    for f in (lambda x: relu(sqrt(x)), lambda x: sqrt(relu(x)), lambda x: floor(sqrt(x)), lambda x: sqrt(sign(x) * x)):
        x = Value(0.0)
        f(x).backward()
        assert math.isnan(x.grad)
        y = f(x)
        assert math.isnan(tangents(topological_order(y), {x: 1.0})[y])


def test_a_seed_of_zero_sends_nothing() -> None:
    for create_graph in (False, True):
        x = Value(0.0)
        sqrt(x).backward(0.0, create_graph=create_graph)
        assert x.grad == 0.0


def test_a_copy_and_a_refreshed_graph_know_whether_they_are_on_a_kink() -> None:
    x = Value(0.0)
    y = sqrt(relu(x))
    for copy in (y, deepcopy(y), pickle.loads(pickle.dumps(y))):
        copy.backward()
        [leaf] = [node for node in topological_order(copy) if node.op is None]
        assert math.isnan(leaf.grad)
    for number, slope in ((-1.0, 0.0), (0.0, NAN), (4.0, 0.25)):
        x.data, x.grad = number, None
        y.refresh().backward()
        np.testing.assert_equal(x.grad, slope)


def test_the_branch_taken_contributes_beside_one_that_is_nan() -> None:
    x = Value(0.0)
    (where(x >= 0, 3 * x, sqrt(x)) + 2 * x).backward()
    assert x.grad == 5.0


def test_an_edge_that_is_used_carries_its_infinite_slope() -> None:
    x = Value(0.0)
    sqrt(x).backward()
    assert x.grad == INF


# ---------------------------------------------------------------------------------------------------------------------
# Calling a row
# ---------------------------------------------------------------------------------------------------------------------


def test_defaults_and_names_of_operands() -> None:
    assert PRIMITIVES["leaky_relu"](Value(-1.0)).data == -0.01
    assert PRIMITIVES["elu"](x=Value(-1.0), alpha=2.0).data == pytest.approx(2 * math.expm1(-1))
    assert divide(y=Value(4.0), x=1.0).slopes == (0.0, -1 / 16)


@pytest.mark.parametrize("operands", [(), (1.0, 2.0)])
def test_a_wrong_number_of_operands_is_refused_by_name(operands: Point) -> None:
    with pytest.raises(TypeError, match=r"^exp\(x\): "):
        exp(*operands)


@pytest.mark.parametrize("bad", ["1", None, 1j, [1.0], b"1"])
def test_anything_but_a_number_is_refused(bad: Any) -> None:
    with pytest.raises(TypeError, match="numbers and Values"):
        exp(bad)
    with pytest.raises(TypeError, match="numbers and Values"):
        maximum(Value(1.0), bad)


@pytest.mark.parametrize("x", [400.0, 800.0, 1e30, -1e30])
def test_second_derivatives_of_tanh_at_large_numbers(x: float) -> None:
    slope = grad(PRIMITIVES["tanh"])
    assert grad(slope)(x) == jvp(slope, (x,), (1.0,))[1] == 0.0
    assert jvp(slope, (np.array(x),), (np.array(1.0),))[1] == 0.0
