"""The sweep on graphs small enough to differentiate by hand, and on graphs far too large to."""

from __future__ import annotations

import contextlib
import copy
import gc
import math
import pickle
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, adjoints, affine, exp, log, naive_sweep, relu, sigmoid, stack, topological_order, where
from autograd.core.sweep import node_names, sweep_back
from autograd.core.value import derivative, parents_first
from autograd.testing import Graph, graphs


def named(data: float, label: str) -> Value:
    return Value(data, label=label)


# ---------------------------------------------------------------------------------------------------------------------
# Gradients by hand
# ---------------------------------------------------------------------------------------------------------------------


def test_gradients_accumulate_in_leaves_alone() -> None:
    x = named(3.0, "x")
    h = x * x
    y = h * 2
    y.backward()
    assert (x.grad, h.grad, y.grad) == (12.0, 2.0, 1.0)  # y = 2x², dy/dx = 4x
    y.backward()
    assert (x.grad, h.grad, y.grad) == (24.0, 2.0, 1.0)
    x.grad = None
    y.backward()
    assert x.grad == 12.0


def test_sweeps_from_two_outputs_add_up() -> None:
    x = Value(3.0)
    h = x * x
    (2 * h).backward()
    (h * h).backward()
    assert x.grad == 12.0 + 108.0  # d(2x²) = 4x, d(x⁴) = 4x³
    assert h.grad == 18.0  # the last sweep's alone: d(h²) = 2h, and h = 9


def test_the_seed_scales_the_gradient() -> None:
    x = Value(3.0)
    y = x * x
    y.backward(seed=-0.5)
    assert (x.grad, y.grad) == (-3.0, -0.5)
    with pytest.raises(TypeError):
        y.backward(seed="1")
    assert x.grad == -3.0


def test_a_leaf_is_its_own_gradient() -> None:
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0


def test_what_no_sweep_reached_has_no_gradient() -> None:
    x, unused = Value(3.0), Value(4.0)
    y = x * 2
    later = y * unused
    y.backward()
    assert (x.grad, unused.grad, later.grad) == (2.0, None, None)


def test_reached_without_a_contribution_is_zero() -> None:
    x = Value(-3.0)
    relu(x).backward()
    assert x.grad == 0.0


@pytest.mark.parametrize(
    ("f", "slope"),  # at x = 2
    [
        (lambda x: 3 - x, -1.0),
        (lambda x: x - 3, 1.0),
        (lambda x: 3 / x, -0.75),
        (lambda x: x / 4, 0.25),
        (lambda x: x**3, 12.0),
        (lambda x: 1**x, 0.0),
        (lambda x: 7 % x, -3.0),
        (lambda x: x % 7, 1.0),
        (lambda x: x - x, 0.0),
        (lambda x: x / x, 0.0),
        (lambda x: (x + 1) * (x + 1), 6.0),
    ],
)
def test_order_of_operands(f: Any, slope: float) -> None:
    x = Value(2.0)
    f(x).backward()
    assert x.grad == slope


# ---------------------------------------------------------------------------------------------------------------------
# The order, and what the sweep asks of a node
# ---------------------------------------------------------------------------------------------------------------------


def test_topological_order_of_several_outputs_and_of_a_part() -> None:
    x = Value(2.0)
    h = x * x
    y, z = h + x, exp(h)
    assert [id(node) for node in topological_order(y, z)] == [id(node) for node in (x, h, y, z)]
    assert [id(node) for node in topological_order(z, stop=lambda node: node is h)] == [id(h), id(z)]
    total = z + y  # what stands on the left is walked first
    assert [id(node) for node in topological_order(total)] == [id(node) for node in (x, h, z, y, total)]
    assert topological_order() == []


class Scale:
    """A node that is no Value: it multiplies the sum of its parents by an exact fraction."""

    def __init__(self, factor: Fraction, *parents: Scale) -> None:
        self.factor, self.parents = factor, parents

    def pull(self, gradient: Fraction) -> Iterator[tuple[Scale, Fraction]]:
        return ((parent, gradient * self.factor) for parent in self.parents)


def test_the_sweep_takes_any_kind_of_node() -> None:
    x = Scale(Fraction(1))
    third, half = Scale(Fraction(1, 3), x), Scale(Fraction(1, 2), x, x)
    y = Scale(Fraction(1), third, half)
    assert adjoints(topological_order(y), Fraction(1))[x] == Fraction(4, 3)  # 1/3 + 1/2 + 1/2


@given(st.lists(st.sampled_from([None, "x", "x_2", "x_3", "y", "v0", "v1", "v2_2", "x_2_2"])))
def test_no_two_nodes_share_a_name(labels: list[str | None]) -> None:
    nodes = [Value(0.0, label=label) for label in labels]
    names = list(node_names(nodes).values())
    assert len(set(names)) == len(nodes)
    for label in {*labels} - {None}:
        assert names[labels.index(label)] == label  # the first of a name keeps it


def test_equal_labels_are_numbered() -> None:
    def names(*labels: str | None) -> list[str]:
        return list(node_names([Value(0.0, label=label) for label in labels]).values())

    assert names("a", "a", None, "a") == ["a", "a_2", "v2", "a_3"]
    assert names("z[1]_2", "z[2]_1", "b") == ["z[1]_2", "z[2]_1", "b"]  # one sample: no number of samples
    assert names("z[1]_2", "z[1]_2", "z[2]_1") == ["z[1](1)_2", "z[1](2)_2", "z[2]_1"]


# ---------------------------------------------------------------------------------------------------------------------
# Naive orders
# ---------------------------------------------------------------------------------------------------------------------


def diamond(order_of_sum: str) -> tuple[Value, Value, Value, Value]:
    """b = 3a, c = 5b, y = b + c: dy/db = 1 + 5 = 6 and dy/da = 18, along two paths from b to y."""
    a = named(2.0, "a")
    b = 3 * a
    c = 5 * b
    y = b + c if order_of_sum == "b + c" else c + b
    b.label, c.label, y.label = "b", "c", "y"
    return a, b, c, y


@pytest.mark.parametrize("order", ["depth-first", "breadth-first"])
def test_a_node_visited_too_early_loses_what_arrives_later(order: str) -> None:
    a, b, c, y = diamond("b + c")
    sweep = naive_sweep(y, order)
    assert sweep.too_early is b
    assert sweep.missing == [c]
    assert sweep.naive == {y: 1.0, b: 6.0, c: 1.0, a: 3.0}  # b handed on the 1 of the short path alone: 3 · 1
    assert sweep.true == {y: 1.0, b: 6.0, c: 1.0, a: 18.0}
    visits = "y → b → a → c" if order == "depth-first" else "y → b → c → a"
    assert str(sweep).splitlines() == [
        f"naive order:       {visits}",
        "topological order: y → c → b → a",
        "b was visited too early: it handed on its gradient before the contribution of c had arrived.",
        "dy/da: naive 3.0, true 18.0",
    ]
    assert a.grad is b.grad is None


def test_depth_first_happens_to_be_right_where_the_long_way_comes_first() -> None:
    _, _, _, y = diamond("c + b")
    sweep = naive_sweep(y, "depth-first")
    assert (sweep.too_early, sweep.missing) == (None, [])
    assert sweep.naive == sweep.true
    assert str(sweep).endswith("happens to be right.")


def test_breadth_first_is_wrong_where_the_ways_differ_in_length() -> None:
    # b = 3a, c = 5b, d = 2c, y = d + b: dy/db = 10 + 1.  Level by level b comes before c.
    a, b, c, _ = diamond("b + c")
    d = 2 * c
    y = d + b
    assert naive_sweep(y, "depth-first").too_early is None
    sweep = naive_sweep(y, "breadth-first")
    assert (sweep.too_early, sweep.missing) == (b, [c])
    assert (sweep.naive[a], sweep.true[a]) == (3.0, 33.0)


def test_a_child_on_two_edges_is_missed_once() -> None:
    a = named(2.0, "a")
    b = 3 * a
    c = b * b
    y = b + c
    sweep = naive_sweep(y)
    assert (sweep.too_early, sweep.missing) == (b, [c])
    assert (sweep.naive[a], sweep.true[a]) == (3.0, 39.0)  # dy/db = 1 + 2b = 13


def test_a_leaf_is_never_too_early_since_it_hands_on_nothing() -> None:
    a = named(2.0, "a")
    sweep = naive_sweep(a + 3 * a)
    assert sweep.too_early is None
    assert sweep.naive[a] == sweep.true[a] == 4.0


def test_a_branch_not_selected_is_no_mistake_of_the_order() -> None:
    x = named(-1.0, "x")
    sweep = naive_sweep(relu(2 * x))
    assert sweep.naive.get(x) is sweep.true[x] is None
    assert str(sweep).endswith("happens to be right.")


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(ValueError, match=r"order must be .*, not 'sideways'"):
        naive_sweep(Value(1.0), "sideways")


# ---------------------------------------------------------------------------------------------------------------------
# Graphs far too large for recursion, or for a visit to every path
# ---------------------------------------------------------------------------------------------------------------------


def chain(x: Value, length: int) -> Value:
    for _ in range(length):
        x = x * -1.0
    return x


def test_a_chain_of_a_million_operations() -> None:
    x = Value(3.0)
    y = chain(x, 1_000_000)
    y.backward()
    assert (y.data, x.grad) == (3.0, 1.0)
    again = copy.deepcopy(y)
    del x, y  # freed without recursion, or the process would end here
    assert again.grad == 1.0


def test_a_long_chain_is_pickled_and_refreshed_without_recursion() -> None:
    again = pickle.loads(pickle.dumps(chain(Value(3.0), 100_001)))
    leaf = topological_order(again)[0]
    leaf.data = 4.0
    assert again.refresh().data == -4.0
    again.backward()
    assert leaf.grad == -1.0


@pytest.mark.parametrize("step", ["-x", "1.0 * x", "where(0.0, 1.0, x)", "affine([x], [1.0], x)"])
def test_a_long_chain_is_freed_at_exit_of_a_process(step: str) -> None:
    program = f"""
from autograd import *
x = Value(1.0)
for _ in range(200_000):
    x = {step}
del x
print("freed")
y = Value(1.0)
for _ in range(200_000):
    y = -y
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "freed\n", "")


def test_more_paths_than_could_be_walked() -> None:
    x = Value(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


@given(graphs(), st.floats(-2, 2))
def test_adjoints_are_those_of_the_sweep_as_it_is_written(graph: Graph, seed: float) -> None:
    """Compiled, they come from a sweep whose state is in the nodes."""
    order = topological_order(list(graph.build().values())[-1])
    for _ in range(2):  # the state is forgotten
        assert repr(adjoints(order, seed)) == repr(sweep_back(order, {order[-1]: seed}))
        for x in order:
            assert repr(derivative(order, x)) == repr(sweep_back(order, {order[-1]: 1.0})[x] or 0.0)
    assert all(x.grad is None for x in order)


# ---------------------------------------------------------------------------------------------------------------------
# No garbage
# ---------------------------------------------------------------------------------------------------------------------


def example(x: Value) -> Value:
    return where(x > 0, sigmoid(x * x + exp(x)), 0.0) + affine([x, x], [x, 2.0], 1.0)


def fail(x: Value) -> None:
    with contextlib.suppress(ValueError):
        log(example(x) - 100)


@pytest.mark.parametrize(
    "use",
    [
        example,
        lambda x: example(x).backward(),
        lambda x: example(x).refresh(),
        lambda x: naive_sweep(example(x)),
        lambda x: copy.deepcopy(example(x)),
        lambda x: pickle.loads(pickle.dumps(example(x))),
        fail,
    ],
)
def test_a_graph_is_freed_as_soon_as_nobody_holds_it(use: Any) -> None:
    x = Value(0.5)
    held = sys.getrefcount(x)
    gc.collect()
    gc.disable()
    try:
        use(x)
        assert sys.getrefcount(x) == held  # freed by counting references alone
        assert gc.collect() == 0  # and nothing goes in circles
    finally:
        gc.enable()


def test_a_gradient_keeps_the_sign_of_its_zero() -> None:
    x = Value(2.0)
    y = x * -0.0
    z = y + 1.0
    z.backward()
    assert (math.copysign(1.0, x.grad), y.grad, z.grad) == (-1.0, 1.0, 1.0)


def test_the_faster_order_is_the_topological_order() -> None:
    x, y = Value(2.0), Value(3.0)
    a, b = x * y, affine([x, y, 0.5], [y, 2.0, x], 1.0)
    for outputs in ([a * b + x], [b, a * b], [a, a], [x]):
        for _ in range(2):  # nothing is left in the nodes
            assert list(map(id, parents_first(outputs))) == list(map(id, topological_order(*outputs)))
    mixed = stack([x, y]).sum().value() * a
    assert parents_first([a, mixed]) is None
    assert len(parents_first([a])) == 3
