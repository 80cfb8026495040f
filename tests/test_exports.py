"""Graphs as text and objects of other programs: Mermaid, JSON and back, networkx."""

from __future__ import annotations

import json
import math
import re
import sys
from typing import Any

import pytest
from hypothesis import given

import autograd
from autograd import Tensor, Value, draw, exp, from_json, label, maximum, mermaid, sin, to_json, to_networkx
from autograd.testing import graphs
from pathgrad.cli import main


def example() -> Value:
    w = Value(0.5, label="w")
    v = exp(w)
    y = sin(v * w) + 2 * v
    label(v=v, y=y)
    return y


# ---------------------------------------------------------------------------------------------------------------------
# Mermaid
# ---------------------------------------------------------------------------------------------------------------------


def test_mermaid_has_the_boxes_and_arrows_of_the_picture() -> None:
    y = example()
    y.backward()
    lines = [line.strip() for line in y.mermaid(named=True).splitlines()]
    assert lines[0] == "flowchart LR"
    assert lines[1:4] == [
        f'n0(["w<br/>0.5<br/>grad {autograd.grad(f)(0.5):.5g}"]):::input',
        f'n1["v = exp(w)<br/>{math.exp(0.5):.5g}<br/>grad {2 + 0.5 * math.cos(math.exp(0.5) / 2):.5g}"]:::operation',
        f'n2["y = sin(v#42;w) + 2#42;v<br/>{f(0.5):.5g}<br/>grad 1"]:::output',
    ]
    arrows = [line for line in lines if "-->" in line]
    assert [re.findall(r"n\d+", arrow) for arrow in arrows] == [["n0", "n1"], ["n1", "n2"], ["n0", "n2"]]


def f(w: Any) -> Any:
    v = exp(w)
    return sin(v * w) + 2 * v


def test_mermaid_draws_what_is_unused_and_what_flows() -> None:
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    assert re.search(r'n0 -\.->\|"0"\| n2', mermaid(maximum(a, b)))
    assert re.search(r"linkStyle 0 stroke:#\w+,stroke-width:\d", mermaid(a * b, flow=a))
    assert "stroke-dasharray" in mermaid(maximum(a, b))
    assert mermaid(a * b, skin="cs231n") != mermaid(a * b)
    assert "n0 -->" in mermaid((Tensor([1.0, 2.0]) * 3.0).sum())


HOSTILE = [
    '"]:::x;click n0 call alert(1)',
    "<script>",
    "`**b**`",
    "- list",
    "1. list",
    "#60;b#62;",
    "%% no",
    "a|b",
    "}}",
    "&lt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_are_text_in_mermaid(text: str) -> None:
    x = Value(1.0, label=text)
    [line] = [line for line in mermaid(x * 2.0).splitlines() if line.strip().startswith("n0(")]
    inside = line.strip().removeprefix('n0(["').removesuffix('"]):::input').partition("<br/>")[0]
    assert re.fullmatch(r"(?:[\w ().:=/,+*-]|#\d+;)*", inside)
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), inside) == text


def test_mermaid_refuses_what_it_does_not_draw() -> None:
    x = Value(1.0)
    y = autograd.sum([x * float(i) for i in range(300)])
    with pytest.raises(ValueError, match="at most 500 arrows, and this graph has 900"):
        mermaid(y, fold=False)
    assert mermaid(y).count("-->") < 100  # folded


def test_the_command_prints_mermaid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "y = x*z; z = x + 1", "--at", "x=2", "--mermaid"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("flowchart LR\n")
    assert '"x<br/>2<br/>grad 5"' in printed


# ---------------------------------------------------------------------------------------------------------------------
# JSON and back
# ---------------------------------------------------------------------------------------------------------------------


@given(graphs())
def test_json_round_trips(graph: Any) -> None:
    text = to_json(list(graph.build().values())[-1])
    again = from_json(text)
    assert to_json(again) == text


def test_json_keeps_labels_and_constants() -> None:
    y = from_json(to_json(example()))
    assert [node.label for node in autograd.topological_order(y)] == ["w", "v", None, None, None, "y"]
    y.backward()
    assert autograd.topological_order(y)[0].grad == autograd.grad(f)(0.5)


def changed(**fields: Any) -> str:
    data = json.loads(to_json(sin(Value(2.0))))
    data["nodes"][1] |= fields
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("[]", "not a graph in JSON"),
        ("{}", "format"),
        ('{"format": "pathgrad graph 1", "nodes": []}', "not a graph in JSON"),
        ('{"format": "pathgrad graph 9", "nodes": []}', "it is in the format 'pathgrad graph 9'"),
        (changed(row="sine"), "there is no row 'sine'"),
        (changed(value=0.5), "v1 is 0.5, but sin gives 0.9"),
        (changed(operands=[1]), "v1 has an operand at place 1, which does not stand before it"),
        (changed(operands=[-1]), "v1 has an operand at place -1, which does not stand before it"),
        (changed(operands=[0, 0]), "not a graph in JSON"),
        (changed(operands=[["x"]]), "not a graph in JSON"),
        (changed(row="log", operands=[[-1.0]]), "not a graph in JSON"),
        ("[" * 100_000, "not a graph in JSON"),
    ],
)
def test_what_is_no_graph_in_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_json(text)


@given(graphs())
def test_a_picture_is_plain_data_too_and_names_the_nodes_by_their_places(graph: Any) -> None:
    y = list(graph.build().values())[-1]
    shown = draw(y).picture
    assert shown is not None
    data = json.loads(json.dumps(shown.as_json(), allow_nan=False))
    nodes = json.loads(to_json(y))["nodes"]
    boxes = {box["key"]: box for box in data["boxes"]}
    assert data["format"] == "pathgrad picture 1"
    for place, record in enumerate(nodes):
        assert boxes[f"n{place}"]["lines"][0][0]["text"].startswith(record["name"])
        constants = [key for key in boxes if key.startswith(f"n{place}c")]
        assert len(constants) == sum(isinstance(x, list) for x in record.get("operands", ()))
    drawn = sorted((arrow["tail"], arrow["head"]) for arrow in data["arrows"] if "c" not in arrow["tail"])
    assert drawn == sorted(
        (f"n{x}", f"n{place}")
        for place, record in enumerate(nodes)
        for x in record.get("operands", ())
        if isinstance(x, int)
    )


# ---------------------------------------------------------------------------------------------------------------------
# networkx
# ---------------------------------------------------------------------------------------------------------------------


def test_networkx_has_paths_whose_products_add_up() -> None:
    networkx = pytest.importorskip("networkx")
    y = example()
    y.backward()
    for named in (False, True):
        graph = to_networkx(y, named=named)
        total = 0.0
        for path in networkx.all_simple_edge_paths(graph, "w", "y"):
            product = 1.0
            for edge in path:
                product *= graph.edges[edge]["partial"]
            total += product
        assert total == pytest.approx(autograd.grad(f)(0.5), rel=1e-14)
    assert graph.nodes["v"] == {"op": "exp", "label": "v", "value": exp(0.5), "grad": graph.nodes["v"]["grad"]}
    assert networkx.is_directed_acyclic_graph(graph)


def test_networkx_keeps_double_edges_and_arrays() -> None:
    pytest.importorskip("networkx")
    x = Value(3.0, label="x")
    assert [data["partial"] for _, _, data in to_networkx(x * x).edges(data=True)] == [3.0, 3.0]
    graph = to_networkx((Tensor([1.0, 2.0], label="t") * 3.0).sum())
    assert graph.nodes["t"]["value"].tolist() == [1.0, 2.0]
    assert all("partial" not in data for _, _, data in graph.edges(data=True))


def test_without_networkx_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ImportError, match=r'pip install "pathgrad\[graphs\]"'):
        to_networkx(Value(1.0))
