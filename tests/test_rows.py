"""Rows: a program with rows computes what it computes without them."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import PRIMITIVES, compile, exp, log, maximum, sin, where
from autograd.compiler import native_machine, program, rows
from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.compiler.lowering import Lowered
from autograd.compiler.machine import Code, Instruction, Row, one_by_one
from autograd.compiler.native_machine import NativeMachine, is_compiled
from autograd.compiler.program import Program

pytestmark = [pytest.mark.usefixtures("machine"), pytest.mark.same_in_both_modes]

compiled = pytest.mark.skipif(not is_compiled(), reason="the native machine is not compiled here")
LEVELS = native_machine._lanes.LEVELS if native_machine._lanes else []

RNG = np.random.default_rng(0)


@contextmanager
def without_rows() -> Iterator[None]:
    """Programs made here have no rows."""

    def unchanged(graph: ExpressionGraph, lowered: Lowered) -> Lowered:
        return lowered

    with patch.object(program, "side_by_side", unchanged):
        yield


@contextmanager
def rows_wherever_possible() -> Iterator[None]:
    """Programs made here have rows even where these take longer."""
    with patch.multiple(rows, LEAST=2, ALONE=1e6, CALL=1e6):
        yield


def count_rows(code: Code) -> int:
    """The number of rows."""
    return sum(isinstance(step, Row) for step in code)


def total(numbers: Any) -> Any:
    """The sum of many Values, as one node."""
    return PRIMITIVES["sum"](*numbers)


# ---------------------------------------------------------------------------------------------------------------------
# Any program, against the same without rows
# ---------------------------------------------------------------------------------------------------------------------

BODIES: list[Callable[[Any, Any, float], Any]] = [
    lambda x, y, c: x + y,
    lambda x, y, c: x - y,
    lambda x, y, c: c - x,
    lambda x, y, c: x - c,
    lambda x, y, c: x + c,
    lambda x, y, c: x * y,
    lambda x, y, c: c * x,
    lambda x, y, c: x * x,
    lambda x, y, c: -x,
    lambda x, y, c: maximum(x, y),
    lambda x, y, c: abs(x) * c + y,
    lambda x, y, c: c * x + y * 2.0 - x * y,
    lambda x, y, c: where(x > y, x, c),
]
NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 2.0, -2.0])


@st.composite
def expressions(draw: st.DrawFn) -> tuple[ExpressionGraph, list[Expression], list[Expression], list[float]]:
    """Loops over integers: inputs, outputs, and numbers for the inputs."""
    graph = ExpressionGraph()
    inputs = [graph.input(f"x[{i}]") for i in range(draw(st.integers(1, 24)))]
    known: list[list[Expression]] = [inputs]
    for _ in range(draw(st.integers(1, 3))):
        body, n = draw(st.sampled_from(BODIES)), draw(st.integers(1, 24))
        constants = draw(st.lists(NUMBERS, min_size=1, max_size=3))
        one, other = draw(st.sampled_from(known)), draw(st.sampled_from(known))
        start, step, shift, back = (draw(st.integers(0, 3)) for _ in range(4))
        made = [
            body(
                one[(start + step * i) % len(one)],
                other[(shift + back * i) % len(other)],
                constants[i % len(constants)],
            )
            for i in range(n)
        ]
        known.append([x for x in made if isinstance(x, Expression)] or inputs)
        if draw(st.booleans()):
            known.append([graph.sum([x * constants[0] for x in known[-1]])])
    outputs = draw(st.lists(st.sampled_from([x for made in known for x in made]), min_size=1, max_size=30))
    return graph, inputs, outputs, draw(st.lists(NUMBERS, min_size=len(inputs), max_size=len(inputs)))


@pytest.mark.parametrize("context", [rows_wherever_possible, nullcontext])
@settings(deadline=None)
@given(drawn=expressions())
def test_rows_compute_what_single_steps_compute(context: Callable[[], Any], drawn: Any) -> None:
    graph, inputs, outputs, numbers = drawn
    with without_rows():
        expected = Program(graph, inputs, [], outputs, []).run([numbers], np.empty((0, 1)))[0]
    with context():
        program = Program(graph, inputs, [], outputs, [])
    for _ in range(2):  # a program keeps nothing from run to run
        assert_array_equal(program.run([numbers], np.empty((0, 1)))[0], expected)
    check(program.code)


def check(code: Code) -> None:
    """No row reads what it writes, and no step writes to an input or a constant."""
    for step in code:
        out = set(step.out) if isinstance(step, Row) else {step.out}
        singles = list(one_by_one(step)) if isinstance(step, Row) else [step]
        assert out.isdisjoint([r for _, _, operands in singles for r in operands])
        assert {single.out for single in singles} == out


# ---------------------------------------------------------------------------------------------------------------------
# Functions
# ---------------------------------------------------------------------------------------------------------------------


def rosenbrock(x: Any) -> Any:
    """A sum over neighbours."""
    return autograd.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def log_sum_exp(x: Any) -> Any:
    """A function of one long sum."""
    return log(total([exp(y) for y in x]))


def potential(x: Any) -> Any:
    """A sum over all pairs."""
    points = x.reshape(-1, 2)
    pairs = [p - q for i, p in enumerate(points) for q in points[:i]]
    return total([1.0 / (d @ d + 0.5) ** 0.5 for d in pairs])


def net(x: Any) -> Any:
    """A loop over samples, which are constants."""
    samples = np.linspace(-1.0, 1.0, 30).reshape(15, 2)
    loss = 0.0
    for sample in samples:
        hidden = [maximum(x[3 * i] * sample[0] + x[3 * i + 1] * sample[1] + x[3 * i + 2], 0.0) for i in range(4)]
        loss = loss + (total([x[12 + i] * hidden[i] for i in range(4)]) - sin(sample[0])) ** 2
    return loss / len(samples)


def table_of_products(x: Any) -> Any:
    """A matrix times a vector, and a function of it."""
    a, b = x[:64].reshape(8, 8), x[64:72]
    return total([sin(total(list(row * b))) for row in a])


def wavering(x: Any) -> Any:
    """Constants that differ from step to step."""
    return total([(i % 7 + 0.5) * y**3 + i * y for i, y in enumerate(x)])


FUNCTIONS = [rosenbrock, log_sum_exp, potential, net, table_of_products, wavering]


@pytest.mark.parametrize("context", [rows_wherever_possible, nullcontext])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_functions_and_their_derivatives(f: Callable[[Any], Any], context: Callable[[], Any]) -> None:
    x, v = RNG.normal(size=(2, 80))
    with without_rows():
        plain = compile(f)
        expected = [*plain.value_and_grad(x), *plain.hvp((x,), (v,))]
    with context():
        g = compile(f)
        found = [*g.value_and_grad(x), *g.hvp((x,), (v,))]
    for got, wanted in zip(found, expected, strict=True):
        assert_allclose(got, wanted, rtol=1e-12, atol=1e-12 * np.max(np.abs(wanted)))
    assert g.program(x, argnums=0).stats().instructions < plain.program(x, argnums=0).stats().instructions


@pytest.mark.parametrize("f", FUNCTIONS)
def test_infinities_and_nan_stay_where_they_are(f: Callable[[Any], Any]) -> None:
    for bad in (np.inf, -np.inf, np.nan):
        x = RNG.normal(size=80)
        x[17] = bad
        with np.errstate(all="ignore"):  # of NumPy, when the function is recorded
            found = compile(f).value_and_grad(x)
            with without_rows():
                expected = compile(f).value_and_grad(x)
        assert_allclose(found[0], expected[0], rtol=1e-12)
        assert_allclose(found[1], expected[1], rtol=1e-9, atol=1e-12)


def test_rows_of_a_batch() -> None:
    """What does not depend on the samples: weight decay before them, and a gradient after them."""

    def loss(w: Any, x: Any) -> Any:
        return total([exp(y * x) for y in w]) + total([y**2 for y in w])

    w, x = RNG.normal(size=40), RNG.normal(size=17)
    with without_rows():
        expected = compile(loss, batch="x").value_and_grad(w, x)
    g = compile(loss, batch="x")
    found = g.value_and_grad(w, x)
    code = g.program(w, x, argnums=0).code
    assert any(isinstance(step, Row) for step in code.before)
    assert any(isinstance(step, Row) for step in code.after)
    assert_allclose(found[0], expected[0], rtol=1e-13)
    assert_allclose(found[1], expected[1], rtol=1e-13)


def test_a_program_does_not_grow_with_its_rows() -> None:
    for f in (rosenbrock, log_sum_exp, wavering):
        few, many = (compile(f).program(np.ones(n), argnums=0).stats().instructions for n in (100, 1000))
        assert few == many < 20


def test_constants_do_not_split_a_row() -> None:
    f = compile(lambda x: [(i + 0.5) * sin(y) for i, y in enumerate(x)])
    assert [step.op for step in f.program(np.ones(50)).code] == ["sin", "multiply"]
    assert f(np.ones(50)) == pytest.approx((np.arange(50) + 0.5) * np.sin(1.0))


def test_irregular_programs_stay_as_they_are() -> None:
    def lorenz(x: Any) -> Any:
        x, y, z = x
        for _ in range(50):
            x, y, z = x + 0.01 * 10.0 * (y - x), y + 0.01 * (x * (28.0 - z) - y), z + 0.01 * (x * y - 2.5 * z)
        return x + y + z

    def chain(x: Any) -> Any:
        y = x[0]
        for _ in range(200):
            y = sin(y) * x[1]
        return y

    for f, n, argnums in ((lorenz, 3, 0), (chain, 2, None)):
        program = compile(f).program(np.ones(n), argnums=argnums)
        with without_rows():
            assert program.code == compile(f).program(np.ones(n), argnums=argnums).code


def test_rows_are_listed_as_rows() -> None:
    assert str(compile(rosenbrock).program(np.ones(100), argnums=0)).splitlines() == [
        "once:",
        "    v1 = x[0:99] * x[0:99]",
        "    v2 = 1.0 - x[0:99]",
        "    v3 = x[1:100] - v1",
        "    v4 = v3 * v3",
        "    v5 = sum(100.0 * v4) + sum(v2 * v2)",
        "    # backward",
        "    v6 = 2.0 * v3",
        "    v7 = 2.0 * x[0:99]",
        "    v8 = -100.0 * v6",
        "    v9 = 100.0 * v6[98]",
        "    v10 = -2.0 * v2[1:99] + 100.0 * v6[0:98] + v7[1:99] * v8[1:99]",
        "    v11 = -2.0 * v2[0] + v8[0] * v7[0]",
        "return v5, v11, v10, v9",
    ]


def test_rows_elsewhere_are_listed_number_by_number() -> None:
    f = compile(lambda x, w: total([sin(y) * z * (i + 1.5) for i, (y, z) in enumerate(zip(x[::2], w.T, strict=True))]))
    assert str(f.program(np.ones(20), np.ones(10))).splitlines() == [
        "once:",
        "    v1 = r_[x[0], x[2], x[4], x[6], ..., x[18]]",
        "    v2 = sin(v1)",
        "    v3 = w[0:10] * v2",
        "    v4 = sum(r_[1.5, 2.5, 3.5, 4.5, ..., 10.5] * v3)",
        "return v4",
    ]


def test_several_threads_may_run_one_program() -> None:
    f = compile(rosenbrock)
    points = RNG.normal(size=(8, 5000))
    expected = [f.value_and_grad(x) for x in points]
    same: dict[int, bool] = {}

    def work(i: int) -> None:
        found = [f.value_and_grad(points[i]) for _ in range(20)]
        same[i] = all(y == expected[i][0] and np.array_equal(dy, expected[i][1]) for y, dy in found)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(points))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == dict.fromkeys(range(len(points)), True)


# ---------------------------------------------------------------------------------------------------------------------
# The order of sums
# ---------------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), min_size=9, max_size=200))
def test_the_order_of_a_sum_changes_only_its_rounding(numbers: list[float]) -> None:
    """Any order of n - 1 additions is within (n - 1) eps times the sum of absolute values, to first order."""
    x = np.array(numbers)
    found, scale = compile(total)(x), math.fsum(np.abs(x))
    assert abs(found - math.fsum(x)) <= len(x) * np.finfo(float).eps * scale


# ---------------------------------------------------------------------------------------------------------------------
# Rows on the native machine
# ---------------------------------------------------------------------------------------------------------------------

LENGTHS = [2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 1000]


def run(code: Code, numbers: Any, level: str) -> Any:
    """The registers after a run, from these numbers on."""
    machine = NativeMachine(code, level)
    registers = np.full(machine.n_uniforms, np.nan)
    registers[: len(numbers)] = numbers
    machine.run(registers, np.empty((0, 1)), np.empty((0, 1)), 1)
    return registers[: code.n_uniforms]


def place(start: int, length: int) -> range:
    """Registers side by side."""
    return range(~start, ~(start + length), -1)


@compiled
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n", LENGTHS)
def test_rows_of_every_length(n: int, level: str) -> None:
    """Each kind of operand, next to other registers, which stay as they are."""
    x, y, out = place(2, n), place(3 + n, n), place(3 + 2 * n, n)
    numbers = np.arange(3.0, 3.0 + 3 * n + 4)
    for op, operands in [
        *[
            (op, pair)
            for op in ("add", "subtract", "multiply", "divide", "maximum")
            for pair in ((x, y), (x, ~1), (~1, x))
        ],
        ("square", (x,)),
        ("where", (~0, x, ~1)),
        ("clip", (x, ~0, y)),
        ("positive", (tuple(x[::-1]),)),
        ("sum", (x, ~0, y)),
        ("dot", (x, ~0, ~1, y, y, ~1)),
        ("affine", (x, ~1, y, ~0, x)),
    ]:
        row = Row(op, out, operands)
        expected = numbers.copy()
        for single_op, target, places in one_by_one(row):
            row_of_table = PRIMITIVES[single_op]
            values = [numbers[~r] for r in places]
            if single_op == "dot":
                expected[~target] = np.dot(values[:3], values[3:])
            elif single_op == "affine":
                expected[~target] = np.dot(values[:2], values[2:4]) + values[4]
            else:
                expected[~target] = row_of_table(*values)
        assert_array_equal(run(Code((row,), (), (), len(numbers), 0, 0, ()), numbers, level), expected, err_msg=op)


@compiled
@pytest.mark.parametrize("n", LENGTHS)
def test_sums_along_rows_of_every_length(n: int) -> None:
    """Also of several that share a factor, on each level in the same order."""
    numbers = np.concatenate([[0.0] * 10, np.random.default_rng(n).integers(-9, 10, 3 * n)])
    x, y, z = (place(10 + i * n, n) for i in range(3))
    sums = [
        Row("sum", place(0, 1), (x,)),
        Row("sum", place(1, 1), (x, y, ~10)),
        Row("dot", place(2, 1), (x, ~11, y, ~12)),
        *[Row("dot", place(3 + i, 1), (x, other)) for i, other in enumerate([y, z, x, y, z])],
        Row("affine", place(8, 1), (x, ~10, ~11, z, ~12)),
        Row("sum", place(9, 1), (~8, z)),  # which reads another sum
    ]
    a, b, c = (numbers[10 + i * n : 10 + (i + 1) * n] for i in range(3))
    first, second, third = numbers[10:13]
    expected = [a.sum(), a.sum() + b.sum() + first, a @ b + second * third, a @ b, a @ c, a @ a, a @ b, a @ c]
    expected += [second * a.sum() + first * c.sum() + third]
    for level in LEVELS:
        found = run(Code(tuple(sums), (), (), len(numbers), 0, 0, ()), numbers, level)
        assert_array_equal(found[:10], [*expected, expected[-1] + c.sum()])


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5),
    st.lists(st.integers(1, 40), min_size=5, max_size=5),
    st.sampled_from(["NumPy", "native"]),
)
def test_a_term_that_a_sum_repeats_counts_each_time(pairs: Any, times: list[int], machine: str) -> None:
    repeated = [pair for pair, n in zip(pairs, times, strict=False) for _ in range(n)]
    numbers = [1.5, -2.0, 0.25, 3.0]

    def product(x: Any) -> Any:
        return np.dot(np.array([x[i] for i, _ in repeated]), np.array([x[j] for _, j in repeated]))

    def total(x: Any) -> Any:
        return sum(x[i] * 2.0 for i, _ in repeated) + sum(sin(x[j]) for _, j in repeated)

    with program.running_on(machine) if is_compiled() else nullcontext():
        for f in (product, total):
            assert_allclose(compile(f)(numbers), f(numbers), rtol=1e-12, atol=1e-12)


@compiled
@pytest.mark.parametrize("n", LENGTHS)
def test_the_order_of_a_sum_is_the_same_on_every_level(n: int) -> None:
    numbers = np.concatenate([[0.0], np.random.default_rng(n).normal(size=n)])
    code = Code((Row("sum", place(0, 1), (place(1, n),)),), (), (), n + 1, 0, 0, ())
    assert len({float(run(code, numbers, level)[0]) for level in LEVELS}) == 1


@compiled
def test_a_sum_of_negative_zeros_keeps_its_sign() -> None:
    numbers = np.full(20, -0.0)
    code = Code((Row("affine", place(0, 1), (place(2, 17), ~19, ~1)),), (), (), 20, 0, 0, ())
    numbers[19] = 1.0
    for level in LEVELS:
        assert np.signbit(run(code, numbers, level)[0])


@compiled
@pytest.mark.parametrize(
    ("row", "message"),
    [
        (Row("digamma", place(4, 2), (place(0, 2),)), "unknown operation"),
        (Row("total", place(4, 2), (place(0, 2),)), "unknown operation"),
        (Row("add", place(4, 2), (place(0, 2),)), "number of operands"),
        (Row("add", place(4, 3), (place(0, 2), ~0)), "unknown register"),
        (Row("add", place(4, 2), (place(0, 2), ~6)), "unknown register"),
        (Row("square", place(0, 2), (place(5, 2),)), "unknown register"),
        (Row("square", place(0, 2), (range(2),)), "unknown register"),
        (Row("square", place(4, 0), (place(0, 2),)), "unknown register"),
        (Row("square", place(4, 2), (range(~0, ~4, -2),)), "side by side"),
        (Row("square", place(4, 2), ((~0, ~2),)), "only copies"),
        (Row("positive", place(4, 2), ((~0, ~6),)), "unknown register"),
        (Row("square", place(3, 3), (place(0, 2),)), "length"),
        (Row("dot", place(5, 1), (place(0, 2), place(2, 3))), "length"),
        (Row("square", place(5, 1), (place(0, 2),)), "only sums"),
        (Row("affine", place(5, 1), (~0, ~1, place(0, 2))), "only sums"),
    ],
)
def test_bad_rows_are_refused(row: Row, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NativeMachine(Code((row,), (), (), 6, 0, 0, ()))


def test_a_row_as_instructions() -> None:
    row = Row("affine", place(5, 1), (place(0, 2), ~4, ~3, place(2, 2), ~4))
    assert list(one_by_one(row)) == [Instruction("affine", ~5, (~0, ~1, ~4, ~4, ~3, ~3, ~2, ~3, ~4))]
