"""Pictures of a graph: the local derivative on every edge, value and gradient in every node.

:func:`render` writes a file, :func:`draw` gives the Graphviz graph, :func:`tree` is for the terminal.  They show the
*elementary* graph, node by node with its constants; the first two also, with ``named=True``, the graph of the named
variables, where the edge u → z carries ∂z/∂u with the other named variables held fixed.

How a gradient stands is visible: ``grad 0`` is zero, *no grad yet* means that no sweep has run, *not reached* that
sweeps ran in this graph but not through this node, and a constant is a small grey box without any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import graphviz
import numpy as np

from autograd.core import files
from autograd.core.hooks import hooks
from autograd.core.sweep import is_node, node_names, topological_order
from autograd.core.value import Value
from autograd.explain.graph import Dependencies, Edge, dependencies
from autograd.pictures import engines, layout
from autograd.pictures.picture import Arrow, Box, Mood, Picture, Role, Span, digraph, printable

__all__ = ["Drawing", "draw", "mimebundle", "picture", "render", "tree"]

_LIMIT = 600  # nodes, beyond which Graphviz needs minutes and nobody sees anything
_NOTEBOOK_LIMIT = 60  # nodes that a notebook draws unasked
_FORMULA_LIMIT = 40  # letters of a formula on an edge
_ROW = 4  # numbers of an array that are written out
_SHARP = 400  # nodes and edges up to which a PNG has twice the usual resolution

Node: TypeAlias = Any
"""A Value or a Tensor."""

Highlight: TypeAlias = Any
"""What to highlight: a path (anything with ``nodes``), or a pair of nodes for everything between them."""


# ---------------------------------------------------------------------------------------------------------------------
# From the graph to a picture
# ---------------------------------------------------------------------------------------------------------------------


def picture(
    output: Node, *, named: bool = False, highlight: Highlight = None, rankdir: str = "LR", force: bool = False
) -> Picture:
    """The boxes and arrows of a graph as plain data, for a writer of your own; the arguments are those of :func:`draw`.

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
    graph = dependencies(output, named=named, also=_ends(highlight))
    if not force:
        _check_size(len(graph.nodes), "")
    painter = _Painter(order, graph, highlight)
    return Picture(tuple(painter.boxes()), tuple(painter.arrows()), rankdir)


def _check_size(nodes: int, advice: str) -> None:
    if nodes > _LIMIT:
        raise ValueError(
            f"a picture of {nodes:,} nodes takes minutes and is not readable (the limit is {_LIMIT}): "
            f"{advice}write a .dot file, or insist with force=True"
        )


class _Painter:
    """What the boxes and arrows of one picture have in common."""

    def __init__(self, order: list[Node], graph: Dependencies, highlight: Highlight) -> None:
        self.graph = graph
        self.keys = {node: f"n{i}" for i, node in enumerate(graph.nodes)}
        self.swept = any(node.grad is not None for node in order)
        self.kinks = _kinks(order, graph)
        self.highlighted = _highlighted(graph, highlight)

    def constants(self, node: Node) -> dict[int, Box]:
        """The constant operands of a node by their place among its operands; only the elementary view shows them."""
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
        lines = [title, (Span(brief(node)),), (_gradient(node, self.swept),)]
        kink = node in self.kinks
        if kink:
            lines.append((Span("on a kink", "warning"),))
        return Box(self.keys[node], role, tuple(lines), kink)

    def operation(self, node: Node) -> tuple[Span, ...]:
        """What a node computes: its symbol, or as a named variable its formula, if there is a short one."""
        if node.op is None:
            return ()
        edges = self.graph.edges_into[node]
        if self.graph.named and edges and edges[0].expression is not None:
            from autograd.dialects.symbolic import expression, text

            formula = text(expression(node, self.graph.names))
            if len(formula) <= _FORMULA_LIMIT:
                return (Span(printable(f"= {formula}"), "symbol"),)
        return (Span(printable(node.op.symbol), "symbol"),)

    def arrows(self) -> Iterator[Arrow]:
        """All arrows; those into one node in the order of its operands."""
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
        return Arrow(self.keys[edge.parent], self.keys[edge.child], _label(edge, self.graph.named), mood)


def _label(edge: Edge, named: bool) -> tuple[str, ...]:
    """The local derivative: its number, and in the named view its formula as well, unless that says no more."""
    if edge.partial is None:
        return ()
    partial = number(edge.partial)
    formula = edge.formula if named and edge.live else None
    if formula is None or formula == partial or len(formula) > _FORMULA_LIMIT:
        return (partial,)
    return (printable(formula, len(formula)), f"= {partial}")


def _gradient(node: Node, swept: bool) -> Span:
    if node.grad is not None:
        return Span(f"grad {brief(node.grad)}", "slope")
    return Span("not reached" if swept else "no grad yet", "quiet")


def _kinks(order: Iterable[Node], graph: Dependencies) -> set[Node]:
    """The nodes that stand on a kink, themselves or in what a picture of the named variables leaves out."""
    kinks: set[Node] = set()
    for node in order:
        if _on_kink(node) or any(parent in kinks and parent not in graph.names for parent in node.parents):
            kinks.add(node)
    return kinks


def _on_kink(node: Node) -> bool:
    if not isinstance(node, Value):
        return False
    try:
        return node.op is not None and node.op.on_kink([float(operand) for operand in node.operands])
    except (ArithmeticError, ValueError):  # data that was assigned since may lie outside of the domain
        return False


def number(x: float) -> str:
    """A number as short as a picture wants it: five digits.

    >>> number(2.0), number(-2 / 3), number(1.5e-7), number(-0.0)
    ('2', '-0.66667', '1.5e-7', '0')
    """
    mantissa, e, exponent = f"{x + 0.0:.5g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def brief(x: Any) -> str:
    """A number, or a short row of numbers, as a picture wants it; of larger arrays the shape, and the type if rare.

    >>> from autograd import Tensor
    >>> brief(0.25), brief(Tensor([1.0, 0.5])), brief(Tensor(np.zeros((3, 4), np.float32)))
    ('0.25', '[1, 0.5]', '3 × 4 float32')
    """
    array = np.asarray(x.data if is_node(x) else x)
    if array.ndim == 0:
        return number(float(array))
    if array.ndim == 1 and array.size <= _ROW:
        return f"[{', '.join(map(number, array.tolist()))}]"
    shape = " × ".join(map(str, array.shape))
    return shape if array.dtype == float and array.ndim > 1 else f"{shape} {array.dtype}"


# ---------------------------------------------------------------------------------------------------------------------
# Highlighting
# ---------------------------------------------------------------------------------------------------------------------


def _ends(highlight: Highlight) -> tuple[Node, ...]:
    """The two nodes between which something is highlighted; a picture of the named variables shows them in any case."""
    if highlight is None:
        return ()
    nodes = getattr(highlight, "nodes", highlight)
    are_nodes = isinstance(nodes, Sequence) and all(map(is_node, nodes))
    if not are_nodes or not nodes or (nodes is highlight and len(nodes) != 2):
        raise TypeError(f"highlight takes a path or a pair (from, to) of nodes, not {highlight!r}")
    return nodes[0], nodes[-1]


def _highlighted(graph: Dependencies, highlight: Highlight) -> set[tuple[Node, Node]]:
    """The edges to highlight, by the nodes that they connect."""
    if highlight is None:
        return set()
    edges = {(edge.parent, edge.child) for edge in graph.edges}
    if hasattr(highlight, "nodes"):
        steps = set(zip(highlight.nodes, highlight.nodes[1:], strict=False))
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


# ---------------------------------------------------------------------------------------------------------------------
# Drawings and files
# ---------------------------------------------------------------------------------------------------------------------


class Drawing(graphviz.Digraph):  # type: ignore[misc]  # graphviz has no types
    """A Graphviz graph that a notebook shows with whatever engine there is, ``dot`` or not.

    Attributes:
        picture: the boxes and arrows that it was drawn from.
    """

    picture: Picture | None = None

    def svg(self, timeout: float | None = 60.0) -> str:
        """The drawing as SVG; without an engine, or if it takes too long, by :mod:`autograd.pictures.layout`."""
        try:
            return engines.convert(self.source, "svg", timeout).decode()
        except engines.EngineError:
            if self.picture is None:
                raise
            return layout.svg(self.picture)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        return _chosen({"image/svg+xml": self.svg()}, include, exclude)


def draw(
    output: Node, *, named: bool = False, highlight: Highlight = None, rankdir: str = "LR", force: bool = False
) -> Drawing:
    """The graph of a node as a Graphviz graph, which a notebook shows and :func:`render` writes to a file.

    Inputs are blue, operations white, the output is yellow, constants are small and grey, and whatever is a derivative
    is red.  A node that stands on a kink is marked; an operand that was not selected hangs on a dashed edge.  Nodes are
    called by their label, else by their place in the topological order; the same graph gives the same text.

    Args:
        output: the node to draw, with everything that it was computed from.
        named: draw the labelled nodes only, as lecture notes do.  With SymPy, edges then show formulas too.
        highlight: a path, such as those of :func:`autograd.paths`, or a pair (from, to) of nodes: then every edge on
            any path from the one to the other.
        rankdir: where the arrows run: ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``.
        force: draw even more than 600 nodes.

    Returns:
        A ``graphviz.Digraph``; its ``source`` is the DOT text.

    Raises:
        TypeError: if ``output`` is no node, or ``named`` variables are asked for and Tensors are among the nodes.
        ValueError: if the graph is too large, ``rankdir`` is unknown, or there is nothing to highlight.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> y = a * b
    >>> [line.split(" color")[0].strip() for line in draw(y).source.splitlines() if "->" in line]
    ['n0 -> n2 [label=" -3 "', 'n1 -> n2 [label=" 2 "']
    """
    drawing = Drawing()
    drawing.picture = picture(output, named=named, highlight=highlight, rankdir=rankdir, force=force)
    digraph(drawing.picture, drawing)
    return drawing


def render(
    output: Node,
    file: str | PathLike[str],
    *,
    named: bool = False,
    highlight: Highlight = None,
    rankdir: str = "LR",
    force: bool = False,
    timeout: float | None = 60.0,
) -> Path:
    """Draw the graph of a node into a file; it is written whole or not at all.

    What the engines are, and which letters they know, is said in :mod:`autograd.pictures.engines`.  SVG and DOT can
    always be written, PNG and PDF need ``dot`` or ``pip install "pathgrad[draw]"``.

    Args:
        output: the node to draw.
        file: where to; its suffix says what: ``.png``, ``.svg``, ``.pdf``, ``.dot`` or ``.gv``.
        named: as in :func:`draw`.
        highlight: as in :func:`draw`.
        rankdir: as in :func:`draw`.
        force: draw even more than 600 nodes; for DOT this is not needed.
        timeout: after how many seconds to give up; ``None`` for never.

    Returns:
        The path of the file.

    Raises:
        ValueError: if the suffix is unknown, or for what :func:`draw` raises it.
        FileNotFoundError: if the folder does not exist.
        EngineError: if no engine could make the PNG or PDF; then the DOT is there, beside the file that was asked for.

    >>> import tempfile
    >>> x = Value(2.0, label="x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     render(x * x, f"{folder}/square.svg").name
    'square.svg'
    """
    path = Path(file)
    format = path.suffix.lower().removeprefix(".")
    if format not in ("png", "svg", "pdf", "dot", "gv"):
        raise ValueError(f"a picture is a .png, .svg, .pdf, .dot or .gv file, and {path.name!r} is none of them")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {str(path.parent)!r} does not exist: make it before drawing {path.name!r}")
    text = format in ("dot", "gv")
    drawing = draw(output, named=named, highlight=highlight, rankdir=rankdir, force=force or text)
    if text:
        return files.write(path, drawing.source.encode())
    if format == "svg":
        return files.write(path, drawing.svg(timeout).encode())
    if format == "png" and len(drawing.body) <= _SHARP:
        drawing.attr(dpi="192")
    try:
        return files.write(path, engines.convert(drawing.source, format, timeout))
    except engines.EngineError as error:
        beside = files.write(path.with_suffix(".dot"), drawing.source.encode())
        raise engines.EngineError(f"{error}; the graph itself is in {str(beside)!r}") from None


def mimebundle(value: Node, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    """What a notebook shows for a Value: its ``repr``, and a picture if the graph has 2 to 60 nodes.

    Args:
        value: the node.
        include: MIME types to show, all if ``None``.
        exclude: MIME types not to show.

    >>> mimebundle(Value(2.0))
    {'text/plain': 'Value(2.0)'}
    """
    bundle = {"text/plain": repr(value)}
    if value.parents and not _larger(value, _NOTEBOOK_LIMIT):
        bundle["image/svg+xml"] = draw(value, force=True).svg()
    return _chosen(bundle, include, exclude)


def _chosen(bundle: dict[str, Any], include: Any, exclude: Any) -> dict[str, Any]:
    kept = set(bundle if include is None else include) - set(exclude or ())
    return {kind: content for kind, content in bundle.items() if kind in kept}


def _larger(output: Node, limit: int) -> bool:
    """Whether a graph has more nodes than ``limit``, found without looking at many more."""
    seen = {output}
    stack = [output]
    while stack and len(seen) <= limit:
        fresh = [parent for parent in dict.fromkeys(stack.pop().parents) if parent not in seen]
        seen.update(fresh)
        stack += fresh
    return len(seen) > limit


# ---------------------------------------------------------------------------------------------------------------------
# For the terminal
# ---------------------------------------------------------------------------------------------------------------------


def tree(output: Node, *, limit: int | None = 200) -> str:
    """The graph of a node as text: what it was computed from, with the local derivative on each branch.

    A node that is used more than once is written out where it is met first.

    Args:
        output: the node to start from.
        limit: how many lines to write at most; ``None`` for all.

    Raises:
        TypeError: if ``output`` is no node.
        ValueError: if ``limit`` is not positive.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> y = a * b + a**2
    >>> y.backward()
    >>> print(tree(y))
    v4 = -2  [+]  grad 1
    ├─ 1 ─ v2 = -6  [*]  grad 1
    │  ├─ -3 ─ a = 2  grad 1
    │  └─ 2 ─ b = -3  grad 2
    └─ 1 ─ v3 = 4  [**]  grad 1
       ├─ 4 ─ (see a)
       └─ constant 2
    """
    if not is_node(output):
        raise TypeError(f"a tree is drawn of a Value or a Tensor, not of {type(output).__name__} ({output!r})")
    if limit is not None and limit < 1:
        raise ValueError(f"the limit is a number of lines, at least 1, not {limit!r}")
    order = topological_order(output)
    names = node_names(order)
    swept = any(node.grad is not None for node in order)
    shown: set[Node] = set()
    lines: list[str] = []
    # What is still to be written, the next one last: the operand, its branch, and what stands before its own branches.
    waiting: list[tuple[Any, str, str]] = [(output, "", "")]
    while waiting and (limit is None or len(lines) < limit):
        operand, branch, indent = waiting.pop()
        if not is_node(operand):
            lines.append(f"{branch}constant {brief(operand)}")
        elif operand in shown:
            lines.append(f"{branch}(see {printable(names[operand])})")
        else:
            shown.add(operand)
            lines.append(branch + _line(operand, names[operand], swept))
            waiting += reversed(list(_branches(operand, indent)))
    if waiting:
        lines.append(f"… {len(order) - len(shown):,} more nodes are not shown (limit={limit})")
    return "\n".join(lines)


def _line(node: Node, name: str, swept: bool) -> str:
    operation = "" if node.op is None else f"  [{node.op.symbol}]"
    return f"{printable(name)} = {brief(node)}{operation}  {_gradient(node, swept).text}"


def _branches(node: Node, indent: str) -> Iterator[tuple[Any, str, str]]:
    last = len(node.operands) - 1
    slopes = node.slopes if isinstance(node, Value) else (None,) * len(node.operands)
    for i, (operand, slope) in enumerate(zip(node.operands, slopes, strict=True)):
        corner, below = ("└─ ", "   ") if i == last else ("├─ ", "│  ")
        number_on_branch = "" if slope is None or not is_node(operand) else f"{number(slope)} ─ "
        yield operand, f"{indent}{corner}{number_on_branch}", indent + below


hooks.tree, hooks.render, hooks.mimebundle = tree, render, mimebundle
