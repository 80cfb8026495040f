"""The gradient as a flow: how much of dy/dx runs along each edge of the dependency graph.

Along the edge u → v runs the share (∂u/∂x)·(∂v/∂u)·(∂y/∂v): the sum of the products of all paths that use the edge.
One pass forward finds every ∂u/∂x, one pass back every ∂y/∂v, so that 2^60 paths cost no more than two.

What enters a node leaves it, and every cut between x and y carries the whole derivative.  Both are checked.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from autograd.core.display import InNotebook, html_table, json_number
from autograd.core.sweep import Node, adjoints, node_names, tangents, topological_order
from autograd.explain.graph import Dependencies, Edge, numbers_only
from autograd.explain.paths import endpoints
from autograd.explain.tables import Row, aligned, number_text, total_symbol

__all__ = ["Flows", "flows"]

_TOLERANCE = 1e-9  # of what flows through a node
_TINY = sys.float_info.min / sys.float_info.epsilon  # smaller products have lost digits


class Flows(InNotebook, Mapping[Edge, float]):
    """How much of a derivative runs along each edge; print it, or look up an edge or a pair of nodes.

    A mapping from every edge between the input and the output to its share, in the order of the graph.  An edge along
    which nothing flows, since its operand was not selected, has the share 0.

    Attributes:
        output: the node that is differentiated.
        input: the node with respect to which.
        gradient: the derivative, from the backward sweep.
        through: what flows through each node between the two, (∂u/∂x)·(∂y/∂u); all of it at both ends.
        graph: the :class:`Dependencies` that it runs through.
        names: the names of its nodes, and of the input.
    """

    def __init__(self, output: Node, input: Node, named: bool) -> None:
        order = numbers_only(topological_order(output), "flows")
        if all(node.op is not None or math.isnan(node.data) for node in order):
            raise ValueError("flows are numbers, but this graph is in letters: give its variables values")
        self.output = output
        self.input = input
        self.graph = Dependencies(output, named, {input} & set(order))
        self.names = {**node_names(dict.fromkeys([*order, input])), **self.graph.names}
        forward, back = tangents(order, {input: 1.0}), adjoints(order)
        self.gradient: float = back.get(input) or 0.0
        self.through = {node: _product(forward[node], back[node]) for node in self._between()}
        self._shares = {
            edge: _product(forward[edge.parent], edge.partial, back[edge.child]) if edge.live else 0.0
            for edge in self.graph.edges
            if edge.parent in self.through
        }
        self._check()

    def _between(self) -> list[Node]:
        """The nodes between the input and the output, these two included."""
        reached = {self.input} & self.graph.names.keys()
        for edge in self.graph.edges:
            if edge.parent in reached:
                reached.add(edge.child)
        return [node for node in self.graph.nodes if node in reached]

    def _check(self) -> None:
        """What enters a node flows through it and leaves it; if not, no number is better than a wrong one.

        It follows that every cut carries the same.
        """
        entering: dict[Node, list[float]] = defaultdict(list)
        leaving: dict[Node, list[float]] = defaultdict(list)
        for edge, share in self._shares.items():
            entering[edge.child].append(share)
            leaving[edge.parent].append(share)
        for node, through in self.through.items():
            if node is not self.input:
                self._compare(node, through, entering[node])
            if node is not self.output:
                self._compare(node, through, leaving[node])

    def _compare(self, node: Node, through: float, shares: list[float]) -> None:
        total = sum(shares)
        allowed = _TOLERANCE * (sum(map(abs, shares)) + abs(self.gradient)) + _TINY
        unknown = math.isnan(total + through) and not all(map(math.isfinite, shares))  # ∞ - ∞ on one of the two sides
        if unknown or total == through or abs(total - through) <= allowed < math.inf:
            return
        if not math.isfinite(total + through) or min(abs(total), abs(through)) < _TINY:
            raise ArithmeticError(
                f"the flow of {self.derivative_name()} cannot be computed: the derivatives at {self.names[node]} are "
                "too small or too large for floats"
            )
        raise AssertionError(f"{total!r} flows along the edges at {self.names[node]}, but {through!r} through it")

    def __getitem__(self, key: Edge | tuple[Node, Node]) -> float:
        """The share of an edge; of two nodes, the sum over all edges from the first to the second."""
        if not isinstance(key, tuple):
            return self._shares[key]
        shares = [share for edge, share in self._shares.items() if (edge.parent, edge.child) == key]
        if not shares:
            raise KeyError(key)
        return sum(shares)

    def __iter__(self) -> Iterator[Edge]:
        return iter(self._shares)

    def __len__(self) -> int:
        return len(self._shares)

    def percentage(self, share: float) -> float:
        """A share as a percentage of the whole derivative, negative if it acts against it; nan where that is 0."""
        return 100 * share / self.gradient if self.gradient else math.nan

    def derivative_name(self) -> str:
        """How the derivative is written: dy/dw."""
        return total_symbol(self.names[self.output], self.names[self.input])

    def table(self, limit: int | None = 20) -> str:
        """The edges as a table, largest share first, each with its percentage of the derivative and its sign.

        Args:
            limit: how many edges to list, all if ``None``.
        """
        if self.input not in self.through:
            return self._title()
        return "\n".join([self._title(), "", *aligned(self.rows(limit)), *self._rest(limit)])

    __str__ = table

    def rows(self, limit: int | None = 20) -> list[Row]:
        """The table as cells: a head, and a row for each edge; the argument is that of :meth:`table`."""
        rows: list[Row] = [("edge", "share", "")]
        for edge in sorted(self._shares, key=self._rank)[:limit]:
            percentage = self.percentage(self._shares[edge])
            signed = f"{percentage:+.3g} %" if math.isfinite(percentage) else ""
            name = f"{self.names[edge.parent]} → {self.names[edge.child]}"
            rows.append((name, number_text(self._shares[edge]), signed))
        return rows

    def _title(self) -> str:
        title = f"{self.derivative_name()} = {number_text(self.gradient)}"
        unreached = f": no path leads from {self.names[self.input]} to {self.names[self.output]}"
        return title if self.input in self.through else title + unreached

    def _rest(self, limit: int | None) -> list[str]:
        more = 0 if limit is None else max(len(self) - limit, 0)
        return [f"… and {more:,} more edge{'s' * (more > 1)}"] if more else []

    def _forms(self) -> dict[str, str]:
        return {"html": html_table(self.rows(), self._title(), "\n".join(self._rest(20)))}

    def _rank(self, edge: Edge) -> float:
        """The largest share first, and what is not a number before it."""
        share = abs(self._shares[edge])
        return -math.inf if math.isnan(share) else -share

    def __repr__(self) -> str:
        return f"<the flow of {self.derivative_name()} = {self.gradient!r} along {len(self):,} edges>"

    def as_json(self) -> dict[str, Any]:
        """The flow as plain data.

        Returns:
            ``nodes``, the names of the nodes of the graph in topological order; ``input`` (``None`` if the output does
            not depend on it) and ``output``, their places in it; ``named``; ``gradient``; ``through``, what flows
            through each node, 0 for nodes that are not in between; and ``edges``, each as ``[parent, child, operand,
            share]`` with the places of its nodes and that of the operand, ``None`` in the graph of the named variables.
            Numbers that JSON lacks are the strings ``"nan"``, ``"inf"`` and ``"-inf"``.
        """
        place = {node: i for i, node in enumerate(self.graph.nodes)}
        return {
            "nodes": [self.names[node] for node in self.graph.nodes],
            "input": place.get(self.input),
            "output": place[self.output],
            "named": self.graph.named,
            "gradient": json_number(self.gradient),
            "through": [json_number(self.through.get(node, 0.0)) for node in self.graph.nodes],
            "edges": [
                [place[edge.parent], place[edge.child], edge.operand, json_number(share)]
                for edge, share in self._shares.items()
            ],
        }


def _product(*factors: float | None) -> float:
    """The product, and 0 if one of the factors is nothing at all.

    The smallest factor meets the largest first, so that nothing overflows on the way to a number of ordinary size.
    """
    known = [factor for factor in factors if factor is not None]
    if len(known) < len(factors):
        return 0.0
    small, *rest = sorted(known, key=abs)
    product = small
    for factor in reversed(rest):
        product *= factor
    return product + 0.0


def flows(output: Node, input: Node | str, *, named: bool | None = None) -> Flows:
    """How much of the derivative of ``output`` with respect to ``input`` runs along each edge.

    Args:
        output: the node to differentiate.
        input: the node with respect to which, or its label, as in :func:`paths`.
        named: whether between the labelled nodes only, as in :func:`paths`.

    Returns:
        A :class:`Flows`: print it, or look up an edge of its ``graph``.

    Raises:
        LookupError: if no node, or more than one, has that label.
        TypeError: if ``output`` or ``input`` is not a node, or the graph contains Tensors.
        ValueError: if the graph is in letters.
        ArithmeticError: if derivatives on the way are too small or too large for floats, so that a part of the flow
            would be lost.

    >>> from autograd import define, flows
    >>> graph = define("y = x * t; x = v**2 + w; t = 2 * v; v = exp(w)", w=0)
    >>> flow = flows(graph["y"], "w")
    >>> print(flow)
    dy/dw = 8
    <BLANKLINE>
    edge   share
    w → v  6      +75 %
    x → y  6      +75 %
    v → x  4      +50 %
    w → x  2      +25 %
    v → t  2      +25 %
    t → y  2      +25 %
    >>> flow[graph["v"], graph["x"]]
    4.0
    """
    input, named = endpoints(output, input, named, "flows")
    return Flows(output, input, named)
