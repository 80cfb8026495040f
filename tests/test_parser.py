"""Formulas in text: what they compute, and one clear sentence for each possible error."""

import math
import re
from contextlib import suppress
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import (
    PRIMITIVES,
    FormulaError,
    Value,
    check_claim,
    define,
    definitions,
    draw,
    evaluate_number,
    variables,
)


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
    values = {f"a{i}": float(i) if i in chosen else start + i / 7 for i in range(count)}
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
        ("y = x2x", {"x": 1}, "uses x2x, which is neither defined nor given a value"),
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
        ("y = (lambda: 1)()", {}, "only numbers, names, operators and functions are allowed"),
        ("y = sin(x=1)", {}, "call a function as name(x, …)"),
        ("y = __import__('os')", {}, "__import__ is not a function of the table"),
        ("y = sin(*x)", {"x": 1}, "call a function as"),
        ("y = max(x if x else 1, 2)", {"x": 1}, "only numbers, names, operators and functions are allowed"),
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


# ---------------------------------------------------------------------------------------------------------------------
# What people write by hand
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("10⁵*x", 300000.0),
        ("2³ + x", 11.0),
        ("x²", 9.0),
        ("x²²", 3.0**22),
        ("x⁻¹", 1 / 3),
        ("3x²", 27.0),
        ("-x²", -9.0),
        ("2²x", 12.0),
        ("10⁵√(x + 1)", 200000.0),
        ("sin²(x)", math.sin(3) ** 2),
        ("2x", 6.0),
        ("2 x / 4", 1.5),
        ("2e3x", 6000.0),
        ("2(x+1)", 8.0),
        ("2sin(x)", 2 * math.sin(3)),
        ("−x×2·x", -18.0),
        ("x ⋅ x ÷ 2 – 1", 3.5),
        ("where(x ≤ 3, 1, 2)", 1.0),
        ("|x − 4|", 1.0),
        ("2|x| + ||x − 4| − 3|", 8.0),
        ("|(|x| − 4)|²", 1.0),
        ("√x", math.sqrt(3)),
        ("2√(x+1)", 4.0),
        ("√|x − 7|", 2.0),
        ("２＊（x＋1）", 8.0),
        ("x # a note", 3.0),
    ],
)
def test_what_has_one_meaning_is_accepted(formula, value):
    assert define(f"y = {formula}", x=3)["y"].data == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("formula", "message", "place"),
    [
        ("1/2x", "write the * of the product after the division sign, and parentheses", 3),
        ("x/-2x", "write the * of the product after the division sign, and parentheses", 4),
        ("2**3x", "write the * of the product after the exponent, and parentheses", 4),
        ("x**2(x+1)", "write the * of the product after the exponent, and parentheses", 4),
        ("x²(x+1)", "write the * of the product", 2),
        ("(x+1)x", "write the * of the product", 5),
        ("x x", "write x*x for a product", 2),
        ("3 4", "write an operator between the numbers", 2),
        ("sin x", "write sin(x): an argument stands in parentheses", 0),
        ("1 + sin 2x", "write sin(…): an argument stands in parentheses", 4),
        ("sin√x", "write sin(√x): an argument stands in parentheses", 0),
        ("sin⁻¹(x)", "write the inverse function by its name, or 1/sin(x)", 3),
        ("2πx", "write π*x for a product", 1),
        ("1,5*x", "a comma is not a decimal sign: write 1.5", 1),
        ("x, z = 2*x", "write a ; between definitions, not a comma", 1),
        ("(x, x)", "a comma stands only between the arguments of a function", 2),
        ("x = 2", "write one definition at a time", 2),
        ("√x²", "write √(x) with parentheses around what the root is taken of", 0),
        ("√2x", "write √(x) with parentheses around what the root is taken of", 0),
        ("√-x", "write √(x) with parentheses", 1),
        ("x²**2", "write parentheses around one of the powers", 2),
        ("x⁵⁻³", "write the exponent after ** instead of raised", 1),
        ("xⁿ", "write a raised letter as an exponent, x**n", 1),
        ("½*x", "write ½ as (1/2)", 0),
        ("x if x > 1, 2", "write what holds otherwise: x if condition, else y", 13),
        ("x(x + 1)", "x is not a function of the table: write x*(…) for a product", 0),
        ("0x10", "write numbers with decimal digits", 0),
        ("1e400*x", "1e400 is too large", 0),
        ("|x", "its brackets or operators do not fit together (at character 1)", 0),
        ("|x||x|", "write the * of the product", 3),
        ("2*\u200bx", "only numbers, names, operators and functions are allowed, not zero width space", 2),
        (r"\sin 2x", "write the argument of sin in brackets", 6),
        (r"\sin x^2", "write the argument of sin in brackets", 6),
        (r"\sin^{-1} x", "write the inverse function by its name, or 1/sin(x)", 0),
        (r"\sqrt[3]{x}", "write a root as a power, as in x^{1/3}", 5),
        (r"\frac12 x", r"write braces, as in x^{12} and \frac{1}{2}", 5),
        (r"\frac{1}{2} x^23", r"write braces, as in x^{12} and \frac{1}{2}", 14),
        (r"\hat{x}", r"\hat is not known here", 0),
        (r"x\left(x + 1\right)", "x is not a function of the table: write x*(…) for a product", 0),
    ],
)
def test_what_is_unclear_is_named_at_its_place(formula, message, place):
    with pytest.raises(FormulaError) as caught:
        define(f"y = {formula}", x=3)
    assert message in str(caught.value)
    shown, caret = caught.value.__notes__[0].splitlines()
    assert caret == " " * (4 + place) + "^"
    assert shown[4:] == formula.replace("\u200b", " ")


def test_the_caret_stands_under_its_place_below_wide_letters():
    with pytest.raises(FormulaError) as caught:
        define("y = 2*값 x", {"값": 3})
    assert caught.value.__notes__ == ["    2*값 x\n         ^"]


def test_names_that_are_not_known_are_answered_with_what_to_write():
    for text, values, message in [
        ("y = 2ex", {"x": 1}, "uses ex, which is neither defined nor given a value: write e*x for a product"),
        ("y = sin - x", {"x": 1}, "uses sin, which is neither defined nor given a value: an argument of a function"),
        ("y = 2*µ", {"μ": 1}, 'Python writes the keyword µ as μ, so give the values as {"µ": …}'),
    ]:
        with pytest.raises(FormulaError) as caught:
            define(text, values)
        assert message in str(caught.value)


def test_names_are_never_turned_into_others():
    g = define("y = x₁² + 10*x1 + 100*𝑥 + 1000*ｘ + lambda", {"x₁": 1, "x1": 2, "𝑥": 3, "ｘ": 4, "lambda": 5})
    assert g["y"].data == 4326.0
    with pytest.raises(FormulaError, match="uses x₁, which is neither defined nor given a value"):
        define("y = x₁", x1=2)
    assert list(define("y = ㄱ*2", {"ㄱ": 2})) == ["ㄱ", "y"]
    assert set(variables(definitions("y = x² + x₁"))) == {"x", "x₁"}


def test_the_same_letters_in_another_normal_form_are_the_same_name():
    for name in "값", "ŷ", "é":
        g = define(f"y = {normalize('NFD', name)}²", {normalize("NFC", name): 3})
        assert list(g) == [normalize("NFC", name), "y"]


def test_long_sums_are_computed_without_recursion():
    assert define("y = " + " + ".join(["x"] * 20000), x=1)["y"].data == 20000.0
    assert check_claim("y = " + " + ".join(["x"] * 1000), "y", {"x": " + ".join(["1"] * 1000)})


def test_long_formulas_are_not_echoed_whole():
    formula = " + ".join(["x"] * 1000)
    for text in (
        f"y = {formula} + * 2",
        f"y = {formula} + z",
        f"y = {formula} + 1/(x - 1)",
        f"y = {formula}; y = {formula}",
    ):
        with pytest.raises(FormulaError) as caught:
            define(text, x=1)
        assert len(str(caught.value)) < 250
    with pytest.raises(FormulaError) as caught:
        define(f"y = {formula} + * 2", x=1)
    shown, caret = caught.value.__notes__[0].splitlines()
    assert shown[len(caret) - 1 :] == "* 2"


# ---------------------------------------------------------------------------------------------------------------------
# LaTeX
# ---------------------------------------------------------------------------------------------------------------------

SAME_IN_LATEX = [
    (r"\frac{1}{x^{2}}", "1/x**2"),
    (r"\dfrac{w_{1} x}{2} - 1", "w1*x/2 - 1"),
    (r"\sigma(z) \left(1 - \sigma\left(z\right)\right)", "sigmoid(z)*(1 - sigmoid(z))"),
    (r"2 x_{t}^{2} x_t", "2*x_t**2*x_t"),
    (r"\sin x \cos{x} + \sin^{2}{\left(x \right)}", "sin(x)*cos(x) + sin(x)**2"),
    (r"e^{- x} + \exp(-x)", "e**(-x) + exp(-x)"),
    (r"\sqrt{x + 1}\;\sqrt z", "sqrt(x + 1)*sqrt(z)"),
    (r"\left|x - z\right| \cdot \lvert z \rvert", "abs(x - z)*abs(z)"),
    (r"\alpha \pi x", "alpha*pi*x"),
    (r"\max\left(x, z\right) + \operatorname{leaky\_relu}{\left(- x \right)}", "max(x, z) + leaky_relu(-x)"),
    (r"\mathrm{loss} + w_{\mathrm{out}}", "loss + w_out"),
    (r"\log_{2}{x} + \ln(x)", "log2(x) + log(x)"),
]
VALUES = {"x": 1.5, "w1": 0.5, "z": 2.0, "x_t": 0.7, "alpha": 3.0, "loss": 0.1, "w_out": 0.2}


@pytest.mark.parametrize(("latex", "plain"), SAME_IN_LATEX)
def test_latex_reads_the_same_in_definitions_and_claims(latex, plain):
    every = "; everything = " + " + ".join(VALUES)
    assert define(f"y = {latex}{every}", VALUES)["y"].data == define(f"y = {plain}{every}", VALUES)["y"].data
    sums = f"y = w*({' + '.join(VALUES)})"
    read, meant = (check_claim(sums, "y", {"w": claim}, {**VALUES, "w": 1.0}) for claim in (latex, plain))
    assert read.claims[0].findings[0].kind == meant.claims[0].findings[0].kind
    assert check_claim(f"y = w*({plain}) + 0*({' + '.join(VALUES)})", "y", {"w": latex})


def test_latex_may_stand_on_the_left():
    g = define(r"h_{t} = \sigma(x_{t}); y = 2 h_{t} + h_t", x_t=0)
    assert list(g) == ["x_t", "h_t", "y"]
    assert g["y"].data == 1.5


def test_an_index_in_latex_that_may_be_two_variables_is_refused():
    with pytest.raises(FormulaError, match="w_1 may be w1 or w_1: write it so"):
        define("y = w1 + w_1 + 2 w_{1}", w1=1, w_1=2)


# ---------------------------------------------------------------------------------------------------------------------
# Random formulas
# ---------------------------------------------------------------------------------------------------------------------

SPELLINGS = {  # of +, -, *, /, a power, a product of a number and something, the absolute value and the root
    "python": ("({} + {})", "({} - {})", "({} * {})", "({} / {})", "({})**{}", "({}*{})", "abs({})", "sqrt({})"),
    "by hand": ("({} ＋ {})", "({} − {})", "({} × {})", "({} ÷ {})", "({}){}", "({}{})", "|{}|", "√({})"),
    "dots": ("({}+{})", "({}–{})", "({}·{})", "({}/{})", "({}){}", "({} {})", "|({})|", "√|{}|"),
    "latex": (r"\left({} + {}\right)", "({} - {})", r"({} \cdot {})", r"\frac{{{}}}{{{}}}", "{{({})}}^{{{}}}",
              "({} {})", r"\left|{}\right|", r"\sqrt{{{}}}"),
}  # fmt: skip
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

names = st.sampled_from(["x", "w_1", "α", "값"])
formulas = st.recursive(
    names | st.integers(1, 99).map(str),
    lambda part: (
        st.tuples(st.integers(0, 3), part, part)
        | st.tuples(st.just(4), part, st.integers(-3, 12).map(str))
        | st.tuples(st.just(5), st.integers(1, 99).map(str), names)
        | st.tuples(st.just(6), part)
        | st.tuples(st.just(7), part.map(lambda inner: (6, inner)))
    ),
    max_leaves=8,
)


def spelled(formula, spelling):
    """A random formula in one of the spellings."""
    if isinstance(formula, str):
        return formula
    kind, *parts = formula
    texts = [spelled(part, spelling) for part in parts]
    if kind == 4 and "^" not in SPELLINGS[spelling][4] and "**" not in SPELLINGS[spelling][4]:
        texts[1] = texts[1].translate(RAISED)
    return SPELLINGS[spelling][kind].format(*texts)


def outcome(text):
    try:
        return repr(define(text, {"x": 1.3, "w_1": -0.4, "α": 2.0, "값": 7.0})["y"].data)
    except FormulaError as error:
        return re.sub(".* has no value here", "no value", str(error))


@given(formulas)
def test_every_spelling_has_the_same_value(formula):
    every = "; everything = x + w_1 + α + 값"
    found = {name: outcome(f"y = {spelled(formula, name)}{every}") for name in SPELLINGS}
    assert len(set(found.values())) == 1, {name: (spelled(formula, name), found[name]) for name in SPELLINGS}


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("xy=+-*/()²³₁√|·×−πσ ;.,2")), max_size=20))
@example("y = x²")
@example("𝑥 = ﬁ + ㄱ + ℎ + ª + x\u0302")
def test_any_characters_are_refused_or_keep_their_names(text):
    try:
        found = definitions(text)
    except FormulaError:
        return
    if not set("\\{}").isdisjoint(text):
        return
    for definition in found:
        for name in (definition.name, *definition.uses):
            assert name in normalize("NFC", text)


LATEX = (
    r"\frac \sqrt \sin \sigma \alpha \left( \right) \partial \cdot \mathrm \max { } ( ) | ^ _ x y dy dx / 2 12 , ="
    r" ∂ & \\ [ ]"
)


@given(st.lists(st.sampled_from(LATEX.split(" ")), max_size=12).map(" ".join))
@example(r"x_ ( ^ {")
@example(r"\mathrm { _ } _")
def test_any_latex_is_read_or_refused(formula):
    with suppress(FormulaError):
        definitions(f"y = {formula} \\cdot x")
    with suppress(FormulaError):
        check_claim("y = x**2", "y", {"x": formula + "\\,"})


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


def test_letters_that_are_functions_too_are_variables_unless_they_are_called():
    g = define("y1 = gamma*x + beta; y = y1 + gamma(x)", gamma=2, beta=1, x=3)
    assert (g["y1"].data, g["y"].data) == (7.0, 9.0)
    g = define(r"y = \gamma \left(x + 1\right) + \beta", gamma=2, beta=1, x=3)
    assert g["y"].data == 9.0


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


CASES = [
    ("-x if x < 0 else 2*x", lambda x: -x if x < 0 else 2 * x),
    ("3(-x if x < 0, else 2x)", lambda x: 3 * (-x if x < 0 else 2 * x)),
    ("1 if x > 1, x² if x > 0, else -1", lambda x: 1 if x > 1 else x**2 if x > 0 else -1),
    (r"\begin{cases} 1 & \text{if } x > 1 \\ x^2 & \text{if } x > 0 \\ -1 & \text{otherwise} \end{cases} + x",
     lambda x: (1 if x > 1 else x**2 if x > 0 else -1) + x),
]  # fmt: skip


@pytest.mark.parametrize("x", [-1.5, 0.5, 2.0])
@pytest.mark.parametrize(("formula", "by_hand"), CASES)
def test_cases(formula, by_hand, x):
    assert define(f"y = {formula}", x=x)["y"].data == by_hand(x)


@pytest.mark.parametrize(
    "formula",
    ["x if x > 1", "x if x > 1,", r"\begin{cases} x \end{cases}", r"\begin{matrix} x \end{matrix}",
     r"\begin{cases} x & \text{if } x > 1 \end{cases}", r"\begin{cases} x & \text{if } x > 1 \\ 2 \end{cases}"],
)  # fmt: skip
def test_cases_that_are_not_complete_are_refused(formula):
    with pytest.raises(FormulaError):
        define(f"y = {formula}", x=1)
