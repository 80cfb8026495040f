"""Pictures: what they show, checked in the DOT text, and the files and trees that are made of them."""

from __future__ import annotations

import html
import math
import os
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import EngineError, Tensor, Value, dependencies, draw, paths, relu, render, tree
from autograd.core.escaping import printable
from autograd.explain.brief import number
from autograd.pictures.columns import columns_layout
from autograd.pictures.draw import mimebundle
from autograd.pictures.from_graph import picture
from autograd.pictures.notation import scripts
from autograd.pictures.picture import rows_of
from autograd.pictures.skins import DEFAULT
from autograd.pictures.svg import svg
from nn import MLP

pytestmark = pytest.mark.same_in_both_modes


@dataclass(frozen=True)
class Seen:
    """The content of a piece of DOT: the lines of every box, and (from, to, label) of every arrow, by name."""

    boxes: dict[str, list[str]]
    arrows: list[tuple[str, str, str]]


def read(source: str) -> Seen:
    boxes: dict[str, list[str]] = {}
    arrows = []
    for line in source.splitlines():
        if match := re.match(r"\t(\w+) \[label=<(.*)> color=", line):
            key, markup = match.groups()
            boxes[key] = [html.unescape(re.sub(r"<.*?>", "", part)) for part in markup.split("<BR/>")]
        elif match := re.match(r'\t(\w+) -> (\w+) \[(?:label="(.*)" )?color=', line):
            tail, head, label = match.groups()
            arrows.append((tail, head, (label or "").replace(r" \n ", " ").strip()))
    names = {key: lines[0].split(" ")[0] for key, lines in boxes.items()}
    return Seen(
        {names[key]: lines for key, lines in boxes.items()},
        [(names[tail], names[head], label) for tail, head, label in arrows],
    )


def labelled(value: Value, label: str) -> Value:
    value.label = label
    return value


def product_of_sum() -> tuple[Value, ...]:
    """f = (x + y) z at (-2, 5, -4), the first example of many a lecture; its gradients are -4, -4 and 3."""
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = labelled(x + y, "q")
    return labelled(q * z, "f"), x, y, z, q


def four_paths() -> tuple[Value, ...]:
    """y = 1/(x + t), x = v² + w, t = sin((w + v)π), v = e^w at w = 0, where dy/dw = 2π - 3."""
    w = Value(0.0, "w")
    v = labelled(ag.exp(w), "v")
    x = labelled(v**2 + w, "x")
    t = labelled(ag.sin((w + v) * math.pi), "t")
    return labelled(1 / (x + t), "y"), x, t, v, w


def chain(length: int) -> Value:
    node = Value(0.0, "start")
    for _ in range(length - 1):
        node = -node
    return node


# ---------------------------------------------------------------------------------------------------------------------
# What is shown
# ---------------------------------------------------------------------------------------------------------------------


def test_the_elementary_view_shows_every_node_and_every_local_derivative():
    f, *_ = product_of_sum()
    f.backward()
    seen = read(draw(f).source)
    assert seen.boxes == {
        "x": ["x", "-2", "grad -4"],
        "y": ["y", "5", "grad -4"],
        "z": ["z", "-4", "grad 3"],
        "q": ["q = x + y", "3", "grad -4"],
        "f": ["f = q * z", "-12", "grad 1"],
    }
    assert seen.arrows == [("x", "q", "1"), ("y", "q", "1"), ("q", "f", "-4"), ("z", "f", "3")]


def test_constants_are_boxes_without_gradient_in_the_order_of_the_operands():
    x = Value(2.0, "x")
    y = 3 - x
    y.backward()
    seen = read(draw(y).source)
    assert seen.boxes == {"x": ["x", "2", "grad -1"], "3": ["3"], "v1": ["v1 = 3 - x", "1", "grad 1"]}
    assert seen.arrows == [("3", "v1", ""), ("x", "v1", "-1")]


def test_an_operand_that_is_used_twice_has_two_edges():
    a = Value(5.0, "a")
    assert read(draw(a * a).source).arrows == [("a", "v1", "5"), ("a", "v1", "5")]


def test_nodes_without_a_name_have_their_place_in_the_topological_order():
    x = Value(1.0)
    assert list(read(draw(ag.exp(-x)).source).boxes) == ["v0", "v1", "v2"]


def test_the_named_view_carries_the_derivatives_between_named_variables(monkeypatch):
    monkeypatch.setitem(sys.modules, "autograd.dialects.symbolic", None)  # as without SymPy
    y, *_ = four_paths()
    y.backward()
    seen = read(draw(y, named=True).source)
    assert set(seen.boxes) == {"w", "v", "x", "t", "y"}
    assert seen.boxes["w"] == ["w", "0", f"grad {2 * math.pi - 3:.5g}"]
    assert sorted(seen.arrows) == [
        ("t", "y", "-1/(x + t)**2 = -1"),
        ("v", "t", "pi*cos((w + v)*pi) = -3.1416"),
        ("v", "x", "2*v = 2"),
        ("w", "t", "pi*cos((w + v)*pi) = -3.1416"),
        ("w", "v", "v = 1"),
        ("w", "x", "1"),
        ("x", "y", "-1/(x + t)**2 = -1"),
    ]


def test_the_named_view_shows_formulas_with_sympy():
    sympy = pytest.importorskip("sympy")
    y, *_ = four_paths()
    seen = read(draw(y, named=True).source)
    names = {name: sympy.Symbol(name) for name in "wvxty"}
    x, t, v, w = (names[name] for name in "xtvw")
    slope, inner = -1 / (x + t) ** 2, sympy.pi * sympy.cos((w + v) * sympy.pi)
    expected = {"xy": slope, "ty": slope, "vx": 2 * v, "wv": v, "wt": inner, "vt": inner}
    shown = {tail + head: label.partition(" = ")[0] for tail, head, label in seen.arrows}
    assert shown.pop("wx") == "1"  # the number says it all
    assert {edge: sympy.simplify(sympy.sympify(text, names) - expected[edge]) for edge, text in shown.items()} == (
        dict.fromkeys(expected, 0)
    )
    assert all(label.endswith(("= -1", "= 2", "= 1", "= -3.1416")) for _, _, label in seen.arrows if "=" in label)
    definition = seen.boxes["x"][0].removeprefix("x = ")
    assert sympy.simplify(sympy.sympify(definition, names) - (v**2 + w)) == 0


def test_long_formulas_are_left_out():
    pytest.importorskip("sympy")
    x = Value(0.5, "x")
    y = x
    for _ in range(20):
        y = ag.sin(y) + y / 2
    assert all("=" not in label for _, _, label in read(draw(y, named=True).source).arrows)


def test_a_formula_that_fits_is_not_cut():
    z = labelled(ag.exp(Value(0.5, "a" * 35)), "z")
    assert read(draw(z, named=True).source).boxes["z"][0] == f"z = exp({'a' * 35})"


def test_the_four_states_of_a_gradient_differ():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    loss = x * 0
    everything = labelled(loss + w, "all")
    assert {lines[-1] for lines in read(draw(everything).source).boxes.values() if len(lines) > 1} == {"no grad yet"}
    loss.backward()
    boxes = read(draw(everything).source).boxes
    assert (boxes["x"][2], boxes["w"][2], boxes["0"]) == ("grad 0", "not reached", ["0"])


def test_a_node_on_a_kink_is_marked():
    assert read(draw(ag.relu(Value(0.0, "x"))).source).boxes["v1"][-1] == "on a kink"
    assert "on a kink" not in draw(ag.relu(Value(0.5, "x"))).source
    assert "on a kink" in draw(ag.maximum(Value(1.0), Value(1.0))).source


def test_nan_and_what_no_sweep_has_reached_have_a_frame_of_their_own():
    x, w = Value(math.nan, "x"), Value(1.0, "w")
    y = x * 2
    y.backward()
    boxes = {box.lines[0][0].text: box for box in picture(y + w).boxes}
    assert {name: (box.nan, box.unreached) for name, box in boxes.items()} == {
        "x": (True, False), "2": (False, False), "v1": (True, False), "w": (False, True), "v3": (True, True),
    }  # fmt: skip
    assert not any(box.nan for box in picture(y, letters=True).boxes)


def test_data_assigned_later_does_not_stop_a_picture():
    x, y = Value(7.0), Value(4.0)
    z = x % y
    y.data = 0.0
    assert "on a kink" not in draw(z).source


def test_the_named_view_marks_a_kink_that_it_does_not_show_itself():
    x = Value(0.0, "x")
    y = labelled(abs(x) + 1, "y")
    z = labelled(y * 2, "z")
    boxes = read(draw(z, named=True).source).boxes
    assert [name for name, lines in boxes.items() if "on a kink" in lines] == ["y"]


def test_an_operand_that_was_not_selected_hangs_on_a_dashed_edge():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    y = ag.maximum(a, b)
    for source in (draw(y).source, draw(y, named=True).source):
        dashed = {line.split(" [")[0].strip(): "dashed" in line for line in source.splitlines() if "->" in line}
        assert dashed == {"n0 -> n2": True, "n1 -> n2": False}


def test_inputs_operations_output_and_constants_look_different():
    x = Value(2.0, "x")
    roles = {box.key: box.role for box in picture(-(x * 3)).boxes}
    assert roles == {"n0": "input", "n1c1": "constant", "n1": "operation", "n2": "output"}
    assert len({(look.line, look.fill) for look in DEFAULT.boxes.values()}) == len(DEFAULT.boxes)
    assert len(set(DEFAULT.arrows.values())) == len(DEFAULT.arrows)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_short_and_right_to_five_digits(x):
    text = number(x)
    assert len(text) <= len("-1.2345e-308")
    assert abs(Decimal(text) - Decimal(x)) <= abs(Decimal(x)) / 10_000


def test_infinities_and_nan_are_shown_as_they_are():
    assert [number(x) for x in (math.inf, -math.inf, math.nan)] == ["inf", "-inf", "nan"]


# ---------------------------------------------------------------------------------------------------------------------
# Highlighting
# ---------------------------------------------------------------------------------------------------------------------


def highlighted(value: Value, **options) -> set[tuple[str, str]]:
    found = picture(value, **options)
    names = {box.key: box.lines[0][0].text for box in found.boxes}
    return {(names[a.tail], names[a.head]) for a in found.arrows if a.mood == "highlighted"}


def test_a_pair_highlights_every_edge_between():
    y, _, t, v, _ = four_paths()
    assert highlighted(y, named=True, highlight=(v, y)) == {("v", "x"), ("v", "t"), ("x", "y"), ("t", "y")}
    assert highlighted(y, named=True, highlight=(v, t)) == {("v", "t")}
    assert highlighted(y, highlight=(v, t)) == {("v", "v4"), ("v4", "v5"), ("v5", "t")}


def test_a_path_is_highlighted():
    y, *_, w = four_paths()
    for path in paths(y, w):
        assert highlighted(y, named=True, highlight=path) == set(zip(path.names, path.names[1:], strict=False))


def test_the_ends_of_a_highlight_are_shown_in_the_named_view():
    x = Value(2.0)
    y = labelled(x * 3, "y")
    assert highlighted(y, named=True, highlight=(x, y)) == {("v0", "y")}


def test_what_cannot_be_highlighted_is_said():
    y, x, t, *_, w = four_paths()
    with pytest.raises(ValueError, match="no path leads from"):
        draw(y, highlight=(x, t))
    with pytest.raises(ValueError, match="no path leads from"):
        draw(y, highlight=(Value(1.0), y))
    with pytest.raises(ValueError, match="try named=True"):
        draw(y, highlight=next(iter(paths(y, w))))
    for wrong in ("w", (w,), (w, "y"), 3, (w, x, y)):
        with pytest.raises(TypeError, match="a path or a pair"):
            draw(y, highlight=wrong)


# ---------------------------------------------------------------------------------------------------------------------
# The same graph, the same text; any label
# ---------------------------------------------------------------------------------------------------------------------

PROGRAM = """
from autograd import Value, draw, maximum
from autograd.pictures.from_graph import picture
from autograd.pictures.svg import svg
xs = [Value(float(i), f"x{i % 3}") for i in range(6)]
y = maximum(xs[0] * xs[1] + xs[2] / xs[3], xs[4] ** 2 - xs[5])
y.backward()
print(draw(y).source, draw(y, named=True).source, svg(picture(y)))
"""


def test_the_same_graph_gives_the_same_bytes_in_every_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1


NASTY = ["<b>", "<", ">", '"', "\\", r"\N", r"\n\\", 'a\\"', "&amp;", "{x|y}", "a\nb", "\x00", "\ud800", " ", "온도",
         "∂y/∂∇", "α", "node", "->", "n0:s", "%s", "]]>", "<!--", "//", "😀", "\u200b", "a" * 100]  # fmt: skip


@pytest.mark.parametrize("label", NASTY)
def test_nasty_labels_are_one_printable_line(label):
    text = printable(label)
    assert text.isprintable()
    assert len(text) <= 40


@given(st.text(st.characters(), min_size=1, max_size=20))
def test_any_label_gives_dot_that_graphviz_reads_back(label):
    pygraphviz = pytest.importorskip("pygraphviz")
    x = Value(2.0, label)
    graph = pygraphviz.AGraph(string=draw(labelled(x * x, "y"), named=True).source)
    assert (graph.nodes(), graph.edges()) == (["n0", "n1"], [("n0", "n1")])


def test_nasty_labels_come_out_of_every_engine_as_they_are():
    nodes = [Value(1.0, label) for label in NASTY]
    y = nodes[0]
    for node in nodes[1:]:
        y = y + node
    svg = draw(y, fold=False).svg()
    texts = {"".join(element.itertext()) for element in ET.fromstring(svg).iter() if element.tag.endswith("text")}
    assert {printable(label) for label in NASTY if label != " "} <= texts


# ---------------------------------------------------------------------------------------------------------------------
# Limits and bad input
# ---------------------------------------------------------------------------------------------------------------------


def test_large_graphs_are_folded_unless_they_are_not_to_be():
    assert len(picture(chain(40)).boxes) == 40
    folded = picture(chain(601))
    assert {box.role for box in folded.boxes} == {"input", "group"}
    assert len(folded.boxes) <= 24
    assert len(picture(chain(601), fold=False).boxes) == 601
    assert len(picture(chain(601), named=True).boxes) == 2


def test_constants_count_as_nodes():
    y = Value(0.0, "start")
    for _ in range(20):
        y = y + 1.0
    assert {box.role for box in picture(y).boxes} == {"input", "group"}
    y.label = "sum"
    assert len(picture(y, named=True).boxes) == 2


def test_a_large_graph_of_named_variables_is_folded_too():
    y = chain(601)
    for i, node in enumerate(ag.topological_order(y)):
        node.label = f"n{i}"
    assert len(picture(y, named=True).boxes) <= 24
    assert len(picture(y, named=True, fold=False).boxes) == 601


def network() -> tuple[Value, Value]:
    """The loss of a small network over four samples, and its first weight."""
    net = MLP([2, 3, 1], rng=0)
    losses = [(net([0.1 * k, -0.2 * k]) - 1) ** 2 for k in range(1, 5)]
    return labelled(losses[0] + losses[1] + losses[2] + losses[3], "E"), net.layers[0].neurons[0].weights[0]


def test_groups_are_opened_by_name():
    y, _ = network()
    boxes = {box.lines[0][0].text: box for box in picture(y, fold=["layer 1"]).boxes}
    assert list(boxes) == ["neuron 1 of layer 1", "neuron 2 of layer 1", "neuron 3 of layer 1", "layer 2", "E"]
    assert [[span.text for span in line] for line in boxes["layer 2"].lines] == [
        ["layer 2"],
        ["8 nodes"],
        ["4 samples"],
    ]
    assert [arrow.label for arrow in picture(y, fold=["layer 1"]).arrows] == [("×4",)] * 4
    with pytest.raises(ValueError, match="there is no group 'layer 9' to open in this graph, but 'layer 1', 'neuron 1"):
        draw(y, fold=["layer 9"])


def test_groups_of_the_users():
    x = Value(2.0, "x")
    u = ag.sin(x * 3)
    y = u + x
    for fold in (lambda node: "wave" if node is u else None, ag.groups(y, lambda node: "wave" if node is u else None)):
        names = [box.lines[0][0].text for box in picture(y, fold=fold).boxes]
        assert "v1" in names  # a group as small as this is shown open


def test_a_group_says_what_is_unusual_inside():
    x = Value(0.0, "x")
    y = labelled(ag.relu(x) + ag.sqrt(x) * math.nan, "y")
    (group,) = (box for box in picture(y, fold=["none"][1:]).boxes if box.role == "group")
    assert [line[0].text for line in group.lines] == ["y", "4 nodes", "1 on a kink", "2 nan"]


def test_only_what_depends_on_a_node():
    y, x, t, v, _ = four_paths()
    names = {box.lines[0][0].text for box in picture(y, wrt=x).boxes}
    assert names == {"x", "v7", "1", "y"}
    assert {box.lines[0][0].text for box in picture(y, wrt="x").boxes} == names
    with pytest.raises(ValueError, match="nothing to draw: the output does not depend on Value"):
        draw(v, wrt=t)


def test_a_flow_is_drawn_as_width_with_its_sign():
    y, *_, w = four_paths()
    shown = picture(y, named=True, flow=w)
    names = {box.key: box.lines[0][0].text for box in shown.boxes}
    arrows = {names[arrow.tail] + names[arrow.head]: arrow for arrow in shown.arrows}
    assert {ends: arrow.label[-1] for ends, arrow in arrows.items()} == {
        "wv": "+34.8 %", "wx": "-30.5 %", "wt": "+95.7 %", "vx": "-60.9 %", "vt": "+95.7 %",
        "xy": "-91.4 %", "ty": "+191 %",
    }  # fmt: skip
    assert {ends for ends, arrow in arrows.items() if arrow.mood == "opposing"} == {"wx", "vx", "xy"}
    assert arrows["ty"].weight == 1.0
    assert arrows["wt"].weight == pytest.approx(0.5)
    widths = re.findall(r"penwidth=([\d.]+)", draw(y, named=True, flow=w).source)
    assert "6" in widths


def test_a_flow_runs_through_a_folded_graph():
    y, weight = network()
    shown = picture(y, fold=True, flow=weight)
    assert [arrow.label for arrow in picture(y, fold=[], flow=weight).arrows] == [("+100 %",)] * 2
    assert all(arrow.label for arrow in shown.arrows if arrow.mood in ("flowing", "opposing"))


def test_a_network_as_in_textbooks():
    net = MLP([2, 3, 1], rng=0)
    y = net([Value(0.5, "x_1"), Value(-0.3, "x_2")])
    y.backward()
    shown = picture(y, fold="network")
    names = {box.key: box.lines[0][0].text for box in shown.boxes}
    assert [[names[key] for key in column] for column in shown.columns] == [
        ["x_1", "x_2"],
        ["a[1]_1", "a[1]_2", "a[1]_3"],
        ["z[2]_1"],
    ]
    weights = {(names[arrow.tail], names[arrow.head]): arrow.label for arrow in shown.arrows}
    for j, neuron in enumerate(net.layers[0].neurons, 1):
        for k, weight in enumerate(neuron.weights, 1):
            assert weights[f"x_{k}", f"a[1]_{j}"] == (number(weight.data),)
    neuron = shown.boxes[2]
    assert [" ".join(span.text for span in line) for line in neuron.lines] == ["a[1]_1 = 0.072349", "grad 0.75286"]
    with pytest.raises(ValueError, match="there is no layer of neurons in this graph"):
        draw(y.parents[0], fold="network")


@pytest.mark.parametrize("sizes", [[2, *[4] * 10, 1], [1] * 30])
def test_a_deep_network_is_drawn_in_rows(sizes):
    """Each row begins with a copy of the last column of the row before it, from which the arrows then start."""
    net = MLP(sizes, rng=0)
    shown = picture(net([Value(0.1 * k, f"x_{k}") for k in range(1, sizes[0] + 1)]), fold="network")
    names = {box.key: box.lines[0][0].text for box in shown.boxes}
    rows = rows_of(shown)
    assert len(rows) > 1
    assert max(map(len, rows)) <= 6
    for before, after in pairwise(rows):
        assert [names[key] for key in before[-1]] == [names[key] for key in after[0]]
    assert sum(map(len, rows)) == len(sizes) + len(rows) - 1
    assert len(shown.arrows) == sum(m * n for m, n in pairwise(sizes))
    found = columns_layout(shown)
    assert found.width < 1800
    tops = [[found.boxes[key].y for column in row for key in column] for row in rows]
    assert all(max(above) < min(below) for above, below in pairwise(tops))
    ends = {(arrow.tail, arrow.head) for arrow in shown.arrows}
    assert ends == {(tail, head) for row in rows for one, other in pairwise(row) for tail in one for head in other}


def test_neurons_of_a_batch_say_how_many_samples_they_have():
    y, _ = network()
    shown = picture(y, fold="network")
    neurons = [box for box in shown.boxes if box.lines[0][0].text.startswith("a[1]")]
    assert [[line[0].text for line in box.lines] for box in neurons] == [[f"a[1]_{j}", "4 samples"] for j in (1, 2, 3)]
    assert all(len(arrow.label) == 1 for arrow in shown.arrows)  # the weight, which all samples share


def test_a_large_network_has_no_numbers_on_its_arrows():
    net = MLP([2, 16, 16, 1], rng=0)
    shown = picture(net([Value(0.5, "x_1"), Value(-0.3, "x_2")]), fold="network")
    assert [len(column) for column in shown.columns] == [2, 16, 16, 1]
    assert not any(arrow.label for arrow in shown.arrows)


def test_a_neuron_of_a_network_opens():
    x = [Value(0.5, "x_1"), Value(1.0, "x_2")]
    found = picture(MLP([2, 3, 1], rng=0)(x), fold=["network", "neuron 2 of layer 1"])
    names = {box.lines[0][0].text: box.role for box in found.boxes}
    assert {"w[1]_{2,1}", "b[1]_2", "z[1]_2"} < names.keys()
    assert names["a[1]_2"] == "operation"
    assert names["a[1]_1"] == "group"
    with pytest.raises(ValueError, match="there is no group 'neuron 9'"):
        picture(MLP([2, 3, 1], rng=0)(x), fold=["network", "neuron 9"])


def test_a_neuron_of_a_large_network_opens_alone():
    x = [Value(0.5, "x_1"), Value(1.0, "x_2")]
    found = picture(MLP([2, 16, 16, 1], rng=0)(x), fold=["network", "neuron 2 of layer 1"])
    names = [box.lines[0][0].text for box in found.boxes]
    assert names[:2] == ["x_1", "x_2"]
    assert not {"a[1]_1", "z[3]_1"} & set(names)
    assert "a[2]_16" in names
    assert len(found.arrows) == 5 + 1 + 16
    assert all(arrow.label for arrow in found.arrows)
    assert found.columns


def test_a_network_of_single_neurons():
    found = picture(MLP([1, 1, 1], rng=0)([Value(0.5, "x")]), fold="network")
    assert [box.lines[0][0].text for box in found.boxes] == ["x", "a[1]_1", "z[2]_1"]


def test_three_thousand_nodes_are_folded_within_a_second():
    net = MLP([2, 16, 16, 1], rng=0)
    total = sum((net([0.1 * k, -0.2 * k]) - 1) ** 2 for k in range(36))
    found = picture(total)
    assert len(found.boxes) <= 24
    assert len(svg(found)) < 50_000


def test_names_of_networks_have_subscripts():
    assert scripts("w[1]_{2,3}") == [("w", 0), ("2,3", -1), ("[1]", 1)]
    assert scripts("z[1](4)_2 - x(3)_1") == [
        ("z", 0), ("2", -1), ("[1](4)", 1), (" - ", 0), ("x", 0), ("1", -1), ("(3)", 1),
    ]  # fmt: skip
    for text in ("learning_rate", "max(3)", "x1", "_1", "a__b", "가중치", "2*x"):
        assert scripts(text) == [(text, 0)]
    x = Value(1.0, "x_1")
    assert '<SUB><FONT POINT-SIZE="9.75">1</FONT></SUB>' in draw(-x).source
    y = labelled(x * labelled(ag.exp(x), "z[1]_2"), "y")
    assert 'label=< z<SUB><FONT POINT-SIZE="8.25">2</FONT></SUB>' in draw(y, named=True).source
    assert '<tspan fill="#1f2937" font-size="9.75" font-weight="bold" dy="2.9">1</tspan>' in svg(picture(-x))


def test_bad_input_is_one_sentence():
    with pytest.raises(TypeError, match=r"a picture is drawn of a Value or a Tensor, not of float \(3\.0\)"):
        draw(3.0)
    with pytest.raises(ValueError, match='rankdir must be "LR", "TB", "RL" or "BT", not \'left\''):
        draw(Value(1.0), rankdir="left")


# ---------------------------------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".dot", ".gv", ".GV"])
def test_a_dot_file_is_the_source(tmp_path, suffix):
    y, *_ = four_paths()
    file = render(y, tmp_path / f"graph{suffix}", named=True, rankdir="TB")
    assert file == tmp_path / f"graph{suffix}"
    assert file.read_text(encoding="utf-8") == draw(y, named=True, rankdir="TB").source


def test_dot_has_no_limit(tmp_path):
    assert len(read(render(chain(700), tmp_path / "chain.dot").read_text()).arrows) == 699


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_pictures_are_what_their_suffix_says(tmp_path, suffix):
    pytest.importorskip("pygraphviz")
    y, *_ = four_paths()
    file = render(y, str(tmp_path / f"graph{suffix}"))
    assert file.read_bytes().startswith({".png": b"\x89PNG\r\n", ".pdf": b"%PDF", ".svg": b"<?xml"}[suffix])
    assert os.listdir(tmp_path) == [file.name]


def test_bad_file_names_are_said_before_anything_is_drawn(tmp_path):
    with pytest.raises(ValueError, match=r"'y\.gif' is none of them"):
        render(Value(1.0), tmp_path / "y.gif")
    with pytest.raises(ValueError, match="'y' is none of them"):
        render(Value(1.0), tmp_path / "y")
    with pytest.raises(
        FileNotFoundError, match=r"the folder '.*nowhere' does not exist: make it before drawing 'y.svg'"
    ):
        render(Value(1.0), tmp_path / "nowhere" / "y.svg")
    assert os.listdir(tmp_path) == []


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    file = tmp_path / "y.dot"
    file.write_text("old")
    with pytest.raises(ValueError, match="rankdir"):
        render(Value(1.0), file, rankdir="up")

    def full(*_):
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", full)
        with pytest.raises(OSError, match="no space"):
            render(Value(1.0), file)
    assert (file.read_text(), os.listdir(tmp_path)) == ("old", ["y.dot"])
    render(Value(1.0), file)
    assert file.read_text() == draw(Value(1.0)).source


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_writing_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "link.dot").symlink_to(tmp_path / "real.dot")
    render(Value(1.0), tmp_path / "link.dot")
    assert (tmp_path / "link.dot").is_symlink()
    assert (tmp_path / "real.dot").read_text() == draw(Value(1.0)).source


# ---------------------------------------------------------------------------------------------------------------------
# Notebooks
# ---------------------------------------------------------------------------------------------------------------------


def test_a_notebook_draws_small_graphs_and_names_the_others():
    x = Value(2.0, "x")
    assert mimebundle(x) == {"text/plain": "Value(2.0, label='x')"}
    assert set(mimebundle(chain(60))) == {"text/plain", "image/svg+xml"}
    assert set(mimebundle(chain(61))) == {"text/plain", "image/svg+xml"}
    assert set(mimebundle(chain(10**6))) == {"text/plain"}
    texts = "".join(ET.fromstring(mimebundle(x * x)["image/svg+xml"]).itertext())
    assert "v1" in texts


def test_a_notebook_chooses_what_it_wants():
    y, *_ = product_of_sum()
    assert set(mimebundle(y, include=["text/plain"])) == {"text/plain"}
    assert set(mimebundle(y, exclude={"image/svg+xml"})) == {"text/plain"}
    assert set(draw(y)._repr_mimebundle_()) == {"image/svg+xml"}
    assert draw(y)._repr_mimebundle_(include=["image/png"]) == {}


def test_a_long_chain_is_broken_into_rows_whatever_the_engine():
    y = chain(40)
    assert draw(y, fold=False).svg() == svg(picture(y, fold=False))
    longer = draw(y, fold=False)
    longer.node("more")
    assert longer.svg() != draw(y, fold=False).svg()


def png_size(file):
    return struct.unpack(">II", file.read_bytes()[16:24])


def test_a_long_chain_is_broken_into_rows_in_a_png_too(tmp_path):
    x = Value(0.5, "x")
    y = x
    for _ in range(40):
        y = y * x
    width, height = png_size(draw_file(y, tmp_path / "chain.png"))
    assert width < 2 * height
    assert width < 4000  # in twice the usual resolution
    with pytest.raises(EngineError, match="the picture is too large for its format: draw it folded"):
        draw_file(chain(2000), tmp_path / "upright.png", rankdir="TB")


def draw_file(y, file, **options):
    return y.render(file, fold=False, **options)


def test_svg_of_an_engine_describes_itself_too():
    x = Value(2.0, "x < 3 & ]]>")
    root = ET.fromstring(draw(x * x).svg())
    assert root.get("role") == "img"
    assert [element.tag.rpartition("}")[2] for element in root][:2] == ["title", "desc"]
    assert root[0].text == "The graph of v1: 2 nodes"
    assert root[1].text.startswith("x < 3 & ]]>, 2")


def test_a_drawing_is_a_graphviz_graph_like_any_other():
    y, *_ = product_of_sum()
    drawing = draw(y)
    assert drawing.copy().source == drawing.source
    with drawing.subgraph(name="cluster_inputs") as inputs:
        inputs.node("n0")
    assert "subgraph cluster_inputs" in drawing.source


# ---------------------------------------------------------------------------------------------------------------------
# Trees
# ---------------------------------------------------------------------------------------------------------------------


def test_a_tree_shows_the_same_numbers_as_a_picture():
    f, *_ = product_of_sum()
    f.backward()
    assert tree(f).splitlines() == [
        "f = -12  [*]  grad 1",
        "├─ -4 ─ q = 3  [+]  grad -4",
        "│  ├─ 1 ─ x = -2  grad -4",
        "│  └─ 1 ─ y = 5  grad -4",
        "└─ 3 ─ z = -4  grad 3",
    ]


def test_a_shared_node_is_written_out_once():
    x = Value(3.0, "x")
    square = labelled(x * x, "s")
    assert tree(square + square).splitlines() == [
        "v2 = 18  [+]  no grad yet",
        "├─ 1 ─ s = 9  [*]  no grad yet",
        "│  ├─ 3 ─ x = 3  no grad yet",
        "│  └─ 3 ─ (see x)",
        "└─ 1 ─ (see s)",
    ]


def test_a_tree_says_what_it_leaves_out():
    lines = tree(chain(1_000_000)).splitlines()
    assert len(lines) == 201
    assert lines[-1] == "… 999,800 more nodes are not shown (limit=200)"
    assert tree(chain(50), limit=50).splitlines()[-1].endswith("start = 0  no grad yet")


def test_a_tree_of_more_paths_than_anyone_could_walk():
    y = Value(1.0, "x")
    for _ in range(60):  # 2^60 paths
        y = y + y
    assert len(tree(y, limit=None).splitlines()) == 1 + 2 * 60


def test_a_tree_of_one_wide_node():
    y = ag.sum([Value(float(i)) for i in range(1000)])
    assert tree(y, limit=3, fold=False).splitlines()[-1] == "… 998 more nodes are not shown (limit=3)"
    assert len(tree(y, limit=None).splitlines()) == 1001


def test_a_tree_too_large_to_read_is_folded():
    y = Value(0.0, "start")
    for _ in range(999):
        y = y + 1
    assert tree(y).splitlines() == [
        "▸ sum of 1,000 terms: 999 nodes  v999 = 999  [+]  no grad yet",
        "└─ 1 ─ start = 0  no grad yet",
    ]
    assert len(tree(y, fold=False).splitlines()) == 201


def test_a_tree_of_a_network_opens_as_a_picture_does():
    y = MLP([2, 3, 1], rng=0)([1.0, 2.0])
    y.backward()
    assert y.tree(fold="layer 2").splitlines()[-2:] == ["├─ ×3 ─ ▸ layer 1: 15 nodes", "└─ 1 ─ b[2]_1 = 0  grad 1"]
    closed = tree(y, fold=[]).splitlines()
    assert closed == ["▸ layer 2: 5 nodes  z[2]_1 = 0.16708  [w·x + b]  grad 1", "└─ ×3 ─ ▸ layer 1: 15 nodes"]
    assert "layer 1" in {span.text for box in picture(y, fold="layer 2").boxes for line in box.lines for span in line}
    with pytest.raises(ValueError, match="there is no group 'layer 9' to open"):
        tree(y, fold="layer 9")


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_shows_nothing_is_refused(limit):
    with pytest.raises(ValueError, match="at least 1"):
        tree(Value(1.0), limit=limit)


def test_a_tree_of_something_else_is_refused():
    with pytest.raises(TypeError, match="a tree is drawn of a Value or a Tensor, not of int"):
        tree(3)


def test_variables_give_names_to_what_is_drawn_and_to_nothing_else():
    a, b = Value(2.0), Value(3.0, "beta")
    same = product = a * b
    y = product + 1
    _hidden = a
    names = {"_hidden": _hidden, "same": same, "product": product, "b": b, "a": a, "y": y, "n": 3}
    assert y.tree(names=names).splitlines() == [
        "y = 7  [+]  no grad yet",
        "├─ 1 ─ same = 6  [*]  no grad yet",
        "│  ├─ 3 ─ a = 2  no grad yet",
        "│  └─ 2 ─ beta = 3  no grad yet",
        "└─ constant 1",
    ]
    assert [box.lines[0][0].text for box in draw(y, names=names).picture.boxes] == ["a", "beta", "same", "1", "y"]
    assert [node.label for node in (a, b, product, y)] == [None, "beta", None, None]
    with pytest.raises(ValueError, match="rankdir"):
        draw(y, names=names, rankdir="up")
    assert a.label is None


def test_classes_and_operations_among_the_variables_are_no_nodes():
    x = Value(2.0)
    names = {"kind": Value, "operation": ag.arrays.array_operation.ArrayOperation, "op": ag.matmul, "x": x}
    assert (x * x).tree(names=names).splitlines()[1] == "├─ 2 ─ x = 2  no grad yet"


def test_a_label_in_a_tree_stays_in_its_line():
    assert tree(Value(1.0, "two\nlines")) == "two\\nlines = 1  no grad yet"


# ---------------------------------------------------------------------------------------------------------------------
# Graphs of arrays
# ---------------------------------------------------------------------------------------------------------------------


def array_graph() -> tuple[Tensor, Value]:
    x, w, b = Tensor([1.0, -2.0], label="x"), Tensor(np.ones((2, 3), np.float32), label="W"), Value(0.5, label="b")
    return w, (relu(x @ w + b) * np.zeros(3)).sum().value() * b


def test_a_tree_of_arrays_and_numbers() -> None:
    w, y = array_graph()
    assert y.tree().splitlines() == [
        "v9 = 0  [*]  no grad yet",
        "├─ 0.5 ─ v8 = 0  [value]  no grad yet",
        "│  └─ 1 ─ v7 = 0  [sum]  no grad yet",
        "│     └─ v6 = [0, 0, 0]  [*]  no grad yet",
        "│        ├─ v5 = [0, 0, 0]  [relu]  no grad yet",
        "│        │  └─ v4 = [-0.5, -0.5, -0.5]  [+]  no grad yet",
        "│        │     ├─ v2 = [-1, -1, -1]  [matmul]  no grad yet",
        "│        │     │  ├─ x = [1, -2]  no grad yet",
        "│        │     │  └─ W = 2 × 3 float32  no grad yet",
        "│        │     └─ b = 0.5  no grad yet",
        "│        └─ constant [0, 0, 0]",
        "└─ 0 ─ (see b)",
    ]
    y.backward()
    assert "W = 2 × 3 float32  grad 2 × 3 float32" in w.tree()


def test_a_picture_of_arrays_and_numbers(tmp_path: Path) -> None:
    w, y = array_graph()
    arrows = picture(y, highlight=(w, y)).arrows
    assert sum(arrow.mood == "highlighted" for arrow in arrows) == 7
    assert [arrow.label for arrow in arrows].count(()) == 8
    assert y.render(tmp_path / "y.svg").read_text().count(">2 × 3 float32<") == 1
    assert "image/svg+xml" in w._repr_mimebundle_() or not w.parents


def test_named_variables_are_values() -> None:
    _, y = array_graph()
    for call in (lambda: draw(y, named=True), lambda: paths(y, "b"), lambda: dependencies(y)):
        with pytest.raises(TypeError, match=r"need a graph of Values, but this one contains Tensor\("):
            call()


def test_a_kink_of_an_array_is_marked() -> None:
    boxes = picture(relu(Tensor([-1.0, 0.0])).sum()).boxes
    assert [box.kink for box in boxes] == [False, True, False]
    assert not any(box.kink for box in picture(relu(Tensor([-1.0, 2.0])).sum()).boxes)
