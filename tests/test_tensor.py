"""Tensor: the table of calculus number by number on arrays, Python's and NumPy's ways of calling it, and its errors."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import BroadcastableShapes, mutually_broadcastable_shapes

from autograd import PRIMITIVES, Value, log, primitive, relu, sigmoid, sqrt, tanh, where
from autograd.arrays.tensor import Tensor
from autograd.core.grad_mode import no_grad
from autograd.core.rules import affine_map, dot_product, sum_terms
from autograd.core.sweep import adjoints, tangents, topological_order
from autograd.testing import check_function, points

pytestmark = pytest.mark.same_in_both_modes

FIXED = [name for name, op in PRIMITIVES.items() if not op.variadic]
X = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.75]])

# ---------------------------------------------------------------------------------------------------------------------
# The table on arrays
# ---------------------------------------------------------------------------------------------------------------------


def columns(points: list[tuple[float, ...]]) -> list[np.ndarray]:
    return [np.array(column) for column in zip(*points, strict=True)]


def smooth_operands(name: str, data: Any, point_filter: Any = None) -> tuple[Any, list[np.ndarray]]:
    """The primitive as a function of those operands that count, and columns of points where it is smooth."""
    op = PRIMITIVES[name]
    fixed = sum(interval.fixed for interval in op.domain)  # what chooses comes first
    smooth = points(op, kinks=False, lattice=True).filter(
        lambda point: point_filter is None or point_filter(point[fixed:])
    )
    operands = columns(data.draw(st.lists(smooth, min_size=1, max_size=4)))
    return (lambda *xs: op(*operands[:fixed], *xs)), operands[fixed:]


@pytest.mark.parametrize("name", FIXED)
@given(data=st.data())
def test_every_primitive_against_differences(name: str, data: Any) -> None:
    f, operands = smooth_operands(name, data)
    check_function(f, *operands, second=False)


@pytest.mark.parametrize("name", FIXED)
@given(data=st.data())
def test_number_by_number_it_is_what_values_compute(name: str, data: Any) -> None:
    op = PRIMITIVES[name]
    drawn = data.draw(st.lists(points(op, reach=25.0) | points(op, lattice=True), min_size=1, max_size=4))
    tensors = [Tensor(column) for column in columns(drawn)]
    y = op(*tensors)
    y.backward(np.ones(y.shape))
    for place, point in enumerate(drawn):
        values = [Value(x) for x in point]
        single = op(*values)
        single.backward()
        np.testing.assert_allclose(y.data[place], single.data, rtol=1e-13, atol=1e-300)
        found, wanted = [t.grad[place] for t in tensors], [v.grad for v in values]
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-300)


def moderate(point: tuple[float, ...]) -> bool:
    """Away from where derivatives are infinite, and from where they are too large for differences to be exact."""
    return all(0.1 < abs(x) < 3.0 and abs(abs(x) - 1.0) > 0.1 for x in point)


@pytest.mark.parametrize("name", [name for name in FIXED if name not in ("floor", "floor_divide", "sign")])
@given(data=st.data())
def test_second_derivatives_against_differences(name: str, data: Any) -> None:
    f, operands = smooth_operands(name, data, moderate)
    check_function(f, *operands)


@pytest.mark.parametrize("op", [sum_terms, dot_product, affine_map])
def test_n_ary_rows(op: Any) -> None:
    terms = [X + k for k in range(5 if op is affine_map else 4)]
    check_function(lambda *xs: op(*xs), *terms)


@given(shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3, min_side=0))
def test_operands_broadcast_and_gradients_add_up(shapes: BroadcastableShapes) -> None:
    a, b = shapes.input_shapes
    rng = np.random.default_rng(0)
    check_function(lambda x, y: x * y + x / y - y**x, rng.uniform(0.5, 1.5, a), rng.uniform(0.5, 1.5, b))


@pytest.mark.parametrize("name", FIXED)
@pytest.mark.parametrize("shape", [(), (3,), (0,)])
def test_float32_stays_float32(name: str, shape: tuple[int, ...]) -> None:
    op = PRIMITIVES[name]
    ends = [(max(d.low, -1.0), min(d.high, 3.0)) for d in op.domain]
    inside = [1.0 if d.fixed else 0.4 * low + 0.6 * high + 0.05 for d, (low, high) in zip(op.domain, ends, strict=True)]
    operands = [Tensor(np.full(shape, x, np.float32)) for x in inside]
    y = op(*operands)
    y.backward(np.ones(shape), create_graph=True)
    assert y.dtype == np.float32
    assert [x.grad.dtype for x in operands] == [np.float32] * len(operands)
    assert y.shape == shape


def test_mixed_dtypes_follow_numpy() -> None:
    x = Tensor(np.ones(2, np.float32))
    for other in (2, 2.0, True, np.float32(2), np.float64(2), np.ones(2, np.float16), np.ones(2, int), np.ones(2)):
        y = x * other
        assert y.dtype == (x.numpy() * other).dtype
        x.grad = None
        y.backward([1.0, 1.0])
        assert x.grad.dtype == np.float32


# ---------------------------------------------------------------------------------------------------------------------
# Every way to call it
# ---------------------------------------------------------------------------------------------------------------------

A = np.array([2.0, 3.0, 4.0])


@pytest.mark.parametrize("other", [2, 2.0, np.float64(2), np.int64(2), A, [2.0, 3.0, 4.0], np.array(2.0), True])
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**", "%", "//"])
def test_operators_on_either_side(symbol: str, other: Any) -> None:
    x = np.array([1.5, 2.5, 3.5])
    for expression in (f"x {symbol} other", f"other {symbol} x"):
        found = eval(expression, {"x": Tensor(x), "other": other})
        assert type(found) is Tensor
        np.testing.assert_array_equal(found.numpy(), eval(expression, {"x": x, "other": other}))
    if symbol != "//" and symbol != "%":
        check_function(lambda t: eval(f"(other {symbol} t) * (t {symbol} other)", {"t": t, "other": other}), x)


def test_unary_operators() -> None:
    check_function(lambda x: -x * abs(x) + +x, X)


UFUNCS = [
    *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "square", "reciprocal", "negative", "positive"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arctanh", "sign", "floor"),
    *("absolute", "fabs"),
]


@pytest.mark.parametrize("name", UFUNCS)
def test_numpy_functions_of_one_operand(name: str) -> None:
    x = np.array([0.25, 0.5, 0.875])
    found = getattr(np, name)(Tensor(x))
    assert type(found) is Tensor
    np.testing.assert_array_equal(found.numpy(), getattr(np, name)(x))


@pytest.mark.parametrize(
    "name",
    [
        *("add", "subtract", "multiply", "divide", "true_divide", "power", "float_power", "mod", "remainder"),
        *("floor_divide", "maximum", "minimum", "hypot", "arctan2", "matmul"),
    ],
)
def test_numpy_functions_of_two_operands(name: str) -> None:
    x = np.array([1.5, 2.5, 3.5])
    f = getattr(np, name)
    for operands in ((Tensor(x), A), (A, Tensor(x)), (Tensor(x), Tensor(A)), (Tensor(x), [2.0, 3.0, 4.0])):
        found = f(*operands)
        assert type(found) is Tensor
        np.testing.assert_array_equal(found.numpy(), f(*[t.numpy() if isinstance(t, Tensor) else t for t in operands]))


def test_numpy_where_and_clip() -> None:
    x = Tensor(X)
    np.testing.assert_array_equal(np.where(x > 0, x, 0.0).numpy(), np.where(X > 0, X, 0.0))
    np.testing.assert_array_equal(np.clip(x, 0.0, 1.0).numpy(), np.clip(X, 0.0, 1.0))
    np.testing.assert_array_equal(np.clip(x, None, 1.0).numpy(), np.clip(X, None, 1.0))
    np.testing.assert_array_equal(x.clip(0.0, 1.0).numpy(), X.clip(0.0, 1.0))


def test_reading_functions_give_plain_results() -> None:
    x = Tensor(X)
    assert (np.shape(x), np.ndim(x), np.size(x), np.argmax(x)) == ((2, 3), 2, 6, 3)
    assert np.isfinite(x).all()
    assert type(np.greater(x, 0.0)) is np.ndarray
    assert type(np.zeros_like(x)) is np.ndarray
    assert np.allclose(x, X)
    assert np.array_equal(x == X, np.full((2, 3), True))
    assert not (x != X).any()
    assert ((x < 1) == (X < 1)).all()
    assert ((x >= 1) == (X >= 1)).all()
    assert ((x > x) == (X > X)).all()


def test_a_single_number() -> None:
    x = Tensor(2.5)
    assert (float(x), int(x), bool(x), x.item(), x.shape, x.ndim, x.size) == (2.5, 2, True, 2.5, (), 0, 1)
    y = x * x
    y.backward()
    assert (y.item(), float(x.grad), x.grad.shape) == (6.25, 5.0, ())


def test_as_a_sequence() -> None:
    x = Tensor(X)
    assert len(x) == 2
    rows = list(x)
    assert [row.shape for row in rows] == [(3,), (3,)]
    (rows[0] * rows[1]).sum().backward()
    np.testing.assert_array_equal(x.grad, X[::-1])


def test_arrays_on_the_left_of_a_matrix_product() -> None:
    w = Tensor(A)
    y = X @ w
    y.backward([1.0, 1.0])
    np.testing.assert_array_equal(y.numpy(), X @ A)
    np.testing.assert_array_equal(w.grad, X.sum(axis=0))


# ---------------------------------------------------------------------------------------------------------------------
# The node
# ---------------------------------------------------------------------------------------------------------------------


def test_what_a_tensor_takes() -> None:
    assert Tensor([1, 2]).dtype == np.float64
    assert Tensor(3).dtype == np.float64
    assert Tensor(np.float32(3)).dtype == np.float32
    assert Tensor(X.astype(np.float32)).dtype == np.float32
    assert Tensor([]).shape == (0,)
    a = X.copy()
    t = Tensor(a)
    a[...] = 0.0
    np.testing.assert_array_equal(t.data, X)


def test_a_node_is_plain_data() -> None:
    x, y = Tensor(X, label="x"), Tensor(A)
    z = x * y
    s = z.sum(axis=0)
    assert z.op is PRIMITIVES["multiply"]
    assert z.operands == (x, y) or z.operands[0] is x
    assert [id(parent) for parent in (x * x).parents] == [id(x), id(x)]
    assert s.options == {"axis": 0, "keepdims": False}
    assert (x.op, x.operands, x.parents, x.label, x.grad) == (None, (), (), "x", None)
    assert len({x, y, z}) == 3


def test_repr() -> None:
    assert repr(Tensor([1.0, 2.5], label="x")) == "Tensor([1. , 2.5], label='x')"
    assert repr(Tensor(np.float32(1)) * 2) == "Tensor(2., dtype=float32, op=multiply)"


def test_detach_and_numpy_copy() -> None:
    x = Tensor([1.0, 2.0])
    y = x * x.detach()
    y.backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [1.0, 2.0])
    x.numpy()[0] = 9.0
    x.detach().data[0] = 9.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


def test_no_grad() -> None:
    x = Tensor([1.0, 2.0])

    @no_grad()
    def double(t: Tensor) -> Tensor:
        return t * 2

    with no_grad():
        inside = x[:1]
        with no_grad():
            pass
        again = x + 1
    inside.data[0] = 9.0
    assert (inside.op, again.op, double(x).op, (x * 2).op) == (None, None, None, PRIMITIVES["multiply"])
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    with pytest.raises(ZeroDivisionError), no_grad():
        _ = 1 / 0
    assert (x * 2).op is not None


def test_nothing_holds_the_graph() -> None:
    gc.disable()
    try:
        x = Tensor(X)
        y = (tanh(x) * x).sum()
        y.backward()
        middle = weakref.ref(y.parents[0])
        del y
        assert middle() is None
    finally:
        gc.enable()


def test_a_long_chain() -> None:
    x = Tensor([1.0])
    y = x
    for _ in range(20_000):
        y = y + 1.0
    y.backward()
    assert x.grad == [1.0]
    del y


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda graph: pickle.loads(pickle.dumps(graph))])
def test_graphs_are_copied_and_pickled_whole(copied: Any) -> None:
    x = Tensor(X, label="x")
    y = (np.exp(x[:, [0, 0, 2]]) * A).sum(axis=0)[1:]
    y.backward([1.0, 2.0])
    wanted, x.grad = x.grad, None
    other, end = copied([x, y])
    end.backward([1.0, 2.0])
    np.testing.assert_array_equal(other.grad, wanted)
    assert (other.label, x.grad, end.op.name) == ("x", None, "getitem")
    long = x
    for _ in range(5_000):
        long = long + 1.0
    np.testing.assert_array_equal(copied(long).numpy(), long.numpy())
    x.data += 1.0
    with pytest.raises(RuntimeError, match="the data of Tensor 'x' was written to"):
        copied(y)


# ---------------------------------------------------------------------------------------------------------------------
# The sweep
# ---------------------------------------------------------------------------------------------------------------------


def test_gradients_accumulate_in_leaves_alone() -> None:
    x = Tensor([1.0, 2.0])
    h = x * x
    y = h * 2
    y.backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [4.0, 8.0])
    y.backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [8.0, 16.0])
    np.testing.assert_array_equal(h.grad, [2.0, 2.0])
    x.grad = None
    y.backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [4.0, 8.0])


def test_gradients_of_leaves_are_their_own() -> None:
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    z = x + y
    seed = np.ones(2)
    z.backward(seed)
    x.grad *= 5.0
    np.testing.assert_array_equal(y.grad, [1.0, 1.0])
    np.testing.assert_array_equal(z.grad, [1.0, 1.0])
    np.testing.assert_array_equal(seed, [1.0, 1.0])
    w = Tensor(X)
    w.reshape(6).sum().backward()
    w.grad[0, 0] = 7.0
    np.testing.assert_array_equal(w.grad[1], np.ones(3))


def test_a_diamond_a_shared_operand_and_an_unused_path() -> None:
    check_function(lambda x: (x * x) * (x + x) - where(X > 0, x, 0.0 * x), X)


def test_create_graph_to_third_order() -> None:
    x = Tensor([0.5, 2.0])
    y = x**4
    y.backward([1.0, 1.0], create_graph=True)
    first, x.grad = x.grad, None
    first.backward([1.0, 1.0], create_graph=True)
    second, x.grad = x.grad, None
    second.backward(Tensor([1.0, 1.0]))
    np.testing.assert_allclose(first.numpy(), [4 * 0.5**3, 4 * 8.0])
    np.testing.assert_allclose(second.numpy(), [12 * 0.25, 12 * 4.0])
    np.testing.assert_allclose(x.grad, [24 * 0.5, 24 * 2.0])
    y.backward([1.0, 1.0], create_graph=True)
    assert isinstance(x.grad, Tensor)


def test_what_is_not_chosen_sends_nothing() -> None:
    x = Tensor([0.0, 4.0, -1.0])
    with np.errstate(all="ignore"):
        y = where(x > 0, sqrt(x), 0.0) + where(x > 0, log(x), 1.0)
    y.backward(np.ones(3))
    np.testing.assert_array_equal(x.grad, [0.0, 0.25 + 0.25, 0.0])
    x.grad = None
    y.backward(np.ones(3), create_graph=True)
    np.testing.assert_array_equal(x.grad.numpy(), [0.0, 0.5, 0.0])
    b = Tensor([1.0, 2.0])
    where(np.array([True, False]), 1.0, b).backward([np.nan, 1.0])
    np.testing.assert_array_equal(b.grad, [0.0, 1.0])


def test_slopes_at_the_ends_of_a_domain_warn_nobody() -> None:
    x = Tensor([0.0, 1.0])
    sqrt(x).backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [np.inf, 0.5])
    big = Tensor([-1e300, 1e300])
    sigmoid(big).backward([1.0, 1.0])
    np.testing.assert_array_equal(big.grad, [0.0, 0.0])
    with pytest.warns(RuntimeWarning, match="divide by zero"):  # the forward pass warns as NumPy does
        log(x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_reached_without_a_contribution_is_zero(dtype: Any) -> None:
    x = Tensor(np.array([-3.0, -1.0, 0.0, 2.0, np.nan], dtype))
    relu(x).backward([1.0, -1.0, -2.0, 3.0, 4.0])
    np.testing.assert_array_equal(x.grad, [0.0, 0.0, 0.0, 3.0, 0.0])
    assert not np.signbit(x.grad).any()  # and not -0.0, which prints as "-0."
    assert x.grad.dtype == dtype
    x.grad = None
    relu(x).backward([np.inf, np.nan, -np.inf, np.nan, np.nan])
    np.testing.assert_array_equal(x.grad, [0.0, 0.0, np.nan, np.nan, 0.0])  # on the kink, 0 is a computed slope


@pytest.mark.parametrize("largest", [0.5, 3.0, 30.0, 1e3])
def test_the_slope_of_tanh_is_exact_also_where_tanh_is_one(largest: float) -> None:
    points = np.linspace(-largest, largest, 101)
    x = Tensor(points)
    tanh(x).backward(np.ones(101))
    true = [4.0 * math.exp(-2.0 * abs(p)) / (1.0 + math.exp(-2.0 * abs(p))) ** 2 for p in points]
    np.testing.assert_allclose(x.grad, true, rtol=1e-12)
    y = Tensor([[np.nan, np.inf, 20.0]])
    tanh(y).backward(np.ones((1, 3)))
    np.testing.assert_allclose(y.grad, [[np.nan, 0.0, 4.0 * math.exp(-40.0)]], rtol=1e-12)
    z = Tensor(20.0)
    tanh(z).backward()
    np.testing.assert_allclose(z.grad, 4.0 * math.exp(-40.0), rtol=1e-12)


def test_a_primitive_of_the_users_own() -> None:
    @primitive(lambda x, out: -2.0 * x * out)
    def bell(x: Any) -> Any:
        return np.exp(-x * x)

    check_function(bell, X)

    @primitive(lambda x, out: 1.0)
    def same(x: Any) -> Any:
        return x

    x = Tensor([1.0, 2.0])
    y = same(x)
    y.data[0] = 9.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


# ---------------------------------------------------------------------------------------------------------------------
# Data that changes
# ---------------------------------------------------------------------------------------------------------------------


def written(x: Tensor) -> None:
    x.data[0] = 5.0


def replaced(x: Tensor) -> None:
    x.data -= 1.0


def assigned(x: Tensor) -> None:
    x.data = [7.0, 8.0]


def shuffled(x: Tensor) -> None:
    x.data[:] = x.data[::-1].copy()


CHANGES = [written, replaced, assigned, shuffled]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x[:1] * 2.0, lambda x: x.reshape(2, 1) ** 2])
def test_a_write_between_computation_and_sweep_is_an_error(f: Any, change: Any) -> None:
    x = Tensor([1.0, 2.0], label="x")
    y = f(x)
    change(x)
    with pytest.raises(RuntimeError, match="the data of Tensor 'x' was written to after"):
        y.backward(np.ones(y.shape))
    assert x.grad is None
    y = f(x)
    y.backward(np.ones(y.shape))
    fresh = Tensor(x.numpy())
    f(fresh).backward(np.ones(y.shape))
    np.testing.assert_array_equal(x.grad, fresh.grad)


def test_arrays_handed_out_early_are_watched_too() -> None:
    x = Tensor([1.0, 2.0])
    a = x.data
    y = x * x
    a[1] = 9.0
    with pytest.raises(RuntimeError, match=r"a Tensor of shape \(2,\)"):
        y.backward([1.0, 1.0])


def test_a_result_that_was_written_to_is_noticed() -> None:
    x = Tensor([1.0, 2.0])
    y = np.exp(x)
    y.data[0] = 0.0
    with pytest.raises(RuntimeError, match="after exp had used it"):
        y.backward([1.0, 1.0])


def test_writing_to_a_view_leaves_the_rest_alone() -> None:
    x = Tensor([1.0, 2.0])
    y = x * x
    x[:1].data[0] = 9.0
    y.backward([1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [2.0, 4.0])


@pytest.mark.parametrize("early", [False, True])
def test_no_view_is_written_to_from_elsewhere(early: bool) -> None:
    x = Tensor([1.0, 2.0], label="x")
    if early:
        assert x.data[0] == 1.0
    view = x.reshape(2, 1)[:1]
    y = view * view
    x.data[...] = 9.0
    assert view.numpy() == [[1.0]]
    assert [sent.tolist() for _, sent in y.pull(np.ones((1, 1)))] == [[[1.0]], [[1.0]]]
    with pytest.raises(RuntimeError, match="'x'"):
        y.backward()


def test_the_sweep_alone_takes_plain_numbers() -> None:
    x = Tensor([1.0, 2.0])
    y = x.sum().reshape(1) * 3.0
    np.testing.assert_array_equal(adjoints(topological_order(y))[x], [3.0, 3.0])
    z = Tensor(2.0)
    w = z.reshape(1) * 3.0
    np.testing.assert_array_equal(tangents(topological_order(w), {z: 1.0})[w], [3.0])


def test_constants_are_as_they_were_read() -> None:
    x, a = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
    y = x * a + np.matmul(a, x)
    a[...] = 0.0
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [9.0, 12.0])


def test_training_just_works() -> None:
    p = Tensor([5.0, -3.0])
    for _ in range(100):
        loss = (p * p).sum()
        p.grad = None
        loss.backward()
        p.data -= 0.1 * p.grad
        assert p.data.shape == (2,)
    np.testing.assert_allclose(p.data, [0.0, 0.0], atol=1e-8)


def test_reading_data_is_harmless() -> None:
    x = Tensor([1.0, np.nan])
    y = x * x
    assert x.data[0] == 1.0
    assert y.data[0] == 1.0
    y.backward([1.0, 1.0])
    assert x.grad[0] == 2.0


# ---------------------------------------------------------------------------------------------------------------------
# Errors
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "error", "match"),
    [
        (np.ones(2, np.float16), TypeError, "not of float16"),
        (np.ones(2, complex), TypeError, "not of complex128: take its real part"),
        (1j, TypeError, "real numbers"),
        ("1", TypeError, "real numbers"),
        (None, TypeError, "real numbers"),
        ([[1], [1, 2]], ValueError, "equally long"),
        (Tensor(1.0), TypeError, "not a Tensor"),
        (Value(1.0), TypeError, "not a Value"),
        ([Tensor(1.0)], TypeError, "autograd.stack"),
    ],
)
def test_what_a_tensor_refuses(data: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        Tensor(data)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda x: x.backward(), RuntimeError, "single number, but this is a Tensor of shape"),
        (
            lambda x: x.backward(np.ones(2)),
            ValueError,
            r"a seed of shape \(2,\) does not fit a Tensor of shape \(2, 3\)",
        ),
        (lambda x: np.asarray(x), TypeError, "t.data to read it"),
        (lambda x: np.linalg.eig(x), NotImplementedError, "np.linalg.eig does not support Tensors"),
        (lambda x: np.nextafter(x, x), NotImplementedError, "np.nextafter is not in the table"),
        (lambda x: np.add.reduce(x), NotImplementedError, "np.add.reduce"),
        (lambda x: np.add(x, 1.0, out=np.zeros((2, 3))), NotImplementedError, "np.add with out="),
        (lambda x: np.sum(x, dtype=int), TypeError, "a Tensor has the dtype float32 or float64, not int64"),
        (lambda x: x + np.ones(2), ValueError, "broadcast"),
        (lambda x: x @ np.ones(2), ValueError, "mismatch"),
        (lambda x: x.sum(axis=2), np.exceptions.AxisError, "axis 2 is out of bounds"),
        (lambda x: x.sum(ax=2), TypeError, "sum.*ax"),
        (lambda x: x * np.ones(3, complex), TypeError, "real numbers, not an array of complex128"),
        (lambda x: x * 1j, TypeError, "complex"),
        (lambda x: x + "a", TypeError, "unsupported operand"),
        (lambda x: x @ np.array(["a", "b", "c"]), TypeError, "real numbers"),
        (lambda x: float(x), TypeError, r"float\(\) reads a single number"),
        (lambda x: bool(x), TypeError, r"bool\(\) reads a single number"),
        (lambda x: len(x.sum()), TypeError, "without axes"),
        (lambda x: setattr(x, "data", np.ones(2)), ValueError, "cannot be replaced"),
        (lambda x: setattr(x, "grad", np.ones(2)), ValueError, "does not fit"),
        (lambda x: setattr(x, "label", 3), TypeError, "a label is text"),
        (lambda x: where(x > 0, x), TypeError, "where"),
    ],
)
def test_errors(call: Any, error: type[Exception], match: str) -> None:
    x = Tensor(X)
    with pytest.raises(error, match=match):
        call(x)
    assert x.grad is None


def test_rows_are_iterated_within_the_graph() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    first, second = x
    (first * second).sum().backward()
    assert x.grad.tolist() == [[3.0, 4.0], [1.0, 2.0]]
    with pytest.raises(TypeError, match="without axes"):
        iter(Tensor(1.0))
