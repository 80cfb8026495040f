"""One symbol, one number: dy/dw is the derivative along all paths, and ∂y/∂x the local derivative on one edge."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given

from autograd import Value, define, dot, draw, naive_sweep, paths, topological_order, tree, where
from autograd.core.sweep import adjoints, node_names
from autograd.pictures.from_graph import picture
from autograd.pictures.svg import svg
from autograd.testing import Graph, graphs
from pathgrad.cli import main

Stated = Iterator[tuple[str, float]]

TOTAL = re.compile(r"d\w+/d\w+")
LOCAL = re.compile(r"∂\w+/∂\w+|∂[₀-₉]+\w+")
LATEX_TOTAL = re.compile(r"\\frac\{d[^ {}]+\}\{d[^ {}]+\}")
LATEX_LOCAL = re.compile(r"\\frac\{\\partial [^ ]+\}\{\\partial [^ ]+\}|\\partial_\{\d+\} [^ ]+")

# In each graph an edge leads from w to y beside other paths, so that the total and the local derivative differ.
FORMULAS = {
    "the exponential twice": ("y = x + exp(w); x = w*exp(w)", {"w": 2}),
    "four paths": ("y = w*x*t; x = w**2 + v; t = sin(x + w); v = exp(w)", {"w": 0.7}),
    "local derivatives of 1": ("y = w + x + t; x = w + t; t = +w", {"w": 3}),
    "both operands of a power": ("y = x**x / w; x = w**w", {"w": 1.3}),
}


@pytest.fixture(params=FORMULAS)
def formulas(request: pytest.FixtureRequest) -> tuple[str, dict[str, float]]:
    return FORMULAS[request.param]


# ---------------------------------------------------------------------------------------------------------------------
# What an output states
# ---------------------------------------------------------------------------------------------------------------------


def in_table(text: str) -> Stated:
    """The local derivatives in the rows of a table, and the gradient below it."""
    symbols, values, products = 0, 0, 0
    for line in text.splitlines():
        if line.startswith("path "):
            symbols, values, products = map(line.index, ("∂", "value", "product"))
        elif gradient := re.fullmatch(r"gradient (\S+) +(\S+)", line):
            yield gradient[1], float(gradient[2])
        elif symbols and (symbol := LOCAL.match(line, symbols)):
            value = line[values:products].strip()
            yield symbol[0], 0.0 if value == "not selected" else float(value)


def in_latex(text: str) -> Stated:
    """The total on the left, and the local derivatives with their numbers below; a single one is the total."""
    _, total, symbols, *steps, _ = text.splitlines()
    gradient = float(steps[-1].removeprefix("&= "))
    yield total, gradient
    local = LATEX_LOCAL.findall(symbols)
    factors = [re.findall(r"\\left\(([^()]+)\\right\)", step) for step in steps]
    numbers = [gradient] if len(local) == 1 else map(float, [row for row in factors if len(row) == len(local)][-1])
    yield from zip(local, numbers, strict=True)


def in_naive_sweep(text: str) -> Stated:
    """The derivatives in lines such as ``dy/da: naive 3.0, true 6.0``."""
    for symbol, number in re.findall(r"^(\S+): naive \S+ true (\S+)$", text, re.MULTILINE):
        yield symbol, float(number)


def numbers(stated: Stated) -> dict[str, float]:
    """The number of each symbol, after checking that it is the same wherever the symbol stands."""
    found: dict[str, float] = {}
    for symbol, number in stated:
        assert found.setdefault(symbol, number) == number, symbol
    return found


def totals(output: Value) -> dict[str, float]:
    """The derivative of the output in every node, by its symbol."""
    order = topological_order(output)
    names = node_names(order)
    return {f"d{names[output]}/d{names[node]}": gradient for node, gradient in adjoints(order).items()}


def assert_symbols_are_right(stated: Stated, output: Value) -> None:
    """Only the derivatives along all paths are written with d, and all others with ∂."""
    known = totals(output)
    found = numbers(stated)
    assert any(map(TOTAL.fullmatch, found))
    for symbol, number in found.items():
        if TOTAL.fullmatch(symbol):
            assert number == pytest.approx(known[symbol], rel=1e-9)
        else:
            assert LOCAL.fullmatch(symbol)


# ---------------------------------------------------------------------------------------------------------------------
# Every output
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False], ids=["named", "elementary"])
def test_a_table_has_one_number_for_each_symbol(formulas, named):
    text, at = formulas
    y = define(text, at)["y"]
    assert_symbols_are_right(in_table(str(paths(y, "w", named=named))), y)


def test_a_total_and_a_local_derivative_of_the_same_names_differ():
    found = numbers(in_table(str(paths(define("y = x + exp(w); x = w*exp(w)", w=2)["y"], "w"))))
    assert found == {"∂y/∂x": 1, "∂x/∂w": 22.1672, "∂y/∂w": 7.38906, "dy/dw": 29.5562244}


@given(graphs(max_steps=6))
def test_a_table_of_any_graph_has_one_number_for_each_symbol(graph: Graph):
    nodes = graph.build()
    output = list(nodes.values())[-1]
    for node in topological_order(output):
        if node.op is None:
            numbers(in_table(str(paths(output, node, named=False))))


@pytest.mark.parametrize("named", [True, False], ids=["named", "elementary"])
def test_latex_has_one_number_for_each_symbol(formulas, named):
    pytest.importorskip("sympy")
    text, at = formulas
    found = paths(define(text, at)["y"], "w", named=named)
    latex = found.latex()
    stated = numbers(in_latex(latex))
    assert [symbol for symbol in stated if LATEX_TOTAL.fullmatch(symbol)] == [r"\frac{dy}{dw}"]
    assert stated.pop(r"\frac{dy}{dw}") == pytest.approx(found.gradient, rel=1e-5)
    assert all(map(LATEX_LOCAL.fullmatch, stated))


def test_latex_can_be_typeset(formulas):
    pytest.importorskip("sympy")
    parser = pytest.importorskip("matplotlib.mathtext").MathTextParser("path")
    text, at = formulas
    for named in (True, False):
        _, *lines, _ = paths(define(text, at)["y"], "w", named=named).latex().splitlines()
        for line in lines:
            parser.parse("$" + line.replace("&", "").removesuffix(r"\\") + "$")


def test_operands_that_are_one_node_are_told_apart():
    w = Value(2.0, label="w")
    y = dot([w] * 11, range(11))
    y.label = "y"
    assert [symbol for symbol, _ in in_table(str(paths(y, w, named=False)))][:3] == ["∂₁₁y", "∂₁₀y", "∂₉y"]
    assert "∂y/∂w" in str(paths(y, w, named=True))  # one edge in the graph of the named variables


def test_an_operand_that_is_not_selected_has_the_symbol_of_its_edge():
    w = Value(2.0, label="w")
    y = where(w > 0, w, 3 * w)
    assert numbers(in_table(str(paths(y, w, named=False))))["∂v2/∂v1"] == 0


def test_the_naive_sweep_compares_totals():
    y = define("b = 3*a; c = 5*b; y = b + c", a=2)["y"]
    stated = list(in_naive_sweep(str(naive_sweep(y)).replace(",", "")))
    assert stated == [("dy/da", 18.0)]
    assert dict(stated).items() <= totals(y).items()


def test_pictures_and_trees_say_grad_for_totals_and_have_bare_numbers_on_edges(formulas):
    text, at = formulas
    y = define(text, at)["y"]
    y.backward()
    for named in (True, False):
        for drawn in (draw(y, named=named).source, svg(picture(y, named=named)), tree(y)):
            assert "grad" in drawn
            assert not re.search("∂|" + TOTAL.pattern, drawn)


@pytest.mark.parametrize("option", [[], ["--latex"], ["--json"]], ids=["table", "latex", "json"])
def test_the_command_keeps_the_symbols_apart(capsys, formulas, option):
    pytest.importorskip("sympy")
    text, at = formulas
    assert main(["explain", text, "--at", *(f"{name}={value}" for name, value in at.items()), *option]) == 0
    out = capsys.readouterr().out
    if option == ["--json"]:
        assert not re.search("∂|" + TOTAL.pattern, out)
    elif option:
        assert LATEX_TOTAL.fullmatch(next(iter(numbers(in_latex(out)))))
    else:
        assert_symbols_are_right(in_table(out), define(text, at)["y"])


def test_a_node_outside_of_the_graph_has_a_symbol_of_its_own():
    x, other = Value(2.0), Value(3.0)
    y = x * x
    assert str(paths(y, other)) == "dv1/dv2 = 0: no path leads from v2 to v1"
    assert "gradient dv1/dv0" in str(paths(y, x))
