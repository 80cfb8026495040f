"""The table in JavaScript: every row that it can express computes what Python computes."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Sequence
from typing import Any

import pytest
from browser import needs_node, node

import autograd
from autograd import PRIMITIVES, Primitive, erf, primitive, where
from autograd.core.comparisons import COMPARISONS
from autograd.dialects.javascript import JavaScript, row, row_name, table

MISSING = [
    "erf", "erfc", "gelu", "erfinv", "erfcinv", "erfcx_derivative", "erfcx", "ndtr", "ndtri",
    "inverse_mills_excess", "inverse_mills", "log_ndtr", "polygamma", "digamma", "lgamma", "gamma", "rgamma",
    "polygamma_difference", "betaln", "beta", "gammainc", "gammaincc", "betainc", "stdtr", "iv", "i0", "i1",
    "ive_derivative", "ive", "kv", "kve_derivative", "kve", "jv", "yv", "j0", "j1", "y0", "y1", "sinc_derivative",
    "sinc",
]  # fmt: skip
"""The rows that rest on functions which JavaScript's ``Math`` lacks."""

SPECIAL = (0.0, 0.25, 0.5, 1.0, 1.0 + 2**-40, 2.0, 3.0, 19.5, 40.0, 700.0, 1e-9, 1e-200, 1e200)
"""Magnitudes where a formula may lose digits, overflow or stand on a kink."""


def numbers(op: Primitive, count: int) -> list[list[float]]:
    """Points in the domain of a row: special ones, ties, and random ones."""
    draw = random.Random(op.name)
    domain = op.domain or (autograd.Interval(),) * count
    found = []
    for _ in range(4000):
        point = [draw.choice(SPECIAL) * draw.choice((-1, 1)) if draw.random() < 0.5 else draw.gauss(0, 3)
                 for _ in range(count)]  # fmt: skip
        if draw.random() < 0.1:
            point = [point[0]] * count
        point = [float(round(x)) if interval.whole else x for x, interval in zip(point, domain, strict=True)]
        if all(x in interval for x, interval in zip(point, domain, strict=True)):
            found.append(point)
    return found[:400]


def expected(op: Primitive, point: Sequence[float]) -> list[float] | None:
    """The value and the slopes by Python; ``None`` where it raises an error."""
    try:
        value = float(op.formula(*point))
        return [value, *map(float, op.slopes(point, value))]
    except (ArithmeticError, ValueError):
        return None


def computed(cases: list[tuple[str, list[float]]], more: str = "") -> list[list[float]]:
    """The value and the slopes by JavaScript, whose table may have more rows."""
    script = """
        const compute = ([name, xs]) => {
          const y = Number(RULES[name].value(...xs));
          return [y, ...RULES[name].slopes(...xs, y)];
        };
        say(data.map(compute));
    """
    helpers = table().partition("// The table: ")[0]  # which a row of the user may call as well
    found = node(f"{helpers} const RULES = {{ ...TABLE, {more} }}; {script}", cases)
    return [[float(x) for x in numbers] for numbers in found]


def close(x: float, y: float) -> bool:
    return x == y or (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-12, abs_tol=5e-324)


def test_the_rows_that_javascript_lacks_are_listed() -> None:
    rows = [op for op in PRIMITIVES.values() if op.is_built_in]
    missing = [op.name for op in rows if not op.variadic and row(op, len(op.parameters)) is None]
    assert sorted(missing) == sorted(MISSING)
    assert f"export const MISSING = {json.dumps(missing)};" in table()


@needs_node
def test_every_row_equals_python() -> None:
    ours = [op for op in PRIMITIVES.values() if op.is_built_in]
    written = [op for op in (*ours, *COMPARISONS.values()) if not op.variadic and op.name not in MISSING]
    cases, truths = [], []
    for op in written:
        points = [(point, truth) for point in numbers(op, len(op.parameters)) if (truth := expected(op, point))]
        assert len(points) >= 60, op
        cases += [(op.name, point) for point, _ in points]
        truths += [truth for _, truth in points]
    found = computed(cases)
    wrong = [
        (*case, answer, truth)
        for case, answer, truth in zip(cases, found, truths, strict=True)
        if not all(map(close, answer, truth))
    ]
    assert not wrong, (len(wrong), wrong[:20])
    assert len(cases) > 15_000


@needs_node
@pytest.mark.parametrize(
    "op", [op for op in PRIMITIVES.values() if op.variadic and op.name in ("sum", "dot", "affine")], ids=str
)
def test_rows_of_any_number_of_operands_are_written_for_each_number(op: Primitive) -> None:
    for count in (3,) if op.name == "affine" else (2, 4):
        name = row_name(op, count)
        point = [1.5, -2.0, 0.25, 3.0][:count]
        assert computed([(name, point)], f'"{name}": {row(op, count)}') == [expected(op, point)]


@needs_node
def test_slopes_are_nan_outside_of_the_domain() -> None:
    for name in ("log", "sqrt", "arcsin", "logit"):
        assert all(map(math.isnan, computed([(name, [-2.0])])[0])), name


@needs_node
def test_a_condition_that_is_nan_holds_as_in_python() -> None:
    [[value, *_]] = computed([("where", ["nan", 1.0, 2.0])])  # type: ignore[list-item]
    assert value == where.formula(math.nan, 1.0, 2.0) == 1.0


@needs_node
@pytest.mark.parametrize("name", ["power", "floor_divide", "mod", "maximum", "minimum", "clip", "sign", "floor"])
def test_at_infinities_nan_and_zeros_of_either_sign_values_are_those_of_python(name: str) -> None:
    special = [0.0, -0.0, 1.0, -1.0, 0.5, -3.0, math.inf, -math.inf, math.nan]
    points = [list(point) for point in itertools.product(special, repeat=len(PRIMITIVES[name].parameters))]
    known = [(point, truth[0]) for point in points if (truth := expected(PRIMITIVES[name], point))]
    script = f"""
        const text = (x) => (Object.is(x, -0) ? "-0" : String(Number(x)));
        say(data.map((xs) => text(TABLE.{name}.value(...xs.map(Number)))));
    """
    found = node(script, [[str(x).replace("inf", "Infinity") for x in point] for point, _ in known])
    assert [(point, str(float(value))) for (point, _), value in zip(known, found, strict=True)] == [
        (point, str(truth)) for point, truth in known
    ]


@pytest.fixture
def declared() -> Any:
    """Declares rows, which are taken out of the table again."""
    before = set(PRIMITIVES)
    yield primitive
    for name in set(PRIMITIVES) - before:
        del PRIMITIVES[name]


@needs_node
def test_a_row_of_the_user_is_written(declared: Any) -> None:
    @declared(lambda x, out: -2 * x * out)
    def bell_of_the_test(x):  # type: ignore[no-untyped-def]
        return autograd.exp(-(x**2)) + 0.0 * abs(x)

    text = row(bell_of_the_test, 1)
    assert text is not None
    [found] = computed([("bell_of_the_test", [0.5])], f"bell_of_the_test: {text}")
    assert found == pytest.approx(expected(bell_of_the_test, [0.5]), rel=1e-12)


@pytest.mark.parametrize(
    "formula",
    [
        lambda x: x if x > 0 else 0.0 * x,
        lambda x: 0.0 if x == 0 else x,
        math.sin,
        erf,
        lambda x: x.real,
    ],
)
def test_a_row_that_python_decides_is_not_written(declared: Any, formula: Any) -> None:
    op = declared(lambda x, out: 1.0, name="of_the_test")(lambda x: formula(x))
    assert row(op, 1) is None


def test_parentheses() -> None:
    x, y = JavaScript("x"), JavaScript("y")
    assert str(x - (y - x) * -x) == "x - (y - x) * -x"
    minus = -x
    assert str(-minus) == "-(-x)"
    assert str(x - -2.0) == "x - -2.0"
    assert str(where(x > 0.0, 1.0, y) * 2.0) == "(x > 0.0 ? 1.0 : y) * 2.0"
    assert str(where(x, 1.0, y)) == "x !== 0.0 ? 1.0 : y"
    assert str(x * math.inf) == "x * Infinity"
    assert str(x * -math.inf) == "x * -Infinity"
