"""Nothing captured is lost: results of transforms that depend on nodes from outside are nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    Tensor,
    Value,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
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
    "f", [lambda x: x * x, autograd.cos, lambda x: autograd.where(x > 0, x, -x) ** 3, autograd.sqrt]
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


class Micrograd(Value):
    def __init__(self, data: float) -> None:
        super().__init__(data)
        self._backward = lambda: None


class Method(Value):
    def _backward(self) -> None:
        pass


def test_a_closure_that_would_never_be_called_is_refused() -> None:
    for make in (lambda: Micrograd(1.0), lambda: Method(1.0), lambda: setattr(Value(1.0), "_backward", print)):
        with pytest.raises(TypeError, match="_backward would never be called: a sweep takes"):
            make()
    with pytest.raises(TypeError, match="_backward would never be called"):
        type("Mine", (Tensor,), {"_backward": print})
    with pytest.raises(TypeError, match="_backward would never be called"):
        Tensor([1.0])._backward = print
    for node in (Value(1.0), Tensor([1.0])):
        with pytest.raises(AttributeError, match="a node has no _backward"):
            _ = node._backward
