"""Arrays of other libraries as constants, on either side of an operator."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, grad
from nn import Linear, functional

ARRAY = np.array([1.5, 2.0, 0.5])

OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
    operator.mod,
    operator.floordiv,
]


class Bare:
    """An array of a library of which nothing is known but ``__array__``."""

    def __init__(self, array: Any) -> None:
        self.array = np.asarray(array)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.array if dtype is None else self.array.astype(dtype)


def of_torch(array: Any) -> Any:
    return pytest.importorskip("torch").as_tensor(array)


def of_jax(array: Any) -> Any:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        return jax.numpy.asarray(array)


def of_pandas(array: Any) -> Any:
    pandas = pytest.importorskip("pandas")
    return pandas.Series(array) if np.ndim(array) else pandas.Series([array]).array[0]


LIBRARIES = [Bare, of_torch, of_jax, of_pandas]
libraries = pytest.mark.parametrize("convert", LIBRARIES, ids=lambda convert: convert.__name__)


def same(found: Any, expected: Any) -> None:
    assert type(found) is type(expected)
    np.testing.assert_array_equal(np.asarray(found.data), np.asarray(expected.data))


@libraries
@pytest.mark.parametrize("function", OPERATORS, ids=lambda function: function.__name__)
def test_an_array_of_another_library_is_a_constant(convert: Callable[[Any], Any], function: Any) -> None:
    tensor, value, array = Tensor([1.0, 2.0, 3.0]), Value(2.0), convert(ARRAY)
    same(function(tensor, array), function(tensor, ARRAY))
    same(function(array, tensor), function(ARRAY, tensor))
    same(function(value, array), function(value, ARRAY))
    same(function(array, value), function(ARRAY, value))


@libraries
def test_a_single_number_of_another_library_is_a_constant(convert: Callable[[Any], Any]) -> None:
    number, value = convert(np.float64(1.5)), Value(2.0)
    same(number - value, Value(-0.5))
    same(value - number, Value(0.5))
    assert value > number
    assert number < value
    assert value != number
    assert Value(number).item() == 1.5
    assert autograd.multiply(value, number).item() == 3.0


@libraries
def test_functions_take_arrays_of_other_libraries(convert: Callable[[Any], Any]) -> None:
    tensor, array = Tensor([1.0, 2.0, 3.0]), convert(ARRAY)
    same(tensor @ array, tensor @ ARRAY)
    same(autograd.maximum(tensor, array), autograd.maximum(tensor, ARRAY))
    same(autograd.multiply(array, Value(2.0)), autograd.multiply(ARRAY, Value(2.0)))
    np.testing.assert_array_equal(tensor < array, tensor < ARRAY)
    np.testing.assert_array_equal(grad(lambda x: (x * array).sum())(np.ones(3)), ARRAY)
    model = Linear(3, 2, rng=0)
    same(model(array), model(ARRAY))
    same(functional.mse_loss(tensor, array), functional.mse_loss(tensor, ARRAY))


def test_a_torch_tensor_that_requires_a_gradient_is_refused() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.ones(3, requires_grad=True)
    for use in (
        lambda: Tensor(np.ones(3)) * tensor,
        lambda: tensor * Tensor(np.ones(3)),
        lambda: Value(2.0) * tensor,
        lambda: tensor - Value(2.0),
        lambda: autograd.add(Tensor(np.ones(3)), tensor),
        lambda: Linear(3, 2, rng=0)(tensor),
        lambda: Tensor(tensor),
    ):
        with pytest.raises(TypeError, match=r"x\.detach\(\).*to_torch.*check_torch"):
            use()
    same(Tensor(np.ones(3)) * tensor.detach(), Tensor(np.ones(3)) * np.ones(3, np.float32))


def test_what_is_no_array_is_still_refused() -> None:
    for x in (Value(2.0), Tensor([2.0])):
        for other in (None, object(), Bare, np.ndarray):
            with pytest.raises(TypeError):
                x + other
    with pytest.raises(TypeError, match="not Bare"):
        Value(Bare(np.ones(2)))
    with pytest.raises(TypeError, match="complex"):
        Tensor([1.0]) * Bare(np.array([1j]))
