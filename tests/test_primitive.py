"""Primitives that users declare: they work in every dialect, and a bad declaration is refused in one sentence."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import PRIMITIVES, Interval, Primitive, Value, exp, grad, hessian, primitive, where
from autograd.core.primitive import dialect
from autograd.testing import check_primitive

pytestmark = pytest.mark.usefixtures("table")


def bell(x: Any) -> Any:
    """The bell curve exp(-x**2)."""
    return exp(-x * x)


def declare_bell() -> Primitive:
    return primitive(lambda x, out: -2 * x * out, symbol="∩", latex=r"e^{-{$x}^2}")(bell)


@pytest.mark.parametrize("averages", [False, True])
def test_on_its_kink_a_declared_primitive_averages_or_is_a_piece(averages: bool) -> None:
    on_kink = 2.0 if averages else 1.0

    @primitive(lambda x, out: where(x > 0, 3.0, where(x < 0, 1.0, on_kink)), kink=lambda x: x, averages=averages)
    def bend(x: Any) -> Any:
        return where(x > 0, 3.0 * x, x)

    second = math.nan if averages else 0.0
    assert grad(bend)(0.0) == on_kink
    np.testing.assert_equal(grad(grad(bend))(0.0), second)
    np.testing.assert_equal(
        hessian(lambda x: bend(x[0]) + bend(x[1]))(np.array([0.0, 1.0])), [[second, 0.0], [0.0, 0.0]]
    )
    np.testing.assert_equal(autograd.compile(bend).hvp((0.0,), (1.0,)), (second,))
    assert grad(grad(bend))(-1.0) == 0.0
    check_primitive(bend)


def test_a_declared_primitive_works_everywhere() -> None:
    op = declare_bell()
    assert PRIMITIVES["bell"] is op
    assert op(0.0) == 1.0
    assert op(np.array([0.0, 1.0])) == pytest.approx([1.0, math.exp(-1)])
    x = Value(0.5)
    y = op(x)
    y.backward()
    assert y.op is op
    assert (y.data, x.grad) == (math.exp(-0.25), -math.exp(-0.25))
    assert (op.symbol, op.latex("t"), op.__doc__) == ("∩", "e^{-{t}^2}", "The bell curve exp(-x**2).")
    assert (repr(op), str(op)) == ("<primitive bell(x)>", "bell")


def test_a_primitive_of_any_number_of_operands() -> None:
    @primitive(lambda xs, out: [out / x for x in xs])
    def product(*xs: Any) -> Any:
        return math.prod(xs)

    a, b = Value(2.0), Value(5.0)
    y = product(a, 3.0, b, a)
    y.backward()
    assert (y.data, a.grad, b.grad) == (60.0, 60.0, 12.0)
    assert repr(product) == "<primitive product(*operands)>"


def test_a_primitive_without_a_latex_template_is_shown_by_its_name() -> None:
    op = primitive(lambda x, out: out, name="half_life")(bell)
    assert op.latex("t") == r"\operatorname{half\_life}\left(t\right)"
    assert PRIMITIVES["sum"].latex("a", "b") == r"\operatorname{sum}\left(a, b\right)"


def test_a_dialect_may_be_registered_late() -> None:
    class Word(str):
        pass

    with pytest.raises(TypeError, match="exp takes numbers and Values, not Word"):
        exp(Word("x"))
    dialect(Word, rank=9)(lambda op, operands: f"{op} of {' and '.join(map(str, operands))}")
    assert exp(Word("x")) == "exp of x"
    assert PRIMITIVES["add"](Value(1.0), Word("x")) == "add of Value(1.0) and x"


def test_it_is_copied_and_pickled_by_name() -> None:
    op = declare_bell()
    data = pickle.dumps(op(Value(0.5)))
    assert copy.deepcopy(op) is copy.copy(op) is pickle.loads(pickle.dumps(op)) is op
    assert pickle.loads(data).op is op
    name, modules = op.__reduce__()[1][:2]
    del PRIMITIVES["bell"]
    with pytest.raises(LookupError, match="there is no primitive 'bell' yet: import the module that declares it first"):
        op.__reduce__()[0](name, modules)


def test_a_declaration_may_be_run_again() -> None:
    assert declare_bell() is not declare_bell()


def test_a_primitive_of_the_table_is_never_replaced() -> None:
    before = PRIMITIVES["exp"], PRIMITIVES["sigmoid"]
    with pytest.raises(ValueError, match="the table already has a primitive 'exp': choose another name"):
        primitive(lambda x, out: out, name="exp")(bell)
    with pytest.raises(ValueError, match="already has a primitive 'sigmoid'"):
        primitive(lambda x, out: out, name="sigmoid")(lambda x: x)
    assert (PRIMITIVES["exp"], PRIMITIVES["sigmoid"]) == before


def test_a_primitive_of_the_table_is_not_replaced_by_one_with_the_same_formula() -> None:
    with pytest.raises(ValueError, match="already has a primitive 'cos'"):
        primitive(lambda x, out: 0.0)(math.cos)


def refused(error: type[Exception], match: str, *partials: Any, formula: Any = bell, **options: Any) -> None:
    with pytest.raises(error, match=match):
        primitive(*partials, **options)(formula)
    assert "bell" not in PRIMITIVES


def test_bad_declarations() -> None:
    slope = lambda x, out: -2 * x * out  # noqa: E731
    refused(ValueError, r"bell takes 1 operand\(s\) \(x\) but declares 0 partial")
    refused(ValueError, r"bell takes 1 operand\(s\) \(x\) but declares 2 partial", slope, slope)
    refused(TypeError, r"bell: ∂/∂x must be a function of \(x, out\)", lambda x: -2 * x)
    refused(TypeError, r"bell: the formula and every partial derivative must be functions", 1.0)
    refused(ValueError, r"bell: give one interval for all operands", slope, domain=(Interval(), Interval()))
    refused(ValueError, r"must be a Python identifier, not 'bell curve'", slope, name="bell curve")
    refused(ValueError, r"must be a Python identifier, not '<lambda>'", slope, formula=lambda x: x)
    refused(ValueError, r"bell takes no operand: a primitive must have at least one", name="bell", formula=lambda: 1.0)
    refused(
        ValueError, r"^bell takes any number of operands.*, not 0 functions", name="bell", formula=lambda *xs: xs[0]
    )


def test_intervals() -> None:
    assert [str(x) for x in (Interval(), Interval(0.0), Interval(-1, 1, "[]"), Interval(holes=(0.0,)))] == [
        "ℝ",
        "(0, ∞)",
        "[-1, 1]",
        "ℝ without 0",
    ]
    assert [str(x) for x in (Interval(whole=True), Interval(0, 3, "[]", whole=True))] == ["ℤ", "[0, 3] ∩ ℤ"]
    poles = Interval(high=0.0, ends="(]", whole=True)
    assert str(Interval(holes=poles)) == "ℝ without (-∞, 0] ∩ ℤ"
    assert [x for x in (-2.0, -1.5, 0.0, 0.5, 2.0, math.nan) if x in Interval(holes=poles)] == [-1.5, 0.5, 2.0]
    assert 0.0 not in Interval(0.0)
    assert 0.0 in Interval(0.0, ends="[)")
    assert 1.0 not in Interval(0.0, 1.0, "[)")
    assert 0.0 not in Interval(holes=(0.0,))
    assert math.nan not in Interval()
    orders = Interval(0.0, ends="[)", whole=True)
    assert [x for x in (-1.0, 0.0, 0.5, 1.0, 2, 1e308, math.inf, math.nan) if x in orders] == [0.0, 1.0, 2, 1e308]
