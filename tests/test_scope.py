"""A graph is left loudly: numbers that are read by ``float()``, and what says nothing because it reads on purpose."""

from __future__ import annotations

import copy
import json
import math
import pickle
import statistics
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autograd import (
    GraphLeftError,
    GraphLeftWarning,
    Tensor,
    Value,
    check_gradients,
    checkpoint,
    difference_errors,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    primitive,
    stack,
    topological_order,
    value_and_grad,
    vjp,
)
from autograd.arrays.array_operation import array_operation
from autograd.core.scope import enter_scope, open_scopes
from autograd.testing import check_primitive
from nn.neuron import Neuron


def transformed(f: Callable[[Any], Any], x: Any) -> Iterator[Callable[[], Any]]:
    """A function under every transform."""
    yield lambda: grad(f)(x)
    yield lambda: value_and_grad(f)(x)
    yield lambda: elementwise_grad(f)(x)
    yield lambda: jacobian(f)(x)
    yield lambda: hessian(f)(x)
    yield lambda: jvp(f, (x,), (np.ones_like(x),))
    yield lambda: vjp(f, x)
    yield lambda: hvp(f, (x,), (np.ones_like(x),))
    yield lambda: check_gradients(f, x)


def raises(*ways: str) -> Any:
    """The error names the ways that keep the graph, and the line."""
    patterns = [r"autograd\.sin or np\.sin", r"autograd\.stack", r"x\.item\(\)", "f-string", r"np\.isnan", *ways]
    return pytest.raises(GraphLeftError, match=".*".join(patterns))


# ---------------------------------------------------------------------------------------------------------------------
# Inside of a transform
# ---------------------------------------------------------------------------------------------------------------------


def filled(v: Any) -> Any:
    array = np.empty(2)
    array.fill(v)
    return array


def written(v: Any) -> Any:
    array = np.zeros(2)
    array[1] = v
    return array


LEAVING: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "complex": complex,
    "math.exp": math.exp,
    "math.hypot": lambda v: math.hypot(v, 1.0),
    "math.fsum": lambda v: math.fsum([v, 1.0]),
    "math.isnan": math.isnan,
    "statistics": lambda v: statistics.fmean([v, v]),
    "%-formatting": lambda v: float("%f" % v),  # noqa: UP031
    "np.float64": np.float64,
    "index": written,
    "fill": filled,
    "fromiter": lambda v: np.fromiter([v, v], float),
    "array": lambda v: np.array([v, v], dtype=float),
    "asarray": lambda v: np.asarray(v, dtype=float),
}


@pytest.mark.parametrize("point", [0.5, np.array(0.5)], ids=["Value", "Tensor"])
@pytest.mark.parametrize("name", LEAVING)
def test_a_number_that_leaves_the_graph_of_a_transform_is_an_error(name: str, point: Any) -> None:
    leave = LEAVING[name]
    for call in transformed(lambda v: np.sum(leave(v) * v), point):
        with pytest.raises(GraphLeftError, match=r"autograd\.stack"):
            call()


def test_the_message_says_what_to_do_and_where() -> None:
    with raises(r"\(.*test_scope\.py:\d+\)$"):
        grad(lambda m: m * math.exp(m))(0.5)
    with pytest.raises(GraphLeftError, match=r"^complex\(\) takes a number out of the graph"):
        grad(lambda m: m * complex(m).real)(0.5)
    with pytest.raises(TypeError):  # so that programs which expect this class go on
        grad(lambda m: m * math.exp(m))(0.5)


def test_an_array_that_is_filled_in_a_loop() -> None:
    def f(x: Any) -> Any:
        y = np.zeros(3)
        for i in range(3):
            y[i] = x[i] ** 2
        return np.sum(y * x)

    def kept(x: Any) -> Any:
        return np.sum(stack([x[i] ** 2 for i in range(3)]) * x)

    for call in transformed(f, np.ones(3)):
        with raises(r"test_scope\.py"):
            call()
    assert grad(kept)(np.ones(3)).tolist() == [3.0, 3.0, 3.0]


def test_functions_of_scipy() -> None:
    norm = pytest.importorskip("scipy.stats").norm
    for point in (0.5, np.array(0.5)):
        with pytest.raises((GraphLeftError, TypeError)):
            grad(lambda m: norm.logpdf(1.0, m, 1.0) * m)(point)


def test_an_exception_of_numpy_for_another_reason_is_left_alone() -> None:
    with pytest.raises(ValueError, match=r"inhomogeneous|setting an array element with a sequence"):
        grad(lambda m: m * np.array([[1.0], [1.0, 2.0]], dtype=float))(0.5)


def test_the_number_of_another_transform() -> None:
    with raises():  # the inner gradient depends on the outer argument
        grad(lambda x: float(grad(lambda y: x * y)(1.0)) * x)(5.0)
    with raises():  # in the inner function, the outer argument
        grad(lambda x: grad(lambda y: math.sin(x) * y)(1.0) * x)(5.0)


@pytest.mark.parametrize("on", ["Item", "stack"])
def test_dependence_across_numbers_and_arrays(on: str) -> None:
    with raises():
        if on == "Item":
            grad(lambda t: math.exp((t * 2.0).sum().value() + 1.0) * t.sum())(np.ones(2))
        else:
            grad(lambda x: float(stack([x, x]).sum()) * x)(2.0)


def test_what_a_function_captures_only_warns() -> None:
    x = Value(2.0)
    square = x * x
    with pytest.warns(GraphLeftWarning, match=r"x\.item\(\)"):
        assert grad(lambda t: math.sqrt(square) * t)(3.0) == 2.0
    assert grad(lambda t: math.sqrt(x) * t)(3.0) == math.sqrt(2.0)  # a leaf says nothing


@pytest.mark.usefixtures("functions_in_c")
def test_functions_in_c_that_are_called_by_the_package() -> None:
    for call in transformed(math.sin, 0.5):
        with raises():
            call()
    with (
        pytest.warns(GraphLeftWarning, match=r"autograd\.sin"),
        pytest.raises(TypeError, match="the activation tanh turned a Value into float"),
    ):
        Neuron(1, math.tanh)([1.0])


def test_after_the_transform_its_scope_is_closed() -> None:
    kept: list[Any] = []
    grad(lambda x: (kept.append(x), x * x)[1])(2.0)
    assert float(kept[0]) == 2.0
    with raises():
        grad(lambda x: math.exp(x))(2.0)
    assert not open_scopes


def test_checkpoints() -> None:
    with raises():
        checkpoint(lambda x: x * math.sin(x))(Value(2.0))
    with raises():
        checkpoint(lambda x: x * math.sin(x.sum()))(Tensor([2.0]))


@pytest.mark.usefixtures("functions_in_c")
@pytest.mark.parametrize("f", [math.sin, lambda x: x * math.sin(x)])
def test_difference_errors(f: Callable[[Any], Any]) -> None:
    with raises():
        difference_errors(f, [1.0], h=0.1)


def test_difference_errors_of_a_tensor() -> None:
    [row] = difference_errors(lambda x: np.sum(np.array([1.0, 2.0]) * x), [1.0])
    assert (row.derivative, row.central) == (3.0, pytest.approx(0.0, abs=1e-9))
    with no_grad():
        [row] = difference_errors(lambda x: x * x, [1.0])
    assert row.derivative == 2.0


@pytest.mark.parametrize("point", [3.0, np.array([3.0])], ids=["Value", "Tensor"])
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_inside_of_a_transform_keep_their_derivatives(copied: Callable[[Any], Any], point: Any) -> None:
    assert grad(lambda x: np.sum(copied(x) * x))(point) == 6.0
    assert grad(lambda x: np.sum(copied(x * x) * x))(point) == 27.0
    assert grad(lambda x: np.sum(copied({"x": x, "y": [x * x]})["y"][0] * x))(point) == 27.0


@pytest.mark.parametrize("point", [3.0, np.array([3.0])], ids=["Value", "Tensor"])
def test_a_pickle_leaves_the_graph(point: Any) -> None:
    for f in (lambda x: pickle.loads(pickle.dumps(x)) * x, lambda x: pickle.loads(pickle.dumps(x * x)) * x):
        with raises():
            grad(lambda x, f=f: np.sum(f(x)))(point)
    leaf = Value(2.0)
    assert grad(lambda x: pickle.loads(pickle.dumps(leaf * leaf)) * x)(3.0) == 4.0


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives that leave the graph
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def msin() -> Any:
    @primitive(lambda x, out: math.cos(x))
    def msin(x):
        return math.sin(x)

    return msin


def test_a_partial_that_leaves_the_graph(msin: Any) -> None:
    assert grad(msin)(2.0) == math.cos(2.0)
    assert jvp(msin, (2.0,), (1.0,))[1] == math.cos(2.0)
    for second in (
        lambda: grad(grad(msin))(2.0),
        lambda: hessian(msin)(2.0),
        lambda: hvp(msin, (2.0,), (1.0,)),
        lambda: jvp(grad(msin), (2.0,), (1.0,)),
        lambda: grad(lambda x: jvp(msin, (x,), (1.0,))[1])(2.0),
        lambda: grad(msin)(Value(2.0)),
        lambda: jvp(msin, (2.0,), (Value(1.0),)),
        lambda: check_gradients(msin, 2.0, order=2),
        lambda: check_primitive(msin),
    ):
        with raises():
            second()


def test_a_partial_that_leaves_the_graph_in_a_recorded_sweep(msin: Any) -> None:
    x = Value(2.0)
    y = msin(x) * x
    with raises():
        y.backward(create_graph=True)
    assert x.grad is None
    y.backward()
    assert x.grad == pytest.approx(math.sin(2.0) + 2.0 * math.cos(2.0))


def test_an_elementwise_partial_on_arrays() -> None:
    @primitive(lambda x, out: np.array([math.cos(n) for n in x]), array=np.sin)
    def asin(x):
        return math.sin(x)

    x = Tensor([1.0, 2.0])
    y = asin(x).sum()
    y.backward()
    assert x.grad.tolist() == [math.cos(1.0), math.cos(2.0)]
    with raises():
        y.backward(create_graph=True)
    with raises():
        hessian(lambda t: asin(t).sum())(np.array([1.0, 2.0]))


@pytest.mark.parametrize("reads", ["operand", "gradient"])
def test_a_vjp_that_leaves_the_graph(reads: str) -> None:
    def vjp_of(g: Any, out: Any, x: Any) -> Any:
        return 2.0 * x * float(g.sum()) if reads == "gradient" else 2.0 * float(x.sum()) * g

    @array_operation(vjp_of, jvps=[lambda t, out, x: 2.0 * float(x.sum()) * t])
    def squared(x):
        return x**2

    x = Tensor([3.0])
    y = squared(x).sum()
    y.backward()
    assert x.grad.tolist() == [6.0]
    with raises():
        y.backward(create_graph=True)
    with raises():
        grad(lambda t: grad(lambda s: squared(s).sum())(t).sum())(np.array([3.0]))
    with raises():
        jvp(lambda t: squared(t), (np.array([3.0]),), (Tensor([1.0]),))


# ---------------------------------------------------------------------------------------------------------------------
# Outside of transforms
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", [0.5, np.array(0.5)], ids=["Value", "Tensor"])
def test_outside_a_computed_node_warns_and_a_leaf_does_not(point: Any) -> None:
    x = Tensor(point) if isinstance(point, np.ndarray) else Value(point)
    assert (float(x), complex(x), math.exp(x)) == (0.5, 0.5, math.exp(0.5))
    y = x * 2.0
    for read in (float, complex, math.exp):
        with pytest.warns(GraphLeftWarning, match=r"x\.item\(\)"):
            read(y)


def test_a_line_warns_once_and_is_named() -> None:
    y = Value(2.0) * 3.0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            float(y)
        float(y)
    assert [warning.filename for warning in caught] == [__file__] * 2
    assert len({warning.lineno for warning in caught}) == 2


@pytest.mark.parametrize("read", [
    int, round, bool, math.floor, math.ceil, math.trunc, str, repr, format,
    lambda x: format(x, ".2f"), lambda x: f"{x:.3g} {x}", lambda x: x > 1.0, lambda x: x == 1.0,
    lambda x: x.item(), lambda x: x.data, np.isnan, np.isfinite, lambda x: round(x, 1),
])  # fmt: skip
def test_reading_on_purpose_says_nothing(read: Callable[[Any], Any]) -> None:
    assert grad(lambda x: (read(x * 2.0), x * x)[1])(2.5) == 5.0
    assert grad(lambda x: (read(x * 2.0), x * x)[1])(np.array(2.5)) == 5.0
    read(Value(2.5) * 2.0)
    read(Tensor(2.5) * 2.0)


@pytest.mark.parametrize("make", [Value, Tensor])
def test_the_integers_around_a_number(make: Any) -> None:
    for x in (2.5, -2.5):
        node = make(x) * 1.0
        assert (math.floor(node), math.ceil(node), math.trunc(node), int(node)) == (
            math.floor(x),
            math.ceil(x),
            math.trunc(x),
            int(x),
        )
        assert {type(read(node)) for read in (math.floor, math.ceil, math.trunc, int, round)} == {int}
        assert (round(node), round(node, 1)) == (round(x), round(x, 1))
        assert f"{node:.3f}" == f"{x:.3f}"
        assert f"{node}" == repr(node)


@pytest.mark.parametrize("make", [Value, Tensor])
def test_item_is_a_plain_number_that_keeps_no_graph(make: Any) -> None:
    x = make(3.0)
    before = sys.getrefcount(x)  # a node holds its operands
    losses = [(x * x).item() for _ in range(10)]
    assert losses == [9.0] * 10
    assert all(type(loss) is float for loss in losses)
    assert sys.getrefcount(x) == before
    assert json.dumps({"loss": (x * x).item()}) == '{"loss": 9.0}'


# ---------------------------------------------------------------------------------------------------------------------
# Threads
# ---------------------------------------------------------------------------------------------------------------------


def test_other_threads_read_their_own_numbers() -> None:
    entered, done = threading.Event(), threading.Event()
    found: list[Any] = []

    def other() -> None:
        entered.wait()
        x = Value(2.0)
        try:
            found.append(float(x))
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found.append(math.sqrt(x * 2.0))
            found.append([warning.category for warning in caught])
        finally:
            done.set()

    def f(x: Any) -> Any:
        entered.set()
        assert done.wait(10.0)
        return x * x

    thread = threading.Thread(target=other)
    thread.start()
    assert grad(f)(3.0) == 6.0
    thread.join()
    assert found == [2.0, 2.0, [GraphLeftWarning]]


def test_an_argument_that_is_handed_to_another_thread() -> None:
    def f(x: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return x * pool.submit(math.sin, x).result()

    with raises():
        grad(f)(2.0)


def test_a_scope_collects_its_leaves_when_they_are_asked_for() -> None:
    x, y = Value(1.0), Value(2.0)
    with enter_scope(iter([x])) as scope:
        made = Value(3.0)
        with raises():
            float(x * y)
        assert scope.captured(topological_order(x * y + made)) == [y]
