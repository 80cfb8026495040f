"""Formulas as people write them: what was written stays, textbook forms equal the partials, numbers agree."""

import contextlib
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import PRIMITIVES, Value, define, dependencies, paths, topological_order
from autograd.core.comparisons import COMPARISONS
from autograd.dialects.written import name, slopes_of_named, value_formula
from autograd.testing import graphs

START = {"arccosh": 1.5}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = sigmoid(x)", "y*(1 - y)"),
        ("y = tanh(x)", "1 - y**2"),
        ("y = exp(x)", "y"),
        ("y = 3*sigmoid(x)", "3*sigmoid(x)*(1 - sigmoid(x))"),
        ("y = sigmoid(2*x)", "2*y*(1 - y)"),
        ("y = relu(x)", "1 if x > 0, else 0"),
        ("y = 3*relu(x)", "3*(1 if x > 0, else 0)"),
        ("y = max(x, 0)", "1 if x > 0, 0 if x < 0, else 1/2"),
        ("y = abs(x)", "sign(x)"),
        ("y = where(x > 1, where(x > 2, 0, x), x)", "(0 if x > 2, else 1) if x > 1, else 1"),
        ("y = 1/x", "-1/x**2"),
        ("y = x**3/3", "x**2"),
        ("y = (1 - x)**2/2", "-(1 - x)"),
        ("y = 0.5*(1 - x)**2", "-(1 - x)"),
        ("y = sqrt(x)", "1/(2*y)"),
        ("y = x*exp(x)", "exp(x) + x*exp(x)"),
        ("y = log(x)", "1/x"),
        ("y = 2**x", "y*log(2)"),
        ("y = x**x", "x**x + y*log(x)"),
        ("y = sin(x*pi)", "pi*cos(x*pi)"),
        ("y = -x/4", "-1/4"),
        ("y = 1 - (2 - x)", "1"),
        ("y = 0.1*x", "1/10"),
    ],
)
def test_a_derivative_is_written_as_in_a_textbook(text, expected):
    [path] = paths(define(text, x=0.3)["y"], "x", named=True)
    assert path.edges[0].formula == expected


@pytest.mark.parametrize(
    "formula",
    ["(z - x)**2/2", "x*w", "w*x", "1/(x + w)", "sin((w + x)*pi)", "0.5*(z - x)**2", "w - (x - z)", "-x**2", "(-x)**2",
     "w/(x*z)", "2*x*3", "w**(x + 1)", "exp(-x**2)", "w/x/z", "max(x, w)", "abs(x)", "x % w", "x*(w/z)",
     "-(x + w)", "x - 2", "x + 3", "2 - x", "x/2 - 0.25", "x*2", "x*-w", "(x + 1)**2*3", "2**-x"],
)  # fmt: skip
def test_what_was_written_stays(formula):
    graph = define(f"y = {formula}", {letter: 0.3 for letter in "wxz" if re.search(rf"\b{letter}\b", formula)})
    assert str(value_formula(graph["y"], {node: name(text) for text, node in graph.items()})) == formula


ROWS = [op for op in PRIMITIVES.values() if op.textbook]


@pytest.mark.parametrize(("op", "i"), [(op, i) for op in ROWS for i in range(len(op.textbook))], ids=str)
def test_a_textbook_form_is_the_partial(op, i):
    """Proved by SymPy, for the value in place of the node's name."""
    sympy = pytest.importorskip("sympy")
    from autograd.dialects.symbolic import exact, expand

    letters = [sympy.Symbol(parameter, positive=True) for parameter in op.parameters]
    if op.name == "arccosh":
        letters = [1 + letters[0]]
    out = exact(op(*letters))
    difference = expand(exact(op.textbook[i](*letters, out) - op.partials[i](*letters, out)))
    assert sympy.simplify(sympy.expand_log(difference.rewrite(sympy.exp), force=True)) == 0


def value_of(text, at):
    """The number of a formula in text."""
    plain, calls = "", []
    for place, letter in enumerate(text):
        if letter == "(":
            calls.append(place > 0 and text[place - 1].isalnum())
        elif letter == ")":
            calls.pop()
        in_call = bool(calls) and calls[-1]
        plain += " else " if letter == "," and not in_call else letter
    plain = re.sub(r"else +else", "else", plain)
    functions = {{"absolute": "abs", "maximum": "max", "minimum": "min"}.get(op.name, op.name): op
                 for op in PRIMITIVES.values()}  # fmt: skip
    return float(eval(plain, {}, {**functions, "pi": math.pi, "e": math.e, **at}))


@pytest.mark.parametrize("op", PRIMITIVES.values(), ids=str)
def test_the_formula_of_every_row_has_the_value_of_its_slope(op):
    count = {"dot": 4, "affine": 5}.get(op.name, len(op.parameters) or 3)
    start = START.get(op.name, 0.55)
    fixed = {i: float(i) if interval.whole else start for i, interval in enumerate(op.domain) if interval.fixed}
    inputs = [fixed[i] if i in fixed else Value(start + i / 7, label=f"a{i}") for i in range(count)]
    node = op(*inputs)
    node.label = "y"
    names = {x: name(x.label) for x in [*inputs, node] if isinstance(x, Value)}
    at = {x.label: x.data for x in names}
    assert value_of(str(value_formula(node, names)), at) == pytest.approx(node.data)
    for x, formula in slopes_of_named(node, names).items():
        assert value_of(str(formula), at) == pytest.approx(dict(zip(node.operands, node.slopes, strict=True))[x])


@given(graphs(max_steps=6), st.booleans())
def test_the_formula_of_every_edge_of_any_graph_has_its_value(graph, labelled):
    """In the graph of the named variables and in the elementary one; where the numbers are nan or infinite, nothing."""
    nodes = graph.build()
    for place, node in enumerate(nodes.values()):
        node.label = f"n{place}" if labelled or node.op is None or place == len(nodes) - 1 else None
    *_, output = nodes.values()
    for named in (True, False):
        found = dependencies(output, named=named)
        at = {text: node.data for node, text in found.names.items()}
        for edge in found.edges:
            if edge.formula is None or not math.isfinite(edge.partial) or stands_on_kink(output):
                continue
            with contextlib.suppress(ArithmeticError, ValueError):  # 0/0 in a form that is not meant for computing
                assert value_of(edge.formula, at) == pytest.approx(edge.partial, rel=1e-5, abs=1e-5)


def stands_on_kink(output):
    return any(node.op and node.op.on_kink([float(getattr(x, "data", x)) for x in node.operands])
               for node in topological_order(output))  # fmt: skip


def test_cases_in_latex():
    pytest.importorskip("sympy")
    x = Value(1.0, label="x")
    y = PRIMITIVES["relu"](x)
    y.label = "y"
    [path] = paths(y, x)
    assert path.edges[0].latex == r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{else} \end{cases}"
    assert "Piecewise" not in paths(y, x).latex()


def test_comparisons_are_written():
    x = name("x")
    assert [str(COMPARISONS[key](x, 0.0)) for key in ("greater", "less_equal")] == ["x > 0", "x <= 0"]
