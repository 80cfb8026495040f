"""The worked examples of well-known lectures and books, each derived by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from autograd import Value, exp, relu, sigmoid, tanh

approx = pytest.approx


def values(**numbers: float) -> list[Value]:
    return [Value(number, label=name) for name, number in numbers.items()]


def grads(*leaves: Value) -> list[float | None]:
    return [leaf.grad for leaf in leaves]


def test_micrograd_readme() -> None:
    a, b = values(a=-4.0, b=2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    # Unrolled: c = 2(2(a + b) + 1) + 1 - a = 3a + 4b + 3 = -1, with slopes 3 and 4.
    # relu(b + a) is off and relu(b - a) on: d = 4 · 3(ab + b³) + (b - a) = 6, with slopes 12b - 1 = 23 and
    # 12(a + 3b²) + 1 = 97.  So e = -7, with slopes -20 and -93, and g = e²/2 + 10/e² has the slope
    # e - 20/e³ = -7 + 20/343 in e.
    assert g.data == approx(24.5 + 10 / 49)
    assert grads(a, b) == approx([-20 * (-7 + 20 / 343), -93 * (-7 + 20 / 343)])
    assert (round(g.data, 4), round(a.grad, 4), round(b.grad, 4)) == (24.7041, 138.8338, 645.5773)


def test_karpathy_first_expression() -> None:
    a, b, c, f = values(a=2.0, b=-3.0, c=10.0, f=-2.0)
    d = a * b + c  # 4
    loss = d * f
    loss.backward()
    # dL/dd = f = -2 and dL/df = d = 4; through the sum unchanged, through the product times the other factor.
    assert loss.data == -8.0
    assert grads(a, b, c, d, f) == [6.0, -4.0, -2.0, -2.0, 4.0]


def test_karpathy_tanh_neuron() -> None:
    x1, x2, w1, w2, b = values(x1=2.0, x2=0.0, w1=-3.0, w2=1.0, b=6 + math.atanh(math.sqrt(0.5)))
    o = tanh(x1 * w1 + x2 * w2 + b)
    o.backward()
    # The bias is chosen so that o = √½, where the slope of tanh is 1 - o² = ½; times w and x.
    assert o.data == approx(math.sqrt(0.5))
    assert grads(x1, x2, w1, w2, b) == approx([-1.5, 0.5, 1.0, 0.0, 0.5])


def test_apples_and_oranges() -> None:
    apple, apples, orange, oranges, tax = values(apple=100.0, apples=2.0, orange=150.0, oranges=3.0, tax=1.1)
    price = (apple * apples + orange * oranges) * tax
    price.backward()
    # price = (200 + 450) · 1.1; the slope in the sum is 1.1, and in each factor 1.1 times the other; in tax 650.
    assert price.data == approx(715)
    assert grads(apple, apples, orange, oranges, tax) == approx([2.2, 110, 3.3, 165, 650])


def test_cs231n_circuit() -> None:
    x, y, z = values(x=-2.0, y=5.0, z=-4.0)
    q = x + y
    f = q * z
    f.backward()
    # df/dq = z = -4 reaches x and y unchanged; df/dz = q = 3.
    assert f.data == -12.0
    assert grads(x, y, z, q) == [-4.0, -4.0, 3.0, -4.0]


@pytest.mark.parametrize("activation", [sigmoid, lambda dot: 1 / (1 + exp(-dot))])
def test_cs231n_sigmoid_neuron(activation: Any) -> None:
    w0, w1, w2, x0, x1 = values(w0=2.0, w1=-3.0, w2=-3.0, x0=-1.0, x1=-2.0)
    f = activation(w0 * x0 + w1 * x1 + w2)
    f.backward()
    # The dot product is -2 + 6 - 3 = 1, and σ'(1) = σ(1) (1 - σ(1)) = e / (1 + e)²; then times x and times w.
    slope = math.e / (1 + math.e) ** 2
    assert f.data == approx(1 / (1 + 1 / math.e))
    assert grads(w0, w1, w2, x0, x1) == approx([-slope, -2 * slope, slope, 2 * slope, -3 * slope])
    assert [round(g, 2) for g in (f.data, *grads(w0, w1, w2, x0, x1))] == [0.73, -0.2, -0.39, 0.2, 0.39, -0.59]


def test_cs231n_staged_computation() -> None:
    x, y = values(x=3.0, y=-4.0)
    f = (x + sigmoid(y)) / (sigmoid(x) + (x + y) ** 2)
    f.backward()
    # f = n / d with n = 3 + σ(-4) and d = σ(3) + 1.  In x: n' = 1, d' = σ'(3) + 2(x + y) = σ'(3) - 2;
    # in y: n' = σ'(-4), d' = -2.  And f' = (n' - f d') / d.
    s3, s4 = 1 / (1 + math.exp(-3)), 1 / (1 + math.exp(4))
    n, d = 3 + s4, s3 + 1
    assert f.data == approx(n / d)
    assert grads(x, y) == approx([(1 - n / d * (s3 * (1 - s3) - 2)) / d, (s4 * (1 - s4) + n / d * 2) / d])


def test_dezero_branches() -> None:
    (x,) = values(x=2.0)
    a = x**2
    y = a**2 + a**2
    y.backward()
    # y = 2x⁴, dy/dx = 8x³.
    assert (y.data, x.grad) == (32.0, 64.0)


def test_dezero_the_same_operand_twice_and_thrice() -> None:
    x, y = values(x=3.0, y=3.0)
    (x + x).backward()
    ((y + y) + y).backward()
    assert grads(x, y) == [2.0, 3.0]


def test_goldstein_price() -> None:
    x, y = values(x=1.0, y=1.0)
    a = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    b = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    z = a * b
    z.backward()
    # At (1, 1): a = 1 + 3² · 3 = 28 and b = 30 + (-1)² · 37 = 67.
    # a's slopes: 2 · 3 · 3 + 9 (-14 + 6x + 6y) = 18 - 18 = 0, in x and in y.
    # b's slopes: in x 2(-1) · 2 · 37 + (-32 + 24x - 36y) = -148 - 44 = -192,
    #             in y 2(-1) · -3 · 37 + (48 - 36x + 54y) = 222 + 66 = 288.
    # z' = a' b + a b' = 28 · -192 and 28 · 288.
    assert z.data == 28 * 67
    assert grads(x, y) == [-5376.0, 8064.0]


def test_sphere_matyas_and_rosenbrock() -> None:
    x, y = values(x=1.0, y=1.0)
    (x**2 + y**2).backward()
    assert grads(x, y) == [2.0, 2.0]

    x, y = values(x=1.0, y=1.0)
    (0.26 * (x**2 + y**2) - 0.48 * x * y).backward()
    assert grads(x, y) == approx([0.04, 0.04])  # 0.52 - 0.48

    x, y = values(x=0.0, y=2.0)
    (100 * (y - x**2) ** 2 + (x - 1) ** 2).backward()
    assert grads(x, y) == [-2.0, 400.0]  # -400x(y - x²) + 2(x - 1) and 200(y - x²)
