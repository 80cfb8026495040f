"""Transforms of functions of arrays: against formulas of linear algebra, against each other, and nested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, exp, no_grad, sin, tanh
from autograd.arrays.reductions import mean
from autograd.arrays.stacking import stack
from autograd.linalg import norm
from autograd.transforms.gradients import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

RNG = np.random.default_rng(5)
A = RNG.normal(size=(3, 3))
S = A + A.T
B = RNG.normal(size=(3,))


def quadratic(x: Any) -> Any:
    return 0.5 * (x @ (S @ x)) + B @ x


def mlp(p: dict[str, Any], x: Any) -> Any:
    return mean((tanh(x @ p["w"] + p["b"]) @ p["v"]) ** 2) * p["scale"]


PARAMETERS = {
    "w": RNG.normal(size=(2, 4)),
    "b": RNG.normal(size=4),
    "v": RNG.normal(size=4),
    "scale": 1.5,
}
X = RNG.normal(size=(5, 2))


def test_quadratic_form() -> None:
    x = np.array([1.0, -2.0, 0.5])
    value, gradient = value_and_grad(quadratic)(x)
    assert type(value) is float
    assert value == pytest.approx(0.5 * x @ S @ x + B @ x)
    np.testing.assert_allclose(gradient, S @ x + B)
    np.testing.assert_allclose(hessian(quadratic)(x), S, atol=1e-12)
    np.testing.assert_allclose(hvp(quadratic, (x,), (B,))[0], S @ B)


def test_jacobian_has_the_axes_of_output_and_input() -> None:
    x = RNG.normal(size=(2, 3))
    found = jacobian(lambda t: sin(t) @ A)(x)
    expected = np.einsum("ai,bj,jk->akbi", np.eye(2), np.ones((2, 3)), np.zeros((3, 3)))
    expected = np.zeros((2, 3, 2, 3))
    for i in range(2):
        for k in range(3):
            expected[i, k, i] = np.cos(x[i]) * A[:, k]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert jacobian(lambda t: [t.sum(), t[0]])(x)[0].shape == (2, 3)
    assert jacobian(lambda t: [t.sum(), t[0]])(x)[1].shape == (3, 2, 3)
    np.testing.assert_array_equal(jacobian(lambda s: s * Tensor(B))(2.0), B)
    assert jacobian(lambda t: t * 1.0)(np.zeros((0, 2))).shape == (0, 2, 0, 2)
    assert jacobian(lambda t: [t, np.ones(2)])(B)[1].tolist() == np.zeros((2, 3)).tolist()


def test_gradients_in_the_structure_of_the_parameters() -> None:
    found = grad(mlp)(PARAMETERS, X)
    assert {name: np.shape(g) for name, g in found.items()} == {name: np.shape(p) for name, p in PARAMETERS.items()}
    assert type(found["scale"]) is float
    direction = {name: RNG.normal(size=np.shape(p)) for name, p in PARAMETERS.items()}
    direction["scale"] = float(direction["scale"])
    h = 1e-6

    def at(k: float) -> float:
        return mlp({name: p + k * direction[name] for name, p in PARAMETERS.items()}, Tensor(X)).item()

    slope = (at(h) - at(-h)) / (2 * h)
    assert sum(np.sum(found[name] * direction[name]) for name in found) == pytest.approx(slope, rel=1e-6)
    assert jvp(mlp, (PARAMETERS, X), (direction, np.zeros_like(X)))[1] == pytest.approx(slope, rel=1e-6)


def test_the_hessian_of_nested_parameters_is_symmetric_and_hvp_its_product() -> None:
    rows = hessian(mlp)(PARAMETERS, X)
    assert rows["w"]["v"].shape == (2, 4, 4)
    np.testing.assert_allclose(rows["w"]["v"], np.moveaxis(rows["v"]["w"], 0, -1), atol=1e-12)
    np.testing.assert_allclose(rows["scale"]["b"], rows["b"]["scale"], atol=1e-12)
    direction = {name: RNG.normal(size=np.shape(p)) for name, p in PARAMETERS.items()}
    product, _ = hvp(mlp, (PARAMETERS, X), (direction, np.zeros_like(X)))
    for name, row in rows.items():
        axes = {other: np.ndim(p) for other, p in PARAMETERS.items()}
        expected = sum(np.tensordot(row[other], direction[other], axes[other]) for other in row)
        np.testing.assert_allclose(product[name], expected, atol=1e-10)


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_every_mixture_of_directions(x: list[float], v: list[float]) -> None:
    at, along = np.array(x), np.array(v)

    def f(t: Any) -> Any:
        return (exp(sin(t)) * t[::-1]).sum()

    first, second = grad(f)(at), hessian(f)(at)
    close = {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(jvp(f, (at,), (along,))[1], first @ along, **close)
    np.testing.assert_allclose(jvp(grad(f), (at,), (along,))[1], second @ along, **close)
    np.testing.assert_allclose(grad(lambda t: jvp(f, (t,), (along,))[1])(at), second @ along, **close)
    np.testing.assert_allclose(
        jvp(lambda t: jvp(f, (t,), (along,))[1], (at,), (along,))[1], along @ second @ along, **close
    )
    np.testing.assert_allclose(grad(lambda t: (grad(f)(t) * along).sum())(at), second @ along, **close)
    np.testing.assert_allclose(vjp(grad(f), at)[1](along)[0], second @ along, **close)


def test_perturbations_are_not_confused() -> None:
    x = np.array([1.0, 2.0])
    inner = grad(lambda x: (x * grad(lambda y: (x + y).sum())(np.ones(2))).sum())(x)
    np.testing.assert_array_equal(inner, [1.0, 1.0])
    same = grad(lambda x: (x * grad(lambda y: (x * y).sum())(x)).sum())(x)
    np.testing.assert_array_equal(same, 2 * x)


def test_numbers_and_arrays_in_one_call() -> None:
    def f(w: Any, x: Any) -> Any:
        return (sin(x) * w).sum()

    w, x = 2.0, np.array([0.5, 1.0])
    by_number, by_array = grad(f, (0, "x"))(w, x)
    assert by_number == pytest.approx(np.sin(x).sum())
    np.testing.assert_allclose(by_array, w * np.cos(x))
    mixed = jacobian(grad(f), 1)(w, x)
    np.testing.assert_allclose(mixed, np.cos(x))
    assert grad(lambda v: norm(stack(v)))([3.0, 4.0]) == pytest.approx([0.6, 0.8])


def test_elementwise() -> None:
    x = RNG.normal(size=(2, 3))
    np.testing.assert_allclose(elementwise_grad(tanh)(x), 1 - np.tanh(x) ** 2)
    np.testing.assert_allclose(
        elementwise_grad(elementwise_grad(tanh))(x), -2 * np.tanh(x) * (1 - np.tanh(x) ** 2), atol=1e-12
    )
    assert elementwise_grad(tanh)(0.0) == 1.0


def test_dtypes_and_ownership() -> None:
    x = np.array([1.0, 2.0], np.float32)
    gradient = grad(lambda t: (t + t).sum())(x)
    assert gradient.dtype == np.float32
    one, other = grad(lambda a, b: (a + b).sum(), (0, 1))(x, x)
    one *= 5.0  # a gradient is writable and not a view of another array
    assert other.tolist() == [1.0, 1.0]
    value, pull = vjp(lambda t: t, x)
    cotangent = np.ones(2, np.float32)
    (back,) = pull(cotangent)
    back *= 3.0
    assert (cotangent.tolist(), value.tolist()) == ([1.0, 1.0], [1.0, 2.0])
    assert type(value) is np.ndarray


def test_the_same_output_twice() -> None:
    _, pull = vjp(lambda t: [t, t], B)
    np.testing.assert_allclose(pull([B, 2 * B])[0], 3 * B)


def test_a_tensor_gives_tensors() -> None:
    x = Tensor(B)
    slope = grad(quadratic)(x)
    assert isinstance(slope, Tensor)
    slope.sum().backward()
    np.testing.assert_allclose(x.grad, S.sum(0))


def test_unused_arguments_have_gradients_of_zeros() -> None:
    one, other = grad(lambda a, b: a.sum(), (0, 1))(B, A)
    assert (one.tolist(), other.tolist()) == (np.ones(3).tolist(), np.zeros((3, 3)).tolist())
    assert grad(grad(lambda x: 3 * x.sum()))(np.ones(())).tolist() == 0.0


def test_transforms_record_under_no_grad() -> None:
    with no_grad():
        np.testing.assert_allclose(grad(quadratic)(B), S @ B + B)
        assert Tensor(B).sum().parents == ()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: grad(lambda x: x)(B), TypeError, "returned 3 numbers, not one: use jacobian"),
        (lambda: grad(lambda x: [x.sum(), x])(B), TypeError, "returned 4 numbers, not one: use jacobian"),
        (lambda: grad(lambda x: x.sum())(np.ones(2, np.float16)), TypeError, "not of float16: convert it"),
        (lambda: grad(lambda x: x.sum())(np.array([1j])), TypeError, "not of complex128: take its real part"),
        (lambda: grad(lambda x: "text")(B), TypeError, "returned 'text', which is not a real number"),
        (lambda: jvp(quadratic, (B,), (np.ones(2),)), ValueError, "an array of the same shape for each array"),
        (lambda: jvp(quadratic, (B,), (1.0,)), ValueError, "an array of the same shape for each array"),
        (lambda: vjp(sin, B)[1](np.ones((3, 1))), ValueError, "the cotangent must have the structure of the value"),
    ],
)
def test_clear_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_values_inside_are_what_they_seem() -> None:
    kinds: list[type] = []

    def f(w: Any, x: Any) -> Any:
        kinds.extend([type(w), type(x)])
        return (w * x).sum()

    grad(f, (0, 1))(2.0, B)
    assert kinds == [Value, Tensor]


def test_a_value_is_the_cotangent_of_an_array_without_axes() -> None:
    def scaled(g: Any) -> Any:
        return vjp(lambda x: (x**2).sum(), np.array([1.0, 2.0]))[1](g)[0].sum()

    assert grad(scaled)(3.0) == 6.0
