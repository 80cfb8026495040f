"""Numbers: every result has a type that a checker knows, and none of them is ``Any``."""

from __future__ import annotations

from typing import Any

import numpy as np
from typing_extensions import assert_type

import autograd
from autograd import (
    Compiled,
    GradientCheck,
    Paths,
    Tensor,
    Value,
    affine,
    check_gradients,
    clip,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    maximum,
    paths,
    power,
    primitive,
    sin,
    stack,
    tanh,
    value_and_grad,
    vjp,
    where,
)


def f(x: Value) -> Value:
    return x * x + sin(x)


def products(v: list[Value]) -> list[Value]:
    return [v[0] * v[1], tanh(v[0])]


def cubic(v: dict[str, Value]) -> Value:
    return v["a"] ** 2 * v["b"]


def descend(p: Value, rate: float) -> None:
    p.data -= rate * p.grad
    p.grad = None


def gaussian(x: Value, mean: float = 0.0, width: float = 1.0) -> Value:
    return exp(-(((x - mean) / width) ** 2) / 2)


def slope_of_bell(x: Value, out: Value) -> Value:
    return -2 * x * out


@primitive(slope_of_bell)
def bell(x: Value) -> Value:
    """The bell curve exp(-x**2)."""
    return exp(-x * x)


x, y = Value(0.5, label="x"), Value(2, label="y")

# Operators, with a number of any kind on either side
assert_type(x + y, Value)
assert_type(x - 1, Value)
assert_type(2.0 * x, Value)
assert_type(1 / x, Value)
assert_type(x**2, Value)
assert_type(2**x, Value)
assert_type(x // 2, Value)
assert_type(7 % y, Value)
assert_type(-x, Value)
assert_type(+x, Value)
assert_type(abs(x), Value)
assert_type(x * np.float64(2.0), Value)
assert_type(np.float64(2.0) * x, Value)
assert_type(x + np.float32(1.0), Value)
assert_type(np.float32(1.0) + x, Value)
assert_type(x - np.int64(3), Value)
assert_type(np.int64(3) - x, Value)
assert_type(np.float64(2.0) ** x, Value)
assert_type(sum([x, y], start=Value(0.0)), Value)
x += 0.0
assert_type(x, Value)

# Comparisons read the number
assert_type(x == y, bool)
assert_type(x != 0, bool)
assert_type(x < y, bool)
assert_type(x >= np.float64(0.5), bool)
assert_type(max(x, y), Value)

# Functions, of nodes and of numbers
assert_type(f(x), Value)
assert_type(gaussian(x, mean=0.5), Value)
assert_type(sin(x), Value)
assert_type(sin(0.5), float)
assert_type(log(2), float)
assert_type(maximum(x, 0.0), Value)
assert_type(maximum(0, x), Value)
assert_type(maximum(0.0, 1.0), float)
assert_type(power(x, 2), Value)
assert_type(where(x > 0, x, 0.0), Value)
assert_type(clip(x, -1.0, 1.0), Value)
assert_type(autograd.abs(x), Value)
assert_type(autograd.sum([x, y, 1.0]), Value)
assert_type(affine([x, y], [1.0, 2.0], 0.5), Value)
assert_type(bell(x), Value)
assert_type(stack([x, y]), Tensor)
of_numpy: Value = np.sin(x)  # a result of NumPy's functions is Any to type checkers

# Methods
assert_type(x.exp(), Value)
assert_type(x.tanh().relu(), Value)
assert_type((x * y).sigmoid().log(), Value)
assert_type(x.sqrt().square(), Value)

# Reading
assert_type(x.data, float)
assert_type(x.label, "str | None")
assert_type(float(y), float)
assert_type(int(y), int)
assert_type(bool(x), bool)
assert_type(round(y), int)
assert_type(round(x, 2), float)
assert_type(f"{x:.3f}", str)
assert_type({x, y}, set[Value])

# The gradient
z = f(x) * y
assert_type(z.parents, tuple[Value, ...])
assert_type(z.partials, tuple[float, ...])
z.backward()
slope: float = x.grad
descend(x, rate=0.1)
assert_type(z.refresh(), Value)
(z * z).backward(seed=2, create_graph=True)
assert_type(paths(z, x), Paths)
assert_type(paths(z, "x").table(), str)

# Transforms.  What they return has the structure of what they are given, which no type can say.
first: float = grad(f)(0.5)
second: float = grad(grad(f))(0.5)
value, gradient = value_and_grad(f)(0.5)
rows: list[list[float]] = jacobian(products)([1.0, 2.0])
curvature: dict[str, dict[str, float]] = hessian(cubic)({"a": 1.0, "b": 2.0})
assert_type(jvp(f, [0.5], [1.0]), tuple[Any, Any])
result, pull = vjp(f, 0.5)
pulled: tuple[float] = pull(1.0)
product: tuple[float] = hvp(f, [0.5], [1.0])
assert_type(check_gradients(f, 0.5), GradientCheck)
assert_type(check_gradients(f, 0.5, order=2, tolerance=1e-5), GradientCheck)

# Compiled functions
fast = autograd.compile(f)
assert_type(fast, Compiled)
assert_type(fast.value_and_grad(0.5), tuple[Any, Any])
compiled: float = fast(0.5)


@autograd.compile(batch=True)
def squared_error(w: Value, t: Value) -> Value:
    return (w - t) ** 2


assert_type(squared_error, Compiled)
error: float = squared_error([1.0, 2.0], [0.0, 0.0])
