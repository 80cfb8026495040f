"""Terms: what is simplified stays exactly what it was, and derivatives of terms are those of the table."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import PRIMITIVES, Interval, Primitive, Value, rules
from autograd.compiler.expressions import Term, Terms, gradients, tangents
from autograd.compiler.program import Program
from autograd.testing import Graph, graphs

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, -2.5e-320, 2.0**-1022]
SPECIAL += [2.0**-600, 2.0**600, -(2.0**1023), 1.7976931348623157e308, 1e-308, math.pi]
special = st.sampled_from(SPECIAL) | st.floats()


def value(term: Term, **inputs: float) -> float:
    """What a term is, computed by a program."""
    wanted = [x for x in term.terms.all if x.op is None and x.number is None][1:]
    program = Program(term.terms, wanted, [], [term], [])
    return float(program.run([[inputs[x.name] for x in wanted]], np.empty((0, 1)))[0][0])


def same(x: float, y: float) -> bool:
    """The same number, as IEEE arithmetic tells numbers apart: also the sign of zero; nan is nan."""
    return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1.0, x) == math.copysign(1.0, y))


# ---------------------------------------------------------------------------------------------------------------------
# Less to compute
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outer", "inner"), [(2.0**600, 2.0**600), (2.0**-600, 2.0**-600), (2.0**-1074, 3.0)])
@pytest.mark.parametrize("x", [2.0**-1000, 2.0**900, 1.0, 0.0, math.inf])
def test_numbers_are_multiplied_beforehand_only_if_that_is_exact(outer: float, inner: float, x: float) -> None:
    terms = Terms()
    assert value(outer * (inner * terms.input("x")), x=x) == pytest.approx(outer * (inner * x), nan_ok=True, rel=1e-15)


def test_an_intermediate_overflow_is_avoided_by_a_power_of_two() -> None:
    assert value(0.5 * (4.0 * Terms().input("x")), x=2.0**1022) == 2.0**1023  # 4.0 * x alone would be inf


UNARY = [row for row in PRIMITIVES.values() if len(row.parameters) == 1 and row.domain == (Interval(),)]
BINARY = [PRIMITIVES[name] for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "mod")]
CONSTANTS = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -4.0, 3.0, math.inf, math.nan, 2.0**-1074, 2.0**1000]
constants = st.sampled_from(CONSTANTS) | st.floats()


def ieee(op: Primitive, *numbers: float) -> float:
    """What NumPy says of single numbers."""
    with np.errstate(all="ignore"):
        return float(op(*map(np.float64, numbers)))


@pytest.mark.parametrize("name", [row.name for row in BINARY])
@given(constants, special, st.booleans())
def test_a_number_on_one_side(name: str, constant: float, x: float, left: bool) -> None:
    """What is written for a number and an operand is what IEEE arithmetic says of the two, to the last bit."""
    op, terms = PRIMITIVES[name], Terms()
    operands = (constant, terms.input("x")) if left else (terms.input("x"), constant)
    numbers = (constant, x) if left else (x, constant)
    assert agrees(value(op(*operands), x=x), ieee(op, *numbers), op)


def agrees(found: float, expected: float, op: Primitive) -> bool:
    """Exactly the same; but powers are to rounding, as x * x is for x**2, and ties of zeros may go either way."""
    if op.name == "power":
        return found == pytest.approx(expected, rel=1e-15, nan_ok=True)
    return same(found, expected) or (op.name in ("maximum", "minimum", "mod") and found == expected == 0.0)


@given(constants, constants, special, st.sampled_from(["", "-", "--"]))
def test_products_with_numbers(c: float, d: float, x: float, signs: str) -> None:
    """c (d x) is what IEEE arithmetic says, but where that overflows or loses digits on the way, it may be better."""
    terms = Terms()
    inner = terms.input("x")
    for _ in signs:
        inner = -inner
    found = value(c * (d * inner), x=x)
    sign = (-1.0) ** len(signs)
    expected = ieee(PRIMITIVES["multiply"], c, ieee(PRIMITIVES["multiply"], d, sign * x))
    if same(found, expected):
        return
    assert abs(math.frexp(c)[0]) == 0.5
    exact = Fraction(c) * Fraction(d) * Fraction(sign * x)
    assert abs(exact) < Fraction(2) ** 1024  # all are finite, and the product can be said
    assert found == float(exact)  # which rounds once


@given(special)
def test_identities(x: float) -> None:
    """Each is exactly its operand, or is not simplified: -0.0, inf and nan included."""
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
        lambda t: t.terms.sum([t]),
    ):
        t = Terms().input("t")
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
        assert same(value(write(Terms().input("t")), t=x), expected)


@given(st.data())
def test_numbers_are_computed_beforehand_as_they_are_later(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(UNARY + BINARY))
    numbers = data.draw(st.tuples(*[special] * len(row.parameters)))
    folded = row(*[Terms().constant(numbers[0]), *numbers[1:]])
    assert folded.number is not None
    terms = Terms()
    later = value(
        row(*[terms.input(f"x{i}") for i in range(len(numbers))]), **{f"x{i}": x for i, x in enumerate(numbers)}
    )
    assert folded.number == pytest.approx(later, rel=1e-14, nan_ok=True)
    assert folded.number == pytest.approx(ieee(row, *numbers), rel=1e-14, nan_ok=True)


def test_equal_terms_are_one() -> None:
    terms = Terms()
    x, y = terms.input("x"), terms.input("y")
    assert (x + y) * (y + x) is rules.multiply(y + x, x + y)
    assert x - y is not y - x
    assert rules.sin(x * 2.0) is rules.sin(2.0 * x)
    assert terms.constant(0.0) is not terms.constant(-0.0)
    assert terms.constant(math.nan) is terms.constant(math.nan)
    assert terms.sum([x, y, x]) is y + 2.0 * x


def test_terms_cannot_be_branched_on() -> None:
    x = Terms().input("x")
    with pytest.raises(TypeError, match=r"write it with autograd\.where"):
        bool(x > 0)


# ---------------------------------------------------------------------------------------------------------------------
# Totals
# ---------------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-8, 8), min_size=1, max_size=9), st.integers(-8, 8))
def test_totals(xs: list[int], w: int) -> None:
    """The sum over the samples, however it is written; small whole numbers add up exactly."""
    terms = Terms()
    u, x = terms.input("u"), terms.input("x", lane=True)
    cases = [(x, xs), (u * x, [w * t for t in xs]), (-x, [-t for t in xs]), (x * x, [t * t for t in xs])]
    cases += [(u, [w] * len(xs)), (u / terms.samples, [w / len(xs)] * len(xs)), (terms.constant(2.0), [2.0] * len(xs))]
    cases += [((u * x) * x, [w * t * t for t in xs]), (-(x * u) * 3.0, [-3 * w * t for t in xs])]
    cases += [(terms.total(x) * u, [w * sum(xs)] * len(xs))]
    totals = [terms.total(term) for term, _ in cases]
    assert not any(total.lane for total in totals)
    program = Program(terms, [u], [x], totals, [])
    found, _ = program.run([[w]], np.array([xs], float))
    assert found.tolist() == pytest.approx([sum(numbers) for _, numbers in cases], rel=1e-15)


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives
# ---------------------------------------------------------------------------------------------------------------------


@given(graphs(), st.integers(0, 99))
def test_gradients_and_tangents_are_each_other_turned_round(graph: Graph, seed: int) -> None:
    """u · (J v) = (Jᵀ u) · v; and Jᵀ u is what the eager engine finds."""
    terms = Terms()
    inputs = [terms.input(name) for name in graph.leaves]
    outputs = list(graph.run(inputs).values())
    u, v = np.random.default_rng(seed).integers(-8, 9, (2, 20)) / 8
    seeds = [
        (x if isinstance(x, Term) else terms.constant(x), terms.constant(s)) for x, s in zip(outputs, u, strict=False)
    ]
    backward = gradients(terms, seeds, inputs)
    rates = {x: terms.constant(rate) for x, rate in zip(inputs, v, strict=False)}
    forward = tangents(terms, rates, [x for x, _ in seeds])
    found, _ = Program(terms, inputs, [], [*backward, *forward], []).run([[*graph.leaves.values()]], np.empty((0, 1)))

    leaves = [Value(x) for x in graph.leaves.values()]
    total = sum((float(s) * y for s, y in zip(u, graph.run(leaves).values(), strict=False)), Value(0.0))
    total.backward()
    n = len(inputs)
    assert found[:n] == pytest.approx([x.grad for x in leaves], rel=1e-9, abs=1e-9)
    assert found[:n] @ v[:n] == pytest.approx(u[: len(outputs)] @ found[n:], rel=1e-9, abs=1e-9)


def test_gradients_of_what_is_shared() -> None:
    """y = Σ w x²: dy/dw = Σ x², for each sample x²; dy/dx = 2 w x; of what y does not need, 0."""
    terms = Terms()
    w, z, x = terms.input("w"), terms.input("z"), terms.input("x", lane=True)
    y = w * (x * x)
    one = terms.constant(1.0)
    added_up = gradients(terms, [(terms.total(y), one)], [w, x, z])
    each = gradients(terms, [(y, one)], [w, x, z], per_sample=True)
    assert [term.lane for term in (*added_up, *each)] == [False, True, False, True, True, False]
    program = Program(terms, [w, z], [x], [added_up[0], added_up[2]], [added_up[1], *each])
    once, lanes = program.run([[3.0, 9.0]], np.array([[1.0, 2.0]]))
    assert once.tolist() == [5.0, 0.0]
    assert lanes.tolist() == [[6.0, 12.0], [1.0, 4.0], [6.0, 12.0], [0.0, 0.0]]


def test_gradients_of_a_number_and_of_an_input() -> None:
    terms = Terms()
    x, one = terms.input("x"), terms.constant(1.0)
    assert [term.number for term in gradients(terms, [(terms.constant(5.0), one)], [x])] == [0.0]
    assert [term.number for term in gradients(terms, [(x, one), (x, one)], [x])] == [2.0]
    assert [term.number for term in gradients(terms, [], [x])] == [0.0]
    later = terms.input("later")
    assert [term.number for term in gradients(terms, [(x * x, one)], [later])] == [0.0]
    assert [term.number for term in tangents(terms, {x: one}, [later, x])] == [0.0, 1.0]


def test_guards_cost_nothing_where_nothing_is_selected() -> None:
    terms = Terms()
    x = terms.input("x")
    y = rules.sin(x) * rules.sqrt(x)
    plain, guarded = (gradients(terms, [(y, terms.constant(1.0))], [x], guarded=guarded) for guarded in (False, True))
    assert plain[0] is guarded[0]


def test_seeds_of_samples_add_up_in_what_all_samples_share() -> None:
    terms = Terms()
    w, seed = terms.input("w"), terms.input("seed", lane=True)
    [slope] = gradients(terms, [(2.0 * w, seed)], [w])
    assert not slope.lane
    program = Program(terms, [w], [seed], [slope], [])
    assert program.run([[5.0]], np.array([[1.0, 10.0, 100.0]]))[0] == [222.0]


def test_inputs_have_names_of_their_own() -> None:
    terms = Terms()
    assert [terms.input(name).name for name in ("w", "w", "w_2", "w", "samples")] == [
        "w", "w_2", "w_2_2", "w_3", "samples_2",
    ]  # fmt: skip
