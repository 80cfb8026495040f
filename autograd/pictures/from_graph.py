"""From a graph to a picture: one box for each node and each constant, one arrow for each edge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from autograd.core.sweep import Node, is_node, topological_order
from autograd.explain.graph import Dependencies, Edge, dependencies
from autograd.explain.paths import Path
from autograd.pictures.notation import brief, gradient, number, printable
from autograd.pictures.picture import Arrow, Box, Mood, Picture, Role, Span

__all__ = ["Highlight", "picture"]

_LIMIT = 600  # nodes; a larger picture takes minutes and is unreadable
_FORMULA_LIMIT = 40  # characters of a formula on an edge

Highlight: TypeAlias = "Path | tuple[Node, Node]"
"""What to highlight: a path, or every edge between a pair of nodes."""


def picture(
    output: Node,
    *,
    named: bool = False,
    highlight: Highlight | None = None,
    rankdir: str = "LR",
    force: bool = False,
    letters: bool = False,
) -> Picture:
    """The boxes and arrows of a graph as plain data; the arguments are those of :func:`autograd.draw`.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> [(arrow.tail, arrow.head, arrow.label) for arrow in picture(x * x).arrows]
    [('n0', 'n1', ('3',)), ('n0', 'n1', ('3',))]
    """
    if not is_node(output):
        raise TypeError(f"a picture is drawn of a Value or a Tensor, not of {type(output).__name__} ({output!r})")
    if rankdir not in ("LR", "TB", "RL", "BT"):
        raise ValueError(f'rankdir must be "LR", "TB", "RL" or "BT", not {rankdir!r}')
    order = topological_order(output)
    if not (named or force):
        _check_size(sum(1 + len(node.operands) - len(node.parents) for node in order), "use named=True, ")
    graph = dependencies(output, named=named, also=_ends(highlight), letters=letters)
    if not force:
        _check_size(len(graph.nodes), "")
    builder = _Builder(order, graph, highlight)
    return Picture(tuple(builder.boxes()), tuple(builder.arrows()), rankdir)


def _check_size(nodes: int, advice: str) -> None:
    if nodes > _LIMIT:
        raise ValueError(
            f"a picture of {nodes:,} nodes takes minutes and is not readable (the limit is {_LIMIT}): "
            f"{advice}write a .dot file, or insist with force=True"
        )


class _Builder:
    """Makes the boxes and arrows of one picture."""

    def __init__(self, order: list[Node], graph: Dependencies, highlight: Highlight | None) -> None:
        self.graph = graph
        self.keys = {node: f"n{i}" for i, node in enumerate(graph.nodes)}
        self.swept = any(node.grad is not None for node in order)
        self.kinks = graph.kinks()
        self.highlighted = _highlighted(graph, highlight)

    def constants(self, node: Node) -> dict[int, Box]:
        """The constants among the operands of a node, by their place; only the elementary view shows them."""
        return {
            place: Box(f"{self.keys[node]}c{place}", "constant", ((Span(brief(operand), "quiet"),),))
            for place, operand in enumerate(() if self.graph.named else node.operands)
            if not is_node(operand)
        }

    def boxes(self) -> Iterator[Box]:
        for node in self.graph.nodes:
            yield from self.constants(node).values()
            yield self.box(node)

    def box(self, node: Node) -> Box:
        role: Role = "input" if node.op is None else "output" if node is self.graph.nodes[-1] else "operation"
        title = (Span(printable(self.graph.names[node]), "name"), *self.operation(node))
        lines = [title] if self.graph.letters else [title, (Span(brief(node)),), (gradient(node, self.swept),)]
        kink = node in self.kinks
        if kink:
            lines.append((Span("on a kink", "warning"),))
        return Box(self.keys[node], role, tuple(lines), kink)

    def operation(self, node: Node) -> tuple[Span, ...]:
        """The operation of a node: its symbol, or for a named variable its formula if that is short."""
        if node.op is None:
            return ()
        formula = self.graph.formula(node)
        if formula is not None and len(formula) <= _FORMULA_LIMIT:
            return (Span(printable(f"= {formula}"), "symbol"),)
        return (Span(printable(node.op.symbol), "symbol"),)

    def arrows(self) -> Iterator[Arrow]:
        """The arrows; those into one node come in the order of its operands."""
        for node in self.graph.nodes:
            into = [(edge.operand or 0, self.arrow(edge)) for edge in self.graph.edges_into[node]]
            into += [(place, Arrow(box.key, self.keys[node])) for place, box in self.constants(node).items()]
            yield from (arrow for _, arrow in sorted(into, key=lambda item: item[0]))

    def arrow(self, edge: Edge) -> Arrow:
        mood: Mood = "plain"
        if not edge.live:
            mood = "unused"
        elif (edge.parent, edge.child) in self.highlighted:
            mood = "highlighted"
        return Arrow(self.keys[edge.parent], self.keys[edge.child], _label(edge, self.graph), mood)


def _label(edge: Edge, graph: Dependencies) -> tuple[str, ...]:
    """The local derivative: its number, and in the named view its formula too, unless that is the same number."""
    if edge.partial is None:
        return ()
    if graph.letters:
        return (printable(edge.formula or "…", _FORMULA_LIMIT),)
    partial = number(edge.partial)
    formula = edge.formula if graph.named and edge.live else None
    if formula is None or formula == partial or len(formula) > _FORMULA_LIMIT:
        return (partial,)
    return (printable(formula, len(formula)), f"= {partial}")


# ---------------------------------------------------------------------------------------------------------------------
# Highlighting
# ---------------------------------------------------------------------------------------------------------------------


def _ends(highlight: Highlight | None) -> tuple[Node, ...]:
    """The two nodes at the ends of what is highlighted; a picture of the named variables shows them without a label."""
    if highlight is None:
        return ()
    if isinstance(highlight, Path):
        return highlight.nodes[0], highlight.nodes[-1]
    if not (isinstance(highlight, (tuple, list)) and len(highlight) == 2 and all(map(is_node, highlight))):
        raise TypeError(f"highlight takes a path or a pair (from, to) of nodes, not {highlight!r}")
    return highlight[0], highlight[1]


def _highlighted(graph: Dependencies, highlight: Highlight | None) -> set[tuple[Node, Node]]:
    """The edges to highlight, by the nodes that they connect."""
    if highlight is None:
        return set()
    edges = {(edge.parent, edge.child) for edge in graph.edges}
    if isinstance(highlight, Path):
        steps: set[tuple[Node, Node]] = set(zip(highlight.nodes, highlight.nodes[1:], strict=False))
        if not steps <= edges:
            other = "named=False" if graph.named else "named=True"
            raise ValueError(f"the path to highlight takes edges that this picture does not have: try {other}")
        return steps
    start, end = highlight
    reached, leading = {start}, {end}
    for edge in graph.edges:
        if edge.parent in reached:
            reached.add(edge.child)
    for edge in reversed(graph.edges):
        if edge.child in leading:
            leading.add(edge.parent)
    between = {(u, v) for u, v in edges if u in reached and v in leading}
    if not between:
        raise ValueError(f"nothing to highlight: no path leads from {start!r} to {end!r} in this picture")
    return between
