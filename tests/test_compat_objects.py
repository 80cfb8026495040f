"""Arguments of a type of the user's own, as programs for HIPS autograd declare them with Box and VSpace.

The type here is a polynomial.  The same function of an array of its coefficients is the oracle.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, grad, hessian, jacobian, jvp, no_grad, value_and_grad, vjp
from autograd.extend import Box, VSpace, defvjp, primitive
from autograd.util import func

POINTS = [-1.0, 0.5, 2.0]


class Polynomial:
    """The sum of a coefficient times a power of x for each power."""

    def __init__(self, coefficients: dict[int, Any]) -> None:
        self.coefficients = coefficients

    @primitive
    def __call__(self, x: float) -> Any:
        return sum([a * x**power for power, a in self.coefficients.items()], 0.0)

    @primitive
    def everywhere(self) -> Any:
        return np.array(POINTS)


defvjp(
    func(Polynomial.__call__),
    lambda ans, f, x: lambda g: Polynomial({power: g * x**power for power in f.coefficients}),
    lambda ans, f, x: lambda g: g * sum([n * a * x ** (n - 1) for n, a in f.coefficients.items() if n], 0.0),
)


class PolynomialBox(Box, Polynomial):
    """A polynomial with respect to which a function is differentiated."""

    @property
    def degree(self) -> int:
        return max(self._value.coefficients)


class Polynomials(VSpace):
    """The space of all polynomials."""

    def zeros(self) -> Polynomial:
        return Polynomial({})

    def _add(self, x: Polynomial, y: Polynomial) -> Polynomial:
        powers = x.coefficients.keys() | y.coefficients.keys()
        return Polynomial({n: x.coefficients.get(n, 0.0) + y.coefficients.get(n, 0.0) for n in powers})


PolynomialBox.register(Polynomial)
Polynomials.register(Polynomial)

coefficients = st.lists(st.floats(-3, 3), min_size=1, max_size=5)


def loss(f: Any) -> Any:
    """How far a function is from two numbers, and its values at two points multiplied."""
    return (f(0.5) - 1) ** 2 + (f(-1.0) - 2) ** 2 + f(2.0) * f(0.5)


def of_array(array: Any) -> Any:
    """The same polynomial, written with an array of coefficients."""
    return lambda x: sum(array[n] * x**n for n in range(len(array)))


@given(coefficients)
def test_the_gradient_is_that_of_the_coefficients(numbers: list[float]) -> None:
    value, gradient = value_and_grad(loss)(Polynomial(dict(enumerate(numbers))))
    expected_value, expected = value_and_grad(lambda array: loss(of_array(array)))(np.array(numbers))
    assert value == pytest.approx(expected_value)
    assert isinstance(gradient, Polynomial)
    np.testing.assert_allclose([gradient.coefficients[n] for n in range(len(numbers))], expected, atol=1e-12)


@given(coefficients, st.floats(-2, 2))
def test_beside_numbers_and_arrays(numbers: list[float], x: float) -> None:
    f = Polynomial(dict(enumerate(numbers)))
    by_f, by_x = grad(lambda f, x: f(x) * x, (0, 1))(f, x)
    by_array, expected = grad(lambda array, x: of_array(array)(x) * x, (0, 1))(np.array(numbers), x)
    np.testing.assert_allclose([by_f.coefficients[n] for n in range(len(numbers))], by_array, atol=1e-12)
    assert by_x == pytest.approx(expected, abs=1e-12)
    for argument in (Value(x), Tensor(x)):
        assert grad(lambda x: f(x))(argument).item() == pytest.approx(grad(of_array(np.array(numbers)))(x), abs=1e-12)


def test_in_structures_and_other_transforms() -> None:
    f, g = Polynomial({0: 1.0, 1: 2.0}), Polynomial({2: 3.0})
    gradients = grad(lambda pair: pair["f"](2.0) * pair["g"](2.0))({"f": f, "g": g})
    assert gradients["f"].coefficients == {0: 12.0, 1: 24.0}
    assert gradients["g"].coefficients == {2: 20.0}
    _, pull = vjp(loss, f)
    (pulled,) = pull(2.0)
    assert pulled.coefficients[0] == pytest.approx(2 * grad(loss)(f).coefficients[0])
    assert jacobian(lambda f: f(2.0))(f).coefficients == {0: 1.0, 1: 2.0}


def test_the_box_is_seen_by_the_function_alone() -> None:
    f = Polynomial({0: 1.0, 3: 2.0})
    seen = []
    grad(lambda f: seen.append((type(f), isinstance(f, Polynomial), f.degree, repr(f))) or f(1.0))(f)
    assert seen == [(PolynomialBox, True, 3, f"<PolynomialBox of {f!r}>")]
    assert f.coefficients == {0: 1.0, 3: 2.0}


def test_a_result_that_does_not_depend_on_it_has_the_gradient_zero() -> None:
    f = Polynomial({0: 1.0})
    assert grad(lambda f: 3.0)(f).coefficients == {}
    assert grad(lambda f, x: x * x, (0, 1))(f, 2.0)[1] == 4.0


def test_nothing_is_recorded_inside_of_no_grad() -> None:
    def parted(f: Any) -> Any:
        with no_grad():
            plain = f(2.0)
        return f(2.0) * plain

    assert grad(parted)(Polynomial({0: 3.0})).coefficients == {0: 3.0}


def test_what_is_not_known_is_refused() -> None:
    f = Polynomial({0: 1.0, 1: 2.0})
    with pytest.raises(NotImplementedError, match="only first derivatives in reverse mode"):
        grad(lambda w: grad(lambda f: w * f(2.0))(f).coefficients[0])(1.0)
    with pytest.raises(NotImplementedError, match=r"forward mode does not take objects \(Polynomial\): use grad"):
        jvp(lambda f: f(2.0), (f,), (f,))
    with pytest.raises(NotImplementedError, match="only first derivatives in reverse mode"):
        jvp(lambda x, f=f: grad(lambda f: f(x))(f).coefficients[0], (1.0,), (1.0,))
    with pytest.raises(NotImplementedError, match="Polynomial inside of another: only first"):
        hessian(lambda f: f(2.0) ** 2)(f)
    with pytest.raises(TypeError, match=r"everywhere returned an array of shape \(3,\): with an object \(Polynomial\)"):
        grad(lambda f: f.everywhere())(f)


def test_a_type_without_a_space_is_refused() -> None:
    class Other:
        pass

    class OtherBox(Box, Other):
        pass

    with pytest.raises(TypeError, match="Other"):
        grad(lambda x: 1.0)(Other())
    OtherBox.register(Other)
    with pytest.raises(TypeError, match=r"no VSpace is: call YourVSpace.register\(Other\)"):
        grad(lambda x: 1.0)(Other())
    with pytest.raises(NotImplementedError, match="VSpace does not define zeros"):
        VSpace(Other()).zeros()


def test_the_operations_of_a_space() -> None:
    class Numbers(VSpace):
        def _inner_prod(self, x: float, y: float) -> float:
            return x * y

    space = Numbers(1.0)
    assert (space.add(2.0, 3.0), space.scalar_mul(2.0, 4.0), space.inner_prod(2.0, 5.0)) == (5.0, 8.0, 10.0)
