"""Claims about derivatives: which are right, what is said of those that are wrong, and what cannot be read."""

import json
import sys
import threading
import time
from random import Random

import pytest
from hypothesis import settings

from autograd import FormulaError, check_claim, define, paths
from autograd.explain import proof
from autograd.explain.extras import symbolic_or_none
from pathgrad.cli import main

NET = (
    "s1 = x_t*w1; h1 = sigmoid(s1); s2 = h1*w2; h2 = sigmoid(s2); s3 = h1*w3; h3 = sigmoid(s3); "
    "s4 = h2*w4 + h3*w5; y = s4; E = (y_t - y)**2/2"
)
UPPER, LOWER = "w1 → s1 → h1 → s2 → h2 → s4 → y → E", "w1 → s1 → h1 → s3 → h3 → s4 → y → E"
CHAIN = "y = 1/x; x = v**2; v = exp(w)"
FOUR_PATHS = "y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)"

needs_sympy = pytest.mark.skipif(symbolic_or_none() is None, reason="SymPy is not installed")


def wrong(checked):
    """The one wrong finding of the one claim."""
    [claim] = checked
    [finding] = [finding for finding in claim.findings if not finding.right]
    assert not checked
    assert not claim
    return finding


# ---------------------------------------------------------------------------------------------------------------------
# What is right
# ---------------------------------------------------------------------------------------------------------------------


def test_every_parameter_at_once():
    checked = check_claim(
        NET,
        "E",
        {
            "w5": "-(y_t-y)*1*h3",
            "w4": "-(y_t-y)*h2",
            "w3": "-(y_t-y)*w5*h3*(1-h3)*h1",
            "w2": "-(y_t-y)*w4*h2*(1-h2)*h1",
            "w1": "-(y_t-y)*w4*h2*(1-h2)*w2*h1*(1-h1)*x_t - (y_t-y)*w5*h3*(1-h3)*w3*h1*(1-h1)*x_t",
        },
    )
    assert checked
    assert [claim.derivative for claim in checked] == ["dE/dw5", "dE/dw4", "dE/dw3", "dE/dw2", "dE/dw1"]
    *_, last = checked
    assert [(f.term, f.paths) for f in last.findings] == [
        ("-(y_t-y)*w4*h2*(1-h2)*w2*h1*(1-h1)*x_t", (UPPER,)),
        ("-(y_t-y)*w5*h3*(1-h3)*w3*h1*(1-h1)*x_t", (LOWER,)),
    ]


@pytest.mark.parametrize(
    ("name", "claim"),
    [
        ("w1", "-(y_t-y)*(w4*h2*(1-h2)*w2 + w5*h3*(1-h3)*w3)*h1*(1-h1)*x_t"),
        ("w1", "-(y_t-h2*w4-h3*w5)*(w4*w2*(h2-h2**2) + w5*h3*(1-h3)*w3)*(h1-h1**2)*x_t"),
        ("w1", "dE/dy * dy/ds4 * (ds4/dh2*dh2/ds2*ds2/dh1 + ds4/dh3*dh3/ds3*ds3/dh1) * dh1/ds1 * ds1/dw1"),
        ("w1", "∂E/∂y * ∂y/∂s4 * (∂s4/∂h2*∂h2/∂s2*w2 + ∂s4/∂h3*∂h3/∂s3*w3) * ∂h1/∂s1 * x_t"),
        ("w1", "dE/dh1 * dh1/dw1"),
        ("dE/dw1", "dE/ds1 * x_t"),
        ("h1", "(y-y_t)*w4*h2*(1-h2)*w2 + (y-y_t)*w5*h3*(1-h3)*w3"),
        ("s4", "y - y_t"),
        ("∂h2/∂s2", "h2*(1-h2)"),
        ("∂E/∂y", "y - y_t"),
        ("dh2/dw1", "h2*(1-h2)*w2*h1*(1-h1)*x_t"),
        ("E", 1),
        (r"\frac{dE}{dw_{4}}", r"\left(y - y_{t}\right) h_{2}"),
        ("w4", "(y − y_t)·h2"),
        ("w2", "−(y_t−y)×w4·(h2 − h2²) h1".replace(" h1", "·h1")),
        ("w4", "∂ E / ∂ y · h2"),
        ("w4", r"\frac{\partial E}{\partial y} \frac{\partial y}{\partial s_{4}} \sigma\left(s_{2}\right)"),
    ],
)
def test_any_form_is_accepted(name, claim):
    assert check_claim(NET, "E", {name: claim})


def test_a_factored_claim_says_which_paths_its_terms_are():
    [claim] = check_claim(NET, "E", {"w1": "-(y_t-y)*(w4*h2*(1-h2)*w2 + w5*h3*(1-h3)*w3)*h1*(1-h1)*x_t"})
    assert [finding.paths for finding in claim.findings] == [(UPPER,), (LOWER,)]
    [claim] = check_claim(FOUR_PATHS, "y", {"w": "-(2*v**2 + 1 + pi*cos((w+v)*pi)*(1 + v))/(x+t)**2"})
    assert [finding.kind for finding in claim.findings] == ["path"] * 4
    [claim] = check_claim(FOUR_PATHS, "y", {"w": "-(x - w + v**2 + 1 + pi*cos((w+v)*pi)*(1 + v))/(x+t)**2"})
    assert [finding.kind for finding in claim.findings] == ["path"] * 3 + ["together"]
    assert claim.findings[-1].paths == ("w → v → x → y",)


@needs_sympy
def test_latex_with_upright_names():
    text, at = "loss = (pred - target)**2; pred = weight1*x_in", {"weight1": 2.0, "x_in": 3.0, "target": 1.0}
    graph = define(text, at)
    latex = paths(graph["loss"], graph["weight1"]).latex()
    assert r"\mathrm{loss}" in latex
    assert check_claim(text, "loss", latex, at)


@needs_sympy
@pytest.mark.parametrize(("text", "steps"), [(CHAIN, 4), (FOUR_PATHS, 5)])
def test_latex_as_it_is_printed(text, steps):
    graph = define(text, w=0)
    checked = check_claim(text, "y", {"w": paths(graph["y"], graph["w"]).latex()}, w=0)
    assert checked
    assert len(checked.claims) == steps
    assert check_claim(text, "y", paths(graph["y"], graph["w"]).latex(), w=0)


@needs_sympy
def test_a_wrong_factor_in_printed_latex_is_named():
    graph = define(FOUR_PATHS, w=0)
    latex = paths(graph["y"], graph["w"]).latex().replace("2 v", "3 v")
    claims = list(check_claim(FOUR_PATHS, "y", {"w": latex}, w=0))
    assert [claim.right for claim in claims] == [True, False, True, True, True]
    assert [f.kind for f in claims[1].findings if not f.right] == ["constant"]


def test_numbers_at_given_values():
    assert check_claim(CHAIN, "y", {"w": -2, "v": "-2.0", "x": -1.0}, w=0)
    assert check_claim(FOUR_PATHS, "y", {"w": "3.28319"}, w=0)
    assert check_claim(FOUR_PATHS, "y", {"w": "-2 - 1 + 3.1416 + 3.1416"}, w=0)
    assert not check_claim(FOUR_PATHS, "y", {"w": "3.28318"}, w=0)
    assert not check_claim(FOUR_PATHS, "y", {"w": 3}, w=0)
    assert not check_claim(CHAIN, "y", {"w": -2.7})


def test_some_values_may_be_given():
    loss = "L = -(t*log(y) + (1-t)*log(1-y)); y = sigmoid(z); z = w*x + b"
    assert check_claim(loss, "L", {"b": "y - t", "w": "(y-t)*x"})
    assert check_claim(loss, "L", {"b": "y - 1"}, t=1)
    assert not check_claim(loss, "L", {"b": "y - 1"})


def test_both_readings_of_d():
    """With d along all paths there are two terms; with d for the local derivative, four."""
    assert check_claim(FOUR_PATHS, "y", {"w": "dy/dx*dx/dw + dy/dt*dt/dw"})
    assert check_claim(FOUR_PATHS, "y", {"w": "dy/dx*(dx/dw + dx/dv*dv/dw) + dy/dt*(dt/dw + dt/dv*dv/dw)"})
    assert not check_claim(FOUR_PATHS, "y", {"w": "∂y/∂x*∂x/∂w + ∂y/∂t*∂t/∂w"})


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("y = relu(w*x + b)", "where(w*x + b > 0, x, 0)"),
        ("y = abs(w)*x", "sign(w)*x"),
        ("y = max(w, x)", "where(w > x, 1, 0)"),
        ("y = relu(u) + u; u = w*x", "∂y/∂u*x"),
        ("y = log(w - 5)", "1/(w - 5)"),
        ("y = sqrt(1 - w**2)", "-w/y"),
        ("y = w**x", "x*y/w"),
        ("y = exp(-v**2); v = w**2", "-4*w*v*exp(-v**2)"),
        ("y = relu(exp(-v**2)); v = w**2 + w", "-2*v*(2*w + 1)/exp(v**2)"),
    ],
)
def test_domains_and_kinks(text, claim):
    assert check_claim(text, "y", {"w": claim})


def test_ties_everywhere_are_judged_too():
    """Where v is u, the slopes of max are halves on a whole region; the other regions do not show the sign."""
    text = "u = w*a; v = max(u, b); y = max(v, u)"
    assert check_claim(text, "y", {"w": "∂v/∂u*∂y/∂v*a + ∂y/∂u*a"})
    assert not check_claim(text, "y", {"w": "-∂v/∂u*∂y/∂v*a + ∂y/∂u*a"})


@pytest.mark.parametrize("claim", ["x", "0", "where(w*x + b > 0, x, 1)"])
def test_both_sides_of_a_kink_count(claim):
    assert not check_claim("y = relu(w*x + b)", "y", {"w": claim})


def test_several_steps_are_checked_one_by_one():
    checked = check_claim(CHAIN, "y", {"w": "dy/dw = -1/x**2 * 2*v * v = -1/x**2 * v**2 = -2/x"})
    assert [claim.right for claim in checked] == [True, False, True]
    assert check_claim(CHAIN, "y", ["w = -2/x", "dx/dw = 2*x", "∂x/∂v = 2*v"])


# ---------------------------------------------------------------------------------------------------------------------
# What is wrong
# ---------------------------------------------------------------------------------------------------------------------


def test_the_factor_at_fault_is_named():
    claim = "-(y_t-y)*w4*h2*w2*h1*(1-h1)*x_t - (y_t-y)*w5*h3*(1-h3)*w3*h1*(1-h1)*x_t"
    [found] = check_claim(NET, "E", {"w1": claim})
    wrong_one, right_one = sorted(found.findings, key=lambda finding: finding.right)
    assert (right_one.term, right_one.message) == ("-(y_t-y)*w5*h3*(1-h3)*w3*h1*(1-h1)*x_t", f"is the path {LOWER}")
    assert (wrong_one.kind, wrong_one.term) == ("factor exchanged", "-(y_t-y)*w4*h2*w2*h1*(1-h1)*x_t")
    assert wrong_one.message.startswith(f"on the path {UPPER}: h2 stands where the factor ∂h2/∂s2")
    assert wrong_one.message.endswith(" should")


@pytest.mark.parametrize(
    ("name", "claim", "kind", "message"),
    [
        ("w1", "-(y_t-y)*w4*h2*(1-h2)*w2*h1*(1-h1)*x_t", "path missing", f"the path {LOWER} is missing"),
        ("w5", "-(y_t-y)*h3 - (y_t-y)*h3", "path twice", "is the path w5 → s4 → y → E, which is counted twice"),
        ("w3", "(y_t-y)*w5*h3*(1-h3)*h1", "sign", "the sign is wrong"),
        ("w1", "(y_t-y)*(w4*h2*(1-h2)*w2 + w5*h3*(1-h3)*w3)*h1*(1-h1)*x_t", "sign", "all of it: the sign is wrong"),
        ("w5", "-2*(y_t-y)*h3", "constant", "a factor of 2 too much"),
        ("w5", "-(y_t-y)*h3/3", "constant", "a factor of 1/3 too much"),
        ("w3", "-(y_t-y)*w5*h3*(1-h3)", "factor missing", "the factor ∂s3/∂w3"),
        ("w1", "-(y_t-y)*(w4*h2*(1-h2)*w2 + w5*h3*(1-h3)*w3)*h1*(1-h1)", "factor missing", "the factor ∂s1/∂w1"),
        ("w3", "-(y_t-y)*w5*w5*h3*(1-h3)*h1", "factor doubled", "the factor ∂s4/∂h3"),
        ("w3", "-(y_t-y)/w5*h3*(1-h3)*h1", "factor inverted", "the factor ∂s4/∂h3"),
        ("w2", "-(y_t-y)*w4*h2*(1-h2)*w1", "factor exchanged", "w1 stands where the factor ∂s2/∂w2"),
        ("w2", "-(y_t-y)*w4*s2*(1-s2)*h1", "wrong node", "s2*(1-s2) stands where the factor ∂h2/∂s2"),
        ("w3", "-(y_t-y)*w5*h2*(1-h2)*h1", "wrong node", "h2*(1-h2) stands where the factor ∂h3/∂s3"),
        ("w3", "-(y_t+y)*w5*h3*(1-h3)*h1", "unexplained", "is no path with one mistake"),
    ],
)
def test_each_kind_of_mistake(name, claim, kind, message):
    [checked] = check_claim(NET, "E", {name: claim})
    found = [finding for finding in checked.findings if not finding.right]
    assert found[0].kind == kind
    assert message in found[0].message
    assert len(found) == 1 + (kind == "unexplained")


def test_e_where_exp_0_should_be():
    finding = wrong(check_claim(CHAIN, "y", {"w": "-1/x**2 * 2*v * e"}, w=0))
    assert finding.kind == "wrong node"
    assert "is evaluated at v instead of w" in finding.message
    finding = wrong(check_claim(CHAIN, "y", {"w": "-1/x**2 * 2*v * e"}))
    assert "e stands where the factor ∂v/∂w" in finding.message


def test_a_formula_at_the_wrong_node():
    finding = wrong(check_claim("y = sin(u); u = w*x", "y", {"w": "cos(x)*x"}))
    assert (finding.kind, finding.paths) == ("wrong node", ("w → u → y",))
    assert finding.message.endswith("is evaluated at x instead of u")


def test_several_mistakes_are_named_one_by_one():
    claim = "-(y_t-y)*w4*h2*w2*h1*(1-h1)*x_t + (y_t-y)*w5*h3*(1-h3)*w3*h1*(1-h1)*x_t"
    [checked] = check_claim(NET, "E", {"w1": claim})
    assert sorted(finding.kind for finding in checked.findings) == ["factor exchanged", "sign"]


def test_a_claim_without_a_value_where_the_derivative_has_one():
    finding = wrong(check_claim("y = x**2", "y", {"x": "2*exp(log(x))"}))
    assert finding.kind == "no value"
    assert finding.message.startswith("has no value at x = -")


def test_a_path_that_is_lost_in_rounding_is_not_judged():
    checked = check_claim("y = u + v; u = 1e-20*w*x; v = w**2", "y", {"w": "2*w"})
    assert wrong(checked).kind == "undecided"
    if symbolic_or_none() is not None:
        assert check_claim("y = u + v; u = 1e-20*w*x; v = w**2", "y", {"w": "2*w + 1e-20*x"})


def test_many_paths_are_judged_as_a_whole():
    text = "; ".join(f"x{i + 1} = a{i} + b{i}; a{i} = 2*x{i}; b{i} = x{i}/2" for i in range(20))
    assert check_claim(text, "x20", {"x0": "2.5**20"})
    assert wrong(check_claim(text, "x20", {"x0": "2.5**19"})).kind == "constant"


# ---------------------------------------------------------------------------------------------------------------------
# The result, and the proof
# ---------------------------------------------------------------------------------------------------------------------


def test_the_result_is_plain_data_and_a_table():
    checked = check_claim(CHAIN, "y", {"w": "2/x"})
    [record] = json.loads(json.dumps(checked.as_json()))
    assert (record["derivative"], record["text"], record["right"]) == ("dy/dw", "2/x", False)
    assert record["findings"] == [
        {"right": False, "kind": "sign", "term": "2/x", "paths": ["w → v → x → y"],
         "message": "on the path w → v → x → y: the sign is wrong"}
    ]  # fmt: skip
    assert str(checked) == "dy/dw: wrong\n✗ 2/x  on the path w → v → x → y: the sign is wrong"
    assert repr(checked) == "<1 claims, 1 of them wrong>"
    assert checked._repr_mimebundle_() == {"text/plain": str(checked)}


@needs_sympy
@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (CHAIN, "-2/x"),
        (FOUR_PATHS, "-(2*v**2 + 1 + pi*cos((w+v)*pi)*(1 + v))/(x+t)**2"),
        ("y = sigmoid(s); s = w*x", "y*(1-y)*x"),
        ("y = tanh(s); s = w*x", "(1-y**2)*x"),
        ("y = softplus(s); s = w*x", "sigmoid(s)*x"),
        ("y = relu(s); s = w*x", "where(s > 0, x, 0)"),
        ("y = sin(s)**2; s = w*x", "sin(2*s)*x"),
    ],
)
def test_what_sympy_proves(text, claim):
    [checked] = check_claim(text, "y", {"w": claim})
    assert checked.proof == "proved by SymPy"


@needs_sympy
def test_a_proof_ends_in_time_and_leaves_nothing_behind(monkeypatch):
    import sympy

    def endless(formula):
        while True:
            sympy.expand((sympy.Symbol("x") + formula) ** 3)

    monkeypatch.setattr(proof, "_expands_to_zero", endless)
    before = sys.getprofile(), threading.active_count()
    start = time.monotonic()
    assert proof.is_zero(lambda: [sympy.Symbol("y")], seconds=0.1) is False
    assert time.monotonic() - start < 5
    assert (sys.getprofile(), threading.active_count()) == before


def test_without_sympy(monkeypatch):
    for module in "autograd.explain.proof", "autograd.explain.mistakes", "autograd.explain.graph":
        monkeypatch.setattr(f"{module}.symbolic_or_none", lambda: None)
    [claim] = check_claim(CHAIN, "y", {"w": "-2/x"})
    assert claim.right
    assert claim.proof == "not proved, since SymPy is not installed"
    finding = wrong(check_claim(CHAIN, "y", {"w": "-1/x**2 * 2*v"}))
    assert finding.message == "on the path w → v → x → y: the factor ∂v/∂w = v is missing"


# ---------------------------------------------------------------------------------------------------------------------
# Errors, and the command
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "claims", "values", "message"),
    [
        ("y", {"q": "1"}, {}, "q is claimed, but q is not a variable of the definitions"),
        ("y", {"w": "2*q"}, {}, '"2*q" uses q, which is not a variable of the definitions'),
        ("y", {"w": "(2*v"}, {}, "its brackets or operators do not fit together (at character 1)"),
        ("y", {"w": "2*v*"}, {}, "its brackets or operators do not fit together (at its end)"),
        ("y", {"w": "dy/dx*(dx/dv"}, {}, '"dy/dx*(dx/dv" is not a formula'),
        ("y", {"w": "dy/dq"}, {}, '"dy/dq" contains dy/dq, but q is not a variable of the definitions'),
        ("y", {"w": r"\frac{\partial y}{\partial q}"}, {}, "q is not a variable of the definitions"),
        ("y", {"w": "foo(v)"}, {}, "foo is not a function of the table"),
        ("y", {"w": ""}, {}, "is not a formula"),
        ("y", {"w": "v2"}, {}, '"v2" uses v2, which is not a variable of the definitions: did you mean v?'),
        ("y", {"w": "-2*x 3"}, {}, "write x*3 for a product"),
        ("y", {"w": "dy/dx dx/dw"}, {}, '"dy/dx dx/dw" is not a formula: write the * of the product'),
        ("y", {"w": "sin v"}, {}, "write sin(v): an argument stands in parentheses"),
        ("y", {"w": r"\sin 2 v"}, {}, "write the argument of sin in brackets"),
        ("y", {"w": r"- 1/2 \cdot v x / 2 v"}, {}, "write the * of the product after the division sign"),
        ("y", {"w": float("nan")}, {}, "dy/dw is claimed to be nan, which is not a finite number"),
        ("z", {"w": "1"}, {}, "z is not defined"),
        ("w", {"w": "1"}, {}, "w is not defined"),
        ("x", {"y": "1"}, {}, "x does not depend on y, so that dx/dy is 0"),
        ("y", {"∂y/∂w": "1"}, {}, "no edge leads from w to y, so that ∂y/∂w is 0"),
        ("y", {"w": "1"}, {"q": 1}, "q is given a value, but no formula uses it"),
        ("y", {"w": "1"}, {"w": "a"}, "w: a Value takes a real number, not str"),
        ("y", "-2/x", {}, '"-2/x" is not a claim: write it as name = formula'),
    ],
)
def test_clear_errors(output, claims, values, message):
    with pytest.raises(FormulaError) as caught:
        check_claim(CHAIN, output, claims, values)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_superscripts_are_powers_and_never_other_names():
    text = "y = x² + 10*x2; x = 3*w; x2 = w³"
    assert check_claim(text, "y", {"w": "18w + 30w²"})
    assert check_claim(text, "y", {"w": "dy/dx × 3 + 10·∂x2/∂w"})
    checked = check_claim(text, "y", {"x": "2x2"})
    assert not checked
    [record] = check_claim("y = x²/2 + w; x = 2w", "y", {"w": "4w + 1"}).as_json()
    assert (record["right"], record["text"]) == (True, "4w + 1")


def test_sigma_in_latex_is_a_variable_where_it_is_known_and_else_the_sigmoid():
    assert check_claim("y = σ*x²; x = 2w", "y", {"w": r"\sigma \left(x \cdot 4\right)"})
    assert check_claim("y = σ(s); s = w*x", "y", {"w": r"\sigma(s) (1 - \sigma(s)) x"})
    assert define(r"y = \sigma(x); z = y/σ; σ = 2", x=0)["y"].data == 0.5
    assert define(r"y = \frac{x}{2 \sigma^{2}}", x=16, σ=2)["y"].data == 2.0
    with pytest.raises(FormulaError, match="before the bracket for a product, or sigmoid"):
        define(r"y = \sigma^2(x)", x=1, σ=2)


def test_a_variable_before_a_bracket_is_a_factor_in_printed_latex():
    assert check_claim("y = σ(s); s = w*x", "y", {"w": r"y \left(1 - y\right) x"})
    assert check_claim("y_1 = σ(s); s = w*x", "y_1", {"w": r"y_{1} \left(1 - y_1\right) x"})


def test_terms_of_a_claim_in_latex_are_shown_as_text():
    [claim] = check_claim(CHAIN, "y", {"w": r"- \frac{1}{x^{2}} \cdot 2 v \, v"})
    assert claim.right
    assert claim.text == "-(1 / x ** 2) * 2 * v * v"


def test_definitions_without_a_value_anywhere():
    with pytest.raises(FormulaError, match="no point was found at which the definitions and their derivatives"):
        check_claim("y = log(x) + log(-x)", "y", {"x": "0"})
    with pytest.raises(FormulaError, match="has no value here"):
        check_claim("y = log(x)", "y", {"x": "0"}, x=-1)


def test_the_command(capsys):
    assert main(["explain", CHAIN, "--claim", "w = -1/x**2 * 2*v * v", "v = -2/v**3"]) == 0
    out = capsys.readouterr().out
    assert "✓ -1/x**2 * 2*v * v  is the path w → v → x → y" in out
    assert main(["explain", CHAIN, "--claim", "w = -e", "--at", "w=0", "--json"]) == 1
    [record] = json.loads(capsys.readouterr().out)
    assert record["right"] is False
    assert main(["explain", "p = a*b; q = a + b", "--claim", "dp/da = b", "dq/da = 1"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([CHAIN, "--claim", "w"], '"w" is not a claim: write it as name = formula'),
        ([CHAIN, "--claim", "w = 2*q"], "uses q, which is not a variable"),
        ([CHAIN, "--claim", "w = 1", "--latex"], "--claim goes with --at and --json alone"),
        (["p = a; q = a", "--claim", "a = 1"], "the formulas have several outputs (p, q): claim as in --claim"),
    ],
)
def test_what_the_user_can_mend(capsys, arguments, message):
    assert main(["explain", *arguments]) == 2
    assert message in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------------------------
# Random derivations
# ---------------------------------------------------------------------------------------------------------------------

EXAMPLES = settings.default.max_examples if settings.default else 100


@needs_sympy
@pytest.mark.same_in_both_modes
def test_random_derivations_in_any_form_are_accepted():
    from derivations import random_derivation

    for seed in range(min(200, EXAMPLES // 5)):
        random = Random(seed)
        derivation = random_derivation(random)
        claim = derivation.write(derivation.factors, random)
        checked = check_claim(derivation.text, "y", {"w": claim})
        assert checked, f"seed {seed}: {derivation.text}, {claim}\n{checked}"


@needs_sympy
@pytest.mark.same_in_both_modes
def test_random_mistakes_are_refused_and_most_are_named():
    from derivations import kinds_of, mutated, random_derivation

    count = min(1000, EXAMPLES)
    named = done = 0
    for seed in range(10**6, 10**6 + 3 * count):
        random = Random(seed)
        derivation = random_derivation(random)
        mutation = mutated(derivation, random)
        if mutation is None or done == count:
            continue
        done += 1
        claim = derivation.write(mutation[2], random)
        checked = check_claim(derivation.text, "y", {"w": claim})
        assert not checked, f"seed {seed}: {mutation[0]} in {derivation.text}, {claim}\n{checked}"
        kinds = [finding.kind for finding in checked.claims[0].findings if not finding.right]
        named += len(kinds) == 1 and kinds[0] in kinds_of(derivation, *mutation)
    assert done == count
    assert named >= 0.9 * done, f"{named} of {done}"


def test_what_a_bare_number_may_stand_for_is_said_with_care() -> None:
    net, at = "y = t**2 + 1; t = w + x; x = w**3", {"w": 1.0}
    [claim] = check_claim(net, "y", {"w": "12 + 3"}, at)
    assert [finding.message.startswith("perhaps on the path w → t → y: ") for finding in claim.findings] == [
        False,
        True,
    ]
    for text in ("12 - 4", "2*t*3 + 3*w"):
        [claim] = check_claim(net, "y", {"w": text}, at)
        assert claim.findings[1].message.startswith("on the path w → t → y: ")


@needs_sympy
def test_a_derivation_by_cases_is_read_as_it_is_printed() -> None:
    text = "y = relu(z)*v; z = w*x; v = max(w, 2)"
    found = paths(define(text, letters=True)["y"], "w", letters=True)
    printed = str(found).splitlines()[-1].partition(" = ")[2]
    assert "1 if w > 2, 0 if w < 2, else 1/2" in printed
    for claim in (found.latex(), printed):
        assert check_claim(text, "y", {"w": claim})
    assert not check_claim(text, "y", {"w": "v*x*(1 if z > 0, else 0)"})
