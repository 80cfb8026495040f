"""Programs: straight-line code that people can read, in few registers, on every machine."""

from __future__ import annotations

import inspect
import runpy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd.compiler.program
from autograd import PRIMITIVES, Primitive, compile, exp, primitive
from autograd.compiler import operations
from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.compiler.machine import Code
from autograd.compiler.operations import TOTAL, TOTALS, evaluate
from autograd.compiler.program import Program
from autograd.testing import Graph, graphs

pytestmark = pytest.mark.usefixtures("machine")


@pytest.fixture
def table() -> Iterator[None]:
    """Removes what a test declares from the table."""
    before = set(PRIMITIVES)
    yield
    for name in set(PRIMITIVES) - before:
        del PRIMITIVES[name]


# ---------------------------------------------------------------------------------------------------------------------
# Listings
# ---------------------------------------------------------------------------------------------------------------------


def test_a_program_without_instructions() -> None:
    graph = ExpressionGraph()
    x, w = graph.input("x", varying=True), graph.input("w")
    program = Program(graph, [w], [x], [w, graph.constant(2.0)], [x, graph.constant(3.0)])
    once, each = program.run([[5.0]], np.array([[1.0, 2.0]]))
    assert (once.tolist(), each.tolist()) == ([5.0, 2.0], [[1.0, 2.0], [3.0, 3.0]])
    assert str(program) == "return w, 2.0 and for each sample x, 3.0"


@pytest.mark.usefixtures("table")
def test_the_value_comes_before_the_derivatives() -> None:
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


def test_results_do_not_take_the_names_of_inputs() -> None:
    assert str(compile(lambda v1, v3: exp(exp(v1)) * v3).program(1.0, 2.0)).splitlines() == [
        "once:",
        "    v2 = exp(v1)",
        "    v4 = exp(v2)",
        "    v5 = v4 * v3",
        "return v5",
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Random programs, against expressions computed one by one
# ---------------------------------------------------------------------------------------------------------------------

OPS = [PRIMITIVES[name] for name in ("add", "subtract", "multiply", "negative", "maximum", "square", "affine", "sum")]


@st.composite
def random_expressions(draw: st.DrawFn) -> tuple[ExpressionGraph, list[Expression], list[Expression]]:
    """Random expressions, varying and uniform, with totals; and some of them as outputs, once and for each sample.

    No varying expression depends on a total, as in every derivative.
    """
    graph = ExpressionGraph()
    known = [graph.input("w"), graph.input("u"), graph.input("x", varying=True), graph.input("y", varying=True)]
    late: set[int] = set()
    for _ in range(draw(st.integers(1, 25))):
        if draw(st.integers(0, 4)) == 0:
            varying = [x for x in known if x.varying]
            fresh = graph.total(draw(st.sampled_from(varying)))
            late.add(fresh.index)
        else:
            op = draw(st.sampled_from(OPS))
            n = len(op.parameters) or draw(st.sampled_from([1, 3, 5]))
            drawn = [draw(st.sampled_from(known) | st.sampled_from([-1.0, 2.0])) for _ in range(n)]
            if any(isinstance(x, Expression) and x.index in late for x in drawn):
                drawn = [x for x in drawn if not (isinstance(x, Expression) and x.varying)]
                drawn += [-1.0] * (n - len(drawn))
            fresh = op(*drawn) if any(isinstance(x, Expression) for x in drawn) else known[0]
            late |= {fresh.index} if any(x.index in late for x in fresh.operands) else set()
        known.append(fresh)
    outputs = draw(st.lists(st.sampled_from(known), min_size=1, max_size=6))
    once = [x for x in outputs if not x.varying]
    each = [x for x in outputs if x.varying or (x.index not in late and draw(st.booleans()))]
    return graph, once, each


def one_by_one(graph: ExpressionGraph, inputs: dict[str, Any], samples: int) -> dict[int, Any]:
    """The value of every expression, each kept on its own."""
    found: dict[int, Any] = {graph.samples.index: float(samples)}
    for x in graph.expressions[1:]:
        operands = [found[y.index] for y in x.operands]
        if x.op is TOTAL:
            found[x.index] = np.sum(operands[0])
        elif x.op is not None:
            found[x.index] = x.op.formula(*operands) if x.op.variadic else x.op(*map(np.asarray, operands))
        else:
            found[x.index] = inputs[x.name] if x.number is None else x.number
    return found


def check_registers(program: Program) -> None:
    """No instruction overwrites what it reads, a total, an input, or a uniform number that the lanes still need."""
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
@given(random_expressions(), st.integers(1, 5) | st.sampled_from([63, 64, 65, 1000, 5000]), st.integers(0, 99))
def test_registers_are_reused_correctly(code: Any, samples: int, seed: int) -> None:
    graph, once, each = code
    w, u, x, y = graph.expressions[1:5]
    rng = np.random.default_rng(seed)
    numbers = {"w": 2.0, "u": -1.0, "x": rng.integers(-3, 4, samples) * 1.0, "y": rng.integers(-3, 4, samples) * 1.0}
    with np.errstate(all="ignore"):
        expected = one_by_one(graph, numbers, samples)
    program = Program(graph, [w, u], [x, y], once, each)
    check_registers(program)
    rows = np.array([numbers["x"], numbers["y"]])
    for _ in range(2):  # a program keeps nothing from run to run
        found, lanes = program.run([[numbers["w"]], [numbers["u"]]], rows)
        np.testing.assert_allclose(found, [expected[t.index] for t in program.lowered.once], rtol=1e-9, atol=1e-9)
        for row, y in zip(lanes, each, strict=True):
            np.testing.assert_allclose(row, np.broadcast_to(expected[y.index], samples), rtol=1e-9, atol=1e-9)
    assert rows.tolist() == [numbers["x"].tolist(), numbers["y"].tolist()]


def executed(program: Program, inputs: dict[str, Any], samples: int) -> tuple[list[Any], list[Any]]:
    """The outputs of the listing, run as Python."""
    scope: dict[str, Any] = {**PRIMITIVES, "total": np.sum, "inf": np.inf, "nan": np.nan, "samples": samples, **inputs}
    *lines, last = str(program).splitlines()
    for line in lines:
        if not line.endswith(":"):
            exec(line.strip(), scope)
    once, _, each = last.removeprefix("return ").partition("for each sample ")
    return [list(eval(f"[{part.removesuffix(' and ')}]", scope)) for part in (once, each)]  # type: ignore[return-value]


@settings(deadline=None)
@given(graphs(), st.integers(1, 3), st.booleans(), st.integers(0, 99))
def test_the_listing_computes_what_the_program_does(graph: Graph, samples: int, derivative: bool, seed: int) -> None:
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
def test_stats_count_the_instructions_and_registers(graph: Graph) -> None:
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


@pytest.mark.usefixtures("table")
def test_operations_do_not_depend_on_the_order_of_imports() -> None:
    primitive(lambda x, out: 2.0, name="twice")(lambda x: 2.0 * x)
    imported_later = runpy.run_path(operations.__file__)
    assert imported_later["OPERATIONS"].keys() == operations.OPERATIONS.keys()


def test_the_first_machine_that_supports_the_code_runs_it(machine: str) -> None:
    """The native machine where it knows every operation, otherwise NumPy, with the same numbers."""
    f = compile(lambda x: exp(x) * 2.0, batch=True)
    assert f.program(np.ones(2)).stats().machine == machine
    other = Primitive("other", lambda x: float(x), [lambda x, out: 1.0], parameters=["x"])
    g = compile(lambda x: exp(other(x)) * 2.0, batch=True)
    assert g.program(np.ones(2)).stats().machine == "NumPy"
    x = np.linspace(-1.0, 1.0, 7)
    assert f(x) == pytest.approx(g(x), rel=1e-14)


class OneByOne:
    """A compile target that is added from outside: it runs code without totals, sample by sample."""

    name = "one by one"

    @classmethod
    def supports(cls, code: Code) -> bool:
        return not any(instruction.op in TOTALS for instruction in code)

    def __init__(self, code: Code) -> None:
        self.code = code
        self.n_uniforms = code.n_uniforms

    def run(self, uniforms: Any, inputs: Any, outputs: Any, samples: int) -> None:
        registers = {~i: x for i, x in enumerate(uniforms.tolist())}
        for i in range(samples):
            registers |= enumerate(inputs[:, i].tolist())
            for op, out, operands in (*self.code.before, *self.code.lanes):
                registers[out] = evaluate(self.code.primitive(op), [registers[r] for r in operands])
            outputs[:, i] = [registers[r] for r in self.code.outputs]


def test_a_machine_can_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    machines = autograd.compiler.program.MACHINES
    monkeypatch.setattr(autograd.compiler.program, "MACHINES", [OneByOne, *machines])
    f = compile(lambda x, w: exp(w * x) + w, batch="x", reduction="none")
    g = compile(lambda x, w: exp(w * x) + w, batch="x", reduction="sum")
    x = np.array([1.0, 2.0, 3.0])
    assert f.program(x, 0.5).stats().machine == "one by one" != g.program(x, 0.5).stats().machine
    assert f(x, 0.5).sum() == pytest.approx(g(x, 0.5))
    assert f.jacobian(x, 0.5) == pytest.approx(g.grad(x, 0.5))


# ---------------------------------------------------------------------------------------------------------------------
# Optimizations
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


def test_unused_expressions_are_not_computed() -> None:
    def f(x: Any, y: Any) -> Any:
        exp(exp(x))
        return [x * 2.0 * 3.0 + (exp(y) - exp(y)) * exp(0.0), exp(y)]

    program = compile(f).program(1.0, 2.0)
    assert [instruction.op for instruction in program.code.before].count("exp") == 1
    value = compile(lambda x, y: x * x + exp(y))
    assert "exp" not in "".join(str(value.program(1.0, 2.0, argnums=0)).partition("# backward")[1:])


def test_a_chain_needs_few_registers() -> None:
    """A long chain needs no more registers than a short one."""

    def chain(n: int) -> Any:
        def f(x: Any) -> Any:
            for _ in range(n):
                x = exp(x) * 0.125
            return x

        return compile(f, batch=True).program(np.ones(2)).stats().registers

    assert chain(5) == chain(500) <= 4
