"""check_gradients: correct functions pass, and for a wrong function the message names the edge that was made wrong."""

from __future__ import annotations

import math
import random
import re
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import fewer

from autograd import (
    PRIMITIVES,
    Tensor,
    Value,
    absolute,
    arcsin,
    autopsy,
    cos,
    exp,
    floor,
    jvp,
    log,
    maximum,
    no_grad,
    power,
    primitive,
    relu,
    sigmoid,
    sin,
    sqrt,
    tanh,
    where,
)
from autograd.arrays.array_operation import array_operation
from autograd.arrays.operations import matmul
from autograd.checks.gradients import GradientError, check_gradients
from autograd.linalg import cholesky
from autograd.testing import Graph, graphs

RNG = np.random.default_rng(7)
MATRIX = RNG.normal(size=(3, 4))


def here() -> int:
    """The line number of the caller."""
    return sys._getframe(1).f_lineno


def complaint(f: Callable[..., Any], *args: Any, **options: Any) -> str:
    with pytest.raises(GradientError) as caught:
        check_gradients(f, *args, **options)
    return str(caught.value)


def blamed(message: str) -> list[str]:
    """The edges that a message names, without files and lines."""
    _, _, faults = message.partition("; at fault: ")
    return re.findall(r"(\w+, argument \d+(?:, entry \[[\d, ]+\])?), at v", faults)


def place(line: int, node: str) -> str:
    return f"at {node} ({__file__}:{line}): "


# ---------------------------------------------------------------------------------------------------------------------
# Wrong rows are named
# ---------------------------------------------------------------------------------------------------------------------


def test_wrong_partial():
    @primitive(lambda x, y, out: y, lambda x, y, out: y)
    def times(x, y):
        return x * y

    f, line = lambda a, b: sin(times(a, b)) + a, here()
    message = complaint(f, 2.0, 3.0)
    assert message.startswith("the derivative in b is ")
    assert f"; at fault: times, argument 2, {place(line, 'v2')}declared 3.0, measured 2 ± " in message
    assert blamed(message) == ["times, argument 2"]


def test_swapped_partials():
    @primitive(lambda x, y, out: x, lambda x, y, out: y)
    def times(x, y):
        return x * y

    assert blamed(complaint(lambda a, b: times(a, b), 2.0, 3.0)) == ["times, argument 1", "times, argument 2"]


def test_missing_minus():
    @primitive(lambda x, out: out)
    def decay(x):
        return exp(-x)

    message = complaint(lambda p: decay(p["rate"][0]) * p["size"], {"rate": [0.0], "size": 2.0})
    assert message.startswith("the derivative in p['rate'][0] is 2.0, but measured -2 ± ")
    assert "declared 1.0, measured -1 ± " in message


def test_partial_that_forgets_the_output():
    @primitive(lambda *x: [1.0] * (len(x) - 1), name="product")
    def product(*factors):
        return math.prod(factors)

    PRIMITIVES["product"].partials = (lambda operands, out: [1.0 for _ in operands],)
    assert blamed(complaint(lambda a, b: product(a, b, 3.0), 1.0, 2.0)) == [
        "product, argument 1",
        "product, argument 2",
    ]


@pytest.mark.parametrize(
    ("slope", "declared"),
    [(lambda x, out: 2 * x if x > 0 else x, "-2.0"), (lambda x, out: where(x > 0, 2.0, 1.0) * x, "-2.0")],
)
def test_fault_in_one_branch_only(slope: Any, declared: str):
    @primitive(slope)
    def power_of_two(x):
        return x * x

    assert check_gradients(power_of_two, 2.0).derivatives == 1
    assert f"declared {declared}, measured -4 ± " in complaint(power_of_two, -2.0)


@pytest.mark.parametrize("x", [3.0, np.array([3.0])])
def test_right_here_but_wrong_beside(x: Any):
    @primitive(lambda x, out: 6.0 + 0.0 * x)
    def squared(x):
        return x * x

    assert check_gradients(squared, x).derivatives == 1
    f, line = lambda x: 5.0 * squared(x), here()
    message = complaint(f, x, order=2)
    edge = f"squared, argument 1, {place(line, 'v1')}its derivative in argument 1 is 0.0, but measured 2 ± "
    assert f"; at fault: {edge}" in message


@pytest.mark.parametrize(("x", "derivatives"), [(0.5, 1), (np.array([0.5, 0.25]), 4)])
def test_partial_that_cuts_the_graph(x: Any, derivatives: int):
    @primitive(lambda x, out: np.cos(x.data if isinstance(x, (Value, Tensor)) else x))
    def sine(x):
        return sin(x)

    assert check_gradients(sine, x).derivatives == derivatives
    message = complaint(sine, x, order=2)
    assert message.startswith("the second derivative in ")
    assert blamed(message) == ["sine, argument 1"]


def test_mixed_second_derivative():
    @primitive(lambda x, y, out: getattr(y, "data", y), lambda x, y, out: x)
    def times(x, y):
        return x * y

    message = complaint(lambda x, y: times(x, y), 2.0, 3.0, order=2)
    assert "times, argument 1, " in message
    assert "its derivative in argument 2 is 0.0, but measured 1 ± " in message


def test_entry_of_an_elementwise_operation_is_named():
    @primitive(lambda x, y, out: where(x > 2.5, 3.0, 1.0) * y, lambda x, y, out: x)
    def times(x, y):
        return x * y

    x = np.array([[0.5, 1.0, 2.0], [1.5, 3.0, 0.0]])
    f, line = lambda x: (times(x, np.array([1.0, 5.0, 2.0])) * 2.0).sum(), here()
    message = complaint(f, x)
    assert message.startswith("the derivative in x[1, 1] is 30.0, but measured 10 ± ")
    assert f"times, argument 1, entry [1, 1], {place(line, 'v1')}declared 15.0, measured 5 ± " in message


def test_one_wrong_entry_among_thousands():
    @primitive(lambda x, out: where(x > 2.0, -1.0, 1.0))
    def same(x):
        return x * 1.0

    x = np.linspace(-1.0, 1.0, 5000).reshape(50, 100)
    x[31, 41] = 3.0
    message = complaint(lambda x: same(x).sum(), x)
    assert message.startswith("the derivative in a random direction is ")
    assert blamed(message) == ["same, argument 1, entry [31, 41]"]


def test_zero_instead_of_a_tiny_slope():
    @primitive(lambda x, out: 0.0 * x)
    def flat_square(x):
        return x * x

    assert "declared 0.0, measured 2e-160 ± " in complaint(flat_square, 1e-160)


@pytest.mark.parametrize("large", [1e3, 1e6, 1e9])
@pytest.mark.parametrize("n", [20, 51])
def test_one_small_slope_among_large_ones(large: float, n: int):
    @primitive(lambda x, out: 1.01)
    def same(x):
        return 1.0 * x

    def f(*xs):
        return sum((same(x) if i == 17 else large * x) for i, x in enumerate(xs))

    xs = [1.0 + i / 10 for i in range(n)]
    assert blamed(complaint(f, *xs)) == ["same, argument 1"]
    del PRIMITIVES["same"]
    assert check_gradients(lambda *xs: sum((x if i == 17 else large * x) for i, x in enumerate(xs)), *xs).error < 1e-2


def test_slope_that_is_wrong_by_a_millionth():
    @primitive(lambda x, out: cos(x) * (1 + 1e-6))
    def sine(x):
        return sin(x)

    assert blamed(complaint(lambda x: exp(sine(x)), 2.0)) == ["sine, argument 1"]


def test_broadcast_operands_are_checked_in_their_own_entries():
    @primitive(lambda x, y, out: y, lambda x, y, out: x + 1.0)
    def times(x, y):
        return x * y

    message = complaint(lambda a, b: times(a, b), np.ones((2, 1)), np.ones(3))
    assert blamed(message) == ["times, argument 2, entry [0, 0]"]
    assert blamed(complaint(lambda a, b: times(a, b).sum(), np.ones(2), 3.0)) == ["times, argument 2, entry [0]"]


def test_wrong_vjp():
    @array_operation(lambda g, out, x: 2 * g[::-1], linear=True)
    def flipped(x):
        return x[::-1]

    f, line = lambda x, w: (flipped(x) * w).sum(), here()
    message = complaint(f, np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    assert message.startswith("the derivative in x[0] is 10.0 in reverse and 5.0 forward, but measured 5 ± ")
    assert re.search(rf"flipped, argument 1, {re.escape(place(line, 'v1'))}its vjp gives \S+ along a random", message)
    assert "jvp" not in message


def test_wrong_jvp():
    @array_operation(
        lambda g, out, x, y: g * y,
        lambda g, out, x, y: g * x,
        jvps=[lambda t, out, x, y: t * y, lambda t, out, x, y: -t * x],
    )
    def times(x, y):
        return x * y

    message = complaint(lambda x, y: times(x, y), np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    assert "times, argument 2, at v2 " in message
    assert ": its jvp gives " in message
    assert "vjp" not in message
    assert blamed(message) == ["times, argument 2"]


def test_operation_linear_in_name_only():
    @array_operation(lambda g, out, x: 2 * g * x, linear=True)
    def squares(x):
        return x * x

    message = complaint(squares, MATRIX)
    assert blamed(message) == ["squares, argument 1"]
    assert "its jvp gives" in message


def test_forward_mode_without_a_jvp_transposes_the_vjp():
    @array_operation(lambda g, out, x, y: 2 * g * x * y, lambda g, out, x, y: g * x * x)
    def product(x, y):
        return x * x * y

    check_gradients(lambda x, y: (product(x, y) ** 2).sum(), MATRIX, MATRIX + 1.0, order=2)

    @array_operation(lambda g, out, x: 3 * np.asarray(g) * x**2)
    def cube(x):
        return x**3

    with pytest.raises(TypeError, match="forward mode through cube needs its jvps: declare them, or linear=True"):
        jvp(cube, (np.array([2.0]),), (np.array([1.0]),))

    @array_operation(lambda g, out, x: 3 * g * x**2)
    def cubed(x):
        return x**3

    assert jvp(cubed, (np.array([2.0]),), (np.array([1.0]),))[1] == [12.0]


def test_wrong_derivative_of_a_vjp():
    @array_operation(lambda g, out, x: 2 * g * x.numpy() if isinstance(x, Tensor) else 2 * g * x,
               jvps=[lambda t, out, x: 2 * t * x])  # fmt: skip
    def squares(x):
        return x * x

    assert check_gradients(squares, np.array([1.0, 2.0])).derivatives == 4
    message = complaint(squares, np.array([1.0, 2.0]), order=2)
    assert blamed(message) == ["squares, argument 1"]
    assert re.search(r"its vjp changes by 0 along a random step, measured \S+ ± ", message)


@primitive(lambda x, out: 2 * cos(x), name="sin_of_twice_the_slope")
def wrong_sin(x):
    return sin(x)


@primitive(lambda x, out: 1.0 + out * out, name="tanh_without_minus")
def wrong_tanh(x):
    return tanh(x)


@primitive(lambda x, y, out: y, lambda x, y, out: -x, name="multiply_with_a_minus")
def wrong_multiply(x, y):
    return x * y


WRONG = {"sin": wrong_sin, "tanh": wrong_tanh, "multiply": wrong_multiply}
for row in WRONG.values():
    del PRIMITIVES[row.name]  # or other tests would find them


@fewer
@given(graphs(kinks=False), st.booleans(), st.integers(0, 7))
def test_the_one_wrong_node_of_a_random_graph_is_named(graph: Graph, arrays: bool, which: int) -> None:
    rows = [row.name for row, _ in graph.steps.values()]
    spots = [i for i, name in enumerate(rows) if name in WRONG]
    assume(spots)
    spot = spots[which % len(spots)]

    def f(*leaves: Any) -> Any:
        left = iter(range(len(rows)))
        results = graph.run(leaves, lambda op, xs: (WRONG[op.name] if next(left) == spot else op)(*xs))
        return list(results.values())[-1]

    args = [np.array([x, x + 0.3]) if arrays else x for x in graph.leaves.values()]
    right = [np.asarray(x) for x in numerical_gradient(graph, args)]
    swept = numerical_gradient(f, args)
    if all(np.allclose(a, b, rtol=1e-7, atol=1e-12) for a, b in zip(right, swept, strict=True)):
        assume(False)  # the wrong edge leads to a constant, or its slope is 0
    edges = blamed(complaint(f, *args))
    assert edges
    assert {edge.partition(",")[0] for edge in edges} == {WRONG[rows[spot]].name}


def numerical_gradient(f: Callable[..., Any], args: list[Any]) -> list[Any]:
    """The result of a backward sweep."""
    leaves = [Tensor(x) if isinstance(x, np.ndarray) else Value(x) for x in args]
    out = f(*leaves)
    if isinstance(out, (Tensor, Value)):
        (out.sum() if isinstance(out, Tensor) else out).backward()
    return [0.0 if leaf.grad is None else leaf.grad for leaf in leaves]


# ---------------------------------------------------------------------------------------------------------------------
# Right functions pass
# ---------------------------------------------------------------------------------------------------------------------


MIXED = [
    PRIMITIVES[name]
    for name in (
        *("add", "subtract", "multiply", "negative", "sin", "cos", "tanh", "sigmoid", "softplus", "arctan", "gelu"),
        *("maximum", "minimum", "relu", "absolute", "leaky_relu", "sum", "dot"),
    )
]


@fewer
@given(graphs(primitives=MIXED), st.booleans(), st.sampled_from([1, 2]))
def test_random_graphs_pass(graph: Graph, arrays: bool, order: int) -> None:
    args = [np.array([x, x + 0.3]) if arrays else x for x in graph.leaves.values()]

    def f(*leaves: Any) -> Any:
        last = graph(*leaves)
        assume(isinstance(last, (Value, Tensor)))
        return last

    try:
        found = check_gradients(f, *args, order=order)
    except GradientError as error:  # relu(x) - relu(-x) at 0 is x, but both slopes are 0 by convention
        assert "right, but the chain rule need not hold where kinks meet" in str(error)  # noqa: PT017
        return
    n, m = sum(np.size(x) for x in args), np.size(numbers_of(f, args))
    assert found.derivatives == n * m + (n * n * m if order == 2 else 0)
    assert found.deviation <= found.error + 2e-6


def numbers_of(f: Callable[..., Any], args: list[Any]) -> Any:
    out = f(*[Tensor(x) if isinstance(x, np.ndarray) else Value(x) for x in args])
    return out.numpy() if isinstance(out, Tensor) else out.data


@pytest.mark.parametrize(
    ("f", "args", "derivatives"),
    [
        (lambda x, y: sin(x) * y, (1.0, 2.0), 2),
        (lambda x: x.tanh(), (0.5,), 1),
        (lambda x, unused: x * 2, (1.0, 5.0), 2),
        (lambda p: {"a": [p["w"][0] * p["b"], sin(p["b"])], "c": p["b"], "d": 7.0}, ({"w": [1.0, 2.0], "b": 3.0},), 12),
        (lambda w, x: tanh(matmul(w, x)), (MATRIX, MATRIX[0]), 3 * 16),
        (lambda x, s: (x * s).sum(), (MATRIX, 2.0), 13),
        (lambda x: [x.sum(), x[0] * x[1]], (MATRIX,), 5 * 12),
        (lambda *xs: xs[0] * xs[1], (1.0, 2.0), 2),
        (lambda x: x**3, (np.array(2.0),), 1),
        (lambda x: x * x, (Value(3.0),), 1),
        (lambda x: x * x, (Tensor([3.0, 1.0]),), 4),
        (lambda x: x * x, (3,), 1),
        (power, (2.0, 3.0), 2),
    ],
)
def test_functions_of_every_kind(f: Callable[..., Any], args: Any, derivatives: int):
    found = check_gradients(f, *args)
    assert found.derivatives == derivatives
    assert found.deviation <= found.error < 1e-6
    assert not found.kinks
    assert not found.one_sided


def test_control_flow():
    def collatz(x, n):
        for k in range(int(n)):
            x = x / 2 if k % 2 else 3 * x + 1
        while x > 1:
            x = x * x / (x + 1.5)
        return x

    assert check_gradients(lambda x: collatz(x, 5), 2.3, order=2).derivatives == 2


def test_second_order_of_every_pair():
    found = check_gradients(lambda x, w: [exp(x) * w[0], sin(w * x).sum()], 0.3, np.array([1.0, 2.0]), order=2)
    assert found.derivatives == 2 * 3 + 2 * 3 * 3
    assert found.deviation <= found.error < 1e-6


def test_large_arrays_are_checked_in_part_and_the_result_says_so():
    found = check_gradients(lambda x: tanh(x), RNG.normal(size=(20, 30)))
    assert found.derivatives == 12 * 12
    assert found.extent == "8 of 600 outputs and 4 random directions by 8 of 600 inputs and 4 random directions"
    assert "(8 of 600 outputs and 4 random directions by 8 of 600 inputs and 4 random directions)" in str(found)


def test_same_directions_on_every_run():
    x = RNG.normal(size=(10, 10))
    assert check_gradients(lambda x: tanh(x), x) == check_gradients(lambda x: tanh(x), x)


def test_single_precision_is_held_to_its_own_tolerance():
    x = MATRIX.astype(np.float32)
    found = check_gradients(lambda x: sigmoid(matmul(x, x.T)).sum(), x)
    assert found.derivatives == 12
    assert 1e-9 < found.deviation < 1e-4

    @primitive(lambda x, out: 1.001 * cos(x))
    def sine(x):
        return sin(x)

    assert blamed(complaint(lambda x: sine(x).sum(), x)) != []


def test_function_that_rounds_its_output_to_single_precision():
    found = check_gradients(lambda x: sin(x).astype(np.float32), np.array([1.0, 2.0]))
    assert found.derivatives == 4
    assert found.error > 1e-7


# ---------------------------------------------------------------------------------------------------------------------
# Kinks, jumps, ends of domains
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("f", [relu, absolute, lambda x: maximum(x, 2 * x), lambda x: floor(x) + x])
def test_kinks_are_listed_and_checked_from_both_sides(f: Any, order: int):
    found = check_gradients(lambda x: f(x), 0.0, order=order)
    assert found.derivatives == order
    (kink,) = found.kinks
    assert re.fullmatch(rf"\w+ at v\d \({re.escape(__file__)}:\d+\)", kink)
    assert f"on a kink, where the slope must lie between those on both sides: {kink}" in str(found)
    assert len(str(found).splitlines()) == 2


def test_kink_in_an_array():
    (kink,) = check_gradients(lambda x: relu(x).sum(), np.array([1.0, 0.0, -1.0])).kinks
    assert kink.startswith("relu at v1 (")


def test_wrong_slope_on_a_kink():
    @primitive(lambda x, out: where(x > 0, 1.0, 1.5), kink=lambda x: x)
    def ramp(x):
        return maximum(x, 0.0)

    assert "declared 1.5, measured 0 on the left and 1 on the right" in complaint(ramp, 0.0)


def test_kink_of_the_function_itself():
    found = check_gradients(lambda x: x if x > 3 * x else 3 * x, 0.0)
    assert found.kinks == ("the derivative in x, 1 on the left and 3 on the right",)


def test_where_kinks_meet():
    message = complaint(lambda x: relu(x) - relu(-x), 0.0)
    assert message.startswith("the derivative in x is 0.0, but measured 1 ± ")
    assert "every local derivative is right, but the chain rule need not hold where kinks meet" in message
    assert message.count("relu at v") == 2


@pytest.mark.parametrize("jump", [lambda x: 2 * x + (5 if x > 0 else 0), lambda x: sin(x) if x >= 0 else x - 1])
def test_jump(jump: Callable[..., Any]):
    message = complaint(jump, 0.0)
    assert "every local derivative is right, so f seems to jump here" in message


@pytest.mark.parametrize("f", [lambda x: x * x.item(), lambda x: x * x.data])
def test_missing_edge(f: Callable[..., Any]):
    message = complaint(f, 3.0)
    assert message.startswith("the derivative in x is 3.0, but measured 6 ± ")
    assert message.endswith("so an edge seems to be missing: does f leave the graph, for example with v.data?")


def test_function_of_the_symmetric_part():
    assert check_gradients(lambda a: cholesky(a).sum(), np.array([[4.0, 1.0], [1.0, 3.0]]), order=2).derivatives == 20
    assert check_gradients(lambda a: cholesky(matmul(a, a.T)).sum(), MATRIX[:, :3], order=2).derivatives == 90


def test_wrong_rule_beside_one_of_the_symmetric_part():
    message = complaint(lambda a: wrong_sin(cholesky(matmul(a, a.T))).sum(), MATRIX[:, :3])
    assert {edge.partition(",")[0] for edge in blamed(message)} == {"sin_of_twice_the_slope"}


@pytest.mark.parametrize(("f", "x"), [(sqrt, 0.0), (arcsin, 1.0), (arcsin, -1.0), (lambda x: x**1.5, 0.0)])
def test_end_of_a_domain(f: Any, x: float):
    found = check_gradients(lambda x: f(x), x)
    assert found.one_sided == ("the derivative in x",)
    assert str(found).endswith("measured on one side, where the domain ends: the derivative in x")


def test_infinite_slope_beside_finite_ones():
    assert check_gradients(lambda x, y: sqrt(x) * y + y, 0.0, 2.0).derivatives == 2


def test_function_that_raises_beside_the_point():
    def guarded(x):
        if x < 1 or x > 1.001:
            raise RuntimeError("outside")
        return x**3

    found = check_gradients(guarded, 1.0)
    assert found.one_sided == ("the derivative in x",)
    assert check_gradients(guarded, 1.0005).one_sided == ()


def test_function_without_values_beside_the_point():
    def point(x):
        if x != 1:
            raise ValueError
        return x * x

    assert complaint(point, 1.0) == "the derivative in x cannot be measured: f has no value on either side"


def test_random_directions_that_lead_out_of_the_domain_are_left_out():
    found = check_gradients(lambda x: (x**1.5).sum(), np.zeros(40))
    assert found.derivatives == 8
    assert len(found.one_sided) == 8
    assert "; and 4 more" in str(found)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x.max(), np.array([1.0, 1 - 1e-9, 0.5])),
        (lambda x: (np.sort(x) * np.array([1.0, 2.0, 3.0])).sum(), np.array([1.0, 1 - 1e-9, 0.5])),
        (lambda x: maximum(x, 1 - 1e-9), 1.0),
        (sqrt, 1e-20),
        (log, 1e-300),
        (lambda x: 1 / (x - 1), 1 + 1e-9),
        (lambda x: log(x - 1), 1 + 1e-12),
        (sin, 1e10),
        (lambda x: exp(-x * x * 1e8), 1e-5),
        (lambda x: x * x, 1e-160),
    ],
)
def test_right_functions_beside_a_kink_or_an_end_and_at_every_scale(f: Any, x: Any):
    found = check_gradients(f, x)
    assert (found.kinks, found.one_sided, found.unmeasured) == ((), (), ())


def test_derivatives_that_change_too_fast_are_listed():
    found = check_gradients(lambda x, y: log(x - 1) * y, 1 + 2.0**-52, 2.0)
    assert found.unmeasured == ("the derivative in x",)
    assert found.derivatives == 2
    assert str(found).startswith("1 derivative agrees in reverse, forward and measured")
    assert str(found).endswith("in reverse and forward only, since they change too fast: the derivative in x")


# ---------------------------------------------------------------------------------------------------------------------
# What cannot be checked
# ---------------------------------------------------------------------------------------------------------------------


def test_nan_in_the_values():
    f, line = lambda x, y: exp(y) + (x * math.nan + y) * y, here()
    assert complaint(f, 1.0, 2.0) == f"the value is nan from multiply at v3 ({__file__}:{line}) on"
    with np.errstate(all="ignore"):
        message = complaint(lambda x: log(x).sum() * 2.0, np.array([1.0, -1.0]))
    assert message.startswith("the value is nan from log at v1 (")
    assert complaint(lambda x: x * 1, math.nan) == "the value is nan from x on"
    assert complaint(lambda w: (w * 2).sum(), np.array([1.0, math.inf])) == "the value is inf from w on"


def test_nan_in_a_branch_that_is_not_taken_does_not_matter():
    with np.errstate(all="ignore"):
        assert check_gradients(lambda x: where(x > 0, x, log(x - 5.0)), np.array([2.0, 1.0])).derivatives == 4


def test_nan_in_the_gradient():
    f, line = lambda x: (x - 1) * sqrt(x - 1), here()
    message = complaint(f, 1.0)
    assert message == (
        f"the derivative in x is nan: the gradient is nan from sqrt, argument 1, at v3 ({__file__}:{line}) on"
    )


def test_nan_where_zero_is_multiplied_by_an_infinite_slope():
    message = complaint(lambda x: x * sqrt(x), np.array([0.0]))
    assert message.startswith("the derivative in x[0] is nan: the gradient is nan from sqrt, argument 1, at v1 (")


def test_nan_in_the_second_derivative_only():
    message = complaint(lambda x: x**1.5 * x**1.5, 0.0, order=2)
    assert message == "the second derivative in x and x is nan: the derivative of a local derivative is nan"


def test_a_branch_of_the_tangent_that_is_zero_does_not_spoil_the_second_derivative():
    assert check_gradients(lambda x, y: y * x**1.5 * (x + 1), 0.0, 2.0, order=2).derivatives == 6


def test_the_first_value_and_the_first_gradient_that_are_not_finite():
    x = Tensor([4.0, 0.0], label="x")
    f, line = lambda x: {"mean": sqrt(x).mean(), "sum": (1.0 / x).sum()}, here()
    assert str(autopsy(f, x).forward) == f"the value is inf from divide at v4 ({__file__}:{line}) on"
    assert str(autopsy(lambda: f(x)["sum"]).forward) == f"the value is inf from divide at v1 ({__file__}:{line}) on"
    found = autopsy(lambda: f(x)["mean"])
    assert found.forward is None
    assert str(found.backward) == f"the gradient is inf from sqrt, argument 1, at v1 ({__file__}:{line}) on"
    assert (found.backward.line, found.backward.rule) == (f"{__file__}:{line}", "∂v1/∂x = 1/(2*v1)")
    assert found.backward.inputs == {"x[1]": "0", "v1[1]": "0", "the gradient of v1[1]": "0.5"}
    assert autopsy(lambda: [v * 2.0 for v in (Value(1.0), Value(2.0))]).finite
    with pytest.raises(TypeError, match=r"returned no node, .* as in autopsy\(f, Value\(0.0\)\)"):
        autopsy(lambda x: sqrt(x) * 0.0, 0.0)
    assert "nan from sqrt" in str(autopsy(lambda x: sqrt(x) * 0.0, Value(0.0)).backward)
    assert str(autopsy(relu, Value(math.inf)).forward) == "the value is inf from v0 on"
    with no_grad():
        assert not autopsy(lambda: x * math.nan).finite
    with pytest.raises(ValueError, match=r"log.*test_check"):
        autopsy(lambda: log(Value(-1.0)))
    with pytest.raises(TypeError, match=r"an autopsy examines a node or a function, not float \(3\.0\)"):
        autopsy(3.0)


def test_an_autopsy_of_a_graph():
    x, b = Value(0.0, label="x"), Value(1e200, label="b")
    y = sqrt(x) * x
    y.label = "y"
    found = autopsy(y)
    assert str(found).splitlines() == [
        "forward   all values are finite",
        "backward  the gradient is nan from sqrt, argument 1, at v1 on",
        "          ∂v1/∂x = 1/(2*v1)",
        "          with x = 0, v1 = 0, the gradient of v1 = 0",
    ]
    assert found.as_json()["forward"] is None
    assert found.as_json()["backward"]["number"] == "nan"
    assert "<td>∂v1/∂x = 1/(2*v1)</td>" in found._repr_mimebundle_()["text/html"]
    overflow = autopsy(b * 1e150 * 2.0).forward
    assert (overflow.name, overflow.rule, overflow.inputs) == ("v1", "v1 = b * 1e150", {"b": "1e200"})


def test_an_autopsy_counts_constants_among_the_arguments():
    assert autopsy(lambda: 1.0 / Tensor([0.0])).backward.operand == 1


def test_finite_contributions_that_add_up_to_infinity():
    x = Value(1.0, label="x")
    found = autopsy(x * 1e308 - x * -1e308).backward
    assert (str(found), found.operand) == (
        "the gradient is inf from x on, where finite contributions add up to it",
        None,
    )


def test_the_leaf_that_is_not_finite():
    found = autopsy(Tensor([[1.0, math.nan]], label="M") @ Tensor([1.0, 1.0])).forward
    assert (str(found), found.inputs) == ("the value is nan from M on", {"M[0, 1]": "nan"})


def test_random_function():
    with pytest.raises(ValueError, match="f gives different values at the same point"):
        check_gradients(lambda x: x * random.random(), 1.0)


def test_function_without_a_graph():
    with pytest.raises(GradientError, match=r"an edge seems to be missing: does f leave the graph"):
        check_gradients(lambda x: math.sin(x.item()), 1.0)
    assert check_gradients(lambda x: 3.0, 1.0).deviation == 0.0
    with pytest.raises(TypeError, match="returned None"):
        check_gradients(lambda x: None, 1.0)


def test_functions_that_capture_nodes():
    w, v = Value(2.0), Tensor([1.0, 2.0])
    assert check_gradients(lambda x: sin(w * x), 0.5, order=2).derivatives == 2
    assert check_gradients(lambda x: (exp(v * x) * v).sum(), np.array([0.5, -1.0]), order=2).derivatives == 6
    assert w.grad is None
    assert v.grad is None


@pytest.mark.parametrize("order", [0, 3, "2"])
def test_order(order: Any):
    with pytest.raises(ValueError, match=f"order is 1 or 2, not {order!r}"):
        check_gradients(sin, 1.0, order=order)


def test_tolerance():
    @primitive(lambda x, out: 1.0001 * cos(x))
    def sine(x):
        return sin(x)

    assert check_gradients(sine, 0.5, tolerance=1e-3).deviation == pytest.approx(1e-4 * math.cos(0.5), rel=1e-3)
    assert blamed(complaint(sine, 0.5)) == ["sine, argument 1"]


def test_many_faults_are_not_all_listed():
    message = complaint(lambda x: sum((wrong_sin(x + k) for k in range(9)), start=0.0), 0.1)
    assert len(blamed(message)) == 4
    assert message.endswith("; and 5 more")


# ---------------------------------------------------------------------------------------------------------------------
# The lines of the user's code
# ---------------------------------------------------------------------------------------------------------------------


def test_profilers_are_left_alone():
    def profiler(frame, event, argument):
        return None

    sys.setprofile(profiler)
    try:
        message, line = complaint(lambda x: wrong_sin(x), 0.5), here()
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
    assert f"sin_of_twice_the_slope, argument 1, at v1 ({__file__}:{line}): declared " in message


def test_lines_of_one_thread_are_not_those_of_another():
    messages: dict[int, str] = {}

    def work(i: int) -> None:
        messages[i] = complaint(lambda x: wrong_sin(x) * i, 0.5) if i % 2 else str(check_gradients(sin, 0.5))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(messages) == list(range(1, 9))
    assert all((f"{__file__}:" in message) == (i % 2 == 1) for i, message in messages.items())


def test_a_constant_output_of_nan_is_an_error() -> None:
    with pytest.raises(GradientError, match="nan"):
        check_gradients(lambda x: Value(math.nan) * 1.0, 1.0)
