"""The native machine, against NumPy: every kernel, every sum, and random straight-line code."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from autograd import PRIMITIVES
from autograd.compiler import native_machine
from autograd.compiler.machine import Code, Instruction, Row
from autograd.compiler.native_machine import NativeMachine, is_compiled, knows
from autograd.core.comparisons import COMPARISONS
from autograd.dialects.c import C, write

pytestmark = pytest.mark.same_in_both_modes

compiled = pytest.mark.skipif(not is_compiled(), reason="the native machine is not compiled here")
LEVELS = native_machine._lanes.LEVELS if native_machine._lanes else []
KERNELS = native_machine._lanes.KERNELS if native_machine._lanes else {}
BLOCK = 512  # lanes, for code of few registers
LANES = [1, 2, 7, 8, 9, 63, 64, 65, 100, BLOCK - 1, BLOCK, BLOCK + 1, 1000, 3 * BLOCK + 5]


def run(code: Code, uniforms: Any, inputs: Any, level: str | None = None) -> tuple[Any, Any]:
    """The uniform registers and the outputs after one run."""
    machine = NativeMachine(code, level)
    registers = np.zeros(machine.n_uniforms)
    registers[: len(uniforms)] = uniforms
    outputs = np.full((len(code.outputs), inputs.shape[1]), -99.0)
    machine.run(registers, inputs, outputs, inputs.shape[1])
    return registers[: code.n_uniforms], outputs


def on_lanes(op: str, operands: Any, level: str | None = None) -> Any:
    """An operation on rows of numbers."""
    n = len(operands)
    code = Code((), (Instruction(op, n, tuple(range(n))),), (), 0, n + 1, n, (n,))
    return run(code, [], np.array(operands), level)[1][0]


def on_uniforms(op: str, operands: Any) -> float:
    """An operation on single numbers."""
    n = len(operands)
    code = Code((Instruction(op, ~n, tuple(~i for i in range(n))),), (), (), n + 1, 0, 0, ())
    return float(run(code, operands, np.empty((0, 1)))[0][n])


# ---------------------------------------------------------------------------------------------------------------------
# kernels.h
# ---------------------------------------------------------------------------------------------------------------------


def test_kernels_h_is_current() -> None:
    assert write(check=True)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (lambda x, y: x - (y - x), "x - (y - x)"),
        (lambda x, y: (x - y) - x, "x - y - x"),
        (lambda x, y: -PRIMITIVES["negative"](x), "-(-x)"),
        (lambda x, y: 2 / (x * -y), "2.0 / (x * -y)"),
        (lambda x, y: -1.0 - x, "-1.0 - x"),
        (lambda x, y: x % (y // 2.0), "floored_remainder(x, floored_quotient(y, 2.0))"),
        (lambda x, y: PRIMITIVES["where"](x > y, x, y) + 1.0, "(x > y ? x : y) + 1.0"),
        (lambda x, y: PRIMITIVES["where"](x + y, 1.0, 0.0), "x + y != 0.0 ? 1.0 : 0.0"),
        (lambda x, y: PRIMITIVES["power"](x, y - 1.0), "pow(x, y - 1.0)"),
    ],
)
def test_c_expressions_have_the_parentheses_that_they_need(expression: Callable[[C, C], C], text: str) -> None:
    assert str(expression(C("x"), C("y"))) == text


@compiled
def test_functions_that_c_lacks_have_no_kernel() -> None:
    assert not any(map(knows, ["digamma", "i0", "erfinv", "polygamma"]))


# ---------------------------------------------------------------------------------------------------------------------
# Every kernel
# ---------------------------------------------------------------------------------------------------------------------

NASTY = [
    *[0.0, -0.0, 1.0, -1.0, 0.25, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1.5, -2.5, np.nan, np.inf, -np.inf],
    *[5e-324, -5e-324, 2.5e-310, 2.2250738585072014e-308, 1e-300, -1e-300, 1e-9, -1e-9, np.nextafter(1.0, 0.0)],
    *[20.0, -20.0, 36.5, -37.5, 700.0, 709.9, -709.9, -740.0, -746.0, 1e6, 1e15 + 0.5, 1e22, -1e22],
    *[1e160, 1e300, -1e300, 1.7976931348623157e308, -1.7976931348623157e308],
]  # fmt: skip
NUMBERS = st.one_of(st.sampled_from(NASTY), st.floats(-10.0, 10.0), st.floats(-750.0, 750.0), st.floats())

# These subtract nearly equal numbers, and have the error of those.
CANCELLING = {"logaddexp": 1e-13, "logaddexp2": 1e-13, "lgamma": 1e-13}


def expected(op: str, operands: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.asarray((COMPARISONS.get(op) or PRIMITIVES[op])(*operands), dtype=float)


def assert_close(op: str, got: Any, operands: Any) -> None:
    assert_allclose(got, expected(op, operands), rtol=1e-14, atol=CANCELLING.get(op, 1e-321), err_msg=op)


@compiled
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("op", KERNELS)
def test_kernels_on_nasty_numbers(op: str, level: str) -> None:
    operands = np.array(np.meshgrid(*[NASTY] * min(KERNELS[op], 2))).reshape(min(KERNELS[op], 2), -1)
    if KERNELS[op] == 3:
        operands = np.vstack([operands, np.roll(operands[0], 5)])
    assert_close(op, on_lanes(op, operands, level), operands)


@compiled
@pytest.mark.parametrize("op", KERNELS)
@given(data=st.data())
def test_kernels_on_all_numbers(op: str, data: st.DataObject) -> None:
    operand = st.lists(NUMBERS, min_size=9, max_size=9)
    operands = np.array([data.draw(operand) for _ in range(KERNELS[op])])
    assert_close(op, on_lanes(op, operands), operands)
    assert_close(op, [on_uniforms(op, column) for column in operands.T], operands)


@compiled
@pytest.mark.parametrize("op", ["negative", "multiply", "divide", "floor", "absolute", "mod", "sqrt", "sin", "cbrt"])
def test_zeros_keep_their_sign(op: str) -> None:
    x = np.array([0.0, -0.0, 0.0, -0.0])
    operands = [x, np.array([3.0, 3.0, -3.0, -3.0])][: KERNELS[op]]
    assert_array_equal(np.signbit(on_lanes(op, operands)), np.signbit(expected(op, operands)))
    assert_array_equal(np.signbit([on_uniforms(op, column) for column in np.transpose(operands)]),
                       np.signbit(expected(op, operands)))  # fmt: skip


@compiled
@pytest.mark.parametrize("op", ["add", "subtract", "multiply", "negative", "positive", "square"])
@given(data=st.data())
def test_arithmetic_is_exact(op: str, data: st.DataObject) -> None:
    operands = [np.array([data.draw(NUMBERS)]) for _ in range(KERNELS[op])]
    for got in (on_lanes(op, operands)[0], on_uniforms(op, [x[0] for x in operands])):
        assert_array_equal(got, expected(op, operands)[0])
        assert np.isnan(got) or np.signbit(got) == np.signbit(expected(op, operands)[0])


@compiled
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("op", KERNELS)
def test_out_may_be_an_operand(op: str, level: str) -> None:
    n = KERNELS[op]
    operands = np.random.default_rng(0).uniform(0.1, 0.9, size=(n, 100))
    for out in range(n):
        code = Code((), (Instruction(op, out, tuple(range(n))),), (), 0, n, n, (out,))
        assert_close(op, run(code, [], operands, level)[1][0], operands)


@compiled
@pytest.mark.parametrize("n", [1, 9, BLOCK + 1])
def test_uniform_operands_of_lane_instructions(n: int) -> None:
    x = np.arange(n) - 3.5
    lanes = [Instruction("subtract", 1, (0, ~0)), Instruction("subtract", 2, (~0, 0)), Instruction("add", 3, (~0, ~1)),
             Instruction("where", 4, (1, ~1, ~0)), Instruction("clip", 5, (0, ~1, ~0))]  # fmt: skip
    got = run(Code((), tuple(lanes), (), 2, 6, 1, (1, 2, 3, 4, 5)), [2.0, -1.0], x[None])[1]
    assert_array_equal(got, [x - 2, 2 - x, np.ones(n), np.where(x != 2, -1.0, 2.0), np.clip(x, -1, 2)])


# ---------------------------------------------------------------------------------------------------------------------
# Sums and totals
# ---------------------------------------------------------------------------------------------------------------------


@compiled
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n", LANES)
def test_totals_sum_over_all_lanes(n: int, level: str) -> None:
    x, y = np.random.default_rng(n).integers(-9, 10, size=(2, n)).astype(float)
    lanes = [
        Instruction("positive", 2, (~0,)),
        Instruction("total", ~1, (0,)),
        Instruction("total", ~2, (2,)),
        Instruction("total", ~3, (1,)),
        Instruction("total_dot", ~4, (0, 1)),
        Instruction("total_dot", ~5, (0, 0)),
        Instruction("total_dot", ~6, (2, 1)),
        Instruction("total_dot", ~7, (2, 2)),
        Instruction("add", 0, (0, 1)),  # overwrites what totals have read
        Instruction("total", ~8, (0,)),
    ]
    after = [Instruction("multiply", ~9, (~1, ~8))]
    uniforms, _ = run(Code((), tuple(lanes), tuple(after), 10, 3, 2, ()), [3.0], np.array([x, y]), level)
    totals = [x.sum(), 3 * n, y.sum(), x @ y, x @ x, 3 * y.sum(), 9 * n, (x + y).sum()]
    assert_array_equal(uniforms[1:], [*totals, x.sum() * (x + y).sum()])


@compiled
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", [*range(1, 18), 40])
def test_totals_of_any_number_of_products(count: int, level: str) -> None:
    """All products of two sets of rows, as the gradients of a layer need them."""
    rows = np.random.default_rng(count).integers(-9, 10, size=(count + 2, 77)).astype(float)
    lanes = [Instruction("total_dot", ~(2 * i + k), (count + k, i)) for k in range(2) for i in range(count)]
    uniforms, _ = run(Code((), tuple(lanes), (), 2 * count, count + 2, count + 2, ()), [], rows, level)
    assert_array_equal(uniforms, (rows[:count] @ rows[count:].T).ravel())


@compiled
@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_total_leaves_the_padding_out(bad: float) -> None:
    x = np.array([1.0, 0.0, bad])  # the lanes of the padding repeat the last one
    lanes = [Instruction("where", 1, (~0, 0, ~0)), Instruction("reciprocal", 1, (0,)), Instruction("total", ~1, (1,))]
    uniforms, _ = run(Code((), tuple(lanes), (), 2, 2, 1, ()), [0.0], x[None])
    with np.errstate(divide="ignore"):
        assert_array_equal(uniforms[1], (1 / x).sum())


TERMS = st.lists(st.tuples(st.integers(-3, 2), st.integers(-3, 2)), min_size=1, max_size=20)


@compiled
@pytest.mark.parametrize("level", LEVELS)
@given(pairs=TERMS, bias=st.integers(-3, 2), n=st.sampled_from(LANES))
@example(pairs=[(-1, 0)] * 20, bias=-1, n=1000)
def test_sums_of_uniforms_and_lanes(level: str, pairs: list[tuple[int, int]], bias: int, n: int) -> None:
    rng = np.random.default_rng(0)
    uniforms, inputs = rng.integers(-9, 10, size=3).astype(float), rng.integers(-9, 10, size=(3, n)).astype(float)
    values = {r: inputs[r] if r >= 0 else np.full(n, uniforms[~r]) for r in range(-3, 3)}
    xs, ys = zip(*pairs, strict=True)
    lanes = (Instruction("sum", 3, xs), Instruction("dot", 4, xs + ys), Instruction("affine", 5, (*xs, *ys, bias)))
    got = run(Code((), lanes, (), 3, 6, 3, (3, 4, 5)), uniforms, inputs, level)[1]
    products = sum(values[x] * values[y] for x, y in pairs)
    assert_array_equal(got, [sum(values[x] for x in xs), products, products + values[bias]])


@compiled
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", [1, 7, 8, 9, 63, 64, 65, 200])
@pytest.mark.parametrize("op", ["exp", "tanh", "floor"])
def test_one_function_of_many_single_numbers(op: str, count: int, level: str) -> None:
    numbers = np.linspace(-3.0, 3.0, count)
    calls = [Instruction(op, ~(count + i), (~i,)) for i in range(count)]
    again = [Instruction(op, ~(2 * count + i), (~(2 * count + i - 1),)) for i in range(count)]  # each of the one before
    code = Code((*calls, *again), (), (), 3 * count, 0, 0, ())
    registers, _ = run(code, numbers, np.empty((0, 1)), level)
    row = PRIMITIVES[op]
    assert_close(op, registers[count : 2 * count], [numbers])
    chain = [registers[2 * count - 1]]
    with np.errstate(over="ignore"):
        for _ in range(count):
            chain.append(row(np.float64(chain[-1])))
    assert_allclose(registers[2 * count :], chain[1:], rtol=1e-9)


@compiled
@given(terms=st.lists(NUMBERS, max_size=9))
def test_sums_of_single_numbers(terms: list[float]) -> None:
    with np.errstate(all="ignore"):
        ones = [1.0] * len(terms)
        assert_allclose(on_uniforms("sum", terms), PRIMITIVES["sum"](*np.array(terms)), rtol=0)
        assert_allclose(on_uniforms("dot", terms + ones), PRIMITIVES["sum"](*np.array(terms)), rtol=0)
        assert_allclose(on_uniforms("affine", [*terms, *ones, 2.0]), PRIMITIVES["sum"](2.0, *np.array(terms)), rtol=0)


@compiled
@given(terms=st.lists(st.floats(-1e6, 1e6), min_size=10, max_size=70))
def test_long_sums_of_single_numbers(terms: list[float]) -> None:
    ones = [1.0] * len(terms)
    rounding = len(terms) * np.finfo(float).eps * sum(map(abs, terms))
    exact = math.fsum(terms)
    assert_allclose(on_uniforms("sum", terms), exact, rtol=0, atol=rounding)
    assert_allclose(on_uniforms("affine", [*terms, *ones, -0.0]), exact, rtol=0, atol=rounding)
    assert np.signbit(on_uniforms("affine", [-0.0] * len(terms) + ones + [-0.0]))


@compiled
@pytest.mark.parametrize("level", LEVELS)
@given(numbers=st.lists(NUMBERS, min_size=2, max_size=20), single=NUMBERS)
def test_arithmetic_of_a_row_and_a_single_number(level: str, numbers: list[float], single: float) -> None:
    n, x = len(numbers), np.array(numbers)
    row, out = range(~1, ~(n + 1), -1), range(~(n + 1), ~(2 * n + 1), -1)
    for op, compute in (("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply)):
        for operands, expected in (((row, ~0), (x, single)), ((~0, row), (single, x))):
            code = Code((Row(op, out, operands),), (), (), 2 * n + 1, 0, 0, ())
            with np.errstate(all="ignore"):
                wanted = compute(*expected)
            found = run(code, [single, *numbers], np.empty((0, 1)), level)[0][n + 1 : 2 * n + 1]
            assert_array_equal(found, wanted)
            assert_array_equal(np.signbit(found)[~np.isnan(wanted)], np.signbit(wanted)[~np.isnan(wanted)])


# ---------------------------------------------------------------------------------------------------------------------
# Straight-line code
# ---------------------------------------------------------------------------------------------------------------------

EXACT = {
    "add": 2, "subtract": 2, "multiply": 2, "negative": 1, "positive": 1, "square": 1, "absolute": 1, "relu": 1,
    "floor": 1, "maximum": 2, "minimum": 2, "where": 3, "clip": 3, "greater": 2, "less_equal": 2, "equal": 2,
}  # fmt: skip


def interpret(code: Code, uniforms: Any, inputs: Any) -> tuple[Any, Any, float]:
    """The reference: uniform registers, outputs, and the largest number that occurred."""
    n = inputs.shape[1]
    registers: dict[int, Any] = {~i: np.float64(x) for i, x in enumerate(uniforms)} | dict(enumerate(inputs))
    largest = 0.0
    for op, out, operands in (*code.before, *code.lanes, *code.after):
        values = [registers[r] for r in operands]
        middle = len(values) // 2
        if op == "sum":
            result = sum(values)
        elif op in ("dot", "affine"):
            result = sum(x * y for x, y in zip(values[:middle], values[middle:], strict=False))
            result = result + values[-1] if op == "affine" else result
        elif op.startswith("total"):
            result = np.sum(values[0] * values[1] if op == "total_dot" else values[0])
        else:
            result = expected(op, [np.asarray(value) for value in values])
        registers[out] = result if out < 0 else np.broadcast_to(result, n)
        largest = max(largest, float(np.max(np.abs(result))))
    return [registers[~i] for i in range(code.n_uniforms)], [registers[r] for r in code.outputs], largest


@st.composite
def programs(draw: st.DrawFn) -> Code:
    """Code on integers, which overwrites its registers."""
    n_uniforms, n_registers = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    n_inputs = draw(st.integers(1, n_registers))
    uniforms = [~i for i in range(n_uniforms)]

    def instruction(outs: list[int], operands: list[int]) -> Instruction:
        op = draw(st.sampled_from([*EXACT, "sum", "dot", "affine"]))
        terms = draw(st.integers(1, 6))
        count = EXACT.get(op) or {"sum": terms, "dot": 2 * terms, "affine": 2 * terms + 1}[op]
        chosen = st.lists(st.sampled_from(operands), min_size=count, max_size=count)
        return Instruction(op, draw(st.sampled_from(outs)), tuple(draw(chosen)))

    before = [instruction(uniforms, uniforms) for _ in range(draw(st.integers(0, 6)))]
    totals = [~i for i in range(n_uniforms, n_uniforms + draw(st.integers(0, 12)))]
    waiting, written, lanes = list(totals), list(range(n_inputs)), []
    for _ in range(draw(st.integers(0, 12)) + len(totals)):
        if waiting and draw(st.booleans()):
            op = draw(st.sampled_from(["total", "total_dot"]))
            operands = st.sampled_from(written)
            lanes.append(Instruction(op, waiting.pop(), tuple(draw(operands) for _ in range(1 + (op == "total_dot")))))
        else:
            lanes.append(instruction(list(range(n_registers)), [*uniforms, *written]))
            written = sorted({*written, lanes[-1].out})
    everywhere = [*uniforms, *totals]
    after = [instruction(everywhere, everywhere) for _ in range(draw(st.integers(0, 6)))]
    outputs = draw(st.lists(st.sampled_from(written), max_size=4))
    return Code(tuple(before), tuple(lanes), tuple(after), len(everywhere), n_registers, n_inputs, tuple(outputs))


@compiled
@pytest.mark.parametrize("level", LEVELS)
@given(code=programs(), n=st.sampled_from(LANES), seed=st.integers(0, 9))
def test_random_code(level: str, code: Code, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    uniforms = rng.integers(-3, 4, size=code.n_uniforms).astype(float)
    inputs = rng.integers(-3, 4, size=(code.n_inputs, n)).astype(float)
    registers, outputs, largest = interpret(code, uniforms, inputs)
    assume(largest * n < 2**50)  # then every number is exact, in any order of summation
    got = run(code, uniforms, inputs, level)
    assert_array_equal(got[0], registers)
    assert_array_equal(got[1], np.reshape(outputs, (len(outputs), n)))


@compiled
def test_several_threads_may_run_one_machine() -> None:
    lanes = [
        Instruction("multiply", 1, (0, 0)),
        Instruction("affine", 1, (0, 1, ~0, 0, 1)),
        Instruction("total", ~1, (1,)),
    ]
    machine = NativeMachine(Code((), tuple(lanes), (), 2, 2, 1, (1,)))
    results: dict[int, bool] = {}

    def work(seed: int) -> None:
        x = np.random.default_rng(seed).integers(-9, 10, size=(1, 200_000)).astype(float)
        uniforms, outputs = np.full(machine.n_uniforms, float(seed)), np.empty_like(x)
        for _ in range(3):
            machine.run(uniforms, x, outputs, 200_000)
        wanted = x * seed + x**3 + x**2
        results[seed] = np.array_equal(outputs, wanted) and uniforms[1] == wanted.sum()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == dict.fromkeys(range(8), True)


# ---------------------------------------------------------------------------------------------------------------------
# Errors
# ---------------------------------------------------------------------------------------------------------------------

ADD = Instruction("add", 1, (0, ~0))


def code(**changes: Any) -> Code:
    whole = {
        "before": (),
        "lanes": (ADD,),
        "after": (),
        "n_uniforms": 2,
        "n_registers": 2,
        "n_inputs": 1,
        "outputs": (1,),
    }
    return Code(**(whole | changes))


@compiled
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lanes": (Instruction("digamma", 1, (0,)),)}, "unknown operation"),
        ({"before": (Instruction("total", ~0, (~1,)),)}, "unknown operation"),
        ({"lanes": (Instruction("add", 1, (0,)),)}, "number of operands"),
        ({"lanes": (Instruction("total_dot", ~1, (0,)),)}, "number of operands"),
        ({"lanes": (Instruction("dot", 1, (0, 0, 0)),)}, "number of operands"),
        ({"lanes": (Instruction("affine", 1, (0, 0)),)}, "number of operands"),
        ({"lanes": (Instruction("add", 2, (0, 0)),)}, "unknown register"),
        ({"lanes": (Instruction("add", 1, (0, ~2)),)}, "unknown register"),
        ({"lanes": (Instruction("add", ~1, (0, 0)),)}, "only totals write"),
        ({"lanes": (Instruction("total", 1, (0,)),)}, "a total reads lane"),
        ({"lanes": (Instruction("total_dot", ~1, (0, ~0)),)}, "a total reads lane"),
        ({"lanes": (Instruction("add", 1, (0, 1)),)}, "has not been written"),
        ({"lanes": (Instruction("total", ~1, (1,)),)}, "has not been written"),
        ({"lanes": (Instruction("total", ~1, (0,)), Instruction("total", ~1, (0,)))}, "once"),
        ({"lanes": (Instruction("total", ~1, (0,)), Instruction("add", 1, (0, ~1)))}, "after the lanes"),
        ({"before": (ADD,)}, "unknown register"),
        ({"after": (Instruction("negative", ~0, (0,)),)}, "unknown register"),
        ({"outputs": (2,)}, "outputs"),
        ({"outputs": (-1,)}, "outputs"),
        ({"lanes": (), "outputs": (1,)}, "outputs"),
        ({"n_inputs": 3}, "3 inputs"),
        ({"n_inputs": -1}, "-1 inputs"),
    ],
)
def test_bad_code_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NativeMachine(code(**changes))


@compiled
@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("uniforms", np.zeros(2)),
        ("uniforms", np.zeros((1, 6))),
        ("uniforms", np.zeros(6, dtype=np.float32)),
        ("uniforms", np.zeros(12)[::2]),
        ("inputs", np.zeros((2, 4))),
        ("inputs", np.zeros(4)),
        ("inputs", np.zeros((1, 4), dtype=int)),
        ("inputs", np.zeros((1, 8))[:, ::2]),
        ("inputs", np.zeros((1, 5))),
        ("inputs", np.zeros((1, 4), dtype=">f8")),
        ("outputs", np.zeros((2, 4))),
        ("outputs", np.broadcast_to(0.0, (1, 4))),
        ("outputs", None),
    ],
)
def test_bad_arrays_are_refused(name: str, array: Any) -> None:
    machine = NativeMachine(code())
    arrays = {"uniforms": np.zeros(machine.n_uniforms), "inputs": np.zeros((1, 4)), "outputs": np.zeros((1, 4))}
    machine.run(**arrays, samples=4)
    with pytest.raises((ValueError, TypeError, BufferError)):
        machine.run(**arrays | {name: array}, samples=4)


@compiled
def test_rows_may_lie_apart_and_a_batch_may_be_empty() -> None:
    machine = NativeMachine(code())
    uniforms, inputs, outputs = np.ones(machine.n_uniforms), np.arange(12.0).reshape(2, 6), np.zeros((3, 6))
    machine.run(uniforms, inputs[1:, 2:5], outputs[1:2, 2:5], 3)
    assert_array_equal(outputs, [[0.0] * 6, [0, 0, 9, 10, 11, 0], [0.0] * 6])
    machine.run(uniforms, inputs[:1, :0], outputs[:1, :0], 0)


def test_without_the_compiled_part_nothing_is_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_machine, "_lanes", None)
    assert not any(map(knows, ["add", "sum", "total"]))
    assert not NativeMachine.supports(code())
    with pytest.raises(RuntimeError, match="not compiled"):
        NativeMachine(code())
