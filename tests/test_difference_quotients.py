"""Numerical differences against exact arithmetic: the errors of a cubic are known in closed form."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import backward_difference, central_difference, difference_errors, exp, forward_difference, sin

H = Fraction(1, 10_000)


def cubic(x):
    return 4 * x**3 - 2 * x**2 - 7 * x + 1


def slope(x):
    return 12 * x**2 - 4 * x - 7


@given(st.fractions(-10, 10), st.fractions(Fraction(1, 1000), 1))
def test_errors_of_the_cubic_in_exact_arithmetic(x, h):
    assert forward_difference(cubic, x, h) - slope(x) == (12 * x - 2) * h + 4 * h**2
    assert backward_difference(cubic, x, h) - slope(x) == -(12 * x - 2) * h + 4 * h**2
    assert central_difference(cubic, x, h) - slope(x) == 4 * h**2


def test_central_is_not_always_best():
    x = Fraction(1, 6) - H / 3  # where the forward difference has no error at all
    assert forward_difference(cubic, x, H) == slope(x)
    assert central_difference(cubic, x, H) != slope(x)


@pytest.mark.parametrize("f", [sin, exp, lambda x: 1 / (1 + x * x)])
def test_order_of_the_errors(f):
    (coarse,) = difference_errors(f, [0.7], h=1e-2)
    (fine,) = difference_errors(f, [0.7], h=5e-3)
    assert coarse.forward / fine.forward == pytest.approx(2, rel=0.05)
    assert coarse.backward / fine.backward == pytest.approx(2, rel=0.05)
    assert coarse.central / fine.central == pytest.approx(4, rel=0.01)


def test_default_step_is_that_of_the_notes():
    assert forward_difference(cubic, 1.0) == pytest.approx(1.00100004, rel=1e-9)
    assert central_difference(cubic, 1.0) == pytest.approx(1.00000004, rel=1e-9)
    assert backward_difference(cubic, 1.0) == pytest.approx(0.99900004, rel=1e-9)


def test_error_table():
    rows = difference_errors(cubic, [-1.5, 2])
    assert [row.derivative for row in rows] == [26.0, 33.0]
    assert [row.central for row in rows] == pytest.approx([4e-8, 4e-8], rel=1e-2)
    lines = str(rows).splitlines()
    assert lines[0].split() == ["x", "derivative", "forward", "central", "backward"]
    assert len(lines) == 3


def test_constant_function_has_the_derivative_zero():
    (row,) = difference_errors(lambda x: 5.0, [1.0])
    assert (row.derivative, row.forward, row.central, row.backward) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("difference", [forward_difference, central_difference, backward_difference])
def test_a_step_of_zero_is_refused(difference):
    with pytest.raises(ValueError, match="a step h that is not zero"):
        difference(cubic, 1.0, h=0)


def test_a_step_that_is_lost_in_rounding_is_refused():
    with pytest.raises(ValueError, match=r"0\.0001 is lost in rounding at 1e\+16: take a larger one"):
        forward_difference(lambda x: x, 1e16)
    assert forward_difference(lambda x: x, 1e12) == 1.0  # x + h is 22 % off
    assert central_difference(lambda x: x, 1e12) == 1.0
