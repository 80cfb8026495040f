"""The chain rule along each path: the examples of the notes by hand, and random graphs against brute force."""

import heapq
import math
import random
import sys
from array import array
from itertools import groupby, islice, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, define, dependencies, dot, exp, paths, relu, sqrt, where
from autograd.core.columns import Wiring
from autograd.core.sweep import topological_order

FOUR_PATHS = "y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)"


def products(found):
    return {str(path): path.product for path in found}


def test_one_path():
    g = define("y = 1/x; x = v**2; v = exp(w)", w=0)
    assert products(paths(g["y"], g["w"])) == {"w → v → x → y": -2.0}  # (-1)(2)(1)


def test_two_paths_one_of_them_zero():
    g = define("y = 1/(x+t); x = v**2; t = exp(v)", v=0)
    assert products(paths(g["y"], g["v"])) == {"v → t → y": -1.0, "v → x → y": 0.0}


def test_four_paths():
    g = define(FOUR_PATHS, w=0)
    found = paths(g["y"], "w")
    assert found.count == 4
    expected = {
        "w → x → y": -1.0,
        "w → v → x → y": -2.0,
        "w → v → t → y": math.pi,
        "w → t → y": math.pi,
    }
    assert products(found) == pytest.approx(expected, rel=1e-12)
    assert found.gradient == pytest.approx(2 * math.pi - 3, rel=1e-12)
    assert found.sum == pytest.approx(found.gradient, rel=1e-12)


def test_formulas_are_in_the_named_variables():
    pytest.importorskip("sympy")
    g = define(FOUR_PATHS, w=0)
    formulas = {edge.parent.label + edge.child.label: edge.formula for edge in dependencies(g["y"]).edges}
    assert formulas == {
        "wv": "v",
        "wx": "1",
        "vx": "2*v",
        "wt": "pi*cos((w + v)*pi)",
        "vt": "pi*cos((w + v)*pi)",
        "xy": "-1/(x + t)**2",
        "ty": "-1/(x + t)**2",
    }


def test_elementary_paths_keep_parallel_edges():
    a = Value(3.0, label="a")
    found = paths(a * a, a, named=False)
    assert found.count == 2
    assert [path.product for path in found] == [3.0, 3.0]
    assert [edge.operand for path in found for edge in path.edges] == [0, 1]


def test_named_edge_sums_what_lies_between():
    a = Value(3.0, label="a")
    found = paths(a * a + a, a, named=True)
    assert [path.product for path in found] == [7.0]


def test_without_inner_labels_the_paths_are_elementary():
    w = Value(0.0)
    v = exp(w)
    x = v**2 + w
    y = 1 / x
    assert [str(path) for path in paths(y, w)] == ["v0 → v1 → v2 → v3 → v4", "v0 → v3 → v4"]
    w.label, y.label = "w", "y"  # labels at the ends are not enough
    assert [str(path) for path in paths(y, w)] == ["w → v1 → v2 → v3 → y", "w → v3 → y"]
    v.label = "v"
    assert [str(path) for path in paths(y, w)] == ["w → v → y", "w → y"]
    assert paths(y, v).count == 1  # from v on, no label lies between
    assert str(next(iter(paths(y, v)))) == "v → v2 → v3 → y"


def test_a_label_beside_the_paths_does_not_matter():
    w, u = Value(1.0, label="w"), Value(2.0, label="u")
    t = exp(u)
    t.label = "t"
    y = exp(w * t)
    assert str(next(iter(paths(y, w)))) == "w → v3 → v4"


def test_label_names_the_variables_of_a_function():
    def output():
        w = Value(0.0)
        number, _hidden = 3.0, exp(w)
        v = exp(w)
        copy = v
        x = v**2 + number * w + _hidden
        autograd.label(locals())
        return x, copy

    x, v = output()
    assert [str(path) for path in paths(x, "w")] == ["w → x", "w → v → x"]
    assert {node.label for node in topological_order(x)} == {None, "w", "v", "x"}
    assert v.label == "v"


def test_label_by_mapping_keeps_labels_and_by_keyword_replaces_them():
    w, a = Value(1.0, label="weight"), autograd.Tensor([1.0])
    autograd.label({"w": w, "a": a})
    assert (w.label, a.label) == ("weight", "a")
    autograd.label(w=w)
    assert w.label == "w"


def test_label_of_what_is_not_a_node():
    w = Value(1.0)
    with pytest.raises(TypeError, match="label takes nodes: n is of type int"):
        autograd.label(w=w, n=3)
    assert w.label is None  # nothing is done by halves


def test_constants_are_not_variables():
    g = define("y = 3*x + 2", x=1)
    assert [node.label for node in dependencies(g["y"], named=False).nodes] == ["x", None, "y"]


def test_largest_product_first_and_lazily():
    x = Value(1.0, label="x")
    y = x
    for _ in range(60):  # each step is (1.5 + 0.5)·y over two paths: 2^60 paths, the largest 1.5^60
        y = dot([y, y], [1.5, 0.5])
    found = paths(y, x, named=False)
    assert found.count == 2**60
    assert found.gradient == 2.0**60
    first = iter(found)
    head = [next(first).product for _ in range(62)]
    assert head[0] == pytest.approx(1.5**60)
    assert head[1:61] == pytest.approx([1.5**59 * 0.5] * 60)
    assert head[61] == pytest.approx(1.5**58 * 0.25)


def test_cut_table_reports_the_exact_rest():
    x = Value(1.0, label="x")
    y = x
    for _ in range(10):
        y = dot([y, y], [1.0, 1.0])
    text = paths(y, x, named=False).table(limit=24)
    assert "the sum over 1,024 paths" in text
    assert "24 paths listed   24" in text
    assert "1,000 more paths  1000" in text


def test_products_beyond_the_floats_are_still_ordered():
    x = Value(1.0, label="x")
    y = x
    for _ in range(3):
        y = dot([y, y], [1e-200, 2e-200])
    head = next(iter(paths(y, x, named=False)))
    assert [edge.partial for edge in head.edges] == [2e-200] * 3
    assert head.product == 0.0  # the product itself underflows


def test_not_selected_is_exactly_zero():
    x = Value(0.0, label="x")
    r = sqrt(x)  # its slope at 0 is infinite
    r.label = "r"
    y = where(False, r, 2 * x)
    found = paths(y, x)
    assert products(found) == {"x → v3": 2.0, "x → r → v3": 0.0}
    assert found.gradient == found.sum == 2.0
    assert "not selected" in str(found)


def test_dead_relu():
    x = Value(-1.0, label="x")
    assert [path.product for path in paths(relu(x), x, named=False)] == [0.0]


def test_no_path_and_the_empty_path():
    x, z = Value(1.0, label="x"), Value(2.0, label="z")
    y = 2 * x
    y.label = "y"
    none = paths(y, z)
    assert (none.count, none.gradient, list(none)) == (0, 0.0, [])
    assert str(none) == "dy/dz = 0: no path leads from z to y"
    (empty,) = paths(y, y)
    assert (empty.product, empty.nodes, empty.edges) == (1.0, (y,), ())
    assert "dy/dy: the sum over 1 path" in str(paths(y, y))


def test_infinite_slopes_are_shown():
    x = Value(0.0, label="x")
    found = paths(sqrt(x), x)
    assert found.gradient == math.inf
    assert [path.product for path in found] == [math.inf]


def scale_local_derivatives(monkeypatch, factor):
    """Make every local derivative of both views wrong by a factor; the gradient stays right."""
    graph = sys.modules["autograd.explain.graph"]
    adjoints, wired = graph.adjoints, graph.wired  # the sources of the named and of the elementary view

    def scaled(*args, **options):
        return {node: d and d * factor for node, d in adjoints(*args, **options).items()}

    def wired_to_scale(*args):
        starts, parents, slopes, live = wired(*args).columns
        return Wiring(starts, parents, array("d", [d * factor for d in slopes]), live)

    monkeypatch.setattr(graph, "adjoints", scaled)
    monkeypatch.setattr(graph, "wired", wired_to_scale)


@pytest.mark.parametrize("named", [True, False], ids=["named", "elementary"])
@pytest.mark.parametrize("factor", [1 + 1e-6, 0.0, -1.0])
def test_paths_that_do_not_add_up_to_the_gradient_raise(monkeypatch, named, factor):
    scale_local_derivatives(monkeypatch, factor)
    g = define(FOUR_PATHS, w=0)
    with pytest.raises(AssertionError, match=r"the paths add up to .*, but the gradient is 3\.283"):
        paths(g["y"], g["w"], named=named)


@pytest.mark.parametrize("named", [True, False], ids=["named", "elementary"])
def test_paths_may_differ_from_the_gradient_by_rounding(monkeypatch, named):
    scale_local_derivatives(monkeypatch, 1 + 1e-12)
    g = define(FOUR_PATHS, w=0)
    found = paths(g["y"], g["w"], named=named)
    assert 0 < abs(found.sum - found.gradient) < 1e-9


def test_a_sum_beyond_the_floats_is_not_compared():
    x = Value(0.0, label="x")
    found = paths(x * 1e200 * 1e200 * 1e-300, x, named=False)  # from x on the slopes multiply to 1e400 at first
    assert (found.sum, found.gradient) == (math.inf, pytest.approx(1e100))


def test_no_grad_is_touched():
    g = define(FOUR_PATHS, w=0)
    str(paths(g["y"], g["w"]))
    assert all(node.grad is None for node in topological_order(g["y"]))


def terms(count):
    x = Value(1.0, label="x")
    y = x
    for i in range(count):
        y = y + x * (1 + i / count)
    return x, y


def test_a_table_of_many_paths_makes_the_edges_that_it_shows():
    x, y = terms(5000)
    found = paths(y, x)
    assert "the sum over 5,001 paths" in found.table(3)
    assert len(found.graph._made) < 50  # of 15,000
    assert [path.product for path in islice(found, 3)] == pytest.approx([1.9998, 1.9996, 1.9994])


def test_what_was_found_stays_when_the_graph_changes():
    x = Value(1.0, label="x")
    y = x * x * x
    found = paths(y, x)
    before = [str(edge.slope) for path in paths(y, x) for edge in path.edges], str(paths(y, x))
    x.data = 5.0
    y.refresh()
    assert ([str(edge.slope) for path in found for edge in path.edges], str(found)) == before


def test_a_count_beyond_a_hundred_digits_is_rounded_in_text():
    x = Value(1.0, label="x")
    y = x
    for _ in range(20_000):  # Python refuses to write out a number of 6021 digits
        y = dot([y, y], [0.5, 0.5])
    found = paths(y, x)
    assert found.count == 2**20_000
    assert str(found).startswith("dv20000/dx: the sum over about 3.98028e+6020 paths\n")
    assert repr(found).startswith("<about 3.98028e+6020 paths for ")


@given(st.lists(st.lists(st.integers(0, 200), min_size=1, max_size=4), min_size=1, max_size=150))
def test_paths_are_counted_beyond_the_integers_of_c(steps):
    """Each node is a dot product of some nodes before it, so that counts pass 2^62 and 2^64 in many ways."""
    nodes, counts = [Value(0.0)], [1]
    for step in steps:
        chosen = [len(nodes) - 1, *(max(len(nodes) - 1 - i // 50, 0) for i in step)]
        nodes.append(dot([nodes[i] for i in chosen], [1.0] * len(chosen)))
        counts.append(sum(counts[i] for i in chosen))
    assert paths(nodes[-1], nodes[0]).count == counts[-1]


def test_a_sum_of_many_terms_has_no_formula():
    values = [Value(1.0, label=f"x{i}") for i in range(1000)]
    found = paths(autograd.sum(values), "x3", named=False)
    (path,) = found
    assert (str(path), path.product, path.formula) == ("x3 → v1000", 1.0, None)


def test_deep_paths_do_not_recurse():
    x = Value(1.0, label="x")
    y = x
    for _ in range(20_000):
        y = y * 1.0 + 0.0
    found = paths(y, x, named=False)
    (path,) = found
    assert (len(path.edges), path.product) == (40_000, 1.0)
    assert "… 39988 more …" in str(found)


@pytest.mark.parametrize("edges", [1, 10, 11, 12, 13, 14, 20])
def test_of_a_long_path_six_of_each_end_are_shown(edges):
    x = y = Value(1.0, label="x")
    for _ in range(edges):
        y = y * 2.0
    found = paths(y, x, named=False)
    (path,) = found
    names = str(path).split(" → ")
    left_out = [f"… {edges + 1 - 12} nodes …"] * (edges + 1 > 12)
    assert names[6 : 6 + len(left_out)] == left_out
    assert len(names) == min(edges + 1, 12) + len(left_out)
    _, _, _, *rows = str(found).partition("\n\nsum")[0].splitlines()
    assert len([row for row in rows if "∂v" in row]) == min(edges, 12)
    assert [row.strip() for row in rows if "more" in row] == [f"… {edges - 12} more …"] * (edges > 12)


def test_a_long_table_shows_twenty_paths_and_counts_the_others():
    pytest.importorskip("sympy")
    x = Value(1.0, label="x")
    found = paths(autograd.sum([k * x for k in range(1, 26)]), x, named=False)
    for shown, text in ((20, str(found)), (7, found.table(7))):
        assert len([line for line in text.splitlines() if line.startswith("x → ")]) == shown
        listed, others = text.splitlines()[-4:-2]
        assert listed.split() == [str(shown), "paths", "listed", str(sum(range(26 - shown, 26)))]
        assert others.split() == [str(25 - shown), "more", "paths", str(sum(range(1, 26 - shown)))]
    assert "more" not in found.table(25)
    for text in found.latex(), found.latex(20):
        products = text.splitlines()[-3]
        assert products.startswith("&= 25 + 24 +")
        assert products.endswith(r"+ 6 + \cdots \\")


def test_in_latex_negative_products_are_in_parentheses():
    pytest.importorskip("sympy")
    x = Value(1.0, label="x")
    found = paths(0.5 * x + x * -0.25 + 0.0 * x, x, named=False)
    assert r"&= 0.5 + \left(-0.25\right) + 0 \\" in found.latex()


def test_table_of_the_notes():
    pytest.importorskip("sympy")
    g = define("y = 1/(x+t); x = v**2; t = exp(v)", v=0)
    assert str(paths(g["y"], g["v"])).splitlines() == [
        "dy/dv: the sum over 2 paths",
        "",
        "path       ∂      formula        value  product",
        "v → t → y  ∂y/∂t  -1/(x + t)**2  -1",
        "           ∂t/∂v  t              1      -1",
        "v → x → y  ∂y/∂x  -1/(x + t)**2  -1",
        "           ∂x/∂v  2*v            0      0",
        "",
        "sum of the paths  -1",
        "gradient dy/dv    -1",
    ]


@pytest.fixture
def without_sympy(monkeypatch):
    """SymPy as if it were not installed."""
    monkeypatch.setitem(sys.modules, "sympy", None)
    monkeypatch.delitem(sys.modules, "autograd.dialects.symbolic", raising=False)
    monkeypatch.delattr(autograd.dialects, "symbolic", raising=False)


def test_table_without_sympy(without_sympy):
    g = define(FOUR_PATHS, w=0)
    text = str(paths(g["y"], g["w"]))
    assert text.splitlines()[2].split() == ["path", "∂", "formula", "value", "product"]
    assert "pi*cos((w + v)*pi)" in text
    assert "3.283185307" in text


def test_latex_without_sympy_says_what_to_install(without_sympy):
    g = define(FOUR_PATHS, w=0)
    with pytest.raises(ImportError, match=r'pip install "pathgrad\[symbolic\]"'):
        paths(g["y"], g["w"]).latex()


@pytest.mark.parametrize("name", ["local", "what", "that", "crossbar", "covec", "norm", "x_hat", "alpha", "x_1", "b2"])
def test_a_name_in_latex_is_that_name(name):
    pytest.importorskip("sympy")
    x = Value(2.0, label=name)
    y = (x * x).exp()
    y.label = "y"
    short = {"x_hat": "x_{hat}", "alpha": r"\alpha", "x_1": "x_{1}", "b2": "b_{2}"}
    shown = short.get(name, rf"\mathrm{{{name}}}")
    text = paths(y, x, named=True).latex()
    assert text.splitlines()[1] == rf"\frac{{dy}}{{d{shown}}}"
    assert rf"&= 2 y {shown} \\" in text
    assert r"\mathcal" not in text


def test_latex_of_one_edge_does_not_repeat_itself():
    pytest.importorskip("sympy")
    g = define("y = x**2", x=3)
    assert paths(g["y"], g["x"]).latex().splitlines()[1:-1] == [
        r"\frac{dy}{dx}",
        r"&= \frac{\partial y}{\partial x} \\",
        r"&= 2 x \\",
        r"&= 6",
    ]
    g = define("y = x**2", letters=True)
    assert paths(g["y"], g["x"], letters=True).latex().splitlines()[3:-1] == ["&= 2 x"]
    g = define("y = -3*x", x=1)
    assert paths(g["y"], g["x"]).latex().splitlines()[3:-1] == ["&= - 3"]


@pytest.mark.parametrize(
    ("text", "kinks"),
    [("y = max(x, 2)", "y"), ("y = a**2; a = abs(x - 2)", "a"), ("y = max(x, 3)", ""), ("y = relu(x - 2) + x", "y")],
)
def test_a_table_names_the_nodes_on_a_kink(text, kinks):
    g = define(text, x=2)
    shown = paths(g["y"], g["x"], named=True)
    lines = [line for line in str(shown).splitlines() if "kink" in line]
    assert lines == ([f"on a kink, where a slope is a convention: {kinks}"] if kinks else [])
    assert ("kink" in shown._repr_mimebundle_()["text/html"]) == bool(kinks)
    g = define(text, letters=True)
    assert "kink" not in str(paths(g["y"], g["x"], letters=True))


def test_in_a_notebook_paths_are_a_table_and_latex():
    pytest.importorskip("sympy")
    g = define(FOUR_PATHS, w=0)
    found = paths(g["y"], g["w"])
    bundle = found._repr_mimebundle_()
    assert bundle["text/plain"] == str(found)
    assert found.latex() in bundle["text/latex"]
    rows = ElementTree.fromstring(bundle["text/html"].partition("$")[0]).findall("tr")
    assert [cell.text for cell in rows[0]] == ["path", "∂", "formula", "value", "product"]
    assert [cell.text for cell in rows[-1]] == ["gradient dy/dw", "3.283185307"]
    assert found._repr_mimebundle_(include=["text/plain"]).keys() == {"text/plain"}
    g["w"].label = "<b>"
    assert "<b>" not in paths(g["y"], g["w"])._repr_mimebundle_()["text/html"]
    nothing = paths(g["w"], Value(1.0, label="z"))._repr_mimebundle_()
    assert "no path leads from z" in nothing["text/html"]


def test_without_sympy_a_notebook_shows_the_table_alone(without_sympy):
    g = define(FOUR_PATHS, w=0)
    assert paths(g["y"], g["w"])._repr_mimebundle_().keys() == {"text/plain", "text/html"}


def test_a_wide_table_is_broken_within_its_cells():
    g = define(FOUR_PATHS, w=0)
    found = paths(g["y"], g["w"])
    for width in (45, 60, 200):
        assert max(map(len, found.table(width=width).splitlines())) <= width
    assert found.table(width=200) == str(found)
    assert "".join(found.table(width=45).split()).count("-1/") == str(found).count("-1/")


def test_latex():
    pytest.importorskip("sympy")
    g = define("y = 1/x; x = v**2; v = exp(w)", w=0)
    lines = paths(g["y"], g["w"]).latex().splitlines()
    assert lines[1] == r"\frac{dy}{dw}"
    d = r"\frac{\partial %s}{\partial %s}"
    assert lines[2] == f"&= {d % ('y', 'x')} {d % ('x', 'v')} {d % ('v', 'w')} \\\\"
    assert lines[3] == r"&= \left(- \frac{1}{x^{2}}\right) \left(2 v\right) \left(v\right) \\"
    assert lines[-2] == "&= -2"


@pytest.mark.parametrize(
    "text",
    [
        "y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)",
        "y = (t - a)**2/2; a = sigmoid(z); z = h*w + b; h = tanh(w*u)",
        "y = x**x/w; x = w**w",
        "y = log(u)*sqrt(u) + 3; u = 1 + w**2/4",
    ],
)
def test_products_in_letters_add_up_to_the_derivative(text):
    """Proved by SymPy, which differentiates the formula of the output in the leaves alone."""
    sympy = pytest.importorskip("sympy")
    g = define(text, letters=True)
    letters = {name: sympy.Symbol(name, positive=True) for name in g}
    functions = {"sigmoid": lambda x: 1 / (1 + sympy.exp(-x))}
    whole = dict(letters)
    for definition in autograd.definitions(text):
        whole[definition.name] = sympy.sympify(definition.text, {**functions, **whole})
    found = paths(g["y"], "w", letters=True)
    written = sum(sympy.sympify(path.formula, {**functions, **whole}) for path in found)
    assert sympy.simplify(written - whole["y"].diff(letters["w"])) == 0


def test_an_operand_that_letters_do_not_select_is_not_left_out():
    g = define("y = where(w > 0, x, 2*w); x = relu(w)", letters=True)
    found = paths(g["y"], "w", letters=True)
    assert {str(path): path.formula for path in found} == {
        "w → y": "2*(0 if w > 0, else 1)",
        "w → x → y": "(1 if w > 0, else 0)**2",
    }
    assert "not selected" not in str(found)


def test_letters_of_many_paths_are_cut():
    g = define("y = a + b; a = 2*x; b = a*x", letters=True)
    text = paths(g["y"], "x", letters=True).table(1)
    assert text.endswith(" + 2 more paths")
    assert "more" not in paths(g["y"], "x", letters=True).table(3)
    assert repr(paths(g["y"], "x", letters=True)) == "<3 paths for dy/dx>"


def test_columns_stay_aligned_with_korean_labels():
    pytest.importorskip("sympy")
    g = define("결과 = 2*값", 값=1)
    head, row = str(paths(g["결과"], g["값"])).splitlines()[2:4]
    assert head == "path       ∂          formula  value  product"
    assert row == "값 → 결과  ∂결과/∂값  2        2      2"  # each of these letters is two columns wide


def test_a_path_table_is_freed_without_the_garbage_collector():
    import gc
    import weakref

    gc.disable()
    try:
        g = define(FOUR_PATHS, w=0)
        found = paths(g["y"], g["w"])
        str(found)
        watch = weakref.ref(found.graph)
        del found
        assert watch() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("output", "input", "error", "message"),
    [
        (3.0, Value(1.0), TypeError, "paths start at a Value, not at float"),
        (Value(1.0), 3.0, TypeError, "paths lead to a Value or a label, not to float"),
        (Value(1.0), "x", LookupError, "no nodes in this graph have the label 'x'"),
        (Value(1.0, "x") + Value(2.0, "x"), "x", LookupError, "2 nodes in this graph have the label 'x'"),
    ],
)
def test_clear_errors(output, input, error, message):
    with pytest.raises(error, match=message):
        paths(output, input)


# ---------------------------------------------------------------------------------------------------------------------
# Random graphs
# ---------------------------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw):
    """A random graph with sharing; some of its nodes are named."""
    nodes = [Value(draw(st.floats(-2, 2)), label=name) for name in "ab"]
    for i in range(draw(st.integers(1, 8))):
        x, y = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        nodes.append(draw(st.sampled_from([lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - 2 * y]))(x, y))
        if draw(st.booleans()):
            nodes[-1].label = f"n{i}"
    return nodes[0], nodes[-1]


def elementary_products(output, input):
    """Every path's product, by naive recursion."""
    if output is input:
        return [1.0]
    steps = zip(output.parents, output.partials, strict=True)
    return [d * rest for parent, d in steps for rest in elementary_products(parent, input)]


@given(graphs())
def test_elementary_paths_are_all_paths(graph):
    x, y = graph
    expected = elementary_products(y, x)
    found = paths(y, x, named=False)
    listed = [path.product for path in found]
    assert found.count == len(expected)
    assert sorted(listed) == pytest.approx(sorted(expected))
    assert all(abs(a) >= abs(b) * (1 - 1e-9) for a, b in pairwise(listed))
    assert found.gradient == pytest.approx(math.fsum(expected), abs=1e-9 * math.fsum(map(abs, expected)))


@given(graphs())
def test_named_paths_add_up_to_the_same_gradient(graph):
    x, y = graph
    found = paths(y, x, named=True)
    listed = list(found)
    scale = math.fsum(abs(product) for product in elementary_products(y, x))
    assert found.count == len(listed)
    assert math.fsum(path.product for path in listed) == pytest.approx(found.gradient, abs=1e-9 * scale + 1e-300)
    assert all(node.label for path in listed for node in path.nodes[:-1])


@given(graphs())
def test_formulas_have_the_value_of_their_edges(graph):
    pytest.importorskip("sympy")
    from autograd.dialects.symbolic import symbol

    _, y = graph
    found = dependencies(y)
    at = {symbol(name): node.data for node, name in found.names.items()}
    for edge in found.edges:
        assert float(edge.expression.subs(at)) == pytest.approx(edge.partial, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("step", [lambda y: exp(y * 0.1), lambda y: y * y - y], ids=["deep", "wide"])
def test_formula_too_long_to_read_is_left_out(step):
    x = Value(1.0, label="x")
    y = x
    for _ in range(120):  # in the second graph the formula would be as long as there are paths, 3^120
        y = step(y)
    (edge,) = dependencies(y).edges
    assert edge.formula is None


def test_formula_that_sharing_makes_too_long_is_left_out():
    x = Value(1.0, label="x")
    y = x
    for _ in range(40):  # 80 nodes, but 2^40 operations when written out
        y = sqrt(y) + y
    (edge,) = dependencies(y).edges
    assert edge.formula is None


@pytest.mark.parametrize("seed", range(30))
def test_equal_paths_with_the_same_end_stand_together(seed: int) -> None:
    """So the search stays near the input, and holds few beginnings."""
    choose, x = random.Random(seed), Value(1.0, label="x")
    layer = [x]
    for _ in range(4):
        layer = [sum((choose.choice(layer) * 1.0 for _ in range(choose.randint(1, 3))), Value(0.0)) for _ in range(3)]
    found = [tuple(path._numbers) for path in paths(layer[0] + layer[1] + layer[2], x)]  # edges, from the output on
    for length in range(len(found[0])):
        ends = [end for end, _ in groupby(path[:length] for path in found)]
        assert len(ends) == len(set(ends))


@pytest.mark.parametrize("rounded", [False, True])
def test_each_of_many_equal_paths_takes_one_walk(rounded, monkeypatch):
    depth, steps = 60, []
    push = heapq.heappush
    monkeypatch.setattr(heapq, "heappush", lambda *entry: (steps.append(1), push(*entry)))
    z = Value(1.0, label="x")
    for _ in range(depth):
        z = 0.1 * z + z * 0.1 if rounded else z + z  # logarithms of tenths add up to something else in another order
    found = iter(paths(z, "x"))
    for number in range(1, 101):
        path = next(found)
        assert len(steps) <= number * 4 * depth
        assert path.product == pytest.approx(0.1**depth if rounded else 1.0)
