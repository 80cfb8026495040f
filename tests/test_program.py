"""Programs: straight-line code that can be read, in few registers, on whichever machine there is."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import PRIMITIVES, Primitive, compile, exp, primitive
from autograd.compiler.expressions import TOTAL, Term, Terms
from autograd.compiler.program import Program
from autograd.testing import Graph, graphs

pytestmark = pytest.mark.usefixtures("machine")


@pytest.fixture
def table() -> Iterator[None]:
    """What is declared within a test does not stay in the table."""
    before = set(PRIMITIVES)
    yield
    for name in set(PRIMITIVES) - before:
        del PRIMITIVES[name]


# ---------------------------------------------------------------------------------------------------------------------
# Reading it
# ---------------------------------------------------------------------------------------------------------------------


def test_a_program_without_instructions() -> None:
    terms = Terms()
    x, w = terms.input("x", lane=True), terms.input("w")
    program = Program(terms, [w], [x], [w, terms.constant(2.0)], [x, terms.constant(3.0)])
    once, each = program.run([[5.0]], np.array([[1.0, 2.0]]))
    assert (once.tolist(), each.tolist()) == ([5.0, 2.0], [[1.0, 2.0], [3.0, 3.0]])
    assert str(program) == "return w, 2.0 and for each sample x, 3.0"


@pytest.mark.usefixtures("table")
def test_the_value_comes_first_and_then_the_derivative() -> None:
    @primitive(lambda x, out: -2.0 * x * out)
    def bell_curve(x: Any) -> Any:
        return exp(-x * x)

    f = compile(lambda x: bell_curve(x) + 1)
    assert str(f.program(2.0)).splitlines() == [
        "once:",
        "    v1 = -x",
        "    v2 = v1 * x",
        "    v3 = exp(v2)",
        "    v4 = v3 + 1.0",
        "return v4",
    ]
    assert str(f.program(2.0, argnums=0)).splitlines() == [
        "once:",
        "    v1 = -x",
        "    v2 = v1 * x",
        "    v3 = exp(v2)",
        "    v4 = v3 + 1.0",
        "    # backward",
        "    v5 = -2.0 * x",
        "    v6 = v5 * v3",
        "return v4, v6",
    ]


def test_results_are_not_called_as_inputs_are() -> None:
    assert str(compile(lambda v1, v3: exp(exp(v1)) * v3).program(1.0, 2.0)).splitlines() == [
        "once:",
        "    v2 = exp(v1)",
        "    v4 = exp(v2)",
        "    v5 = v4 * v3",
        "return v5",
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Programs of all kinds, against terms computed one by one
# ---------------------------------------------------------------------------------------------------------------------

OPS = [PRIMITIVES[name] for name in ("add", "subtract", "multiply", "negative", "maximum", "square", "affine", "sum")]


@st.composite
def codes(draw: st.DrawFn) -> tuple[Terms, list[Term], list[Term]]:
    """Random terms, lanes and uniform ones and totals of them, with some of them as outputs: once, and for each sample.

    As in every derivative, no lane depends on a total.
    """
    terms = Terms()
    known = [terms.input("w"), terms.input("u"), terms.input("x", lane=True), terms.input("y", lane=True)]
    late: set[int] = set()
    for _ in range(draw(st.integers(1, 25))):
        if draw(st.integers(0, 4)) == 0:
            lanes = [x for x in known if x.lane]
            fresh = terms.total(draw(st.sampled_from(lanes)))
            late.add(fresh.place)
        else:
            op = draw(st.sampled_from(OPS))
            n = len(op.parameters) or draw(st.sampled_from([1, 3, 5]))
            drawn = [draw(st.sampled_from(known) | st.sampled_from([-1.0, 2.0])) for _ in range(n)]
            if any(isinstance(x, Term) and x.place in late for x in drawn):
                drawn = [x for x in drawn if not (isinstance(x, Term) and x.lane)]
                drawn += [-1.0] * (n - len(drawn))
            fresh = op(*drawn) if any(isinstance(x, Term) for x in drawn) else known[0]
            late |= {fresh.place} if any(x.place in late for x in fresh.operands) else set()
        known.append(fresh)
    outputs = draw(st.lists(st.sampled_from(known), min_size=1, max_size=6))
    once = [x for x in outputs if not x.lane]
    each = [x for x in outputs if x.lane or (x.place not in late and draw(st.booleans()))]
    return terms, once, each


def one_by_one(terms: Terms, inputs: dict[str, Any], samples: int) -> dict[int, Any]:
    """Every term, each in a place of its own."""
    found: dict[int, Any] = {terms.samples.place: float(samples)}
    for term in terms.all[1:]:
        operands = [found[x.place] for x in term.operands]
        if term.op is TOTAL:
            found[term.place] = np.sum(operands[0])
        elif term.op is not None:
            found[term.place] = term.op.formula(*operands) if term.op.variadic else term.op(*map(np.asarray, operands))
        else:
            found[term.place] = inputs[term.name] if term.number is None else term.number
    return found


def check_registers(program: Program) -> None:
    """No instruction writes what it reads; what lanes read and totals are left alone until all samples are done."""
    code = program.code
    for op, out, operands in (*code.before, *code.lanes, *code.after):
        assert out not in operands, op
    totals = [out for op, out, _ in code.lanes if op in ("total", "total_dot")]
    read = {r for _, _, operands in code.lanes for r in operands if r < 0}
    assert len({*totals}) == len(totals)
    assert not read & {*totals}
    assert all((out < 0) == (op in ("total", "total_dot")) for op, out, _ in code.lanes)
    fixed = {~i for i in range(1 + 2)}
    assert not fixed & {out for _, out, _ in (*code.before, *code.lanes, *code.after)}  # inputs stay


@settings(deadline=None)
@given(codes(), st.integers(1, 5) | st.sampled_from([63, 64, 65, 1000, 5000]), st.integers(0, 99))
def test_registers_are_used_again_without_harm(code: Any, samples: int, seed: int) -> None:
    terms, once, each = code
    w, u, x, y = terms.all[1:5]
    rng = np.random.default_rng(seed)
    numbers = {"w": 2.0, "u": -1.0, "x": rng.integers(-3, 4, samples) * 1.0, "y": rng.integers(-3, 4, samples) * 1.0}
    with np.errstate(all="ignore"):
        expected = one_by_one(terms, numbers, samples)
    program = Program(terms, [w, u], [x, y], once, each)
    check_registers(program)
    rows = np.array([numbers["x"], numbers["y"]])
    for _ in range(2):  # a program starts anew each time
        found, lanes = program.run([[numbers["w"]], [numbers["u"]]], rows)
        np.testing.assert_allclose(found, [expected[t.place] for t in program.once], rtol=1e-9, atol=1e-9)
        for row, term in zip(lanes, each, strict=True):
            np.testing.assert_allclose(row, np.broadcast_to(expected[term.place], samples), rtol=1e-9, atol=1e-9)
    assert rows.tolist() == [numbers["x"].tolist(), numbers["y"].tolist()]


def executed(program: Program, inputs: dict[str, Any], samples: int) -> tuple[list[Any], list[Any]]:
    """What the program says when it is read as Python."""
    scope: dict[str, Any] = {**PRIMITIVES, "total": np.sum, "inf": np.inf, "nan": np.nan, "samples": samples, **inputs}
    *lines, last = str(program).splitlines()
    for line in lines:
        if not line.endswith(":"):
            exec(line.strip(), scope)
    once, _, each = last.removeprefix("return ").partition("for each sample ")
    return [list(eval(f"[{part.removesuffix(' and ')}]", scope)) for part in (once, each)]  # type: ignore[return-value]


@settings(deadline=None)
@given(graphs(), st.integers(1, 3), st.booleans(), st.integers(0, 99))
def test_what_is_printed_is_what_is_computed(graph: Graph, samples: int, derivative: bool, seed: int) -> None:
    names = list(graph.leaves)
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]

    def f(*xs: Any) -> Any:
        return graph(*xs)

    f.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    g = compile(f, batch=names[0], reduction="sum")
    numbers = np.random.default_rng(seed).normal(size=(len(names), samples))
    arguments = [numbers[0], *numbers[1:, 0].tolist()]
    program = g.program(*arguments, argnums=names if derivative else None)
    with np.errstate(all="ignore"):
        once, each = executed(program, dict(zip(names, arguments, strict=True)), samples)
    found = [g(*arguments)]
    if derivative:
        value, (first, *others) = g.value_and_grad(*arguments, argnums=names)
        found = [value, *others]
        np.testing.assert_allclose(np.broadcast_to(each[0], samples), first, rtol=1e-9, atol=1e-9)
    assert once == pytest.approx(found, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(graphs())
def test_stats_count_what_is_there(graph: Graph) -> None:
    g = compile(lambda *xs: graph(*xs))
    point = list(graph.leaves.values())
    program = g.program(*point, argnums=range(len(point)))
    stats, code = program.stats(), program.code
    written = [line for line in str(program).splitlines() if line.startswith("    ") and "#" not in line]
    assert stats.instructions == len(written) == len(code.before)
    assert stats.nodes <= len(graph.steps) + 1  # one more where a power is a product; equal ones are shared
    used = {r for _, out, operands in code.before for r in (out, *operands)}
    assert len(used) <= stats.uniforms
    assert (stats.registers, stats.bytes) == (0, 8 * stats.uniforms)
    assert stats.machine == program.machine.name


def test_which_machine_runs(machine: str) -> None:
    """The native one where it knows every operation; NumPy's otherwise, and with the same numbers."""
    f = compile(lambda x: exp(x) * 2.0, batch=True)
    assert f.program(np.ones(2)).stats().machine == machine
    other = Primitive("other", lambda x: float(x), [lambda x, out: 1.0], parameters=["x"])
    g = compile(lambda x: exp(other(x)) * 2.0, batch=True)
    assert g.program(np.ones(2)).stats().machine == "NumPy"
    x = np.linspace(-1.0, 1.0, 7)
    assert f(x) == pytest.approx(g(x), rel=1e-14)


# ---------------------------------------------------------------------------------------------------------------------
# Less to do
# ---------------------------------------------------------------------------------------------------------------------


def test_sums_of_products_are_one_instruction() -> None:
    def neuron(w: Any, x: Any, b: Any) -> Any:
        z = b
        for s, t in zip(w, x, strict=True):
            z = z + s * t
        return z

    f = compile(neuron, batch="x")
    program = f.program([1.0, 2.0, 3.0], np.ones((4, 3)), 0.5)
    assert [instruction.op for instruction in program.code.lanes] == ["affine", "total"]
    assert f([1.0, 2.0, 3.0], np.ones((4, 3)), 0.5) == 6.5
    assert program.stats().nodes == 2 * 3 + 2  # with the mean, a total divided by the number of samples


def test_nothing_is_computed_that_nobody_needs() -> None:
    def f(x: Any, y: Any) -> Any:
        exp(exp(x))
        return [x * 2.0 * 3.0 + (exp(y) - exp(y)) * exp(0.0), exp(y)]

    program = compile(f).program(1.0, 2.0)
    assert [instruction.op for instruction in program.code.before].count("exp") == 1
    value = compile(lambda x, y: x * x + exp(y))
    assert "exp" not in "".join(str(value.program(1.0, 2.0, argnums=0)).partition("# backward")[1:])


def test_registers_are_few() -> None:
    """A chain of any length needs no more than a short one."""

    def chain(n: int) -> Any:
        def f(x: Any) -> Any:
            for _ in range(n):
                x = exp(x) * 0.125
            return x

        return compile(f, batch=True).program(np.ones(2)).stats().registers

    assert chain(5) == chain(500) <= 4
