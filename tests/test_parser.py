"""Formulas in text: what they compute, and one clear sentence for each possible error."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import PRIMITIVES, FormulaError, Value, define, definitions, draw, evaluate_number, variables


def test_softmax_defines_several_numbers():
    g = define("L = -log(p2); p1, p2 = softmax(z1, z2)", z1=0, z2=math.log(3))
    assert [g[name].data for name in ("p1", "p2")] == pytest.approx([0.25, 0.75])
    g["L"].backward()
    assert (g["z1"].grad, g["z2"].grad) == (pytest.approx(0.25), pytest.approx(-0.25))


def test_sigma_alone_is_a_variable():
    g = define("y = σ(x/σ); σ = 2", x=0)
    assert g["y"].data == 0.5


def test_a_step_has_the_slope_0_and_is_marked_where_it_jumps():
    g = define("y = step(s)", s=0)
    assert g["y"].data == 1.0
    assert "on a kink" in draw(g["y"], named=True).source
    g["y"].backward()
    assert not g["s"].grad


def test_definitions_in_any_order():
    texts = ["y = 1/(x+t)", "x = v**2 + w", "t = sin((w+v)*pi)", "v = exp(w)"]
    for start in range(4):
        g = define("; ".join(texts[start:] + texts[:start]), w=0)
        assert g["y"].data == pytest.approx(1.0)
        assert [g[name].label for name in "wvxty"] == list("wvxty")


def test_several_outputs_share_one_graph():
    g = define("y = a*b\nz = a + b", a=2, b=3)
    assert set(g["y"].parents) == set(g["z"].parents) == {g["a"], g["b"]}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("2 + 3*4 - 6/4", 12.5),
        ("-2**2", -4.0),
        ("(-2)**2", 4.0),
        ("2**-1", 0.5),
        ("7 % 3 + 7 // 3", 3.0),
        ("+1.5e-3", 0.0015),
        ("max(1, 2) + min(1, 2) + abs(-3)", 6.0),
        ("ln(e) + log10(100) + pow(2, 3)", 11.0),
        ("atan2(1, 1)", math.pi / 4),
        ("hypot(3, 4)", 5.0),
        ("where(1 < 2, 10, 20)", 10.0),
        ("clip(5, 0, 1)", 1.0),
        ("leaky_relu(-1, 0.1)", -0.1),
        ("leaky_relu(-1)", -0.01),
        ("sum(1, 2, 3)", 6.0),
        ("sin(pi/2)", 1.0),
        ("(1 + 2)(3 + 4)", 21.0),
        ("(1 + 2)(3 + 4)**2", 147.0),
        ("2**(1 + 1)(3 + 4)", 28.0),
        ("2(3 + 4)", 14.0),
        ("log10(10)(3 + 4)", 7.0),
        ("-(1 + 2) (3 + 4) (2)", -42.0),
        ("σ(0)", 0.5),
        ("step(-1) + step(0) + step(2)", 2.0),
        (r"\frac{1}{4}", 0.25),
        (r"\frac{1}{\frac{1}{2} + 3^{2}}", 1 / 9.5),
        (r"2\frac{3}{4}\cdot\left(1 + 1\right)", 3.0),
        (r"\sqrt{\frac{1}{4}} + \sin(\pi) + \sigma(0)", 1.0),
        (r"\frac{e^2}{2}", math.e**2 / 2),
    ],
)
def test_values(formula, value):
    assert evaluate_number(formula) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("op", PRIMITIVES.values(), ids=str)
def test_every_primitive_can_be_called(op):
    count = {"dot": 4, "affine": 5}.get(op.name, len(op.parameters) or 3)
    start = 1.5 if op.name == "arccosh" else 0.5
    chosen = {i for i, interval in enumerate(op.domain) if interval.whole}
    values = {f"a{i}": float(i) if i in chosen else start + i for i in range(count)}
    assert define(f"y = {op.name}({', '.join(values)})", values)["y"].op is op


def test_factors_come_in_pairs():
    with pytest.raises(FormulaError, match="the factors must form pairs, but there are 3"):
        define("y = dot(a, a, a)", a=1)


def test_constants_can_be_redefined():
    assert define("y = e*pi", e=2, pi=3)["y"].data == 6.0
    assert define("y = 2*e; e = 5")["y"].data == 10.0


def test_an_alias_is_a_variable_of_its_own():
    g = define("y = x; z = y", x=2)
    g["z"].backward()
    assert [g[name].grad for name in "xyz"] == [1.0, 1.0, 1.0]
    assert len({id(node) for node in g.values()}) == 3


def test_a_definition_without_variables_is_a_leaf():
    g = define("a = 2*pi; y = a**2")
    assert g["a"].op is None
    g["y"].backward()
    assert g["a"].grad == 4 * math.pi


def test_names_in_any_script_and_normal_form():
    decomposed = "값"  # the same letters in another normal form
    g = define("결과 = 2*값; α_1 = 결과", {decomposed: 3})
    assert g["α_1"].data == 6.0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive(x):
    assert evaluate_number(repr(x)) == x


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("", {}, "there is no formula"),
        (" ; ", {}, "there is no formula"),
        ("x**2", {}, '"x**2" is not a definition: write it as name = formula'),
        ("y == 2", {}, '"y == 2" is not a definition'),
        ("= 2", {}, "defines no variable: nothing is not a name"),
        ("2y = 2", {}, "defines no variable: 2y is not a name"),
        ("sin = 2", {}, "defines sin, which is the name of a function"),
        ("y = ", {}, "is not a formula"),
        ("y = (x", {"x": 1}, '"(x" is not a formula: its brackets or operators do not fit together'),
        ("y = x +", {"x": 1}, "is not a formula"),
        ("y = 2x", {"x": 1}, "is not a formula"),
        ("y = x^2", {"x": 1}, "write a power as x**2, not x^2"),
        ("y = a^3", {"a": 1}, "write a power as a**3, not a^3"),
        ("y = (a + b)^2", {"a": 1, "b": 1}, "write a power as x**2, not x^2"),
        ("y = 1/(1 + 1)(1 + 2)", {}, "write the * of the product after the division sign, and parentheses"),
        ("y = 1/2(1 + 2)", {}, "write the * of the product after the division sign, and parentheses"),
        ("y = softmax(x, x)", {"x": 1}, "softmax gives several numbers: write p1, p2 = softmax(z1, z2)"),
        ("p, q = softmax(a, b, c)", {}, "defines 2 numbers, but softmax takes 3"),
        ("step = 2", {}, "defines step, which is the name of a function"),
        ("y = \\frac{1}{x", {"x": 1}, "is not a formula"),
        ("y = x(x + 1)", {"x": 1}, "x is not a function of the table"),
        ("y = foo(x)", {"x": 1}, "foo is not a function of the table"),
        ("y = sigmod(x)", {"x": 1}, "did you mean sigmoid?"),
        ("y = sin(x, x)", {"x": 1}, "has no value here: sin(x): too many positional arguments"),
        ("y = x.real", {"x": 1}, "only numbers, names, operators and functions are allowed"),
        ("y = [x]", {"x": 1}, "only numbers, names, operators and functions are allowed"),
        ("y = (lambda: 1)()", {}, "call a function as name(x, …)"),
        ("y = __import__('os')", {}, "__import__ is not a function of the table"),
        ("y = sin(*x)", {"x": 1}, "call a function as"),
        ("y = x if x else 1", {"x": 1}, "only numbers, names, operators and functions are allowed"),
        ("y = x and x", {"x": 1}, "only numbers, names, operators and functions are allowed"),
        ("y = (z := 2)", {}, "only numbers, names, operators and functions are allowed"),
        ("y = 1 < x < 2", {"x": 1}, "one comparison at a time"),
        ("y = 'a'", {}, "'a' is not a real number"),
        ("y = 2j", {}, "2j is not a real number"),
        ("y = True", {}, "True is not a real number"),
        ("y = x", {}, "uses x, which is neither defined nor given a value"),
        ("y = width", {"widht": 1}, "did you mean widht?"),
        ("y = 1", {"q": 1}, "q is given a value, but no formula uses it"),
        ("y = x; x = 2", {"x": 1}, "x is given a value and defined as well: x = 2"),
        ("y = 1; y = 2", {}, "y is defined twice: y = 1 and y = 2"),
        ("y = x; x = y", {}, "the definitions depend on each other in a circle"),
        ("y = y + 1", {}, "the definitions depend on each other in a circle: y → y"),
        ("y = 1/x", {"x": 0}, '"y = 1/x" has no value here: divide: division by zero in 1.0 / x at x = 0.0'),
        ("y = log(x)", {"x": -1}, "log: math domain error at x = -1.0"),
        ("y = x**0.5", {"x": -1}, "power: math domain error"),
        ("y = (-8)**(1/3)", {}, "has no value here"),
        ("y = exp(x)", {"x": 1000}, "exp: overflow at x = 1000.0"),
        ("y = x", {"x": "3"}, "x: a Value takes a real number, not str"),
        ("y = " + "(" * 500 + "x" + ")" * 500, {"x": 1}, "formula"),
        ("y = " + "-" * 5000 + "x", {"x": 1}, "nested too deeply"),
        ("y = x\0", {"x": 1}, "is not a formula"),
    ],
)
def test_clear_errors(text, values, message):
    with pytest.raises(FormulaError) as caught:
        define(text, values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="xy=+-*/()123. ;sin,<>[]'%\n", max_size=30))
def test_any_text_is_computed_or_refused(text):
    try:
        nodes = define(text, {})
    except FormulaError:
        return
    assert all(isinstance(node, Value) for node in nodes.values())
    assert set(nodes) == {definition.name for definition in definitions(text)}


@pytest.mark.parametrize("op", PRIMITIVES.values(), ids=str)
def test_every_primitive_has_a_graph_of_letters(op):
    count = {"dot": 4, "affine": 5}.get(op.name, len(op.parameters) or 3)
    chosen = {i for i, interval in enumerate(op.domain) if interval.whole}
    arguments = ["1" if i in chosen else f"a{i}" for i in range(count)]
    nodes = define(f"y = {op.name}({', '.join(arguments)})", letters=True)
    assert list(nodes) == [*(name for name in arguments if name != "1"), "y"]
    assert nodes["y"].op is op


def test_letters_take_no_values():
    with pytest.raises(FormulaError, match="x is given a value in a graph of letters"):
        define("y = x*z", letters=True, x=2)


def test_the_variables_of_a_text():
    assert variables(definitions("y = 1/x + pi; x = v**2*a")) == ["a", "v"]


def test_a_condition_is_part_of_the_graph():
    g = define("y = where(x > 2, x, 3*x)", x=1)
    assert (g["y"].data, str(g["y"].operands[0].op)) == (3.0, "greater")
    g["y"].backward()
    assert g["x"].grad == 3.0


def test_a_number_has_no_variables():
    with pytest.raises(FormulaError, match="is not a number: it contains the variable x"):
        evaluate_number("2*x")
    with pytest.raises(FormulaError, match="has no value here: "):
        evaluate_number("1/0")
