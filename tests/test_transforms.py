"""Transforms against SymPy, against each other, and nested so that derivatives could be confused."""

import inspect
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, exp, log, relu, sin, sqrt, tanh, where
from autograd.transforms.gradients import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

sympy = pytest.importorskip("sympy")

from autograd.dialects.symbolic import symbol  # noqa: E402

FUNCTIONS = {
    "polynomial": lambda x: 4 * x**3 - 2 * x**2 - 7 * x + 1,
    "quotient": lambda x: (x * x + 1) / (2 + sin(x)),
    "composite": lambda x: 1 / (exp(x) ** 2 + x * x + 1),
    "power": lambda x: (2 + sin(x)) ** x,
    "tanh": lambda x: tanh(x) * log(3 + x * x),
    "sharing": lambda x: (lambda u: u * u * sin(u))(exp(0.3 * x) + x),
}
points = st.floats(-2, 2)


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@given(x=points)
def test_three_derivatives_against_sympy(f, x):
    s = symbol("x")
    formula, derived = f(s), f
    for _ in range(3):
        formula, derived = sympy.diff(formula, s), grad(derived)
        expected = float(formula.subs(s, sympy.Float(x, 40)).evalf(30))
        assert derived(x) == pytest.approx(expected, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@given(x=points, v=points)
def test_forward_and_reverse_in_every_mixture(f, x, v):
    first, second = grad(f)(x), grad(grad(f))(x)
    close = {"rel": 1e-9, "abs": 1e-9}
    assert jvp(f, (x,), (v,)) == pytest.approx((float(f(x)), first * v), **close)
    assert jvp(grad(f), (x,), (v,))[1] == pytest.approx(second * v, **close)
    assert grad(lambda t: jvp(f, (t,), (1.0,))[1])(x) == pytest.approx(second, **close)
    assert jvp(lambda t: jvp(f, (t,), (1.0,))[1], (x,), (1.0,))[1] == pytest.approx(second, **close)
    assert hvp(f, (x,), (v,))[0] == pytest.approx(second * v, **close)
    value, pull = vjp(f, x)
    assert (value, *pull(v)) == pytest.approx((float(f(x)), first * v), **close)


def test_perturbations_are_not_confused():
    # d/dx [x · d/dy (x + y)] = d/dx [x · 1] = 1; confusing the two derivatives gives 2.
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,)) == (1.0, 1.0)
    assert grad(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1])(1.0) == 1.0
    # The inner argument is the outer variable itself: d/dx [x · d/dy (x y) at y = x] = d/dx [x · x] = 2x.
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0


def test_inner_gradient_of_what_is_outside():
    # The inner gradient is x, which the outer gradient must still see.
    assert grad(lambda x: grad(lambda y: x * y)(1.0))(5.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * y)(1.0).item() * x)(5.0) == 5.0  # cut off deliberately


def test_structures():
    def f(p):
        return p["layers"][0] * p["layers"][1] ** 2 + p["bias"]

    p = {"layers": [2.0, 3.0], "bias": 1}
    assert value_and_grad(f)(p) == (19.0, {"layers": [9.0, 12.0], "bias": 1.0})
    assert hessian(f)(p)["layers"][1] == {"layers": [6.0, 4.0], "bias": 0.0}


def test_argnums_by_position_and_name():
    def f(x, y, n=2):
        return x**n * y

    assert grad(f)(3.0, 2.0) == 12.0
    assert grad(f, 1)(3.0, 2.0) == 9.0
    assert grad(f, -1)(3.0, 2.0) == 9.0
    assert grad(f, "y")(3.0, 2.0) == 9.0
    assert grad(f, "y")(3.0, y=2.0) == 9.0
    assert grad(f, (0, "y"))(3.0, 2.0) == (12.0, 9.0)
    assert grad(f, "n")(3.0, 2.0, n=2.0) == pytest.approx(18 * math.log(3))


def test_derivatives_take_the_arguments_of_the_function_by_name():
    def f(x: float, y: float = 3.0) -> float:
        return x**2 * y

    for transform in (value_and_grad, grad, elementwise_grad, jacobian, hessian):
        assert inspect.signature(transform(f)) == inspect.signature(f)
        assert transform(f).__name__ != "f"
    assert hessian(f, "x")(2.0, 5.0) == grad(grad(f, "y"), "y")(1.0, y=5.0) + 10.0
    assert inspect.signature(grad(sin)) == inspect.signature(sin)


def test_jacobian_of_polar_coordinates():
    def cartesian(polar):
        r, angle = polar
        return [r * sin(angle + math.pi / 2), r * sin(angle)]

    r, angle = 2.0, 0.5
    expected = [[math.cos(angle), -r * math.sin(angle)], [math.sin(angle), r * math.cos(angle)]]
    assert jacobian(cartesian)([r, angle]) == [pytest.approx(row) for row in expected]
    columns = [jvp(cartesian, ([r, angle],), (unit,))[1] for unit in ([1.0, 0.0], [0.0, 1.0])]
    assert [list(row) for row in zip(*columns, strict=True)] == [pytest.approx(row) for row in expected]


@given(st.lists(points, min_size=3, max_size=3), st.lists(points, min_size=3, max_size=3))
def test_hessian_is_symmetric_and_hvp_is_its_product(x, v):
    def f(p):
        return exp(p[0] * p[1]) * sin(p[2]) + p[0] ** 2 * p[2]

    rows = hessian(f)(x)
    assert rows == [pytest.approx(list(column), abs=1e-9) for column in zip(*rows, strict=True)]
    product = [sum(a * b for a, b in zip(row, v, strict=True)) for row in rows]
    assert hvp(f, (x,), (v,))[0] == pytest.approx(product, rel=1e-9, abs=1e-9)


def test_results_are_numbers_outside_and_values_inside():
    assert type(grad(sin)(0.0)) is float
    x = Value(0.5, label="x")
    slope = grad(sin)(x)
    assert isinstance(slope, Value)
    slope.backward()
    assert x.grad == pytest.approx(-math.sin(0.5))


def test_no_grad_is_touched():
    w = Value(2.0, label="w")
    assert grad(lambda x: w * x**2)(3.0) == 12.0
    assert w.grad is None


def test_unused_arguments_have_the_gradient_zero():
    assert grad(lambda x, y: x * 2, (0, 1))(1.0, 5.0) == (2.0, 0.0)
    assert jacobian(lambda x: [x * 2, 7.0])(1.0) == [2.0, 0.0]
    assert grad(grad(lambda x: 3 * x))(1.0) == 0.0
    assert jvp(lambda x, y: [x * 2, y * 1], (1.0, 1.0), (1.0, 0.0))[1] == [2.0, 0.0]


def test_kinks_and_selection():
    assert grad(relu)(0.0) == 0.0
    assert grad(grad(lambda x: relu(x) ** 2))(2.0) == 2.0
    assert (
        grad(lambda x: where(x > 1, sqrt(x), 5 * x))(0.0) == 5.0
    )  # sqrt has an infinite slope here, but is not chosen


def test_control_flow_just_works():
    def f(x):
        while x < 10:
            x = x * 2 if x > 3 else x * x
        return x

    assert grad(f)(2.0) == 4 * 2 * 2.0  # 2 → 4 → 8 → 16: squared, then doubled twice


def test_create_graph_is_the_imperative_spelling():
    x = Value(2.0)
    (x**3).backward(create_graph=True)
    slope, x.grad = x.grad, None
    slope.backward()
    assert (slope.data, x.grad) == (12.0, 12.0) == (grad(lambda t: t**3)(2.0), grad(grad(lambda t: t**3))(2.0))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: grad(lambda x: [x, x])(1.0), TypeError, "returned 2 numbers, not one: use jacobian"),
        (lambda: grad(lambda x: None)(1.0), TypeError, "returned None, which is not a real number"),
        (lambda: grad(sin)("a"), TypeError, "a Value takes a real number, not str"),
        (lambda: grad(sin)(1j), TypeError, "a Value takes a real number, not complex"),
        (lambda: grad(sin, 1)(1.0), ValueError, "argnums asks for argument 1, but sin was called with 1 by position"),
        (lambda: grad(lambda x: x, "z")(1.0), ValueError, "argnums asks for 'z'"),
        (lambda: jvp(sin, (1.0,), ([1.0],)), ValueError, "the tangents must have the structure of the primals"),
        (lambda: jvp(sin, (1.0,), ()), ValueError, "the tangents must have the structure of the primals"),
        (lambda: vjp(sin, 1.0)[1]([1.0]), ValueError, "the cotangent must have the structure of the value"),
    ],
)
def test_clear_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_error_inside_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: x / 0)(1.0)
    assert type(grad(sin)(0.0)) is float  # still outside


def test_tangents_and_cotangents_are_matched_by_key_not_by_order():
    def f(p):
        return 10 * p["a"] ** 2 + p["b"]

    primal, tangent = {"b": 1.0, "a": 2.0}, {"a": 1.0, "b": 0.0}
    assert jvp(f, (primal,), (tangent,))[1] == 40.0
    assert hvp(f, (primal,), (tangent,)) == ({"b": 0.0, "a": 20.0},)
    assert vjp(lambda x: {"b": x, "a": 10 * x}, 1.0)[1](tangent) == (10.0,)
