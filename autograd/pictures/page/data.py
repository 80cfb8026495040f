"""A graph as plain data: what the page shows, what :func:`to_json` writes, and what :func:`from_json` reads.

The schema, in the terms of JSON.  A number that JSON lacks is one of the strings ``"nan"``, ``"inf"`` and ``"-inf"``.

``format``
    ``"pathgrad graph 1"``.
``nodes``
    A list, operands before what is made of them; the output is the last.  Each is an object:

    ``name``
        its label, else ``v`` and its place; no two nodes share a name.
    ``value``
        the number that it holds.
    ``row``, ``symbol``
        the row of the table that computed it, such as ``"sin"`` or ``"sum/3"``, and how pictures write it.  An input
        has neither, nor has it operands.
    ``operands``
        for each operand the place of its node, or ``[number]`` for a constant.
    ``slopes``
        the local partial derivative in each operand, 0 in a constant.
    ``unused``
        the places of operands that the row has not selected, such as the smaller one of a maximum: nothing flows there.
    ``kink``
        ``true`` if the row is not smooth here.
    ``gradient``
        the derivative of the output with respect to the node; ``null`` if nothing arrives.
    ``group``
        the box that it lies in, as a place in ``groups``.

    ``symbol``, ``slopes``, ``unused``, ``kink`` and ``gradient`` are left out where the reader has the row, and
    computes them itself.
``groups``
    Boxes that open and close, each an object with ``name``; ``samples``, how often a label occurs in it, if that is
    more than once; and ``inside``, the place of the box around it, if there is one, which comes before it.
``open``
    The places of the boxes that are open at first.

A picture of the graph, ``draw(y).picture.as_json()``, is an object too: ``format`` is ``"pathgrad picture 1"``, and
``boxes``, ``arrows``, ``rankdir``, ``legend``, ``title`` and ``columns`` are those of
:class:`autograd.pictures.picture.Picture`; what is as usual is left out.  The key of a box is ``n`` and the place of
its node, among the labelled nodes alone in a picture of these; ``n5c0`` is its first operand, a constant; and ``g``
with a number is a closed box.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection
from typing import Any

from autograd.core.display import json_number
from autograd.core.primitive import PRIMITIVES, Primitive
from autograd.core.sweep import Node, adjoints, is_node, topological_order
from autograd.core.value import Value
from autograd.dialects.javascript import row_name
from autograd.explain.graph import numbers_only, on_kink, slopes
from autograd.explain.groups import Groups, groups

__all__ = ["from_json", "graph_data", "row_of", "to_json"]

_FORMAT = "pathgrad graph 1"
_CLOSE = 1e-12  # relative: libraries of mathematics differ in the last digits
_SHOWN = 24
"""So many boxes and nodes are shown at first, if there are groups to close."""


def to_json(output: Node, by: Callable[[Node], Any] | None = None) -> str:
    """The graph of a number as JSON: nodes, local derivatives, gradients and boxes.

    The schema is that of :mod:`autograd.pictures.page.data`.  No gradient in the graph is touched.

    Args:
        output: the node to start from.
        by: a function that says which boxes a node lies in; see :func:`autograd.groups`.

    Raises:
        TypeError: if the graph contains Tensors.

    >>> from autograd import Value, square
    >>> x = Value(3.0, label="x")
    >>> for node in json.loads(to_json(square(x)))["nodes"]:
    ...     print(node)
    {'name': 'x', 'value': 3.0, 'gradient': 6.0}
    {'name': 'v1', 'value': 9.0, 'row': 'square', 'operands': [0], 'symbol': 'square', 'slopes': [6.0], 'gradient': 1.0}
    """
    return json.dumps(graph_data(output, by), ensure_ascii=False, allow_nan=False)


def from_json(text: str) -> Value:
    """The graph that :func:`to_json` wrote, computed again.

    Inputs and constants come from the text; everything else is computed by the rows of the table, and must be what the
    text says.  A name such as ``v3``, which a node without a label gets, is no label.  Gradients are not taken over.

    Args:
        text: the graph as JSON.

    Raises:
        ValueError: if the text is not such a graph, a row is not in the table, or a number is not what its row gives.

    >>> from autograd import Value, sin
    >>> x = Value(3.0, label="x")
    >>> from_json(to_json(sin(x) * x)) == sin(x) * x
    True
    """
    nodes: list[Any] = []
    try:
        records = json.loads(text)
        if records["format"] != _FORMAT:
            raise ValueError(f"it is in the format {records['format']!r}")
        for place, record in enumerate(records["nodes"]):
            nodes.append(_restored(record, nodes))
            if record["name"] != f"v{place}":
                nodes[-1].label = record["name"]
        output: Value = nodes[-1]
    except (ArithmeticError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"this is not a graph in JSON, as to_json writes it: {error}") from error
    return output


def _restored(record: dict[str, Any], nodes: list[Any]) -> Any:
    """A node, given those before it."""
    value = float(record["value"])
    if "row" not in record:
        return Value(value)
    name = record["row"].partition("/")[0]
    if name not in PRIMITIVES:
        raise ValueError(f"there is no row {name!r} in the table: declare it with autograd.primitive first")
    for x in record["operands"]:
        if isinstance(x, int) and not 0 <= x < len(nodes):
            raise ValueError(f"{record['name']} has an operand at place {x}, which does not stand before it")
    operands = [float(x[0]) if isinstance(x, list) else nodes[x] for x in record["operands"]]
    node = PRIMITIVES[name](*operands)
    if not (math.isclose(node.data, value, rel_tol=_CLOSE) or (math.isnan(value) and math.isnan(node.data))):
        raise ValueError(f"{record['name']} is {value!r}, but {name} gives {node.data!r}")
    return node


def graph_data(output: Node, by: Callable[[Node], Any] | None = None, known: Collection[str] = ()) -> dict[str, Any]:
    """The graph of a number as plain data.

    Args:
        output: the node to start from.
        by: as in :func:`to_json`.
        known: names of rows that the reader computes itself, which makes slopes and gradients superfluous.
    """
    order = numbers_only(topological_order(output), "pages and JSON")
    nested = groups(output, by)
    boxes = {group: place for place, group in enumerate(nested)}
    places = {node: place for place, node in enumerate(order)}
    gradients = {} if known else adjoints(order)
    nodes = []
    for node in order:
        record: dict[str, Any] = {"name": nested.names[node], "value": json_number(node.data)}
        if node.op is not None:
            record["row"] = row_of(node)
            record["operands"] = [places[x] if is_node(x) else [json_number(x)] for x in node.operands]
            if record["row"] not in known:
                record |= {"symbol": node.op.symbol, **_local(node)}
        if not known:
            gradient = gradients[node]
            record["gradient"] = None if gradient is None else json_number(gradient)
        if around := nested.around(node):
            record["group"] = boxes[around[-1]]
        nodes.append(record)
    data: dict[str, Any] = {"format": _FORMAT, "nodes": nodes}
    return data | _boxes(nested) if boxes else data


def _boxes(nested: Groups) -> dict[str, Any]:
    """The groups as boxes, and which of them are open at first."""
    places = {group: place for place, group in enumerate(nested)}
    records = []
    for group in places:
        samples = {"samples": group.samples} if group.samples > 1 else {}
        around = nested.around(group)
        inside = {"inside": places[around[-1]]} if around else {}
        records.append({"name": group.name, **samples, **inside})
    return {"groups": records, "open": sorted(places[group] for group in nested.opened(_SHOWN))}


def row_of(node: Node) -> str:
    """The name of the row that computed a node; an operation outside of the table is in parentheses."""
    return row_name(node.op, len(node.operands)) if isinstance(node.op, Primitive) else f"({node.op.name})"


def _local(node: Node) -> dict[str, Any]:
    """The slopes of a node, and what else is to be said of its operands."""
    found: dict[str, Any] = {"slopes": [json_number(slope) for slope in slopes(node)]}
    kink = on_kink(node)
    if getattr(node.op, "selects", False) and not kink:
        pairs = enumerate(zip(node.operands, slopes(node), strict=True))
        unused = [place for place, (operand, slope) in pairs if is_node(operand) and slope == 0]
        found |= {"unused": unused} if unused else {}
    return found | ({"kink": True} if kink else {})
