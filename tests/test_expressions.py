"""Expressions: simplification changes no value, and derivatives are those of the table."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import PRIMITIVES, Interval, Primitive, Value, rules
from autograd.compiler.derivatives import forward_mode, reverse_mode
from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.compiler.program import Program
from autograd.testing import Graph, graphs

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, -2.5e-320, 2.0**-1022]
SPECIAL += [2.0**-600, 2.0**600, -(2.0**1023), 1.7976931348623157e308, 1e-308, math.pi]
special = st.sampled_from(SPECIAL) | st.floats()


def value(expression: Expression, **inputs: float) -> float:
    """The value of an expression, computed by a program."""
    wanted = [x for x in expression.graph.expressions if x.op is None and x.number is None][1:]
    program = Program(expression.graph, wanted, [], [expression], [])
    return float(program.run([[inputs[x.name] for x in wanted]], np.empty((0, 1)))[0][0])


def same(x: float, y: float) -> bool:
    """Whether two numbers are identical in IEEE arithmetic, the sign of zero included; nan is identical to nan."""
    return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1.0, x) == math.copysign(1.0, y))


# ---------------------------------------------------------------------------------------------------------------------
# Simplification
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outer", "inner"), [(2.0**600, 2.0**600), (2.0**-600, 2.0**-600), (2.0**-1074, 3.0)])
@pytest.mark.parametrize("x", [2.0**-1000, 2.0**900, 1.0, 0.0, math.inf])
def test_constant_factors_are_folded_only_if_that_is_exact(outer: float, inner: float, x: float) -> None:
    graph = ExpressionGraph()
    assert value(outer * (inner * graph.input("x")), x=x) == pytest.approx(outer * (inner * x), nan_ok=True, rel=1e-15)


def test_an_intermediate_overflow_is_avoided_by_a_power_of_two() -> None:
    assert value(0.5 * (4.0 * ExpressionGraph().input("x")), x=2.0**1022) == 2.0**1023  # 4.0 * x alone would be inf


UNARY = [row for row in PRIMITIVES.values() if len(row.parameters) == 1 and row.domain == (Interval(),)]
BINARY = [PRIMITIVES[name] for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "mod")]
CONSTANTS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -4.0, 3.0, math.inf, math.nan, 2.0**-1074, 2.0**1000]
constants = st.sampled_from(CONSTANTS) | st.floats()


def ieee(op: Primitive, *numbers: float) -> float:
    """The value according to NumPy."""
    with np.errstate(all="ignore"):
        return float(op(*map(np.float64, numbers)))


@pytest.mark.parametrize("name", [row.name for row in BINARY])
@given(constants, special, st.booleans())
def test_operations_with_a_constant(name: str, constant: float, x: float, left: bool) -> None:
    """The value is that of IEEE arithmetic to the last bit, whatever has been simplified."""
    op, graph = PRIMITIVES[name], ExpressionGraph()
    operands = (constant, graph.input("x")) if left else (graph.input("x"), constant)
    numbers = (constant, x) if left else (x, constant)
    assert agrees(value(op(*operands), x=x), ieee(op, *numbers), op)


def agrees(found: float, expected: float, op: Primitive) -> bool:
    """Identical, but powers agree to rounding, because x**2 is x * x, and ties of zeros may go either way."""
    if op.name == "power":
        return found == pytest.approx(expected, rel=1e-15, nan_ok=True)
    return same(found, expected) or (op.name in ("maximum", "minimum", "mod") and found == expected == 0.0)


@given(constants, constants, special, st.sampled_from(["", "-", "--"]))
def test_products_with_constants(c: float, d: float, x: float, signs: str) -> None:
    """c (d x) is that of IEEE arithmetic, or more exact where that overflows or loses digits in between."""
    graph = ExpressionGraph()
    inner = graph.input("x")
    for _ in signs:
        inner = -inner
    found = value(c * (d * inner), x=x)
    sign = (-1.0) ** len(signs)
    expected = ieee(PRIMITIVES["multiply"], c, ieee(PRIMITIVES["multiply"], d, sign * x))
    if same(found, expected):
        return
    assert abs(math.frexp(c)[0]) == 0.5
    exact = Fraction(c) * Fraction(d) * Fraction(sign * x)
    assert abs(exact) < Fraction(2) ** 1024  # all are finite, and so is the product
    assert found == float(exact)  # which rounds once


@given(special)
def test_identities(x: float) -> None:
    """Each is its operand itself, or is not simplified, so that -0.0, inf and nan come out right."""
    for write in (
        lambda t: +t,
        lambda t: -(-t),  # noqa: B002
        lambda t: 1.0 * t,
        lambda t: t * 1.0,
        lambda t: t / 1.0,
        lambda t: t**1.0,
        lambda t: rules.where(1.0, t, t + 1.0),
        lambda t: rules.where(math.nan, t, t + 1.0),
        lambda t: rules.where(0.0, t + 1.0, t),
        lambda t: rules.where(t > 0, t, t),
        lambda t: t.graph.sum([t]),
    ):
        t = ExpressionGraph().input("t")
        assert write(t) is t
    for write, expected in [
        (lambda t: t - t, x - x),
        (lambda t: 0.0 * t, 0.0 * x),
        (lambda t: t + 0.0, x + 0.0),
        (lambda t: t - 0.0, x - 0.0),
        (lambda t: 0.0 - t, 0.0 - x),
        (lambda t: t * -1.0, -x),
        (lambda t: t + t, x + x),
        (lambda t: PRIMITIVES["sum"](t), 0.0 + x),
    ]:
        assert same(value(write(ExpressionGraph().input("t")), t=x), expected)


def test_a_choice_that_was_made_already_is_not_made_again() -> None:
    graph = ExpressionGraph()
    x, y, condition = graph.input("x"), graph.input("y"), graph.input("condition")
    chosen = rules.where(condition, x, y)
    assert rules.where(condition, chosen, y) is chosen
    assert rules.where(condition, chosen, x) is not chosen
    assert rules.where(x, chosen, y) is not chosen


@given(st.data())
def test_constant_folding_gives_what_the_program_would_compute(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(UNARY + BINARY))
    numbers = data.draw(st.tuples(*[special] * len(row.parameters)))
    folded = row(*[ExpressionGraph().constant(numbers[0]), *numbers[1:]])
    assert folded.number is not None
    graph = ExpressionGraph()
    later = value(
        row(*[graph.input(f"x{i}") for i in range(len(numbers))]), **{f"x{i}": x for i, x in enumerate(numbers)}
    )
    assert folded.number == pytest.approx(later, rel=1e-14, nan_ok=True)
    assert folded.number == pytest.approx(ieee(row, *numbers), rel=1e-14, nan_ok=True)


def test_equal_expressions_are_shared() -> None:
    graph = ExpressionGraph()
    x, y = graph.input("x"), graph.input("y")
    assert (x + y) * (y + x) is rules.multiply(y + x, x + y)
    assert x - y is not y - x
    assert rules.sin(x * 2.0) is rules.sin(2.0 * x)
    assert graph.constant(0.0) is not graph.constant(-0.0)
    assert graph.constant(math.nan) is graph.constant(math.nan)
    assert graph.sum([x, y, x]) is y + 2.0 * x


def test_expressions_cannot_be_branched_on() -> None:
    x = ExpressionGraph().input("x")
    with pytest.raises(TypeError, match=r"write it with autograd\.where"):
        bool(x > 0)


# ---------------------------------------------------------------------------------------------------------------------
# Totals
# ---------------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-8, 8), min_size=1, max_size=9), st.integers(-8, 8))
def test_totals_over_the_samples(xs: list[int], w: int) -> None:
    """However a total is simplified, it is the sum over the samples; small integers add up exactly."""
    graph = ExpressionGraph()
    u, x = graph.input("u"), graph.input("x", varying=True)
    cases = [(x, xs), (u * x, [w * t for t in xs]), (-x, [-t for t in xs]), (x * x, [t * t for t in xs])]
    cases += [(u, [w] * len(xs)), (u / graph.samples, [w / len(xs)] * len(xs)), (graph.constant(2.0), [2.0] * len(xs))]
    cases += [((u * x) * x, [w * t * t for t in xs]), (-(x * u) * 3.0, [-3 * w * t for t in xs])]
    cases += [(graph.total(x) * u, [w * sum(xs)] * len(xs))]
    totals = [graph.total(x) for x, _ in cases]
    assert not any(total.varying for total in totals)
    program = Program(graph, [u], [x], totals, [])
    found, _ = program.run([[w]], np.array([xs], float))
    assert found.tolist() == pytest.approx([sum(numbers) for _, numbers in cases], rel=1e-15)


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives
# ---------------------------------------------------------------------------------------------------------------------


@given(graphs(), st.integers(0, 99))
def test_forward_mode_is_the_transpose_of_reverse_mode(drawn: Graph, seed: int) -> None:
    """u · (J v) = (Jᵀ u) · v, and Jᵀ u is the gradient that the eager engine finds."""
    graph = ExpressionGraph()
    inputs = [graph.input(name) for name in drawn.leaves]
    outputs = list(drawn.run(inputs).values())
    u, v = np.random.default_rng(seed).integers(-8, 9, (2, 20)) / 8
    seeds = [
        (x if isinstance(x, Expression) else graph.constant(x), graph.constant(s))
        for x, s in zip(outputs, u, strict=False)
    ]
    backward = reverse_mode(graph, seeds, inputs)
    rates = {x: graph.constant(rate) for x, rate in zip(inputs, v, strict=False)}
    forward = forward_mode(graph, rates, [x for x, _ in seeds])
    found, _ = Program(graph, inputs, [], [*backward, *forward], []).run([[*drawn.leaves.values()]], np.empty((0, 1)))

    leaves = [Value(x) for x in drawn.leaves.values()]
    total = sum((float(s) * y for s, y in zip(u, drawn.run(leaves).values(), strict=False)), Value(0.0))
    total.backward()
    n = len(inputs)
    assert found[:n] == pytest.approx([x.grad for x in leaves], rel=1e-9, abs=1e-9)
    assert found[:n] @ v[:n] == pytest.approx(u[: len(outputs)] @ found[n:], rel=1e-9, abs=1e-9)


def test_gradients_with_respect_to_a_uniform_expression() -> None:
    """y = Σ w x²: dy/dw = Σ x², or x² for each sample; dy/dx = 2 w x; dy/dz = 0, because y does not depend on z."""
    graph = ExpressionGraph()
    w, z, x = graph.input("w"), graph.input("z"), graph.input("x", varying=True)
    y = w * (x * x)
    one = graph.constant(1.0)
    summed = reverse_mode(graph, [(graph.total(y), one)], [w, x, z])
    each = reverse_mode(graph, [(y, one)], [w, x, z], per_sample=True)
    assert [x.varying for x in (*summed, *each)] == [False, True, False, True, True, False]
    program = Program(graph, [w, z], [x], [summed[0], summed[2]], [summed[1], *each])
    once, lanes = program.run([[3.0, 9.0]], np.array([[1.0, 2.0]]))
    assert once.tolist() == [5.0, 0.0]
    assert lanes.tolist() == [[6.0, 12.0], [1.0, 4.0], [6.0, 12.0], [0.0, 0.0]]


def test_gradients_of_a_constant_and_of_an_input() -> None:
    graph = ExpressionGraph()
    x, one = graph.input("x"), graph.constant(1.0)
    assert [y.number for y in reverse_mode(graph, [(graph.constant(5.0), one)], [x])] == [0.0]
    assert [y.number for y in reverse_mode(graph, [(x, one), (x, one)], [x])] == [2.0]
    assert [y.number for y in reverse_mode(graph, [], [x])] == [0.0]
    later = graph.input("later")
    assert [y.number for y in reverse_mode(graph, [(x * x, one)], [later])] == [0.0]
    assert [y.number for y in forward_mode(graph, {x: one}, [later, x])] == [0.0, 1.0]


def test_guards_add_nothing_where_nothing_is_selected() -> None:
    graph = ExpressionGraph()
    x = graph.input("x")
    y = rules.sin(x) * rules.sqrt(x)
    plain, guarded = (
        reverse_mode(graph, [(y, graph.constant(1.0))], [x], guarded=guarded) for guarded in (False, True)
    )
    assert plain[0] is guarded[0]


def test_varying_seeds_are_summed_at_a_uniform_expression() -> None:
    graph = ExpressionGraph()
    w, seed = graph.input("w"), graph.input("seed", varying=True)
    [slope] = reverse_mode(graph, [(2.0 * w, seed)], [w])
    assert not slope.varying
    program = Program(graph, [w], [seed], [slope], [])
    assert program.run([[5.0]], np.array([[1.0, 10.0, 100.0]]))[0] == [222.0]


def test_names_of_inputs_are_unique() -> None:
    graph = ExpressionGraph()
    assert [graph.input(name).name for name in ("w", "w", "w_2", "w", "samples")] == [
        "w", "w_2", "w_2_2", "w_3", "samples_2",
    ]  # fmt: skip
