"""From a graph to a picture: one box for each node and each constant, one arrow for each edge; or folded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from autograd.core.escaping import printable
from autograd.core.sweep import Node, is_node, topological_order
from autograd.explain.brief import brief, number, operation
from autograd.explain.flows import Flows, flows
from autograd.explain.graph import Dependencies, Edge, dependencies
from autograd.explain.groups import Group, Part, nodes_of
from autograd.explain.paths import Path, endpoints
from autograd.pictures.folding import Folding, is_network, parts_of
from autograd.pictures.layers import assign_layers
from autograd.pictures.notation import gradient
from autograd.pictures.picture import Arrow, Box, Mood, Picture, Role, Span, Tone, with_short_rows

__all__ = ["Highlight", "picture"]

_LIMIT = 40  # boxes; what has more is folded
_LABELS = 40  # arrows of a network that have labels
_FORMULA_LIMIT = 40  # characters of a formula on an edge

Highlight: TypeAlias = "Path | tuple[Node, Node]"
"""What to highlight: a path, or every edge between a pair of nodes."""


def picture(
    output: Node,
    *,
    named: bool = False,
    highlight: Highlight | None = None,
    rankdir: str = "LR",
    fold: Folding = None,
    wrt: Node | str | None = None,
    flow: Node | str | None = None,
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
    if fold is None:
        fold = _size(order, named) > _LIMIT
    folded = parts_of(output, fold)
    named = named and folded is None
    shares = None if flow is None else flows(output, flow, named=named)
    if shares is not None and not named:
        graph = shares.graph
    else:
        graph = dependencies(output, named=named, also=_ends(highlight), letters=letters)
    builder = _Builder(order, graph, highlight, shares, _after(order, output, wrt), is_network(fold))
    boxes, arrows = builder.drawn(graph.nodes if folded is None else folded)
    columns = _columns(boxes, arrows) if builder.network else ()
    legend = builder.legend(boxes, arrows)
    return with_short_rows(Picture(tuple(boxes), tuple(arrows), rankdir, legend, builder.title(), columns))


def _size(order: list[Node], named: bool) -> int:
    """How many boxes a graph has that is not folded: nodes and constants, or named variables."""
    if named:
        return sum(bool(node.label) for node in order)
    return sum(1 + len(node.operands) - len(node.parents) for node in order)


def _columns(boxes: list[Box], arrows: list[Arrow]) -> tuple[tuple[str, ...], ...]:
    """The boxes in columns, by their longest path to the last; none if an arrow skips a column."""
    layers = assign_layers(Picture(tuple(boxes), tuple(arrows)))
    if any(layers[arrow.head] - layers[arrow.tail] != 2 for arrow in arrows):
        return ()
    return tuple(tuple(key for key in layers if layers[key] == layer) for layer in sorted(set(layers.values())))


def _after(order: list[Node], output: Node, wrt: Node | str | None) -> set[Node]:
    """The nodes that depend on one, and that one; all nodes if there is none."""
    if wrt is None:
        return set(order)
    start, _ = endpoints(output, wrt, False, "pictures")
    found = {start} & set(order)
    for node in order:
        if not found.isdisjoint(node.parents):
            found.add(node)
    if not found:
        raise ValueError(f"nothing to draw: the output does not depend on {start!r}")
    return found


class _Builder:
    """Makes the boxes and arrows of one picture; in a network neurons show their activations, and arrows weights."""

    def __init__(
        self,
        order: list[Node],
        graph: Dependencies,
        highlight: Highlight | None,
        flow: Flows | None,
        shown: set[Node],
        network: bool,
    ) -> None:
        self.graph = graph
        self.network = network
        self.shown = shown
        self.swept = any(node.grad is not None for node in order)
        self.kinks = graph.kinks()
        self.highlighted = _highlighted(graph, highlight)
        self.flow = flow
        self.shares = {} if flow is None else {(e.parent, e.child, e.operand): share for e, share in flow.items()}
        self.keys: dict[Part, str] = {node: f"n{i}" for i, node in enumerate(graph.nodes)}

    def drawn(self, parts: Iterable[Part]) -> tuple[list[Box], list[Arrow]]:
        """The boxes and arrows of these parts of the graph."""
        parts = [part for part in parts if not self.shown.isdisjoint(nodes_of(part))]
        closed = [part for part in parts if isinstance(part, Group)]
        self.keys |= {group: f"g{i}" for i, group in enumerate(closed)}
        holder: dict[Node, Part] = {node: part for part in parts for node in nodes_of(part)}
        boxes: list[Box] = []
        arrows: list[Arrow] = []
        for part in parts:
            if isinstance(part, Group):
                boxes.append(self.neuron(part) if self.network else self.group(part))
                into = [edge for node in part.nodes for edge in self.graph.edges_into[node]]
            else:
                boxes += [*self.constants(part).values(), self.box(part)]
                into = self.graph.edges_into[part]
            arrows += self.arrows(part, [edge for edge in into if edge.parent in self.shown], holder)
        if self.network and len(arrows) > _LABELS and self.flow is None:
            boxes, arrows = self.legible(parts, boxes, arrows)
        return boxes, self.weighted(arrows)

    def legible(self, parts: list[Part], boxes: list[Box], arrows: list[Arrow]) -> tuple[list[Box], list[Arrow]]:
        """A large network: the neurons that are opened, with what they are connected to; if none is, without labels."""
        inside = {self.keys[part] for part in parts if not isinstance(part, Group) and "]" in (part.label or "")}
        if not inside:
            return boxes, [replace(arrow, label=()) for arrow in arrows]
        arrows = [arrow for arrow in arrows if not inside.isdisjoint((arrow.tail, arrow.head))]
        kept = inside.union(*((arrow.tail, arrow.head) for arrow in arrows))
        return [box for box in boxes if box.key in kept], arrows

    def constants(self, node: Node) -> dict[int, Box]:
        """The constants among the operands of a node, by their place; only the elementary view shows them."""
        return {
            place: Box(f"{self.keys[node]}c{place}", "constant", ((Span(brief(operand), "quiet"),),))
            for place, operand in enumerate(() if self.graph.named else node.operands)
            if not is_node(operand)
        }

    def group(self, group: Group) -> Box:
        """A closed group: its name, and how many nodes and samples it stands for."""
        lines = [(Span(printable(group.name), "name"),), (Span(f"{len(group.nodes):,} nodes"),)]
        if group.samples > 1:
            lines.append((Span(f"{group.samples:,} samples"),))
        kinks, nans = sum(node in self.kinks for node in group.nodes), sum(map(_has_nan, group.nodes))
        for count, what in ((kinks, "on a kink"), (nans, "nan")):
            if count and not self.graph.letters:
                lines.append((Span(f"{count:,} {what}", "warning"),))
        return Box(self.keys[group], "group", tuple(lines), bool(kinks), nan=bool(nans) and not self.graph.letters)

    def box(self, node: Node) -> Box:
        role: Role = "input" if node.op is None else "output" if node is self.graph.nodes[-1] else "operation"
        title = (Span(printable(self.graph.names[node]), "name"), *self.operation(node))
        lines = [title] if self.graph.letters else [title, (Span(brief(node)),), (gradient(node, self.swept),)]
        kink = node in self.kinks
        if kink:
            lines.append((Span("on a kink", "warning"),))
        unreached = self.swept and node.grad is None and not self.graph.letters
        nan = not self.graph.letters and _has_nan(node)
        return Box(self.keys[node], role, tuple(lines), kink, unreached, nan)

    def operation(self, node: Node) -> tuple[Span, ...]:
        """The operation of a node: its symbol, or for a named variable its formula if that is short."""
        if node.op is None:
            return ()
        formula = self.graph.formula(node)
        if formula is not None and len(formula) <= _FORMULA_LIMIT:
            return (Span(f"= {printable(formula)}", "symbol"),)
        if self.graph.named:
            return (Span(printable(node.op.symbol), "symbol"),)
        return (Span(printable(f"= {operation(node, self.graph.names)}"), "symbol"),)

    def neuron(self, group: Group) -> Box:
        """A neuron as its last node, its activation, if there is a single sample; any other group as such."""
        box = self.group(group)
        if group.kind not in ("neuron", "layer"):
            return box
        node = group.nodes[-1]
        name = Span(printable(node.label or self.graph.names[node]), "name")
        if group.samples > 1:
            return replace(box, lines=((name,), *box.lines[2:]))
        (_, *operation), *numbers = self.box(node).lines
        if not numbers:  # a graph in letters
            return replace(box, lines=((name, *operation),))
        ((value, *_), *others) = numbers
        return replace(box, lines=((name, Span(f"= {value.text}")), *others))

    def arrows(self, part: Part, into: list[Edge], holder: Mapping[Node, Part]) -> list[Arrow]:
        """The arrows into a part; those into a node come in the order of its operands."""
        between: dict[Part, list[Edge]] = {}
        placed: list[tuple[int, Arrow]] = []
        for edge in into:
            tail = holder[edge.parent]
            if tail is not part:
                between.setdefault(tail, []).append(edge)
        for tail, edges in between.items():
            if isinstance(part, Group) or isinstance(tail, Group):
                placed.append((edges[0].operand or 0, self.bundle(tail, part, edges)))
            else:
                placed += [(edge.operand or 0, self.arrow(edge)) for edge in edges]
        if not isinstance(part, Group):
            placed += [(place, Arrow(box.key, self.keys[part])) for place, box in self.constants(part).items()]
        return [arrow for _, arrow in sorted(placed, key=lambda item: item[0])]

    def arrow(self, edge: Edge) -> Arrow:
        """An edge between nodes: its local derivative, and what flows along it."""
        share = self.share([edge])
        label = _label(edge, self.graph) + self.percentage(share)
        arrow = Arrow(self.keys[edge.parent], self.keys[edge.child], label, self.mood([edge], share), share or 0.0)
        if self.graph.letters or edge.partial is None:
            return arrow
        sent = number(edge.child.grad * edge.partial) if edge.live and edge.child.grad is not None else ""
        return replace(arrow, value=brief(edge.parent), sent=sent)

    def bundle(self, tail: Part, head: Part, edges: list[Edge]) -> Arrow:
        """All edges between two parts that are not both nodes: how many they are, or what flows along them."""
        share = self.share(edges)
        label = self.percentage(share)
        alike = len(edges) == 1 or (self.network and len({edge.partial for edge in edges}) == 1)
        tone: Tone = "local" if label or alike else "quiet"
        if not label:
            label = _label(edges[0], self.graph) if alike else (f"×{len(edges):,}",)
        return Arrow(self.keys[tail], self.keys[head], label, self.mood(edges, share), share or 0.0, tone)

    def share(self, edges: list[Edge]) -> float | None:
        """What flows along some edges together; ``None`` without a flow, and where it does not run."""
        found = [self.shares.get((edge.parent, edge.child, edge.operand)) for edge in edges]
        known = [share for share in found if share is not None]
        return sum(known) if known else None

    def percentage(self, share: float | None) -> tuple[str, ...]:
        if share is None or self.flow is None:
            return ()
        percentage = self.flow.percentage(share)
        return (f"{percentage:+.3g} %" if math.isfinite(percentage) else f"flow {number(share)}",)

    def mood(self, edges: list[Edge], share: float | None) -> Mood:
        if not any(edge.live for edge in edges):
            return "unused"
        if any((edge.parent, edge.child) in self.highlighted for edge in edges):
            return "highlighted"
        if not share or self.flow is None:
            return "plain"
        return "opposing" if share * self.flow.gradient < 0 else "flowing"

    def weighted(self, arrows: list[Arrow]) -> list[Arrow]:
        """The arrows, with the shares of a flow as parts of the largest one."""
        most = max((abs(arrow.weight) for arrow in arrows if math.isfinite(arrow.weight)), default=0.0) or 1.0
        return [replace(arrow, weight=min(abs(arrow.weight) / most, 1.0) if arrow.weight == arrow.weight else 0.0)
                for arrow in arrows]  # fmt: skip

    def legend(self, boxes: list[Box], arrows: list[Arrow]) -> tuple[Span, ...]:
        """What the colours of the numbers in these boxes and on these arrows mean."""
        tones = {span.tone for box in boxes for line in box.lines for span in line}
        spans = []
        if self.flow is not None:
            spans.append(Span(f"%: share of {printable(self.flow.derivative_name())}", "local"))
        elif any(arrow.label and arrow.tone == "local" for arrow in arrows):
            spans.append(Span("on an arrow: local derivative", "local"))
        if "slope" in tones:
            spans.append(Span("grad: accumulated gradient", "slope"))
        return tuple(spans)

    def title(self) -> str:
        return f"The graph of {printable(self.graph.names[self.graph.nodes[-1]])}: {len(self.graph.nodes):,} nodes"


def _has_nan(node: Node) -> bool:
    """Whether the value of a node or its gradient is nan, in any entry."""
    return any(x is not None and bool(np.any(x != x)) for x in (node.data, node.grad))


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
