"""Compiled functions inside of graphs: called with nodes, and with nodes that they captured; all orders, all modes."""

from __future__ import annotations

import copy
import itertools
import math
import pickle
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import (
    RecordingError,
    Tensor,
    Value,
    compile,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    no_grad,
    relu,
    sin,
    sqrt,
    stack,
    tanh,
    vjp,
    where,
)
from autograd.testing import Graph, graphs

pytestmark = pytest.mark.usefixtures("machine")


def gradients(output: Any, *leaves: Any) -> list[Any]:
    """The gradients of fresh leaves after a sweep."""
    for leaf in leaves:
        leaf.grad = None
    output.backward()
    return [leaf.grad for leaf in leaves]


# ---------------------------------------------------------------------------------------------------------------------
# Arguments and captured nodes
# ---------------------------------------------------------------------------------------------------------------------


def test_a_captured_value_receives_its_gradient() -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x)
    assert gradients(f(3.0) + w**2, w) == [7.0]
    w.data = 5.0
    assert gradients(f(3.0) * f(1.0), w) == [30.0]  # 3 w^2


def test_a_captured_computed_value_follows_what_it_was_computed_from() -> None:
    a = Value(2.0)
    square = a * a
    f = compile(lambda x: square * x)
    assert gradients(f(3.0) + a, a) == [13.0]
    a.data = 1.0
    assert (f(3.0).data, *gradients(f(3.0) + a, a)) == (3.0, 7.0)
    assert square.data == 4.0


def test_values_as_arguments() -> None:
    f = compile(lambda y: y * y * y)
    assert grad(lambda x: f(x) * x)(2.0) == 32.0
    assert grad(grad(lambda x: f(x) * x))(2.0) == 48.0
    assert grad(grad(grad(grad(lambda x: f(x) * x))))(2.0) == 24.0
    x = Value(2.0)
    y = f(x)
    assert (y.data, type(y.data), isinstance(y, Value)) == (8.0, float, True)
    assert gradients(y * y, x) == [192.0]


def test_structures_of_nodes() -> None:
    def f(p: Any, scale: Any = 2.0) -> Any:
        return {"both": [p["a"][0] * p["b"] * scale, p["a"][1]], "one": 3.0}

    a, b = Value(2.0), Value(3.0)
    found = compile(f)({"a": [a, 5.0], "b": b})
    assert [float(x.data) for x in (*found["both"], found["one"])] == [12.0, 5.0, 3.0]
    assert gradients(found["both"][0] * found["both"][1], a, b) == [30.0, 20.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tensors_as_arguments(dtype: Any) -> None:
    f = compile(lambda x, y: sum(x[i] * x[i] for i in range(3)) * y)
    x = Tensor(np.array([1.0, 2.0, 3.0], dtype))
    (found,) = gradients(f(x, 2.0) ** 2, x)  # f is 28, and the slope 2 f times 4 x
    assert (found.tolist(), found.dtype) == ([224.0, 448.0, 672.0], dtype)
    matrix = Tensor(np.arange(6.0).reshape(2, 3))
    g = compile(lambda m: [m[1, 2] * m[0, 1], m.sum()])
    (found,) = gradients(sum(g(matrix)), matrix)
    assert found.tolist() == [[1.0, 6.0, 1.0], [1.0, 1.0, 2.0]]


def test_arrays_and_lists_of_values() -> None:
    leaves = [Value(1.0), Value(2.0)]
    f = compile(lambda x: x[0] * x[1] * x[1])
    assert gradients(f(leaves), *leaves) == [4.0, 4.0]
    assert gradients(f(np.array(leaves)), *leaves) == [4.0, 4.0]
    assert gradients(f(stack(leaves)), *leaves) == [4.0, 4.0]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_batches(reduction: str) -> None:
    """With nodes for the samples, for what they share, and captured; two outputs, one of which does not vary."""
    a = Value(0.5)
    f = compile(lambda w, x: [w * x[0] * x[1] * a, w * w], batch="x", reduction=reduction)
    w, x = Value(3.0), Tensor(np.arange(6.0).reshape(3, 2))
    products, squares = f(w, x)
    each = np.array([0.0, 6.0, 20.0])
    count = {"mean": 3.0, "sum": 1.0, "none": 1.0}[reduction]
    times = {"mean": 1.0, "sum": 3.0, "none": 3.0}[reduction]
    if reduction == "none":
        assert (products.numpy().tolist(), squares.numpy().tolist()) == ((1.5 * each).tolist(), [9.0] * 3)
        output = (products * products).sum() + squares.sum()
        slopes = 2.0 * 1.5 * each
    else:
        assert (products.data, squares.data) == (1.5 * each.sum() / count, 9.0 * times)
        output = products * products + squares
        slopes = np.full(3, 2.0 * 1.5 * each.sum() / count / count)
    at_w, at_a, at_x = gradients(output, w, a, x)
    assert at_w == pytest.approx((slopes * 0.5 * each).sum() + times * 6.0)
    assert at_a == pytest.approx((slopes * 3.0 * each).sum())
    assert np.allclose(at_x, 1.5 * slopes[:, None] * x.numpy()[:, ::-1])


def test_a_list_of_values_as_a_batch() -> None:
    xs = [Value(1.0), Value(2.0)]
    f = compile(lambda x: x * x, batch=True, reduction="sum")
    assert gradients(f(xs), *xs) == [2.0, 4.0]
    pairs = [[Value(1.0), Value(2.0)], [Value(3.0), 4.0]]
    g = compile(lambda p: p[0] * p[1], batch=True, reduction="none")
    assert gradients(g(pairs).sum(), *pairs[0], pairs[1][0]) == [2.0, 1.0, 4.0]


def test_captured_tensors() -> None:
    t = Tensor([2.0, 3.0])
    f = compile(lambda x: t[0].value() * x + t[1].value() ** 2)
    (found,) = gradients(f(5.0) * 2.0, t)
    assert found.tolist() == [10.0, 12.0]
    t.data[0] = 4.0
    assert f(5.0).data == 29.0
    assert gradients(f(5.0), t)[0].tolist() == [5.0, 6.0]
    t.data = np.array([1.0, 1.0])
    t.grad = None
    assert f.backward(5.0) == 6.0
    assert t.grad.tolist() == [5.0, 2.0]
    inner = t.sum().value()
    assert gradients(compile(lambda x: inner * x)(3.0), t)[0].tolist() == [3.0, 3.0]
    with pytest.raises(RecordingError, match="depends on its arguments"):
        compile(lambda x: (stack([x, x]) * t).sum().value())(1.0)


def test_a_tensor_that_the_function_reads_and_makes() -> None:
    t = Tensor([2.0, 3.0])
    f = compile(lambda x: x * t.numpy()[0] + Tensor([1.0, 2.0]).sum().value())
    assert f(1.0) == 5.0
    t.data[0] = 7.0
    assert f(1.0) == 10.0
    assert isinstance(f(1.0), float)  # nothing that it captured can receive a gradient


def test_no_grad_asks_for_plain_numbers() -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x)
    with no_grad():
        assert [type(f(x)) for x in (3.0, Value(3.0))] == [float, float]
        assert type(f.grad(Value(3.0))) is float
    assert isinstance(f(3.0), Value)


def test_methods_of_plain_arguments_return_plain_numbers() -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x**3)
    found = (f.value_and_grad(2.0), f.grad(2.0), f.jacobian(2.0), f.hvp((2.0,), (1.0,)), f.backward(2.0))
    assert found == ((16.0, 24.0), 24.0, 24.0, (24.0,), 16.0)
    assert all(type(x) is float for x in (*found[0], found[1], found[2], *found[3], found[4]))
    assert w.grad == 8.0


def test_methods_of_nodes_return_nodes() -> None:
    w, x = Value(2.0), Value(2.0)
    f = compile(lambda x: w * x**3)
    value, slope = f.value_and_grad(x)
    assert gradients(value, w, x) == [8.0, 24.0]
    assert gradients(slope, w, x) == [12.0, 24.0]
    assert gradients(f.jacobian(x), w, x) == [12.0, 24.0]
    assert gradients(f.hvp((x,), (1.0,))[0], w, x) == [12.0, 12.0]
    v = Value(1.0)
    assert gradients(f.hvp((2.0,), (v,))[0], w, v) == [12.0, 24.0]
    w.grad = None
    assert gradients(f.backward(x), x) == [24.0]
    assert w.grad == 8.0 + 8.0
    assert grad(f.grad)(2.0) == 24.0
    assert grad(grad(f.grad))(2.0) == 12.0


def test_derivatives_for_each_sample_are_nodes() -> None:
    w, x = Value(2.0), Tensor([1.0, 2.0, 3.0])
    f = compile(lambda w, x: w * x * x, batch="x", reduction="none")
    assert f.jacobian(w, x, argnums="x").numpy().tolist() == [4.0, 8.0, 12.0]
    assert gradients(f.jacobian(w, x, argnums="x").sum(), w) == [12.0]
    assert gradients((f.jacobian(w, x) ** 2).sum(), x)[0].tolist() == [4.0, 32.0, 108.0]


def test_all_transforms_of_functions_that_call_compiled_ones() -> None:
    f = compile(lambda x: x[0] ** 2 * x[1] + sin(x[2]))

    def outer(x: Any) -> Any:
        return f(x) * x[0]

    def eager(x: Any) -> Any:
        return (x[0] ** 2 * x[1] + sin(x[2])) * x[0]

    transforms: list[Callable[[Any, Any, Any], Any]] = [
        lambda f, x, v: grad(f)(x),
        lambda f, x, v: hessian(f)(x),
        lambda f, x, v: jacobian(grad(f))(x),
        lambda f, x, v: jvp(f, (x,), (v,)),
        lambda f, x, v: hvp(f, (x,), (v,)),
        lambda f, x, v: vjp(f, x)[1](2.0),
        lambda f, x, v: jvp(lambda y: jvp(f, (y,), (v,))[1], (x,), (v,)),
        lambda f, x, v: jvp(lambda y: hvp(f, (y,), (v,)), (x,), (v,)),
    ]
    x, v = [1.0, 2.0, 0.5], [0.5, -1.0, 2.0]
    for transform, arguments in itertools.product(transforms, [(x, v), (np.array(x), np.array(v))]):
        found, expected = (
            np.concatenate([np.ravel(p) for p in flat(transform(g, *arguments))]) for g in (outer, eager)
        )
        assert found == pytest.approx(expected, rel=1e-12)


def flat(structure: Any) -> list[Any]:
    if isinstance(structure, (list, tuple)):
        return [x for part in structure for x in flat(part)]
    return [structure]


def test_several_outputs_in_a_jacobian() -> None:
    f = compile(lambda x: [x[0] * x[1], x[1] ** 2])
    assert jacobian(lambda x: f(x))([2.0, 3.0]) == [[3.0, 2.0], [0.0, 6.0]]


def test_transforms_of_captured_nodes() -> None:
    w = Value(2.0)
    f = compile(lambda x: w * x * x)
    assert jvp(lambda x: f(x) * x, (3.0,), (1.0,))[1] == 54.0
    y = f(3.0)
    assert gradients(y, w) == [9.0]
    assert grad(lambda v: compile(lambda x: v * x)(3.0) * v)(2.0) == 12.0


def test_the_second_call_replays() -> None:
    runs = itertools.count()

    def cube(x: Any) -> Any:
        next(runs)
        return x * x * x

    f = compile(cube)
    for x in (1.0, 2.0, 3.0, 4.0):
        assert grad(lambda x: f(x) * x)(x) == 4.0 * x**3
        assert grad(grad(lambda x: f(x) * x))(x) == 12.0 * x**2
    assert next(runs) == 3  # at the first call, at the second, and with other numbers


# ---------------------------------------------------------------------------------------------------------------------
# What is not used
# ---------------------------------------------------------------------------------------------------------------------


def test_what_is_not_used_receives_nothing() -> None:
    f = compile(lambda x, y: where(x > 1.0, y, 5.0 * x))
    t = Value(0.0)
    y = f(Value(0.5), sqrt(t))  # the slope of the square root is infinite, and y is not used
    y.backward()
    assert t.grad in (None, 0.0)
    x = Tensor([0.0, 4.0])
    g = compile(lambda a, b: a * 2.0)
    root = np.sqrt(x)
    g(root[1].value(), root[0].value()).backward()
    assert x.grad.tolist() == [0.0, 0.5]


def test_which_outputs_and_samples_are_not_used() -> None:
    """Their slopes are infinite here, and they receive a zero."""
    f = compile(lambda x: [sqrt(x), x])
    assert grad(lambda x: f(x)[1] ** 2 + x)(0.0) == 1.0
    assert grad(grad(lambda x: f(x)[1] ** 2))(0.0) == 2.0
    roots = compile(lambda x: sqrt(x), batch=True, reduction="none")
    assert jacobian(lambda t: roots(t))(np.zeros(2)).tolist() == [[math.inf, 0.0], [0.0, math.inf]]
    assert grad(lambda t: roots(t)[1:].sum())(np.array([0.0, 4.0])).tolist() == [0.0, 0.25]
    second = compile(lambda x: 2.0 * x[1])
    assert hessian(lambda t: second(np.sqrt(t)))(np.array([0.0, 4.0])).tolist() == [[0.0, 0.0], [0.0, -0.0625]]
    w = Value(0.0)
    g = compile(lambda x: where(x > 0.0, sqrt(w) * x, 3.0 * x), batch=True, reduction="none")
    g(np.array([-1.0, -2.0])).sum().backward()
    assert w.grad in (None, 0.0)


@pytest.mark.parametrize("order", [1, 2])
def test_a_branch_that_is_not_taken(order: int) -> None:
    f = compile(lambda x: where(x > 0.0, x**1.5, 3.0 * x))

    def eager(x: Any) -> Any:
        return where(x > 0.0, x**1.5, 3.0 * x)

    found, expected = f, eager
    for _ in range(order):
        found, expected = grad(found), grad(expected)
    assert [found(x) for x in (0.0, 1.0)] == [expected(x) for x in (0.0, 1.0)]
    assert f.grad(-1.0) == 3.0  # where the branch that is not taken has no value


@pytest.mark.parametrize("samples", [None, 3])
def test_on_a_kink_everything_is_used(samples: int | None) -> None:
    """The square root of relu has no slope at 0: it is nan, and not 0 times an infinity that is called 0."""
    f = compile(lambda x: sqrt(relu(x)), batch=samples is not None, reduction="sum")
    x = 0.0 if samples is None else np.array([0.0, 4.0, -1.0])
    found = np.ravel(f.grad(x))
    assert math.isnan(found[0])
    if samples:
        assert found[1:].tolist() == [0.25, 0.0]
    for transform in (grad(f), lambda x: jvp(f, (x,), (1.0 if samples is None else np.ones(3),))[1]):
        assert math.isnan(np.ravel(transform(x))[0])
    assert compile(lambda x: sqrt(relu(x))).grad(-1.0) == 0.0
    assert str(compile(lambda x: -relu(x)).grad(-1.0)) == "0.0"


def test_zeros_of_a_given_seed_or_tangent_send_nothing() -> None:
    a, b = Value(0.0), Value(4.0)
    f = compile(lambda x: [sqrt(a) * x, sqrt(b) * x])
    f.backward(1.0, seed=[0.0, 1.0])
    assert (a.grad, b.grad) == (0.0, 0.25)
    g = compile(lambda x, y: sqrt(x) + y * y)
    assert g.hvp((0.0, 3.0), (0.0, 1.0)) == (0.0, 2.0)
    many = compile(lambda x: sqrt(x), batch=True, reduction="none")
    assert jacobian(lambda x: many(x))(np.array([1.0, 4.0])).tolist() == [[0.5, 0.0], [0.0, 0.25]]


# ---------------------------------------------------------------------------------------------------------------------
# Inside of another compiled function
# ---------------------------------------------------------------------------------------------------------------------


def test_a_compiled_function_becomes_a_part_of_another() -> None:
    w = Value(2.0, label="w")
    square = compile(lambda x: x * x)
    weighted = compile(lambda xs, how="a": w * xs[0] * xs[1])
    assert compile(lambda x: x * square(3.0)).value_and_grad(2.0) == (18.0, 9.0)
    assert compile(lambda x: square(x) * x).value_and_grad(2.0) == (8.0, 12.0)
    f = compile(lambda x: x * weighted([3, x]))
    assert f.value_and_grad(2.0) == (24.0, 24.0)
    assert gradients(f(2.0), w) == [12.0]
    w.data = 3.0
    assert f.value_and_grad(2.0) == (36.0, 36.0)
    arrays = compile(lambda x: x[0] * x[1])
    assert compile(lambda x: arrays(x) + arrays(np.array([1, 2]))).grad(np.array([3.0, 4.0])).tolist() == [4.0, 3.0]
    assert compile(lambda x: grad(lambda t: square(t) * t)(x)).value_and_grad(2.0) == (12.0, 12.0)


def test_what_cannot_become_a_part_of_another() -> None:
    w = Value(2.0)
    square = compile(lambda x: w * x * x)
    mean = compile(lambda x: x * x, batch=True)
    assert compile(lambda x: x * mean(np.array([1.0, 3.0]))).grad(2.0) == 5.0
    for inner in (
        lambda x: square.grad(x),
        lambda x: x * square.grad(2.0),
        lambda x: square.hvp((x,), (1.0,))[0],
        lambda x: mean(np.array([x, x])),
        lambda x: mean([x, x]),
        lambda x: square.backward(x),
    ):
        with pytest.raises(RecordingError, match=r"call its \.function"):
            compile(inner)(2.0)


# ---------------------------------------------------------------------------------------------------------------------
# Everything else that a node can do
# ---------------------------------------------------------------------------------------------------------------------


def test_a_graph_is_refreshed_copied_and_read() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    f = compile(lambda x: w * x * x)
    y = f(x) + 1.0
    x.data, w.data = 1.0, 5.0
    assert y.refresh().data == 6.0
    assert gradients(y, w, x) == [1.0, 10.0]
    twin = copy.deepcopy(y)
    assert (twin.data, gradients(y, x), "compiled" in y.tree()) == (6.0, [10.0], True)
    twin.backward()
    with pytest.raises(TypeError, match="graph of a compiled function cannot be pickled"):
        pickle.dumps(y)


def test_the_gradient_is_that_of_the_forward_pass() -> None:
    x = Value(2.0)
    f = compile(lambda x: x**3)
    y = f(x)
    y.backward(create_graph=True)
    slope, x.grad = x.grad, None
    assert slope.data == 12.0
    slope.backward(create_graph=True)
    assert x.grad.data == 12.0
    x.grad = None


def test_threads_differentiate_one_function() -> None:
    f = compile(lambda x, y: exp(x) * y + log(y))
    start = threading.Barrier(4)
    found: list[Any] = []

    def work() -> None:
        start.wait(20)
        found.append([hessian(lambda x: f(x, x))(1.0 + i / 7) for i in range(20)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    expected = [hessian(lambda x: exp(x) * x + log(x))(1.0 + i / 7) for i in range(20)]
    assert found == [pytest.approx(expected)] * 4


# ---------------------------------------------------------------------------------------------------------------------
# Random graphs
# ---------------------------------------------------------------------------------------------------------------------


def derivative(f: Callable[..., Any], point: Sequence[float], directions: Sequence[int]) -> float:
    """A partial derivative of any order, by sweeps that are recorded: one for each of the directions."""
    leaves = list(map(Value, point))
    y = f(*leaves)
    for which in directions:
        if not isinstance(y, Value):
            return 0.0
        for leaf in leaves:
            leaf.grad = None
        y.backward(create_graph=True)
        y = leaves[which].grad
    for leaf in leaves:
        leaf.grad = None
    return 0.0 if y is None else float(y.data if isinstance(y, Value) else y)


@settings(max_examples=60, deadline=None)
@given(st.data(), graphs(kinks=False), st.integers(1, 3), st.integers(0, 99))
def test_every_order_is_that_of_the_eager_engine(data: st.DataObject, graph: Graph, order: int, seed: int) -> None:
    n = len(graph.leaves)
    point = np.random.default_rng(seed).normal(size=n).tolist()
    directions = data.draw(st.lists(st.integers(0, n - 1), min_size=order, max_size=order))
    captured = data.draw(st.sets(st.integers(0, n - 1)))

    def compiled(*leaves: Any) -> Any:
        given = [i for i in range(n) if i not in captured]

        def f(*xs: Any) -> Any:
            return graph(*[leaves[i] if i in captured else xs[given.index(i)] for i in range(n)])

        return tanh(compile(f)(*[leaves[i] for i in given])) * leaves[0]

    def eager(*leaves: Any) -> Any:
        return tanh(graph(*leaves)) * leaves[0]

    expected = derivative(eager, point, directions)
    assert derivative(compiled, point, directions) == pytest.approx(expected, rel=1e-7, abs=1e-9, nan_ok=True)
    vector = np.cos(np.arange(n)).tolist()
    pushed = [jvp(lambda *x, f=f: hvp(f, x, vector), point, vector)[1] for f in (compiled, eager)]
    assert pushed[0] == pytest.approx(pushed[1], rel=1e-7, abs=1e-9, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(graphs(kinks=False), st.integers(1, 4), st.sampled_from(["mean", "sum"]), st.integers(0, 99))
def test_batches_to_the_second_order(graph: Graph, samples: int, how: str, seed: int) -> None:
    """The first leaf differs from sample to sample; the Hessian in all numbers is that of a sum in a loop."""
    n = len(graph.leaves)
    rng = np.random.default_rng(seed)
    batch, shared = rng.normal(size=samples), rng.normal(size=n - 1)
    f = compile(lambda x, rest: graph(x, *rest), batch="x", reduction=how)

    def compiled(x: Any) -> Any:
        return f(x[:samples], x[samples:]) ** 2

    def eager(x: Any) -> Any:
        total = sum([graph(x[i].value(), *[x[samples + j].value() for j in range(n - 1)]) for i in range(samples)])
        return (total / (samples if how == "mean" else 1)) ** 2

    point = np.concatenate([batch, shared])
    for transform in (grad, hessian):
        expected = transform(eager)(point)
        scale = 1.0 + np.abs(np.nan_to_num(expected)).max()
        assert np.allclose(transform(compiled)(point), expected, rtol=1e-7, atol=1e-9 * scale, equal_nan=True)
