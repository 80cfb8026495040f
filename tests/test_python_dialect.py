"""Rules as Python source: the text computes what the rule computes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import PRIMITIVES, Primitive, rules, where
from autograd.core import special
from autograd.dialects.python import Source
from autograd.testing import points

NAMES = {"math": math, "rules": rules, "special": special}
fixed_rows = pytest.mark.parametrize("op", [op for op in PRIMITIVES.values() if not op.variadic], ids=str)


@fixed_rows
@given(data=st.data())
def test_the_text_of_a_row_computes_the_row(op: Primitive, data: Any) -> None:
    point = data.draw(points(op, kinks=False, lattice=True))
    operands = dict(zip(op.parameters, point, strict=True))
    out = op(*point)
    texts = [op(*map(Source, op.parameters)), *op.slopes([Source(name) for name in op.parameters], Source("out"))]
    for text, number in zip(texts, [out, *op.slopes(point, out)], strict=True):
        found = eval(str(text), NAMES, operands | {"out": out, "nan": math.nan, "inf": math.inf})
        assert found == number or (math.isnan(found) and math.isnan(number)), text


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_the_text_of_maximum_and_minimum_keeps_nan(name: str) -> None:
    text = str(PRIMITIVES[name](Source("x"), Source("y")))
    for x, y in [(math.nan, 1.0), (1.0, math.nan)]:
        assert math.isnan(eval(text, {}, {"x": x, "y": y}))


VARIABLES = {"x": 3.0, "y": -0.5, "z": 2.0}


@st.composite
def expressions(draw: Any, depth: int = 3) -> tuple[Any, Any]:
    """The same random expression twice: as source, and as the number that Python makes of it."""
    if depth == 0 or draw(st.booleans()):
        name = draw(st.sampled_from([*VARIABLES, 1.5, -2.0, 3]))
        return (Source(name), VARIABLES[name]) if isinstance(name, str) else (Source.lift(name), name)
    a, x = draw(expressions(depth - 1))
    b, y = draw(expressions(depth - 1))
    c, z = draw(expressions(depth - 1))
    return draw(
        st.sampled_from(
            [
                (a + b, x + y),
                (a - b, x - y),
                (a * b, x * y),
                (-a, -x),
                (PRIMITIVES["absolute"](a), abs(x)),
                (where(a > b, b, c), y if x > y else z),
                (where(a >= c, where(b < c, a, b), c), (x if y < z else y) if x >= z else z),
                (where(where(a > b, a, b), a, c), x if (x if x > y else y) else z),
                (a + 1.0, x + 1.0),
                (2.0 - a, 2.0 - x),
                (-3.0 * a, -3.0 * x),
            ]
            + ([(a / b, x / y), (a % b, x % y), (a // b, x // y), (1.0 / b, 1.0 / y)] if y else [])
        )
    )


@given(expressions())
def test_parentheses_keep_the_meaning(expression: tuple[Source, float]) -> None:
    text, number = expression
    assert eval(str(text), NAMES, dict(VARIABLES)) == pytest.approx(number, rel=0, abs=0, nan_ok=True)


X, Y, Z = map(Source, "xyz")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (X + Y * Z, "x + y * z"),
        ((X + Y) * Z, "(x + y) * z"),
        (X - Y - Z, "x - y - z"),
        (X - (Y - Z), "x - (y - z)"),
        (-X * Y, "-x * y"),
        (-(X * Y), "-(x * y)"),
        (X / (Y * Z), "x / (y * z)"),
        (1.0 / X / Y, "1.0 / x / y"),
        (X - -2.0, "x - -2.0"),
        (where(X > 0.0, where(Y > 0.0, X, Y), Z), "(x if y > 0.0 else y) if x > 0.0 else z"),
        (where(X > 0.0, X, where(Y > 0.0, Y, Z)), "x if x > 0.0 else y if y > 0.0 else z"),
    ],
)
def test_there_are_no_other_parentheses(expression: Source, text: str) -> None:
    assert str(expression) == text
