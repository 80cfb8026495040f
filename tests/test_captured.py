"""Nothing captured is lost: results of transforms that depend on nodes from outside are nodes."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    GraphLeftError,
    Tensor,
    Value,
    checkpoint,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    primitive,
    stack,
    value_and_grad,
    vjp,
)

X, W = 2.0, 3.0


def both(x: Any, w: Any) -> Any:
    """A function whose mixed derivatives are all different."""
    return x**3 * w**2 + w * x


# The derivatives of x³w² + wx in x, as functions of w.
FIRST = 3 * X**2 * W**2 + W
FIRST_IN_W = 6 * X**2 * W + 1
SECOND = 6 * X * W**2
SECOND_IN_W = 12 * X * W

TRANSFORMS: dict[str, tuple[Callable[[Callable[[Any], Any]], Any], float, float]] = {
    "grad": (lambda f: grad(f)(X), FIRST, FIRST_IN_W),
    "value_and_grad": (lambda f: value_and_grad(f)(X)[1], FIRST, FIRST_IN_W),
    "the value": (lambda f: value_and_grad(f)(X)[0], X**3 * W**2 + W * X, 2 * X**3 * W + X),
    "elementwise_grad": (lambda f: elementwise_grad(f)(X), FIRST, FIRST_IN_W),
    "jacobian": (lambda f: jacobian(lambda x: [f(x)])(X)[0], FIRST, FIRST_IN_W),
    "jvp": (lambda f: jvp(f, (X,), (1.0,))[1], FIRST, FIRST_IN_W),
    "vjp": (lambda f: vjp(f, X)[1](1.0)[0], FIRST, FIRST_IN_W),
    "hessian": (lambda f: hessian(f)(X), SECOND, SECOND_IN_W),
    "hvp": (lambda f: hvp(f, (X,), (1.0,))[0], SECOND, SECOND_IN_W),
    "grad of grad": (lambda f: grad(grad(f))(X), SECOND, SECOND_IN_W),
    "jvp of grad": (lambda f: jvp(grad(f), (X,), (1.0,))[1], SECOND, SECOND_IN_W),
    "grad of jvp": (lambda f: grad(lambda x: jvp(f, (x,), (1.0,))[1])(X), SECOND, SECOND_IN_W),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_captured_number_gets_its_gradient(name: str) -> None:
    transform, value, slope = TRANSFORMS[name]
    w = Value(W)
    found = transform(lambda x: both(x, w))
    assert isinstance(found, Value)
    assert found.data == pytest.approx(value, rel=1e-14)
    found.backward()
    assert w.grad == pytest.approx(slope, rel=1e-14)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_so_does_an_interior_node_and_an_entry_of_a_tensor(name: str) -> None:
    transform, value, slope = TRANSFORMS[name]
    root = Value(math.sqrt(W))
    w = root * root
    transform(lambda x: both(x, w)).backward()
    assert root.grad == pytest.approx(slope * 2 * math.sqrt(W), rel=1e-13)
    t = Tensor([1.0, W])
    found = transform(lambda x: both(x, t[1].value()))
    assert found.data == pytest.approx(value, rel=1e-14)
    found.backward()
    np.testing.assert_allclose(t.grad, [0.0, slope], rtol=1e-13)


def test_arrays() -> None:
    w = Tensor([1.0, W])
    slopes = grad(lambda x: np.sum(both(x, w)))(np.full(2, X))
    assert isinstance(slopes, Tensor)
    slopes[1].backward()
    np.testing.assert_allclose(w.grad, [0.0, FIRST_IN_W])
    w.grad = None
    matrix = jacobian(lambda x: x * w)(np.full(2, X))
    matrix.sum().backward()
    np.testing.assert_allclose(w.grad, [1.0, 1.0])


def test_the_program_of_a_user() -> None:
    x = Value(3.0)
    y = x * grad(lambda t: x * t)(2.0)
    y.backward()
    assert x.grad == 6.0


def test_it_is_recorded_for_create_graph_and_inside_of_transforms() -> None:
    x = Value(3.0)
    y = grad(lambda t: x**2 * t**2)(2.0)  # 4 x²
    y.backward(create_graph=True)
    slope, x.grad = x.grad, None
    slope.backward()
    assert (slope.data, x.grad) == (24.0, 8.0)
    assert grad(lambda a: grad(lambda b: grad(lambda c: a * b**2 * c**2)(1.0))(2.0))(3.0) == 8.0


def test_what_does_not_depend_on_it_is_a_plain_number() -> None:
    w = Value(W)
    value, slope = value_and_grad(lambda x: x * 2.0 + w)(X)
    assert isinstance(value, Value)
    assert type(slope) is float
    assert type(grad(lambda x: x * Value(2.0))(X)) is float  # a leaf that it makes itself
    assert type(grad(lambda x: np.sum(x * Tensor([1.0, 2.0])))(np.ones(2))) is np.ndarray
    first, second = jacobian(lambda x: [x * w, x * 3.0])(X)
    assert isinstance(first, Value)
    assert type(second) is float


def test_no_grad_asks_for_plain_numbers() -> None:
    w, x = Value(W), Value(X)
    with no_grad():
        for transform, value, _ in TRANSFORMS.values():
            found = transform(lambda t: both(t, w))
            assert type(found) is float
            assert found == pytest.approx(value, rel=1e-14)
        assert type(grad(lambda t: both(t, w))(x)) is float
    assert isinstance(grad(lambda t: both(t, 1.0))(x), Value)


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_captured_is_the_same_as_given(x: float, w: float) -> None:
    inside = grad(lambda v: grad(lambda t: autograd.sin(t * v) * v)(x))(w)
    v = Value(w)
    outside = grad(lambda t: autograd.sin(t * v) * v)(x)
    if isinstance(outside, Value):
        outside.backward()
    assert (v.grad or 0.0) == pytest.approx(inside, rel=1e-12, abs=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# In any mixture: captured is the same as given to a transform around it
# ---------------------------------------------------------------------------------------------------------------------


def of_numbers(w: Any, t: Any) -> Any:
    return autograd.sin(w * t) * autograd.exp(0.3 * w) + w * t**3


def of_arrays(w: Any, t: Any) -> Any:
    return np.sum(np.sin(w * t) * np.exp(0.3 * w)) * np.sum(w[::-1] * t**2)


MIXTURES: dict[str, Callable[[Any, Any], Any]] = {
    "grad": lambda f, t: grad(f)(t),
    "value": lambda f, t: value_and_grad(f)(t)[0],
    "elementwise_grad": lambda f, t: elementwise_grad(lambda t: [f(t), 2 * f(t)])(t),
    "jacobian": lambda f, t: jacobian(lambda t: [f(t), f(t) ** 2])(t)[1],
    "hessian": lambda f, t: hessian(f)(t),
    "jvp": lambda f, t: jvp(f, (t,), (2 * t,))[1],
    "vjp": lambda f, t: vjp(f, t)[1](2.0)[0],
    "hvp": lambda f, t: hvp(f, (t,), (t,))[0],
    "grad of grad": lambda f, t: grad(lambda t: np.sum(grad(f)(t) ** 2))(t),
    "grad of jvp": lambda f, t: grad(lambda s: jvp(f, (s,), (t,))[1])(t),
    "jvp of grad": lambda f, t: jvp(grad(f), (t,), (t,))[1],
    "jvp of vjp": lambda f, t: jvp(lambda s: vjp(f, s)[1](1.0)[0], (t,), (t,))[1],
    "hessian of a checkpoint": lambda f, t: hessian(checkpoint(f))(t),
}
ARRAY, AT = np.array([0.5, -1.0, 2.0]), np.array([0.3, 1.0, -0.7])


def total(x: Any) -> Any:
    """A number that every entry of a derivative influences."""
    return np.sum(x * (1.0 + np.arange(np.size(x)).reshape(np.shape(x)))) if np.ndim(x) else x * 1.0


@pytest.mark.parametrize("interior", [False, True])
@pytest.mark.parametrize("transform", MIXTURES.values(), ids=MIXTURES)
@given(w=st.floats(-2, 2), t=st.floats(-2, 2))
def test_numbers_in_any_mixture(transform: Any, interior: bool, w: float, t: float) -> None:
    def result(w: Any) -> Any:
        scaled = 2 * w if interior else w
        return total(transform(lambda t: of_numbers(scaled, t), t)) * w

    found = Value(w)
    y = result(found)
    y.backward()
    expected = value_and_grad(result)(w)
    assert (y.data, found.grad) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert jvp(result, (w,), (1.0,)) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    h = 1e-4
    measured = (result(Value(w + h)) - result(Value(w - h))).data / (2 * h)
    assert found.grad == pytest.approx(measured, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("interior", [False, True])
@pytest.mark.parametrize("transform", MIXTURES.values(), ids=MIXTURES)
def test_arrays_in_any_mixture(transform: Any, interior: bool) -> None:
    def result(w: Any) -> Any:
        scaled = np.tanh(w) if interior else w
        return total(transform(lambda t: of_arrays(scaled, t), AT)) * np.sum(w)

    found = Tensor(ARRAY)
    y = result(found)
    y.backward()
    value, expected = value_and_grad(result)(ARRAY)
    assert y.item() == pytest.approx(value, rel=1e-9)
    np.testing.assert_allclose(found.grad, expected, rtol=1e-9, atol=1e-9)
    h = 1e-5
    for step, slope in zip(h * np.eye(3), expected, strict=True):
        measured = (result(Tensor(ARRAY + step)) - result(Tensor(ARRAY - step))).item() / (2 * h)
        assert slope == pytest.approx(measured, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("transform", MIXTURES.values(), ids=MIXTURES)
def test_plain_in_any_mixture(transform: Any) -> None:
    w, v = Value(1.5), Tensor(ARRAY)
    free = transform(lambda t: of_numbers(1.5, t), 0.5)
    assert type(free) is float
    assert type(transform(lambda t: of_numbers(Value(1.5), t), 0.5)) is float
    with no_grad():
        assert transform(lambda t: of_numbers(w, t), 0.5) == pytest.approx(free)
        assert type(transform(lambda t: of_numbers(w, t), Value(0.5))) is float
    assert w.grad is None
    free = transform(lambda t: of_arrays(ARRAY, t), AT)
    assert type(free) is (np.ndarray if np.ndim(free) else float)
    assert type(transform(lambda t: of_arrays(Tensor(ARRAY), t), AT)) is type(free)
    assert isinstance(transform(lambda t: of_arrays(v, t), AT), (Tensor, Value))
    with no_grad():
        assert type(transform(lambda t: of_arrays(v, t), AT)) is type(free)
        assert type(transform(lambda t: of_arrays(v, t), Tensor(AT))) is type(free)


def test_arguments_and_seeds_that_are_nodes() -> None:
    x, w = Value(2.0), Value(3.0)
    assert isinstance(grad(lambda t: 3 * t)(x), Value)  # nodes in, nodes out
    grad(lambda t, w: w * t**2)(2.0, w).backward()  # also if it is not differentiated with respect to this one
    assert w.grad == 4.0
    value, pull = vjp(lambda t: t**2, 2.0)
    assert (type(value), type(pull(1.0)[0])) == (float, float)
    (pulled,) = pull(x)
    pulled.backward()
    assert x.grad == 4.0
    with no_grad():
        assert type(pull(x)[0]) is float
    rate = jvp(lambda t: t**2, (2.0,), (w,))[1]
    w.grad = None
    rate.backward()
    assert w.grad == 4.0


def test_constants_that_a_function_makes() -> None:
    cache: list[Value] = []

    def f(t: Any) -> Any:
        if not cache:
            cache.append(Value(2.0))
        with no_grad():
            zero = 0.0 * t
        return cache[0] * t + zero + Tensor([2.0]).sum().detach().value()

    assert type(grad(f)(3.0)) is float  # made by the function
    assert isinstance(grad(f)(3.0), Value)  # found outside

    v, w = Tensor([2.0]), Value(3.0)
    assert type(grad(lambda t: t * copy.copy(w) * copy.deepcopy(v)[0].value())(1.0)) is float

    def around(x: Any) -> Any:
        c = Value(2.0)
        return x * grad(lambda t: c * t)(3.0)

    assert grad(around)(5.0) == 2.0
    assert type(grad(around)(5.0)) is float


def test_given_zeros_send_nothing_in_a_recorded_sweep() -> None:
    w = Value(1.0)
    value, rate = jvp(lambda x, y: autograd.sqrt(x) + w * y, (0.0, 1.0), (0.0, 1.0))
    rate.backward()
    assert (value.data, rate.data, w.grad) == (1.0, 1.0, 1.0)
    for argument, factor in ((np.array([0.0, 4.0]), w), (Tensor([0.0, 4.0]), 1.0)):
        found = jacobian(lambda t, factor=factor: np.sqrt(t) * factor)(argument).numpy()
        np.testing.assert_array_equal(found, [[np.inf, 0.0], [0.0, 0.25]])


def test_a_partial_must_not_drop_a_captured_node() -> None:
    @primitive(lambda x, w, out: math.cos(w), lambda x, w, out: -x * math.sin(w))
    def scaled_cosine(x: Any, w: Any) -> Any:
        return x * math.cos(w)

    w = Value(3.0)
    with pytest.raises(GraphLeftError):
        grad(lambda t: scaled_cosine(t, w))(2.0)
    with no_grad():
        assert grad(lambda t: scaled_cosine(t, w))(2.0) == math.cos(3.0)


# ---------------------------------------------------------------------------------------------------------------------
# Results that do not depend on an argument, and arrays of Values
# ---------------------------------------------------------------------------------------------------------------------


def test_a_constant_has_the_derivative_zero() -> None:
    assert grad(lambda x: x if x >= 0 else 0.0)(-1.0) == 0.0
    assert grad(lambda x, y: x, 1)(1.0, 2.0) == 0.0
    assert elementwise_grad(lambda x: np.floor(x.data))(np.array([0.5, 1.5])).tolist() == [0.0, 0.0]
    assert jacobian(lambda x: [x * 2, 1.0, np.ones(2)])(3.0)[:2] == [2.0, 0.0]
    assert jacobian(lambda x: [x * 2, 1.0, np.ones(2)])(3.0)[2].tolist() == [0.0, 0.0]
    assert jacobian(lambda x: np.ones(2))(np.ones(3)).tolist() == np.zeros((2, 3)).tolist()
    assert hessian(lambda x: 3.0)(np.ones(2)).tolist() == np.zeros((2, 2)).tolist()
    assert value_and_grad(lambda p: 1)({"w": 2.0, "b": np.ones(1)})[1]["b"].tolist() == [0.0]
    assert jvp(lambda x: 3.0, (1.0,), (1.0,)) == (3.0, 0.0)
    assert vjp(lambda x: 3.0, 1.0)[1](1.0) == (0.0,)


@pytest.mark.parametrize("result", [None, "text", 1j, object(), np.array([1j])])
def test_what_is_no_number_is_refused(result: Any) -> None:
    with pytest.raises(TypeError, match="not a real number"):
        grad(lambda x: result)(1.0)


def test_arrays_of_values() -> None:
    def f(x: Any) -> Any:
        return np.array([x, x**2])

    assert jacobian(f)(3.0).tolist() == [1.0, 6.0]
    assert jacobian(lambda x: np.array([[x, x**2], [1.0, x]]))(3.0).tolist() == [[1.0, 6.0], [0.0, 1.0]]
    assert elementwise_grad(f)(3.0) == 7.0
    value, rate = jvp(f, (3.0,), (1.0,))
    assert (value.tolist(), rate.tolist()) == ([3.0, 9.0], [1.0, 6.0])
    assert vjp(f, 3.0)[1](np.array([1.0, 10.0])) == (61.0,)
    assert jacobian(lambda x: stack([x, x**2]))(3.0).tolist() == [1.0, 6.0]
    first, rest = jacobian(lambda x: (x, {"a": [np.array([x, 2 * x]), x**2]}))(3.0)
    assert (first, rest["a"][0].tolist(), rest["a"][1]) == (1.0, [1.0, 2.0], 6.0)
    assert grad(lambda x: np.array([x**2]))(3.0) == 6.0
    assert grad(lambda x: np.array(x**2))(3.0) == 6.0  # without axes
    assert jacobian(lambda x: np.zeros((0, 2), object))(3.0).shape == (0, 2)
    assert hessian(lambda v: np.sum(np.array([v[0] ** 2, v[0] * v[1]])))([1.0, 2.0]) == [[2.0, 1.0], [1.0, 0.0]]
    with pytest.raises(TypeError, match="not NoneType"):
        jacobian(lambda x: np.array([x, None]))(1.0)


# ---------------------------------------------------------------------------------------------------------------------
# The forward pass is what is differentiated
# ---------------------------------------------------------------------------------------------------------------------


def test_data_written_after_the_forward_pass_is_harmless_in_a_plain_sweep() -> None:
    x = Value(2.0)
    y = x * x
    x.data = 5.0
    y.backward()
    assert x.grad == 4.0


CHANGES: dict[str, Callable[[Any, Any], None]] = {
    "a leaf": lambda x, h: setattr(x, "data", 5.0),
    "a leaf, with the same slope": lambda x, h: setattr(x, "data", -2.0),
    "a leaf, out of the domain": lambda x, h: setattr(x, "data", math.nan),
    "an interior node": lambda x, h: setattr(h, "data", 1.0),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize(
    "f", [lambda x: x * x, autograd.cos, lambda x: autograd.where(x > 0, x * x, -x) ** 3, autograd.sqrt]
)
def test_but_a_recorded_sweep_needs_the_numbers_that_were_read(f: Any, change: Any) -> None:
    x = Value(2.0, label="x")
    h = f(x)
    y = h * h
    change(x, h)
    with pytest.raises(RuntimeError, match=r"was written to after \w+ had used it: compute the output again"):
        y.backward(create_graph=True)
    with pytest.raises(RuntimeError, match="was written to"):
        grad(lambda t: t * y)(Value(1.0)).backward(create_graph=True)


@pytest.mark.parametrize("f", [lambda x: x + 3.0, lambda x: autograd.where(x > 0, 2 * x, -x), lambda x: -x / 4])
def test_where_the_derivatives_do_not_depend_on_them_it_is_right(f: Any) -> None:
    x, twin = Value(2.0), Value(2.0)
    y, other = f(x) ** 3, f(twin) ** 3
    x.data = 5.0
    y.backward(create_graph=True)
    other.backward(create_graph=True)
    slope, x.grad = x.grad, None
    expected, twin.grad = twin.grad, None
    slope.backward()
    expected.backward()
    assert (slope.data, x.grad) == (expected.data, twin.grad)


def test_an_optimizer_step_after_the_sweep_is_harmless() -> None:
    x = Value(2.0)
    (x**3).backward(create_graph=True)
    slope, x.grad = x.grad, None
    x.data = 5.0
    slope.backward()
    assert x.grad == 12.0


def test_a_view_that_can_be_written_to() -> None:
    a = np.array([1.0, 2.0])
    view = a[:]
    a.flags.writeable = False
    t = Tensor([1.0, 1.0])
    y = (t * a).sum()
    view[0] = 100.0
    y.backward()
    assert t.grad.tolist() == [1.0, 2.0]
    b = np.array([1.0, 2.0])
    b.flags.writeable = False
    y = (t * b).sum()
    b.flags.writeable = True
    b[0] = 100.0
    t.grad = None
    y.backward()
    assert t.grad.tolist() == [1.0, 2.0]


def test_immutable_memory_is_not_copied() -> None:
    a = np.frombuffer(np.array([1.0, 2.0]).tobytes())
    y = Tensor([1.0, 1.0]) * a.reshape(2)[::-1]
    assert np.shares_memory(y.operands[1], a)
    t = Tensor(np.ones(2))
    y = (t * a).sum()
    a.shape = (2, 1)  # the numbers cannot be written to, but the array that the user holds can get another shape
    y.backward()
    assert t.grad.tolist() == [1.0, 2.0]


OPTIONS: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
    "transpose": (np.transpose, [0, 2, 1]),
    "moveaxis": (lambda t, axes: np.moveaxis(t, axes, [1, 0]), [0, 2]),
    "flip": (np.flip, [0]),
    "roll": (lambda t, shift: np.roll(t, shift, [0, 1]), [1, 0]),
    "axes of roll": (lambda t, axes: np.roll(t, (1, 0), axes), [0, 1]),
    "roll by an array": (lambda t, shift: np.roll(t, shift, (0, 1)), np.array([1, 0])),
    "reshape": (lambda t, shape: t.reshape(shape)[0] * t[0, 0], [4, 2]),
    "an index": (lambda t, index: t[index] * t[1], [0, 0]),
    "an array as index": (lambda t, index: t[:, index], np.array([0, 0])),
    "indices": (lambda t, index: t[index, [0, 1]], np.array([0, 0])),
    "a mask": (lambda t, mask: t[mask], np.array([True, False])),
    "take": (lambda t, index: np.take(t, index, axis=1), np.array([0, 0])),
    "axis of cumsum": (lambda t, axis: np.cumsum(t, axis), np.array(0)),
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("create_graph", [False, True])
def test_lists_and_arrays_as_options_are_written_to(name: str, create_graph: bool) -> None:
    f, option = OPTIONS[name]
    gradients, values = [], []
    for written in (False, True):
        given = copy.deepcopy(option)
        t = Tensor(np.arange(1.0, 9.0).reshape(2, 2, 2))
        y = f(t, given)
        y = np.sum(y**2 * np.arange(1.0, 1.0 + y.size).reshape(y.shape))
        if written and isinstance(given, list):
            given[:] = [1 - x if x < 2 else x for x in given]
        elif written:
            given[...] = ~given if given.dtype == bool else 1 - given
        y.backward(create_graph=create_graph)
        gradients.append(t.grad.numpy() if create_graph else t.grad)
        values.append(y.refresh().item())
    np.testing.assert_array_equal(*gradients)
    assert values[0] == values[1]


class Micrograd(Value):
    def __init__(self, data: float) -> None:
        super().__init__(data)
        self._backward = lambda: None


class Method(Value):
    def _backward(self) -> None:
        pass


class Mixin:
    def _backward(self) -> None:
        pass


def test_a_closure_that_would_never_be_called_is_refused() -> None:
    for make in (lambda: Micrograd(1.0), lambda: Method(1.0), lambda: setattr(Value(1.0), "_backward", print)):
        with pytest.raises(TypeError, match="_backward would never be called: a sweep takes"):
            make()
    with pytest.raises(TypeError, match="_backward would never be called"):
        type("Mine", (Tensor,), {"_backward": print})
    with pytest.raises(TypeError, match="_backward would never be called"):
        type("Mine", (Mixin, Tensor), {})
    with pytest.raises(TypeError, match="_backward would never be called"):
        type("Mine", (Mixin, Value), {})(1.0)
    with pytest.raises(TypeError, match="_backward would never be called"):
        Tensor([1.0])._backward = print
    for node in (Value(1.0), Tensor([1.0])):
        with pytest.raises(AttributeError, match="a node has no _backward"):
            _ = node._backward
