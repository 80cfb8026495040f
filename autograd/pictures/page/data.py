"""A graph as plain data: what the page shows, and what :func:`to_json` writes.

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

    ``slopes``, ``unused``, ``kink`` and ``gradient`` are left out where the reader computes them itself.
``groups``
    Boxes that open and close: objects with a ``name``, and ``inside``, the place of the box around it, if there is one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from autograd.core.primitive import Primitive
from autograd.core.sweep import Node, adjoints, is_node, node_names, topological_order
from autograd.dialects.javascript import row_name
from autograd.explain.graph import numbers_only, on_kink, slopes

__all__ = ["Groups", "graph_data", "to_json"]

Groups: TypeAlias = Mapping[Any, Sequence[str]]
"""The names of the boxes around a node, from the outermost inwards."""


def to_json(output: Node, *, groups: Groups | None = None) -> str:
    """The graph of a number as JSON: nodes, local derivatives, gradients and boxes.

    The schema is that of :mod:`autograd.pictures.page.data`.  No gradient in the graph is touched.

    Args:
        output: the node to start from.
        groups: the names of the boxes around a node, from the outermost inwards; for some nodes or all.

    Raises:
        TypeError: if the graph contains Tensors.

    >>> from autograd import Value, square
    >>> x = Value(3.0, label="x")
    >>> for node in json.loads(to_json(square(x)))["nodes"]:
    ...     print(node)
    {'name': 'x', 'value': 3.0, 'gradient': 6.0}
    {'name': 'v1', 'value': 9.0, 'row': 'square', 'symbol': 'square', 'operands': [0], 'slopes': [6.0], 'gradient': 1.0}
    """
    return json.dumps(graph_data(output, groups=groups), ensure_ascii=False, allow_nan=False)


def graph_data(output: Node, *, groups: Groups | None = None, known: Collection[str] = ()) -> dict[str, Any]:
    """The graph of a number as plain data.

    Args:
        output: the node to start from.
        groups: as in :func:`to_json`.
        known: names of rows that the reader computes itself, which makes slopes and gradients superfluous.
    """
    order = numbers_only(topological_order(output), "pages and JSON")
    names = node_names(order)
    places = {node: place for place, node in enumerate(order)}
    gradients = {} if known else adjoints(order)
    boxes = _Boxes()
    nodes = []
    for node in order:
        record: dict[str, Any] = {"name": names[node], "value": _number(node.data)}
        if node.op is not None:
            record["row"] = row_of(node)
            record["symbol"] = node.op.symbol
            record["operands"] = [places[x] if is_node(x) else [_number(x)] for x in node.operands]
            if record["row"] not in known:
                record |= _local(node)
        if not known:
            gradient = gradients[node]
            record["gradient"] = None if gradient is None else _number(gradient)
        if groups and (names_around := groups.get(node)):
            record["group"] = boxes.place(tuple(names_around))
        nodes.append(record)
    data: dict[str, Any] = {"format": "pathgrad graph 1", "nodes": nodes}
    return data | {"groups": boxes.records} if boxes.records else data


def row_of(node: Node) -> str:
    """The name of the row that computed a node; an operation outside of the table is in parentheses."""
    return row_name(node.op, len(node.operands)) if isinstance(node.op, Primitive) else f"({node.op.name})"


def _local(node: Node) -> dict[str, Any]:
    """The slopes of a node, and what else is to be said of its operands."""
    found: dict[str, Any] = {"slopes": [_number(slope) for slope in slopes(node)]}
    kink = on_kink(node)
    if getattr(node.op, "selects", False) and not kink:
        pairs = enumerate(zip(node.operands, slopes(node), strict=True))
        unused = [place for place, (operand, slope) in pairs if is_node(operand) and slope == 0]
        found |= {"unused": unused} if unused else {}
    return found | ({"kink": True} if kink else {})


def _number(x: Any) -> float | str:
    """A number for JSON, which lacks infinity and nan: they become strings."""
    x = float(x)
    return x if math.isfinite(x) else str(x)


class _Boxes:
    """The boxes that were met, each with a place."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.places: dict[tuple[str, ...], int] = {}

    def place(self, names: tuple[str, ...]) -> int:
        """The place of the box with these names from the outermost inwards."""
        if names not in self.places:
            around = {"inside": self.place(names[:-1])} if names[1:] else {}
            self.places[names] = len(self.records)
            self.records.append({"name": names[-1], **around})
        return self.places[names]
