"""Formulas of graphs and primitives in SymPy."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

sympy = pytest.importorskip("sympy")

from autograd import Value, define, sigmoid, softplus, sqrt  # noqa: E402
from autograd.dialects import symbolic  # noqa: E402
from autograd.dialects.symbolic import constant, expand, expression, latex, local_derivatives, symbol  # noqa: E402


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(math.sqrt(2.0 * math.pi))
def test_a_constant_keeps_its_value(x):
    # The float of sqrt(2 * pi) that the table computes is not the nearest one: two roundings add up.
    assert float(constant(x)) == (x if constant(x).is_rational else pytest.approx(x, rel=2.0**-52, abs=0))


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (3.0, "3"),
        (-0.25, "-1/4"),
        (1 / 3, "1/3"),
        (0.1, "1/10"),
        (math.pi, "pi"),
        (-math.pi / 2, "-pi/2"),
        (2 * math.pi / 3, "2*pi/3"),
        (math.e, "E"),
        (1 / math.sqrt(2), "sqrt(2)/2"),
        (0.123456, "0.123456"),
        (math.inf, "oo"),
        (-math.inf, "-oo"),
        (math.nan, "nan"),
    ],
)
def test_constants_as_a_person_writes_them(x, text):
    assert symbolic.text(constant(x)) == text


def test_expression_of_a_graph():
    g = define("y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)", w=0)
    w = symbol("w")
    by_hand = 1 / (sympy.exp(w) ** 2 + w + sympy.sin((w + sympy.exp(w)) * sympy.pi))
    assert sympy.simplify(expression(g["y"]) - by_hand) == 0
    assert str(expression(g["x"], {g["v"]: "v", g["w"]: "w"})) == "v**2 + w"


def test_derivatives_in_leaves_agree_with_sympy():
    g = define("y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)", w=0)
    (derivative,) = local_derivatives(g["y"], {g["w"]: "w"}).values()
    assert sympy.simplify(derivative - sympy.diff(expression(g["y"]), symbol("w"))) == 0


def test_primitives_that_sympy_lacks_keep_their_name():
    x = symbol("x")
    assert str(sigmoid(x)) == "sigmoid(x)"
    assert sympy.diff(sigmoid(x), x) == sigmoid(x) * sigmoid(-x)
    assert latex(sigmoid(x) ** 2) == r"\left(\sigma\left(x\right)\right)^{2}"
    p = sympy.Symbol("p", positive=True)
    assert expand(sigmoid(p) + sqrt(p)) == 1 / (1 + sympy.exp(-p)) + sympy.sqrt(p)


def test_a_constant_is_expanded_from_the_inside() -> None:
    formula = expand(sigmoid(sigmoid(softplus(sympy.Integer(0)))))
    assert float(formula.evalf()) == pytest.approx(1 / (1 + math.exp(-2 / 3)))


def test_numbers_in_rules_are_written_exactly():
    x = Value(2.0, label="x")
    y = sqrt(x)
    assert str(local_derivatives(y, {x: "x"})[x]) == "1/(2*sqrt(x))"
